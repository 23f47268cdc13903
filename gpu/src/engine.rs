// SPDX-License-Identifier: Apache-2.0
//! The engine: an open device that runs plans.

use crate::{
	adapter::{select, AdapterInfo, Selection},
	conformance::{self, Conformance},
	device::{Caps, Gpu},
	error::Error,
	plan::Plan,
	run::Run,
};
use calor_tensor::{reference::check_operands, Tensor, Validated};
use std::ops::ControlFlow;

/// An open device.
///
/// One run at a time makes best use of it; nothing breaks if several threads run plans on the same engine.
pub struct Engine {
	info: AdapterInfo,
	gpu: Gpu,
}

impl std::fmt::Debug for Engine {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Engine").field("info", &self.info).finish_non_exhaustive()
	}
}

impl Engine {
	/// Opens the selected adapter.
	///
	/// # Errors
	/// [`Error::NoAdapter`], [`Error::CpuAdapterNotAllowed`] or [`Error::NoDevice`].
	pub fn new(selection: &Selection) -> Result<Self, Error> {
		Self::capped(selection, Caps::default())
	}

	/// Opens the selected adapter, to be used up to `caps` only.
	///
	/// # Errors
	/// As [`Self::new`].
	pub fn capped(selection: &Selection, caps: Caps) -> Result<Self, Error> {
		let (info, adapter) = select(selection)?;
		let gpu = Gpu::open(&info, &adapter, caps)?;
		Ok(Self { info, gpu })
	}

	/// The adapter that is open.
	pub fn info(&self) -> &AdapterInfo {
		&self.info
	}

	/// Plans a program for this adapter; allocates nothing on it.
	///
	/// # Errors
	/// [`Error::TooLarge`] if it cannot run here.
	pub fn plan(&self, program: &Validated) -> Result<Plan, Error> {
		Plan::new(program, self.gpu.limits)
	}

	/// Runs a plan on `operands` (inputs, then constants) and returns the program's outputs in order.
	///
	/// # Errors
	/// [`Error::Operand`] if the operands are not what the program declares, [`Error::ForeignPlan`], or what became of
	/// the device: [`Error::OutOfMemory`], [`Error::Timeout`], [`Error::DeviceLost`], [`Error::Shader`].
	pub fn run(&self, plan: &Plan, operands: &[Tensor]) -> Result<Vec<Tensor>, Error> {
		let run = self.start(plan, operands)?;
		run.compute(0..plan.ops.len())?;
		plan.program.program().outputs.iter().map(|&id| run.download(usize::from(id))).collect()
	}

	/// Runs a plan and hands the result of each operation to `visit(op, tensor)`, in order, until it breaks off. Only
	/// one of them is held at a time, so a trace takes no more device memory than a run.
	///
	/// # Errors
	/// As [`Self::run`].
	pub fn run_traced(
		&self,
		plan: &Plan,
		operands: &[Tensor],
		mut visit: impl FnMut(usize, Tensor) -> ControlFlow<()>,
	) -> Result<(), Error> {
		let run = self.start(plan, operands)?;
		let leaves = plan.program.program().leaves();
		for op in 0..plan.ops.len() {
			run.compute(op..op + 1)?;
			if visit(op, run.download(leaves + op)?).is_break() {
				break;
			}
		}
		Ok(())
	}

	/// Runs every kernel on edge cases and compares each result with the reference. Takes a few seconds at most.
	///
	/// # Errors
	/// [`Error::Mismatch`] if this adapter computes anything else, or as [`Self::run`].
	pub fn self_test(&self) -> Result<Conformance, Error> {
		conformance::check(self)
	}

	fn start<'a>(&'a self, plan: &'a Plan, operands: &[Tensor]) -> Result<Run<'a>, Error> {
		check_operands(&plan.program, operands.iter().map(Tensor::ty))?;
		if plan.limits != self.gpu.limits {
			return Err(Error::ForeignPlan);
		}
		let run = Run::allocate(&self.gpu, plan)?;
		run.upload(operands)?;
		Ok(run)
	}
}
