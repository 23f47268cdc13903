// SPDX-License-Identifier: Apache-2.0
//! How a cheat audits a job for which it was drawn.

use crate::{
	kind::Kind,
	player::Player,
	views::{dispute, AuditState},
};
use anyhow::Context;
use calor_client::{
	runtime,
	types::{BoundedVec, JobState, JobView},
	View, H256,
};
use calor_tensor::Program;

impl Player {
	/// The next step of an audit.
	pub async fn audit(&mut self, view: &View, job: JobView) -> anyhow::Result<()> {
		let id = job.id;
		let Some(dispute) = dispute(view, id).await? else { return Ok(()) };
		let audit = dispute
			.audits
			.into_iter()
			.find(|audit| *AsRef::<[u8; 32]>::as_ref(&audit.auditor) == self.hand.owner.0);
		let Some(audit) = audit else { return Ok(()) };
		let open = match job.record.state {
			JobState::Committed { reveal_from, .. } => {
				view.height().saturating_add(1) >= reveal_from
			},
			JobState::Revealed { .. } => true,
			_ => false,
		};
		match audit.state {
			AuditState::Claimed { .. } => {
				let hash = match self.kind {
					Kind::AuditorCopies => job.commitment,
					_ => self
						.opinion(view, &job)
						.await?
						.map(|(salt, roots)| self.hand.bind(id, &salt, &roots)),
				};
				if let Some(hash) = hash {
					let call = runtime::tx().verification().audit_commit(id, hash);
					self.hand.once(id, "audit commit", &call).await;
				}
			},
			AuditState::Committed(_) if open => {
				let shown = match self.kind {
					Kind::AuditorCopies => {
						self.hand.revealed(id).map(|shown| (shown.salt, shown.roots))
					},
					_ => self.opinion(view, &job).await?,
				};
				if let Some((salt, roots)) = shown {
					let call =
						runtime::tx().verification().audit_reveal(id, salt, BoundedVec(roots));
					self.hand.once(id, "audit reveal", &call).await;
				}
			},
			_ => {},
		}
		Ok(())
	}

	/// Salt and roots of an auditor that has computed nothing.
	async fn opinion(
		&mut self,
		view: &View,
		job: &JobView,
	) -> anyhow::Result<Option<([u8; 32], Vec<H256>)>> {
		let salt = self.make_up(job.id, "salt")?.0;
		Ok(match self.kind {
			Kind::AuditorAgrees => self.told(job.id)?.map(|roots| (salt, roots)),
			Kind::AuditorDisagrees => {
				let code =
					view.program(job.record.program).await?.context("the program is gone")?;
				let outputs = Program::from_bytes(&code)?.outputs.len();
				Some((salt, vec![self.make_up(job.id, "root")?; outputs]))
			},
			_ => None,
		})
	}

	/// The roots that a colluding worker has left.
	fn told(&self, job: u64) -> anyhow::Result<Option<Vec<H256>>> {
		let share = self.share.as_ref().context("--share is missing")?;
		let Ok(text) = std::fs::read_to_string(share.join(job.to_string())) else {
			return Ok(None);
		};
		let root = |line: &str| -> anyhow::Result<H256> {
			let bytes = hex::decode(line)?;
			Ok(H256(bytes.try_into().ok().context("a root has 32 bytes")?))
		};
		text.lines().map(root).collect::<anyhow::Result<_>>().map(Some)
	}
}
