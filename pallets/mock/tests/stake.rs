// SPDX-License-Identifier: Apache-2.0
//! Stake in, stake out, stake lost.

use calor_mock::*;
use calor_primitives::{
	assurance::{deters, Assurance},
	fault::Fault,
	money::{BurnKind, UNIT},
	traits::{Collateral, OnForfeit},
	AccountId, Balance, BlockNumber, JobId, H256,
};
use frame_support::{
	assert_noop, assert_ok,
	traits::{Get, LockableCurrency, OnIdle, WithdrawReasons},
	weights::Weight,
};
use pallet_stake::{
	Due, Earmarks, Error, Excluded, LastSlash, Ledgers, RecentFaults, Role, SlashDeferral, SlashId,
	StakeLedger,
};
use sp_runtime::{DispatchError, Perbill};

/// What others do when everything is forfeited.
type OthersPart = <Runtime as pallet_stake::Config>::OnForfeit;
type LedgerOf = StakeLedger<<Runtime as pallet_stake::Config>::MaxChunks>;

/// A job that nobody submitted, for stories about stake alone.
const JOB: JobId = 7_000_000;
/// Hash of what shows a fault.
const EVIDENCE: H256 = H256([0xee; 32]);

fn ledger(name: &str) -> LedgerOf {
	Ledgers::<Runtime>::get(Role::Provider, account(name)).expect("has stake")
}

fn bonded(name: &str) -> AccountId {
	assert_ok!(Stake::bond(by(&account(name)), Role::Provider, BOND));
	account(name)
}

fn deferral() -> BlockNumber {
	SlashDeferral::<Runtime>::get()
}

fn last_slash() -> SlashId {
	LastSlash::<Runtime>::get()
}

/// Puts so much of a provider's stake behind a job and penalises it for it.
fn penalised(who: &AccountId, earmark: Balance, fault: Fault) -> Balance {
	assert_ok!(Stake::earmark(who, JOB, earmark));
	Stake::penalise(who, JOB, fault, None, None, EVIDENCE).expect("there is an earmark")
}

/// Finishes a block in which stake alone has room, and so much.
fn idle_of_stake(room: Weight) {
	let used = Stake::on_idle(System::block_number(), room);
	assert!(used.all_lte(room), "{used} of {room}");
	next_block(Weight::zero());
}

/// The last slash of which the chain told, divided.
fn last_told() -> calor_primitives::money::Slash {
	let mut events = System::events().into_iter().rev();
	let told = events.find_map(|record| match record.event {
		RuntimeEvent::Stake(pallet_stake::Event::Slashed { slash, .. }) => Some(slash),
		_ => None,
	});
	told.expect("something was slashed")
}

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
		assert_eq!(Stake::free(&bob), Some(BOND - earmark));
		let all = Stake::unbond(by(&bob), Role::Provider, BOND);
		assert_noop!(all, Error::<Runtime>::StakeInUse);
		assert_noop!(Stake::earmark(&bob, 99, BOND), Error::<Runtime>::TooLittleStake);
		assert_noop!(Stake::earmark(&bob, job, 1), Error::<Runtime>::AlreadyEarmarked);
		assert_noop!(Stake::release(&bob, 99), Error::<Runtime>::NoEarmark);
	});
}

#[test]
fn dust_stakes_are_refused() {
	Story::tell(|_| {
		let role = Role::Provider;
		let min: Balance = <Runtime as pallet_stake::Config>::MinBond::get();
		let bob = account("bob");
		let dust = Stake::bond(by(&bob), role, min - 1);
		assert_noop!(dust, Error::<Runtime>::BelowMinimum);
		assert_ok!(Stake::bond(by(&bob), role, min));
		let dust = Stake::unbond(by(&bob), role, 1);
		assert_noop!(dust, Error::<Runtime>::BelowMinimum);
		// What a slash leaves can be less, but then a whole bond must come together again, or everything must leave.
		penalised(&bob, min, Fault::NotDelivered);
		advance(deferral() + 1);
		assert_eq!(ledger("bob").active, min - min / 4);
		let dust = Stake::bond_more(by(&bob), role, min / 4 - 1);
		assert_noop!(dust, Error::<Runtime>::BelowMinimum);
		assert_noop!(Stake::unbond(by(&bob), role, 1), Error::<Runtime>::BelowMinimum);
		assert_ok!(Stake::bond_more(by(&bob), role, min / 4));
	});
}

