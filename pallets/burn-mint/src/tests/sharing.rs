// SPDX-License-Identifier: Apache-2.0
//! How what there is for all is divided, to the planck.

use super::{config, number};
use crate::{
	sharing::*,
	types::{GroupTally, Member, PerClass, Rank},
};
use calor_primitives::{
	job::HardwareClass,
	money::{CAP, UNIT},
	supply::Reward,
	AccountId,
};
use proptest::{collection::vec, prelude::*, sample::select};
use sp_runtime::Perbill;

/// A member of a group by its number.
type One = (u8, Member);

fn member(class: HardwareClass, weight: u128, burned: u128) -> Member {
	Member { group: AccountId::from([0; 32]), class, weight, burned }
}

fn rank(group: u8) -> Rank {
	match group % 4 {
		0 => Rank::Unattested,
		3 => Rank::Overdue,
		_ => Rank::Attested,
	}
}

/// Groups as a close counts them, and what is divided among them.
struct Market {
	whole: Whole,
	groups: Vec<GroupTally>,
}

impl Market {
	fn new(members: &[One], budget: u128, kappa: Perbill) -> Self {
		let mut groups: Vec<_> = (0..=u8::MAX).map(|group| GroupTally::new(rank(group))).collect();
		let (mut weights, mut burned) = (PerClass::default(), 0u128);
		for (group, member) in members {
			assert!(weights.add(member.class, member.weight), "all weights fit");
			let group = &mut groups[usize::from(*group)];
			assert!(group.weights.add(member.class, member.weight));
			group.burned += member.burned;
			burned += member.burned;
		}
		let all = weights.sum().unwrap();
		let limits = PerClass::from_fn(|class| share(budget, *weights.of(class), all));
		Self { whole: Whole { limits, weights, burned, kappa }, groups }
	}

	/// Pays all in that order.
	fn pay(&mut self, members: &[One]) -> Vec<Reward> {
		let pay =
			|(group, member): &One| self.whole.pay(&mut self.groups[usize::from(*group)], member);
		members.iter().map(pay).collect()
	}
}

fn sum<'a>(rewards: impl IntoIterator<Item = &'a Reward>) -> Reward {
	rewards.into_iter().fold(Reward::default(), |sum, reward| Reward {
		availability: sum.availability + reward.availability,
		work: sum.work + reward.work,
	})
}

/// Members up to the largest weights and to burns of all tokens.
fn members() -> impl Strategy<Value = Vec<One>> {
	let most = 10u128.pow(24) * u128::from(u32::MAX);
	let class = select(HardwareClass::ALL.to_vec());
	let one = (0u8..8, class, number(most), number(CAP));
	vec(
		one.prop_map(|(group, class, weight, burned)| (group, member(class, weight, burned))),
		0..60,
	)
}

fn any_kappa() -> impl Strategy<Value = Perbill> {
	(500_000_000u32..=900_000_000).prop_map(Perbill::from_parts)
}

#[test]
fn ten_thousand_of_the_largest_share_everything_there_ever_was() {
	let weight = 10u128.pow(24) * u128::from(u32::MAX);
	let members: Vec<One> = (0..10_000u32)
		.map(|i| {
			let class = HardwareClass::ALL[(i % 3) as usize];
			((i % 200) as u8, member(class, weight, CAP))
		})
		.collect();
	let budget = CAP * UNIT;
	let mut market = Market::new(&members, budget, Perbill::from_percent(90));
	let paid = sum(&market.pay(&members));
	assert_eq!(
		paid,
		sum(&market.groups.iter().map(|g| market.whole.of_group(g)).collect::<Vec<_>>())
	);
	assert!(paid.availability <= budget && paid.availability > budget / 2);
	assert!(paid.work <= market.whole.work());
}

#[test]
fn nothing_is_divided_without_weights_and_burns() {
	let members = [(1, member(HardwareClass::General, 0, 0))];
	let mut market = Market::new(&members, CAP, Perbill::from_percent(90));
	assert_eq!(market.pay(&members), [Reward::default()]);
}

