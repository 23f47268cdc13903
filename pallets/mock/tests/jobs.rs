// SPDX-License-Identifier: Apache-2.0
//! The life of a job, told as stories. Invariants hold after every block.

use calor_mock::*;
use calor_primitives::{
	assurance::{Assurance, AUDIT_FEES},
	job::{CloseReason, HardwareClass, Input, InputFault, JobState},
	money::{cost_of_credits, Payment, SUBMISSION_FEE, UNIT},
	provider::Availability,
	traits::Collateral,
	H256,
};
use frame_support::{assert_noop, assert_ok, weights::Weight};
use pallet_jobs::{Error, HoldReason};

#[test]
fn a_job_is_assigned_run_revealed_and_paid() {
	Story::tell_long(|m| {
		m.provider("bob");
		let before = (wealth("alice"), wealth("bob"), issuance());
		let job = m.submit("alice");
		assert!(matches!(state(job), JobState::Queued { .. }));
		assert_eq!(wealth("alice"), before.0 - SUBMISSION_FEE);
		let deposit = record(job).deposit;
		assert_eq!(held("alice", HoldReason::Escrow), PRICE + LEVY);
		assert_eq!(held("alice", HoldReason::Deposit), deposit);
		assert_eq!(at_hand("alice"), before.0 - SUBMISSION_FEE - PRICE - LEVY - deposit);
		assert_eq!(m.deliver(job), "bob");
		assert!(matches!(state(job), JobState::Revealed { .. }));
		advance(CHALLENGE);
		assert!(
			matches!(state(job), JobState::Revealed { .. }),
			"not before the window has passed"
		);
		advance(1);
		let JobState::Settled { payment, .. } = state(job) else { panic!("{:?}", state(job)) };
		let (paid, burned) = (PRICE * 8 / 10, PRICE * 2 / 10);
		assert_eq!(payment, Payment { paid, burned, withheld: 0, levy: LEVY });
		assert_eq!(wealth("alice"), before.0 - SUBMISSION_FEE - PRICE - LEVY);
		assert_eq!(wealth("bob"), before.1 + payment.paid);
		assert_eq!(Balances::free_balance(AuditPot::get()), POT_FUNDS + LEVY);
		assert_eq!(issuance(), before.2 - SUBMISSION_FEE - payment.burned);
		assert_eq!(availability("bob"), Availability::Ready);
		assert_eq!(held("alice", HoldReason::Escrow), 0);
		assert_eq!(held("alice", HoldReason::Deposit), deposit, "until the record is dropped");
		advance(RETENTION);
		assert_eq!(held("alice", HoldReason::Deposit), 0);
		assert_eq!(at_hand("alice"), before.0 - SUBMISSION_FEE - PRICE - LEVY);
	});
}

#[test]
fn the_price_follows_cost_and_class() {
	Story::tell(|m| {
		let big = program_of(3_000_000_000_000);
		let mac = big.clone().validate().unwrap().mac();
		let mut spec = m.spec(&big);
		spec.deliver_within = 500;
		let job = m.submit_spec("alice", spec.clone());
		// 1 CAL for 10^12 MAC, rounded up.
		assert_eq!(record(job).price, u128::from(mac));
		assert_eq!(record(job).earmark, 20 * u128::from(mac));
		// One job in eight is audited: the auditor earns the price and its fees.
		let levy = (u128::from(mac) + AUDIT_FEES).div_ceil(8);
		assert_eq!(record(job).levy, levy);
		assert_eq!(held("alice", HoldReason::Escrow), u128::from(mac) + levy);
		spec.class = HardwareClass::Tensor;
		let job = m.submit_spec("alice", spec.clone());
		assert_eq!(record(job).price, 2 * u128::from(mac));
		spec.class = HardwareClass::HighMemory;
		let refused = Jobs::submit(by(&account("alice")), spec);
		assert_noop!(refused, pallet_market::Error::<Runtime>::NoPrice);
	});
}

#[test]
fn tensor_jobs_burn_a_quarter() {
	Story::tell(|m| {
		m.provider_with("bob", HardwareClass::Tensor, 0, BOND);
		let mut spec = m.spec(&program(0));
		spec.class = HardwareClass::Tensor;
		let job = m.submit_spec("alice", spec);
		m.deliver(job);
		advance(CHALLENGE + 1);
		let JobState::Settled { payment, .. } = state(job) else { panic!("{:?}", state(job)) };
		assert_eq!(payment.burned, PRICE / 4);
	});
}

