// SPDX-License-Identifier: Apache-2.0
//! Auditors: claims, commitments, reveals, faults, replacements, pay.

use calor_mock::*;
use calor_primitives::{
	assurance::{Assurance, AUDIT_FEES},
	dispute::{AuditState, Question},
	fault::Fault,
	job::{CloseReason, JobState},
	money::UNIT,
	provider::Availability,
	traits::Collateral,
	Balance, JobId, H256,
};
use frame_support::{assert_noop, assert_ok, weights::Weight};
use pallet_verification::{types::SEEDS, Error, Event};

/// What an audit of the small job earns, and what an auditor puts behind it.
const FEE: Balance = PRICE + AUDIT_FEES;
const STAKE: Balance = 2 * PRICE;
const AUDITORS: [&str; 3] = ["carol", "dave", "eve"];

type E = Error<Runtime>;

/// A worker and three auditors with stake of one, two and three parts, in a round.
fn tell(story: impl FnOnce(&mut Story, &Work)) {
	Story::tell_long(|m| {
		m.provider("bob");
		for (name, part) in AUDITORS.into_iter().zip(1..) {
			m.auditor(name, part * BOND);
		}
		fund_pot(10 * UNIT);
		m.next_round();
		story(m, &Work::small());
	});
}

/// A job of which the worker has committed to `result`, and that those auditors have drawn.
fn drawn(m: &Story, work: &Work, result: &[H256], who: &[&str]) -> JobId {
	let spec = calor_primitives::job::JobSpec { deliver_within: 900, ..work.spec(m) };
	let (job, name) = m.running(spec);
	m.commit_so_that_draw(&name, job, result, &AUDITORS, who);
	job
}

fn events() -> Vec<Event<Runtime>> {
	let of_verification = |record: frame_system::EventRecord<RuntimeEvent, _>| match record.event {
		RuntimeEvent::Verification(event) => Some(event),
		_ => None,
	};
	System::events().into_iter().filter_map(of_verification).collect()
}

/// What an auditor was paid since the last look at events.
fn paid(name: &str) -> Balance {
	let of_name = |event: Event<Runtime>| match event {
		Event::AuditPaid { auditor, paid, .. } if auditor == account(name) => Some(paid),
		_ => None,
	};
	events().into_iter().filter_map(of_name).sum()
}

/// What an auditor was found guilty of, and what it loses.
fn fault(name: &str) -> Option<(Fault, Balance)> {
	events().into_iter().find_map(|event| match event {
		Event::AuditFailed { auditor, fault, penalty, .. } if auditor == account(name) => {
			Some((fault, penalty))
		},
		_ => None,
	})
}

fn behind(name: &str, job: JobId) -> Balance {
	pallet_stake::Earmarks::<Runtime>::get(account(name), job).unwrap_or(0)
}

#[test]
fn without_auditors_the_reveal_opens_with_the_next_block() {
	Story::tell(|m| {
		m.provider("bob");
		let work = Work::small();
		let (job, bob) = m.running(work.spec(m));
		m.commit(&bob, job, &RESULT);
		let now = System::block_number();
		assert_eq!(reveal_window(job), (now + 1, now + 1 + REVEAL));
		assert_eq!(dispute(job).claims, (0, 0));
	});
}

#[test]
fn a_worker_is_not_held_up_by_its_own_seat() {
	Story::tell(|m| {
		m.provider("bob");
		assert_ok!(Verification::enrol(by(&account("bob")), true));
		m.next_round();
		assert_eq!(Verification::auditor(account("bob")).unwrap().total, BOND);
		let (job, bob) = m.running(Work::small().spec(m));
		m.commit(&bob, job, &RESULT);
		assert_eq!(reveal_window(job).0, System::block_number() + 1);
	});
}

#[test]
fn nobody_drawn_costs_the_time_of_the_claims_and_nothing_else() {
	tell(|m, work| {
		let result = roots(&work.right);
		let job = drawn(m, work, &result, &[]);
		let at = dispute(job).committed_at;
		assert_eq!(dispute(job).claims, (at + 2, at + 1 + CLAIM));
		assert_eq!(reveal_window(job), (at + 2 + CLAIM, at + 2 + CLAIM + REVEAL));
		for name in AUDITORS {
			assert_noop!(claim_audit(name, job), E::NotDrawn);
		}
		run_to(at + 1 + CLAIM);
		assert_noop!(m.reveal("bob", job, &result), pallet_jobs::Error::<Runtime>::TooEarly);
		advance(1);
		assert_ok!(m.reveal("bob", job, &result));
		advance(CHALLENGE + 1);
		assert!(matches!(state(job), JobState::Settled { .. }));
	});
}

