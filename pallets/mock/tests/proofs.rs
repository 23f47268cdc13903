// SPDX-License-Identifier: Apache-2.0
//! Proofs that a result is wrong: announced, shown, judged, and refused.

use calor_mock::*;
use calor_primitives::{
	dispute::Question,
	job::{CloseReason, JobState},
	money::UNIT,
	provider::Availability,
	Balance, JobId,
};
use calor_tensor::{
	proof::{FraudProof, MAX_PROOF},
	testing::Choice,
};
use calor_verify::Run;
use frame_support::{
	assert_err_ignore_postinfo, assert_noop, assert_ok,
	dispatch::{DispatchResultWithPostInfo, GetDispatchInfo},
};
use pallet_verification::{Announced, Call, Error, Over};

type E = Error<Runtime>;

const EARMARK: Balance = 20 * PRICE;

/// A worker, a lie that it has revealed, and the proof of it by "dave".
fn caught(m: &mut Story, work: &Work, lie: &Run) -> (JobId, FraudProof) {
	m.provider("bob");
	appear_worker("bob");
	let (job, _) = m.revealed(work, lie);
	let proof = m.challenge("dave", job, &work.right, lie).expect("a lie");
	(job, proof)
}

fn by_(name: &str) -> RuntimeOrigin {
	by(&account(name))
}

fn call(job: JobId, proof: &FraudProof) -> Call<Runtime> {
	Call::prove_fraud { job, salt: PROOF_SALT, proof: proof.clone() }
}

/// Declared weight of showing a proof.
fn declared(job: JobId, proof: &FraudProof) -> u64 {
	call(job, proof).get_dispatch_info().call_weight.ref_time()
}

/// What it took.
#[track_caller]
fn taken(done: &DispatchResultWithPostInfo) -> u64 {
	let post = match done {
		Ok(post) => post,
		Err(refused) => &refused.post_info,
	};
	post.actual_weight.expect("it is known").ref_time()
}

/// Shows a proof that must be refused for that reason, within its declared weight.
#[track_caller]
fn refused(name: &str, job: JobId, proof: &FraudProof, error: E) {
	let done = prove_fraud(name, job, proof);
	assert!(taken(&done) < declared(job, proof), "within its weight");
	assert_err_ignore_postinfo!(done, error);
}

#[test]
fn a_proved_lie_costs_the_worker_all_and_the_client_nothing() {
	Story::tell(|m| {
		let work = Work::small();
		let lie = work.lie(2, 700);
		let (job, proof) = caught(m, &work, &lie);
		let before = (wealth("bob"), wealth("dave"), wealth("alice"), issuance());
		let (dave_free, _) = (free("dave"), ());
		assert_ok!(commit_proof("dave", job, &proof));
		assert_eq!(deposits("dave").1, UNIT);
		assert_eq!(free("dave"), dave_free - UNIT);
		refused("dave", job, &proof, E::TooEarly);
		advance(1);
		let done = prove_fraud("dave", job, &proof);
		assert_ok!(&done);
		assert!(taken(&done) < declared(job, &proof));
		assert_eq!(deposits("dave").1, 0);
		assert_eq!(wealth("bob"), before.0 - EARMARK, "slashed at once");
		assert_eq!(wealth("dave"), before.1 + EARMARK * 3 / 10);
		assert_eq!(wealth("alice"), before.2 + EARMARK / 5);
		assert_eq!(issuance(), before.3 - EARMARK / 2);
		assert!(matches!(availability("bob"), Availability::Jailed { .. }));
		assert!(matches!(state(job), JobState::Queued { .. }));
		assert!(Verification::dispute(job).is_none());
		// Another does it right.
		m.provider("carol");
		let carol = m.assigned(job);
		m.accept(&carol, job);
		m.commit(&carol, job, &roots(&work.right));
		advance(1);
		assert_ok!(m.reveal(&carol, job, &roots(&work.right)));
		refused("dave", job, &proof, E::NotAnnounced);
		advance(CHALLENGE + 1);
		assert!(matches!(state(job), JobState::Settled { .. }));
	});
}

#[test]
fn after_the_last_attempt_the_client_gets_everything_back() {
	Story::tell(|m| {
		let work = Work::small();
		let lie = work.lie(2, 700);
		for name in ["bob", "carol", "eve"] {
			m.provider(name);
			appear_worker(name);
		}
		let (job, mut name) = m.running(work.spec(m));
		loop {
			m.commit(&name, job, &roots(&lie));
			advance(1);
			assert_ok!(m.reveal(&name, job, &roots(&lie)));
			let proof = m.challenge("dave", job, &work.right, &lie).expect("a lie");
			assert_ok!(m.prove("dave", job, &proof));
			if !state(job).is_open() {
				break;
			}
			name = m.assigned(job);
			m.accept(&name, job);
		}
		assert_eq!(assert_closed(job, CloseReason::Fraud), PRICE + LEVY);
		assert_eq!(Jobs::view(job).unwrap().output_roots, roots(&lie), "it can still be read");
		advance(2);
		assert_eq!(Over::<Runtime>::iter().count(), 0);
	});
}

