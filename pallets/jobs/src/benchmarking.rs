// SPDX-License-Identifier: Apache-2.0
//! Cost of each call at its worst: the longest operands, the fullest draws, the dearest way out of each state, and clients
//! with credits of as many ages as there can be.

use crate::{
	ending::is_bound,
	matching::{DRAWS, SWEEP},
	Call, Config, CurrentWindows, Forfeited, Jobs, Pallet, ReplicaStage, Replicas, SweptTo,
	Windows,
};
use alloc::{vec, vec::Vec};
use calor_primitives::{
	assurance::{Assurance, MAX_REPLICAS},
	fault::Fault,
	job::{
		Attempt, HardwareClass, Input, InputFault, JobRecord, JobSpec, JobState, Mirrors,
		ParentStage, MAX_ATTEMPTS,
	},
	money::{Payment, Price, MIN_JOB_PRICE},
	now,
	tensor_ref::{TensorRef, TypeRef, MAX_URIS, MAX_URI_LEN},
	traits::{Assign, Collateral, Credits, Lifecycle, ProgramRegistry},
	AccountId, Balance, JobId, H256,
};
use calor_tensor::{
	program::{MAX_CONSTANTS, MAX_INPUTS, MAX_OUTPUTS, VERSION},
	Op, Program, TensorType,
};
use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::{assert_ok, traits::EnsureOrigin, weights::WeightMeter};
use frame_system::RawOrigin;

const WINDOWS: Windows =
	Windows { queue: 100, accept: 10, deliver: 10, deliver_max: 1_000, grace: 10, retention: 10 };

/// A program with that many operands, inputs first, and the most outputs.
fn program(operands: u32) -> Program {
	let inputs = operands.clamp(1, MAX_INPUTS as u32);
	let ty = TensorType::i32(&[1, 1, 1, 1]);
	let constants = operands.saturating_sub(inputs);
	Program {
		version: VERSION,
		inputs: vec![ty.clone(); inputs as usize],
		constants: vec![ty; constants as usize],
		ops: vec![Op::Relu { x: 0 }; MAX_OUTPUTS],
		outputs: (operands.max(1) as u16..).take(MAX_OUTPUTS).collect(),
	}
}

fn address() -> calor_primitives::tensor_ref::Uri {
	let mut uri = b"https://".to_vec();
	uri.resize(MAX_URI_LEN as usize, b'x');
	uri.try_into().expect("fits")
}

fn tensor(ty: &TensorType) -> TensorRef {
	TensorRef {
		ty: TypeRef::try_from(ty).expect("rank 4"),
		root: H256::repeat_byte(1),
		uris: vec![address(); MAX_URIS as usize].try_into().expect("fits"),
	}
}

/// A job with that many operands that tips and has a name.
fn spec<T: Config>(operands: u32) -> JobSpec {
	CurrentWindows::<T>::put(WINDOWS);
	let program = program(operands);
	let constants: Vec<_> = program.constants.iter().map(tensor).collect();
	let inputs: Vec<_> = program.inputs.iter().map(|ty| Input::Blob(tensor(ty))).collect();
	JobSpec {
		program: T::Programs::benchmark_register(program.encode()),
		constants: constants.try_into().expect("fits"),
		inputs: inputs.try_into().expect("fits"),
		class: HardwareClass::General,
		max_price: u128::MAX,
		tip: 1,
		assurance: Assurance::Optimistic,
		value_at_risk: 0,
		start_on: ParentStage::Revealed,
		deliver_within: 100,
		reference: Some(H256::repeat_byte(2)),
	}
}

/// An account with money. Taken from a ready provider, which the pallet that makes them has funded.
fn client<T: Config>() -> AccountId {
	let (owner, _) = T::Providers::benchmark_ready(HardwareClass::HighMemory, 1).remove(0);
	owner
}

/// Credits of as many ages as there can be, and fewer than any job takes: all are spent, and the rest is bought. Or, when
/// something is refunded, there is no room for another age.
fn age_credits<T: Config>(client: &AccountId) {
	T::Credits::benchmark_credits(client, MIN_JOB_PRICE / 2);
}

