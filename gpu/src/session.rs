// SPDX-License-Identifier: Apache-2.0
//! A plan with its constants on the device: inputs in, outputs out, as often as one likes.

use crate::{device::lock, error::Error, loaded::Loaded, plan::Plan};
use calor_tensor::{
	commit::typed_root,
	reference::{check_operands, RunError},
	Hash, Tensor,
};
use std::sync::{Mutex, MutexGuard};

/// A loaded plan. Runs of one session come one after the other; sessions of one engine share its device.
pub struct Session {
	loaded: Mutex<Loaded>,
	plan: Plan,
}

impl std::fmt::Debug for Session {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Session").field("bytes", &self.plan.peak_bytes()).finish_non_exhaustive()
	}
}

impl Session {
	pub(crate) fn new(plan: Plan, loaded: Loaded) -> Self {
		Self { loaded: Mutex::new(loaded), plan }
	}

	/// The plan that is loaded.
	pub fn plan(&self) -> &Plan {
		&self.plan
	}

	/// Runs the program on `inputs` and returns its outputs in order.
	///
	/// # Errors
	/// [`Error::Operand`] if the inputs are not what the program declares, or what became of the device:
	/// [`Error::OutOfMemory`], [`Error::Timeout`], [`Error::DeviceLost`], [`Error::Shader`].
	pub fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, Error> {
		let loaded = self.start(inputs)?;
		loaded.compute(0..loaded.schedule.steps.len())?;
		self.outputs(&loaded)
	}

	/// As [`Self::run`]; gives the root of each output as well, which the device computes.
	///
	/// # Errors
	/// As [`Self::run`].
	pub fn run_with_roots(&self, inputs: &[Tensor]) -> Result<(Vec<Tensor>, Vec<Hash>), Error> {
		let loaded = self.start(inputs)?;
		loaded.compute_all()?;
		let outputs = self.outputs(&loaded)?;
		let trees = loaded.trees()?;
		let typed = outputs.iter().zip(&trees).map(|(output, tree)| typed_root(output.ty(), tree));
		let roots = typed.collect();
		Ok((outputs, roots))
	}

	fn outputs(&self, loaded: &Loaded) -> Result<Vec<Tensor>, Error> {
		let outputs = &self.plan.program().program().outputs;
		outputs.iter().map(|&id| loaded.download(usize::from(id))).collect()
	}

	/// Checks inputs and brings them to the device.
	fn start(&self, inputs: &[Tensor]) -> Result<MutexGuard<'_, Loaded>, Error> {
		let program = self.plan.program().program();
		let expected = program.inputs.len();
		if inputs.len() != expected {
			return Err(RunError::OperandCount { expected, actual: inputs.len() }.into());
		}
		// Constants were checked when they were loaded.
		let types: Vec<_> = inputs.iter().map(Tensor::ty).chain(&program.constants).collect();
		check_operands(self.plan.program(), types.into_iter())?;
		let loaded = lock(&self.loaded);
		loaded.upload(0, inputs)?;
		Ok(loaded)
	}
}
