// SPDX-License-Identifier: Apache-2.0
//! Operations that reduce each row to one element.

use super::{narrow, MissingInput, Operand, Source};
use crate::{layout::Tile, tensor::Data};
use alloc::vec::Vec;

/// Greatest element of each row and the lowest index at which it stands.
fn maxima<S: Source>(x: &Operand<'_, S>, tile: &Tile) -> Result<Vec<(i32, i32)>, MissingInput> {
	(tile.row..)
		.take(tile.rows as usize)
		.map(|row| {
			let mut best: Option<(i32, i32)> = None;
			let mut index = 0i32;
			for tile_col in 0..x.layout.tile_cols() {
				let segment = x.segment(tile.matrix, row, tile_col)?;
				for i in 0..segment.len() {
					let value = segment.get(i).ok_or(MissingInput)?;
					if best.is_none_or(|(greatest, _)| value > greatest) {
						best = Some((value, index));
					}
					index = index.wrapping_add(1);
				}
			}
			best.ok_or(MissingInput)
		})
		.collect()
}

/// `[[3, 9, 9]]` gives `[[9]]`.
pub(super) fn row_max<S: Source>(x: &Operand<'_, S>, tile: &Tile) -> Result<Data, MissingInput> {
	Ok(narrow(x.ty.dtype, maxima(x, tile)?.into_iter().map(|(value, _)| value).collect()))
}

/// `[[3, 9, 9]]` gives `[[1]]`: among equals the lowest index wins.
pub(super) fn arg_max<S: Source>(x: &Operand<'_, S>, tile: &Tile) -> Result<Data, MissingInput> {
	Ok(Data::I32(maxima(x, tile)?.into_iter().map(|(_, index)| index).collect()))
}