#[test]
fn an_auditor_that_agrees_is_paid_and_free() {
	tell(|m, work| {
		let result = roots(&work.right);
		let job = drawn(m, work, &result, &["dave"]);
		let before = (wealth("dave"), pot());
		let free = Stake::free(&account("dave"));
		assert_ok!(claim_audit("dave", job));
		assert_eq!(behind("dave", job), STAKE);
		let at = dispute(job).committed_at;
		let by = at + 1 + CLAIM + AUDIT + 1;
		assert_eq!(audit("dave", job), Some(AuditState::Claimed { by }));
		assert_eq!(reveal_window(job), (by + 1, by + 1 + REVEAL));
		assert_ok!(audit_commit("dave", job, &result));
		assert_noop!(audit_commit("dave", job, &result), E::NotAuditor);
		// Claims are not over: the reveal opens when they are.
		assert_eq!(reveal_window(job).0, at + 2 + CLAIM);
		assert_noop!(audit_reveal("dave", job, &result), E::TooEarly);
		run_to(at + 2 + CLAIM);
		assert_noop!(audit_reveal("dave", job, &[H256::zero(); 2]), E::CommitmentMismatch);
		assert_noop!(audit_reveal("dave", job, &result[..1]), E::RootCount);
		assert_noop!(audit_reveal("carol", job, &result), E::NotAuditor);
		assert_ok!(audit_reveal("dave", job, &result));
		assert!(matches!(audit("dave", job), Some(AuditState::Shown(_))));
		assert_ok!(m.reveal("bob", job, &result));
		assert_eq!(audit("dave", job), Some(AuditState::Agreed));
		advance(CHALLENGE + 1);
		assert!(matches!(state(job), JobState::Settled { .. }));
		assert_eq!(paid("dave"), FEE);
		assert_eq!(wealth("dave"), before.0 + FEE);
		assert_eq!(pot(), before.1 + LEVY - FEE);
		assert_eq!(Stake::free(&account("dave")), free);
	});
}

#[test]
fn two_auditors_share_the_fee_and_a_third_is_too_many() {
	tell(|m, work| {
		let result = roots(&work.right);
		let job = drawn(m, work, &result, &["dave", "eve"]);
		assert_ok!(claim_audit("eve", job));
		assert_noop!(claim_audit("eve", job), E::AlreadyAuditing);
		assert_ok!(claim_audit("dave", job));
		assert_noop!(claim_audit("carol", job), E::EnoughAuditors);
		for name in ["dave", "eve"] {
			assert_ok!(audit_commit(name, job, &result));
		}
		run_to(reveal_window(job).0);
		assert_ok!(m.reveal("bob", job, &result));
		for name in ["dave", "eve"] {
			assert_ok!(audit_reveal(name, job, &result));
		}
		advance(CHALLENGE + 1);
		assert_eq!((paid("dave"), paid("eve")), (FEE / 2, FEE / 2));
	});
}

#[test]
fn the_reveal_waits_for_all_who_claimed() {
	tell(|m, work| {
		let result = roots(&work.right);
		let job = drawn(m, work, &result, &["carol", "eve"]);
		assert_ok!(claim_audit("carol", job));
		assert_ok!(audit_commit("carol", job, &result));
		let at = dispute(job).committed_at;
		run_to(at + 1 + CLAIM);
		assert_ok!(claim_audit("eve", job));
		assert_eq!(reveal_window(job).0, at + 2 + CLAIM + AUDIT + 1);
		advance(2);
		assert_ok!(audit_commit("eve", job, &result));
		assert_eq!(reveal_window(job).0, System::block_number() + 1);
	});
}

