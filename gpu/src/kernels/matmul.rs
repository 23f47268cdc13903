// SPDX-License-Identifier: Apache-2.0
//! Matrix products.
//!
//! A product is cut into blocks whose operands and result lie in one shard each, and blocks into dispatches of bounded
//! work. With a shared `b`, all matrices of `a` are one tall matrix.

use super::{Kernel, COMMON};
use crate::{
	error::Error,
	storage::{steps, QUAD},
	tape::{segments, Piece, Tape, View, MAX_GROUPS},
};
use calor_tensor::TILE;
use std::ops::Range;

/// Quads in K that the kernel works through at once: shorter sums take as long.
const DEPTH: u32 = 8;

pub(super) static MATMUL: Kernel =
	Kernel { name: "matmul", source: &[COMMON, include_str!("matmul.wgsl")] };

/// A part of a product between one piece of each tensor.
struct Block {
	matrices: u32,
	rows: u32,
	cols: u32,
	/// Pieces of `a`, `b` and the result.
	pieces: [Piece; 3],
	/// The first row in each piece; for the result, the rest is `first_col`.
	at: [u32; 3],
	/// The first column of the result: a multiple of 64.
	first_col: u32,
	/// Rows from one matrix to the next in each.
	steps: [u32; 3],
	k_quads: u32,
	result_quads: u32,
}

pub(super) fn lower(a: &View, b: &View, result: &View, tape: &mut Tape) -> Result<(), Error> {
	let (k_quads, result_quads) = (a.grid.row_quads(), result.grid.row_quads());
	let shared = b.grid.matrices == 1;
	let (matrices, rows) =
		if shared { (1, a.grid.total_rows()) } else { (a.grid.matrices, a.grid.rows) };
	let cols = b.grid.rows;
	if let ([a], [b], [result]) = (&a.shards[..], &b.shards[..], &result.shards[..]) {
		let pieces = [a.piece, b.piece, result.piece];
		let steps = [rows, cols, rows];
		let (at, first_col) = ([0; 3], 0);
		let block =
			Block { matrices, rows, cols, pieces, at, first_col, steps, k_quads, result_quads };
		return block.lower(tape);
	}
	for matrix in 0..matrices {
		let of = |rows: u32| -> Range<u32> { matrix * rows..(matrix + 1) * rows };
		for columns in segments([b], of(cols)) {
			for lines in segments([a, result], of(rows)) {
				let block = Block {
					matrices: 1,
					rows: lines.rows.end - lines.rows.start,
					cols: columns.rows.end - columns.rows.start,
					pieces: [lines.pieces[0], columns.pieces[0], lines.pieces[1]],
					at: [lines.at[0], columns.at[0], lines.at[1]],
					// A shard cuts a matrix at multiples of 64 rows only.
					first_col: columns.rows.start - matrix * cols,
					steps: [0; 3],
					k_quads,
					result_quads,
				};
				block.lower(tape)?;
			}
		}
	}
	Ok(())
}

impl Block {
	/// Dispatches of as many matrices, rows of tiles or tiles as one may hold.
	fn lower(&self, tape: &mut Tape) -> Result<(), Error> {
		let tile_mac =
			u64::from(TILE * TILE) * u64::from(self.k_quads.next_multiple_of(DEPTH) * QUAD);
		let tiles = u32::try_from(tape.limits.dispatch_mac / tile_mac).unwrap_or(u32::MAX).max(1);
		let across = self.cols.div_ceil(TILE);
		let down = self.rows.div_ceil(TILE);
		let x = across.min(tiles).min(MAX_GROUPS);
		let y = down.min(tiles / x).min(MAX_GROUPS);
		let z = self.matrices.min(tiles / (x * y)).clamp(1, MAX_GROUPS);
		for matrices in steps(0..self.matrices, z) {
			for rows in steps(0..self.rows, y * TILE) {
				for cols in steps(0..self.cols, x * TILE) {
					self.dispatch(&matrices, &rows, &cols, tile_mac, tape)?;
				}
			}
		}
		Ok(())
	}

	fn dispatch(
		&self,
		matrices: &Range<u32>,
		rows: &Range<u32>,
		cols: &Range<u32>,
		tile_mac: u64,
		tape: &mut Tape,
	) -> Result<(), Error> {
		let [a_at, b_at, result_at] = self.at;
		let [a_step, b_step, result_step] = self.steps;
		let params = [
			rows.end - rows.start,
			cols.end - cols.start,
			self.k_quads,
			self.result_quads,
			(a_at + matrices.start * a_step + rows.start) * self.k_quads,
			(b_at + matrices.start * b_step + cols.start) * self.k_quads,
			(result_at + matrices.start * result_step + rows.start) * self.result_quads
				+ (self.first_col + cols.start) / QUAD,
			a_step * self.k_quads,
			b_step * self.k_quads,
			result_step * self.result_quads,
		];
		let groups =
			[params[1].div_ceil(TILE), params[0].div_ceil(TILE), matrices.end - matrices.start];
		let work = tile_mac * groups.iter().map(|&g| u64::from(g)).product::<u64>();
		let [a, b, result] = self.pieces;
		tape.push(&MATMUL, &[Some(a), Some(b)], result, &params, groups, work)
	}
}
