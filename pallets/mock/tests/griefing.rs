// SPDX-License-Identifier: Apache-2.0
//! What the hostile try, and what it costs them.

use calor_mock::*;
use calor_primitives::{
	job::{CloseReason, HardwareClass, InputFault, JobSpec, JobState},
	money::{BurnKind, SUBMISSION_FEE, UNIT},
	provider::Availability,
	traits::{Assign, Collateral},
	Balance, JobId, H256,
};
use frame_support::{assert_noop, assert_ok, traits::OnIdle, weights::Weight, BoundedVec};
use pallet_jobs::{Error, Event, HoldReason};
use pallet_stake::Role;

const FULL: Balance = PRICE + LEVY;

fn is_queued(job: JobId) -> bool {
	matches!(state(job), JobState::Queued { .. })
}

fn is_assigned(job: JobId) -> bool {
	matches!(state(job), JobState::Assigned { .. })
}

fn burned(kind: BurnKind) -> Balance {
	pallet_burn_mint::Burned::<Runtime>::get(kind)
}

/// Everything that a pallet keeps, keys alone.
fn keys(pallet: &str) -> std::collections::BTreeSet<Vec<u8>> {
	let prefix = sp_io::hashing::twox_128(pallet.as_bytes());
	let mut keys = std::collections::BTreeSet::new();
	let mut last = prefix.to_vec();
	while let Some(next) = sp_io::storage::next_key(&last) {
		if !next.starts_with(&prefix) {
			break;
		}
		keys.insert(next.clone());
		last = next;
	}
	keys
}

#[test]
fn holding_a_full_queue_costs_deposits_and_fees_and_a_tip_gets_through() {
	Story::tell_long(|m| {
		let before = at_hand("eve");
		let spam: Vec<_> = (0..19).map(|_| m.submit("eve")).collect();
		let deposits: Balance = spam.iter().map(|job| record(*job).deposit).sum();
		assert_eq!(at_hand("eve"), before - 19 * (FULL + SUBMISSION_FEE) - deposits);
		let mut spec = m.spec(&program(0));
		spec.tip = 1_000_000;
		let job = m.submit_spec("alice", spec);
		let refused = Jobs::submit(by(&account("eve")), m.spec(&program(0)));
		assert_noop!(refused, Error::<Runtime>::QueueFull);
		m.provider("bob");
		advance(1);
		assert!(is_assigned(job), "the only one that tips comes first");
		assert_ok!(Jobs::decline(by(&worker("bob")), job, InputFault::Missing));
		assert_ok!(Providers::drain(by(&worker("bob"))));
		// To hold the queue is to lose the fees, and the use of the money until the records are dropped.
		advance(QUEUE + 1);
		for job in &spam {
			assert_eq!(assert_closed(*job, CloseReason::NoCapacity), FULL);
		}
		assert_eq!(at_hand("eve"), before - 19 * SUBMISSION_FEE - deposits);
		advance(RETENTION + 1);
		assert_eq!(at_hand("eve"), before - 19 * SUBMISSION_FEE);
		assert_eq!(burned(BurnKind::Submission), 20 * SUBMISSION_FEE);
	});
}

#[test]
fn spam_that_outbids_everyone_still_leaves_half_to_the_oldest() {
	Story::tell_long(|m| {
		let job = m.submit("alice");
		let mut spec = m.spec(&program(0));
		spec.tip = UNIT;
		for _ in 0..19 {
			m.submit_spec("eve", spec.clone());
		}
		for name in ["bob", "carol"] {
			m.provider(name);
		}
		let before = wealth("eve");
		advance(1);
		assert!(is_assigned(job), "one of two goes to the oldest");
		assert_eq!(burned(BurnKind::Tip), UNIT);
		assert_eq!(wealth("eve"), before - UNIT, "each place before others is paid for");
	});
}

#[test]
fn spam_that_nobody_can_take_holds_up_nobody() {
	Story::tell_long(|m| {
		m.provider("bob");
		let mut spec = m.spec(&program_of(600_000_000_000));
		spec.deliver_within = 40;
		spec.value_at_risk = 50 * UNIT;
		for _ in 0..19 {
			let job = m.submit_spec("eve", spec.clone());
			assert!(record(job).earmark > BOND);
		}
		let job = m.submit("alice");
		m.assigned(job);
		assert!(System::block_number() <= 3);
	});
}

