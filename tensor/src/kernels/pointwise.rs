// SPDX-License-Identifier: Apache-2.0
//! Operations that look at one element at a time.

use super::{narrow, MissingInput, Operand, Segment, Source};
use crate::{
	layout::{Tile, TILE},
	program::Scale,
	tensor::Data,
	types::DType,
};
use alloc::vec::Vec;

/// Applies `f(column, x)` to each element of a tile.
fn each<S: Source>(
	x: &Operand<'_, S>,
	tile: &Tile,
	mut f: impl FnMut(u32, i32) -> i32,
) -> Result<Vec<i32>, MissingInput> {
	let mut out = Vec::with_capacity((tile.rows as usize).saturating_mul(tile.cols as usize));
	for row in (tile.row..).take(tile.rows as usize) {
		let segment = x.segment(tile.matrix, row, tile.col / TILE)?;
		match segment {
			Segment::I8(s) => out.extend((tile.col..).zip(s).map(|(c, &v)| f(c, i32::from(v)))),
			Segment::I32(s) => out.extend((tile.col..).zip(s).map(|(c, &v)| f(c, v))),
		}
	}
	Ok(out)
}

/// `a + b`, wrapping. `b` has `a`'s dimensions or is one row: `[[1, 2], [3, 4]] + [10, 20] = [[11, 22], [13, 24]]`.
pub(super) fn add<S: Source>(
	a: &Operand<'_, S>,
	b: &Operand<'_, S>,
	tile: &Tile,
) -> Result<Data, MissingInput> {
	let broadcast = a.ty.dims != b.ty.dims;
	let mut out = Vec::with_capacity((tile.rows as usize).saturating_mul(tile.cols as usize));
	for row in (tile.row..).take(tile.rows as usize) {
		let left = a.segment(tile.matrix, row, tile.col / TILE)?;
		let (matrix, row) = if broadcast { (0, 0) } else { (tile.matrix, row) };
		let right = b.segment(matrix, row, tile.col / TILE)?;
		let (left, right) = (left.i32s().ok_or(MissingInput)?, right.i32s().ok_or(MissingInput)?);
		out.extend(left.iter().zip(right).map(|(x, y)| x.wrapping_add(*y)));
	}
	Ok(Data::I32(out))
}

/// Fixed-point rescaling to i8: `x = 100, multiplier = 3, shift = 2, zero = 1` gives `1 + (300 + 2 >> 2) = 76`.
pub(super) fn requant<S: Source>(
	x: &Operand<'_, S>,
	zero: i8,
	scales: &[Scale],
	tile: &Tile,
) -> Result<Data, MissingInput> {
	let single = scales.first().filter(|_| scales.len() == 1).copied();
	let mut fault = false;
	let values = each(x, tile, |col, v| {
		let scale = single.or_else(|| scales.get(col as usize).copied());
		scale.map(|s| requant_one(v, zero, s)).unwrap_or_else(|| {
			fault = true;
			0
		})
	})?;
	if fault {
		return Err(MissingInput);
	}
	Ok(narrow(DType::I8, values))
}

/// One element of Requant. Nothing here can overflow: `|x * multiplier| < 2^62` and the rounding term is at most `2^61`.
fn requant_one(x: i32, zero: i8, scale: Scale) -> i32 {
	let half = 1i64.wrapping_shl(u32::from(scale.shift).wrapping_sub(1));
	let product = i64::from(x).wrapping_mul(i64::from(scale.multiplier)).wrapping_add(half);
	let shifted = product.wrapping_shr(u32::from(scale.shift));
	i64::from(zero).wrapping_add(shifted).clamp(-128, 127) as i32
}

/// `min(max(x, low), high)`; Relu is the case `low = 0` without an upper bound.
pub(super) fn clamp<S: Source>(
	x: &Operand<'_, S>,
	low: i32,
	high: i32,
	tile: &Tile,
) -> Result<Data, MissingInput> {
	Ok(narrow(x.ty.dtype, each(x, tile, |_, v| v.max(low).min(high))?))
}

/// `table[x + 128]`.
pub(super) fn lookup<S: Source>(
	x: &Operand<'_, S>,
	table: &[i8],
	tile: &Tile,
) -> Result<Data, MissingInput> {
	let values = each(x, tile, |_, v| {
		table.get(v.wrapping_add(128) as usize).copied().map(i32::from).unwrap_or_default()
	})?;
	Ok(narrow(DType::I8, values))
}
