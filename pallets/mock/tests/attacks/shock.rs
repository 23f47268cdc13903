// SPDX-License-Identifier: Apache-2.0
//! Prices under demand that answers to them, through the real market and the real meter of use.

use crate::ground::{go_to, money_holds};
use calor_mock::*;
use calor_primitives::{
	job::HardwareClass,
	money::{settlement_burn, UNIT},
	traits::{Assign, Rates as _},
	Balance, BlockNumber,
};
use frame_support::{assert_ok, traits::Hooks};
use pallet_market::{controller::TARGET, Classes, Parameters};

const CLASS: HardwareClass = HardwareClass::General;

fn price() -> u128 {
	Classes::<Runtime>::get(CLASS).expect("priced").per_cu
}

/// Runs a step of the price in which so much of the capacity of bob is used.
fn step(part: f64, length: BlockNumber) {
	let bob = account("bob");
	let begins = System::block_number();
	let busy = (part.clamp(0.0, 1.0) * f64::from(length)).round() as BlockNumber;
	if busy > 0 {
		assert_ok!(<Providers as Assign>::occupy(&bob, 1));
		System::set_block_number(begins + busy);
		// Heard: a silence is not what is looked at here.
		<Providers as Assign>::vacate(&bob);
	}
	System::set_block_number(begins + length);
	<Market as Hooks<BlockNumber>>::on_initialize(begins + length);
	assert_eq!(<Market as calor_primitives::traits::Invariants>::check(), Ok(()));
}

/// Prices after a shock to demand from the price at which it was even, each as a part of the new even price.
fn shocked(by: f64, steps: usize) -> Vec<f64> {
	let mut found = Vec::new();
	Story::tell_long(|m| {
		let rules = Parameters { stale_after: u64::MAX, min_feeders: 1, ..Default::default() };
		assert_ok!(Market::set_parameters(RuntimeOrigin::root(), rules));
		m.provider("bob");
		prove("bob", 1_000_000_000_000);
		let length = rules.step;
		// Start with a step, so that heights and meters begin with the shock.
		System::set_block_number(length * 100);
		<Market as Hooks<BlockNumber>>::on_initialize(length * 100);
		let before = price();
		let target = f64::from(TARGET.deconstruct()) / 1e9;
		let even = before as f64 * by;
		for _ in 0..steps {
			step(target * even / price() as f64, length);
			found.push(price() as f64 / even);
		}
	});
	found
}

#[test]
fn half_more_demand_settles_in_a_day_without_swinging() {
	let course = shocked(1.5, 200);
	println!("price over its new level, by step after +50 % demand:");
	course.iter().take(30).enumerate().for_each(|(n, at)| println!("{:3} {at:.4}", n + 1));
	assert!(course[0] > 1.0 / 1.5, "it rises at once");
	let settled = course.iter().position(|at| (at - 1.0).abs() <= 0.05).expect("settles");
	println!("within 5 % after {} steps", settled + 1);
	assert!(settled < 24, "{settled}");
	for (n, at) in course.iter().enumerate() {
		assert!(*at <= 1.05, "step {n} overshoots: {at}");
		assert!(n < 23 || (at - 1.0).abs() <= 0.05, "step {n} leaves again: {at}");
	}
	// It comes to rest, and swings by less than a hundredth there.
	let rest = &course[100..];
	let (low, high) = rest.iter().fold((f64::MAX, 0f64), |(l, h), at| (l.min(*at), h.max(*at)));
	println!("at rest between {low:.4} and {high:.4}");
	assert!(high - low < 0.01);
}

#[test]
fn other_shocks_do_not_swing_either() {
	for by in [0.5, 0.67, 0.9, 1.1, 2.0, 3.0] {
		let course = shocked(by, 300);
		let from_above = by < 1.0;
		for (n, at) in course.iter().enumerate() {
			let beyond = if from_above { 1.0 - at } else { at - 1.0 };
			assert!(beyond <= 0.05, "{by}: step {n} is beyond by {beyond}");
		}
		let end = course.last().expect("some");
		assert!((end - 1.0).abs() < 0.02, "{by}: ends at {end}");
	}
}

/// One job at the floor: what its provider, whom nobody attested, has of it, and what its electricity costs.
fn at_the_floor(class: HardwareClass, millijoules: u64) -> (Balance, Balance) {
	let mut found = (0, 0);
	Story::tell_long(|m| {
		let root = RuntimeOrigin::root();
		assert_ok!(Market::set_energy(root.clone(), class, millijoules));
		let floor = Market::floor_of(class);
		assert_ok!(Market::set_price(root, class, floor));
		m.provider_with("bob", class, 0, BOND);
		let before = wealth("bob");
		let mut spec = m.spec(&program_of(400_000_000_000));
		spec.class = class;
		spec.deliver_within = 500;
		let job = m.submit_spec("alice", spec);
		let mac = record(job).mac;
		m.deliver(job);
		advance(CHALLENGE + 1);
		let payment = payment(job);
		assert_eq!(payment.withheld, 0, "the floor is not scarcity");
		assert_eq!(payment.burned, settlement_burn(class).mul_ceil(payment.burned + payment.paid));
		let earned = wealth("bob") - before;
		assert_eq!(earned, payment.paid);
		let cost = Market::electricity(class, mac.into()).expect("known");
		let cal = Market::cal_price().expect("known");
		// In planck, rounded up.
		let cost = (cost * UNIT).div_ceil(cal);
		assert!(payment.burned + payment.paid > UNIT / 100, "above the least price of a job");
		// What is recycled to whom nobody attested comes on top.
		m.close_epoch();
		let recycled = claim("bob");
		println!(
			"{class:?} at the floor: electricity {cost}, paid {earned}, recycled {recycled} planck"
		);
		assert!(recycled >= payment.burned * 45 / 100 - 1);
		found = (earned, cost);
	});
	found
}

#[test]
fn at_the_floor_work_pays_more_than_its_electricity_in_every_class() {
	for class in HardwareClass::ALL {
		for millijoules in [700_000_000, 1_000_000_000] {
			let (earned, cost) = at_the_floor(class, millijoules);
			assert!(earned > cost, "{class:?}: {earned} for {cost}");
			let tenths = if class == HardwareClass::Tensor { 12 } else { 128 };
			let whole = if class == HardwareClass::Tensor { 10 } else { 100 };
			assert!(earned * whole + whole >= cost * tenths, "{class:?}: a fifth or more on top");
		}
	}
}

/// Electricity that becomes dearer lifts the floor, and what it asks for is not burned as scarcity.
#[test]
fn a_rising_floor_is_not_withheld() {
	Story::tell_long(|_| {
		crate::ground::set_rates(CAL_USD, KWH_USD * 1_000_000);
		go_to(System::block_number() + PRICE_STEP);
		go_to(System::block_number() + PRICE_STEP);
		let record = Classes::<Runtime>::get(CLASS).expect("priced");
		assert_eq!(record.per_cu, Market::floor_of(CLASS));
		assert!(record.average.value() < record.per_cu);
		let quote = <Market as calor_primitives::traits::Tariff>::quote(CLASS, 1_000_000_000_000);
		assert_eq!(quote.expect("fresh").withheld, 0);
		money_holds();
	});
}