#[test]
fn cancel_storms_cost_the_fee_each_and_leave_nothing_behind() {
	Story::tell_long(|m| {
		// From here on each new seed takes an old one's place.
		run_to(pallet_verification::types::SEEDS + 1);
		let program = program(0);
		m.register_program(&program);
		m.provider("bob");
		// Once, so that all single values exist.
		let alice = by(&account("alice"));
		let job = m.submit("alice");
		m.assigned(job);
		assert_ok!(Jobs::cancel(alice.clone(), job));
		advance(RETENTION + 2);
		let before = (keys("Jobs"), keys("Verification"), keys("Stake"), keys("Providers"));
		let money = (at_hand("alice"), wealth("bob"), issuance());
		for i in 0..60u8 {
			let mut spec = m.spec(&program);
			spec.reference = (i % 2 == 0).then(|| H256::repeat_byte(i));
			spec.tip = Balance::from(i);
			let job = m.submit_spec("alice", spec);
			if i % 5 == 0 {
				let mut child = m.spec(&program);
				child.inputs[0] = output_of(job, 0);
				m.submit_spec("alice", child);
			}
			assert_ok!(Jobs::cancel(alice.clone(), job));
			assert_noop!(Jobs::cancel(alice.clone(), job), Error::<Runtime>::WrongState);
		}
		assert_eq!(pallet_jobs::Queues::<Runtime>::get(HardwareClass::General).len(), 0);
		assert!(keys("Jobs").len() > before.0.len() + 60, "paid for by deposits until dropped");
		assert!(held("alice", HoldReason::Deposit) > 72 * UNIT / 50);
		advance(RETENTION + 3);
		assert_eq!(at_hand("alice"), money.0 - 72 * SUBMISSION_FEE);
		assert_eq!(wealth("bob"), money.1);
		assert_eq!(issuance(), money.2 - 72 * SUBMISSION_FEE);
		let after = (keys("Jobs"), keys("Verification"), keys("Stake"), keys("Providers"));
		assert_eq!(after, before);
	});
}

#[test]
fn whoever_cancels_as_soon_as_somebody_is_drawn_pays_and_keeps_nobody_busy() {
	Story::tell_long(|m| {
		m.provider("bob");
		let before = wealth("eve");
		for _ in 0..5 {
			let mut spec = m.spec(&program(0));
			spec.tip = 1_000;
			let job = m.submit_spec("eve", spec);
			m.assigned(job);
			assert_ok!(Jobs::cancel(by(&account("eve")), job));
			assert_eq!(availability("bob"), Availability::Ready);
			assert_eq!(Stake::free(&account("bob")), Some(BOND));
		}
		assert_eq!(wealth("eve"), before - 5 * (SUBMISSION_FEE + 1_000));
		assert_eq!(wealth("bob"), FUNDS);
	});
}

#[test]
fn accepting_and_dropping_costs_more_each_time() {
	Story::tell_long(|m| {
		m.provider("bob");
		let before = (wealth("bob"), wealth("alice"), issuance());
		let mut lost = 0;
		for fraction in [4, 2, 1, 1] {
			let job = m.submit("alice");
			m.assigned(job);
			m.accept("bob", job);
			let earmark = record(job).earmark;
			advance(20 + GRACE + 2);
			assert!(is_queued(job));
			assert_eq!(availability("bob"), Availability::Idle);
			lost += earmark / fraction;
			assert_eq!(Stake::free(&account("bob")), Some(BOND - lost));
			advance(QUEUE + 1);
			assert_eq!(assert_closed(job, CloseReason::NoCapacity), FULL, "in full");
			assert_ok!(Providers::set_ready(by(&worker("bob")), true));
		}
		advance(DEFERRAL);
		assert_eq!(wealth("bob"), before.0 - lost);
		assert_eq!(wealth("alice"), before.1 - 4 * SUBMISSION_FEE + lost / 5);
		assert_eq!(issuance(), before.2 - 4 * SUBMISSION_FEE - lost * 4 / 5);
	});
}

