// SPDX-License-Identifier: Apache-2.0
//! Operations that reduce each row to one element.

use super::{Kernel, A_I32, A_I8, COMMON, RESULT_I32, RESULT_I8};
use crate::{
	error::Error,
	storage::steps,
	tape::{linear, quad_work, segments, Tape, View},
};

const FRAME: &str = include_str!("rows.wgsl");
const ROW_MAX: &str = include_str!("row_max.wgsl");
const ARG_MAX: &str = include_str!("arg_max.wgsl");
const ROW_SUM: &str = include_str!("row_sum.wgsl");

/// Invocations of a workgroup, which share one row.
const LANES: u32 = 64;

pub(super) static ROW_MAX_I8: Kernel =
	Kernel { name: "row_max_i8", source: &[COMMON, FRAME, A_I8, RESULT_I8, ROW_MAX] };
pub(super) static ROW_MAX_I32: Kernel =
	Kernel { name: "row_max_i32", source: &[COMMON, FRAME, A_I32, RESULT_I32, ROW_MAX] };
pub(super) static ARG_MAX_I8: Kernel =
	Kernel { name: "arg_max_i8", source: &[COMMON, FRAME, A_I8, RESULT_I32, ARG_MAX] };
pub(super) static ARG_MAX_I32: Kernel =
	Kernel { name: "arg_max_i32", source: &[COMMON, FRAME, A_I32, RESULT_I32, ARG_MAX] };
pub(super) static ROW_SUM_I8: Kernel =
	Kernel { name: "row_sum_i8", source: &[COMMON, A_I8, RESULT_I32, ROW_SUM] };
pub(super) static ROW_SUM_I32: Kernel =
	Kernel { name: "row_sum_i32", source: &[COMMON, A_I32, RESULT_I32, ROW_SUM] };

/// Reduces each row of `a` to the one element that `result` has for it.
pub(super) fn reduce(
	kernel: &'static Kernel,
	a: &View,
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let (row_quads, cols) = (a.grid.row_quads(), a.grid.cols);
	// A short row takes a whole workgroup too. A long one has at most 9,216 quads, as one tile of the result may need
	// 2.25 MiB: 144 iterations.
	let row_work = row_quads.max(LANES);
	let at_once = (tape.limits.dispatch_quads / row_work).max(1);
	for segment in segments([a, result], a.rows()) {
		let ([a_row, result_row], [a_piece, result_piece]) = (segment.at, segment.pieces);
		for rows in steps(0..segment.rows.end - segment.rows.start, at_once) {
			let count = rows.end - rows.start;
			let a_at = (a_row + rows.start) * row_quads;
			let params = [count, a_at, result_row + rows.start, row_quads, cols];
			let (groups, work) = (linear(count, 1), quad_work(count * row_work));
			tape.push(kernel, &[Some(a_piece)], result_piece, &params, groups, work)?;
		}
	}
	Ok(())
}
