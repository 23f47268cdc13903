// SPDX-License-Identifier: Apache-2.0
//! Ledgers of stake.

use calor_primitives::{Balance, BlockNumber};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	traits::Get, BoundedVec, CloneNoBound, DebugNoBound, DefaultNoBound, EqNoBound,
	PartialEqNoBound,
};
use scale_info::TypeInfo;

/// What stake is bonded for.
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
pub enum Role {
	/// Running jobs.
	Provider,
	/// Authoring blocks.
	Validator,
}

impl Role {
	/// Both roles.
	pub const ALL: [Self; 2] = [Self::Provider, Self::Validator];
}

/// Stake on its way out.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Chunk {
	/// How much, in planck.
	pub amount: Balance,
	/// Height from which it can be withdrawn.
	pub at: BlockNumber,
}

/// Stake of one account for one role.
#[derive(
	CloneNoBound,
	DebugNoBound,
	DefaultNoBound,
	PartialEqNoBound,
	EqNoBound,
	Encode,
	Decode,
	MaxEncodedLen,
	TypeInfo,
)]
#[scale_info(skip_type_params(MaxChunks))]
pub struct StakeLedger<MaxChunks: Get<u32>> {
	/// Bonded, in planck.
	pub active: Balance,
	/// The part of `active` that stands behind open jobs, in planck.
	pub earmarked: Balance,
	/// Leaving, oldest first.
	pub unbonding: BoundedVec<Chunk, MaxChunks>,
}

impl<MaxChunks: Get<u32>> StakeLedger<MaxChunks> {
	/// Bonded stake that no job holds, in planck.
	pub fn free(&self) -> Balance {
		self.active.saturating_sub(self.earmarked)
	}

	/// Everything that is held for this ledger, in planck.
	pub fn held(&self) -> Balance {
		self.unbonding.iter().fold(self.active, |sum, chunk| sum.saturating_add(chunk.amount))
	}
}

/// Failures to deliver within the memory of the pallet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Faults {
	/// How many in a row, none further from the last than the memory.
	pub count: u32,
	/// Height of the last.
	pub last: BlockNumber,
}
