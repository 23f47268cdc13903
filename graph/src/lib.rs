// SPDX-License-Identifier: Apache-2.0
//! What an engine executes: a program's operations grouped into steps, and how long each tensor lives.
//!
//! A step is one *anchor* operation and the pointwise operations that follow it on the same elements (*posts*), so that
//! an engine can apply them while the anchor's result is still in registers. Only the step's last tensor is ever stored.
//! [`Graph::fused`] groups as much as it may, [`Graph::plain`] makes each operation a step of its own, which a trace
//! needs. This crate knows programs and no device; engines may group less ([`Limits`]), and results never depend on it.
//!
//! Start with `fuse` (the rules), then `live` (last uses).

mod fuse;
mod live;
mod pointwise;

use calor_tensor::{TensorId, Validated};

pub use pointwise::{pointwise, Pointwise};

/// A pointwise operation that a step applies to its anchor's result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Post {
	/// Index of the operation in the program.
	pub op: u16,
	/// Its second operand, if it has one: a tensor of the step's dimensions, or one row of them. It is stored before the
	/// step runs. For a commutative operation it may be the program's first operand.
	pub other: Option<TensorId>,
}

/// One unit of execution: `anchor`, then each post in turn on the same elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
	/// Index of the operation that reads the step's operands.
	pub op: u16,
	/// The tensor that the step stores: what its last operation defines.
	pub result: TensorId,
	/// What is applied to the anchor's result, in order.
	pub post: Vec<Post>,
}

impl Step {
	/// Index of the operation that defines [`Self::result`].
	pub fn last_op(&self) -> u16 {
		self.post.last().map_or(self.op, |post| post.op)
	}
}

/// How much an engine can take into one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
	/// Most posts of a step.
	pub posts: usize,
	/// Most posts with a second operand in a step: each takes a binding on a GPU.
	pub others: usize,
}

impl Default for Limits {
	/// No limit.
	fn default() -> Self {
		Self { posts: usize::MAX, others: usize::MAX }
	}
}

/// Steps in an order in which every operand is stored before it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph {
	/// The steps.
	pub steps: Vec<Step>,
	/// For each tensor of the program, the last step that reads it; see [`Self::last_use`].
	last_use: Vec<Option<usize>>,
	/// For each step, the tensors that nothing needs after it; see [`Self::dying`].
	dying: Vec<Vec<TensorId>>,
}

impl Graph {
	/// Groups as much as the rules allow and leaves out operations that no output depends on.
	pub fn fused(program: &Validated) -> Self {
		Self::fused_within(program, Limits::default())
	}

	/// As [`Self::fused`], with steps no larger than `limits`.
	pub fn fused_within(program: &Validated, limits: Limits) -> Self {
		Self::of(program, fuse::steps(program, limits))
	}

	/// One step for each operation, in the program's order.
	pub fn plain(program: &Validated) -> Self {
		let leaves = program.program().leaves();
		let steps = (0u16..)
			.zip(&program.program().ops)
			.map(|(op, _)| Step { op, result: defined_by(leaves, op), post: Vec::new() })
			.collect();
		Self::of(program, steps)
	}

	fn of(program: &Validated, steps: Vec<Step>) -> Self {
		let (last_use, dying) = live::lives(program, &steps);
		Self { steps, last_use, dying }
	}

	/// The stored tensors that step `step` reads: its anchor's operands, then the posts' second operands. A tensor that
	/// is read twice comes twice. Empty past the last step.
	pub fn reads<'a>(
		&'a self,
		program: &'a Validated,
		step: usize,
	) -> impl Iterator<Item = TensorId> + 'a {
		self.steps.get(step).into_iter().flat_map(|step| reads(program, step))
	}

	/// Index of the last step that needs tensor `id`: the last to read it, the number of steps for an output, or the
	/// step that defines it when nothing reads it. `None` for a tensor that is never stored, and for an input or constant
	/// that is never read.
	pub fn last_use(&self, id: TensorId) -> Option<usize> {
		self.last_use.get(usize::from(id)).copied().flatten()
	}

	/// Tensors whose [`Self::last_use`] is step `step`: once it has run, their memory is free. Inputs and constants are
	/// among them; outputs never are.
	pub fn dying(&self, step: usize) -> &[TensorId] {
		self.dying.get(step).map_or(&[], Vec::as_slice)
	}
}

/// The stored tensors that a step reads.
fn reads<'a>(program: &'a Validated, step: &'a Step) -> impl Iterator<Item = TensorId> + 'a {
	let anchor = program.program().ops.get(usize::from(step.op));
	let operands: Vec<TensorId> = anchor.map(|op| op.operands().collect()).unwrap_or_default();
	operands.into_iter().chain(step.post.iter().filter_map(|post| post.other))
}

/// The tensor that operation `op` of a program with so many inputs and constants defines. Validation keeps every tensor
/// number within u16.
fn defined_by(leaves: usize, op: u16) -> TensorId {
	(leaves as TensorId).saturating_add(op)
}
