// SPDX-License-Identifier: Apache-2.0
//! What chance decides: first weights and the order of the images. All of it follows from a seed.

/// SplitMix64, by Steele, Lea and Flood, 2014.
#[derive(Clone, Debug)]
pub struct Draw(u64);

impl Draw {
	/// A generator that depends on nothing but `seed`.
	pub const fn new(seed: u64) -> Self {
		Self(seed)
	}

	fn bits(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	/// A number below `n`; `n` is small, so that the remainder's bias is of no account.
	pub fn below(&mut self, n: u32) -> u32 {
		((self.bits() >> 32) % u64::from(n.max(1))) as u32
	}

	/// The numbers below `n` in any order.
	pub fn order(&mut self, n: u32) -> Vec<u32> {
		let mut all: Vec<u32> = (0..n).collect();
		for i in (1..all.len()).rev() {
			all.swap(i, self.below(i as u32 + 1) as usize);
		}
		all
	}
}
