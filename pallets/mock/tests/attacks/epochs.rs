// SPDX-License-Identifier: Apache-2.0
//! The close of an epoch pays what it is said to pay, to the planck, in one block or in many.

use crate::{
	cases,
	ground::*,
	oracle::{self, Facts, Machine, Standing},
};
use calor_mock::*;
use calor_primitives::{
	job::HardwareClass,
	money::MintKind,
	supply::{Pools, Reward},
};
use pallet_burn_mint::{emission, BaselineCapacity, BaselineWork, CurrentEpoch, Minted, WorkOf};
use pallet_disclosure::{GroupRecord, Obligation};
use proptest::{collection::vec, prelude::*, sample::select};

/// Energy of the classes on the ground, in millijoules a CU.
pub fn millijoules(class: HardwareClass) -> u64 {
	match class {
		HardwareClass::General => 50_000,
		HardwareClass::HighMemory => 90_000,
		HardwareClass::Tensor => 20_000,
	}
}

/// Amounts of all magnitudes up to `most`.
pub fn magnitudes(most: u128) -> impl Strategy<Value = u128> {
	(0..=most.ilog2(), any::<u128>()).prop_map(move |(bits, random)| {
		(random & ((1u128 << bits) | ((1u128 << bits) - 1))).min(most)
	})
}

pub fn class() -> impl Strategy<Value = HardwareClass> {
	select(&HardwareClass::ALL[..])
}

fn standing() -> impl Strategy<Value = Standing> {
	select(vec![Standing::Attested, Standing::Unattested, Standing::Overdue])
}

/// A machine of one of so many groups.
fn machine(groups: usize) -> impl Strategy<Value = Machine> {
	let attended = prop_oneof![Just(0), Just(REWARD_EPOCH), 0..=REWARD_EPOCH, Just(u32::MAX)];
	let mac = prop_oneof![
		magnitudes(u64::MAX.into()).prop_map(|mac| mac as u64),
		1_000_000_000_000_000..4_000_000_000_000_000u64,
	];
	let burn = prop_oneof![Just(0), magnitudes(1_000_000_000_000_000_000)];
	(0..groups, class(), mac, attended, burn).prop_map(|(group, class, mac, attended, burn)| {
		Machine { group, class, mac, attended, burn }
	})
}

/// What is worth so much that nothing is paid, and so little that everything is.
pub fn rates() -> impl Strategy<Value = (u128, u128)> {
	let most = pallet_market::types::MAX_PRICE;
	(magnitudes(most).prop_map(|cal| cal.max(1)), magnitudes(most).prop_map(|kwh| kwh.max(1)))
}

/// Seats machines of groups and lets them work.
pub fn seat_all(machines: &[Machine], standings: &[Standing]) {
	for (n, machine) in machines.iter().enumerate() {
		let who = owner(n as u32);
		fund(&who, 1_000_000_000_000);
		seat(&who, machine.class, machine.mac, machine.attended);
		work(&who, machine.burn);
	}
	for (group, standing) in standings.iter().enumerate() {
		let members: Vec<_> = (0..machines.len())
			.filter(|n| machines[*n].group == group)
			.map(|n| owner(n as u32))
			.collect();
		set_group_of(&members, *standing != Standing::Unattested);
		if let (Standing::Overdue, Some(head)) = (standing, members.first()) {
			let obligation = Obligation::Owes { by: 0 };
			let record = GroupRecord { obligation, ..Default::default() };
			pallet_disclosure::Records::<Runtime>::insert(head, record);
		}
	}
}

