// SPDX-License-Identifier: Apache-2.0
//! From a program to dispatches and buffers, before anything is allocated.
//!
//! Recording turns each operation into dispatches over pieces ([`crate::tape`]); then each piece gets a *slot*, a buffer
//! that it shares with pieces whose lives do not overlap its own. A plan holds for all engines with the same limits.

use crate::{
	device::Limits,
	error::Error,
	kernels::lower,
	storage::Grid,
	tape::{Dispatch, Piece, Shard, Tape, View},
};
use calor_tensor::{Op, TensorId, Validated};
use std::{collections::BTreeSet, ops::Range};

/// Bytes that go to or from the device at once, unless a single row has more.
pub(crate) const STAGING_BYTES: u64 = 32 << 20;

/// A program ready to run on adapters of the limits it was planned for.
#[derive(Debug)]
pub struct Plan {
	pub(crate) program: Validated,
	pub(crate) limits: Limits,
	/// Every tensor of the program.
	pub(crate) views: Vec<View>,
	/// The slot of each piece; `None` for operands that nothing reads.
	pub(crate) place: Vec<Option<usize>>,
	/// Bytes of each slot.
	pub(crate) slots: Vec<u64>,
	/// The dispatches of each operation.
	pub(crate) ops: Vec<Range<usize>>,
	pub(crate) dispatches: Vec<Dispatch>,
	pub(crate) params: Vec<u8>,
	pub(crate) side: Vec<u32>,
	/// Bytes of the buffer through which results are read.
	pub(crate) staging: u64,
}

impl Plan {
	pub(crate) fn new(program: &Validated, limits: Limits) -> Result<Self, Error> {
		let recorded = Recording::of(program, limits)?;
		let Recording { views, pieces, tape, ops } = recorded;
		let largest = pieces.iter().map(|life| life.bytes).max().unwrap_or_default();
		let row = views.iter().map(|view| view.grid.row_bytes()).max().unwrap_or_default();
		let staging = largest.min(STAGING_BYTES).max(row);
		let (place, slots) = allocate(&pieces, ops.len());
		let Tape { dispatches, params, side, .. } = tape;
		let program = program.clone();
		let plan =
			Self { program, limits, views, place, slots, ops, dispatches, params, side, staging };
		let need = plan.peak_bytes();
		if need > limits.memory_bytes {
			let what = format!("the program with {} buffers", plan.slots.len());
			return Err(Error::TooLarge { what, need, limit: limits.memory_bytes });
		}
		Ok(plan)
	}

	/// The program.
	pub fn program(&self) -> &Validated {
		&self.program
	}

	/// Estimate of the device memory that a run takes, in bytes: all buffers, and what goes in and out at once.
	pub fn peak_bytes(&self) -> u64 {
		let side = self.side.len() as u64 * 4;
		let tensors = self.slots.iter().sum::<u64>();
		tensors + self.params.len() as u64 + side + self.staging.saturating_mul(2)
	}

	/// Number of dispatches.
	pub fn dispatches(&self) -> usize {
		self.dispatches.len()
	}

	/// Names of the kernels that compute operation `op`, each once; none for a change of name only.
	pub fn kernels(&self, op: usize) -> Vec<String> {
		let span = self.ops.get(op).cloned().unwrap_or_default();
		let names: BTreeSet<_> =
			self.dispatches[span].iter().map(|d| d.shader.name().to_string()).collect();
		names.into_iter().collect()
	}
}

/// Storage of a shard and the operations between which it must stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Life {
	bytes: u64,
	/// The operation that writes it; `None` for operands, which are there from the start.
	born: Option<usize>,
	/// The last operation that needs it; `None` if none does.
	dies: Option<usize>,
}

struct Recording {
	views: Vec<View>,
	pieces: Vec<Life>,
	tape: Tape,
	ops: Vec<Range<usize>>,
}

impl Recording {
	fn of(validated: &Validated, limits: Limits) -> Result<Self, Error> {
		let program = validated.program();
		let tape = Tape::new(limits);
		let mut this = Self { views: Vec::new(), pieces: Vec::new(), tape, ops: Vec::new() };
		for id in 0..program.leaves() {
			let view = this.fresh(validated, id, None)?;
			this.views.push(view);
		}
		for (i, op) in program.ops.iter().enumerate() {
			let view = this.define(validated, i, op)?;
			// A result stands at least until its operation is done, also if nothing reads it: a trace does.
			this.keep(&view, i);
			this.views.push(view);
		}
		for &id in &program.outputs {
			let view = this.view(id)?.clone();
			this.keep(&view, program.ops.len());
		}
		Ok(this)
	}

	/// Records operation `i` and returns its result.
	fn define(&mut self, program: &Validated, i: usize, op: &Op) -> Result<View, Error> {
		let operands: Vec<View> =
			op.operands().map(|id| self.view(id).cloned()).collect::<Result<_, _>>()?;
		for view in &operands {
			self.keep(view, i);
		}
		let begin = self.tape.dispatches.len();
		let id = program.program().leaves() + i;
		let view = match self.renamed(program, id, op, &operands)? {
			Some(view) => view,
			None => {
				let view = self.fresh(program, id, Some(i))?;
				let operands: Vec<&View> = operands.iter().collect();
				lower(op, &operands, &view, &mut self.tape)?;
				view
			},
		};
		self.ops.push(begin..self.tape.dispatches.len());
		Ok(view)
	}

