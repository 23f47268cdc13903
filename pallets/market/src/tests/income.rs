// SPDX-License-Identifier: Apache-2.0
//! What a provider keeps at the floor: more than its electricity, with the rounding that the chain uses.

use crate::{
	controller::floor,
	mock::*,
	tariff::{price_of, withheld},
	types::MAX_ENERGY,
	Classes,
};
use calor_primitives::{
	job::HardwareClass,
	market::FeedValues,
	money::{Payment, Price, MIN_JOB_PRICE},
	traits::{Rates, Tariff},
};
use frame_support::assert_ok;
use proptest::prelude::*;

/// Whether what is paid for a job, in CAL at `cal` pico-USD, is worth more than the electricity of its CU.
fn covers(paid: u128, cal: u128, mac: u64, millijoules: u64, kwh: u128) -> bool {
	// paid / UNIT * cal  >  mac / MAC_PER_CU * millijoules / 3.6e9 * kwh; UNIT and MAC_PER_CU cancel.
	let worth = paid * cal;
	let cost = u128::from(mac) * (u128::from(millijoules) * kwh / 3_600_000_000 + 1);
	worth > cost
}

proptest! {
	#![proptest_config(cases())]

	/// No recycled reward, no availability reward, nothing withheld: an unattested provider's least income.
	#[test]
	fn a_price_at_the_floor_pays_for_more_than_electricity(
		millijoules in 1_000..=1_000_000u64,
		// From a cent to ten USD for a kWh, and from a thousandth to a thousand for a CAL.
		kwh in USD / 100..=10 * USD,
		cal in USD / 1_000..=1_000 * USD,
		mac in 1_000_000..=1_000_000_000_000_000u64,
	) {
		let per_cu = floor(millijoules, kwh);
		let price = price_of(mac, per_cu, cal).expect("fits").max(MIN_JOB_PRICE);
		for class in HardwareClass::ALL {
			let payment = Payment::of(Price { price, withheld: 0 }, 0, class);
			prop_assert_eq!(payment.total(), price);
			prop_assert!(covers(payment.paid, cal, mac, millijoules, kwh));
		}
	}
}

proptest! {
	#![proptest_config(cases())]

	/// Above the floor half of the excess over the mean is withheld: never so much that work does not pay.
	#[test]
	fn what_is_withheld_leaves_more_than_electricity(
		millijoules in 1_000..=1_000_000u64,
		kwh in USD / 100..=10 * USD,
		cal in USD / 1_000..=1_000 * USD,
		mac in 1_000_000..=1_000_000_000_000_000u64,
		percent in 100..=10_000u128,
		mean in 0..=100u128,
	) {
		let floor = floor(millijoules, kwh);
		let per_cu = floor * percent / 100;
		let usual = (per_cu * mean / 100).max(floor);
		let price = price_of(mac, per_cu, cal).expect("fits").max(MIN_JOB_PRICE);
		let withheld = withheld(price, per_cu, usual);
		for class in HardwareClass::ALL {
			let payment = Payment::of(Price { price, withheld }, 0, class);
			prop_assert_eq!(payment.withheld, withheld);
			prop_assert!(covers(payment.paid, cal, mac, millijoules, kwh));
		}
	}
}

#[test]
fn every_class_earns_at_the_floor_even_after_the_floor_has_risen() {
	let mut low = genesis();
	low.rates = Some(VALUES);
	low.classes = HardwareClass::ALL.map(|class| (class, FLOOR, ENERGY)).to_vec();
	run(low, || {
		use_all(10, 0);
		// Electricity doubles within eight days: the mean of the price is far behind.
		for _ in 0..9 {
			day_of(|_| FeedValues { kwh: VALUES.kwh * 2, ..VALUES });
		}
		for class in HardwareClass::ALL {
			let record = Classes::<Test>::get(class).expect("open");
			assert_eq!(record.per_cu, floor(ENERGY, VALUES.kwh * 2));
			assert!(record.average.value() < record.per_cu * 4 / 5);
			let mac = 1_000_000_000_000_000;
			let quote = Market::quote(class, mac).expect("fed");
			assert_eq!(quote.withheld, 0, "a floor is not scarcity");
			let payment = Payment::of(quote, 0, class);
			let worth = payment.paid * Market::cal_price().expect("fed") / USD;
			let electricity = Market::electricity(class, mac.into()).expect("fed");
			// A fifth on top of electricity in class Tensor, 28 % in the others.
			let least = if class == HardwareClass::Tensor { 119 } else { 127 };
			assert!(worth * 100 > electricity * least, "{class:?}: {worth} for {electricity}");
		}
	});
}

#[test]
fn the_dearest_electricity_is_still_covered() {
	run_fed(|| {
		let class = HardwareClass::Tensor;
		assert_ok!(Market::set_energy(RuntimeOrigin::root(), class, MAX_ENERGY));
		let quote = Market::quote(class, 1_000_000_000_000).expect("fed");
		let payment = Payment::of(quote, 0, class);
		assert!(covers(payment.paid, VALUES.cal, 1_000_000_000_000, MAX_ENERGY, VALUES.kwh));
	});
}