#[test]
fn registering_and_leaving_in_a_loop_gains_nothing_and_leaves_nothing() {
	Story::tell_long(|m| {
		m.provider("carol");
		let before = (keys("Providers"), wealth("bob"), at_hand("bob"));
		for _ in 0..10 {
			assert_ok!(m.register("bob", HardwareClass::General, 0));
			let again = m.register("bob", HardwareClass::General, 0);
			assert_noop!(again, pallet_providers::Error::<Runtime>::AlreadyRegistered);
			assert!(at_hand("bob") < before.2, "a deposit is held");
			assert_ok!(Providers::deregister(by(&account("bob"))));
		}
		assert_eq!((keys("Providers"), wealth("bob"), at_hand("bob")), before);
	});
}

#[test]
fn leaving_and_coming_back_washes_off_nothing() {
	Story::tell_long(|m| {
		m.provider("bob");
		let job = m.submit("alice");
		m.assigned(job);
		let bob = by(&account("bob"));
		let open = Providers::deregister(bob.clone());
		assert_noop!(open, pallet_providers::Error::<Runtime>::OpenJobs);
		assert_ok!(Jobs::decline(by(&worker("bob")), job, InputFault::Missing));
		// It declined this job, and a new registration does not make it another provider.
		assert_ok!(Providers::deregister(bob.clone()));
		assert_ok!(m.register("bob", HardwareClass::General, 0));
		assert_ok!(Providers::set_ready(bob.clone(), true));
		advance(3);
		assert!(is_queued(job));
		// A second time it fails by silence: the fault is remembered through a new registration too.
		let other = m.submit("alice");
		m.assigned(other);
		advance(ACCEPT + 2);
		assert_ok!(Providers::deregister(bob.clone()));
		assert_ok!(m.register("bob", HardwareClass::General, 0));
		assert_ok!(Providers::set_ready(bob, true));
		let third = m.submit("alice");
		m.assigned(third);
		let free_before = Stake::free(&account("bob")).unwrap() + record(third).earmark;
		advance(ACCEPT + 2);
		let penalty = record(third).earmark / 2;
		assert_eq!(Stake::free(&account("bob")), Some(free_before - penalty));
	});
}

#[test]
fn dust_stakes_are_refused_and_carry_nothing() {
	Story::tell_long(|m| {
		let eve = by(&account("eve"));
		let low = pallet_stake::Error::<Runtime>::BelowMinimum;
		assert_noop!(Stake::bond(eve.clone(), Role::Provider, 100 * UNIT - 1), low);
		m.provider_with("eve", HardwareClass::General, 0, 100 * UNIT);
		let low = pallet_stake::Error::<Runtime>::BelowMinimum;
		assert_noop!(Stake::unbond(eve.clone(), Role::Provider, 1), low);
		let low = pallet_stake::Error::<Runtime>::BelowMinimum;
		assert_noop!(Stake::unbond(eve.clone(), Role::Provider, 100 * UNIT - 1), low);
		// Worn down by a slash it covers what it covers, and not a planck more.
		let job = m.submit("alice");
		m.assigned(job);
		let penalty = record(job).earmark / 4;
		advance(ACCEPT + 2 + DEFERRAL);
		assert_eq!(Stake::free(&account("eve")), Some(100 * UNIT - penalty));
		let mut spec = m.spec(&program_of(100_000_000_000));
		let price = Jobs::matches(spec.clone()).unwrap().0.price;
		spec.value_at_risk = 5 * UNIT - price;
		assert_ok!(Providers::set_ready(eve.clone(), true));
		let large = m.submit_spec("alice", spec.clone());
		assert_eq!(record(large).earmark, 100 * UNIT);
		advance(3);
		assert!(is_queued(large));
		spec.value_at_risk -= penalty / 20;
		let fits = m.submit_spec("alice", spec);
		assert_eq!(record(fits).earmark, 100 * UNIT - penalty);
		assert_eq!(m.assigned(fits), "eve");
		assert_eq!(Stake::free(&account("eve")), Some(0));
		let used = Stake::unbond(eve, Role::Provider, 1);
		assert_noop!(used, pallet_stake::Error::<Runtime>::StakeInUse);
	});
}

