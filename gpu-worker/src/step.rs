// SPDX-License-Identifier: Apache-2.0
//! What to do next about a job, from what the chain says and what the journal holds; nothing else is remembered.
//!
//! Whatever happened before, the answer is the same: that is what makes a restart at any point harmless.

use calor_client::{
	types::{BlockNumber, JobState},
	AccountId32, H256,
};

/// The next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
	/// Not ours, or nothing can be done any more.
	Ignore,
	/// Nothing to do yet.
	Wait,
	/// Accept, then go on as with [`Self::Work`].
	Accept,
	/// Fetch, run, journal, commit.
	Work,
	/// Commit to the journalled result.
	Commit,
	/// Reveal the journalled result.
	Reveal,
	/// The result is public: serve it to all.
	Publish,
	/// It has ended for us: keep outputs for a while, then forget.
	End,
	/// The chain holds a commitment that the journal cannot open. A person must look: another machine uses this key, or
	/// the data directory was lost.
	Stray,
}

/// All that matters.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
	/// The job's state at a finalised block.
	pub state: &'a JobState,
	/// The commitment on chain.
	pub on_chain: Option<H256>,
	/// The commitment in the journal.
	pub journalled: Option<H256>,
	/// Our owner.
	pub owner: &'a AccountId32,
	/// Height of the finalised block.
	pub now: BlockNumber,
}

/// The next step. A transaction sent now is at best in block `now + 1`.
pub fn decide(facts: Facts<'_>) -> Action {
	let Facts { state, on_chain, journalled, owner, now } = facts;
	if state.is_final() {
		return if journalled.is_some() { Action::End } else { Action::Ignore };
	}
	if state.provider() != Some(owner) {
		// Taken from us: nobody will ask for what we computed.
		return if journalled.is_some() { Action::End } else { Action::Ignore };
	}
	match *state {
		JobState::Assigned { accept_by, .. } if now >= accept_by => Action::Ignore,
		JobState::Assigned { .. } => Action::Accept,
		// Late costs part of the price, not delivering costs stake.
		JobState::Running { late_by, .. } if now >= late_by => Action::Ignore,
		JobState::Running { .. } if journalled.is_some() => Action::Commit,
		JobState::Running { .. } => Action::Work,
		JobState::Committed { .. } if journalled.is_none() || on_chain != journalled => {
			Action::Stray
		},
		JobState::Committed { reveal_by, .. } if now >= reveal_by => Action::Ignore,
		JobState::Committed { reveal_from, .. } if now.saturating_add(1) < reveal_from => {
			Action::Wait
		},
		JobState::Committed { .. } => Action::Reveal,
		JobState::Revealed { .. } if journalled.is_some() => Action::Publish,
		_ => Action::Ignore,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::journal::Entry;
	use calor_client::types::{CloseReason, JobState::*};

	const OURS: AccountId32 = AccountId32([1; 32]);
	const OTHER: AccountId32 = AccountId32([2; 32]);
	const HASH: Option<H256> = Some(H256([7; 32]));

	fn at(state: JobState, now: u32, on_chain: Option<H256>, journalled: Option<H256>) -> Action {
		decide(Facts { state: &state, on_chain, journalled, owner: &OURS, now })
	}

	fn assigned(provider: AccountId32) -> JobState {
		Assigned { provider, accept_by: 10 }
	}

	fn running(provider: AccountId32) -> JobState {
		Running { provider, since: 5, deliver_by: 20, late_by: 25 }
	}

	fn committed(provider: AccountId32) -> JobState {
		Committed { provider, reveal_from: 12, reveal_by: 30 }
	}

	#[test]
	fn assigned_is_accepted_while_a_block_can_still_hold_it() {
		assert_eq!(at(assigned(OURS), 9, None, None), Action::Accept);
		assert_eq!(at(assigned(OURS), 10, None, None), Action::Ignore);
		assert_eq!(at(assigned(OURS), 9, None, HASH), Action::Accept, "again after a reorg");
	}

	#[test]
	fn running_commits_what_is_journalled_and_never_computes_it_again() {
		assert_eq!(at(running(OURS), 6, None, None), Action::Work);
		assert_eq!(at(running(OURS), 6, None, HASH), Action::Commit);
	}

	#[test]
	fn late_is_better_than_never_but_ends_with_the_grace() {
		for now in [20, 24] {
			assert_eq!(at(running(OURS), now, None, HASH), Action::Commit);
			assert_eq!(at(running(OURS), now, None, None), Action::Work);
		}
		for journalled in [None, HASH] {
			assert_eq!(at(running(OURS), 25, None, journalled), Action::Ignore);
		}
	}

	#[test]
	fn committed_is_revealed_in_its_window() {
		assert_eq!(at(committed(OURS), 10, HASH, HASH), Action::Wait);
		assert_eq!(at(committed(OURS), 11, HASH, HASH), Action::Reveal);
		assert_eq!(at(committed(OURS), 29, HASH, HASH), Action::Reveal);
		assert_eq!(at(committed(OURS), 30, HASH, HASH), Action::Ignore);
	}

	#[test]
	fn what_one_key_committed_the_next_reveals() {
		// The journal binds the key that committed, so nothing depends on which key is in use when it reveals.
		let entry = crate::journal::tests::entry(1);
		let genesis = H256([9; 32]);
		let bound = Some(entry.commitment(&genesis, 7));
		assert_eq!(at(committed(OURS), 15, bound, bound), Action::Reveal);
		let under_another = Entry { worker: [8; 32], ..entry };
		let bound_anew = Some(under_another.commitment(&genesis, 7));
		assert_eq!(at(committed(OURS), 15, bound, bound_anew), Action::Stray);
	}

	#[test]
	fn a_commitment_that_is_not_the_journals_is_never_revealed() {
		assert_eq!(at(committed(OURS), 15, HASH, None), Action::Stray);
		assert_eq!(at(committed(OURS), 15, Some(H256([8; 32])), HASH), Action::Stray);
		assert_eq!(at(committed(OURS), 15, None, HASH), Action::Stray);
	}

	#[test]
	fn revealed_is_public() {
		let state = || Revealed { provider: OURS, settles_at: 40 };
		assert_eq!(at(state(), 15, HASH, HASH), Action::Publish);
		assert_eq!(at(state(), 15, HASH, None), Action::Ignore);
	}

	#[test]
	fn whatever_is_not_ours_ends() {
		let waiting = Waiting { recheck: 30 };
		let queued = Queued { from: 1, expires: 20, untried: None };
		let closed = |reason| Closed { reason, refunded: 0, at: 9, keep_until: 29 };
		let ended = [
			closed(CloseReason::Cancelled),
			closed(CloseReason::ParentFailed(3)),
			closed(CloseReason::ProviderForfeited),
		];
		let others = [assigned(OTHER), running(OTHER), committed(OTHER), waiting, queued];
		for state in others.into_iter().chain(ended) {
			assert_eq!(at(state.clone(), 9, None, None), Action::Ignore);
			assert_eq!(at(state, 9, HASH, HASH), Action::End);
		}
	}
}
