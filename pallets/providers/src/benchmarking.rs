// SPDX-License-Identifier: Apache-2.0
//! Cost of each call at its worst: a ready set whose last member moves, capacity on the meter, a silence in the middle of
//! a job.

use crate::{
	Availability, BenchmarkBond, Call, Config, CurrentWindows, Meters, Owners, Pallet, Providers,
	Ready, Watch, WatchedTo, Windows,
};
use alloc::vec::Vec;
use calor_primitives::{
	genesis_hash,
	job::HardwareClass,
	now,
	provider::{
		possession_message, Capacity, Endpoint, Presence, ProviderRecord, MAX_ENDPOINT_LEN,
	},
	traits::{Assign, OnForfeit as _},
	AccountId, BlockNumber,
};
use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{EnsureOrigin, Get},
	weights::Weight,
};
use frame_system::RawOrigin;
use sp_core::{crypto::KeyTypeId, sr25519};

const KEY: KeyTypeId = KeyTypeId(*b"calw");
const CAPACITY: Capacity = Capacity { mac_per_second: 1_000_000_000_000, memory_mib: u32::MAX };

fn endpoint() -> Endpoint {
	let mut url = b"https://".to_vec();
	url.resize(MAX_ENDPOINT_LEN as usize, b'x');
	Endpoint::truncate_from(url)
}

/// A new key, and its consent to work for that owner.
fn consent<T: Config>(owner: &AccountId) -> (sr25519::Public, sr25519::Signature) {
	let worker = sp_io::crypto::sr25519_generate(KEY, None);
	let message = possession_message(&genesis_hash::<T>(), owner);
	let proof = sp_io::crypto::sr25519_sign(KEY, &worker, &message).expect("just generated");
	(worker, proof)
}

/// Makes `count` more ready providers of a class with stake for any job, which have proved what they claim; their owners
/// and worker keys.
pub(crate) fn ready<T: Config>(class: HardwareClass, count: u32) -> Vec<(AccountId, AccountId)> {
	(0..)
		.map(|i| (account("owner", i, class as u32), account("worker", i, class as u32)))
		.filter(|(owner, _): &(AccountId, AccountId)| !Providers::<T>::contains_key(owner))
		.take(count as usize)
		.inspect(|(owner, worker)| {
			T::Bond::bond(owner);
			Pallet::<T>::take_deposit(owner).expect("just funded");
			Owners::<T>::insert(worker, owner);
			let mut record = ProviderRecord {
				worker: worker.clone(),
				endpoint: endpoint(),
				class,
				min_price: 0,
				claimed: CAPACITY,
				proven: 0,
				availability: Availability::Idle,
				place: 0,
				job: None,
				presence: Presence::Free,
				seen: now::<T>(),
				ready_from: 0,
				offline: 0,
				attended: 0,
				since: now::<T>(),
			};
			Pallet::<T>::set_proven(&mut record, CAPACITY.mac_per_second);
			Pallet::<T>::enter(owner, record, Availability::Ready);
		})
		.collect()
}

/// Makes `count` ready providers that have been there for a block; their owners.
pub(crate) fn attended<T: Config>(count: u32) -> Vec<AccountId> {
	let owners = ready::<T>(HardwareClass::General, count).into_iter().map(|(owner, _)| owner);
	owners
		.inspect(|owner| {
			Providers::<T>::mutate(owner, |record| {
				let record = record.as_mut().expect("just registered");
				record.seen = record.since + 1;
				record.attended = 1;
			});
		})
		.collect()
}

/// One of a hundred ready providers, and not the last: another takes its place when it leaves.
fn amid<T: Config>() -> (AccountId, AccountId) {
	ready::<T>(HardwareClass::General, 100).swap_remove(50)
}

fn record<T: Config>(owner: &AccountId) -> ProviderRecord {
	Providers::<T>::get(owner).expect("exists")
}

fn advance<T: Config>(blocks: BlockNumber) {
	let height = now::<T>() + blocks;
	frame_system::Pallet::<T>::set_block_number(height.into());
}

