// SPDX-License-Identifier: Apache-2.0
//! What a job costs, in CAL.

use crate::{Classes, Config, CurrentRates, Error, Pallet};
use calor_primitives::{
	job::HardwareClass,
	money::{Price, CAP, MAC_PER_CU, MIN_JOB_PRICE, UNIT},
	now,
	traits::Tariff,
	Balance, BlockNumber,
};
use frame_support::ensure;
use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, DispatchError, Rounding};

// `price_of` leaves both out.
const _: () = assert!(UNIT == MAC_PER_CU, "a CAL has as many planck as a CU multiply-accumulates");

/// What so many multiply-accumulates cost in planck, rounded up, at `per_cu` pico-USD per CU and `cal` pico-USD per CAL.
/// `None` if it exceeds a balance, or if CAL is worth nothing.
pub fn price_of(mac: u64, per_cu: u128, cal: u128) -> Option<Balance> {
	// mac / MAC_PER_CU CU cost that times per_cu pico-USD, or that over cal CAL, or that times UNIT planck; MAC_PER_CU and
	// UNIT cancel. A job is below 2^64 and a price below 2^60.
	let product = u128::from(mac).checked_mul(per_cu)?;
	(cal > 0).then(|| product.div_ceil(cal))
}

/// What of a price in planck is burned because a CU stands at `per_cu` and not at `usual`: half of the part by which it
/// exceeds that, rounded up. At most half of the price, and 1 planck.
pub fn withheld(price: Balance, per_cu: u128, usual: u128) -> Balance {
	let excess = per_cu.saturating_sub(usual);
	let twice = per_cu.saturating_mul(2).max(1);
	// The part is at most a half, so what comes out is no more than what goes in.
	multiply_by_rational_with_rounding(price, excess, twice, Rounding::Up).unwrap_or(price)
}

impl<T: Config> Tariff for Pallet<T> {
	fn quote(class: HardwareClass, mac: u64) -> Result<Price, DispatchError> {
		let record = Classes::<T>::get(class).ok_or(Error::<T>::NoPrice)?;
		let rates = CurrentRates::<T>::get().ok_or(Error::<T>::NoRates)?;
		ensure!(Self::is_fed(), Error::<T>::FeedsStale);
		let price = price_of(mac, record.per_cu, rates.used.cal).filter(|price| *price <= CAP);
		let price = price.ok_or(Error::<T>::PriceTooLarge)?.max(MIN_JOB_PRICE);
		// A floor that has risen above the mean is not scarcity: what it asks for pays for electricity.
		let usual = record.average.value().max(Self::floor_of(class));
		Ok(Price { price, withheld: withheld(price, record.per_cu, usual) })
	}

	fn valid_until() -> BlockNumber {
		// What is due at a height happens before its calls, and what is overdue in the next block.
		let next = Self::next_refresh().min(Self::next_step());
		next.saturating_sub(1).max(now::<T>())
	}
}
