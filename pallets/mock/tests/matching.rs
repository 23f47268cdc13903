// SPDX-License-Identifier: Apache-2.0
//! Which job comes first, and which provider it is given to.

use calor_mock::*;
use calor_primitives::{
	explain::Why,
	fault::Fault,
	job::{CloseReason, HardwareClass, InputFault, JobSpec, JobState},
	money::{cost_of_credits, BurnKind, SUBMISSION_FEE, UNIT},
	provider::{Availability, Capacity},
	traits::{Assign, Collateral},
	Balance, JobId, H256,
};
use calor_tensor::{program::VERSION, Op, Program, TensorType};
use frame_support::{
	assert_noop, assert_ok,
	traits::{fungible::InspectHold, Get, LockableCurrency, OnInitialize, WithdrawReasons},
	weights::{constants::ParityDbWeight, Weight},
};
use pallet_jobs::{Error, HoldReason, Overdue, Queues, WeightInfo};
use pallet_stake::Role;
use sp_runtime::Perbill;

fn is_queued(job: JobId) -> bool {
	matches!(state(job), JobState::Queued { .. })
}

fn is_assigned(job: JobId) -> bool {
	matches!(state(job), JobState::Assigned { .. })
}

fn tipped(m: &Story, extra: usize, tip: Balance) -> JobSpec {
	let mut spec = m.spec(&program(extra));
	spec.tip = tip;
	spec
}

fn burned(kind: BurnKind) -> Balance {
	pallet_burn_mint::Burned::<Runtime>::get(kind)
}

/// A job that nobody with twice the ordinary bond can take.
fn risky(m: &Story) -> JobSpec {
	let mut spec = m.spec(&program_of(2_000_000_000_000));
	spec.deliver_within = 120;
	spec.value_at_risk = 2 * BOND / 20;
	spec
}

/// Makes so many providers appear that ask for that price.
fn crowd(m: &mut Story, count: usize, min_price: Balance) {
	for i in 0..count {
		let name = format!("crowd {i}");
		appear(&name);
		m.provider_with(&name, HardwareClass::General, min_price, BOND);
	}
}

/// Jobs stay in the queue for five blocks only.
fn short_queues() {
	let windows = pallet_jobs::CurrentWindows::<Runtime>::get();
	let short = pallet_jobs::Windows { queue: 5, ..windows };
	assert_ok!(Jobs::set_windows(RuntimeOrigin::root(), short));
}

fn is_settled(job: JobId) -> bool {
	matches!(state(job), JobState::Settled { .. })
}

fn untried(job: JobId) -> Option<u32> {
	match state(job) {
		JobState::Queued { untried, .. } => untried,
		other => panic!("job {job} is not queued: {other:?}"),
	}
}

#[test]
fn half_goes_to_the_highest_tips_and_half_to_the_oldest() {
	Story::tell(|m| {
		let old = [m.submit("alice"), m.submit("alice")];
		let tips = [1_000_000, 3_000_000, 2_000_000, 3_000_000];
		let young = tips.map(|tip| m.submit_spec("carol", tipped(m, 0, tip)));
		for name in ["bob", "dave", "eve"] {
			m.provider(name);
		}
		advance(1);
		// The highest tip, the oldest of all, the next tip: the older of two that are equal comes first.
		let first = [young[1], old[0], young[3]];
		assert!(first.into_iter().all(is_assigned));
		assert!([old[1], young[0], young[2]].into_iter().all(is_queued));
		assert_eq!(burned(BurnKind::Tip), 6_000_000);
		for job in first {
			let name = m.assigned(job);
			assert_ok!(Jobs::decline(by(&worker(&name)), job, InputFault::Missing));
		}
		assert_ok!(Jobs::cancel(by(&account("alice")), old[0]));
	});
}

#[test]
fn what_counts_is_the_tip_for_each_multiply_accumulate() {
	Story::tell(|m| {
		// Four times the work for three times the tip.
		let large = m.submit_spec("alice", tipped(m, 3, 3_000_000));
		let small = m.submit_spec("carol", tipped(m, 0, 1_000_000));
		assert_eq!(record(large).mac, 4 * record(small).mac);
		m.provider("bob");
		advance(1);
		assert!(is_assigned(small) && is_queued(large));
		assert_eq!(burned(BurnKind::Tip), 1_000_000);
	});
}

#[test]
fn a_tip_burns_when_the_job_is_assigned_and_never_again() {
	Story::tell_long(|m| {
		let before = (wealth("alice"), issuance());
		let job = m.submit_spec("alice", tipped(m, 0, 12_345));
		assert_eq!(held("alice", HoldReason::Escrow), PRICE + LEVY + 12_345);
		assert_eq!(wealth("alice"), before.0 - SUBMISSION_FEE, "held, not burned");
		m.provider("bob");
		advance(1);
		assert!(is_assigned(job));
		assert_eq!(held("alice", HoldReason::Escrow), PRICE + LEVY);
		assert_eq!(wealth("alice"), before.0 - SUBMISSION_FEE - 12_345);
		assert_eq!(issuance(), before.1 - SUBMISSION_FEE - 12_345);
		assert_eq!(burned(BurnKind::Tip), 12_345);
		// It goes to another, who computes it.
		m.provider("carol");
		advance(ACCEPT + 2);
		assert_eq!(m.deliver(job), "carol");
		assert_eq!(burned(BurnKind::Tip), 12_345);
		let slash = record(job).earmark / 4;
		advance(CHALLENGE + 1 + DEFERRAL);
		assert_eq!(payment(job).total(), PRICE + LEVY);
		let spent = SUBMISSION_FEE + 12_345 + PRICE + LEVY;
		assert_eq!(wealth("alice"), before.0 - spent + slash / 5);
		// One that was assigned in vain: the tip is gone, the rest comes back.
		let before = wealth("alice");
		let job = m.submit_spec("alice", tipped(m, 0, 500));
		m.assigned(job);
		assert_ok!(Jobs::cancel(by(&account("alice")), job));
		assert_eq!(assert_closed(job, CloseReason::Cancelled), PRICE + LEVY);
		assert_eq!(wealth("alice"), before - SUBMISSION_FEE - 500);
	});
}