/// A job with the most operands, each input an output of a job of its own, if `parents`; it, its client and its parents.
fn family<T: Config>(parents: bool) -> (JobId, AccountId, Vec<JobId>) {
	let client = client::<T>();
	let mut child = spec::<T>((MAX_INPUTS + MAX_CONSTANTS) as u32);
	let jobs = if parents { adopt::<T>(&client, &mut child) } else { Vec::new() };
	let job = Pallet::<T>::do_submit(client.clone(), child, &[]).expect("good and funded");
	age_credits::<T>(&client);
	(job, client, jobs)
}

/// Makes each input of a job the output of a job of its own.
fn adopt<T: Config>(client: &AccountId, child: &mut JobSpec) -> Vec<JobId> {
	let mut jobs = Vec::new();
	for (i, input) in child.inputs.iter_mut().enumerate() {
		let mut parent = spec::<T>(1);
		parent.reference = Some(name(i as u32));
		let job = Pallet::<T>::do_submit(client.clone(), parent, &[]).expect("good and funded");
		let mirrors = Mirrors::truncate_from(vec![address(); MAX_URIS as usize]);
		*input = Input::OutputOf { job, index: 0, mirrors };
		jobs.push(job);
	}
	jobs
}

fn name(i: u32) -> H256 {
	H256(sp_io::hashing::blake2_256(&i.to_le_bytes()))
}

/// A queued job with the most operands, and its client.
fn queued<T: Config>() -> (JobId, AccountId) {
	let (job, client, _) = family::<T>(false);
	(job, client)
}

fn skip<T: Config>(blocks: u32) {
	let next = now::<T>() + blocks;
	frame_system::Pallet::<T>::set_block_number(next.into());
}

fn state<T: Config>(job: JobId) -> JobState {
	Jobs::<T>::get(job).expect("exists").state
}

/// An assigned job and the worker that has it.
pub(crate) fn assigned<T: Config>() -> (JobId, AccountId) {
	let (job, _) = queued::<T>();
	let worker = assign::<T>(job);
	(job, worker)
}

fn assign<T: Config>(job: JobId) -> AccountId {
	let members = T::Providers::benchmark_ready(HardwareClass::General, DRAWS);
	skip::<T>(1);
	let mut meter = WeightMeter::new();
	Pallet::<T>::assign_class(HardwareClass::General, &H256::repeat_byte(3), &mut meter);
	let provider = state::<T>(job).provider().expect("assigned").clone();
	let (_, worker) = members.into_iter().find(|(owner, _)| *owner == provider).expect("drawn");
	worker
}

/// A running job and its worker.
fn running<T: Config>() -> (JobId, AccountId) {
	let (job, worker) = assigned::<T>();
	assert_ok!(Pallet::<T>::do_accept(worker.clone(), job));
	(job, worker)
}

/// Makes a job the last of as many that run the same as there can be: all others are committed to and wait for it. Each
/// has been failed as often as it can be.
fn join_set<T: Config>(job: JobId) {
	let provider = client::<T>();
	let client = Jobs::<T>::get(job).expect("exists").client;
	let count = MAX_REPLICAS - 1;
	let others = (0..count).map(|i| {
		let mut other = spec::<T>(1);
		other.reference = Some(name(1_000 + u32::from(i)));
		Pallet::<T>::do_submit(client.clone(), other, &[]).expect("good and funded")
	});
	let others: Vec<JobId> = others.collect();
	let first = *others.first().expect("several");
	// The set counts the others only, whose numbers follow each other: the job is its last all the same.
	for other in others {
		Jobs::<T>::mutate_extant(other, |record| {
			Pallet::<T>::leave_queue(other, record);
			let provider = provider.clone();
			record.state = JobState::Committed { provider, reveal_from: 1, reveal_by: 1_000 };
			record.replica_of = Some(first);
			fill_attempts(record);
		});
	}
	Jobs::<T>::mutate_extant(job, |record| record.replica_of = Some(first));
	Pallet::<T>::bind(first, count);
	if is_bound(&Jobs::<T>::get(job).expect("exists")) {
		// Its own commit has opened the window for all.
		Replicas::<T>::mutate_extant(first, |set| set.stage = ReplicaStage::Shown);
	}
}