#[test]
fn submission_refuses_what_cannot_work() {
	Story::tell(|m| {
		let alice = by(&account("alice"));
		let good = m.spec(&program(0));
		let refuse = |change: &dyn Fn(&mut calor_primitives::job::JobSpec),
		              error: Error<Runtime>| {
			let mut spec = good.clone();
			change(&mut spec);
			assert_noop!(Jobs::submit(alice.clone(), spec), error);
		};
		refuse(&|s| s.program = H256::zero(), Error::UnknownProgram);
		refuse(&|s| s.constants = Default::default(), Error::ConstantCount);
		refuse(&|s| s.inputs = Default::default(), Error::InputCount);
		refuse(&|s| s.constants[0].ty.dims[0] = 17, Error::ConstantType(0));
		refuse(
			&|s| {
				let Input::Blob(t) = &mut s.inputs[0] else { panic!("a blob") };
				t.ty.dtype = calor_tensor::DType::I8;
			},
			Error::InputType(0),
		);
		refuse(&|s| s.constants[0].uris = Default::default(), Error::BadUri);
		refuse(
			&|s| s.constants[0].uris[0] = b"file:///etc/passwd".to_vec().try_into().unwrap(),
			Error::BadUri,
		);
		refuse(&|s| s.deliver_within = DELIVER, Error::BadDeadline);
		refuse(&|s| s.deliver_within = 1_001, Error::BadDeadline);
		refuse(&|s| s.max_price = PRICE - 1, Error::PriceAboveMax);
		refuse(&|s| s.tip = u128::MAX, Error::AmountTooLarge);
		refuse(&|s| s.value_at_risk = u128::MAX, Error::RiskTooHigh);
		refuse(&|s| s.assurance = Assurance::Audited, Error::NoAuditors);
		for n in [0, 1, 6, 255] {
			refuse(&|s| s.assurance = Assurance::Replicated(n), Error::BadReplicas);
		}
		// Exactly one planck short of what buys the escrow, deposit, fee and existential deposit.
		let first = m.submit_spec("alice", good.clone());
		let deposit = record(first).deposit;
		assert_ok!(Jobs::cancel(alice.clone(), first));
		let poor = account("poor");
		let escrow = cost_of_credits(PRICE + LEVY).unwrap();
		let needed = escrow + deposit + SUBMISSION_FEE + UNIT / 1_000;
		let give = |n| {
			assert_ok!(Balances::transfer_allow_death(alice.clone(), poor.clone(), n));
		};
		give(needed - 1);
		assert_noop!(Jobs::submit(by(&poor), good.clone()), Error::<Runtime>::BalanceTooLow);
		give(1);
		assert_ok!(Jobs::submit(by(&poor), good.clone()));
		assert_eq!(Balances::free_balance(&poor), UNIT / 1_000);
	});
}

#[test]
fn at_most_a_hundred_times_the_price_is_at_risk() {
	Story::tell(|m| {
		for program in [program(0), program_of(100_000_000_000)] {
			let mut spec = m.spec(&program);
			let price = record(m.submit_spec("alice", spec.clone())).price;
			spec.value_at_risk = 100 * price + 1;
			let refused = Jobs::submit(by(&account("alice")), spec.clone());
			assert_noop!(refused, Error::<Runtime>::RiskTooHigh);
			spec.value_at_risk = 100 * price;
			let job = m.submit_spec("alice", spec);
			assert_eq!(record(job).earmark, 20 * 101 * price);
		}
	});
}

#[test]
fn a_reference_makes_submission_idempotent() {
	Story::tell(|m| {
		let mut spec = m.spec(&program(0));
		spec.reference = Some(H256::repeat_byte(1));
		let job = m.submit_spec("alice", spec.clone());
		let before = wealth("alice");
		assert_eq!(m.submit_spec("alice", spec.clone()), job);
		assert_eq!(wealth("alice"), before);
		System::assert_last_event(pallet_jobs::Event::AlreadySubmitted { job }.into());
		// The name is the client's own: another client may use it too.
		assert_eq!(m.submit_spec("carol", spec), job + 1);
	});
}

#[test]
fn no_job_is_assigned_in_the_block_of_its_submission() {
	Story::tell(|m| {
		m.provider("bob");
		let job = m.submit("alice");
		let submitted = System::block_number();
		assert!(matches!(state(job), JobState::Queued { from, .. } if from == submitted + 1));
		advance(1);
		assert!(matches!(state(job), JobState::Assigned { .. }));
	});
}

