// SPDX-License-Identifier: Apache-2.0
//! Plays steps, and checks what no single pallet can.

mod jobs;
mod money;
mod providers;
mod rest;
mod stake;
mod windows;
mod work;

use crate::{
	book::Book,
	cast::cast,
	steps::{Amount, Case, Habit, Idle, Signer, Step},
};
use calor_mock::*;
use calor_primitives::{
	job::{JobRecord, JobState},
	money::UNIT,
	provider::Availability,
	AccountId, Balance, BlockNumber, JobId,
};
use frame_support::{
	dispatch::{DispatchResult, DispatchResultWithPostInfo},
	traits::fungible::Inspect,
	weights::Weight,
};
use pallet_stake::Role;
use sp_runtime::StateVersion;
use std::{cell::RefCell, sync::Once};

type JobsOf = pallet_jobs::Jobs<Runtime>;
type ProvidersOf = pallet_providers::Providers<Runtime>;
type LedgersOf = pallet_stake::Ledgers<Runtime>;

/// Of so many steps one is checked for leaving no trace when it fails.
const SAMPLE: u32 = 4;

thread_local! {
	static COMPLAINTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Remembers errors that the pallets log: what "cannot happen" does not panic in a release build.
struct Complaints;

impl log::Log for Complaints {
	fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
		metadata.level() == log::Level::Error
	}

	fn log(&self, record: &log::Record<'_>) {
		if self.enabled(record.metadata()) {
			let said = format!("{}: {}", record.target(), record.args());
			COMPLAINTS.with(|complaints| complaints.borrow_mut().push(said));
		}
	}

	fn flush(&self) {}
}

fn listen() {
	static LISTEN: Once = Once::new();
	LISTEN.call_once(|| {
		log::set_logger(&Complaints).expect("nobody else listens");
		log::set_max_level(log::LevelFilter::Error);
	});
	COMPLAINTS.with(|complaints| complaints.borrow_mut().clear());
}

#[track_caller]
fn nobody_complained() {
	let said = COMPLAINTS.with(|complaints| std::mem::take(&mut *complaints.borrow_mut()));
	assert!(said.is_empty(), "what cannot happen did: {said:?}");
}

/// A chain with its people.
pub struct World {
	pub book: Book,
	tried: u32,
	trace: bool,
}

/// Who has no account at the beginning.
pub fn newcomer() -> AccountId {
	AccountId::new([77; 32])
}

fn now() -> BlockNumber {
	System::block_number()
}

fn unit(result: DispatchResultWithPostInfo) -> DispatchResult {
	result.map(|_| ()).map_err(|e| e.error)
}

impl World {
	/// A chain on which these providers are ready.
	pub fn open(case: &Case) -> Self {
		listen();
		let trace = std::env::var_os("CALOR_TRACE").is_some();
		let mut world = Self { book: Book::open(), tried: 0, trace };
		let [jobs, providers] = case.windows;
		world.perform(&Step::JobWindows { which: jobs, root: true });
		world.perform(&Step::ProviderWindows { which: providers, root: true });
		for which in 0..cast().programs.len() as u8 {
			world.perform(&Step::RegisterProgram { who: 5, which });
		}
		for (who, start) in case.opening.iter().enumerate() {
			let Some(start) = start else { continue };
			// Providers are the actors from the second on.
			let (actor, who) = (who as u8 + 1, who as u8);
			let (class, amount) = (start.class, Amount::Cal(start.bond));
			world.perform(&Step::Bond { who: actor, role: Role::Provider, amount });
			world.perform(&Step::Register { who, key: 0, class, min_price: 0 });
			world.perform(&Step::Prove { who, mac: 1_000_000_000_000 });
			world.perform(&Step::SetReady { who, worker: false, ready: true });
			let ready = ProvidersOf::get(&cast().providers[who as usize].owner);
			assert_eq!(ready.map(|r| r.availability), Some(Availability::Ready));
			if start.filed {
				world.perform(&Step::File { who: actor });
			}
		}
		world
	}

