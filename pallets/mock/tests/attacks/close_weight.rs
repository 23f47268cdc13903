// SPDX-License-Identifier: Apache-2.0
//! The close of an epoch with ten thousand providers: no block bears too much, everybody is paid once, and nobody who
//! comes, goes, works or is slashed meanwhile changes it.

use crate::{epochs::class, ground::*};
use calor_mock::*;
use calor_primitives::{
	fault::Fault,
	money::UNIT,
	supply::{EpochReport, Reward},
	AccountId, H256,
};
use frame_support::{assert_noop, assert_ok, traits::Hooks, weights::Weight};
use pallet_burn_mint::{Close, Counted, Groups, Phase, WeightInfo};
use pallet_stake::Role;
use proptest::{
	prelude::*,
	strategy::ValueTree,
	test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use std::collections::BTreeSet;

const PROVIDERS: u32 = 10_000;
const AUTHORS: u32 = 200;
/// A second of computing.
const BLOCK: Weight = Weight::from_parts(1_000_000_000_000, u64::MAX);
type Weights = <Runtime as pallet_burn_mint::Config>::WeightInfo;

/// The same ten thousand, always.
fn populate() {
	let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
	let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
	let machines = (class(), 1..4_000_000_000_000_000u64, 0..=REWARD_EPOCH, 0..UNIT);
	for n in 0..PROVIDERS {
		let who = owner(n);
		let (class, mac, attended, burn) =
			machines.new_tree(&mut runner).expect("nothing is filtered").current();
		seat(&who, class, mac, attended);
		if n % 3 == 0 {
			fund(&who, UNIT);
			work(&who, burn);
		}
	}
	for n in 0..AUTHORS {
		author_is(owner(PROVIDERS + n));
	}
	for group in 0..8 {
		let members: Vec<_> = (group * 10..group * 10 + 4).map(owner).collect();
		set_group_of(&members, group % 2 == 0);
	}
	set_rates(CAL_USD / 1_000_000, KWH_USD);
}

/// Whoever pays the most for trouble in the middle of a close.
struct Trouble {
	/// One who is bonded for real.
	slashed: AccountId,
	newcomers: u32,
	left: BTreeSet<AccountId>,
}

impl Trouble {
	fn prepare() -> Self {
		let slashed = owner(20_000);
		fund(&slashed, 1_000 * UNIT);
		seat(&slashed, calor_primitives::job::HardwareClass::Tensor, 1_000_000_000_000_000, 20);
		pallet_stake::Ledgers::<Runtime>::remove(Role::Provider, &slashed);
		assert_ok!(Stake::bond(by(&slashed), Role::Provider, 500 * UNIT));
		Self { slashed, newcomers: 0, left: BTreeSet::new() }
	}

	fn act(&mut self) {
		let counting = matches!(Close::<Runtime>::get(), Phase::CountingCapacity { .. });
		// Some come, and say at once how long they were there.
		for _ in 0..3 {
			let who = owner(30_000 + self.newcomers);
			self.newcomers += 1;
			seat(&who, calor_primitives::job::HardwareClass::General, u64::MAX, 0);
			fund(&who, UNIT);
			work(&who, 1_000_000);
			author_is(who);
		}
		// Those who have been counted work, go, join others and are attested.
		let counted: Vec<_> = Counted::<Runtime>::iter_keys().take(5).collect();
		for who in counted {
			if who == self.slashed {
				continue;
			}
			fund(&who, UNIT);
			work(&who, 777_777);
			if self.left.len() < 8 {
				set_group_of(&[owner(60_000), who.clone()], true);
			}
			pallet_providers::Providers::<Runtime>::remove(&who);
			pallet_stake::Ledgers::<Runtime>::remove(Role::Provider, &who);
			self.left.insert(who);
		}
		let stake = pallet_stake::Ledgers::<Runtime>::contains_key(Role::Provider, &self.slashed);
		if !counting && stake {
			pallet_providers::Providers::<Runtime>::remove(&self.slashed);
			let evidence = H256::repeat_byte(1);
			let fault = Fault::ForgedCapacity;
			assert_ok!(Stake::do_forfeit(Role::Provider, &self.slashed, fault, None, evidence));
		}
		// Prices move, once what is paid is fixed by them.
		if matches!(Close::<Runtime>::get(), Phase::PayingProviders { .. }) {
			set_rates(1 + u128::from(self.newcomers), KWH_USD * 7);
		}
		let windows = pallet_burn_mint::Windows { epoch: 1_000 + self.newcomers, refund_after: 1 };
		assert_ok!(BurnMint::set_windows(RuntimeOrigin::root(), windows));
	}
}

/// Closes an epoch of ten thousand, with trouble or without, and gives what came of it.
fn closed(with_trouble: bool) -> (EpochReport, Vec<(AccountId, Reward)>) {
	on_new_chain(|| {
		populate();
		let mut trouble = Trouble::prepare();
		let closing = epoch();
		let pools = pallet_burn_mint::Pools::<Runtime>::get();
		System::set_block_number(epoch_end());
		let (mut blocks, mut heaviest) = (0u32, Weight::zero());
		let mut phases = BTreeSet::new();
		loop {
			// All entries are counted now and then only: that takes longer than the close.
			let looks = blocks.is_multiple_of(9);
			let (counted, groups) = if looks { entries() } else { (0, 0) };
			let weight = <BurnMint as Hooks<u32>>::on_initialize(System::block_number());
			heaviest = heaviest.max(weight);
			blocks += 1;
			assert!(weight.all_lte(CloseWeight::get()), "{weight:?}");
			assert!(weight.all_lte(BLOCK / 4), "{weight:?}");
			let phase = Close::<Runtime>::get();
			phases.insert(name(&phase));
			if looks {
				// No more entries than were declared.
				let (counted_now, groups_now) = entries();
				let (new, gone) =
					(counted_now.saturating_sub(counted), counted.saturating_sub(counted_now));
				let least = Weights::count_capacity(new)
					.max(Weights::pay_providers(gone))
					.max(Weights::tidy_groups(groups.saturating_sub(groups_now)));
				assert!(least.all_lte(weight) || new + gone == 0, "{new} {gone} for {weight:?}");
			}
			if phase == Phase::Idle {
				break;
			}
			if with_trouble {
				trouble.act();
			}
			if blocks.is_multiple_of(25) {
				money_holds();
			}
			System::reset_events();
			System::set_block_number(System::block_number() + 1);
		}
		let report = BurnMint::epoch_report(closing).expect("closed");
		println!("{blocks} blocks, at most {heaviest:?}, through {phases:?}");
		assert!(report.counted >= PROVIDERS * 9 / 10);
		assert!(blocks > 20 && phases.len() > 4, "a close of many blocks");
		money_holds();

		let rewards = rewards_of(closing);
		let all = sum(rewards.iter().map(|(_, reward)| *reward));
		let drawn = report.drawn.simple + report.drawn.baseline;
		assert_eq!(all.availability, drawn);
		assert_eq!(all.availability, report.providers + report.validators + report.treasury);
		assert_eq!(all.work, report.recycled);
		let left = pallet_burn_mint::Pools::<Runtime>::get();
		assert_eq!(left.simple + left.baseline + drawn, pools.simple + pools.baseline);
		if with_trouble {
			assert!(trouble.left.len() > 20 && trouble.newcomers > 60);
			claims_work(closing, &rewards, &trouble.slashed);
		}
		(report, rewards)
	})
}

fn entries() -> (u32, u32) {
	(Counted::<Runtime>::iter_keys().count() as u32, Groups::<Runtime>::iter_keys().count() as u32)
}

fn name(phase: &Phase) -> &'static str {
	match phase {
		Phase::Idle => "idle",
		Phase::CountingCapacity { .. } => "counting capacity",
		Phase::CountingWork { .. } => "counting work",
		Phase::Budgeting { .. } => "budgeting",
		Phase::PayingProviders { .. } => "paying providers",
		Phase::PayingValidators { .. } => "paying validators",
		Phase::PayingAuditors { .. } => "paying auditors",
		Phase::TidyingGroups { .. } => "tidying",
		Phase::Finishing { .. } => "finishing",
	}
}

