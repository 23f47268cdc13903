// SPDX-License-Identifier: Apache-2.0
//! What auditors of proofs of capacity get out of emission.

use super::mock::*;
use crate::*;
use calor_primitives::{
	job::HardwareClass::General,
	money::UNIT,
	traits::{AuditPay, Unclaimed},
};
use frame_support::assert_ok;

fn owe(name: &str, amount: Balance) {
	BurnMint::owe(&account(name), amount);
}

fn slice(epoch: EpochIndex) -> Balance {
	let budget = report(epoch).budget;
	emission::split(emission::total(&budget).expect("fits")).auditors
}

fn availability(name: &str) -> Balance {
	rewards(name).iter().map(|(_, _, reward)| reward.availability).sum()
}

#[test]
fn auditors_get_in_full_what_their_slice_suffices_for() {
	chain(|| {
		owe("bob", 3 * UNIT);
		owe("carol", 2 * UNIT);
		owe("bob", UNIT);
		owe("dave", 0);
		assert_eq!(CurrentEpoch::<Runtime>::get().owed, 6 * UNIT);
		epochs(1);
		assert_eq!((availability("bob"), availability("carol")), (4 * UNIT, 2 * UNIT));
		assert_eq!(availability("dave"), 0);
		let paid = report(0);
		assert_eq!(paid.auditors, 6 * UNIT);
		assert!(slice(0) > paid.auditors);
		// What is left of the slice stayed in the pools.
		let drawn = paid.drawn.simple + paid.drawn.baseline;
		assert_eq!(drawn, paid.providers + paid.validators + paid.treasury + 6 * UNIT);
		let before = free("bob");
		assert_ok!(BurnMint::claim(RuntimeOrigin::signed(account("bob"))));
		assert_eq!(free("bob") - before, 4 * UNIT);
	});
}

#[test]
fn where_the_slice_does_not_suffice_all_get_the_same_part() {
	chain(|| {
		provide("carol", General, emission::CAPACITY_START);
		owe("bob", 3_000_000 * UNIT);
		owe("dave", 1_000_000 * UNIT);
		epochs(1);
		let slice = slice(0);
		assert!(slice < 4_000_000 * UNIT);
		let part = |millions| sharing::share(slice, millions, 4);
		assert_eq!((availability("bob"), availability("dave")), (part(3), part(1)));
		assert!(slice - report(0).auditors < 4, "but for rounding");
		// The next epoch owes nothing.
		epochs(1);
		assert_eq!(report(1).auditors, 0);
	});
}

#[test]
fn what_is_owed_while_an_epoch_is_closed_is_that_of_the_next() {
	chain(|| {
		owe("bob", UNIT);
		BurnMint::end_epoch();
		owe("bob", 5 * UNIT);
		assert_eq!(CurrentEpoch::<Runtime>::get().owed, 5 * UNIT);
		blocks(2);
		assert_eq!(report(0).auditors, UNIT);
		epochs(1);
		assert_eq!(report(1).auditors, 5 * UNIT);
		assert_eq!(availability("bob"), 6 * UNIT);
	});
}

#[test]
fn who_forfeits_loses_what_audits_earned_too() {
	chain(|| {
		owe("bob", UNIT);
		BurnMint::forfeit(&account("bob"));
		epochs(1);
		assert_eq!(availability("bob"), 0);
		assert_eq!(report(0).auditors, UNIT, "it returns to the pools when the epoch expires");
	});
}

#[test]
fn absurd_amounts_are_not_owed() {
	chain(|| {
		owe("bob", Balance::MAX - 5);
		owe("carol", 6);
		owe("dave", 5);
		assert_eq!(CurrentEpoch::<Runtime>::get().owed, Balance::MAX);
		assert_eq!(Audited::<Runtime>::get(0, account("carol")), 0);
		epochs(1);
		assert!(availability("bob") <= slice(0));
	});
}
