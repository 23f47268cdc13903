// SPDX-License-Identifier: Apache-2.0
//! Answers what is asked about this worker's results.
//!
//! Questions are about what was computed on the way, which nobody keeps: the program is run again on the CPU, without
//! fusion, once a job. Silence would cost all stake behind it, so answers go out as soon as a best block has the question, and
//! many of them without waiting for one another.

use crate::{audit::load, work::Worker};
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

/// Answers questions.
pub struct Answers {
	worker: Arc<Worker>,
	runs: Arc<Runs>,
	busy: BTreeSet<JobId>,
	/// Nothing is done about a job before that height.
	held: HashMap<JobId, BlockNumber>,
	tasks: JoinSet<(JobId, BlockNumber)>,
}

impl Answers {
	/// Has answered nothing yet.
	pub fn new(worker: Arc<Worker>) -> Self {
		Self {
			worker,
			runs: Arc::default(),
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
				Ok((job, held)) => {
					self.busy.remove(&job);
					self.held.insert(job, held);
				},
				Err(error) => {
					// Its number is lost with it, so all are looked at again.
					tracing::error!("answers failed: {error}");
					self.busy.clear();
				},
			}
		}
		let known: BTreeSet<JobId> = disputes.iter().map(|(job, _)| *job).collect();
		self.held.retain(|job, _| known.contains(job));
		self.runs.retain(&known).await;
		for (job, dispute) in disputes {
			let questions = open_questions(dispute, now);
			let held = self.held.get(job).is_some_and(|held| now < *held);
			if questions.is_empty() || held || self.busy.contains(job) {
				continue;
			}
			let standing = standing(view, *job).await?;
			let owner = Some(self.worker.shared.owner);
			if !matches!(standing, Some((Phase::Revealed { .. }, provider)) if provider == owner) {
				continue;
			}
			self.busy.insert(*job);
			let (job, worker, runs) = (*job, self.worker.clone(), self.runs.clone());
			self.tasks
				.spawn(async move { (job, answer(&worker, &runs, job, questions, now).await) });
		}
		Ok(())
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

/// Answers questions; gives the height before which nothing else is to be done about the job.
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
