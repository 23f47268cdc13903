// SPDX-License-Identifier: Apache-2.0
//! Draws this worker's lots for the audits of others' results.
//!
//! Everything is looked up again at each best block: after a reorganisation a lot is drawn by the seed that counts now, and
//! an audit that was claimed in an abandoned block is claimed again.

use crate::work::Worker;
use calor_client::{
	dispute::DisputeView,
	lottery::{threshold, Lot, Lots},
	types::{BlockNumber, JobId},
	AccountId32, Error as ChainError, View, CAPACITY_JOBS, H256,
};
use calor_dispute::subject::{assurance, standing};
use calor_primitives::assurance::Assurance;
use std::{
	collections::{BTreeMap, BTreeSet, HashMap},
	sync::Arc,
};

/// Blocks to look back at the start: longer than any window for claims.
const HORIZON: BlockNumber = 64;
/// Blocks that are looked at again, for what a reorganisation brings.
const AGAIN: BlockNumber = 4;
/// Most auditors that can claim one audit.
const MAX_CLAIMS: usize = 2;

/// A lot that was drawn.
enum Drawn {
	/// It lost, or we may not audit this.
	Lost,
	/// It won.
	Won(Box<Lot>),
}

/// The lots of the results that can be audited now.
pub struct Lottery {
	worker: Arc<Worker>,
	lots: Lots,
	/// By height of their commitments.
	open: BTreeMap<BlockNumber, BTreeSet<JobId>>,
	/// What was drawn by which seed.
	drawn: HashMap<JobId, (H256, Drawn)>,
	/// Up to that height commitments were seen.
	seen: BlockNumber,
}

/// A claim that is to be made.
pub struct Claim {
	/// The job.
	pub job: JobId,
	/// By what it was drawn.
	pub seed: H256,
	/// The winning lot.
	pub lot: Lot,
	/// Last height for the claim.
	pub by: BlockNumber,
}

impl Lottery {
	/// Has drawn nothing yet.
	pub fn new(worker: Arc<Worker>, lots: Lots) -> Self {
		Self { worker, lots, open: BTreeMap::new(), drawn: HashMap::new(), seen: 0 }
	}

	/// What is to be claimed at this block.
	///
	/// # Errors
	/// If the chain cannot be read.
	pub async fn look(&mut self, view: &View) -> Result<Vec<Claim>, ChainError> {
		let now = view.height();
		let from = self.seen.saturating_sub(AGAIN).max(now.saturating_sub(HORIZON)).min(now);
		for height in from..=now {
			let jobs = view.committed_at(height).await?.into_iter().collect();
			self.open.insert(height, jobs);
		}
		self.seen = now;
		self.open.retain(|height, jobs| !jobs.is_empty() && height.saturating_add(HORIZON) > now);
		let mut claims = Vec::new();
		let open: Vec<_> = self.open.iter().map(|(at, jobs)| (*at, jobs.clone())).collect();
		for (committed_at, jobs) in open {
			let Some(seed) = view.seed(committed_at.saturating_add(1)).await? else { continue };
			for job in jobs {
				if self.drawn.get(&job).is_none_or(|(by, _)| *by != seed) {
					let drawn = self.draw(view, job, committed_at, seed).await?;
					self.drawn.insert(job, (seed, drawn));
				}
				let Some((_, Drawn::Won(lot))) = self.drawn.get(&job) else { continue };
				let Some(dispute) = view.dispute(job).await? else { continue };
				if is_claimable(&dispute, &self.worker.shared.owner, now) {
					let (_, by) = dispute.claims;
					claims.push(Claim { job, seed, lot: (**lot).clone(), by });
				}
			}
		}
		let known: BTreeSet<JobId> = self.open.values().flatten().copied().collect();
		self.drawn.retain(|job, _| known.contains(job));
		Ok(claims)
	}

	/// Whether the audit of a result may still be claimed by somebody.
	pub fn knows(&self, job: JobId) -> bool {
		self.drawn.contains_key(&job)
	}

	/// Draws the lot of one result.
	async fn draw(
		&self,
		view: &View,
		job: JobId,
		committed_at: BlockNumber,
		seed: H256,
	) -> Result<Drawn, ChainError> {
		let owner = &self.worker.shared.owner;
		let assurance = match job >= CAPACITY_JOBS {
			true => Assurance::Optimistic,
			false => view.job(job).await?.map_or(Assurance::Audited, |job| assurance(&job)),
		};
		let provider = standing(view, job).await?.and_then(|(_, provider)| provider);
		let Some(provider) = provider.filter(|provider| provider != owner) else {
			return Ok(Drawn::Lost);
		};
		// Others are drawn openly, or not at all.
		if assurance != Assurance::Optimistic {
			return Ok(Drawn::Lost);
		}
		// What counts is the round in which it was committed to.
		let chain = &self.worker.chain;
		let Some(hash) = chain.hash_of(committed_at).await? else { return Ok(Drawn::Lost) };
		let then = chain.at(hash).await?;
		let Some(ours) = then.auditor(owner).await? else { return Ok(Drawn::Lost) };
		let theirs = then.auditor(&provider).await?.map_or(0, |auditor| auditor.stake);
		let total = ours.total.saturating_sub(theirs);
		let threshold = threshold(assurance.audit_rate(), ours.stake, total);
		let lot = self.lots.draw(&self.worker.shared.genesis, &seed, job);
		let won = lot.filter(|lot| lot.number < threshold);
		if won.is_some() {
			tracing::info!(job_id = job, "drawn to audit it");
		}
		Ok(won.map_or(Drawn::Lost, |lot| Drawn::Won(Box::new(lot))))
	}
}

/// Whether an audit can still be claimed, by a transaction that is at best in block `now + 1`.
fn is_claimable(dispute: &DisputeView, owner: &AccountId32, now: BlockNumber) -> bool {
	let (first, last) = dispute.claims;
	let next = now.saturating_add(1);
	let ours = |auditor: &[u8; 32]| *auditor == owner.0;
	(first..=last).contains(&next)
		&& dispute.audits.len() < MAX_CLAIMS
		&& !dispute.audits.iter().any(|audit| ours(audit.auditor.as_ref()))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::audit::tests::{audit, dispute};
	use calor_client::dispute::AuditState;

	#[test]
	fn an_audit_is_claimed_once_and_in_its_window() {
		let us = AccountId32([1; 32]);
		let open = dispute(Vec::new());
		for (now, expected) in [(10, false), (11, true), (15, true), (16, false)] {
			assert_eq!(is_claimable(&open, &us, now), expected, "{now}");
		}
		let claimed = |owner| audit(owner, AuditState::Claimed { by: 30 });
		assert!(!is_claimable(&dispute(vec![claimed(1)]), &us, 12));
		assert!(is_claimable(&dispute(vec![claimed(2)]), &us, 12), "again after a reorganisation");
		assert!(!is_claimable(&dispute(vec![claimed(2), claimed(3)]), &us, 12));
	}
}