#[test]
fn a_tip_that_bought_nothing_comes_back() {
	Story::tell(|m| {
		let before = wealth("alice");
		let job = m.submit_spec("alice", tipped(m, 0, UNIT));
		assert_ok!(Jobs::cancel(by(&account("alice")), job));
		assert_eq!(assert_closed(job, CloseReason::Cancelled), PRICE + LEVY + UNIT);
		let job = m.submit_spec("alice", tipped(m, 0, UNIT));
		advance(QUEUE + 1);
		assert_eq!(assert_closed(job, CloseReason::NoCapacity), PRICE + LEVY + UNIT);
		assert_eq!(wealth("alice"), before - 2 * SUBMISSION_FEE);
		assert_eq!(burned(BurnKind::Tip), 0);
	});
}

#[test]
fn tips_for_what_nobody_can_do_hold_up_nobody() {
	Story::tell(|m| {
		let mut spec = risky(m);
		spec.tip = UNIT;
		let impossible: Vec<_> = (0..18).map(|_| m.submit_spec("carol", spec.clone())).collect();
		let job = m.submit("alice");
		m.provider("bob");
		m.assigned(job);
		assert!(System::block_number() <= 3, "at once, or one block later");
		assert!(impossible.into_iter().all(is_queued));
		assert_eq!(burned(BurnKind::Tip), 0);
	});
}

#[test]
fn missed_jobs_are_looked_at_in_turn() {
	Story::tell(|m| {
		// So many, and so many providers that do not fit, that a block cannot look at all of them.
		crowd(m, 16, 0);
		let before = m.submit_spec("alice", risky(m));
		let mut wanted = m.spec(&program_of(1_000_000_000_000));
		wanted.deliver_within = 120;
		wanted.value_at_risk = 60 * UNIT;
		let first = m.submit_spec("alice", wanted.clone());
		for _ in 0..17 {
			m.submit_spec("alice", risky(m));
		}
		let last = m.submit_spec("alice", wanted);
		advance(4);
		assert_eq!(Queues::<Runtime>::get(HardwareClass::General).missed, 20);
		m.provider_with("bob", HardwareClass::General, 0, 2_000 * UNIT);
		m.provider_with("dave", HardwareClass::General, 0, 2_000 * UNIT);
		advance(3);
		assert!(is_assigned(first) && is_assigned(last));
		assert!(is_queued(before));
	});
}

#[test]
fn one_fit_in_a_crowd_is_found() {
	Story::tell(|m| {
		// At the first place, where the search from the end comes last.
		m.provider("bob");
		crowd(m, 59, PRICE + 1);
		assert_eq!(Providers::ready(HardwareClass::General), 60);
		let job = m.submit("alice");
		advance(1);
		assert!(untried(job).is_some(), "sixteen draws of sixty have missed it");
		assert_eq!(m.assigned(job), "bob");
		assert!(System::block_number() <= 2 + 60_u32.div_ceil(16));
	});
}

#[test]
fn the_whole_set_is_tried_before_a_job_closes() {
	Story::tell_long(|m| {
		short_queues();
		m.provider("bob");
		crowd(m, 249, PRICE + 1);
		let job = m.submit("alice");
		let JobState::Queued { expires, .. } = state(job) else { panic!("queued") };
		run_to(expires);
		// Five looks at sixteen places each have not come to the first one yet.
		assert!(untried(job).is_some_and(|left| left > 0));
		assert_eq!(Jobs::explain(job).unwrap().why, Why::Overdue);
		advance(4);
		let JobState::Assigned { provider, .. } = state(job) else { panic!("{:?}", state(job)) };
		assert_eq!(provider, account("bob"));
	});
}

#[test]
fn a_job_that_nobody_fits_closes_after_all_have_been_tried() {
	Story::tell_long(|m| {
		short_queues();
		crowd(m, 200, PRICE + 1);
		let before = wealth("alice");
		let job = m.submit("alice");
		let JobState::Queued { expires, .. } = state(job) else { panic!("queued") };
		run_to(expires);
		let left = untried(job).expect("missed");
		assert!(left > 0, "{left}");
		let supply = Jobs::explain(job).unwrap().supply.unwrap();
		assert_eq!((supply.ready, supply.fit, supply.too_dear), (200, 0, 200));
		assert_eq!(supply.least_min_price, Some(PRICE + 1));
		advance(4);
		assert_eq!(assert_closed(job, CloseReason::NoCapacity), PRICE + LEVY);
		assert_eq!(wealth("alice"), before - SUBMISSION_FEE);
	});
}

