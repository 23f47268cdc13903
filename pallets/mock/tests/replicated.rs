// SPDX-License-Identifier: Apache-2.0
//! Jobs that run several times at once: who gets them, when they are shown, and that they agree or are refunded.

use calor_mock::*;
use calor_primitives::{
	assurance::Assurance,
	dispute::Question,
	explain::Why,
	fault::Fault,
	job::{CloseReason, InputFault, JobSpec, JobState, ParentStage, MAX_ATTEMPTS},
	money::{SUBMISSION_FEE, UNIT},
	traits::{Collateral, Lifecycle, Stage},
	Balance, JobId, H256,
};
use frame_support::{assert_noop, assert_ok, weights::Weight, BoundedVec};
use pallet_jobs::{Error, Fallen, HoldReason, ReplicaStage, Replicas};

/// What dissenters and colluders say.
const WRONG: [H256; 1] = [H256([5; 32])];
const PROVIDERS: [&str; 4] = ["bob", "carol", "dave", "eve"];
/// Penalty of the first fault of a provider, of the stake behind a job of the least price.
const EARMARK: Balance = 20 * PRICE;

fn replicated(m: &Story, n: u8) -> JobSpec {
	JobSpec { assurance: Assurance::Replicated(n), ..m.spec(&program(0)) }
}

/// Submits a specification and gives the numbers of all jobs that come of it.
fn submit(client: &str, spec: JobSpec) -> Vec<JobId> {
	let first = pallet_jobs::LastJob::<Runtime>::get() + 1;
	assert_ok!(Jobs::submit(by(&account(client)), spec));
	(first..=pallet_jobs::LastJob::<Runtime>::get()).collect()
}

/// Runs blocks until all are assigned, and gives the names of the providers.
fn assigned(m: &Story, jobs: &[JobId]) -> Vec<String> {
	jobs.iter().map(|job| m.assigned(*job)).collect()
}

/// All accept and commit to that.
fn commit(m: &Story, jobs: &[JobId], names: &[String], roots: &[[H256; 1]]) {
	for ((job, name), roots) in jobs.iter().zip(names).zip(roots) {
		m.accept(name, *job);
		m.commit(name, *job, roots);
	}
}

/// All reveal that.
fn reveal(m: &Story, jobs: &[JobId], names: &[String], roots: &[[H256; 1]]) {
	for ((job, name), roots) in jobs.iter().zip(names).zip(roots) {
		assert_ok!(m.reveal(name, *job, roots));
	}
}

/// From the submission to the reveal of these.
fn delivered(m: &Story, roots: &[[H256; 1]]) -> (Vec<JobId>, Vec<String>) {
	let jobs = submit("alice", replicated(m, roots.len() as u8));
	let names = assigned(m, &jobs);
	commit(m, &jobs, &names, roots);
	advance(1);
	reveal(m, &jobs, &names, roots);
	(jobs, names)
}

fn providers(m: &mut Story, count: usize) {
	PROVIDERS.into_iter().take(count).for_each(|name| {
		m.provider(name);
	});
}

fn why(job: JobId) -> Why {
	Jobs::explain(job).unwrap().why
}

fn is_settled(job: JobId) -> bool {
	matches!(state(job), JobState::Settled { .. })
}

fn is_revealed(job: JobId) -> bool {
	matches!(state(job), JobState::Revealed { .. })
}

fn convict(job: JobId, fault: Fault) {
	let prover = account("frank");
	assert_ok!(<Jobs as Lifecycle>::convict(job, fault, Some(&prover), H256::zero()));
}

/// Stake behind jobs of a provider.
fn earmarked(name: &str) -> usize {
	Stake::jobs_of(&account(name)).len()
}

/// Nothing binds jobs any more.
fn nothing_is_bound() -> bool {
	Replicas::<Runtime>::iter().next().is_none() && Fallen::<Runtime>::iter().next().is_none()
}

