// SPDX-License-Identifier: Apache-2.0
//! What feeders report, and what of it is believed.

use crate::{
	twap,
	types::{Observation, MAX_PRICE},
	Config, CurrentParameters, CurrentRates, Error, Event, FedAt, Feed, Feeder, FeederAccounts,
	FeederList, Feeders, Pallet, Parameters, RecentObservations,
};
use alloc::vec::Vec;
use calor_primitives::{market::FeedValues, now, AccountId};
use frame_support::{
	dispatch::{DispatchResult, Pays},
	ensure,
	traits::Time,
};
use sp_runtime::{DispatchError, Permill};

/// Whether values can be what something is worth.
pub fn are_valid(values: &FeedValues) -> bool {
	[values.cal, values.kwh].iter().all(|value| (1..=MAX_PRICE).contains(value))
}

/// Whether what was reported `at` still counts. A clock that went back makes nothing stale.
pub fn is_fresh(at: u64, now: u64, stale_after: u64) -> bool {
	now.saturating_sub(at) < stale_after
}

/// Whether two values lie within `spread` of `median`, both.
pub fn is_near(values: &FeedValues, median: &FeedValues, spread: Permill) -> bool {
	// At most 10^18 * 10^6.
	let within = |value: u128, median: u128| {
		let off = value.abs_diff(median).saturating_mul(Permill::one().deconstruct().into());
		off <= median.saturating_mul(spread.deconstruct().into())
	};
	within(values.cal, median.cal) && within(values.kwh, median.kwh)
}

/// The median: of an even number of values the mean of the middle two, rounded down; `None` of no values.
fn median(mut values: Vec<u128>) -> Option<u128> {
	values.sort_unstable();
	let upper = values.get(values.len() / 2)?;
	let lower = values.get(values.len().saturating_sub(1) / 2)?;
	// At most 2 * 10^18.
	Some(upper.saturating_add(*lower) / 2)
}

/// The median of what was reported, if there is enough of it and more than half lies within `spread` of the median.
///
/// As long as fewer than half of the feeders lie, and the others are near each other, it lies between what these report,
/// and is valid.
pub fn judge(fresh: &[FeedValues], min_feeders: u32, spread: Permill) -> Option<FeedValues> {
	if fresh.len() < usize::try_from(min_feeders).ok()? {
		return None;
	}
	let found = FeedValues {
		cal: median(fresh.iter().map(|values| values.cal).collect())?,
		kwh: median(fresh.iter().map(|values| values.kwh).collect())?,
	};
	let near = fresh.iter().filter(|values| is_near(values, &found, spread)).count();
	(near > fresh.len() / 2).then_some(found)
}

/// The median of the feeds that are fresh, if it is valid.
pub(crate) fn median_of(
	feeders: &[Feeder],
	time: u64,
	parameters: &Parameters,
) -> Option<FeedValues> {
	let fresh: Vec<_> = feeders
		.iter()
		.filter_map(|feeder| feeder.last)
		.filter(|feed| is_fresh(feed.at, time, parameters.stale_after))
		.map(|feed| feed.values)
		.collect();
	judge(&fresh, parameters.min_feeders, parameters.spread)
}

impl<T: Config> Pallet<T> {
	/// Stores a report and what follows from it, and says whether it is free of fee.
	pub(crate) fn do_feed(who: AccountId, values: FeedValues) -> Result<Pays, DispatchError> {
		let parameters = CurrentParameters::<T>::get();
		let mut feeders = Feeders::<T>::get();
		let feeder = feeders.iter_mut().find(|feeder| feeder.account == who);
		let feeder = feeder.ok_or(Error::<T>::NotFeeder)?;
		ensure!(are_valid(&values), Error::<T>::BadValues);
		let (height, time) = (now::<T>(), T::Time::now());
		let waited = |last: Feed| height.saturating_sub(last.height) >= parameters.refresh / 2;
		let pays = if feeder.last.is_none_or(waited) { Pays::No } else { Pays::Yes };
		feeder.last = Some(Feed { values, at: time, height });
		let median = median_of(&feeders, time, &parameters);
		Feeders::<T>::put(feeders);
		if let Some(found) = median {
			Self::observe(found, time);
		}
		Self::deposit_event(Event::Fed { who, values, median });
		Ok(pays)
	}

	/// Takes down a valid median. The very first one is used at once, for there is nothing else.
	pub(crate) fn observe(values: FeedValues, at: u64) {
		FedAt::<T>::put(at);
		RecentObservations::<T>::mutate(|all| twap::keep(all, Observation { values, at }));
		if !CurrentRates::<T>::exists() {
			Self::begin_rates(values);
		}
	}

	/// Whether there has been a valid median lately. That of genesis counts from when the clock is first seen.
	pub(crate) fn is_fed() -> bool {
		let stale_after = CurrentParameters::<T>::get().stale_after;
		CurrentRates::<T>::exists()
			&& FedAt::<T>::get().is_none_or(|at| is_fresh(at, T::Time::now(), stale_after))
	}

