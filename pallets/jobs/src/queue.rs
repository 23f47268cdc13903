// SPDX-License-Identifier: Apache-2.0
//! Queues, and the draw that gives queued jobs to providers.

use crate::{
	types::TicketKey, Config, CurrentWindows, Event, Jobs, Pallet, Queue, Queues, WeightInfo,
};
use alloc::vec::Vec;
use calor_primitives::{
	job::{HardwareClass, JobRecord, JobState},
	now,
	traits::{Assign, Collateral},
	AccountId, JobId, H256,
};
use codec::Encode;
use core::cell::RefCell;
use frame_support::{
	defensive,
	dispatch::DispatchResult,
	storage::with_storage_layer,
	traits::{Get, Randomness},
	weights::Weight,
};

/// Providers that are looked at for one job in one block. A ready set of this size or less is searched whole, so a fit is
/// found if there is one; beyond it draws are independent, so every fit has the same chance.
const DRAWS: u32 = 16;

impl<T: Config> Pallet<T> {
	/// Puts a job at the end of its queue. The caller stores the record.
	pub(crate) fn enqueue(id: JobId, record: &mut JobRecord) {
		let ticket = Queues::<T>::mutate(record.class, |queue| {
			let ticket = queue.next;
			queue.next = queue.next.saturating_add(1);
			queue.length = queue.length.saturating_add(1);
			ticket
		});
		Queue::<T>::insert(record.class, ticket.to_be_bytes(), id);
		let from = now::<T>().saturating_add(1);
		let expires = now::<T>().saturating_add(CurrentWindows::<T>::get().queue);
		Self::enter(id, record, JobState::Queued { ticket, from, expires });
		Self::deposit_event(Event::Queued { job: id, ticket, expires });
	}

	/// Looks at up to `MaxScan` places of each queue and assigns what fits. Gives the weight that it took.
	pub(crate) fn assign_queued() -> Weight {
		let mut looked_at = 0u32;
		let (randomness, _) = T::Randomness::random(b"calor/assign");
		if let Some(randomness) = randomness {
			for class in HardwareClass::ALL {
				if T::Providers::ready(class) > 0 {
					looked_at = looked_at.saturating_add(Self::scan(class, &randomness));
				}
			}
		}
		// The benchmark finds a provider at its first draw; a job may look at `DRAWS`, three reads each.
		let draws = u64::from(looked_at).saturating_mul(u64::from(DRAWS));
		T::WeightInfo::assign(looked_at)
			.saturating_add(T::DbWeight::get().reads(draws.saturating_mul(3)))
	}

	/// Looks at one queue, from where the last scan ended and around its end, and gives how many places it looked at.
	pub(crate) fn scan(class: HardwareClass, randomness: &H256) -> u32 {
		let queue = Queues::<T>::get(class);
		let places = queue.length.min(T::MaxScan::get());
		let after = Queue::<T>::hashed_key_for(class, queue.cursor.to_be_bytes());
		let mut waiting: Vec<(TicketKey, JobId)> =
			Queue::<T>::iter_prefix_from(class, after).take(places as usize).collect();
		let around = (places as usize).saturating_sub(waiting.len());
		waiting.extend(Queue::<T>::iter_prefix(class).take(around));
		for (ticket, job) in waiting {
			if T::Providers::ready(class) == 0 {
				break;
			}
			let ticket = u64::from_be_bytes(ticket);
			Queues::<T>::mutate(class, |queue| queue.cursor = ticket);
			Self::try_assign(job, ticket, randomness);
		}
		places
	}

	/// Assigns a job if a provider fits; whether it did.
	pub(crate) fn try_assign(id: JobId, ticket: u64, randomness: &H256) -> bool {
		let Some(mut record) = Jobs::<T>::get(id) else {
			defensive!("a queue names a job that does not exist");
			return false;
		};
		let JobState::Queued { from, .. } = record.state else {
			defensive!("a queue names a job that is not queued");
			return false;
		};
		if now::<T>() < from {
			return false;
		}
		let Some(provider) = Self::draw(&record, ticket, randomness) else { return false };
		let assigned = with_storage_layer(|| -> DispatchResult {
			T::Collateral::earmark(&provider, id, record.earmark)?;
			T::Providers::occupy(&provider)?;
			Self::leave_queue(&record);
			let accept_by = now::<T>().saturating_add(CurrentWindows::<T>::get().accept);
			Self::enter(
				id,
				&mut record,
				JobState::Assigned { provider: provider.clone(), accept_by },
			);
			Jobs::<T>::insert(id, &record);
			Self::deposit_event(Event::Assigned { job: id, provider: provider.clone(), accept_by });
			Ok(())
		});
		if assigned.is_err() {
			defensive!("a provider that fits could not be assigned");
		}
		assigned.is_ok()
	}

	/// A provider at random among those that fit.
	fn draw(record: &JobRecord, ticket: u64, randomness: &H256) -> Option<AccountId> {
		let ready = T::Providers::ready(record.class);
		let unbonded = RefCell::new(Vec::new());
		let number = |draw: u32| {
			let seed =
				(randomness, record.class, ticket, draw).using_encoded(sp_io::hashing::twox_64);
			u64::from_le_bytes(seed)
		};
		let fits = |index: u32| {
			let (provider, min_price) = T::Providers::candidate(record.class, index)?;
			if !T::Collateral::is_bonded(&provider) {
				// Whoever has unbonded everything while it was ready would only thin out the draws of others.
				unbonded.borrow_mut().push(provider);
				return None;
			}
			let fit = min_price <= record.price
				&& !record.failed.contains(&provider)
				&& T::Collateral::free(&provider) >= record.earmark;
			fit.then_some(provider)
		};
		let drawn = if ready <= DRAWS {
			let mut fitting: Vec<AccountId> = (0..ready).filter_map(fits).collect();
			let at = number(0).checked_rem(fitting.len() as u64);
			at.map(|at| fitting.swap_remove(at as usize))
		} else {
			(0..DRAWS).find_map(|draw| {
				// The remainder of 64 random bits is fair to within one in 2^32.
				fits(number(draw).checked_rem(u64::from(ready))? as u32)
			})
		};
		for provider in unbonded.into_inner() {
			T::Providers::suspend(&provider);
		}
		drawn
	}

	/// Takes a queued job out of its queue.
	pub(crate) fn leave_queue(record: &JobRecord) {
		if let JobState::Queued { ticket, .. } = record.state {
			Queue::<T>::remove(record.class, ticket.to_be_bytes());
			Queues::<T>::mutate(record.class, |queue| {
				queue.length = queue.length.saturating_sub(1)
			});
		}
	}
}
