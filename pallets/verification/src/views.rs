// SPDX-License-Identifier: Apache-2.0
//! What readers see.

use crate::{Answered, Checks, CommittedAt, Config, CurrentRound, Demands, Pallet, Results, Seats};
use alloc::vec::Vec;
use calor_primitives::{
	dispute::{AuditorView, DisputeView},
	AccountId, BlockNumber, JobId,
};

impl<T: Config> Pallet<T> {
	/// How a result is checked, as long as the chain has a commitment to it. Of one that is no longer checked only the height
	/// of the commit.
	pub fn dispute(job: JobId) -> Option<DisputeView> {
		let record = Results::<T>::get(job)?;
		let check = Checks::<T>::get(job);
		let attempt = (job, record.at);
		let seed_at = record.at.saturating_add(1);
		let lottery = check.as_ref().filter(|check| check.lottery.is_some());
		let challenge = check.as_ref().and_then(|check| check.challenge.as_ref());
		let mut demands: Vec<_> = match &check {
			Some(_) => Demands::<T>::iter_prefix(attempt)
				.chain(Answered::<T>::iter_prefix(attempt))
				.collect(),
			None => Vec::new(),
		};
		demands.sort_by_key(|(question, _)| *question);
		Some(DisputeView {
			committed_at: record.at,
			seed: Self::seed(seed_at),
			claims: lottery.map_or((0, 0), |check| (seed_at.saturating_add(1), check.claims_until)),
			trace: challenge.and_then(|challenge| challenge.trace),
			trace_until: challenge.map(|challenge| challenge.trace_until),
			settles_by: challenge.map(|challenge| challenge.cap),
			demands,
			audits: check.map(|check| check.audits.into_inner()).unwrap_or_default(),
		})
	}

	/// Jobs with a commitment of that height that have not been revealed, or are open to challenge.
	pub fn committed_at(height: BlockNumber) -> Vec<JobId> {
		let mut jobs: Vec<_> = CommittedAt::<T>::iter_key_prefix(height).collect();
		jobs.sort_unstable();
		jobs
	}

	/// An enrolled auditor, by its owner account.
	pub fn auditor(owner: AccountId) -> Option<AuditorView> {
		let seat = Seats::<T>::get(owner)?;
		let round = CurrentRound::<T>::get();
		Some(AuditorView {
			round: round.number,
			stake: seat.power(round.number).map_or(0, |power| power.stake),
			total: round.total,
		})
	}
}
