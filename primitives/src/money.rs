// SPDX-License-Identifier: Apache-2.0
//! The token, its cap, and the shares into which payments and slashes fall.
//!
//! Payouts round down and charges round up, so that rounding never creates a planck.

use crate::{job::HardwareClass, Balance};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::{Perbill, Rounding};

/// One CAL in planck.
pub const UNIT: Balance = 1_000_000_000_000;
/// Most tokens that can ever exist.
pub const CAP: Balance = 500_000_000 * UNIT;
/// Tokens that exist at genesis.
pub const GENESIS: Balance = 100_000_000 * UNIT;
/// Multiply-accumulates in one compute unit (CU).
pub const MAC_PER_CU: u128 = 1_000_000_000_000;
/// Least price of a job.
pub const MIN_JOB_PRICE: Balance = UNIT / 100;
/// Burned when a job is submitted, and never returned.
pub const SUBMISSION_FEE: Balance = UNIT / 1_000;

/// Part of a settled price that is burned.
pub const fn settlement_burn(class: HardwareClass) -> Perbill {
	match class {
		HardwareClass::General | HardwareClass::HighMemory => Perbill::from_percent(20),
		HardwareClass::Tensor => Perbill::from_percent(25),
	}
}

/// Most of a price that late delivery takes off, at the end of the grace period.
pub const LATE_CUT: Perbill = Perbill::from_percent(25);

/// A slash's share for the client whose job failed, at most.
pub const SLASH_TO_CLIENT: Perbill = Perbill::from_percent(20);
/// A slash's share for whoever proved the fault, at most. The rest, at least half, is burned.
pub const SLASH_TO_PROVER: Perbill = Perbill::from_percent(30);

/// `part` of `whole`, rounded down: for payouts.
pub fn floor_of(part: Perbill, whole: Balance) -> Balance {
	part.mul_floor(whole)
}

/// `part` of `whole`, rounded up: for charges and burns.
pub fn ceil_of(part: Perbill, whole: Balance) -> Balance {
	part.mul_ceil(whole)
}

/// `ceil(mac * per_cu / 10^12)`, the price of so many multiply-accumulates, or `None` if it exceeds a balance.
pub fn price_of_mac(mac: u64, per_cu: Balance) -> Option<Balance> {
	sp_runtime::helpers_128bit::multiply_by_rational_with_rounding(
		per_cu,
		u128::from(mac),
		MAC_PER_CU,
		Rounding::Up,
	)
}

/// Why tokens were burned.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum BurnKind {
	/// Part of a settled price.
	Settlement,
	/// Fee for submitting a job.
	Submission,
	/// Half of a transaction fee, or what could not be given to an author.
	Fee,
	/// An account that fell below the existential deposit.
	Dust,
	/// At least half of a slash.
	Slash,
	/// Paid for a better place in the queue.
	Tip,
}

/// Why tokens were minted.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum MintKind {
	/// For proven capacity, from the finite pools.
	Availability,
	/// Recycled burn of work that was settled.
	Work,
}

/// How a payment for work was divided: `price + levy == paid + burned + levy`.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Payment {
	/// To the provider, in planck.
	pub paid: Balance,
	/// Burned, in planck.
	pub burned: Balance,
	/// To the audit pot, in planck.
	pub levy: Balance,
}

impl Payment {
	/// Divides a price: the burn is rounded up, the provider gets the rest. The levy is on top.
	pub fn of(price: Balance, levy: Balance, class: HardwareClass) -> Self {
		let burned = ceil_of(settlement_burn(class), price);
		Self { paid: price.saturating_sub(burned), burned, levy }
	}

	/// All of it together, in planck.
	pub fn total(&self) -> Balance {
		self.paid.saturating_add(self.burned).saturating_add(self.levy)
	}
}

/// How a slash was divided: `total == client + prover + burned`.
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
pub struct Slash {
	/// Taken from the stake, in planck.
	pub total: Balance,
	/// To the client, in planck.
	pub client: Balance,
	/// To whoever proved the fault, in planck.
	pub prover: Balance,
	/// Burned, in planck.
	pub burned: Balance,
}
