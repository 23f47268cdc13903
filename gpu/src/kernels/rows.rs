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

/// Invocations of a workgroup, which share one row.
const LANES: u32 = 64;
/// Most quads of a row that one dispatch looks at: 32,768 iterations for each invocation, as llvmpipe ends a shader
/// silently after 65,535.
const STRETCH: u32 = LANES << 15;

pub(super) static ROW_MAX_I8: Kernel =
	Kernel { name: "row_max_i8", source: &[COMMON, FRAME, A_I8, RESULT_I8, ROW_MAX] };
pub(super) static ROW_MAX_I32: Kernel =
	Kernel { name: "row_max_i32", source: &[COMMON, FRAME, A_I32, RESULT_I32, ROW_MAX] };
pub(super) static ARG_MAX_I8: Kernel =
	Kernel { name: "arg_max_i8", source: &[COMMON, FRAME, A_I8, RESULT_I32, ARG_MAX] };
pub(super) static ARG_MAX_I32: Kernel =
	Kernel { name: "arg_max_i32", source: &[COMMON, FRAME, A_I32, RESULT_I32, ARG_MAX] };

/// Reduces each row of `a` to the one element that `result` has for it.
pub(super) fn reduce(
	kernel: &'static Kernel,
	a: &View,
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let (row_quads, cols) = (a.grid.row_quads(), a.grid.cols);
	let stretch = STRETCH.min(tape.limits.dispatch_quads);
	// A short row takes a whole workgroup too.
	let at_once = (tape.limits.dispatch_quads / stretch.min(row_quads).max(LANES)).max(1);
	for segment in segments([a, result], a.rows()) {
		let ([a_row, result_row], [a_piece, result_piece]) = (segment.at, segment.pieces);
		for rows in steps(0..segment.rows.end - segment.rows.start, at_once) {
			for quads in steps(0..row_quads, stretch) {
				let count = rows.end - rows.start;
				let params = [
					count,
					(a_row + rows.start) * row_quads,
					result_row + rows.start,
					row_quads,
					cols,
					quads.start,
					quads.end,
					u32::from(quads.start > 0),
				];
				let work = quad_work(count * (quads.end - quads.start).max(LANES));
				let reads = [Some(a_piece)];
				tape.push(kernel, &reads, result_piece, &params, linear(count, 1), work)?;
			}
		}
	}
	Ok(())
}
