// SPDX-License-Identifier: Apache-2.0
//! Providers: who they are and what they offer.

use crate::{
	job::{Attempt, HardwareClass},
	AccountId, Balance, BlockNumber, JobId,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_core::H256;

/// Longest endpoint in bytes.
///
/// Leaves room for the path of an output within an address of a tensor.
pub const MAX_ENDPOINT_LEN: u32 = 200;

/// Address in UTF-8 under which a worker serves outputs.
pub type Endpoint = BoundedVec<u8, ConstU32<MAX_ENDPOINT_LEN>>;

/// What a provider says it can do.
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
pub struct Capacity {
	/// Multiply-accumulates per second.
	pub mac_per_second: u64,
	/// Device memory in MiB.
	pub memory_mib: u32,
}

/// Whether a provider takes jobs.
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
pub enum Availability {
	/// Takes no jobs. Entered by registration, by draining, after a fault or a silence; left by `set_ready`.
	Idle,
	/// Waits for a job, in the ready set of its class.
	Ready,
	/// Runs a job; ready again once it has committed.
	Working,
	/// Runs its last job; idle once it has committed.
	Draining,
	/// Takes no jobs and cannot be ready before that height.
	Jailed {
		/// First height at which it may be ready again.
		until: BlockNumber,
	},
}

/// Whether a provider owes signs of life.
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
pub enum Presence {
	/// It owes none, since it takes no jobs.
	Free,
	/// It owes them, since it waits for a job or has one.
	Watched {
		/// Height of its entry on the watch: when the chain looks whether it has been heard.
		alarm: BlockNumber,
	},
	/// It owed them and fell silent. Left when it is heard again.
	Gone,
}

/// A provider as the chain keeps it, under its owner account.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct ProviderRecord {
	/// The hot key that accepts, commits and reveals.
	pub worker: AccountId,
	/// Where its outputs are served.
	pub endpoint: Endpoint,
	/// Hardware class.
	pub class: HardwareClass,
	/// Least price of a job that it takes, in planck.
	pub min_price: Balance,
	/// What it says it can do.
	pub claimed: Capacity,
	/// What it has shown that it can do, in multiply-accumulates per second: at most what it claims. Only this earns, and
	/// only this counts as offered.
	pub proven: u64,
	/// Whether it takes jobs.
	pub availability: Availability,
	/// Its place in the ready set of its class, if it is ready.
	pub place: u32,
	/// The job that it has been given and has not yet committed to.
	pub job: Option<JobId>,
	/// Whether it owes signs of life.
	pub presence: Presence,
	/// Height of its last sign of life.
	pub seen: BlockNumber,
	/// Height before which it cannot be ready, after a silence.
	pub ready_from: BlockNumber,
	/// Blocks of silence since it registered, for its uptime.
	pub offline: BlockNumber,
	/// Blocks that it was there for a job or at one, as its signs of life show, since the last close of an epoch. Those
	/// that it was there with less than it has proved now count in proportion.
	pub attended: BlockNumber,
	/// Height of registration.
	pub since: BlockNumber,
}

/// A ready provider, as far as the draw looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
	/// Its owner account.
	pub owner: AccountId,
	/// The account of its owner group.
	pub group: AccountId,
	/// Least price of a job that it takes, in planck.
	pub min_price: Balance,
	/// Device memory in MiB.
	pub memory_mib: u32,
	/// Whether its group may be given jobs: not if it owes a disclosure.
	pub may_work: bool,
}

/// The message by which a worker key agrees to work for an owner: `"calor/worker/1" || genesis hash || owner`.
///
/// Bound to the chain, so that a signature given on a test network is worth nothing elsewhere.
pub fn possession_message(genesis: &H256, owner: &AccountId) -> alloc::vec::Vec<u8> {
	let owner: &[u8; 32] = owner.as_ref();
	[&b"calor/worker/1"[..], genesis.as_bytes(), owner].concat()
}

impl Candidate {
	/// Whether it, or somebody of its group, is among those who failed a job.
	pub fn is_among(&self, failed: &[Attempt]) -> bool {
		failed.iter().any(|one| one.provider == self.owner || one.group == self.group)
	}
}
