// SPDX-License-Identifier: Apache-2.0
//! How operands come into workgroup memory: fetched a slab ahead into registers, then put in place.

use super::{Built, Field, Kernel, Side, LINES, PITCH, TILE};
use rspirv::spirv::{MemoryAccess, Word};

impl Kernel {
	/// Where this invocation fetches from one side.
	#[allow(clippy::too_many_arguments, reason = "all that a row's place depends on")]
	pub(super) fn side(
		&mut self,
		buffer: Word,
		[at, step, count]: [Field; 3],
		matrix: Word,
		first: Word,
		place: Word,
		k_quads: Word,
		which: u32,
	) -> Built<Side> {
		let (at, step, count) = (self.param(at)?, self.param(step)?, self.param(count)?);
		let start = self.mul(matrix, step)?;
		let start = self.add(at, start)?;
		let one = self.number(1);
		let last = self.b.i_sub(self.u32, None, count, one)?;
		let mut lines = Vec::new();
		for t in 0..TILE / LINES {
			let offset = self.number(t * LINES);
			let row = self.add(first, place)?;
			let row = self.add(row, offset)?;
			let within = self.b.u_less_than(self.bool, None, row, count)?;
			let row = self.b.select(self.u32, None, within, row, last)?;
			let line = self.mul(row, k_quads)?;
			let line = self.add(start, line)?;
			// Columns beyond the matrix make the result's padding, which is zero.
			lines.push((line, (which == 1).then_some(within)));
		}
		Ok(Side { buffer, lines, next: Vec::new(), staged: which * TILE * PITCH })
	}

	/// Fetches one chunk of each line from quad `quad` on: zeros from quad `end` on.
	pub(super) fn fetch(&mut self, side: &Side, quad: Word, end: Word) -> Built<()> {
		let (zero, two) = (self.number(0), self.number(2));
		let before = self.b.u_less_than(self.bool, None, quad, end)?;
		for (&(line, within), &next) in side.lines.iter().zip(&side.next) {
			let valid = match within {
				Some(within) => self.b.logical_and(self.bool, None, before, within)?,
				None => before,
			};
			let at = self.add(line, quad)?;
			let at = self.b.shift_right_logical(self.u32, None, at, two)?;
			let at = self.b.select(self.u32, None, valid, at, zero)?;
			let pointer = self.b.access_chain(self.to_operand, None, side.buffer, [zero, at])?;
			let words = self.b.load(self.u32x4, None, pointer, None, [])?;
			let words = self.b.select(self.u32x4, None, valid, words, self.zero4)?;
			self.b.store(next, words, None, [])?;
		}
		Ok(())
	}

	/// Puts what was fetched into workgroup memory.
	pub(super) fn stage(&mut self, side: &Side, put: Word) -> Built<()> {
		for (t, &next) in (0u32..).zip(&side.next) {
			let words = self.b.load(self.u32x4, None, next, None, [])?;
			for e in 0..4 {
				let word = self.b.composite_extract(self.u32, None, words, [e])?;
				let offset = self.number(side.staged + t * LINES * PITCH + e);
				let at = self.add(put, offset)?;
				let pointer = self.b.access_chain(self.to_staged, None, self.staged, [at])?;
				let (access, scope) = self.made(MemoryAccess::MAKE_POINTER_AVAILABLE);
				self.b.store(pointer, word, Some(access), [scope])?;
			}
		}
		Ok(())
	}
}
