// SPDX-License-Identifier: Apache-2.0
//! Operations that fold what lies under a window.
//!
//! Where the operand has several shards there is one dispatch for each of them over the same quads of the result, which
//! goes on from what the others made of theirs.

use super::{Kernel, A_I32, A_I8, COMMON, RESULT_I32, RESULT_I8};
use crate::{
	error::Error,
	tape::{linear, quad_steps, quad_work, Shard, Tape, View},
};
use calor_tensor::program::Window;
use std::ops::Range;

const FRAME: &str = include_str!("pool.wgsl");
const MAX_I8: &str = include_str!("pool_max_i8.wgsl");
const MAX_I32: &str = include_str!("pool_max_i32.wgsl");
const SUM: &str = include_str!("pool_sum.wgsl");

/// Most iterations of one invocation: llvmpipe ends a shader silently after 65,535.
const MAX_TAPS: u64 = 60_000;

pub(super) static MAX_POOL_I8: Kernel =
	Kernel { name: "max_pool_i8", source: &[COMMON, FRAME, A_I8, RESULT_I8, MAX_I8] };
pub(super) static MAX_POOL_I32: Kernel =
	Kernel { name: "max_pool_i32", source: &[COMMON, FRAME, A_I32, RESULT_I32, MAX_I32] };
pub(super) static SUM_POOL_I8: Kernel =
	Kernel { name: "sum_pool_i8", source: &[COMMON, FRAME, A_I8, RESULT_I32, SUM] };
pub(super) static SUM_POOL_I32: Kernel =
	Kernel { name: "sum_pool_i32", source: &[COMMON, FRAME, A_I32, RESULT_I32, SUM] };

pub(super) fn max(a: &View, window: &Window, result: &View, tape: &mut Tape) -> Result<(), Error> {
	pool(super::by(a, &MAX_POOL_I8, &MAX_POOL_I32), a, window, result, tape)
}

pub(super) fn sum(a: &View, window: &Window, result: &View, tape: &mut Tape) -> Result<(), Error> {
	pool(super::by(a, &SUM_POOL_I8, &SUM_POOL_I32), a, window, result, tape)
}

fn pool(
	kernel: &'static Kernel,
	a: &View,
	window: &Window,
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let (&[_, height, width, _], &[_, result_height, result_width, _]) =
		(&a.dims[..], &result.dims[..])
	else {
		return Err(Error::Internal(format!("a pooling of {:?}", a.dims)));
	};
	let (down, across) = (window.down(), window.across());
	// Taps outside the image are not looked at.
	let taps = u64::from(down.size.min(height)) * (1 + u64::from(across.size.min(width)));
	if taps > MAX_TAPS {
		let what = format!("a window of {} by {}", down.size, across.size);
		return Err(Error::TooLong { what, unit: "iterations", need: taps, limit: MAX_TAPS });
	}
	let taps = taps as u32;
	let row_quads = result.grid.row_quads();
	let images = |rows: &Range<u32>, of: u32| rows.start / of..(rows.end - 1) / of + 1;
	let most = (tape.limits.dispatch_quads / taps).max(1);
	for to in &result.shards {
		let wanted = images(&to.rows, result_height * result_width);
		let holds = |from: &&Shard| {
			let held = images(&from.rows, height * width);
			held.start < wanted.end && wanted.start < held.end
		};
		for (nth, from) in a.shards.iter().filter(holds).enumerate() {
			for quads in quad_steps(&to.rows, row_quads, most) {
				let count = quads.end - quads.start;
				let params = [
					count,
					to.rows.start * row_quads + quads.start,
					quads.start,
					row_quads,
					result.grid.cols,
					from.rows.start * row_quads,
					(from.rows.end - from.rows.start) * row_quads,
					u32::from(nth > 0),
					height,
					width,
					result_height,
					result_width,
					down.size,
					across.size,
					down.stride,
					across.stride,
					down.dilation,
					across.dilation,
					down.before,
					across.before,
				];
				let work = quad_work(count).saturating_mul(taps.into());
				let groups = linear(count, 256);
				tape.push(kernel, &[Some(from.piece)], to.piece, &params, groups, work)?;
			}
		}
	}
	Ok(())
}
