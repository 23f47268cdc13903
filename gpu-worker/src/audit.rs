// SPDX-License-Identifier: Apache-2.0
//! Audits results of others: claims what it was drawn for, runs it again, binds itself to its own result, shows it, and
//! proves the worker's wrong if it differs.
//!
//! It follows the best head, since windows for claims are short. What it does next depends on the chain and on the journal
//! alone, as with its own jobs.

use crate::{
	exec::{ExecError, Place},
	journal::{Book, Entry, NOBODY},
	lottery::{Claim, Lottery},
	work::{Task, Worker, BLOCK_TIME, LEAST_LIMIT},
};
use blake2::{digest::consts::U32, Blake2b, Digest};
use calor_client::{
	calls,
	dispute::{Audit, AuditState, DisputeView},
	lottery::Lots,
	types::{BlockNumber, JobId},
	AccountId32, Error as ChainError, Inclusion, SubmitError, View, H256,
};
use calor_dispute::{examine, subject::standing, Challenge, Outcome, Phase, Subject};
use calor_tensor::Tensor;
use std::{
	collections::{BTreeSet, HashMap},
	path::PathBuf,
	sync::Arc,
	time::Instant,
};
use tokio::task::JoinSet;

/// Blocks until the next attempt after something that did not arrive.
const PAUSE: BlockNumber = 4;
/// Blocks until a challenge that failed begins anew.
const CHALLENGE_PAUSE: BlockNumber = 8;

/// The next step of an audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
	/// Nothing to do yet, or nothing any more.
	Wait,
	/// Fetch, run, journal, commit.
	Work,
	/// Commit to the journalled result.
	Commit,
	/// Show the journalled result.
	Reveal,
	/// The chain holds a commitment that the journal cannot open.
	Stray,
}

/// The next step of an audit, by what the chain has of it, the commitment in the journal, and how far the job is. A
/// transaction sent now is at best in block `now + 1`.
fn decide(audit: &AuditState, journalled: Option<H256>, phase: Phase, now: BlockNumber) -> Step {
	let next = now.saturating_add(1);
	match audit {
		AuditState::Claimed { by } if next > *by => Step::Wait,
		AuditState::Claimed { .. } if journalled.is_some() => Step::Commit,
		AuditState::Claimed { .. } => Step::Work,
		AuditState::Committed(hash) if journalled != Some(*hash) => Step::Stray,
		AuditState::Committed(_) => match phase {
			Phase::Committed { reveal_from } if next >= reveal_from => Step::Reveal,
			Phase::Revealed { settles_at } if next < settles_at => Step::Reveal,
			_ => Step::Wait,
		},
		AuditState::Shown(_) | AuditState::Agreed | AuditState::Disagreed => Step::Wait,
	}
}

/// What was last done about a job.
#[derive(Clone, Copy, Debug, Default)]
struct Track {
	/// Height of the commitment that is audited: another one is another audit.
	committed_at: BlockNumber,
	running: bool,
	/// Nothing is done before that height.
	held: BlockNumber,
}

/// A job and the height of the commitment to its result.
type Attempt = (JobId, BlockNumber);

/// What a task has done.
enum Done {
	/// It is in a block of that height, or to be tried again from there on.
	Until(BlockNumber),
	/// There is no use in trying again.
	Never,
}

/// The auditor.
pub struct Audits {
	worker: Arc<Worker>,
	lottery: Lottery,
	place: Place,
	tracks: HashMap<JobId, Track>,
	tasks: JoinSet<(JobId, Done)>,
	/// Claims by job and seed that are under way or decided, and until when.
	claims: HashMap<(JobId, H256), BlockNumber>,
	claiming: JoinSet<((JobId, H256), Done)>,
	/// Results that were compared with ours, by job and height of the commitment: not again before that height.
	compared: HashMap<Attempt, BlockNumber>,
	challenges: JoinSet<(Attempt, Result<Outcome, String>)>,
}

