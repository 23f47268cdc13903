// SPDX-License-Identifier: Apache-2.0
//! Answers what is asked about this worker's results.
//!
//! What was computed on the way nobody keeps: for questions about it the program is run again on the CPU, without fusion,
//! once a job. The chain gives time for that to the question for the trace alone, so what is asked about operands and outputs
//! is answered from their blobs and waits for no run. Silence would cost all stake behind the job, so answers go out as soon
//! as a best block has the question, and many of them without waiting for one another.

use crate::{
	audit::load,
	stored::{kept, Leaves},
	work::Worker,
};
use calor_client::{
	calls,
	dispute::{Answer, DisputeView, Question},
	types::{BlockNumber, JobId},
	Error as ChainError, Inclusion, SubmitError, View,
};
use calor_dispute::{examine, subject::standing, Phase, Subject};
use calor_verify::Run;
use codec::Encode as _;
use std::{
	collections::{BTreeSet, HashMap},
	future::Future,
	sync::Arc,
};
use tokio::{
	sync::{Mutex, OnceCell},
	task::JoinSet,
};

/// Most bytes of the answers that are on their way at a time: less than a block holds.
const MAX_BYTES: usize = 2 << 20;
/// Most answers that are on their way at a time.
const MAX_ANSWERS: usize = 32;
/// Blocks until the next attempt after something that did not arrive.
const PAUSE: BlockNumber = 3;

/// Runs of jobs that are asked about, each computed once.
#[derive(Default)]
pub struct Runs(Mutex<HashMap<JobId, Arc<OnceCell<Arc<Run>>>>>);

impl Runs {
	async fn get(&self, worker: &Worker, job: JobId) -> anyhow::Result<Arc<Run>> {
		let cell = self.0.lock().await.entry(job).or_default().clone();
		cell.get_or_try_init(|| compute(worker, job)).await.cloned()
	}

	async fn retain(&self, jobs: &BTreeSet<JobId>) {
		self.0.lock().await.retain(|job, _| jobs.contains(job));
	}
}

async fn compute(worker: &Worker, job: JobId) -> anyhow::Result<Arc<Run>> {
	let subject = Subject::load(&worker.chain.best().await?, job).await?;
	let subject = subject.ok_or_else(|| anyhow::anyhow!("the chain does not have its operands"))?;
	let operands = load(worker, &subject).await?;
	let (engine, started) = (worker.cpu.clone(), std::time::Instant::now());
	let roots = subject.output_roots.clone();
	let run =
		tokio::task::spawn_blocking(move || examine::run(&engine, &subject, operands)).await??;
	let millis = started.elapsed().as_millis() as u64;
	tracing::info!(job_id = job, millis, "run again, to answer questions");
	if run.output_roots() != roots {
		tracing::error!(
			job_id = job,
			adapter = worker.shared.adapter,
			"the revealed result is wrong: this adapter must not be used"
		);
	}
	Ok(Arc::new(run))
}

/// What answers come from. Neither waits for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Source {
	/// Blobs of operands and outputs.
	Store,
	/// Another run of the program.
	Run,
}

/// What one task answers.
type Lane = (JobId, Source);

/// Answers questions.
pub struct Answers {
	worker: Arc<Worker>,
	runs: Arc<Runs>,
	leaves: Arc<Leaves>,
	/// What is asked about, with the height of its commitment: another one is another result.
	subjects: HashMap<JobId, (BlockNumber, Arc<Subject>)>,
	/// What the store should have answered and could not.
	lacking: BTreeSet<(JobId, Question)>,
	busy: BTreeSet<Lane>,
	/// Nothing is done before that height.
	held: HashMap<Lane, BlockNumber>,
	tasks: JoinSet<(Lane, BlockNumber, Vec<Question>)>,
}

impl Answers {
	/// Has answered nothing yet.
	pub fn new(worker: Arc<Worker>) -> Self {
		Self {
			worker,
			runs: Arc::default(),
			leaves: Arc::default(),
			subjects: HashMap::new(),
			lacking: BTreeSet::new(),
			busy: BTreeSet::new(),
			held: HashMap::new(),
			tasks: JoinSet::new(),
		}
	}

