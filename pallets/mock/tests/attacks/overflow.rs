// SPDX-License-Identifier: Apache-2.0
//! The largest and the smallest of everything: nothing overflows, and nothing is rounded in favour of who is paid.

use crate::{
	cases,
	epochs::{class, magnitudes},
	ground::*,
};
use calor_mock::*;
use calor_primitives::{
	job::HardwareClass,
	market::FeedValues,
	money::{Payment, Price, CAP, GENESIS, UNIT},
	supply::{Pools, Reward},
	traits::{Invariants, Rates},
	Balance,
};
use frame_support::traits::Hooks;
use pallet_burn_mint::{
	electricity, emission, kappa,
	sharing::{share, slice, Whole},
	tau,
	types::PerClass,
	BaselineCapacity, CurrentWindows, GroupTally, Member, Rank, Windows,
};
use pallet_market::{types::RatesRecord, CurrentRates};
use proptest::{collection::vec, prelude::*};
use sp_core::U512;
use sp_runtime::Perbill;

/// The largest capacity that is ever spoken of, in multiply-accumulates per second.
const FARTHEST: u128 = 1_000_000_000_000_000_000_000_000;
const BLOCKS: u128 = 1 << 32;

fn wide(n: u128) -> U512 {
	U512::from(n)
}

fn exact(a: u128, b: u128, c: u128) -> u128 {
	u128::try_from(wide(a) * wide(b) / wide(c)).expect("128 bits")
}

#[test]
fn the_farthest_capacity_over_all_blocks_is_exact() {
	let weights = FARTHEST * BLOCKS;
	assert_eq!(emission::capacity(weights, u32::MAX), weights / u128::from(u32::MAX));
	let pools = emission::pools();
	let full = emission::draw_in_full(&pools);
	assert_eq!(emission::draw(&pools, FARTHEST, FARTHEST), full);
	assert_eq!(emission::draw(&pools, u128::MAX, u128::MAX), full);
	assert_eq!(emission::draw(&pools, FARTHEST, emission::CAPACITY_START), full);
	let half = emission::draw(&pools, FARTHEST / 2, FARTHEST).baseline;
	assert_eq!(half, full.baseline / 2);
	let next = emission::next_baseline(FARTHEST, FARTHEST);
	assert_eq!(next, FARTHEST + exact(FARTHEST, emission::BASELINE_GROWTH, emission::ONE));
	let end = emission::CAPACITY_MOST;
	assert_eq!(emission::next_baseline(u128::MAX, end), end, "stays rather than pass its end");
	assert!(emission::next_baseline(u128::MAX, end / 2) > end / 2);
	let mac = electricity::macs(weights, 2_000).expect("fits");
	assert_eq!(mac, weights * 2);
	// A million joules a CU is too much for anybody to have computed with at that scale; usual machines are not.
	assert!(pallet_market_electricity(mac, 7_000, 150_000_000_000).is_some());
}

fn pallet_market_electricity(mac: u128, millijoules: u64, kwh: u128) -> Option<u128> {
	on_new_chain(|| {
		set_rates(CAL_USD, kwh);
		pallet_market::Energy::<Runtime>::insert(HardwareClass::General, millijoules);
		Market::electricity(HardwareClass::General, mac)
	})
}

#[test]
fn the_cap_times_a_trillion_at_any_price() {
	let most = CAP * UNIT;
	for cal in [1, CAL_USD, 10u128.pow(30), u128::MAX] {
		let value = kappa::value(most, Some(cal));
		let expected = u128::try_from(wide(most) * wide(cal) / wide(UNIT)).unwrap_or(u128::MAX);
		assert_eq!(value, expected);
		let part = kappa::kappa(value, kappa::WORK_START);
		assert!((kappa::LEAST..=kappa::MOST).contains(&part));
	}
	assert_eq!(kappa::value(most, None), 0);
	assert_eq!(kappa::kappa(u128::MAX, 1), kappa::LEAST);
	assert_eq!(kappa::kappa(u128::MAX, 0), kappa::LEAST);
	assert_eq!(kappa::kappa(0, 0), kappa::MOST);
	assert_eq!(kappa::kappa(u128::MAX, u128::MAX), kappa::MOST);
	assert_eq!(kappa::next_baseline(u128::MAX), kappa::WORK_MOST);
	for rank in [Rank::Attested, Rank::Unattested, Rank::Overdue] {
		for part in [0, 1, most / 200, most / 200 + 1, most / 20, most / 20 + 1, most - 1, most] {
			assert!(tau::pay(rank, part, most) <= part);
			assert!(tau::pay(rank, part, 0) <= part);
		}
		assert!(tau::pay(rank, u128::MAX, u128::MAX) <= u128::MAX / 2 + CAP + u128::MAX / 4);
	}
	assert_eq!(share(most, u128::MAX, u128::MAX), most);
	assert_eq!(share(most, 1, 0), 0);
	assert_eq!(slice(most, u128::MAX - 1, 1, u128::MAX), 1);
}

