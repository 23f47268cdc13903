// SPDX-License-Identifier: Apache-2.0
//! Results that do not stand: who is penalised, who runs the job next, and what becomes of children.

use calor_mock::*;
use calor_primitives::{
	assurance::AUDIT_FEES,
	fault::Fault,
	job::{CloseReason, JobState, ParentStage, MAX_ATTEMPTS},
	provider::Availability,
	traits::{AuditPurse, Lifecycle, Stage},
	Balance, JobId, H256,
};
use codec::Encode;
use frame_support::{assert_noop, assert_ok};
use pallet_jobs::{Children, Error, HoldReason, Woken};

const EARMARK: Balance = 20 * PRICE;

fn convict(job: JobId, fault: Fault) {
	let prover = account("frank");
	assert_ok!(<Jobs as Lifecycle>::convict(job, fault, Some(&prover), H256::zero()));
}

/// What a job may be convicted of once its result is public, and why it closes then.
const FAULTS: [(Fault, CloseReason); 4] = [
	(Fault::WrongResult, CloseReason::Fraud),
	(Fault::TraceWithheld, CloseReason::TraceWithheld),
	(Fault::OutputWithheld, CloseReason::OutputWithheld),
	(Fault::InputWithheld, CloseReason::InputWithheld),
];

/// A child of that job that starts when it has been revealed.
fn early_child(m: &Story, parent: JobId) -> JobId {
	let mut spec = m.spec(&program(0));
	spec.inputs[0] = output_of(parent, 0);
	spec.start_on = ParentStage::Revealed;
	m.submit_spec("alice", spec)
}

#[test]
fn a_convicted_provider_pays_and_another_serves_the_client() {
	for (fault, _) in FAULTS {
		Story::tell_long(|m| {
			m.provider("bob");
			let job = m.submit("alice");
			m.deliver(job);
			m.provider("carol");
			let before = (wealth("bob"), wealth("alice"), wealth("frank"));
			System::reset_events();
			convict(job, fault);
			let penalty = if fault.jails() { EARMARK } else { EARMARK / 4 };
			let provider = account("bob");
			System::assert_has_event(
				pallet_jobs::Event::Failed { job, provider, fault, penalty }.into(),
			);
			assert!(matches!(state(job), JobState::Queued { .. }));
			assert_eq!(Jobs::view(job).unwrap().commitment, None, "what was committed is void");
			check_invariants();
			match fault.jails() {
				true => assert!(matches!(availability("bob"), Availability::Jailed { .. })),
				false => assert_eq!(availability("bob"), Availability::Idle),
			}
			if !fault.is_proved() {
				assert_eq!(wealth("bob"), before.0, "what is not proved can be appealed");
				advance(1);
			}
			assert_eq!(m.deliver(job), "carol");
			advance(DEFERRAL.max(CHALLENGE) + 1);
			assert!(matches!(state(job), JobState::Settled { .. }));
			assert_eq!(wealth("bob"), before.0 - penalty);
			assert_eq!(wealth("alice"), before.1 + penalty * 2 / 10 - PRICE - LEVY);
			assert_eq!(wealth("frank"), before.2 + penalty * 3 / 10);
		});
	}
}

#[test]
fn the_last_attempt_closes_for_its_fault_and_keeps_the_evidence() {
	for (fault, reason) in FAULTS {
		Story::tell_long(|m| {
			let names = ["bob", "carol", "dave"];
			names.into_iter().for_each(|name| {
				m.provider(name);
			});
			let job = m.submit("alice");
			for _ in 0..MAX_ATTEMPTS {
				m.deliver(job);
				convict(job, fault);
			}
			assert_eq!(assert_closed(job, reason), PRICE + LEVY);
			assert_eq!(held("alice", HoldReason::Escrow), 0);
			assert_eq!(Jobs::view(job).unwrap().output_roots, RESULT, "it can be read");
			check_invariants();
			advance(RETENTION + 1);
			assert!(pallet_jobs::Jobs::<Runtime>::get(job).is_none());
			assert_eq!(Jobs::view(job), None);
		});
	}
}

#[test]
fn only_who_is_bound_can_be_convicted() {
	Story::tell_long(|m| {
		m.provider("bob");
		let job = m.submit("alice");
		let convict = || <Jobs as Lifecycle>::convict(job, Fault::WrongResult, None, H256::zero());
		assert_noop!(convict(), Error::<Runtime>::WrongState);
		m.assigned(job);
		assert_noop!(convict(), Error::<Runtime>::WrongState);
		m.accept("bob", job);
		assert_noop!(convict(), Error::<Runtime>::WrongState);
		m.commit("bob", job, &RESULT);
		assert_ok!(convict());
		assert_noop!(convict(), Error::<Runtime>::WrongState);
		let unknown = <Jobs as Lifecycle>::convict(9, Fault::WrongResult, None, H256::zero());
		assert_noop!(unknown, Error::<Runtime>::UnknownJob);
	});
}