#[test]
fn any_element_of_any_tensor_that_is_wrong_can_be_proved() {
	Story::tell_long(|m| {
		let work = Work::small();
		let mut choice = Choice::new(11);
		let ops = work.program.ops.len();
		for (op, follows) in (0..ops).flat_map(|op| [(op, true), (op, false)]) {
			let name = format!("worker {op} {follows}");
			appear(&name);
			let elements = work.right.tensor((4 + op) as u16).unwrap().data().len();
			let element = choice.within(0, elements as u64 - 1) as usize;
			let lie = if follows { work.lie(op, element) } else { work.slip(op, element) };
			m.provider(&name);
			appear_worker(&name);
			let (job, _) = m.revealed(&work, &lie);
			// A lie that does not reach the outputs is found by who asks for the trace.
			let proof = match m.challenge("dave", job, &work.right, &lie) {
				Some(proof) => proof,
				None => {
					assert_ok!(demand("dave", job, Question::Trace, None));
					let trace = lie.answer(Question::Trace).unwrap();
					assert_ok!(answer(&worker(&name), job, Question::Trace, trace));
					let found = m.challenge_after_trace("dave", job, &work.right, &lie);
					found.expect("a lie")
				},
			};
			assert_ok!(m.prove("dave", job, &proof));
			assert!(matches!(availability(&name), Availability::Jailed { .. }));
			assert_ok!(Jobs::cancel(by_("alice"), job));
		}
	});
}

#[test]
fn a_lie_in_a_deep_tensor_takes_three_questions() {
	Story::tell(|m| {
		let work = Work::new(deep(), 3);
		// In the last node, and beyond its first leaf.
		let lie = work.lie(1, 1_029);
		let (job, proof) = caught(m, &work, &lie);
		assert_eq!(dispute(job).demands.len(), 3);
		assert_eq!(proof.tile, 1_029);
		assert_ok!(m.prove("dave", job, &proof));
	});
}

#[test]
fn a_result_of_its_operands_alone_needs_no_trace() {
	Story::tell(|m| {
		let work = Work::new(program(0), 4);
		let lie = work.lie(0, 5);
		let (job, proof) = caught(m, &work, &lie);
		assert_eq!(dispute(job).trace, None);
		assert_eq!(dispute(job).demands.len(), 1, "the hashes of the output");
		assert_ok!(m.prove("dave", job, &proof));
		assert!(matches!(state(job), JobState::Queued { .. }));
	});
}

#[test]
fn what_is_right_cannot_be_proved_wrong() {
	Story::tell(|m| {
		let work = Work::small();
		let lie = work.lie(2, 40);
		let (job, proof) = caught(m, &work, &lie);
		// The same questions about a right result, answered rightly.
		let (right, _) = m.revealed(&work, &work.right);
		assert_ok!(demand("dave", right, Question::Trace, None));
		let trace = work.right.answer(Question::Trace).unwrap();
		assert_ok!(answer(&worker("bob"), right, Question::Trace, trace));
		assert!(m.challenge_after_trace("dave", right, &work.right, &work.right).is_none());
		// A proof of another job, as it is and with what this worker has at that tile.
		assert_ok!(commit_proof("eve", right, &proof));
		advance(1);
		refused("eve", right, &proof, E::WrongPath);
		let honest = proof_of(&work.right, &work.right, proof.op, proof.tile);
		assert_ok!(commit_proof("frank", right, &honest));
		advance(1);
		refused("frank", right, &honest, E::TileIsRight);
		// On the job of the lie it convicts, for whoever announced it there.
		assert_ok!(m.prove("dave", job, &proof));
		run_to(settles_at(right) + 1);
		assert!(matches!(state(right), JobState::Settled { .. }));
	});
}

/// A proof of that tile of `claimed`, whether it is a lie or not.
fn proof_of(right: &Run, claimed: &Run, op: u16, tile: u32) -> FraudProof {
	let id = right.operands().len() as u16 + op;
	let leaves = claimed.leaves(id).expect("a tensor");
	let path = calor_tensor::tree::siblings(leaves, &[tile]).expect("a tile");
	let lie = calor_tensor::prove::Lie { op, tile, claimed: leaves[tile as usize], path };
	let trace = claimed.op_roots();
	calor_tensor::prove::prove(right.program(), lie, right, |id| right.leaves(id), trace)
		.expect("all is held")
}

