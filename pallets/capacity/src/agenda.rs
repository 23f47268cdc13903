// SPDX-License-Identifier: Apache-2.0
//! Moves proofs on that are due, where blocks have room.

use crate::{Agenda, Config, Pallet, Proofs, SweptTo, WeightInfo};
use calor_primitives::{now, sweep::sweep, traits::Evidence, BlockNumber, JobId};
use frame_support::{
	defensive,
	storage::with_storage_layer,
	weights::{Weight, WeightMeter},
};

impl<T: Config> Pallet<T> {
	/// Most weight of moving a proof on.
	pub(crate) fn dearest_step() -> Weight {
		let step = T::WeightInfo::settle().max(T::WeightInfo::fail());
		step.saturating_add(T::Evidence::weight())
	}

	/// Moves on what is due, oldest first, while `remaining` lasts. Gives the weight that it took.
	pub(crate) fn work_off(remaining: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(remaining);
		let swept = sweep(
			&mut meter,
			T::WeightInfo::agenda_block(),
			SweptTo::<T>::get,
			now::<T>(),
			Agenda::<T>::iter_key_prefix,
			|height, job, meter| {
				let room = meter.try_consume(Self::dearest_step()).is_ok();
				if room {
					Self::call_up(height, job);
				}
				room
			},
		);
		if let Some(height) = swept {
			// What is due now may still come to be due later in this block.
			SweptTo::<T>::put(height.min(now::<T>()));
		}
		meter.consumed()
	}

	/// One proof must not keep the chain from the others: if it fails, it stays, and `expire` can move it on once the cause
	/// is gone.
	pub(crate) fn call_up(height: BlockNumber, job: JobId) {
		if !Proofs::<T>::contains_key(job) {
			defensive!("the agenda names a proof that does not exist");
			Agenda::<T>::remove(height, job);
			return;
		}
		if let Err(error) = with_storage_layer(|| Self::do_expire(job)) {
			log::error!(target: "runtime::capacity", "proof {job} cannot be moved on: {error:?}");
			defensive!("a due proof could not be moved on");
		}
	}
}
