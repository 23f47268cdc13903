// SPDX-License-Identifier: Apache-2.0
//! Sums of products of rows and columns, which matrix products and convolutions share.
//!
//! The runtime judges tiles of 64 by 64 sums over up to 16,384 terms, in Wasm without SIMD. So one 64-bit multiplication
//! serves three columns: their elements lie 21 bits apart in one number, and the sum of 32 products, at most
//! `32 * 2^14 = 2^19` in size, stays within its 21 bits.

use alloc::{vec, vec::Vec};

/// Columns that one multiplication serves.
const LANES: usize = 3;
/// Bits of one lane.
const LANE_BITS: u32 = 21;
/// Terms after which lanes are emptied.
const STRETCH: usize = 32;

/// Adds to `sums[m][n]` the product of row `m` and column `n`, wrapping; `sums` has a line of `columns.len()` for each
/// row. A row and a column are multiplied as far as the shorter of them goes.
pub(super) fn accumulate(rows: &[&[i8]], columns: &[&[i8]], sums: &mut [i32]) {
	let length = rows.iter().map(|row| row.len()).max().unwrap_or_default();
	let mut packed: Vec<i64> = vec![0; length];
	for (group, lanes) in columns.chunks(LANES).enumerate() {
		pack(lanes, &mut packed);
		let lines = sums.chunks_exact_mut(columns.len().max(1));
		for (row, line) in rows.iter().zip(lines) {
			let line = line.iter_mut().skip(group.saturating_mul(LANES)).take(lanes.len());
			multiply(row, &packed, line);
		}
	}
}

/// Puts the elements of up to three columns beside each other; what a column lacks is zero.
fn pack(columns: &[&[i8]], packed: &mut [i64]) {
	packed.fill(0);
	for (lane, column) in (0u32..).zip(columns) {
		let place = lane.saturating_mul(LANE_BITS);
		for (packed, &x) in packed.iter_mut().zip(*column) {
			*packed = packed.wrapping_add(i64::from(x).wrapping_shl(place));
		}
	}
}

fn multiply<'a>(row: &[i8], packed: &[i64], sums: impl Iterator<Item = &'a mut i32>) {
	let mut lanes = [0i32; LANES];
	for (row, packed) in row.chunks(STRETCH).zip(packed.chunks(STRETCH)) {
		let mut total = row
			.iter()
			.zip(packed)
			.fold(0i64, |total, (&x, &y)| total.wrapping_add(i64::from(x).wrapping_mul(y)));
		for lane in &mut lanes {
			// The lowest lane with its sign; what it borrowed from the next is given back by the subtraction.
			let unused = i64::BITS.wrapping_sub(LANE_BITS);
			let lowest = total.wrapping_shl(unused).wrapping_shr(unused);
			*lane = lane.wrapping_add(lowest as i32);
			total = total.wrapping_sub(lowest).wrapping_shr(LANE_BITS);
		}
	}
	for (sum, lane) in sums.zip(lanes) {
		*sum = sum.wrapping_add(lane);
	}
}
