// SPDX-License-Identifier: Apache-2.0
//! Whole lives of jobs: posted, assigned by the chain, accepted, committed, revealed, settled, forgotten.
//!
//! Nothing is computed: what a worker commits to is not looked at unless somebody challenges it. Each step is taken when a
//! block shows that the one before has been.

use crate::{
	account::Account,
	block::{Block, Blocks, Fate},
	node::Node,
	pace::Pace,
	plan::Plan,
	setup::Stage,
};
use anyhow::Result;
use calor_client::{
	messages, runtime,
	types::{BlockNumber, BoundedVec, JobId},
	AccountId32, H256,
};
use std::collections::{BTreeMap, BTreeSet};
use subxt::tx::Payload;

/// Jobs in the first block.
const FIRST: u64 = 16;
/// Blocks of a provider's time that a job takes, with something to spare.
const BLOCKS_A_PROVIDER: u64 = 4;
/// Blocks after which a step that is in none is sent again.
const RESEND: u32 = 4;
/// Blocks without any news of any job after which they are given up. Longer than the longest wait within a life.
const PATIENCE: u32 = 40;
/// What hides a result until it is shown.
const SALT: [u8; 32] = [9; 32];
/// The result of all jobs.
const RESULT: H256 = H256([3; 32]);

/// What a provider does next for a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
	/// Takes it.
	Accept,
	/// Binds itself to the result.
	Commit,
	/// Shows the result.
	Reveal,
}

/// A job on its way.
#[derive(Debug, Default)]
struct Life {
	/// Place of its worker, once it has one.
	worker: Option<usize>,
	/// What the worker owes.
	step: Option<Step>,
	/// Height at which that was sent.
	sent: Option<BlockNumber>,
}

/// What was measured.
#[derive(Debug, Default)]
pub struct Run {
	/// All blocks from the first job to the last record dropped.
	pub blocks: Vec<Block>,
	/// Jobs posted.
	pub posted: u64,
	/// Jobs settled.
	pub settled: u64,
	/// Of them those whose records were dropped.
	pub dropped: u64,
	/// Jobs that ended otherwise.
	pub closed: u64,
	/// Times that a provider failed a job.
	pub failed: u64,
	/// Most jobs on their way at once.
	pub most_open: usize,
	/// Steps that were sent again, and submissions that the node refused.
	pub resent: u64,
	/// Why transactions had no effect, and how often.
	pub failures: BTreeMap<String, u64>,
}

/// Signs what takes a step, as the job's worker.
fn sign(node: &Node, worker: &mut Account, job: JobId, step: Step) -> Result<Vec<u8>> {
	match step {
		Step::Accept => node.sign(worker, &accept(job)),
		Step::Commit => node.sign(worker, &commit(node.genesis(), job, &worker.id.clone())),
		Step::Reveal => node.sign(worker, &reveal(job)),
	}
}

/// The call by which a worker accepts.
pub fn accept(job: JobId) -> impl Payload {
	runtime::tx().jobs().accept(job)
}

/// The call by which it commits.
pub fn commit(genesis: H256, job: JobId, worker: &AccountId32) -> impl Payload {
	let commitment = messages::commitment(&genesis, job, worker, &SALT, &[RESULT]);
	runtime::tx().verification().commit(job, commitment)
}

/// The call by which it reveals.
pub fn reveal(job: JobId) -> impl Payload {
	runtime::tx().verification().reveal(job, SALT, BoundedVec(vec![RESULT]))
}

/// Posts jobs at the pace that blocks can take, for as many blocks as the plan says, and sees all of them through, as far
/// as they get.
///
/// # Errors
/// If the node does not answer.
pub async fn measure(node: &Node, stage: &mut Stage, plan: &Plan) -> Result<Run> {
	let mut blocks = Blocks::follow(node).await?;
	let mut pace = Pace::new(FIRST, plan.providers as u64 / BLOCKS_A_PROVIDER);
	let mut bench = Bench::new(node, stage);
	bench.post(pace.now()).await?;
	let (mut posting, mut quiet) = (plan.job_blocks, 0);
	loop {
		let mut height = 0;
		for block in blocks.next().await? {
			bench.note(&block);
			pace.learn(block.taken(), bench.left_over(&block));
			quiet = if block.jobs.is_empty() { quiet + 1 } else { 0 };
			posting = posting.saturating_sub(1);
			height = block.height;
			bench.run.blocks.push(block);
		}
		bench.take_steps(height).await?;
		if posting == 0 && quiet > 0 {
			// Whatever the pool has given up will be in no block.
			bench.waiting = node.waiting().await?;
		}
		if posting > 0 {
			bench.post(pace.now()).await?;
		} else if bench.is_over() {
			return Ok(bench.run);
		}
		if quiet > PATIENCE {
			// Whoever asked shall see how far they got.
			return Ok(bench.run);
		}
	}
}

