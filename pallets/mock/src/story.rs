// SPDX-License-Identifier: Apache-2.0
//! Stories: accounts with money, providers with stake, clients with a small program.
//!
//! Every block and the end of every story check all invariants.

use crate::{genesis::*, money::*, runtime::*};
use calor_primitives::{
	assurance::{Assurance, AUDIT_FEES},
	commitment::commitment,
	job::{CloseReason, HardwareClass, Input, JobRecord, JobSpec, JobState, ParentStage},
	money::{Payment, MIN_JOB_PRICE, UNIT},
	provider::{possession_message, Availability, Capacity},
	tensor_ref::{TensorRef, TypeRef},
	traits::Invariants,
	AccountId, Balance, BlockNumber, JobId, ProgramId, H256,
};
use calor_tensor::{program::VERSION, Op, Program, TensorType};
use codec::Encode;
use frame_support::{
	assert_ok,
	dispatch::DispatchResult,
	traits::{OnFinalize, OnIdle, OnInitialize},
	weights::Weight,
};
use pallet_stake::Role;
use sp_core::{sr25519, Pair};

/// Price of the small job, and what is paid for audits on top.
pub const PRICE: Balance = MIN_JOB_PRICE;
pub const LEVY: Balance = (MIN_JOB_PRICE + AUDIT_FEES) / 8;

/// A person with a key of each kind.
pub fn account(name: &str) -> AccountId {
	pair(name).public().into()
}

/// The key of a person, or of its worker as `name//worker`.
pub fn pair(name: &str) -> sr25519::Pair {
	let seed = sp_io::hashing::blake2_256(name.as_bytes());
	sr25519::Pair::from_seed(&seed)
}

/// Account of the worker key of a provider.
pub fn worker(name: &str) -> AccountId {
	account(&format!("{name}//worker"))
}

/// Fails with the invariant that does not hold.
pub fn check_invariants() {
	type Check = fn() -> Result<(), &'static str>;
	let checks: [(&str, Check); 9] = [
		("burn-mint", BurnMint::check),
		("market", Market::check),
		("programs", Programs::check),
		("stake", Stake::check),
		("providers", Providers::check),
		("jobs", Jobs::check),
		("verification", Verification::check),
		("disclosure", Disclosure::check),
		("capacity", crate::Capacity::check),
	];
	for (pallet, check) in checks {
		if let Err(broken) = check() {
			panic!("{pallet} at {}: {broken}", System::block_number());
		}
	}
}

/// Makes one account's identity a sub-account of another's.
pub fn set_group(member: &str, head: &str) {
	let mut heads = GroupHeads::get();
	heads.retain(|(known, _)| *known != account(member));
	heads.push((account(member), account(head)));
	GroupHeads::set(&heads);
}

/// A registrar attests the identity of a group.
pub fn set_attested(head: &str) {
	let mut attested = Attested::get();
	attested.push(account(head));
	Attested::set(&attested);
}

/// Runs blocks up to that height, with room for everything on idle.
pub fn run_to(height: BlockNumber) {
	while System::block_number() < height {
		next_block(Weight::MAX);
	}
}

/// Finishes the block, with that much room on idle, and begins the next.
pub fn next_block(idle: Weight) {
	end_block(idle);
	begin_block();
	check_invariants();
}

/// Finishes the block, with that much room on idle.
pub fn end_block(idle: Weight) {
	let now = System::block_number();
	AllPalletsWithSystem::on_idle(now, idle);
	AllPalletsWithSystem::on_finalize(now);
}

/// Begins the next block.
pub fn begin_block() {
	let next = System::block_number() + 1;
	System::set_block_number(next);
	AllPalletsWithSystem::on_initialize(next);
}

/// Runs that many blocks.
pub fn advance(blocks: BlockNumber) {
	run_to(System::block_number() + blocks);
}

/// Signs as a person.
pub fn by(who: &AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who.clone())
}

/// A small program: relu of `i32[4, 16]`; with the given number of other operations before it, so that programs differ.
pub fn program(extra: usize) -> Program {
	Program {
		version: VERSION,
		inputs: vec![TensorType::i32(&[4, 16])],
		constants: vec![TensorType::i32(&[16])],
		ops: vec![Op::Bias { x: 0, bias: 1 }; 1 + extra],
		outputs: vec![2],
	}
}

/// A program that costs that many MAC, within a few in a million.
pub fn program_of(mac: u64) -> Program {
	let n = (mac / (4_096 * 4_096)).max(1) as u32;
	Program {
		version: VERSION,
		inputs: vec![TensorType::i8(&[n, 4_096])],
		constants: vec![TensorType::i8(&[4_096, 4_096])],
		ops: vec![Op::MatMul { a: 0, b: 1 }],
		outputs: vec![2],
	}
}