#[test]
fn unanimity_pays_all() {
	Story::tell_long(|m| {
		providers(m, 3);
		let before = wealth("alice");
		let (jobs, names) = delivered(m, &[RESULT; 3]);
		assert_eq!(jobs, [1, 2, 3], "numbers follow each other");
		for job in &jobs {
			let record = record(*job);
			assert_eq!(record.replica_of, Some(1));
			assert_eq!((record.price, record.levy, record.earmark), (PRICE, 0, EARMARK));
		}
		assert_eq!(held("alice", HoldReason::Escrow), 3 * PRICE);
		let earned: Vec<_> = names.iter().map(|name| wealth(name)).collect();
		advance(CHALLENGE + 1);
		for (name, before) in names.iter().zip(earned) {
			assert_eq!(wealth(name), before + PRICE * 8 / 10, "{name} is paid like any other");
			assert_eq!(earmarked(name), 0);
		}
		assert!(jobs.iter().all(|job| is_settled(*job)));
		assert_eq!(wealth("alice"), before - 3 * (PRICE + SUBMISSION_FEE));
		assert!(nothing_is_bound());
		assert_eq!(Jobs::view(1).unwrap().output_roots, RESULT);
	});
}

#[test]
fn one_dissenter_costs_nobody_anything_and_the_client_gets_everything_back() {
	for dissenter in 0..3 {
		Story::tell_long(|m| {
			providers(m, 3);
			let before = (wealth("alice"), at_hand("alice"));
			let stakes: Vec<_> = PROVIDERS[..3].iter().map(|name| wealth(name)).collect();
			let mut roots = [RESULT; 3];
			roots[dissenter] = WRONG;
			let (jobs, names) = delivered(m, &roots);
			advance(CHALLENGE + 1);
			for job in &jobs {
				assert_eq!(assert_closed(*job, CloseReason::NotUnanimous), PRICE);
			}
			let after: Vec<_> = PROVIDERS[..3].iter().map(|name| wealth(name)).collect();
			assert_eq!(stakes, after, "without a proof nobody is slashed, and nobody is paid");
			assert_eq!(wealth("alice"), before.0 - 3 * SUBMISSION_FEE);
			assert!(names.iter().all(|name| earmarked(name) == 0));
			assert!(nothing_is_bound());
			advance(RETENTION + 1);
			assert_eq!(at_hand("alice"), before.1 - 3 * SUBMISSION_FEE, "deposits too");
		});
	}
}

#[test]
fn nobody_reveals_before_all_have_committed() {
	Story::tell_long(|m| {
		providers(m, 3);
		let jobs = submit("alice", replicated(m, 3));
		let names = assigned(m, &jobs);
		let [a, b, c] = jobs[..] else { panic!("three") };
		commit(m, &[a, b], &names[..2], &[RESULT; 2]);
		assert_eq!(why(a), Why::ReplicasOpen(vec![c]));
		assert!(matches!(why(c), Why::AwaitsAcceptance { .. }));
		// The guess at the window begins when the last could have committed, and never too early.
		let JobState::Committed { reveal_from, .. } = state(a) else { panic!("committed") };
		assert!(reveal_from > state(c).due());
		advance(3);
		assert_noop!(m.reveal(&names[0], a, &RESULT), Error::<Runtime>::TooEarly);
		m.accept(&names[2], c);
		advance(3);
		assert_noop!(m.reveal(&names[0], a, &RESULT), Error::<Runtime>::TooEarly);
		m.commit(&names[2], c, &RESULT);
		let now = System::block_number();
		for job in &jobs {
			let stage = <Jobs as Lifecycle>::case(*job).unwrap().stage;
			assert_eq!(
				stage,
				Stage::Committed { from: now + 1, by: now + 1 + REVEAL },
				"job {job}"
			);
			assert!(matches!(why(*job), Why::AwaitsReveal { .. }));
		}
		assert_noop!(m.reveal(&names[0], a, &RESULT), Error::<Runtime>::TooEarly);
		advance(1);
		reveal(m, &jobs, &names, &[RESULT; 3]);
	});
}

/// A copycat can copy a commitment, which is worth nothing to it, and nothing else before it is bound.
#[test]
fn there_is_nothing_to_copy() {
	Story::tell_long(|m| {
		providers(m, 2);
		let jobs = submit("alice", replicated(m, 2));
		let names = assigned(m, &jobs);
		let [a, b] = jobs[..] else { panic!("two") };
		m.accept(&names[0], a);
		m.accept(&names[1], b);
		m.commit(&names[0], a, &RESULT);
		// What the chain knows of the first while the second is free to choose is the commitment alone.
		assert_eq!(Jobs::view(a).unwrap().output_roots, []);
		assert_noop!(m.reveal(&names[0], a, &RESULT), Error::<Runtime>::TooEarly);
		let copied = opening(&names[0], a, &RESULT);
		assert_ok!(Verification::commit(by(&worker(&names[1])), b, copied));
		advance(1);
		assert_ok!(m.reveal(&names[0], a, &RESULT));
		let shown = m.reveal(&names[1], b, &RESULT);
		assert_noop!(shown, pallet_verification::Error::<Runtime>::CommitmentMismatch);
		let stake = wealth(&names[1]);
		advance(1 + REVEAL + DEFERRAL + 1);
		assert_eq!(wealth(&names[1]), stake - EARMARK, "all that stood behind it");
	});
}

