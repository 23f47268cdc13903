// SPDX-License-Identifier: Apache-2.0
//! Who waits for a job, who has one, who rests.

use crate::{meter::Load, Config, Error, Event, Pallet, Providers, Ready, ReadyCount, WeightInfo};
use calor_primitives::{
	job::HardwareClass,
	now,
	provider::{Availability, Candidate, Presence, ProviderRecord},
	traits::{Assign, Collateral, OnForfeit, Standings},
	AccountId, BlockNumber, JobId,
};
use frame_support::{defensive, dispatch::DispatchResult, ensure, traits::Get, weights::Weight};

impl<T: Config> Pallet<T> {
	/// Stores a provider with another availability and keeps its place in the ready set, its job, its entry on the watch
	/// and what it adds to the meter in step: the only place that does.
	pub(crate) fn enter(owner: &AccountId, mut record: ProviderRecord, next: Availability) {
		let (before, load) = (record.availability, Load::of(&record));
		match (before == Availability::Ready, next == Availability::Ready) {
			(false, true) => record.place = Self::take_place(owner, record.class),
			(true, false) => Self::leave_place(record.class, record.place),
			_ => {},
		}
		let busy = matches!(next, Availability::Working | Availability::Draining);
		if !busy {
			record.job = None;
		}
		match (busy || next == Availability::Ready, record.presence) {
			(true, Presence::Free | Presence::Gone) => Self::begin_watch(owner, &mut record),
			(false, Presence::Watched { .. }) => Self::end_watch(owner, &mut record),
			_ => {},
		}
		record.availability = next;
		Self::meter(record.class, load, Load::of(&record));
		Providers::<T>::insert(owner, record);
		if before != next {
			let owner = owner.clone();
			Self::deposit_event(Event::AvailabilityChanged { owner, availability: next });
		}
	}

	/// Puts a provider at the end of its ready set and gives its place.
	fn take_place(owner: &AccountId, class: HardwareClass) -> u32 {
		let place = ReadyCount::<T>::get(class);
		Ready::<T>::insert(class, place, owner);
		// Each member has a deposit on hold: money runs out long before numbers do.
		ReadyCount::<T>::insert(class, place.saturating_add(1));
		place
	}

	/// Empties a place; the last member of the set takes it.
	fn leave_place(class: HardwareClass, place: u32) {
		let last = ReadyCount::<T>::get(class).saturating_sub(1);
		if let Some(moved) = Ready::<T>::take(class, last).filter(|_| last != place) {
			Providers::<T>::mutate(&moved, |record| match record {
				Some(record) => record.place = place,
				None => {
					defensive!("the ready set names a provider that does not exist");
				},
			});
			Ready::<T>::insert(class, place, moved);
		}
		ReadyCount::<T>::insert(class, last);
	}

	pub(crate) fn do_set_ready(who: AccountId, ready: bool) -> DispatchResult {
		let (owner, mut record) = Self::resolve(who)?;
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
			(stays @ (Availability::Ready | Availability::Working), true)
			| (stays @ (Availability::Idle | Availability::Jailed { .. }), false) => stays,
		};
		let gone = record.presence == Presence::Gone;
		if gone && ready {
			Self::come_back(&owner, &mut record);
		} else {
			Self::heard(&mut record);
		}
		let enters = next == Availability::Ready && record.availability != Availability::Ready;
		if enters {
			ensure!(!T::Collateral::is_excluded(&owner), Error::<T>::Excluded);
			ensure!(T::Collateral::free(&owner).is_some(), Error::<T>::NotBonded);
			let wait = record.ready_from.saturating_sub(now::<T>());
			if wait > 0 {
				// Its return must be written down, or it could never begin to wait.
				ensure!(gone, Error::<T>::TooEarly(wait.try_into().unwrap_or(u16::MAX)));
				Providers::<T>::insert(owner, record);
				return Ok(());
			}
		}
		Self::enter(&owner, record, next);
		Ok(())
	}

	pub(crate) fn do_drain(who: AccountId) -> DispatchResult {
		let (owner, mut record) = Self::resolve(who)?;
		Self::heard(&mut record);
		let next = match record.availability {
			Availability::Ready => Availability::Idle,
			Availability::Working => Availability::Draining,
			stays @ (Availability::Idle | Availability::Draining | Availability::Jailed { .. }) => {
				stays
			},
		};
		Self::enter(&owner, record, next);
		Ok(())
	}

	/// Takes the job from a provider: it is ready again, or idle if it drains.
	fn free(owner: &AccountId, note: impl FnOnce(&mut ProviderRecord)) {
		let Some(mut record) = Providers::<T>::get(owner) else { return };
		let next = match record.availability {
			Availability::Working => Availability::Ready,
			Availability::Draining => Availability::Idle,
			_ => return,
		};
		note(&mut record);
		Self::enter(owner, record, next);
	}
}

