// SPDX-License-Identifier: Apache-2.0
//! Drawing providers for queued jobs.
//!
//! In each block the classes share a fixed weight. Of the jobs that a class looks at, half are those that tip most, a
//! quarter those that wait longest, and a quarter those that have been missed before; a part that is short of jobs leaves
//! its share to the others.
//!
//! For a fresh job up to [`DRAWS`] ready providers are drawn independently, so that every fit has the same chance. A set of
//! this size or less is searched whole. A job that is missed goes through the ready set from its end, [`DRAWS`] places at a
//! look; providers that leave are replaced by the last, so none that stays is passed over. When its time is over it goes
//! through the rest, [`SWEEP`] places at a step, before it may close for lack of a provider.

use crate::{
	types::job_of, Config, CurrentWindows, Event, Fresh, Jobs, Pallet, Queues, Tipped, WeightInfo,
};
use alloc::vec::Vec;
use calor_primitives::{
	job::{Attempt, HardwareClass, JobRecord, JobState},
	now,
	traits::{Assign, Collateral},
	AccountId, JobId, H256,
};
use codec::Encode;
use frame_support::{
	defensive,
	dispatch::DispatchResult,
	storage::with_storage_layer,
	traits::{Get, Randomness},
	weights::{Weight, WeightMeter},
};

/// Providers that are looked at for one job in one block.
pub(crate) const DRAWS: u32 = 16;
/// Providers that are looked at in one step for a job whose time in the queue is over.
pub(crate) const SWEEP: u32 = 128;

/// What a look at a job came to.
pub(crate) enum Look {
	/// It has a provider.
	Assigned,
	/// Nobody was found; so much of the ready set is still to be tried.
	Missed(u32),
	/// It cannot be assigned in this block.
	Skipped,
}

/// Which jobs a look takes.
#[derive(Clone, Copy)]
enum Part {
	Tipped,
	Oldest,
	Missed,
}

/// The order in which jobs are taken: by their shares.
const TURNS: [Part; 4] = [Part::Tipped, Part::Oldest, Part::Tipped, Part::Missed];

impl<T: Config> Pallet<T> {
	/// Most weight of one look at one job.
	pub(crate) fn dearest_look() -> Weight {
		// An assignment, and a provider without stake that is sent off on the way.
		let found =
			T::WeightInfo::assign().saturating_mul(2).saturating_add(T::WeightInfo::siblings());
		found.saturating_add(T::WeightInfo::miss(DRAWS))
	}

	/// Draws providers for queued jobs, and gives the weight that it took.
	pub(crate) fn assign_queued() -> Weight {
		let mut meter = WeightMeter::with_limit(T::AssignWeight::get());
		meter.consume(T::WeightInfo::assign_nothing());
		// The values that a block writes once at most: the last number, how far the agenda was seen to, the receipts.
		meter.consume(T::DbWeight::get().reads_writes(3, 3));
		let (Some(randomness), _) = T::Randomness::random(b"calor/assign") else {
			return meter.consumed();
		};
		let mut classes = HardwareClass::ALL;
		// What one class leaves is for those after it, so they take turns at being first.
		let first = now::<T>().checked_rem(classes.len() as u32).unwrap_or(0);
		classes.rotate_left(first as usize);
		for (class, left) in classes.into_iter().zip((1..=classes.len() as u64).rev()) {
			let share = meter.remaining().checked_div(left).unwrap_or_default();
			let mut part = WeightMeter::with_limit(share);
			Self::assign_class(class, &randomness, &mut part);
			meter.consume(part.consumed());
		}
		meter.consumed()
	}

	/// Draws for jobs of one class while providers wait and weight lasts.
	pub(crate) fn assign_class(class: HardwareClass, randomness: &H256, meter: &mut WeightMeter) {
		let queue = Queues::<T>::get(class);
		// Walked on, not begun anew for each job: entries that were removed in this block cost the database a look each.
		let mut tipped = Tipped::<T>::iter_key_prefix(class).map(|key| job_of(&key));
		let mut oldest = Fresh::<T>::iter_key_prefix(class).map(JobId::from_be_bytes);
		let mut missed = Self::in_rotation(class, &queue).map(JobId::from_be_bytes);
		let (mut cursor, mut empty) = (None, 0);
		for part in TURNS.into_iter().cycle() {
			if empty == TURNS.len()
				|| T::Providers::ready(class) == 0
				|| !meter.can_consume(Self::dearest_look())
			{
				break;
			}
			let job = match part {
				Part::Tipped => tipped.next(),
				Part::Oldest => oldest.next(),
				Part::Missed => missed.next().inspect(|job| cursor = Some(*job)),
			};
			let Some(job) = job else {
				empty = empty.saturating_add(1);
				continue;
			};
			empty = 0;
			meter.consume(T::WeightInfo::miss(0));
			Self::look(job, DRAWS, randomness, meter);
		}
		if let Some(job) = cursor {
			Queues::<T>::mutate(class, |queue| queue.cursor = job.to_be_bytes());
		}
	}