#[test]
fn claims_are_bound_to_key_round_time_and_group() {
	tell(|m, work| {
		let result = roots(&work.right);
		let spec = calor_primitives::job::JobSpec { deliver_within: 900, ..work.spec(m) };
		let (job, _) = m.running(spec);
		let early = Verification::claim_audit(
			by(&worker("eve")),
			job,
			calor_primitives::lottery::Ticket { pre_output: [0; 32], proof: [0; 64] },
		);
		assert_noop!(early, E::NotCommitted);
		m.commit_so_that_draw("bob", job, &result, &AUDITORS, &["eve"]);
		// Another's ticket, an invented one, a stranger, the worker.
		let of_dave = Verification::claim_audit(by(&worker("eve")), job, ticket("dave", job));
		assert_noop!(of_dave, E::BadTicket);
		let claim = Verification::claim_audit(by(&account("eve")), job, ticket("eve", job));
		assert_noop!(claim, E::NotProvider);
		assert_noop!(claim_audit("bob", job), E::OwnGroup);
		let stranger = Verification::claim_audit(by(&worker("frank")), job, ticket("frank", job));
		assert_noop!(stranger, E::NotProvider);
		m.provider("frank");
		assert_noop!(claim_audit("frank", job), E::NotInRound);
		assert_ok!(Verification::enrol(by(&account("frank")), true));
		assert_noop!(claim_audit("frank", job), E::NotInRound);
		// A group with the worker.
		set_group("eve", "bob");
		assert_noop!(claim_audit("eve", job), E::OwnGroup);
		GroupHeads::set(&vec![]);
		// Without stake enough.
		let free = Stake::free(&account("eve")).unwrap();
		assert_ok!(<Stake as Collateral>::earmark(&account("eve"), 1_000, free - STAKE + 1));
		assert_noop!(claim_audit("eve", job), E::TooLittleStake);
		assert_ok!(<Stake as Collateral>::release(&account("eve"), 1_000));
		run_to(dispute(job).claims.1 + 1);
		assert_noop!(claim_audit("eve", job), E::TooLate);
	});
}

#[test]
fn a_key_that_was_changed_after_the_round_draws_nothing() {
	tell(|m, work| {
		let result = roots(&work.right);
		let job = drawn(m, work, &result, &["eve"]);
		let key = pair("eve//other");
		let genesis = calor_primitives::genesis_hash::<Runtime>();
		let message = calor_primitives::provider::possession_message(&genesis, &account("eve"));
		let proof = sp_core::Pair::sign(&key, &message);
		let public = sp_core::Pair::public(&key);
		assert_ok!(Providers::rotate_worker(by(&account("eve")), public, proof));
		let ticket = ticket("eve", job);
		let rotated = Verification::claim_audit(by(&account("eve//other")), job, ticket);
		assert_noop!(rotated, E::NotInRound);
		let former = Verification::claim_audit(by(&worker("eve")), job, ticket);
		assert_noop!(former, E::NotProvider);
	});
}

#[test]
fn a_silent_claimant_is_penalised_and_replaced_by_another() {
	tell(|m, work| {
		let result = roots(&work.right);
		let job = drawn(m, work, &result, &["carol"]);
		assert_ok!(claim_audit("carol", job));
		let (from, _) = reveal_window(job);
		run_to(from - 1);
		assert_noop!(Verification::draw_auditor(by(&account("bob")), job), E::NothingToDraw);
		advance(1);
		// The block began with a drawing.
		let audits = dispute(job).audits;
		assert_eq!(audits.len(), 2);
		let second = m.name_of(&audits[1].auditor);
		assert!(["dave", "eve"].contains(&second.as_str()));
		assert_eq!(reveal_window(job).0, from + AUDIT + 1 + 1);
		assert_noop!(audit_commit("carol", job, &result), E::TooLate);
		assert_ok!(audit_commit(&second, job, &result));
		advance(1);
		assert_ok!(m.reveal("bob", job, &result));
		assert_ok!(audit_reveal(&second, job, &result));
		advance(CHALLENGE + 1);
		assert!(matches!(state(job), JobState::Settled { .. }));
		assert_eq!(paid(&second), FEE);
		assert_eq!(fault("carol"), Some((Fault::AuditorSilent, STAKE / 4)));
		assert_eq!(paid("carol"), 0);
	});
}

#[test]
fn nobody_is_replaced_twice() {
	tell(|m, work| {
		let result = roots(&work.right);
		let job = drawn(m, work, &result, &["carol"]);
		assert_ok!(claim_audit("carol", job));
		run_to(reveal_window(job).0);
		run_to(reveal_window(job).0);
		assert_eq!(dispute(job).audits.len(), 2);
		assert_noop!(Verification::draw_auditor(by(&account("bob")), job), E::NothingToDraw);
		assert_ok!(m.reveal("bob", job, &result));
		advance(CHALLENGE + 1);
		assert!(matches!(state(job), JobState::Settled { .. }));
		let silent =
			events().iter().filter(|event| matches!(event, Event::AuditFailed { .. })).count();
		assert_eq!(silent, 2, "both were silent");
	});
}

