// SPDX-License-Identifier: Apache-2.0
//! Proves this worker's own capacity when the chain asks for it: like a job, but without a client, and on the clock.

use crate::{
	exec::{ExecError, Place},
	journal::{Book, Entry, NOBODY},
	step::{decide, Action, Facts},
	work::{Done, Task, Worker, BLOCK_TIME},
};
use blake2::{digest::consts::U32, Blake2b, Digest};
use calor_client::{
	types::{BlockNumber, JobId, JobState},
	verification::ProofStanding,
	Error as ChainError, View, CAPACITY_JOBS, H256,
};
use calor_primitives::runtime_api::CapacityChallenge;
use calor_tensor::{tensor_root, Tensor, Validated};
use std::{
	collections::{BTreeSet, HashMap},
	sync::Arc,
	time::{Duration, Instant},
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
	/// The chain asks for nothing new before that height.
	quiet_until: BlockNumber,
}

impl Proofs {
	/// Has proved nothing yet.
	pub fn new(worker: Arc<Worker>) -> Self {
		Self {
			worker,
			busy: BTreeSet::new(),
			held: HashMap::new(),
			tasks: JoinSet::new(),
			quiet_until: 0,
		}
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
		// What it asks for may be megabytes: not while it is being done, or done.
		let mut called = None;
		if self.busy.is_empty() && view.height() >= self.quiet_until {
			if let Some(challenge) = view.challenge(&owner).await? {
				let (job, by) = (challenge.job, challenge.by);
				called = Some(job);
				if challenge.committed {
					self.quiet_until = by.saturating_add(1);
				} else {
					let provider = owner;
					let running =
						JobState::Running { provider, since: 0, deliver_by: by, late_by: by };
					self.advance(view, job, &running, None, Some(challenge));
				}
			}
		}
		let mut known: BTreeSet<JobId> =
			ours.iter().copied().filter(|id| *id >= CAPACITY_JOBS).collect();
		let Ok(entries) = self.worker.shared.journal.all(Book::Proofs) else { return Ok(()) };
		known.extend(entries.iter().filter(|(_, e)| e.ended.is_none()).map(|(id, _)| *id));
		for job in known {
			match view.proof_standing(job).await? {
				Some(found) if found.provider == owner => {
					if let Some(state) = state(&found) {
						self.advance(view, job, &state, found.commitment, None);
					}
				},
				// Another's, which we audit.
				Some(_) => {},
				None if called == Some(job) || self.busy.contains(&job) => {},
				None => self.end(job, view.height()),
			}
		}
		self.held.retain(|_, held| held.saturating_add(64) > view.height());
		Ok(())
	}

	fn end(&self, job: JobId, now: BlockNumber) {
		if matches!(self.worker.shared.journal.get(Book::Proofs, job), Ok(Some(_))) {
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
		on_chain: Option<H256>,
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
		let same =
			|entry: &Entry| challenge.as_ref().is_none_or(|c| entry.fingerprint == fingerprint(c));
		let entry = entry.filter(same);
		if entry.as_ref().is_some_and(|entry| entry.ended.is_some()) {
			if let Err(error) = self.worker.shared.journal.revive(Book::Proofs, job) {
				tracing::error!(job_id = job, "cannot write the journal: {error:#}");
			}
		}
		let genesis = &self.worker.shared.genesis;
		let journalled = entry.as_ref().map(|entry| entry.commitment(genesis, job));
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
fn state(found: &ProofStanding) -> Option<JobState> {
	let provider = found.provider;
	match (found.settles_at, found.reveal) {
		(Some(settles_at), _) => Some(JobState::Revealed { provider, settles_at }),
		(None, Some((reveal_from, reveal_by))) => {
			Some(JobState::Committed { provider, reveal_from, reveal_by })
		},
		(None, None) => None,
	}
}

/// Tells one challenge from another of the same number.
fn fingerprint(challenge: &CapacityChallenge) -> [u8; 32] {
	let mut hash = Blake2b::<U32>::new();
	hash.update(&challenge.code);
	for operand in &challenge.operands {
		hash.update(operand);
	}
	hash.finalize().into()
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
	let left = challenge.by.saturating_sub(now);
	let until = Instant::now() + BLOCK_TIME.saturating_mul(left);
	let program = Validated::from_bytes(&challenge.code).map_err(|e| anyhow::anyhow!("{e}"))?;
	let (mut operands, mut operand_roots) = (Vec::new(), Vec::new());
	let types = program.program().inputs.iter().chain(&program.program().constants);
	for (ty, bytes) in types.zip(&challenge.operands) {
		let tensor = Tensor::from_bytes(ty.clone(), bytes).map_err(|e| anyhow::anyhow!(e))?;
		let root = tensor_root(&tensor);
		worker.shared.blobs.put(&root, bytes.clone()).await.map_err(|e| anyhow::anyhow!(e))?;
		operands.push(worker.shared.blobs.path(&root));
		operand_roots.push(root);
	}
	tracing::info!(
		job_id = challenge.job,
		round = challenge.round,
		blocks = left,
		"proving capacity"
	);
	let task = Task {
		book: Book::Proofs,
		id: challenge.job,
		fingerprint: fingerprint(challenge),
		client: NOBODY,
		code: challenge.code.clone(),
		operands,
		operand_roots,
		place: Place::Adapter,
		// A result after that proves nothing.
		until,
		least: Duration::ZERO,
	};
	worker.compute(task).await
}

#[cfg(test)]
mod tests {
	use super::*;
	use calor_client::AccountId32;

	#[test]
	fn a_proof_is_shown_and_ends_as_a_job_does() {
		let owner = AccountId32([1; 32]);
		let hash = Some(H256([7; 32]));
		let at = |reveal, settles_at, journalled, now| {
			let found = ProofStanding { provider: owner, commitment: hash, reveal, settles_at };
			let state = state(&found).unwrap();
			decide(Facts { state: &state, on_chain: hash, journalled, owner: &owner, now })
		};
		assert_eq!(at(Some((20, 30)), None, hash, 18), Action::Wait);
		assert_eq!(at(Some((20, 30)), None, hash, 19), Action::Reveal);
		assert_eq!(at(Some((20, 30)), None, None, 19), Action::Stray);
		assert_eq!(at(None, Some(40), hash, 25), Action::Publish);
	}

	#[test]
	fn a_challenge_is_known_by_what_it_asks_for() {
		let challenge = |operand: u8| CapacityChallenge {
			round: 1,
			job: CAPACITY_JOBS,
			code: vec![1, 2],
			operands: vec![vec![operand]],
			mac_per_second: 1,
			by: 9,
			committed: false,
		};
		assert_eq!(fingerprint(&challenge(1)), fingerprint(&challenge(1)));
		assert_ne!(fingerprint(&challenge(1)), fingerprint(&challenge(2)));
	}
}
