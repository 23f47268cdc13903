// SPDX-License-Identifier: Apache-2.0
//! Providers prove what they can do, or do not.

use calor_mock::*;
use calor_primitives::{
	assurance::AUDIT_FEES,
	dispute::{AuditState, Question},
	fault::Fault,
	job::HardwareClass,
	lottery,
	money::{MIN_JOB_PRICE, UNIT},
	provider::{Availability, Capacity as Claim},
	runtime_api::CapacityChallenge,
	traits::{Assign, Collateral, Proving},
	AccountId, Balance, BlockNumber, JobId, H256,
};
use calor_tensor::{proof::FraudProof, reference, Program, Tensor};
use calor_verify::{Claimed, Finding, Run};
use codec::Encode;
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult, weights::Weight};
use pallet_capacity::{Error, Event, Phase, ProofRecord, Proofs, Seat, Seats, Windows};
use pallet_stake::Role;
use std::sync::Arc;

const WINDOWS: Windows = Windows { interval: 1, gap: 40, prove: 10, work_seconds: 1 };
/// What everybody claims if nothing else is said.
const CLAIM: u64 = 1_000_000_000_000;
/// So little that it can be computed in a test.
const LITTLE: Claim = Claim { mac_per_second: 3_000_000, memory_mib: 1 };

fn set_windows(windows: Windows) {
	assert_ok!(Capacity::set_windows(RuntimeOrigin::root(), windows));
}

/// Runs blocks until a round starts, and keeps another from starting by chance.
fn start_with(m: &Story, windows: Windows) -> u32 {
	let last = || pallet_capacity::LastRound::<Runtime>::get().map_or(0, |round| round.number);
	let before = last();
	set_windows(windows);
	while last() == before {
		m.block();
	}
	set_windows(Windows { interval: BlockNumber::MAX, ..windows });
	last()
}

fn start(m: &Story) -> u32 {
	start_with(m, WINDOWS)
}

/// Runs blocks until the round under way has ended.
fn end(m: &Story) {
	while pallet_capacity::CurrentPhase::<Runtime>::get() != Phase::Resting {
		m.block();
	}
}

fn challenge(name: &str) -> CapacityChallenge {
	Capacity::challenge(account(name)).expect("it is called")
}

fn try_commit(name: &str, job: JobId) -> DispatchResult {
	Verification::commit(by(&worker(name)), job, opening(name, job, &RESULT))
}

/// Commits to a result that nobody computed.
fn commit(m: &Story, name: &str) -> JobId {
	let job = challenge(name).job;
	m.commit(name, job, &RESULT);
	job
}

/// Commits and reveals.
fn show(m: &Story, name: &str) -> JobId {
	let job = commit(m, name);
	advance(1);
	assert_ok!(m.reveal(name, job, &RESULT));
	job
}

fn proof(job: JobId) -> ProofRecord {
	Proofs::<Runtime>::get(job).expect("a proof")
}

fn seat(name: &str) -> Seat {
	Seats::<Runtime>::get(account(name)).expect("a seat")
}

fn proven(name: &str) -> u64 {
	<Providers as Proving>::proven(&account(name))
}

fn earmarked(name: &str, job: JobId) -> Option<Balance> {
	let marks = Stake::earmarks().into_iter();
	let mut of = marks.filter(|(owner, of, _)| *owner == account(name) && *of == job);
	of.next().map(|(_, _, amount)| amount)
}

/// Goes on to the height at which a proof is due, and lets the chain see to it.
fn conclude(m: &Story, job: JobId) {
	let due = proof(job).state.due();
	while System::block_number() < due {
		m.block();
	}
	m.block();
	assert!(Proofs::<Runtime>::get(job).is_none(), "it was due");
}

/// From the call to the day on which it counts.
fn prove_in_full(m: &Story, name: &str) {
	let job = show(m, name);
	conclude(m, job);
}

/// Changes what somebody claims who is idle.
fn claim_only(name: &str, claimed: Claim) {
	let endpoint = b"http://10.0.0.1:9955".to_vec().try_into().expect("short");
	assert_ok!(Providers::set_ready(by(&account(name)), false));
	assert_ok!(Providers::update(by(&account(name)), endpoint, 0, Some(claimed)));
	assert_ok!(Providers::set_ready(by(&account(name)), true));
}