/// What the chain closes the epoch under way by, if it ends when it should.
pub fn facts(machines: &[Machine], groups: &[Standing], rates: (u128, u128)) -> Facts {
	Facts {
		pools: pallet_burn_mint::Pools::<Runtime>::get(),
		baseline_capacity: BaselineCapacity::<Runtime>::get(),
		baseline_work: BaselineWork::<Runtime>::get(),
		span: epoch_end() - CurrentEpoch::<Runtime>::get().began,
		machines: machines.to_vec(),
		groups: groups.to_vec(),
		price_of_work: WorkOf::<Runtime>::get(epoch()).price,
		cal: rates.0,
		kwh: rates.1,
		millijoules,
		block_ms: BLOCK_MS,
	}
}

/// Plays one epoch, and holds it against the formulas. Gives back the rewards, by machine.
fn plays_as_computed(
	machines: &[Machine],
	standings: &[Standing],
	rates: (u128, u128),
	authored: bool,
	entries: Option<u32>,
) {
	on_new_chain(|| {
		if let Some(entries) = entries {
			narrow_close(entries);
		}
		set_rates(rates.0, rates.1);
		seat_all(machines, standings);
		if authored {
			author_is(owner(1_000));
		}
		let facts = facts(machines, standings, rates);
		let expected = oracle::close(&facts, authored);
		let closing = epoch();
		let report = finish_epoch();

		assert_eq!(report.budget, expected.budget);
		assert_eq!(report.capacity, expected.capacity);
		assert_eq!(report.kappa.deconstruct(), expected.kappa);
		assert_eq!((report.validators, report.treasury), (expected.validators, expected.treasury));
		for (group, (availability, work)) in expected.groups.iter().enumerate() {
			let members = (0..machines.len()).filter(|n| machines[*n].group == group);
			let got = sum(members.map(|n| reward_of(&owner(n as u32), closing)));
			let expected = Reward { availability: *availability, work: *work };
			assert_eq!(got, expected, "group {group} of {standings:?}");
		}
		assert_eq!(report.drawn, expected.drawn);
		let left = pallet_burn_mint::Pools::<Runtime>::get();
		let before = facts.pools;
		assert_eq!(left.simple + report.drawn.simple, before.simple, "what is not paid stays");
		assert_eq!(left.baseline + report.drawn.baseline, before.baseline);
		let all = sum(rewards_of(closing).into_iter().map(|(_, reward)| reward));
		assert_eq!(all.availability, report.drawn.simple + report.drawn.baseline);
		assert_eq!(all.work, report.recycled);
		assert_eq!(BaselineCapacity::<Runtime>::get(), expected.next_capacity);
		assert_eq!(BaselineWork::<Runtime>::get(), expected.next_work);
		assert_eq!(Minted::<Runtime>::get(MintKind::Availability), 0, "minted when claimed");
	});
}

proptest! {
	#![proptest_config(cases())]

	#[test]
	fn a_close_pays_what_the_formulas_say(
		machines in vec(machine(4), 0..10),
		standings in vec(standing(), 4),
		rates in rates(),
		authored: bool,
		entries in prop_oneof![Just(None), (1..6u32).prop_map(Some)],
	) {
		plays_as_computed(&machines, &standings, rates, authored, entries);
	}
}

#[test]
fn an_epoch_without_anybody_pays_the_treasury_alone() {
	plays_as_computed(&[], &[], (CAL_USD, KWH_USD), false, None);
}

/// A chain that is ten years old in a moment: nothing drifts.
#[test]
fn ten_years_of_full_capacity_follow_the_schedule() {
	let mut left = emission::pools();
	let mut before = left;
	for _ in 0..3_650 {
		before = left;
		left = emission::after(&left, &emission::draw_in_full(&left));
	}
	assert!(left.simple < before.simple && left.baseline < before.baseline);
	let ten_years = emission::schedule(emission::pools(), 10);
	let given = emission::SIMPLE + emission::BASELINE - left.simple - left.baseline;
	assert_eq!(ten_years.last(), Some(&given));
	// 2^(-10 / 4) of the simple pool and 2^(-10 / 6) of the baseline pool are left, of years of 365.25 days.
	let near = |part: u128, whole: u128, expected: f64| {
		let found = part as f64 / whole as f64;
		assert!((found / expected - 1.0).abs() < 0.002, "{found} of {expected}");
	};
	near(left.simple, emission::SIMPLE, 2f64.powf(-10.0 / 4.0));
	near(left.baseline, emission::BASELINE, 2f64.powf(-10.0 / 6.0));
}

