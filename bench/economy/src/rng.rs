// SPDX-License-Identifier: Apache-2.0
//! Random numbers that are the same in every run: SplitMix64, by Steele, Lea and Flood (2014).

/// A source of random numbers.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
	/// The source that begins with this seed.
	pub fn new(seed: u64) -> Self {
		Self(seed)
	}

	/// The next 64 bits.
	pub fn bits(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
		z ^ (z >> 31)
	}

	/// Between 0 and 1, without 1.
	pub fn unit(&mut self) -> f64 {
		(self.bits() >> 11) as f64 / (1u64 << 53) as f64
	}

	/// Between the two, without the second.
	pub fn between(&mut self, low: f64, high: f64) -> f64 {
		low + (high - low) * self.unit()
	}

	/// One of them.
	pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
		let place = (self.bits() % from.len() as u64) as usize;
		&from[place]
	}
}
