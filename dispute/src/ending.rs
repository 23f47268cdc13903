// SPDX-License-Identifier: Apache-2.0
//! Whether a result can be challenged, and how it has ended if it no longer can.
//!
//! Best blocks are abandoned, and the next node may be some blocks behind. So a best block only says what can be done at it;
//! that a result has ended, and why, is read at finalised blocks alone.

use crate::{subject::standing, Phase, Subject};
use calor_client::{
	chain::REQUEST_TIMEOUT,
	dispute::DisputeView,
	runtime,
	types::{BlockNumber, CloseReason, Fault, JobId, JobState, Role},
	AccountId32, Error, View, CAPACITY_JOBS,
};

/// How a result has ended that was open to challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
	/// It has settled: nothing can be changed any more.
	Settled,
	/// Its worker was convicted: its result is wrong, or it has not shown what it must.
	Convicted,
	/// Its job was closed for another reason.
	Closed,
	/// The chain does not tell: it has forgotten the job, or the commitment stood in a block that was abandoned. Nor does it
	/// keep how a proof of capacity has ended that nobody was convicted for.
	Untold,
}

/// What a block shows of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
	/// It is there, or may yet come.
	There,
	/// It is not, which means nothing if the block is older than the commitment.
	Gone,
	/// It has ended.
	Ended(Ended),
}

/// Looks after one result.
pub(crate) struct Watch {
	job: JobId,
	/// Owner account of its worker.
	provider: Option<AccountId32>,
	/// Height of the commitment, once it was seen.
	committed_at: Option<BlockNumber>,
	/// Where the commitment surely is not younger.
	settles_at: BlockNumber,
}

impl Watch {
	/// Looks after a revealed result.
	pub fn new(subject: &Subject) -> Self {
		let settles_at = match subject.phase {
			Phase::Revealed { settles_at } => settles_at,
			_ => 0,
		};
		let provider = subject.provider;
		Self { job: subject.job, provider, committed_at: None, settles_at }
	}

	/// Height of the commitment, once it was seen.
	pub fn committed_at(&self) -> Option<BlockNumber> {
		self.committed_at
	}

	fn is_ours(&self, dispute: &DisputeView) -> bool {
		self.committed_at.is_none_or(|height| height == dispute.committed_at)
	}

	/// How the result is checked; `None` if it cannot be challenged at this block.
	///
	/// # Errors
	/// If the chain cannot be read.
	pub async fn open(&mut self, view: &View) -> Result<Option<DisputeView>, Error> {
		let Some((Phase::Revealed { .. }, provider)) = standing(view, self.job).await? else {
			return Ok(None);
		};
		if provider != self.provider {
			return Ok(None);
		}
		let dispute = view.dispute(self.job).await?.filter(|dispute| self.is_ours(dispute));
		if let Some(dispute) = &dispute {
			self.committed_at = Some(dispute.committed_at);
		}
		Ok(dispute)
	}

	/// How it has ended; `None` if this block, which must be finalised, does not show that it has.
	///
	/// # Errors
	/// If the chain cannot be read.
	pub async fn ended(&self, view: &View) -> Result<Option<Ended>, Error> {
		let mut shown = match self.job >= CAPACITY_JOBS {
			true => self.proof_at(view).await?,
			false => self.job_at(view).await?,
		};
		if shown == Shown::There {
			let dispute = view.dispute(self.job).await?;
			if dispute.is_some_and(|dispute| !self.is_ours(&dispute)) {
				shown = Shown::Gone;
			}
		}
		let younger = view.height() < self.committed_at.unwrap_or(self.settles_at);
		Ok(match shown {
			Shown::Ended(ended) => Some(ended),
			Shown::Gone if !younger => Some(Ended::Untold),
			Shown::Gone | Shown::There => None,
		})
	}

	async fn job_at(&self, view: &View) -> Result<Shown, Error> {
		let Some(found) = view.job(self.job).await? else { return Ok(Shown::Gone) };
		let record = found.record;
		let failed =
			record.failed.0.iter().any(|attempt| Some(&attempt.provider) == self.provider.as_ref());
		Ok(of_job(&record.state, failed, self.provider.as_ref()))
	}