proptest! {
	#![proptest_config(config())]

	#[test]
	fn parts_add_up_to_the_whole_exactly(members in members(), budget in number(CAP * UNIT), kappa in any_kappa()) {
		let mut market = Market::new(&members, budget, kappa);
		let paid = market.pay(&members);
		for (number, group) in market.groups.iter().enumerate() {
			let mine = members.iter().zip(&paid).filter(|((group, _), _)| usize::from(*group) == number);
			prop_assert_eq!(sum(mine.map(|(_, reward)| reward)), market.whole.of_group(group));
			prop_assert_eq!(group.weights, group.paid_weights);
			prop_assert_eq!(group.burned, group.paid_burned);
		}
		let all = sum(&paid);
		prop_assert!(all.availability <= market.whole.availability());
		prop_assert!(market.whole.availability() <= budget);
		prop_assert!(all.work <= market.whole.work());
		prop_assert!(all.work <= kappa.mul_floor(market.whole.burned));
	}

	#[test]
	fn the_order_in_which_members_are_paid_changes_nothing_for_a_group(members in members(), budget in number(CAP), kappa in any_kappa()) {
		let mut market = Market::new(&members, budget, kappa);
		let forward = sum(&market.pay(&members));
		let mut market = Market::new(&members, budget, kappa);
		let reversed: Vec<_> = members.into_iter().rev().collect();
		prop_assert_eq!(forward, sum(&market.pay(&reversed)));
	}

	/// An owner of everything in group 1 leaves some of it there, divided among any accounts, and moves the rest to
	/// accounts of their own that nobody attested.
	#[test]
	fn dividing_what_one_has_never_gains(
		others in members(),
		mine in vec((select(HardwareClass::ALL.to_vec()), number(10u128.pow(30)), number(CAP), any::<bool>()), 1..20),
		attested in any::<bool>(),
		budget in number(CAP),
		kappa in any_kappa(),
	) {
		// Groups of mine: 1 or 4 to begin with, 100, 104, ... for what is moved; none of the others is in them.
		let home = if attested { 1 } else { 4 };
		let others: Vec<_> = others.into_iter().filter(|(group, _)| *group != home).collect();
		let place = |apart: bool, i: usize| if apart { 100 + 4 * i as u8 } else { home };
		let build = |moves: bool| -> Vec<One> {
			let own = mine.iter().enumerate().map(|(i, (class, weight, burned, apart))| {
				(place(moves && *apart, i), member(*class, *weight, *burned))
			});
			others.iter().cloned().chain(own).collect()
		};
		let total = |members: Vec<One>| {
			let mut market = Market::new(&members, budget, kappa);
			let paid = market.pay(&members);
			sum(paid.iter().skip(others.len()))
		};
		let (together, divided) = (total(build(false)), total(build(true)));
		prop_assert!(divided.availability <= together.availability);
		prop_assert!(divided.work <= together.work);
	}

	/// One provider as `n` of the same group with the same capacity and the same work together.
	#[test]
	fn dividing_a_provider_within_its_group_changes_nothing(others in members(), parts in vec((number(10u128.pow(30)), number(CAP)), 1..20), budget in number(CAP), kappa in any_kappa()) {
		let class = HardwareClass::Tensor;
		let (weight, burned) = parts.iter().fold((0, 0), |(w, b), (weight, burned)| (w + weight, b + burned));
		let mut one = others.clone();
		one.push((2, member(class, weight, burned)));
		let mut many = others;
		many.extend(parts.iter().map(|(weight, burned)| (2, member(class, *weight, *burned))));
		let of_two = |members: &[One]| {
			let mut market = Market::new(members, budget, kappa);
			let paid = market.pay(members);
			sum(members.iter().zip(&paid).filter(|((group, _), _)| *group == 2).map(|(_, reward)| reward))
		};
		prop_assert_eq!(of_two(&one), of_two(&many));
	}

	#[test]
	fn slices_add_up(whole in number(u128::MAX), parts in vec(number(u128::MAX >> 8), 1..100)) {
		let all: u128 = parts.iter().sum();
		let (mut done, mut paid) = (0u128, 0u128);
		for part in parts {
			paid += slice(whole, done, part, all);
			done += part;
			prop_assert_eq!(paid, share(whole, done, all));
		}
		prop_assert_eq!(paid, if all == 0 { 0 } else { whole });
	}
}