#[test]
fn anyone_can_go_through_the_set_for_a_job_whose_time_is_over() {
	Story::tell_long(|m| {
		short_queues();
		m.provider("bob");
		crowd(m, 249, PRICE + 1);
		let job = m.submit("alice");
		let frank = by(&account("frank"));
		stall(4);
		assert_noop!(Jobs::expire(frank.clone(), job), Error::<Runtime>::TooEarly);
		stall(1);
		// The first step only begins it: with the whole set, whatever was tried before.
		assert!(untried(job).is_some_and(|left| left < 250));
		assert_ok!(Jobs::expire(frank.clone(), job));
		let mut left = untried(job).expect("missed");
		assert_eq!(left, 250);
		let mut steps = 0;
		while is_queued(job) {
			assert_ok!(Jobs::expire(frank.clone(), job));
			steps += 1;
			if is_queued(job) {
				assert!(untried(job).unwrap() < left);
				left = untried(job).unwrap();
			}
		}
		assert!(is_assigned(job), "{:?}", state(job));
		assert!(steps > 1, "a part at a time");
	});
}

#[test]
fn whoever_came_late_is_tried_too_before_a_job_closes() {
	// Once with nobody before, once with somebody who did not fit and was tried long ago.
	for someone in [false, true] {
		Story::tell(|m| {
			if someone {
				m.provider_with("eve", HardwareClass::General, PRICE + 1, BOND);
			}
			let job = m.submit("alice");
			let JobState::Queued { expires, .. } = state(job) else { panic!("queued") };
			stall(expires - System::block_number());
			m.provider("bob");
			let frank = by(&account("frank"));
			assert_ok!(Jobs::expire(frank.clone(), job));
			assert_eq!(untried(job), Some(Providers::ready(HardwareClass::General)));
			assert_ok!(Jobs::expire(frank, job));
			assert!(is_assigned(job), "bob is ready and fits: {:?}", state(job));
			assert_eq!(m.assigned(job), "bob");
		});
	}
}

#[test]
fn an_overdue_job_is_found_by_whoever_comes_late() {
	Story::tell_long(|m| {
		m.provider_with("eve", HardwareClass::General, PRICE + 1, BOND);
		let job = m.submit("alice");
		let JobState::Queued { expires, .. } = state(job) else { panic!("queued") };
		run_to(expires);
		m.provider("bob");
		// Room to see that its time is over, and none to try anybody.
		next_block(Weight::from_parts(3_000_000_000, u64::MAX));
		assert!(Overdue::<Runtime>::contains_key(job.to_be_bytes()));
		assert_eq!((untried(job), record(job).alarm), (Some(2), None));
		assert_eq!(Jobs::explain(job).unwrap().why, Why::Overdue);
		advance(1);
		assert!(is_assigned(job), "{:?}", state(job));
		assert_eq!(m.assigned(job), "bob");
		assert_eq!(Overdue::<Runtime>::iter_keys().count(), 0);
	});
}

#[test]
fn hopeless_jobs_do_not_keep_others_from_being_settled() {
	Story::tell_long(|m| {
		let hopeless: Vec<_> = (0..12).map(|_| m.submit_spec("eve", risky(m))).collect();
		for name in ["bob", "carol", "dave", "frank"] {
			m.provider(name);
		}
		let jobs: Vec<_> = (0..4).map(|_| m.submit("alice")).collect();
		let JobState::Queued { expires, .. } = state(hopeless[0]) else { panic!("queued") };
		let names: Vec<_> = jobs.iter().map(|job| m.assigned(*job)).collect();
		for (name, job) in names.iter().zip(&jobs) {
			m.accept(name, *job);
		}
		run_to(expires - CHALLENGE - 1);
		for (name, job) in names.iter().zip(&jobs) {
			m.commit(name, *job, &RESULT);
		}
		// Two settle in the block in which the hopeless jobs become overdue, and two in the block after.
		for (two, height) in [(0..2, expires - CHALLENGE), (2..4, expires - CHALLENGE + 1)] {
			run_to(height);
			for i in two {
				assert_ok!(m.reveal(&names[i], jobs[i], &RESULT));
			}
		}
		run_to(expires);
		let settled = || jobs.iter().filter(|job| is_settled(**job)).count();
		let left = || hopeless.iter().filter(|job| is_queued(**job)).count();
		assert_eq!((settled(), left()), (0, 12));
		// What one step for a hopeless job is taken to weigh.
		let step = <() as WeightInfo>::expire_queued(128) + <() as WeightInfo>::orphan(16);
		let room = |steps| Weight::from_parts(step.ref_time() * steps, u64::MAX);
		next_block(room(5));
		assert_eq!(settled(), 2);
		assert!(left() >= 10, "{} are still to be tried", left());
		next_block(room(2));
		assert_eq!(settled(), 4);
		// Even so little room is enough for one of them, so they all come to their end.
		let mut blocks = 0;
		while left() > 0 {
			next_block(room(2));
			blocks += 1;
			assert!(blocks <= 12, "{} hang on", left());
		}
		for job in hopeless {
			assert_closed(job, CloseReason::NoCapacity);
		}
		assert_eq!(Queues::<Runtime>::get(HardwareClass::General).len(), 0);
	});
}