impl Audits {
	/// An auditor who has done nothing yet.
	pub fn new(worker: Arc<Worker>, lots: Lots, on_cpu: bool) -> Self {
		Self {
			lottery: Lottery::new(worker.clone(), lots),
			worker,
			place: if on_cpu { Place::Cpu } else { Place::Adapter },
			tracks: HashMap::new(),
			tasks: JoinSet::new(),
			claims: HashMap::new(),
			claiming: JoinSet::new(),
			compared: HashMap::new(),
			challenges: JoinSet::new(),
		}
	}

	/// Does what can be done at this block about results that are claimed or can be.
	///
	/// # Errors
	/// If the chain cannot be read.
	pub async fn look(
		&mut self,
		view: &View,
		disputes: &[(JobId, DisputeView)],
	) -> Result<(), ChainError> {
		let now = view.height();
		self.collect(now);
		for claim in self.lottery.look(view).await? {
			self.claim(claim, now);
		}
		self.claims.retain(|(job, _), _| self.lottery.knows(*job));
		let owner = self.worker.shared.owner;
		let mut ours = BTreeSet::new();
		for (job, dispute) in disputes {
			let audit = dispute.audits.iter().find(|audit| of(audit) == owner);
			if let Some(audit) = audit {
				ours.insert(*job);
				self.advance(view, (*job, dispute.committed_at), audit).await?;
			}
		}
		self.tracks.retain(|job, track| track.running || ours.contains(job));
		self.compared.retain(|(job, _), _| ours.contains(job));
		self.end_others(&ours, now);
		Ok(())
	}

	/// Takes note of what has ended.
	fn collect(&mut self, now: BlockNumber) {
		while let Some(done) = self.tasks.try_join_next() {
			match done {
				Ok((job, done)) => {
					let track = self.tracks.entry(job).or_default();
					track.running = false;
					track.held = until(&done);
				},
				Err(error) => {
					// A panic costs one audit; its number is lost with it, so all that run are looked at again.
					tracing::error!("an audit failed: {error}");
					self.tracks.values_mut().for_each(|track| track.running = false);
				},
			}
		}
		while let Some(done) = self.claiming.try_join_next() {
			if let Ok((key, done)) = done {
				self.claims.insert(key, until(&done));
			}
		}
		while let Some(done) = self.challenges.try_join_next() {
			match done {
				Ok(((job, _), Ok(outcome))) => tracing::info!(job_id = job, ?outcome, "challenged"),
				Ok((attempt, Err(error))) => {
					tracing::error!(
						job_id = attempt.0,
						"the challenge failed, and begins anew: {error}"
					);
					self.compared.insert(attempt, now.saturating_add(CHALLENGE_PAUSE));
				},
				Err(error) => {
					tracing::error!("a challenge failed: {error}");
					self.compared.clear();
				},
			}
		}
	}

	fn claim(&mut self, claim: Claim, now: BlockNumber) {
		let key = (claim.job, claim.seed);
		if self.claims.get(&key).is_some_and(|held| now < *held) {
			return;
		}
		self.claims.insert(key, BlockNumber::MAX);
		let (worker, place) = (self.worker.clone(), self.place);
		self.claiming.spawn(async move {
			let job = claim.job;
			match make_sure(&worker, &claim, place, now).await {
				Ok(()) => {},
				Err(ExecError::Unfit(why)) => {
					tracing::warn!(
						job_id = job,
						"the audit is not claimed, it cannot be run: {why}"
					);
					return (key, Done::Never);
				},
				Err(error) => {
					tracing::warn!(job_id = job, "the audit is not claimed for now: {error}");
					return (key, Done::Until(now.saturating_add(1)));
				},
			}
			let call = calls::claim_audit(job, &claim.lot);
			match worker.submitter.submit(&call, Inclusion::Best).await {
				Ok(included) => {
					tracing::info!(job_id = job, block = included.height, "audit claimed");
					(key, Done::Until(included.height))
				},
				Err(SubmitError::Refused { reason, .. }) => {
					tracing::warn!(job_id = job, "the audit cannot be claimed: {reason}");
					(key, Done::Never)
				},
				Err(error) => {
					tracing::warn!(job_id = job, "the claim of an audit: {error}");
					(key, Done::Until(now.saturating_add(PAUSE)))
				},
			}
		});
	}

