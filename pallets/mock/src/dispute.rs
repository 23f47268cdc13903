// SPDX-License-Identifier: Apache-2.0
//! Results in stories that are computed indeed, and lies about them; auditors that draw, challengers that ask and prove.

use crate::{genesis::*, runtime::*, story::*};
use calor_primitives::{
	dispute::{proof_commitment, Answer, AuditState, DisputeView, Question, Shown},
	job::{HardwareClass, Input, JobSpec, JobState},
	lottery::{self, Ticket},
	money::UNIT,
	AccountId, Balance, BlockNumber, JobId, H256,
};
use calor_tensor::{
	program::VERSION, proof::FraudProof, reference, testing::Choice, Data, Op, Program, Scale,
	Tensor, TensorType, Validated,
};
use calor_verify::{Claimed, Finding, Run};
use codec::Encode;
use frame_support::{
	assert_ok,
	dispatch::{DispatchResult, DispatchResultWithPostInfo},
};
use sp_core::crypto::VrfSecret;
use std::{collections::BTreeSet, sync::Arc};

/// The salt of all proofs that are announced.
pub const PROOF_SALT: [u8; 32] = [5; 32];

/// A program on operands, and its right run.
pub struct Work {
	/// The program.
	pub program: Program,
	/// All that it defines.
	pub right: Run,
}

/// Two layers and a choice, with an intermediate tensor of three tiles.
pub fn layers() -> Program {
	let scale = Scale { multiplier: 1 << 20, shift: 28 };
	Program {
		version: VERSION,
		inputs: vec![TensorType::i8(&[8, 96])],
		constants: vec![
			TensorType::i8(&[130, 96]),
			TensorType::i32(&[130]),
			TensorType::i8(&[10, 130]),
		],
		ops: vec![
			Op::MatMul { a: 0, b: 1 },
			Op::Bias { x: 4, bias: 2 },
			Op::Requant { x: 5, scales: vec![scale], zero: 0 },
			Op::MatMul { a: 6, b: 3 },
			Op::ArgMax { x: 7 },
		],
		outputs: vec![7, 8],
	}
}

/// More tiles than one answer holds, one element each.
pub fn deep() -> Program {
	Program {
		version: VERSION,
		inputs: vec![TensorType::i8(&[1_030, 1, 2])],
		constants: vec![],
		ops: vec![Op::Relu { x: 0 }, Op::RowMax { x: 1 }, Op::Reshape { x: 2, dims: vec![1_030] }],
		outputs: vec![3],
	}
}

impl Work {
	/// The program on operands that follow from a seed.
	pub fn new(program: Program, seed: u64) -> Self {
		let validated = Arc::new(program.clone().validate().expect("a valid program"));
		let mut choice = Choice::new(seed);
		let types = program.inputs.iter().chain(&program.constants);
		let operands: Vec<Tensor> =
			types.map(|ty| choice.tensor(ty).expect("a valid type")).collect();
		let right = trace(&validated, operands);
		Self { program, right }
	}

	/// As most stories have it.
	pub fn small() -> Self {
		Self::new(layers(), 7)
	}

	/// What a client would submit to have it run.
	pub fn spec(&self, m: &Story) -> JobSpec {
		let mut spec = m.spec(&self.program);
		let root = |at: usize| H256(self.right.root(at as u16).expect("an operand"));
		let inputs = spec.inputs.len();
		for (at, input) in spec.inputs.iter_mut().enumerate() {
			match input {
				Input::Blob(tensor) => tensor.root = root(at),
				_ => panic!("all inputs are blobs"),
			}
		}
		for (at, constant) in spec.constants.iter_mut().enumerate() {
			constant.root = root(inputs + at);
		}
		spec
	}

	/// A run in which one element of what an operation defines is one more, and everything after follows from it.
	pub fn lie(&self, op: usize, element: usize) -> Run {
		self.lie_with(op, element, true)
	}

	/// A run in which one element of what an operation defines is one more, and nothing else is wrong.
	pub fn slip(&self, op: usize, element: usize) -> Run {
		self.lie_with(op, element, false)
	}