#[test]
fn giving_oneself_a_job_loses_fee_purchase_levy_burn_and_tip() {
	Story::tell_long(|m| {
		m.provider("bob");
		let before = (wealth("bob"), issuance());
		let mut spec = m.spec(&program(0));
		spec.tip = 777;
		let job = m.submit_spec("bob", spec);
		assert_eq!(m.deliver(job), "bob");
		advance(CHALLENGE + 1 + RETENTION);
		let burned = purchase_burn(PRICE + LEVY + 777) + PRICE / 5 + SUBMISSION_FEE + 777;
		assert_eq!(wealth("bob"), before.0 - burned - LEVY);
		assert_eq!(issuance(), before.1 - burned);
		// Failing one's own job loses four fifths of the penalty, and what the credits cost that come back.
		let before = (wealth("bob"), issuance());
		let job = m.submit("bob");
		m.assigned(job);
		let penalty = record(job).earmark / 4;
		advance(ACCEPT + 2);
		assert_ok!(Jobs::cancel(by(&account("bob")), job));
		advance(DEFERRAL + 1);
		let burned = purchase_burn(PRICE + LEVY) + SUBMISSION_FEE + penalty * 4 / 5;
		assert_eq!(wealth("bob"), before.0 - burned);
		assert_eq!(issuance(), before.1 - burned);
		assert_eq!(credits("bob"), PRICE + LEVY);
	});
}

#[test]
fn draining_in_the_middle_of_a_job_dodges_nothing() {
	Story::tell_long(|m| {
		m.provider("bob");
		let bob = by(&worker("bob"));
		// Drained before acceptance, and then silent: the same penalty.
		let job = m.submit("alice");
		m.assigned(job);
		assert_ok!(Providers::drain(bob.clone()));
		assert_eq!(availability("bob"), Availability::Draining);
		let earmark = record(job).earmark;
		advance(ACCEPT + 2);
		assert_eq!(Stake::free(&account("bob")), Some(BOND - earmark / 4));
		assert_eq!(availability("bob"), Availability::Idle);
		assert_ok!(Jobs::cancel(by(&account("alice")), job));
		let before = wealth("bob");
		advance(DEFERRAL);
		assert_eq!(wealth("bob"), before - earmark / 4);
		// Drained while it runs: it owes the result all the same, commits, owes the reveal, and is paid.
		assert_ok!(Providers::set_ready(bob.clone(), true));
		let job = m.submit("alice");
		let next = m.submit("alice");
		m.assigned(job);
		m.accept("bob", job);
		assert_ok!(Providers::drain(bob.clone()));
		let gone = Providers::deregister(by(&account("bob")));
		assert_noop!(gone, pallet_providers::Error::<Runtime>::OpenJobs);
		m.commit("bob", job, &RESULT);
		assert_eq!(availability("bob"), Availability::Idle);
		let gone = Providers::deregister(by(&account("bob")));
		assert_noop!(gone, pallet_providers::Error::<Runtime>::OpenJobs);
		let unbond = Stake::unbond(by(&account("bob")), Role::Provider, BOND);
		assert_noop!(unbond, pallet_stake::Error::<Runtime>::StakeInUse);
		advance(2);
		assert!(is_queued(next), "no new job while it drains or rests");
		assert_ok!(m.reveal("bob", job, &RESULT));
		let before = wealth("bob");
		advance(CHALLENGE + 1);
		assert_eq!(payment(job).paid, PRICE * 8 / 10);
		assert_eq!(wealth("bob"), before + payment(job).paid);
		assert_ok!(Providers::deregister(by(&account("bob"))));
	});
}

#[test]
fn draining_after_a_commit_does_not_save_from_revealing() {
	Story::tell_long(|m| {
		m.provider("bob");
		let job = m.submit("alice");
		m.assigned(job);
		m.accept("bob", job);
		m.commit("bob", job, &RESULT);
		assert_ok!(Providers::drain(by(&worker("bob"))));
		let earmark = record(job).earmark;
		let before = wealth("bob");
		advance(REVEAL + 3);
		assert!(matches!(availability("bob"), Availability::Jailed { .. }));
		let jailed = Providers::deregister(by(&account("bob")));
		assert_noop!(jailed, pallet_providers::Error::<Runtime>::Jailed);
		advance(DEFERRAL);
		assert_eq!(wealth("bob"), before - earmark);
	});
}

