// SPDX-License-Identifier: Apache-2.0
//! The audit pot over a long run: what clients pay into it, and what auditors get out of it who are drawn by the
//! thresholds of the chain. It begins with what the genesis gives it, and must always be able to pay.
//!
//! Numbers of tickets are taken from a generator instead of signatures: both are uniform below 2^64.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::indexing_slicing,
	clippy::unwrap_used,
	clippy::expect_used,
	reason = "tests may panic"
)]

use calor_primitives::{
	assurance::{Assurance, AUDIT_FEES},
	lottery::threshold,
	money::{MIN_JOB_PRICE, UNIT},
	Balance,
};

/// What the pot begins with, as `runtime/genesis` has it.
const BEGINS_WITH: Balance = 10_000 * UNIT;
/// Jobs of a run.
const JOBS: u32 = 100_000;
/// Auditors of one result that count.
const CLAIMS: u32 = 2;

/// SplitMix64.
struct Numbers(u64);

impl Numbers {
	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	/// Uniform from 0 to 1.
	fn part(&mut self) -> f64 {
		self.next() as f64 / 2f64.powi(64)
	}

	/// A price from the least of all to 100 CAL, each power of ten as often as another.
	fn price(&mut self) -> Balance {
		let most = (100 * UNIT) as f64 / MIN_JOB_PRICE as f64;
		(MIN_JOB_PRICE as f64 * most.powf(self.part())) as Balance
	}
}

/// Who audits, and how things go.
struct Population {
	name: &'static str,
	/// Stakes of auditors, in CAL.
	stakes: Vec<Balance>,
	/// Part of results whose workers audit too, and cannot audit their own.
	own: f64,
	/// Part of results that are wrong: whoever audits them is paid, and no levy is.
	wrong: f64,
	/// Part of auditors that were drawn and do not come forward.
	absent: f64,
}

fn population(name: &'static str, stakes: Vec<Balance>) -> Population {
	Population { name, stakes, own: 0.5, wrong: 0.0, absent: 0.0 }
}

fn populations() -> Vec<Population> {
	let alike = |count| vec![1_000; count];
	vec![
		population("one", alike(1)),
		population("two", alike(2)),
		population("ten alike", alike(10)),
		population("a hundred alike", alike(100)),
		population("a giant among dwarfs", [vec![100_000], vec![100; 50]].concat()),
		population("each half of the one before", (0..20).map(|i| 1 << (20 - i)).collect()),
		Population { own: 0.0, ..population("none of which works", alike(10)) },
		Population { own: 1.0, ..population("all of which work", vec![5_000, 3_000, 2_000]) },
		Population { wrong: 0.001, ..population("one result in a thousand wrong", alike(10)) },
		Population { absent: 0.3, ..population("three in ten away", alike(10)) },
	]
}

/// What came of a run.
struct Outcome {
	/// In planck.
	levies: Balance,
	fees: Balance,
	/// The least that was ever in the pot, in planck.
	least: Balance,
	/// Results that were audited, and that could be.
	audited: u32,
	auditable: u32,
	/// What the difference of levies and fees deviates by, in CAL.
	deviation: f64,
}

impl Outcome {
	/// What the pot gained, in CAL.
	fn drift(&self) -> f64 {
		(self.levies as f64 - self.fees as f64) / UNIT as f64
	}
}

/// What the number of a ticket must be below, by the worker that has the job and by auditor: the last row is for a worker
/// that audits nothing.
fn limits(stakes: &[Balance]) -> Vec<Vec<u64>> {
	let rate = Assurance::Optimistic.audit_rate();
	let total: Balance = stakes.iter().sum();
	let row = |worker: usize| {
		let others = total - stakes.get(worker).unwrap_or(&0);
		let limit = |at: usize| if at == worker { 0 } else { threshold(rate, stakes[at], others) };
		(0..stakes.len()).map(limit).collect()
	};
	(0..=stakes.len()).map(row).collect()
}

