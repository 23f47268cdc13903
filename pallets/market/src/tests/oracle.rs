// SPDX-License-Identifier: Apache-2.0
//! Feeders that are honest, silent, lying or short of money, and clocks that are wrong.

use crate::{
	mock::*, CurrentRates, CurrentSchedule, Error, Event, FedAt, Feeders, Parameters,
	RecentObservations,
};
use calor_primitives::{
	job::HardwareClass::Tensor,
	market::FeedValues,
	money::UNIT,
	traits::{Rates, Tariff},
};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::Pays,
	traits::fungible::{Inspect, Mutate},
};
use proptest::prelude::*;

const MAC: u64 = 1_000_000_000_000_000;
const YEAR: u64 = 365 * 24 * 3_600_000;

fn used() -> FeedValues {
	CurrentRates::<Test>::get().expect("known").used
}

#[test]
fn nothing_is_quoted_before_the_first_valid_median() {
	run(genesis(), || {
		assert_noop!(Market::quote(Tensor, MAC), Error::<Test>::NoRates);
		assert_eq!((Market::cal_price(), Market::electricity(Tensor, 1)), (None, None));
		assert_ok!(feed(1, VALUES));
		assert_ok!(feed(2, VALUES));
		assert_noop!(Market::quote(Tensor, MAC), Error::<Test>::NoRates);
		assert_ok!(feed(3, VALUES));
		System::assert_has_event(Event::RatesSet { rates: VALUES }.into());
		assert_ok!(Market::quote(Tensor, MAC));
		assert_eq!(Market::cal_price(), Some(VALUES.cal));
	});
}

#[test]
fn the_first_median_lifts_prices_to_their_floors() {
	let mut low = genesis();
	low.classes = vec![(Tensor, 1, ENERGY)];
	run(low, || {
		assert_eq!(Market::floor_of(Tensor), 1);
		all_feed(VALUES);
		assert_eq!(Market::report().classes[0].per_cu, FLOOR);
		System::assert_has_event(Event::RaisedToFloor { class: Tensor, per_cu: FLOOR }.into());
	});
}

#[test]
fn rates_of_genesis_serve_until_they_are_stale_by_the_clock() {
	let mut known = genesis();
	known.rates = Some(VALUES);
	run(known, || {
		assert_ok!(Market::quote(Tensor, MAC));
		// The clock is taken down at the first refresh.
		blocks(299);
		assert!(FedAt::<Test>::get().is_some());
		assert_ok!(Market::quote(Tensor, MAC));
		skip(301);
		assert_noop!(Market::quote(Tensor, MAC), Error::<Test>::FeedsStale);
		all_feed(VALUES);
		assert_ok!(Market::quote(Tensor, MAC));
	});
}

#[test]
fn a_development_chain_lives_on_one_report() {
	let mut dev = genesis();
	dev.rates = Some(VALUES);
	dev.parameters = Parameters { min_feeders: 1, stale_after: 10 * YEAR, ..Default::default() };
	run(dev, || {
		for _ in 0..100 {
			skip(43_200);
			assert_ok!(Market::quote(Tensor, MAC));
			assert_eq!(used(), VALUES);
		}
		assert_ok!(feed(1, cents(40)));
		skip(43_200);
		assert_eq!(used(), cents(45), "a tenth in a day");
		skip(43_200);
		skip(300);
		assert_eq!(used().cal, cents(45).cal / 10 * 9);
	});
}