#[test]
fn breaking_ones_word_over_one_job_frees_from_no_other() {
	Story::tell_long(|m| {
		m.provider("bob");
		let broken = m.submit("alice");
		m.assigned(broken);
		m.accept("bob", broken);
		m.commit("bob", broken, &RESULT);
		let mut long = m.spec(&program(0));
		long.deliver_within = 100;
		let running = m.submit_spec("carol", long);
		m.assigned(running);
		m.accept("bob", running);
		let earmark = record(broken).earmark;
		let before = wealth("bob");
		advance(REVEAL + 3);
		assert!(matches!(availability("bob"), Availability::Jailed { .. }));
		assert!(matches!(state(running), JobState::Running { .. }), "carol's job goes on");
		assert_eq!(Stake::free(&account("bob")), Some(BOND - earmark - record(running).earmark));
		advance(60);
		let early = Providers::set_ready(by(&worker("bob")), true);
		assert_noop!(early, pallet_providers::Error::<Runtime>::OpenJobs);
		m.commit("bob", running, &RESULT);
		assert!(matches!(availability("bob"), Availability::Jailed { .. }), "not set free by it");
		advance(1);
		assert_ok!(m.reveal("bob", running, &RESULT));
		advance(CHALLENGE + 1);
		assert_eq!(wealth("bob"), before - earmark + payment(running).paid);
		assert_ok!(Providers::set_ready(by(&worker("bob")), true));
	});
}

#[test]
fn after_a_long_stall_the_chain_catches_up() {
	Story::tell_long(|m| {
		for name in ["bob", "carol", "dave"] {
			m.provider(name);
		}
		let before = (at_hand("alice"), at_hand("eve"));
		let jobs: Vec<_> = (0..20).map(|i| m.submit(["alice", "eve"][i % 2])).collect();
		stall(2);
		// Three are assigned, and nobody does anything any more.
		assert_eq!(jobs.iter().filter(|job| is_assigned(**job)).count(), 3);
		stall(150);
		assert_eq!(jobs.iter().filter(|job| is_queued(**job)).count(), 17);
		advance(2);
		assert_eq!(
			jobs.iter().filter(|job| is_queued(**job)).count(),
			3,
			"those of silent providers"
		);
		advance(QUEUE + 1);
		for job in &jobs {
			assert_eq!(assert_closed(*job, CloseReason::NoCapacity), FULL);
		}
		advance(RETENTION + 1);
		assert_eq!(pallet_jobs::Jobs::<Runtime>::iter_keys().count(), 0);
		assert_eq!(pallet_jobs::Agenda::<Runtime>::iter_keys().count(), 0);
		let shares = 3 * (20 * PRICE / 4 / 5);
		assert_eq!(
			at_hand("alice") + at_hand("eve"),
			before.0 + before.1 + shares - 20 * SUBMISSION_FEE
		);
	});
}

#[test]
fn work_on_idle_never_takes_more_than_there_is_room_for() {
	Story::tell_long(|m| {
		for name in ["bob", "carol", "dave"] {
			m.provider(name);
		}
		let parent = m.submit("alice");
		for _ in 0..9 {
			let mut child = m.spec(&program(0));
			child.inputs[0] = output_of(parent, 0);
			m.submit_spec("alice", child);
			m.submit("eve");
		}
		stall(1);
		assert_ok!(Jobs::cancel(by(&account("alice")), parent));
		let mut room = 0;
		let mut blocks = 0;
		while pallet_jobs::Jobs::<Runtime>::iter_keys().next().is_some() {
			room = (room + 700_000_001) % 9_000_000_000;
			let limit = Weight::from_parts(room, u64::MAX);
			let used = Jobs::on_idle(System::block_number(), limit);
			assert!(used.all_lte(limit), "{used:?} of {limit:?}");
			check_invariants();
			stall(1);
			blocks += 1;
			assert!(blocks < 400, "stuck: {:?}", pallet_jobs::Jobs::<Runtime>::iter_keys().next());
		}
		assert_eq!(held("alice", HoldReason::Deposit) + held("eve", HoldReason::Deposit), 0);
		assert_eq!(pallet_jobs::Woken::<Runtime>::iter_keys().count(), 0);
	});
}

