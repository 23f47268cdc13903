// SPDX-License-Identifier: Apache-2.0
//! Follows the best head for what cannot wait for finality: questions about our results, audits of others', proofs of
//! capacity. What is paid follows finality, in [`crate::daemon`].

use crate::{answer::Answers, audit::Audits, capacity::Proofs, work::Worker};
use calor_client::{Error as ChainError, View};
use calor_dispute::Follow;
use std::sync::{atomic::Ordering, Arc};

/// The loop.
pub struct Watch {
	worker: Arc<Worker>,
	answers: Answers,
	audits: Option<Audits>,
	proofs: Proofs,
}

impl Watch {
	/// A loop that has seen nothing yet.
	pub fn new(worker: Arc<Worker>, audits: Option<Audits>) -> Self {
		let (answers, proofs) = (Answers::new(worker.clone()), Proofs::new(worker.clone()));
		Self { worker, answers, audits, proofs }
	}

	/// Acts on each best block.
	///
	/// # Errors
	/// If a node is on another chain.
	pub async fn run(mut self) -> Result<(), ChainError> {
		let mut heads = Follow::new(self.worker.chain.clone());
		loop {
			let view = heads.next().await?;
			// What it does not show may be there all the same; the daemon says what to do.
			if view.height() < self.worker.shared.height.load(Ordering::Relaxed) {
				continue;
			}
			if let Err(error) = self.look(&view).await {
				tracing::warn!("cannot see to questions and audits at this block: {error}");
			}
		}
	}

	async fn look(&mut self, view: &View) -> Result<(), ChainError> {
		let shared = &self.worker.shared;
		if view.owner_of(&shared.worker).await? != Some(shared.owner) {
			return Ok(());
		}
		let ours = view.provider_jobs(&shared.owner).await?;
		let mut disputes = Vec::new();
		for job in &ours {
			if let Some(dispute) = view.dispute(*job).await? {
				disputes.push((*job, dispute));
			}
		}
		// What fails about one does not keep the others from being seen to.
		let answered = self.answers.look(view, &disputes).await;
		let proved = self.proofs.look(view, &ours).await;
		let audited = match &mut self.audits {
			Some(audits) => audits.look(view, &disputes).await,
			None => Ok(()),
		};
		answered.and(proved).and(audited)
	}
}
