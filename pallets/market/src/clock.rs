// SPDX-License-Identifier: Apache-2.0
//! What is due at a height: a new day, a refresh of the rates, a step of the prices. Each at most once a block, however
//! long it is overdue.

use crate::{Config, CurrentParameters, CurrentSchedule, Pallet, WeightInfo};
use calor_primitives::{now, BlockNumber};
use frame_support::weights::Weight;

impl<T: Config> Pallet<T> {
	/// Does what is due, and says what it weighs.
	pub(crate) fn advance() -> Weight {
		let (height, parameters) = (now::<T>(), CurrentParameters::<T>::get());
		let before = CurrentSchedule::<T>::get();
		let is_due = |last: BlockNumber, period| height >= last.saturating_add(period);
		let (mut schedule, mut weight) = (before, T::WeightInfo::wait());
		if is_due(before.day_began, parameters.day) {
			schedule.day_began = height;
			weight = weight.saturating_add(Self::begin_day());
		}
		if is_due(before.refreshed_at, parameters.refresh) {
			schedule.refreshed_at = height;
			Self::refresh_rates();
			weight = weight.saturating_add(T::WeightInfo::refresh());
		}
		if is_due(before.stepped_at, parameters.step) {
			schedule.stepped_at = height;
			Self::step_prices();
			let feeders = Self::pay_feeders();
			weight = weight.saturating_add(T::WeightInfo::step(feeders));
		}
		if schedule != before {
			CurrentSchedule::<T>::put(schedule);
		}
		weight
	}

	/// Takes down what prices and rates are, from which they may move a certain way until the next day.
	pub(crate) fn begin_day() -> Weight {
		Self::begin_day_of_prices();
		Self::begin_day_of_rates();
		T::WeightInfo::begin_day()
	}

	/// Height of the next refresh of the rates; one that is past means the next block.
	pub(crate) fn next_refresh() -> BlockNumber {
		let period = CurrentParameters::<T>::get().refresh;
		CurrentSchedule::<T>::get().refreshed_at.saturating_add(period)
	}

	/// Height of the next step of the prices; one that is past means the next block.
	pub(crate) fn next_step() -> BlockNumber {
		let period = CurrentParameters::<T>::get().step;
		CurrentSchedule::<T>::get().stepped_at.saturating_add(period)
	}
}
