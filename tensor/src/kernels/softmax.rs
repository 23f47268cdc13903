// SPDX-License-Identifier: Apache-2.0
//! Softmax by table, and the gradient of its cross entropy.

use super::{area, narrow, MissingInput, Operand, Source};
use crate::{
	layout::{Tile, TILE},
	tensor::Data,
	types::DType,
};
use alloc::vec::Vec;

/// What a probability of one is in the result of a softmax.
const ONE: u32 = 127;
/// What it is in a gradient: 127 * 256.
const FINE_ONE: u32 = 32_512;

/// With the table `[32768, 16384, ..]`, `[[0, -1]]` gives `[[85, 42]]`.
pub(super) fn softmax<S: Source>(
	x: &Operand<'_, S>,
	table: &[u16],
	tile: &Tile,
) -> Result<Data, MissingInput> {
	let mut out = Vec::with_capacity(area(tile));
	for row in (tile.row..).take(tile.rows as usize) {
		out.extend(shares(x, table, tile, row, ONE)?);
	}
	Ok(narrow(DType::I8, out))
}

/// With that table, `[[0, -1]]` and the target `[[127, 0]]` give `[[-10837, 10837]]`.
pub(super) fn gradient<S: Source>(
	x: &Operand<'_, S>,
	target: &Operand<'_, S>,
	table: &[u16],
	tile: &Tile,
) -> Result<Data, MissingInput> {
	let mut out = Vec::with_capacity(area(tile));
	for row in (tile.row..).take(tile.rows as usize) {
		let shares = shares(x, table, tile, row, FINE_ONE)?;
		let wanted = target.segment(tile.matrix, row, tile.col / TILE)?;
		let wanted = wanted.i8s().ok_or(MissingInput)?;
		let less =
			|(share, &want): (i32, &i8)| share.wrapping_sub(i32::from(want).wrapping_mul(256));
		out.extend(shares.into_iter().zip(wanted).map(less));
	}
	Ok(Data::I32(out))
}

/// `(e * one + S / 2) / S` for the elements of one row that lie in the tile.
fn shares<S: Source>(
	x: &Operand<'_, S>,
	table: &[u16],
	tile: &Tile,
	row: u32,
	one: u32,
) -> Result<Vec<i32>, MissingInput> {
	let line = x.line(tile.matrix, row)?;
	let greatest = line.iter().copied().max().ok_or(MissingInput)?;
	let weight = |v: i32| {
		let at = usize::try_from(greatest.wrapping_sub(v)).map_err(|_| MissingInput)?;
		table.get(at).map(|&e| u32::from(e)).ok_or(MissingInput)
	};
	// At most 8,192 weights below 2^16 each: below 2^29. At least the weight of the greatest, which is not zero.
	let sum = line.iter().try_fold(0u32, |sum, &v| Ok(sum.saturating_add(weight(v)?)))?;
	line.iter()
		.skip(tile.col as usize)
		.take(tile.cols as usize)
		.map(|&v| {
			// Below 2^16 * 2^15, and half of the sum below 2^28: fits u32.
			let numerator = weight(v)?.saturating_mul(one).saturating_add(sum / 2);
			numerator.checked_div(sum).map(|share| share as i32).ok_or(MissingInput)
		})
		.collect()
}