/// All attempts but one have failed.
fn fill_attempts(record: &mut JobRecord) {
	for i in 1..MAX_ATTEMPTS {
		let group = account("group", i, 0);
		let attempt = Attempt { provider: account("failed", i, 0), group };
		record.failed.try_push(attempt).expect("fits");
	}
}

/// All attempts but one have failed, and others wait for the result or run the same.
fn failed_before<T: Config>(job: JobId) {
	join_set::<T>(job);
	Jobs::<T>::mutate_extant(job, |record| {
		fill_attempts(record);
		record.children = 1;
	});
}

/// A job that was delivered late and revealed, whose price stood above its average, and for which others wait.
fn revealed<T: Config>() -> JobId {
	let (job, worker) = running::<T>();
	let at = now::<T>();
	assert_ok!(<Pallet<T> as Lifecycle>::commit(job, &worker, at, at + 10));
	assert_ok!(<Pallet<T> as Lifecycle>::reveal(job, &worker, at + 1));
	Jobs::<T>::mutate_extant(job, |record| {
		record.children = 1;
		record.late_cut = 1;
		record.withheld = 1;
	});
	job
}

/// All that can be dear in the end of a job: many parents, earlier failures, others that wait for it.
pub(crate) fn make_dear<T: Config>(job: JobId) {
	failed_before::<T>(job);
	let client = Jobs::<T>::get(job).expect("exists").client;
	let mut other = spec::<T>((MAX_INPUTS + MAX_CONSTANTS) as u32);
	let parents = adopt::<T>(&client, &mut other);
	for parent in &parents {
		Jobs::<T>::mutate_extant(parent, |parent| parent.children = 1);
	}
	Jobs::<T>::mutate_extant(job, |record| {
		record.parents = parents.try_into().expect("as many as inputs");
	});
}

