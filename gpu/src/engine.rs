// SPDX-License-Identifier: Apache-2.0
//! The engine: an open device that runs plans.

use crate::{
	adapter::{select, AdapterInfo, Selection},
	conformance::{self, Conformance},
	device::{Caps, Gpu, Limits},
	error::Error,
	kernels::{Choices, Way},
	loaded::Loaded,
	plan::Plan,
	schedule::Schedule,
	session::Session,
	tune::Tuner,
};
use calor_tensor::{commit::typed_root, reference::check_operands, Hash, Tensor, Validated};
use std::{ops::ControlFlow, sync::Arc};

/// An open device.
///
/// One run at a time makes best use of it; nothing breaks if several threads run plans on the same engine.
pub struct Engine {
	info: AdapterInfo,
	gpu: Arc<Gpu>,
	tuner: Tuner,
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
	/// As [`Self::new`], or [`Error::UnknownProduct`].
	pub fn capped(selection: &Selection, caps: Caps) -> Result<Self, Error> {
		let (info, adapter) = select(selection)?;
		let this = Self::open(&info, &adapter, &caps)?;
		if !this.gpu.limits.cooperative || conformance::check_cooperative(&this).is_ok() {
			return Ok(this);
		}
		// What was found wrong may have upset the device.
		drop(this);
		Self::open(&info, &adapter, &Caps { cooperative: false, ..caps })
	}

	fn open(info: &AdapterInfo, adapter: &wgpu::Adapter, caps: &Caps) -> Result<Self, Error> {
		let gpu = Arc::new(Gpu::open(info, adapter, caps)?);
		let tuner = Tuner::new(info, &gpu, &caps.tuning)?;
		Ok(Self { info: info.clone(), gpu, tuner })
	}

	/// Whether products may use cooperative matrices.
	pub fn is_cooperative(&self) -> bool {
		self.gpu.limits.cooperative
	}

	/// The adapter that is open.
	pub fn info(&self) -> &AdapterInfo {
		&self.info
	}

	/// Names of all ways to compute products on this adapter, for [`crate::Tuning::product`].
	pub fn product_ways(&self) -> Vec<String> {
		Way::all(&self.gpu.limits).iter().map(Way::name).collect()
	}

	/// Plans a program for this adapter; keeps nothing on it. Measures products of which the class is new.
	///
	/// # Errors
	/// [`Error::TooLarge`] or [`Error::TooLong`] if it cannot run here, or what became of the device while measuring.
	pub fn plan(&self, program: &Validated) -> Result<Plan, Error> {
		Plan::new(program, self.gpu.limits, self.tuner.choices(&self.gpu, program)?)
	}

	/// Plans a program without measuring anything: all products in one way, or each in a fair one.
	pub(crate) fn plan_as(&self, program: &Validated, way: Option<Way>) -> Result<Plan, Error> {
		let choices = way.map(|way| Choices::all(program, way)).unwrap_or_default();
		Plan::new(program, self.gpu.limits, choices)
	}

	/// As [`Self::plan_as`], with shards of at most so many bytes.
	pub(crate) fn plan_cut(&self, program: &Validated, shard_bytes: u64) -> Result<Plan, Error> {
		let home = self.gpu.limits;
		let limits = Limits { shard_bytes: shard_bytes.min(home.shard_bytes), ..home };
		Plan::within(program, home, limits, Choices::default())
	}

	/// The ways that plans of this engine may use: all where products are measured.
	pub(crate) fn ways_in_use(&self) -> Vec<Way> {
		self.tuner.ways(&self.gpu.limits)
	}

	/// Takes all the device memory that a run of the plan takes, compiles its kernels, and lets go of the memory again:
	/// so that a worker learns of a lack of it before it accepts a job, as nothing tells how much there is. Constants that
	/// stay on the device are let go of if they are in the way. That a trace can be planned is made sure of too, by
	/// [`Plan::check_trace`]; its memory is not taken.
	///
	/// # Errors
	/// [`Error::OutOfMemory`] if it does not fit now, [`Error::TooLarge`] or [`Error::TooLong`] if a trace never would,
	/// [`Error::ForeignPlan`], or what became of the device, as of [`Self::load`].
	pub fn rehearse(&self, plan: &Plan) -> Result<(), Error> {
		if plan.home() != self.gpu.limits {
			return Err(Error::ForeignPlan);
		}
		plan.check_trace()?;
		Loaded::rehearse(&self.gpu, plan.fused())
	}