#[test]
fn a_proof_that_is_changed_proves_nothing() {
	Story::tell(|m| {
		let work = Work::small();
		let lie = work.lie(2, 40);
		let (job, proof) = caught(m, &work, &lie);
		let mut changed = Vec::new();
		let mut change = |by: &str, error: E, how: fn(&mut FraudProof)| {
			let mut proof = proof.clone();
			how(&mut proof);
			changed.push((by.to_string(), proof, error));
		};
		change("another tile", E::BadProof, |p| p.tile = 1_000_000);
		change("a neighbour", E::WrongPath, |p| p.tile ^= 1);
		change("another operation", E::BadProof, |p| p.op = 4_000);
		change("another claim", E::WrongPath, |p| p.claimed[0] ^= 1);
		change("a longer path", E::WrongPath, |p| p.path.push([0; 32]));
		change("a path in the trace", E::WrongPath, |p| p.in_trace.push([0; 32]));
		change("no path in the trace", E::WrongPath, |p| p.in_trace.clear());
		change("a changed input", E::WrongPath, |p| p.inputs[0].tiles[0].1[0] ^= 1);
		change("a short tile", E::BadProof, |p| p.inputs[0].tiles[0].1.truncate(4_000));
		change("a missing input", E::BadProof, |p| p.inputs.clear());
		change("an input twice", E::BadProof, |p| p.inputs.push(p.inputs[0].clone()));
		change("an unknown input", E::BadProof, |p| p.inputs[0].tensor = 999);
		change("a tile twice", E::BadProof, |p| {
			let tile = p.inputs[0].tiles[0].clone();
			p.inputs[0].tiles.push(tile);
		});
		change("too many bytes", E::ProofTooLarge, |p| {
			p.inputs[0].siblings = vec![[0; 32]; MAX_PROOF as usize / 32 + 1];
		});
		for (name, proof, error) in changed {
			appear(&name);
			assert_ok!(commit_proof(&name, job, &proof));
			advance(1);
			refused(&name, job, &proof, error);
			// Time is short: each has announced for nothing.
			if settles_at(job) < System::block_number() + 2 {
				break;
			}
		}
		assert_ok!(m.prove("dave", job, &proof));
	});
}

#[test]
fn without_the_trace_nothing_on_the_way_is_known() {
	Story::tell(|m| {
		m.provider("bob");
		appear_worker("bob");
		let work = Work::small();
		let lie = work.lie(0, 40);
		let (job, _) = m.revealed(&work, &lie);
		let proof = proof_of(&work.right, &lie, 0, 0);
		assert_ok!(commit_proof("dave", job, &proof));
		advance(1);
		refused("dave", job, &proof, E::TraceNotShown);
	});
}

#[test]
fn nobody_can_take_a_proof_from_the_pool() {
	Story::tell(|m| {
		let work = Work::small();
		let lie = work.lie(2, 700);
		let (job, proof) = caught(m, &work, &lie);
		let rich = (wealth("eve"), wealth("frank"));
		// Eve copies the announcement, which she cannot open.
		let hash = proof_hash("dave", job, &proof);
		assert_ok!(commit_proof("dave", job, &proof));
		assert_ok!(Verification::commit_proof(by_("eve"), job, hash));
		assert_noop!(commit_proof("dave", job, &proof), E::AlreadyAnnounced);
		advance(1);
		// Now she sees the proof itself: too late to announce it and show it in the same block.
		refused("eve", job, &proof, E::ProofMismatch);
		refused("frank", job, &proof, E::NotAnnounced);
		assert_ok!(commit_proof("frank", job, &proof));
		refused("frank", job, &proof, E::TooEarly);
		let salted = Verification::prove_fraud(by_("dave"), job, [0; 32], proof.clone());
		assert_err_ignore_postinfo!(salted, E::ProofMismatch);
		let before = wealth("dave");
		assert_ok!(prove_fraud("dave", job, &proof));
		assert!(wealth("dave") > before);
		refused("frank", job, &proof, E::NotRevealed);
		// Both announced, and the result was proved wrong: they get their deposits back.
		assert_ok!(Verification::withdraw_proof(by_("frank"), job));
		assert_eq!(deposits("frank").1, 0);
		assert_noop!(Verification::withdraw_proof(by_("frank"), job), E::NotAnnounced);
		advance(1);
		assert_eq!((wealth("eve"), wealth("frank")), rich);
	});
}

