// SPDX-License-Identifier: Apache-2.0
//! How a cheat proves that it can do what it cannot.

use crate::{
	player::Player,
	views::{capacity_proof, challenge},
};
use calor_client::{runtime, types::BoundedVec, View};

/// Numbers from here on are of proofs of capacity.
const CAPACITY_JOBS: u64 = 1 << 63;

impl Player {
	/// The next step of all proofs of capacity that are asked for.
	pub async fn capacity(&mut self, view: &View) -> anyhow::Result<()> {
		if let Some(asked) = challenge(view, &self.hand.owner).await? {
			let job = asked.job;
			if !asked.committed && !self.bound.contains_key(&job) {
				self.forge(job, asked.code, asked.operands).await?;
			}
			if let Some(bound) = self.bound.get(&job).filter(|_| !asked.committed) {
				let hash = self.hand.bind(job, &bound.salt, &bound.roots);
				let call = runtime::tx().verification().commit(job, hash);
				self.hand.once(job, "commit", &call).await;
			}
		}
		let jobs: Vec<u64> =
			self.bound.keys().copied().filter(|job| *job >= CAPACITY_JOBS).collect();
		for job in jobs {
			let Some(proof) = capacity_proof(view, job).await? else { continue };
			match proof.reveal {
				Some((from, _)) if view.height().saturating_add(1) >= from => {
					let Some(bound) = self.bound.get(&job) else { continue };
					let (salt, roots) = (bound.salt, BoundedVec(bound.roots.clone()));
					let call = runtime::tx().verification().reveal(job, salt, roots);
					self.hand.once(job, "reveal", &call).await;
				},
				Some(_) => {},
				None => self.answer(view, job).await?,
			}
		}
		Ok(())
	}
}
