// SPDX-License-Identifier: Apache-2.0
//! Claiming rewards, losing them, and what becomes of those that nobody claims.

use super::mock::*;
use crate::*;
use calor_primitives::{job::HardwareClass::General, money::UNIT, traits::Unclaimed};
use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo};
use sp_runtime::DispatchError;

fn origin(name: &str) -> RuntimeOrigin {
	RuntimeOrigin::signed(account(name))
}

fn claims(items: &[(&str, EpochIndex)]) -> Claims {
	Claims::truncate_from(items.iter().map(|(name, epoch)| (account(name), *epoch)).collect())
}

/// Bob is there and works, carol is there.
fn two_providers() {
	provide("bob", General, emission::CAPACITY_START);
	provide("carol", General, emission::CAPACITY_START);
	settle("alice", "bob", 100 * UNIT);
}

#[test]
fn an_owner_claims_what_it_has_from_everything_at_once() {
	chain(|| {
		provide("alice", General, emission::CAPACITY_START);
		settle("carol", "alice", 100 * UNIT);
		epochs(1);
		let (_, last, reward) = rewards("alice")[0];
		assert_eq!((last, rewards("alice").len()), (CLAIM_EPOCHS, 1));
		// Alice writes the blocks, is there, and works.
		let report = report(0);
		assert_eq!(reward.availability, report.validators + report.providers);
		assert_eq!(reward.work, report.recycled);
		let before = free("alice");
		assert_ok!(BurnMint::claim(origin("alice")));
		assert_eq!(free("alice") - before, reward.total());
		assert_eq!(Minted::<Runtime>::get(MintKind::Availability), reward.availability);
		assert_eq!(Minted::<Runtime>::get(MintKind::Work), reward.work);
		assert_eq!(BurnMint::supply().unclaimed, report.treasury);
		let again = BurnMint::claim(origin("alice")).unwrap_err();
		assert_eq!(again.error, Error::<Runtime>::NothingToClaim.into());
		assert_eq!(again.post_info.actual_weight, Some(<() as WeightInfo>::claim(0)));
	});
}

#[test]
fn a_claim_takes_all_epochs_and_costs_what_it_found() {
	chain(|| {
		two_providers();
		epochs(5);
		assert_eq!(rewards("bob").len(), 5);
		let before = free("bob");
		let sum: Balance = rewards("bob").iter().map(|(_, _, reward)| reward.total()).sum();
		let info = BurnMint::claim(origin("bob")).unwrap();
		assert_eq!(info.actual_weight, Some(<() as WeightInfo>::claim(5)));
		let most = Call::<Runtime>::claim {}.get_dispatch_info().call_weight;
		assert_eq!(most, <() as WeightInfo>::claim(CLAIM_EPOCHS));
		assert_eq!(free("bob") - before, sum);
	});
}

#[test]
fn anybody_claims_for_others_once() {
	chain(|| {
		two_providers();
		epochs(2);
		let items = claims(&[
			("bob", 0),
			("bob", 0),
			("carol", 1),
			("dave", 0),
			("eve", 77),
			("treasury", 0),
		]);
		let (bob, carol) = (rewards("bob"), rewards("carol"));
		let before = (free("bob"), free("carol"), free("eve"));
		assert_ok!(BurnMint::claim_for(origin("eve"), items.clone()));
		assert_eq!(free("bob") - before.0, bob[0].2.total());
		assert_eq!(free("carol") - before.1, carol[1].2.total());
		assert_eq!(free("eve"), before.2);
		assert_eq!(free("treasury"), report(0).treasury);
		let nothing = DispatchError::from(Error::<Runtime>::NothingToClaim);
		assert_noop!(BurnMint::claim_for(origin("eve"), items), nothing);
		assert_noop!(BurnMint::claim_for(origin("eve"), claims(&[])), nothing);
		assert_eq!(rewards("bob"), bob[1..]);
	});
}