	/// Answers what is open at this block.
	///
	/// # Errors
	/// If the chain cannot be read.
	pub async fn look(
		&mut self,
		view: &View,
		disputes: &[(JobId, DisputeView)],
	) -> Result<(), ChainError> {
		let now = view.height();
		while let Some(done) = self.tasks.try_join_next() {
			match done {
				Ok((lane, held, lacking)) => {
					self.busy.remove(&lane);
					self.held.insert(lane, held);
					self.lacking.extend(lacking.into_iter().map(|question| (lane.0, question)));
				},
				Err(error) => {
					// Its number is lost with it, so all are looked at again.
					tracing::error!("answers failed: {error}");
					self.busy.clear();
				},
			}
		}
		self.forget(disputes).await;
		for (job, dispute) in disputes {
			let questions = open_questions(dispute, now);
			if questions.is_empty() {
				continue;
			}
			let standing = standing(view, *job).await?;
			let owner = Some(self.worker.shared.owner);
			if !matches!(standing, Some((Phase::Revealed { .. }, provider)) if provider == owner) {
				continue;
			}
			let subject = self.subject(view, *job, dispute.committed_at).await?;
			let is_kept = |question: &Question| {
				let stored = subject.as_ref().and_then(|subject| kept(subject, *question));
				stored.is_some() && !self.lacking.contains(&(*job, *question))
			};
			let (stored, others): (Vec<_>, Vec<_>) = questions.into_iter().partition(is_kept);
			if let Some(subject) = subject {
				let (worker, leaves) = (self.worker.clone(), self.leaves.clone());
				self.spawn((*job, Source::Store), stored, now, |questions| async move {
					let (answers, lacking) = leaves.answer_all(&worker, &subject, &questions).await;
					(send(&worker, subject.job, answers, now).await, lacking)
				});
			}
			let (job, worker, runs) = (*job, self.worker.clone(), self.runs.clone());
			self.spawn((job, Source::Run), others, now, |questions| async move {
				(answer(&worker, &runs, job, questions, now).await, Vec::new())
			});
		}
		Ok(())
	}

	/// Forgets what is no longer in dispute.
	async fn forget(&mut self, disputes: &[(JobId, DisputeView)]) {
		let known: BTreeSet<JobId> = disputes.iter().map(|(job, _)| *job).collect();
		self.held.retain(|(job, _), _| known.contains(job));
		self.subjects.retain(|job, _| known.contains(job));
		self.lacking.retain(|(job, _)| known.contains(job));
		self.runs.retain(&known).await;
		let subjects = self.subjects.values().map(|(_, subject)| subject);
		let roots = subjects.flat_map(|subject| {
			let operands = subject.operands.iter().map(|operand| operand.root);
			operands.chain(subject.output_roots.iter().copied())
		});
		self.leaves.retain(&roots.collect()).await;
	}

	/// What is asked about; `None` if the chain does not have all of it, which a run would not change.
	async fn subject(
		&mut self,
		view: &View,
		job: JobId,
		committed_at: BlockNumber,
	) -> Result<Option<Arc<Subject>>, ChainError> {
		let known = self.subjects.get(&job).filter(|(at, _)| *at == committed_at);
		if let Some((_, subject)) = known {
			return Ok(Some(subject.clone()));
		}
		let subject = match Subject::load(view, job).await {
			Ok(Some(subject)) => Arc::new(subject),
			Ok(None) => return Ok(None),
			Err(calor_dispute::Error::Chain(error)) => return Err(error),
			Err(error) => {
				tracing::error!(job_id = job, "{error}");
				return Ok(None);
			},
		};
		self.subjects.insert(job, (committed_at, subject.clone()));
		Ok(Some(subject))
	}

	/// Answers some questions, unless others of the kind are being answered.
	fn spawn<F: Future<Output = (BlockNumber, Vec<Question>)> + Send + 'static>(
		&mut self,
		lane: Lane,
		questions: Vec<Question>,
		now: BlockNumber,
		task: impl FnOnce(Vec<Question>) -> F,
	) {
		let held = self.held.get(&lane).is_some_and(|held| now < *held);
		if questions.is_empty() || held || self.busy.contains(&lane) {
			return;
		}
		self.busy.insert(lane);
		let task = task(questions);
		self.tasks.spawn(async move {
			let (held, lacking) = task.await;
			(lane, held, lacking)
		});
	}
}

