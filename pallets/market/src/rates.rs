// SPDX-License-Identifier: Apache-2.0
//! What the token and electricity are taken to be worth: the mean of the medians, and no more than a tenth a day away from
//! what it was.

use crate::{
	controller::MILLIJOULES_PER_KWH,
	twap,
	types::{RatesRecord, MAX_PRICE},
	Config, CurrentParameters, CurrentRates, Energy, Event, FedAt, Pallet, RecentObservations,
};
use calor_primitives::{job::HardwareClass, market::FeedValues, money::MAC_PER_CU, traits::Rates};
use frame_support::traits::Time;
use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

/// A rate moves within a day by at most one part in so many of what it was when the day began, or 1 pico-USD.
pub const DAILY_MOVE: u128 = 10;

/// `found`, as far as a day allows that began at `at_dawn`.
pub fn clamp(found: u128, at_dawn: u128) -> u128 {
	let most = (at_dawn / DAILY_MOVE).max(1);
	let lowest = at_dawn.saturating_sub(most).max(1);
	found.max(lowest).min(at_dawn.saturating_add(most)).min(MAX_PRICE)
}

/// Both values, as far as a day allows.
pub fn clamp_both(found: FeedValues, at_dawn: FeedValues) -> FeedValues {
	FeedValues { cal: clamp(found.cal, at_dawn.cal), kwh: clamp(found.kwh, at_dawn.kwh) }
}

/// What the electricity of so many multiply-accumulates costs, in pico-USD, rounded down: `mac / 10^12` CU, each of so
/// many millijoules, at `kwh` pico-USD per kWh. `None` if it exceeds 128 bits.
pub fn electricity(mac: u128, millijoules: u64, kwh: u128) -> Option<u128> {
	// At most 10^9 * 10^18; the product with `mac` is taken in 256 bits.
	multiply_by_rational_with_rounding(
		mac,
		u128::from(millijoules).checked_mul(kwh)?,
		MAC_PER_CU.checked_mul(MILLIJOULES_PER_KWH)?,
		Rounding::Down,
	)
}

impl<T: Config> Pallet<T> {
	/// The first rates that are known.
	pub(crate) fn begin_rates(values: FeedValues) {
		CurrentRates::<T>::put(RatesRecord { used: values, at_dawn: values });
		Self::tell_rates(values);
	}

	/// Rates may move by a tenth anew from where they are.
	pub(crate) fn begin_day_of_rates() {
		if let Some(rates) = CurrentRates::<T>::get() {
			CurrentRates::<T>::put(RatesRecord { at_dawn: rates.used, ..rates });
		}
	}

	/// Takes the rates from what was observed. If that is stale, they stay as they are.
	pub(crate) fn refresh_rates() {
		let Some(rates) = CurrentRates::<T>::get() else { return };
		let (time, parameters) = (T::Time::now(), CurrentParameters::<T>::get());
		if !FedAt::<T>::exists() && time > 0 {
			// Rates of genesis, and now there is a clock to say since when.
			Self::observe(rates.used, time);
		}
		if !Self::is_fed() {
			return;
		}
		let observed = RecentObservations::<T>::get();
		let Some(found) = twap::mean(&observed, time, parameters.twap, parameters.stale_after)
		else {
			return;
		};
		let used = clamp_both(found, rates.at_dawn);
		if used != rates.used {
			CurrentRates::<T>::put(RatesRecord { used, ..rates });
			Self::tell_rates(used);
		}
	}

	/// Says that rates are new, and raises prices that are now below their floors.
	fn tell_rates(rates: FeedValues) {
		Self::deposit_event(Event::RatesSet { rates });
		HardwareClass::ALL.into_iter().for_each(Self::raise_to_floor);
	}
}

impl<T: Config> Rates for Pallet<T> {
	fn cal_price() -> Option<u128> {
		CurrentRates::<T>::get().map(|rates| rates.used.cal)
	}

	fn electricity(class: HardwareClass, mac: u128) -> Option<u128> {
		electricity(mac, Energy::<T>::get(class)?, CurrentRates::<T>::get()?.used.kwh)
	}
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests may panic")]
mod tests {
	use super::*;
	use crate::{mock::cases, types::MAX_ENERGY};
	use proptest::prelude::*;

	#[test]
	fn a_day_allows_a_tenth() {
		assert_eq!(clamp(150, 100), 110);
		assert_eq!(clamp(50, 100), 90);
		assert_eq!(clamp(105, 100), 105);
		assert_eq!(clamp(1, 5), 4);
		assert_eq!(clamp(1, 1), 1);
		assert_eq!(clamp(9, 1), 2, "nothing is stuck");
		assert_eq!(clamp(u128::MAX, MAX_PRICE), MAX_PRICE);
	}

	#[test]
	fn electricity_of_a_kwh() {
		// 3.6 MJ are 514,285.7 CU of 7 J.
		assert_eq!(
			electricity(514_285_714_285_714_286, 7_000, 1_000_000_000_000),
			Some(1_000_000_000_000)
		);
		assert_eq!(electricity(0, 7_000, 1), Some(0));
		// A year of 10^24 MAC/s.
		assert!(electricity(10u128.pow(24) * 31_557_600, MAX_ENERGY, MAX_PRICE).is_some());
		// As far as any count of blocks goes, at usual rates.
		let most = 10u128.pow(24) * (1 << 32);
		assert!(electricity(most * 6, 7_000, 1_000_000_000_000).is_some());
		assert_eq!(electricity(u128::MAX, MAX_ENERGY, MAX_PRICE), None);
	}

	proptest! {
		#![proptest_config(cases())]

		#[test]
		fn a_clamp_stays_within_a_tenth(found: u128, at_dawn in 1..=MAX_PRICE) {
			let clamped = clamp(found, at_dawn);
			prop_assert!(clamped.abs_diff(at_dawn) <= (at_dawn / 10).max(1));
			prop_assert!((1..=MAX_PRICE).contains(&clamped));
			prop_assert_eq!(clamp(clamped, at_dawn), clamped);
			prop_assert!(clamped == found || (found > at_dawn) == (clamped > at_dawn) || clamped == at_dawn);
		}

		#[test]
		fn parts_of_electricity_cost_no_more_than_the_whole(
			one in 0..=u128::MAX / 4,
			other in 0..=u128::MAX / 4,
			millijoules in 1..=1_000_000u64,
			kwh in 1..=1_000_000_000_000u128,
		) {
			let cost = |mac| electricity(mac, millijoules, kwh).expect("below 128 bits");
			prop_assert!(cost(one) + cost(other) <= cost(one + other));
			prop_assert!(cost(one) + cost(other) + 1 >= cost(one + other));
		}
	}
}
