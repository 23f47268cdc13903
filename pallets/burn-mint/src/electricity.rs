// SPDX-License-Identifier: Apache-2.0
//! The limit of availability rewards: half of what the electricity of proven capacity costs.
//!
//! Whoever would put up machines only to be paid for being there pays more for their power than they bring in.

use calor_primitives::{money::UNIT, Balance};
use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

/// One over the part of the electricity that availability pays at most: a half.
pub const ONE_IN: u128 = 2;

/// Multiply-accumulates that a `weight` (multiply-accumulates per second times blocks) amounts to; `None` if they exceed
/// 128 bits.
pub fn macs(weight: u128, millisecs_per_block: u64) -> Option<u128> {
	multiply_by_rational_with_rounding(weight, millisecs_per_block.into(), 1_000, Rounding::Down)
}

/// Most that capacity gets for being there, in planck, if its electricity costs `cost` and one CAL `cal_price`, both in
/// pico-USD. `None` if that exceeds a balance, or if CAL has no price.
pub fn limit(cost: u128, cal_price: u128) -> Option<Balance> {
	// The half of a quotient that was rounded down is the quotient by twice as much, rounded down.
	multiply_by_rational_with_rounding(cost, UNIT, cal_price, Rounding::Down)
		.map(|worth| worth / ONE_IN)
}

/// What of `budget`, in planck, can be paid to capacity whose electricity costs `cost`, if one CAL costs `cal_price`,
/// both in pico-USD: nothing where a price is not known.
pub fn within(budget: Balance, cost: Option<u128>, cal_price: Option<u128>) -> Balance {
	match (cost, cal_price) {
		(Some(cost), Some(cal_price)) if cal_price > 0 => {
			// Half of what exceeds a balance exceeds all tokens that there can be.
			limit(cost, cal_price).map_or(budget, |limit| limit.min(budget))
		},
		_ => 0,
	}
}
