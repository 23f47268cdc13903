// SPDX-License-Identifier: Apache-2.0
//! The engines under one face.

use anyhow::Result;
use calor_gpu::Selection;
use calor_tensor::{tensor_root, Hash, Tensor, Validated};

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

	/// What a report calls it: `cpu: 2 threads, Avx512Vnni`, `gpu: NVIDIA H200 (driver)`.
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
	/// Runs it once.
	///
	/// # Errors
	/// The engine's.
	pub fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
		Ok(match self {
			Self::Cpu(session) => session.run(inputs)?,
			Self::Gpu(session) => session.run(inputs)?,
		})
	}

	/// Runs it once and computes the outputs' roots: on the device, where it is one apart.
	///
	/// # Errors
	/// The engine's.
	pub fn run_with_roots(&mut self, inputs: &[Tensor]) -> Result<Vec<Hash>> {
		Ok(match self {
			Self::Cpu(session) => session.run(inputs)?.iter().map(tensor_root).collect(),
			Self::Gpu(session) => session.run_with_roots(inputs)?.1,
		})
	}
}