/// Everybody claims, in hundreds.
fn claims_work(closing: u32, rewards: &[(AccountId, Reward)], slashed: &AccountId) {
	let claimable: Vec<_> =
		rewards.iter().filter(|(_, reward)| reward.total() > UNIT / 1_000).collect();
	let before = issuance();
	let items: Vec<_> = claimable.iter().map(|(who, _)| (who.clone(), closing)).collect();
	for page in items.chunks(100) {
		let page = page.to_vec().try_into().expect("a hundred");
		assert_ok!(BurnMint::claim_for(by(&account("eve")), page));
	}
	let expected = sum(claimable.iter().filter(|(who, _)| who != slashed).map(|(_, r)| *r));
	assert_eq!(issuance() - before, expected.total());
	assert_noop!(
		BurnMint::claim_for(by(slashed), vec![(slashed.clone(), closing)].try_into().unwrap()),
		pallet_burn_mint::Error::<Runtime>::NothingToClaim
	);
	money_holds();
}

#[test]
fn ten_thousand_providers_are_paid_once_whatever_happens_meanwhile() {
	let (report, rewards) = closed(false);
	let (troubled_report, troubled) = closed(true);
	assert_eq!(report, troubled_report);
	assert!(rewards == troubled, "trouble changed who got what");
}