#[test]
fn a_replica_that_cannot_be_found_closes_all() {
	Story::tell_long(|m| {
		providers(m, 2);
		let before = (wealth("alice"), wealth("bob"), wealth("carol"));
		let jobs = submit("alice", replicated(m, 3));
		advance(1);
		let lone = jobs.iter().copied().find(|job| matches!(state(*job), JobState::Queued { .. }));
		let lone = lone.expect("two providers cannot take three");
		let others: Vec<_> = jobs.iter().copied().filter(|job| *job != lone).collect();
		let names = assigned(m, &others);
		m.accept(&names[0], others[0]);
		m.commit(&names[0], others[0], &RESULT);
		m.accept(&names[1], others[1]);
		advance(QUEUE + 1);
		assert_eq!(assert_closed(lone, CloseReason::NoCapacity), PRICE);
		for (job, name) in others.iter().zip(&names) {
			assert_eq!(assert_closed(*job, CloseReason::ReplicaFailed(lone)), PRICE);
			assert_eq!(earmarked(name), 0);
			assert_eq!(availability(name), calor_primitives::provider::Availability::Ready);
		}
		assert_eq!(before.1, wealth("bob"));
		assert_eq!(before.2, wealth("carol"));
		assert_eq!(before.0 - 3 * SUBMISSION_FEE, wealth("alice"));
		assert!(nothing_is_bound());
	});
}

#[test]
fn no_two_are_of_one_group() {
	for n in 0..8 {
		Story::tell_long(|m| {
			providers(m, 3);
			set_group("carol", "bob");
			advance(n);
			let jobs = submit("alice", replicated(m, 2));
			let names = assigned(m, &jobs);
			let one_group = names.iter().filter(|name| *name != "dave").count();
			assert_eq!(one_group, 1, "{names:?}");
		});
	}
	Story::tell_long(|m| {
		providers(m, 2);
		set_group("carol", "bob");
		let jobs = submit("alice", replicated(m, 2));
		advance(3);
		let lone = jobs.iter().copied().find(|job| matches!(state(*job), JobState::Queued { .. }));
		let lone = lone.expect("carol is of bob's group, or bob of carol's");
		let explained = Jobs::explain(lone).unwrap();
		assert_eq!(explained.why, Why::NobodyFits);
		assert_eq!(explained.supply.unwrap().failed_before, 1);
		m.provider("dave");
		assert_eq!(m.assigned(lone), "dave");
	});
}

#[test]
fn who_failed_one_gets_no_other_and_the_others_wait() {
	Story::tell_long(|m| {
		providers(m, 2);
		let jobs = submit("alice", replicated(m, 2));
		let names = assigned(m, &jobs);
		let [a, b] = jobs[..] else { panic!("two") };
		m.accept(&names[0], a);
		m.commit(&names[0], a, &RESULT);
		assert_ok!(Jobs::decline(by(&worker(&names[1])), b, InputFault::Missing));
		advance(2);
		// The first waits for its turn to come again; neither may have the second.
		assert_eq!(Jobs::explain(b).unwrap().supply.unwrap().failed_before, 2);
		let guess = state(a).due();
		m.provider("dave");
		assert_eq!(m.assigned(b), "dave");
		// The first looked again when it could have been revealed, and waits for the new one.
		advance(QUEUE.min(3));
		m.accept("dave", b);
		m.commit("dave", b, &RESULT);
		assert!(state(a).due() <= guess + QUEUE);
		advance(1);
		reveal(m, &jobs, &[names[0].clone(), "dave".into()], &[RESULT; 2]);
		assert_eq!(record(b).assurance, Assurance::Replicated(2), "nothing was public");
		advance(CHALLENGE + 1);
		assert!(is_settled(a) && is_settled(b));
	});
}

