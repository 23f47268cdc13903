// SPDX-License-Identifier: Apache-2.0
//! What a big group's share is cut by.

use super::{config, number};
use crate::{
	tau::{clip, pay},
	types::Rank::{Attested, Overdue, Unattested},
};
use proptest::{collection::vec, prelude::*};
use sp_core::U512;

/// The clip from its definition, rounded up: `c(p) * 4 (b - a)` is a whole number, so `c` is the least that reaches it.
fn is_clip(found: u128, part: u128, all: u128) -> bool {
	let wide = |x: u128| U512::from(x);
	let (a, b) = (wide(all / 200), wide(all / 20));
	let p = wide(part);
	let (numerator, denominator) = if p <= a {
		(wide(0), wide(1))
	} else if p <= b {
		((p - a) * (p - a), wide(4) * (b - a))
	} else {
		((b - a) + wide(2) * (p - b), wide(4))
	};
	let found = wide(found);
	found * denominator >= numerator && (found.is_zero() || (found - 1) * denominator < numerator)
}

#[test]
fn the_shares_of_the_docs() {
	let all = 1_000_000;
	// 0.5 % in full; 5 % loses (50,000 - 5,000) / 4; everything loses that and half of 95 %.
	assert_eq!(pay(Attested, 5_000, all), 5_000);
	assert_eq!(pay(Attested, 50_000, all), 50_000 - 11_250);
	assert_eq!(pay(Attested, 1_000_000, all), 1_000_000 - 11_250 - 475_000);
	assert_eq!(pay(Unattested, 5_001, all), 2_500);
	assert_eq!(pay(Overdue, 5_000, all), 0);
}

#[test]
fn the_smallest_budgets_have_no_thresholds() {
	for all in 0..20 {
		for part in 0..=all {
			assert_eq!(pay(Attested, part, all), part / 2, "{part} of {all}");
		}
	}
}

#[test]
fn every_planck_of_a_small_budget_follows_the_definition() {
	for all in [20, 199, 200, 201, 399, 1_000, 4_321] {
		let mut before = 0;
		for part in 0..=all {
			assert!(is_clip(clip(part, all), part, all), "{part} of {all}");
			let now = pay(Attested, part, all);
			assert!(now >= before && now <= part && now >= part / 2);
			before = now;
		}
	}
}

proptest! {
	#![proptest_config(config())]

	#[test]
	fn the_clip_is_exact(part in number(u128::MAX), all in number(u128::MAX)) {
		prop_assert!(is_clip(clip(part, all), part, all));
	}

	#[test]
	fn it_never_raises_and_is_monotone(part in number(u128::MAX), more in number(u128::MAX), all in number(u128::MAX)) {
		let larger = part.saturating_add(more);
		for rank in [Attested, Unattested, Overdue] {
			prop_assert!(pay(rank, part, all) <= part);
			prop_assert!(pay(rank, part, all) <= pay(rank, larger, all));
		}
		prop_assert!(pay(Attested, part, all) >= pay(Unattested, part, all));
	}

	#[test]
	fn moving_a_part_to_accounts_without_attestation_never_gains(
		kept in number(u128::MAX >> 1),
		moved in vec(number(u128::MAX >> 8), 0..50),
		all in number(u128::MAX),
	) {
		let whole = moved.iter().fold(kept, |sum, part| sum + part);
		let split = moved.iter().fold(pay(Attested, kept, all), |sum, part| sum + pay(Unattested, *part, all));
		prop_assert!(split <= pay(Attested, whole, all));
		let alone = moved.iter().fold(pay(Unattested, kept, all), |sum, part| sum + pay(Unattested, *part, all));
		prop_assert!(alone <= pay(Unattested, whole, all));
	}
}
