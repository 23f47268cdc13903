// SPDX-License-Identifier: Apache-2.0
//! What governance can set, and what it cannot.

use crate::{
	mock::*,
	types::{FeederAccounts, MAX_ENERGY, MAX_FEEDERS, MAX_PRICE, MAX_TWAP},
	Classes, Energy, Error, Event, Feeders, Parameters,
};
use calor_primitives::{
	job::HardwareClass::{self, Tensor},
	traits::{Rates, Usage},
};
use frame_support::{assert_noop, assert_ok, BoundedVec};
use sp_runtime::{DispatchError::BadOrigin, Permill};

fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

fn nobody() -> RuntimeOrigin {
	frame_system::RawOrigin::Signed(feeder(1)).into()
}

fn accounts(numbers: impl IntoIterator<Item = u8>) -> FeederAccounts {
	BoundedVec::truncate_from(numbers.into_iter().map(feeder).collect())
}

#[test]
fn only_governance_sets() {
	run_fed(|| {
		assert_noop!(Market::set_price(nobody(), Tensor, PRICE), BadOrigin);
		assert_noop!(Market::set_feeders(nobody(), accounts(1..=3)), BadOrigin);
		assert_noop!(Market::set_parameters(nobody(), Parameters::default()), BadOrigin);
		assert_noop!(Market::set_energy(nobody(), Tensor, ENERGY), BadOrigin);
		assert_noop!(Market::feed(root(), VALUES), BadOrigin);
	});
}

#[test]
fn a_price_lies_between_the_floor_and_the_highest() {
	run_fed(|| {
		assert_noop!(Market::set_price(root(), Tensor, FLOOR - 1), Error::<Test>::BelowFloor);
		assert_noop!(Market::set_price(root(), Tensor, 0), Error::<Test>::BelowFloor);
		let above = MAX_PRICE + 1;
		assert_noop!(Market::set_price(root(), Tensor, above), Error::<Test>::PriceTooHigh);
		assert_ok!(Market::set_price(root(), Tensor, FLOOR));
		System::assert_last_event(Event::PriceSet { class: Tensor, per_cu: FLOOR }.into());
		assert_ok!(Market::set_price(root(), Tensor, MAX_PRICE));
	});
}

#[test]
fn a_class_needs_energy_before_a_price() {
	let mut empty = genesis();
	empty.classes.clear();
	run(empty, || {
		all_feed(VALUES);
		assert_noop!(Market::set_price(root(), Tensor, PRICE), Error::<Test>::NoEnergy);
		assert_eq!(Market::electricity(Tensor, 1_000_000), None);
		assert_noop!(Market::set_energy(root(), Tensor, 0), Error::<Test>::BadEnergy);
		let above = MAX_ENERGY + 1;
		assert_noop!(Market::set_energy(root(), Tensor, above), Error::<Test>::BadEnergy);
		assert_ok!(Market::set_energy(root(), Tensor, ENERGY));
		assert_eq!(Energy::<Test>::get(Tensor), Some(ENERGY));
		assert!(!Classes::<Test>::contains_key(Tensor), "energy alone opens nothing");
		assert_ok!(Market::set_price(root(), Tensor, PRICE));
		let record = Classes::<Test>::get(Tensor).expect("open");
		assert_eq!((record.average.value(), record.at_dawn), (PRICE, PRICE));
	});
}

#[test]
fn less_energy_leaves_the_price_to_demand() {
	run_fed(|| {
		assert_ok!(Market::set_price(root(), Tensor, FLOOR));
		assert_ok!(Market::set_energy(root(), Tensor, ENERGY / 2));
		assert_eq!(Classes::<Test>::get(Tensor).expect("open").per_cu, FLOOR);
		assert_eq!(Market::floor_of(Tensor), FLOOR.div_ceil(2));
	});
}

#[test]
fn feeders_are_distinct_and_enough_or_none() {
	run_fed(|| {
		let twice = accounts([1, 2, 2, 3]);
		assert_noop!(Market::set_feeders(root(), twice), Error::<Test>::DuplicateFeeder);
		assert_noop!(Market::set_feeders(root(), accounts([1, 2])), Error::<Test>::TooFewFeeders);
		assert_ok!(Market::set_feeders(root(), accounts(1..=MAX_FEEDERS as u8)));
		assert_eq!(Feeders::<Test>::decode_len(), Some(MAX_FEEDERS as usize));
		assert_ok!(Market::set_feeders(root(), accounts([])));
		System::assert_last_event(Event::FeedersSet { feeders: accounts([]) }.into());
		assert_noop!(feed(1, VALUES), Error::<Test>::NotFeeder);
	});
}

#[test]
fn rules_by_which_no_market_runs_are_refused() {
	run_fed(|| {
		let good = Parameters::default();
		for bad in [
			Parameters { step: 0, ..good },
			Parameters { refresh: 0, ..good },
			Parameters { day: 0, ..good },
			Parameters { stale_after: 0, ..good },
			Parameters { twap: 0, ..good },
			Parameters { twap: MAX_TWAP + 1, ..good },
			Parameters { min_feeders: 0, ..good },
			Parameters { min_feeders: MAX_FEEDERS + 1, ..good },
			Parameters { spread: Permill::zero(), ..good },
		] {
			assert_noop!(Market::set_parameters(root(), bad), Error::<Test>::BadParameters);
		}
		let many = Parameters { min_feeders: 4, ..good };
		assert_noop!(Market::set_parameters(root(), many), Error::<Test>::TooFewFeeders);
		let all_the_time = Parameters {
			step: 1,
			refresh: 1,
			day: 1,
			stale_after: u64::MAX,
			twap: 1,
			min_feeders: 1,
			spread: Permill::one(),
			feed_pay: u128::MAX,
		};
		assert_ok!(Market::set_parameters(root(), all_the_time));
		System::assert_last_event(Event::ParametersSet { parameters: all_the_time }.into());
		use_all(10, 10);
		blocks(50);
		let never = Parameters { step: u32::MAX, refresh: u32::MAX, day: u32::MAX, ..good };
		assert_ok!(Market::set_parameters(root(), never));
		blocks(50);
		assert_ok!(Market::set_parameters(root(), good));
		blocks(1);
	});
}

#[test]
fn the_mock_counts_what_it_is_told() {
	run_fed(|| {
		use_all(3, 2);
		for class in HardwareClass::ALL {
			let used = MockUsage::take(class);
			assert_eq!((used.offered, used.busy), (3, 2));
		}
	});
}

#[test]
#[should_panic(expected = "at least min_feeders")]
fn a_genesis_with_too_few_feeders_is_refused() {
	let mut few = genesis();
	few.feeders.truncate(2);
	run(few, || {});
}

#[test]
#[should_panic(expected = "at least its floor")]
fn a_genesis_with_a_price_below_its_floor_is_refused() {
	let mut low = genesis();
	low.rates = Some(VALUES);
	low.classes[0].1 = FLOOR - 1;
	run(low, || {});
}
