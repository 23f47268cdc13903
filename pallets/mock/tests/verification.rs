// SPDX-License-Identifier: Apache-2.0
//! Committing and revealing.

use calor_mock::*;
use calor_primitives::{job::JobState, H256};
use frame_support::{assert_noop, assert_ok};
use pallet_verification::{Error, Results};

#[test]
fn a_reveal_must_open_the_commitment() {
	Story::tell(|m| {
		m.provider("bob");
		let job = m.submit("alice");
		m.assigned(job);
		let early = Verification::commit(by(&worker("bob")), job, H256::zero());
		assert_noop!(early, pallet_jobs::Error::<Runtime>::WrongState);
		m.accept("bob", job);
		m.commit("bob", job, &RESULT);
		let again = Verification::commit(by(&worker("bob")), job, H256::zero());
		assert_noop!(again, pallet_jobs::Error::<Runtime>::WrongState);
		assert_noop!(m.reveal("bob", job, &RESULT), pallet_jobs::Error::<Runtime>::TooEarly);
		advance(1);
		let other = [H256::repeat_byte(4)];
		assert_noop!(m.reveal("bob", job, &other), Error::<Runtime>::CommitmentMismatch);
		assert_noop!(m.reveal("bob", job, &[]), Error::<Runtime>::RootCount);
		assert_noop!(m.reveal("bob", job, &[RESULT[0]; 2]), Error::<Runtime>::RootCount);
		let salted = Verification::reveal(
			by(&worker("bob")),
			job,
			[0; 32],
			RESULT.to_vec().try_into().unwrap(),
		);
		assert_noop!(salted, Error::<Runtime>::CommitmentMismatch);
		assert_ok!(m.reveal("bob", job, &RESULT));
		assert_noop!(m.reveal("bob", job, &RESULT), pallet_jobs::Error::<Runtime>::WrongState);
		assert_eq!(Jobs::view(job).unwrap().output_roots, RESULT);
	});
}

#[test]
fn a_commitment_is_bound_to_job_and_worker() {
	Story::tell(|m| {
		m.provider("bob");
		m.provider("carol");
		let (a, b) = (m.submit("alice"), m.submit("alice"));
		let (first, second) = (m.assigned(a), m.assigned(b));
		m.accept(&first, a);
		m.accept(&second, b);
		// The second copies the first's commitment, and later its opening.
		m.commit(&first, a, &RESULT);
		assert_ok!(Verification::commit(by(&worker(&second)), b, opening(&first, a, &RESULT)));
		advance(1);
		assert_ok!(m.reveal(&first, a, &RESULT));
		assert_noop!(m.reveal(&second, b, &RESULT), Error::<Runtime>::CommitmentMismatch);
	});
}

#[test]
fn the_last_block_of_the_window_is_in_time_and_the_next_is_not() {
	Story::tell(|m| {
		m.provider("bob");
		for (wait, in_time) in [(REVEAL + 1, true), (REVEAL + 2, false)] {
			let job = m.submit("alice");
			m.assigned(job);
			m.accept("bob", job);
			m.commit("bob", job, &RESULT);
			for _ in 0..wait {
				next_block(frame_support::weights::Weight::zero());
			}
			let revealed = m.reveal("bob", job, &RESULT);
			if in_time {
				assert_ok!(revealed);
			} else {
				assert_eq!(revealed, Err(pallet_jobs::Error::<Runtime>::TooLate.into()));
			}
		}
	});
}

#[test]
fn evidence_of_a_failed_attempt_is_void_and_that_of_a_settled_job_stays() {
	Story::tell(|m| {
		m.provider("bob");
		let job = m.submit("alice");
		m.deliver(job);
		advance(CHALLENGE + 1);
		assert!(matches!(state(job), JobState::Settled { .. }));
		assert!(Results::<Runtime>::get(job).is_some_and(|r| r.opened.is_some()));
		let job = m.submit("alice");
		m.assigned(job);
		m.accept("bob", job);
		m.commit("bob", job, &RESULT);
		advance(REVEAL + 3);
		assert!(!Results::<Runtime>::contains_key(job));
	});
}