/// Makes providers that are looked at and never fit: they ask for more than any job pays.
fn dear<T: Config>(count: u32) -> Vec<AccountId> {
	let members = T::Providers::benchmark_ready(HardwareClass::General, count);
	members.into_iter().map(|(owner, _)| owner).collect()
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// All operands are blobs.
	#[benchmark]
	fn submit(r: Linear<1, { (MAX_INPUTS + MAX_CONSTANTS) as u32 }>) {
		let caller = client::<T>();
		let spec = spec::<T>(r);
		age_credits::<T>(&caller);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), spec);
		assert!(matches!(state::<T>(1), JobState::Queued { .. }));
	}

	/// `p` inputs are outputs of jobs of their own: each is read, counted and waited for.
	#[benchmark]
	fn submit_child(p: Linear<1, { MAX_INPUTS as u32 }>) {
		let caller = client::<T>();
		let mut child = spec::<T>(p);
		adopt::<T>(&caller, &mut child);
		age_credits::<T>(&caller);
		let job = crate::LastJob::<T>::get() + 1;
		#[block]
		{
			assert_ok!(Pallet::<T>::submit(RawOrigin::Signed(caller).into(), child));
		}
		assert!(matches!(state::<T>(job), JobState::Waiting { .. }));
	}

	#[benchmark]
	fn accept() {
		let (job, worker) = assigned::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(worker), job);
		assert!(matches!(state::<T>(job), JobState::Running { .. }));
	}

	/// The third to decline: the job closes.
	#[benchmark]
	fn decline() {
		let (job, worker) = running::<T>();
		failed_before::<T>(job);
		#[extrinsic_call]
		_(RawOrigin::Signed(worker), job, InputFault::WrongRoot);
		assert!(!state::<T>(job).is_open());
	}

	#[benchmark]
	fn cancel() {
		// Running: the provider is paid as well.
		let (job, _) = running::<T>();
		Jobs::<T>::mutate_extant(job, |record| record.withheld = 1);
		let caller = Jobs::<T>::get(job).expect("exists").client;
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), job);
		assert!(!state::<T>(job).is_open());
	}

	/// A job whose last parent has failed: it leaves all of them, closes and is refunded.
	#[benchmark]
	fn expire_waiting() {
		let (job, _, parents) = family::<T>(true);
		let last = parents.last().expect("many");
		let mut parent = Jobs::<T>::get(last).expect("exists");
		Pallet::<T>::leave_queue(*last, &parent);
		assert_ok!(Pallet::<T>::close(
			*last,
			parent.clone(),
			calor_primitives::job::CloseReason::NoCapacity,
			None
		));
		parent = Jobs::<T>::get(last).expect("exists");
		assert_eq!(parent.children, 1);
		skip::<T>(WINDOWS.queue + 2);
		#[block]
		{
			assert_ok!(Pallet::<T>::do_expire(job));
		}
		assert!(!state::<T>(job).is_open());
	}

	/// So many providers are tried in vain, then the job closes.
	#[benchmark]
	fn expire_queued(n: Linear<0, { SWEEP }>) {
		let (job, _) = queued::<T>();
		Jobs::<T>::mutate_extant(job, |record| record.earmark = Balance::MAX);
		dear::<T>(n);
		skip::<T>(WINDOWS.queue + 2);
		if n > 0 {
			assert_ok!(Pallet::<T>::do_expire(job));
		}
		#[block]
		{
			assert_ok!(Pallet::<T>::do_expire(job));
		}
		assert!(!state::<T>(job).is_open());
	}

	/// A commitment that was not revealed, by the last provider that may try: penalised, jailed, closed, refunded.
	#[benchmark]
	fn expire_failed() {
		let (job, worker) = running::<T>();
		let at = now::<T>();
		assert_ok!(<Pallet<T> as Lifecycle>::commit(job, &worker, at, at + 1));
		failed_before::<T>(job);
		skip::<T>(2);
		#[block]
		{
			assert_ok!(Pallet::<T>::do_expire(job));
		}
		assert!(!state::<T>(job).is_open());
	}

	#[benchmark]
	fn settle() {
		let job = revealed::<T>();
		skip::<T>(2);
		#[block]
		{
			assert_ok!(Pallet::<T>::do_expire(job));
		}
		assert!(matches!(state::<T>(job), JobState::Settled { .. }));
	}

	/// A result that was proved wrong, of the last provider that may try: penalised with a share for the prover, jailed,
	/// closed, refunded.
	#[benchmark]
	fn convict() {
		let job = revealed::<T>();
		failed_before::<T>(job);
		let prover = client::<T>();
		let evidence = H256::repeat_byte(1);
		#[block]
		{
			let fault = Fault::WrongResult;
			assert_ok!(<Pallet<T> as Lifecycle>::convict(job, fault, Some(&prover), evidence));
		}
		assert!(!state::<T>(job).is_open());
	}

	/// A job at which a provider works, since another that runs the same has failed.
	#[benchmark]
	fn close_replica() {
		let (job, _) = running::<T>();
		failed_before::<T>(job);
		let record = Jobs::<T>::get(job).expect("exists");
		#[block]
		{
			assert_ok!(Pallet::<T>::close_replica(job, record, 1));
		}
		assert!(!state::<T>(job).is_open());
	}

	/// Looking at all that run the same, and at whose groups have or had them.
	#[benchmark]
	fn siblings() {
		let (job, _) = queued::<T>();
		failed_before::<T>(job);
		let record = Jobs::<T>::get(job).expect("exists");
		let rivals;
		#[block]
		{
			rivals = Pallet::<T>::rivals(job, &record);
		}
		assert!(rivals.len() > MAX_REPLICAS as usize);
	}

	/// What the end of a job is to its `p` parents, each of which may be forgotten now.
	#[benchmark]
	fn orphan(p: Linear<1, { MAX_INPUTS as u32 }>) {
		let (job, _, parents) = family::<T>(true);
		let mut record = Jobs::<T>::get(job).expect("exists");
		record.parents.truncate(p as usize);
		for parent in &parents {
			Jobs::<T>::mutate_extant(parent, |parent| {
				parent.state = JobState::Settled {
					provider: account("parent", 0, 0),
					payment: Payment::of(Price { price: 1, withheld: 0 }, 1, parent.class),
					at: 1,
					keep_until: 1,
				};
				parent.alarm = None;
			});
		}
		#[block]
		{
			Pallet::<T>::orphan(&record);
		}
		assert!(Jobs::<T>::get(parents[0]).expect("exists").alarm.is_some());
	}

	#[benchmark]
	fn drop_record() {
		let job = revealed::<T>();
		Jobs::<T>::mutate_extant(job, |record| record.children = 0);
		skip::<T>(2);
		assert_ok!(Pallet::<T>::do_expire(job));
		skip::<T>(WINDOWS.retention + 1);
		#[block]
		{
			assert_ok!(Pallet::<T>::do_expire(job));
		}
		assert!(!Jobs::<T>::contains_key(job));
	}

	/// A job whose provider's stake was forfeited.
	#[benchmark]
	fn close_forfeited() {
		let (job, _) = running::<T>();
		let provider = state::<T>(job).provider().expect("runs").clone();
		let evidence = H256::repeat_byte(1);
		assert_ok!(T::Collateral::forfeit(&provider, Fault::ForgedCapacity, None, evidence));
		assert!(Forfeited::<T>::contains_key(&provider));
		#[block]
		{
			Pallet::<T>::work_off(frame_support::weights::Weight::MAX);
		}
		assert!(!state::<T>(job).is_open());
	}

	/// A parent has failed, and its child closes.
	#[benchmark]
	fn wake_one() {
		let (job, _, parents) = family::<T>(true);
		let parent = Jobs::<T>::get(parents[0]).expect("exists");
		Pallet::<T>::leave_queue(parents[0], &parent);
		let reason = calor_primitives::job::CloseReason::NoCapacity;
		assert_ok!(Pallet::<T>::close(parents[0], parent, reason, None));
		#[block]
		{
			Pallet::<T>::wake((parents[0], ParentStage::Revealed), job);
		}
		assert!(!state::<T>(job).is_open());
	}

	/// An entry of the agenda that comes up before its job is due.
	#[benchmark]
	fn rearm() {
		let (job, _) = queued::<T>();
		let at = now::<T>();
		let mut record = Jobs::<T>::get(job).expect("exists");
		Pallet::<T>::set_alarm(job, &mut record, Some(at));
		Jobs::<T>::insert(job, record);
		#[block]
		{
			assert!(Pallet::<T>::call_up(at, job, &mut WeightMeter::new()));
		}
		assert!(Jobs::<T>::get(job).expect("exists").alarm > Some(at));
	}

	/// One look at the agenda that finds nothing.
	#[benchmark]
	fn sweep_block() {
		skip::<T>(1);
		let at = now::<T>();
		SweptTo::<T>::put(at);
		#[block]
		{
			Pallet::<T>::sweep_agenda(&mut WeightMeter::new());
		}
		assert_eq!(SweptTo::<T>::get(), at + 1);
	}

	#[benchmark]
	fn set_windows() -> Result<(), BenchmarkError> {
		let origin =
			T::Governance::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, WINDOWS);
		assert_eq!(CurrentWindows::<T>::get(), WINDOWS);
		Ok(())
	}

	/// Assigning a job that tips to the first provider of many that is looked at.
	#[benchmark]
	fn assign() {
		let (job, _) = queued::<T>();
		T::Providers::benchmark_ready(HardwareClass::General, DRAWS + 1);
		skip::<T>(1);
		#[block]
		{
			let mut meter = WeightMeter::new();
			Pallet::<T>::assign_class(HardwareClass::General, &H256::repeat_byte(3), &mut meter);
		}
		assert!(matches!(state::<T>(job), JobState::Assigned { .. }));
	}

	/// Looking in vain at `n` providers for a job, which leaves the fresh jobs for the missed.
	#[benchmark]
	fn miss(n: Linear<0, { DRAWS }>) {
		let (job, _) = queued::<T>();
		Jobs::<T>::mutate_extant(job, |record| record.earmark = Balance::MAX);
		dear::<T>(n);
		skip::<T>(1);
		#[block]
		{
			Pallet::<T>::look(job, DRAWS, &H256::repeat_byte(3), &mut WeightMeter::new());
		}
		assert!(matches!(state::<T>(job), JobState::Queued { untried: Some(_), .. }));
	}

	/// A block in which no class has anything to assign.
	#[benchmark]
	fn assign_nothing() {
		skip::<T>(1);
		#[block]
		{
			Pallet::<T>::assign_queued();
		}
	}
}
