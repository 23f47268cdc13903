// SPDX-License-Identifier: Apache-2.0
//! Stochastic gradient descent.

use super::{Kernel, A_I32, COMMON, RESULT_I32};
use crate::{
	error::Error,
	tape::{linear, quad_steps, quad_work, segments, Tape, View},
};

/// The random numbers cost about as much as moving so many quads.
const WORK: u32 = 4;

pub(super) static SGD_STEP: Kernel = Kernel {
	name: "sgd_step",
	source: &[COMMON, A_I32, RESULT_I32, include_str!("sgd_step.wgsl")],
};

/// One step on `[weights, gradients, seed, step]`.
pub(super) fn lower(
	operands: [&View; 4],
	shift: u8,
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let [w, g, seed, step] = operands;
	let (row_quads, cols) = (w.grid.row_quads(), w.grid.cols);
	// Two elements and one, which are never cut.
	let [seed, step] = [seed, step].map(|view| view.shards.first().map(|shard| shard.piece));
	for segment in segments([w, g, result], w.rows()) {
		for quads in quad_steps(&segment.rows, row_quads, tape.limits.dispatch_quads / WORK) {
			let count = quads.end - quads.start;
			let [w_at, g_at, result_at] = segment.at.map(|row| row * row_quads + quads.start);
			let first = segment.rows.start * row_quads + quads.start;
			let shift = u32::from(shift);
			let params = [count, first, w_at, g_at, result_at, row_quads, cols, shift];
			let [w_piece, g_piece, result_piece] = segment.pieces;
			let reads = [Some(w_piece), Some(g_piece), seed, step];
			let (groups, work) = (linear(count, 256), quad_work(count * WORK));
			tape.push(&SGD_STEP, &reads, result_piece, &params, groups, work)?;
		}
	}
	Ok(())
}