	fn lie_with(&self, op: usize, element: usize, follows: bool) -> Run {
		let program = self.right.program();
		let operands = self.right.operands().to_vec();
		let first = operands.len();
		let mut defined: Vec<Tensor> = (0..self.program.ops.len())
			.map(|at| self.right.tensor((first + at) as u16).expect("all are kept").clone())
			.collect();
		match defined[op].data_mut() {
			Data::I8(v) => v[element] = v[element].wrapping_add(1),
			Data::I32(v) => v[element] = v[element].wrapping_add(1),
		}
		if follows {
			// What comes after is a program of its own: with all before it among the operands.
			for at in op + 1..self.program.ops.len() {
				let mut known = operands.clone();
				known.extend(defined[..at].iter().cloned());
				let single = Program {
					version: VERSION,
					inputs: known.iter().map(|tensor| tensor.ty().clone()).collect(),
					constants: vec![],
					ops: vec![self.program.ops[at].clone()],
					outputs: vec![known.len() as u16],
				};
				let single = single.validate().expect("a part of a valid program");
				defined[at] = reference::trace(&single, known).expect("it fits").remove(0);
			}
		}
		Run::of(Arc::new(program.clone()), operands, defined).expect("it fits")
	}
}

fn trace(program: &Arc<Validated>, operands: Vec<Tensor>) -> Run {
	let defined = reference::trace(program, operands.clone()).expect("operands fit");
	Run::of(program.clone(), operands, defined).expect("it fits")
}

/// Roots of a run's outputs.
pub fn roots(run: &Run) -> Vec<H256> {
	run.output_roots().into_iter().map(H256).collect()
}

/// How a result is checked that must be known.
pub fn dispute(job: JobId) -> DisputeView {
	Verification::dispute(job).expect("a result")
}

/// How far an auditor is; `None` if it has no audit of that result.
pub fn audit(name: &str, job: JobId) -> Option<AuditState> {
	let mut audits = dispute(job).audits.into_iter();
	audits.find_map(|audit| (audit.auditor == account(name)).then_some(audit.state))
}

/// Height at which a result settles as things stand.
#[track_caller]
pub fn settles_at(job: JobId) -> BlockNumber {
	match state(job) {
		JobState::Revealed { settles_at, .. } => settles_at,
		other => panic!("job {job} is not revealed: {other:?}"),
	}
}

/// First and last height for the reveal.
#[track_caller]
pub fn reveal_window(job: JobId) -> (BlockNumber, BlockNumber) {
	match state(job) {
		JobState::Committed { reveal_from, reveal_by, .. } => (reveal_from, reveal_by),
		other => panic!("job {job} is not committed: {other:?}"),
	}
}

/// What is held from somebody for questions and proofs.
pub fn deposits(name: &str) -> (Balance, Balance) {
	use frame_support::traits::fungible::hold::Inspect;
	use pallet_verification::HoldReason::{Demand, Proof};
	let held = |reason: pallet_verification::HoldReason| {
		Balances::balance_on_hold(&reason.into(), &account(name))
	};
	(held(Demand), held(Proof))
}

/// What the audit pot has.
pub fn pot() -> Balance {
	Balances::free_balance(AuditPot::get())
}

/// The audit pot has so much from now on: the rest goes to or comes from somebody else.
pub fn set_pot(amount: Balance) {
	if let Some(excess) = pot().checked_sub(amount) {
		assert_ok!(Balances::transfer_allow_death(by(&AuditPot::get()), reserve(), excess));
	} else {
		fund_pot(amount - pot());
	}
}

/// Somebody gives the audit pot something to begin with.
pub fn fund_pot(amount: Balance) {
	assert_ok!(Balances::transfer_allow_death(by(&reserve()), AuditPot::get(), amount));
}

/// The ticket of an auditor for a result.
pub fn ticket(name: &str, job: JobId) -> Ticket {
	let seed = Verification::seed(dispute(job).committed_at + 1).expect("the block is over");
	ticket_of(name, &seed, job)
}