#[test]
fn what_is_locked_cannot_be_bonded_even_when_some_is_on_hold_already() {
	Story::tell(|_| {
		let bob = account("bob");
		let vesting = FUNDS - 500 * UNIT;
		Balances::set_lock(*b"vesting ", &bob, vesting, WithdrawReasons::all());
		let too_low = Error::<Runtime>::BalanceTooLow;
		let all = Stake::bond(by(&bob), Role::Provider, FUNDS - UNIT);
		assert_noop!(all, too_low);
		assert_noop!(
			Stake::bond(by(&bob), Role::Provider, 501 * UNIT),
			Error::<Runtime>::BalanceTooLow
		);
		assert_ok!(Stake::bond(by(&bob), Role::Provider, 300 * UNIT));
		// What is on hold must not count as the part that vests: 200 are left, less what keeps the account alive.
		let more = Stake::bond_more(by(&bob), Role::Provider, 201 * UNIT);
		assert_noop!(more, Error::<Runtime>::BalanceTooLow);
		let other = Stake::bond(by(&bob), Role::Validator, 201 * UNIT);
		assert_noop!(other, Error::<Runtime>::BalanceTooLow);
		assert_ok!(Stake::bond_more(by(&bob), Role::Provider, 150 * UNIT));
		Balances::remove_lock(*b"vesting ", &bob);
		assert_ok!(Stake::bond_more(by(&bob), Role::Provider, BOND));
	});
}

#[test]
fn a_proved_fault_is_slashed_at_once_and_divided_to_the_planck() {
	Story::tell(|_| {
		let bob = bonded("bob");
		// 101 planck: shares round down, the burn takes what is left.
		assert_ok!(Stake::earmark(&bob, JOB, 101));
		let (client, prover) = (account("alice"), account("carol"));
		let before = (wealth("alice"), wealth("carol"), issuance());
		let fault = Fault::WrongResult;
		let lost = Stake::penalise(&bob, JOB, fault, Some(&client), Some(&prover), EVIDENCE);
		assert_eq!(lost, Ok(101));
		let slash = last_told();
		assert_eq!((slash.total, slash.client, slash.prover, slash.burned), (101, 20, 30, 51));
		let after = (wealth("alice"), wealth("carol"), issuance());
		assert_eq!(after, (before.0 + 20, before.1 + 30, before.2 - 51));
		assert_eq!((ledger("bob").active, ledger("bob").earmarked), (BOND - 101, 0));
		assert_eq!(wealth("bob"), FUNDS - 101);
		assert!(Stake::pending_slashes(bob).is_empty(), "nothing waits");
	});
}

#[test]
fn every_slash_is_conserved_and_burns_at_least_half() {
	Story::tell(|_| {
		let bob = bonded("bob");
		let (client, prover) = (account("alice"), account("carol"));
		for amount in (1..=40).chain([UNIT / 3, UNIT / 7]) {
			let before = (wealth("bob"), wealth("alice"), wealth("carol"), issuance());
			assert_ok!(Stake::earmark(&bob, JOB, amount));
			let fault = Fault::WrongResult;
			let lost = Stake::penalise(&bob, JOB, fault, Some(&client), Some(&prover), EVIDENCE);
			assert_eq!(lost, Ok(amount));
			let after = (wealth("bob"), wealth("alice"), wealth("carol"), issuance());
			assert_eq!(before.0 - after.0, amount);
			let burned = before.3 - after.3;
			assert_eq!(burned + (after.1 - before.1) + (after.2 - before.2), amount);
			assert!(burned * 2 >= amount, "{burned} of {amount}");
			check_invariants();
		}
	});
}

#[test]
fn a_share_that_nobody_can_take_is_burned() {
	Story::tell(|_| {
		let bob = bonded("bob");
		assert_ok!(Stake::earmark(&bob, JOB, 1_000));
		let nobody = sp_core::Pair::public(&pair("nobody")).into();
		let fault = Fault::WrongResult;
		assert_ok!(Stake::penalise(&bob, JOB, fault, Some(&nobody), None, EVIDENCE));
		assert_eq!((last_told().client, last_told().burned), (0, 1_000));
	});
}

