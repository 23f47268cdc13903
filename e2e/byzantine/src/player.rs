// SPDX-License-Identifier: Apache-2.0
//! The loop: looks at every best block and does what the kind would.

use crate::{
	claim::random_hash,
	forged::Forged,
	hand::Hand,
	kind::{Kind, Lie},
	serve::Shelf,
};
use anyhow::Context;
use calor_client::{
	runtime,
	types::{uris, BlockNumber, JobView, Presence},
	View, H256,
};
use std::{collections::HashMap, path::PathBuf, sync::Arc, time::Duration};

/// Pause between two looks at the chain.
const POLL: Duration = Duration::from_millis(200);
/// Longest time to fetch a blob.
const FETCH_TIMEOUT: Duration = Duration::from_secs(20);

/// A result with the salt under which it is committed.
pub struct Bound {
	/// The result.
	pub forged: Arc<Forged>,
	/// The salt.
	pub salt: [u8; 32],
	/// Roots of the outputs, as claimed.
	pub roots: Vec<H256>,
}

/// One cheat.
pub struct Player {
	/// How it cheats.
	pub kind: Kind,
	/// Its key.
	pub hand: Hand,
	/// What it serves.
	pub shelf: Shelf,
	/// Where colluders meet.
	pub share: Option<PathBuf>,
	/// Results by job.
	pub bound: HashMap<u64, Bound>,
	/// What was made up, by job and what it is for.
	pub made_up: HashMap<(u64, &'static str), H256>,
}

impl Player {
	/// Plays until the process is ended.
	pub async fn run(mut self) {
		let mut seen = 0;
		loop {
			tokio::time::sleep(POLL).await;
			if let Err(error) = self.look(&mut seen).await {
				eprintln!("{error:#}");
				let _ = self.hand.chain.reconnect().await;
			}
		}
	}

	async fn look(&mut self, seen: &mut BlockNumber) -> anyhow::Result<()> {
		let view = self.hand.chain.best().await?;
		if view.height() <= *seen {
			return Ok(());
		}
		if self.kind.copies() {
			self.hand.watch(&view).await?;
		}
		self.heartbeat(&view).await?;
		if self.kind == Kind::CapacityForger {
			self.capacity(&view).await?;
		}
		for id in view.provider_jobs(&self.hand.owner).await? {
			let Some(job) = view.job(id).await? else { continue };
			if job.record.state.provider() == Some(&self.hand.owner) {
				self.work(&view, job).await?;
			} else if self.kind.audits() {
				self.audit(&view, job).await?;
			}
		}
		// Only now: what failed is tried again at the same height.
		*seen = view.height();
		Ok(())
	}

	/// A cheat that falls silent would be caught for that.
	async fn heartbeat(&mut self, view: &View) -> anyhow::Result<()> {
		let (now, owner) = (view.height(), self.hand.owner);
		let record = view.provider(&owner).await?.context("no longer registered")?;
		let due = record.seen.saturating_add(view.provider_windows().await?.heartbeat);
		if matches!(record.presence, Presence::Watched { .. }) && now >= due {
			let step = format!("heartbeat after {}", record.seen);
			self.hand.once(0, &step, &runtime::tx().providers().heartbeat()).await;
		}
		Ok(())
	}

	/// Has a result for a job, making it if need be.
	pub async fn bind(&mut self, view: &View, job: &JobView) -> anyhow::Result<()> {
		if self.bound.contains_key(&job.id) {
			return Ok(());
		}
		let code = view.program(job.record.program).await?.context("the program is gone")?;
		let mut operands = Vec::new();
		for tensor in job.inputs.iter().chain(&job.constants) {
			let uri = uris(tensor).into_iter().next().context("an input without address")?;
			let client = reqwest::Client::builder().timeout(FETCH_TIMEOUT).no_proxy().build()?;
			operands
				.push(client.get(uri).send().await?.error_for_status()?.bytes().await?.to_vec());
		}
		self.forge(job.id, code, operands).await
	}

	/// Makes a result.
	pub async fn forge(
		&mut self,
		job: u64,
		code: Vec<u8>,
		operands: Vec<Vec<u8>>,
	) -> anyhow::Result<()> {
		let lie: Lie = self.kind.lie();
		let forged =
			tokio::task::spawn_blocking(move || Forged::run(&code, &operands, lie)).await??;
		let roots: Vec<H256> = forged.output_roots().into_iter().map(H256).collect();
		if self.kind.serves() {
			self.shelf.put(job, forged.outputs());
		}
		if let Some(share) = &self.share {
			let text: Vec<String> = roots.iter().map(|root| hex::encode(root.0)).collect();
			// Whole or not at all.
			let path = share.join(job.to_string());
			std::fs::write(path.with_extension("new"), text.join("\n"))?;
			std::fs::rename(path.with_extension("new"), path)?;
		}
		self.bound.insert(job, Bound { forged: Arc::new(forged), salt: random_hash()?, roots });
		Ok(())
	}

	/// Something random that stays the same for a job.
	pub fn make_up(&mut self, job: u64, what: &'static str) -> anyhow::Result<H256> {
		if let Some(found) = self.made_up.get(&(job, what)) {
			return Ok(*found);
		}
		let made = H256(random_hash()?);
		self.made_up.insert((job, what), made);
		Ok(made)
	}
}
