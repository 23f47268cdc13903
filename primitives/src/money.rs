// SPDX-License-Identifier: Apache-2.0
//! The token, its cap, and the shares into which payments and slashes fall.
//!
//! Payouts round down and charges round up, so that rounding never creates a planck.

use crate::{job::HardwareClass, Balance};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::{PerThing as _, Perbill, Rounding};

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

/// Part of what a client pays for credits that is burned at once.
pub const PURCHASE_BURN: Perbill = Perbill::from_percent(5);

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

/// What so many credits cost with the purchase burn on top, in planck: the least that leaves `credits` after its burn,
/// which is rounded up. `None` if it exceeds a balance.
pub fn cost_of_credits(credits: Balance) -> Option<Balance> {
	// cost - ceil(cost / 20) >= credits, so cost = ceil(20 credits / 19).
	let kept = PURCHASE_BURN.left_from_one().deconstruct();
	let one = Perbill::one().deconstruct();
	sp_runtime::helpers_128bit::multiply_by_rational_with_rounding(
		credits,
		one.into(),
		kept.into(),
		Rounding::Up,
	)
}

/// `part` of `whole`, rounded down: for payouts.
pub fn floor_of(part: Perbill, whole: Balance) -> Balance {
	part.mul_floor(whole)
}

/// `part` of `whole`, rounded up: for charges and burns.
pub fn ceil_of(part: Perbill, whole: Balance) -> Balance {
	part.mul_ceil(whole)
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
	/// Part of what credits cost.
	Purchase,
	/// Half of what a price exceeds its average by. Never recycled.
	Withheld,
	/// What the audit pot held above its bound.
	AuditPot,
	/// A deposit for a proof that was announced and never shown.
	ProofDeposit,
}

impl BurnKind {
	/// All kinds.
	pub const ALL: [Self; 10] = [
		Self::Settlement,
		Self::Submission,
		Self::Fee,
		Self::Dust,
		Self::Slash,
		Self::Tip,
		Self::Purchase,
		Self::Withheld,
		Self::AuditPot,
		Self::ProofDeposit,
	];
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

impl MintKind {
	/// All kinds.
	pub const ALL: [Self; 2] = [Self::Availability, Self::Work];
}

/// A price as it is quoted, and what of it withholding capacity would gain.
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
pub struct Price {
	/// In planck.
	pub price: Balance,
	/// What of it is burned at settlement because the price stands above its average, in planck: half the excess.
	pub withheld: Balance,
}

/// How a payment for work was divided: `price + levy == paid + burned + withheld + levy`.
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
	/// Burned, in planck; part of it is recycled to providers at the close of the epoch.
	pub burned: Balance,
	/// Burned as well, in planck, because the price stood above its average. Never recycled.
	pub withheld: Balance,
	/// To the audit pot, in planck.
	pub levy: Balance,
}

impl Payment {
	/// Divides a price: the burns are rounded up, the provider gets the rest. The levy is on top.
	pub fn of(price: Price, levy: Balance, class: HardwareClass) -> Self {
		let burned = ceil_of(settlement_burn(class), price.price);
		let left = price.price.saturating_sub(burned);
		let withheld = price.withheld.min(left);
		Self { paid: left.saturating_sub(withheld), burned, withheld, levy }
	}

	/// All of it together, in planck.
	pub fn total(&self) -> Balance {
		self.paid
			.saturating_add(self.burned)
			.saturating_add(self.withheld)
			.saturating_add(self.levy)
	}
}

impl Price {
	/// The same conditions for a smaller price, `part <= price`: what is withheld is rounded up.
	pub fn reduced_to(self, part: Balance) -> Self {
		let withheld = sp_runtime::helpers_128bit::multiply_by_rational_with_rounding(
			self.withheld,
			part,
			self.price.max(1),
			Rounding::Up,
		);
		// The quotient exceeds a balance only if part > price, and then all of it is withheld.
		Self { price: part, withheld: withheld.unwrap_or(part).min(part) }
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