#[test]
fn whoever_slashes_himself_loses_at_least_half() {
	Story::tell(|_| {
		let bob = bonded("bob");
		let before = wealth("bob");
		let earmark = 100 * UNIT;
		assert_ok!(Stake::earmark(&bob, JOB, earmark));
		let fault = Fault::WrongResult;
		assert_ok!(Stake::penalise(&bob, JOB, fault, Some(&bob), Some(&bob), EVIDENCE));
		assert_eq!(before - wealth("bob"), earmark / 2);
		assert_eq!(ledger("bob").active, BOND - earmark);
		for kind in [Assurance::Optimistic, Assurance::Audited] {
			let (stake, rate) = (kind.stake_per_value(), kind.audit_rate());
			assert!(deters(stake, rate, kind.tolerated_adversary()), "which is enough: {kind:?}");
		}
	});
}

#[test]
fn a_slash_without_proof_waits_and_then_acts_by_itself() {
	Story::tell(|_| {
		let bob = bonded("bob");
		let earmark = 400 * UNIT;
		assert_ok!(Stake::earmark(&bob, JOB, earmark));
		let before = (wealth("alice"), issuance());
		let (client, fault) = (account("alice"), Fault::NotDelivered);
		let lost = Stake::penalise(&bob, JOB, fault, Some(&client), None, EVIDENCE);
		assert_eq!(lost, Ok(100 * UNIT), "a quarter");
		assert!(Earmarks::<Runtime>::get(&bob, JOB).is_none(), "the job is done with it");
		assert!(!Stake::has_jobs(&bob));
		assert_eq!(Stake::free(&bob), Some(BOND - 100 * UNIT), "the other three are free at once");
		let waiting = Stake::pending_slashes(bob.clone());
		let (id, slash) = &waiting[0];
		assert_eq!((waiting.len(), *id, slash.job), (1, last_slash(), Some(JOB)));
		assert_eq!(slash.applies_at, System::block_number() + deferral());
		assert_eq!((slash.amount, slash.evidence), (100 * UNIT, EVIDENCE));
		advance(deferral() - 1);
		let early = Stake::apply_slash(by(&account("carol")), *id);
		assert_noop!(early, Error::<Runtime>::TooEarly);
		assert_eq!(wealth("bob"), FUNDS);
		advance(2);
		assert_eq!(wealth("bob"), FUNDS - 100 * UNIT);
		assert_eq!(wealth("alice"), before.0 + 20 * UNIT);
		assert_eq!(issuance(), before.1 - 80 * UNIT);
		assert_eq!(pallet_burn_mint::Burned::<Runtime>::get(BurnKind::Slash), 80 * UNIT);
		assert_eq!(Stake::free(&bob), Some(BOND - 100 * UNIT));
		assert!(Stake::pending_slashes(bob).is_empty());
	});
}

#[test]
fn a_penalty_rounds_up_and_is_never_more_than_the_earmark() {
	Story::tell(|_| {
		let bob = bonded("bob");
		assert_eq!(penalised(&bob, 101, Fault::NotAccepted), 26);
		assert_eq!(penalised(&bob, 101, Fault::NotAccepted), 51);
		assert_eq!(penalised(&bob, 101, Fault::NotAccepted), 101);
		assert_eq!(penalised(&bob, 1, Fault::NotAccepted), 1);
		assert_eq!(ledger("bob").earmarked, 26 + 51 + 101 + 1);
	});
}

#[test]
fn anyone_can_apply_a_slash_for_which_blocks_have_no_room() {
	Story::tell(|_| {
		let bob = bonded("bob");
		penalised(&bob, 400 * UNIT, Fault::NotRevealed);
		let id = last_slash();
		for _ in 0..deferral() + 3 {
			next_block(Weight::zero());
		}
		assert_eq!(wealth("bob"), FUNDS, "no block had room");
		assert_ok!(Stake::apply_slash(by(&account("carol")), id));
		assert_eq!(wealth("bob"), FUNDS - 400 * UNIT);
		let again = Stake::apply_slash(by(&account("carol")), id);
		assert_noop!(again, Error::<Runtime>::UnknownSlash);
		// The agenda comes past the height later, and finds it done.
		advance(1);
		assert_eq!(wealth("bob"), FUNDS - 400 * UNIT);
	});
}

