// SPDX-License-Identifier: Apache-2.0
//! How sure a client wants to be of a result, and what that takes of stake and audits.
//!
//! With `v = price + value at risk`, `S` the stake behind a job, `p` the rate of audits and `qa` the adversary's share of
//! audit power, a coalition of worker and client that is convicted gets back at most half of `S`. Cheating pays less than
//! honesty if and only if `p (1 - qa) S / 2 >= (1 - p (1 - qa)) v`: see [`deters`].

use crate::{money::UNIT, Balance};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::{PerThing as _, Perbill, Rounding};

/// Most workers that one job can be given to at once.
pub const MAX_REPLICAS: u8 = 5;

/// What an auditor pays in transaction fees for one audit, and is paid back: four transactions.
pub const AUDIT_FEES: Balance = UNIT / 100;

/// Most value at risk per price. Stake stands behind it for nothing until somebody commits to a result, so what a client
/// can lock of strangers is bounded by what it pays.
pub const MAX_RISK_PER_PRICE: Balance = 100;

/// How a result is checked.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Assurance {
	/// One job in eight is audited, by a lottery that the worker cannot foresee.
	#[default]
	Optimistic,
	/// Every result is audited by an auditor who is drawn openly.
	Audited,
	/// So many workers of different owner groups must agree, at most [`MAX_REPLICAS`].
	Replicated(u8),
}

impl Assurance {
	/// Share of jobs that are audited.
	pub const fn audit_rate(self) -> Perbill {
		match self {
			Self::Optimistic => Perbill::from_parts(125_000_000),
			Self::Audited => Perbill::one(),
			Self::Replicated(_) => Perbill::zero(),
		}
	}

	/// Stake behind a job per value `v` that is at stake.
	pub const fn stake_per_value(self) -> u32 {
		match self {
			Self::Optimistic | Self::Replicated(_) => 20,
			Self::Audited => 2,
		}
	}

	/// Share of audit power that an adversary may have without cheating becoming worth its while.
	pub const fn tolerated_adversary(self) -> Perbill {
		match self {
			Self::Optimistic => Perbill::from_percent(27),
			Self::Audited => Perbill::from_percent(50),
			Self::Replicated(_) => Perbill::zero(),
		}
	}

	/// Stake in planck behind a job of that price and value at risk, or `None` if it exceeds a balance.
	pub fn earmark(self, price: Balance, value_at_risk: Balance) -> Option<Balance> {
		price.checked_add(value_at_risk)?.checked_mul(self.stake_per_value().into())
	}

	/// What the client pays on top of the price for audits, in planck, rounded up: `p (price + fees)`.
	pub fn levy(self, price: Balance) -> Option<Balance> {
		Some(self.audit_rate().mul_ceil(price.checked_add(AUDIT_FEES)?))
	}
}

/// Whether cheating pays less than honesty with `stake` per unit of value, audits at `rate` and an adversary that holds
/// that share of audit power.
pub fn deters(stake: u32, rate: Perbill, adversary: Perbill) -> bool {
	// Honest audits, in parts of 10^9; the other side of the inequality times two.
	let honest = sp_runtime::helpers_128bit::multiply_by_rational_with_rounding(
		rate.deconstruct().into(),
		adversary.left_from_one().deconstruct().into(),
		u128::from(Perbill::one().deconstruct()),
		Rounding::Down,
	);
	let honest = honest.unwrap_or(0);
	let undetected = u128::from(Perbill::one().deconstruct()).saturating_sub(honest);
	honest.saturating_mul(stake.into()) >= undetected.saturating_mul(2)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn cheating_never_pays_up_to_the_tolerated_adversary() {
		for kind in [Assurance::Optimistic, Assurance::Audited] {
			let (stake, rate) = (kind.stake_per_value(), kind.audit_rate());
			assert!(deters(stake, rate, kind.tolerated_adversary()), "{kind:?}");
			let one_more = kind.tolerated_adversary() + Perbill::from_percent(1);
			assert!(!deters(stake, rate, one_more), "{kind:?}: the bound is tight to a percent");
		}
	}

	#[test]
	fn stake_and_levy_follow_the_formulas() {
		let (q, risk) = (8 * UNIT, 2 * UNIT);
		assert_eq!(Assurance::Optimistic.earmark(q, risk), Some(200 * UNIT));
		assert_eq!(Assurance::Audited.earmark(q, risk), Some(20 * UNIT));
		assert_eq!(Assurance::Optimistic.levy(q), Some(UNIT + AUDIT_FEES / 8));
		assert_eq!(Assurance::Audited.levy(q), Some(q + AUDIT_FEES));
		assert_eq!(Assurance::Replicated(3).levy(q), Some(0));
		assert_eq!(Assurance::Optimistic.levy(1), Some(AUDIT_FEES / 8 + 1), "rounded up");
		assert_eq!(Assurance::Optimistic.earmark(Balance::MAX / 20 + 1, 0), None);
		assert_eq!(Assurance::Optimistic.earmark(1, Balance::MAX), None);
	}
}
