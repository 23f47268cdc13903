// SPDX-License-Identifier: Apache-2.0
//! Cost of each call at its worst: as many auditors as a result can have, each with something to be paid or lost.
//!
//! What a call spends on programs, tickets, hashes and tiles is measured apart, since no job of a benchmark could have all
//! of it: the weights of calls are sums.

use crate::{
	conclude::Ending,
	demands::MOST_OPS,
	types::{Drawing, Power, RosterPage, MAX_AUDITS, PAGE},
	Announced, Call, Checks, Config, CurrentRound, CurrentWindows, Demands, NextRoundAt, Over,
	Pallet, Results, Roster, Round, Seat, Seats, SweptTo, Windows,
};
use alloc::{vec, vec::Vec};
use calor_primitives::{
	commitment::commitment,
	dispute::{Answer, Audit, AuditState, Question, MAX_HASHES},
	genesis_hash,
	job::{HardwareClass, OutputRoots},
	lottery::Ticket,
	money::UNIT,
	now,
	traits::{Assign, Collateral, Evidence, Lifecycle},
	AccountId, Balance, BlockNumber, JobId, H256,
};
use calor_tensor::{
	commit::{leaf, trace_root},
	program::{MAX_OUTPUTS, VERSION},
	proof::{FraudProof, OpenedTensor, MAX_PROOF},
	referee::{recompute_tile, InputTile, Opened},
	tree::fold,
	Op, Program, Scale, TensorType, Validated,
};
use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{fungible::Mutate as _, EnsureOrigin, Get},
	weights::WeightMeter,
};
use frame_system::RawOrigin;

const WINDOWS: Windows = Windows {
	reveal: 10,
	challenge: 10,
	claim: 10,
	audit: 10,
	answer: 10,
	prove: 10,
	roster: 20,
	pot: 0,
};
const SALT: [u8; 32] = [2; 32];
/// Pages of auditors among whom one is drawn: some 65,000.
const PAGES: u32 = 1_024;
/// Levels of the largest tree.
const HEIGHT: u32 = 20;

fn rich<T: Config>(name: &'static str) -> AccountId {
	let who: AccountId = account(name, 0, 0);
	T::Currency::mint_into(&who, 1_000_000 * UNIT).expect("little enough");
	who
}

fn skip_to<T: Config>(height: BlockNumber) {
	frame_system::Pallet::<T>::set_block_number(height.into());
}

fn skip<T: Config>(blocks: BlockNumber) {
	skip_to::<T>(now::<T>() + blocks);
}

fn results() -> OutputRoots {
	OutputRoots::truncate_from(vec![H256::repeat_byte(1); MAX_OUTPUTS])
}

/// Auditors that are ready, enrolled and in the round that counts; owners and worker keys.
fn auditors<T: Config>(count: u32) -> Vec<(AccountId, AccountId)> {
	CurrentWindows::<T>::put(WINDOWS);
	let members = T::Providers::benchmark_ready(HardwareClass::HighMemory, count);
	for (owner, _) in &members {
		assert_ok!(Pallet::<T>::do_enrol(owner.clone(), true));
	}
	NextRoundAt::<T>::put(0);
	while CurrentRound::<T>::get().auditors < count {
		Pallet::<T>::make_round();
	}
	members
}

/// A committed job, and the worker that has it.
fn committed<T: Config>() -> (JobId, AccountId) {
	let (job, worker) = T::Jobs::benchmark_running();
	let opening = commitment(&genesis_hash::<T>(), job, &worker, &SALT, &results());
	assert_ok!(Pallet::<T>::do_commit(worker.clone(), job, opening));
	(job, worker)
}

/// Gives as many auditors as there can be the audit of a job, each at that stage.
fn audit_by_all<T: Config>(job: JobId, members: &[(AccountId, AccountId)], state: AuditState) {
	Checks::<T>::mutate_extant(job, |check| {
		for (auditor, worker) in members.iter().take(MAX_AUDITS as usize).cloned() {
			let earmark = UNIT;
			assert_ok!(T::Collateral::earmark(&auditor, job, earmark));
			let audit = Audit { auditor, worker, earmark, state: state.clone() };
			check.audits.try_push(audit).expect("as many as there can be");
		}
	});
}