	/// Brings a plan's constants to the device and makes all that its runs share.
	///
	/// # Errors
	/// [`Error::Operand`] if the constants are not what the program declares, [`Error::ForeignPlan`], or what became of
	/// the device: [`Error::OutOfMemory`], [`Error::Timeout`], [`Error::DeviceLost`], [`Error::Shader`].
	pub fn load(&self, plan: &Plan, constants: &[Tensor]) -> Result<Session, Error> {
		self.load_with(plan, constants, None)
	}

	/// As [`Self::load`]. What is made from a constant is kept on the device by its root and shared with later sessions,
	/// up to [`Caps::weights_bytes`]. `roots` are those of `constants`, one each: the caller answers for them.
	///
	/// # Errors
	/// As [`Self::load`].
	pub fn load_rooted(
		&self,
		plan: &Plan,
		constants: &[Tensor],
		roots: &[Hash],
	) -> Result<Session, Error> {
		self.load_with(plan, constants, Some(roots))
	}

	fn load_with(
		&self,
		plan: &Plan,
		constants: &[Tensor],
		roots: Option<&[Hash]>,
	) -> Result<Session, Error> {
		let loaded = self.loaded(plan, plan.fused(), constants, roots)?;
		Ok(Session::new(plan.clone(), loaded))
	}

	/// Runs a plan once on `operands` (inputs, then constants) and returns the program's outputs in order.
	///
	/// # Errors
	/// As [`Self::load`].
	pub fn run(&self, plan: &Plan, operands: &[Tensor]) -> Result<Vec<Tensor>, Error> {
		let (inputs, constants) = split(plan, operands)?;
		self.load(plan, constants)?.run(inputs)
	}

	/// Runs a plan without fusing anything and hands the result of each operation to `visit(op, tensor)`, in order,
	/// until it breaks off. Only one of them is held at a time.
	///
	/// # Errors
	/// As [`Self::run`].
	pub fn run_traced(
		&self,
		plan: &Plan,
		operands: &[Tensor],
		mut visit: impl FnMut(usize, Tensor) -> ControlFlow<()>,
	) -> Result<(), Error> {
		let (inputs, constants) = split(plan, operands)?;
		let run = self.loaded(plan, plan.plain()?, constants, None)?;
		run.upload(0, inputs)?;
		let leaves = plan.program().program().leaves();
		for op in 0..run.schedule.steps.len() {
			run.compute(op..op + 1)?;
			if visit(op, run.download(leaves + op)?).is_break() {
				break;
			}
		}
		Ok(())
	}

	/// Runs a plan without fusing anything and gives the root of each operation's tensor, in order. The device computes
	/// them: no tensor comes back.
	///
	/// # Errors
	/// As [`Self::run`].
	pub fn run_traced_roots(&self, plan: &Plan, operands: &[Tensor]) -> Result<Vec<Hash>, Error> {
		let (inputs, constants) = split(plan, operands)?;
		let run = self.loaded(plan, plan.rooted()?, constants, None)?;
		run.upload(0, inputs)?;
		run.compute_all()?;
		let leaves = plan.program().program().leaves();
		let types = plan.program().tensors().iter().skip(leaves);
		Ok(types.zip(&run.trees()?).map(|((ty, _), tree)| typed_root(ty, tree)).collect())
	}

	/// Bytes that all sessions and their transfers take on the device now, if the driver's allocator tells.
	pub fn allocated_bytes(&self) -> Option<u64> {
		Some(self.gpu.device.generate_allocator_report()?.total_allocated_bytes)
	}

	/// Runs every kernel on edge cases and compares each result with the reference. Takes a few seconds at most.
	///
	/// # Errors
	/// [`Error::Mismatch`] if this adapter computes anything else, or as [`Self::run`].
	pub fn self_test(&self) -> Result<Conformance, Error> {
		conformance::check(self)
	}

	fn loaded(
		&self,
		plan: &Plan,
		schedule: &Arc<Schedule>,
		constants: &[Tensor],
		roots: Option<&[Hash]>,
	) -> Result<Loaded, Error> {
		let program = plan.program().program();
		let types: Vec<_> = program.inputs.iter().chain(constants.iter().map(Tensor::ty)).collect();
		check_operands(plan.program(), types.into_iter())?;
		if plan.home() != self.gpu.limits {
			return Err(Error::ForeignPlan);
		}
		Loaded::new(self.gpu.clone(), schedule.clone(), constants, roots)
	}
}

/// Inputs and constants, checked.
fn split<'a>(plan: &Plan, operands: &'a [Tensor]) -> Result<(&'a [Tensor], &'a [Tensor]), Error> {
	check_operands(plan.program(), operands.iter().map(Tensor::ty))?;
	let inputs = plan.program().program().inputs.len();
	operands.split_at_checked(inputs).ok_or_else(|| Error::Internal("operands".into()))
}