	fn view(&self, id: TensorId) -> Result<&View, Error> {
		let view = self.views.get(usize::from(id));
		view.ok_or_else(|| Error::Internal(format!("tensor {id} is read before it is defined")))
	}

	/// A view of tensor `id` on pieces of its own.
	fn fresh(
		&mut self,
		program: &Validated,
		id: usize,
		born: Option<usize>,
	) -> Result<View, Error> {
		let mut view = unstored(program, id)?;
		let row_bytes = view.grid.row_bytes();
		for rows in view.grid.shards(self.tape.limits.shard_bytes)? {
			let bytes = u64::from(rows.end - rows.start) * row_bytes;
			view.shards.push(Shard { rows, piece: self.pieces.len() });
			self.pieces.push(Life { bytes, born, dies: None });
		}
		Ok(view)
	}

	/// A reshape that leaves every byte where it is shares its operand's storage.
	fn renamed(
		&self,
		program: &Validated,
		id: usize,
		op: &Op,
		operands: &[View],
	) -> Result<Option<View>, Error> {
		let mut view = unstored(program, id)?;
		let (Op::Reshape { .. }, [a]) = (op, operands) else { return Ok(None) };
		let [shard] = &a.shards[..] else { return Ok(None) };
		if !view.grid.lies_like(&a.grid) {
			return Ok(None);
		}
		view.shards.push(Shard { rows: view.rows(), piece: shard.piece });
		Ok(Some(view))
	}

	fn keep(&mut self, view: &View, until: usize) {
		for shard in &view.shards {
			let life = &mut self.pieces[shard.piece];
			life.dies = life.dies.max(Some(until));
		}
	}
}

/// A view of tensor `id` that has no storage yet.
fn unstored(program: &Validated, id: usize) -> Result<View, Error> {
	let tensor = program.tensors().get(id);
	let (ty, layout) = tensor.ok_or_else(|| Error::Internal(format!("no tensor {id}")))?;
	Ok(View { dims: ty.dims.clone(), grid: Grid::new(ty, layout), shards: Vec::new() })
}

/// Gives each piece a slot, in the order of their births. Returns the slot of each piece and the bytes of each slot.
fn allocate(pieces: &[Life], ops: usize) -> (Vec<Option<usize>>, Vec<u64>) {
	let mut slots = Slots::default();
	let mut place = vec![None; pieces.len()];
	let mut living: Vec<Piece> = Vec::new();
	let mut births = pieces.iter().enumerate().filter(|(_, p)| p.dies.is_some()).peekable();
	for op in 0..ops {
		// Pieces are numbered in the order in which they are born.
		while let Some((piece, life)) = births.next_if(|(_, p)| p.born.is_none_or(|b| b <= op)) {
			place[piece] = Some(slots.take(life.bytes));
			living.push(piece);
		}
		living.retain(|&piece| {
			let dead = pieces[piece].dies == Some(op);
			if let (true, Some(slot)) = (dead, place[piece]) {
				slots.free.push(slot);
			}
			!dead
		});
	}
	(place, slots.bytes)
}

#[derive(Default)]
struct Slots {
	bytes: Vec<u64>,
	free: Vec<usize>,
}

impl Slots {
	/// The smallest free slot that is large enough; else the largest free one, enlarged; else a new one.
	fn take(&mut self, need: u64) -> usize {
		let bytes = &self.bytes;
		let nth = |&(_, &slot): &(usize, &usize)| bytes[slot];
		let free = || self.free.iter().enumerate();
		let fitting = free().filter(|(_, &slot)| bytes[slot] >= need).min_by_key(nth);
		match fitting.or(free().max_by_key(nth)).map(|(i, _)| i) {
			Some(i) => {
				let slot = self.free.swap_remove(i);
				self.bytes[slot] = self.bytes[slot].max(need);
				slot
			},
			None => {
				self.bytes.push(need);
				self.bytes.len() - 1
			},
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn lives_that_overlap_never_share_a_slot_and_others_do() {
		let life = |bytes, born, dies| Life { bytes, born, dies: Some(dies) };
		let pieces = [
			life(100, None, 0),
			Life { bytes: 1000, born: None, dies: None },
			life(50, Some(0), 1),
			life(80, Some(1), 2),
			life(120, Some(2), 3),
			life(10, Some(3), 4),
		];
		let (place, slots) = allocate(&pieces, 4);
		// Op 1 takes the slot of the dead input, op 2 that of op 0's result, enlarged, op 3 the first again.
		assert_eq!(place, [Some(0), None, Some(1), Some(0), Some(1), Some(0)]);
		assert_eq!(slots, [100, 120]);
	}
}
