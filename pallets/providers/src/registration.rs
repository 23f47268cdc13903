// SPDX-License-Identifier: Apache-2.0
//! Becoming a provider, changing, leaving.

use crate::{Config, Error, Event, Owners, Pallet, Providers};
use calor_primitives::{
	genesis_hash, now,
	provider::{possession_message, Availability, Endpoint, ProviderRecord},
	traits::Collateral,
	AccountId, Balance,
};
use frame_support::{dispatch::DispatchResult, ensure};
use sp_core::sr25519;
use sp_runtime::DispatchError;

/// Whether workers and clients can make sense of an endpoint.
fn is_http(endpoint: &Endpoint) -> bool {
	core::str::from_utf8(endpoint)
		.is_ok_and(|url| url.starts_with("http://") || url.starts_with("https://"))
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register(
		owner: AccountId,
		key: sr25519::Public,
		proof: sr25519::Signature,
		record: ProviderRecord,
	) -> DispatchResult {
		ensure!(!Providers::<T>::contains_key(&owner), Error::<T>::AlreadyRegistered);
		ensure!(
			record.worker != owner && !Owners::<T>::contains_key(&record.worker),
			Error::<T>::WorkerKeyTaken
		);
		let message = possession_message(&genesis_hash::<T>(), &owner);
		ensure!(sp_io::crypto::sr25519_verify(&proof, &message, &key), Error::<T>::BadProof);
		ensure!(is_http(&record.endpoint), Error::<T>::BadEndpoint);
		let claimed = record.claimed;
		ensure!(claimed.mac_per_second > 0 && claimed.memory_mib > 0, Error::<T>::NoCapacity);
		let (worker, class) = (record.worker.clone(), record.class);
		Owners::<T>::insert(&worker, &owner);
		Providers::<T>::insert(&owner, record);
		Self::deposit_event(Event::Registered { owner, worker, class });
		Ok(())
	}

	/// The owner for whom `who`, owner or worker key, speaks.
	pub fn resolve(who: AccountId) -> Result<AccountId, DispatchError> {
		if Providers::<T>::contains_key(&who) {
			return Ok(who);
		}
		Owners::<T>::get(&who).ok_or_else(|| Error::<T>::NotRegistered.into())
	}

	pub(crate) fn do_update(
		who: AccountId,
		endpoint: Endpoint,
		min_price: Balance,
	) -> DispatchResult {
		let owner = Self::resolve(who)?;
		ensure!(is_http(&endpoint), Error::<T>::BadEndpoint);
		Providers::<T>::try_mutate(&owner, |record| -> DispatchResult {
			let record = record.as_mut().ok_or(Error::<T>::NotRegistered)?;
			record.endpoint = endpoint;
			record.min_price = min_price;
			Ok(())
		})?;
		Self::deposit_event(Event::Updated { owner });
		Ok(())
	}

	pub(crate) fn do_set_ready(who: AccountId, ready: bool) -> DispatchResult {
		let owner = Self::resolve(who)?;
		let record = Providers::<T>::get(&owner).ok_or(Error::<T>::NotRegistered)?;
		let next = match (record.availability, ready) {
			(Availability::Idle, true) => Availability::Ready,
			(Availability::Jailed { until }, true) => {
				ensure!(now::<T>() >= until, Error::<T>::Jailed);
				// A job that it still runs would otherwise free it from the next one when it ends.
				ensure!(!T::Collateral::has_jobs(&owner), Error::<T>::OpenJobs);
				Availability::Ready
			},
			(Availability::Draining, true) => Availability::Working,
			(Availability::Ready, false) => Availability::Idle,
			(Availability::Working | Availability::Draining, false) => {
				return Err(Error::<T>::Working.into())
			},
			// What is said is already so; a jail is not left by saying that one is not ready.
			(Availability::Ready | Availability::Working, true)
			| (Availability::Idle | Availability::Jailed { .. }, false) => return Ok(()),
		};
		if next == Availability::Ready {
			ensure!(T::Collateral::is_bonded(&owner), Error::<T>::NotBonded);
		}
		Self::set_availability(&owner, next)
	}

	pub(crate) fn do_drain(who: AccountId) -> DispatchResult {
		let owner = Self::resolve(who)?;
		let record = Providers::<T>::get(&owner).ok_or(Error::<T>::NotRegistered)?;
		match record.availability {
			Availability::Ready => Self::set_availability(&owner, Availability::Idle),
			Availability::Working => Self::set_availability(&owner, Availability::Draining),
			Availability::Idle | Availability::Draining | Availability::Jailed { .. } => Ok(()),
		}
	}

	pub(crate) fn do_deregister(owner: AccountId) -> DispatchResult {
		let record = Providers::<T>::get(&owner).ok_or(Error::<T>::NotRegistered)?;
		ensure!(!T::Collateral::has_jobs(&owner), Error::<T>::OpenJobs);
		// Whoever left a jail by registering anew would not have been in one.
		if let Availability::Jailed { until } = record.availability {
			ensure!(now::<T>() >= until, Error::<T>::Jailed);
		}
		Self::leave_ready_set(&owner, record.class);
		Owners::<T>::remove(&record.worker);
		Providers::<T>::remove(&owner);
		Self::deposit_event(Event::Deregistered { owner });
		Ok(())
	}
}