#[test]
fn memory_must_suffice() {
	Story::tell(|m| {
		let large = Program {
			version: VERSION,
			inputs: vec![TensorType::i8(&[1, 4_096])],
			constants: vec![TensorType::i8(&[262_144, 4_096])],
			ops: vec![Op::MatMul { a: 0, b: 1 }],
			outputs: vec![2],
		};
		let job = m.submit_spec("alice", m.spec(&large));
		let needed = record(job).memory_mib;
		assert!((1_025..1_030).contains(&needed), "a GiB of weights and a little more: {needed}");
		let offers = |name: &str, memory_mib: u32| {
			let worker = by(&worker(name));
			assert_ok!(Providers::drain(worker.clone()));
			let endpoint = b"http://10.0.0.1:9955".to_vec().try_into().unwrap();
			let claimed = Capacity { mac_per_second: 1, memory_mib };
			assert_ok!(Providers::update(worker.clone(), endpoint, 0, Some(claimed)));
			assert_ok!(Providers::set_ready(worker, true));
		};
		m.provider("bob");
		offers("bob", needed - 1);
		advance(3);
		assert!(is_queued(job));
		let explained = Jobs::explain(job).unwrap();
		assert_eq!(explained.why, Why::NobodyFits);
		let supply = explained.supply.unwrap();
		assert_eq!((supply.short_of_memory, supply.most_memory_mib), (1, needed - 1));
		m.provider("carol");
		offers("carol", needed);
		assert_eq!(m.assigned(job), "carol");
	});
}

#[test]
fn nobody_works_for_less_than_it_asks() {
	Story::tell(|m| {
		m.provider_with("bob", HardwareClass::General, PRICE + 1, BOND);
		let job = m.submit("alice");
		advance(3);
		assert!(is_queued(job));
		m.provider_with("carol", HardwareClass::General, PRICE, BOND);
		assert_eq!(m.assigned(job), "carol");
	});
}

#[test]
fn value_at_risk_asks_for_stake_to_the_planck() {
	Story::tell(|m| {
		let mut spec = m.spec(&program_of(100_000_000_000));
		let price = Jobs::matches(spec.clone()).unwrap().0.price;
		spec.value_at_risk = 5 * UNIT;
		let earmark = 20 * (price + 5 * UNIT);
		m.provider_with("bob", HardwareClass::General, 0, earmark - 1);
		let job = m.submit_spec("alice", spec.clone());
		assert_eq!(record(job).earmark, earmark);
		assert_eq!(record(job).price, price, "what is at risk is not paid");
		assert_eq!(held("alice", HoldReason::Escrow), price + record(job).levy);
		advance(3);
		assert!(is_queued(job));
		let supply = Jobs::explain(job).unwrap().supply.unwrap();
		assert_eq!((supply.short_of_stake, supply.most_free_stake), (1, earmark - 1));
		m.provider_with("carol", HardwareClass::General, 0, earmark);
		assert_eq!(m.assigned(job), "carol");
		assert_eq!(Stake::free(&account("carol")), Some(0));
		// Its stake is used up until the job is settled, though it could compute the next.
		m.accept("carol", job);
		m.commit("carol", job, &RESULT);
		advance(1);
		assert_ok!(m.reveal("carol", job, &RESULT));
		let next = m.submit_spec("alice", spec);
		advance(CHALLENGE - 1);
		assert!(is_queued(next));
		assert_eq!(m.assigned(next), "carol");
	});
}

#[test]
fn nobody_gets_a_job_again_that_it_declined() {
	Story::tell_long(|m| {
		m.provider("bob");
		m.provider("carol");
		let job = m.submit("alice");
		for _ in 0..2 {
			let name = m.assigned(job);
			assert_ok!(Jobs::decline(by(&worker(&name)), job, InputFault::WrongRoot));
			assert_eq!(availability(&name), Availability::Ready);
		}
		advance(2);
		let supply = Jobs::explain(job).unwrap().supply.unwrap();
		assert_eq!((supply.ready, supply.fit, supply.failed_before), (2, 0, 2));
		let other = m.submit("alice");
		m.assigned(other);
		advance(QUEUE);
		let reason = CloseReason::InputUnavailable(InputFault::WrongRoot);
		assert_eq!(assert_closed(job, reason), PRICE + LEVY);
	});
}

#[test]
fn a_decline_counts_as_time_offline_and_keeps_the_whole_group_from_the_job() {
	Story::tell_long(|m| {
		set_group("carol", "bob");
		m.provider("bob");
		let job = m.submit("alice");
		m.assigned(job);
		m.accept("bob", job);
		m.provider("carol");
		advance(7);
		assert_eq!(Providers::uptime(account("bob")), Some(Perbill::one()));
		assert_ok!(Jobs::decline(by(&worker("bob")), job, InputFault::Missing));
		let since = 1;
		let all = System::block_number() - since;
		let uptime = Perbill::from_rational(all - 7, all);
		assert_eq!(Providers::uptime(account("bob")), Some(uptime), "as long as it held the job");
		assert_eq!(failed(job), vec![account("bob")]);
		assert_eq!(record(job).declined, Some(InputFault::Missing));
		advance(3);
		assert!(is_queued(job), "carol is of bob's group");
		let supply = Jobs::explain(job).unwrap().supply.unwrap();
		assert_eq!((supply.ready, supply.fit, supply.failed_before), (2, 0, 2));
		m.provider("dave");
		assert_eq!(m.assigned(job), "dave");
		m.accept("dave", job);
		assert_eq!(record(job).declined, None, "dave has found the inputs");
	});
}

