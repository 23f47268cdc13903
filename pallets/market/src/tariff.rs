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

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests may panic")]
mod tests {
	use super::*;
	use crate::{mock::cases, types::MAX_PRICE};
	use proptest::prelude::*;

	#[test]
	fn a_price_in_cal() {
		// 3 CU at 10 USD are 30 USD, or 60 CAL at half a USD.
		let usd = UNIT;
		assert_eq!(price_of(3_000_000_000_000, 10 * usd, usd / 2), Some(60 * UNIT));
		assert_eq!(price_of(1, 1, MAX_PRICE), Some(1), "rounded up");
		assert_eq!(price_of(0, 1, 1), Some(0));
		assert_eq!(price_of(1, 1, 0), None);
		let most = price_of(u64::MAX, MAX_PRICE, 1).expect("fits");
		assert_eq!(most, u128::from(u64::MAX) * MAX_PRICE);
		assert_eq!(price_of(u64::MAX, u128::MAX, 1), None);
	}

	#[test]
	fn half_of_the_excess_is_withheld() {
		assert_eq!(withheld(1_000, 200, 100), 250);
		assert_eq!(withheld(1_001, 200, 100), 251, "rounded up");
		assert_eq!(withheld(1_000, 100, 100), 0);
		assert_eq!(withheld(1_000, 100, 300), 0);
		assert_eq!(withheld(1_000, 100, 0), 500, "at most half");
		assert_eq!(withheld(0, 0, 0), 0);
	}

	proptest! {
		#![proptest_config(cases())]

		#[test]
		fn the_price_covers_the_cost_and_no_planck_more(
			mac: u64,
			per_cu in 1..=MAX_PRICE,
			cal in 1..=MAX_PRICE,
		) {
			let price = price_of(mac, per_cu, cal).expect("fits");
			let cost = u128::from(mac) * per_cu;
			prop_assert!(price == 0 || (price - 1) * cal < cost);
			prop_assert!(price.checked_mul(cal).is_none_or(|paid| paid >= cost));
		}

		#[test]
		fn a_job_in_two_is_not_cheaper(
			one in 0..=u64::MAX / 2,
			other in 0..=u64::MAX / 2,
			per_cu in 1..=MAX_PRICE,
			cal in 1..=MAX_PRICE,
			usual in 1..=MAX_PRICE,
		) {
			let price = |mac| price_of(mac, per_cu, cal).expect("fits");
			prop_assert!(price(one) + price(other) >= price(one + other));
			let burned = |mac| withheld(price(mac), per_cu, usual);
			prop_assert!(burned(one) + burned(other) + 1 >= burned(one + other));
		}

		#[test]
		fn no_more_than_half_is_withheld(price: u128, per_cu in 1..=MAX_PRICE, usual in 0..=MAX_PRICE) {
			let burned = withheld(price, per_cu, usual);
			prop_assert!(burned <= price.div_ceil(2));
			prop_assert_eq!(burned == 0, per_cu <= usual || price == 0);
		}
	}
}
