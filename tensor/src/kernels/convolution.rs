// SPDX-License-Identifier: Apache-2.0
//! Convolution: a product whose rows are what lies under the window.

use super::{area, products::accumulate, MissingInput, Operand, Segment, Source};
use crate::{
	layout::{Layout, Tile, TILE},
	program::Window,
	tensor::Data,
};
use alloc::{vec, vec::Vec};
use core::ops::Range;

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
	let view = View { x, window, zero, at: ImageRow::of(x, result, tile)? };
	let end = tile.col.saturating_add(tile.cols);
	let group_of = |output: u32| output.checked_div(outputs).ok_or(MissingInput);
	let (first, last) = (group_of(tile.col)?, group_of(end.saturating_sub(1))?);
	let base = first.saturating_mul(inputs);
	let channels = base..last.saturating_add(1).saturating_mul(inputs);
	let met = channels.len();
	let columns = (tile.row..).take(tile.rows as usize);
	let taps: Vec<Vec<i8>> =
		(tile.col..end).map(|output| weights.bytes(0, output)).collect::<Result<_, _>>()?;
	let length = met.saturating_mul(window.taps() as usize);
	let seen: Vec<Vec<i8>> = columns
		.map(|column| view.patch(column, channels.clone(), length))
		.collect::<Result<_, _>>()?;
	let mut sums = vec![0; area(tile)];
	if first == last {
		accumulate(&slices(&seen), &slices(&taps), &mut sums);
		return Ok(Data::I32(sums));
	}
	// Where the channels of each output begin among those that are seen.
	let from: Vec<usize> = (tile.col..end)
		.map(|output| Ok(group_of(output)?.saturating_sub(first).saturating_mul(inputs) as usize))
		.collect::<Result<_, _>>()?;
	for (seen, sums) in seen.iter().zip(sums.chunks_exact_mut(tile.cols as usize)) {
		for ((sum, taps), &from) in sums.iter_mut().zip(&taps).zip(&from) {
			*sum = grouped(seen, met, taps, inputs as usize, from);
		}
	}
	Ok(Data::I32(sums))
}

/// The sum over all taps of `inputs` channels from `from` on, of `met` that are seen at each tap.
fn grouped(seen: &[i8], met: usize, taps: &[i8], inputs: usize, from: usize) -> i32 {
	let pixels = seen.chunks_exact(met.max(1)).zip(taps.chunks_exact(inputs.max(1)));
	pixels.fold(0i32, |sum, (pixel, taps)| {
		let terms = pixel.iter().skip(from).zip(taps);
		terms.fold(sum, |sum, (&x, &w)| sum.wrapping_add(i32::from(x).wrapping_mul(w.into())))
	})
}

fn slices(lines: &[Vec<i8>]) -> Vec<&[i8]> {
	lines.iter().map(Vec::as_slice).collect()
}

/// What the windows of one row of outputs look at.
struct View<'a, 'b, S> {
	x: &'a Operand<'b, S>,
	window: &'a Window,
	zero: i8,
	at: ImageRow,
}

impl<S: Source> View<'_, '_, S> {
	/// What the window of output `column` shows of some channels, `length` elements in the order of the weights.
	fn patch(
		&self,
		column: u32,
		channels: Range<u32>,
		length: usize,
	) -> Result<Vec<i8>, MissingInput> {
		let [rows, cols] = self.window.size.map(u32::from);
		let mut patch = Vec::with_capacity(length);
		for i in 0..rows {
			let row = self.window.down().element(self.at.line, i, self.at.height);
			for j in 0..cols {
				let col = self.window.across().element(column, j, self.x.layout.rows);
				match row.zip(col) {
					Some((row, col)) => {
						let matrix = self.at.matrix(row);
						pixel(self.x, matrix, col, channels.clone(), &mut patch)?;
					},
					None => {
						let more = patch.len().saturating_add(channels.len());
						patch.resize(more, self.zero);
					},
				}
			}
		}
		Ok(patch)
	}
}

/// The row of an image's outputs that a tile lies in: a matrix of the result is one such row.
#[derive(Clone, Copy)]
pub(super) struct ImageRow {
	/// Rows of an image of the operand.
	pub height: u32,
	/// Which image.
	pub image: u32,
	/// Row of the outputs within their image.
	pub line: u32,
}

impl ImageRow {
	/// Where `tile` of `result` lies, which has as many images as `x`.
	pub fn of<S: Source>(
		x: &Operand<'_, S>,
		result: &Layout,
		tile: &Tile,
	) -> Result<Self, MissingInput> {
		let (Some(&images), Some(&height)) = (x.ty.dims.first(), x.ty.dims.get(1)) else {
			return Err(MissingInput);
		};
		let lines = result.matrices.checked_div(images).ok_or(MissingInput)?;
		let image = tile.matrix.checked_div(lines).ok_or(MissingInput)?;
		let line = tile.matrix.checked_rem(lines).ok_or(MissingInput)?;
		Ok(Self { height, image, line })
	}

	/// The matrix of `x` that holds a row of this image.
	pub fn matrix(&self, row: u32) -> u32 {
		self.image.saturating_mul(self.height).saturating_add(row)
	}
}

/// Appends some channels of one pixel.
fn pixel<S: Source>(
	x: &Operand<'_, S>,
	matrix: u32,
	row: u32,
	channels: Range<u32>,
	to: &mut Vec<i8>,
) -> Result<(), MissingInput> {
	let mut at = channels.start;
	while at < channels.end {
		let Segment::I8(values) = x.segment(matrix, row, at / TILE)? else {
			return Err(MissingInput);
		};
		let from = at % TILE;
		let end = channels.end.saturating_sub(at).saturating_add(from).min(TILE);
		let values = values.get(from as usize..end as usize).ok_or(MissingInput)?;
		to.extend_from_slice(values);
		at = at.saturating_add(end.saturating_sub(from));
	}
	Ok(())
}
