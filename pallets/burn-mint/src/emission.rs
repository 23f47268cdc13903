// SPDX-License-Identifier: Apache-2.0
//! What the pools give out. The chain, the schedule that it shows and the docs all use these functions.
//!
//! Two pools are given out by half-lives, so that neither is ever empty and nothing has to be switched off: `simple` by
//! time alone, `baseline` as proven capacity keeps up with a baseline that grows with it. Every amount is rounded down,
//! so the pools give out no planck too much; products are taken in 512 bits, so that none of them can overflow.

use alloc::vec::Vec;
use calor_primitives::{money::UNIT, supply::Pools, Balance};
use sp_core::U512;
use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

/// What the simple pool starts with, in planck.
pub const SIMPLE: Balance = 120_000_000 * UNIT;
/// What the baseline pool starts with, in planck.
pub const BASELINE: Balance = 280_000_000 * UNIT;

/// The whole of which [`SIMPLE_RATE`], [`BASELINE_RATE`] and [`BASELINE_GROWTH`] are parts.
pub const ONE: u128 = 1_000_000_000_000_000_000;
/// Part of the simple pool that an epoch gives out: `1 - 2^(-1 / 1461)`, half of it in 4 years of daily epochs.
pub const SIMPLE_RATE: u128 = 474_320_862_749_566;
/// Part of the baseline pool that an epoch gives out at most: `1 - 2^(-1 / 2192)`, half of it in 6 years.
pub const BASELINE_RATE: u128 = 316_166_788_196_237;
/// What the baseline of capacity grows by an epoch, as a part of the capacity that is there up to it:
/// `1.5^(1 / 365.25) - 1`, half as much again in a year.
pub const BASELINE_GROWTH: u128 = 1_110_719_357_750_650;

/// Where the baseline of capacity starts, in multiply-accumulates per second.
pub const CAPACITY_START: u128 = 10_000_000_000_000_000;
/// Where it ends.
pub const CAPACITY_MOST: u128 = ONE * ONE;

/// Epochs in a year of the schedule.
pub const EPOCHS_PER_YEAR: u32 = 365;
/// Years that the schedule is shown for.
pub const SCHEDULE_YEARS: u32 = 10;

/// The pools at genesis.
pub const fn pools() -> Pools {
	Pools { simple: SIMPLE, baseline: BASELINE }
}

/// Both pools together, in planck; `None` if that exceeds a balance.
pub fn total(pools: &Pools) -> Option<Balance> {
	pools.simple.checked_add(pools.baseline)
}

/// `whole * part / all`, rounded down; 0 without `all`.
fn floor_of(whole: u128, part: u128, all: u128) -> u128 {
	// Asked only where the result is at most `whole`, which fits.
	multiply_by_rational_with_rounding(whole, part, all, Rounding::Down).unwrap_or(0)
}

/// What an epoch lets go of the pools that are `left`, with so much proven `capacity` and that `baseline`, both in
/// multiply-accumulates per second.
pub fn draw(left: &Pools, capacity: u128, baseline: u128) -> Pools {
	Pools {
		simple: floor_of(left.simple, SIMPLE_RATE, ONE),
		baseline: draw_baseline(left.baseline, capacity, baseline),
	}
}

fn draw_baseline(left: Balance, capacity: u128, baseline: u128) -> Balance {
	let up_to_baseline = capacity.min(baseline);
	// 128 + 49 + 128 bits over 128 + 60 bits.
	let product = U512::from(left)
		.checked_mul(U512::from(BASELINE_RATE))
		.and_then(|product| product.checked_mul(U512::from(up_to_baseline)));
	let all = U512::from(baseline).checked_mul(U512::from(ONE));
	let drawn = product.zip(all).and_then(|(product, all)| product.checked_div(all));
	// Without a baseline nothing can be drawn. Else this is at most what is left, which fits.
	drawn.and_then(|drawn| drawn.try_into().ok()).unwrap_or(0)
}

/// The same if capacity reaches the baseline: the most that an epoch lets go.
pub fn draw_in_full(left: &Pools) -> Pools {
	draw(left, 1, 1)
}

/// The baseline of capacity after an epoch with so much proven `capacity`, both in multiply-accumulates per second.
pub fn next_baseline(capacity: u128, baseline: u128) -> u128 {
	let growth = floor_of(capacity.min(baseline), BASELINE_GROWTH, ONE);
	match baseline.checked_add(growth) {
		Some(next) if next <= CAPACITY_MOST => next,
		_ => baseline,
	}
}

/// Proven capacity that was there on average, in multiply-accumulates per second: `weights` (capacity times attended
/// blocks) over an epoch of `span` blocks.
pub fn capacity(weights: u128, span: u32) -> u128 {
	weights.checked_div(span.into()).unwrap_or(0)
}

/// For whom an epoch's budget is, in planck; all together exactly the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
	/// For proven capacity: what the others leave, 71.25 % and the rounding.
	pub providers: Balance,
	/// For authors of blocks: 20 %.
	pub validators: Balance,
	/// For the treasury: 5 %.
	pub treasury: Balance,
	/// For auditors of proofs of capacity, as far as they have earned it: 5 % of 75 %.
	pub auditors: Balance,
}

/// Splits a budget in planck.
pub fn split(budget: Balance) -> Split {
	let validators = floor_of(budget, 20, 100);
	let treasury = floor_of(budget, 5, 100);
	let auditors = floor_of(budget, 75 * 5, 100 * 100);
	// The three are less than a third of the budget together.
	let others = validators.saturating_add(treasury).saturating_add(auditors);
	Split { providers: budget.saturating_sub(others), validators, treasury, auditors }
}

/// Divides `part` of what was drawn from the pools as it was drawn, to take it from them or to give it back: the simple
/// pool's part rounded down. Neither is more than was drawn from that pool, if `part` is at most all that was drawn.
pub fn in_proportion(part: Balance, drawn: &Pools) -> Pools {
	let simple = match total(drawn) {
		Some(all) => floor_of(drawn.simple, part, all),
		None => 0,
	};
	Pools { simple, baseline: part.saturating_sub(simple) }
}

/// The most that the pools can have given out by the end of each of so many years from now on, in planck since genesis,
/// if that much is `left` of the schedule.
pub fn schedule(mut left: Pools, years: u32) -> Vec<Balance> {
	(0..years)
		.map(|_| {
			for _ in 0..EPOCHS_PER_YEAR {
				left = after(&left, &draw_in_full(&left));
			}
			let start = SIMPLE.saturating_add(BASELINE);
			// What is left never grows, and sums of pools are at most 400 million CAL.
			start.saturating_sub(total(&left).unwrap_or(start))
		})
		.collect()
}

/// The pools without what was drawn, which is at most what they have.
pub fn after(left: &Pools, drawn: &Pools) -> Pools {
	Pools {
		simple: left.simple.saturating_sub(drawn.simple),
		baseline: left.baseline.saturating_sub(drawn.baseline),
	}
}
