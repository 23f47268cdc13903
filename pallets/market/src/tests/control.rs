// SPDX-License-Identifier: Apache-2.0
//! Prices that follow use: the controller alone against demands, and on the chain.

use crate::{
	controller::{floor, step, utilisation},
	mock::*,
	types::{MAX_ENERGY, MAX_PRICE},
	Average, ClassRecord, Classes, CurrentRates, Event, RatesRecord,
};
use calor_primitives::{job::HardwareClass, market::FeedValues, traits::Used};
use frame_support::assert_ok;
use proptest::prelude::*;
use sp_runtime::Perbill;

/// Steps in a day.
const DAY: usize = 24;

/// Prices over `steps` steps of a demand of `demand / price` on a fixed capacity.
fn simulate(from: u128, floor: u128, demand: u128, capacity: u128, steps: usize) -> Vec<u128> {
	let (mut price, mut at_dawn, mut prices) = (from, from, Vec::new());
	for i in 0..steps {
		if i % DAY == 0 {
			at_dawn = price;
		}
		let busy = (demand / price).min(capacity);
		price = step(price, at_dawn, floor, utilisation(Used { offered: capacity, busy }));
		prices.push(price);
	}
	prices
}

/// The demand that uses 70 % of a capacity at a price.
fn balanced(price: u128, capacity: u128) -> u128 {
	price * capacity / 10 * 7
}

/// Whether two prices are within 5 % of the second.
fn is_close(price: u128, to: u128) -> bool {
	price.abs_diff(to) * 20 <= to
}

#[test]
fn a_shock_of_half_settles_within_a_day_and_does_not_swing() {
	for price in [1_000u128, 622_223, 10_000_000, USD, 1_000_000 * USD / 2] {
		for capacity in [1_000u128, 10u128.pow(6), 10u128.pow(12)] {
			let demand = balanced(price, capacity) / 2 * 3;
			let settled = price * 3 / 2;
			let prices = simulate(price, 1, demand, capacity, 2_000);
			let first = prices.iter().position(|one| is_close(*one, settled)).expect("settles");
			assert!(first < 24, "{price}, {capacity}: {first} steps");
			// Once there it stays, and it was never beyond.
			assert!(prices[first..].iter().all(|one| is_close(*one, settled)));
			assert!(prices.iter().all(|one| *one * 20 <= settled * 21));
			// On the way it only rose.
			assert!(prices[..first].windows(2).all(|two| two[0] <= two[1]));
		}
	}
}

#[test]
fn a_third_less_demand_settles_too() {
	let (price, capacity) = (10_000_000, 1_000_000);
	let settled = price * 2 / 3;
	let prices = simulate(price, 1, balanced(settled, capacity), capacity, 2_000);
	let first = prices.iter().position(|one| is_close(*one, settled)).expect("settles");
	assert!(first < 48, "{first} steps");
	assert!(prices[first..].iter().all(|one| is_close(*one, settled)));
}

#[test]
fn without_demand_the_price_falls_to_its_floor_and_stays() {
	for floor in [1, 7, 15, 16, 17, 1_000, FLOOR] {
		let prices = simulate(100 * FLOOR, floor, 0, 1_000_000, 600);
		let first = prices.iter().position(|one| *one == floor).expect("falls to the floor");
		assert!(prices[first..].iter().all(|one| *one == floor));
		assert!(prices.windows(2).all(|two| two[1] <= two[0]));
	}
}

#[test]
fn without_offer_the_price_stays() {
	assert_eq!(utilisation(Used { offered: 0, busy: 0 }), None);
	assert_eq!(step(100, 100, 1, None), 100);
	assert_eq!(step(100, 100, 130, None), 130, "but for the floor");
}

#[test]
fn use_is_exact_at_any_size() {
	let of = |offered, busy| utilisation(Used { offered, busy });
	assert_eq!(of(3, 1), Some(Perbill::from_parts(333_333_333)));
	assert_eq!(of(u128::MAX, u128::MAX), Some(Perbill::one()));
	assert_eq!(of(1, u128::MAX), Some(Perbill::one()), "no more than all is used");
	assert_eq!(of(u128::MAX, u128::MAX - 1), Some(Perbill::from_parts(999_999_999)));
	// 10^24 MAC/s over all heights that there are.
	let most = 10u128.pow(24) << 32;
	assert_eq!(of(most, most / 10 * 7), Some(Perbill::from_parts(700_000_000)));
}

