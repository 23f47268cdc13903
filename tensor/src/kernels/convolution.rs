// SPDX-License-Identifier: Apache-2.0
//! Convolution: a product whose rows are what lies under the window.

use super::{area, MissingInput, Operand, Segment, Source};
use crate::{
	layout::{Layout, Tile, TILE},
	program::Window,
	tensor::Data,
};
use alloc::vec::Vec;

/// `x = [[[[1], [2], [3]]]]`, weights `[[10, 1]]` of size `[1, 2]`, one pixel of padding at the left, `zero = 5`:
/// `[[[[51], [12], [23]]]]`.
pub(super) fn convolution<S: Source>(
	x: &Operand<'_, S>,
	weights: &Operand<'_, S>,
	window: &Window,
	groups: u32,
	zero: i8,
	result: &Layout,
	tile: &Tile,
) -> Result<Data, MissingInput> {
	let per = |channels: u32| channels.checked_div(groups).ok_or(MissingInput);
	let (inputs, outputs) = (per(x.layout.cols)?, per(weights.layout.rows)?);
	// A matrix of the result is one row of one image's outputs.
	let heights = image_heights(x, result)?;
	let image = tile.matrix.checked_div(heights.1).ok_or(MissingInput)?;
	let line = tile.matrix.checked_rem(heights.1).ok_or(MissingInput)?;
	let taps: Vec<Vec<i32>> = (tile.col..)
		.take(tile.cols as usize)
		.map(|output| weights.line(0, output))
		.collect::<Result<_, _>>()?;
	let group_of = |output: u32| output.checked_div(outputs).ok_or(MissingInput);
	let last = tile.col.saturating_add(tile.cols).saturating_sub(1);
	let (first_group, last_group) = (group_of(tile.col)?, group_of(last)?);
	let mut out = Vec::with_capacity(area(tile));
	for column in (tile.row..).take(tile.rows as usize) {
		// What the window shows, one list of values for each group that this tile's outputs belong to.
		let mut seen = Vec::new();
		for group in first_group..=last_group {
			let channels =
				group.saturating_mul(inputs)..group.saturating_add(1).saturating_mul(inputs);
			let mut patch = Vec::with_capacity(weights.layout.cols as usize);
			for i in 0..u32::from(window.size[0]) {
				let row = window.down().element(line, i, heights.0);
				for j in 0..u32::from(window.size[1]) {
					let col = window.across().element(column, j, x.layout.rows);
					match row.zip(col) {
						Some((row, col)) => {
							let matrix = image.saturating_mul(heights.0).saturating_add(row);
							pixel(x, matrix, col, channels.clone(), &mut patch)?;
						},
						None => {
							let more = patch.len().saturating_add(inputs as usize);
							patch.resize(more, i32::from(zero));
						},
					}
				}
			}
			seen.push(patch);
		}
		for (output, taps) in (tile.col..).zip(&taps) {
			let group = group_of(output)?.saturating_sub(first_group) as usize;
			let patch = seen.get(group).ok_or(MissingInput)?;
			out.push(
				patch
					.iter()
					.zip(taps)
					.fold(0i32, |sum, (&v, &w)| sum.wrapping_add(v.wrapping_mul(w))),
			);
		}
	}
	Ok(Data::I32(out))
}

/// Heights of the images of `x` and of the result, which has as many images.
pub(super) fn image_heights<S: Source>(
	x: &Operand<'_, S>,
	result: &Layout,
) -> Result<(u32, u32), MissingInput> {
	let (Some(&images), Some(&height)) = (x.ty.dims.first(), x.ty.dims.get(1)) else {
		return Err(MissingInput);
	};
	Ok((height, result.matrices.checked_div(images).ok_or(MissingInput)?))
}

/// Appends some channels of one pixel.
fn pixel<S: Source>(
	x: &Operand<'_, S>,
	matrix: u32,
	row: u32,
	channels: core::ops::Range<u32>,
	to: &mut Vec<i32>,
) -> Result<(), MissingInput> {
	let mut at = channels.start;
	while at < channels.end {
		let Segment::I8(values) = x.segment(matrix, row, at / TILE)? else {
			return Err(MissingInput);
		};
		let from = at % TILE;
		let end = channels.end.saturating_sub(at).saturating_add(from).min(TILE);
		let values = values.get(from as usize..end as usize).ok_or(MissingInput)?;
		to.extend(values.iter().map(|&v| i32::from(v)));
		at = at.saturating_add(end.saturating_sub(from));
	}
	Ok(())
}