#[test]
fn without_a_provider_a_job_closes_and_refunds_in_full() {
	Story::tell(|m| {
		let before = wealth("alice");
		let job = m.submit("alice");
		advance(QUEUE - 1);
		assert_noop!(Jobs::expire(by(&account("eve")), job), Error::<Runtime>::TooEarly);
		advance(2);
		assert_eq!(assert_closed(job, CloseReason::NoCapacity), PRICE + LEVY);
		assert_eq!(wealth("alice"), before - SUBMISSION_FEE);
	});
}

#[test]
fn providers_that_do_not_fit_are_not_drawn() {
	Story::tell(|m| {
		m.provider_with("bob", HardwareClass::Tensor, 0, BOND);
		m.provider_with("carol", HardwareClass::General, 6 * UNIT, BOND);
		let job = m.submit("alice");
		advance(3);
		assert!(matches!(state(job), JobState::Queued { .. }));
		// Stake of 100 CAL cannot stand behind a job of 5.1 CAL, whose earmark is 102.
		m.provider_with("dave", HardwareClass::General, 0, 100 * UNIT);
		let mut big = m.spec(&program_of(5_100_000_000_000));
		big.deliver_within = 900;
		let large = m.submit_spec("alice", big);
		advance(2);
		assert!(matches!(state(large), JobState::Queued { .. }));
		assert_eq!(m.assigned(job), "dave");
		m.provider("eve");
		assert_eq!(m.assigned(large), "eve");
	});
}

#[test]
fn a_provider_that_does_not_accept_is_replaced_and_penalised() {
	Story::tell_long(|m| {
		m.provider("bob");
		m.provider("carol");
		let job = m.submit("alice");
		let first = m.assigned(job);
		let stake = wealth(&first);
		let client = wealth("alice");
		advance(ACCEPT + 2);
		assert_eq!(failed(job), vec![account(&first)]);
		assert_eq!(availability(&first), Availability::Idle);
		// A quarter of the earmark waits to be slashed; the rest is free.
		let slash = record(job).earmark / 4;
		assert_eq!(Stake::free(&account(&first)), Some(BOND - slash));
		assert_eq!(wealth(&first), stake, "not slashed yet");
		let second = m.assigned(job);
		assert_ne!(second, first);
		m.deliver(job);
		advance(DEFERRAL);
		assert!(matches!(state(job), JobState::Settled { .. }));
		// The client gets a fifth of it.
		assert_eq!(wealth(&first), stake - slash);
		assert_eq!(wealth("alice"), client - PRICE - LEVY + slash / 5);
	});
}

#[test]
fn a_late_worker_is_too_late_even_if_nobody_has_noticed() {
	Story::tell(|m| {
		m.provider("bob");
		let job = m.submit("alice");
		m.assigned(job);
		// Blocks without room for the agenda.
		for _ in 0..=ACCEPT {
			next_block(Weight::zero());
		}
		assert!(matches!(state(job), JobState::Assigned { .. }));
		assert_noop!(Jobs::accept(by(&worker("bob")), job), Error::<Runtime>::TooLate);
		// Anyone can move it on.
		assert_ok!(Jobs::expire(by(&account("frank")), job));
		assert!(matches!(state(job), JobState::Queued { .. }));
	});
}

#[test]
fn three_failures_close_a_job_with_full_refund() {
	Story::tell_long(|m| {
		for name in ["bob", "carol", "dave", "eve"] {
			m.provider(name);
		}
		let job = m.submit("alice");
		for _ in 0..3 {
			let name = m.assigned(job);
			m.accept(&name, job);
			advance(20 + GRACE + 2);
		}
		assert_eq!(assert_closed(job, CloseReason::DeadlineMissed), PRICE + LEVY);
	});
}

#[test]
fn a_commit_without_reveal_costs_the_whole_earmark_and_jails() {
	Story::tell_long(|m| {
		m.provider("bob");
		let job = m.submit("alice");
		m.assigned(job);
		let before = (wealth("bob"), wealth("alice"));
		let earmark = record(job).earmark;
		m.accept("bob", job);
		m.commit("bob", job, &RESULT);
		assert_eq!(availability("bob"), Availability::Ready, "free for the next job");
		advance(REVEAL + 3);
		assert_eq!(wealth("bob"), before.0, "not slashed yet");
		assert_eq!(Stake::free(&account("bob")), Some(BOND - earmark));
		assert!(matches!(availability("bob"), Availability::Jailed { .. }));
		let jailed = Providers::set_ready(by(&worker("bob")), true);
		assert_noop!(jailed, pallet_providers::Error::<Runtime>::Jailed);
		advance(QUEUE + 1);
		assert_eq!(assert_closed(job, CloseReason::NoCapacity), PRICE + LEVY);
		assert_eq!(wealth("bob"), before.0 - earmark);
		assert_eq!(wealth("alice"), before.1 + earmark / 5);
		advance(50);
		assert_ok!(Providers::set_ready(by(&worker("bob")), true));
	});
}

