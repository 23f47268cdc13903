// SPDX-License-Identifier: Apache-2.0
//! Weights of convolutions, packed as the kernels want them.
//!
//! Done once when constants are loaded; in every run for weights that an operation computes.

use super::{Kernel, A_I8, COMMON, RESULT_I8};
use crate::{
	error::Error,
	storage::{Grid, QUAD},
	tape::{linear, quad_steps, quad_work, segments, Tape, View},
};

pub(super) static REPACK: Kernel =
	Kernel { name: "repack", source: &[COMMON, A_I8, RESULT_I8, include_str!("repack.wgsl")] };

/// Rows of taps, each tap padded with zeros to whole quads of its `channels`.
pub(super) fn spread_taps(weights: &View, channels: u32, tape: &mut Tape) -> Result<View, Error> {
	let spread = channels.next_multiple_of(QUAD);
	let cols = weights.grid.cols / channels * spread;
	let grid = Grid { cols, ..weights.grid };
	tape.prepare(weights, &format!("taps of {channels}"), grid, |view, tape| {
		let (row_quads, a_quads) = (view.grid.row_quads(), weights.grid.row_quads());
		for segment in segments([weights, view], view.rows()) {
			for quads in quad_steps(&segment.rows, row_quads, tape.limits.dispatch_quads / QUAD) {
				let count = quads.end - quads.start;
				let params = [
					count,
					segment.at[1] * row_quads + quads.start,
					row_quads,
					segment.at[0] * a_quads,
					a_quads,
					channels,
					spread,
					0,
					0,
					quads.start,
				];
				let [from, to] = segment.pieces;
				let work = quad_work(count * QUAD);
				tape.push(&REPACK, &[Some(from)], to, &params, linear(count, 256), work)?;
			}
		}
		Ok(())
	})
}

/// Rows of channels, one for each tap. `weights` has one shard.
pub(super) fn turn(weights: &View, tape: &mut Tape) -> Result<View, Error> {
	let (rows, cols) = (weights.grid.cols, weights.grid.rows);
	let grid = Grid { rows, cols, ..weights.grid };
	tape.prepare(weights, "turned", grid, |view, tape| {
		let (row_quads, a_quads) = (view.grid.row_quads(), weights.grid.row_quads());
		for segment in segments([view], view.rows()) {
			let from = weights.shards.first().map(|shard| shard.piece);
			let begin = segment.rows.start * row_quads;
			for quads in quad_steps(&segment.rows, row_quads, tape.limits.dispatch_quads / QUAD) {
				let count = quads.end - quads.start;
				let at = segment.at[0] * row_quads + quads.start;
				let first = begin + quads.start;
				let params = [count, at, row_quads, 0, a_quads, 0, 0, 1, cols, first];
				let piece = segment.pieces[0];
				let work = quad_work(count * QUAD);
				tape.push(&REPACK, &[from], piece, &params, linear(count, 256), work)?;
			}
		}
		Ok(())
	})
}
