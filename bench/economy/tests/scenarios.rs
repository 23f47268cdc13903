// SPDX-License-Identifier: Apache-2.0
//! A few days of each scenario, so that whatever changes in the pallets, the simulation still runs; and a short search for
//! a way to gain by buying one's own work.

use calor_economy_bench::{scenario, scenarios, sybil, washing};

/// Long enough that jobs are paid and rewards claimed.
const DAYS: u32 = 4;

#[test]
fn every_scenario_can_be_lived() {
	for mut one in scenarios::all() {
		let outcome = scenario::run(one.as_mut(), 1, DAYS);
		assert_eq!(outcome.rows.len() as u32, DAYS - 1, "{}", outcome.name);
		let settled: u32 = outcome.rows.iter().map(|row| row.settled).sum();
		assert!(settled > 0, "{}: nothing was paid", outcome.name);
	}
}

#[test]
fn splitting_gains_nothing() {
	for verdict in sybil::outcome(1, DAYS).verdicts {
		assert!(verdict.holds, "{}: {}", verdict.what, verdict.figures);
	}
}

#[test]
fn washing_loses_as_the_pallets_have_it() {
	for seed in 1..=3 {
		let (best, _) = washing::search(seed, 2_000);
		assert!(best.outcome().gain() < -0.06, "{best:?}");
		let (predicted, found) = washing::enact(&best);
		assert_eq!(predicted, found, "{best:?}");
		assert!(found < 0);
	}
}
