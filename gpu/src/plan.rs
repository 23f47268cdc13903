// SPDX-License-Identifier: Apache-2.0
//! A program made ready for adapters of some limits, before anything is allocated.
//!
//! A plan has three schedules: the fused one, which runs, and two for traces, in which each operation is a step of its
//! own and every tensor is stored for a moment: the plain one, of which tensors are read, and the rooted one, which
//! computes their roots. These two are made when the first trace asks for them.

use crate::{
	device::Limits,
	error::Error,
	kernels::{Choices, FUSION},
	schedule::{Commit, Schedule},
};
use calor_graph::Graph;
use calor_tensor::Validated;
use std::{
	collections::BTreeSet,
	sync::{Arc, OnceLock},
};

/// A program ready to run on adapters of the limits it was planned for.
#[derive(Clone, Debug)]
pub struct Plan {
	planned: Arc<Planned>,
}

#[derive(Debug)]
struct Planned {
	program: Validated,
	/// Of the engine that it is for.
	home: Limits,
	/// Those it keeps to.
	limits: Limits,
	choices: Choices,
	fused: Arc<Schedule>,
	plain: OnceLock<Arc<Schedule>>,
	rooted: OnceLock<Arc<Schedule>>,
}

impl Plan {
	pub(crate) fn new(
		program: &Validated,
		limits: Limits,
		choices: Choices,
	) -> Result<Self, Error> {
		Self::within(program, limits, limits, choices)
	}

	/// A plan for an engine of limits `home` that keeps to others.
	pub(crate) fn within(
		program: &Validated,
		home: Limits,
		limits: Limits,
		choices: Choices,
	) -> Result<Self, Error> {
		let graph = Graph::fused_within(program, FUSION);
		let fused =
			Arc::new(Schedule::new(program, &graph, limits, choices.clone(), Commit::Outputs)?);
		let program = program.clone();
		let (plain, rooted) = Default::default();
		let planned = Planned { program, home, limits, choices, fused, plain, rooted };
		Ok(Self { planned: Arc::new(planned) })
	}

	/// The program.
	pub fn program(&self) -> &Validated {
		&self.planned.program
	}

	/// Estimate of the device memory that a run takes, in bytes: all buffers, and what goes in at once.
	pub fn peak_bytes(&self) -> u64 {
		self.planned.fused.peak_bytes()
	}

	/// What a session takes between its runs, in bytes.
	pub fn resident_bytes(&self) -> u64 {
		self.planned.fused.resident_bytes()
	}

	/// Number of dispatches of a run, without those that prepare constants.
	pub fn dispatches(&self) -> usize {
		self.planned.fused.step_dispatches().len()
	}

	/// Number of steps of a run: operations that are computed on the way in another's kernel have none of their own.
	pub fn steps(&self) -> usize {
		self.planned.fused.steps.len()
	}

	/// Names of the kernels that a run uses, each once.
	pub fn run_kernels(&self) -> BTreeSet<String> {
		self.planned.fused.kernels()
	}

	/// Names of the kernels that compute operation `op` of a trace, each once; none for a change of name only.
	pub fn kernels(&self, op: usize) -> Vec<String> {
		self.plain().map(|plain| plain.step_kernels(op)).unwrap_or_default()
	}

	/// Whether a trace of it fits this adapter too: it stores tensors that a run never does.
	///
	/// # Errors
	/// [`Error::TooLarge`] or [`Error::TooLong`] if it does not.
	pub fn check_trace(&self) -> Result<(), Error> {
		self.plain().and(self.rooted()).map(|_| ())
	}

	/// The limits of the engine that it is for.
	pub(crate) fn home(&self) -> Limits {
		self.planned.home
	}

	pub(crate) fn fused(&self) -> &Arc<Schedule> {
		&self.planned.fused
	}

	/// The schedule of a trace.
	pub(crate) fn plain(&self) -> Result<&Arc<Schedule>, Error> {
		self.traced(&self.planned.plain, Commit::Nothing)
	}

	/// The schedule of a trace of which only the roots are wanted.
	pub(crate) fn rooted(&self) -> Result<&Arc<Schedule>, Error> {
		self.traced(&self.planned.rooted, Commit::Steps)
	}

	fn traced<'a>(
		&self,
		known: &'a OnceLock<Arc<Schedule>>,
		commit: Commit,
	) -> Result<&'a Arc<Schedule>, Error> {
		let Planned { program, limits, choices, .. } = &*self.planned;
		if let Some(schedule) = known.get() {
			return Ok(schedule);
		}
		let graph = Graph::plain(program);
		let schedule = Schedule::new(program, &graph, *limits, choices.clone(), commit)?;
		Ok(known.get_or_init(|| Arc::new(schedule)))
	}
}
