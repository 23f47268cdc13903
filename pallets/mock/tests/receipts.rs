// SPDX-License-Identifier: Apache-2.0
//! What is left of a job when its record is dropped, and how history is proved by it.

use calor_mock::*;
use calor_primitives::{
	job::{CloseReason, InputFault, JobState},
	money::{SUBMISSION_FEE, UNIT},
	provider::Availability,
	receipt, JobId, H256,
};
use codec::Encode;
use frame_support::{assert_noop, assert_ok};
use pallet_jobs::{
	DroppedJobs, Error, Event, HoldReason, JobName, Jobs as Records, Names, Operands,
};
use pallet_verification::Results;

/// Root of a mountain, as anyone would compute it from the leaves in the events.
fn root(leaves: &[H256]) -> H256 {
	match leaves {
		[one] => *one,
		_ => {
			let (l, r) = leaves.split_at(leaves.len() / 2);
			let node = [&[1][..], root(l).as_bytes(), root(r).as_bytes()].concat();
			H256(sp_io::hashing::blake2_256(&node))
		},
	}
}

/// Siblings of a leaf within its mountain, lowest first.
fn path_within(leaves: &[H256], index: usize) -> Vec<H256> {
	if leaves.len() == 1 {
		return Vec::new();
	}
	let (l, r) = leaves.split_at(leaves.len() / 2);
	let (mut below, sibling) = if index < l.len() {
		(path_within(l, index), root(r))
	} else {
		(path_within(r, index - l.len()), root(l))
	};
	below.push(sibling);
	below
}

/// The proof of a leaf among all leaves.
fn path(leaves: &[H256], index: usize) -> Vec<H256> {
	let mut start = 0;
	for height in (0..32).rev().filter(|height| leaves.len() >> height & 1 == 1) {
		let size = 1 << height;
		if index < start + size {
			return path_within(&leaves[start..start + size], index - start);
		}
		start += size;
	}
	panic!("no such leaf");
}

/// Jobs and leaves of all records dropped so far, by index, as the events tell.
fn dropped() -> Vec<(JobId, H256)> {
	let mut found = Vec::new();
	for event in System::events() {
		if let RuntimeEvent::Jobs(Event::Dropped { job, index, leaf }) = event.event {
			assert_eq!(index, found.len() as u64, "without gaps");
			found.push((job, leaf));
		}
	}
	found
}

#[test]
fn after_retention_nothing_is_left_but_a_receipt() {
	Story::tell_long(|m| {
		m.provider("bob");
		let before = at_hand("alice");
		let mut spec = m.spec(&program(0));
		let name = H256::repeat_byte(5);
		spec.reference = Some(name);
		let job = m.submit_spec("alice", spec);
		assert_eq!(Jobs::receipt(job), None, "not while it is open");
		let deposit = record(job).deposit;
		m.deliver(job);
		assert_eq!(Jobs::receipt(job), None);
		advance(CHALLENGE + 1);
		let receipt = Jobs::receipt(job).unwrap();
		assert_eq!((receipt.job, receipt.client.clone()), (job, account("alice")));
		assert_eq!(receipt.state, state(job));
		assert_eq!(receipt.commitment, Some(opening("bob", job, &RESULT)));
		assert_eq!(receipt.output_roots, RESULT);
		assert!(!Operands::<Runtime>::contains_key(job), "operands are needed while it is open");
		let JobState::Settled { at, keep_until, .. } = state(job) else { panic!("settled") };
		assert_eq!(keep_until, at + RETENTION);
		run_to(keep_until);
		let leaf = receipt::leaf(&Jobs::receipt(job).unwrap().encode());
		assert_eq!(held("alice", HoldReason::Deposit), deposit);
		assert_eq!(at_hand("alice"), before - SUBMISSION_FEE - PRICE - LEVY - deposit);
		advance(1);
		assert!(!Records::<Runtime>::contains_key(job));
		assert!(!Results::<Runtime>::contains_key(job));
		assert_eq!(Names::<Runtime>::get(account("alice"), JobName::Given(name)), None);
		assert_eq!(Names::<Runtime>::iter_keys().count(), 0);
		assert_eq!(pallet_jobs::Agenda::<Runtime>::iter_keys().count(), 0);
		assert_eq!(Jobs::receipt(job), None);
		assert_eq!(Jobs::view(job), None);
		assert_eq!(held("alice", HoldReason::Deposit), 0);
		assert_eq!(at_hand("alice"), before - SUBMISSION_FEE - PRICE - LEVY);
		assert_eq!(dropped(), vec![(job, leaf)]);
		let receipts = DroppedJobs::<Runtime>::get();
		assert!(receipts.proves(leaf, 0, &[]));
		assert!(!receipts.proves(receipt::leaf(b"another"), 0, &[]));
	});
}

