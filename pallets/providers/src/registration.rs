// SPDX-License-Identifier: Apache-2.0
//! Becoming a provider, changing, leaving.

use crate::{Config, Deposits, Error, Event, HoldReason, Owners, Pallet, Providers};
use calor_primitives::{
	genesis_hash, now,
	provider::{possession_message, Availability, Capacity, Endpoint, Presence, ProviderRecord},
	tensor_ref::is_http,
	traits::{Collateral, Liquidity},
	AccountId, Balance,
};
use frame_support::{
	dispatch::DispatchResult,
	ensure,
	traits::{fungible::hold::Mutate as _, tokens::Precision, Get},
};
use sp_core::sr25519;
use sp_runtime::DispatchError;

/// Most that a provider can claim, in multiply-accumulates per second: about four of today's largest accelerators.
///
/// Until somebody has proved any, shares follow claims: without a limit one claim makes everyone else's share nothing,
/// and with it each such part of the whole costs stake and a deposit.
const MAX_MAC_PER_SECOND: u64 = 4_000_000_000_000_000;

/// Whether a machine can have that capacity.
fn is_plausible(claimed: &Capacity) -> bool {
	(1..=MAX_MAC_PER_SECOND).contains(&claimed.mac_per_second) && claimed.memory_mib > 0
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register(
		owner: AccountId,
		key: sr25519::Public,
		proof: sr25519::Signature,
		record: ProviderRecord,
	) -> DispatchResult {
		ensure!(!Providers::<T>::contains_key(&owner), Error::<T>::AlreadyRegistered);
		ensure!(!Owners::<T>::contains_key(&owner), Error::<T>::IsWorkerKey);
		ensure!(!T::Collateral::is_excluded(&owner), Error::<T>::Excluded);
		Self::ensure_consent(&owner, key, proof)?;
		ensure!(is_http(&record.endpoint), Error::<T>::BadEndpoint);
		ensure!(is_plausible(&record.claimed), Error::<T>::NoCapacity);
		Self::take_deposit(&owner)?;
		let (worker, class) = (record.worker.clone(), record.class);
		Owners::<T>::insert(&worker, &owner);
		Providers::<T>::insert(&owner, record);
		Self::deposit_event(Event::Registered { owner, worker, class });
		Ok(())
	}

	/// Fails unless the key agrees to work for this owner, and for nobody else.
	fn ensure_consent(
		owner: &AccountId,
		key: sr25519::Public,
		proof: sr25519::Signature,
	) -> DispatchResult {
		let worker: AccountId = key.into();
		ensure!(
			worker != *owner
				&& !Owners::<T>::contains_key(&worker)
				&& !Providers::<T>::contains_key(&worker),
			Error::<T>::WorkerKeyTaken
		);
		let message = possession_message(&genesis_hash::<T>(), owner);
		ensure!(sp_io::crypto::sr25519_verify(&proof, &message, &key), Error::<T>::BadProof);
		Ok(())
	}

	pub(crate) fn take_deposit(owner: &AccountId) -> DispatchResult {
		let deposit = T::Deposit::get();
		ensure!(T::Liquidity::liquid(owner) >= deposit, Error::<T>::BalanceTooLow);
		T::Currency::hold(&HoldReason::Registration.into(), owner, deposit)?;
		Deposits::<T>::insert(owner, deposit);
		Ok(())
	}

	/// The provider for which `who`, owner or worker key, speaks.
	pub(crate) fn resolve(who: AccountId) -> Result<(AccountId, ProviderRecord), DispatchError> {
		if let Some(record) = Providers::<T>::get(&who) {
			return Ok((who, record));
		}
		let owner = Owners::<T>::get(&who).ok_or(Error::<T>::NotRegistered)?;
		let record = Providers::<T>::get(&owner).ok_or(Error::<T>::NotRegistered)?;
		Ok((owner, record))
	}

	pub(crate) fn do_update(
		who: AccountId,
		endpoint: Endpoint,
		min_price: Balance,
		claimed: Option<Capacity>,
	) -> DispatchResult {
		let (owner, mut record) = Self::resolve(who)?;
		ensure!(is_http(&endpoint), Error::<T>::BadEndpoint);
		if let Some(claimed) = claimed.filter(|claimed| *claimed != record.claimed) {
			ensure!(is_plausible(&claimed), Error::<T>::NoCapacity);
			// Who waits for a job or has one was drawn, or may be, for what it claims now.
			ensure!(record.availability == Availability::Idle, Error::<T>::NotIdle);
			record.claimed = claimed;
			// Idle, so it is on no meter; and a claim is never nothing, so whoever has proved any still has.
			record.proven = record.proven.min(claimed.mac_per_second);
		}
		record.endpoint = endpoint;
		record.min_price = min_price;
		Self::heard(&mut record);
		Providers::<T>::insert(&owner, record);
		Self::deposit_event(Event::Updated { owner });
		Ok(())
	}

	pub(crate) fn do_rotate_worker(
		owner: AccountId,
		key: sr25519::Public,
		proof: sr25519::Signature,
	) -> DispatchResult {
		let mut record = Providers::<T>::get(&owner).ok_or(Error::<T>::NotRegistered)?;
		Self::ensure_consent(&owner, key, proof)?;
		let worker: AccountId = key.into();
		Owners::<T>::remove(&record.worker);
		Owners::<T>::insert(&worker, &owner);
		let former = core::mem::replace(&mut record.worker, worker.clone());
		Providers::<T>::insert(&owner, record);
		Self::deposit_event(Event::WorkerRotated { owner, former, worker });
		Ok(())
	}

	pub(crate) fn do_deregister(owner: AccountId) -> DispatchResult {
		let mut record = Providers::<T>::get(&owner).ok_or(Error::<T>::NotRegistered)?;
		ensure!(!T::Collateral::has_jobs(&owner), Error::<T>::OpenJobs);
		// Whoever left a jail or a wait by registering anew would not have been in one. The excluded cannot register anew.
		if !T::Collateral::is_excluded(&owner) {
			if let Availability::Jailed { until } = record.availability {
				ensure!(now::<T>() >= until, Error::<T>::Jailed);
			}
			ensure!(record.presence != Presence::Gone, Error::<T>::Gone);
			let wait = record.ready_from.saturating_sub(now::<T>());
			ensure!(wait == 0, Error::<T>::TooEarly(wait.try_into().unwrap_or(u16::MAX)));
		}
		let worker = record.worker.clone();
		Self::set_proven(&mut record, 0);
		Self::enter(&owner, record, Availability::Idle);
		Owners::<T>::remove(&worker);
		Providers::<T>::remove(&owner);
		let deposit = Deposits::<T>::take(&owner).unwrap_or(0);
		let reason = HoldReason::Registration.into();
		T::Currency::release(&reason, &owner, deposit, Precision::Exact)?;
		Self::deposit_event(Event::Deregistered { owner });
		Ok(())
	}

	/// Providers in the order of storage, after `after` or from the beginning.
	pub fn providers_after(
		after: Option<&AccountId>,
	) -> impl Iterator<Item = (AccountId, ProviderRecord)> {
		match after {
			Some(after) => Providers::<T>::iter_from(Providers::<T>::hashed_key_for(after)),
			None => Providers::<T>::iter(),
		}
	}
}