/// An output of another job as an input, without mirrors.
pub fn output_of(job: JobId, index: u8) -> Input {
	Input::OutputOf { job, index, mirrors: Default::default() }
}

/// An output of a job that stands earlier in the same batch as an input, without mirrors.
pub fn output_of_earlier(position: u8, index: u8) -> Input {
	Input::OutputOfEarlier { position, index, mirrors: Default::default() }
}

/// The story so far.
pub struct Story {
	providers: Vec<String>,
}

impl Story {
	/// Tells a story on a new chain. Everyone has [`FUNDS`]; of those of [`CLIENTS`], [`CREDITS`] are credits.
	pub fn tell(story: impl FnOnce(&mut Story)) {
		new_test_ext().execute_with(|| {
			CLIENTS.into_iter().for_each(|name| give_credits(name, CREDITS));
			System::reset_events();
			check_invariants();
			story(&mut Story { providers: Vec::new() });
			check_invariants();
		});
	}

	/// Tells a story that lasts longer than owner groups may take to file. All of them are big here, so none is counted.
	pub fn tell_long(story: impl FnOnce(&mut Story)) {
		Self::tell(|m| {
			let windows = pallet_disclosure::Windows { epoch: 1_000_000, filing: FILING };
			assert_ok!(Disclosure::set_windows(RuntimeOrigin::root(), windows));
			story(m);
		});
	}

	/// Names of the providers.
	pub fn providers(&self) -> &[String] {
		&self.providers
	}

	/// Bonds, registers and is ready in class General for any price.
	pub fn provider(&mut self, name: &str) -> AccountId {
		self.provider_with(name, HardwareClass::General, 0, BOND)
	}

	/// Bonds, registers and is ready.
	pub fn provider_with(
		&mut self,
		name: &str,
		class: HardwareClass,
		min_price: Balance,
		bond: Balance,
	) -> AccountId {
		let owner = account(name);
		assert_ok!(Stake::bond(by(&owner), Role::Provider, bond));
		assert_ok!(self.register(name, class, min_price));
		assert_ok!(Providers::set_ready(by(&owner), true));
		self.providers.push(name.into());
		owner
	}

	/// Registers without stake and without being ready.
	pub fn register(
		&mut self,
		name: &str,
		class: HardwareClass,
		min_price: Balance,
	) -> DispatchResult {
		let key = pair(&format!("{name}//worker"));
		let genesis = calor_primitives::genesis_hash::<Runtime>();
		let proof = key.sign(&possession_message(&genesis, &account(name)));
		Providers::register(
			by(&account(name)),
			key.public(),
			proof,
			b"http://10.0.0.1:9955".to_vec().try_into().expect("short"),
			class,
			min_price,
			Capacity { mac_per_second: 1_000_000_000_000, memory_mib: 8_192 },
		)
	}

	/// Registers a program as "grace".
	pub fn register_program(&self, program: &Program) -> ProgramId {
		let code = program.encode();
		let id = H256(calor_tensor::program_id(&code));
		if pallet_programs::Programs::<Runtime>::get(id).is_none() {
			let code = code.try_into().expect("short");
			assert_ok!(Programs::register(by(&account("grace")), code));
		}
		id
	}

	/// What a client would submit to run `program`.
	pub fn spec(&self, program: &Program) -> JobSpec {
		let tensor = |ty: &TensorType| TensorRef {
			ty: TypeRef::try_from(ty).expect("rank at most 4"),
			root: H256::repeat_byte(7),
			uris: vec![b"http://10.0.0.2/x".to_vec().try_into().expect("short")]
				.try_into()
				.expect("one"),
		};
		JobSpec {
			program: self.register_program(program),
			constants: program.constants.iter().map(tensor).collect::<Vec<_>>().try_into().unwrap(),
			inputs: program
				.inputs
				.iter()
				.map(|ty| Input::Blob(tensor(ty)))
				.collect::<Vec<_>>()
				.try_into()
				.unwrap(),
			class: HardwareClass::General,
			max_price: 1_000 * UNIT,
			tip: 0,
			assurance: Assurance::Optimistic,
			value_at_risk: 0,
			start_on: ParentStage::Settled,
			deliver_within: 20,
			reference: None,
		}
	}

	/// Submits the small program and gives the job's number.
	pub fn submit(&self, client: &str) -> JobId {
		self.submit_spec(client, self.spec(&program(0)))
	}

