// SPDX-License-Identifier: Apache-2.0
//! Rounds, seats, proofs and windows.

use calor_primitives::{
	job::CAPACITY_JOBS, provider::Capacity, traits::Stage, AccountId, Balance, BlockNumber, JobId,
	H256,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Number of a round, counted from 1.
pub type RoundNumber = u32;

/// Number of the proof of a seat in a round: `2^63 | round * 2^32 | seat`.
pub fn job_of(round: RoundNumber, seat: u32) -> JobId {
	// Rounds are at least a block apart, so a round's number stays far below 2^31.
	CAPACITY_JOBS | (JobId::from(round) << 32) | JobId::from(seat)
}

/// Round and seat of which that is the number.
pub fn place_of(job: JobId) -> Option<(RoundNumber, u32)> {
	let number = job.checked_sub(CAPACITY_JOBS)?;
	Some((RoundNumber::try_from(number >> 32).ok()?, (number & JobId::from(u32::MAX)) as u32))
}

/// A time in which all that are called prove what they can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Round {
	/// Its number.
	pub number: RoundNumber,
	/// What all inputs are drawn from. Unknown before.
	pub seed: H256,
	/// Height of its start.
	pub since: BlockNumber,
	/// Last height for commitments.
	pub by: BlockNumber,
	/// Seconds for which a challenge keeps a machine of the claimed capacity at work.
	pub seconds: u32,
}

/// What is being done about rounds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Phase {
	/// Nothing. Left at a height that chance names.
	#[default]
	Resting,
	/// Calling all that are present, some a block. Left when all have been.
	Calling {
		/// Who was looked at last.
		last: Option<AccountId>,
	},
	/// Waiting for commitments. Left when their time is over.
	Open,
	/// Taking back what was not proved again, some seats a block. Left when all have been looked at.
	Sweeping {
		/// Whose seat was looked at last.
		last: Option<AccountId>,
	},
}

/// What is kept of a provider that was ever called. Rounds count from 1: 0 is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Seat {
	/// Its place in the numbers of its proofs; nobody else ever has it.
	pub index: u32,
	/// The last round to which it was called.
	pub called: RoundNumber,
	/// The last round in which it need not prove anything, since it had a paid job when it was called.
	pub excused: RoundNumber,
	/// The last round for which it committed to a proof.
	pub committed: RoundNumber,
	/// Proofs of this round and of earlier ones do not count: it missed this one, or failed in it.
	pub void: RoundNumber,
}

/// How far a proof is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum ProofState {
	/// The provider is bound to a result and must show it.
	Committed {
		/// First height for the reveal.
		from: BlockNumber,
		/// Last height for the reveal.
		by: BlockNumber,
	},
	/// The result is public and can be challenged.
	Revealed {
		/// Height at which it counts.
		settles_at: BlockNumber,
	},
}

impl ProofState {
	/// First height at which anyone may move the proof on.
	pub fn due(&self) -> BlockNumber {
		match *self {
			Self::Committed { by, .. } => by.saturating_add(1),
			Self::Revealed { settles_at } => settles_at,
		}
	}

	/// The same for verification.
	pub fn stage(&self) -> Stage {
		match *self {
			Self::Committed { from, by } => Stage::Committed { from, by },
			Self::Revealed { settles_at } => Stage::Revealed { settles_at },
		}
	}
}

/// A proof of capacity that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ProofRecord {
	/// Owner account of the provider, for which the inputs are drawn: a worker key could go from hand to hand within a round.
	pub provider: AccountId,
	/// The round.
	pub round: RoundNumber,
	/// The round's seed.
	pub seed: H256,
	/// What the provider claimed when it committed: the challenge is sized by it.
	pub claimed: Capacity,
	/// Seconds for which the challenge keeps such a machine at work.
	pub seconds: u32,
	/// Cost of the challenge, in multiply-accumulates.
	pub mac: u64,
	/// What it proves, in multiply-accumulates per second.
	pub shows: u64,
	/// What the computation is worth, in planck.
	pub value: Balance,
	/// Stake behind it, in planck.
	pub earmark: Balance,
	/// How far it is.
	pub state: ProofState,
}

/// When rounds take place, and how long they last.
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
	/// Blocks within which a round starts on average, once the gap is over: each of them with one chance in so many.
	///
	/// Shorter and rounds come at heights that can be guessed; longer and what somebody can no longer do counts for long.
	pub interval: BlockNumber,
	/// Blocks from the start of a round in which no other starts.
	pub gap: BlockNumber,
	/// Blocks from the start of a round to the last commitment.
	pub prove: BlockNumber,
	/// Seconds of these for which a challenge keeps a machine of the claimed capacity at work.
	///
	/// Much less than the window and one machine proves for two; as much and nobody has time to send what it found.
	pub work_seconds: u32,
}

impl Default for Windows {
	/// Windows of a public chain: a round every four hours on average, 40 seconds of work in 64.
	fn default() -> Self {
		Self { interval: 5_400, gap: 1_800, prove: 32, work_seconds: 40 }
	}
}

impl Windows {
	/// Whether rounds can take place one after another, and the work fits its time.
	pub fn are_valid(&self, millisecs_per_block: u64) -> bool {
		let work = u64::from(self.work_seconds).saturating_mul(1_000);
		let time = u64::from(self.prove).saturating_mul(millisecs_per_block);
		self.interval > 0
			&& self.prove > 0
			&& self.gap > self.prove
			&& self.work_seconds > 0
			&& work <= time
	}
}