#[test]
fn blocks_do_as_many_due_slashes_as_they_have_room_for() {
	Story::tell(|_| {
		let bob = bonded("bob");
		for _ in 0..5 {
			penalised(&bob, UNIT, Fault::NotRevealed);
		}
		for _ in 0..deferral() {
			next_block(Weight::zero());
		}
		// Room to get through the empty heights, and for the last slash or two.
		let look = <() as pallet_stake::WeightInfo>::sweep_height();
		let one = <() as pallet_stake::WeightInfo>::apply_slash().max(
			<() as pallet_stake::WeightInfo>::apply_forfeiture()
				.saturating_add(OthersPart::weight()),
		);
		let heights = u64::from(System::block_number()) + 1;
		idle_of_stake(look.saturating_mul(heights + 3).saturating_add(one.saturating_mul(2)));
		let left = Stake::pending_slashes(bob.clone()).len();
		assert!((2..5).contains(&left), "{left} wait");
		for _ in 0..5 {
			idle_of_stake(look.saturating_mul(8).saturating_add(one.saturating_mul(2)));
		}
		assert!(Stake::pending_slashes(bob).is_empty());
		assert_eq!(wealth("bob"), FUNDS - 5 * UNIT);
	});
}

#[test]
fn governance_cancels_a_slash_and_its_fault_is_forgiven() {
	Story::tell(|_| {
		let bob = bonded("bob");
		penalised(&bob, 400 * UNIT, Fault::Vanished);
		let id = last_slash();
		assert_eq!(Stake::faults(bob.clone()).next_no_show, Perbill::from_percent(50));
		for origin in [by(&bob), by(&account("carol"))] {
			assert_noop!(Stake::cancel_slash(origin, id), DispatchError::BadOrigin);
		}
		assert_ok!(Stake::cancel_slash(RuntimeOrigin::root(), id));
		assert_eq!(Stake::free(&bob), Some(BOND));
		let view = Stake::faults(bob.clone());
		assert_eq!((view.count, view.next_no_show), (0, Perbill::from_percent(25)));
		assert!(RecentFaults::<Runtime>::get(&bob).is_none(), "nothing is stored of it");
		let again = Stake::cancel_slash(RuntimeOrigin::root(), id);
		assert_noop!(again, Error::<Runtime>::UnknownSlash);
		advance(deferral() + 1);
		assert_eq!(wealth("bob"), FUNDS);
		assert_ok!(Stake::unbond(by(&bob), Role::Provider, BOND));
	});
}

#[test]
fn an_appeal_is_recorded_by_whom_it_concerns_alone() {
	Story::tell(|_| {
		let bob = bonded("bob");
		penalised(&bob, 400 * UNIT, Fault::NotDelivered);
		let id = last_slash();
		let (first, second) = (H256::repeat_byte(1), H256::repeat_byte(2));
		let other = Stake::appeal_slash(by(&account("carol")), id, first);
		assert_noop!(other, Error::<Runtime>::NotYours);
		let unknown = Stake::appeal_slash(by(&bob), id + 1, first);
		assert_noop!(unknown, Error::<Runtime>::UnknownSlash);
		let appeal = || Stake::pending_slashes(bob.clone())[0].1.appeal;
		assert_eq!(appeal(), None);
		assert_ok!(Stake::appeal_slash(by(&bob), id, first));
		assert_eq!(appeal(), Some(first));
		assert_ok!(Stake::appeal_slash(by(&bob), id, second));
		assert_eq!(appeal(), Some(second), "a later one replaces it");
		advance(deferral() + 1);
		assert_eq!(wealth("bob"), FUNDS - 100 * UNIT, "an appeal does not stop the clock");
		let late = Stake::appeal_slash(by(&bob), id, first);
		assert_noop!(late, Error::<Runtime>::UnknownSlash);
	});
}