#[test]
fn electricity_at_all_ends() {
	for cal in [1, 10u128.pow(30), u128::MAX / 2, u128::MAX] {
		for cost in [None, Some(0), Some(1), Some(u128::MAX)] {
			for budget in [0, 1, CAP, u128::MAX] {
				let paid = electricity::within(budget, cost, Some(cal));
				assert!(paid <= budget);
				let Some(cost) = cost else {
					assert_eq!(paid, 0);
					continue;
				};
				let limit = wide(cost) * wide(UNIT) / (wide(cal) * wide(2));
				assert!(wide(paid) <= limit);
			}
		}
	}
	assert_eq!(electricity::within(CAP, Some(u128::MAX), Some(0)), 0);
	assert_eq!(electricity::within(CAP, Some(u128::MAX), None), 0);
	assert_eq!(electricity::macs(u128::MAX, u64::MAX), None);
	assert_eq!(electricity::macs(u128::MAX, 1_000), Some(u128::MAX));
}

/// As many of the largest machines as may register, for as long as there are blocks, at the ends of all prices.
#[test]
fn the_chain_closes_epochs_of_the_largest_and_the_least() {
	let prices = [1, CAL_USD, 10u128.pow(30), u128::MAX];
	for mac in [0, 1, 4_000_000_000_000_000, u64::MAX] {
		for cal in prices {
			for kwh in prices {
				on_new_chain(|| {
					let values = FeedValues { cal, kwh };
					// Beyond what the market believes.
					CurrentRates::<Runtime>::put(RatesRecord { used: values, at_dawn: values });
					BaselineCapacity::<Runtime>::put(if mac == 0 { 1 } else { FARTHEST });
					for n in 0..6 {
						let who = owner(n);
						fund(&who, UNIT);
						let class = HardwareClass::ALL[n as usize % 3];
						seat(&who, class, mac, u32::MAX);
						work(&who, if n == 0 { GENESIS / 20 } else { 1 });
					}
					author_is(owner(0));
					let windows = Windows { epoch: u32::MAX, refund_after: u32::MAX };
					CurrentWindows::<Runtime>::put(windows);
					let closing = epoch();
					let began = System::block_number();
					// As if the last block of all had come.
					System::set_block_number(u32::MAX - 100);
					let short = Windows { epoch: u32::MAX - 100 - began, refund_after: 1 };
					CurrentWindows::<Runtime>::put(short);
					<BurnMint as Hooks<u32>>::on_initialize(u32::MAX - 100);
					assert_eq!(epoch(), closing + 1);
					assert_eq!(BurnMint::check(), Ok(()));
					let report = BurnMint::epoch_report(closing).expect("closed at once");
					let span = u128::from(u32::MAX - 100 - began);
					assert_eq!(report.capacity, 6 * u128::from(mac) * span / span);
					assert_eq!(report.counted, if mac == 0 { 0 } else { 6 });
					set_rates(CAL_USD, KWH_USD);
				});
			}
		}
	}
}

#[test]
fn a_weight_that_does_not_fit_is_none_and_does_no_harm_to_others() {
	on_new_chain(|| {
		let mut sums = PerClass::<u128>::default();
		assert!(sums.add(HardwareClass::Tensor, u128::MAX));
		assert!(!sums.add(HardwareClass::General, 1));
		assert_eq!(sums.sum(), Some(u128::MAX));
	});
}

