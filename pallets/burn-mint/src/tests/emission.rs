// SPDX-License-Identifier: Apache-2.0
//! What the pools give out.

use super::{config, is_floor, number};
use crate::emission::*;
use calor_primitives::{
	money::{CAP, GENESIS, UNIT},
	supply::Pools,
};
use proptest::{collection::vec, prelude::*};

#[test]
fn genesis_and_the_pools_are_the_cap() {
	assert_eq!(GENESIS + SIMPLE + BASELINE, CAP);
}

#[test]
fn the_first_draw_is_what_the_docs_say() {
	// 120,000,000 CAL * 0.000474320862749566, and 280,000,000 CAL * 0.000316166788196237 * a half.
	let half = draw(&pools(), CAPACITY_START / 2, CAPACITY_START);
	assert_eq!(half.simple, 56_918_503_529_947_920);
	assert_eq!(half.baseline, 44_263_350_347_473_180);
	assert_eq!(draw(&pools(), 0, CAPACITY_START).baseline, 0);
	assert_eq!(draw_in_full(&pools()).baseline, 88_526_700_694_946_360);
	assert_eq!(draw(&pools(), u128::MAX, CAPACITY_START), draw_in_full(&pools()));
}

#[test]
fn without_a_baseline_or_anything_left_nothing_is_drawn_from_it() {
	assert_eq!(draw(&pools(), 1, 0).baseline, 0);
	assert_eq!(draw(&Pools::default(), 1, 1), Pools::default());
	assert_eq!(next_baseline(1, 0), 0);
}

#[test]
fn half_of_each_pool_is_left_after_its_half_life() {
	let mut left = pools();
	for epoch in 1..=4_384u32 {
		left = after(&left, &draw_in_full(&left));
		// The rates have 15 digits, and each epoch rounds down by less than a planck.
		let is_half = |left: u128, whole: u128| left.abs_diff(whole) < UNIT;
		match epoch {
			1_461 => assert!(is_half(left.simple, SIMPLE / 2)),
			2_922 => assert!(is_half(left.simple, SIMPLE / 4)),
			2_192 => assert!(is_half(left.baseline, BASELINE / 2)),
			4_384 => assert!(is_half(left.baseline, BASELINE / 4)),
			_ => {},
		}
	}
}

#[test]
fn the_baseline_of_capacity_grows_by_half_a_year_if_capacity_does() {
	let grown = (0..1_461).fold(CAPACITY_START, |b, _| next_baseline(u128::MAX, b));
	// 1.5^4 in four years of 365.25 days.
	let expected = CAPACITY_START / 16 * 81;
	assert!(grown.abs_diff(expected) < expected / 1_000_000_000, "{grown}");
	assert_eq!(next_baseline(0, CAPACITY_START), CAPACITY_START);
	assert_eq!(next_baseline(u128::MAX, CAPACITY_MOST), CAPACITY_MOST);
}

#[test]
fn the_schedule_rises_ever_slower_and_never_to_all() {
	let years = schedule(pools(), 100);
	assert!(years.windows(2).all(|pair| pair[0] < pair[1]));
	assert!(years.windows(3).all(|three| three[1] - three[0] > three[2] - three[1]));
	assert!(years.iter().all(|given| *given < SIMPLE + BASELINE));
	// Continued from any year, it is the same.
	let mut left = pools();
	for _ in 0..3 * EPOCHS_PER_YEAR {
		left = after(&left, &draw_in_full(&left));
	}
	assert_eq!(schedule(left, 7), years[3..10]);
	assert_eq!(schedule(Pools::default(), 2), [SIMPLE + BASELINE; 2]);
	assert!(schedule(pools(), 0).is_empty());
}

/// Amounts up to what a pool can have, and beyond.
fn pools_of(most: u128) -> impl Strategy<Value = Pools> {
	(number(most), number(most)).prop_map(|(simple, baseline)| Pools { simple, baseline })
}

