// SPDX-License-Identifier: Apache-2.0
//! The engines that a training can run on.

use anyhow::Result;
use calor_gpu::Selection;
use calor_tensor::{reference, Tensor, Validated};

/// Something that runs programs.
#[derive(Debug)]
pub enum Engine {
	/// The definition: on one core, and slow.
	Reference,
	/// All cores, by vector instructions.
	Cpu(calor_cpu::Engine),
	/// An adapter.
	Gpu(Box<calor_gpu::Engine>),
}

impl Engine {
	/// All cores of this machine.
	///
	/// # Errors
	/// If the engine cannot start its threads.
	pub fn cpu() -> Result<Self> {
		Ok(Self::Cpu(calor_cpu::Engine::new(&calor_cpu::Options::default())?))
	}

	/// The best adapter; a CPU adapter if there is nothing better and `allow_cpu` is given.
	///
	/// # Errors
	/// If there is none.
	pub fn gpu(allow_cpu: bool) -> Result<Self> {
		let selection = Selection { allow_cpu, ..Selection::default() };
		Ok(Self::Gpu(Box::new(calor_gpu::Engine::new(&selection)?)))
	}

	/// What it is called in a report.
	pub fn name(&self) -> String {
		match self {
			Self::Reference => "reference".into(),
			Self::Cpu(engine) => {
				format!("cpu ({} threads, {:?})", engine.threads(), engine.level())
			},
			Self::Gpu(engine) => format!("gpu ({})", engine.info().name),
		}
	}

	/// The program's outputs on these operands: inputs, then constants.
	///
	/// # Errors
	/// The engine's own.
	pub fn run(&self, program: &Validated, operands: &[Tensor]) -> Result<Vec<Tensor>> {
		Ok(match self {
			Self::Reference => reference::run(program, operands.to_vec())?,
			Self::Cpu(engine) => engine.run(&engine.plan(program)?, operands)?,
			Self::Gpu(engine) => engine.run(&engine.plan(program)?, operands)?,
		})
	}
}
