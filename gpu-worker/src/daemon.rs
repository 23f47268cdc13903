// SPDX-License-Identifier: Apache-2.0
//! Follows finality and does for each open job what [`crate::step`] says, one task a job.
//!
//! Nothing that was sent is believed until it is final: a step is repeated if the chain, at the height at which it was
//! included, does not show it. What is remembered here only keeps a step from being sent twice meanwhile.

use crate::{
	error::Failure,
	journal::{fingerprint, Book, Entry},
	presence::{give, Sign, Signs},
	rewards::{claim_everything, Harvest},
	serve::Shared,
	step::{decide, Action, Facts},
	work::{Done, Worker},
};
use calor_client::{types::JobView, Error as ChainError, View, CAPACITY_JOBS};
use std::{
	collections::{BTreeSet, HashMap},
	sync::{atomic::Ordering, Arc},
	time::Duration,
};
use tokio::task::JoinSet;

/// Pause before the first attempt to reconnect, and longest pause.
const RECONNECT_PAUSE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));
/// Blocks between two looks at what can be deleted.
const SWEEP_EVERY: u32 = 10;
/// A blob that no journalled job needs is deleted when it is so old: younger ones may belong to a job under way.
const BLOB_GRACE: Duration = Duration::from_secs(3_600);

/// What was last done about a job.
#[derive(Clone, Copy, Debug, Default)]
struct Track {
	running: bool,
	/// Up to this step nothing is done before that height.
	held: Option<(Action, u32)>,
	failures: u32,
}

/// Order of the steps of a job.
fn rank(action: Action) -> u8 {
	match action {
		Action::Accept => 1,
		Action::Work => 2,
		Action::Commit => 3,
		Action::Reveal => 4,
		_ => 0,
	}
}

/// The loop.
pub struct Daemon {
	shared: Arc<Shared>,
	worker: Arc<Worker>,
	retention: u32,
	signs: Signs,
	registered: bool,
	lagging: bool,
	tracks: HashMap<u64, Track>,
	tasks: JoinSet<(u64, Done)>,
	/// At most one sign of life; gives the height before which no other is sent.
	signing: JoinSet<u32>,
	harvest: Harvest,
	/// At most one claim; gives the height before which no other is made.
	claiming: JoinSet<u32>,
}

impl Daemon {
	/// A daemon that has done nothing yet. `retention`: blocks for which outputs are kept after their job has ended.
	pub fn new(worker: Arc<Worker>, retention: u32, signs: Signs, harvest: Harvest) -> Self {
		Self {
			shared: worker.shared.clone(),
			worker,
			retention,
			signs,
			registered: true,
			lagging: false,
			tracks: HashMap::new(),
			tasks: JoinSet::new(),
			signing: JoinSet::new(),
			harvest,
			claiming: JoinSet::new(),
		}
	}

	/// Works for ever, reconnecting when nodes go away.
	///
	/// # Errors
	/// If a node is on another chain.
	pub async fn run(mut self) -> Result<(), Failure> {
		loop {
			let error = self.follow().await;
			tracing::warn!("lost the node: {error}");
			self.shared.connected.store(false, Ordering::Relaxed);
			let (mut pause, longest) = RECONNECT_PAUSE;
			loop {
				tokio::time::sleep(pause).await;
				match self.worker.chain.reconnect().await {
					Ok(()) => break,
					Err(error @ ChainError::WrongChain { .. }) => return Err(error.into()),
					Err(error) => tracing::warn!("{error}; trying again"),
				}
				pause = (pause * 2).min(longest);
			}
			tracing::info!(url = %self.worker.chain.link().url, "connected again");
		}
	}

	/// Acts on each finalised block until the connection fails.
	async fn follow(&mut self) -> ChainError {
		let mut heads = match self.worker.chain.follow_finalised().await {
			Ok(heads) => heads,
			Err(error) => return error,
		};
		loop {
			tokio::select! {
				head = heads.next() => if let Err(error) = head { return error },
				Some(done) = self.tasks.join_next() => {
					self.finished(done);
					continue;
				},
				Some(held) = self.signing.join_next() => {
					let now = self.shared.height.load(Ordering::Relaxed);
					self.signs.hold(held.unwrap_or(now.saturating_add(1)));
					continue;
				},
				Some(held) = self.claiming.join_next() => {
					let now = self.shared.height.load(Ordering::Relaxed);
					self.harvest.hold(held.unwrap_or(now.saturating_add(1)));
					continue;
				},
			}
			if let Err(error) = self.look().await {
				return error;
			}
		}
	}