#[test]
fn many_jobs_that_end_in_many_ways_are_all_proved() {
	Story::tell_long(|m| {
		for name in ["bob", "carol", "dave"] {
			m.provider(name);
		}
		let mut leaves = std::collections::BTreeMap::new();
		let mut jobs = Vec::new();
		for round in 0..11u8 {
			let mut spec = m.spec(&program(usize::from(round % 3)));
			spec.tip = u128::from(round) * UNIT / 1_000_000;
			spec.reference = (round % 2 == 0).then(|| H256::repeat_byte(round));
			if round % 3 == 1 {
				spec.inputs[0] = output_of(*jobs.last().unwrap(), 0);
			}
			let client = ["alice", "eve"][usize::from(round / 6)];
			// The first of eve's jobs has no parent of her own.
			if round == 7 {
				spec.inputs[0] = m.spec(&program(0)).inputs[0].clone();
			}
			let job = m.submit_spec(client, spec);
			match round % 4 {
				0 => {
					advance(1);
				},
				1 if !matches!(state(job), JobState::Waiting { .. }) => {
					let name = m.assigned(job);
					let worker = by(&worker(&name));
					assert_ok!(Jobs::decline(worker, job, InputFault::WrongSize));
				},
				2 => {
					assert_ok!(Jobs::cancel(by(&account(client)), job));
				},
				_ => {
					if matches!(state(job), JobState::Queued { .. }) {
						m.deliver(job);
					}
				},
			}
			jobs.push(job);
			advance(2);
			for name in ["bob", "carol", "dave"] {
				if availability(name) == Availability::Idle {
					assert_ok!(Providers::set_ready(by(&worker(name)), true));
				}
			}
		}
		// All of them end, and all are dropped; what each receipt says is noted as long as it can be read.
		for _ in 0..250 {
			advance(1);
			for job in &jobs {
				if let Some(receipt) = Jobs::receipt(*job) {
					leaves.insert(*job, receipt::leaf(&receipt.encode()));
				}
			}
		}
		let dropped = dropped();
		assert_eq!(dropped.len(), jobs.len());
		assert_ne!(dropped.iter().map(|(job, _)| *job).collect::<Vec<_>>(), jobs, "mixed up");
		let all: Vec<H256> = dropped.iter().map(|(_, leaf)| *leaf).collect();
		let receipts = DroppedJobs::<Runtime>::get();
		assert_eq!(receipts.count, jobs.len() as u64);
		assert_eq!(receipts.peaks.len(), 3, "11 = 8 + 2 + 1");
		for (index, (job, leaf)) in dropped.iter().enumerate() {
			assert_eq!(leaves[job], *leaf, "job {job}");
			let proof = path(&all, index);
			assert!(Jobs::proves(*leaf, index as u64, proof.clone()), "job {job}");
			assert!(!Jobs::proves(*leaf, index as u64 + 1, proof.clone()));
			assert!(!Jobs::proves(receipt::leaf(b"forged"), index as u64, proof));
		}
		for name in ["alice", "eve"] {
			assert_eq!(held(name, HoldReason::Deposit), 0);
			assert_eq!(held(name, HoldReason::Escrow), 0);
		}
		assert_eq!(Records::<Runtime>::iter_keys().count(), 0);
		assert_eq!(Names::<Runtime>::iter_keys().count(), 0);
		assert_eq!(Results::<Runtime>::iter_keys().count(), 0);
	});
}

