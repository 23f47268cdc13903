// SPDX-License-Identifier: Apache-2.0
//! Where transaction fees and dust go.

use crate::{Config, Pallet};
use calor_primitives::{money::BurnKind, traits::BurnLedger, AccountId, Balance};
use core::marker::PhantomData;
use frame_support::traits::{
	fungible::{Balanced, Credit},
	Imbalance, OnUnbalanced,
};

/// Half of every transaction fee and of its tip is burned, the other half goes to the author of the block.
///
/// The odd planck is burned, and so is the author's half where no author can take it.
pub struct FeeSplit<T, C, Author>(PhantomData<(T, C, Author)>);

impl<T, C, Author> OnUnbalanced<Credit<AccountId, C>> for FeeSplit<T, C, Author>
where
	T: Config,
	C: Balanced<AccountId, Balance = Balance>,
	Author: frame_support::traits::Get<Option<AccountId>>,
{
	fn on_nonzero_unbalanced(amount: Credit<AccountId, C>) {
		let half = amount.peek() / 2;
		let (reward, mut burn) = amount.split(half);
		match Author::get() {
			Some(author) => {
				if let Err(refused) = C::resolve(&author, reward) {
					burn = burn.merge(refused);
				}
			},
			None => burn = burn.merge(reward),
		}
		burn_credit::<T, C>(burn, BurnKind::Fee);
	}
}

/// What remains of an account that fell below the existential deposit is burned.
pub struct BurnDust<T, C>(PhantomData<(T, C)>);

impl<T, C> OnUnbalanced<Credit<AccountId, C>> for BurnDust<T, C>
where
	T: Config,
	C: Balanced<AccountId, Balance = Balance>,
{
	fn on_nonzero_unbalanced(amount: Credit<AccountId, C>) {
		burn_credit::<T, C>(amount, BurnKind::Dust);
	}
}

fn burn_credit<T, C>(credit: Credit<AccountId, C>, kind: BurnKind)
where
	T: Config,
	C: Balanced<AccountId, Balance = Balance>,
{
	<Pallet<T> as BurnLedger<T::RuntimeHoldReason>>::record(kind, credit.peek());
	// Dropping a credit lowers issuance.
	drop(credit);
}