#[test]
fn an_outage_stops_quotes_and_nothing_else() {
	run_fed(|| {
		let quote = Market::quote(Tensor, MAC).expect("fed");
		skip(299);
		assert_ok!(Market::quote(Tensor, MAC));
		skip(1);
		assert_noop!(Market::quote(Tensor, MAC), Error::<Test>::FeedsStale);
		assert!(!Market::report().fresh);
		assert_eq!(Market::report().classes[2].per_cu_planck, None);
		// What it was is still known to those who pay rewards, and prices go on.
		skip(10 * 43_200);
		assert_eq!(Market::cal_price(), Some(VALUES.cal));
		assert!(Market::electricity(Tensor, MAC.into()).is_some());
		// Two of three are too few; the third is the end of it.
		assert_ok!(feed(1, VALUES));
		assert_ok!(feed(2, VALUES));
		assert_noop!(Market::quote(Tensor, MAC), Error::<Test>::FeedsStale);
		assert_ok!(feed(3, VALUES));
		assert_eq!(Market::quote(Tensor, MAC), Ok(quote));
		assert!(Market::report().fresh);
	});
}

#[test]
fn one_liar_of_three_moves_and_blocks_nothing() {
	for lie in [cents(1), cents(100_000), FeedValues { cal: 1, kwh: USD * 1_000_000 }] {
		run_fed(|| {
			for _ in 0..3 {
				day_of(|i| if i == 2 { lie } else { VALUES });
				assert_ok!(Market::quote(Tensor, MAC));
				assert_eq!(used(), VALUES);
			}
		});
	}
}

#[test]
fn two_liars_of_three_have_a_tenth_a_day() {
	run_fed(|| {
		let mut before = VALUES.cal;
		for _ in 0..5 {
			day_of(|i| if i == 1 { VALUES } else { cents(5_000) });
			assert!(used().cal <= before + before / 10 + 1);
			assert!(used().cal > before);
			before = used().cal;
		}
	});
}

#[test]
fn a_crash_of_nine_tenths_is_followed_at_a_tenth_a_day() {
	run_fed(|| {
		let mut before = VALUES.cal;
		let mut days = 0;
		while used().cal > cents(5).cal {
			day_of(|_| cents(5));
			assert!(used().cal >= before - before / 10);
			assert!(used().cal < before, "day {days}");
			before = used().cal;
			days += 1;
			assert_ok!(Market::quote(Tensor, MAC));
		}
		// 0.9^22 < 0.1, and a day that had begun.
		assert!((21..=23).contains(&days), "{days} days");
		assert_eq!(used(), cents(5));
	});
}

#[test]
fn a_short_spike_hardly_shows() {
	run_fed(|| {
		for _ in 0..30 {
			all_feed(VALUES);
			skip(30);
		}
		// One minute of a price 8 % higher in half an hour.
		all_feed(cents(54));
		skip(30);
		all_feed(VALUES);
		skip(270);
		assert_eq!(CurrentSchedule::<Test>::get().refreshed_at, System::block_number());
		assert!(used().cal > VALUES.cal && used().cal < VALUES.cal + VALUES.cal / 250);
	});
}

#[test]
fn a_clock_that_jumps_by_a_year_makes_all_stale_and_no_more() {
	run_fed(|| {
		Clock::set(&(Clock::get() + YEAR));
		next_block();
		assert_noop!(Market::quote(Tensor, MAC), Error::<Test>::FeedsStale);
		skip(300);
		assert_eq!(used(), VALUES);
		all_feed(cents(52));
		assert_ok!(Market::quote(Tensor, MAC));
		// The value of a year ago has no weight against the new one.
		skip(299);
		all_feed(cents(52));
		next_block();
		assert_eq!(used(), cents(52));
	});
}

#[test]
fn a_clock_that_stands_still_does_no_harm() {
	run_fed(|| {
		let time = Clock::get();
		for _ in 0..200 {
			all_feed(cents(52));
			Clock::set(&time);
			next_block();
			Clock::set(&time);
			skip(300);
			Clock::set(&time);
			assert_ok!(Market::quote(Tensor, MAC));
		}
		// No time passed for a mean: the last value is it.
		assert_eq!(RecentObservations::<Test>::get().len(), 1);
		assert_eq!(used(), cents(52));
		// It goes on.
		skip(30);
		all_feed(cents(54));
		skip(299);
		assert!(used().cal > cents(52).cal);
	});
}