#[test]
fn what_is_announced_and_not_shown_is_burned() {
	Story::tell(|m| {
		m.provider("bob");
		let work = Work::small();
		let (job, _) = m.revealed(&work, &work.right);
		assert_noop!(Verification::withdraw_proof(by_("dave"), job), E::NotAnnounced);
		let hash = calor_primitives::H256::repeat_byte(1);
		assert_ok!(Verification::commit_proof(by_("dave"), job, hash));
		assert_ok!(Verification::commit_proof(by_("eve"), job, hash));
		assert_noop!(Verification::withdraw_proof(by_("dave"), job), E::StillChecked);
		let end = settles_at(job);
		run_to(end);
		let before = (wealth("dave"), wealth("eve"), issuance());
		assert_ok!(Jobs::expire(by_("frank"), job));
		assert!(matches!(state(job), JobState::Settled { .. }));
		let burned_by_settling = before.2 - issuance();
		assert_ok!(Verification::withdraw_proof(by_("dave"), job));
		assert_eq!(wealth("dave"), before.0 - UNIT);
		// The chain does it for eve.
		assert_eq!(deposits("eve").1, UNIT);
		advance(1);
		assert_eq!((deposits("eve").1, wealth("eve")), (0, before.1 - UNIT));
		assert_eq!(issuance(), before.2 - burned_by_settling - 2 * UNIT);
		assert_eq!(Announced::<Runtime>::iter().count(), 0);
	});
}

#[test]
fn settlement_waits_for_an_announced_proof_up_to_the_cap() {
	Story::tell(|m| {
		m.provider("bob");
		let work = Work::small();
		let (waiting, _) = m.running(work.spec(m));
		let hash = calor_primitives::H256::repeat_byte(1);
		let early = Verification::commit_proof(by_("dave"), waiting, hash);
		assert_noop!(early, E::NotRevealed);
		m.commit("bob", waiting, &roots(&work.right));
		advance(1);
		assert_ok!(m.reveal("bob", waiting, &roots(&work.right)));
		let job = waiting;
		let end = settles_at(job);
		assert_ok!(Verification::commit_proof(by_("dave"), job, hash));
		assert_eq!(settles_at(job), end, "there is time enough");
		run_to(end - 1);
		assert_ok!(Verification::commit_proof(by_("eve"), job, hash));
		assert_eq!(settles_at(job), end - 1 + PROVE);
		let cap = dispute(job).settles_by.unwrap();
		let mut names = 0;
		loop {
			run_to(settles_at(job) - 1);
			let name = format!("sybil {names}");
			appear(&name);
			let announced = Verification::commit_proof(by_(&name), job, hash);
			if System::block_number() + PROVE > cap {
				assert_noop!(announced, E::TooLate);
				break;
			}
			assert_ok!(announced);
			names += 1;
		}
		assert!(names > 4);
		let poor = Verification::commit_proof(by_("nobody"), job, hash);
		assert_noop!(poor, E::TooLate);
		run_to(settles_at(job));
		let late = Verification::commit_proof(by_("frank"), job, hash);
		assert_noop!(late, E::TooLate);
		advance(1);
		assert!(matches!(state(job), JobState::Settled { .. }));
	});
}

#[test]
fn a_proof_counts_until_the_job_settles_and_no_longer() {
	Story::tell(|m| {
		let work = Work::small();
		let lie = work.lie(2, 700);
		let (job, proof) = caught(m, &work, &lie);
		assert_ok!(commit_proof("dave", job, &proof));
		run_to(settles_at(job));
		// In the block in which it settles, before it does.
		assert_ok!(prove_fraud("dave", job, &proof));
		assert_ok!(Jobs::cancel(by_("alice"), job));
		let (second, proof) = {
			m.provider("carol");
			appear_worker("carol");
			let (job, _) = m.revealed(&work, &lie);
			(job, m.challenge("dave", job, &work.right, &lie).expect("a lie"))
		};
		assert_ok!(commit_proof("dave", second, &proof));
		run_to(settles_at(second) + 1);
		refused("dave", second, &proof, E::NotRevealed);
		assert!(matches!(state(second), JobState::Settled { .. }), "late is late");
		assert_noop!(demand("dave", second, Question::Trace, None), E::NotRevealed);
		let silent = Verification::report_silence(by_("dave"), second, Question::Trace);
		assert_noop!(silent, E::NotRevealed);
		assert_eq!(deposits("dave"), (0, 0));
	});
}

#[test]
fn what_a_proof_weighs_follows_what_it_takes() {
	Story::tell(|m| {
		let work = Work::small();
		let lie = work.lie(2, 700);
		let (job, proof) = caught(m, &work, &lie);
		// Not even announced: hardly anything is done.
		let nothing = taken(&prove_fraud("eve", job, &proof));
		assert_ok!(commit_proof("dave", job, &proof));
		advance(1);
		let done = prove_fraud("dave", job, &proof);
		assert_ok!(&done);
		let declared = declared(job, &proof);
		assert!(nothing < taken(&done) && taken(&done) < declared);
	});
}