#[test]
fn penalised_stake_can_neither_leave_nor_stand_behind_another_job() {
	Story::tell(|_| {
		let bob = bonded("bob");
		penalised(&bob, BOND, Fault::NotRevealed);
		assert_eq!(Stake::free(&bob), Some(0));
		let leave = Stake::unbond(by(&bob), Role::Provider, BOND);
		assert_noop!(leave, Error::<Runtime>::StakeInUse);
		assert_noop!(Stake::earmark(&bob, JOB + 1, 1), Error::<Runtime>::TooLittleStake);
		advance(deferral() + 1);
		assert!(Ledgers::<Runtime>::get(Role::Provider, &bob).is_none(), "nothing is left");
		assert_eq!((Stake::free(&bob), wealth("bob")), (None, FUNDS - BOND));
	});
}

#[test]
fn repeats_cost_twice_as_much_until_they_are_forgotten() {
	Story::tell(|_| {
		let bob = bonded("bob");
		let memory: BlockNumber = <Runtime as pallet_stake::Config>::FaultMemory::get();
		for percent in [25, 50, 100, 100] {
			let next = Stake::faults(bob.clone()).next_no_show;
			assert_eq!(next, Perbill::from_percent(percent));
			let lost = penalised(&bob, 100 * UNIT, Fault::NotDelivered);
			assert_eq!(lost, u128::from(percent) * UNIT);
		}
		assert_eq!(Stake::faults(bob.clone()).count, 4);
		advance(memory);
		assert_eq!(Stake::faults(bob.clone()).count, 4, "the last is not forgotten");
		advance(1);
		let view = Stake::faults(bob.clone());
		assert_eq!((view.count, view.next_no_show), (0, Perbill::from_percent(25)));
		assert_eq!(penalised(&bob, 100 * UNIT, Fault::NotDelivered), 25 * UNIT);
	});
}

#[test]
fn leaving_does_not_wash_faults_off_and_they_do_not_stay_for_ever() {
	Story::tell(|_| {
		let bob = account("bob");
		let min: Balance = <Runtime as pallet_stake::Config>::MinBond::get();
		let memory: BlockNumber = <Runtime as pallet_stake::Config>::FaultMemory::get();
		assert_ok!(Stake::bond(by(&bob), Role::Provider, min));
		let at = System::block_number();
		assert_eq!(penalised(&bob, min, Fault::WrongResult), min);
		assert!(Ledgers::<Runtime>::get(Role::Provider, &bob).is_none());
		assert_ok!(Stake::bond(by(&bob), Role::Provider, min));
		assert_eq!(penalised(&bob, 100, Fault::NotDelivered), 50, "the second");
		assert_ok!(Stake::cancel_slash(RuntimeOrigin::root(), last_slash()));
		assert_ok!(Stake::unbond(by(&bob), Role::Provider, min));
		advance(UNBONDING);
		assert_ok!(Stake::withdraw(by(&bob), Role::Provider));
		assert_eq!(Stake::faults(bob.clone()).count, 1, "one was cancelled");
		run_to(at + memory + 1);
		assert!(RecentFaults::<Runtime>::get(&bob).is_some(), "not yet");
		advance(1);
		assert!(RecentFaults::<Runtime>::get(&bob).is_none());
		let due = |item: &Due| matches!(item, Due::Forget(_));
		let left = pallet_stake::Agenda::<Runtime>::iter().filter(|(_, item, ())| due(item));
		assert_eq!(left.count(), 0);
	});
}

