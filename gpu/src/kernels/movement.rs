// SPDX-License-Identifier: Apache-2.0
//! Operations that move elements without changing them.
//!
//! Each element of the result is gathered from its place in the operand. Where the operand has several shards there is
//! one dispatch for each of them over the same quads of the result, which adds what that shard holds.

use super::{by, Kernel, A_I32, A_I8, COMMON, RESULT_I32, RESULT_I8};
use crate::{
	error::Error,
	storage::QUAD,
	tape::{linear, quad_steps, quad_work, Shard, Tape, View},
};
use std::ops::Range;

/// Places that a quad of the result may come from.
const SCATTER: u32 = QUAD;

const FRAME: &str = include_str!("gather.wgsl");
const TRANSPOSE: &str = include_str!("transpose.wgsl");
const RESHAPE: &str = include_str!("reshape.wgsl");

pub(super) static TRANSPOSE_I8: Kernel =
	Kernel { name: "transpose_i8", source: &[COMMON, FRAME, A_I8, RESULT_I8, TRANSPOSE] };
pub(super) static TRANSPOSE_I32: Kernel =
	Kernel { name: "transpose_i32", source: &[COMMON, FRAME, A_I32, RESULT_I32, TRANSPOSE] };
pub(super) static RESHAPE_I8: Kernel =
	Kernel { name: "reshape_i8", source: &[COMMON, FRAME, A_I8, RESULT_I8, RESHAPE] };
pub(super) static RESHAPE_I32: Kernel =
	Kernel { name: "reshape_i32", source: &[COMMON, FRAME, A_I32, RESULT_I32, RESHAPE] };

/// Dimension `i` of the result is dimension `perm[i]` of `a`.
pub(super) fn transpose(
	a: &View,
	perm: &[u8],
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let last = a.dims.len() - 1;
	// How many rows of `a` one step of its dimension goes; its last dimension is the column.
	let step = |d: usize| if d == last { 0 } else { a.dims[d + 1..last].iter().product::<u32>() };
	let [.., column] = perm else { return Err(Error::Internal("empty permutation".into())) };
	// The result's other dimensions, innermost first.
	let mut lengths = [1; 3];
	let mut row_steps = [0; 3];
	for (i, &d) in perm[..last].iter().rev().enumerate() {
		lengths[i] = a.dims[usize::from(d)];
		row_steps[i] = step(usize::from(d));
	}
	let [inner, middle, _] = lengths;
	let [inner_step, middle_step, outer_step] = row_steps;
	let column = usize::from(*column);
	let swapped = u32::from(column != last);
	let args = [inner, middle, inner_step, middle_step, outer_step, step(column), swapped];
	gather(by(a, &TRANSPOSE_I8, &TRANSPOSE_I32), a, result, args, tape, |_, _| true)
}

/// The same elements in the same order in rows of another length.
pub(super) fn reshape(a: &View, result: &View, tape: &mut Tape) -> Result<(), Error> {
	let span = |view: &View, rows: &Range<u32>| -> Range<u64> {
		let cols = u64::from(view.grid.cols);
		u64::from(rows.start) * cols..u64::from(rows.end) * cols
	};
	let args = [a.grid.cols, 0, 0, 0, 0, 0, 0];
	gather(by(a, &RESHAPE_I8, &RESHAPE_I32), a, result, args, tape, |from, to| {
		let (from, to) = (span(a, &from.rows), span(result, &to.rows));
		from.start < to.end && to.start < from.end
	})
}

/// Dispatches over all pairs of shards of `a` and `result` of which the second needs something from the first.
fn gather(
	kernel: &'static Kernel,
	a: &View,
	result: &View,
	args: [u32; 7],
	tape: &mut Tape,
	needs: impl Fn(&Shard, &Shard) -> bool,
) -> Result<(), Error> {
	let (a_quads, row_quads, cols) =
		(a.grid.row_quads(), result.grid.row_quads(), result.grid.cols);
	// An invocation reads in up to four places, so a dispatch takes a quarter of the quads that others take.
	let most = tape.limits.dispatch_quads / SCATTER;
	for to in &result.shards {
		for (nth, from) in a.shards.iter().filter(|from| needs(from, to)).enumerate() {
			for quads in quad_steps(&to.rows, row_quads, most) {
				let count = quads.end - quads.start;
				let mut params = vec![
					count,
					to.rows.start * row_quads + quads.start,
					quads.start,
					row_quads,
					cols,
					from.rows.start * a_quads,
					(from.rows.end - from.rows.start) * a_quads,
					a_quads,
					u32::from(nth > 0),
				];
				params.extend(args);
				let reads = [Some(from.piece)];
				let work = quad_work(count * SCATTER);
				tape.push(kernel, &reads, to.piece, &params, linear(count, 256), work)?;
			}
		}
	}
	Ok(())
}
