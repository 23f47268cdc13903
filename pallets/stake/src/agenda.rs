// SPDX-License-Identifier: Apache-2.0
//! Lets due slashes act, and forgets faults, where blocks have room.

use crate::{Agenda, Config, Due, Pallet, SweptTo, WeightInfo};
use calor_primitives::{now, sweep::sweep, traits::OnForfeit, BlockNumber};
use frame_support::{
	defensive,
	storage::with_storage_layer,
	weights::{Weight, WeightMeter},
};

impl<T: Config> Pallet<T> {
	/// Does what is due, oldest first, while `remaining` lasts. Gives the weight that it took.
	pub(crate) fn sweep_agenda(remaining: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(remaining);
		let swept = sweep(
			&mut meter,
			T::WeightInfo::sweep_height(),
			SweptTo::<T>::get,
			now::<T>(),
			Agenda::<T>::iter_key_prefix,
			|height, item, meter| {
				let room = meter.try_consume(Self::weight_of(&item)).is_ok();
				if room {
					Self::do_due(height, item);
				}
				room
			},
		);
		if let Some(height) = swept {
			SweptTo::<T>::put(height);
		}
		meter.consumed()
	}

	/// Most that one item of the agenda can take.
	fn weight_of(item: &Due) -> Weight {
		match item {
			Due::Slash(_) => Self::weight_of_slash(),
			Due::Forget(_) => T::WeightInfo::forget(),
		}
	}

	/// Most that one slash can take, whichever kind it is.
	pub(crate) fn weight_of_slash() -> Weight {
		T::WeightInfo::apply_slash().max(
			T::WeightInfo::apply_forfeiture().saturating_add(<T::OnForfeit as OnForfeit>::weight()),
		)
	}

	/// A slash that cannot act must not stop the others: it stays as it is, and `apply_slash` can apply it once its cause
	/// is gone.
	pub(crate) fn do_due(height: BlockNumber, item: Due) {
		let id = match item {
			Due::Slash(id) => id,
			Due::Forget(ref who) => {
				Self::forget(who);
				return Agenda::<T>::remove(height, item);
			},
		};
		if let Err(error) = with_storage_layer(|| Self::do_apply_slash(id)) {
			log::error!(target: "runtime::stake", "slash {id} due at {height}: {error:?}");
			defensive!("a due slash could not act");
		}
	}
}