	async fn advance(
		&mut self,
		view: &View,
		attempt: Attempt,
		audit: &Audit,
	) -> Result<(), ChainError> {
		let (job, committed_at) = attempt;
		let fresh = Track { committed_at, ..Track::default() };
		let track = self.tracks.get(&job).copied().unwrap_or(fresh);
		let track = if track.committed_at == committed_at || track.running { track } else { fresh };
		self.tracks.insert(job, track);
		let Some((phase, provider)) = standing(view, job).await? else { return Ok(()) };
		let entry = match self.worker.shared.journal.get(Book::Audits, job) {
			Ok(entry) => entry,
			Err(error) => {
				// Without it nothing may be signed.
				tracing::error!(job_id = job, "the journal cannot be read: {error:#}");
				return Ok(());
			},
		};
		if entry.as_ref().is_some_and(|entry| entry.ended.is_some()) {
			if let Err(error) = self.worker.shared.journal.revive(Book::Audits, job) {
				tracing::error!(job_id = job, "cannot write the journal: {error:#}");
			}
		}
		if let (Phase::Revealed { .. }, Some(entry)) = (phase, &entry) {
			self.compare(view, attempt, provider, entry).await?;
		}
		let now = view.height();
		if track.running || now < track.held {
			return Ok(());
		}
		let bound = AccountId32(<[u8; 32]>::from(audit.worker.clone()));
		let entry = entry.map(|entry| Entry { worker: bound.0, ..entry });
		let journalled =
			entry.as_ref().map(|entry| entry.commitment(&self.worker.shared.genesis, job));
		let step = decide(&audit.state, journalled, phase, now);
		match step {
			Step::Wait => return Ok(()),
			Step::Stray => {
				self.tracks.entry(job).or_default().held = BlockNumber::MAX;
				tracing::error!(
					job_id = job,
					"the chain holds an auditor's commitment that this journal cannot open: does another machine use \
					 this key, or was the data directory lost?"
				);
				return Ok(());
			},
			Step::Work | Step::Commit | Step::Reveal => {},
		}
		let by = match audit.state {
			AuditState::Claimed { by } => by,
			_ => now,
		};
		self.tracks.entry(job).or_default().running = true;
		let (worker, place) = (self.worker.clone(), self.place);
		self.tasks.spawn(async move {
			let done = match (step, entry) {
				(Step::Reveal, Some(entry)) => reveal(&worker, job, &entry, now).await,
				(_, Some(entry)) => commit(&worker, job, entry, now).await,
				(_, None) => work(&worker, job, bound, by, place, now).await,
			};
			(job, done)
		});
		Ok(())
	}

	/// Challenges the worker's result if it is not ours.
	async fn compare(
		&mut self,
		view: &View,
		attempt: Attempt,
		provider: Option<AccountId32>,
		entry: &Entry,
	) -> Result<(), ChainError> {
		let job = attempt.0;
		if self.compared.get(&attempt).is_some_and(|until| view.height() < *until) {
			return Ok(());
		}
		let subject = match Subject::load(view, job).await {
			Ok(Some(subject)) => subject,
			Ok(None) => return Ok(()),
			Err(calor_dispute::Error::Chain(error)) => return Err(error),
			Err(error) => {
				tracing::error!(job_id = job, "{error}");
				return Ok(());
			},
		};
		self.compared.insert(attempt, BlockNumber::MAX);
		if fingerprint(&subject) != entry.fingerprint || subject.output_roots == entry.output_roots
		{
			return Ok(());
		}
		let provider = provider.map(|provider| provider.to_string());
		tracing::warn!(job_id = job, ?provider, "the result differs from ours: challenging it");
		let worker = self.worker.clone();
		self.challenges.spawn(async move {
			(attempt, challenge(worker, subject).await.map_err(|error| format!("{error:#}")))
		});
		Ok(())
	}