#[test]
fn a_proved_forfeiture_takes_what_unbonds_and_excludes_for_ever() {
	Story::tell(|_| {
		let bob = bonded("bob");
		assert_ok!(Stake::bond(by(&bob), Role::Validator, BOND));
		assert_ok!(Stake::unbond(by(&bob), Role::Provider, 300 * UNIT));
		advance(2);
		assert_ok!(Stake::unbond(by(&bob), Role::Provider, 500 * UNIT));
		let before = (wealth("carol"), issuance());
		let (fault, prover) = (Fault::ForgedCapacity, account("carol"));
		assert_ok!(Stake::forfeit(&bob, fault, Some(&prover), EVIDENCE));
		assert_eq!(wealth("bob"), FUNDS - BOND);
		assert_eq!(wealth("carol"), before.0 + BOND * 3 / 10);
		assert_eq!(issuance(), before.1 - BOND * 7 / 10);
		assert!(Stake::is_excluded(&bob));
		let why = Stake::exclusion(Role::Provider, bob.clone()).expect("excluded");
		assert_eq!((why.fault, why.evidence, why.at), (fault, EVIDENCE, System::block_number()));
		assert_eq!(Stake::free(&bob), None);
		let back = Stake::bond(by(&bob), Role::Provider, BOND);
		assert_noop!(back, Error::<Runtime>::ExcludedForEver);
		let more = Stake::bond_more(by(&bob), Role::Provider, BOND);
		assert_noop!(more, Error::<Runtime>::NotBonded);
		let left = Stake::withdraw(by(&bob), Role::Provider);
		assert_noop!(left, Error::<Runtime>::NotBonded);
		let again = Stake::forfeit(&bob, fault, None, EVIDENCE);
		assert_noop!(again, Error::<Runtime>::NotBonded);
		assert_ok!(Stake::bond_more(by(&bob), Role::Validator, UNIT));
		assert!(!Excluded::<Runtime>::contains_key(Role::Validator, &bob), "another role");
		advance(UNBONDING);
	});
}

#[test]
fn the_roles_of_an_account_are_forfeited_apart() {
	Story::tell(|_| {
		let bob = bonded("bob");
		assert_ok!(Stake::bond(by(&bob), Role::Validator, 2 * BOND));
		let fault = Fault::Equivocation;
		assert_ok!(Stake::do_forfeit(Role::Validator, &bob, fault, None, EVIDENCE));
		assert_eq!(wealth("bob"), FUNDS - 2 * BOND);
		assert_eq!(Stake::free(&bob), Some(BOND), "its stake as a provider is untouched");
		assert!(!Stake::is_excluded(&bob));
		let back = Stake::bond(by(&bob), Role::Validator, BOND);
		assert_noop!(back, Error::<Runtime>::ExcludedForEver);
	});
}

#[test]
fn earmarks_of_an_excluded_provider_are_worth_nothing() {
	Story::tell(|_| {
		let bob = bonded("bob");
		assert_ok!(Stake::forfeit(&bob, Fault::ForgedCapacity, None, EVIDENCE));
		// As jobs that have not heard of it yet would still have them.
		for job in [JOB, JOB + 1, JOB + 2] {
			Earmarks::<Runtime>::insert(&bob, job, UNIT);
		}
		let before = (wealth("bob"), issuance());
		assert_ok!(Stake::release(&bob, JOB));
		let fault = Fault::WrongResult;
		assert_eq!(Stake::penalise(&bob, JOB + 1, fault, None, None, EVIDENCE), Ok(0));
		let fault = Fault::NotDelivered;
		assert_eq!(Stake::penalise(&bob, JOB + 2, fault, None, None, EVIDENCE), Ok(0));
		assert!(!Stake::has_jobs(&bob));
		assert!(RecentFaults::<Runtime>::get(&bob).is_none(), "nothing grows");
		assert_eq!((wealth("bob"), issuance()), before);
		assert_noop!(Stake::release(&bob, JOB), Error::<Runtime>::NoEarmark);
	});
}

#[test]
fn while_a_forfeiture_waits_nothing_leaves() {
	Story::tell(|_| {
		let bob = bonded("bob");
		assert_ok!(Stake::unbond(by(&bob), Role::Provider, 300 * UNIT));
		advance(UNBONDING);
		let fault = Fault::FalseDisclosure;
		assert_ok!(Stake::forfeit(&bob, fault, None, EVIDENCE));
		let id = last_slash();
		assert_eq!(ledger("bob").forfeiture, Some(id));
		assert_eq!(Stake::pending_slashes(bob.clone())[0].1.amount, BOND);
		let role = Role::Provider;
		let pending = || Error::<Runtime>::ForfeiturePending;
		assert_noop!(Stake::withdraw(by(&bob), role), pending());
		assert_noop!(Stake::unbond(by(&bob), role, UNIT), pending());
		assert_noop!(Stake::bond_more(by(&bob), role, UNIT), pending());
		assert_noop!(Stake::forfeit(&bob, fault, None, EVIDENCE), pending());
		assert_eq!(Stake::free(&bob), None, "nor does it stand behind new jobs");
		assert_noop!(Stake::earmark(&bob, JOB, 1), Error::<Runtime>::TooLittleStake);
		assert!(!Stake::is_excluded(&bob));
		advance(deferral() + 1);
		assert!(Stake::is_excluded(&bob));
		assert_eq!(wealth("bob"), FUNDS - BOND);
	});
}

