// SPDX-License-Identifier: Apache-2.0
//! What is written down in the course of an epoch: who worked, who wrote blocks, and who checked proofs of capacity.
//!
//! Bookkeeping of rewards never makes a settlement or a block fail.

use crate::{Audited, Authored, Config, CurrentEpoch, Pallet, WorkOf, Worked};
use calor_primitives::{traits::AuditPay, AccountId, Balance};
use frame_system::pallet_prelude::BlockNumberFor;

impl<T: Config> Pallet<T> {
	/// Writes down a settlement: two entries, and none where nothing was burned that could be recycled.
	pub(crate) fn record_work(provider: &AccountId, price: Balance, burned: Balance) {
		// An account that was too small to be paid could not be rewarded either.
		if burned == 0 || !frame_system::Pallet::<T>::account_exists(provider) {
			return;
		}
		let epoch = CurrentEpoch::<T>::get().index;
		// Prices that are settled in an epoch add up to at most all tokens that there are, times the blocks in which they can
		// be settled again: 2^69 * 2^32.
		Worked::<T>::mutate(epoch, provider, |sum| *sum = sum.saturating_add(burned));
		WorkOf::<T>::mutate(epoch, |work| {
			work.price = work.price.saturating_add(price);
			work.burned = work.burned.saturating_add(burned);
		});
	}
}

impl<T: Config> pallet_authorship::EventHandler<AccountId, BlockNumberFor<T>> for Pallet<T> {
	fn note_author(author: AccountId) {
		CurrentEpoch::<T>::mutate(|epoch| {
			// An epoch has fewer than 2^32 blocks.
			epoch.authored = epoch.authored.saturating_add(1);
			Authored::<T>::mutate(epoch.index, author, |blocks| *blocks = blocks.saturating_add(1));
		});
	}
}

impl<T: Config> AuditPay for Pallet<T> {
	fn owe(auditor: &AccountId, amount: Balance) {
		CurrentEpoch::<T>::mutate(|epoch| {
			// What audits of an epoch are worth together fits a balance, unless prices are absurd: then this one is not paid.
			let Some(owed) = epoch.owed.checked_add(amount).filter(|_| amount > 0) else { return };
			epoch.owed = owed;
			// At most the sum of all.
			Audited::<T>::mutate(epoch.index, auditor, |sum| *sum = sum.saturating_add(amount));
		});
	}
}
