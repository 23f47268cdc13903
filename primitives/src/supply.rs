// SPDX-License-Identifier: Apache-2.0
//! Supply, emission and rewards, as they are read from outside.

use crate::{
	money::{BurnKind, MintKind},
	Balance, BlockNumber, EpochIndex,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::Perbill;

/// What is left in the two pools of availability emission, or was taken from them.
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
pub struct Pools {
	/// In planck; given out by time alone.
	pub simple: Balance,
	/// In planck; given out as proven capacity keeps up with its baseline.
	pub baseline: Balance,
}

/// Where all tokens are.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SupplyReport {
	/// Most tokens that can ever exist, in planck.
	pub cap: Balance,
	/// What existed at genesis, in planck.
	pub genesis: Balance,
	/// What exists now, in planck.
	pub issuance: Balance,
	/// What was burned, by kind, in planck.
	pub burned: Vec<(BurnKind, Balance)>,
	/// What was minted since genesis, by kind, in planck.
	pub minted: Vec<(MintKind, Balance)>,
	/// What is left of the 400 million of availability emission, in planck.
	pub pools: Pools,
	/// Availability rewards that were given and not yet claimed, in planck.
	pub unclaimed: Balance,
	/// Most that the pools can have given out by the end of each of the next ten years of 365 epochs, since genesis, in
	/// planck.
	pub schedule: Vec<Balance>,
	/// The epoch under way, and its first height.
	pub epoch: (EpochIndex, BlockNumber),
	/// Blocks in an epoch.
	pub epoch_length: BlockNumber,
	/// The last epoch that was closed.
	pub last: Option<(EpochIndex, EpochReport)>,
	/// Capacity that baseline emission is measured by now, in multiply-accumulates per second.
	pub baseline_capacity: u128,
	/// Value of work at which recycled rewards begin to fall now, in pico-USD an epoch.
	pub baseline_work: u128,
}

/// A closed epoch. `budget.simple + budget.baseline` is what the schedule let go; what `providers`, `validators`,
/// `treasury` and `auditors` together leave of it stayed in the pools.
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
pub struct EpochReport {
	/// What could be paid for availability, in planck.
	pub budget: Pools,
	/// What of it was paid, by the pool that it came from, in planck.
	pub drawn: Pools,
	/// Most that providers could get of it, after the limit by electricity, in planck.
	pub providers_limit: Balance,
	/// What providers got of it, in planck.
	pub providers: Balance,
	/// What validators got of it, in planck.
	pub validators: Balance,
	/// What the treasury got of it, in planck.
	pub treasury: Balance,
	/// What auditors of proofs of capacity got of it, in planck.
	pub auditors: Balance,
	/// Proven capacity that was there, in multiply-accumulates per second.
	pub capacity: u128,
	/// Prices of the jobs that were settled, in planck.
	pub work: Balance,
	/// What of them was burned and can be recycled, in planck.
	pub work_burned: Balance,
	/// Part of it that is recycled at most.
	pub kappa: Perbill,
	/// What was recycled to providers, in planck.
	pub recycled: Balance,
	/// Providers whose capacity was counted.
	pub counted: u32,
}

/// What an account can claim for an epoch.
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
pub struct Reward {
	/// For being there, in planck.
	pub availability: Balance,
	/// For work that was paid, in planck.
	pub work: Balance,
}

impl Reward {
	/// Both together, in planck.
	pub fn total(&self) -> Balance {
		self.availability.saturating_add(self.work)
	}
}

/// Credits of an account that came at one time.
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
pub struct CreditChunk {
	/// In planck.
	pub amount: Balance,
	/// First height at which they can be turned into free balance.
	pub refundable_at: BlockNumber,
}

/// What can be read of an account's money besides its balance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Purse {
	/// Its credits, oldest first.
	pub credits: Vec<CreditChunk>,
	/// What it can claim, by epoch, with the last epoch in whose course it can be claimed.
	pub rewards: Vec<(EpochIndex, EpochIndex, Reward)>,
}
