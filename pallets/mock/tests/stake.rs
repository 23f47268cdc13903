// SPDX-License-Identifier: Apache-2.0
//! Stake in, stake out, stake lost.

use calor_mock::*;
use calor_primitives::{money::UNIT, traits::Collateral};
use frame_support::{assert_noop, assert_ok};
use pallet_stake::{Error, Ledgers, Role};
use sp_runtime::Perbill;

#[test]
fn stake_is_held_and_comes_back_after_the_unbonding_period() {
	Story::tell(|_| {
		let bob = account("bob");
		assert_ok!(Stake::bond(by(&bob), Role::Provider, BOND));
		assert_ok!(Stake::bond_more(by(&bob), Role::Provider, BOND));
		assert_eq!(wealth("bob"), FUNDS);
		assert_eq!(Balances::free_balance(&bob), FUNDS - 2 * BOND);
		assert_ok!(Stake::unbond(by(&bob), Role::Provider, 2 * BOND));
		assert_noop!(Stake::withdraw(by(&bob), Role::Provider), Error::<Runtime>::NothingDue);
		advance(UNBONDING - 1);
		assert_noop!(Stake::withdraw(by(&bob), Role::Provider), Error::<Runtime>::NothingDue);
		advance(1);
		assert_ok!(Stake::withdraw(by(&bob), Role::Provider));
		assert_eq!(Balances::free_balance(&bob), FUNDS);
		assert!(Ledgers::<Runtime>::get(Role::Provider, &bob).is_none());
	});
}

#[test]
fn roles_are_separate() {
	Story::tell(|_| {
		let bob = account("bob");
		assert_ok!(Stake::bond(by(&bob), Role::Provider, BOND));
		assert_ok!(Stake::bond(by(&bob), Role::Validator, 2 * BOND));
		assert_ok!(Stake::unbond(by(&bob), Role::Validator, 2 * BOND));
		assert_eq!(Ledgers::<Runtime>::get(Role::Provider, &bob).unwrap().active, BOND);
	});
}

#[test]
fn bonding_refuses_what_makes_no_sense() {
	Story::tell(|_| {
		let bob = by(&account("bob"));
		let role = Role::Provider;
		assert_noop!(Stake::bond(bob.clone(), role, 99 * UNIT), Error::<Runtime>::BelowMinimum);
		assert_noop!(Stake::bond_more(bob.clone(), role, BOND), Error::<Runtime>::NotBonded);
		assert_noop!(Stake::unbond(bob.clone(), role, BOND), Error::<Runtime>::NotBonded);
		assert_noop!(Stake::withdraw(bob.clone(), role), Error::<Runtime>::NotBonded);
		let beyond = Stake::bond(bob.clone(), role, 2 * FUNDS);
		assert_noop!(beyond, Error::<Runtime>::BalanceTooLow);
		assert_ok!(Stake::bond(bob.clone(), role, 150 * UNIT));
		assert_noop!(Stake::bond(bob.clone(), role, BOND), Error::<Runtime>::AlreadyBonded);
		assert_noop!(Stake::bond_more(bob.clone(), role, 0), Error::<Runtime>::AmountIsZero);
		assert_noop!(Stake::unbond(bob.clone(), role, 0), Error::<Runtime>::AmountIsZero);
		assert_noop!(Stake::unbond(bob.clone(), role, 60 * UNIT), Error::<Runtime>::BelowMinimum);
		assert_noop!(Stake::unbond(bob, role, u128::MAX), Error::<Runtime>::StakeInUse);
	});
}

#[test]
fn chunks_of_one_block_merge_and_chunks_are_bounded() {
	Story::tell(|_| {
		let bob = by(&account("bob"));
		assert_ok!(Stake::bond(bob.clone(), Role::Provider, BOND));
		for _ in 0..10 {
			assert_ok!(Stake::unbond(bob.clone(), Role::Provider, UNIT));
		}
		let ledger = || Ledgers::<Runtime>::get(Role::Provider, account("bob")).unwrap();
		assert_eq!(ledger().unbonding.len(), 1);
		for _ in 0..3 {
			advance(1);
			assert_ok!(Stake::unbond(bob.clone(), Role::Provider, UNIT));
		}
		advance(1);
		let full = Stake::unbond(bob.clone(), Role::Provider, UNIT);
		assert_noop!(full, Error::<Runtime>::TooManyChunks);
		advance(UNBONDING);
		assert_ok!(Stake::withdraw(bob, Role::Provider));
		assert_eq!(ledger().unbonding.len(), 0);
	});
}

#[test]
fn earmarked_stake_cannot_leave() {
	Story::tell(|m| {
		let bob = m.provider("bob");
		let job = m.submit("alice");
		m.assigned(job);
		let earmark = record(job).earmark;
		assert_eq!(Stake::free(&bob), BOND - earmark);
		let all = Stake::unbond(by(&bob), Role::Provider, BOND);
		assert_noop!(all, Error::<Runtime>::StakeInUse);
		assert_noop!(Stake::earmark(&bob, 99, BOND), Error::<Runtime>::TooLittleStake);
		assert_noop!(Stake::earmark(&bob, job, 1), Error::<Runtime>::AlreadyEarmarked);
		assert_noop!(Stake::release(&bob, 99), Error::<Runtime>::NoEarmark);
	});
}

#[test]
fn a_slash_is_divided_to_the_planck() {
	Story::tell(|m| {
		let bob = m.provider("bob");
		// 101 planck: shares round down, the burn takes what is left.
		assert_ok!(Stake::earmark(&bob, 7, 101));
		let (client, prover) = (account("alice"), account("carol"));
		let before = (wealth("alice"), wealth("carol"), issuance());
		let slash = Stake::slash(&bob, 7, Perbill::one(), Some(&client), Some(&prover)).unwrap();
		assert_eq!((slash.total, slash.client, slash.prover, slash.burned), (101, 20, 30, 51));
		let after = (wealth("alice"), wealth("carol"), issuance());
		assert_eq!(after, (before.0 + 20, before.1 + 30, before.2 - 51));
	});
}

#[test]
fn a_share_that_nobody_can_take_is_burned() {
	Story::tell(|m| {
		let bob = m.provider("bob");
		assert_ok!(Stake::earmark(&bob, 7, 1_000));
		let nobody = sp_core::Pair::public(&pair("nobody")).into();
		let slash = Stake::slash(&bob, 7, Perbill::one(), Some(&nobody), None).unwrap();
		assert_eq!((slash.client, slash.burned), (0, 1_000));
	});
}