struct Bench<'a> {
	node: &'a Node,
	stage: &'a mut Stage,
	/// Jobs that are neither settled nor closed.
	open: BTreeMap<JobId, Life>,
	/// Submissions signed so far.
	names: u64,
	/// Transactions that the node took and no block yet.
	waiting: u64,
	run: Run,
}

impl<'a> Bench<'a> {
	fn new(node: &'a Node, stage: &'a mut Stage) -> Self {
		Self { node, stage, open: BTreeMap::new(), names: 0, waiting: 0, run: Run::default() }
	}

	/// Whether nothing can become of any job any more.
	fn is_over(&self) -> bool {
		self.open.is_empty() && self.waiting == 0 && self.run.posted == self.run.dropped
	}

	/// Learns what a block says.
	fn note(&mut self, block: &Block) {
		self.waiting = self.waiting.saturating_sub(block.taken());
		for reason in &block.failures {
			*self.run.failures.entry(reason.clone()).or_default() += 1;
		}
		for (job, fate) in &block.jobs {
			let run = &mut self.run;
			match fate {
				Fate::Submitted => run.posted += 1,
				Fate::Settled => run.settled += 1,
				Fate::Closed => run.closed += 1,
				Fate::Dropped => run.dropped += 1,
				Fate::Failed => run.failed += 1,
				_ => {},
			}
			let step = match fate {
				Fate::Assigned(_) => Some(Step::Accept),
				Fate::Accepted => Some(Step::Commit),
				Fate::Committed => Some(Step::Reveal),
				Fate::Submitted | Fate::Revealed | Fate::Failed => None,
				Fate::Settled | Fate::Closed | Fate::Dropped => {
					self.open.remove(job);
					continue;
				},
			};
			let life = self.open.entry(*job).or_default();
			(life.step, life.sent) = (step, None);
			match fate {
				Fate::Assigned(owner) => life.worker = self.stage.owners.get(owner).copied(),
				Fate::Failed => life.worker = None,
				_ => {},
			}
		}
		self.run.most_open = self.run.most_open.max(self.open.len());
	}

	/// What the chain could not do at once, in transactions: those that wait, and four for each job that has been queued
	/// for more than a block.
	fn left_over(&self, block: &Block) -> u64 {
		let queued = self.open.values().filter(|life| life.worker.is_none()).count() as u64;
		self.waiting + 4 * queued.saturating_sub(block.fates(&Fate::Submitted))
	}

	/// Posts so many jobs.
	async fn post(&mut self, count: u64) -> Result<()> {
		let (mut transactions, mut senders) = (Vec::new(), Vec::new());
		for _ in 0..count {
			let sender = self.names as usize % self.stage.clients.len();
			let call = runtime::tx().jobs().submit(self.stage.spec(self.names));
			transactions.push(self.node.sign(&mut self.stage.clients[sender], &call)?);
			senders.push(sender);
			self.names += 1;
		}
		let refused = self.send(&transactions).await;
		for place in refused.into_iter().map(|place| senders[place]).collect::<BTreeSet<_>>() {
			self.node.renew_nonce(&mut self.stage.clients[place]).await?;
		}
		Ok(())
	}

	/// Has the workers do what they owe.
	async fn take_steps(&mut self, height: BlockNumber) -> Result<()> {
		let (mut transactions, mut takers) = (Vec::new(), Vec::new());
		for (job, life) in &mut self.open {
			let (Some(worker), Some(step)) = (life.worker, life.step) else { continue };
			let account = &mut self.stage.workers[worker];
			match life.sent {
				Some(sent) if height < sent + RESEND => continue,
				Some(_) => {
					self.run.resent += 1;
					self.node.renew_nonce(account).await?;
				},
				None => {},
			}
			transactions.push(sign(self.node, account, *job, step)?);
			takers.push((*job, worker));
			life.sent = Some(height);
		}
		for place in self.send(&transactions).await {
			let (job, worker) = takers[place];
			self.node.renew_nonce(&mut self.stage.workers[worker]).await?;
			// The next block is soon enough.
			if let Some(life) = self.open.get_mut(&job) {
				life.sent = None;
			}
		}
		Ok(())
	}

	/// Sends transactions and gives the places of those that the node did not take.
	async fn send(&mut self, transactions: &[Vec<u8>]) -> Vec<usize> {
		let refused = self.node.send(transactions).await;
		self.waiting += (transactions.len() - refused.len()) as u64;
		self.run.resent += refused.len() as u64;
		for (_, reason) in &refused {
			*self.run.failures.entry(reason.clone()).or_default() += 1;
		}
		refused.into_iter().map(|(place, _)| place).collect()
	}
}
