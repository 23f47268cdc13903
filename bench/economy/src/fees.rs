// SPDX-License-Identifier: Apache-2.0
//! Transaction fees. The small runtime charges none, so they are taken here and go where the pallet takes them.

use calor_mock::{Balances, Runtime};
use calor_primitives::{assurance::AUDIT_FEES, AccountId, Balance};
use frame_support::traits::{
	fungible::Balanced,
	tokens::{Fortitude, Precision, Preservation},
	Get, OnUnbalanced,
};
use pallet_burn_mint::fees::FeeSplit;
use std::cell::RefCell;

/// Fee of a transaction, in planck: what is reckoned for each of an auditor's four.
pub const FEE: Balance = AUDIT_FEES / 4;

thread_local! {
	static AUTHOR: RefCell<Option<AccountId>> = const { RefCell::new(None) };
}

/// Who makes the block.
struct Author;

impl Get<Option<AccountId>> for Author {
	fn get() -> Option<AccountId> {
		AUTHOR.with(|author| author.borrow().clone())
	}
}

/// From now on this account gets half of the fees.
pub fn set_author(who: &AccountId) {
	AUTHOR.with(|author| *author.borrow_mut() = Some(who.clone()));
}

/// Takes the fee of a transaction.
pub fn charge(who: &AccountId) {
	let fee = <Balances as Balanced<AccountId>>::withdraw(
		who,
		FEE,
		Precision::Exact,
		Preservation::Preserve,
		Fortitude::Polite,
	);
	let fee = fee.expect("who signs can pay the fee");
	FeeSplit::<Runtime, Balances, Author>::on_unbalanced(fee);
}