#[test]
fn declining_is_free_and_ends_in_input_unavailable() {
	Story::tell(|m| {
		m.provider("bob");
		let job = m.submit("alice");
		m.assigned(job);
		let before = wealth("bob");
		m.accept("bob", job);
		assert_ok!(Jobs::decline(by(&worker("bob")), job, InputFault::WrongRoot));
		assert_eq!(wealth("bob"), before);
		assert_eq!(availability("bob"), Availability::Ready);
		advance(QUEUE + 1);
		let reason = CloseReason::InputUnavailable(InputFault::WrongRoot);
		assert_eq!(assert_closed(job, reason), PRICE + LEVY);
	});
}

#[test]
fn three_declines_close_at_once() {
	Story::tell(|m| {
		for name in ["bob", "carol", "dave", "eve"] {
			m.provider(name);
		}
		let job = m.submit("alice");
		for _ in 0..3 {
			let name = m.assigned(job);
			assert_ok!(Jobs::decline(by(&worker(&name)), job, InputFault::Missing));
		}
		assert_closed(job, CloseReason::InputUnavailable(InputFault::Missing));
	});
}

#[test]
fn cancelling_is_free_until_acceptance_and_paid_after() {
	Story::tell_long(|m| {
		let before = wealth("alice");
		let job = m.submit("alice");
		assert_noop!(Jobs::cancel(by(&account("eve")), job), Error::<Runtime>::NotClient);
		assert_ok!(Jobs::cancel(by(&account("alice")), job));
		assert_eq!(assert_closed(job, CloseReason::Cancelled), PRICE + LEVY);
		assert_eq!(wealth("alice"), before - SUBMISSION_FEE);

		m.provider("bob");
		let job = m.submit("alice");
		m.assigned(job);
		assert_ok!(Jobs::cancel(by(&account("alice")), job));
		assert_eq!(assert_closed(job, CloseReason::Cancelled), PRICE + LEVY);

		// Of 20 blocks granted: at once a quarter, after 10 blocks a half.
		for (elapsed, earned) in [(0, PRICE / 4), (10, PRICE / 2)] {
			let job = m.submit("alice");
			m.assigned(job);
			m.accept("bob", job);
			advance(elapsed);
			let provider = wealth("bob");
			assert_ok!(Jobs::cancel(by(&account("alice")), job));
			assert_eq!(assert_closed(job, CloseReason::Cancelled), PRICE + LEVY - earned);
			assert_eq!(wealth("bob"), provider + earned * 8 / 10);
		}

		let job = m.submit("alice");
		m.assigned(job);
		m.accept("bob", job);
		m.commit("bob", job, &RESULT);
		assert_noop!(Jobs::cancel(by(&account("alice")), job), Error::<Runtime>::WrongState);
	});
}

#[test]
fn only_the_worker_of_the_provider_may_act() {
	Story::tell(|m| {
		m.provider("bob");
		let job = m.submit("alice");
		m.assigned(job);
		m.provider("carol");
		for stranger in [account("bob"), account("alice"), worker("carol")] {
			assert_noop!(Jobs::accept(by(&stranger), job), Error::<Runtime>::NotProvider);
		}
		assert_noop!(Jobs::accept(by(&worker("bob")), 99), Error::<Runtime>::UnknownJob);
		m.accept("bob", job);
		assert_noop!(Jobs::accept(by(&worker("bob")), job), Error::<Runtime>::WrongState);
	});
}

#[test]
fn a_job_that_finds_no_provider_does_not_hold_up_those_behind_it() {
	Story::tell(|m| {
		m.provider_with("bob", HardwareClass::General, 0, 100 * UNIT);
		// More jobs than one scan looks at, each too large for bob's stake.
		let mut big = m.spec(&program_of(5_100_000_000_000));
		big.deliver_within = 900;
		for _ in 0..12 {
			m.submit_spec("alice", big.clone());
		}
		let small = m.submit("carol");
		m.assigned(small);
	});
}