proptest! {
	#![proptest_config(config())]

	#[test]
	fn draws_are_exact(left in pools_of(u128::MAX), capacity in number(u128::MAX), baseline in number(u128::MAX)) {
		let drawn = draw(&left, capacity, baseline);
		prop_assert!(is_floor(drawn.simple, &[left.simple, SIMPLE_RATE], &[ONE]));
		if baseline == 0 {
			prop_assert_eq!(drawn.baseline, 0);
		} else {
			let factors = [left.baseline, BASELINE_RATE, capacity.min(baseline)];
			prop_assert!(is_floor(drawn.baseline, &factors, &[ONE, baseline]));
		}
		prop_assert!(drawn.simple <= left.simple && drawn.baseline <= draw_in_full(&left).baseline);
	}

	#[test]
	fn more_left_and_more_capacity_never_draw_less(
		left in pools_of(u128::MAX),
		more in pools_of(u128::MAX),
		capacity in number(u128::MAX),
		more_capacity in number(u128::MAX),
		baseline in number(u128::MAX),
	) {
		let larger = Pools {
			simple: left.simple.saturating_add(more.simple),
			baseline: left.baseline.saturating_add(more.baseline),
		};
		let less = draw(&left, capacity, baseline);
		let much = draw(&larger, capacity.saturating_add(more_capacity), baseline);
		prop_assert!(less.simple <= much.simple && less.baseline <= much.baseline);
		// And who starts with more is left with more.
		let full = (draw_in_full(&left), draw_in_full(&larger));
		let rest = (after(&left, &full.0), after(&larger, &full.1));
		prop_assert!(rest.0.simple <= rest.1.simple && rest.0.baseline <= rest.1.baseline);
	}

	#[test]
	fn the_pools_stay_above_the_schedule_whatever_is_drawn_paid_and_returned(
		epochs in vec((number(CAPACITY_MOST), 0u8..=100, 0u8..=100), 1..200),
	) {
		let (mut left, mut ceiling, mut baseline) = (pools(), pools(), CAPACITY_START);
		let mut given = Vec::new();
		for (capacity, percent_paid, percent_returned) in epochs {
			let budget = draw(&left, capacity, baseline);
			let all = total(&budget).unwrap();
			let paid = all * u128::from(percent_paid) / 100;
			let drawn = in_proportion(paid, &budget);
			prop_assert_eq!(total(&drawn), Some(paid));
			prop_assert!(drawn.simple <= budget.simple && drawn.baseline <= budget.baseline);
			left = after(&left, &drawn);
			given.push((paid, drawn));
			if percent_returned % 3 == 0 {
				let (paid, drawn) = given.swap_remove(usize::from(percent_returned) % given.len());
				let unclaimed = paid * u128::from(percent_returned) / 100;
				let returned = in_proportion(unclaimed, &drawn);
				prop_assert_eq!(total(&returned), Some(unclaimed));
				prop_assert!(returned.simple <= drawn.simple && returned.baseline <= drawn.baseline);
				left.simple += returned.simple;
				left.baseline += returned.baseline;
			}
			ceiling = after(&ceiling, &draw_in_full(&ceiling));
			let next = next_baseline(capacity, baseline);
			prop_assert!(next >= baseline && next <= CAPACITY_MOST);
			baseline = next;
			prop_assert!(left.simple >= ceiling.simple && left.baseline >= ceiling.baseline);
			prop_assert!(left.simple <= SIMPLE && left.baseline <= BASELINE);
		}
	}

	#[test]
	fn the_baseline_grows_exactly(capacity in number(u128::MAX), baseline in number(CAPACITY_MOST)) {
		let next = next_baseline(capacity, baseline);
		let most = baseline + baseline / 500;
		if most <= CAPACITY_MOST {
			prop_assert!(is_floor(next - baseline, &[capacity.min(baseline), BASELINE_GROWTH], &[ONE]));
		}
		prop_assert!(next >= baseline && next <= CAPACITY_MOST);
	}

	#[test]
	fn a_budget_is_split_exactly(budget in number(u128::MAX)) {
		let split = split(budget);
		let sum = [split.validators, split.treasury, split.auditors]
			.into_iter()
			.try_fold(split.providers, u128::checked_add);
		prop_assert_eq!(sum, Some(budget));
		prop_assert_eq!(split.validators, budget / 5);
		prop_assert_eq!(split.treasury, budget / 20);
		prop_assert!(is_floor(split.auditors, &[budget, 3], &[80]));
	}

	#[test]
	fn capacity_is_exact_up_to_the_largest(macs in number(10u128.pow(24)), blocks in any::<u32>(), span in any::<u32>()) {
		let weights = macs * u128::from(blocks) * 10_000;
		let mean = capacity(weights, span);
		if span == 0 {
			prop_assert_eq!(mean, 0);
		} else {
			prop_assert!(is_floor(mean, &[macs, blocks.into(), 10_000], &[span.into()]));
		}
	}
}
