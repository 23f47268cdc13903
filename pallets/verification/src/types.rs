// SPDX-License-Identifier: Apache-2.0
//! Commitments and windows.

use calor_primitives::{AccountId, BlockNumber, H256};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// What a worker bound itself to.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct CommitRecord {
	/// The worker key.
	pub worker: AccountId,
	/// The commitment.
	pub commitment: H256,
	/// Height of the commit.
	pub at: BlockNumber,
}

/// Blocks that commit and reveal may last.
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
	/// From the commit to the last height of the reveal. Must leave room for a worker that restarts and that acts on
	/// finalised blocks only: who misses it loses its whole earmark.
	pub reveal: BlockNumber,
	/// From the reveal to settlement: the time in which anyone can challenge the result.
	pub challenge: BlockNumber,
}

impl Default for Windows {
	/// Windows of a public chain: ten minutes to reveal, an hour to challenge.
	fn default() -> Self {
		Self { reveal: 300, challenge: 1_800 }
	}
}

impl Windows {
	/// Whether every window lasts at least a block.
	pub fn are_valid(&self) -> bool {
		self.reveal > 0 && self.challenge > 0
	}
}
