// SPDX-License-Identifier: Apache-2.0
//! Operations that reduce what lies under a window to one element, channel by channel.

use super::{area, convolution::ImageRow, narrow, MissingInput, Operand, Segment, Source};
use crate::{
	layout::{Layout, Tile, TILE},
	program::{bounds, Window},
	tensor::Data,
	types::DType,
};
use alloc::{vec, vec::Vec};

/// `[[[[1], [5], [3]]]]` under windows of two gives `[[[[5], [5]]]]`.
pub(super) fn max_pool<S: Source>(
	x: &Operand<'_, S>,
	window: &Window,
	result: &Layout,
	tile: &Tile,
) -> Result<Data, MissingInput> {
	let (least, _) = bounds(x.ty.dtype);
	Ok(narrow(x.ty.dtype, pool(x, window, result, tile, least, i32::max)?))
}

/// `[[[[1], [5], [3]]]]` under windows of two gives `[[[[6], [8]]]]`, wrapping.
pub(super) fn sum_pool<S: Source>(
	x: &Operand<'_, S>,
	window: &Window,
	result: &Layout,
	tile: &Tile,
) -> Result<Data, MissingInput> {
	Ok(narrow(DType::I32, pool(x, window, result, tile, 0, i32::wrapping_add)?))
}

/// Folds the elements under each window, beginning with `start`.
fn pool<S: Source>(
	x: &Operand<'_, S>,
	window: &Window,
	result: &Layout,
	tile: &Tile,
	start: i32,
	fold: impl Fn(i32, i32) -> i32,
) -> Result<Vec<i32>, MissingInput> {
	let at = ImageRow::of(x, result, tile)?;
	let mut out = vec![start; area(tile)];
	for (column, values) in (tile.row..).zip(out.chunks_exact_mut(tile.cols as usize)) {
		for i in 0..u32::from(window.size[0]) {
			let Some(row) = window.down().element(at.line, i, at.height) else { continue };
			let matrix = at.matrix(row);
			for j in 0..u32::from(window.size[1]) {
				let Some(col) = window.across().element(column, j, x.layout.rows) else { continue };
				// The channels of the tile, side by side.
				let values = values.iter_mut();
				match x.segment(matrix, col, tile.col / TILE)? {
					Segment::I8(seen) => {
						values.zip(seen).for_each(|(value, &x)| *value = fold(*value, x.into()));
					},
					Segment::I32(seen) => {
						values.zip(seen).for_each(|(value, &x)| *value = fold(*value, x));
					},
				}
			}
		}
	}
	Ok(out)
}