	/// Submits a specification that must be good.
	pub fn submit_spec(&self, client: &str, spec: JobSpec) -> JobId {
		assert_ok!(Jobs::submit(by(&account(client)), spec));
		pallet_jobs::LastJob::<Runtime>::get()
	}

	/// Runs blocks until the job is assigned and gives the name of its provider.
	pub fn assigned(&self, job: JobId) -> String {
		for _ in 0..QUEUE {
			if let JobState::Assigned { provider, .. } = state(job) {
				return self.name_of(&provider);
			}
			advance(1);
		}
		panic!("job {job} was not assigned: {:?}", state(job));
	}

	/// Name of a provider.
	pub fn name_of(&self, owner: &AccountId) -> String {
		self.providers.iter().find(|name| account(name) == *owner).expect("a provider").clone()
	}

	/// The worker accepts.
	pub fn accept(&self, name: &str, job: JobId) {
		assert_ok!(Jobs::accept(by(&worker(name)), job));
	}

	/// The worker commits to `roots` under a fixed salt.
	pub fn commit(&self, name: &str, job: JobId, roots: &[H256]) {
		assert_ok!(Verification::commit(by(&worker(name)), job, opening(name, job, roots)));
	}

	/// The worker reveals.
	pub fn reveal(&self, name: &str, job: JobId, roots: &[H256]) -> DispatchResult {
		let roots = roots.to_vec().try_into().expect("few");
		Verification::reveal(by(&worker(name)), job, SALT, roots)
	}

	/// From assignment to the reveal without a hitch.
	pub fn deliver(&self, job: JobId) -> String {
		let name = self.assigned(job);
		self.accept(&name, job);
		self.commit(&name, job, &RESULT);
		advance(1);
		assert_ok!(self.reveal(&name, job, &RESULT));
		name
	}
}

/// The salt of all commitments in stories.
pub const SALT: [u8; 32] = [9; 32];
/// The result of all jobs in stories.
pub const RESULT: [H256; 1] = [H256([3; 32])];

/// What a worker commits to.
pub fn opening(name: &str, job: JobId, roots: &[H256]) -> H256 {
	let genesis = calor_primitives::genesis_hash::<Runtime>();
	commitment(&genesis, job, &worker(name), &SALT, roots)
}

/// A job that must exist.
pub fn record(job: JobId) -> JobRecord {
	pallet_jobs::Jobs::<Runtime>::get(job).expect("the job exists")
}

/// Who failed or declined a job that must exist.
pub fn failed(job: JobId) -> Vec<AccountId> {
	record(job).failed.into_iter().map(|attempt| attempt.provider).collect()
}

/// State of a job that must exist.
pub fn state(job: JobId) -> JobState {
	record(job).state
}

/// Fails unless the job closed for that reason; gives what was refunded.
#[track_caller]
pub fn assert_closed(job: JobId, expected: CloseReason) -> Balance {
	match state(job) {
		JobState::Closed { reason, refunded, .. } => {
			assert_eq!(reason, expected);
			refunded
		},
		other => panic!("job {job} is not closed: {other:?}"),
	}
}

/// Everything that an account has, free or held.
pub fn wealth(name: &str) -> Balance {
	use frame_support::traits::fungible::Inspect;
	Balances::total_balance(&account(name))
}

/// What an account has free.
pub fn free(name: &str) -> Balance {
	Balances::free_balance(account(name))
}

/// What an account has free or in credits: what it can spend on jobs, but for what buying credits burns.
pub fn at_hand(name: &str) -> Balance {
	free(name) + credits(name)
}

/// What jobs have on hold from an account.
pub fn held(name: &str, reason: pallet_jobs::HoldReason) -> Balance {
	use frame_support::traits::fungible::hold::Inspect;
	Balances::balance_on_hold(&reason.into(), &account(name))
}

/// What a provider is doing.
pub fn availability(name: &str) -> Availability {
	let record = pallet_providers::Providers::<Runtime>::get(account(name));
	record.expect("a provider").availability
}

/// How a settled job was paid.
#[track_caller]
pub fn payment(job: JobId) -> Payment {
	match state(job) {
		JobState::Settled { payment, .. } => payment,
		other => panic!("job {job} is not settled: {other:?}"),
	}
}

/// Runs that many blocks in which nothing is done on idle.
pub fn stall(blocks: BlockNumber) {
	for _ in 0..blocks {
		next_block(Weight::zero());
	}
}

/// Everything that exists.
pub fn issuance() -> Balance {
	Balances::total_issuance()
}