#[test]
fn a_held_result_outlasts_every_attempt_of_the_others() {
	Story::tell_long(|m| {
		providers(m, 4);
		let jobs = submit("alice", replicated(m, 2));
		let names = assigned(m, &jobs);
		let [a, b] = jobs[..] else { panic!("two") };
		m.accept(&names[0], a);
		m.commit(&names[0], a, &RESULT);
		let stake = wealth(&names[0]);
		// All others fail the second as late as they can.
		for _ in 0..MAX_ATTEMPTS {
			let name = m.assigned(b);
			m.accept(&name, b);
			while record(b).state.provider() == Some(&account(&name)) {
				assert!(matches!(state(a), JobState::Committed { .. }));
				assert_eq!(why(a), Why::ReplicasOpen(vec![b]));
				advance(1);
			}
		}
		assert_closed(b, CloseReason::DeadlineMissed);
		assert_eq!(assert_closed(a, CloseReason::ReplicaFailed(b)), PRICE);
		assert_eq!(wealth(&names[0]), stake, "who was bound and waited lost nothing");
	});
}

#[test]
fn who_does_not_reveal_is_convicted_and_another_comes_who_is_audited() {
	Story::tell_long(|m| {
		providers(m, 3);
		let jobs = submit("alice", replicated(m, 2));
		let names = assigned(m, &jobs);
		let [a, b] = jobs[..] else { panic!("two") };
		commit(m, &jobs, &names, &[RESULT; 2]);
		advance(1);
		assert_ok!(m.reveal(&names[0], a, &RESULT));
		advance(REVEAL + 2);
		assert_eq!(failed(b), [account(&names[1])]);
		// The result is public: whoever comes now could copy it, so its word is audited like that of any other.
		assert_eq!(record(b).assurance, Assurance::Optimistic);
		let name = m.assigned(b);
		m.accept(&name, b);
		advance(CHALLENGE + 1);
		assert!(is_revealed(a), "the first waits");
		assert_eq!(why(a), Why::ReplicasOpen(vec![b]));
		m.commit(&name, b, &RESULT);
		while !is_revealed(b) {
			advance(1);
			let _ = m.reveal(&name, b, &RESULT);
		}
		while !is_settled(b) {
			assert!(is_revealed(a), "they are paid together");
			advance(1);
		}
		assert!(is_settled(a));
		assert_eq!(payment(a), payment(b));
	});
}

#[test]
fn fraud_in_one_is_slashed_and_the_others_are_paid() {
	Story::tell_long(|m| {
		providers(m, 4);
		let (jobs, names) = delivered(m, &[RESULT, WRONG, RESULT]);
		let stakes: Vec<_> = names.iter().map(|name| wealth(name)).collect();
		let before = (wealth("frank"), wealth("alice"));
		advance(2);
		convict(jobs[1], Fault::WrongResult);
		assert_eq!(wealth(&names[1]), stakes[1] - EARMARK);
		assert_eq!(wealth("frank"), before.0 + EARMARK * 3 / 10);
		assert_eq!(wealth("alice"), before.1 + EARMARK * 2 / 10);
		let name = m.assigned(jobs[1]);
		assert!(!names.contains(&name));
		m.accept(&name, jobs[1]);
		advance(CHALLENGE + 1);
		assert!(is_revealed(jobs[0]) && is_revealed(jobs[2]), "the others wait");
		m.commit(&name, jobs[1], &RESULT);
		while !is_revealed(jobs[1]) {
			advance(1);
			let _ = m.reveal(&name, jobs[1], &RESULT);
		}
		while !is_settled(jobs[1]) {
			advance(1);
		}
		for (job, name, stake) in [(0, &names[0], stakes[0]), (2, &names[2], stakes[2])] {
			assert!(is_settled(jobs[job]));
			assert_eq!(wealth(name), stake + PRICE * 8 / 10);
		}
	});
}

