// SPDX-License-Identifier: Apache-2.0
//! What a big group's share is cut by.
//!
//! Let `A` be what there is for all, `p` a group's part of it by its share, `a = floor(A / 200)` (0.5 %) and
//! `b = floor(A / 20)` (5 %). A group that is attested and in order gets `f(p) = p - ceil(c(p))`, with the clip
//!
//! ```text
//! c(p) = 0                          where p <= a
//! c(p) = (p - a)^2 / (4 (b - a))    where a < p <= b
//! c(p) = (b - a) / 4 + (p - b) / 2  where b < p
//! ```
//!
//! So the next planck counts in full up to `a`, less and less up to `b`, and half beyond. One that nobody attested gets
//! `f(p) = floor(p / 2)`, and one that owes a disclosure nothing. What is cut is paid to nobody.
//!
//! Nothing is gained by splitting:
//!
//! 1. `c` is continuous: both formulas give `(b - a) / 4` at `b`. Its slope is 0, then `(p - a) / (2 (b - a)) <= 1 / 2`,
//!    then `1 / 2`. So `0 <= c(p + d) - c(p) <= d / 2` for all `d >= 0`, and `c(p) <= p / 2`.
//! 2. `ceil(x + y) <= ceil(x) + ceil(y)`, so `ceil(c(p + d)) - ceil(c(p)) <= ceil(d / 2)`.
//! 3. Hence `f(p + d) >= f(p) + d - ceil(d / 2) = f(p) + floor(d / 2)`: `f` is monotone, it never raises, it never takes
//!    more than half, rounded up, and moving `d` from an attested group to accounts that nobody attested loses what
//!    they get for it, or more. Dividing what nobody attested loses too: `floor(x / 2) + floor(y / 2) <= floor((x + y) / 2)`.
//! 4. What belongs to one attestation is one group, however many accounts it has, and a group is cut as a whole.

use crate::types::Rank;
use calor_primitives::Balance;
use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

/// One over the part of everything up to which a group's part counts in full: 0.5 %.
pub const FULL_TO_ONE_IN: Balance = 200;
/// One over the part of everything from which on the next planck counts half: 5 %.
pub const HALF_FROM_ONE_IN: Balance = 20;

/// What a group gets whose share of `all` is `part`, at most `part`; both in planck.
pub fn pay(rank: Rank, part: Balance, all: Balance) -> Balance {
	match rank {
		// The clip is at most half of the part, rounded up.
		Rank::Attested => part.saturating_sub(clip(part, all)),
		Rank::Unattested => part / 2,
		Rank::Overdue => 0,
	}
}

/// What an attested group's part is cut by, rounded up; in planck.
pub fn clip(part: Balance, all: Balance) -> Balance {
	let (full_to, half_from) = (all / FULL_TO_ONE_IN, all / HALF_FROM_ONE_IN);
	// All differences below are of a larger and a smaller number, and sums are at most `part + all / 20`, halved.
	let bend = half_from.saturating_sub(full_to);
	if part <= full_to {
		return 0;
	}
	if part <= half_from {
		// Then `half_from > full_to`, and the quotient is at most a quarter of `bend`.
		let beyond = part.saturating_sub(full_to);
		let four = bend.saturating_mul(4);
		return multiply_by_rational_with_rounding(beyond, beyond, four, Rounding::Up)
			.unwrap_or(part);
	}
	// ceil(bend / 4 + beyond / 2), without doubling `beyond`.
	let beyond = part.saturating_sub(half_from);
	let odd = bend.saturating_add((beyond % 2).saturating_mul(2));
	(beyond / 2).saturating_add(odd.div_ceil(4))
}