#[test]
fn steps_by_hand() {
	let u = |percent| Some(Perbill::from_percent(percent));
	assert_eq!(step(1_600, 1_600, 1, u(100)), 1_700, "a sixteenth up");
	assert_eq!(step(1_600, 1_600, 1, u(85)), 1_650, "half way, half of it");
	assert_eq!(step(1_600, 1_600, 1, u(70)), 1_600, "at the target");
	assert_eq!(step(1_600, 1_600, 1, u(35)), 1_550, "half way down");
	assert_eq!(step(1_600, 1_600, 1, u(0)), 1_500);
	assert_eq!(step(3, 3, 1, u(71)), 4, "at least 1 up");
	assert_eq!(step(1_600, 810, 1, u(100)), 1_620, "no more than doubled");
	assert_eq!(step(1_600, 100, 1, u(100)), 1_600, "a floor had lifted it above that");
	assert_eq!(step(1_600, 1_600, 9_000, u(0)), 9_000, "a floor that rose");
	assert_eq!(step(MAX_PRICE, MAX_PRICE, 1, u(100)), MAX_PRICE);
}

#[test]
fn full_use_doubles_a_day_and_no_more() {
	let mut price = FLOOR;
	for _ in 0..10 {
		let at_dawn = price;
		for _ in 0..DAY {
			price = step(price, at_dawn, 1, Some(Perbill::one()));
		}
		assert_eq!(price, at_dawn * 2);
	}
}

#[test]
fn the_floor_by_hand() {
	// 7 J at 0.2 USD per kWh: 7 / 3.6e6 * 0.2 * 1.6 USD = 622,222.2 pico-USD.
	assert_eq!(floor(ENERGY, VALUES.kwh), FLOOR);
	assert_eq!(floor(9_000, 1_000_000), 4);
	assert_eq!(floor(9_000, 1_000_001), 5, "rounded up");
	assert_eq!(floor(0, 0), 1);
	let most = floor(MAX_ENERGY, MAX_PRICE);
	assert!(most < MAX_PRICE && most > MAX_PRICE / 3);
}

proptest! {
	#![proptest_config(cases())]

	#[test]
	fn one_step_moves_a_sixteenth_but_for_the_floor(
		price in prop_oneof![1..=MAX_PRICE, 1..=100u128, Just(MAX_PRICE)],
		at_dawn in 1..=MAX_PRICE,
		floor in prop_oneof![Just(1u128), 1..=MAX_PRICE],
		offered: u128,
		busy: u128,
	) {
		let used = utilisation(Used { offered, busy });
		let moved = step(price, at_dawn, floor, used);
		prop_assert!(moved >= floor);
		prop_assert!(moved <= MAX_PRICE);
		if moved != floor {
			prop_assert!(moved.abs_diff(price) <= price / 16 + 1);
		}
		if moved > floor && moved > price {
			prop_assert!(moved <= at_dawn * 2);
			prop_assert!(used > Some(Perbill::from_percent(70)));
		}
	}

	#[test]
	fn any_demand_settles_without_swings(
		price in 1_000_000..=USD,
		tenths in 2..=40u128,
		capacity in 1_000_000..=10u128.pow(24),
	) {
		// From a fifth to four times the demand.
		let settled = price * tenths / 10;
		let capacity = capacity.min(u128::MAX / settled / 10);
		let demand = balanced(settled, capacity);
		let prices = simulate(price, 1, demand, capacity, 400);
		prop_assert!(prices[300..].iter().all(|one| is_close(*one, settled)));
		let (low, high) = (price.min(settled), price.max(settled));
		prop_assert!(prices.iter().all(|one| *one * 21 >= low * 20 && *one * 20 <= high * 21));
	}

	#[test]
	fn more_use_never_makes_a_lower_price(price in 1..=MAX_PRICE, one: u32, other: u32) {
		let part = |x: u32| Some(Perbill::from_parts(x % 1_000_000_001));
		let (low, high) = (part(one).min(part(other)), part(one).max(part(other)));
		prop_assert!(step(price, price, 1, low) <= step(price, price, 1, high));
	}
}

/// The price of the class for tensors.
fn price() -> u128 {
	Classes::<Test>::get(HardwareClass::Tensor).expect("open").per_cu
}

