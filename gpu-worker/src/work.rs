// SPDX-License-Identifier: Apache-2.0
//! Carries out one step of one job: accept, fetch, run, journal, commit, reveal, decline.

use crate::{
	blobs::BlobError,
	exec::{ExecError, Place, Runner},
	journal::{fingerprint, Book, Entry},
	keys,
	serve::Shared,
	step::Action,
};
use calor_client::{
	runtime,
	types::{BlockNumber, BoundedVec, InputFault, JobState, JobView},
	Chain, Inclusion, SubmitError, Submitter, H256,
};
use std::{
	collections::HashSet,
	path::PathBuf,
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::sync::Mutex;

/// Longest time to find out whether a program fits; the window for acceptance is short.
const PLAN_TIMEOUT: Duration = Duration::from_secs(20);
/// Block time of the chain: to tell when a result would come too late.
pub const BLOCK_TIME: Duration = Duration::from_secs(2);
/// A job may compute for so long whatever its deadline says.
pub const LEAST_LIMIT: Duration = Duration::from_secs(30);

/// Longest wait for what the chain's windows are.
const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// Fewest and most blocks that are left for giving a job back when the time for its inputs is over.
const DECLINE_BLOCKS: (BlockNumber, BlockNumber) = (2, 20);

/// How a step ended.
#[derive(Clone, Copy, Debug)]
pub enum Done {
	/// That step is in a block of that height.
	Included(Action, u32),
	/// Look at the job again after a while.
	Later(Action),
	/// There is no use in trying again.
	Never(Action),
}

/// What is to be run, and as whom.
#[derive(Clone)]
pub struct Task {
	/// As whom.
	pub book: Book,
	/// Number of the job.
	pub id: u64,
	/// What the job is.
	pub fingerprint: [u8; 32],
	/// The account that may fetch before the reveal, or [`NOBODY`](crate::journal::NOBODY).
	pub client: [u8; 32],
	/// The program, SCALE-encoded.
	pub code: Vec<u8>,
	/// Where inputs, then constants lie.
	pub operands: Vec<PathBuf>,
	/// Their roots.
	pub operand_roots: Vec<[u8; 32]>,
	/// Where it runs.
	pub place: Place,
	/// When a result is of no use any more.
	pub until: Instant,
	/// It may take that long all the same, if the worker's own limit is not shorter.
	pub least: Duration,
}

/// Everything that a step needs.
pub struct Worker {
	/// What the server knows too.
	pub shared: Arc<Shared>,
	/// The chain.
	pub chain: Arc<Chain>,
	/// The one hand that signs.
	pub submitter: Arc<Submitter>,
	/// The engine.
	pub runner: Runner,
	/// Longest time that a job may compute.
	pub job_limit: Duration,
	/// One job at a time on the adapter.
	pub gpu: Mutex<()>,
	/// One audit at a time on the CPU.
	pub cores: Mutex<()>,
	/// For what is computed on the CPU within this process: traces and challenges.
	pub cpu: Arc<calor_cpu::Engine>,
	/// Programs that are known to fit the adapter.
	pub fits: Mutex<HashSet<H256>>,
}

impl Worker {
	/// Does a step, and those after it that need no finality in between.
	pub async fn perform(&self, job: JobView, action: Action, entry: Option<Entry>) -> Done {
		match (action, entry) {
			(Action::Accept, entry) => self.accept(job, entry).await,
			(Action::Work, None) => {
				let deliver_by = deliver_by(&job);
				self.work(job, deliver_by).await
			},
			(Action::Commit, Some(entry)) => self.commit(job.id, entry, deliver_by(&job)).await,
			(Action::Reveal, Some(entry)) => self.reveal(job.id, &entry).await,
			_ => Done::Never(action),
		}
	}

	async fn accept(&self, job: JobView, entry: Option<Entry>) -> Done {
		let id = job.id;
		match self.check_fit(&job).await {
			Ok(()) => {},
			Err(ExecError::Unfit(why)) => {
				tracing::error!(job_id = id, "not accepted, this adapter cannot run it: {why}");
				return Done::Never(Action::Accept);
			},
			Err(error) => {
				tracing::warn!(job_id = id, "cannot plan the program: {error}");
				return Done::Later(Action::Accept);
			},
		}
		let call = runtime::tx().jobs().accept(id);
		let included = match self.submitter.submit(&call, Inclusion::Best).await {
			Ok(included) => included,
			Err(error) => return failed(id, Action::Accept, &error),
		};
		tracing::info!(job_id = id, block = included.height, "accepted");
		let deliver_by = included.height.saturating_add(job.record.deliver_within);
		match entry {
			Some(entry) => self.commit(id, entry, deliver_by).await,
			None => self.work(job, deliver_by).await,
		}
	}

	/// Makes sure that a job's program fits the adapter.
	async fn check_fit(&self, job: &JobView) -> Result<(), ExecError> {
		let program = job.record.program;
		if self.fits.lock().await.contains(&program) {
			return Ok(());
		}
		let code = self.program(job).await?;
		self.plan(job.id, program, &code).await
	}

	/// Makes sure that a program fits the adapter.
	///
	/// # Errors
	/// [`ExecError::Unfit`] if it does not; [`ExecError::Full`] if something else runs there now, and perhaps has the memory
	/// that is short.
	pub async fn plan(&self, id: u64, program: H256, code: &[u8]) -> Result<(), ExecError> {
		if self.fits.lock().await.contains(&program) {
			return Ok(());
		}
		// Windows for acceptance and claims are short, so nothing is waited for.
		let turn = self.gpu.try_lock();
		match self.runner.plan(id, code, PLAN_TIMEOUT).await {
			// What did not fit is asked again: others than this worker may use the adapter too.
			Ok(()) => {
				self.fits.lock().await.insert(program);
				Ok(())
			},
			Err(ExecError::Full(why)) if turn.is_ok() => Err(ExecError::Unfit(why)),
			Err(error) => Err(error),
		}
	}

	async fn program(&self, job: &JobView) -> anyhow::Result<Vec<u8>> {
		let code = self.chain.finalised().await?.program(job.record.program).await?;
		code.ok_or_else(|| anyhow::anyhow!("the chain does not have the program of job {}", job.id))
	}

	/// Fetches, runs, journals and commits.
	async fn work(&self, job: JobView, deliver_by: BlockNumber) -> Done {
		let id = job.id;
		if job.inputs.is_empty() && !job.record.parents.0.is_empty() {
			let why = "the chain does not know an output that it takes";
			return self.decline(id, InputFault::Missing, why).await;
		}
		let operand_roots: Vec<_> =
			job.inputs.iter().chain(&job.constants).map(|tensor| tensor.root.0).collect();
		self.shared.take(id, operand_roots.clone());
		let limit = match self.time_to_fetch(&job, deliver_by).await {
			Ok(limit) => limit,
			Err(error) => {
				tracing::error!(job_id = id, "until when its inputs must be there: {error:#}");
				return Done::Later(Action::Work);
			},
		};
		let operands = match self.fetch(&job, limit).await {
			Ok(operands) => operands,
			Err(BlobError::Input { fault, why }) => return self.decline(id, fault, &why).await,
			Err(error) => {
				tracing::error!(job_id = id, "{error}");
				return Done::Later(Action::Work);
			},
		};
		// Twice the time until its deadline: a result after that is of no use to anybody.
		let deadline = BLOCK_TIME.saturating_mul(job.record.deliver_within.saturating_mul(2));
		let code = match self.program(&job).await {
			Ok(code) => code,
			Err(error) => {
				tracing::error!(job_id = id, "no program: {error:#}");
				return Done::Later(Action::Work);
			},
		};
		let task = Task {
			book: Book::Jobs,
			id,
			fingerprint: fingerprint(&job),
			client: job.record.client.0,
			code,
			operands,
			operand_roots,
			place: Place::Adapter,
			until: Instant::now() + deadline,
			least: LEAST_LIMIT,
		};
		let computed = self.compute(task).await;
		match computed {
			Ok(entry) => {
				self.shared.take(id, Vec::new());
				self.commit(id, entry, deliver_by).await
			},
			Err(ExecError::Unfit(why)) => {
				tracing::error!(job_id = id, "this adapter cannot run it: {why}");
				Done::Never(Action::Work)
			},
			Err(error) => {
				tracing::error!(job_id = id, "no result: {error}");
				Done::Later(Action::Work)
			},
		}
	}

	/// Longest time for fetching all that a job takes.
	async fn time_to_fetch(
		&self,
		job: &JobView,
		deliver_by: BlockNumber,
	) -> anyhow::Result<Option<Duration>> {
		let view = self.chain.best().await?;
		let storage = view.at().storage();
		let windows = storage.fetch(runtime::storage().jobs().current_windows(), ());
		let windows = tokio::time::timeout(READ_TIMEOUT, windows).await??.decode()?;
		let since = deliver_by.saturating_sub(job.record.deliver_within);
		Ok(time_to_fetch(since, windows.deliver, view.height()))
	}

	/// Fetches inputs, then constants, all of them within that time.
	async fn fetch(
		&self,
		job: &JobView,
		limit: Option<Duration>,
	) -> Result<Vec<PathBuf>, BlobError> {
		let all = async {
			let mut operands = Vec::new();
			for tensor in job.inputs.iter().chain(&job.constants) {
				operands.push(self.shared.blobs.ensure(tensor).await?);
			}
			Ok::<_, BlobError>(operands)
		};
		let Some(limit) = limit else { return all.await };
		tokio::time::timeout(limit, all).await.unwrap_or_else(|_| {
			let why = format!(
				"its addresses did not give all that it takes within {} s, and later it cannot be declined",
				limit.as_secs()
			);
			Err(BlobError::Input { fault: InputFault::Missing, why })
		})
	}

	/// Gives a job back whose input cannot be used.
	async fn decline(&self, id: u64, fault: InputFault, why: &str) -> Done {
		tracing::warn!(job_id = id, ?fault, "cannot use an input: {why}");
		self.shared.take(id, Vec::new());
		let call = runtime::tx().jobs().decline(id, fault);
		match self.submitter.submit(&call, Inclusion::Best).await {
			Ok(included) => {
				tracing::info!(job_id = id, block = included.height, "declined");
				Done::Included(Action::Commit, included.height)
			},
			Err(error) => failed(id, Action::Work, &error),
		}
	}

	/// Runs a program and binds to its result on disk.
	///
	/// # Errors
	/// [`ExecError`].
	pub async fn compute(&self, task: Task) -> Result<Entry, ExecError> {
		let turn = match task.place {
			Place::Adapter => self.gpu.lock().await,
			Place::Cpu => self.cores.lock().await,
		};
		let started = Instant::now();
		// Only now, since it may have waited long for its turn.
		let left = task.until.saturating_duration_since(started).max(task.least);
		let limit = left.min(self.job_limit);
		let outputs =
			self.runner.run(task.place, task.id, &task.code, task.operands, limit).await?;
		drop(turn);
		let millis = started.elapsed().as_millis() as u64;
		tracing::info!(job_id = task.id, millis, "computed");
		let mut salt = [0; 32];
		keys::fill_random(&mut salt).map_err(|e| anyhow::anyhow!(e))?;
		let entry = Entry {
			fingerprint: task.fingerprint,
			client: task.client,
			salt,
			worker: self.shared.worker.0,
			output_roots: outputs.iter().map(|output| output.root).collect(),
			operand_roots: task.operand_roots,
			public: false,
			ended: None,
		};
		// First the blobs, so that an entry never promises what is not there. What was audited is another's to serve.
		if task.book != Book::Audits {
			for output in outputs {
				let put = self.shared.blobs.put(&output.root, output.bytes).await;
				put.map_err(|e| anyhow::anyhow!(e))?;
			}
		}
		Ok(self.shared.journal.write_once(task.book, task.id, entry)?)
	}

	/// Binds to a journalled result on chain.
	pub async fn commit(&self, id: u64, entry: Entry, deliver_by: BlockNumber) -> Done {
		// After a rotation: the chain has no commitment of the former key, and takes none from it any more.
		let journal = &self.shared.journal;
		let entry = match journal.rebind(Book::of_own(id), id, entry, self.shared.worker.0) {
			Ok(entry) => entry,
			Err(error) => {
				tracing::error!(job_id = id, "cannot write the journal: {error:#}");
				return Done::Later(Action::Commit);
			},
		};
		let hash = entry.commitment(&self.shared.genesis, id);
		let call = runtime::tx().verification().commit(id, hash);
		match self.submitter.submit(&call, Inclusion::Best).await {
			Ok(included) => {
				tracing::info!(job_id = id, block = included.height, "committed");
				let late = included.height.saturating_sub(deliver_by);
				if late > 0 {
					tracing::warn!(job_id = id, blocks = late, "late: part of the price is cut");
				}
				Done::Included(Action::Commit, included.height)
			},
			Err(error) => failed(id, Action::Commit, &error),
		}
	}

	/// Shows a journalled result. The key that committed need not be the one that signs this.
	pub async fn reveal(&self, id: u64, entry: &Entry) -> Done {
		let roots = entry.output_roots.iter().map(|root| H256(*root)).collect();
		let call = runtime::tx().verification().reveal(id, entry.salt, BoundedVec(roots));
		match self.submitter.submit(&call, Inclusion::Best).await {
			Ok(included) => {
				tracing::info!(job_id = id, block = included.height, "revealed");
				Done::Included(Action::Reveal, included.height)
			},
			Err(error) => failed(id, Action::Reveal, &error),
		}
	}
}

/// Last height for the commit of a running job at the full price.
fn deliver_by(job: &JobView) -> BlockNumber {
	match job.record.state {
		JobState::Running { deliver_by, .. } => deliver_by,
		_ => BlockNumber::MAX,
	}
}

/// Longest time for fetching what a job takes that was accepted at height `since` and can be declined for `window` blocks
/// from then on. None if it is too late for that: then it is of no use to stop.
fn time_to_fetch(since: BlockNumber, window: BlockNumber, now: BlockNumber) -> Option<Duration> {
	let (fewest, most) = DECLINE_BLOCKS;
	let last = since.saturating_add(window);
	let fetched_by = last.saturating_sub((window / 5).clamp(fewest, most));
	let blocks = fetched_by.saturating_sub(now).max(1);
	(now.saturating_add(1) < last).then(|| BLOCK_TIME.saturating_mul(blocks))
}

/// What to do after a transaction that did not succeed, as far as one knows.
pub fn failed(id: u64, action: Action, error: &SubmitError) -> Done {
	tracing::warn!(job_id = id, ?action, "{error}");
	match error {
		// The finalised state at that height shows why.
		SubmitError::Refused { height, .. } => Done::Included(action, height.saturating_add(1)),
		_ => Done::Later(action),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn fetching_ends_while_the_job_can_still_be_declined() {
		let blocks = |n: u32| Some(BLOCK_TIME * n);
		assert_eq!(time_to_fetch(100, 150, 100), blocks(130));
		assert_eq!(time_to_fetch(100, 150, 220), blocks(10));
		assert_eq!(time_to_fetch(100, 150, 240), blocks(1), "after a restart");
		assert_eq!(time_to_fetch(100, 150, 249), None, "too late to decline");
		assert_eq!(time_to_fetch(100, 5, 100), blocks(3));
		assert_eq!(time_to_fetch(100, 1, 101), None);
	}
}
