// SPDX-License-Identifier: Apache-2.0
//! Claims: each reward once, to its owner, in its time.

use crate::ground::*;
use calor_mock::*;
use calor_primitives::{
	fault::Fault,
	job::HardwareClass,
	money::{MintKind, UNIT},
	supply::Reward,
	traits::Unclaimed,
	AccountId, Balance, EpochIndex, H256,
};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use pallet_burn_mint::{
	emission, Authored, Claims, CurrentEpoch, Epochs, Error, Minted, Pools, Rewards, VoidTo,
	CLAIM_EPOCHS,
};
use pallet_stake::Role;

const BIG: u64 = 4_000_000_000_000_000;

fn claim_for(items: &[(AccountId, EpochIndex)]) -> DispatchResult {
	let items = Claims::try_from(items.to_vec()).expect("at most 100");
	BurnMint::claim_for(by(&account("eve")), items)
}

fn claim_own(who: &AccountId) -> DispatchResult {
	BurnMint::claim(by(who)).map(|_| ()).map_err(|refused| refused.error)
}

fn balance(who: &AccountId) -> Balance {
	use frame_support::traits::fungible::Inspect;
	Balances::total_balance(who)
}

fn nothing() -> Error<Runtime> {
	Error::<Runtime>::NothingToClaim
}

/// Bob has worked and been there for an epoch; gives that epoch and his reward.
fn earned(who: &AccountId) -> (EpochIndex, Reward) {
	seat(who, HardwareClass::General, BIG, REWARD_EPOCH);
	work(who, 1_000_000_000_000);
	let closing = epoch();
	finish_epoch();
	let reward = reward_of(who, closing);
	assert!(reward.availability > 0 && reward.work > 0);
	(closing, reward)
}

#[test]
fn nothing_pays_twice() {
	on_new_chain(|| {
		let bob = account("bob");
		let (epoch, reward) = earned(&bob);
		let before = balance(&bob);
		assert_ok!(claim_for(&vec![(bob.clone(), epoch); 100]));
		assert_eq!(balance(&bob), before + reward.total(), "a hundred times the same is once");
		assert_noop!(claim_for(&[(bob.clone(), epoch)]), nothing());
		assert_noop!(claim_own(&bob), nothing());
		assert_eq!(Minted::<Runtime>::get(MintKind::Availability), reward.availability);
		assert_eq!(Minted::<Runtime>::get(MintKind::Work), reward.work);
		let left = Epochs::<Runtime>::get(epoch).unwrap().unclaimed;
		assert_eq!(left, sum(rewards_of(epoch).into_iter().map(|(_, reward)| reward)));
		money_holds();
	});
}

#[test]
fn a_claim_in_parts_is_the_same_as_one() {
	let played = |in_parts: bool| {
		on_new_chain(|| {
			let bob = account("bob");
			let epochs: Vec<_> = (0..5).map(|_| earned(&bob).0).collect();
			let before = balance(&bob);
			match in_parts {
				true => epochs.iter().for_each(|epoch| {
					assert_ok!(claim_for(&[(bob.clone(), *epoch)]));
				}),
				false => {
					assert_ok!(claim_own(&bob));
				},
			}
			balance(&bob) - before
		})
	};
	assert_eq!(played(true), played(false));
}

#[test]
fn whoever_claims_for_others_gets_nothing_and_items_without_a_reward_are_passed_over() {
	on_new_chain(|| {
		let (bob, eve) = (account("bob"), account("eve"));
		let (closed, reward) = earned(&bob);
		let (rich, poor) = (balance(&eve), balance(&bob));
		let strangers = [
			(eve.clone(), closed),
			(bob.clone(), closed + 1),
			(bob.clone(), EpochIndex::MAX),
			(owner(77), 0),
			(bob.clone(), closed),
			(bob.clone(), closed),
		];
		assert_ok!(claim_for(&strangers));
		assert_eq!(balance(&eve), rich);
		assert_eq!(balance(&bob), poor + reward.total());
		assert_noop!(claim_for(&strangers), nothing());
		assert_noop!(claim_for(&[]), nothing());
	});
}

