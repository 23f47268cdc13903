// SPDX-License-Identifier: Apache-2.0
//! Operations that look at one element at a time.
//!
//! Operand and result have the same rows of quads, so a dispatch is a stretch of quads, wherever rows begin.

use super::{Kernel, A_I32, A_I8, COMMON, RESULT_I32, RESULT_I8};
use crate::{
	error::Error,
	tape::{linear, quad_steps, quad_work, segments, Piece, Tape, View},
};
use calor_tensor::Scale;

const FRAME: &str = include_str!("pointwise.wgsl");
const CLAMP: &str = include_str!("clamp.wgsl");
const RESCALE: &str = include_str!("rescale.wgsl");
const WIDE: &str = include_str!("wide_limbs.wgsl");

pub(super) static ADD: Kernel =
	Kernel { name: "add", source: &[COMMON, FRAME, A_I32, RESULT_I32, include_str!("add.wgsl")] };
pub(super) static SUB: Kernel =
	Kernel { name: "sub", source: &[COMMON, FRAME, A_I32, RESULT_I32, include_str!("sub.wgsl")] };
pub(super) static MUL: Kernel =
	Kernel { name: "mul", source: &[COMMON, FRAME, A_I32, RESULT_I32, include_str!("mul.wgsl")] };
pub(super) static MAX_I8: Kernel = Kernel {
	name: "max_i8",
	source: &[COMMON, FRAME, A_I8, RESULT_I8, include_str!("max_i8.wgsl")],
};
pub(super) static REQUANT: Kernel = Kernel {
	name: "requant",
	source: &[COMMON, FRAME, A_I32, RESULT_I8, WIDE, include_str!("requant.wgsl")],
};
pub(super) static RESCALE_I8: Kernel =
	Kernel { name: "rescale_i8", source: &[COMMON, FRAME, A_I8, RESULT_I32, WIDE, RESCALE] };
pub(super) static RESCALE_I32: Kernel =
	Kernel { name: "rescale_i32", source: &[COMMON, FRAME, A_I32, RESULT_I32, WIDE, RESCALE] };
pub(super) static CLAMP_I8: Kernel =
	Kernel { name: "clamp_i8", source: &[COMMON, FRAME, A_I8, RESULT_I8, CLAMP] };
pub(super) static CLAMP_I32: Kernel =
	Kernel { name: "clamp_i32", source: &[COMMON, FRAME, A_I32, RESULT_I32, CLAMP] };
pub(super) static LUT: Kernel =
	Kernel { name: "lut", source: &[COMMON, FRAME, A_I8, RESULT_I8, include_str!("lut.wgsl")] };

/// `a` and `b` by a kernel of two operands; `b` is one row if its dimensions are not `a`'s.
pub(super) fn combine(
	kernel: &'static Kernel,
	a: &View,
	b: &View,
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	if a.dims == b.dims {
		return each(kernel, [a, b, result], tape, |at, piece| ([at, 0, 0], Some(piece)));
	}
	// A row is never cut.
	let row = b.shards.first().map(|shard| shard.piece);
	each(kernel, [a, a, result], tape, |_, _| ([0, 1, 0], row))
}

pub(super) fn requant(
	a: &View,
	zero: i8,
	scales: &[Scale],
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let at = tape.side(scales.iter().flat_map(|s| [s.multiplier, u32::from(s.shift)]));
	let step = if scales.len() == 1 { 0 } else { 2 };
	let args = [at, step, i32::from(zero) as u32];
	each(&REQUANT, [a, a, result], tape, |_, _| (args, None))
}

pub(super) fn rescale(
	a: &View,
	scales: &[Scale],
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let at = tape.side(scales.iter().flat_map(|s| [s.multiplier, u32::from(s.shift)]));
	let step = if scales.len() == 1 { 0 } else { 2 };
	let kernel = super::by(a, &RESCALE_I8, &RESCALE_I32);
	each(kernel, [a, a, result], tape, |_, _| ([at, step, 0], None))
}

pub(super) fn clamp(
	a: &View,
	low: i32,
	high: i32,
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let args = [low as u32, high as u32, 0];
	each(super::by(a, &CLAMP_I8, &CLAMP_I32), [a, a, result], tape, |_, _| (args, None))
}

pub(super) fn lookup(a: &View, table: &[i8], result: &View, tape: &mut Tape) -> Result<(), Error> {
	let words = table
		.chunks(4)
		.map(|four| four.iter().rev().fold(0u32, |word, &x| (word << 8) | u32::from(x as u8)));
	let args = [tape.side(words), 0, 0];
	each(&LUT, [a, a, result], tape, |_, _| (args, None))
}

/// Dispatches over all quads of `[a, b, result]`. `args(b_at, b)` gives the kernel's arguments and what to bind as its
/// second operand, from where the stretch begins in `b` and which piece of `b` that is.
fn each(
	kernel: &'static Kernel,
	views: [&View; 3],
	tape: &mut Tape,
	args: impl Fn(u32, Piece) -> ([u32; 3], Option<Piece>),
) -> Result<(), Error> {
	let [a, _, _] = views;
	let (row_quads, cols) = (a.grid.row_quads(), a.grid.cols);
	for segment in segments(views, a.rows()) {
		for quads in quad_steps(&segment.rows, row_quads, tape.limits.dispatch_quads) {
			let [a_at, b_at, result_at] = segment.at.map(|row| row * row_quads + quads.start);
			let [a_piece, b_piece, result_piece] = segment.pieces;
			let ([arg0, arg1, arg2], second) = args(b_at, b_piece);
			let (count, first) = (quads.end - quads.start, quads.start % row_quads);
			let params = [count, first, a_at, result_at, row_quads, cols, arg0, arg1, arg2];
			let reads = [Some(a_piece), second];
			tape.push(kernel, &reads, result_piece, &params, linear(count, 256), quad_work(count))?;
		}
	}
	Ok(())
}