/// What a provider was given to compute, and its right run.
fn work_of(name: &str) -> Work {
	let CapacityChallenge { code, operands, .. } = challenge(name);
	let program = Program::from_bytes(&code).expect("a program");
	let validated = Arc::new(program.clone().validate().expect("a valid program"));
	let operands: Vec<Tensor> = program
		.inputs
		.iter()
		.zip(&operands)
		.map(|(ty, blob)| Tensor::from_bytes(ty.clone(), blob).expect("of that type"))
		.collect();
	let defined = reference::trace(&validated, operands.clone()).expect("operands fit");
	let right = Run::of(validated, operands, defined).expect("it fits");
	Work { program, right }
}

/// A challenger with the right run asks until it can prove that another was shown.
fn find_lie(name: &str, worker_of: &str, job: JobId, right: &Run, shown: &Run) -> FraudProof {
	let operands = right.operands().len() as u16;
	let operands = (0..operands).map(|id| right.root(id).expect("an operand")).collect();
	let view = Capacity::capacity_proof(job).expect("a proof");
	let mut claimed = Claimed::new(operands, view.output_roots.iter().map(|r| r.0).collect());
	loop {
		match right.next(&claimed).expect("a verdict") {
			Finding::Agrees => panic!("nothing is wrong"),
			Finding::Ask(question, by_path) => {
				assert_ok!(demand(name, job, question, by_path));
				advance(1);
				let said = shown.answer(question).expect("an answer");
				assert_ok!(answer(&worker(worker_of), job, question, said.clone()));
				claimed.take(right.program(), question, &said).expect("as the chain says");
			},
			Finding::Recompute(_) => panic!("all tensors are kept"),
			Finding::Proof(proof) => return proof,
		}
	}
}

#[test]
fn capacity_counts_once_its_proof_has_settled() {
	Story::tell_long(|m| {
		m.provider("bob");
		let round = start(m);
		let asked = challenge("bob");
		assert_eq!((asked.round, asked.mac_per_second, asked.committed), (round, CLAIM, false));
		assert_eq!(asked.by, System::block_number() + WINDOWS.prove);
		let program = Program::from_bytes(&asked.code).unwrap().validate().unwrap();
		assert!(program.mac().abs_diff(CLAIM) < CLAIM / 20, "a second of what it claims");

		let free = <Stake as Collateral>::free(&account("bob")).unwrap();
		let job = commit(m, "bob");
		assert_eq!(job, pallet_capacity::job_of(round, seat("bob").index));
		assert!(challenge("bob").committed);
		// About a CU, at 1 CAL: 20 times that stands behind it.
		let value = proof(job).value;
		assert!(value.abs_diff(UNIT) < UNIT / 20);
		assert_eq!(earmarked("bob", job), Some(20 * value));
		assert_eq!(<Stake as Collateral>::free(&account("bob")), Some(free - 20 * value));

		advance(1);
		assert_ok!(m.reveal("bob", job, &RESULT));
		let settles_at = proof(job).state.due();
		assert_eq!(settles_at, System::block_number() + CHALLENGE);
		assert_eq!(Capacity::capacity_proof(job).unwrap().output_roots, RESULT);
		while System::block_number() < settles_at {
			assert_eq!(proven("bob"), 0);
			m.block();
		}
		m.block();
		assert_eq!(proven("bob"), CLAIM);
		assert_eq!(earmarked("bob", job), None);
		assert!(Verification::dispute(job).is_none(), "nothing is kept of it");
		let provider = account("bob");
		System::assert_has_event(Event::ProofSettled { provider, job, counts: true }.into());
		// It cost nothing but fees, and nothing was burned for it.
		assert_eq!(wealth("bob"), FUNDS);
	});
}

#[test]
fn who_misses_a_round_has_nothing_proven_any_more() {
	Story::tell_long(|m| {
		for name in ["bob", "carol"] {
			m.provider(name);
		}
		start(m);
		prove_in_full(m, "bob");
		end(m);
		assert_eq!((proven("bob"), proven("carol")), (CLAIM, 0));
		let round = start(m);
		let by_height = challenge("bob").by;
		while System::block_number() <= by_height {
			assert_eq!(proven("bob"), CLAIM, "it still has time");
			m.block();
		}
		assert_eq!(proven("bob"), 0);
		System::assert_has_event(Event::Missed { provider: account("bob"), round }.into());
		// What was never proven is not missed.
		let missed = System::events()
			.into_iter()
			.filter(|one| matches!(&one.event, RuntimeEvent::Capacity(Event::Missed { .. })));
		assert_eq!(missed.count(), 1);
		// It can prove it again.
		start(m);
		prove_in_full(m, "bob");
		assert_eq!(proven("bob"), CLAIM);
	});
}

