// SPDX-License-Identifier: Apache-2.0
//! A running mean over counts that neither drifts nor stalls.

use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::Perbill;

/// An exponential mean of shares over `n` counts: each count moves it by `(share - mean) / n`.
///
/// Kept as `n` times the mean in parts per billion, so that nothing is lost to rounding. With `s` kept, a count makes
/// it `s - floor(s / n) + share`:
/// - `s <= n * 10^9` stays so: if `floor(s / n) = q < 10^9`, then `s <= q n + n - 1`, and the next is at most
///   `(q + 1)(n - 1) + 10^9 <= n * 10^9`; and `q = 10^9` takes away as much as a share can add.
/// - Under a constant share the mean becomes that share exactly, from either side, and never passes it: a mean that is
///   `d` below it moves by `d`, and `n * mean` by no more than is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Average(u64);

impl Average {
	/// The mean after the first count: that count. Beginning from nothing instead would let an owner that moves to a new
	/// identity now and then stay small for ever.
	pub fn first(share: Perbill, n: u32) -> Self {
		// At most 2^32 * 10^9 < 2^62.
		Self(u64::from(n).saturating_mul(u64::from(share.deconstruct())))
	}

	/// The mean after one more count.
	pub fn next(self, share: Perbill, n: u32) -> Self {
		let rest = self.0.saturating_sub(self.parts(n));
		Self(rest.saturating_add(u64::from(share.deconstruct())))
	}

	/// The mean, rounded down.
	pub fn value(self, n: u32) -> Perbill {
		Perbill::from_parts(u32::try_from(self.parts(n)).unwrap_or(u32::MAX))
	}

	/// Whether it is what a mean over `n` counts can be.
	pub fn is_valid(self, n: u32) -> bool {
		self.parts(n) <= u64::from(Perbill::one().deconstruct())
	}

	fn parts(self, n: u32) -> u64 {
		self.0.checked_div(u64::from(n)).unwrap_or(0)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Shares that are hard on the rounding.
	const SHARES: [u32; 8] = [0, 1, 28, 29, 30, 31, 999_999_999, 1_000_000_000];

	#[test]
	fn a_constant_share_becomes_the_mean_exactly_from_either_side() {
		for n in [1, 2, 3, 30, 365] {
			for from in SHARES {
				for to in SHARES {
					let share = Perbill::from_parts(to);
					let mut mean = Average::first(Perbill::from_parts(from), n);
					for _ in 0..n * 40 {
						let before = mean.value(n);
						mean = mean.next(share, n);
						let after = mean.value(n);
						// Towards the share, and never beyond it.
						assert!(
							(before <= after && after <= share)
								|| (share <= after && after <= before)
						);
						assert!(mean.is_valid(n));
					}
					assert_eq!(mean.value(n), share, "{from} to {to} over {n}");
				}
			}
		}
	}

	#[test]
	fn a_third_of_the_way_over_three_counts() {
		let mean = Average::first(Perbill::from_percent(3), 3);
		assert_eq!(mean.value(3), Perbill::from_percent(3));
		let mean = mean.next(Perbill::from_percent(6), 3);
		assert_eq!(mean.value(3), Perbill::from_percent(4));
		assert_eq!(mean.next(Perbill::zero(), 3).value(3), Perbill::from_parts(26_666_666));
	}

	#[test]
	fn over_one_count_it_is_that_count() {
		let mean = Average::first(Perbill::one(), 1);
		for parts in SHARES {
			let share = Perbill::from_parts(parts);
			assert_eq!(mean.next(share, 1).value(1), share);
		}
	}
}
