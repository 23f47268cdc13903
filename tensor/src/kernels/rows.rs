// SPDX-License-Identifier: Apache-2.0
//! Operations that reduce each row to one element.

use super::{narrow, MissingInput, Operand, Source};
use crate::{layout::Tile, tensor::Data};
use alloc::vec::Vec;

/// Every row of the tile's operand, whole.
fn lines<'a, S: Source>(
	x: &'a Operand<'_, S>,
	tile: &Tile,
) -> impl Iterator<Item = Result<Vec<i32>, MissingInput>> + 'a {
	let matrix = tile.matrix;
	(tile.row..).take(tile.rows as usize).map(move |row| x.line(matrix, row))
}

/// Greatest element of each row and the lowest index at which it stands.
fn maxima<S: Source>(x: &Operand<'_, S>, tile: &Tile) -> Result<Vec<(i32, i32)>, MissingInput> {
	lines(x, tile)
		.map(|line| {
			let greatest =
				(0i32..).zip(line?).reduce(|best, next| if next.1 > best.1 { next } else { best });
			greatest.map(|(index, value)| (value, index)).ok_or(MissingInput)
		})
		.collect()
}

/// `[[3, 9, -2]]` gives `[[10]]`, wrapping.
pub(super) fn row_sum<S: Source>(x: &Operand<'_, S>, tile: &Tile) -> Result<Data, MissingInput> {
	let sum = |line: Vec<i32>| line.into_iter().fold(0i32, i32::wrapping_add);
	Ok(Data::I32(lines(x, tile).map(|line| line.map(sum)).collect::<Result<_, _>>()?))
}

/// `[[3, 9, 9]]` gives `[[9]]`.
pub(super) fn row_max<S: Source>(x: &Operand<'_, S>, tile: &Tile) -> Result<Data, MissingInput> {
	Ok(narrow(x.ty.dtype, maxima(x, tile)?.into_iter().map(|(value, _)| value).collect()))
}

/// `[[3, 9, 9]]` gives `[[1]]`: among equals the lowest index wins.
pub(super) fn arg_max<S: Source>(x: &Operand<'_, S>, tile: &Tile) -> Result<Data, MissingInput> {
	Ok(Data::I32(maxima(x, tile)?.into_iter().map(|(_, index)| index).collect()))
}
