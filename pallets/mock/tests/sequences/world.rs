// SPDX-License-Identifier: Apache-2.0
//! Plays steps, and checks what no single pallet can.

use crate::{
	book::Book,
	cast::{cast, Key},
	steps::{Amount, Ask, Case, Habit, Idle, Show, Signer, Step},
};
use calor_mock::*;
use calor_primitives::{
	assurance::Assurance,
	commitment::commitment,
	fault::Fault,
	group::Disclosure,
	job::{HardwareClass, Input, InputFault, JobRecord, JobSpec, JobState, ParentStage},
	money::UNIT,
	provider::{Availability, Capacity, Presence},
	tensor_ref::{TensorRef, TypeRef},
	traits::{Collateral, Liquidity},
	AccountId, Balance, BlockNumber, JobId, H256,
};
use frame_support::{
	dispatch::{DispatchResult, DispatchResultWithPostInfo},
	storage::with_storage_layer,
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

fn job_windows(which: u8) -> pallet_jobs::Windows {
	let of = |[queue, accept, deliver, deliver_max, grace, retention]: [BlockNumber; 6]| {
		pallet_jobs::Windows { queue, accept, deliver, deliver_max, grace, retention }
	};
	of(match which {
		0 => [QUEUE, ACCEPT, DELIVER, 1_000, GRACE, RETENTION],
		1 => [3, 1, 1, 50, 1, 1],
		2 => [40, 10, 10, 1_000, 8, 60],
		3 => [10, 3, 5, 100, 3, 5],
		4 => [0, 5, 10, 1_000, 4, 30],
		_ => [20, 5, 10, 9, 4, 30],
	})
}

fn result_windows(which: u8) -> pallet_verification::Windows {
	let (reveal, challenge) =
		[(REVEAL, CHALLENGE), (1, 1), (20, 30), (60, 60), (0, 5), (5, 0)][which as usize];
	pallet_verification::Windows { reveal, challenge }
}

fn stake_windows(which: u8) -> (BlockNumber, BlockNumber) {
	[(UNBONDING, DEFERRAL), (51, 1), (19, 2), (300, 40), (100, 0), (18, 5)][which as usize]
}

fn provider_windows(which: u8) -> pallet_providers::Windows {
	let (heartbeat, offline, longest_wait) = [
		(HEARTBEAT, OFFLINE, LONGEST_WAIT),
		(5, 12, 20),
		(1, 2, 0),
		(10, 40, 1_000),
		(10, 15, 5),
		(10, 20, 70_000),
	][which as usize];
	pallet_providers::Windows { heartbeat, offline, longest_wait }
}

fn disclosure_windows(which: u8) -> pallet_disclosure::Windows {
	let (epoch, filing) =
		[(EPOCH, FILING), (1, 1), (5, 200), (30, 10), (0, 1), (1, 0)][which as usize];
	pallet_disclosure::Windows { epoch, filing }
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
		next_block(idle);
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

	fn spec(&self, ask: &Ask, in_batch: bool) -> JobSpec {
		let code = &cast().programs[ask.program as usize];
		let tensor = |ty| TensorRef {
			ty: TypeRef::try_from(ty).expect("rank at most 4"),
			root: H256::repeat_byte(7),
			uris: vec![b"http://10.0.0.2/x".to_vec().try_into().expect("short")]
				.try_into()
				.expect("one"),
		};
		let types = code.program.inputs.iter().zip(ask.parents);
		let inputs = types.map(|(ty, parent)| match parent {
			Some(position) if in_batch && position < 4 => {
				Input::OutputOfEarlier { position, index: 0, mirrors: Default::default() }
			},
			Some(job) => {
				Input::OutputOf { job: self.job(job), index: 0, mirrors: Default::default() }
			},
			None => Input::Blob(tensor(ty)),
		});
		let mac = pallet_programs::Headers::<Runtime>::get(code.id).map_or(0, |header| header.mac);
		let least = pallet_jobs::CurrentWindows::<Runtime>::get().least_delivery(mac);
		let constants: Vec<_> = code.program.constants.iter().map(tensor).collect();
		JobSpec {
			program: code.id,
			constants: constants.try_into().expect("few"),
			inputs: inputs.collect::<Vec<_>>().try_into().expect("few"),
			class: ask.class,
			max_price: if ask.stingy { 0 } else { 1_000 * UNIT },
			tip: ask.tip,
			assurance: Assurance::Optimistic,
			value_at_risk: ask.risk,
			start_on: if ask.early { ParentStage::Revealed } else { ParentStage::Settled },
			deliver_within: least.saturating_add_signed(ask.slack.into()),
			reference: ask.reference.map(H256::repeat_byte),
		}
	}

	fn opening(job: JobId, signer: &AccountId) -> H256 {
		let genesis = calor_primitives::genesis_hash::<Runtime>();
		commitment(&genesis, job, signer, &SALT, &RESULT)
	}

	/// What an honest worker does next for a job. It may always do it.
	fn work_on(&mut self, job: JobId, until: Habit) {
		let Some(worker) = Self::right_worker(job) else { return };
		let Some(record) = JobsOf::get(job) else { return };
		let in_time = now() < record.state.due();
		match record.state {
			JobState::Assigned { .. } if until == Habit::Declines && in_time => {
				self.must(|| Jobs::decline(by(&worker), job, InputFault::Missing));
			},
			JobState::Assigned { .. } if until < Habit::Dawdles => {},
			JobState::Running { .. } if until < Habit::Withholds => {},
			JobState::Running { late_by, .. } if until == Habit::Lags && now() < late_by => {},
			JobState::Committed { .. } if until < Habit::Lags => {},
			JobState::Assigned { .. } if in_time => self.must(|| Jobs::accept(by(&worker), job)),
			JobState::Running { .. } if in_time => {
				let hash = Self::opening(job, &worker);
				self.must(|| Verification::commit(by(&worker), job, hash));
			},
			JobState::Committed { reveal_from, .. } if in_time && now() >= reveal_from => {
				let Some(result) = pallet_verification::Results::<Runtime>::get(job) else {
					panic!("job {job} is committed to nothing");
				};
				// If it is not what an honest worker would have committed to, it cannot be shown.
				let honest = result.commitment == Self::opening(job, &result.worker);
				let roots = RESULT.to_vec().try_into().expect("one");
				let shown =
					self.try_to(honest, || Verification::reveal(by(&worker), job, SALT, roots));
				assert_eq!(shown.is_ok(), honest, "only what was committed can be shown");
			},
			_ => {},
		}
	}

	/// Providers that owe signs of life give them, and those that are idle want to work again.
	fn tend(&mut self) {
		for provider in &cast().providers {
			let Some(record) = ProvidersOf::get(&provider.owner) else { continue };
			let interval = pallet_providers::CurrentWindows::<Runtime>::get().heartbeat;
			let owed = matches!(record.presence, Presence::Watched { .. });
			if owed && now() - record.seen >= interval.div_ceil(2) {
				self.must(|| unit(Providers::heartbeat(by(&record.worker))));
			}
			if matches!(record.availability, Availability::Idle | Availability::Jailed { .. }) {
				let _ = self.may(|| Providers::set_ready(by(&provider.owner), true));
			}
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
			| Step::RotateWorker { .. } => self.act_on_provider(step),
			_ => self.act_on_the_rest(step),
		}
	}

	fn act_on_job(&mut self, step: &Step) -> DispatchResult {
		match step.clone() {
			Step::Cancel { job, by: who } => {
				let job = self.job(job);
				let record = JobsOf::get(job);
				let client = record.as_ref().map(|record| record.client.clone());
				let signer = match who {
					Some(who) => Self::actor(who).clone(),
					None => client.clone().unwrap_or_else(|| cast().clients[0].clone()),
				};
				let open = record.is_some_and(|record| {
					!matches!(
						record.state,
						JobState::Committed { .. }
							| JobState::Revealed { .. }
							| JobState::Settled { .. }
							| JobState::Closed { .. }
					)
				});
				let must = open && client.as_ref() == Some(&signer);
				let done = self.try_to(must, || {
					Jobs::cancel(by(&signer), job).map(|_| ()).map_err(|refused| refused.error)
				});
				assert_eq!(done.is_ok(), must, "a client alone cancels, and before the result");
				done
			},
			Step::Accept { job, by: who } => {
				let job = self.job(job);
				let (signer, right) = self.signer(job, who);
				let state = JobsOf::get(job).map(|record| record.state);
				let must = right
					&& matches!(state, Some(JobState::Assigned { accept_by, .. }) if now() <= accept_by);
				let done = self.try_to(must, || Jobs::accept(by(&signer), job));
				assert_eq!(done.is_ok(), must, "the worker alone accepts, and in time");
				done
			},
			Step::Decline { job, by: who, fault } => {
				let job = self.job(job);
				let (signer, right) = self.signer(job, who);
				let fault = [InputFault::Missing, InputFault::WrongSize, InputFault::WrongRoot]
					[fault as usize];
				let done = self.may(|| Jobs::decline(by(&signer), job, fault));
				assert!(right || done.is_err(), "somebody else declined");
				done
			},
			Step::Commit { job, by: who, garbage } => {
				let job = self.job(job);
				let (signer, right) = self.signer(job, who);
				let hash = match garbage {
					true => H256::repeat_byte(66),
					false => Self::opening(job, &signer),
				};
				let state = JobsOf::get(job).map(|record| record.state);
				let must = right
					&& matches!(state, Some(JobState::Running { late_by, .. }) if now() <= late_by);
				let done = self.try_to(must, || Verification::commit(by(&signer), job, hash));
				assert_eq!(done.is_ok(), must, "the worker alone commits, and in time");
				done
			},
			Step::Reveal { job, by: who, show } => {
				let job = self.job(job);
				let (signer, right) = self.signer(job, who);
				let (salt, roots) = match show {
					Show::Right => (SALT, RESULT.to_vec()),
					Show::WrongSalt => ([8; 32], RESULT.to_vec()),
					Show::WrongRoots => (SALT, vec![H256::repeat_byte(4)]),
					Show::TooManyRoots => (SALT, [RESULT, RESULT].concat()),
				};
				let roots = roots.try_into().expect("few");
				let done = self.may(|| Verification::reveal(by(&signer), job, salt, roots));
				let shown = right && matches!(show, Show::Right);
				assert!(shown || done.is_err(), "what was not committed was shown");
				done
			},
			Step::Expire { job, by: who } => {
				let job = self.job(job);
				self.expire(job, &Self::actor(who).clone())
			},
			Step::ExpireAll => {
				let mut jobs: Vec<JobId> = JobsOf::iter_keys().collect();
				jobs.sort_unstable();
				for job in jobs {
					let _ = self.expire(job, &cast().actors[4]);
				}
				Ok(())
			},
			_ => unreachable!(),
		}
	}

	/// Whoever wants to moves a job on that is due.
	fn expire(&mut self, job: JobId, who: &AccountId) -> DispatchResult {
		let record = JobsOf::get(job);
		let due = record.as_ref().is_some_and(|record| {
			let unbacked = record.state.provider().is_some_and(Stake::is_excluded);
			let needed = !record.state.is_open() && record.children > 0;
			!needed && (now() >= record.state.due() || (record.state.is_open() && unbacked))
		});
		let done = self.try_to(due, || unit(Jobs::expire(by(who), job)));
		assert_eq!(done.is_ok(), due, "what is due can be moved on, and nothing else");
		done
	}

	fn act_on_stake(&mut self, step: &Step) -> DispatchResult {
		match step.clone() {
			Step::Bond { who, role, amount } => {
				let who = Self::actor(who);
				let amount = Self::amount(amount, Liquid::liquid(who));
				self.may(|| Stake::bond(by(who), role, amount))
			},
			Step::BondMore { who, role, amount } => {
				let who = Self::actor(who);
				let amount = Self::amount(amount, Liquid::liquid(who));
				self.may(|| Stake::bond_more(by(who), role, amount))
			},
			Step::Unbond { who, role, amount } => {
				let who = Self::actor(who);
				let active = LedgersOf::get(role, who).map_or(0, |ledger| ledger.active);
				let amount = Self::amount(amount, active);
				self.may(|| Stake::unbond(by(who), role, amount))
			},
			Step::Withdraw { who, role } => {
				let who = Self::actor(who);
				let must = LedgersOf::get(role, who).is_some_and(|ledger| {
					ledger.forfeiture.is_none() && ledger.unbonding.iter().any(|c| c.at <= now())
				});
				self.try_to(must, || Stake::withdraw(by(who), role))
			},
			Step::ApplySlash { slash, by: who } => {
				let id = self.slash(slash);
				let case = pallet_stake::PendingSlashes::<Runtime>::get(id);
				let must = case.is_some_and(|case| now() >= case.applies_at);
				let done = self.try_to(must, || Stake::apply_slash(by(Self::actor(who)), id));
				assert_eq!(done.is_ok(), must, "a slash acts when its time has come");
				done
			},
			Step::CancelSlash { slash, root } => {
				let id = self.slash(slash);
				let must = root && pallet_stake::PendingSlashes::<Runtime>::contains_key(id);
				let done = self.try_to(must, || Stake::cancel_slash(Self::origin(root), id));
				assert_eq!(done.is_ok(), must, "governance alone cancels a slash");
				done
			},
			Step::AppealSlash { slash, by: who } => {
				let id = self.slash(slash);
				let case = pallet_stake::PendingSlashes::<Runtime>::get(id);
				let owner = case.map(|case| case.who);
				let signer = match who {
					Some(who) => Self::actor(who).clone(),
					None => owner.clone().unwrap_or_else(|| cast().actors[0].clone()),
				};
				let must = owner.as_ref() == Some(&signer);
				let done =
					self.try_to(must, || Stake::appeal_slash(by(&signer), id, H256([1; 32])));
				assert_eq!(done.is_ok(), must, "an owner alone appeals");
				done
			},
			Step::ForfeitBehind { job, prover } => {
				let record = JobsOf::get(self.job(job));
				let Some(provider) = record.and_then(|record| record.state.provider().cloned())
				else {
					return Ok(());
				};
				let prover = prover.map(Self::actor);
				self.book.prover = prover.cloned();
				let (fault, evidence) = (Fault::ForgedCapacity, H256([2; 32]));
				self.may(|| {
					with_storage_layer(|| {
						<Stake as Collateral>::forfeit(&provider, fault, prover, evidence)
					})
				})
			},
			Step::Forfeit { who, role, fault, prover } => {
				let who = Self::actor(who);
				let fault = [
					Fault::FalseDisclosure,
					Fault::ForgedCapacity,
					Fault::Equivocation,
					Fault::WrongResult,
				][fault as usize];
				let prover = prover.map(Self::actor);
				self.book.prover = prover.cloned();
				// As verification, consensus or governance would, within their own calls.
				self.may(|| {
					with_storage_layer(|| match role {
						Role::Provider => {
							<Stake as Collateral>::forfeit(who, fault, prover, H256([2; 32]))
						},
						Role::Validator => {
							Stake::do_forfeit(role, who, fault, prover, H256([2; 32]))
						},
					})
				})
			},
			_ => unreachable!(),
		}
	}

	fn act_on_provider(&mut self, step: &Step) -> DispatchResult {
		match step.clone() {
			Step::Register { who, key, class, min_price } => {
				let provider = &cast().providers[who as usize];
				let Key { public, proof, .. } = &provider.keys[key as usize];
				self.may(|| Self::register(&provider.owner, *public, *proof, class, min_price))
			},
			Step::Update { who, worker, min_price, memory } => {
				let speaker = self.speaker(who, worker);
				let claimed = memory
					.map(|memory_mib| Capacity { mac_per_second: 2_000_000_000_000, memory_mib });
				let endpoint = b"https://10.0.0.3".to_vec().try_into().expect("short");
				self.may(|| Providers::update(by(&speaker), endpoint, min_price, claimed))
			},
			Step::SetReady { who, worker, ready } => {
				let speaker = self.speaker(who, worker);
				self.may(|| Providers::set_ready(by(&speaker), ready))
			},
			Step::Drain { who, worker } => {
				let speaker = self.speaker(who, worker);
				let must = ProvidersOf::contains_key(&cast().providers[who as usize].owner);
				self.try_to(must, || Providers::drain(by(&speaker)))
			},
			Step::Deregister { who } => {
				let owner = &cast().providers[who as usize].owner;
				self.may(|| Providers::deregister(by(owner)))
			},
			Step::Heartbeat { who, worker } => {
				let speaker = self.speaker(who, worker);
				self.may(|| unit(Providers::heartbeat(by(&speaker))))
			},
			Step::ReportSilence { who, by: reporter } => {
				let owner = cast().providers[who as usize].owner.clone();
				let offline = pallet_providers::CurrentWindows::<Runtime>::get().offline;
				let must = ProvidersOf::get(&owner).is_some_and(|record| {
					matches!(record.presence, Presence::Watched { .. })
						&& now() - record.seen > offline
				});
				let reporter = Self::actor(reporter);
				let done =
					self.try_to(must, || Providers::report_silence(by(reporter), owner.clone()));
				assert_eq!(done.is_ok(), must, "who is silent for too long can be reported");
				done
			},
			Step::RotateWorker { who, key, proof_of } => {
				let owner = &cast().providers[who as usize].owner;
				let key = &cast().providers[proof_of as usize].keys[key as usize];
				let done = self.may(|| Providers::rotate_worker(by(owner), key.public, key.proof));
				assert!(
					who == proof_of || done.is_err(),
					"a key works for whom it did not agree to"
				);
				done
			},
			_ => unreachable!(),
		}
	}

	fn register(
		owner: &AccountId,
		public: sp_core::sr25519::Public,
		proof: sp_core::sr25519::Signature,
		class: HardwareClass,
		min_price: Balance,
	) -> DispatchResult {
		let endpoint = b"http://10.0.0.1:9955".to_vec().try_into().expect("short");
		let claimed = Capacity { mac_per_second: 1_000_000_000_000, memory_mib: 8_192 };
		Providers::register(by(owner), public, proof, endpoint, class, min_price, claimed)
	}

	fn act_on_the_rest(&mut self, step: &Step) -> DispatchResult {
		match step.clone() {
			Step::JobWindows { which, root } => {
				self.may(|| Jobs::set_windows(Self::origin(root), job_windows(which)))
			},
			Step::ResultWindows { which, root } => {
				self.may(|| Verification::set_windows(Self::origin(root), result_windows(which)))
			},
			Step::StakeWindows { which, root } => {
				let (unbonding, deferral) = stake_windows(which);
				self.may(|| Stake::set_windows(Self::origin(root), unbonding, deferral))
			},
			Step::ProviderWindows { which, root } => {
				self.may(|| Providers::set_windows(Self::origin(root), provider_windows(which)))
			},
			Step::DisclosureWindows { which, root } => self.may(|| {
				calor_mock::Disclosure::set_windows(Self::origin(root), disclosure_windows(which))
			}),
			Step::File { who } => {
				let disclosure =
					Disclosure { owner: H256([1; 32]), sites: H256([2; 32]), power: H256([3; 32]) };
				self.may(|| calor_mock::Disclosure::file(by(Self::actor(who)), disclosure))
			},
			Step::WithdrawFiling { who } => {
				self.may(|| calor_mock::Disclosure::withdraw_filing(by(Self::actor(who))))
			},
			Step::ReportFalse { group, named, root } => {
				let group = Self::actor(group).clone();
				let named: Vec<_> = named.iter().map(|who| Self::actor(*who).clone()).collect();
				let named = named.try_into().expect("few");
				let origin = Self::origin(root);
				self.may(|| {
					calor_mock::Disclosure::report_false(origin, group, named, H256([3; 32]))
				})
			},
			Step::SetGroup { member, head } => {
				let (member, head) = (Self::actor(member), Self::actor(head));
				let mut heads = GroupHeads::get();
				heads.retain(|(known, _)| known != member);
				heads.push((member.clone(), head.clone()));
				GroupHeads::set(&heads);
				Ok(())
			},
			Step::SetPrice { class, per_cu, root } => {
				self.may(|| calor_mock::Market::set_price(Self::origin(root), class, per_cu))
			},
			Step::Transfer { from, to, amount } => {
				let from = Self::actor(from);
				let to = cast().actors.get(to as usize).cloned().unwrap_or_else(newcomer);
				let free = System::account(from).data.free;
				let amount = Self::amount(amount, free);
				self.may(|| Balances::transfer_allow_death(by(from), to, amount))
			},
			Step::RegisterProgram { who, which } => {
				let code = cast().programs[which as usize].code.clone();
				let code = code.try_into().expect("short");
				self.may(|| Programs::register(by(Self::actor(who)), code))
			},
			Step::RemoveProgram { who, which } => {
				let id = cast().programs[which as usize].id;
				self.may(|| Programs::remove(by(Self::actor(who)), id))
			},
			_ => unreachable!(),
		}
	}
}