#[test]
fn who_has_a_paid_job_is_excused_once_in_three_rounds() {
	Story::tell_long(|m| {
		m.provider("bob");
		start(m);
		prove_in_full(m, "bob");
		end(m);
		let mut excused = Vec::new();
		for _ in 0..5 {
			// A job is running whenever a round starts.
			let mut spec = m.spec(&program(0));
			spec.deliver_within = 500;
			let job = m.submit_spec("alice", spec);
			assert_eq!(m.assigned(job), "bob");
			m.accept("bob", job);
			prove("bob", CLAIM);
			let round = start(m);
			end(m);
			if proven("bob") > 0 {
				excused.push(round);
			}
			m.commit("bob", job, &RESULT);
			advance(1);
			assert_ok!(m.reveal("bob", job, &RESULT));
		}
		assert_eq!(excused, [2, 5]);
		// It may prove all the same, in the time that it has.
		prove("bob", 0);
		start(m);
		prove_in_full(m, "bob");
		assert_eq!(proven("bob"), CLAIM);
	});
}

#[test]
fn who_leaves_when_a_round_starts_has_missed_it() {
	Story::tell_long(|m| {
		for name in ["bob", "carol", "dave"] {
			m.provider(name);
		}
		for name in ["bob", "carol", "dave"] {
			prove(name, CLAIM);
		}
		assert_ok!(Providers::drain(by(&worker("carol"))));
		start(m);
		assert!(Capacity::challenge(account("carol")).is_none(), "it was not there");
		assert_noop!(
			try_commit("carol", u64::MAX),
			pallet_verification::Error::<Runtime>::UnknownJob
		);
		assert_ok!(Providers::drain(by(&worker("bob"))));
		let dave = show(m, "dave");
		end(m);
		assert_eq!((proven("bob"), proven("carol"), proven("dave")), (0, 0, CLAIM));
		conclude(m, dave);
		// Whoever was there may prove from where it is, and need not take jobs.
		start(m);
		assert!(Capacity::challenge(account("bob")).is_none());
	});
}

#[test]
fn commitments_are_bound_to_provider_round_and_time() {
	Story::tell_long(|m| {
		for name in ["bob", "carol"] {
			m.provider(name);
		}
		assert!(Capacity::challenge(account("bob")).is_none(), "no round yet");
		start(m);
		let (bob, carol) = (challenge("bob"), challenge("carol"));
		assert_ne!(bob.job, carol.job);
		assert_ne!(bob.operands, carol.operands, "nobody can use what another has computed");
		assert_eq!(bob.code, carol.code);
		assert_noop!(try_commit("bob", carol.job), Error::<Runtime>::NotCalled);
		let unknown = pallet_verification::Error::<Runtime>::UnknownJob;
		assert_noop!(try_commit("bob", bob.job + (1 << 32)), unknown);
		assert_noop!(try_commit("alice", bob.job), Error::<Runtime>::NotCalled);
		m.commit("bob", bob.job, &RESULT);
		assert!(try_commit("bob", bob.job).is_err());
		assert_noop!(m.reveal("bob", bob.job, &RESULT), Error::<Runtime>::TooEarly);
		advance(1);
		// A result is shown by its worker alone, and only as it was committed to.
		assert_noop!(m.reveal("carol", bob.job, &RESULT), Error::<Runtime>::NotProvider);
		let mismatch = pallet_verification::Error::<Runtime>::CommitmentMismatch;
		assert_noop!(m.reveal("bob", bob.job, &[H256([4; 32])]), mismatch);
		assert_ok!(m.reveal("bob", bob.job, &RESULT));
		assert_noop!(m.reveal("bob", bob.job, &RESULT), Error::<Runtime>::WrongState);
		run_to(carol.by + 1);
		assert!(try_commit("carol", carol.job).is_err(), "the time is over");
		assert!(Capacity::challenge(account("carol")).is_none());
	});
}

