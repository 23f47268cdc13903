// SPDX-License-Identifier: Apache-2.0
//! Operations that look at one element at a time.

use super::{area, narrow, MissingInput, Operand, Segment, Source};
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
	let mut out = Vec::with_capacity(area(tile));
	for row in (tile.row..).take(tile.rows as usize) {
		let segment = x.segment(tile.matrix, row, tile.col / TILE)?;
		match segment {
			Segment::I8(s) => out.extend((tile.col..).zip(s).map(|(c, &v)| f(c, i32::from(v)))),
			Segment::I32(s) => out.extend((tile.col..).zip(s).map(|(c, &v)| f(c, v))),
		}
	}
	Ok(out)
}

/// `f(a, b)` element by element. `b` has `a`'s dimensions or is one row: `[[1, 2], [3, 4]]` and `[10, 20]` give
/// `[[f(1, 10), f(2, 20)], [f(3, 10), f(4, 20)]]`.
pub(super) fn combine<S: Source>(
	a: &Operand<'_, S>,
	b: &Operand<'_, S>,
	tile: &Tile,
	f: impl Fn(i32, i32) -> i32,
) -> Result<Data, MissingInput> {
	let broadcast = a.ty.dims != b.ty.dims;
	let mut out = Vec::with_capacity(area(tile));
	for row in (tile.row..).take(tile.rows as usize) {
		let left = a.segment(tile.matrix, row, tile.col / TILE)?;
		let (matrix, row) = if broadcast { (0, 0) } else { (tile.matrix, row) };
		let right = b.segment(matrix, row, tile.col / TILE)?;
		match (left, right) {
			(Segment::I8(left), Segment::I8(right)) => {
				out.extend(left.iter().zip(right).map(|(&x, &y)| f(x.into(), y.into())));
			},
			(Segment::I32(left), Segment::I32(right)) => {
				out.extend(left.iter().zip(right).map(|(&x, &y)| f(x, y)));
			},
			_ => return Err(MissingInput),
		}
	}
	Ok(narrow(a.ty.dtype, out))
}

/// The scale of each column: one for all, or one each.
#[derive(Clone, Copy)]
pub(super) struct Scales<'a>(pub &'a [Scale]);

impl Scales<'_> {
	pub fn of(&self, column: u32) -> Result<Scale, MissingInput> {
		match self.0 {
			[single] => Ok(*single),
			each => each.get(column as usize).copied().ok_or(MissingInput),
		}
	}
}

/// Fixed-point rescaling to i8: `x = 100, multiplier = 3, shift = 2, zero = 1` gives `1 + (300 + 2 >> 2) = 76`.
pub(super) fn requant<S: Source>(
	x: &Operand<'_, S>,
	zero: i8,
	scales: &[Scale],
	tile: &Tile,
) -> Result<Data, MissingInput> {
	let values = scaled(x, scales, tile, |v, scale| requant_one(v, zero, scale))?;
	Ok(narrow(DType::I8, values))
}

/// Fixed-point rescaling that keeps the low 32 bits: `x = -100, multiplier = 3, shift = 2` gives `-300 + 2 >> 2 = -75`.
pub(super) fn rescale<S: Source>(
	x: &Operand<'_, S>,
	scales: &[Scale],
	tile: &Tile,
) -> Result<Data, MissingInput> {
	Ok(Data::I32(scaled(x, scales, tile, |v, scale| fixed_point(v, scale) as i32)?))
}

fn scaled<S: Source>(
	x: &Operand<'_, S>,
	scales: &[Scale],
	tile: &Tile,
	f: impl Fn(i32, Scale) -> i32,
) -> Result<Vec<i32>, MissingInput> {
	let scales: Vec<Scale> = (tile.col..)
		.take(tile.cols as usize)
		.map(|column| Scales(scales).of(column))
		.collect::<Result<_, _>>()?;
	let mut values = each(x, tile, |_, v| v)?;
	for line in values.chunks_mut(tile.cols as usize) {
		for (value, &scale) in line.iter_mut().zip(&scales) {
			*value = f(*value, scale);
		}
	}
	Ok(values)
}

/// One element of Requant.
pub(super) fn requant_one(x: i32, zero: i8, scale: Scale) -> i32 {
	i64::from(zero).wrapping_add(fixed_point(x, scale)).clamp(-128, 127) as i32
}

/// `(x * multiplier + 2^(shift-1)) >> shift`. Nothing here can overflow: `|x * multiplier| < 2^62` and the rounding term
/// is at most `2^61`.
pub(super) fn fixed_point(x: i32, scale: Scale) -> i64 {
	let half = 1i64.wrapping_shl(u32::from(scale.shift).wrapping_sub(1));
	let product = i64::from(x).wrapping_mul(i64::from(scale.multiplier)).wrapping_add(half);
	product.wrapping_shr(u32::from(scale.shift))
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