/// A revealed job with as many auditors as it can have, that agree.
fn revealed<T: Config>() -> (JobId, AccountId) {
	let members = auditors::<T>(MAX_AUDITS);
	let (job, worker) = committed::<T>();
	audit_by_all::<T>(job, &members, AuditState::Agreed);
	skip_to::<T>(Checks::<T>::get(job).expect("committed").reveal_from);
	assert_ok!(Pallet::<T>::do_reveal(worker.clone(), job, SALT, results()));
	(job, worker)
}

fn attempt<T: Config>(job: JobId) -> (JobId, BlockNumber) {
	(job, Results::<T>::get(job).expect("committed").at)
}

fn announce<T: Config>(job: JobId) -> AccountId {
	let prover = rich::<T>("prover");
	assert_ok!(Pallet::<T>::do_commit_proof(prover.clone(), job, H256::repeat_byte(3)));
	prover
}

/// What can be said of `ops` operations of 60 bytes each, or fewer bytes if that is too many.
fn long_program(ops: u32) -> Vec<u8> {
	let scale = Scale { multiplier: 1 << 30, shift: 31 };
	let ops = (0..ops as u16).map(|op| Op::Rescale { x: op, scales: vec![scale; 11] });
	let ops: Vec<Op> = ops.collect();
	let outputs = vec![ops.len() as u16];
	let inputs = vec![TensorType::i32(&[1, 11])];
	Program { version: VERSION, inputs, constants: vec![], ops, outputs }.encode()
}

fn single(op: Op, inputs: Vec<TensorType>) -> Validated {
	let outputs = vec![inputs.len() as u16];
	let program = Program { version: VERSION, inputs, constants: vec![], ops: vec![op], outputs };
	program.validate().expect("a valid program")
}

fn empty_proof(inputs: Vec<OpenedTensor>) -> FraudProof {
	FraudProof { op: 0, tile: 0, claimed: [0; 32], path: vec![], in_trace: vec![], inputs }
}

/// A ticket, and the key that drew it, of seed `[7; 32]`: on the chain with genesis `[1; 32]`, by seed `[2; 32]`, for job 3. The
/// runtime can check a ticket and not make one.
mod sample {
	pub const KEY: [u8; 32] = [
		124, 15, 70, 157, 59, 211, 64, 186, 231, 24, 32, 63, 163, 12, 160, 113, 165, 227, 124, 117,
		30, 137, 29, 189, 237, 131, 123, 33, 61, 69, 217, 29,
	];
	pub const PRE_OUTPUT: [u8; 32] = [
		22, 139, 85, 178, 172, 251, 13, 58, 109, 246, 221, 111, 222, 120, 198, 146, 186, 129, 78,
		225, 207, 213, 170, 62, 30, 62, 238, 120, 239, 80, 10, 80,
	];
	pub const PROOF: [u8; 64] = [
		125, 16, 1, 74, 183, 94, 6, 110, 20, 234, 230, 49, 166, 63, 224, 194, 136, 210, 171, 44,
		18, 248, 189, 37, 148, 3, 4, 174, 105, 0, 120, 1, 188, 203, 31, 166, 252, 162, 113, 49,
		200, 253, 53, 65, 58, 117, 68, 77, 5, 164, 42, 201, 211, 138, 218, 23, 73, 213, 176, 87,
		162, 133, 49, 8,
	];
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn commit() {
		auditors::<T>(1);
		let (job, worker) = T::Jobs::benchmark_running();
		#[extrinsic_call]
		_(RawOrigin::Signed(worker), job, H256::repeat_byte(1));
		assert!(Checks::<T>::get(job).is_some_and(|check| check.lottery.is_some()));
	}