	/// Notes that audits are over which the chain does not know any more.
	fn end_others(&self, ours: &BTreeSet<JobId>, now: BlockNumber) {
		let Ok(entries) = self.worker.shared.journal.all(Book::Audits) else { return };
		let running = |job: &JobId| self.tracks.get(job).is_some_and(|track| track.running);
		let ended = entries
			.iter()
			.filter(|(job, entry)| entry.ended.is_none() && !ours.contains(job) && !running(job));
		for (job, _) in ended {
			match self.worker.shared.journal.note(Book::Audits, *job, false, Some(now)) {
				Ok(()) => tracing::info!(job_id = job, "the audit is over"),
				Err(error) => tracing::error!(job_id = job, "cannot write the journal: {error:#}"),
			}
		}
	}
}

fn of(audit: &Audit) -> AccountId32 {
	AccountId32(<[u8; 32]>::from(audit.auditor.clone()))
}

fn until(done: &Done) -> BlockNumber {
	match done {
		Done::Until(height) => *height,
		Done::Never => BlockNumber::MAX,
	}
}

/// Tells what was audited from anything else of the same number.
fn fingerprint(subject: &Subject) -> [u8; 32] {
	let mut hash = Blake2b::<U32>::new();
	hash.update(subject.program.id());
	for operand in &subject.operands {
		hash.update(operand.root);
	}
	hash.finalize().into()
}

/// Makes sure that an audit can be run: a claim after which nothing comes costs a quarter of what stands behind it.
async fn make_sure(
	worker: &Worker,
	claim: &Claim,
	place: Place,
	now: BlockNumber,
) -> Result<(), ExecError> {
	let ready = async {
		let subject = subject(worker, claim.job).await?;
		fetch(worker, &subject).await?;
		if place == Place::Adapter {
			return worker.plan(subject.job, H256(subject.program.id()), &subject.code).await;
		}
		worker.cpu.plan(&subject.program).map_err(|error| ExecError::Unfit(error.to_string()))?;
		Ok(())
	};
	// One block is left for the claim itself.
	let blocks = claim.by.saturating_sub(now).saturating_sub(1).max(1);
	let left = BLOCK_TIME.saturating_mul(blocks);
	tokio::time::timeout(left, ready).await.map_err(|_| {
		anyhow::anyhow!(
			"what it takes was not there within {} s, and the window is over",
			left.as_secs()
		)
	})?
}

/// Fetches, runs, journals and commits. `bound` is the worker key that the chain has for this audit.
async fn work(
	worker: &Worker,
	job: JobId,
	bound: AccountId32,
	by: BlockNumber,
	place: Place,
	now: BlockNumber,
) -> Done {
	let later = Done::Until(now.saturating_add(PAUSE));
	let until = Instant::now() + BLOCK_TIME.saturating_mul(by.saturating_sub(now));
	let task = match prepare(worker, job, place, until).await {
		Ok(task) => task,
		Err(error) => {
			tracing::error!(job_id = job, "the audit cannot be run yet: {error:#}");
			return later;
		},
	};
	let computed = match worker.compute(task.clone()).await {
		Err(ExecError::Unfit(why) | ExecError::Full(why)) if place == Place::Adapter => {
			tracing::warn!(
				job_id = job,
				"this adapter cannot audit it: {why}; it runs on the CPU instead"
			);
			worker.compute(Task { place: Place::Cpu, ..task }).await
		},
		computed => computed,
	};
	match computed {
		Ok(entry) => commit(worker, job, Entry { worker: bound.0, ..entry }, now).await,
		Err(ExecError::Unfit(why)) => {
			tracing::error!(job_id = job, "neither the adapter nor the CPU can audit it: {why}");
			Done::Never
		},
		Err(error) => {
			tracing::error!(job_id = job, "no result of the audit: {error}");
			later
		},
	}
}

