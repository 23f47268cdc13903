// SPDX-License-Identifier: Apache-2.0
//! Rows with one element that stands out.

use super::{Kernel, A_I32, COMMON, RESULT_I8};
use crate::{
	error::Error,
	tape::{linear, quad_steps, quad_work, Tape, View},
};

pub(super) static ONE_HOT: Kernel =
	Kernel { name: "one_hot", source: &[COMMON, A_I32, RESULT_I8, include_str!("one_hot.wgsl")] };

/// Row `i` of the result has `on` where element `i` of `a` says, in row-major order.
pub(super) fn lower(a: &View, on: i8, result: &View, tape: &mut Tape) -> Result<(), Error> {
	let (row_quads, a_cols) = (result.grid.row_quads(), a.grid.cols);
	for to in &result.shards {
		for from in &a.shards {
			let begin = to.rows.start.max(from.rows.start * a_cols);
			let end = to.rows.end.min(from.rows.end * a_cols);
			for quads in quad_steps(&(begin..end.max(begin)), row_quads, tape.limits.dispatch_quads)
			{
				let count = quads.end - quads.start;
				let first = begin * row_quads + quads.start;
				let params = [
					count,
					first,
					first - to.rows.start * row_quads,
					row_quads,
					result.grid.cols,
					from.rows.start,
					a_cols,
					a.grid.row_quads(),
					i32::from(on) as u32,
				];
				let (groups, work) = (linear(count, 256), quad_work(count));
				tape.push(&ONE_HOT, &[Some(from.piece)], to.piece, &params, groups, work)?;
			}
		}
	}
	Ok(())
}
