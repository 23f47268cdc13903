// SPDX-License-Identifier: Apache-2.0
//! Attacks on money: what a greedy, hostile or merely extreme world can do to emission, rewards, credits and prices.
//!
//! The close of an epoch is judged by formulas written down a second time ([`oracle`]), splitting by playing the same
//! epoch twice, washing by real jobs, and everything else by random sequences. 300 cases are played, always the same;
//! `CALOR_LONG=1` searches 10,000 new ones.

mod close_weight;
mod credits;
mod epochs;
mod ground;
mod oracle;
mod overflow;
mod rewards;
mod sequences;
mod shock;
mod splitting;
mod wash;

use proptest::{
	prelude::ProptestConfig,
	test_runner::{FileFailurePersistence, RngSeed},
};

/// Whether new cases are searched, and many of them.
fn is_long() -> bool {
	std::env::var_os("CALOR_LONG").is_some()
}

/// 300 cases that are always the same, or 10,000 new ones.
fn cases() -> ProptestConfig {
	ProptestConfig {
		cases: if is_long() { 10_000 } else { 300 },
		rng_seed: if is_long() { RngSeed::Random } else { RngSeed::Fixed(0) },
		// Proptest does not find the package of an integration test by itself.
		failure_persistence: Some(Box::new(FileFailurePersistence::Direct(concat!(
			env!("CARGO_MANIFEST_DIR"),
			"/proptest-regressions/attacks.txt"
		)))),
		max_shrink_iters: 2_000,
		..Default::default()
	}
}