#[test]
fn a_result_that_is_not_shown_costs_the_earmark_and_what_was_proven() {
	Story::tell_long(|m| {
		m.provider("bob");
		prove("bob", CLAIM);
		start(m);
		let job = commit(m, "bob");
		let earmark = earmarked("bob", job).unwrap();
		assert_noop!(Capacity::expire(by(&account("eve")), job), Error::<Runtime>::TooEarly);
		conclude(m, job);
		assert_eq!(proven("bob"), 0);
		assert!(matches!(availability("bob"), Availability::Jailed { .. }));
		let fault = Some(Fault::NotRevealed);
		let provider = account("bob");
		System::assert_has_event(
			Event::ProofFailed { provider, job, fault, penalty: earmark }.into(),
		);
		// Not proved, so it waits for an appeal.
		let wealth_before = wealth("bob");
		for _ in 0..DEFERRAL + 2 {
			m.block();
		}
		assert_eq!(wealth_before - wealth("bob"), earmark);
	});
}

#[test]
fn a_trace_that_is_withheld_costs_the_earmark_and_what_was_proven() {
	Story::tell_long(|m| {
		m.provider("bob");
		prove("bob", CLAIM);
		start(m);
		let job = show(m, "bob");
		assert_ok!(demand("carol", job, Question::Trace, None));
		let asked_of_nobody = Question::Upper { op: u16::MAX };
		assert!(demand("carol", job, asked_of_nobody, None).is_err());
		let (_, open) = dispute(job).demands.remove(0);
		run_to(open.by_height);
		assert!(Verification::report_silence(by(&account("dave")), job, Question::Trace).is_err());
		advance(1);
		assert_ok!(Verification::report_silence(by(&account("dave")), job, Question::Trace));
		assert_eq!(proven("bob"), 0);
		assert!(matches!(availability("bob"), Availability::Jailed { .. }));
		let fault = RuntimeEvent::Capacity(Event::ProofFailed {
			provider: account("bob"),
			job,
			fault: Some(Fault::TraceWithheld),
			penalty: 20 * UNIT,
		});
		let told = System::events().into_iter().any(|one| match (&one.event, &fault) {
			(
				RuntimeEvent::Capacity(Event::ProofFailed { fault: a, .. }),
				RuntimeEvent::Capacity(Event::ProofFailed { fault: b, .. }),
			) => a == b,
			_ => false,
		});
		assert!(told);
		advance(DEFERRAL + 2);
		assert_eq!(deposits("carol"), (0, 0), "who asked in vain has its deposit back");
		assert!(wealth("carol") > FUNDS, "and its share of the slash");
	});
}

#[test]
fn an_output_that_is_withheld_is_found_at_settlement() {
	Story::tell_long(|m| {
		m.provider("bob");
		prove("bob", CLAIM);
		start(m);
		let job = show(m, "bob");
		let program = Program::from_bytes(&Capacity::capacity_proof(job).unwrap().code).unwrap();
		let question = Question::Chunk { tensor: program.outputs[0], chunk: 0 };
		assert_ok!(demand("carol", job, question, None));
		conclude(m, job);
		assert_eq!(proven("bob"), 0);
		assert!(!matches!(availability("bob"), Availability::Jailed { .. }));
		let failed = System::events().into_iter().any(|one| {
			matches!(
				&one.event,
				RuntimeEvent::Capacity(Event::ProofFailed {
					fault: Some(Fault::OutputWithheld),
					..
				})
			)
		});
		assert!(failed);
	});
}

