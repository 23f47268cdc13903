// SPDX-License-Identifier: Apache-2.0
//! Results, what is known of their checks, rounds of auditors, and windows.

use calor_primitives::{
	dispute::{Audit, MAX_STEPS},
	job::OutputRoots,
	money::UNIT,
	traits::AuditPurse,
	AccountId, Balance, BlockNumber, JobId, H256,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// Most auditors that can claim one result.
pub const MAX_CLAIMS: u32 = 2;
/// Most auditors of one result: those that claimed and one that replaces a silent one.
pub const MAX_AUDITS: u32 = MAX_CLAIMS + 1;
/// Seats that one block looks at when a round is made, and that stand together.
pub const PAGE: u32 = 64;
/// Auditors that are tried in one step of an open drawing.
pub const TRIES: u32 = 16;
/// Heights whose randomness is kept. No window of claims is longer.
pub const SEEDS: BlockNumber = 1_024;
/// Longest window, in blocks: 28 days. Longer and a mistake would lock money for good.
pub const LONGEST: BlockNumber = 1_209_600;

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

/// One attempt at a job: its number and the height of the commit. Two attempts never share it, so nothing of an earlier
/// one can be taken for a later one's.
pub type Attempt = (JobId, BlockNumber);

/// The lottery for one result.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Lottery {
	/// The round whose auditors draw.
	pub round: u32,
	/// Their stake in planck, without the worker's owner's.
	pub total: Balance,
}

/// An auditor to be drawn openly.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Drawing {
	/// The height whose randomness draws: unknown until after it.
	pub seed_at: BlockNumber,
	/// Last height to find somebody.
	pub until: BlockNumber,
	/// How often somebody was drawn who did not fit.
	pub tried: u32,
}

/// What holds from the reveal on.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Challenge {
	/// Last height at which a trace can be demanded.
	pub trace_until: BlockNumber,
	/// The latest that it can settle, whatever is asked.
	pub cap: BlockNumber,
	/// Root over the roots of what all operations define, once the worker has shown them.
	pub trace: Option<H256>,
	/// Questions that wait for an answer.
	pub open: u32,
}

/// How a result is checked, from the commit to its end.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Check {
	/// Owner account of the provider whose result it is.
	pub provider: AccountId,
	/// What an audit of it earns, in planck; several auditors share it.
	pub fee: Balance,
	/// Where that comes from.
	pub purse: AuditPurse,
	/// Blocks that its computation takes the slowest admitted hardware.
	pub computing: BlockNumber,
	/// Whether an audit must take place.
	pub must_be_audited: bool,
	/// The lottery, if auditors draw for it.
	pub lottery: Option<Lottery>,
	/// Last height for claims, or for the first open drawing; the height of the commit if there is neither.
	pub claims_until: BlockNumber,
	/// First height for the reveal.
	pub reveal_from: BlockNumber,
	/// Its auditors.
	pub audits: BoundedVec<Audit, ConstU32<MAX_AUDITS>>,
	/// Whether a silent auditor was replaced, or that was tried.
	pub replaced: bool,
	/// The auditor that is to be drawn openly.
	pub drawing: Option<Drawing>,
	/// What holds since the reveal.
	pub challenge: Option<Challenge>,
}

/// A proof that was announced.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Announcement {
	/// What binds the prover to it.
	pub hash: H256,
	/// Height of the announcement. It can be shown from the next block on.
	pub at: BlockNumber,
	/// Held from the prover, in planck.
	pub deposit: Balance,
}

/// An auditor's stake in one round.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Power {
	/// The round.
	pub round: u32,
	/// The key that draws in it. A key that is chosen after the seed is known could be chosen to be drawn.
	pub worker: AccountId,
	/// The stake, in planck.
	pub stake: Balance,
}

/// An enrolled auditor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Seat {
	/// Its stake in the last two rounds, the newer first.
	pub powers: [Option<Power>; 2],
}

impl Seat {
	/// Its stake in a round.
	pub fn power(&self, round: u32) -> Option<&Power> {
		self.powers.iter().flatten().find(|power| power.round == round)
	}

	/// Gives it its stake in the next round.
	pub fn set(&mut self, power: Power) {
		let [newer, _] = &self.powers;
		self.powers = [Some(power), newer.clone()];
	}
}

/// Auditors that stand together in a round: each with the stake of all up to it, in planck.
pub type RosterPage = BoundedVec<(AccountId, Balance), ConstU32<PAGE>>;

/// A round of auditors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Round {
	/// Its number.
	pub number: u32,
	/// Auditors with stake.
	pub auditors: u32,
	/// Pages on which they stand.
	pub pages: u32,
	/// Their stake, in planck.
	pub total: Balance,
}

/// A round in the making.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Making {
	/// What there is of it.
	pub round: Round,
	/// The owner account that was looked at last.
	pub cursor: Option<AccountId>,
}