	fn finished(&mut self, done: Result<(u64, Done), tokio::task::JoinError>) {
		let (id, done) = match done {
			Ok(done) => done,
			Err(error) => {
				// A panic costs one job; its number is lost with it, so all that run are looked at again.
				tracing::error!("a task failed: {error}");
				self.tracks.values_mut().for_each(|track| track.running = false);
				return;
			},
		};
		let now = self.shared.height.load(Ordering::Relaxed);
		let track = self.tracks.entry(id).or_default();
		track.running = false;
		track.held = Some(match done {
			Done::Included(action, height) => {
				track.failures = 0;
				(action, height)
			},
			Done::Later(action) => {
				track.failures = track.failures.saturating_add(1);
				// 2, 4, 8 .. 64 blocks: once a lost transaction has died.
				(action, now.saturating_add(1 << track.failures.min(6)))
			},
			Done::Never(action) => (action, u32::MAX),
		});
	}

	/// Looks at all that may concern us at the last finalised block.
	async fn look(&mut self) -> Result<(), ChainError> {
		let view = self.worker.chain.finalised().await?;
		let now = view.height();
		self.shared.connected.store(true, Ordering::Relaxed);
		let seen = self.shared.height.fetch_max(now, Ordering::Relaxed);
		if self.lags(now, seen) || !self.still_registered(&view).await? {
			return Ok(());
		}
		let entries = match self.shared.journal.all(Book::Jobs) {
			Ok(entries) => entries,
			Err(error) => {
				// Without it nothing may be signed.
				tracing::error!("the journal cannot be read: {error:#}");
				return Ok(());
			},
		};
		// Proofs of capacity follow the best head, in a loop of their own.
		let jobs = view.provider_jobs(&self.shared.owner).await?.into_iter();
		let mut jobs: BTreeSet<u64> = jobs.filter(|id| *id < CAPACITY_JOBS).collect();
		jobs.extend(entries.iter().filter(|(_, e)| e.ended.is_none()).map(|(id, _)| *id));
		self.tracks.retain(|id, track| track.running || jobs.contains(id));
		let entries: HashMap<u64, Entry> = entries.into_iter().collect();
		let before = self.tasks.len();
		for id in jobs {
			if self.tracks.get(&id).is_some_and(|track| track.running) {
				continue;
			}
			self.advance(&view, id, entries.get(&id)).await?;
		}
		// What a job needs is a sign of life as well, and goes first.
		if self.tasks.len() == before {
			self.give_sign(&view).await?;
		}
		if now % SWEEP_EVERY == 0 {
			if let Err(error) = self.shared.journal.see(now) {
				tracing::error!("cannot write the journal: {error:#}");
			}
			self.sweep(&view, &entries).await?;
		}
		self.claim_rewards(&view).await
	}

	/// Whether the node is behind what was finalised before: jobs that it does not show yet are not over.
	fn lags(&mut self, now: u32, seen: u32) -> bool {
		let lags = now < seen;
		if lags && !self.lagging {
			tracing::warn!(
				url = %self.worker.chain.link().url,
				finalised = now,
				seen,
				"the node lags behind; nothing is done until it has caught up: wait, or use another node. If the chain \
				 began anew, start again with another data directory"
			);
		}
		self.lagging = lags;
		lags
	}

	/// Claims the owner's rewards, if they are worth it.
	async fn claim_rewards(&mut self, view: &View) -> Result<(), ChainError> {
		let now = view.height();
		if !self.claiming.is_empty() || !self.harvest.looks(now) {
			return Ok(());
		}
		let owner = self.shared.owner;
		let purse = view.purse(&owner).await?;
		if self.harvest.is_ripe(&purse) {
			let submitter = self.worker.submitter.clone();
			self.claiming
				.spawn(async move { claim_everything(&submitter, owner, purse, now).await });
		}
		Ok(())
	}

	/// Whether the worker key still works for the owner; nothing can be done for its jobs without.
	async fn still_registered(&mut self, view: &View) -> Result<bool, ChainError> {
		let registered = view.owner_of(&self.shared.worker).await? == Some(self.shared.owner);
		if self.registered && !registered {
			tracing::error!(
				"this worker key no longer works for {}: if another was put in its place, start again with that one \
				 and the same data directory",
				self.shared.owner
			);
		}
		self.registered = registered;
		Ok(registered)
	}

	/// Tells the chain that we are there, or ready, if it is time.
	async fn give_sign(&mut self, view: &View) -> Result<(), ChainError> {
		if !self.signing.is_empty() {
			return Ok(());
		}
		let Some(record) = view.provider(&self.shared.owner).await? else { return Ok(()) };
		let interval = view.provider_windows().await?.heartbeat;
		let now = view.height();
		let sign = self.signs.next(&record, interval, now);
		if sign != Sign::None {
			let submitter = self.worker.submitter.clone();
			self.signing.spawn(async move { give(&submitter, sign, now).await });
		}
		Ok(())
	}

