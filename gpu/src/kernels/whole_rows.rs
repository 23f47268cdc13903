// SPDX-License-Identifier: Apache-2.0
//! Operations of which every element depends on its whole row: softmax, its gradient, and norms.
//!
//! Rows have at most 8,192 elements and are never cut.

use super::{Kernel, A_I8, COMMON, RESULT_I32, RESULT_I8};
use crate::{
	error::Error,
	storage::steps,
	tape::{linear, quad_work, segments, Tape, View},
};
use calor_tensor::Scale;

const FRAME: &str = include_str!("whole_rows.wgsl");
const SHARES: &str = include_str!("shares.wgsl");
const NORM: &str = include_str!("norm.wgsl");
const WIDE: &str = include_str!("wide_limbs.wgsl");

/// Invocations of a workgroup, which share a row or several short ones.
const LANES: u32 = 64;
/// How often a quad is read or written, about.
const PASSES: u32 = 4;

pub(super) static SOFTMAX: Kernel = Kernel {
	name: "softmax",
	source: &[COMMON, FRAME, A_I8, RESULT_I8, SHARES, include_str!("softmax.wgsl")],
};
pub(super) static CROSS_ENTROPY: Kernel = Kernel {
	name: "cross_entropy",
	source: &[COMMON, FRAME, A_I8, RESULT_I32, SHARES, include_str!("cross_entropy.wgsl")],
};
pub(super) static RMS_NORM: Kernel = Kernel {
	name: "rms_norm",
	source: &[COMMON, FRAME, A_I8, RESULT_I8, WIDE, NORM, include_str!("rms_norm.wgsl")],
};
pub(super) static LAYER_NORM: Kernel = Kernel {
	name: "layer_norm",
	source: &[COMMON, FRAME, A_I8, RESULT_I8, WIDE, NORM, include_str!("layer_norm.wgsl")],
};

pub(super) fn softmax(
	a: &View,
	table: &[u16],
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let args = [weights(table, tape), 0, 0, 0];
	lower(&SOFTMAX, [a, a, result], args, tape)
}

pub(super) fn gradient(
	a: &View,
	target: &View,
	table: &[u16],
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let args = [weights(table, tape), 0, 0, 0];
	lower(&CROSS_ENTROPY, [a, target, result], args, tape)
}

/// A norm by one of the two kernels.
pub(super) fn norm(
	kernel: &'static Kernel,
	a: &View,
	eps: u32,
	zero: i8,
	scales: &[Scale],
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let at = tape.side(scales.iter().flat_map(|s| [s.multiplier, u32::from(s.shift)]));
	let step = if scales.len() == 1 { 0 } else { 2 };
	lower(kernel, [a, a, result], [at, step, i32::from(zero) as u32, eps], tape)
}

/// Adds a table of weights to the side data, two in a word.
fn weights(table: &[u16], tape: &mut Tape) -> u32 {
	tape.side(
		table.chunks(2).map(|two| {
			two.iter().rev().fold(0u32, |word, &weight| (word << 16) | u32::from(weight))
		}),
	)
}

/// Dispatches over all rows of `[a, b, result]`.
fn lower(
	kernel: &'static Kernel,
	views: [&View; 3],
	args: [u32; 4],
	tape: &mut Tape,
) -> Result<(), Error> {
	let [a, _, _] = views;
	let row_quads = a.grid.row_quads();
	let lanes = row_quads.next_power_of_two().min(LANES);
	// A short row takes all its lanes too.
	let row_work = row_quads.max(lanes) * PASSES;
	let at_once = (tape.limits.dispatch_quads / row_work).max(1);
	for segment in segments(views, a.rows()) {
		for rows in steps(0..segment.rows.end - segment.rows.start, at_once) {
			let count = rows.end - rows.start;
			let [a_at, b_at, result_at] = segment.at.map(|row| (row + rows.start) * row_quads);
			let mut params = vec![count, a_at, b_at, result_at, row_quads, a.grid.cols, lanes];
			params.extend(args);
			let [a_piece, b_piece, result_piece] = segment.pieces;
			let reads = [Some(a_piece), Some(b_piece)];
			let groups = linear(count, LANES / lanes);
			let work = quad_work(count * row_work);
			tape.push(kernel, &reads, result_piece, &params, groups, work)?;
		}
	}
	Ok(())
}
