// SPDX-License-Identifier: Apache-2.0
//! How epochs end, and how they expire.

use crate::{
	emission, Close, Config, CurrentEpoch, CurrentWindows, Ended, Epoch, Epochs, Event, Pallet,
	Phase, Pools, Tally, WeightInfo, WorkOf, CLAIM_EPOCHS,
};
use calor_primitives::{now, EpochIndex};
use frame_support::{
	traits::Get,
	weights::{Weight, WeightMeter},
};

impl<T: Config> Pallet<T> {
	/// Ends the epoch if it is time, and takes a close as far as its weight goes. Gives the weight that this took.
	pub(crate) fn go_on() -> Weight {
		let mut meter = WeightMeter::with_limit(T::CloseWeight::get());
		meter.consume(T::WeightInfo::wait());
		if Self::is_due() {
			meter.consume(T::WeightInfo::end_epoch());
			Self::end_epoch();
		}
		while Self::step(&mut meter) {}
		meter.consumed()
	}

	/// Whether the epoch under way is over. It waits for the close of the last one, so that one is closed at a time.
	fn is_due() -> bool {
		let end = CurrentEpoch::<T>::get().began.saturating_add(CurrentWindows::<T>::get().epoch);
		now::<T>() >= end && Close::<T>::get() == Phase::Idle
	}

	/// Begins the next epoch and the close of this one; the rewards of the one that is too old by now expire.
	pub(crate) fn end_epoch() {
		let Epoch { index, began, authored, owed } = CurrentEpoch::<T>::get();
		// The last number there can be is not reached in 2^32 blocks of epochs that last one at least.
		let Some(next) = index.checked_add(1) else { return };
		let span = now::<T>().saturating_sub(began).max(1);
		let ended = Ended { index, span, authored, owed, work: WorkOf::<T>::take(index) };
		CurrentEpoch::<T>::put(Epoch { index: next, began: now::<T>(), authored: 0, owed: 0 });
		Close::<T>::put(Phase::CountingCapacity { ended, last: None, tally: Tally::default() });
		Self::deposit_event(Event::EpochEnded { epoch: index });
		if let Some(expired) = Self::first_claimable().checked_sub(1) {
			Self::expire(expired);
		}
	}

	/// The first epoch that has not expired.
	pub(crate) fn first_claimable() -> EpochIndex {
		CurrentEpoch::<T>::get().index.saturating_sub(CLAIM_EPOCHS)
	}

	/// Gives what was not claimed of an epoch back to the pools, as it was drawn from them. Without its record no claim of
	/// that epoch finds anything.
	fn expire(epoch: EpochIndex) {
		let Some(record) = Epochs::<T>::take(epoch) else { return };
		let returned = emission::in_proportion(record.unclaimed.availability, &record.report.drawn);
		Pools::<T>::mutate(|left| {
			// No more than was drawn from each.
			left.simple = left.simple.saturating_add(returned.simple);
			left.baseline = left.baseline.saturating_add(returned.baseline);
		});
		let lapsed = record.unclaimed.work;
		Self::deposit_event(Event::EpochExpired { epoch, returned, lapsed });
	}
}
