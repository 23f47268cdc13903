// SPDX-License-Identifier: Apache-2.0
//! Groups operations into steps.
//!
//! A pointwise operation joins the step that defines one of its operands when it is the only reader of that tensor, the
//! tensor is no output, and the step's anchor is a MatMul, a convolution or itself pointwise. Steps run in the order of
//! their last operations. Every operand of a step is then stored in time: a tensor that another step reads was defined by
//! that other step's last operation, which the program puts before its reader, which is not behind the reading step's last.

use crate::{defined_by, pointwise, Limits, Post, Step};
use calor_tensor::{Op, TensorId, Validated};

/// Whether posts can join a step that begins with `op`.
fn is_anchor(op: &Op) -> bool {
	matches!(op, Op::MatMul { .. } | Op::Conv2d { .. }) || pointwise(op).is_some()
}

/// Whether `op` is worth more as the head of a step than a pointwise one: its posts spare a pass over memory.
fn is_product(op: &Op) -> bool {
	pointwise(op).is_none()
}

/// For each operation, whether an output depends on it.
fn needed(program: &Validated) -> Vec<bool> {
	let ops = &program.program().ops;
	let leaves = program.program().leaves();
	let mut needed = vec![false; ops.len()];
	let mark = |needed: &mut Vec<bool>, id: TensorId| {
		let op = usize::from(id).checked_sub(leaves);
		if let Some(flag) = op.and_then(|op| needed.get_mut(op)) {
			*flag = true;
		}
	};
	for &id in &program.program().outputs {
		mark(&mut needed, id);
	}
	for (i, op) in ops.iter().enumerate().rev() {
		if needed.get(i).copied().unwrap_or(false) {
			op.operands().for_each(|id| mark(&mut needed, id));
		}
	}
	needed
}

/// How often each tensor is needed: by an operation that an output depends on, or as an output.
fn readers(program: &Validated, needed: &[bool]) -> Vec<u32> {
	let mut readers = vec![0u32; program.tensors().len()];
	let needed_ops = program.program().ops.iter().zip(needed).filter(|(_, &needed)| needed);
	let outputs = program.program().outputs.iter().copied();
	for id in needed_ops.flat_map(|(op, _)| op.operands()).chain(outputs) {
		if let Some(count) = readers.get_mut(usize::from(id)) {
			*count += 1;
		}
	}
	readers
}

/// The steps of the fused graph in order of execution.
pub(crate) fn steps(program: &Validated, limits: Limits) -> Vec<Step> {
	let ops = &program.program().ops;
	let leaves = program.program().leaves();
	let needed = needed(program);
	let readers = readers(program, &needed);
	// For each tensor, the step that ends in it.
	let mut ends: Vec<Option<usize>> = vec![None; program.tensors().len()];
	let mut steps: Vec<Step> = Vec::new();
	let anchor = |step: &Step| ops.get(usize::from(step.op));
	for (i, op) in (0u16..).zip(ops) {
		if !needed.get(usize::from(i)).copied().unwrap_or(false) {
			continue;
		}
		let result = defined_by(leaves, i);
		// The step that `id` would bring this operation into.
		let joinable = |id: TensorId, other: Option<TensorId>| {
			let at = ends.get(usize::from(id)).copied().flatten()?;
			let step = steps.get(at)?;
			// An output counts as a reader, so one reader means that this operation is the only one. An operation on
			// the same tensor twice counts twice.
			let alone = readers.get(usize::from(id)) == Some(&1);
			let others = step.post.iter().filter(|post| post.other.is_some()).count();
			let room =
				step.post.len() < limits.posts && (other.is_none() || others < limits.others);
			(alone && room && anchor(step).is_some_and(is_anchor)).then_some((at, other))
		};
		let joined = pointwise(op).and_then(|p| {
			let first = joinable(p.x, p.other);
			let swapped = p.other.filter(|&other| p.commutative && same_dims(program, p.x, other));
			let second = swapped.and_then(|other| joinable(other, Some(p.x)));
			let product =
				|&(at, _): &(usize, _)| steps.get(at).and_then(anchor).is_some_and(is_product);
			first.filter(product).or(second.filter(product)).or(first).or(second)
		});
		let at = match joined {
			Some((at, other)) => {
				if let Some(step) = steps.get_mut(at) {
					step.result = result;
					step.post.push(Post { op: i, other });
				}
				at
			},
			None => {
				steps.push(Step { op: i, result, post: Vec::new() });
				steps.len() - 1
			},
		};
		if let Some(end) = ends.get_mut(usize::from(result)) {
			*end = Some(at);
		}
	}
	steps.sort_by_key(Step::last_op);
	steps
}

fn same_dims(program: &Validated, a: TensorId, b: TensorId) -> bool {
	let dims = |id| program.tensor(id).map(|(ty, _)| &ty.dims);
	dims(a) == dims(b)
}