/// Two run a real program; one lies, and is found out by a proof. The other is paid with whoever comes next.
#[test]
fn a_dissenter_is_proved_wrong_and_replaced() {
	Story::tell_long(|m| {
		providers(m, 3);
		let work = Work::small();
		let lie = work.lie(3, 0);
		let spec = JobSpec { assurance: Assurance::Replicated(2), ..work.spec(m) };
		let jobs = submit("alice", spec);
		let names = assigned(m, &jobs);
		let runs = [&work.right, &lie];
		for ((job, name), run) in jobs.iter().zip(&names).zip(runs) {
			m.accept(name, *job);
			m.commit(name, *job, &roots(run));
		}
		advance(1);
		for ((job, name), run) in jobs.iter().zip(&names).zip(runs) {
			assert_ok!(m.reveal(name, *job, &roots(run)));
		}
		let [honest, liar] = jobs[..] else { panic!("two") };
		let stake = wealth(&names[1]);
		assert_eq!(m.challenge("frank", honest, &work.right, &work.right), None);
		let proof = m.challenge("frank", liar, &work.right, &lie).expect("a lie");
		assert_ok!(m.prove("frank", liar, &proof));
		assert!(wealth(&names[1]) < stake - EARMARK / 2);
		let name = m.assigned(liar);
		m.accept(&name, liar);
		m.commit(&name, liar, &roots(&work.right));
		run_to(reveal_window(liar).0);
		assert_ok!(m.reveal(&name, liar, &roots(&work.right)));
		while record(liar).state.is_open() {
			advance(1);
		}
		assert!(is_settled(honest) && is_settled(liar));
		assert_eq!(payment(honest).paid, payment(liar).paid);
	});
}

/// One of them owes an answer when all could be paid: it is convicted then, whichever of them the chain looks at.
#[test]
fn silence_of_one_puts_off_the_pay_of_all() {
	for asked in 0..2 {
		Story::tell_long(|m| {
			providers(m, 3);
			let (jobs, names) = delivered(m, &[RESULT; 2]);
			let (job, name) = (jobs[asked], &names[asked]);
			let stake = wealth(name);
			assert_ok!(demand("frank", job, Question::Trace, None));
			while record(job).failed.is_empty() {
				assert!(jobs.iter().all(|job| record(*job).state.is_open()));
				advance(1);
			}
			assert_eq!(failed(job), [account(name)]);
			assert_eq!(record(job).assurance, Assurance::Optimistic);
			assert!(is_revealed(jobs[1 - asked]));
			let next = m.assigned(job);
			m.accept(&next, job);
			m.commit(&next, job, &RESULT);
			run_to(reveal_window(job).0);
			assert_ok!(m.reveal(&next, job, &RESULT));
			while record(job).state.is_open() {
				advance(1);
			}
			assert!(jobs.iter().all(|job| is_settled(*job)));
			advance(DEFERRAL);
			assert_eq!(wealth(name), stake - EARMARK);
			assert_eq!(deposits("frank"), (0, 0));
		});
	}
}

#[test]
fn a_forfeited_provider_takes_all_with_it() {
	Story::tell_long(|m| {
		providers(m, 3);
		let (jobs, names) = delivered(m, &[RESULT; 3]);
		let stake = wealth(&names[0]);
		let owner = account(&names[1]);
		assert_ok!(Stake::forfeit(&owner, Fault::ForgedCapacity, None, H256::zero()));
		// Before anybody acts on it, it is as good as overdue.
		advance(1);
		assert_closed(jobs[1], CloseReason::ProviderForfeited);
		for job in [jobs[0], jobs[2]] {
			assert_eq!(assert_closed(job, CloseReason::ReplicaFailed(jobs[1])), PRICE);
		}
		assert_eq!(wealth(&names[0]), stake);
		assert!(Stake::earmarks().is_empty());
	});
}

/// All could be paid in the block in which one of them lost everything, and the chain had no room to notice.
#[test]
fn nobody_is_paid_with_one_who_lost_everything() {
	Story::tell_long(|m| {
		providers(m, 2);
		let (jobs, names) = delivered(m, &[RESULT; 2]);
		let stakes = (wealth(&names[0]), wealth(&names[1]));
		let owner = account(&names[1]);
		assert_ok!(Stake::forfeit(&owner, Fault::ForgedCapacity, None, H256::zero()));
		stall(CHALLENGE + 1);
		assert_ok!(Jobs::expire(by(&account("grace")), jobs[0]));
		assert_closed(jobs[1], CloseReason::ProviderForfeited);
		assert_ok!(Jobs::expire(by(&account("grace")), jobs[0]));
		assert_closed(jobs[0], CloseReason::ReplicaFailed(jobs[1]));
		assert_eq!(wealth(&names[0]), stakes.0);
		assert_eq!(wealth(&names[1]), stakes.1 - BOND);
	});
}

