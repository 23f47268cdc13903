// SPDX-License-Identifier: Apache-2.0
//! Proves this worker's own capacity when the chain asks for it: like a job, but without a client, and on the clock.

use crate::{
	exec::{ExecError, Place},
	journal::{Book, Entry},
	step::{decide, Action, Facts},
	work::{Done, Task, Worker, BLOCK_TIME},
};
use blake2::{digest::consts::U32, Blake2b, Digest};
use calor_client::{
	types::{BlockNumber, JobId, JobState},
	Error as ChainError, View, CAPACITY_JOBS,
};
use calor_primitives::runtime_api::{CapacityChallenge, CapacityView};
use calor_tensor::{tensor_root, Tensor, Validated};
use std::{
	collections::{BTreeSet, HashMap},
	sync::Arc,
};
use tokio::task::JoinSet;

/// Blocks until the next attempt after something that did not arrive.
const PAUSE: BlockNumber = 3;

/// Proves capacity.
pub struct Proofs {
	worker: Arc<Worker>,
	busy: BTreeSet<JobId>,
	/// Nothing is done about a proof before that height.
	held: HashMap<JobId, BlockNumber>,
	tasks: JoinSet<(JobId, BlockNumber)>,
}

impl Proofs {
	/// Has proved nothing yet.
	pub fn new(worker: Arc<Worker>) -> Self {
		Self { worker, busy: BTreeSet::new(), held: HashMap::new(), tasks: JoinSet::new() }
	}

	/// Does what can be done at this block; `ours` are the numbers of all that holds our stake.
	///
	/// # Errors
	/// If the chain cannot be read.
	pub async fn look(&mut self, view: &View, ours: &[JobId]) -> Result<(), ChainError> {
		while let Some(done) = self.tasks.try_join_next() {
			match done {
				Ok((job, held)) => {
					self.busy.remove(&job);
					self.held.insert(job, held);
				},
				Err(error) => {
					tracing::error!("a proof of capacity failed: {error}");
					self.busy.clear();
				},
			}
		}
		let owner = self.worker.shared.owner;
		let challenge = view.challenge(&owner).await?.filter(|found| !found.committed);
		let called = challenge.as_ref().map(|found| found.job);
		if let Some(challenge) = challenge {
			let by = challenge.by;
			let state =
				JobState::Running { provider: owner, since: 0, deliver_by: by, late_by: by };
			self.advance(view, challenge.job, &state, None, Some(challenge));
		}
		let mut known: BTreeSet<JobId> =
			ours.iter().copied().filter(|id| *id >= CAPACITY_JOBS).collect();
		let Ok(entries) = self.worker.shared.journal.all(Book::Proofs) else { return Ok(()) };
		known.extend(entries.iter().filter(|(_, e)| e.ended.is_none()).map(|(id, _)| *id));
		for job in known {
			match view.capacity_proof(job).await? {
				Some(found) if <[u8; 32]>::from(found.provider.clone()) == owner.0 => {
					if let Some(state) = state(&found, &self.worker) {
						self.advance(view, job, &state, Some(&found), None);
					}
				},
				// Another's, which we audit.
				Some(_) => {},
				None if called == Some(job) => {},
				None => self.end(job, view.height()),
			}
		}
		self.held.retain(|_, held| held.saturating_add(64) > view.height());
		Ok(())
	}

	fn end(&self, job: JobId, now: BlockNumber) {
		if matches!(self.worker.shared.journal.get(Book::Proofs, job), Ok(Some(_)))
			&& !self.busy.contains(&job)
		{
			self.note(job, false, Some(now));
		}
	}

	fn note(&self, job: JobId, public: bool, ended: Option<BlockNumber>) {
		if let Err(error) = self.worker.shared.journal.note(Book::Proofs, job, public, ended) {
			tracing::error!(job_id = job, "cannot write the journal: {error:#}");
		}
	}