	/// Signs a call. What fails leaves no trace; what must not fail does not.
	#[track_caller]
	pub fn try_to(&mut self, must: bool, call: impl FnOnce() -> DispatchResult) -> DispatchResult {
		self.tried += 1;
		let root = || sp_io::storage::root(StateVersion::V1);
		let before = self.tried.is_multiple_of(SAMPLE).then(root);
		let done = call();
		match &done {
			Ok(()) => self.book.read(),
			Err(error) => {
				assert!(!must, "at {} this must not fail: {error:?}", now());
				assert_eq!(System::event_count(), 0, "what failed with {error:?} told of it");
				assert!(
					before.is_none_or(|b| b == root()),
					"what failed with {error:?} left a trace"
				);
			},
		}
		nobody_complained();
		done
	}

	/// Signs a call that must not fail.
	#[track_caller]
	pub fn must(&mut self, call: impl FnOnce() -> DispatchResult) {
		let _ = self.try_to(true, call);
	}

	#[track_caller]
	fn may(&mut self, call: impl FnOnce() -> DispatchResult) -> DispatchResult {
		self.try_to(false, call)
	}

	/// Finishes the block with that much room on idle, and checks everything at the beginning of the next.
	pub fn block(&mut self, idle: Weight) {
		end_block(idle);
		// Events do not say at which height they happened, and credits have an age.
		self.book.read();
		begin_block();
		check_invariants();
		self.check();
	}

	/// Blocks in which nothing could be done.
	pub fn jump(&mut self, blocks: BlockNumber) {
		System::set_block_number(now() + blocks);
		check_invariants();
	}

	fn check(&mut self) {
		self.book.read();
		nobody_complained();
		let wealth = Balances::total_balance(&cast().bystander);
		assert_eq!(wealth, FUNDS, "a bystander keeps what is his");
		for (id, record) in JobsOf::iter() {
			self.check_job(id, &record);
		}
		for (owner, record) in ProvidersOf::iter() {
			let Some(job) = record.job else { continue };
			let state = JobsOf::get(job).map(|job| job.state);
			let has = matches!(
				&state,
				Some(JobState::Assigned { provider, .. } | JobState::Running { provider, .. })
					if *provider == owner
			);
			assert!(has, "a provider works on job {job}, which is {state:?}");
		}
	}

	fn check_job(&self, id: JobId, record: &JobRecord) {
		assert_eq!(self.book.is_open(id), record.state.is_open(), "job {id} ended in silence");
		assert!(record.state.due() < now() + 5_000, "job {id} is never due");
		assert!(Jobs::explain(id).is_some(), "job {id} cannot be explained");
		let view = Jobs::view(id).expect("a job can be seen");
		if let JobState::Assigned { provider, .. } | JobState::Running { provider, .. } =
			&record.state
		{
			let Some((_, inputs)) = pallet_jobs::Operands::<Runtime>::get(id) else {
				panic!("job {id} has no operands");
			};
			assert_eq!(view.inputs.len(), inputs.len(), "job {id} runs without its inputs");
			let owner = ProvidersOf::get(provider).expect("who has a job is registered");
			let jailed = matches!(owner.availability, Availability::Jailed { .. });
			assert!(jailed || owner.job == Some(id), "job {id} has a provider that knows nothing");
		}
	}

	/// Some job: of those of which there is a record, the newest is 0.
	fn job(&self, which: u8) -> JobId {
		let mut jobs: Vec<JobId> = JobsOf::iter_keys().collect();
		jobs.sort_unstable_by(|a, b| b.cmp(a));
		match jobs.len() {
			_ if which == u8::MAX => JobId::MAX,
			0 => 1,
			n => jobs[which as usize % n],
		}
	}

