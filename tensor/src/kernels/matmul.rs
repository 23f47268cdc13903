// SPDX-License-Identifier: Apache-2.0
//! Matrix product: `out[m][n] = sum over k of a[m][k] * b[n][k]`.
//!
//! With `a = [[1, 2]]` and `b = [[3, 4], [5, -6]]` the result is `[[1*3 + 2*4, 1*5 - 2*6]] = [[11, -7]]`.

use super::{area, products::accumulate, MissingInput, Operand, Source};
use crate::{layout::Tile, tensor::Data};
use alloc::{vec, vec::Vec};

pub(super) fn matmul<S: Source>(
	a: &Operand<'_, S>,
	b: &Operand<'_, S>,
	tile: &Tile,
) -> Result<Data, MissingInput> {
	// A `b` of rank 2 is shared by all matrices of `a`.
	let b_matrix = if b.layout.matrices == 1 { 0 } else { tile.matrix };
	let mut sums = vec![0; area(tile)];
	for tile_k in 0..a.layout.tile_cols() {
		let rows = segments(a, tile.matrix, tile.row, tile.rows, tile_k)?;
		let columns = segments(b, b_matrix, tile.col, tile.cols, tile_k)?;
		accumulate(&rows, &columns, &mut sums);
	}
	Ok(Data::I32(sums))
}

/// The parts of so many rows that lie in one column of tiles.
fn segments<'a, S: Source>(
	x: &Operand<'a, S>,
	matrix: u32,
	first: u32,
	count: u32,
	tile_col: u32,
) -> Result<Vec<&'a [i8]>, MissingInput> {
	(first..)
		.take(count as usize)
		.map(|row| x.segment(matrix, row, tile_col)?.i8s().ok_or(MissingInput))
		.collect()
}