#[test]
fn a_feeder_that_goes_takes_its_value_along() {
	run_fed(|| {
		let feeders = vec![feeder(1), feeder(2), feeder(4)];
		let root = RuntimeOrigin::root;
		assert_ok!(Market::set_feeders(root(), feeders.try_into().expect("few")));
		assert_noop!(feed(3, VALUES), Error::<Test>::NotFeeder);
		let lasts: Vec<_> = Feeders::<Test>::get().iter().map(|one| one.last.is_some()).collect();
		assert_eq!(lasts, [true, true, false]);
		// What there was stays valid, but two make no new median.
		assert_ok!(Market::quote(Tensor, MAC));
		assert_ok!(feed(1, VALUES));
		let median = None;
		System::assert_last_event(Event::Fed { who: feeder(1), values: VALUES, median }.into());
		skip(299);
		assert_ok!(feed(2, VALUES));
		assert_ok!(feed(1, VALUES));
		skip(1);
		assert_noop!(Market::quote(Tensor, MAC), Error::<Test>::FeedsStale);
		assert_ok!(feed(4, VALUES));
		assert_ok!(Market::quote(Tensor, MAC));
	});
}

#[test]
fn a_feed_is_free_twice_a_refresh() {
	run(genesis(), || {
		let pays = |i| feed(i, VALUES).expect("a feeder").pays_fee;
		assert_eq!(pays(1), Pays::No);
		assert_eq!(pays(1), Pays::Yes);
		assert_eq!(pays(2), Pays::No);
		skip(149);
		assert_eq!(pays(2), Pays::Yes);
		skip(149);
		assert_eq!(pays(2), Pays::Yes, "the last one counts, paid or not");
		skip(150);
		assert_eq!(pays(2), Pays::No);
	});
}

#[test]
fn bad_values_and_strangers_are_refused() {
	run(genesis(), || {
		assert_noop!(feed(9, VALUES), Error::<Test>::NotFeeder);
		let good = VALUES;
		for bad in [
			FeedValues { cal: 0, ..good },
			FeedValues { kwh: 0, ..good },
			FeedValues { cal: 1_000_001 * USD, ..good },
			FeedValues { kwh: u128::MAX, ..good },
		] {
			assert_noop!(feed(1, bad), Error::<Test>::BadValues);
		}
	});
}

#[test]
fn whoever_is_near_the_median_is_paid_at_the_step() {
	run_fed(|| {
		let pay = Parameters::default().feed_pay;
		let has = |i| Balances::balance(&feeder(i));
		skip(1_798);
		all_feed(VALUES);
		assert_ok!(feed(3, cents(90)));
		next_block();
		assert_eq!((has(1), has(2), has(3)), (pay, pay, 0), "the third is off");
		System::assert_has_event(Event::FeederPaid { who: feeder(1), amount: pay }.into());
		// Nobody is fresh an hour later, so nobody is paid.
		skip(1_800);
		assert_eq!((has(1), has(2), has(3)), (pay, pay, 0));
	});
}

#[test]
fn a_poor_treasury_pays_what_it_has_and_owes_nothing() {
	run_fed(|| {
		let deposit = UNIT / 1_000;
		let pay = Parameters::default().feed_pay;
		let left = 3 * deposit * 2;
		Balances::set_balance(&TREASURY, deposit + left);
		skip(1_798);
		all_feed(VALUES);
		next_block();
		for i in 1..=3 {
			assert_eq!(Balances::balance(&feeder(i)), left / 3);
			let missing = pay - left / 3;
			System::assert_has_event(Event::FeederShort { who: feeder(i), missing }.into());
		}
		assert_eq!(Balances::balance(&TREASURY), deposit, "it stays alive");
		// Nothing left: prices step all the same.
		skip(1_799);
		all_feed(VALUES);
		next_block();
		System::assert_has_event(Event::FeederShort { who: feeder(1), missing: pay }.into());
		assert_eq!(Balances::balance(&TREASURY), deposit);
	});
}