#[test]
fn forged_capacity_costs_everything_for_ever() {
	Story::tell_long(|m| {
		m.provider("bob");
		claim_only("bob", LITTLE);
		prove("bob", LITTLE.mac_per_second);
		start(m);
		let work = work_of("bob");
		let job = challenge("bob").job;
		let lie = work.slip(work.program.ops.len() / 2, 5);
		let last = work.slip(work.program.ops.len() - 1, 3);
		m.commit("bob", job, &roots(&last));
		advance(1);
		assert_ok!(m.reveal("bob", job, &roots(&last)));
		assert_ne!(roots(&last), roots(&work.right));
		assert_eq!(roots(&lie), roots(&work.right), "whose outputs are right");
		let before = wealth("carol");
		let proof = find_lie("carol", "bob", job, &work.right, &last);
		assert_ok!(commit_proof("carol", job, &proof));
		advance(1);
		assert_ok!(prove_fraud("carol", job, &proof));

		let bob = account("bob");
		assert!(Stake::is_excluded(&bob));
		assert_eq!((proven("bob"), earmarked("bob", job)), (0, None));
		assert!(Proofs::<Runtime>::get(job).is_none());
		let fault = Some(Fault::ForgedCapacity);
		System::assert_has_event(
			Event::ProofFailed { provider: bob.clone(), job, fault, penalty: 0 }.into(),
		);
		assert_eq!(wealth("bob"), FUNDS - BOND, "all stake, and not the earmark alone");
		// The prover paid for answers, and has three tenths of the stake.
		let gained = wealth("carol") + UNIT - before;
		assert!(gained > BOND / 10 * 3, "{gained}");
		assert_eq!(deposits("carol"), (0, 0));
		advance(3);
		assert!(matches!(availability("bob"), Availability::Jailed { .. }));
		// It is never called again.
		end(m);
		start(m);
		assert!(Capacity::challenge(bob).is_none());
	});
}

#[test]
fn the_right_result_stands_against_whoever_asks() {
	Story::tell_long(|m| {
		m.provider("bob");
		claim_only("bob", LITTLE);
		start(m);
		let work = work_of("bob");
		let job = challenge("bob").job;
		m.commit("bob", job, &roots(&work.right));
		advance(1);
		assert_ok!(m.reveal("bob", job, &roots(&work.right)));
		let operands = [0, 1].map(|id| work.right.root(id).expect("an operand"));
		let shown: Vec<_> = roots(&work.right).iter().map(|root| root.0).collect();
		let claimed = Claimed::new(operands.to_vec(), shown);
		assert!(matches!(work.right.next(&claimed), Ok(Finding::Agrees)));
		for question in [Question::Trace, Question::Chunk { tensor: 0, chunk: 0 }] {
			assert_ok!(demand("carol", job, question, None));
			let said = work.right.answer(question).expect("an answer");
			assert_ok!(answer(&worker("bob"), job, question, said));
		}
		conclude(m, job);
		assert_eq!(proven("bob"), LITTLE.mac_per_second);
	});
}

/// The height is such that a lone auditor is drawn for a proof that is committed to now.
fn draws(auditor: &str, job: JobId) -> bool {
	let at = System::block_number();
	let seed = H256((&b"calor/audit"[..], at + 2).using_encoded(sp_io::hashing::blake2_256));
	let genesis = calor_primitives::genesis_hash::<Runtime>();
	let ticket = lottery::ticket(&genesis, &seed, job);
	let number = lottery::own_number(&pair(&format!("{auditor}//worker")), &ticket);
	let view = Verification::auditor(account(auditor)).expect("enrolled");
	let rate = calor_primitives::assurance::Assurance::Optimistic.audit_rate();
	number < lottery::threshold(rate, view.stake, view.total)
}

#[test]
fn proofs_are_audited_and_emission_pays_for_it() {
	Story::tell_long(|m| {
		let epochs = |epoch| {
			let windows = pallet_burn_mint::Windows { epoch, refund_after: REFUND_AFTER };
			assert_ok!(BurnMint::set_windows(RuntimeOrigin::root(), windows));
		};
		epochs(1_000);
		m.provider("bob");
		m.auditor("eve", BOND);
		m.next_round();
		start_with(m, Windows { gap: 100, prove: 90, ..WINDOWS });
		let job = challenge("bob").job;
		while !draws("eve", job) {
			m.block();
		}
		m.commit("bob", job, &RESULT);
		advance(2);
		assert_ok!(claim_audit("eve", job));
		let value = proof(job).value;
		assert_eq!(earmarked("eve", job), Some(2 * value));
		assert_ok!(audit_commit("eve", job, &RESULT));
		let pallet_capacity::ProofState::Committed { from, .. } = proof(job).state else {
			panic!("it waits for the audit")
		};
		run_to(from);
		let pallet_capacity::ProofState::Committed { from, .. } = proof(job).state else {
			panic!("it waits for the audit")
		};
		run_to(from);
		assert_ok!(m.reveal("bob", job, &RESULT));
		assert_ok!(audit_reveal("eve", job, &RESULT));
		assert_eq!(audit("eve", job), Some(AuditState::Agreed));
		let epoch = epoch();
		conclude(m, job);
		assert_eq!(proven("bob"), CLAIM);
		assert_eq!(earmarked("eve", job), None);
		assert_eq!(pot(), POT_FUNDS, "no client paid for it, so the pot does not either");
		// The slice of an epoch pays far more than one audit.
		epochs(REWARD_EPOCH);
		let report = m.close_epoch();
		assert_eq!(report.auditors, value + AUDIT_FEES);
		assert!(reward("eve", epoch).availability >= value + AUDIT_FEES);
	});
}

