// SPDX-License-Identifier: Apache-2.0
//! Counts, groups and filings as they are kept.

use crate::average::Average;
use calor_primitives::{
	group::{Disclosure, Duty},
	AccountId, Balance, BlockNumber,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, Perbill, Rounding};

/// How often is counted, and how long a group may take to file.
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
	/// Blocks from the beginning of one count to that of the next. A count that takes longer is followed by the next at
	/// once.
	pub epoch: BlockNumber,
	/// Blocks in which a group files, once its average share has passed the threshold.
	///
	/// Shorter and an owner on holiday loses its work; longer and a group works in the dark for that time.
	pub filing: BlockNumber,
}

impl Default for Windows {
	/// Windows of a public chain: a day, and 14 days.
	fn default() -> Self {
		Self { epoch: 43_200, filing: 604_800 }
	}
}

impl Windows {
	/// Whether each lasts at least a block.
	pub fn are_valid(&self) -> bool {
		self.epoch > 0 && self.filing > 0
	}
}

/// Providers and what they can do together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Tally {
	/// How many.
	pub providers: u32,
	/// Their capacity in multiply-accumulates per second.
	pub mac_per_second: u128,
}

impl Tally {
	/// Adds another: fewer than 2^32 providers, each with a capacity below 2^64, so the sum is below 2^96.
	pub fn add(&mut self, other: Self) {
		self.providers = self.providers.saturating_add(other.providers);
		self.mac_per_second = self.mac_per_second.saturating_add(other.mac_per_second);
	}

	/// What part of `all` this capacity is, rounded down: parts of a whole never add up to more than the whole.
	pub fn share_of(&self, all: &Self) -> Perbill {
		let billion = u128::from(Perbill::one().deconstruct());
		let parts = multiply_by_rational_with_rounding(
			billion,
			self.mac_per_second,
			all.mac_per_second,
			Rounding::Down,
		);
		Perbill::from_parts(parts.and_then(|parts| parts.try_into().ok()).unwrap_or(0))
	}
}

/// What the census is doing. Counting goes over all providers, judging over all groups, a page a block.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Phase {
	/// Nothing, since the last count. Left an epoch after that began.
	Waiting {
		/// Height at which the last count began.
		since: BlockNumber,
	},
	/// Adding up what the providers of each group can do. Left when all have been looked at.
	Counting {
		/// Height at which this count began.
		since: BlockNumber,
		/// The provider that was looked at last.
		last: Option<AccountId>,
		/// What has been counted.
		tally: Tally,
	},
	/// Giving each group its share and its duty. Left when all have theirs.
	Judging {
		/// Height at which this count began.
		since: BlockNumber,
		/// The group that was judged last.
		last: Option<AccountId>,
		/// All that was counted.
		tally: Tally,
		/// The part of it whose groups have been judged.
		judged: Tally,
		/// Groups judged that have providers.
		groups: u32,
	},
}

impl Default for Phase {
	fn default() -> Self {
		Self::Waiting { since: 0 }
	}
}

/// A finished count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Count {
	/// Height at which it began.
	pub since: BlockNumber,
	/// Groups that had providers.
	pub groups: u32,
	/// All providers, and what they can do.
	pub tally: Tally,
}

/// Whether a group has to disclose, as it is kept. That the time is up needs no writing down: see [`Self::duty`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Obligation {
	/// It does not. Entered when its average share falls to the threshold or below after it has filed.
	#[default]
	None,
	/// It does, and has no valid filing. Entered when its average share passes the threshold, or when its filing is found
	/// false.
	Owes {
		/// Last height for the filing.
		by: BlockNumber,
	},
	/// It does, and has filed.
	Met {
		/// Last height for the filing, should this one be found false: what is false buys no time.
		by: BlockNumber,
	},
	/// It does not at the moment. Entered when its average share falls to the threshold or below before it has filed, and
	/// left when it passes it again, or forgotten with the group.
	Paused {
		/// Last height for the filing once it has to again: hovering about the threshold buys no time either.
		by: BlockNumber,
	},
}

impl Obligation {
	/// Whether it has to disclose now, whether or not it has.
	pub fn stands(self) -> bool {
		match self {
			Self::None | Self::Paused { .. } => false,
			Self::Owes { .. } | Self::Met { .. } => true,
		}
	}

	/// What it amounts to at a height.
	pub fn duty(self, now: BlockNumber) -> Duty {
		match self {
			Self::None | Self::Paused { .. } => Duty::None,
			Self::Owes { by } if now > by => Duty::Overdue,
			Self::Owes { by } => Duty::Due(by),
			Self::Met { .. } => Duty::Met,
		}
	}
}

/// A group as counts have found it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct GroupRecord {
	/// What the count under way has found so far.
	pub counting: Tally,
	/// What the last count found.
	pub counted: Tally,
	/// Its share of all capacity at the last count.
	pub share: Perbill,
	/// The running mean of its shares; `None` until its first count is done.
	pub average: Option<Average>,
	/// Whether it has to disclose.
	pub obligation: Obligation,
}

/// What a group has disclosed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Filing {
	/// The hashes.
	pub disclosure: Disclosure,
	/// Height at which they were filed.
	pub at: BlockNumber,
	/// Held from the group's head, in planck.
	pub deposit: Balance,
}

#[cfg(test)]
mod tests {
	use super::*;

	fn tally(mac_per_second: u128) -> Tally {
		Tally { providers: 1, mac_per_second }
	}

	#[test]
	fn shares_round_down_and_stand_the_largest_claims() {
		assert_eq!(tally(1).share_of(&tally(3)), Perbill::from_parts(333_333_333));
		assert_eq!(tally(0).share_of(&tally(0)), Perbill::zero());
		let most = u128::from(u64::MAX) * u128::from(u32::MAX);
		assert_eq!(tally(most).share_of(&tally(most)), Perbill::one());
		assert_eq!(tally(most - 1).share_of(&tally(most)), Perbill::from_parts(999_999_999));
		assert_eq!(tally(u128::from(u64::MAX)).share_of(&tally(most)), Perbill::zero());
	}

	#[test]
	fn duties_follow_the_height() {
		let owes = Obligation::Owes { by: 7 };
		assert_eq!(owes.duty(7), Duty::Due(7));
		assert_eq!(owes.duty(8), Duty::Overdue);
		assert_eq!(Obligation::Met { by: 7 }.duty(8), Duty::Met);
		assert_eq!(Obligation::None.duty(8), Duty::None);
		assert_eq!(Obligation::Paused { by: 7 }.duty(8), Duty::None);
	}
}