#[test]
fn a_drawing_for_which_a_block_has_no_room_keeps_the_reveal_closed() {
	tell(|m, work| {
		let result = roots(&work.right);
		let job = drawn(m, work, &result, &["carol"]);
		assert_ok!(claim_audit("carol", job));
		let (from, _) = reveal_window(job);
		run_to(from - 1);
		// The block begins without its hooks.
		end_block(Weight::zero());
		System::set_block_number(from);
		let seed = (from - 1, H256::repeat_byte(8));
		pallet_verification::Seeds::<Runtime>::insert((from - 1) % SEEDS, seed);
		assert_noop!(m.reveal("bob", job, &result), E::AuditorDue);
		assert_ok!(Verification::draw_auditor(by(&account("frank")), job));
		assert_noop!(m.reveal("bob", job, &result), pallet_jobs::Error::<Runtime>::TooEarly);
		assert_eq!(dispute(job).audits.len(), 2);
	});
}

#[test]
fn one_who_commits_and_does_not_show_loses_all_that_stands_behind_it() {
	tell(|m, work| {
		let result = roots(&work.right);
		let job = drawn(m, work, &result, &["eve"]);
		assert_ok!(claim_audit("eve", job));
		assert_ok!(audit_commit("eve", job, &result));
		run_to(reveal_window(job).0);
		assert_ok!(m.reveal("bob", job, &result));
		advance(CHALLENGE + 1);
		assert!(matches!(state(job), JobState::Settled { .. }));
		assert_eq!(fault("eve"), Some((Fault::NotRevealed, STAKE)));
		assert_noop!(audit_reveal("eve", job, &result), E::NotCommitted);
	});
}

#[test]
fn one_who_disagrees_without_a_proof_is_penalised() {
	tell(|m, work| {
		let (result, other) = (roots(&work.right), roots(&work.lie(2, 3)));
		let job = drawn(m, work, &result, &["eve"]);
		assert_ok!(claim_audit("eve", job));
		assert_ok!(audit_commit("eve", job, &other));
		run_to(reveal_window(job).0);
		assert_ok!(m.reveal("bob", job, &result));
		assert_ok!(audit_reveal("eve", job, &other));
		assert_eq!(audit("eve", job), Some(AuditState::Disagreed));
		advance(CHALLENGE + 1);
		assert!(matches!(state(job), JobState::Settled { .. }), "the worker is paid");
		assert_eq!(fault("eve"), Some((Fault::AuditorUnproven, STAKE / 4)));
		assert_eq!(paid("eve"), 0);
	});
}

#[test]
fn of_a_wrong_result_who_agreed_loses_all_and_who_disagreed_is_paid() {
	tell(|m, work| {
		let lie = work.lie(3, 3);
		let job = drawn(m, work, &roots(&lie), &["dave", "eve"]);
		for (name, result) in [("dave", roots(&lie)), ("eve", roots(&work.right))] {
			assert_ok!(claim_audit(name, job));
			assert_ok!(audit_commit(name, job, &result));
		}
		run_to(reveal_window(job).0);
		assert_ok!(m.reveal("bob", job, &roots(&lie)));
		assert_ok!(audit_reveal("dave", job, &roots(&lie)));
		assert_ok!(audit_reveal("eve", job, &roots(&work.right)));
		appear_worker("bob");
		let proof = m.challenge("eve", job, &work.right, &lie).expect("a lie");
		let (dave, eve) = (wealth("dave"), wealth("eve"));
		assert_ok!(m.prove("eve", job, &proof));
		assert_eq!(fault("dave"), Some((Fault::AuditorAgreed, STAKE)));
		assert_eq!(wealth("dave"), dave - STAKE);
		assert!(matches!(availability("dave"), Availability::Jailed { .. }));
		let prover = 20 * PRICE * 3 / 10;
		assert_eq!(wealth("eve"), eve + FEE + prover, "the fee, and a prover's share");
		assert!(matches!(state(job), JobState::Queued { .. }), "another worker gets it");
		assert_eq!((behind("dave", job), behind("eve", job)), (0, 0));
	});
}

