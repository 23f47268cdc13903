// SPDX-License-Identifier: Apache-2.0
//! Moves overdue jobs on where blocks have room.

use crate::{Agenda, Config, Pallet, SweptTo, WeightInfo};
use calor_primitives::{now, JobId};
use frame_support::{
	defensive,
	storage::with_storage_layer,
	weights::{Weight, WeightMeter},
};

impl<T: Config> Pallet<T> {
	/// Expires due jobs, oldest first, while `remaining` lasts. Gives the weight that it took.
	pub(crate) fn sweep_agenda(remaining: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(remaining);
		if meter.try_consume(T::WeightInfo::sweep_block()).is_err() {
			return meter.consumed();
		}
		let mut height = SweptTo::<T>::get();
		'heights: while height <= now::<T>() {
			let mut due = Agenda::<T>::iter_key_prefix(height);
			loop {
				// Each look at the agenda costs, whether it finds a job or the end of that height.
				if meter.try_consume(T::WeightInfo::sweep_block()).is_err() {
					break 'heights;
				}
				let Some(job) = due.next() else { break };
				if meter.try_consume(T::WeightInfo::expire()).is_err() {
					break 'heights;
				}
				Self::expire_or_drop(height, job);
			}
			height = height.saturating_add(1);
		}
		SweptTo::<T>::put(height);
		meter.consumed()
	}

	/// A job that cannot be moved on must not stop the others: it stays as it is, and `expire` can move it once its cause
	/// is gone.
	fn expire_or_drop(height: u32, job: JobId) {
		if let Err(error) = with_storage_layer(|| Self::do_expire(job)) {
			log::error!(target: "runtime::jobs", "job {job} due at {height}: {error:?}");
			defensive!("a due job could not be moved on");
		}
	}
}