fn run(who: &Population, seed: u64) -> Outcome {
	let p = f64::from(Assurance::Optimistic.audit_rate().deconstruct()) / 1e9;
	let limits = limits(&who.stakes);
	let mut numbers = Numbers(seed);
	let mut pot = BEGINS_WITH;
	let (mut levies, mut fees, mut least, mut variance) = (0, 0, pot, 0.0);
	let (mut audited, mut auditable) = (0, 0);
	for _ in 0..JOBS {
		let price = numbers.price();
		let fee = price + AUDIT_FEES;
		let works = numbers.part() < who.own;
		let worker = numbers.next() as usize % who.stakes.len();
		let row = &limits[if works { worker } else { who.stakes.len() }];
		let mut claims = 0;
		for limit in row {
			let drawn = numbers.next() < *limit;
			if drawn && numbers.part() >= who.absent && claims < CLAIMS {
				claims += 1;
			}
		}
		auditable += u32::from(row.iter().any(|limit| *limit > 0));
		audited += u32::from(claims > 0);
		variance += p * (1.0 - p) * (fee as f64 / UNIT as f64).powi(2);
		// Who audited one result share what it earns.
		if let Some(each) = fee.checked_div(claims.into()) {
			let paid = each * Balance::from(claims);
			pot = pot.checked_sub(paid).unwrap_or_else(|| panic!("{}: the pot is empty", who.name));
			fees += paid;
			least = least.min(pot);
		}
		if numbers.part() >= who.wrong {
			let levy = Assurance::Optimistic.levy(price).expect("small");
			pot += levy;
			levies += levy;
		}
	}
	Outcome { levies, fees, least, audited, auditable, deviation: variance.sqrt() }
}

#[test]
fn the_pot_never_runs_dry_and_neither_gains_nor_loses() {
	let p = f64::from(Assurance::Optimistic.audit_rate().deconstruct()) / 1e9;
	for who in populations() {
		for seed in 1..=3 {
			let outcome = run(&who, seed);
			let Outcome { levies, least, audited, auditable, deviation, .. } = outcome;
			let (name, drift) = (who.name, outcome.drift());
			let (paid_in, least) = (levies as f64 / UNIT as f64, least / UNIT);
			println!(
				"{name}, run {seed}: {audited} of {auditable} audited, {paid_in:.0} CAL in, drift \
				 {drift:.0} +- {deviation:.0} CAL, never below {least} CAL",
			);
			assert!(least > 1_000, "{name}: {least} CAL left");
			if who.absent > 0.0 {
				assert!(drift > 0.0, "{name}: who does not come is not paid");
				continue;
			}
			let audits = f64::from(auditable);
			let off = (f64::from(audited) - audits * p).abs();
			assert!(off < 4.0 * (audits * p * (1.0 - p)).sqrt(), "{name}: {audited} audited");
			// Results that nobody can audit pay their levy too; wrong ones do not.
			let unaudited = 1.0 - audits / f64::from(JOBS);
			let expected = (unaudited - who.wrong) * paid_in;
			assert!((drift - expected).abs() < 4.0 * deviation, "{name}: drift {drift}");
		}
	}
}

/// If all that are drawn were paid in full, the pot would lose: that is why they share.
#[test]
fn paying_each_auditor_in_full_would_empty_the_pot() {
	let rate = Assurance::Optimistic.audit_rate();
	let p = f64::from(rate.deconstruct()) / 1e9;
	for auditors in [2, 10, 100] {
		let limit = threshold(rate, 1, auditors as Balance) as f64 / 2f64.powi(64);
		let none = (1.0 - limit).powi(auditors);
		let one = f64::from(auditors) * limit * (1.0 - limit).powi(auditors - 1);
		let expected = one + 2.0 * (1.0 - none - one);
		assert!((1.0 - none - p).abs() < 1e-9, "together they are drawn as often as the rate says");
		assert!(expected > 1.02 * p, "{auditors}: {expected}");
	}
}