#[test]
fn a_cancelled_forfeiture_unlocks() {
	Story::tell(|_| {
		let bob = bonded("bob");
		assert_ok!(Stake::unbond(by(&bob), Role::Provider, 300 * UNIT));
		assert_ok!(Stake::forfeit(&bob, Fault::FalseDisclosure, None, EVIDENCE));
		advance(1);
		assert_ok!(Stake::cancel_slash(RuntimeOrigin::root(), last_slash()));
		advance(UNBONDING.max(deferral()) + 1);
		assert!(!Stake::is_excluded(&bob));
		assert_ok!(Stake::withdraw(by(&bob), Role::Provider));
		assert_ok!(Stake::unbond(by(&bob), Role::Provider, 700 * UNIT));
		assert_eq!(wealth("bob"), FUNDS);
	});
}

#[test]
fn a_slash_that_waits_is_void_when_everything_is_forfeited() {
	Story::tell(|_| {
		let bob = bonded("bob");
		assert_ok!(Stake::earmark(&bob, JOB, 400 * UNIT));
		let (client, fault) = (account("alice"), Fault::NotRevealed);
		assert_ok!(Stake::penalise(&bob, JOB, fault, Some(&client), None, EVIDENCE));
		advance(1);
		assert_ok!(Stake::forfeit(&bob, Fault::ForgedCapacity, None, EVIDENCE));
		let after = (wealth("bob"), wealth("alice"), issuance());
		assert_eq!(after.0, FUNDS - BOND);
		check_invariants();
		advance(deferral() + 1);
		assert_eq!((wealth("bob"), wealth("alice"), issuance()), after, "nothing is taken twice");
		assert!(Stake::pending_slashes(bob).is_empty());
	});
}

#[test]
fn slashes_that_meet_a_forfeiture_that_waits_take_their_part_first() {
	Story::tell(|_| {
		let bob = bonded("bob");
		assert_ok!(Stake::earmark(&bob, JOB, 400 * UNIT));
		assert_ok!(Stake::forfeit(&bob, Fault::FalseDisclosure, None, EVIDENCE));
		let (client, fault) = (account("alice"), Fault::WrongResult);
		let before = wealth("alice");
		assert_ok!(Stake::penalise(&bob, JOB, fault, Some(&client), None, EVIDENCE));
		assert_eq!(wealth("alice"), before + 80 * UNIT);
		check_invariants();
		// The forfeiture takes what is left, not what there was when it was deferred.
		advance(deferral() + 1);
		assert_eq!(last_told().total, 600 * UNIT);
		assert_eq!(wealth("bob"), FUNDS - BOND);
		assert!(Stake::is_excluded(&bob));
	});
}

#[test]
fn a_slash_that_waits_acts_before_a_later_forfeiture_does() {
	Story::tell(|m| {
		let bob = m.provider("bob");
		let job = m.submit("alice");
		assert_eq!(m.assigned(job), "bob");
		let earmark = Earmarks::<Runtime>::get(&bob, job).expect("it has the job");
		// Bob does not take the job on.
		advance(ACCEPT + 2);
		let (slash, case) = Stake::pending_slashes(bob.clone()).remove(0);
		assert_eq!((case.job, case.fault), (Some(job), Fault::NotAccepted));
		assert_eq!(case.amount, earmark / 4);
		// Meanwhile it is found to have lied.
		assert_ok!(Stake::forfeit(&bob, Fault::FalseDisclosure, None, EVIDENCE));
		assert_eq!(Stake::pending_slashes(bob.clone()).len(), 2);
		let alice = wealth("alice");
		run_to(case.applies_at + 1);
		assert_eq!(last_told().total, case.amount);
		assert_eq!(wealth("alice"), alice + case.amount / 5, "the client is not forgotten");
		assert!(!Stake::is_excluded(&bob));
		assert_ne!(last_slash(), slash);
		advance(deferral());
		assert_eq!(last_told().total, BOND - case.amount);
		assert_eq!(wealth("bob"), FUNDS - BOND);
		assert!(Stake::is_excluded(&bob));
	});
}

