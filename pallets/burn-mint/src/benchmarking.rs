// SPDX-License-Identifier: Apache-2.0
//! Cost of each call and of each step of a close at its worst: every owner in a group of its own, every entry with
//! something to pay.

use crate::{
	emission, types::PerClass, Audited, Authored, Call, Claims, CleanedTo, Close, Config, Counted,
	Credits, CurrentEpoch, CurrentWindows, Ended, Epoch, EpochRecord, Epochs, GroupTally, Groups,
	Member, Paid, Pallet, Phase, Pools, Rank, Rewards, Tally, Terms, VoidTo, Windows, Work, WorkOf,
	Worked, CLAIM_EPOCHS, MAX_CHUNKS, MAX_CLAIMS,
};
use alloc::vec::Vec;
use calor_primitives::{
	job::HardwareClass,
	money::{MintKind, UNIT},
	now,
	supply::Reward,
	traits::{Attendance, Credits as _, MintAuthority},
	AccountId, Balance, EpochIndex,
};
use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{fungible::Inspect, EnsureOrigin},
	weights::Weight,
};
use frame_system::RawOrigin;
use sp_runtime::Perbill;

/// Entries that a page of the benchmarks has at most.
const PAGE: u32 = 200;

const REWARD: Reward = Reward { availability: UNIT, work: UNIT };

fn owner(i: u32) -> AccountId {
	account("owner", i, 0)
}

/// An account with that much free balance.
fn funded<T: Config>(amount: Balance) -> AccountId {
	let who = account("funded", 0, 0);
	assert_ok!(Pallet::<T>::mint(&who, amount, MintKind::Work));
	who
}

/// The epoch under way is so late that all that can be claimed is closed, and one more has just expired.
fn late_epoch<T: Config>() -> EpochIndex {
	let index = CLAIM_EPOCHS.saturating_add(1);
	CurrentEpoch::<T>::put(Epoch { index, began: now::<T>(), authored: 0, owed: 0 });
	index
}

/// A reward of a closed epoch.
fn reward<T: Config>(epoch: EpochIndex, who: &AccountId) {
	Rewards::<T>::insert(epoch, who, REWARD);
	Epochs::<T>::mutate(epoch, |record| {
		let unclaimed = &mut record.get_or_insert_with(EpochRecord::default).unclaimed;
		unclaimed.availability = unclaimed.availability.saturating_add(REWARD.availability);
		unclaimed.work = unclaimed.work.saturating_add(REWARD.work);
	});
}

