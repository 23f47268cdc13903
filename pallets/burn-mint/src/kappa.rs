// SPDX-License-Identifier: Apache-2.0
//! What part of the burn of work is recycled to those who did it.
//!
//! At most nine tenths, so that whoever buys its own jobs loses at least a tenth of what they burn, besides the burns and
//! fees that are not recycled at all. The part falls as work outgrows a baseline that depends on time alone, so that a
//! market that carries itself needs no help.

use calor_primitives::money::UNIT;
use sp_core::U512;
use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, Perbill, Rounding};

/// Most that is recycled.
pub const MOST: Perbill = Perbill::from_percent(90);
/// Least that is recycled.
pub const LEAST: Perbill = Perbill::from_percent(50);

/// Where the baseline of work starts, in pico-USD an epoch: 10,000 USD.
pub const WORK_START: u128 = 10_000_000_000_000_000;
/// Where it ends: at 64 times that.
pub const WORK_MOST: u128 = 64 * WORK_START;
/// What the baseline of work grows by an epoch, as a part of 10^18: `2^(1 / 730.5) - 1`, twice as much in two years.
pub const WORK_GROWTH: u128 = 949_317_093_446_277;

/// What work of that price in planck is worth in pico-USD, rounded down, if one CAL costs `cal_price` pico-USD: nothing
/// without a price.
pub fn value(price: u128, cal_price: Option<u128>) -> u128 {
	let cal_price = cal_price.unwrap_or(0);
	let value = multiply_by_rational_with_rounding(price, cal_price, UNIT, Rounding::Down);
	// What exceeds 128 bits is far beyond 64 times the start of the baseline, where all values are alike.
	value.unwrap_or(u128::MAX)
}

/// The part that is recycled if the work of an epoch is worth `work`, at that `baseline`, both in pico-USD:
/// `0.9 - max(0, (work / baseline - 1) / 2)`, at least 0.5, rounded down.
pub fn kappa(work: u128, baseline: u128) -> Perbill {
	let beyond = work.saturating_sub(baseline);
	if beyond == 0 {
		return MOST;
	}
	let billion = u128::from(Perbill::one().deconstruct());
	// What is taken off is rounded up: ceil(beyond * 10^9 / (2 * baseline)). 158 bits at most.
	let taken = U512::from(beyond).checked_mul(U512::from(billion)).and_then(|product| {
		let twice = U512::from(baseline).checked_mul(U512::from(2u8))?;
		let (quotient, rest) = (product.checked_div(twice)?, product.checked_rem(twice)?);
		quotient.checked_add(U512::from(u8::from(!rest.is_zero())))
	});
	// Too much to fit, or no baseline at all: nothing is left above the least.
	let taken = taken.and_then(|taken| u32::try_from(taken).ok()).unwrap_or(u32::MAX);
	Perbill::from_parts(MOST.deconstruct().saturating_sub(taken)).max(LEAST)
}

/// The baseline of work an epoch later, in pico-USD.
pub fn next_baseline(baseline: u128) -> u128 {
	let one = crate::emission::ONE;
	let growth = multiply_by_rational_with_rounding(baseline, WORK_GROWTH, one, Rounding::Down);
	// The growth is less than the baseline, and what exceeds 128 bits exceeds the end as well.
	baseline.saturating_add(growth.unwrap_or(0)).min(WORK_MOST)
}