#[test]
fn a_group_that_owes_a_disclosure_gets_no_new_jobs_and_finishes_those_it_has() {
	Story::tell(|m| {
		set_group("carol", "bob");
		m.provider("bob");
		m.provider("carol");
		let mut long = m.spec(&program(0));
		long.deliver_within = 100;
		let running = m.submit_spec("alice", long);
		let name = m.assigned(running);
		m.accept(&name, running);
		advance(EPOCH + FILING + 5);
		let job = m.submit("alice");
		advance(3);
		assert!(is_queued(job), "both are of one group");
		let explained = Jobs::explain(job).unwrap();
		assert_eq!(explained.why, Why::NobodyFits);
		let supply = explained.supply.unwrap();
		assert_eq!((supply.ready, supply.barred, supply.fit), (1, 1, 0));
		let before = wealth(&name);
		m.commit(&name, running, &RESULT);
		advance(1);
		assert_ok!(m.reveal(&name, running, &RESULT));
		m.provider("dave");
		assert_eq!(m.assigned(job), "dave");
		advance(CHALLENGE + 1);
		assert_eq!(wealth(&name), before + payment(running).paid);
	});
}

#[test]
fn whoever_has_unbonded_everything_leaves_the_ready_set() {
	Story::tell(|m| {
		crowd(m, 6, 0);
		for i in 0..5 {
			let owner = account(&format!("crowd {i}"));
			assert_ok!(Stake::unbond(by(&owner), Role::Provider, BOND));
		}
		let job = m.submit("alice");
		assert_eq!(m.assigned(job), "crowd 5");
		// One of them at each look, so that no look is dear.
		m.submit("alice");
		for left in [4, 3, 2, 1, 0] {
			assert_eq!(Providers::ready(HardwareClass::General), left);
			advance(1);
		}
		for i in 0..5 {
			assert_eq!(availability(&format!("crowd {i}")), Availability::Idle);
		}
	});
}

/// Begins the next block and gives the weight that assignment took.
fn assign() -> Weight {
	let next = System::block_number() + 1;
	System::set_block_number(next);
	let used = Jobs::on_initialize(next);
	check_invariants();
	used
}

#[test]
fn assignment_stays_within_its_weight() {
	Story::tell(|m| {
		crowd(m, 30, 0);
		let jobs: Vec<_> = (0..20).map(|_| m.submit_spec("alice", risky(m))).collect();
		for _ in 0..3 {
			assert!(assign().all_lte(AssignWeight::get()));
		}
		for job in jobs {
			assert_ok!(Jobs::cancel(by(&account("alice")), job));
		}
		let jobs: Vec<_> = (0..20).map(|_| m.submit("alice")).collect();
		let mut blocks = 0;
		while !jobs.iter().all(|job| is_assigned(*job)) {
			assert!(assign().all_lte(AssignWeight::get()));
			blocks += 1;
		}
		assert!(blocks <= 3, "{blocks}");
	});
}

#[test]
fn assignment_stays_within_its_weight_when_many_have_unbonded() {
	Story::tell(|m| {
		crowd(m, 120, 0);
		for i in 0..120 {
			let owner = account(&format!("crowd {i}"));
			assert_ok!(Stake::unbond(by(&owner), Role::Provider, BOND));
		}
		for _ in 0..20 {
			m.submit("alice");
		}
		for _ in 0..3 {
			assert!(assign().all_lte(AssignWeight::get()));
		}
	});
}

#[test]
fn whoever_is_taken_out_of_the_ready_set_by_an_expiry_is_weighed() {
	Story::tell(|m| {
		let job = m.submit("alice");
		stall(QUEUE);
		crowd(m, 100, 0);
		for i in 0..100 {
			let owner = account(&format!("crowd {i}"));
			assert_ok!(Stake::unbond(by(&owner), Role::Provider, BOND));
		}
		let done = Jobs::expire(by(&account("frank")), job).unwrap();
		let gone = 100 - Providers::ready(HardwareClass::General);
		// Each of them at least leaves its place, the count and its record changed.
		let least = ParityDbWeight::get().writes(3 * u64::from(gone));
		let weighed = done.actual_weight.unwrap();
		assert!(weighed.all_gte(least), "{weighed:?} for {gone} providers that left: {least:?}");
	});
}