/// What is to be audited.
async fn subject(worker: &Worker, job: JobId) -> anyhow::Result<Subject> {
	let subject = Subject::load(&worker.chain.best().await?, job).await?;
	subject.ok_or_else(|| anyhow::anyhow!("the chain does not have its operands"))
}

/// Where the operands of a subject lie, fetched if need be.
async fn fetch(worker: &Worker, subject: &Subject) -> anyhow::Result<Vec<PathBuf>> {
	let mut operands = Vec::new();
	for operand in &subject.operands {
		operands.push(match &operand.bytes {
			Some(bytes) => {
				worker.shared.blobs.put(&operand.root, bytes.clone()).await?;
				worker.shared.blobs.path(&operand.root)
			},
			None => {
				let addresses = subject.addresses(operand);
				worker.shared.blobs.ensure_from(&operand.ty, operand.root, &addresses).await?
			},
		});
	}
	Ok(operands)
}

/// What is to be run, with its operands at hand.
async fn prepare(
	worker: &Worker,
	job: JobId,
	place: Place,
	until: Instant,
) -> anyhow::Result<Task> {
	let subject = subject(worker, job).await?;
	let operands = fetch(worker, &subject).await?;
	Ok(Task {
		book: Book::Audits,
		id: job,
		fingerprint: fingerprint(&subject),
		client: NOBODY,
		operand_roots: subject.operands.iter().map(|operand| operand.root).collect(),
		code: subject.code,
		operands,
		place,
		until,
		least: LEAST_LIMIT,
	})
}

async fn commit(worker: &Worker, job: JobId, entry: Entry, now: BlockNumber) -> Done {
	let hash = entry.commitment(&worker.shared.genesis, job);
	let sent = worker.submitter.submit(&calls::audit_commit(job, hash), Inclusion::Best).await;
	report(job, "audit committed", sent.map(|included| included.height), now)
}

async fn reveal(worker: &Worker, job: JobId, entry: &Entry, now: BlockNumber) -> Done {
	let roots = entry.output_roots.iter().map(|root| H256(*root)).collect();
	let call = calls::audit_reveal(job, entry.salt, roots);
	let sent = worker.submitter.submit(&call, Inclusion::Best).await;
	report(job, "audit revealed", sent.map(|included| included.height), now)
}

fn report(
	job: JobId,
	what: &str,
	sent: Result<BlockNumber, SubmitError>,
	now: BlockNumber,
) -> Done {
	match sent {
		Ok(height) => {
			tracing::info!(job_id = job, block = height, "{what}");
			Done::Until(height)
		},
		Err(error) => {
			tracing::warn!(job_id = job, "not {what}: {error}");
			Done::Until(match error {
				// The state at that height shows why.
				SubmitError::Refused { height, .. } => height.saturating_add(1),
				_ => now.saturating_add(PAUSE),
			})
		},
	}
}

/// Proves a result wrong, by a run of our own on the CPU.
async fn challenge(worker: Arc<Worker>, subject: Subject) -> anyhow::Result<Outcome> {
	let operands = load(&worker, &subject).await?;
	let (engine, checked) = (worker.cpu.clone(), subject.clone());
	let run =
		tokio::task::spawn_blocking(move || examine::run(&engine, &checked, operands)).await??;
	if run.output_roots() == subject.output_roots {
		tracing::error!(
			job_id = subject.job,
			adapter = worker.shared.adapter,
			"our own result was wrong, not the worker's: this adapter must not be used"
		);
	}
	let (chain, submitter) = (worker.chain.clone(), worker.submitter.clone());
	Ok(Challenge::new(chain, submitter, worker.cpu.clone(), subject, run).pursue().await?)
}

