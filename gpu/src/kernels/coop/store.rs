// SPDX-License-Identifier: Apache-2.0
//! How sums leave a subgroup: block by block through workgroup memory, as a block is stored whole or not at all.

use super::{Built, Field, Kernel, BLOCK, OWN, SUBGROUP};
use rspirv::spirv::{CooperativeMatrixLayout, MemoryAccess, Scope, SelectionControl, Word};

impl Kernel {
	/// Stores all sums of a subgroup, whose first is in that row and column, block by block.
	pub(super) fn store_all(
		&mut self,
		matrix: Word,
		row: Word,
		col: Word,
		subgroup: Word,
		sublane: Word,
		sums: &[Word],
	) -> Built<()> {
		let [own_rows, own_cols] = OWN;
		let step = self.param(Field::ResultStep)?;
		let start = self.mul(matrix, step)?;
		let at = self.param(Field::ResultAt)?;
		let start = self.add(at, start)?;
		let size = self.number(BLOCK * BLOCK);
		let own = self.mul(subgroup, size)?;
		let (layout, pitch) =
			(self.number(CooperativeMatrixLayout::RowMajorKHR as u32), self.number(BLOCK));
		for i in 0..own_rows {
			for j in 0..own_cols {
				let sum = sums[(i * own_cols + j) as usize];
				let sum = self.b.load(self.matrices[2], None, sum, None, [])?;
				let pointer = self.b.access_chain(self.to_sum, None, self.sums, [own])?;
				let (access, scope) = self.made(MemoryAccess::MAKE_POINTER_AVAILABLE);
				self.b.cooperative_matrix_store_khr(
					pointer,
					sum,
					layout,
					Some(pitch),
					Some(access),
					[scope],
				)?;
				self.barrier(Scope::Subgroup)?;
				let (down, across) = (self.number(i * BLOCK), self.number(j * BLOCK));
				let (row, col) = (self.add(row, down)?, self.add(col, across)?);
				// A quad each: 64 of them in two turns.
				for turn in 0..BLOCK * BLOCK / 4 / SUBGROUP {
					let offset = self.number(turn * SUBGROUP);
					let quad = self.add(sublane, offset)?;
					self.store_quad(start, row, col, own, quad)?;
				}
				self.barrier(Scope::Subgroup)?;
			}
		}
		Ok(())
	}

	/// Stores quad `quad` of the block that begins in that row and column, if it is in the matrix.
	pub(super) fn store_quad(
		&mut self,
		start: Word,
		row: Word,
		col: Word,
		own: Word,
		quad: Word,
	) -> Built<()> {
		let (two, three) = (self.number(2), self.number(3));
		let down = self.b.shift_right_logical(self.u32, None, quad, two)?;
		let across = self.b.bitwise_and(self.u32, None, quad, three)?;
		let across = self.b.shift_left_logical(self.u32, None, across, two)?;
		// Four words a quad.
		let from = self.b.shift_left_logical(self.u32, None, quad, two)?;
		let from = self.add(own, from)?;
		let mut elements = Vec::new();
		for e in 0..4 {
			let e = self.number(e);
			let at = self.add(from, e)?;
			let pointer = self.b.access_chain(self.to_sum, None, self.sums, [at])?;
			let (access, scope) = self.made(MemoryAccess::MAKE_POINTER_VISIBLE);
			elements.push(self.b.load(self.i32, None, pointer, Some(access), [scope])?);
		}
		let v = self.b.composite_construct(self.i32x4, None, elements)?;
		let (row, col) = (self.add(row, down)?, self.add(col, across)?);
		let (rows, cols) = (self.param(Field::Rows)?, self.param(Field::Cols)?);
		let row_fits = self.b.u_less_than(self.bool, None, row, rows)?;
		let col_fits = self.b.u_less_than(self.bool, None, col, cols)?;
		let fits = self.b.logical_and(self.bool, None, row_fits, col_fits)?;
		let [store, after] = [self.b.id(), self.b.id()];
		self.b.selection_merge(after, SelectionControl::NONE)?;
		self.b.branch_conditional(fits, store, after, [])?;
		self.b.begin_block(Some(store))?;
		let pitch = self.param(Field::ResultQuads)?;
		let line = self.mul(row, pitch)?;
		let column = self.b.shift_right_logical(self.u32, None, col, two)?;
		let at = self.add(start, line)?;
		let at = self.add(at, column)?;
		let zero = self.number(0);
		let pointer = self.b.access_chain(self.to_result, None, self.result, [zero, at])?;
		self.b.store(pointer, v, None, [])?;
		self.b.branch(after)?;
		self.b.begin_block(Some(after))?;
		Ok(())
	}
}
