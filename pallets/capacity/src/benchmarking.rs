// SPDX-License-Identifier: Apache-2.0
//! Cost of each call and of each step of a round at its worst: everybody is called for the first time, and everybody has
//! missed what it had proved.

use crate::{
	job_of, Agenda, Call, Config, CurrentPhase, CurrentWindows, LastRound, Pallet, Phase, Proofs,
	Round, Seats, SweptTo, Windows,
};
use alloc::vec::Vec;
use calor_primitives::{
	job::HardwareClass,
	now,
	traits::{Assign, Lifecycle, Proving},
	AccountId, BlockNumber, JobId, H256,
};
use frame_benchmarking::v2::*;
use frame_support::{assert_ok, traits::EnsureOrigin, weights::Weight};
use frame_system::RawOrigin;

/// Entries that a page of the benchmarks has at most.
const PAGE: u32 = 200;

fn advance<T: Config>(blocks: BlockNumber) {
	let height = now::<T>().saturating_add(blocks);
	frame_system::Pallet::<T>::set_block_number(height.into());
}

/// A round to which nobody has been called.
fn round<T: Config>() -> Round {
	CurrentWindows::<T>::put(Windows::default());
	Pallet::<T>::start_round(H256::repeat_byte(1));
	LastRound::<T>::get().expect("just started")
}

/// So many providers that have proved what they can do: owners and worker keys.
fn providers<T: Config>(count: u32) -> Vec<(AccountId, AccountId)> {
	T::Providers::benchmark_ready(HardwareClass::General, count)
}

/// A provider that was called: the number of its proof and its worker key.
pub(crate) fn called<T: Config>() -> (JobId, AccountId) {
	let (owner, worker) = providers::<T>(1).remove(0);
	let round = round::<T>();
	Pallet::<T>::call_page(u32::MAX, None, &round);
	let seat = Seats::<T>::get(owner).expect("it was called");
	(job_of(round.number, seat.index), worker)
}

/// A proof that was committed to and must be shown from the next block on.
fn committed<T: Config>() -> (JobId, AccountId) {
	let (job, worker) = called::<T>();
	let from = now::<T>().saturating_add(1);
	assert_ok!(Pallet::<T>::commit(job, &worker, from, from.saturating_add(10)));
	(job, worker)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// A proof that counts. What verification does about it is weighed by itself.
	#[benchmark]
	fn settle() {
		let (job, worker) = committed::<T>();
		advance::<T>(1);
		assert_ok!(Pallet::<T>::reveal(job, &worker, now::<T>().saturating_add(1)));
		advance::<T>(1);
		#[extrinsic_call]
		expire(RawOrigin::Signed(whitelisted_caller()), job);
		assert!(!Proofs::<T>::contains_key(job));
	}

	/// A proof that was not shown, of a provider that had proved something.
	#[benchmark]
	fn fail() {
		let (job, worker) = committed::<T>();
		let owner = T::Providers::owner_of(&worker).expect("a worker key");
		advance::<T>(12);
		#[extrinsic_call]
		expire(RawOrigin::Signed(whitelisted_caller()), job);
		assert!(!Proofs::<T>::contains_key(job));
		assert_eq!(T::Providers::proven(&owner), 0);
	}

	#[benchmark]
	fn set_windows() -> Result<(), BenchmarkError> {
		let origin =
			T::Governance::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let windows = Windows { interval: 7, ..Windows::default() };
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, windows);
		assert_eq!(CurrentWindows::<T>::get(), windows);
		Ok(())
	}

	/// A block in which chance starts no round.
	#[benchmark]
	fn rest() {
		let windows = Windows { interval: BlockNumber::MAX, ..Windows::default() };
		round::<T>();
		CurrentWindows::<T>::put(windows);
		CurrentPhase::<T>::put(Phase::Resting);
		advance::<T>(windows.gap);
		#[block]
		{
			Pallet::<T>::go_on();
		}
		assert_eq!(CurrentPhase::<T>::get(), Phase::Resting);
	}

	#[benchmark]
	fn start_round() {
		round::<T>();
		#[block]
		{
			Pallet::<T>::start_round(H256::repeat_byte(2));
		}
		assert_eq!(CurrentPhase::<T>::get(), Phase::Calling { last: None });
	}

	/// Calling `n` providers that have no seat yet.
	#[benchmark]
	fn call(n: Linear<1, PAGE>) {
		providers::<T>(n);
		let round = round::<T>();
		#[block]
		{
			Pallet::<T>::call_page(n, None, &round);
		}
		assert_eq!(Seats::<T>::iter_keys().count(), n as usize);
	}

	/// Looking at the seats of `n` providers, all of which have missed the round.
	#[benchmark]
	fn sweep(n: Linear<1, PAGE>) {
		let owners = providers::<T>(n);
		let round = round::<T>();
		Pallet::<T>::call_page(u32::MAX, None, &round);
		#[block]
		{
			Pallet::<T>::sweep_page(n, None, round.number);
		}
		assert!(owners.iter().all(|(owner, _)| T::Providers::proven(owner) == 0));
	}

	/// One look at the agenda that finds nothing.
	#[benchmark]
	fn agenda_block() {
		advance::<T>(1);
		SweptTo::<T>::put(now::<T>());
		assert!(Agenda::<T>::iter_keys().next().is_none());
		#[block]
		{
			Pallet::<T>::work_off(Weight::MAX);
		}
		assert_eq!(SweptTo::<T>::get(), now::<T>());
	}
}