#[test]
fn anybody_closes_what_has_fallen() {
	Story::tell_long(|m| {
		providers(m, 2);
		let jobs = submit("alice", replicated(m, 2));
		let names = assigned(m, &jobs);
		m.accept(&names[0], jobs[0]);
		let owner = account(&names[1]);
		assert_ok!(Stake::forfeit(&owner, Fault::ForgedCapacity, None, H256::zero()));
		assert_ok!(Jobs::expire(by(&account("grace")), jobs[1]));
		let set = Replicas::<Runtime>::get(jobs[0]).unwrap();
		assert_eq!((set.open, set.stage), (1, ReplicaStage::Fallen(jobs[1])));
		assert_eq!(why(jobs[0]), Why::Overdue);
		check_invariants();
		// Blocks without room change nothing; whoever is in a hurry does it.
		stall(2);
		assert!(matches!(state(jobs[0]), JobState::Running { .. }));
		assert_ok!(Jobs::expire(by(&account("grace")), jobs[0]));
		assert_closed(jobs[0], CloseReason::ReplicaFailed(jobs[1]));
		assert!(nothing_is_bound());
	});
}

#[test]
fn cancelling_one_cancels_all_and_pays_who_is_at_work() {
	for named in 0..3 {
		Story::tell_long(|m| {
			providers(m, 3);
			let jobs = submit("alice", replicated(m, 3));
			let names = assigned(m, &jobs);
			m.accept(&names[0], jobs[0]);
			m.accept(&names[1], jobs[1]);
			let before: Vec<_> = names.iter().map(|name| wealth(name)).collect();
			let stranger = Jobs::cancel(by(&account("frank")), jobs[named]);
			assert_noop!(stranger, Error::<Runtime>::NotClient);
			assert_ok!(Jobs::cancel(by(&account("alice")), jobs[named]));
			let quarter = PRICE / 4;
			for (i, refunded) in [PRICE - quarter, PRICE - quarter, PRICE].into_iter().enumerate() {
				assert_eq!(assert_closed(jobs[i], CloseReason::Cancelled), refunded);
				let earned = (PRICE - refunded) * 8 / 10;
				assert_eq!(wealth(&names[i]), before[i] + earned);
				assert_eq!(earmarked(&names[i]), 0);
			}
			assert!(nothing_is_bound());
			let again = Jobs::cancel(by(&account("alice")), jobs[named]);
			assert_noop!(again, Error::<Runtime>::WrongState);
		});
	}
}

/// A client has a result as soon as its worker has committed: it could take one and cancel those that lag.
#[test]
fn nothing_is_cancelled_once_one_has_committed() {
	Story::tell_long(|m| {
		providers(m, 2);
		let jobs = submit("alice", replicated(m, 3));
		advance(1);
		let taken = jobs.iter().copied().find(|job| state(*job).provider().is_some()).unwrap();
		let name = m.assigned(taken);
		m.accept(&name, taken);
		m.commit(&name, taken, &RESULT);
		for job in jobs {
			let cancelled = Jobs::cancel(by(&account("alice")), job);
			assert_noop!(cancelled, Error::<Runtime>::WrongState);
		}
	});
}

#[test]
fn a_late_provider_is_not_spared_by_a_cancellation() {
	Story::tell_long(|m| {
		providers(m, 2);
		let jobs = submit("alice", replicated(m, 2));
		let names = assigned(m, &jobs);
		m.accept(&names[0], jobs[0]);
		let stake = wealth(&names[1]);
		stall(ACCEPT + 1);
		assert_ok!(Jobs::cancel(by(&account("alice")), jobs[0]));
		assert_closed(jobs[0], CloseReason::Cancelled);
		assert_closed(jobs[1], CloseReason::Cancelled);
		assert_eq!(failed(jobs[1]), [account(&names[1])]);
		advance(DEFERRAL + 1);
		assert_eq!(wealth(&names[1]), stake - EARMARK / 4);
	});
}