#[test]
fn a_chain_steps_once_an_hour_and_says_so() {
	run_fed(|| {
		use_all(10, 10);
		blocks(1_798);
		assert_eq!(price(), PRICE);
		blocks(1);
		assert_eq!(System::block_number(), 1_800);
		assert_eq!(price(), PRICE / 16 * 17);
		let class = HardwareClass::Tensor;
		let utilisation = Some(Perbill::one());
		System::assert_has_event(Event::PriceMoved { class, per_cu: price(), utilisation }.into());
		assert_eq!(Classes::<Test>::get(class).expect("open").utilisation, utilisation);
		blocks(1_799);
		assert_eq!(price(), PRICE / 16 * 17);
	});
}

#[test]
fn a_chain_that_stood_still_steps_once() {
	run_fed(|| {
		use_all(10, 10);
		skip(1_000_000);
		assert_eq!(price(), PRICE / 16 * 17);
		blocks(1_799);
		assert_eq!(price(), PRICE / 16 * 17);
		blocks(1);
		assert!(price() > PRICE / 16 * 17);
	});
}

#[test]
fn a_chain_doubles_a_price_in_a_day_at_most() {
	run_fed(|| {
		use_all(10, 10);
		for _ in 0..23 {
			skip(1_800);
		}
		assert_eq!(price(), PRICE * 2);
		// The day ends at 43,200, and its last step is in the next.
		skip(43_199 - System::block_number());
		assert_eq!(price(), PRICE * 2);
		for _ in 0..30 {
			skip(1_800);
		}
		assert!(price() > PRICE * 2 && price() <= PRICE * 8);
	});
}

#[test]
fn dearer_electricity_lifts_a_price_at_the_refresh() {
	run_fed(|| {
		let class = HardwareClass::General;
		assert_ok!(Market::set_price(root(), class, FLOOR));
		assert_ok!(Market::set_energy(root(), class, ENERGY));
		let dear = FeedValues { kwh: VALUES.kwh * 3, ..VALUES };
		for _ in 0..20 {
			all_feed(dear);
			skip(100);
		}
		let record = Classes::<Test>::get(class).expect("open");
		assert_eq!(record.per_cu, floor(ENERGY, VALUES.kwh / 10 * 11));
		assert_eq!(record.at_dawn, FLOOR);
	});
}

#[test]
fn a_floor_far_above_a_price_lifts_it_beyond_doubling() {
	run_fed(|| {
		let class = HardwareClass::Tensor;
		assert_ok!(Market::set_price(root(), class, FLOOR));
		assert_ok!(Market::set_energy(root(), class, ENERGY * 10));
		let lifted = price();
		assert!(lifted > FLOOR * 9);
		System::assert_has_event(Event::RaisedToFloor { class, per_cu: lifted }.into());
		// It cannot rise further today, and it does not fall below.
		use_all(10, 10);
		skip(1_800);
		assert_eq!(price(), lifted);
		use_all(10, 0);
		skip(1_800);
		assert_eq!(price(), lifted);
		// The next day it goes on from there.
		use_all(10, 10);
		skip(43_200);
		assert!(price() > lifted);
	});
}

#[test]
fn the_mean_follows_over_a_month() {
	run_fed(|| {
		let class = HardwareClass::Tensor;
		assert_ok!(Market::set_price(root(), class, PRICE * 2));
		let mean = || Classes::<Test>::get(class).expect("open").average.value();
		assert_eq!(mean(), PRICE);
		for _ in 0..720 {
			skip(1_800);
		}
		assert!(mean() > PRICE * 8 / 5 && mean() < PRICE * 5 / 3, "1 - 1/e of the way: {}", mean());
	});
}

#[test]
fn extreme_states_do_no_harm() {
	run_fed(|| {
		let most = FeedValues { cal: MAX_PRICE, kwh: MAX_PRICE };
		CurrentRates::<Test>::put(RatesRecord { used: most, at_dawn: most });
		for class in HardwareClass::ALL {
			assert_ok!(Market::set_energy(root(), class, MAX_ENERGY));
			let average = Average::first(MAX_PRICE);
			let record =
				ClassRecord { per_cu: MAX_PRICE, at_dawn: MAX_PRICE, average, utilisation: None };
			Classes::<Test>::insert(class, record);
		}
		use_all(u128::MAX, u128::MAX);
		skip(1_800);
		assert_eq!(price(), MAX_PRICE);
		use_all(u128::MAX, 0);
		skip(1_800);
		assert_eq!(price(), MAX_PRICE / 16 * 15);
	});
}

fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}
