// SPDX-License-Identifier: Apache-2.0
//! Epochs, the phases of a close, and what is kept of closed ones.

use calor_primitives::{
	job::HardwareClass,
	supply::{CreditChunk, EpochReport, Pools, Reward},
	AccountId, Balance, BlockNumber, EpochIndex,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_runtime::Perbill;

/// Epochs after its own in whose course the rewards of an epoch can be claimed.
///
/// Shorter and an owner on a long journey loses them; longer and more of the pools is bound by accounts that nobody
/// uses any more.
pub const CLAIM_EPOCHS: EpochIndex = 84;

/// Most ages of credits that are told apart for an account.
pub const MAX_CHUNKS: u32 = 16;

/// Most rewards that one call claims for others.
pub const MAX_CLAIMS: u32 = 100;

/// Most entries that one page of a close or of cleaning holds, however light the entries.
pub const MAX_PAGE: u32 = 2_000;

/// Credits of an account, oldest first.
pub type Chunks = BoundedVec<CreditChunk, ConstU32<MAX_CHUNKS>>;

/// Rewards to claim for others: whose, and of which epoch.
pub type Claims = BoundedVec<(AccountId, EpochIndex), ConstU32<MAX_CLAIMS>>;

/// Times of money.
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
	serde::Serialize,
	serde::Deserialize,
)]
pub struct Windows {
	/// Blocks in a reward epoch. The pools give out a fixed part of themselves an epoch, so half as many blocks mean an
	/// emission twice as fast.
	pub epoch: BlockNumber,
	/// Blocks after which credits can be turned back into free balance.
	///
	/// Shorter and credits are a way to park tokens at the price of one purchase; longer and a researcher whose project
	/// ends waits for nothing.
	pub refund_after: BlockNumber,
}

impl Default for Windows {
	/// Windows of a public chain: a day, and 30 days.
	fn default() -> Self {
		Self { epoch: 43_200, refund_after: 1_296_000 }
	}
}

impl Windows {
	/// Whether each lasts at least a block.
	pub fn are_valid(&self) -> bool {
		self.epoch > 0 && self.refund_after > 0
	}
}

/// The epoch under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Epoch {
	/// Its number: how many were ended before.
	pub index: EpochIndex,
	/// Its first height.
	pub began: BlockNumber,
	/// Blocks of it that have an author.
	pub authored: u32,
	/// What auditors of proofs of capacity have earned in it, in planck.
	pub owed: Balance,
}

/// Work that was settled in an epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Work {
	/// Prices, in planck.
	pub price: Balance,
	/// What of them was burned and can be recycled, in planck.
	pub burned: Balance,
}

/// One of something for each hardware class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct PerClass<V> {
	general: V,
	high_memory: V,
	tensor: V,
}

impl<V> PerClass<V> {
	/// What `f` gives for each class.
	pub fn from_fn(mut f: impl FnMut(HardwareClass) -> V) -> Self {
		Self {
			general: f(HardwareClass::General),
			high_memory: f(HardwareClass::HighMemory),
			tensor: f(HardwareClass::Tensor),
		}
	}

	/// That of a class.
	pub fn of(&self, class: HardwareClass) -> &V {
		match class {
			HardwareClass::General => &self.general,
			HardwareClass::HighMemory => &self.high_memory,
			HardwareClass::Tensor => &self.tensor,
		}
	}

	/// That of a class, to change it.
	pub fn of_mut(&mut self, class: HardwareClass) -> &mut V {
		match class {
			HardwareClass::General => &mut self.general,
			HardwareClass::HighMemory => &mut self.high_memory,
			HardwareClass::Tensor => &mut self.tensor,
		}
	}
}

impl PerClass<u128> {
	/// All together; `None` if that exceeds 128 bits.
	pub fn sum(&self) -> Option<u128> {
		self.general.checked_add(self.high_memory)?.checked_add(self.tensor)
	}

	/// Adds to one class; changes nothing and gives `false` if the sum of all would exceed 128 bits.
	#[must_use]
	pub fn add(&mut self, class: HardwareClass, amount: u128) -> bool {
		if self.sum().and_then(|sum| sum.checked_add(amount)).is_none() {
			return false;
		}
		let one = self.of_mut(class);
		// At most the sum, which fits.
		*one = one.saturating_add(amount);
		true
	}
}

/// An owner as a close has counted it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Member {
	/// The account of its owner group, as it was when the owner was counted first.
	pub group: AccountId,
	/// The class of its capacity.
	pub class: HardwareClass,
	/// Its proven capacity times the blocks that it attended, in multiply-accumulates per second times blocks.
	pub weight: u128,
	/// What of the prices of its work was burned and can be recycled, in planck.
	pub burned: Balance,
}

/// How an owner group stands, as it was when a close counted it first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Rank {
	/// A registrar attested it: it earns in full, up to the thresholds.
	Attested,
	/// Nobody attested it: it earns half.
	Unattested,
	/// It owes a disclosure: it earns nothing.
	Overdue,
}

/// An owner group as a close has counted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct GroupTally {
	/// How it stands.
	pub rank: Rank,
	/// Weights of its members together, by class.
	pub weights: PerClass<u128>,
	/// Burns of their work together, in planck.
	pub burned: Balance,
	/// The part of `weights` whose members have been paid.
	pub paid_weights: PerClass<u128>,
	/// The part of `burned` whose members have been paid.
	pub paid_burned: Balance,
}