#[test]
fn a_reference_names_the_first() {
	Story::tell_long(|m| {
		providers(m, 2);
		let reference = Some(H256::repeat_byte(1));
		let spec = JobSpec { reference, ..replicated(m, 2) };
		assert_eq!(submit("alice", spec.clone()), [1, 2]);
		assert_eq!(record(1).reference, reference);
		assert_eq!(record(2).reference, None);
		let before = free("alice");
		System::reset_events();
		assert_eq!(submit("alice", spec), [] as [JobId; 0]);
		assert_eq!(free("alice"), before);
		System::assert_last_event(pallet_jobs::Event::AlreadySubmitted { job: 1 }.into());
	});
}

#[test]
fn children_take_the_outputs_of_the_first() {
	Story::tell_long(|m| {
		providers(m, 3);
		let mut child = m.spec(&program(0));
		child.inputs[0] = output_of_earlier(0, 0);
		let batch = vec![replicated(m, 2), child];
		assert_ok!(Jobs::submit_batch(by(&account("alice")), BoundedVec::truncate_from(batch)));
		assert_eq!(record(3).parents.to_vec(), [1]);
		let mut other = m.spec(&program(0));
		other.inputs[0] = output_of(2, 0);
		let refused = Jobs::submit(by(&account("alice")), other);
		assert_noop!(refused, Error::<Runtime>::BadParent);

		let names = assigned(m, &[1, 2]);
		commit(m, &[1, 2], &names, &[RESULT; 2]);
		advance(1);
		reveal(m, &[1, 2], &names, &[RESULT; 2]);
		assert!(matches!(state(3), JobState::Waiting { .. }));
		advance(CHALLENGE + 1);
		m.deliver(3);
	});
}

#[test]
fn replicas_are_children_too() {
	Story::tell_long(|m| {
		providers(m, 3);
		let parent = m.submit("alice");
		let mut spec = replicated(m, 2);
		spec.inputs[0] = output_of(parent, 0);
		let jobs = submit("alice", spec.clone());
		assert_eq!(record(parent).children, 2);
		assert!(jobs.iter().all(|job| matches!(state(*job), JobState::Waiting { .. })));
		m.deliver(parent);
		advance(CHALLENGE + 1);
		let names = assigned(m, &jobs);
		commit(m, &jobs, &names, &[RESULT; 2]);
		assert_eq!(record(parent).children, 2);

		// A parent that fails takes them with it, each for that reason or for that of the other.
		let parent = m.submit("alice");
		spec.inputs[0] = output_of(parent, 0);
		let jobs = submit("alice", spec);
		assert_ok!(Jobs::cancel(by(&account("alice")), parent));
		advance(2);
		assert!(jobs.iter().all(|job| !state(*job).is_open()));
		assert_closed(jobs[0], CloseReason::ParentFailed(parent));
	});
}

#[test]
fn each_costs_as_much_as_one_and_there_must_be_room_for_all() {
	Story::tell_long(|m| {
		for n in [0, 1, 6, 255] {
			let refused = Jobs::submit(by(&account("alice")), replicated(m, n));
			assert_noop!(refused, Error::<Runtime>::BadReplicas);
		}
		let tip = 3 * UNIT;
		submit("alice", JobSpec { tip, ..replicated(m, 5) });
		assert_eq!(held("alice", HoldReason::Escrow), 5 * (PRICE + tip));
		let deposits: Balance = (1..=5).map(|job| record(job).deposit).sum();
		assert_eq!(held("alice", HoldReason::Deposit), deposits);
		assert!(record(5).deposit >= record(1).deposit);
		// Who can pay for one, or for two, and not for three.
		let spec = JobSpec { tip: FUNDS * 2 / 5, ..replicated(m, 3) };
		let refused = Jobs::submit(by(&account("bob")), spec);
		assert_noop!(refused, Error::<Runtime>::BalanceTooLow);
		// The queue takes twenty.
		submit("alice", replicated(m, 5));
		submit("alice", replicated(m, 5));
		submit("alice", replicated(m, 3));
		let refused = Jobs::submit(by(&account("alice")), replicated(m, 3));
		assert_noop!(refused, Error::<Runtime>::QueueFull);
		submit("alice", replicated(m, 2));
	});
}

#[test]
fn a_class_with_a_lock_locks_for_each() {
	Story::tell_long(|m| {
		let class = calor_primitives::job::HardwareClass::Tensor;
		submit("alice", JobSpec { class, ..replicated(m, 3) });
		assert_eq!(held("alice", HoldReason::Access), 3 * Jobs::access_lock(class));
		assert_ok!(Jobs::cancel(by(&account("alice")), 2));
		assert_eq!(held("alice", HoldReason::Access), 0);
	});
}

