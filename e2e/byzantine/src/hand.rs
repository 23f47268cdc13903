// SPDX-License-Identifier: Apache-2.0
//! What a cheat sends and what it sees of others. Each step is tried once, whatever comes of it; what was done, and what the
//! chain said to it, is a line on stdout.

use anyhow::Context;
use calor_client::{
	messages::commitment, runtime::verification::calls::Reveal, types::BlockNumber, AccountId32,
	Chain, Inclusion, Keypair, SubmitError, Submitter, View, H256,
};
use std::{
	collections::{HashMap, HashSet},
	sync::Arc,
};
use subxt::tx::Payload;

/// Salt and roots that a worker has revealed.
#[derive(Clone)]
pub struct Shown {
	/// The salt.
	pub salt: [u8; 32],
	/// The roots.
	pub roots: Vec<H256>,
}

/// A worker key at a chain.
pub struct Hand {
	/// The chain.
	pub chain: Arc<Chain>,
	/// For whom the key works.
	pub owner: AccountId32,
	submitter: Submitter,
	tried: HashSet<(u64, String)>,
	reveals: HashMap<u64, Shown>,
	/// The last height that was searched for reveals.
	searched: BlockNumber,
}

impl Hand {
	/// The hand of a registered worker key.
	///
	/// # Errors
	/// If the chain does not answer or does not know the key.
	pub async fn new(chain: Arc<Chain>, key: Keypair) -> anyhow::Result<Self> {
		let submitter = Submitter::new(chain.clone(), key);
		let view = chain.best().await?;
		let owner = view.owner_of(&submitter.account()).await?;
		let owner = owner.context("this worker key is not registered")?;
		let (tried, reveals) = (HashSet::new(), HashMap::new());
		Ok(Self { chain, owner, submitter, tried, reveals, searched: view.height() })
	}

	/// What binds this key to roots.
	pub fn bind(&self, job: u64, salt: &[u8; 32], roots: &[H256]) -> H256 {
		commitment(&self.chain.genesis(), job, &self.submitter.account(), salt, roots)
	}

	/// Sends a call about a job, unless that step was tried before.
	pub async fn once<C: Payload>(&mut self, job: u64, step: &str, call: &C) {
		let key = (job, step.to_string());
		if self.tried.contains(&key) {
			return;
		}
		// Numbers of proofs of capacity are larger than what JSON's readers take.
		let job = job.to_string();
		let line = match self.submitter.submit(call, Inclusion::Best).await {
			Ok(included) => {
				serde_json::json!({ "event": "done", "job": job, "step": step, "height": included.height })
			},
			Err(SubmitError::Refused { reason, height }) => serde_json::json!({
				"event": "refused", "job": job, "step": step, "height": height, "reason": reason,
			}),
			Err(error) => {
				// It may not have arrived: tried again.
				eprintln!("job {job}, {step}: {error}");
				return;
			},
		};
		self.tried.insert(key);
		println!("{line}");
	}

	/// Looks for what workers reveal, block by block up to that of `view`.
	///
	/// # Errors
	/// If the chain does not answer.
	pub async fn watch(&mut self, view: &View) -> anyhow::Result<()> {
		while self.searched < view.height() {
			let height = self.searched.saturating_add(1);
			let hash = self.chain.link().rpc.chain_get_block_hash(Some(height.into())).await?;
			let block = self.chain.at(hash.context("a block is gone")?).await?;
			for found in block.at().extrinsics().fetch().await?.find::<Reveal>() {
				let Reveal { job, salt, output_roots } = found?;
				self.reveals.entry(job).or_insert(Shown { salt, roots: output_roots.0 });
			}
			self.searched = height;
		}
		Ok(())
	}

	/// What the worker of a job has revealed.
	pub fn revealed(&self, job: u64) -> Option<Shown> {
		self.reveals.get(&job).cloned()
	}
}