#[test]
fn who_agreed_with_right_outputs_loses_nothing_if_the_way_to_them_was_shown_wrong() {
	tell(|m, work| {
		let lie = work.slip(1, 3);
		assert_eq!(roots(&lie), roots(&work.right), "the outputs are right");
		let job = drawn(m, work, &roots(&lie), &["dave"]);
		assert_ok!(claim_audit("dave", job));
		assert_ok!(audit_commit("dave", job, &roots(&lie)));
		run_to(reveal_window(job).0);
		assert_ok!(m.reveal("bob", job, &roots(&lie)));
		assert_ok!(audit_reveal("dave", job, &roots(&lie)));
		appear_worker("bob");
		assert_ok!(demand("eve", job, Question::Trace, None));
		let trace = lie.answer(Question::Trace).expect("an answer");
		assert_ok!(answer(&worker("bob"), job, Question::Trace, trace));
		let proof = m.challenge_after_trace("eve", job, &work.right, &lie).expect("a lie");
		let before = wealth("dave");
		assert_ok!(m.prove("eve", job, &proof));
		assert_eq!((fault("dave"), behind("dave", job)), (None, 0));
		assert_eq!(wealth("dave"), before, "neither paid nor penalised");
		assert_eq!(availability("dave"), Availability::Ready);
	});
}

#[test]
fn if_the_worker_does_not_reveal_its_auditor_is_paid_if_it_did() {
	tell(|m, work| {
		let result = roots(&work.right);
		let job = drawn(m, work, &result, &["dave", "eve"]);
		for name in ["dave", "eve"] {
			assert_ok!(claim_audit(name, job));
			assert_ok!(audit_commit(name, job, &result));
		}
		run_to(reveal_window(job).0);
		assert_ok!(audit_reveal("eve", job, &result));
		run_to(reveal_window(job).1 + 1);
		advance(1);
		assert!(matches!(state(job), JobState::Queued { .. }));
		assert_eq!((paid("eve"), paid("dave")), (FEE, 0));
		assert_eq!(fault("dave"), Some((Fault::NotRevealed, STAKE)));
		assert!(Verification::dispute(job).is_none(), "nothing of the attempt is left");
	});
}

#[test]
fn an_auditor_whose_stake_is_forfeited_drops_out_and_is_replaced() {
	tell(|m, work| {
		let result = roots(&work.right);
		let job = drawn(m, work, &result, &["carol"]);
		assert_ok!(claim_audit("carol", job));
		let forged = Fault::ForgedCapacity;
		assert_ok!(Stake::forfeit(&account("carol"), forged, None, H256::zero()));
		advance(2);
		let audits = dispute(job).audits;
		assert_eq!(audits.len(), 1);
		assert_ne!(audits[0].auditor, account("carol"));
		let second = m.name_of(&audits[0].auditor);
		assert_eq!(behind("carol", job), 0);
		assert_ok!(audit_commit(&second, job, &result));
		run_to(reveal_window(job).0);
		assert_ok!(m.reveal("bob", job, &result));
		assert_ok!(audit_reveal(&second, job, &result));
		advance(CHALLENGE + 1);
		assert_eq!(paid(&second), FEE);
		// The seat is gone with the next round.
		m.next_round();
		assert!(Verification::auditor(account("carol")).is_none());
	});
}

#[test]
fn what_the_pot_lacks_is_not_paid_and_what_it_has_too_much_is_burned() {
	Story::tell_long(|m| {
		set_pot(0);
		m.provider("bob");
		m.auditor("eve", BOND);
		m.next_round();
		let work = Work::small();
		let result = roots(&work.right);
		let spec = calor_primitives::job::JobSpec { deliver_within: 900, ..work.spec(m) };
		let (job, _) = m.running(spec);
		m.commit_so_that_draw("bob", job, &result, &["eve"], &["eve"]);
		assert_ok!(claim_audit("eve", job));
		assert_ok!(audit_commit("eve", job, &result));
		run_to(reveal_window(job).0);
		assert_ok!(m.reveal("bob", job, &result));
		assert_ok!(audit_reveal("eve", job, &result));
		advance(CHALLENGE + 1);
		// The levy of this job alone, less what keeps the account alive.
		assert_eq!(paid("eve"), LEVY - UNIT / 1_000);
		assert_eq!(pot(), UNIT / 1_000);
		fund_pot(POT + 5 * UNIT);
		let before = issuance();
		m.next_round();
		assert_eq!(pot(), POT + UNIT / 1_000);
		assert_eq!(issuance(), before - 5 * UNIT);
	});
}

