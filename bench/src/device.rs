// SPDX-License-Identifier: Apache-2.0
//! The engines under one face.

use crate::measure::{median, medians, Effort};
use anyhow::Result;
use calor_gpu::Selection;
use calor_tensor::{tensor_root, Tensor, Validated};
use std::{hint::black_box, time::Instant};

/// An engine.
#[derive(Debug)]
pub enum Device {
	/// All cores.
	Cpu(calor_cpu::Engine),
	/// An adapter.
	Gpu(Box<calor_gpu::Engine>),
}

/// A plan with its constants where they are used.
pub enum Loaded {
	/// In memory.
	Cpu(Box<calor_cpu::Session>),
	/// On the adapter.
	Gpu(Box<calor_gpu::Session>),
}

impl Device {
	/// This machine's cores.
	///
	/// # Errors
	/// The engine's.
	pub fn cpu() -> Result<Self> {
		Ok(Self::Cpu(calor_cpu::Engine::new(&calor_cpu::Options::default())?))
	}

	/// The best adapter, a CPU adapter only if that is allowed.
	///
	/// # Errors
	/// If there is none.
	pub fn gpu(allow_cpu: bool) -> Result<Self> {
		let selection = Selection { allow_cpu, ..Selection::default() };
		Ok(Self::Gpu(Box::new(calor_gpu::Engine::new(&selection)?)))
	}

	/// What a report calls it: `cpu: 2 threads, Avx512`, `gpu: NVIDIA H200 (driver)`.
	pub fn name(&self) -> String {
		match self {
			Self::Cpu(engine) => format!("cpu: {} threads, {:?}", engine.threads(), engine.level()),
			Self::Gpu(engine) => {
				let info = engine.info();
				let kind = if info.is_cpu() { "CPU adapter, no GPU; " } else { "" };
				format!("gpu: {} ({kind}{})", info.name, info.driver)
			},
		}
	}

	/// The adapter's name, if it is a real GPU.
	pub fn gpu_name(&self) -> Option<&str> {
		match self {
			Self::Cpu(_) => None,
			Self::Gpu(engine) => Some(engine.info()).filter(|i| !i.is_cpu()).map(|i| &*i.name),
		}
	}

	/// Whether operands should be where the engine computes before a measurement begins.
	pub fn is_apart(&self) -> bool {
		matches!(self, Self::Gpu(_))
	}

	/// Threads that compute, if they are this machine's.
	pub fn threads(&self) -> Option<usize> {
		match self {
			Self::Cpu(engine) => Some(engine.threads()),
			Self::Gpu(_) => None,
		}
	}

	/// Plans a program and takes its constants in.
	///
	/// # Errors
	/// The engine's.
	pub fn load(&self, program: &Validated, constants: &[Tensor]) -> Result<Loaded> {
		Ok(match self {
			Self::Cpu(engine) => {
				Loaded::Cpu(Box::new(engine.load(&engine.plan(program)?, constants)?))
			},
			Self::Gpu(engine) => {
				Loaded::Gpu(Box::new(engine.load(&engine.plan(program)?, constants)?))
			},
		})
	}
}

impl Loaded {
	/// Runs it once. The CPU engine writes over the `outputs` of the run before, as one that runs it again and again does.
	///
	/// # Errors
	/// The engine's.
	pub fn run(&mut self, inputs: &[Tensor], outputs: &mut Vec<Tensor>) -> Result<()> {
		match self {
			Self::Cpu(session) => session.run_into(inputs, outputs)?,
			Self::Gpu(session) => *outputs = session.run(inputs)?,
		}
		Ok(())
	}

	/// Seconds that the roots of the outputs take, beyond a run. A device apart hashes for itself: there it is the median
	/// difference between runs with and without. In memory it is the hashing alone.
	///
	/// # Errors
	/// The engine's.
	pub fn commit_seconds(&mut self, inputs: &[Tensor], effort: Effort) -> Result<f64> {
		let session = match self {
			Self::Cpu(session) => {
				let outputs = session.run(inputs)?;
				let hash = || {
					outputs.iter().for_each(|output| {
						black_box(tensor_root(output));
					});
					Ok(())
				};
				return Ok(medians(effort, hash, None)?.0);
			},
			Self::Gpu(session) => session,
		};
		// The first of each makes what later ones use again.
		session.run(inputs)?;
		session.run_with_roots(inputs)?;
		let (start, mut differences) = (Instant::now(), Vec::new());
		while differences.len() < effort.least || start.elapsed() < effort.time {
			let began = Instant::now();
			session.run(inputs)?;
			let between = Instant::now();
			session.run_with_roots(inputs)?;
			let plain = (between - began).as_secs_f64();
			differences.push(between.elapsed().as_secs_f64() - plain);
		}
		Ok(median(differences).unwrap_or(f64::NAN))
	}
}
