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
/// Rows that are multiplied at once, so that a packed number is loaded once for all of them.
const ROWS: usize = 4;

/// Adds to `sums[m][n]` the product of row `m` and column `n`, wrapping; `sums` has a line of `columns.len()` for each
/// row. All rows and columns have the same length.
pub(super) fn accumulate(rows: &[&[i8]], columns: &[&[i8]], sums: &mut [i32]) {
	let length = rows.first().map(|row| row.len()).unwrap_or_default();
	let zeros = vec![0i8; length];
	let mut packed: Vec<i64> = vec![0; length];
	let line = columns.len().max(1);
	for (group, lanes) in columns.chunks(LANES).enumerate() {
		pack(lanes, &mut packed);
		let some = rows.chunks(ROWS).zip(sums.chunks_mut(line.saturating_mul(ROWS)));
		for (rows, lines) in some {
			// Rows that are missing at the end count as zeros, and what they give is dropped.
			let row = |i: usize| rows.get(i).copied().unwrap_or(&zeros);
			let products = multiply([row(0), row(1), row(2), row(3)], &packed);
			for (line, products) in lines.chunks_exact_mut(line).zip(products) {
				let sums = line.iter_mut().skip(group.saturating_mul(LANES));
				for (sum, product) in sums.zip(products).take(lanes.len()) {
					*sum = sum.wrapping_add(product);
				}
			}
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

/// The products of each row with the three columns.
fn multiply(rows: [&[i8]; ROWS], packed: &[i64]) -> [[i32; LANES]; ROWS] {
	let mut products = [[0i32; LANES]; ROWS];
	let [first, second, third, fourth] = rows.map(|row| row.chunks(STRETCH));
	let stretches = first.zip(second).zip(third.zip(fourth)).zip(packed.chunks(STRETCH));
	for (((a, b), (c, d)), packed) in stretches {
		let terms = a.iter().zip(b).zip(c.iter().zip(d)).zip(packed);
		let totals = terms.fold([0i64; ROWS], |totals, (((&a, &b), (&c, &d)), &y)| {
			let [p, q, r, s] = totals;
			let add = |sum: i64, x: i8| sum.wrapping_add(i64::from(x).wrapping_mul(y));
			[add(p, a), add(q, b), add(r, c), add(s, d)]
		});
		for (mut total, lanes) in totals.into_iter().zip(&mut products) {
			for lane in lanes {
				// The lowest lane with its sign; what it borrowed from the next is given back by the subtraction.
				let unused = i64::BITS.wrapping_sub(LANE_BITS);
				let lowest = total.wrapping_shl(unused).wrapping_shr(unused);
				*lane = lane.wrapping_add(lowest as i32);
				total = total.wrapping_sub(lowest).wrapping_shr(LANE_BITS);
			}
		}
	}
	products
}