/// Questions that can still be answered by a transaction that is at best in block `now + 1`, the most urgent first.
fn open_questions(dispute: &DisputeView, now: BlockNumber) -> Vec<Question> {
	let open = dispute
		.demands
		.iter()
		.filter(|(_, demand)| demand.answered.is_none() && now < demand.by_height);
	let mut open: Vec<_> = open.map(|(question, demand)| (demand.by_height, *question)).collect();
	open.sort_unstable();
	open.into_iter().map(|(_, question)| question).collect()
}

/// Answers questions from a run; gives the height before which no other of the job are answered so.
async fn answer(
	worker: &Worker,
	runs: &Runs,
	job: JobId,
	questions: Vec<Question>,
	now: BlockNumber,
) -> BlockNumber {
	let run = match runs.get(worker, job).await {
		Ok(run) => run,
		Err(error) => {
			tracing::error!(job_id = job, "cannot run it again to answer questions: {error:#}");
			return now.saturating_add(PAUSE);
		},
	};
	let mut answers = Vec::new();
	for question in questions {
		match run.answer(question) {
			Ok(answer) => answers.push((question, answer)),
			Err(error) => tracing::error!(job_id = job, "{error}"),
		}
	}
	send(worker, job, answers, now).await
}

/// Sends answers; gives the height before which nothing shows how they fared.
async fn send(
	worker: &Worker,
	job: JobId,
	answers: Vec<(Question, Answer)>,
	now: BlockNumber,
) -> BlockNumber {
	let mut held = now;
	for batch in batches(answers) {
		let calls: Vec<_> = batch
			.into_iter()
			.map(|(question, answer)| calls::answer(job, question, answer))
			.collect();
		for sent in worker.submitter.submit_all(&calls, Inclusion::Best).await {
			held = held.max(match sent {
				Ok(included) => {
					tracing::info!(job_id = job, block = included.height, "answered");
					included.height
				},
				// Somebody else may have answered; the state at that height shows why.
				Err(SubmitError::Refused { reason, height }) => {
					tracing::warn!(job_id = job, "an answer was refused: {reason}");
					height
				},
				Err(error) => {
					tracing::warn!(job_id = job, "an answer: {error}");
					now.saturating_add(PAUSE)
				},
			});
		}
	}
	held
}

/// Answers as they go out together, in order.
fn batches(answers: Vec<(Question, Answer)>) -> Vec<Vec<(Question, Answer)>> {
	let mut batches: Vec<Vec<(Question, Answer)>> = Vec::new();
	let mut bytes = 0usize;
	for answer in answers {
		let size = answer.encoded_size();
		bytes = bytes.saturating_add(size);
		match batches.last_mut() {
			Some(batch) if bytes <= MAX_BYTES && batch.len() < MAX_ANSWERS => batch.push(answer),
			_ => {
				bytes = size;
				batches.push(vec![answer]);
			},
		}
	}
	batches
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::audit::tests::dispute;
	use calor_client::{dispute::Demand, H256};

	fn demand(by_height: BlockNumber, answered: Option<BlockNumber>) -> Demand {
		Demand { by: [1; 32].into(), expected: H256::zero(), deposit: 1, by_height, answered }
	}

	#[test]
	fn open_questions_are_answered_by_urgency_while_a_block_can_hold_it() {
		let upper = |op| Question::Upper { op };
		let demands = vec![
			(upper(1), demand(30, None)),
			(Question::Trace, demand(22, None)),
			(upper(2), demand(25, Some(21))),
			(upper(3), demand(20, None)),
		];
		let dispute = DisputeView { demands, ..dispute(Vec::new()) };
		assert_eq!(open_questions(&dispute, 20), [Question::Trace, upper(1)]);
		assert_eq!(open_questions(&dispute, 19), [upper(3), Question::Trace, upper(1)]);
		assert_eq!(open_questions(&dispute, 30), []);
	}

	#[test]
	fn only_so_many_answers_and_bytes_go_out_together() {
		let hashes = |n: usize| Answer::Hashes(vec![H256([1; 32]); n].try_into().unwrap());
		let of = |sizes: &[usize]| {
			let answers = sizes.iter().map(|n| (Question::Trace, hashes(*n))).collect();
			batches(answers).iter().map(Vec::len).collect::<Vec<_>>()
		};
		assert_eq!(of(&[]), Vec::<usize>::new());
		assert_eq!(of(&[1; 70]), [32, 32, 6]);
		assert_eq!(of(&[4_096; 17]), [15, 2], "of 128 KiB each");
	}
}