impl<T: Config> Assign for Pallet<T> {
	fn ready(class: HardwareClass) -> u32 {
		ReadyCount::<T>::get(class)
	}

	fn candidate(class: HardwareClass, place: u32) -> Option<Candidate> {
		let owner = Ready::<T>::get(class, place)?;
		let record = Providers::<T>::get(&owner)?;
		let standing = T::Standing::standing(&owner);
		Some(Candidate {
			min_price: record.min_price,
			memory_mib: record.claimed.memory_mib,
			may_work: standing.in_order,
			group: standing.group,
			owner,
		})
	}

	fn occupy(provider: &AccountId, job: JobId) -> DispatchResult {
		let mut record = Providers::<T>::get(provider).ok_or(Error::<T>::NotRegistered)?;
		ensure!(record.availability == Availability::Ready, Error::<T>::NotReady);
		record.job = Some(job);
		Self::enter(provider, record, Availability::Working);
		Ok(())
	}

	fn vacate(provider: &AccountId) {
		Self::free(provider, Self::heard);
	}

	fn relieve(provider: &AccountId) {
		Self::free(provider, |_| ());
	}

	fn decline(provider: &AccountId, held: BlockNumber) {
		Self::free(provider, |record| {
			Self::heard(record);
			record.offline = record.offline.saturating_add(held);
			Self::miss(record, held);
		});
	}

	fn suspend(provider: &AccountId) {
		let Some(record) = Providers::<T>::get(provider) else { return };
		match record.availability {
			Availability::Idle | Availability::Jailed { .. } => {},
			_ => Self::enter(provider, record, Availability::Idle),
		}
	}

	fn rest(provider: &AccountId) {
		let Some(record) = Providers::<T>::get(provider) else { return };
		match record.availability {
			Availability::Ready => Self::enter(provider, record, Availability::Idle),
			Availability::Working => Self::enter(provider, record, Availability::Draining),
			Availability::Idle | Availability::Draining | Availability::Jailed { .. } => {},
		}
	}

	fn jail(provider: &AccountId) {
		let Some(record) = Providers::<T>::get(provider) else { return };
		let until = now::<T>().saturating_add(T::JailPeriod::get());
		let until = match record.availability {
			Availability::Jailed { until: already } => already.max(until),
			_ => until,
		};
		Self::enter(provider, record, Availability::Jailed { until });
	}

	fn owner_of(worker: &AccountId) -> Option<AccountId> {
		crate::Owners::<T>::get(worker)
	}

	fn group_of(owner: &AccountId) -> AccountId {
		T::Standing::standing(owner).group
	}

	fn worker_of(owner: &AccountId) -> Option<AccountId> {
		Providers::<T>::get(owner).map(|record| record.worker)
	}

	fn is_present(provider: &AccountId) -> bool {
		Providers::<T>::get(provider).is_some_and(|record| {
			matches!(
				record.availability,
				Availability::Ready | Availability::Working | Availability::Draining
			)
		})
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

impl<T: Config> OnForfeit for Pallet<T> {
	/// Out of the ready set for good, with nothing proven. Its record stays until its owner deregisters, so that its
	/// outputs can be found as long as it serves them.
	fn forfeited(provider: &AccountId) {
		let Some(mut record) = Providers::<T>::get(provider) else { return };
		Self::set_proven(&mut record, 0);
		Self::enter(provider, record, Availability::Jailed { until: BlockNumber::MAX });
	}

	fn weight() -> Weight {
		T::WeightInfo::forfeited()
	}
}