#[test]
fn at_every_deadline_the_clock_decides_and_not_who_comes_first() {
	// Once the worker is asked first, once the stranger.
	for worker_first in [true, false] {
		Story::tell_long(|m| {
			m.provider("bob");
			let frank = by(&account("frank"));
			let bob = by(&worker("bob"));
			let early = |job| {
				assert_noop!(Jobs::expire(frank.clone(), job), Error::<Runtime>::TooEarly);
			};
			let job = m.submit("alice");
			stall(1);
			// The last block for acceptance, for the commit, for the reveal: in time, and not to be expired.
			stall(ACCEPT);
			early(job);
			m.accept("bob", job);
			early(job);
			stall(20 + GRACE);
			early(job);
			m.commit("bob", job, &RESULT);
			early(job);
			stall(REVEAL + 1);
			early(job);
			assert_ok!(m.reveal("bob", job, &RESULT));
			early(job);
			stall(CHALLENGE);
			assert_ok!(Jobs::expire(frank.clone(), job));
			early(job);
			assert_eq!(payment(job).paid, (PRICE * 3 / 4) * 8 / 10);

			// One block later it is too late, whoever comes first.
			let job = m.submit("alice");
			stall(1 + ACCEPT + 1);
			if worker_first {
				assert_noop!(Jobs::accept(bob.clone(), job), Error::<Runtime>::TooLate);
				let declined = Jobs::decline(bob.clone(), job, InputFault::Missing);
				assert_noop!(declined, Error::<Runtime>::TooLate);
			}
			assert_ok!(Jobs::expire(frank.clone(), job));
			assert_noop!(Jobs::accept(bob.clone(), job), Error::<Runtime>::NotProvider);
			early(job);
			assert_ok!(Jobs::cancel(by(&account("alice")), job));
			early(job);

			assert_ok!(Providers::set_ready(bob.clone(), true));
			let job = m.submit("alice");
			stall(1);
			m.accept("bob", job);
			stall(20 + GRACE + 1);
			let commit = || Verification::commit(bob.clone(), job, H256::zero());
			if worker_first {
				assert_noop!(commit(), Error::<Runtime>::TooLate);
			}
			assert_ok!(Jobs::expire(frank.clone(), job));
			assert_noop!(commit(), pallet_verification::Error::<Runtime>::UnknownJob);
			early(job);
			assert_ok!(Jobs::cancel(by(&account("alice")), job));

			assert_ok!(Providers::set_ready(bob.clone(), true));
			let job = m.submit("alice");
			stall(1);
			m.accept("bob", job);
			m.commit("bob", job, &RESULT);
			stall(REVEAL + 2);
			if worker_first {
				assert_noop!(m.reveal("bob", job, &RESULT), Error::<Runtime>::TooLate);
			}
			assert_ok!(Jobs::expire(frank.clone(), job));
			let reveal = m.reveal("bob", job, &RESULT);
			assert_noop!(reveal, pallet_verification::Error::<Runtime>::UnknownJob);
			early(job);
		});
	}
}

#[test]
fn every_state_is_too_early_to_expire_before_its_time_and_unknown_jobs_are_unknown() {
	Story::tell_long(|m| {
		let frank = by(&account("frank"));
		assert_noop!(Jobs::expire(frank.clone(), 1), Error::<Runtime>::UnknownJob);
		m.provider("bob");
		let job = m.submit("alice");
		let mut spec = m.spec(&program(0));
		spec.inputs[0] = output_of(job, 0);
		let child = m.submit_spec("alice", spec);
		let mut seen = std::collections::BTreeSet::new();
		let mut check = |job: JobId| {
			seen.insert(state(job).name());
			assert_noop!(Jobs::expire(frank.clone(), job), Error::<Runtime>::TooEarly);
		};
		check(child);
		check(job);
		m.assigned(job);
		check(job);
		m.accept("bob", job);
		check(job);
		m.commit("bob", job, &RESULT);
		check(job);
		advance(1);
		assert_ok!(m.reveal("bob", job, &RESULT));
		check(job);
		advance(CHALLENGE + 1);
		check(job);
		assert_ok!(Jobs::cancel(by(&account("alice")), child));
		check(child);
		assert_eq!(seen.len(), 8, "{seen:?}");
	});
}