	/// Looks for a provider of a job at up to `places` places of the ready set, and assigns it or notes that it was missed.
	pub(crate) fn look(id: JobId, places: u32, randomness: &H256, meter: &mut WeightMeter) -> Look {
		let Some(mut record) = Jobs::<T>::get(id) else {
			defensive!("a queue names a job that does not exist");
			return Look::Skipped;
		};
		let JobState::Queued { from, expires, untried } = record.state else {
			defensive!("a queue names a job that is not queued");
			return Look::Skipped;
		};
		// An overdue job goes through the whole set by itself.
		if now::<T>() < from || (now::<T>() >= expires && places == DRAWS) {
			return Look::Skipped;
		}
		let ready = T::Providers::ready(record.class);
		if record.replica_of.is_some() {
			meter.consume(T::WeightInfo::siblings());
		}
		let rivals = Self::rivals(id, &record);
		let mut search =
			Search { id, record: &record, rivals, randomness, looked_at: 0, unbonded: None };
		let (provider, left) = match untried {
			None if ready > DRAWS => (search.draw::<T>(ready), ready),
			// All of a small set at once; of a large one from its end, anew once it has been gone through.
			_ => {
				let top = untried.filter(|left| *left > 0).unwrap_or(ready).min(ready);
				let bottom = top.saturating_sub(places);
				(search.among::<T>(bottom..top), bottom)
			},
		};
		let Search { looked_at, unbonded, .. } = search;
		meter.consume(Self::one_candidate().saturating_mul(looked_at.into()));
		if let Some(owner) = unbonded {
			// Whoever has nothing bonded any more would only thin out the draws of others.
			meter.consume(T::WeightInfo::assign());
			T::Providers::suspend(&owner);
		}
		if let Some(provider) = provider {
			meter.consume(T::WeightInfo::assign());
			if with_storage_layer(|| Self::assign(id, record.clone(), provider)).is_ok() {
				return Look::Assigned;
			}
			defensive!("a provider that fits could not be assigned");
		}
		Self::miss(id, &mut record, left);
		Jobs::<T>::insert(id, record);
		Look::Missed(left)
	}

	/// Tries the next part of the ready set for a job whose time in the queue is over. `None` if it has been assigned,
	/// otherwise how much is left to be tried.
	pub(crate) fn last_look(id: JobId) -> Option<u32> {
		// A block without randomness is no reason to close a job untried: which of several fits gets it matters less.
		let randomness = T::Randomness::random(b"calor/assign").0.unwrap_or_default();
		match Self::look(id, SWEEP, &randomness, &mut WeightMeter::new()) {
			Look::Assigned => None,
			Look::Missed(left) => Some(left),
			Look::Skipped => Some(0),
		}
	}

	fn assign(id: JobId, mut record: JobRecord, provider: AccountId) -> DispatchResult {
		T::Collateral::earmark(&provider, id, record.earmark)?;
		T::Providers::occupy(&provider, id)?;
		Self::burn_tip(&mut record)?;
		Self::leave_queue(id, &record);
		let accept_by = now::<T>().saturating_add(CurrentWindows::<T>::get().accept);
		let state = JobState::Assigned { provider: provider.clone(), accept_by };
		Self::enter(id, &mut record, state);
		Jobs::<T>::insert(id, record);
		Self::deposit_event(Event::Assigned { job: id, provider, accept_by });
		Ok(())
	}

	/// Weight of looking at one provider.
	fn one_candidate() -> Weight {
		T::WeightInfo::miss(1).saturating_sub(T::WeightInfo::miss(0))
	}
}

/// A search for a provider of one job.
struct Search<'a> {
	id: JobId,
	record: &'a JobRecord,
	/// Whose groups may not have it.
	rivals: Vec<Attempt>,
	randomness: &'a H256,
	/// Providers that were looked at.
	looked_at: u32,
	/// The last of them that has nothing bonded. One a look is enough to be rid of them.
	unbonded: Option<AccountId>,
}

impl Search<'_> {
	/// The provider at that place, if it may take the job.
	fn fit<T: Config>(&mut self, place: u32) -> Option<AccountId> {
		self.looked_at = self.looked_at.saturating_add(1);
		let candidate = T::Providers::candidate(self.record.class, place)?;
		let Some(free) = T::Collateral::free(&candidate.owner) else {
			self.unbonded = Some(candidate.owner);
			return None;
		};
		let fits = candidate.may_work
			&& candidate.min_price <= self.record.price
			&& candidate.memory_mib >= self.record.memory_mib
			&& free >= self.record.earmark
			&& !candidate.is_among(&self.rivals);
		fits.then_some(candidate.owner)
	}

	/// Independent draws until one fits. The remainder of 64 random bits is fair to within one in 2^32.
	fn draw<T: Config>(&mut self, ready: u32) -> Option<AccountId> {
		(0..DRAWS).find_map(|draw| {
			let place = self.number(draw).checked_rem(ready.into())?;
			self.fit::<T>(place as u32)
		})
	}

	/// One at random of those that fit at these places.
	fn among<T: Config>(&mut self, places: core::ops::Range<u32>) -> Option<AccountId> {
		let first = places.start;
		let mut fits: Vec<AccountId> = places.filter_map(|place| self.fit::<T>(place)).collect();
		let at = self.number(first).checked_rem(fits.len() as u64)?;
		Some(fits.swap_remove(at as usize))
	}

	/// Random bits for the `draw`th draw.
	fn number(&self, draw: u32) -> u64 {
		let seed = (self.randomness, self.id, draw).using_encoded(sp_io::hashing::twox_64);
		u64::from_le_bytes(seed)
	}
}