#[test]
fn a_year_at_a_standstill_is_one_epoch_and_one_step_of_the_price() {
	on_new_chain(|| {
		let year = 15_778_800;
		seat(&owner(0), HardwareClass::General, 4_000_000_000_000_000, u32::MAX);
		let steps = || pallet_market::Classes::<Runtime>::get(HardwareClass::General).unwrap();
		// In full use, a step raises the price by a sixteenth.
		use pallet_providers::Meters;
		Meters::<Runtime>::mutate(HardwareClass::General, |meter| {
			meter.offered_over_time = 5;
			meter.busy_over_time = 5;
		});
		let (before, index) = (steps(), epoch());
		let pools = pallet_burn_mint::Pools::<Runtime>::get();
		go_to(System::block_number() + year);
		jump_clock(u64::from(year) * BLOCK_MS);
		while is_closing() {
			block();
		}
		assert_eq!(epoch(), index + 1, "one epoch");
		let report = BurnMint::epoch_report(index).unwrap();
		let most = emission::draw_in_full(&pools);
		let drawn = report.drawn;
		assert!(drawn.simple <= most.simple && drawn.baseline <= most.baseline, "one draw");
		let rise = steps().per_cu - before.per_cu;
		assert_eq!(rise, before.per_cu / 16, "one step");
		for _ in 0..5 {
			block();
		}
		assert_eq!(epoch(), index + 1);
		assert_eq!(steps().per_cu - before.per_cu, rise);
	});
}

#[test]
fn a_clock_that_jumps_a_year_ends_no_epoch_and_moves_no_price() {
	on_new_chain(|| {
		let class = || pallet_market::Classes::<Runtime>::get(HardwareClass::General);
		let before = (epoch(), class(), pallet_burn_mint::Pools::<Runtime>::get());
		jump_clock(365 * 86_400_000);
		for _ in 0..5 {
			block();
		}
		assert_eq!((epoch(), class(), pallet_burn_mint::Pools::<Runtime>::get()), before);
	});
}

#[test]
fn a_close_that_outlasts_its_epoch_delays_the_next_and_draws_once() {
	on_new_chain(|| {
		narrow_close(1);
		for n in 0..60 {
			seat(&owner(n), HardwareClass::General, 1_000_000_000_000, REWARD_EPOCH);
		}
		let index = epoch();
		go_to(epoch_end());
		let began = System::block_number();
		assert!(is_closing());
		let mut closed_at = began;
		while is_closing() {
			assert_eq!(epoch(), index + 1, "the next waits for the close");
			closed_at = System::block_number() + 1;
			block();
			money_holds();
		}
		assert!(closed_at - began > REWARD_EPOCH, "took {} blocks", closed_at - began);
		if epoch() == index + 1 {
			block();
		}
		assert_eq!(epoch(), index + 2);
		let ended = pallet_burn_mint::Close::<Runtime>::get();
		let span = ended.ended().map_or(0, |ended| ended.span);
		assert!(span > REWARD_EPOCH, "one long epoch: {span}");
	});
}

/// Pools of nothing, capacity of nothing and budgets of nothing make no error.
#[test]
fn empty_pools_pay_nothing() {
	on_new_chain(|| {
		let empty = Pools::default();
		assert_eq!(emission::draw(&empty, u128::MAX, 1), empty);
		assert_eq!(emission::draw(&emission::pools(), 1, 0).baseline, 0);
		assert_eq!(emission::in_proportion(0, &empty), empty);
		assert_eq!(emission::capacity(u128::MAX, 0), 0);
	});
}