/// The operands of a subject, from the store if they are there.
///
/// # Errors
/// If one cannot be had.
pub async fn load(worker: &Worker, subject: &Subject) -> anyhow::Result<Vec<Tensor>> {
	let mut tensors = Vec::new();
	for operand in &subject.operands {
		let bytes = match &operand.bytes {
			Some(bytes) => bytes.clone(),
			None => {
				let addresses = subject.addresses(operand);
				let blobs = &worker.shared.blobs;
				let path = blobs.ensure_from(&operand.ty, operand.root, &addresses).await?;
				std::fs::read(path)?
			},
		};
		tensors.push(Tensor::from_bytes(operand.ty.clone(), &bytes)?);
	}
	Ok(tensors)
}

/// Enrols among the auditors or leaves them, if that is not so already.
///
/// # Errors
/// If the chain cannot be read, or refuses it.
pub async fn enrol(worker: &Worker, view: &View, on: bool) -> Result<(), SubmitError> {
	let enrolled = view.auditor(&worker.shared.owner).await?.is_some();
	if enrolled != on {
		let included = worker.submitter.submit(&calls::enrol(on), Inclusion::Best).await?;
		let what = if on { "enrolled as an auditor" } else { "no longer an auditor" };
		tracing::info!(block = included.height, "{what}");
	}
	Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;

	pub fn audit(owner: u8, state: AuditState) -> Audit {
		Audit { auditor: [owner; 32].into(), worker: [owner; 32].into(), earmark: 1, state }
	}

	pub fn dispute(audits: Vec<Audit>) -> DisputeView {
		DisputeView {
			committed_at: 10,
			seed: None,
			claims: (12, 16),
			audits,
			trace: None,
			demands: Vec::new(),
			trace_until: None,
			settles_by: None,
		}
	}

	const HASH: Option<H256> = Some(H256([7; 32]));
	const HIDDEN: Phase = Phase::Committed { reveal_from: 25 };
	const SHOWN: Phase = Phase::Revealed { settles_at: 40 };

	#[test]
	fn a_claim_is_worked_on_until_its_deadline_and_never_twice() {
		let claimed = AuditState::Claimed { by: 20 };
		assert_eq!(decide(&claimed, None, HIDDEN, 19), Step::Work);
		assert_eq!(decide(&claimed, HASH, HIDDEN, 19), Step::Commit, "what is journalled");
		for journalled in [None, HASH] {
			assert_eq!(decide(&claimed, journalled, HIDDEN, 20), Step::Wait);
		}
	}

	#[test]
	fn a_result_is_shown_once_the_worker_may_show_its_own() {
		let committed = AuditState::Committed(H256([7; 32]));
		assert_eq!(decide(&committed, HASH, HIDDEN, 23), Step::Wait);
		assert_eq!(decide(&committed, HASH, HIDDEN, 24), Step::Reveal);
		assert_eq!(decide(&committed, HASH, SHOWN, 38), Step::Reveal);
		assert_eq!(decide(&committed, HASH, SHOWN, 39), Step::Wait, "it settles");
		assert_eq!(decide(&committed, HASH, Phase::Settled, 24), Step::Wait);
		let shown = AuditState::Shown(H256([7; 32]));
		for state in [shown, AuditState::Agreed, AuditState::Disagreed] {
			assert_eq!(decide(&state, HASH, SHOWN, 30), Step::Wait);
		}
	}

	#[test]
	fn a_commitment_that_is_not_the_journals_is_never_shown() {
		let committed = AuditState::Committed(H256([8; 32]));
		assert_eq!(decide(&committed, HASH, SHOWN, 30), Step::Stray);
		assert_eq!(decide(&committed, None, SHOWN, 30), Step::Stray);
	}
}