#[test]
fn a_commit_ends_the_right_to_cancel() {
	Story::tell_long(|m| {
		m.provider("bob");
		let alice = by(&account("alice"));
		let cancel = |job| {
			assert_noop!(Jobs::cancel(alice.clone(), job), Error::<Runtime>::WrongState);
		};
		let job = m.submit("alice");
		m.assigned(job);
		m.accept("bob", job);
		m.commit("bob", job, &RESULT);
		cancel(job);
		advance(1);
		assert_ok!(m.reveal("bob", job, &RESULT));
		cancel(job);
		advance(CHALLENGE + 1);
		cancel(job);
		assert_eq!(payment(job).total(), FULL);
	});
}

#[test]
fn cancelling_late_in_a_job_pays_what_was_earned_and_no_more() {
	Story::tell_long(|m| {
		m.provider("bob");
		for elapsed in 0..=20 {
			let job = m.submit("alice");
			m.assigned(job);
			m.accept("bob", job);
			advance(elapsed);
			let before = (wealth("alice"), wealth("bob"));
			assert_ok!(Jobs::cancel(by(&account("alice")), job));
			let earned = (PRICE * Balance::from(elapsed) / 20).max(PRICE / 4);
			assert_eq!(assert_closed(job, CloseReason::Cancelled), FULL - earned);
			assert_eq!(wealth("alice"), before.0 - earned);
			assert_eq!(wealth("bob"), before.1 + earned * 8 / 10);
			assert_eq!(availability("bob"), Availability::Ready);
			assert_eq!(Stake::free(&account("bob")), Some(BOND));
		}
	});
}

#[test]
fn a_late_provider_earns_no_more_from_a_cancellation_than_from_a_late_result() {
	Story::tell_long(|m| {
		m.provider("bob");
		for late in 1..=GRACE {
			let job = m.submit("alice");
			m.assigned(job);
			m.accept("bob", job);
			advance(20 + late);
			let before = wealth("bob");
			assert_ok!(Jobs::cancel(by(&account("alice")), job));
			let cut = PRICE / 4 * Balance::from(late) / Balance::from(GRACE);
			let most = (PRICE - cut) * 8 / 10;
			let earned = wealth("bob") - before;
			assert!(earned <= most, "{late} blocks late: {earned}, and {most} for a result");
		}
	});
}

#[test]
fn a_provider_that_missed_its_acceptance_is_penalised_though_the_client_cancels_first() {
	Story::tell_long(|m| {
		m.provider("bob");
		let job = m.submit("alice");
		stall(1 + ACCEPT + 1);
		// Whether this is refused or not: the clock has decided.
		let _ = Jobs::cancel(by(&account("alice")), job);
		advance(1);
		assert!(Stake::free(&account("bob")).unwrap() < BOND, "{:?}", state(job));
	});
}

#[test]
fn a_provider_that_missed_its_deadline_is_not_paid_because_nobody_has_noticed() {
	Story::tell_long(|m| {
		m.provider("bob");
		let job = m.submit("alice");
		m.assigned(job);
		m.accept("bob", job);
		stall(20 + GRACE + 1);
		let before = wealth("bob");
		// Whether this is refused, or ends the job without payment: bob has earned nothing.
		let _ = Jobs::cancel(by(&account("alice")), job);
		assert_eq!(wealth("bob"), before);
		let stands = Stake::free(&account("bob")).unwrap();
		advance(1);
		assert_eq!(wealth("bob"), before);
		assert!(stands < BOND || Stake::free(&account("bob")).unwrap() < BOND, "and is penalised");
	});
}

