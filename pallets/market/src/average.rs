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