#[test]
fn rewards_wait_for_the_end_of_the_close() {
	on_new_chain(|| {
		narrow_close(1);
		let bob = account("bob");
		for n in 0..20 {
			seat(&owner(n), HardwareClass::Tensor, BIG, REWARD_EPOCH);
		}
		seat(&bob, HardwareClass::General, BIG, REWARD_EPOCH);
		let closing = epoch();
		go_to(epoch_end());
		let mut was_paid = 0;
		while is_closing() {
			was_paid += u32::from(reward_of(&bob, closing).availability > 0);
			assert_noop!(claim_own(&bob), nothing());
			assert_noop!(claim_for(&[(bob.clone(), closing)]), nothing());
			block();
			money_holds();
		}
		assert!(was_paid > 3, "his reward stood there before it could be claimed");
		assert_ok!(claim_own(&bob));
	});
}

/// Claims are taken in the course of the 84 epochs after their own, and not a block later. What is left goes back to the
/// pools that it came from, and work lapses.
#[test]
fn what_nobody_claims_returns_after_84_epochs() {
	on_new_chain(|| {
		let (bob, carol) = (account("bob"), account("carol"));
		seat(&carol, HardwareClass::General, BIG / 3, REWARD_EPOCH);
		work(&carol, 777_777_777);
		let (first, reward) = earned(&bob);
		let carols = reward_of(&carol, first);
		// From now on nobody is there, and nothing but the treasury's part is paid.
		let report = BurnMint::epoch_report(first).unwrap();
		assert!(report.drawn.simple > 0 && report.drawn.baseline > 0);
		while epoch() < first + CLAIM_EPOCHS {
			finish_epoch();
		}
		go_to(epoch_end() - 1);
		assert_eq!(epoch(), first + CLAIM_EPOCHS, "the last block of the 84th epoch after");
		assert_ok!(claim_for(&[(carol.clone(), first)]));
		let minted = Minted::<Runtime>::get(MintKind::Work);

		let (before, unclaimed) =
			(Pools::<Runtime>::get(), Epochs::<Runtime>::get(first).unwrap().unclaimed);
		assert!(unclaimed.availability >= reward.availability);
		block();
		assert_eq!(epoch(), first + CLAIM_EPOCHS + 1);
		assert!(!is_closing(), "closed within the block");
		let closed = BurnMint::epoch_report(first + CLAIM_EPOCHS).unwrap();
		let after = Pools::<Runtime>::get();
		let returned = emission::in_proportion(unclaimed.availability, &report.drawn);
		assert_eq!(after.simple + closed.drawn.simple, before.simple + returned.simple);
		assert_eq!(after.baseline + closed.drawn.baseline, before.baseline + returned.baseline);
		assert!(returned.simple <= report.drawn.simple);
		assert!(returned.baseline <= report.drawn.baseline);
		assert_eq!(returned.simple + returned.baseline, unclaimed.availability);
		assert_eq!(Minted::<Runtime>::get(MintKind::Work), minted, "work lapses");

		assert_noop!(claim_own(&bob), nothing());
		assert_noop!(claim_for(&[(bob.clone(), first), (carol, first)]), nothing());
		money_holds();
		assert_eq!(Minted::<Runtime>::get(MintKind::Availability), carols.availability);
		// What has expired is cleaned up on idle and leaves nothing.
		for _ in 0..3 {
			block();
		}
		assert_eq!(Rewards::<Runtime>::iter_prefix(first).count(), 0);
		money_holds();
	});
}

#[test]
fn what_is_forfeited_is_never_paid_and_returns_with_its_epoch() {
	on_new_chain(|| {
		let bob = account("bob");
		let (first, _) = earned(&bob);
		let (second, lost) = earned(&bob);
		seat(&bob, HardwareClass::General, BIG, REWARD_EPOCH);
		// In the middle of a third epoch, which is lost too.
		<BurnMint as Unclaimed>::forfeit(&bob);
		work(&bob, 5_000_000_000);
		let third = epoch();
		finish_epoch();
		assert!(reward_of(&bob, third).total() > 0);
		assert_noop!(claim_own(&bob), nothing());
		let lost_items = [first, second, third].map(|epoch| (bob.clone(), epoch));
		assert_noop!(claim_for(&lost_items), nothing());
		assert!(BurnMint::purse(bob.clone()).rewards.is_empty());
		// The next one is his.
		let (fourth, kept) = earned(&bob);
		let before = balance(&bob);
		assert_ok!(claim_own(&bob));
		assert_eq!(balance(&bob), before + kept.total());
		assert_noop!(claim_for(&lost_items), nothing());

		pallet_providers::Providers::<Runtime>::remove(&bob);
		while epoch() <= third + CLAIM_EPOCHS {
			assert_noop!(claim_own(&bob), nothing());
			let before = Pools::<Runtime>::get();
			let expired = epoch() - CLAIM_EPOCHS.min(epoch());
			let unclaimed = Epochs::<Runtime>::get(expired).map(|record| record.unclaimed);
			let report = finish_epoch();
			let after = Pools::<Runtime>::get();
			if epoch() > CLAIM_EPOCHS {
				let back = unclaimed.unwrap_or_default().availability;
				let change = after.simple + after.baseline + report.treasury;
				assert_eq!(change, before.simple + before.baseline + back);
				assert!(expired != second || back >= lost.availability);
			}
		}
		block();
		block();
		assert!(!VoidTo::<Runtime>::contains_key(&bob), "the marker is gone with its epoch");
		assert_noop!(claim_for(&lost_items), nothing());
		assert_noop!(claim_for(&[(bob, fourth)]), nothing());
	});
}