	fn advance(
		&mut self,
		view: &View,
		job: JobId,
		state: &JobState,
		found: Option<&CapacityView>,
		challenge: Option<CapacityChallenge>,
	) {
		let now = view.height();
		if self.busy.contains(&job) || self.held.get(&job).is_some_and(|held| now < *held) {
			return;
		}
		let entry = match self.worker.shared.journal.get(Book::Proofs, job) {
			Ok(entry) => entry,
			Err(error) => {
				tracing::error!(job_id = job, "the journal cannot be read: {error:#}");
				return;
			},
		};
		let genesis = &self.worker.shared.genesis;
		let journalled = entry.as_ref().map(|entry| entry.commitment(genesis, job));
		let on_chain = found.and_then(|found| found.commitment);
		let owner = &self.worker.shared.owner;
		let action = decide(Facts { state, on_chain, journalled, owner, now });
		match (action, entry) {
			(Action::Publish, Some(entry)) if !entry.public => self.note(job, true, None),
			(Action::Work, None) => {
				if let Some(challenge) = challenge {
					self.spawn(job, now, move |worker| async move {
						work(&worker, challenge, now).await
					});
				}
			},
			(Action::Commit, Some(entry)) => {
				let by = challenge.map_or(now, |challenge| challenge.by);
				self.spawn(
					job,
					now,
					move |worker| async move { worker.commit(job, entry, by).await },
				);
			},
			(Action::Reveal, Some(entry)) => {
				self.spawn(job, now, move |worker| async move { worker.reveal(job, &entry).await });
			},
			(Action::Stray, _) => {
				self.held.insert(job, BlockNumber::MAX);
				tracing::error!(
					job_id = job,
					"the chain holds a commitment that this journal cannot open"
				);
			},
			_ => {},
		}
	}

	fn spawn<F: std::future::Future<Output = Done> + Send>(
		&mut self,
		job: JobId,
		now: BlockNumber,
		task: impl FnOnce(Arc<Worker>) -> F + Send + 'static,
	) {
		self.busy.insert(job);
		let worker = self.worker.clone();
		self.tasks.spawn(async move {
			let held = match task(worker).await {
				Done::Included(_, height) => height,
				Done::Later(_) => now.saturating_add(PAUSE),
				Done::Never(_) => BlockNumber::MAX,
			};
			(job, held)
		});
	}
}

/// A proof of ours as if it were a job.
fn state(found: &CapacityView, worker: &Worker) -> Option<JobState> {
	let provider = worker.shared.owner;
	match (found.settles_at, found.reveal, found.commitment) {
		(Some(settles_at), _, _) => Some(JobState::Revealed { provider, settles_at }),
		(None, Some((reveal_from, reveal_by)), Some(_)) => {
			Some(JobState::Committed { provider, reveal_from, reveal_by })
		},
		_ => None,
	}
}

/// Runs what the chain asks for, journals and commits.
async fn work(worker: &Worker, challenge: CapacityChallenge, now: BlockNumber) -> Done {
	let job = challenge.job;
	let entry = match compute(worker, &challenge, now).await {
		Ok(entry) => entry,
		Err(ExecError::Unfit(why)) => {
			tracing::error!(
				job_id = job,
				"this adapter does not have the capacity that is claimed: {why}"
			);
			return Done::Never(Action::Work);
		},
		Err(error) => {
			tracing::error!(job_id = job, "capacity is not proved: {error}");
			return Done::Later(Action::Work);
		},
	};
	worker.commit(job, entry, challenge.by).await
}

async fn compute(
	worker: &Worker,
	challenge: &CapacityChallenge,
	now: BlockNumber,
) -> Result<Entry, ExecError> {
	let program = Validated::from_bytes(&challenge.code).map_err(|e| anyhow::anyhow!("{e}"))?;
	let mut fingerprint = Blake2b::<U32>::new();
	fingerprint.update(program.id());
	let (mut operands, mut operand_roots) = (Vec::new(), Vec::new());
	let types = program.program().inputs.iter().chain(&program.program().constants);
	for (ty, bytes) in types.zip(&challenge.operands) {
		let tensor = Tensor::from_bytes(ty.clone(), bytes).map_err(|e| anyhow::anyhow!(e))?;
		let root = tensor_root(&tensor);
		fingerprint.update(root);
		worker.shared.blobs.put(&root, bytes.clone()).await.map_err(|e| anyhow::anyhow!(e))?;
		operands.push(worker.shared.blobs.path(&root));
		operand_roots.push(root);
	}
	let left = challenge.by.saturating_sub(now);
	tracing::info!(
		job_id = challenge.job,
		round = challenge.round,
		blocks = left,
		"proving capacity"
	);
	let task = Task {
		book: Book::Proofs,
		id: challenge.job,
		fingerprint: fingerprint.finalize().into(),
		client: [0; 32],
		code: challenge.code.clone(),
		operands,
		operand_roots,
		place: Place::Adapter,
		// A result after that proves nothing.
		limit: BLOCK_TIME.saturating_mul(left),
	};
	worker.compute(task).await
}