#[test]
fn late_delivery_is_cut_block_by_block_and_the_client_gets_the_cut() {
	Story::tell_long(|m| {
		m.provider("bob");
		// A price that no cut divides evenly, and of which a part is withheld: it stands above its average.
		let per_cu = UNIT + 7;
		let root = RuntimeOrigin::root();
		assert_ok!(Market::set_price(root, HardwareClass::General, per_cu));
		let mut spec = m.spec(&program_of(1_000_000_000_000));
		spec.deliver_within = 70;
		for late in 0..=GRACE {
			let job = m.submit_spec("alice", spec.clone());
			m.assigned(job);
			let (price, levy) = (record(job).price, record(job).levy);
			let terms = record(job).terms();
			m.accept("bob", job);
			let JobState::Running { deliver_by, late_by, .. } = state(job) else { panic!() };
			assert_eq!((deliver_by, late_by), (System::block_number() + 70, deliver_by + GRACE));
			run_to(deliver_by + late);
			m.commit("bob", job, &RESULT);
			let cut = price / 4 * Balance::from(late) / Balance::from(GRACE);
			assert_eq!(record(job).late_cut, cut);
			advance(1);
			assert_ok!(m.reveal("bob", job, &RESULT));
			let before = (wealth("bob"), wealth("alice"), at_hand("alice"), issuance());
			advance(CHALLENGE + 1);
			let paid = payment(job);
			assert_eq!(paid.burned, (price - cut).div_ceil(5));
			assert!(terms.withheld > 0);
			assert_eq!(paid.withheld, terms.reduced_to(price - cut).withheld);
			assert_eq!(paid.paid, price - cut - paid.burned - paid.withheld);
			assert_eq!(paid.levy, levy);
			assert_eq!(wealth("bob"), before.0 + paid.paid);
			assert_eq!(wealth("alice"), before.1 - price - levy + cut);
			assert_eq!(at_hand("alice"), before.2 + cut);
			assert_eq!(issuance(), before.3 - paid.burned - paid.withheld);
		}
	});
}

#[test]
fn after_the_grace_a_job_is_not_delivered() {
	Story::tell_long(|m| {
		m.provider("bob");
		let before = (wealth("bob"), wealth("alice"));
		let job = m.submit("alice");
		m.assigned(job);
		m.accept("bob", job);
		stall(20 + GRACE);
		assert_noop!(Jobs::expire(by(&account("frank")), job), Error::<Runtime>::TooEarly);
		stall(1);
		let late = Verification::commit(by(&worker("bob")), job, H256::zero());
		assert_noop!(late, Error::<Runtime>::TooLate);
		assert_ok!(Jobs::expire(by(&account("frank")), job));
		let penalty = record(job).earmark / 4;
		System::assert_has_event(
			pallet_jobs::Event::Failed {
				job,
				provider: account("bob"),
				fault: Fault::NotDelivered,
				penalty,
			}
			.into(),
		);
		assert!(is_queued(job));
		advance(QUEUE + 1);
		assert_eq!(assert_closed(job, CloseReason::NoCapacity), PRICE + LEVY, "in full");
		assert_eq!(wealth("bob"), before.0 - penalty);
		assert_eq!(wealth("alice"), before.1 - SUBMISSION_FEE + penalty / 5);
	});
}

#[test]
fn a_second_provider_is_not_cut_for_the_first_ones_delay() {
	Story::tell_long(|m| {
		m.provider("bob");
		let job = m.submit("alice");
		m.assigned(job);
		m.accept("bob", job);
		advance(20 + GRACE);
		m.commit("bob", job, &RESULT);
		assert!(record(job).late_cut > 0);
		// Bob does not reveal; carol is in time.
		m.provider("carol");
		advance(REVEAL + 1);
		assert_eq!(m.deliver(job), "carol");
		advance(CHALLENGE + 1);
		assert_eq!(record(job).late_cut, 0);
		assert_eq!(payment(job).paid, PRICE * 8 / 10);
	});
}

#[test]
fn the_premium_class_locks_tokens_for_each_open_job() {
	Story::tell_long(|m| {
		let lock = <Runtime as pallet_jobs::Config>::AccessLock::get();
		let mut spec = m.spec(&program(0));
		spec.class = HardwareClass::Tensor;
		let before = at_hand("alice");
		let jobs = [(); 3].map(|()| m.submit_spec("alice", spec.clone()));
		let price = record(jobs[0]).price;
		assert_eq!(held("alice", HoldReason::Access), 3 * lock);
		let deposits: Balance = jobs.iter().map(|job| record(*job).deposit).sum();
		let escrow = held("alice", HoldReason::Escrow);
		assert_eq!(escrow, 3 * (price + record(jobs[0]).levy));
		assert_eq!(at_hand("alice"), before - 3 * (lock + SUBMISSION_FEE) - escrow - deposits);
		// Cancelled, settled and closed: it comes back at once, the deposit does not.
		assert_ok!(Jobs::cancel(by(&account("alice")), jobs[0]));
		assert_eq!(held("alice", HoldReason::Access), 2 * lock);
		m.provider_with("bob", HardwareClass::Tensor, 0, BOND);
		m.deliver(jobs[1]);
		assert_eq!(held("alice", HoldReason::Access), 2 * lock, "open until it is paid");
		let last = m.assigned(jobs[2]);
		assert_ok!(Jobs::decline(by(&worker(&last)), jobs[2], InputFault::Missing));
		advance(CHALLENGE + 1);
		assert_eq!(payment(jobs[1]).burned, price / 4);
		assert_eq!(held("alice", HoldReason::Access), lock);
		advance(QUEUE);
		assert_closed(jobs[2], CloseReason::InputUnavailable(InputFault::Missing));
		assert_eq!(held("alice", HoldReason::Access), 0);
		// Other classes lock nothing.
		m.submit("alice");
		assert_eq!(held("alice", HoldReason::Access), 0);
		// Who has all but the lock cannot submit.
		let needed = price + record(jobs[1]).levy + SUBMISSION_FEE + record(jobs[1]).deposit;
		assert_ok!(Balances::transfer_allow_death(
			by(&account("alice")),
			account("poor"),
			needed + lock
		));
		let poor = Jobs::submit(by(&account("poor")), spec);
		assert_noop!(poor, Error::<Runtime>::BalanceTooLow);
	});
}