#[test]
fn drawing_reaches_every_provider_that_fits() {
	Story::tell_long(|m| {
		let names = ["bob", "carol", "dave", "eve"];
		for name in names {
			m.provider(name);
		}
		let mut seen = std::collections::BTreeSet::new();
		for _ in 0..40 {
			let job = m.submit("alice");
			seen.insert(m.assigned(job));
			assert_ok!(Jobs::cancel(by(&account("alice")), job));
		}
		assert_eq!(seen.len(), names.len());
	});
}

#[test]
fn repeats_double_the_penalty() {
	Story::tell_long(|m| {
		m.provider("bob");
		for fraction in [4, 2, 1, 1] {
			let job = m.submit("alice");
			m.assigned(job);
			let before = wealth("bob");
			advance(ACCEPT + 2);
			assert_ok!(Jobs::cancel(by(&account("alice")), job));
			advance(DEFERRAL);
			assert_eq!(wealth("bob"), before - record(job).earmark / fraction);
			assert_ok!(Providers::set_ready(by(&worker("bob")), true));
		}
	});
}

#[test]
fn a_program_in_use_stays_and_then_goes() {
	Story::tell(|m| {
		let id = m.register_program(&program(0));
		let job = m.submit("alice");
		let grace = by(&account("grace"));
		assert_noop!(Programs::remove(grace.clone(), id), pallet_programs::Error::<Runtime>::InUse);
		assert_ok!(Jobs::cancel(by(&account("alice")), job));
		advance(RETENTION);
		assert_noop!(Programs::remove(grace.clone(), id), pallet_programs::Error::<Runtime>::InUse);
		advance(1);
		assert_ok!(Programs::remove(grace, id));
		assert_eq!(wealth("grace"), FUNDS);
	});
}

#[test]
fn windows_are_checked_when_set() {
	Story::tell(|_| {
		let good = pallet_jobs::Windows {
			queue: 1,
			accept: 1,
			deliver: 1,
			deliver_max: 1,
			grace: 1,
			retention: 1,
		};
		let root = RuntimeOrigin::root();
		for bad in [
			pallet_jobs::Windows { queue: 0, ..good },
			pallet_jobs::Windows { accept: 0, ..good },
			pallet_jobs::Windows { deliver: 0, ..good },
			pallet_jobs::Windows { deliver: 2, ..good },
			pallet_jobs::Windows { grace: 0, ..good },
			pallet_jobs::Windows { retention: 0, ..good },
		] {
			assert_noop!(Jobs::set_windows(root.clone(), bad), Error::<Runtime>::BadWindows);
		}
		assert_ok!(Jobs::set_windows(root, good));
		let anyone = by(&account("alice"));
		assert_noop!(Jobs::set_windows(anyone, good), sp_runtime::DispatchError::BadOrigin);
	});
}

#[test]
fn jobs_that_leave_early_leave_no_holes_to_walk_over() {
	Story::tell_long(|m| {
		// One job that nobody's stake covers stays at the head; far more than a scan's places come and go behind it.
		let mut big = m.spec(&program_of(5_100_000_000_000));
		big.deliver_within = 900;
		let pinned = m.submit_spec("alice", big);
		for _ in 0..50 {
			let job = m.submit("carol");
			assert_ok!(Jobs::cancel(by(&account("carol")), job));
		}
		m.provider_with("bob", HardwareClass::General, 0, 100 * UNIT);
		let job = m.submit("carol");
		advance(1);
		assert!(matches!(state(job), JobState::Assigned { .. }));
		assert!(matches!(state(pinned), JobState::Queued { .. }));
	});
}

#[test]
fn a_provider_without_stake_is_taken_out_of_the_ready_set() {
	Story::tell(|m| {
		let bob = m.provider("bob");
		assert_ok!(Stake::unbond(by(&bob), pallet_stake::Role::Provider, BOND));
		assert_eq!(availability("bob"), Availability::Ready);
		m.submit("alice");
		advance(1);
		assert_eq!(availability("bob"), Availability::Idle);
	});
}

#[test]
fn declining_comes_before_computing() {
	Story::tell(|m| {
		m.provider("bob");
		let mut spec = m.spec(&program(0));
		spec.deliver_within = 30;
		let job = m.submit_spec("alice", spec);
		m.assigned(job);
		m.accept("bob", job);
		advance(DELIVER + 1);
		let dodging = Jobs::decline(by(&worker("bob")), job, InputFault::Missing);
		assert_noop!(dodging, Error::<Runtime>::TooLate);
	});
}
