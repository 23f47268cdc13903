// SPDX-License-Identifier: Apache-2.0
//! Operations that move elements without changing them.

use super::{narrow, MissingInput, Operand, Source};
use crate::{
	layout::{Layout, Tile},
	tensor::Data,
};
use alloc::vec::Vec;

/// The result's element at row-major index `e` comes from `x`'s element at index `from(e)`.
fn gather<S: Source>(
	x: &Operand<'_, S>,
	result: &Layout,
	tile: &Tile,
	from: impl Fn(u64) -> u64,
) -> Result<Data, MissingInput> {
	let mut out = Vec::with_capacity((tile.rows as usize).saturating_mul(tile.cols as usize));
	for row in (tile.row..).take(tile.rows as usize) {
		for col in (tile.col..).take(tile.cols as usize) {
			let (m, r, c) = x.layout.position(from(result.element(tile.matrix, row, col)));
			out.push(x.at(m, r, c)?);
		}
	}
	Ok(narrow(x.ty.dtype, out))
}

/// `[1, 2, 3, 4, 5, 6]` as `[2, 3]` is `[[1, 2, 3], [4, 5, 6]]`.
pub(super) fn reshape<S: Source>(
	x: &Operand<'_, S>,
	result: &Layout,
	tile: &Tile,
) -> Result<Data, MissingInput> {
	gather(x, result, tile, |element| element)
}

/// `[[1, 2, 3], [4, 5, 6]]` with permutation `[1, 0]` is `[[1, 4], [2, 5], [3, 6]]`.
pub(super) fn transpose<S: Source>(
	x: &Operand<'_, S>,
	perm: &[u8],
	result: &Layout,
	tile: &Tile,
) -> Result<Data, MissingInput> {
	// Row-major strides of the operand, innermost last.
	let mut strides = Vec::with_capacity(x.ty.dims.len());
	let mut stride = 1u64;
	for &d in x.ty.dims.iter().rev() {
		strides.push(stride);
		stride = stride.saturating_mul(u64::from(d));
	}
	strides.reverse();
	// For each dimension of the result, innermost first: its length and how far one step goes in the operand.
	let steps: Vec<(u64, u64)> = perm
		.iter()
		.rev()
		.filter_map(|&d| {
			let d = usize::from(d);
			Some((u64::from(*x.ty.dims.get(d)?), *strides.get(d)?))
		})
		.collect();
	gather(x, result, tile, |element| {
		let mut rest = element;
		steps.iter().fold(0u64, |at, &(length, step)| {
			let coordinate = rest.checked_rem(length).unwrap_or_default();
			rest = rest.checked_div(length).unwrap_or_default();
			at.saturating_add(coordinate.saturating_mul(step))
		})
	})
}