/// The owner of a provider that runs a job and has just been silent for too long.
fn gone<T: Config>() -> AccountId {
	let owner = Owners::<T>::get(T::Bond::running()).expect("a worker key");
	assert!(record::<T>(&owner).job.is_some());
	// So short that the job is not overdue for other reasons.
	let windows = Windows { heartbeat: 1, offline: 2, longest_wait: 3 };
	CurrentWindows::<T>::put(windows);
	advance::<T>(windows.offline + 1);
	owner
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn register() {
		let owner: AccountId = whitelisted_caller();
		T::Bond::bond(&owner);
		let (worker, proof) = consent::<T>(&owner);
		#[extrinsic_call]
		_(
			RawOrigin::Signed(owner.clone()),
			worker,
			proof,
			endpoint(),
			HardwareClass::General,
			0,
			CAPACITY,
		);
		assert!(Providers::<T>::contains_key(&owner));
	}

	#[benchmark]
	fn update() {
		let (owner, worker) = ready::<T>(HardwareClass::General, 1).remove(0);
		Pallet::<T>::suspend(&owner);
		let claimed = Capacity { mac_per_second: 1, memory_mib: 1 };
		#[extrinsic_call]
		_(RawOrigin::Signed(worker), endpoint(), u128::MAX, Some(claimed));
		assert_eq!(record::<T>(&owner).claimed, claimed);
	}

	#[benchmark]
	fn set_ready() {
		// From a jail that is over: the one way to be ready on which jobs are looked for.
		let (owner, worker) = amid::<T>();
		Pallet::<T>::jail(&owner);
		advance::<T>(T::JailPeriod::get());
		#[extrinsic_call]
		_(RawOrigin::Signed(worker), true);
		assert_eq!(record::<T>(&owner).place, 99);
	}

	#[benchmark]
	fn set_idle() {
		let (owner, worker) = amid::<T>();
		#[extrinsic_call]
		set_ready(RawOrigin::Signed(worker), false);
		assert_eq!(record::<T>(&owner).availability, Availability::Idle);
	}

	#[benchmark]
	fn drain() {
		let (owner, worker) = amid::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(worker));
		assert_eq!(record::<T>(&owner).availability, Availability::Idle);
	}

	#[benchmark]
	fn deregister() {
		let (owner, _) = amid::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()));
		assert!(!Providers::<T>::contains_key(&owner));
		assert_eq!(Pallet::<T>::ready(HardwareClass::General), 99);
	}

	#[benchmark]
	fn heartbeat() {
		// After a silence, which nobody but the watch may end before: its return is worked out and told.
		let (owner, worker) = amid::<T>();
		let offline = CurrentWindows::<T>::get().offline;
		advance::<T>(offline + 1);
		assert_ok!(Pallet::<T>::do_report_silence(owner.clone()));
		#[extrinsic_call]
		_(RawOrigin::Signed(worker));
		assert_eq!(record::<T>(&owner).presence, Presence::Free);
	}

	#[benchmark]
	fn report_silence() {
		let owner = gone::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), owner.clone());
		assert_eq!(record::<T>(&owner).presence, Presence::Gone);
	}

	#[benchmark]
	fn rotate_worker() {
		let (owner, _) = ready::<T>(HardwareClass::General, 1).remove(0);
		let (worker, proof) = consent::<T>(&owner);
		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()), worker, proof);
		assert_eq!(Owners::<T>::get(AccountId::from(worker)), Some(owner));
	}

	#[benchmark]
	fn set_windows() -> Result<(), BenchmarkError> {
		let origin =
			T::Governance::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let windows = Windows { heartbeat: 1, offline: 2, longest_wait: 3 };
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, windows);
		assert_eq!(CurrentWindows::<T>::get(), windows);
		Ok(())
	}

	/// A ready provider that loses everything.
	#[benchmark]
	fn forfeited() {
		let (owner, _) = amid::<T>();
		let before = Meters::<T>::get(HardwareClass::General).offered;
		#[block]
		{
			Pallet::<T>::forfeited(&owner);
		}
		assert_eq!(record::<T>(&owner).proven, 0);
		let left = before - u128::from(CAPACITY.mac_per_second);
		assert_eq!(Meters::<T>::get(HardwareClass::General).offered, left);
	}

	/// One look at the watch that finds nobody.
	#[benchmark]
	fn watch_block() {
		advance::<T>(1);
		let at = now::<T>();
		WatchedTo::<T>::put(at);
		#[block]
		{
			Pallet::<T>::keep_watch(Weight::MAX);
		}
		assert_eq!(WatchedTo::<T>::get(), at + 1);
	}

	/// One provider of the watch that is gone while it runs a job, which is given to another.
	#[benchmark]
	fn watch_provider() {
		let owner = gone::<T>();
		let Presence::Watched { alarm } = record::<T>(&owner).presence else { panic!("watched") };
		#[block]
		{
			Pallet::<T>::look_after(alarm, owner.clone());
		}
		assert_eq!(record::<T>(&owner).presence, Presence::Gone);
		assert!(!Watch::<T>::contains_key(alarm, &owner));
	}

	/// Leaving the middle of a ready set of `n`, as by assignment: costs the same for any `n`.
	#[benchmark(extra)]
	fn leave(n: Linear<10, 10_000>) {
		let (owner, _) = ready::<T>(HardwareClass::General, n).swap_remove(n as usize / 2);
		let place = record::<T>(&owner).place;
		#[block]
		{
			assert_ok!(Pallet::<T>::occupy(&owner, 1));
		}
		assert_eq!(Pallet::<T>::ready(HardwareClass::General), n - 1);
		assert!(Ready::<T>::get(HardwareClass::General, place).is_some_and(|moved| moved != owner));
	}
}
