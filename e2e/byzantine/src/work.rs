// SPDX-License-Identifier: Apache-2.0
//! How a cheat does a job that was given to it.

use crate::{
	kind::{Kind, Step},
	player::Player,
	views::dispute,
};
use calor_client::{
	runtime,
	types::{BlockNumber, BoundedVec, JobState, JobView},
	View, H256,
};
use subxt::utils::Static;

impl Player {
	/// The next step of a job.
	pub async fn work(&mut self, view: &View, job: JobView) -> anyhow::Result<()> {
		let (id, now) = (job.id, view.height());
		// What is sent now is in the next block at best.
		let kind = self.kind;
		let due = |step, deadline: BlockNumber| !kind.is_late(step) || now >= deadline;
		match job.record.state {
			JobState::Assigned { accept_by, .. } if due(Step::Accept, accept_by) => {
				self.hand.once(id, "accept", &runtime::tx().jobs().accept(id)).await;
			},
			JobState::Running { late_by, .. } => {
				let due = due(Step::Commit, late_by);
				if !self.kind.copies() {
					self.bind(view, &job).await?;
				}
				if let Some(hash) = self.commitment(view, &job).await?.filter(|_| due) {
					let call = runtime::tx().verification().commit(id, hash);
					self.hand.once(id, "commit", &call).await;
				}
			},
			JobState::Committed { reveal_from, reveal_by, .. } => {
				if self.kind == Kind::Equivocator {
					let other = self.make_up(id, "another commitment")?;
					let call = runtime::tx().verification().commit(id, other);
					self.hand.once(id, "commit again", &call).await;
				}
				let due = due(Step::Reveal, reveal_by) && now.saturating_add(1) >= reveal_from;
				if let Some((salt, roots)) = self.opening(&job)?.filter(|_| due) {
					let call = runtime::tx().verification().reveal(id, salt, BoundedVec(roots));
					self.hand.once(id, "reveal", &call).await;
				}
			},
			JobState::Revealed { .. } => self.answer(view, id).await?,
			_ => {},
		}
		Ok(())
	}

	/// To what it commits, as soon as it can.
	async fn commitment(&mut self, view: &View, job: &JobView) -> anyhow::Result<Option<H256>> {
		let id = job.id;
		Ok(match self.kind {
			Kind::CopyCommit => view.job(sibling(job)).await?.and_then(|job| job.commitment),
			Kind::CopyReveal => Some(self.make_up(id, "commitment")?),
			_ => self.bound.get(&id).map(|bound| self.hand.bind(id, &bound.salt, &bound.roots)),
		})
	}

	/// What it shows, as soon as it can.
	fn opening(&mut self, job: &JobView) -> anyhow::Result<Option<([u8; 32], Vec<H256>)>> {
		let shown = self.hand.revealed(sibling(job)).map(|shown| (shown.salt, shown.roots));
		Ok(match self.kind {
			Kind::CopyCommit => shown,
			Kind::CopyReveal => {
				let salt = self.make_up(job.id, "salt")?;
				shown.map(|(_, roots)| (salt.0, roots))
			},
			Kind::Equivocator => {
				let other = self.make_up(job.id, "another root")?;
				let bound = self.bound.get(&job.id);
				bound.map(|bound| (bound.salt, vec![other; bound.roots.len()]))
			},
			_ => self.bound.get(&job.id).map(|bound| (bound.salt, bound.roots.clone())),
		})
	}

	/// Answers what is asked and what it can answer.
	pub async fn answer(&mut self, view: &View, id: u64) -> anyhow::Result<()> {
		let Some(bound) = self.bound.get(&id) else { return Ok(()) };
		let forged = bound.forged.clone();
		let Some(dispute) = dispute(view, id).await? else { return Ok(()) };
		for (question, demand) in dispute.demands {
			let now = view.height();
			let due = !self.kind.is_late(Step::Answer) || now >= demand.by_height;
			if demand.answered.is_some() || !due || !self.kind.answers(&question) {
				continue;
			}
			if let Some(answer) = forged.answer(&question) {
				let step = format!("answer {question:?}");
				let call =
					runtime::tx().verification().answer(id, Static(question), Static(answer));
				self.hand.once(id, &step, &call).await;
			}
		}
		Ok(())
	}
}

/// The other of two jobs that run the same.
fn sibling(job: &JobView) -> u64 {
	match job.record.replica_of {
		Some(first) if first != job.id => first,
		_ => job.id.saturating_add(1),
	}
}
