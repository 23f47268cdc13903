// SPDX-License-Identifier: Apache-2.0
//! What a job costs, until when, and what can be read.

use crate::{mock::*, weights::WeightInfo as _, Classes, Error, Parameters};
use calor_primitives::{
	job::HardwareClass::{General, Tensor},
	market::FeedValues,
	money::{Price, MIN_JOB_PRICE, UNIT},
	traits::Tariff,
};
use frame_support::{assert_noop, assert_ok};

fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

#[test]
fn a_quote_by_hand() {
	run_fed(|| {
		// 10,000 CU at 10^-5 USD are 0.1 USD: 0.2 CAL.
		let quote = Market::quote(Tensor, 10_000_000_000_000_000).expect("fed");
		assert_eq!(quote, Price { price: UNIT / 5, withheld: 0 });
		assert_eq!(Market::quote(Tensor, 1).expect("fed").price, MIN_JOB_PRICE);
		assert_eq!(Market::quote(Tensor, 0).expect("fed").price, MIN_JOB_PRICE);
	});
}

#[test]
fn half_of_what_stands_above_the_mean_is_withheld() {
	run_fed(|| {
		assert_ok!(Market::set_price(root(), Tensor, PRICE * 2));
		let quote = Market::quote(Tensor, 10_000_000_000_000_000).expect("fed");
		// Half of the half by which it is too dear.
		assert_eq!(quote, Price { price: UNIT / 5 * 2, withheld: UNIT / 10 });
		assert_ok!(Market::set_price(root(), Tensor, PRICE / 2));
		assert_eq!(Market::quote(Tensor, 10_000_000_000_000_000).expect("fed").withheld, 0);
	});
}

#[test]
fn a_quote_holds_as_long_as_it_says() {
	run_fed(|| {
		use_all(10, 10);
		let mac = 10_000_000_000_000_000;
		let mut quote = Market::quote(Tensor, mac).expect("fed");
		let mut until = Market::valid_until();
		assert_eq!(until, 299);
		let mut changes = 0;
		for i in 0..4_000u32 {
			if i % 40 == 0 {
				all_feed(cents(50 + u128::from(i / 400)));
			}
			next_block();
			let now = System::block_number();
			let quoted = Market::quote(Tensor, mac).expect("fed");
			if now <= until {
				assert_eq!(quoted, quote, "at {now}, before {until}");
			}
			changes += u32::from(quoted != quote);
			(quote, until) = (quoted, Market::valid_until());
			assert!(until >= now);
		}
		assert!(changes > 5, "{changes} changes");
	});
}

#[test]
fn shorter_periods_act_in_the_next_block() {
	run_fed(|| {
		skip(200);
		let parameters = Parameters { refresh: 10, ..Default::default() };
		assert_ok!(Market::set_parameters(root(), parameters));
		assert_eq!(Market::valid_until(), System::block_number());
		next_block();
		assert_eq!(Market::valid_until(), System::block_number() + 9);
	});
}

#[test]
fn a_class_without_a_price_is_not_quoted() {
	let mut one_class = genesis();
	one_class.classes.truncate(1);
	run(one_class, || {
		all_feed(VALUES);
		assert_ok!(Market::quote(General, 1));
		assert_noop!(Market::quote(Tensor, 1), Error::<Test>::NoPrice);
		skip(1_800);
		assert_eq!(Market::report().classes.len(), 1);
		assert!(!Classes::<Test>::contains_key(Tensor));
	});
}

#[test]
fn a_price_beyond_all_tokens_is_refused() {
	run_fed(|| {
		assert_ok!(Market::set_price(root(), Tensor, 1_000_000 * USD));
		assert_noop!(Market::quote(Tensor, u64::MAX), Error::<Test>::PriceTooLarge);
	});
}

#[test]
fn the_report_says_it_all() {
	run_fed(|| {
		use_all(4, 1);
		skip(1_798);
		assert_ok!(feed(1, cents(51)));
		all_feed(VALUES);
		next_block();
		let report = Market::report();
		assert_eq!(report.rates, Some(VALUES));
		assert!(report.fresh);
		assert_eq!(report.fed_at, Clock::get() - BLOCK_TIME);
		assert_eq!(report.next_step, 3_600);
		assert_eq!(report.feeders[0], (feeder(1), Some((VALUES, report.fed_at))));
		let class = &report.classes[2];
		assert_eq!(class.class, Tensor);
		assert_eq!(class.floor, FLOOR);
		assert_eq!(class.utilisation, Some(sp_runtime::Perbill::from_percent(25)));
		assert!(class.per_cu < PRICE && class.average < PRICE);
		assert_eq!(class.per_cu_planck, Some(class.per_cu * 2));
	});
}

#[test]
fn what_is_quoted_follows_the_price_of_cal() {
	run_fed(|| {
		let mac = 10_000_000_000_000_000;
		day_of(|_| FeedValues { cal: VALUES.cal / 2, ..VALUES });
		// CAL fell by a tenth at first: a job costs a ninth more of it.
		let quote = Market::quote(Tensor, mac).expect("fed");
		assert!(quote.price > UNIT / 5);
	});
}

#[test]
fn the_hook_says_what_it_weighs() {
	run_fed(|| {
		let wait = <()>::wait();
		assert_eq!(next_block(), wait);
		skip(297);
		assert_eq!(next_block(), wait.saturating_add(<()>::refresh()));
		skip(43_200 - System::block_number() - 1);
		let all = wait
			.saturating_add(<()>::begin_day())
			.saturating_add(<()>::refresh())
			.saturating_add(<()>::step(3));
		skip(1_800 - 1);
		let weight = next_block();
		assert!(weight.ref_time() <= all.ref_time() && weight.ref_time() > wait.ref_time());
		// All at its worst is a small part of a block of 2 seconds.
		let worst = all.saturating_add(<()>::step(16));
		assert!(worst.ref_time() < 40_000_000_000, "{worst}");
	});
}