	async fn proof_at(&self, view: &View) -> Result<Shown, Error> {
		if let Some(found) = view.proof_standing(self.job).await? {
			let same = Some(found.provider) == self.provider;
			return Ok(if same { Shown::There } else { Shown::Gone });
		}
		let punished = match &self.provider {
			Some(provider) => self.is_punished(view, provider).await?,
			None => false,
		};
		Ok(if punished { Shown::Ended(Ended::Convicted) } else { Shown::Gone })
	}

	/// Whether a provider was convicted for a proof of capacity: for silence its slash waits, for a wrong one it is excluded.
	async fn is_punished(&self, view: &View, provider: &AccountId32) -> Result<bool, Error> {
		let slashes = view.pending_slashes(provider).await?;
		if slashes.iter().any(|slash| slash.job == Some(self.job)) {
			return Ok(true);
		}
		let what = "an exclusion";
		let storage = view.at().storage();
		let address = runtime::storage().stake().excluded();
		let found = storage.try_fetch(address, (Role::Provider, *provider));
		let found = tokio::time::timeout(REQUEST_TIMEOUT, found)
			.await
			.map_err(|_| Error::Timeout { what, after: REQUEST_TIMEOUT })?
			.map_err(|e| Error::Node { what, reason: e.to_string() })?;
		let found = found
			.map(|value| value.decode().map_err(|e| Error::Node { what, reason: e.to_string() }));
		Ok(found.transpose()?.is_some_and(|found| matches!(found.fault, Fault::ForgedCapacity)))
	}
}

/// What a job shows of the result of `provider`, which has `failed` it or not.
fn of_job(state: &JobState, failed: bool, provider: Option<&AccountId32>) -> Shown {
	// A provider that is bound to a result fails by conviction alone, and does not get the job again.
	if failed {
		return Shown::Ended(Ended::Convicted);
	}
	match state {
		JobState::Closed { reason, .. } => Shown::Ended(match reason {
			CloseReason::Fraud
			| CloseReason::TraceWithheld
			| CloseReason::OutputWithheld
			| CloseReason::InputWithheld
			| CloseReason::NotRevealed => Ended::Convicted,
			_ => Ended::Closed,
		}),
		JobState::Settled { provider: by, .. } if Some(by) == provider => {
			Shown::Ended(Ended::Settled)
		},
		_ if state.provider().is_none_or(|by| Some(by) == provider) => Shown::There,
		_ => Shown::Gone,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const OURS: AccountId32 = AccountId32([1; 32]);
	const OTHER: AccountId32 = AccountId32([2; 32]);

	fn closed(reason: CloseReason) -> JobState {
		JobState::Closed { reason, refunded: 0, at: 30, keep_until: 40 }
	}

	fn revealed(provider: AccountId32) -> JobState {
		JobState::Revealed { provider, settles_at: 40 }
	}

	#[test]
	fn a_conviction_is_what_the_chain_calls_one() {
		let of = |state: &JobState, failed| of_job(state, failed, Some(&OURS));
		let convicted = Shown::Ended(Ended::Convicted);
		assert_eq!(of(&closed(CloseReason::Fraud), false), convicted);
		assert_eq!(of(&closed(CloseReason::OutputWithheld), false), convicted);
		assert_eq!(of(&revealed(OTHER), true), convicted, "whatever becomes of the job");
		assert_eq!(of(&closed(CloseReason::NoCapacity), true), convicted);
		for reason in
			[CloseReason::NotAudited, CloseReason::ProviderForfeited, CloseReason::ReplicaFailed(3)]
		{
			assert_eq!(of(&closed(reason), false), Shown::Ended(Ended::Closed));
		}
	}

	#[test]
	fn what_may_still_be_revealed_is_waited_for() {
		let of = |state: &JobState| of_job(state, false, Some(&OURS));
		let committed = JobState::Committed { provider: OURS, reveal_from: 20, reveal_by: 30 };
		for state in [committed, revealed(OURS), JobState::Waiting { recheck: 9 }] {
			assert_eq!(of(&state), Shown::There, "{state:?}");
		}
		assert_eq!(of(&revealed(OTHER)), Shown::Gone);
	}
}
