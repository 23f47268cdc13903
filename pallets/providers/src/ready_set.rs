// SPDX-License-Identifier: Apache-2.0
//! Who waits for a job.

use crate::{Config, Error, Event, Owners, Pallet, Providers, Ready, ReadyCount, ReadyIndex};
use calor_primitives::{
	job::HardwareClass,
	now,
	provider::{Availability, Capacity},
	traits::{Assign, Invariants, ProvenCapacity},
	AccountId, Balance,
};
use frame_support::{defensive, dispatch::DispatchResult, ensure, traits::Get};

impl<T: Config> Pallet<T> {
	/// Moves a provider to another availability and keeps the ready set in step: the only place that does.
	pub(crate) fn set_availability(owner: &AccountId, next: Availability) -> DispatchResult {
		let class = Providers::<T>::try_mutate(owner, |record| {
			let record = record.as_mut().ok_or(Error::<T>::NotRegistered)?;
			record.availability = next;
			Ok::<_, Error<T>>(record.class)
		})?;
		if next == Availability::Ready {
			Self::enter_ready_set(owner, class);
		} else {
			Self::leave_ready_set(owner, class);
		}
		Self::deposit_event(Event::AvailabilityChanged {
			owner: owner.clone(),
			availability: next,
		});
		Ok(())
	}

	fn enter_ready_set(owner: &AccountId, class: HardwareClass) {
		if ReadyIndex::<T>::contains_key(owner) {
			return;
		}
		ReadyCount::<T>::mutate(class, |count| {
			Ready::<T>::insert(class, *count, owner);
			ReadyIndex::<T>::insert(owner, *count);
			*count = count.saturating_add(1);
		});
	}

	/// Takes a provider out; the last one takes its place.
	pub(crate) fn leave_ready_set(owner: &AccountId, class: HardwareClass) {
		let Some(index) = ReadyIndex::<T>::take(owner) else { return };
		ReadyCount::<T>::mutate(class, |count| {
			let last = count.saturating_sub(1);
			if let Some(moved) = Ready::<T>::take(class, last).filter(|_| last != index) {
				ReadyIndex::<T>::insert(&moved, index);
				Ready::<T>::insert(class, index, moved);
			}
			*count = last;
		});
	}
}

impl<T: Config> Assign for Pallet<T> {
	fn ready(class: HardwareClass) -> u32 {
		ReadyCount::<T>::get(class)
	}

	fn candidate(class: HardwareClass, index: u32) -> Option<(AccountId, Balance)> {
		let owner = Ready::<T>::get(class, index)?;
		let min_price = Providers::<T>::get(&owner)?.min_price;
		Some((owner, min_price))
	}

	fn occupy(provider: &AccountId) -> DispatchResult {
		let record = Providers::<T>::get(provider).ok_or(Error::<T>::NotRegistered)?;
		ensure!(record.availability == Availability::Ready, Error::<T>::NotReady);
		Self::set_availability(provider, Availability::Working)
	}

	fn vacate(provider: &AccountId) {
		let next = match Providers::<T>::get(provider).map(|record| record.availability) {
			Some(Availability::Working) => Availability::Ready,
			Some(Availability::Draining) => Availability::Idle,
			_ => return,
		};
		if Self::set_availability(provider, next).is_err() {
			defensive!("a provider that was just read is gone");
		}
	}

	fn suspend(provider: &AccountId) {
		let jailed = matches!(
			Providers::<T>::get(provider).map(|record| record.availability),
			None | Some(Availability::Jailed { .. })
		);
		if !jailed && Self::set_availability(provider, Availability::Idle).is_err() {
			defensive!("a provider that was just read is gone");
		}
	}

	fn jail(provider: &AccountId) {
		let until = now::<T>().saturating_add(T::JailPeriod::get());
		if Providers::<T>::contains_key(provider)
			&& Self::set_availability(provider, Availability::Jailed { until }).is_err()
		{
			defensive!("a provider that was just read is gone");
		}
	}

	fn owner_of(worker: &AccountId) -> Option<AccountId> {
		Owners::<T>::get(worker)
	}

	fn endpoint(provider: &AccountId) -> Option<alloc::vec::Vec<u8>> {
		Providers::<T>::get(provider).map(|record| record.endpoint.into_inner())
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_ready(
		class: HardwareClass,
		count: u32,
	) -> alloc::vec::Vec<(AccountId, AccountId)> {
		crate::benchmarking::ready::<T>(class, count)
	}
}

impl<T: Config> ProvenCapacity for Pallet<T> {
	fn capacity(provider: &AccountId) -> Option<Capacity> {
		Providers::<T>::get(provider).map(|record| record.claimed)
	}
}

impl<T: Config> Invariants for Pallet<T> {
	fn check() -> Result<(), &'static str> {
		let mut ready = 0u32;
		for (owner, record) in Providers::<T>::iter() {
			ensure!(
				Owners::<T>::get(&record.worker).as_ref() == Some(&owner),
				"a worker key does not lead back to its owner"
			);
			let index = ReadyIndex::<T>::get(&owner);
			ensure!(
				index.is_some() == (record.availability == Availability::Ready),
				"the ready set is not exactly the ready providers"
			);
			if let Some(index) = index {
				ready = ready.saturating_add(1);
				ensure!(
					Ready::<T>::get(record.class, index).as_ref() == Some(&owner),
					"a ready provider does not stand at its index"
				);
			}
		}
		let counted = HardwareClass::ALL.map(ReadyCount::<T>::get).into_iter();
		let counted = counted.fold(0u32, u32::saturating_add);
		ensure!(counted == ready, "the ready set has gaps or strangers");
		ensure!(Ready::<T>::iter().count() == ready as usize, "the ready set has strangers");
		let keys = Owners::<T>::iter_keys().count();
		ensure!(keys == Providers::<T>::iter_keys().count(), "a worker key has no provider");
		Ok(())
	}
}