	fn actor(who: u8) -> &'static AccountId {
		&cast().actors[who as usize % cast().actors.len()]
	}

	/// The worker key of a provider, if it is one of those that are known.
	fn worker_of(owner: &AccountId) -> Option<AccountId> {
		ProvidersOf::get(owner).map(|record| record.worker)
	}

	fn right_worker(job: JobId) -> Option<AccountId> {
		JobsOf::get(job).and_then(|record| Self::worker_of(record.state.provider()?))
	}

	/// Who signs for a job, and whether that is the right one.
	fn signer(&self, job: JobId, by: Signer) -> (AccountId, bool) {
		let right = Self::right_worker(job);
		let key = |who: u8, key: u8| &cast().providers[who as usize].keys[key as usize];
		let signer = match by {
			Signer::Right => right.clone().unwrap_or_else(|| key(0, 0).account.clone()),
			Signer::Worker(who, n) => key(who, n).account.clone(),
			Signer::Actor(who) => Self::actor(who).clone(),
		};
		let is_right = right.as_ref() == Some(&signer);
		(signer, is_right)
	}

	/// Owner or worker key of a provider.
	fn speaker(&self, who: u8, worker: bool) -> AccountId {
		let owner = &cast().providers[who as usize].owner;
		worker.then(|| Self::worker_of(owner)).flatten().unwrap_or_else(|| owner.clone())
	}

	fn origin(root: bool) -> RuntimeOrigin {
		match root {
			true => RuntimeOrigin::root(),
			false => by(&cast().actors[4]),
		}
	}

	fn amount(amount: Amount, all: Balance) -> Balance {
		match amount {
			Amount::Planck(planck) => planck,
			Amount::Cal(cal) => cal * UNIT,
			Amount::AllBut(rest) => all.saturating_sub(rest),
		}
	}

	fn slash(&self, which: u8) -> u64 {
		let mut ids: Vec<u64> = pallet_stake::PendingSlashes::<Runtime>::iter_keys().collect();
		ids.sort_unstable();
		match ids.len() {
			0 => 1,
			n => ids[which as usize % n],
		}
	}

	/// Lets a step happen.
	pub fn perform(&mut self, step: &Step) {
		let done = self.act(step);
		if self.trace {
			println!("{:5}: {step:?}: {done:?}", now());
		}
	}

	fn act(&mut self, step: &Step) -> DispatchResult {
		match step.clone() {
			Step::Submit { client, ask } => {
				let spec = self.spec(&ask, false);
				self.may(|| Jobs::submit(by(&cast().clients[client as usize]), spec))
			},
			Step::Batch { client, asks } => {
				let specs: Vec<_> = asks.iter().map(|ask| self.spec(ask, true)).collect();
				let specs = specs.try_into().expect("few");
				self.may(|| Jobs::submit_batch(by(&cast().clients[client as usize]), specs))
			},
			Step::WorkOn(job) => {
				let job = self.job(job);
				self.work_on(job, Habit::Works);
				Ok(())
			},
			Step::Blocks { n, until } => {
				for _ in 0..n {
					let mut jobs: Vec<JobId> = JobsOf::iter_keys().collect();
					jobs.sort_unstable();
					jobs.into_iter().for_each(|job| self.work_on(job, until));
					self.tend();
					self.block(Weight::MAX);
				}
				Ok(())
			},
			Step::IdleBlocks { n, idle } => {
				let idle = match idle {
					Idle::Full => Weight::MAX,
					Idle::Nothing => Weight::zero(),
					Idle::Some(ms) => Weight::from_parts(u64::from(ms) * 1_000_000_000, u64::MAX),
				};
				(0..n).for_each(|_| self.block(idle));
				Ok(())
			},
			Step::Jump(blocks) => {
				self.jump(blocks);
				Ok(())
			},
			Step::Cancel { .. }
			| Step::Accept { .. }
			| Step::Decline { .. }
			| Step::Commit { .. }
			| Step::Reveal { .. }
			| Step::Expire { .. }
			| Step::ExpireAll => self.act_on_job(step),
			Step::Bond { .. }
			| Step::BondMore { .. }
			| Step::Unbond { .. }
			| Step::Withdraw { .. }
			| Step::ApplySlash { .. }
			| Step::CancelSlash { .. }
			| Step::AppealSlash { .. }
			| Step::Forfeit { .. }
			| Step::ForfeitBehind { .. } => self.act_on_stake(step),
			Step::Register { .. }
			| Step::Update { .. }
			| Step::SetReady { .. }
			| Step::Drain { .. }
			| Step::Deregister { .. }
			| Step::Heartbeat { .. }
			| Step::ReportSilence { .. }
			| Step::RotateWorker { .. }
			| Step::Prove { .. } => self.act_on_provider(step),
			Step::BuyCredits { .. }
			| Step::RefundCredits { .. }
			| Step::Claim { .. }
			| Step::ClaimFor { .. }
			| Step::Feed { .. }
			| Step::Author { .. }
			| Step::ClockJump(_)
			| Step::MoneyWindows { .. }
			| Step::MarketRules { .. }
			| Step::SetPrice { .. } => self.act_on_money(step),
			_ => self.act_on_the_rest(step),
		}
	}
}
