// SPDX-License-Identifier: Apache-2.0
//! Buying, spending and refunding credits.

use super::mock::*;
use crate::{Credits as CreditsOf, *};
use calor_primitives::{money::UNIT, supply::CreditChunk, traits::Credits as _};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchError, TokenError};

fn origin(name: &str) -> RuntimeOrigin {
	RuntimeOrigin::signed(account(name))
}

fn chunks(name: &str) -> Vec<(Balance, u32)> {
	let chunks = CreditsOf::<Runtime>::get(account(name));
	chunks
		.into_iter()
		.map(|CreditChunk { amount, refundable_at }| (amount, refundable_at))
		.collect()
}

#[test]
fn a_twentieth_of_a_purchase_is_burned_rounded_up() {
	chain(|| {
		assert_ok!(BurnMint::buy_credits(origin("alice"), UNIT + 1));
		let burned = UNIT / 20 + 1;
		assert_eq!(Burned::<Runtime>::get(BurnKind::Purchase), burned);
		assert_eq!(chunks("alice"), [(UNIT + 1 - burned, 1 + REFUND)]);
		assert_eq!(free("alice"), FUNDS - UNIT - 1);
		assert_noop!(
			BurnMint::buy_credits(origin("alice"), UNIT - 1),
			Error::<Runtime>::PurchaseTooSmall
		);
		assert_noop!(BurnMint::buy_credits(origin("bob"), FUNDS), Error::<Runtime>::BalanceTooLow);
		assert_ok!(BurnMint::buy_credits(origin("bob"), FUNDS - MIN_BALANCE));
	});
}

#[test]
fn credits_come_back_when_they_are_old_enough_oldest_first() {
	chain(|| {
		assert_ok!(BurnMint::buy_credits(origin("alice"), 20 * UNIT));
		blocks(1);
		assert_ok!(BurnMint::buy_credits(origin("alice"), 40 * UNIT));
		let young = DispatchError::from(Error::<Runtime>::CreditsTooYoung);
		assert_noop!(BurnMint::refund_credits(origin("alice"), None), young);
		blocks(REFUND - 1);
		assert_noop!(BurnMint::refund_credits(origin("alice"), Some(19 * UNIT + 1)), young);
		assert_noop!(BurnMint::refund_credits(origin("alice"), Some(0)), young);
		assert_ok!(BurnMint::refund_credits(origin("alice"), Some(18 * UNIT)));
		assert_eq!(chunks("alice"), [(UNIT, 1 + REFUND), (38 * UNIT, 2 + REFUND)]);
		blocks(1);
		assert_ok!(BurnMint::refund_credits(origin("alice"), None));
		assert!(chunks("alice").is_empty());
		assert_eq!(free("alice"), FUNDS - 3 * UNIT);
		assert_noop!(BurnMint::refund_credits(origin("bob"), None), young);
	});
}

#[test]
fn a_seventeenth_age_joins_the_newest_which_then_is_younger() {
	chain(|| {
		for _ in 0..MAX_CHUNKS + 2 {
			assert_ok!(BurnMint::buy_credits(origin("alice"), 20 * UNIT));
			blocks(1);
		}
		let chunks = chunks("alice");
		assert_eq!(chunks.len(), MAX_CHUNKS as usize);
		assert_eq!(chunks[14], (19 * UNIT, 15 + REFUND));
		assert_eq!(chunks[15], (3 * 19 * UNIT, 18 + REFUND));
	});
}

#[test]
fn shorter_windows_make_nothing_older() {
	chain(|| {
		assert_ok!(BurnMint::buy_credits(origin("alice"), 20 * UNIT));
		let windows = Windows { epoch: EPOCH, refund_after: 1 };
		assert_ok!(BurnMint::set_windows(RuntimeOrigin::root(), windows));
		assert_ok!(BurnMint::buy_credits(origin("alice"), 20 * UNIT));
		assert_eq!(chunks("alice"), [(19 * UNIT, 1 + REFUND), (19 * UNIT, 2)]);
		blocks(1);
		assert_ok!(BurnMint::refund_credits(origin("alice"), None));
		assert_eq!(chunks("alice"), [(19 * UNIT, 1 + REFUND)]);
	});
}

#[test]
fn spending_takes_the_newest_and_buys_what_is_missing() {
	chain(|| {
		let alice = account("alice");
		assert_ok!(BurnMint::buy_credits(origin("alice"), 20 * UNIT));
		blocks(1);
		assert_ok!(BurnMint::buy_credits(origin("alice"), 20 * UNIT));
		assert_eq!(BurnMint::shortfall(&alice, 38 * UNIT), Some(0));
		let before = free("alice");
		assert_ok!(BurnMint::spend(&alice, 20 * UNIT));
		assert_eq!(chunks("alice"), [(18 * UNIT, 1 + REFUND)]);
		assert_eq!(free("alice"), before + 20 * UNIT);
		// 19 more than there are cost 20.
		assert_eq!(BurnMint::shortfall(&alice, 37 * UNIT), Some(20 * UNIT));
		let (before, burned) = (free("alice"), Burned::<Runtime>::get(BurnKind::Purchase));
		assert_ok!(BurnMint::spend(&alice, 37 * UNIT));
		assert!(chunks("alice").is_empty());
		assert_eq!(Burned::<Runtime>::get(BurnKind::Purchase), burned + UNIT);
		assert_eq!(free("alice"), before + 17 * UNIT);
	});
}

#[test]
fn what_one_does_not_have_cannot_be_spent() {
	chain(|| {
		let alice = account("alice");
		let low = Error::<Runtime>::BalanceTooLow;
		assert_noop!(BurnMint::spend(&alice, FUNDS - MIN_BALANCE), low);
		assert_noop!(BurnMint::spend(&alice, Balance::MAX), Error::<Runtime>::AmountTooLarge);
		assert_eq!(BurnMint::shortfall(&alice, Balance::MAX), None);
		// The most that its balance buys.
		let most = (FUNDS - MIN_BALANCE) / 20 * 19;
		assert_eq!(BurnMint::shortfall(&alice, most), Some(FUNDS - MIN_BALANCE));
		assert_ok!(BurnMint::spend(&alice, most));
		assert_eq!(free("alice"), most + MIN_BALANCE);
	});
}

#[test]
fn what_comes_back_is_new_and_burns_nothing() {
	chain(|| {
		let alice = account("alice");
		assert_ok!(BurnMint::refund(&alice, 5));
		assert_eq!(chunks("alice"), [(5, 1 + REFUND)]);
		assert_ok!(BurnMint::refund(&alice, 0));
		assert_eq!(chunks("alice"), [(5, 1 + REFUND)]);
		assert_eq!(Burned::<Runtime>::get(BurnKind::Purchase), 0);
		let too_much = BurnMint::refund(&alice, FUNDS);
		assert_eq!(too_much, Err(TokenError::FundsUnavailable.into()));
	});
}
