// SPDX-License-Identifier: Apache-2.0
//! The limit by electricity.

use super::{config, is_floor, number};
use crate::electricity::*;
use calor_primitives::money::UNIT;
use proptest::prelude::*;

#[test]
fn half_of_a_dollar_of_power_at_a_quarter_of_a_dollar_a_token_is_two_tokens() {
	let usd = 1_000_000_000_000;
	assert_eq!(limit(usd, usd / 4), Some(2 * UNIT));
	assert_eq!(within(5 * UNIT, Some(usd), Some(usd / 4)), 2 * UNIT);
	assert_eq!(within(UNIT, Some(usd), Some(usd / 4)), UNIT);
}

#[test]
fn without_a_price_nothing_is_paid() {
	assert_eq!(within(UNIT, None, Some(1)), 0);
	assert_eq!(within(UNIT, Some(1), None), 0);
	assert_eq!(within(UNIT, Some(1), Some(0)), 0);
	assert_eq!(within(UNIT, Some(u128::MAX), Some(1)), UNIT);
}

#[test]
fn two_seconds_of_a_weight_are_twice_as_many_operations() {
	assert_eq!(macs(7, 2_000), Some(14));
	assert_eq!(macs(u128::MAX, 2_000), None);
	let most = 10u128.pow(24) * u128::from(u32::MAX) * 10_000;
	assert_eq!(macs(most, 2_000), Some(2 * most));
}

proptest! {
	#![proptest_config(config())]

	#[test]
	fn limits_are_exact(cost in number(u128::MAX), cal_price in number(u128::MAX), budget in number(u128::MAX)) {
		match limit(cost, cal_price) {
			Some(found) => prop_assert!(is_floor(found, &[cost, UNIT], &[2, cal_price])),
			None => prop_assert!(cal_price == 0 || !is_floor(u128::MAX, &[cost, UNIT], &[cal_price])),
		}
		prop_assert!(within(budget, Some(cost), Some(cal_price)) <= budget);
	}
}
