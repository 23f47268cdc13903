// SPDX-License-Identifier: Apache-2.0
//! The pure parts over all that numbers can be, and the stateful ones on a chain of three pallets.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::indexing_slicing,
	clippy::unwrap_used,
	clippy::expect_used,
	reason = "tests may panic"
)]

mod auditors;
mod credits;
mod electricity;
mod emission;
mod epochs;
mod kappa;
pub mod mock;
mod random;
mod rewards;
mod settlement;
mod sharing;
mod tau;

use proptest::{prelude::*, test_runner::RngSeed};
use sp_core::U512;

/// 300 cases, always the same; 10,000 new ones with `CALOR_LONG` set.
fn config() -> ProptestConfig {
	let long = std::env::var_os("CALOR_LONG").is_some();
	ProptestConfig {
		cases: if long { 10_000 } else { 300 },
		rng_seed: if long { RngSeed::Random } else { RngSeed::Fixed(0) },
		failure_persistence: None,
		..Default::default()
	}
}

/// Numbers of all sizes, the smallest and the largest among them.
fn number(most: u128) -> impl Strategy<Value = u128> {
	prop_oneof![
		1 => Just(0u128),
		1 => Just(1u128.min(most)),
		1 => Just(most),
		3 => 0..=most,
		6 => (0u32..128, any::<u128>()).prop_map(move |(bits, x)| (x >> bits).min(most)),
	]
}

/// Whether `quotient == floor(product of numerators / product of denominators)`, by multiplication alone.
fn is_floor(quotient: u128, numerators: &[u128], denominators: &[u128]) -> bool {
	let product = |factors: &[u128]| {
		factors.iter().fold(U512::from(1u8), |product, factor| product * U512::from(*factor))
	};
	let (numerator, denominator) = (product(numerators), product(denominators));
	let quotient = U512::from(quotient);
	quotient * denominator <= numerator && numerator < (quotient + 1) * denominator
}
