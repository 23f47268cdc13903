// SPDX-License-Identifier: Apache-2.0
//! Cost of each call at its worst: a ready set whose last member moves.

use crate::{Availability, BenchmarkBond, Call, Config, Owners, Pallet, Providers, ReadyIndex};
use alloc::vec::Vec;
use calor_primitives::{
	genesis_hash,
	job::HardwareClass,
	provider::{possession_message, Capacity, Endpoint, ProviderRecord, MAX_ENDPOINT_LEN},
	traits::Assign,
	AccountId,
};
use frame_benchmarking::v2::*;
use frame_system::RawOrigin;
use sp_core::crypto::KeyTypeId;

const KEY: KeyTypeId = KeyTypeId(*b"calw");

fn endpoint() -> Endpoint {
	let mut url = b"https://".to_vec();
	url.resize(MAX_ENDPOINT_LEN as usize, b'x');
	Endpoint::truncate_from(url)
}

/// Makes `count` ready providers of a class with stake for any job; their owners and worker keys.
pub(crate) fn ready<T: Config>(class: HardwareClass, count: u32) -> Vec<(AccountId, AccountId)> {
	(0..count)
		.map(|i| {
			let owner: AccountId = account("owner", i, class as u32);
			let worker: AccountId = account("worker", i, class as u32);
			T::Bond::bond(&owner);
			Owners::<T>::insert(&worker, &owner);
			let record = ProviderRecord {
				worker: worker.clone(),
				endpoint: endpoint(),
				class,
				min_price: 0,
				claimed: Capacity { mac_per_second: 1, memory_mib: 1 },
				availability: Availability::Idle,
			};
			Providers::<T>::insert(&owner, record);
			Pallet::<T>::set_availability(&owner, Availability::Ready).expect("just inserted");
			(owner, worker)
		})
		.collect()
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn register() {
		let owner: AccountId = whitelisted_caller();
		let worker = sp_io::crypto::sr25519_generate(KEY, None);
		let message = possession_message(&genesis_hash::<T>(), &owner);
		let proof = sp_io::crypto::sr25519_sign(KEY, &worker, &message).expect("just generated");
		let claimed = Capacity { mac_per_second: 1, memory_mib: 1 };
		#[extrinsic_call]
		_(
			RawOrigin::Signed(owner.clone()),
			worker,
			proof,
			endpoint(),
			HardwareClass::General,
			0,
			claimed,
		);
		assert!(Providers::<T>::contains_key(&owner));
	}

	#[benchmark]
	fn update() {
		let (owner, worker) = ready::<T>(HardwareClass::General, 1).remove(0);
		#[extrinsic_call]
		_(RawOrigin::Signed(worker), endpoint(), u128::MAX);
		assert_eq!(Providers::<T>::get(owner).expect("exists").min_price, u128::MAX);
	}

	#[benchmark]
	fn set_ready() {
		// Leaving moves the last member to the gap: dearer than entering.
		let (owner, worker) = ready::<T>(HardwareClass::General, 100).remove(0);
		#[extrinsic_call]
		_(RawOrigin::Signed(worker), false);
		assert!(!ReadyIndex::<T>::contains_key(owner));
	}

	#[benchmark]
	fn drain() {
		let (owner, worker) = ready::<T>(HardwareClass::General, 100).remove(0);
		#[extrinsic_call]
		_(RawOrigin::Signed(worker));
		assert!(!ReadyIndex::<T>::contains_key(owner));
	}

	#[benchmark]
	fn deregister() {
		let (owner, _) = ready::<T>(HardwareClass::General, 100).remove(0);
		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()));
		assert!(!Providers::<T>::contains_key(&owner));
		assert_eq!(Pallet::<T>::ready(HardwareClass::General), 99);
	}
}
