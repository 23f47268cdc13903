// SPDX-License-Identifier: Apache-2.0
//! The engine: threads and instructions.

use crate::{
	buffer::View,
	level::Cpu,
	plan::{Plan, Schedule},
	pool::Pool,
	session::Memory,
	Error, Level, Session,
};
use calor_graph::Graph;
use calor_tensor::{reference::check_operands, Data, Tensor, Validated};
use std::{ops::ControlFlow, sync::Arc};

/// What an engine may use. Results do not depend on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
	/// Number of threads; all that the machine has if none is given.
	pub threads: Option<usize>,
	/// Vector instructions; the greatest level that the machine has if none is given.
	pub level: Option<Level>,
	/// Most bytes that a session may take beside inputs and the caller's constants; no limit if none is given.
	pub memory: Option<u64>,
}

/// Runs programs on this machine's cores.
pub struct Engine {
	pub(crate) cpu: Cpu,
	pub(crate) pool: Pool,
	memory: Option<u64>,
}

impl std::fmt::Debug for Engine {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Engine")
			.field("level", &self.level())
			.field("threads", &self.threads())
			.finish_non_exhaustive()
	}
}

impl Engine {
	/// An engine with these options.
	///
	/// # Errors
	/// [`Error::NoSuchLevel`] or [`Error::Threads`].
	pub fn new(options: &Options) -> Result<Self, Error> {
		let pool = Pool::new(options.threads)?;
		Ok(Self { cpu: Cpu::detect(options.level)?, pool, memory: options.memory })
	}

	/// The vector instructions that it uses.
	pub fn level(&self) -> Level {
		self.cpu.level()
	}

	/// The number of its threads.
	pub fn threads(&self) -> usize {
		self.pool.threads()
	}

	/// Plans a program; allocates none of its tensors.
	///
	/// # Errors
	/// [`Error::TooLarge`] if it needs more memory than the options allow.
	pub fn plan(&self, program: &Validated) -> Result<Plan, Error> {
		self.planned(program, Graph::fused(program))
	}

	pub(crate) fn planned(&self, program: &Validated, graph: Graph) -> Result<Plan, Error> {
		let threads = self.pool.threads();
		let schedule = Schedule::new(program, graph, self.cpu, threads)?;
		if let Some(limit) = self.memory.filter(|limit| schedule.bytes > *limit) {
			return Err(Error::TooLarge { need: schedule.bytes, limit });
		}
		Ok(Plan {
			program: Arc::new(program.clone()),
			schedule: Arc::new(schedule),
			cpu: self.cpu,
			threads,
		})
	}

	/// Takes the constants in, in the layouts of their kernels.
	///
	/// # Errors
	/// [`Error::Operand`] if they are not what the program declares, or [`Error::ForeignPlan`].
	pub fn load(&self, plan: &Plan, constants: &[Tensor]) -> Result<Session, Error> {
		self.own(plan)?;
		Session::new(plan, &self.pool, constants)
	}

	/// Runs a plan once on `operands` (inputs, then constants) and returns the program's outputs in order.
	///
	/// # Errors
	/// As [`Self::load`] and [`Session::run`].
	pub fn run(&self, plan: &Plan, operands: &[Tensor]) -> Result<Vec<Tensor>, Error> {
		check_operands(&plan.program, operands.iter().map(Tensor::ty))?;
		let (inputs, constants) = operands.split_at(plan.program.program().inputs.len());
		self.load(plan, constants)?.run(inputs)
	}

	/// Runs the plan's program without fusion and hands the result of each operation to `visit(op, tensor)`, in order,
	/// until it breaks off. Tensors are dropped after their last use, so a trace takes little more memory than a run.
	///
	/// # Errors
	/// As [`Self::plan`] and [`Self::run`].
	pub fn run_traced(
		&self,
		plan: &Plan,
		operands: &[Tensor],
		mut visit: impl FnMut(usize, Tensor) -> ControlFlow<()>,
	) -> Result<(), Error> {
		self.own(plan)?;
		check_operands(&plan.program, operands.iter().map(Tensor::ty))?;
		let plain = self.planned(&plan.program, Graph::plain(&plan.program))?;
		let (inputs, constants) = operands.split_at(plan.program.program().inputs.len());
		let mut memory = Memory::new(&plain, &plain.schedule, &self.pool, constants)?;
		let leaves = plain.program.program().leaves();
		let mut fault = None;
		memory.run(&plain, &plain.schedule, &self.pool, inputs, Vec::new(), |op, view| {
			let data = match view {
				View::I8(v) => Data::I8(v.to_vec()),
				View::I32(v) => Data::I32(v.to_vec()),
			};
			let ty = plain.program.tensors().get(leaves + op).map(|(ty, _)| ty.clone());
			match ty.map(|ty| Tensor::from_data(ty, data)) {
				Some(Ok(tensor)) => visit(op, tensor),
				_ => {
					fault = Some(Error::Internal("a traced tensor does not fit its type"));
					ControlFlow::Break(())
				},
			}
		})?;
		fault.map_or(Ok(()), Err)
	}

	fn own(&self, plan: &Plan) -> Result<(), Error> {
		if plan.cpu != self.cpu || plan.threads != self.pool.threads() {
			return Err(Error::ForeignPlan);
		}
		Ok(())
	}
}
