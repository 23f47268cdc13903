// SPDX-License-Identifier: Apache-2.0
//! The queue of each class.
//!
//! Fresh jobs stand in the order of submission and, if they tip, in the order of their tips as well; each is drawn for
//! once, at its turn in either. A job for which the draw finds nobody leaves both for the missed jobs, which are looked at
//! in rotation: so no job that nobody can take holds up another, whatever it tips.
//!
//! Entering and leaving cost a fixed number of reads and writes, however long the queue is.

use crate::{
	types::{tip_key, AgeKey, QueueState},
	Config, CurrentWindows, Event, Fresh, Missed, Overdue, Pallet, Queues, Tipped,
};
use calor_primitives::{
	job::{HardwareClass, JobRecord, JobState},
	now, JobId,
};

impl<T: Config> Pallet<T> {
	/// Puts a job into its queue: a new one behind all others, one whose provider failed at its old place. The caller
	/// stores the record.
	pub(crate) fn enqueue(id: JobId, record: &mut JobRecord) {
		Fresh::<T>::insert(record.class, id.to_be_bytes(), ());
		if let Some(key) = tip_key(id, record.tip, record.mac) {
			Tipped::<T>::insert(record.class, key, ());
		}
		Queues::<T>::mutate(record.class, |queue| queue.fresh = queue.fresh.saturating_add(1));
		let from = now::<T>().saturating_add(1);
		let expires = now::<T>().saturating_add(CurrentWindows::<T>::get().queue);
		Self::enter(id, record, JobState::Queued { from, expires, untried: None });
		Self::deposit_event(Event::Queued { job: id, expires });
	}

	/// Takes a queued job out of its queue.
	pub(crate) fn leave_queue(id: JobId, record: &JobRecord) {
		let JobState::Queued { untried, .. } = record.state else { return };
		if untried.is_none() {
			Self::leave_fresh(id, record);
		} else {
			Missed::<T>::remove(record.class, id.to_be_bytes());
			Overdue::<T>::remove(id.to_be_bytes());
			Queues::<T>::mutate(record.class, |queue| {
				queue.missed = queue.missed.saturating_sub(1)
			});
		}
	}

	fn leave_fresh(id: JobId, record: &JobRecord) {
		Fresh::<T>::remove(record.class, id.to_be_bytes());
		if let Some(key) = tip_key(id, record.tip, record.mac) {
			Tipped::<T>::remove(record.class, key);
		}
		Queues::<T>::mutate(record.class, |queue| queue.fresh = queue.fresh.saturating_sub(1));
	}

	/// Notes how much of the ready set is still to be tried for a job that was missed. The caller stores the record.
	pub(crate) fn miss(id: JobId, record: &mut JobRecord, left: u32) {
		let JobState::Queued { from, expires, untried } = record.state else { return };
		if untried.is_none() {
			Self::leave_fresh(id, record);
			Missed::<T>::insert(record.class, id.to_be_bytes(), ());
			Queues::<T>::mutate(record.class, |queue| {
				queue.missed = queue.missed.saturating_add(1)
			});
		}
		// The same deadline: the agenda need not know.
		record.state = JobState::Queued { from, expires, untried: Some(left) };
	}

	/// The missed jobs of a class, each once, from behind the cursor and around.
	pub(crate) fn in_rotation(
		class: HardwareClass,
		queue: &QueueState,
	) -> impl Iterator<Item = AgeKey> {
		let after = Missed::<T>::hashed_key_for(class, queue.cursor);
		let behind = Missed::<T>::iter_key_prefix_from(class, after);
		// Jobs that are missed meanwhile wait for the next block.
		behind.chain(Missed::<T>::iter_key_prefix(class)).take(queue.missed as usize)
	}
}