fn ticket_of(name: &str, seed: &H256, job: JobId) -> Ticket {
	let genesis = calor_primitives::genesis_hash::<Runtime>();
	pair(&format!("{name}//worker")).vrf_sign(&lottery::ticket(&genesis, seed, job)).into()
}

/// The randomness that a height will have had.
fn seed_of(height: BlockNumber) -> H256 {
	H256((&b"calor/audit"[..], height + 1).using_encoded(sp_io::hashing::blake2_256))
}

/// An auditor claims what it has drawn, or has not.
pub fn claim_audit(name: &str, job: JobId) -> DispatchResult {
	Verification::claim_audit(by(&worker(name)), job, ticket(name, job))
}

/// An auditor commits to its own result under the salt of all.
pub fn audit_commit(name: &str, job: JobId, roots: &[H256]) -> DispatchResult {
	Verification::audit_commit(by(&worker(name)), job, opening(name, job, roots))
}

/// An auditor shows its own result.
pub fn audit_reveal(name: &str, job: JobId, roots: &[H256]) -> DispatchResult {
	let roots = roots.to_vec().try_into().expect("few");
	Verification::audit_reveal(by(&worker(name)), job, SALT, roots)
}

/// Somebody asks.
pub fn demand(
	name: &str,
	job: JobId,
	question: Question,
	shown: Option<Shown>,
) -> DispatchResultWithPostInfo {
	Verification::demand(by(&account(name)), job, question, shown)
}

/// Somebody answers.
pub fn answer(
	who: &AccountId,
	job: JobId,
	question: Question,
	answer: Answer,
) -> DispatchResultWithPostInfo {
	Verification::answer(by(who), job, question, answer)
}

/// Somebody announces a proof.
pub fn commit_proof(name: &str, job: JobId, proof: &FraudProof) -> DispatchResult {
	Verification::commit_proof(by(&account(name)), job, proof_hash(name, job, proof))
}

/// What binds somebody to a proof.
pub fn proof_hash(name: &str, job: JobId, proof: &FraudProof) -> H256 {
	let genesis = calor_primitives::genesis_hash::<Runtime>();
	let hash = H256(proof.using_encoded(sp_io::hashing::blake2_256));
	proof_commitment(&genesis, job, &account(name), &PROOF_SALT, &hash)
}

/// Somebody shows a proof.
pub fn prove_fraud(name: &str, job: JobId, proof: &FraudProof) -> DispatchResultWithPostInfo {
	Verification::prove_fraud(by(&account(name)), job, PROOF_SALT, proof.clone())
}

/// A worker registers its worker key's account: answers cost a fee until they are known to be right, so it exists.
pub fn appear_worker(name: &str) {
	let worker = worker(name);
	assert_ok!(Balances::transfer_allow_death(by(&reserve()), worker, UNIT));
}

/// What a worker has shown with its reveal.
fn claimed(job: JobId, right: &Run) -> Claimed {
	let operands = right.operands().len() as u16;
	let operands = (0..operands).map(|id| right.root(id).expect("an operand")).collect();
	let revealed = Jobs::view(job).expect("a job").output_roots;
	Claimed::new(operands, revealed.into_iter().map(|root| root.0).collect())
}

impl Story {
	/// Bonds, registers, is there and enrols as an auditor, but takes no jobs.
	pub fn auditor(&mut self, name: &str, bond: Balance) -> AccountId {
		let owner = self.provider_with(name, HardwareClass::HighMemory, 0, bond);
		assert_ok!(Verification::enrol(by(&worker(name)), true));
		owner
	}

	/// Runs blocks until the next round of auditors has begun.
	pub fn next_round(&self) {
		let round = || pallet_verification::CurrentRound::<Runtime>::get().number;
		let before = round();
		while round() == before {
			self.block();
		}
	}

	/// Runs a block in which everybody gives a sign of life now and then.
	pub fn block(&self) {
		if System::block_number().is_multiple_of(HEARTBEAT / 2) {
			self.heartbeats();
		}
		advance(1);
	}

