// SPDX-License-Identifier: Apache-2.0
//! What part of the burn of work is recycled.

use super::{config, is_floor, number};
use crate::kappa::*;
use calor_primitives::money::UNIT;
use proptest::prelude::*;
use sp_core::U512;
use sp_runtime::Perbill;

#[test]
fn the_steps_of_the_docs() {
	let at = |percent: u128| kappa(WORK_START / 100 * percent, WORK_START);
	assert_eq!(at(0), Perbill::from_percent(90));
	assert_eq!(at(100), Perbill::from_percent(90));
	assert_eq!(at(140), Perbill::from_percent(70));
	assert_eq!(at(180), Perbill::from_percent(50));
	assert_eq!(at(100_000), Perbill::from_percent(50));
	// Rounded down, from the first pico-USD beyond.
	assert_eq!(kappa(WORK_START + 1, WORK_START), Perbill::from_parts(899_999_999));
}

#[test]
fn without_a_price_of_the_token_most_is_recycled_and_without_a_baseline_least() {
	assert_eq!(value(u128::MAX, None), 0);
	assert_eq!(kappa(0, 0), MOST);
	assert_eq!(kappa(1, 0), LEAST);
	assert_eq!(kappa(u128::MAX, 1), LEAST);
	assert_eq!(value(u128::MAX, Some(u128::MAX)), u128::MAX);
}

#[test]
fn the_baseline_doubles_in_two_years_up_to_64_times() {
	// 1,461 epochs are four years of 365.25.
	let grown = (0..1_461).fold(WORK_START, |baseline, _| next_baseline(baseline));
	assert!(grown.abs_diff(4 * WORK_START) < WORK_START / 1_000_000_000, "{grown}");
	let most = (0..10_000).fold(WORK_START, |baseline, _| next_baseline(baseline));
	assert_eq!(most, WORK_MOST);
}

proptest! {
	#![proptest_config(config())]

	#[test]
	fn values_are_exact(price in number(u128::MAX), cal_price in number(u128::MAX)) {
		let found = value(price, Some(cal_price));
		let fits = found < u128::MAX;
		prop_assert!(!fits || is_floor(found, &[price, cal_price], &[UNIT]));
	}

	#[test]
	fn kappa_is_exact_falls_and_stays_between_its_bounds(work in number(u128::MAX), more in number(u128::MAX), baseline in number(u128::MAX)) {
		let found = kappa(work, baseline);
		prop_assert!((LEAST..=MOST).contains(&found));
		prop_assert!(kappa(work.saturating_add(more), baseline) <= found);
		// 2 * baseline * (9 * 10^8 - parts) >= (work - baseline) * 10^9, and one part more would break it.
		if work > baseline && baseline > 0 && found > LEAST {
			let parts = u128::from(found.deconstruct());
			let off = |parts: u128| U512::from(2) * U512::from(baseline) * U512::from(900_000_000 - parts);
			let beyond = U512::from(work - baseline) * U512::from(1_000_000_000u128);
			prop_assert!(off(parts) >= beyond && (parts == 900_000_000 || off(parts + 1) < beyond));
		}
	}
}
