// SPDX-License-Identifier: Apache-2.0
//! What must always hold of prices, rates and feeds.

use crate::{
	feeds,
	rates::clamp_both,
	types::{MAX_ENERGY, MAX_PRICE, OBSERVATION_SPACING},
	Classes, Config, CurrentParameters, CurrentRates, CurrentSchedule, Energy, FedAt, Feeders,
	Pallet, RecentObservations,
};
use calor_primitives::{now, traits::Invariants};
use frame_support::ensure;

impl<T: Config> Invariants for Pallet<T> {
	fn check() -> Result<(), &'static str> {
		ensure!(CurrentParameters::<T>::get().are_valid(), "the market cannot run by its rules");
		let schedule = CurrentSchedule::<T>::get();
		let last = schedule.day_began.max(schedule.refreshed_at).max(schedule.stepped_at);
		ensure!(last <= now::<T>(), "something was done at a height to come");
		Self::check_classes()?;
		Self::check_rates()?;
		Self::check_feeds()
	}
}

impl<T: Config> Pallet<T> {
	/// Prices are at least their floors, and all within the bounds.
	fn check_classes() -> Result<(), &'static str> {
		for (class, record) in Classes::<T>::iter() {
			ensure!(Energy::<T>::contains_key(class), "a class with a price has no energy");
			ensure!(record.per_cu >= Self::floor_of(class), "a price is below its floor");
			let prices = [record.per_cu, record.at_dawn, record.average.value()];
			ensure!(
				prices.iter().all(|price| (1..=MAX_PRICE).contains(price)),
				"a price or its mean is zero or too high"
			);
		}
		let mut energies = Energy::<T>::iter_values();
		ensure!(energies.all(|one| (1..=MAX_ENERGY).contains(&one)), "energy is out of bounds");
		Ok(())
	}

	/// Rates are within what a day allows, and known since the first valid median.
	fn check_rates() -> Result<(), &'static str> {
		match CurrentRates::<T>::get() {
			Some(rates) => {
				let valid = feeds::are_valid(&rates.used) && feeds::are_valid(&rates.at_dawn);
				ensure!(valid, "a rate is zero or too high");
				let reachable = clamp_both(rates.used, rates.at_dawn) == rates.used;
				ensure!(reachable, "a rate moved by more than a day allows");
			},
			None => ensure!(!FedAt::<T>::exists(), "there was a median, and there are no rates"),
		}
		let observed = RecentObservations::<T>::get();
		ensure!(
			observed.iter().all(|one| feeds::are_valid(&one.values)),
			"an observed rate is zero or too high"
		);
		let apart = observed.iter().zip(observed.iter().skip(1)).all(|(one, next)| {
			next.at.checked_sub(one.at).is_some_and(|time| time >= OBSERVATION_SPACING)
		});
		ensure!(apart, "observations are not in order, or closer than a minute");
		let last = observed.last().map(|one| one.at);
		ensure!(last <= FedAt::<T>::get(), "there was an observation without a median");
		Ok(())
	}

	/// Feeders are distinct and enough, and what they reported is valid.
	fn check_feeds() -> Result<(), &'static str> {
		let feeders = Feeders::<T>::get();
		let mut accounts: alloc::vec::Vec<_> = feeders.iter().map(|one| &one.account).collect();
		accounts.sort_unstable();
		accounts.dedup();
		ensure!(accounts.len() == feeders.len(), "a feeder is there twice");
		let enough = Self::ensure_enough(feeders.len(), &CurrentParameters::<T>::get());
		ensure!(enough.is_ok(), "there are too few feeders for a median");
		for feed in feeders.iter().filter_map(|feeder| feeder.last) {
			ensure!(feeds::are_valid(&feed.values), "a feeder reported zero or too much");
			ensure!(feed.height <= now::<T>(), "a feeder reported at a height to come");
		}
		Ok(())
	}
}