proptest! {
	#![proptest_config(cases())]

	#[test]
	fn draws_are_exact_everywhere(
		simple in magnitudes(emission::SIMPLE),
		baseline in magnitudes(emission::BASELINE),
		capacity: u128,
		level in magnitudes(emission::CAPACITY_MOST),
	) {
		let (left, level) = (Pools { simple, baseline }, level.max(1));
		let draw = emission::draw(&left, capacity, level);
		prop_assert_eq!(draw.simple, exact(simple, emission::SIMPLE_RATE, emission::ONE));
		let full = wide(baseline) * wide(emission::BASELINE_RATE) * wide(capacity.min(level));
		let expected = full / (wide(level) * wide(emission::ONE));
		prop_assert_eq!(wide(draw.baseline), expected);
		let split = emission::split(draw.simple + draw.baseline);
		let all = split.providers + split.validators + split.treasury + split.auditors;
		prop_assert_eq!(all, draw.simple + draw.baseline);
		prop_assert!(split.providers >= all * 7_125 / 10_000);
		// More capacity never means less.
		let more = emission::draw(&left, capacity.saturating_add(1), level);
		prop_assert!(more.baseline >= draw.baseline);
	}

	#[test]
	fn a_part_never_takes_more_from_a_pool_than_was_drawn(
		simple in magnitudes(CAP),
		baseline in magnitudes(CAP),
		part: u128,
	) {
		let drawn = Pools { simple, baseline };
		let part = part % (simple + baseline + 1);
		let back = emission::in_proportion(part, &drawn);
		prop_assert_eq!(back.simple + back.baseline, part);
		prop_assert!(back.simple <= simple && back.baseline <= baseline);
	}

	/// Marginal, monotone, and never more than it was, at any scale.
	#[test]
	fn tau_only_lowers_and_rewards_no_split(
		all in magnitudes(CAP * UNIT),
		part in any::<u128>(),
		cut in any::<u128>(),
	) {
		let part = part % (all + 1);
		let cut = cut % (part + 1);
		let (whole, kept) = (tau::pay(Rank::Attested, part, all), tau::pay(Rank::Attested, cut, all));
		prop_assert!(whole <= part);
		prop_assert!(whole >= kept + (part - cut) / 2, "attested and unattested");
		prop_assert!(whole >= tau::pay(Rank::Unattested, part, all));
		prop_assert_eq!(tau::pay(Rank::Unattested, part, all), part / 2);
		prop_assert_eq!(tau::pay(Rank::Overdue, part, all), 0);
		// Against the definition: c is rounded up and no more.
		let (a, b) = (all / 200, all / 20);
		let clip = wide(part - whole);
		if part <= a {
			prop_assert!(clip.is_zero());
		} else if part <= b {
			let (square, four) = (wide(part - a) * wide(part - a), wide(4) * wide(b - a));
			prop_assert!(clip * four >= square && clip * four < square + four);
		} else {
			let quarters = wide(b - a) + wide(2) * wide(part - b);
			prop_assert!(clip * wide(4) >= quarters && clip * wide(4) < quarters + wide(4));
		}
	}

	/// Members of a group get exactly what the group gets, in any order, at any scale.
	#[test]
	fn members_share_a_group_exactly(
		members in vec((class(), magnitudes(FARTHEST * BLOCKS / 10), magnitudes(CAP / 10)), 1..8),
		others in vec((class(), magnitudes(FARTHEST * BLOCKS / 10), magnitudes(CAP / 10)), 0..4),
		limits in [magnitudes(CAP * UNIT), magnitudes(CAP * UNIT), magnitudes(CAP * UNIT)],
		parts in 500_000_000..=900_000_000u32,
		attested: bool,
	) {
		let rank = if attested { Rank::Attested } else { Rank::Unattested };
		let mut group = GroupTally::new(rank);
		let (mut weights, mut burned) = (PerClass::default(), 0u128);
		for (class, weight, burn) in &members {
			prop_assert!(group.weights.add(*class, *weight));
			group.burned += burn;
		}
		for (class, weight, burn) in members.iter().chain(&others) {
			prop_assert!(weights.add(*class, *weight));
			burned += burn;
		}
		let whole = Whole {
			limits: PerClass::from_fn(|class| limits[class as usize]),
			weights,
			burned,
			kappa: Perbill::from_parts(parts),
		};
		let expected = whole.of_group(&group);
		prop_assert!(expected.availability <= whole.availability() && expected.work <= whole.work());
		for reversed in [false, true] {
			let mut paid = group;
			let mut order = members.clone();
			if reversed {
				order.reverse();
			}
			let got = order.into_iter().map(|(class, weight, burned)| {
				whole.pay(&mut paid, &Member { group: owner(0), class, weight, burned })
			});
			prop_assert_eq!(sum(got), expected);
		}
	}

	#[test]
	fn payments_of_any_size_conserve(price: Balance, withheld: Balance, levy: u64, class in class()) {
		let payment = Payment::of(Price { price, withheld }, levy.into(), class);
		let parts = wide(payment.paid) + wide(payment.burned) + wide(payment.withheld);
		prop_assert_eq!(parts, wide(price));
		prop_assert_eq!(payment.levy, Balance::from(levy));
		let percent = if class == HardwareClass::Tensor { 25 } else { 20 };
		prop_assert!(wide(payment.burned) * wide(100) >= wide(price) * wide(percent));
		prop_assert!(payment.burned <= price);
	}
}

#[test]
fn a_reward_of_everything_adds_up() {
	let all = Reward { availability: u128::MAX, work: u128::MAX };
	assert_eq!(all.total(), u128::MAX, "no wrapping");
}
