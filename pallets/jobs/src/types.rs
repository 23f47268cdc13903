// SPDX-License-Identifier: Apache-2.0
//! Windows, queues and names.

use calor_primitives::{
	job::computing_blocks, money::MAC_PER_CU, Balance, BlockNumber, JobId, H256,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::Rounding;

/// Longest window, in blocks: 28 days. Longer and a mistake would lock money for good.
pub const LONGEST: BlockNumber = 1_209_600;

/// What is wrong with windows that are refused.
pub const BAD_WINDOWS: &str =
	"every window must last 1 to 1,209,600 blocks, and the least delivery time must not exceed the most";

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
	/// From the deadline of the commit to the failure of the job; within it the provider is paid less and less.
	pub grace: BlockNumber,
	/// From the end of a job to the dropping of its record.
	pub retention: BlockNumber,
}

impl Default for Windows {
	/// Windows of a public chain: an hour in the queue, five minutes to accept, records for a day.
	fn default() -> Self {
		Self {
			queue: 1_800,
			accept: 150,
			deliver: 150,
			deliver_max: 302_400,
			grace: 150,
			retention: 43_200,
		}
	}
}

impl Windows {
	/// Whether every state lasts at least a block and at most [`LONGEST`], and the least delivery time is within the most.
	pub fn are_valid(&self) -> bool {
		let rest = [self.accept, self.deliver, self.grace, self.retention, self.deliver_max];
		let mut all = rest.into_iter().chain([self.queue]);
		all.all(|window| (1..=LONGEST).contains(&window)) && self.deliver <= self.deliver_max
	}

	/// Least `deliver_within` of a job of that cost.
	pub fn least_delivery(&self, mac: u64) -> BlockNumber {
		self.deliver.saturating_add(computing_blocks(mac))
	}
}

/// A job's number as it stands in the keys of a queue: big-endian, so that keys are in the order of submission.
pub type AgeKey = [u8; 8];

/// A job's place among those that tip: the complement of its tip per 10^12 multiply-accumulates, then its number, both
/// big-endian, so that keys are in order from the highest tip to the lowest and from the oldest to the youngest.
pub type TipKey = [u8; 24];

/// The place of a job that tips; `None` for one that does not.
pub fn tip_key(id: JobId, tip: Balance, mac: u64) -> Option<TipKey> {
	if tip == 0 {
		return None;
	}
	let rate = sp_runtime::helpers_128bit::multiply_by_rational_with_rounding(
		tip,
		MAC_PER_CU,
		u128::from(mac.max(1)),
		Rounding::Down,
	);
	let mut key = [0; 24];
	let (rank, age) = key.split_at_mut(16);
	rank.copy_from_slice(&u128::MAX.saturating_sub(rate.unwrap_or(u128::MAX)).to_be_bytes());
	age.copy_from_slice(&id.to_be_bytes());
	Some(key)
}

/// The number in the key of a job that tips.
pub fn job_of(key: &TipKey) -> JobId {
	let mut age = AgeKey::default();
	age.copy_from_slice(key.split_at(16).1);
	JobId::from_be_bytes(age)
}

/// A queue apart from its entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct QueueState {
	/// Jobs for which nobody has been drawn yet.
	pub fresh: u32,
	/// Jobs for which a draw found nobody.
	pub missed: u32,
	/// Jobs that wait for their parents and will come.
	pub waiting: u32,
	/// The missed job that was looked at last: the next look goes on behind it, so that all have their turn.
	pub cursor: AgeKey,
}

impl QueueState {
	/// All jobs in the queue.
	pub fn len(&self) -> u32 {
		self.fresh.saturating_add(self.missed)
	}

	/// All jobs in the queue and those that will come into it.
	pub fn crowd(&self) -> u32 {
		self.len().saturating_add(self.waiting)
	}

	/// Whether there is none.
	pub fn is_empty(&self) -> bool {
		self.len() == 0
	}
}

/// The name by which a client finds a job.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum JobName {
	/// One that the client chose.
	Given(H256),
	/// Its number.
	Number(JobId),
}

/// Jobs that run the same independently, with numbers that follow each other.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ReplicaSet {
	/// How many there are.
	pub count: u8,
	/// Those of them that are open.
	pub open: u8,
	/// How far they are.
	pub stage: ReplicaStage,
}

/// How far jobs are that run the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum ReplicaStage {
	/// Not all have been committed to, and none may be revealed. Entered by submission.
	Blind,
	/// All have been committed to, and results may be public. Entered by the last commit; left when all are paid, when their
	/// results differ, or when one of them ends without a result.
	Shown,
	/// This one ended without a result: the others close where blocks have room.
	Fallen(JobId),
}
