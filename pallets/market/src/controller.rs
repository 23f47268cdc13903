// SPDX-License-Identifier: Apache-2.0
//! How a price follows the use of what is offered, and what it never falls below.
//!
//! Demand that grows as the price falls meets a capacity that stays: each step closes about a seventh of the gap to the
//! price at which the target is used, so a shock of one half is followed within half a day and never overshot.

use crate::{
	types::{MAX_ENERGY, MAX_PRICE},
	Average, ClassRecord, Classes, Config, CurrentRates, Energy, Error, Event, Pallet,
};
use calor_primitives::{
	job::HardwareClass,
	traits::{Usage, Used},
};
use frame_support::{dispatch::DispatchResult, ensure};
use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, Perbill, Rounding};

/// Part of the offered capacity at which a price stands still. Lower and machines stand idle at the client's cost; higher
/// and a job waits for one.
pub const TARGET: Perbill = Perbill::from_percent(70);
/// A step moves a price by at most one part in so many, at full or no use.
pub const DIVISOR: u128 = 16;
/// A day's steps raise a price to at most so many times what it was at the day's beginning.
pub const DAILY_RISE: u128 = 2;
/// Millijoules in a kWh.
pub const MILLIJOULES_PER_KWH: u128 = 3_600_000_000;
/// The floor is this many tenths of the price of electricity: what is left after the burns of settlement still pays for
/// the electricity, and a fifth or more on top for the machine.
pub const FLOOR_TENTHS: u128 = 16;

/// [`TARGET`] in parts per billion.
const TARGET_PARTS: u128 = TARGET.deconstruct() as u128;
/// The rest of a billion.
const REST_PARTS: u128 = Perbill::one().deconstruct() as u128 - TARGET_PARTS;

/// What part of the offered capacity was used, rounded down to parts per billion; `None` if none was offered.
pub fn utilisation(used: Used) -> Option<Perbill> {
	let one = u128::from(Perbill::one().deconstruct());
	let busy = used.busy.min(used.offered);
	let parts = multiply_by_rational_with_rounding(one, busy, used.offered, Rounding::Down)?;
	// A billion at most, since no more is busy than offered.
	u32::try_from(parts).ok().map(Perbill::from_parts)
}

/// Least price of a CU in pico-USD that takes so many millijoules, at so many pico-USD per kWh: 1.6 times its
/// electricity, rounded up. At most 4.5 * 10^17 within [`MAX_ENERGY`] and [`MAX_PRICE`].
pub fn floor(millijoules: u64, kwh: u128) -> u128 {
	// At most 10^9 * 10^18 * 16 < 2^94.
	u128::from(millijoules)
		.saturating_mul(kwh)
		.saturating_mul(FLOOR_TENTHS)
		.div_ceil(MILLIJOULES_PER_KWH.saturating_mul(10))
		.max(1)
}

/// The price after a step.
///
/// With `u` the part used and `T` the target: above it `p += max(1, p (u - T) / (1 - T) / 16)`, rounded down, to at most
/// twice the price at the day's beginning; below it `p -= p (T - u) / T / 16`, rounded up, so that it does not come to
/// rest above the floor; and never below the floor, nor above [`MAX_PRICE`].
pub fn step(per_cu: u128, at_dawn: u128, floor: u128, utilisation: Option<Perbill>) -> u128 {
	// Nothing offered is no reason to move.
	let used = utilisation.map_or(TARGET_PARTS, |part| part.deconstruct().into());
	// Products of a price and parts per billion are at most 10^27, and no difference below is negative.
	let moved = if used > TARGET_PARTS {
		let above = used.saturating_sub(TARGET_PARTS);
		let rise = per_cu.saturating_mul(above) / (REST_PARTS * DIVISOR);
		let highest = at_dawn.saturating_mul(DAILY_RISE).min(MAX_PRICE);
		// A floor may have lifted the price above what a day allows: then it stays.
		per_cu.saturating_add(rise.max(1)).min(highest).max(per_cu)
	} else {
		let below = TARGET_PARTS.saturating_sub(used);
		let fall = per_cu.saturating_mul(below).div_ceil(TARGET_PARTS * DIVISOR);
		per_cu.saturating_sub(fall)
	};
	moved.max(floor)
}

impl<T: Config> Pallet<T> {
	/// Least price of a CU of a class in pico-USD; 1 as long as no price of electricity is known.
	pub fn floor_of(class: HardwareClass) -> u128 {
		let kwh = CurrentRates::<T>::get().map_or(0, |rates| rates.used.kwh);
		floor(Energy::<T>::get(class).unwrap_or(0), kwh)
	}

	/// One step of all prices. Use is counted anew for classes without a price too, so that it does not pile up.
	pub(crate) fn step_prices() {
		for class in HardwareClass::ALL {
			let utilisation = utilisation(T::Usage::take(class));
			let Some(record) = Classes::<T>::get(class) else { continue };
			let per_cu = step(record.per_cu, record.at_dawn, Self::floor_of(class), utilisation);
			let average = record.average.next(per_cu);
			Classes::<T>::insert(class, ClassRecord { per_cu, average, utilisation, ..record });
			if per_cu != record.per_cu {
				Self::deposit_event(Event::PriceMoved { class, per_cu, utilisation });
			}
		}
	}

	/// Prices may double anew from where they are.
	pub(crate) fn begin_day_of_prices() {
		for class in HardwareClass::ALL {
			let Some(record) = Classes::<T>::get(class) else { continue };
			Classes::<T>::insert(class, ClassRecord { at_dawn: record.per_cu, ..record });
		}
	}

	/// Raises the price of a class to its floor, if that has passed it.
	pub(crate) fn raise_to_floor(class: HardwareClass) {
		let Some(record) = Classes::<T>::get(class) else { return };
		let per_cu = Self::floor_of(class);
		if record.per_cu < per_cu {
			Classes::<T>::insert(class, ClassRecord { per_cu, ..record });
			Self::deposit_event(Event::RaisedToFloor { class, per_cu });
		}
	}

	/// Sets a price; see the call.
	pub(crate) fn do_set_price(class: HardwareClass, per_cu: u128) -> DispatchResult {
		ensure!(Energy::<T>::contains_key(class), Error::<T>::NoEnergy);
		ensure!(per_cu >= Self::floor_of(class), Error::<T>::BelowFloor);
		ensure!(per_cu <= MAX_PRICE, Error::<T>::PriceTooHigh);
		let before = Classes::<T>::get(class);
		let average = before.map_or_else(|| Average::first(per_cu), |record| record.average);
		let utilisation = before.and_then(|record| record.utilisation);
		let record = ClassRecord { per_cu, at_dawn: per_cu, average, utilisation };
		Classes::<T>::insert(class, record);
		Self::deposit_event(Event::PriceSet { class, per_cu });
		Ok(())
	}

	/// Sets the energy of a class; see the call.
	pub(crate) fn do_set_energy(class: HardwareClass, millijoules: u64) -> DispatchResult {
		ensure!((1..=MAX_ENERGY).contains(&millijoules), Error::<T>::BadEnergy);
		Energy::<T>::insert(class, millijoules);
		Self::deposit_event(Event::EnergySet { class, millijoules });
		Self::raise_to_floor(class);
		Ok(())
	}
}