/// A job that must be audited.
fn audited(m: &Story, work: &Work, result: &[H256]) -> JobId {
	let spec = calor_primitives::job::JobSpec { assurance: Assurance::Audited, ..work.spec(m) };
	let (job, name) = m.running(spec);
	m.commit(&name, job, result);
	job
}

#[test]
fn an_audited_job_has_an_auditor_drawn_openly() {
	tell(|m, work| {
		let result = roots(&work.right);
		let job = audited(m, work, &result);
		let at = dispute(job).committed_at;
		assert_eq!(reveal_window(job).0, at + 2 + CLAIM);
		advance(1);
		assert_noop!(Verification::draw_auditor(by(&account("bob")), job), E::NothingToDraw);
		assert!(dispute(job).audits.is_empty());
		advance(1);
		let audits = dispute(job).audits;
		assert_eq!(audits.len(), 1);
		let name = m.name_of(&audits[0].auditor);
		assert_noop!(claim_audit("eve", job), E::NoLottery);
		assert_ok!(audit_commit(&name, job, &result));
		assert_eq!(reveal_window(job).0, System::block_number() + 1);
		advance(1);
		assert_ok!(m.reveal("bob", job, &result));
		assert_ok!(audit_reveal(&name, job, &result));
		advance(CHALLENGE + 1);
		assert!(matches!(state(job), JobState::Settled { .. }));
		assert_eq!(paid(&name), FEE);
	});
}

#[test]
fn an_audited_job_that_nobody_audits_is_given_back_without_a_penalty() {
	tell(|m, work| {
		let result = roots(&work.right);
		let job = audited(m, work, &result);
		let before = Stake::free(&account("bob")).unwrap();
		advance(2);
		// Neither the first nor the one in its place does anything.
		let first = reveal_window(job).0;
		run_to(first);
		assert_eq!(dispute(job).audits.len(), 2);
		run_to(reveal_window(job).0);
		assert_ok!(m.reveal("bob", job, &result));
		advance(CHALLENGE + 1);
		let refunded = assert_closed(job, CloseReason::NotAudited);
		assert_eq!(refunded, PRICE + FEE, "price and levy");
		assert_eq!(Stake::free(&account("bob")).unwrap(), before + 2 * PRICE);
		let silent =
			events().iter().filter(|event| matches!(event, Event::AuditFailed { .. })).count();
		assert_eq!(silent, 2);
	});
}

#[test]
fn an_audited_job_waits_for_the_time_of_the_claims_if_nobody_fits() {
	tell(|m, work| {
		let result = roots(&work.right);
		let job = audited(m, work, &result);
		for name in AUDITORS {
			let free = Stake::free(&account(name)).unwrap();
			assert_ok!(<Stake as Collateral>::earmark(&account(name), 1_000, free));
		}
		let at = dispute(job).committed_at;
		// Those earmarks belong to nothing: let no invariant see them.
		while System::block_number() < at + 1 + CLAIM {
			end_block(Weight::MAX);
			begin_block();
		}
		assert!(dispute(job).audits.is_empty());
		let found = |event: &Event<Runtime>| matches!(event, Event::NoAuditorFound { .. });
		assert_eq!(events().iter().filter(|event| found(event)).count(), 1);
		for name in AUDITORS {
			assert_ok!(<Stake as Collateral>::release(&account(name), 1_000));
		}
		advance(1);
		assert_ok!(m.reveal("bob", job, &result));
		advance(CHALLENGE + 1);
		assert_closed(job, CloseReason::NotAudited);
	});
}

#[test]
fn an_audit_cannot_be_done_for_another_job_or_by_another_key() {
	tell(|m, work| {
		let result = roots(&work.right);
		let job = drawn(m, work, &result, &["eve"]);
		assert_ok!(claim_audit("eve", job));
		assert_noop!(audit_commit("dave", job, &result), E::NotAuditor);
		let owner = Verification::audit_commit(by(&account("eve")), job, H256::zero());
		assert_noop!(owner, E::NotAuditor);
		// Copies the worker's commitment, which it cannot open.
		let copied = opening("bob", job, &result);
		assert_ok!(Verification::audit_commit(by(&worker("eve")), job, copied));
		run_to(reveal_window(job).0);
		assert_ok!(m.reveal("bob", job, &result));
		assert_noop!(audit_reveal("eve", job, &result), E::CommitmentMismatch);
		assert_noop!(audit_commit("eve", job + 1, &result), E::NotCommitted);
	});
}