#[test]
fn the_deposit_rises_with_the_queue() {
	Story::tell(|m| {
		let first = m.submit("alice");
		let base = record(first).deposit;
		for waiting in 1u128..20 {
			let job = m.submit("alice");
			assert_eq!(record(job).deposit, base + (base * waiting).div_ceil(10_000));
		}
		let all: Balance = (1..=20).map(|job| record(job).deposit).sum();
		assert_eq!(held("alice", HoldReason::Deposit), all);
		// More bytes, more deposit: one address more, of 17 bytes and their length, in the empty queue of another class.
		let mut spec = m.spec(&program(0));
		spec.class = HardwareClass::Tensor;
		let job = m.submit_spec("alice", spec.clone());
		assert_eq!(record(job).deposit, base);
		assert_ok!(Jobs::cancel(by(&account("alice")), job));
		let more = spec.constants[0].uris[0].clone();
		spec.constants[0].uris.try_push(more).unwrap();
		let job = m.submit_spec("alice", spec);
		assert_eq!(record(job).deposit, base + 18 * UNIT / 100_000);
	});
}

#[test]
fn children_that_wait_count_for_the_queue_into_which_they_will_come() {
	Story::tell(|m| {
		let parent = m.submit("alice");
		let mut spec = m.spec(&program(0));
		spec.inputs[0] = output_of(parent, 0);
		spec.class = HardwareClass::Tensor;
		let queue = || Queues::<Runtime>::get(HardwareClass::Tensor);
		let first = m.submit_spec("alice", spec.clone());
		let base = record(first).deposit;
		for waiting in 1u128..20 {
			let job = m.submit_spec("alice", spec.clone());
			assert_eq!(record(job).deposit, base + (base * waiting).div_ceil(10_000));
		}
		assert_eq!((queue().len(), queue().crowd()), (0, 20));
		let alice = by(&account("alice"));
		assert_noop!(Jobs::submit(alice.clone(), spec.clone()), Error::<Runtime>::QueueFull);
		let mut other = m.spec(&program(0));
		other.class = HardwareClass::Tensor;
		assert_noop!(
			Jobs::submit(by(&account("carol")), other.clone()),
			Error::<Runtime>::QueueFull
		);
		assert_ok!(Jobs::cancel(alice.clone(), first));
		assert_ok!(Jobs::submit(by(&account("carol")), other));
		assert_eq!((queue().len(), queue().crowd()), (1, 20));
		assert_noop!(Jobs::submit(alice.clone(), spec), Error::<Runtime>::QueueFull);
		// Their parent takes them along, and leaves room for others.
		assert_ok!(Jobs::cancel(alice, parent));
		advance(1);
		assert_eq!((queue().len(), queue().crowd()), (1, 1));
	});
}

#[test]
fn a_full_queue_takes_no_more_until_one_leaves() {
	Story::tell(|m| {
		let jobs: Vec<_> = (0..20).map(|_| m.submit("alice")).collect();
		let spec = m.spec(&program(0));
		let carol = by(&account("carol"));
		assert_noop!(Jobs::submit(carol.clone(), spec.clone()), Error::<Runtime>::QueueFull);
		let mut other = spec.clone();
		other.class = HardwareClass::Tensor;
		assert_ok!(Jobs::submit(carol.clone(), other));
		assert_ok!(Jobs::cancel(by(&account("alice")), jobs[7]));
		assert_ok!(Jobs::submit(carol.clone(), spec.clone()));
		assert_noop!(Jobs::submit(carol.clone(), spec.clone()), Error::<Runtime>::QueueFull);
		m.provider("bob");
		advance(1);
		assert_ok!(Jobs::submit(carol, spec));
		assert_eq!(Queues::<Runtime>::get(HardwareClass::General).len(), 20);
	});
}

#[test]
fn a_job_whose_provider_failed_comes_back_even_into_a_full_queue() {
	Story::tell(|m| {
		m.provider("bob");
		let job = m.submit("alice");
		assert_eq!(m.assigned(job), "bob");
		for _ in 0..20 {
			m.submit("carol");
		}
		assert_ok!(Jobs::decline(by(&worker("bob")), job, InputFault::Missing));
		assert!(is_queued(job));
		assert_eq!(Queues::<Runtime>::get(HardwareClass::General).len(), 21);
		// At its old place: it is older than all others.
		m.provider("dave");
		m.provider("eve");
		advance(1);
		assert!(is_assigned(job));
	});
}

#[test]
fn money_that_is_not_free_yet_funds_no_job() {
	Story::tell(|m| {
		let spec = m.spec(&program(0));
		let first = m.submit("alice");
		let deposit = record(first).deposit;
		assert_ok!(Jobs::cancel(by(&account("alice")), first));
		// Alice has credits for the escrow, and grace has none.
		let escrow = cost_of_credits(PRICE + LEVY).unwrap();
		for (name, escrow) in [("alice", 0), ("grace", escrow)] {
			let who = account(name);
			let needed = escrow + deposit + SUBMISSION_FEE;
			let vest = |amount| {
				let reasons = WithdrawReasons::except(WithdrawReasons::TRANSACTION_PAYMENT);
				<Balances as LockableCurrency<_>>::set_lock(*b"vesting ", &who, amount, reasons);
			};
			vest(free(name) - needed + 1);
			assert_noop!(Jobs::submit(by(&who), spec.clone()), Error::<Runtime>::BalanceTooLow);
			vest(free(name) - needed);
			let job = m.submit_spec(name, spec.clone());
			// What is held already does not stand in for what is vesting.
			assert_noop!(Jobs::submit(by(&who), spec.clone()), Error::<Runtime>::BalanceTooLow);
			assert_ok!(Jobs::cancel(by(&who), job));
		}
	});
}