#[test]
fn a_share_below_the_deposit_of_a_new_account_is_not_paid() {
	run_fed(|| {
		Balances::set_balance(&TREASURY, UNIT / 1_000 + 30);
		skip(1_798);
		all_feed(VALUES);
		next_block();
		assert_eq!(Balances::balance(&feeder(1)), 0);
		assert_eq!(Balances::balance(&TREASURY), UNIT / 1_000 + 30);
	});
}

/// Something that happens to the market.
#[derive(Clone, Debug)]
enum Happening {
	Feed(u8, u128, u128),
	Blocks(u32),
	Jump(u64),
	Use(u128, u128),
	Energy(u64),
	Price(u128),
	Rules(u32, u32, u32, u64, u64, u32, u32),
	Feeders(u8),
}

fn happening() -> impl Strategy<Value = Happening> {
	let value = || prop_oneof![Just(1u128), 1..=1_000u128, USD / 2..=USD, Just(USD * 1_000_000)];
	prop_oneof![
		8 => (1..=3u8, USD / 2..=USD, USD / 10..=USD / 2)
			.prop_map(|(i, cal, kwh)| Happening::Feed(i, cal, kwh)),
		4 => (0..=5u8, value(), value()).prop_map(|(i, cal, kwh)| Happening::Feed(i, cal, kwh)),
		8 => (1..=400u32).prop_map(Happening::Blocks),
		2 => (1..=100_000u32).prop_map(Happening::Blocks),
		1 => prop_oneof![0..=YEAR, Just(u64::MAX / 4)].prop_map(Happening::Jump),
		2 => (any::<u128>(), any::<u128>()).prop_map(|(o, b)| Happening::Use(o, b)),
		1 => prop_oneof![1..=20_000u64, any::<u64>()].prop_map(Happening::Energy),
		1 => prop_oneof![any::<u128>(), 1..=USD].prop_map(Happening::Price),
		1 => (0..=2_000u32, 0..=500u32, 0..=50_000u32, 0..=1_000_000u64, 0..=2_000_000u64, 0..=4u32,
			0..=1_000_000u32)
			.prop_map(|(a, b, c, d, e, f, g)| Happening::Rules(a, b, c, d, e, f, g)),
		1 => (0..=5u8).prop_map(Happening::Feeders),
	]
}

proptest! {
	#![proptest_config(cases())]

	/// The invariants are checked at each block, and a rate never leaves what a day allows.
	#[test]
	fn whatever_happens_the_market_holds(all in prop::collection::vec(happening(), 1..40)) {
		run(genesis(), || {
			let root = RuntimeOrigin::root;
			for one in all {
				match one {
					Happening::Feed(i, cal, kwh) => {
						let _ = feed(i, FeedValues { cal, kwh });
					},
					Happening::Blocks(count) => skip(count),
					Happening::Jump(time) => Clock::set(&Clock::get().saturating_add(time)),
					Happening::Use(offered, busy) => use_all(offered, busy),
					Happening::Energy(millijoules) => {
						let _ = Market::set_energy(root(), Tensor, millijoules);
					},
					Happening::Price(per_cu) => {
						let _ = Market::set_price(root(), Tensor, per_cu);
					},
					Happening::Rules(step, refresh, day, stale_after, twap, min_feeders, spread) => {
						let spread = sp_runtime::Permill::from_parts(spread);
						let parameters = Parameters {
							step, refresh, day, stale_after, twap, min_feeders, spread, feed_pay: UNIT,
						};
						let _ = Market::set_parameters(root(), parameters);
					},
					Happening::Feeders(count) => {
						let named: Vec<_> = (1..=count).map(feeder).collect();
						let _ = Market::set_feeders(root(), named.try_into().expect("few"));
					},
				}
				if let Ok(quote) = Market::quote(Tensor, MAC) {
					assert!(quote.withheld <= quote.price.div_ceil(2));
					assert!(Market::report().fresh);
				}
				assert!(Market::valid_until() >= System::block_number());
				next_block();
			}
		});
	}
}