/// A slash that acts while a close pays takes what is being paid.
#[test]
fn a_slash_in_the_middle_of_a_close_takes_what_the_close_pays() {
	on_new_chain(|| {
		narrow_close(1);
		let bob = account("bob");
		for n in 0..10 {
			seat(&owner(n), HardwareClass::Tensor, BIG, REWARD_EPOCH);
		}
		assert_ok!(Stake::bond(by(&bob), Role::Provider, BOND));
		let ledger = pallet_stake::Ledgers::<Runtime>::get(Role::Provider, &bob);
		seat(&bob, HardwareClass::General, BIG, REWARD_EPOCH);
		pallet_stake::Ledgers::<Runtime>::set(Role::Provider, &bob, ledger);
		let closing = epoch();
		go_to(epoch_end());
		while reward_of(&bob, closing).total() == 0 {
			block();
		}
		assert!(is_closing());
		let evidence = H256::repeat_byte(1);
		pallet_providers::Providers::<Runtime>::remove(&bob);
		assert_ok!(Stake::do_forfeit(Role::Provider, &bob, Fault::ForgedCapacity, None, evidence));
		while is_closing() {
			block();
		}
		money_holds();
		assert_noop!(claim_own(&bob), nothing());
		assert_noop!(claim_for(&[(bob.clone(), closing)]), nothing());
	});
}

/// Rewards smaller than the least balance wait for an account, and are never lost.
#[test]
fn dust_waits_for_an_account() {
	on_new_chain(|| {
		let (speck, crowd) = (owner(9), owner(10));
		let (closing, blocks) = (epoch(), 200_000_000);
		author_is(speck.clone());
		// As many blocks of somebody else as nobody could play.
		Authored::<Runtime>::insert(closing, &crowd, blocks);
		CurrentEpoch::<Runtime>::mutate(|epoch| epoch.authored += blocks);
		finish_epoch();
		let reward = reward_of(&speck, closing).total();
		let least = UNIT / 1_000;
		assert!(reward > 0 && reward < least, "{reward}");
		assert_noop!(claim_for(&[(speck.clone(), closing)]), nothing());
		assert_noop!(claim_own(&speck), Error::<Runtime>::BelowExistentialDeposit);
		assert_ok!(claim_for(&[(speck.clone(), closing), (crowd.clone(), closing)]));
		assert!(balance(&crowd) > 0, "an item that is passed over does no harm to others");
		assert_eq!(reward_of(&speck, closing).total(), reward, "passed over, not lost");
		fund(&speck, least);
		assert_ok!(claim_for(&[(speck.clone(), closing)]));
		assert_eq!(balance(&speck), least + reward);
	});
}

/// Several rewards that are dust each are claimed at once by whom they bring into being together.
#[test]
fn dust_of_many_epochs_brings_an_account_into_being() {
	on_new_chain(|| {
		let speck = owner(9);
		let blocks = 20_000_000;
		for _ in 0..3 {
			let closing = epoch();
			author_is(speck.clone());
			Authored::<Runtime>::insert(closing, owner(10), blocks);
			CurrentEpoch::<Runtime>::mutate(|epoch| epoch.authored += blocks);
			finish_epoch();
		}
		let all: Balance = BurnMint::purse(speck.clone()).rewards.iter().map(|r| r.2.total()).sum();
		assert!(all >= UNIT / 1_000 && all / 3 < UNIT / 1_000, "{all}");
		assert_ok!(claim_own(&speck));
		assert_eq!(balance(&speck), all);
	});
}
