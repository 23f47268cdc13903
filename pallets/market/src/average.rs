// SPDX-License-Identifier: Apache-2.0
//! A running mean of a price that neither drifts nor stalls.

use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Steps over which a price is averaged: 30 days of hourly steps.
pub const STEPS: u128 = 720;

/// An exponential mean over [`STEPS`] steps: each moves it by `(price - mean) / STEPS`.
///
/// Kept as `STEPS` times the mean, so that nothing is lost to rounding. With `s` kept, a step makes it
/// `s - floor(s / STEPS) + price`. Under a constant price the mean becomes that price exactly, from either side, and never
/// passes it; it is never outside the prices that it was made of. Prices are at most [`crate::types::MAX_PRICE`], so
/// what is kept fits 80 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Average(u128);

impl Average {
	/// The mean of a price that has just been set for the first time: that price.
	pub fn first(price: u128) -> Self {
		Self(price.saturating_mul(STEPS))
	}

	/// The mean after one more step.
	pub fn next(self, price: u128) -> Self {
		Self(self.0.saturating_sub(self.value()).saturating_add(price))
	}

	/// The mean, rounded down.
	pub fn value(self) -> u128 {
		self.0 / STEPS
	}
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests may panic")]
mod tests {
	use super::*;
	use crate::{mock::cases, types::MAX_PRICE};
	use proptest::prelude::*;

	proptest! {
		#![proptest_config(cases())]

		#[test]
		fn a_constant_price_becomes_the_mean_exactly_from_either_side(
			from in prop_oneof![1..=MAX_PRICE, 1..=2_000u128],
			to in prop_oneof![1..=MAX_PRICE, 1..=2_000u128],
		) {
			let mut mean = Average::first(from);
			prop_assert_eq!(mean.value(), from);
			// A difference of 60 bits is gone after 42 times as many steps as there are in the mean.
			for _ in 0..STEPS * 50 {
				let before = mean.value();
				mean = mean.next(to);
				let after = mean.value();
				prop_assert!((before <= after && after <= to) || (to <= after && after <= before));
			}
			prop_assert_eq!(mean.value(), to);
		}

		#[test]
		fn a_mean_lies_within_its_prices(prices in prop::collection::vec(1..=MAX_PRICE, 1..200)) {
			let mut mean = Average::first(prices[0]);
			for price in &prices {
				mean = mean.next(*price);
			}
			prop_assert!(mean.value() >= *prices.iter().min().expect("some"));
			prop_assert!(mean.value() <= *prices.iter().max().expect("some"));
		}
	}

	#[test]
	fn the_highest_price_stays_within_its_bits() {
		let mean = Average::first(MAX_PRICE);
		assert_eq!(mean.next(MAX_PRICE), mean);
		assert!(mean.0 < 1 << 80);
	}
}