#[test]
fn a_forfeiture_finds_its_account_though_nothing_is_left() {
	Story::tell(|_| {
		for (name, cancelled) in [("bob", false), ("carol", true)] {
			let who = bonded(name);
			assert_ok!(Stake::earmark(&who, JOB, BOND));
			assert_ok!(Stake::forfeit(&who, Fault::FalseDisclosure, None, EVIDENCE));
			let id = last_slash();
			let fault = Fault::WrongResult;
			assert_ok!(Stake::penalise(&who, JOB, fault, None, None, EVIDENCE));
			assert_eq!(ledger(name).held(), 0);
			let fresh = Stake::bond(by(&who), Role::Provider, BOND);
			assert_noop!(fresh, Error::<Runtime>::AlreadyBonded);
			check_invariants();
			if cancelled {
				assert_ok!(Stake::cancel_slash(RuntimeOrigin::root(), id));
				assert_ok!(Stake::bond(by(&who), Role::Provider, BOND));
			}
			advance(deferral() + 1);
			assert_eq!(Stake::is_excluded(&who), !cancelled);
		}
	});
}

#[test]
fn a_fault_costs_what_its_severity_says_and_nothing_else() {
	Story::tell(|_| {
		let bob = bonded("bob");
		assert_ok!(Stake::earmark(&bob, JOB, UNIT));
		for fault in [Fault::ForgedCapacity, Fault::FalseDisclosure, Fault::Equivocation] {
			let wrong = Stake::penalise(&bob, JOB, fault, None, None, EVIDENCE);
			assert_noop!(wrong, Error::<Runtime>::WrongSeverity);
		}
		for fault in [Fault::NotAccepted, Fault::NotRevealed, Fault::WrongResult] {
			let wrong = Stake::forfeit(&bob, fault, None, EVIDENCE);
			assert_noop!(wrong, Error::<Runtime>::WrongSeverity);
		}
		assert_ok!(Stake::release(&bob, JOB));
		let none = Stake::penalise(&bob, JOB, Fault::NotRevealed, None, None, EVIDENCE);
		assert_noop!(none, Error::<Runtime>::NoEarmark);
	});
}

#[test]
fn windows_are_governed_and_unbonding_outlasts_every_dispute() {
	Story::tell(|_| {
		let longest: BlockNumber = <Runtime as pallet_stake::Config>::LongestDispute::get();
		assert!(longest > CHALLENGE, "a challenge is part of it");
		let root = RuntimeOrigin::root;
		let alice = by(&account("alice"));
		assert_noop!(Stake::set_windows(alice, longest + 1, 1), DispatchError::BadOrigin);
		let short = Stake::set_windows(root(), longest, 1);
		assert_noop!(short, Error::<Runtime>::BadWindows);
		let at_once = Stake::set_windows(root(), longest + 1, 0);
		assert_noop!(at_once, Error::<Runtime>::BadWindows);
		let bob = bonded("bob");
		penalised(&bob, 100 * UNIT, Fault::NotRevealed);
		let waits = Stake::pending_slashes(bob.clone())[0].1.applies_at;
		assert_ok!(Stake::set_windows(root(), longest + 1, 2));
		// What waited before keeps its height.
		assert_eq!(Stake::pending_slashes(bob.clone())[0].1.applies_at, waits);
		penalised(&bob, 100 * UNIT, Fault::NotRevealed);
		advance(3);
		assert_eq!(wealth("bob"), FUNDS - 100 * UNIT);
		run_to(waits + 1);
		assert_eq!(wealth("bob"), FUNDS - 200 * UNIT);
	});
}