#[test]
fn a_result_on_which_a_child_has_set_out_is_not_replaced() {
	Story::tell_long(|m| {
		providers(m, 3);
		let (jobs, names) = delivered(m, &[RESULT; 2]);
		let mut child = m.spec(&program(0));
		child.inputs[0] = output_of(jobs[0], 0);
		child.start_on = ParentStage::Revealed;
		let child = m.submit_spec("alice", child);
		assert!(record(jobs[0]).taken);
		m.assigned(child);
		let stake = wealth(&names[0]);
		convict(jobs[0], Fault::WrongResult);
		assert_closed(jobs[0], CloseReason::Fraud);
		assert_eq!(wealth(&names[0]), stake - EARMARK);
		advance(1);
		assert_closed(jobs[1], CloseReason::ReplicaFailed(jobs[0]));
		// The child knows on what it runs.
		let view = Jobs::view(child).unwrap();
		assert_eq!(view.inputs[0].root, RESULT[0]);
		assert!(view.record.state.is_open());
	});
}

/// Colluders say the same wrong thing; what one honest worker has a hand in is never accepted. Of sets of providers of whom
/// half, or a third, collude, as many as chance says are theirs alone: `q^n`, or a little less since none is drawn twice.
#[test]
fn colluding_quorums_are_accepted_as_often_as_chance_says() {
	const RUNS: u32 = 400;
	const GROUPS: u32 = 18;
	for (n, colluders) in [(2u8, 9u32), (3, 9), (2, 6)] {
		let mut accepted = 0;
		Story::tell_long(|m| {
			let names: Vec<String> = (0..GROUPS).map(|i| format!("p{i}")).collect();
			for name in &names {
				appear(name);
				m.provider(name);
			}
			let bad =
				|name: &String| names.iter().position(|n| n == name).unwrap() < colluders as usize;
			let mut told: Vec<(Vec<JobId>, Vec<String>)> = Vec::new();
			for _ in 0..RUNS {
				let jobs = submit("alice", replicated(m, n));
				quick_block();
				let drawn: Vec<_> =
					jobs.iter().map(|job| m.name_of(state(*job).provider().unwrap())).collect();
				let roots: Vec<_> =
					drawn.iter().map(|name| if bad(name) { WRONG } else { RESULT }).collect();
				commit(m, &jobs, &drawn, &roots);
				quick_block();
				reveal(m, &jobs, &drawn, &roots);
				told.push((jobs, drawn));
				if told.len() > CHALLENGE as usize {
					let (jobs, drawn) = told.remove(0);
					accepted +=
						u32::from(judged(&jobs, drawn.iter().filter(|name| bad(name)).count()));
				}
			}
			(0..=CHALLENGE).for_each(|_| quick_block());
			for (jobs, drawn) in told {
				accepted += u32::from(judged(&jobs, drawn.iter().filter(|name| bad(name)).count()));
			}
		});
		let runs = f64::from(RUNS);
		let exact: f64 =
			(0..u32::from(n)).map(|i| f64::from(colluders - i) / f64::from(GROUPS - i)).product();
		let q = f64::from(colluders) / f64::from(GROUPS);
		for chance in [exact, q.powi(n.into())] {
			let sigma = (runs * chance * (1.0 - chance)).sqrt();
			let off = (f64::from(accepted) - runs * chance).abs();
			assert!(off < 4.0 * sigma, "n = {n}: {accepted} of {RUNS}, for a chance of {chance}");
		}
	}
}

/// A block of which nobody looks at the invariants: there are thousands.
fn quick_block() {
	end_block(Weight::MAX);
	begin_block();
}

/// Whether a set with so many colluders was accepted. It is if and only if all are, or none.
fn judged(jobs: &[JobId], colluders: usize) -> bool {
	let wrong = colluders == jobs.len();
	for job in jobs {
		if wrong || colluders == 0 {
			assert!(is_settled(*job), "all agree: {:?}", state(*job));
			let expected = if wrong { WRONG } else { RESULT };
			assert_eq!(Jobs::view(*job).unwrap().output_roots, expected);
		} else {
			assert_closed(*job, CloseReason::NotUnanimous);
		}
	}
	wrong
}