/// A close of so many owners, each with a group, capacity and work of its own, and so many authors.
fn close<T: Config>(owners: u32) -> (Ended, Tally, Terms) {
	let index = late_epoch::<T>().saturating_sub(1);
	let mut weights = PerClass::default();
	let (weight, burned) = (u128::from(u64::MAX), UNIT);
	// So much that the auditors' part does not suffice.
	let all_of_it = emission::SIMPLE;
	for i in 0..owners {
		let group: AccountId = account("group", i, 0);
		let class = HardwareClass::Tensor;
		assert!(weights.add(class, weight));
		let mut tally = GroupTally::new(Rank::Attested);
		assert!(tally.weights.add(class, weight));
		tally.burned = burned;
		Groups::<T>::insert(&group, tally);
		Counted::<T>::insert(owner(i), Member { group, class, weight, burned });
		Authored::<T>::insert(index, owner(i), 1);
		Audited::<T>::insert(index, owner(i), all_of_it);
	}
	let all = burned.saturating_mul(owners.into());
	let work = Work { price: all.saturating_mul(5), burned: all };
	let owed = all_of_it.saturating_mul(owners.into());
	let ended = Ended { index, span: 43_200, authored: owners, owed, work };
	let tally = Tally { weights, providers: owners, burned: all };
	let budget = emission::draw_in_full(&emission::pools());
	let split = emission::split(emission::total(&budget).unwrap_or(0));
	let terms = Terms {
		capacity: emission::CAPACITY_START,
		budget,
		limits: PerClass::from_fn(|class| match class {
			HardwareClass::Tensor => split.providers,
			HardwareClass::General | HardwareClass::HighMemory => 0,
		}),
		validators: split.validators,
		treasury: split.treasury,
		auditors: split.auditors,
		kappa: Perbill::from_percent(70),
	};
	(ended, tally, terms)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// A purchase whose credits join the newest of as many ages as there can be.
	#[benchmark]
	fn buy_credits() {
		let who = funded::<T>(100 * UNIT);
		Pallet::<T>::benchmark_credits(&who, 100 * UNIT);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), 50 * UNIT);
		assert_eq!(Credits::<T>::get(&who).len(), MAX_CHUNKS as usize);
	}

	/// A refund of a part of all ages.
	#[benchmark]
	fn refund_credits() {
		let who = funded::<T>(100 * UNIT);
		Pallet::<T>::benchmark_credits(&who, 160 * UNIT);
		let later = now::<T>().saturating_add(MAX_CHUNKS);
		frame_system::Pallet::<T>::set_block_number(later.into());
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), Some(155 * UNIT));
		assert_eq!(Credits::<T>::get(&who).len(), 1);
	}

	/// A claim of `n` epochs, of all that can be claimed.
	#[benchmark]
	fn claim(n: Linear<0, CLAIM_EPOCHS>) {
		let who = funded::<T>(UNIT);
		let index = late_epoch::<T>();
		for back in 1..=n {
			reward::<T>(index.saturating_sub(back), &who);
		}
		let before = T::Currency::total_balance(&who);
		#[block]
		{
			let claimed = Pallet::<T>::do_claim(&who);
			assert!(claimed == Ok(n) || n == 0);
		}
		let got = REWARD.total().saturating_mul(n.into());
		assert_eq!(T::Currency::total_balance(&who).saturating_sub(before), got);
	}

	/// Claims for `n` new accounts, each of another epoch as far as there are so many.
	#[benchmark]
	fn claim_for(n: Linear<1, MAX_CLAIMS>) {
		let index = late_epoch::<T>();
		let mut claims = Vec::new();
		for i in 0..n {
			let back = i.checked_rem(CLAIM_EPOCHS).unwrap_or(0).saturating_add(1);
			let epoch = index.saturating_sub(back);
			reward::<T>(epoch, &owner(i));
			claims.push((owner(i), epoch));
		}
		#[extrinsic_call]
		_(RawOrigin::Signed(funded::<T>(UNIT)), Claims::truncate_from(claims));
		assert_eq!(T::Currency::total_balance(&owner(n.saturating_sub(1))), REWARD.total());
	}

	#[benchmark]
	fn set_windows() -> Result<(), BenchmarkError> {
		let origin =
			T::Governance::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let windows = Windows { epoch: 1, refund_after: 2 };
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, windows);
		assert_eq!(CurrentWindows::<T>::get(), windows);
		Ok(())
	}

	/// A block in which no epoch ends and none is closed.
	#[benchmark]
	fn wait() {
		late_epoch::<T>();
		#[block]
		{
			Pallet::<T>::go_on();
		}
		assert_eq!(Close::<T>::get(), Phase::Idle);
	}

	/// The end of an epoch, with which another expires.
	#[benchmark]
	fn end_epoch() {
		let index = late_epoch::<T>();
		WorkOf::<T>::insert(index, Work { price: UNIT, burned: UNIT });
		reward::<T>(1, &owner(0));
		#[block]
		{
			Pallet::<T>::end_epoch();
		}
		assert!(!Epochs::<T>::contains_key(1));
		assert!(matches!(Close::<T>::get(), Phase::CountingCapacity { .. }));
	}

	/// Asking `n` providers, each of a group of its own.
	#[benchmark]
	fn count_capacity(n: Linear<1, PAGE>) {
		let ended = Ended { index: 0, span: 43_200, ..Default::default() };
		T::Attendance::benchmark_attended(n);
		#[block]
		{
			Pallet::<T>::count_capacity(n, ended, None, Tally::default());
		}
		let Phase::CountingCapacity { tally, .. } = Close::<T>::get() else {
			panic!("a full page")
		};
		assert_eq!(tally.providers, n);
	}

	/// Moving the work of `n` owners without capacity, each of a group of its own.
	#[benchmark]
	fn count_work(n: Linear<1, PAGE>) {
		let ended = Ended { index: 0, span: 43_200, ..Default::default() };
		for i in 0..n {
			Worked::<T>::insert(0, owner(i), UNIT);
		}
		#[block]
		{
			Pallet::<T>::count_work(n, ended, Tally::default());
		}
		assert_eq!(Counted::<T>::iter_keys().count(), n as usize);
	}

	/// Fixing the terms where every class has capacity.
	#[benchmark]
	fn set_terms() {
		let mut tally = Tally::default();
		for class in HardwareClass::ALL {
			assert!(tally.weights.add(class, u128::from(u64::MAX)));
		}
		let work = Work { price: 1_000_000 * UNIT, burned: UNIT };
		let ended = Ended { index: 0, span: 43_200, authored: 1, owed: UNIT, work };
		#[block]
		{
			Pallet::<T>::set_terms(ended, tally);
		}
		assert!(matches!(Close::<T>::get(), Phase::PayingProviders { .. }));
	}

	/// Paying `n` owners, each of a group of its own, for capacity and for work.
	#[benchmark]
	fn pay_providers(n: Linear<1, PAGE>) {
		let (ended, tally, terms) = close::<T>(n);
		#[block]
		{
			Pallet::<T>::pay_providers(n, ended, tally, terms, Paid::default());
		}
		assert_eq!(Rewards::<T>::iter_prefix(ended.index).count(), n as usize);
	}

	/// Paying `n` authors that have been paid as providers.
	#[benchmark]
	fn pay_validators(n: Linear<1, PAGE>) {
		let (ended, tally, terms) = close::<T>(n);
		for i in 0..n {
			Rewards::<T>::insert(ended.index, owner(i), REWARD);
		}
		#[block]
		{
			Pallet::<T>::pay_validators(n, ended, tally, terms, Paid::default());
		}
		assert!(Authored::<T>::iter_prefix(ended.index).next().is_none());
		assert!(Rewards::<T>::get(ended.index, owner(0)).availability > REWARD.availability);
	}

	/// Paying `n` auditors that have been paid as providers, in proportion.
	#[benchmark]
	fn pay_auditors(n: Linear<1, PAGE>) {
		let (ended, tally, terms) = close::<T>(n);
		for i in 0..n {
			Rewards::<T>::insert(ended.index, owner(i), REWARD);
		}
		#[block]
		{
			Pallet::<T>::pay_auditors(n, ended, tally, terms, Paid::default());
		}
		assert!(Audited::<T>::iter_prefix(ended.index).next().is_none());
		assert!(Rewards::<T>::get(ended.index, owner(0)).availability > REWARD.availability);
	}

	/// Removing `n` groups.
	#[benchmark]
	fn tidy_groups(n: Linear<1, PAGE>) {
		let (ended, tally, terms) = close::<T>(n);
		#[block]
		{
			Pallet::<T>::tidy_groups(n, ended, tally, terms, Paid::default());
		}
		assert!(Groups::<T>::iter_keys().next().is_none());
	}

	/// The end of a close.
	#[benchmark]
	fn finish_close() {
		let (ended, tally, terms) = close::<T>(1);
		let paid = Paid { providers: UNIT, validators: UNIT, auditors: UNIT, work: UNIT };
		let before = Pools::<T>::get();
		#[block]
		{
			Pallet::<T>::finish_close(ended, tally, terms, paid);
		}
		assert!(Pools::<T>::get().simple < before.simple);
		assert!(Epochs::<T>::contains_key(ended.index));
	}

	/// Removing `n` expired rewards, each with the marker of an account that forfeited it.
	#[benchmark]
	fn clean_rewards(n: Linear<0, PAGE>) {
		late_epoch::<T>();
		CleanedTo::<T>::put(0);
		for i in 0..n {
			Rewards::<T>::insert(0, owner(i), REWARD);
			VoidTo::<T>::insert(owner(i), 0);
		}
		#[block]
		{
			if n == 0 {
				Pallet::<T>::clean_up(Weight::MAX);
			} else {
				Pallet::<T>::clean_rewards(n, 0);
			}
		}
		assert!(Rewards::<T>::iter_prefix(0).next().is_none());
		assert!(VoidTo::<T>::iter_keys().next().is_none());
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::tests::mock::new_test_ext(),
		crate::tests::mock::Runtime
	);
}