	async fn advance(
		&mut self,
		view: &View,
		id: u64,
		entry: Option<&Entry>,
	) -> Result<(), ChainError> {
		let Some(job) = view.job(id).await? else {
			// A node that lags behind may not have the job yet; one that has later jobs has dropped it.
			if entry.is_some() && id <= view.last_job().await? {
				self.note(id, entry, false, Some(view.height()));
			}
			return Ok(());
		};
		let (state, now) = (&job.record.state, view.height());
		// An ended job has no operands left to be told by.
		let same = |e: &&Entry| state.is_final() || e.fingerprint == fingerprint(&job);
		let entry = entry.filter(same).cloned();
		let journalled = entry.as_ref().map(|e| e.commitment(&self.shared.genesis, id));
		let owner = &self.shared.owner;
		let ours = !state.is_final() && state.provider() == Some(owner);
		if ours && entry.as_ref().is_some_and(|e| e.ended.is_some()) {
			self.revive(id);
		}
		let action = decide(Facts { state, on_chain: job.commitment, journalled, owner, now });
		let track = self.tracks.entry(id).or_default();
		if track.held.is_some_and(|(to, until)| now < until && rank(action) <= rank(to)) {
			return Ok(());
		}
		match action {
			Action::Ignore | Action::Wait => {},
			Action::Publish => self.note(id, entry.as_ref(), true, None),
			Action::End => self.note(id, entry.as_ref(), state.is_public(), Some(now)),
			Action::Stray => {
				track.held = Some((Action::Reveal, u32::MAX));
				tracing::error!(
					job_id = id,
					"the chain holds a commitment that this journal cannot open: does another machine \
					 use this key, or was the data directory lost?"
				);
			},
			Action::Accept | Action::Work | Action::Commit | Action::Reveal => {
				track.running = true;
				self.start(job, action, entry);
			},
		}
		Ok(())
	}

	fn start(&mut self, job: JobView, action: Action, entry: Option<Entry>) {
		let worker = self.worker.clone();
		self.tasks.spawn(async move {
			let id = job.id;
			(id, worker.perform(job, action, entry).await)
		});
	}

	fn note(&self, id: u64, entry: Option<&Entry>, public: bool, ended: Option<u32>) {
		if entry.is_some_and(|e| e.public == public && e.ended == ended) {
			return;
		}
		match self.shared.journal.note(Book::Jobs, id, public, ended) {
			Ok(()) if ended.is_some() => tracing::info!(job_id = id, "ended"),
			Ok(()) => tracing::info!(job_id = id, "public"),
			Err(error) => tracing::error!(job_id = id, "cannot write the journal: {error:#}"),
		}
	}

	fn revive(&self, id: u64) {
		match self.shared.journal.revive(Book::Jobs, id) {
			Ok(()) => tracing::warn!(job_id = id, "had been taken for ended, and is not"),
			Err(error) => tracing::error!(job_id = id, "cannot write the journal: {error:#}"),
		}
	}

	/// Forgets jobs that ended long ago and whose outputs no open job takes, and deletes blobs that no job needs.
	async fn sweep(&self, view: &View, entries: &HashMap<u64, Entry>) -> Result<(), ChainError> {
		// A job under way may be using a blob that no entry names yet.
		if self.tracks.values().any(|track| track.running) {
			return Ok(());
		}
		let now = view.height();
		// Whatever the journal says of these, the chain may still ask for them.
		let open: BTreeSet<u64> =
			view.provider_jobs(&self.shared.owner).await?.into_iter().collect();
		let mut needed = BTreeSet::new();
		let mut old = Vec::new();
		for (id, entry) in entries {
			let over = self.is_old(entry, now) && !open.contains(id);
			if !over || view.job(*id).await?.is_some_and(|job| job.record.children > 0) {
				needed.extend(entry.output_roots.iter().chain(&entry.operand_roots).copied());
			} else {
				old.push((Book::Jobs, *id));
			}
		}
		let journal = &self.shared.journal;
		for book in [Book::Audits, Book::Proofs] {
			let Ok(entries) = journal.all(book) else { return Ok(()) };
			for (id, entry) in entries {
				match self.is_old(&entry, now) && !open.contains(&id) {
					true => old.push((book, id)),
					false => needed.extend(entry.output_roots.iter().chain(&entry.operand_roots)),
				}
			}
		}
		for (book, id) in old {
			if let Err(error) = journal.forget(book, id) {
				tracing::error!(job_id = id, "cannot write the journal: {error:#}");
				return Ok(());
			}
		}
		if let Err(error) = self.shared.blobs.sweep(&needed, BLOB_GRACE) {
			tracing::warn!("cannot delete old blobs: {error}");
		}
		Ok(())
	}

	/// Whether a job ended long ago.
	fn is_old(&self, entry: &Entry, now: u32) -> bool {
		entry.ended.is_some_and(|at| at.saturating_add(self.retention) <= now)
	}
}
