// SPDX-License-Identifier: Apache-2.0
//! Matrix product: `out[m][n] = sum over k of a[m][k] * b[n][k]`.
//!
//! With `a = [[1, 2]]` and `b = [[3, 4], [5, -6]]` the result is `[[1*3 + 2*4, 1*5 - 2*6]] = [[11, -7]]`.

use super::{MissingInput, Operand, Source};
use crate::{layout::Tile, tensor::Data};
use alloc::{vec, vec::Vec};

pub(super) fn matmul<S: Source>(
	a: &Operand<'_, S>,
	b: &Operand<'_, S>,
	tile: &Tile,
) -> Result<Data, MissingInput> {
	// A `b` of rank 2 is shared by all matrices of `a`.
	let b_matrix = if b.layout.matrices == 1 { 0 } else { tile.matrix };
	let cols = tile.cols as usize;
	let mut out: Vec<i32> = vec![0; (tile.rows as usize).saturating_mul(cols)];
	for tile_k in 0..a.layout.tile_cols() {
		let columns: Vec<&[i8]> = (tile.col..)
			.take(cols)
			.map(|n| b.segment(b_matrix, n, tile_k)?.i8s().ok_or(MissingInput))
			.collect::<Result<_, _>>()?;
		for (m, sums) in (tile.row..).zip(out.chunks_exact_mut(cols)) {
			let row = a.segment(tile.matrix, m, tile_k)?.i8s().ok_or(MissingInput)?;
			for (sum, column) in sums.iter_mut().zip(&columns) {
				*sum = sum.wrapping_add(dot(row, column));
			}
		}
	}
	Ok(Data::I32(out))
}

fn dot(a: &[i8], b: &[i8]) -> i32 {
	a.iter()
		.zip(b)
		.fold(0i32, |sum, (&x, &y)| sum.wrapping_add(i32::from(x).wrapping_mul(i32::from(y))))
}