	/// As many auditors as there can be have shown their results already.
	#[benchmark]
	fn reveal() {
		let members = auditors::<T>(MAX_AUDITS);
		let (job, worker) = committed::<T>();
		audit_by_all::<T>(job, &members, AuditState::Shown(H256::zero()));
		skip_to::<T>(Checks::<T>::get(job).expect("committed").reveal_from);
		#[extrinsic_call]
		_(RawOrigin::Signed(worker), job, SALT, results());
		let disagrees = |audit: &Audit| audit.state == AuditState::Disagreed;
		assert!(Checks::<T>::get(job).is_some_and(|check| check.audits.iter().all(disagrees)));
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

	#[benchmark]
	fn enrol() {
		let members = T::Providers::benchmark_ready(HardwareClass::HighMemory, 1);
		let (owner, worker) = members[0].clone();
		#[extrinsic_call]
		_(RawOrigin::Signed(worker), true);
		assert!(Seats::<T>::contains_key(owner));
	}

	/// All but the ticket: see `check_ticket`.
	#[benchmark]
	fn claim_audit() {
		let members = auditors::<T>(MAX_AUDITS);
		let (job, _) = committed::<T>();
		skip::<T>(2);
		Pallet::<T>::note_seed();
		assert_ok!(Pallet::<T>::claim_drawn(members[0].1.clone(), job, |_| Some(0)));
		let worker = members[1].1.clone();
		#[block]
		{
			assert_ok!(Pallet::<T>::claim_drawn(worker, job, |_| Some(0)));
		}
		assert_eq!(Checks::<T>::get(job).expect("committed").audits.len(), 2);
	}

	/// The last to commit, whereupon the reveal opens.
	#[benchmark]
	fn audit_commit() {
		let members = auditors::<T>(MAX_AUDITS);
		let (job, _) = committed::<T>();
		skip::<T>(2);
		audit_by_all::<T>(job, &members, AuditState::Committed(H256::zero()));
		Checks::<T>::mutate_extant(job, |check| {
			check.audits[0].state = AuditState::Claimed { by: now::<T>() + 1 };
		});
		let worker = members[0].1.clone();
		#[extrinsic_call]
		_(RawOrigin::Signed(worker), job, H256::repeat_byte(1));
		assert!(matches!(
			Checks::<T>::get(job).expect("committed").audits[0].state,
			AuditState::Committed(_)
		));
	}

	/// After the worker's reveal: the two are compared.
	#[benchmark]
	fn audit_reveal() {
		let (job, _) = revealed::<T>();
		let worker = Checks::<T>::get(job).expect("revealed").audits[0].worker.clone();
		let opening = commitment(&genesis_hash::<T>(), job, &worker, &SALT, &results());
		Checks::<T>::mutate_extant(job, |check| {
			check.audits[0].state = AuditState::Committed(opening);
		});
		#[extrinsic_call]
		_(RawOrigin::Signed(worker), job, SALT, results());
		assert_eq!(Checks::<T>::get(job).expect("revealed").audits[0].state, AuditState::Agreed);
	}

	/// All but the program and what is shown: see `read_program` and `check_hashes`.
	#[benchmark]
	fn demand() {
		let (job, _) = revealed::<T>();
		let caller = rich::<T>("asker");
		// At the last moment: settlement is put off.
		skip::<T>(WINDOWS.challenge - 1);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), job, Question::Trace, None);
		assert!(Demands::<T>::contains_key(attempt::<T>(job), Question::Trace));
	}

	/// All but the program and the bytes: see `read_program`, `check_hashes` and `check_bytes`.
	#[benchmark]
	fn answer() {
		let (job, worker) = revealed::<T>();
		let asker = rich::<T>("asker");
		T::Currency::mint_into(&worker, UNIT).expect("little enough");
		Pallet::<T>::do_demand(asker, job, Question::Trace, None).expect("it can be asked");
		let code = T::Jobs::subject(job).expect("open").code;
		let program = Validated::from_bytes(&code).expect("registered");
		let roots = vec![H256::repeat_byte(1); program.program().ops.len()];
		let shown = Answer::Hashes(roots.try_into().expect("as many as there can be"));
		#[extrinsic_call]
		_(RawOrigin::Signed(worker), job, Question::Trace, shown);
		assert!(!Demands::<T>::contains_key(attempt::<T>(job), Question::Trace));
	}

	/// The worker is convicted.
	#[benchmark]
	fn report_silence() {
		let (job, _) = revealed::<T>();
		let caller = rich::<T>("asker");
		Pallet::<T>::do_demand(caller.clone(), job, Question::Trace, None)
			.expect("it can be asked");
		let key = attempt::<T>(job);
		let asked = Demands::<T>::get(key, Question::Trace).expect("just asked");
		skip_to::<T>(asked.by_height + 1);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), job, Question::Trace);
		assert!(!Checks::<T>::contains_key(job));
	}

	#[benchmark]
	fn commit_proof() {
		let (job, _) = revealed::<T>();
		let prover = rich::<T>("prover");
		skip::<T>(WINDOWS.challenge - 1);
		#[extrinsic_call]
		_(RawOrigin::Signed(prover.clone()), job, H256::repeat_byte(3));
		assert!(Announced::<T>::contains_key(attempt::<T>(job), prover));
	}

	/// What follows from a proof: the worker is convicted, and auditors that agreed are penalised. For what it takes to judge
	/// it see `read_program`, `check_bytes` and `recompute`.
	#[benchmark]
	fn prove_fraud() {
		let (job, _) = revealed::<T>();
		let prover = announce::<T>(job);
		let proof = empty_proof(vec![]);
		skip::<T>(1);
		#[block]
		{
			let (record, ..) = Pallet::<T>::revealed(job).expect("revealed");
			let key = (job, record.at);
			let announced = Announced::<T>::get(key, &prover).expect("announced");
			let hash = H256::repeat_byte(4);
			assert_ok!(Pallet::<T>::convict(key, prover, announced, &proof, true, hash));
		}
		assert!(!Checks::<T>::contains_key(job));
	}

	/// The deposit is burned.
	#[benchmark]
	fn withdraw_proof() {
		let (job, _) = revealed::<T>();
		let prover = announce::<T>(job);
		let key = attempt::<T>(job);
		Pallet::<T>::end(job, Ending::Settled);
		#[extrinsic_call]
		_(RawOrigin::Signed(prover.clone()), job);
		assert!(!Announced::<T>::contains_key(key, prover));
	}

	/// In vain, among many: whoever is drawn is of the worker's own group, which is found out last. Giving somebody the audit
	/// is `claim_audit`.
	#[benchmark]
	fn draw_auditor() {
		auditors::<T>(1);
		let (job, worker) = committed::<T>();
		let owner = T::Providers::owner_of(&worker).expect("a provider");
		let round = CurrentRound::<T>::get().number;
		let mut seat = Seat::default();
		seat.set(Power { round, worker, stake: UNIT });
		Seats::<T>::insert(&owner, seat);
		let mut total: Balance = 0;
		for page in 0..PAGES {
			let members = (0..PAGE).map(|_| {
				total += 1;
				(owner.clone(), total)
			});
			let members: RosterPage = members.collect::<Vec<_>>().try_into().expect("a page");
			Roster::<T>::insert(round & 1, page, members);
		}
		CurrentRound::<T>::put(Round {
			number: round,
			auditors: PAGES * PAGE,
			pages: PAGES,
			total,
		});
		skip::<T>(2);
		Pallet::<T>::note_seed();
		let at = now::<T>();
		Checks::<T>::mutate_extant(job, |check| {
			check.drawing = Some(Drawing { seed_at: at - 1, until: at + 100, tried: 0 });
		});
		let caller = rich::<T>("caller");
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), job);
		let check = Checks::<T>::get(job).expect("committed");
		assert!(check.drawing.is_some_and(|drawing| drawing.tried > 0));
	}

	#[benchmark]
	fn note_seed() {
		skip::<T>(1);
		#[block]
		{
			Pallet::<T>::note_seed();
		}
		assert!(Pallet::<T>::seed(now::<T>() - 1).is_some());
	}

	/// The last page, whereupon the round begins and the pot is brought down to its bound.
	#[benchmark]
	fn make_round(n: Linear<0, { PAGE - 1 }>) {
		CurrentWindows::<T>::put(WINDOWS);
		let members = T::Providers::benchmark_ready(HardwareClass::HighMemory, n);
		for (owner, _) in &members {
			assert_ok!(Pallet::<T>::do_enrol(owner.clone(), true));
		}
		T::Currency::mint_into(&T::AuditPot::get(), UNIT).expect("little enough");
		NextRoundAt::<T>::put(0);
		#[block]
		{
			Pallet::<T>::make_round();
		}
		assert_eq!(CurrentRound::<T>::get().auditors, n);
	}

	/// One look at the agenda that finds nothing.
	#[benchmark]
	fn look() {
		skip::<T>(1);
		let at = now::<T>();
		SweptTo::<T>::put(at);
		#[block]
		{
			Pallet::<T>::sweep_agenda(&mut WeightMeter::new());
		}
		assert_eq!(SweptTo::<T>::get(), at + 1);
	}

	/// An announcement whose deposit is burned, the last thing that remains of an attempt.
	#[benchmark]
	fn clear() {
		let (job, _) = revealed::<T>();
		let prover = announce::<T>(job);
		let key = attempt::<T>(job);
		Pallet::<T>::end(job, Ending::Settled);
		assert!(Over::<T>::contains_key(job, key.1));
		#[block]
		{
			Pallet::<T>::clear_remains(&mut WeightMeter::new());
		}
		assert!(!Announced::<T>::contains_key(key, prover));
		assert!(!Over::<T>::contains_key(job, key.1));
	}

	/// With as many auditors as there can be, all paid from the pot.
	#[benchmark]
	fn conclude() {
		let (job, _) = revealed::<T>();
		announce::<T>(job);
		T::Currency::mint_into(&T::AuditPot::get(), 1_000_000 * UNIT).expect("little enough");
		#[block]
		{
			let _ = <Pallet<T> as Evidence>::verdict(job);
			<Pallet<T> as Evidence>::settled(job);
		}
		assert!(!Checks::<T>::contains_key(job));
	}

	/// Decoding and checking a program of `o` operations with as many bytes as it can have, and its operands.
	#[benchmark]
	fn read_program(o: Linear<1, { MOST_OPS }>) {
		let (job, _) = revealed::<T>();
		let code = long_program(o);
		#[block]
		{
			let subject = T::Jobs::subject(job).expect("open");
			assert!(!subject.operands.is_empty());
			assert!(Validated::from_bytes(&code).is_ok());
		}
	}

	/// A root over `h` hashes, as of a trace: the dearest there is.
	#[benchmark]
	fn check_hashes(h: Linear<1, { MAX_HASHES }>) {
		let hashes: Vec<_> = (0..h).map(|i| leaf(&i.to_le_bytes())).collect();
		#[block]
		{
			assert!(trace_root(&hashes) != [0; 32]);
		}
	}

	/// Opening `b` KiB of tiles, each under a path of its own, and the hash of all.
	#[benchmark]
	fn check_bytes(b: Linear<1, { (MAX_PROOF >> 10) as u32 }>) {
		let program = single(Op::Relu { x: 0 }, vec![TensorType::i8(&[256, 16_384])]);
		let tiles: Vec<_> = (0..b.div_ceil(4)).map(|tile| (tile, vec![1u8; 4_096])).collect();
		let siblings = vec![[3; 32]; HEIGHT as usize];
		let opened = OpenedTensor { tensor: 0, in_trace: vec![], tiles, siblings };
		let proof = empty_proof(vec![opened]);
		#[block]
		{
			let encoded = proof.encode();
			assert!(sp_io::hashing::blake2_256(&encoded) != [0; 32]);
			let mut opened = Opened::default();
			for input in &proof.inputs {
				for (tile, bytes) in &input.tiles {
					let at = InputTile { tensor: input.tensor, tile: *tile };
					opened.insert(&program, at, bytes).expect("a tile");
					assert!(fold(&[(0, leaf(bytes))], HEIGHT, &input.siblings).is_some());
				}
			}
		}
	}

	/// A tile of a product over as many elements as `m` million multiply-accumulates take.
	#[benchmark]
	fn recompute(m: Linear<1, 67>) {
		let length = m * 1_000_000 / 4_096;
		let operand = TensorType::i8(&[64, length]);
		let program = single(Op::MatMul { a: 0, b: 1 }, vec![operand.clone(), operand]);
		let mut opened = Opened::default();
		for tensor in 0..2 {
			for tile in 0..length.div_ceil(64) {
				let at = InputTile { tensor, tile };
				opened.insert(&program, at, &[0x5a; 4_096]).expect("a tile");
			}
		}
		#[block]
		{
			assert!(recompute_tile(&program, 0, 0, &opened).is_ok());
		}
	}

	#[benchmark]
	fn check_ticket() {
		let ticket = Ticket { pre_output: sample::PRE_OUTPUT, proof: sample::PROOF };
		let key = sp_core::sr25519::Public::from_raw(sample::KEY);
		let (genesis, seed) = (H256([1; 32]), H256([2; 32]));
		#[block]
		{
			assert!(ticket.drawn(&key, &genesis, &seed, 3).is_some());
		}
	}
}