	/// From assignment to the moment before the commit.
	pub fn running(&self, spec: JobSpec) -> (JobId, String) {
		let job = self.submit_spec("alice", spec);
		let name = self.assigned(job);
		self.accept(&name, job);
		(job, name)
	}

	/// Submits, runs and reveals that run without a hitch, with no auditors around.
	pub fn revealed(&self, work: &Work, run: &Run) -> (JobId, String) {
		let (job, name) = self.running(work.spec(self));
		self.commit(&name, job, &roots(run));
		let (from, _) = reveal_window(job);
		run_to(from);
		assert_ok!(self.reveal(&name, job, &roots(run)));
		(job, name)
	}

	/// The worker waits with its commit until exactly those of `auditors` will be drawn, and gives claims time to begin.
	pub fn commit_so_that_draw(
		&self,
		worker: &str,
		job: JobId,
		result: &[H256],
		auditors: &[&str],
		drawn: &[&str],
	) {
		loop {
			let now = System::block_number();
			if self.would_draw(auditors, &seed_of(now + 1), job) == drawn {
				break;
			}
			self.block();
		}
		self.commit(worker, job, result);
		advance(2);
	}

	/// Those auditors that a seed draws for a job in the current round.
	pub fn would_draw<'a>(&self, auditors: &[&'a str], seed: &H256, job: JobId) -> Vec<&'a str> {
		let rate = record(job).assurance.audit_rate();
		let genesis = calor_primitives::genesis_hash::<Runtime>();
		let wins = |name: &&&str| {
			let view = Verification::auditor(account(name)).expect("enrolled");
			let message = lottery::ticket(&genesis, seed, job);
			let number = lottery::own_number(&pair(&format!("{name}//worker")), &message);
			number < lottery::threshold(rate, view.stake, view.total)
		};
		auditors.iter().filter(wins).copied().collect()
	}

	/// A challenger with the right run asks, the worker (or whoever answers) answers by another run, until there is a proof
	/// or nothing is wrong.
	pub fn challenge(
		&self,
		name: &str,
		job: JobId,
		right: &Run,
		answers: &Run,
	) -> Option<FraudProof> {
		self.pursue(name, job, right, answers, claimed(job, right))
	}

	/// As [`Self::challenge`], by one who has seen the answer to the question for the trace.
	pub fn challenge_after_trace(
		&self,
		name: &str,
		job: JobId,
		right: &Run,
		answers: &Run,
	) -> Option<FraudProof> {
		let mut claimed = claimed(job, right);
		let trace = answers.answer(Question::Trace).expect("an answer");
		claimed.take(right.program(), Question::Trace, &trace).expect("as the chain says");
		self.pursue(name, job, right, answers, claimed)
	}

	fn pursue(
		&self,
		name: &str,
		job: JobId,
		right: &Run,
		answers: &Run,
		mut claimed: Claimed,
	) -> Option<FraudProof> {
		let mut asked = BTreeSet::new();
		loop {
			match right.next(&claimed).expect("a verdict") {
				Finding::Agrees => return None,
				Finding::Ask(question, shown) => {
					assert!(asked.insert(question), "{question:?} is asked twice");
					assert!(asked.len() <= 3, "more than three questions");
					assert_ok!(demand(name, job, question, shown));
					advance(1);
					let provider = state(job).provider().expect("a provider").clone();
					let who = self.name_of(&provider);
					let said = answers.answer(question).expect("an answer");
					assert_ok!(answer(&worker(&who), job, question, said.clone()));
					claimed.take(right.program(), question, &said).expect("as the chain says");
				},
				Finding::Recompute(_) => panic!("all tensors are kept"),
				Finding::Proof(proof) => return Some(proof),
			}
		}
	}

	/// Somebody announces a proof and shows it in the next block.
	pub fn prove(&self, name: &str, job: JobId, proof: &FraudProof) -> DispatchResultWithPostInfo {
		assert_ok!(commit_proof(name, job, proof));
		advance(1);
		prove_fraud(name, job, proof)
	}
}