#[test]
fn what_is_too_small_for_a_new_account_is_passed_over_and_not_lost() {
	chain(|| {
		// The smallest rewards: half of a limit of a few planck.
		provide("new", General, 500_000_000_000);
		two_providers();
		PowerPrice::set(Some(100));
		epochs(1);
		let tiny = rewards("new")[0].2;
		assert!(tiny.total() > 0 && tiny.total() < MIN_BALANCE, "{tiny:?}");
		let nothing = DispatchError::from(Error::<Runtime>::NothingToClaim);
		assert_noop!(BurnMint::claim_for(origin("eve"), claims(&[("new", 0)])), nothing);
		let too_small = BurnMint::claim(origin("new")).unwrap_err();
		assert_eq!(too_small.error, Error::<Runtime>::BelowExistentialDeposit.into());
		assert_ok!(BurnMint::claim_for(origin("eve"), claims(&[("new", 0), ("bob", 0)])));
		assert_eq!(rewards("new"), [(0, CLAIM_EPOCHS, tiny)]);
		assert_ok!(Balances::transfer_keep_alive(origin("eve"), account("new"), MIN_BALANCE));
		assert_ok!(BurnMint::claim_for(origin("eve"), claims(&[("new", 0)])));
		assert_eq!(free("new"), MIN_BALANCE + tiny.total());
	});
}

#[test]
fn rewards_are_claimed_for_84_epochs_and_then_return_to_the_pools() {
	chain(|| {
		two_providers();
		epochs(1);
		let (bob, report) = (rewards("bob")[0].2, report(0));
		CalPrice::set(None);
		epochs(CLAIM_EPOCHS - 1);
		// The last epoch in which it can be claimed has begun.
		assert_eq!(CurrentEpoch::<Runtime>::get().index, CLAIM_EPOCHS);
		blocks(EPOCH - 1);
		assert_eq!(rewards("bob"), [(0, CLAIM_EPOCHS, bob)]);
		assert_ok!(BurnMint::claim_for(origin("eve"), claims(&[("carol", 0)])));
		let before = super::super::Pools::<Runtime>::get();
		blocks(1);
		assert_eq!(CurrentEpoch::<Runtime>::get().index, CLAIM_EPOCHS + 1);
		assert!(rewards("bob").is_empty());
		assert_eq!(BurnMint::epoch_report(0), None);
		let nothing = DispatchError::from(Error::<Runtime>::NothingToClaim);
		assert_noop!(BurnMint::claim_for(origin("eve"), claims(&[("bob", 0)])), nothing);
		let unclaimed = emission::total(&report.drawn).unwrap() - report.providers / 2;
		let back = emission::in_proportion(unclaimed, &report.drawn);
		System::assert_has_event(
			Event::EpochExpired { epoch: 0, returned: back, lapsed: bob.work }.into(),
		);
		let now = super::super::Pools::<Runtime>::get();
		let drawn = super::mock::report(CLAIM_EPOCHS).drawn;
		assert_eq!(now.simple, before.simple + back.simple - drawn.simple);
		assert_eq!(now.baseline, before.baseline + back.baseline - drawn.baseline);
		// Entries follow on idle, and work that was not claimed was never minted.
		blocks(1);
		assert!(Rewards::<Runtime>::iter_prefix(0).next().is_none());
		assert_eq!(CleanedTo::<Runtime>::get(), 1);
		assert_eq!(Minted::<Runtime>::get(MintKind::Work), 0);
	});
}

#[test]
fn who_forfeits_loses_all_up_to_the_epoch_under_way_and_its_marker_goes_with_it() {
	chain(|| {
		two_providers();
		epochs(3);
		settle("alice", "bob", 100 * UNIT);
		BurnMint::forfeit(&account("bob"));
		assert!(rewards("bob").is_empty());
		assert_eq!(rewards("carol").len(), 3);
		let nothing = DispatchError::from(Error::<Runtime>::NothingToClaim);
		assert_noop!(BurnMint::claim_for(origin("eve"), claims(&[("bob", 1)])), nothing);
		epochs(2);
		// That of the fourth epoch is void as well, that of the fifth is not.
		let left = rewards("bob");
		assert_eq!((left.len(), left[0].0), (1, 4));
		assert_ok!(BurnMint::claim(origin("bob")));
		BurnMint::forfeit(&account("bob"));
		BurnMint::forfeit(&account("eve"));
		assert_eq!(VoidTo::<Runtime>::iter().count(), 2);
		epochs(CLAIM_EPOCHS + 5);
		blocks(2);
		assert_eq!(VoidTo::<Runtime>::iter().count(), 0);
		assert_eq!(Epochs::<Runtime>::iter().count(), CLAIM_EPOCHS as usize);
	});
}