#[test]
fn a_name_can_be_used_again_once_its_record_is_dropped() {
	Story::tell_long(|m| {
		let mut spec = m.spec(&program(0));
		spec.reference = Some(H256::repeat_byte(1));
		let first = m.submit_spec("alice", spec.clone());
		assert_ok!(Jobs::cancel(by(&account("alice")), first));
		let before = at_hand("alice");
		let deposit = record(first).deposit;
		// A closed job still stands under its name.
		advance(RETENTION);
		assert_eq!(m.submit_spec("alice", spec.clone()), first);
		System::assert_last_event(Event::AlreadySubmitted { job: first }.into());
		assert_eq!(at_hand("alice"), before);
		advance(1);
		assert_eq!(at_hand("alice"), before + deposit);
		let second = m.submit_spec("alice", spec);
		assert_eq!(second, first + 1);
		assert_eq!(record(second).reference, Some(H256::repeat_byte(1)));
		assert_eq!(at_hand("alice"), before - SUBMISSION_FEE - PRICE - LEVY);
		assert_closed_later(second);
	});
}

/// The job finds nobody and closes.
fn assert_closed_later(job: JobId) {
	advance(QUEUE + 1);
	assert_eq!(assert_closed(job, CloseReason::NoCapacity), PRICE + LEVY);
}

#[test]
fn without_room_on_idle_anyone_drops_a_record_and_nobody_too_early_or_twice() {
	Story::tell(|m| {
		let before = (at_hand("alice"), at_hand("frank"));
		let job = m.submit("alice");
		assert_ok!(Jobs::cancel(by(&account("alice")), job));
		let frank = by(&account("frank"));
		stall(RETENTION - 1);
		assert_noop!(Jobs::expire(frank.clone(), job), Error::<Runtime>::TooEarly);
		stall(1);
		assert_ok!(Jobs::expire(frank.clone(), job));
		assert_noop!(Jobs::expire(frank.clone(), job), Error::<Runtime>::UnknownJob);
		assert_eq!((at_hand("alice"), at_hand("frank")), (before.0 - SUBMISSION_FEE, before.1));
		assert_eq!(DroppedJobs::<Runtime>::get().count, 1);
		// What is left to do on idle finds nothing.
		advance(1);
		assert_eq!(DroppedJobs::<Runtime>::get().count, 1);
	});
}

#[test]
fn a_receipt_says_how_a_job_ended() {
	Story::tell_long(|m| {
		m.provider("bob");
		let job = m.submit("alice");
		m.assigned(job);
		m.accept("bob", job);
		m.commit("bob", job, &RESULT);
		advance(REVEAL + 3);
		assert!(!Results::<Runtime>::contains_key(job));
		advance(QUEUE + 1);
		let receipt = Jobs::receipt(job).unwrap();
		assert!(matches!(receipt.state, JobState::Closed { reason: CloseReason::NoCapacity, .. }));
		assert_eq!((receipt.commitment, receipt.output_roots.len()), (None, 0));
	});
}

#[test]
fn a_changed_retention_is_for_jobs_that_end_later() {
	Story::tell(|m| {
		let alice = by(&account("alice"));
		let first = m.submit("alice");
		let second = m.submit("alice");
		assert_ok!(Jobs::cancel(alice.clone(), first));
		let windows = pallet_jobs::CurrentWindows::<Runtime>::get();
		let shorter = pallet_jobs::Windows { retention: 3, ..windows };
		assert_ok!(Jobs::set_windows(RuntimeOrigin::root(), shorter));
		assert_ok!(Jobs::cancel(alice, second));
		advance(4);
		assert!(Records::<Runtime>::contains_key(first));
		assert!(!Records::<Runtime>::contains_key(second));
		advance(RETENTION - 3);
		assert!(!Records::<Runtime>::contains_key(first));
	});
}
