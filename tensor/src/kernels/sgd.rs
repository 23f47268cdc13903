// SPDX-License-Identifier: Apache-2.0
//! Stochastic gradient descent with stochastic rounding.
//!
//! The random numbers are those of Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2,
//! 3", 2011), which needs no state: every element computes its own.

use super::{area, MissingInput, Operand, Source};
use crate::{
	layout::{Tile, TILE},
	tensor::Data,
};
use alloc::vec::Vec;

/// `w - ((g + r) >> shift)`: with `shift = 0`, `w = [5]` and `g = [7]` give `[-2]`.
pub(super) fn sgd_step<S: Source>(
	w: &Operand<'_, S>,
	g: &Operand<'_, S>,
	seed: &Operand<'_, S>,
	step: &Operand<'_, S>,
	shift: u8,
	tile: &Tile,
) -> Result<Data, MissingInput> {
	let key = [seed.element(0)? as u32, seed.element(1)? as u32];
	let step = step.element(0)? as u32;
	let shift = u32::from(shift);
	let mask = 1u32.checked_shl(shift).ok_or(MissingInput)?.wrapping_sub(1);
	let mut out = Vec::with_capacity(area(tile));
	for row in (tile.row..).take(tile.rows as usize) {
		let weights = w.segment(tile.matrix, row, tile.col / TILE)?.i32s().ok_or(MissingInput)?;
		let slopes = g.segment(tile.matrix, row, tile.col / TILE)?.i32s().ok_or(MissingInput)?;
		for (col, (&weight, &slope)) in (tile.col..).zip(weights.iter().zip(slopes)) {
			let index = w.layout.element(tile.matrix, row, col);
			// A tensor has at most 2^32 elements, so a quarter of the index fits u32.
			let block = philox([(index >> 2) as u32, 0, step, 0], key);
			let word = block.get((index & 3) as usize).ok_or(MissingInput)?;
			let dithered = slope.wrapping_add((word & mask) as i32);
			out.push(weight.wrapping_sub(dithered.wrapping_shr(shift)));
		}
	}
	Ok(Data::I32(out))
}

/// Philox4x32-10: four random words from a counter and a key.
pub(crate) fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
	for _ in 0..10 {
		let [a, b, c, d] = counter;
		let left = u64::from(a).wrapping_mul(0xd251_1f53);
		let right = u64::from(c).wrapping_mul(0xcd9e_8d57);
		let [low, high] = key;
		let upper = |x: u64| (x >> 32) as u32;
		counter = [upper(right) ^ b ^ low, right as u32, upper(left) ^ d ^ high, left as u32];
		key = [low.wrapping_add(0x9e37_79b9), high.wrapping_add(0xbb67_ae85)];
	}
	counter
}

#[cfg(test)]
mod tests {
	use super::philox;

	/// The known answers of the authors' Random123 distribution.
	#[test]
	fn philox_gives_the_known_answers() {
		assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
		assert_eq!(
			philox([u32::MAX; 4], [u32::MAX; 2]),
			[0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
		);
		assert_eq!(
			philox(
				[0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
				[0xa409_3822, 0x299f_31d0]
			),
			[0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
		);
	}
}