/// Bob has a revealed job, a committed one and one that runs; gives them with alice's and bob's wealth before.
fn three_jobs_of_bob(m: &mut Story) -> [JobId; 3] {
	m.provider("bob");
	let revealed = m.submit("alice");
	m.deliver(revealed);
	let committed = m.submit("alice");
	m.assigned(committed);
	m.accept("bob", committed);
	m.commit("bob", committed, &RESULT);
	let running = m.submit("alice");
	m.assigned(running);
	m.accept("bob", running);
	[revealed, committed, running]
}

fn forfeit(name: &str) {
	let owner = account(name);
	assert_ok!(Stake::forfeit(&owner, Fault::ForgedCapacity, None, H256::repeat_byte(1)));
}

#[test]
fn all_jobs_of_a_forfeited_provider_close_and_are_refunded_in_full() {
	Story::tell_long(|m| {
		let before = wealth("alice");
		let jobs = three_jobs_of_bob(m);
		let bob = wealth("bob");
		forfeit("bob");
		assert_eq!(wealth("bob"), bob - BOND);
		assert_eq!(held("alice", HoldReason::Escrow), 3 * (PRICE + LEVY), "not yet");
		advance(1);
		for job in jobs {
			assert_eq!(assert_closed(job, CloseReason::ProviderForfeited), PRICE + LEVY);
		}
		assert_eq!(held("alice", HoldReason::Escrow), 0);
		assert_eq!(wealth("alice"), before - 3 * SUBMISSION_FEE);
		assert_eq!(wealth("bob"), bob - BOND, "nothing is paid");
		assert!(pallet_jobs::Forfeited::<Runtime>::iter_keys().next().is_none());
		// Never drawn again.
		let job = m.submit("alice");
		advance(3);
		assert!(is_queued(job));
		let again = Providers::set_ready(by(&worker("bob")), true);
		assert!(again.is_err());
		advance(RETENTION);
		assert_eq!(held("alice", HoldReason::Deposit), record(job).deposit);
	});
}

#[test]
fn without_room_on_idle_anyone_closes_the_jobs_of_a_forfeited_provider() {
	Story::tell_long(|m| {
		let before = wealth("alice");
		let jobs = three_jobs_of_bob(m);
		let bob = wealth("bob");
		let frank = by(&account("frank"));
		assert_noop!(Jobs::expire(frank.clone(), jobs[0]), Error::<Runtime>::TooEarly);
		forfeit("bob");
		stall(1);
		// Its worker goes on as if nothing had happened, and gains nothing.
		m.commit("bob", jobs[2], &RESULT);
		stall(1);
		assert_ok!(m.reveal("bob", jobs[2], &RESULT));
		for job in jobs {
			assert_ok!(Jobs::expire(frank.clone(), job));
			assert_eq!(assert_closed(job, CloseReason::ProviderForfeited), PRICE + LEVY);
			assert_noop!(Jobs::expire(frank.clone(), job), Error::<Runtime>::TooEarly);
		}
		assert_eq!(wealth("alice"), before - 3 * SUBMISSION_FEE);
		assert_eq!(wealth("bob"), bob - BOND);
		advance(1);
		assert!(pallet_jobs::Forfeited::<Runtime>::iter_keys().next().is_none());
	});
}

#[test]
fn cancelling_pays_nothing_to_a_forfeited_provider() {
	Story::tell_long(|m| {
		let before = wealth("alice");
		let [.., running] = three_jobs_of_bob(m);
		let bob = wealth("bob");
		forfeit("bob");
		assert_ok!(Jobs::cancel(by(&account("alice")), running));
		assert_eq!(wealth("bob"), bob - BOND);
		assert_eq!(wealth("alice"), before - 3 * SUBMISSION_FEE);
		advance(1);
		assert_eq!(held("alice", HoldReason::Escrow), 0);
	});
}

#[test]
fn a_proved_forfeiture_does_not_touch_what_is_settled() {
	Story::tell_long(|m| {
		m.provider("bob");
		let job = m.submit("alice");
		m.deliver(job);
		advance(CHALLENGE + 1);
		let paid = payment(job);
		let bob = wealth("bob");
		forfeit("bob");
		let reason = pallet_stake::HoldReason::Provider.into();
		assert_eq!(Balances::balance_on_hold(&reason, &account("bob")), 0);
		advance(2);
		assert_eq!(payment(job), paid);
		assert_eq!(wealth("bob"), bob - BOND);
	});
}

#[test]
fn a_class_is_looked_at_in_every_block_whoever_is_first() {
	Story::tell(|m| {
		// The classes take turns at being first, so three blocks see all orders.
		for name in ["bob", "carol", "dave", "eve", "frank"] {
			m.provider(name);
			let job = m.submit("alice");
			let from = System::block_number() + 1;
			assert_eq!(Jobs::explain(job).unwrap().why, Why::TooYoung { from });
			advance(1);
			assert!(is_assigned(job));
		}
	});
}