/// A provider that is at its next job when an earlier result does not stand goes on with it, and gets no other.
#[test]
fn who_owes_an_answer_finishes_its_next_job() {
	Story::tell_long(|m| {
		m.provider("bob");
		let first = m.submit("alice");
		m.deliver(first);
		let next = m.submit("alice");
		m.assigned(next);
		m.accept("bob", next);
		convict(first, Fault::OutputWithheld);
		assert_eq!(availability("bob"), Availability::Draining);
		m.commit("bob", next, &RESULT);
		assert_eq!(availability("bob"), Availability::Idle);
		advance(1);
		assert_ok!(m.reveal("bob", next, &RESULT));
	});
}

#[test]
fn a_child_that_waits_waits_for_the_next_result() {
	Story::tell_long(|m| {
		for name in ["bob", "carol", "dave"] {
			m.provider(name);
		}
		let parent = m.submit("alice");
		let late = {
			let mut spec = m.spec(&program(0));
			spec.inputs[0] = output_of(parent, 0);
			m.submit_spec("alice", spec)
		};
		m.deliver(parent);
		assert!(!record(parent).taken, "nobody has set out on it");
		convict(parent, Fault::WrongResult);
		check_invariants();
		assert!(matches!(state(parent), JobState::Queued { .. }));
		assert!(matches!(state(late), JobState::Waiting { .. }));
		m.deliver(parent);
		advance(CHALLENGE + 2);
		m.assigned(late);
	});
}

/// A child was woken by one of its parents and still waited for the other when the first was convicted: it is woken again.
#[test]
fn a_child_is_woken_again_by_the_next_result() {
	Story::tell_long(|m| {
		for name in ["bob", "carol", "dave", "eve"] {
			m.provider(name);
		}
		let (a, b) = (m.submit("alice"), m.submit("alice"));
		let mut spec = m.spec(&sum());
		spec.inputs = vec![output_of(a, 0), output_of(b, 0)].try_into().unwrap();
		spec.start_on = ParentStage::Revealed;
		spec.deliver_within = 900;
		let child = m.submit_spec("alice", spec);
		let other = m.assigned(b);
		m.accept(&other, b);
		m.deliver(a);
		advance(1);
		let stands =
			|parent| Children::<Runtime>::contains_key((parent, ParentStage::Revealed), child);
		assert!(!stands(a) && stands(b), "it has looked at the first");
		convict(a, Fault::WrongResult);
		assert!(!record(a).taken);
		// In the very block in which the second is there, the first is not.
		m.commit(&other, b, &RESULT);
		advance(1);
		assert_ok!(m.reveal(&other, b, &RESULT));
		advance(1);
		assert!(matches!(state(child), JobState::Waiting { .. }));
		assert!(stands(a), "it waits for the first again");
		m.deliver(a);
		advance(1);
		m.assigned(child);
		assert!(record(a).taken && record(b).taken);
		assert_eq!(Children::<Runtime>::iter_keys().count(), 0);
		assert_eq!(Woken::<Runtime>::iter_keys().count(), 0);
	});
}

/// The sum of two outputs of the small program.
fn sum() -> calor_tensor::Program {
	use calor_tensor::{program::VERSION, Op, Program, TensorType};
	Program {
		version: VERSION,
		inputs: vec![TensorType::i32(&[4, 16]); 2],
		constants: vec![],
		ops: vec![Op::AddI32 { a: 0, b: 1 }],
		outputs: vec![2],
	}
}

/// A revealed parent is convicted in the block in which it was revealed, before its children were woken.
#[test]
fn a_child_is_not_woken_by_what_is_void() {
	Story::tell_long(|m| {
		m.provider("bob");
		m.provider("carol");
		let parent = m.submit("alice");
		let child = early_child(m, parent);
		m.deliver(parent);
		convict(parent, Fault::WrongResult);
		assert_eq!(Woken::<Runtime>::iter_keys().count(), 0);
		advance(1);
		assert!(matches!(state(child), JobState::Waiting { .. }));
		m.deliver(parent);
		advance(1);
		m.assigned(child);
	});
}

