// SPDX-License-Identifier: Apache-2.0
//! What feeders get.

use crate::{
	feeds::{is_fresh, is_near, median_of},
	Config, CurrentParameters, Event, Feeder, Feeders, Pallet,
};
use calor_primitives::{AccountId, Balance};
use frame_support::traits::{
	fungible::{Inspect, Mutate},
	tokens::{Fortitude, Preservation},
	Get, Time,
};

/// What each of `feeders` gets, of `due`, from a treasury that has so much: the same, since none comes first.
pub(crate) fn share(due: Balance, treasury: Balance, feeders: usize) -> Balance {
	let feeders = u128::try_from(feeders).unwrap_or(u128::MAX);
	due.min(treasury.checked_div(feeders).unwrap_or(0))
}

impl<T: Config> Pallet<T> {
	/// Pays feeders that are fresh and near the median, as far as the treasury has it, and says how many feeders there are.
	/// Without a valid median nobody has served.
	pub(crate) fn pay_feeders() -> u32 {
		let feeders = Feeders::<T>::get();
		let count = u32::try_from(feeders.len()).unwrap_or(u32::MAX);
		let (time, parameters) = (T::Time::now(), CurrentParameters::<T>::get());
		let Some(median) = median_of(&feeders, time, &parameters) else { return count };
		let serves = |feeder: &&Feeder| {
			feeder.last.is_some_and(|feed| {
				is_fresh(feed.at, time, parameters.stale_after)
					&& is_near(&feed.values, &median, parameters.spread)
			})
		};
		let treasury = T::Treasury::get();
		let has =
			T::Currency::reducible_balance(&treasury, Preservation::Preserve, Fortitude::Polite);
		let due = parameters.feed_pay;
		let each = share(due, has, feeders.iter().filter(serves).count());
		for feeder in feeders.iter().filter(serves) {
			Self::pay(&treasury, &feeder.account, each, due);
		}
		count
	}

	/// Pays one feeder and says so. An account that cannot receive that little gets nothing.
	fn pay(treasury: &AccountId, who: &AccountId, each: Balance, due: Balance) {
		let paid = if each == 0 {
			0
		} else {
			T::Currency::transfer(treasury, who, each, Preservation::Preserve).unwrap_or(0)
		};
		if paid > 0 {
			Self::deposit_event(Event::FeederPaid { who: who.clone(), amount: paid });
		}
		if paid < due {
			let missing = due.saturating_sub(paid);
			Self::deposit_event(Event::FeederShort { who: who.clone(), missing });
		}
	}
}

#[cfg(test)]
mod tests {
	use super::share;

	#[test]
	fn a_poor_treasury_is_shared() {
		assert_eq!(share(10, 100, 3), 10);
		assert_eq!(share(10, 20, 3), 6);
		assert_eq!(share(10, 2, 3), 0);
		assert_eq!(share(10, 100, 0), 0);
		assert_eq!(share(u128::MAX, u128::MAX, 1), u128::MAX);
	}
}