/// Windows in blocks, and what the audit pot keeps.
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
	/// From the opening of the reveal to its last height. Must leave room for a worker that restarts and that acts on
	/// finalised blocks only: who misses it loses its whole earmark.
	pub reveal: BlockNumber,
	/// From the reveal to settlement: the time in which anyone can challenge the result.
	pub challenge: BlockNumber,
	/// In which drawn auditors may come forward, after the block that draws them.
	///
	/// Shorter than one network round trip and honest auditors miss their turn; longer and every unaudited job waits for
	/// nothing.
	pub claim: BlockNumber,
	/// For an audit, besides the time that the computation takes.
	pub audit: BlockNumber,
	/// For an answer. For the first, the trace, the time that the computation takes comes on top.
	pub answer: BlockNumber,
	/// For the next question or a proof, once an answer is there.
	pub prove: BlockNumber,
	/// From one round of auditors to the next. Longer than the claims, so that no round is forgotten that is drawn by.
	pub roster: BlockNumber,
	/// Most that the audit pot keeps, in planck. What is above is burned at each round.
	pub pot: Balance,
}

impl Default for Windows {
	/// Windows of a public chain: a minute to claim, ten to audit, to answer, to prove and to reveal, an hour to challenge.
	fn default() -> Self {
		Self {
			reveal: 300,
			challenge: 1_800,
			claim: 30,
			audit: 300,
			answer: 300,
			prove: 300,
			roster: 150,
			pot: 100_000 * UNIT,
		}
	}
}

impl Windows {
	/// Whether every window lasts from 1 block to [`LONGEST`], claims end while their seed is kept, and rounds outlast them.
	pub fn are_valid(&self) -> bool {
		let all = [self.reveal, self.challenge, self.claim, self.audit, self.answer, self.prove];
		let whole = all.into_iter().chain([self.roster]).all(|w| (1..=LONGEST).contains(&w));
		whole && self.claim.saturating_add(8) <= SEEDS && self.roster > self.claim.saturating_add(2)
	}

	/// Blocks for the next step of a dispute.
	pub fn step(&self) -> BlockNumber {
		self.answer.saturating_add(self.prove)
	}

	/// The longest time from a commit in which its result can be disputed, if no computation takes more than so many blocks:
	/// claims, an audit and that of a replacement, the reveal, the challenge, and the steps of a dispute.
	pub fn longest_dispute(&self, most_computing: BlockNumber) -> BlockNumber {
		let audit = self.audit.saturating_add(self.claim).saturating_add(most_computing);
		let audits = audit.saturating_mul(2).saturating_add(6);
		let steps = self.step().saturating_mul(MAX_STEPS).saturating_add(most_computing);
		audits.saturating_add(self.reveal).saturating_add(self.challenge).saturating_add(steps)
	}
}

/// What is wrong with windows that are refused.
pub const BAD_WINDOWS: &str =
	"every window must last 1 to 1,209,600 blocks, claims at most 1,016, and rounds more than 2 blocks longer than claims";

#[cfg(test)]
mod tests {
	#![allow(clippy::arithmetic_side_effects, reason = "tests may panic")]

	use super::*;

	#[test]
	fn a_seat_has_its_stake_in_the_last_two_rounds() {
		let mut seat = Seat::default();
		let worker = AccountId::new([1; 32]);
		for round in [3, 4, 6] {
			seat.set(Power { round, worker: worker.clone(), stake: round.into() });
		}
		let stake = |round| seat.power(round).map(|power| power.stake);
		assert_eq!([3, 4, 5, 6, 7].map(stake), [None, Some(4), None, Some(6), None]);
	}

	#[test]
	fn rounds_outlast_the_claims_that_draw_by_them() {
		let public = Windows::default();
		assert!(public.are_valid());
		assert!(!Windows { roster: public.claim + 2, ..public }.are_valid());
		assert!(Windows { roster: public.claim + 3, ..public }.are_valid());
		assert!(!Windows { claim: SEEDS, roster: LONGEST, ..public }.are_valid());
		assert!(!Windows { answer: 0, ..public }.are_valid());
		assert!(!Windows { reveal: LONGEST + 1, ..public }.are_valid());
	}

	#[test]
	fn the_longest_dispute_has_everything_at_its_latest() {
		let w = Windows::default();
		let computing = 1_000;
		// Commit, claims, a silent auditor, the search for another, a silent one again.
		let first = 1 + w.claim + w.audit + computing + 1;
		let second = w.claim + w.audit + computing + 1;
		// The reveal at its latest, and all steps of a dispute at theirs.
		let rest = w.reveal + w.challenge + MAX_STEPS * w.step() + computing;
		let latest = first + second + rest;
		assert!(w.longest_dispute(computing) >= latest);
		assert!(w.longest_dispute(computing) <= latest + 6, "and hardly more");
	}
}
