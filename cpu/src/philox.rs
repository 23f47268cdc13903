// SPDX-License-Identifier: Apache-2.0
//! The counter-based generator Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).

/// Four words for a counter under a key.
#[inline(always)]
pub(crate) fn philox(mut key: [u32; 2], mut counter: [u32; 4]) -> [u32; 4] {
	for round in 0..10 {
		if round > 0 {
			key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
		}
		let [a, b, c, d] = counter;
		let (low, high) = (u64::from(a) * 0xD251_1F53, u64::from(c) * 0xCD9E_8D57);
		counter = [
			(high >> 32) as u32 ^ b ^ key[0],
			high as u32,
			(low >> 32) as u32 ^ d ^ key[1],
			low as u32,
		];
	}
	counter
}

#[cfg(test)]
mod tests {
	use super::philox;

	/// Known answers of the authors' Random123 library.
	#[test]
	fn known_answers() {
		assert_eq!(philox([0; 2], [0; 4]), [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8]);
		assert_eq!(
			philox([u32::MAX; 2], [u32::MAX; 4]),
			[0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD]
		);
	}
}