impl GroupTally {
	/// A group without members.
	pub fn new(rank: Rank) -> Self {
		Self {
			rank,
			weights: PerClass::default(),
			burned: 0,
			paid_weights: PerClass::default(),
			paid_burned: 0,
		}
	}
}

/// An epoch that has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Ended {
	/// Its number.
	pub index: EpochIndex,
	/// How many blocks it lasted, at least 1.
	pub span: BlockNumber,
	/// How many of them have an author.
	pub authored: u32,
	/// What auditors of proofs of capacity earned in it, in planck.
	pub owed: Balance,
	/// What was settled in it.
	pub work: Work,
}

/// What a close has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Tally {
	/// Weights of all providers, by class.
	pub weights: PerClass<u128>,
	/// Providers with a weight.
	pub providers: u32,
	/// Burns of their work, in planck.
	pub burned: Balance,
}

/// What a close pays by. Fixed once, so that nothing that changes while it pays changes what it pays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Terms {
	/// Proven capacity that was there, in multiply-accumulates per second.
	pub capacity: u128,
	/// What can be paid for availability, in planck.
	pub budget: Pools,
	/// Most that the providers of each class get of it, in planck.
	pub limits: PerClass<Balance>,
	/// What of it is for validators, in planck.
	pub validators: Balance,
	/// What of it is for the treasury, in planck.
	pub treasury: Balance,
	/// What of it is for auditors of proofs of capacity, in planck.
	pub auditors: Balance,
	/// Part of the burns of work that is recycled at most.
	pub kappa: Perbill,
}

/// What a close has paid, in planck.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Paid {
	/// To providers for availability.
	pub providers: Balance,
	/// To validators.
	pub validators: Balance,
	/// To auditors of proofs of capacity.
	pub auditors: Balance,
	/// To providers for work.
	pub work: Balance,
}

/// What the close of an epoch is doing: some entries a block, as far as its weight goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Phase {
	/// Nothing: no epoch waits to be closed. Left when the epoch under way ends.
	#[default]
	Idle,
	/// Asking all providers what they were there with. Left when all have been asked.
	CountingCapacity {
		/// The epoch.
		ended: Ended,
		/// The provider that was asked last.
		last: Option<AccountId>,
		/// What has been counted.
		tally: Tally,
	},
	/// Adding up whose work burned how much. Left when all entries have been moved.
	CountingWork {
		/// The epoch.
		ended: Ended,
		/// What has been counted.
		tally: Tally,
	},
	/// All is counted, and what is to be paid has to be fixed.
	Budgeting {
		/// The epoch.
		ended: Ended,
		/// What was counted.
		tally: Tally,
	},
	/// Giving each counted owner its rewards. Left when all have theirs.
	PayingProviders {
		/// The epoch.
		ended: Ended,
		/// What was counted.
		tally: Tally,
		/// What is paid by.
		terms: Terms,
		/// What has been paid.
		paid: Paid,
	},
	/// Giving each author its reward. Left when all have theirs.
	PayingValidators {
		/// The epoch.
		ended: Ended,
		/// What was counted.
		tally: Tally,
		/// What is paid by.
		terms: Terms,
		/// What has been paid.
		paid: Paid,
	},
	/// Giving each auditor of proofs of capacity what it has earned. Left when all have theirs.
	PayingAuditors {
		/// The epoch.
		ended: Ended,
		/// What was counted.
		tally: Tally,
		/// What is paid by.
		terms: Terms,
		/// What has been paid.
		paid: Paid,
	},
	/// Removing what was counted of groups. Left when nothing is left of it.
	TidyingGroups {
		/// The epoch.
		ended: Ended,
		/// What was counted.
		tally: Tally,
		/// What was paid by.
		terms: Terms,
		/// What was paid.
		paid: Paid,
	},
	/// All is paid, and has to be taken from the pools and written down.
	Finishing {
		/// The epoch.
		ended: Ended,
		/// What was counted.
		tally: Tally,
		/// What was paid by.
		terms: Terms,
		/// What was paid.
		paid: Paid,
	},
}

impl Phase {
	/// The epoch that is being closed.
	pub fn ended(&self) -> Option<&Ended> {
		match self {
			Self::Idle => None,
			Self::CountingCapacity { ended, .. }
			| Self::CountingWork { ended, .. }
			| Self::Budgeting { ended, .. }
			| Self::PayingProviders { ended, .. }
			| Self::PayingValidators { ended, .. }
			| Self::PayingAuditors { ended, .. }
			| Self::TidyingGroups { ended, .. }
			| Self::Finishing { ended, .. } => Some(ended),
		}
	}
}

/// What is kept of a closed epoch until its rewards have expired.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct EpochRecord {
	/// What was counted and paid.
	pub report: EpochReport,
	/// What of it has not been claimed.
	pub unclaimed: Reward,
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_sum_over_classes_that_would_not_fit_is_refused_whole() {
		let mut sums = PerClass::<u128>::default();
		assert!(sums.add(HardwareClass::General, u128::MAX - 1));
		assert!(sums.add(HardwareClass::Tensor, 1));
		let before = sums;
		assert!(!sums.add(HardwareClass::HighMemory, 1));
		assert_eq!((sums, sums.sum()), (before, Some(u128::MAX)));
	}
}