#[test]
fn a_proof_counts_no_longer_once_a_later_round_was_missed() {
	Story::tell_long(|m| {
		m.provider("bob");
		let quick = Windows { gap: 4, prove: 3, ..WINDOWS };
		start_with(m, quick);
		let first = show(m, "bob");
		end(m);
		start_with(m, quick);
		end(m);
		assert!(Proofs::<Runtime>::get(first).is_some(), "it can still be challenged");
		conclude(m, first);
		assert_eq!(proven("bob"), 0);
		let provider = account("bob");
		System::assert_has_event(
			Event::ProofSettled { provider, job: first, counts: false }.into(),
		);
	});
}

#[test]
fn proofs_of_several_rounds_are_under_way_at_once() {
	Story::tell_long(|m| {
		m.provider("bob");
		let quick = Windows { gap: 3, prove: 2, ..WINDOWS };
		let jobs: Vec<JobId> = (0..3)
			.map(|_| {
				start_with(m, quick);
				let job = show(m, "bob");
				end(m);
				job
			})
			.collect();
		assert_eq!(Proofs::<Runtime>::iter_keys().count(), 3);
		jobs.into_iter().for_each(|job| conclude(m, job));
		assert_eq!(proven("bob"), CLAIM);
	});
}

#[test]
fn no_more_is_proven_than_is_claimed_then() {
	Story::tell_long(|m| {
		m.provider("bob");
		start(m);
		let job = show(m, "bob");
		claim_only("bob", Claim { mac_per_second: CLAIM / 2, memory_mib: 8_192 });
		conclude(m, job);
		assert_eq!(proven("bob"), CLAIM / 2);
		// And who claims more when it has proved has not proved more.
		claim_only("bob", Claim { mac_per_second: 2 * CLAIM, memory_mib: 8_192 });
		assert_eq!(proven("bob"), CLAIM / 2);
	});
}

#[test]
fn what_memory_does_not_allow_is_not_proven() {
	Story::tell_long(|m| {
		m.provider("bob");
		claim_only("bob", Claim { mac_per_second: 1_000_000_000_000_000, memory_mib: 16 });
		start(m);
		let shows = challenge("bob").mac_per_second;
		assert!(shows < 10 * CLAIM, "{shows}");
		prove_in_full(m, "bob");
		assert_eq!(proven("bob"), shows);
	});
}

#[test]
fn who_has_too_little_stake_cannot_prove() {
	Story::tell_long(|m| {
		m.provider_with("bob", HardwareClass::General, 0, 100 * UNIT);
		claim_only("bob", Claim { mac_per_second: 10 * CLAIM, memory_mib: 8_192 });
		start(m);
		let job = challenge("bob").job;
		let too_little = pallet_stake::Error::<Runtime>::TooLittleStake;
		assert_noop!(try_commit("bob", job), too_little);
		assert_ok!(Stake::bond_more(by(&account("bob")), Role::Provider, 200 * UNIT));
		assert_ok!(try_commit("bob", job));
	});
}

#[test]
fn a_class_without_a_price_is_proven_too() {
	Story::tell_long(|m| {
		m.provider_with("bob", HardwareClass::HighMemory, 0, BOND);
		start(m);
		let job = commit(m, "bob");
		assert_eq!(proof(job).value, MIN_JOB_PRICE);
	});
}