	/// Names the feeders; see the call.
	pub(crate) fn do_set_feeders(accounts: FeederAccounts) -> DispatchResult {
		let mut sorted = accounts.to_vec();
		sorted.sort_unstable();
		sorted.dedup();
		ensure!(sorted.len() == accounts.len(), Error::<T>::DuplicateFeeder);
		Self::ensure_enough(accounts.len(), &CurrentParameters::<T>::get())?;
		let before = Feeders::<T>::get();
		let last_of = |account: &AccountId| {
			before.iter().find(|feeder| feeder.account == *account).and_then(|feeder| feeder.last)
		};
		let feeders = accounts
			.iter()
			.map(|account| Feeder { account: account.clone(), last: last_of(account) })
			.collect();
		// As many as accounts, which are bounded alike.
		Feeders::<T>::put(FeederList::truncate_from(feeders));
		Self::deposit_event(Event::FeedersSet { feeders: accounts });
		Ok(())
	}

	/// Feeders are none, or enough for a median.
	pub(crate) fn ensure_enough(feeders: usize, parameters: &Parameters) -> DispatchResult {
		let enough = usize::try_from(parameters.min_feeders).is_ok_and(|least| feeders >= least);
		ensure!(feeders == 0 || enough, Error::<T>::TooFewFeeders);
		Ok(())
	}
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "tests may panic")]
mod tests {
	use super::*;
	use crate::mock::cases;
	use proptest::prelude::*;

	const SPREAD: Permill = Permill::from_percent(20);

	fn values(cal: u128) -> FeedValues {
		FeedValues { cal, kwh: 1_000 }
	}

	fn judge_cal(cals: &[u128]) -> Option<u128> {
		let fresh: Vec<_> = cals.iter().map(|cal| values(*cal)).collect();
		judge(&fresh, 3, SPREAD).map(|found| found.cal)
	}

	#[test]
	fn the_median_of_an_even_number_is_the_mean_of_the_middle() {
		assert_eq!(judge_cal(&[100, 110, 90]), Some(100));
		assert_eq!(judge_cal(&[100, 111, 90, 120]), Some(105));
		assert_eq!(judge_cal(&[MAX_PRICE; 16]), Some(MAX_PRICE));
		assert_eq!(judge_cal(&[1, 1, 1]), Some(1));
	}

	#[test]
	fn too_few_or_too_far_apart_is_no_median() {
		assert_eq!(judge_cal(&[]), None);
		assert_eq!(judge_cal(&[100, 100]), None);
		// Only the median itself is near the median.
		assert_eq!(judge_cal(&[50, 100, 200]), None);
		// Half is not more than half.
		assert_eq!(judge_cal(&[100, 100, 200, 200]), None);
		assert_eq!(judge(&[], 0, SPREAD), None);
	}

	#[test]
	fn the_spread_is_exact() {
		let median = values(100);
		assert!(is_near(&values(80), &median, SPREAD) && is_near(&values(120), &median, SPREAD));
		assert!(!is_near(&values(79), &median, SPREAD) && !is_near(&values(121), &median, SPREAD));
		let dear = FeedValues { cal: 100, kwh: 1_201 };
		assert!(!is_near(&dear, &median, SPREAD), "both values count");
		assert!(is_near(&values(MAX_PRICE), &values(MAX_PRICE), SPREAD));
		assert!(!is_near(&values(1), &values(MAX_PRICE), SPREAD));
	}

	#[test]
	fn values_are_refused_at_the_door() {
		assert!(are_valid(&values(1)) && are_valid(&values(MAX_PRICE)));
		assert!(!are_valid(&values(0)) && !are_valid(&values(MAX_PRICE + 1)));
		assert!(!are_valid(&FeedValues { cal: 1, kwh: 0 }));
	}

	#[test]
	fn a_value_is_fresh_until_its_time_is_up() {
		assert!(is_fresh(100, 100, 10) && is_fresh(100, 109, 10));
		assert!(!is_fresh(100, 110, 10) && !is_fresh(0, u64::MAX, 10));
		assert!(is_fresh(100, 50, 10), "a clock that went back");
	}

	proptest! {
		#![proptest_config(cases())]

		#[test]
		fn a_minority_of_liars_neither_moves_nor_blocks_the_median(
			base in 1_000..=MAX_PRICE / 2,
			honest in prop::collection::vec(0..=200u128, 2..=9),
			lies in prop::collection::vec((1..=MAX_PRICE, 1..=MAX_PRICE), 0..=7),
		) {
			// Honest values are up to a fifth above the lowest.
			let honest: Vec<_> = honest.iter().map(|off| values(base + base / 1_000 * off)).collect();
			let lies: Vec<_> = lies.into_iter().map(|(cal, kwh)| FeedValues { cal, kwh }).collect();
			let mut all = honest.clone();
			all.extend(lies.iter().take(honest.len() - 1));
			let found = judge(&all, 2, SPREAD).expect("a valid median");
			let cals: Vec<_> = honest.iter().map(|one| one.cal).collect();
			prop_assert!(found.cal >= *cals.iter().min().expect("some"));
			prop_assert!(found.cal <= *cals.iter().max().expect("some"));
			prop_assert_eq!(found.kwh, 1_000);
		}

		#[test]
		fn a_median_is_what_somebody_may_have_said(
			all in prop::collection::vec((1..=MAX_PRICE, 1..=MAX_PRICE), 0..=16),
			spread in 1..=1_000_000u32,
		) {
			let all: Vec<_> = all.into_iter().map(|(cal, kwh)| FeedValues { cal, kwh }).collect();
			if let Some(found) = judge(&all, 1, Permill::from_parts(spread)) {
				prop_assert!(are_valid(&found));
				let near = all.iter().filter(|one| is_near(one, &found, Permill::from_parts(spread)));
				prop_assert!(near.count() * 2 > all.len());
			}
		}
	}
}
