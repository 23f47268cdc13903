// SPDX-License-Identifier: Apache-2.0
//! Windows and queues.

use calor_primitives::BlockNumber;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Multiply-accumulates that the slowest admitted hardware does in one block: 10^10 a second, a laptop's integrated GPU.
pub const SLOWEST_MAC_PER_BLOCK: u64 = 20_000_000_000;

/// Blocks that each state may last.
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
	/// From queueing to closing for lack of a provider.
	///
	/// Shorter and jobs close that a provider would have taken a moment later; longer and a client's price is held for
	/// nothing.
	pub queue: BlockNumber,
	/// From assignment to acceptance. Must leave room for a worker that acts on finalised blocks only.
	pub accept: BlockNumber,
	/// Least time from acceptance to the commit, besides the time that the computation takes.
	pub deliver: BlockNumber,
	/// Most time from acceptance to the commit that a client can grant.
	pub deliver_max: BlockNumber,
}

impl Default for Windows {
	/// Windows of a public chain: an hour in the queue, five minutes to accept.
	fn default() -> Self {
		Self { queue: 1_800, accept: 150, deliver: 150, deliver_max: 302_400 }
	}
}

impl Windows {
	/// Whether every state lasts at least a block and the least delivery time is within the most.
	pub fn are_valid(&self) -> bool {
		self.queue > 0 && self.accept > 0 && self.deliver > 0 && self.deliver <= self.deliver_max
	}

	/// Least `deliver_within` of a job of that cost.
	pub fn least_delivery(&self, mac: u64) -> BlockNumber {
		let computing = mac.div_ceil(SLOWEST_MAC_PER_BLOCK);
		self.deliver.saturating_add(BlockNumber::try_from(computing).unwrap_or(BlockNumber::MAX))
	}
}

/// A ticket as it stands in storage: big-endian, so that the keys of a queue are in its order and those that left early
/// leave no holes to walk over.
pub type TicketKey = [u8; 8];

/// A queue apart from its entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct QueueState {
	/// Jobs in the queue.
	pub length: u32,
	/// The next ticket to be given out.
	pub next: u64,
	/// The ticket that was looked at last, so that a job that finds no provider does not hold up those behind it.
	pub cursor: u64,
}