#[test]
fn a_provider_forfeited_elsewhere_has_proved_nothing() {
	Story::tell_long(|m| {
		m.provider("bob");
		start(m);
		let job = show(m, "bob");
		let bob = account("bob");
		let evidence = H256([1; 32]);
		assert_ok!(<Stake as Collateral>::forfeit(&bob, Fault::Equivocation, None, evidence));
		assert_ok!(Capacity::expire(by(&account("eve")), job));
		System::assert_has_event(
			Event::ProofFailed { provider: bob, job, fault: None, penalty: 0 }.into(),
		);
		advance(2);
		assert_eq!((proven("bob"), earmarked("bob", job)), (0, None));
		assert_noop!(Capacity::expire(by(&account("eve")), job), Error::<Runtime>::UnknownProof);
	});
}

#[test]
fn rounds_take_place_page_by_page_and_seats_are_given_back() {
	Story::tell_long(|m| {
		let names: Vec<String> = (0..20).map(|i| format!("provider{i}")).collect();
		for name in &names {
			appear(name);
			m.provider(name);
			prove(name, CLAIM);
		}
		// Room for some three at a time.
		RoundWeight::set(&Weight::from_parts(900_000_000, u64::MAX));
		let round = start(m);
		let called = || Seats::<Runtime>::iter_values().filter(|seat| seat.called == round).count();
		let first = called();
		assert!((1..20).contains(&first), "{first} were called at once");
		assert!(Capacity::challenge(account("nobody")).is_none());
		while called() < 20 {
			let before = called();
			m.block();
			assert!(called() > before);
		}
		let places: std::collections::BTreeSet<u32> =
			Seats::<Runtime>::iter_values().map(|seat| seat.index).collect();
		assert_eq!(places.len(), 20);
		end(m);
		assert!(names.iter().all(|name| proven(name) == 0));
		// One leaves; its seat goes with the next round, and its number never comes back.
		let gone = &names[3];
		assert_ok!(Providers::drain(by(&worker(gone))));
		let open = <Providers as Assign>::is_present(&account(gone));
		assert!(!open);
		assert_ok!(Providers::deregister(by(&account(gone))));
		start(m);
		end(m);
		assert!(Seats::<Runtime>::get(account(gone)).is_none());
		assert_eq!(pallet_capacity::SeatCount::<Runtime>::get(), 20);
	});
}

#[test]
fn chance_says_when_a_round_starts() {
	Story::tell_long(|m| {
		m.provider("bob");
		set_windows(Windows { interval: 10, gap: 21, prove: 20, work_seconds: 1 });
		let mut starts: Vec<BlockNumber> = Vec::new();
		for _ in 0..600 {
			m.block();
			let since = pallet_capacity::LastRound::<Runtime>::get().map(|round| round.since);
			if let Some(since) = since.filter(|since| starts.last() != Some(since)) {
				starts.push(since);
			}
		}
		let gaps: Vec<u32> = starts.windows(2).map(|two| two[1] - two[0]).collect();
		let mean = f64::from(gaps.iter().sum::<u32>()) / gaps.len() as f64;
		assert!(gaps.iter().all(|gap| *gap >= 21), "{gaps:?}");
		// A gap of 21 and a geometric wait with mean 9: deviation of the mean of some 20 about 2.2.
		assert!((23.0..38.0).contains(&mean), "{mean}: {gaps:?}");
		let different: std::collections::BTreeSet<u32> = gaps.iter().copied().collect();
		assert!(different.len() > 5, "{gaps:?}");
	});
}

#[test]
fn windows_are_checked() {
	Story::tell(|_| {
		let set = |windows| Capacity::set_windows(RuntimeOrigin::root(), windows);
		for wrong in [
			Windows { interval: 0, ..WINDOWS },
			Windows { prove: 0, ..WINDOWS },
			Windows { gap: WINDOWS.prove, ..WINDOWS },
			Windows { work_seconds: 0, ..WINDOWS },
			Windows { work_seconds: 2 * WINDOWS.prove + 1, ..WINDOWS },
		] {
			assert_noop!(set(wrong), Error::<Runtime>::BadWindows);
		}
		assert_ok!(set(Windows { work_seconds: 2 * WINDOWS.prove, ..WINDOWS }));
		let who: AccountId = account("bob");
		let anyone = Capacity::set_windows(by(&who), WINDOWS);
		assert_noop!(anyone, sp_runtime::DispatchError::BadOrigin);
	});
}
