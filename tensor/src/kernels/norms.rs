// SPDX-License-Identifier: Apache-2.0
//! Normalisation of rows, in integers: a 32-bit square root and its reciprocal, both rounded down.

use super::{
	area, narrow,
	pointwise::{fixed_point, requant_one, Scales},
	MissingInput, Operand, Source,
};
use crate::{layout::Tile, program::Scale, tensor::Data, types::DType};
use alloc::vec::Vec;

/// `[[3, -4]]`, `eps = 1`, scale `1 / 2^9` gives `[[38, -50]]`.
pub(super) fn rms_norm<S: Source>(
	x: &Operand<'_, S>,
	eps: u32,
	zero: i8,
	scales: &[Scale],
	tile: &Tile,
) -> Result<Data, MissingInput> {
	normalise(x, zero, scales, tile, |line| {
		let squares = sum_of_squares(line);
		let factor = inverse_root(squares.saturating_add(u64::from(eps)))?;
		Some((1, 0, factor))
	})
}

/// `[[3, -4]]`, `eps = 1`, scale `1 / 2^9` gives `[[63, -63]]`.
pub(super) fn layer_norm<S: Source>(
	x: &Operand<'_, S>,
	eps: u32,
	zero: i8,
	scales: &[Scale],
	tile: &Tile,
) -> Result<Data, MissingInput> {
	normalise(x, zero, scales, tile, |line| {
		let n = i32::try_from(line.len()).ok()?;
		let sum = line.iter().fold(0i32, |sum, &v| sum.wrapping_add(v));
		// At most 2^13 * 2^27; never below the square of the sum.
		let spread = sum_of_squares(line).saturating_mul(u64::from(n.unsigned_abs()));
		let square = u64::from(sum.unsigned_abs()).saturating_mul(u64::from(sum.unsigned_abs()));
		let variance = spread.checked_sub(square)?.saturating_add(u64::from(eps));
		Some((n, sum, inverse_root(variance)?))
	})
}

/// Requant of `(n * x - sum) * factor`, where `f` finds the three for each row.
fn normalise<S: Source>(
	x: &Operand<'_, S>,
	zero: i8,
	scales: &[Scale],
	tile: &Tile,
	f: impl Fn(&[i32]) -> Option<(i32, i32, Scale)>,
) -> Result<Data, MissingInput> {
	let scales = Scales(scales);
	let mut out = Vec::with_capacity(area(tile));
	for row in (tile.row..).take(tile.rows as usize) {
		let line = x.line(tile.matrix, row)?;
		let (n, sum, factor) = f(&line).ok_or(MissingInput)?;
		let part = line.iter().skip(tile.col as usize).take(tile.cols as usize);
		for (col, &v) in (tile.col..).zip(part) {
			// Below 2^21, and below 2^22 once it is divided: fits i32.
			let centred = n.wrapping_mul(v).wrapping_sub(sum);
			let normal = fixed_point(centred, factor) as i32;
			out.push(requant_one(normal, zero, scales.of(col)?));
		}
	}
	Ok(narrow(DType::I8, out))
}

fn sum_of_squares(line: &[i32]) -> u64 {
	line.iter().fold(0u64, |sum, &v| {
		let v = u64::from(v.unsigned_abs());
		sum.saturating_add(v.saturating_mul(v))
	})
}

/// `2^15 / sqrt(u)` as a multiplier and a shift; `None` for 0, which epsilon excludes, or beyond 2^62.
fn inverse_root(u: u64) -> Option<Scale> {
	let highest = i32::try_from(u.checked_ilog2()?).ok()?;
	// The even number of places by which the highest bit comes to stand at 30 or 31.
	let places = 31i32.checked_sub(highest)? & !1;
	let w = if places >= 0 {
		u.checked_shl(places.unsigned_abs())?
	} else {
		u.checked_shr(places.unsigned_abs())?
	};
	let root = u32::try_from(w.isqrt()).ok()?;
	let multiplier = (1u32 << 31).checked_div(root)?;
	let shift = u8::try_from(16i32.checked_sub(places >> 1)?).ok()?;
	Some(Scale { multiplier, shift })
}