#[test]
fn what_a_child_runs_on_is_not_replaced() {
	for (fault, reason) in FAULTS {
		Story::tell_long(|m| {
			m.provider("bob");
			m.provider("carol");
			let parent = m.submit("alice");
			let child = early_child(m, parent);
			m.deliver(parent);
			advance(1);
			assert!(record(parent).taken);
			convict(parent, fault);
			assert_eq!(assert_closed(parent, reason), PRICE + LEVY);
			// The client has chosen not to wait: it pays the child whatever becomes of the parent.
			m.deliver(child);
			assert_eq!(Jobs::view(child).unwrap().inputs[0].root, RESULT[0]);
			assert_eq!(Jobs::view(parent).unwrap().output_roots, RESULT);
			advance(CHALLENGE + 1);
			assert!(matches!(state(child), JobState::Settled { .. }));
		});
	}
}

#[test]
fn a_case_says_what_is_to_be_verified() {
	Story::tell_long(|m| {
		m.provider("bob");
		set_group("bob", "grace");
		let mut spec = m.spec(&program(0));
		spec.value_at_risk = 3 * PRICE;
		let job = m.submit_spec("alice", spec.clone());
		assert_eq!(<Jobs as Lifecycle>::case(job), None, "nobody has it");
		assert_eq!(<Jobs as Lifecycle>::case(9), None);
		m.assigned(job);
		let case = <Jobs as Lifecycle>::case(job).unwrap();
		assert_eq!((case.provider, case.group), (account("bob"), account("grace")));
		assert_eq!((case.outputs, case.assurance), (1, spec.assurance));
		assert_eq!((case.value, case.audit_fee), (4 * PRICE, PRICE + AUDIT_FEES));
		assert_eq!((case.purse, case.stage), (AuditPurse::Pot, Stage::Other));

		let subject = <Jobs as Lifecycle>::subject(job).unwrap();
		assert_eq!(subject.code, program(0).encode());
		// Inputs first, then constants.
		assert_eq!(subject.operands, [H256::repeat_byte(7); 2]);

		m.accept("bob", job);
		m.commit("bob", job, &RESULT);
		let now = System::block_number();
		assert_ok!(<Jobs as Lifecycle>::reschedule_reveal(job, now + 5, now + 9));
		let stage = || <Jobs as Lifecycle>::case(job).unwrap().stage;
		assert_eq!(stage(), Stage::Committed { from: now + 5, by: now + 9 });
		assert_noop!(<Jobs as Lifecycle>::postpone(job, now + 9), Error::<Runtime>::WrongState);
		advance(4);
		assert_noop!(m.reveal("bob", job, &RESULT), Error::<Runtime>::TooEarly);
		advance(1);
		assert_ok!(m.reveal("bob", job, &RESULT));
		let JobState::Revealed { settles_at, .. } = state(job) else { panic!("revealed") };
		assert_eq!(stage(), Stage::Revealed { settles_at });
		let again = <Jobs as Lifecycle>::reschedule_reveal(job, now + 5, now + 9);
		assert_noop!(again, Error::<Runtime>::WrongState);
		// A dispute puts settlement off, and it happens then.
		assert_ok!(<Jobs as Lifecycle>::postpone(job, settles_at + 7));
		run_to(settles_at + 7);
		assert!(matches!(state(job), JobState::Revealed { .. }));
		advance(1);
		assert!(matches!(state(job), JobState::Settled { .. }));
		assert_eq!(<Jobs as Lifecycle>::subject(job), None, "it is over");
		assert_eq!(stage(), Stage::Other);
	});
}

#[test]
fn a_subject_has_the_outputs_of_parents() {
	Story::tell_long(|m| {
		m.provider("bob");
		let parent = m.submit("alice");
		let child = early_child(m, parent);
		assert_eq!(<Jobs as Lifecycle>::subject(child), None, "an operand is not known");
		m.deliver(parent);
		let subject = <Jobs as Lifecycle>::subject(child).unwrap();
		assert_eq!(subject.operands, [RESULT[0], H256::repeat_byte(7)]);
	});
}

/// Client, prover and provider together lose at least half of what is slashed.
#[test]
fn nobody_proves_its_own_fraud_at_a_gain() {
	Story::tell_long(|m| {
		m.provider("bob");
		let job = m.submit("carol");
		m.deliver(job);
		let all = |names: &[&str]| names.iter().map(|name| wealth(name)).sum::<Balance>();
		let family = ["bob", "carol", "frank"];
		let before = all(&family);
		convict(job, Fault::WrongResult);
		let lost = before - all(&family);
		assert!(lost >= EARMARK / 2, "at least half is burned: {lost}");
	});
}