#[test]
fn an_input_is_declined_before_it_is_computed_on() {
	Story::tell_long(|m| {
		m.provider("bob");
		let bob = by(&worker("bob"));
		let mut spec = m.spec(&program(0));
		spec.deliver_within = 40;
		let job = m.submit_spec("alice", spec);
		m.assigned(job);
		for stranger in [account("bob"), account("alice"), account("frank")] {
			let declined = Jobs::decline(by(&stranger), job, InputFault::Missing);
			assert_noop!(declined, Error::<Runtime>::NotProvider);
		}
		m.accept("bob", job);
		advance(DELIVER + 1);
		let declined = Jobs::decline(bob.clone(), job, InputFault::Missing);
		assert_noop!(declined, Error::<Runtime>::TooLate);
		m.commit("bob", job, &RESULT);
		let declined = Jobs::decline(bob.clone(), job, InputFault::Missing);
		assert_noop!(declined, Error::<Runtime>::WrongState);
		advance(1);
		assert_ok!(m.reveal("bob", job, &RESULT));
		let declined = Jobs::decline(bob.clone(), job, InputFault::Missing);
		assert_noop!(declined, Error::<Runtime>::WrongState);
		// The last block in which it may.
		let job = m.submit("alice");
		m.assigned(job);
		m.accept("bob", job);
		advance(DELIVER);
		let before = wealth("bob");
		assert_ok!(Jobs::decline(bob.clone(), job, InputFault::Missing));
		let again = Jobs::decline(bob, job, InputFault::Missing);
		assert_noop!(again, Error::<Runtime>::NotProvider);
		assert_eq!(wealth("bob"), before);
		assert!(is_queued(job));
	});
}

#[test]
fn submitting_again_does_nothing_whatever_the_job_is_doing() {
	Story::tell_long(|m| {
		m.provider("bob");
		let parent = m.submit("alice");
		let mut spec = m.spec(&program(0));
		spec.inputs[0] = output_of(parent, 0);
		spec.reference = Some(H256::repeat_byte(1));
		let job = m.submit_spec("alice", spec.clone());
		let again = |spec: &JobSpec| {
			let before = (at_hand("alice"), record(job), record(parent), keys("Jobs"));
			assert_ok!(Jobs::submit(by(&account("alice")), spec.clone()));
			System::assert_last_event(Event::AlreadySubmitted { job }.into());
			let batch = BoundedVec::try_from(vec![spec.clone(); 3]).unwrap();
			assert_ok!(Jobs::submit_batch(by(&account("alice")), batch));
			assert_eq!((at_hand("alice"), record(job), record(parent), keys("Jobs")), before);
		};
		again(&spec);
		// Even if it could not be submitted any more as it stands.
		let mut other = spec.clone();
		other.max_price = 0;
		other.program = H256::zero();
		again(&other);
		m.deliver(parent);
		advance(CHALLENGE + 1);
		again(&spec);
		m.assigned(job);
		again(&spec);
		m.accept("bob", job);
		again(&spec);
		m.commit("bob", job, &RESULT);
		again(&spec);
		advance(1);
		assert_ok!(m.reveal("bob", job, &RESULT));
		again(&spec);
		advance(CHALLENGE + 1);
		again(&spec);
		// The name is the client's alone.
		let mut spec = m.spec(&program(0));
		spec.reference = Some(H256::repeat_byte(1));
		assert_ne!(m.submit_spec("carol", spec), job);
	});
}

#[test]
fn nobody_can_speak_for_another_clients_job() {
	Story::tell(|m| {
		let job = m.submit("alice");
		for stranger in ["bob", "eve"] {
			let cancel = Jobs::cancel(by(&account(stranger)), job);
			assert_noop!(cancel, Error::<Runtime>::NotClient);
		}
		assert_noop!(Jobs::cancel(by(&account("eve")), 99), Error::<Runtime>::UnknownJob);
		let root = Jobs::cancel(RuntimeOrigin::root(), job);
		assert_noop!(root, sp_runtime::DispatchError::BadOrigin);
		let unsigned = Jobs::expire(RuntimeOrigin::none(), job);
		assert_noop!(unsigned, sp_runtime::DispatchError::BadOrigin);
		assert_eq!(Providers::ready(HardwareClass::General), 0);
	});
}
