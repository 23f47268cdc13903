// SPDX-License-Identifier: Apache-2.0
//! Cost of each call and of each page of the census at its worst: every provider in a group of its own, every group
//! big.

use crate::{
	BenchmarkHelper, Call, Census, Config, Count, CurrentWindows, Filings, GroupRecord, Obligation,
	Pallet, Phase, Records, ReportedProviders, Tally, Windows, MAX_REPORTED,
};
use calor_primitives::{
	group::Disclosure,
	now,
	traits::{Collateral, ProvenCapacity},
	AccountId, H256,
};
use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{EnsureOrigin, Get},
};
use frame_system::RawOrigin;
use sp_runtime::Perbill;

const DISCLOSURE: Disclosure =
	Disclosure { owner: H256([1; 32]), sites: H256([2; 32]), power: H256([3; 32]) };

/// An account with money. Taken from a provider, which the pallet that makes them has funded.
fn funded<T: Config>() -> AccountId {
	T::Capacity::benchmark_providers(1).remove(0)
}

/// A group that has to file.
fn owing<T: Config>() -> AccountId {
	let head = funded::<T>();
	let obligation = Obligation::Owes { by: now::<T>() };
	Records::<T>::insert(&head, GroupRecord { obligation, ..Default::default() });
	head
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn file() {
		let head = owing::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(head.clone()), DISCLOSURE);
		assert!(Filings::<T>::contains_key(&head));
		let obligation = Records::<T>::get(&head).expect("owing").obligation;
		assert!(matches!(obligation, Obligation::Met { .. }));
	}

	#[benchmark]
	fn withdraw_filing() {
		let head = owing::<T>();
		assert_ok!(Pallet::<T>::do_file(head.clone(), DISCLOSURE));
		Records::<T>::insert(&head, GroupRecord::default());
		#[extrinsic_call]
		_(RawOrigin::Signed(head.clone()));
		assert!(!Filings::<T>::contains_key(&head));
	}

	/// A group that has filed, and `n` of its providers.
	#[benchmark]
	fn report_false(n: Linear<0, MAX_REPORTED>) -> Result<(), BenchmarkError> {
		let origin =
			T::Governance::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let mut providers = T::Capacity::benchmark_providers(n.saturating_add(1));
		let head = providers.remove(0);
		let obligation = Obligation::Owes { by: now::<T>() };
		Records::<T>::insert(&head, GroupRecord { obligation, ..Default::default() });
		assert_ok!(Pallet::<T>::do_file(head.clone(), DISCLOSURE));
		for provider in &providers {
			T::BenchmarkHelper::join(provider, &head);
			assert!(T::Collateral::free(provider).is_some(), "nothing to forfeit");
		}
		let named = ReportedProviders::truncate_from(providers);
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, head.clone(), named, H256([4; 32]));
		assert!(!Filings::<T>::contains_key(&head));
		Ok(())
	}

	#[benchmark]
	fn set_windows() -> Result<(), BenchmarkError> {
		let origin =
			T::Governance::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let windows = Windows { epoch: 1, filing: 2 };
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, windows);
		assert_eq!(CurrentWindows::<T>::get(), windows);
		Ok(())
	}

	/// Looking at a census for which it is not time.
	#[benchmark]
	fn wait() {
		let waiting = Phase::Waiting { since: now::<T>() };
		Census::<T>::put(&waiting);
		#[block]
		{
			Pallet::<T>::take_census(frame_support::weights::Weight::MAX);
		}
		assert_eq!(Census::<T>::get(), waiting);
	}

	/// Counting `n` providers, each the only one of a group that has been counted before.
	#[benchmark]
	fn count(n: Linear<1, { T::MaxPage::get() }>) {
		let since = now::<T>();
		for (i, provider) in T::Capacity::benchmark_providers(n).iter().enumerate() {
			let head: AccountId = account("head", i as u32, 0);
			T::BenchmarkHelper::join(provider, &head);
			Records::<T>::insert(&head, GroupRecord::default());
		}
		#[block]
		{
			Pallet::<T>::count(n, since, None, Tally::default());
		}
		let Phase::Counting { tally, .. } = Census::<T>::get() else { panic!("a full page") };
		assert_eq!(tally.providers, n);
	}

	/// Judging `n` groups, each of which turns out to be big.
	#[benchmark]
	fn judge(n: Linear<1, { T::MaxPage::get() }>) {
		let tally = Tally { providers: 1, mac_per_second: 1 };
		for i in 0..n {
			let head: AccountId = account("head", i, 0);
			Records::<T>::insert(&head, GroupRecord { counting: tally, ..Default::default() });
		}
		let all = Count { since: now::<T>(), groups: 0, tally };
		#[block]
		{
			// Room for one more, so that this page is the last.
			Pallet::<T>::judge(n.saturating_add(1), all, None, Tally::default());
		}
		for record in Records::<T>::iter_values() {
			assert_eq!(record.share, Perbill::one());
			assert!(matches!(record.obligation, Obligation::Owes { .. }));
		}
		assert!(matches!(Census::<T>::get(), Phase::Waiting { .. }));
	}
}
