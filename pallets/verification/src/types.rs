// SPDX-License-Identifier: Apache-2.0
//! Results and windows.

use calor_primitives::{job::OutputRoots, AccountId, BlockNumber, H256};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A result: what a worker bound itself to, and what it showed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ResultRecord {
	/// The worker key.
	pub worker: AccountId,
	/// The commitment.
	pub commitment: H256,
	/// Height of the commit.
	pub at: BlockNumber,
	/// What opened it: the salt, and the roots of the outputs in the order of the program.
	pub opened: Option<([u8; 32], OutputRoots)>,
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
	/// Whether every window lasts at least a block. None can be too long: unbonding outlasts them.
	pub fn are_valid(&self) -> bool {
		self.reveal > 0 && self.challenge > 0
	}

	/// The longest time from a commit in which its result can be disputed.
	pub fn longest_dispute(&self) -> BlockNumber {
		self.reveal.saturating_add(self.challenge)
	}
}
