// SPDX-License-Identifier: Apache-2.0
//! Tokens set aside for work.
//!
//! Credits never leave their owner's account until they pay for a job, and cannot be given to anybody: they are a hold.
//! Ages are kept so that turning them back takes time, and spending takes the newest, so that nobody's oldest credits are
//! kept from being refunded by the work it buys.

use crate::{
	Chunks, Config, Credits as CreditsOf, CurrentWindows, Error, Event, HoldReason, Pallet,
};
use calor_primitives::{
	money::{ceil_of, cost_of_credits, BurnKind, PURCHASE_BURN, UNIT},
	now,
	supply::CreditChunk,
	traits::{BurnLedger, Credits, Liquidity},
	AccountId, Balance, BlockNumber,
};
use frame_support::{
	dispatch::DispatchResult,
	ensure,
	traits::{fungible::hold::Mutate as _, tokens::Precision},
};
use sp_runtime::ArithmeticError;

/// Least that is paid for credits in one purchase: each makes an entry that stays for long.
pub const MIN_PURCHASE: Balance = UNIT;

/// All of them, in planck: at most what is held.
pub(crate) fn total(chunks: &[CreditChunk]) -> Balance {
	chunks.iter().fold(0, |sum, chunk| sum.saturating_add(chunk.amount))
}

/// Adds credits of that age. With the newest, if there is no room for another age or it is the same: both then have the
/// later one, so that nobody makes credits older by buying more.
fn add(chunks: &mut Chunks, amount: Balance, refundable_at: BlockNumber) -> DispatchResult {
	let full = chunks.is_full();
	if let Some(newest) = chunks.last_mut() {
		if full || newest.refundable_at == refundable_at {
			newest.amount = newest.amount.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
			newest.refundable_at = newest.refundable_at.max(refundable_at);
			return Ok(());
		}
	}
	chunks
		.try_push(CreditChunk { amount, refundable_at })
		.map_err(|_| ArithmeticError::Overflow.into())
}

/// Takes up to `amount` from the chunks for which `may` holds, in the order that `newest_first` says; gives what was
/// missing.
fn take(
	chunks: &mut Chunks,
	amount: Balance,
	newest_first: bool,
	may: impl Fn(&CreditChunk) -> bool,
) -> Balance {
	let mut missing = amount;
	let mut take_from = |chunk: &mut CreditChunk| {
		if may(chunk) {
			let taken = chunk.amount.min(missing);
			// `taken` is at most either.
			chunk.amount = chunk.amount.saturating_sub(taken);
			missing = missing.saturating_sub(taken);
		}
	};
	if newest_first {
		chunks.iter_mut().rev().for_each(&mut take_from);
	} else {
		chunks.iter_mut().for_each(&mut take_from);
	}
	chunks.retain(|chunk| chunk.amount > 0);
	missing
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_buy_credits(who: &AccountId, amount: Balance) -> DispatchResult {
		ensure!(amount >= MIN_PURCHASE, Error::<T>::PurchaseTooSmall);
		ensure!(T::Liquidity::liquid(who) >= amount, Error::<T>::BalanceTooLow);
		let burned = ceil_of(PURCHASE_BURN, amount);
		let credits = amount.checked_sub(burned).ok_or(ArithmeticError::Underflow)?;
		Self::burn_free(who, burned, BurnKind::Purchase)?;
		Self::set_aside(who, credits)?;
		Self::deposit_event(Event::CreditsBought { who: who.clone(), credits, burned });
		Ok(())
	}

	/// Holds free balance as credits that are new.
	fn set_aside(who: &AccountId, amount: Balance) -> DispatchResult {
		let at = now::<T>().saturating_add(CurrentWindows::<T>::get().refund_after);
		let mut chunks = CreditsOf::<T>::get(who);
		add(&mut chunks, amount, at)?;
		T::Currency::hold(&HoldReason::Credits.into(), who, amount)?;
		CreditsOf::<T>::insert(who, chunks);
		Ok(())
	}

	/// Releases what was taken from chunks, and keeps what is left of these.
	fn release_credits(who: &AccountId, chunks: Chunks, amount: Balance) -> DispatchResult {
		T::Currency::release(&HoldReason::Credits.into(), who, amount, Precision::Exact)?;
		if chunks.is_empty() {
			CreditsOf::<T>::remove(who);
		} else {
			CreditsOf::<T>::insert(who, chunks);
		}
		Ok(())
	}

	pub(crate) fn do_refund_credits(who: &AccountId, amount: Option<Balance>) -> DispatchResult {
		let now = now::<T>();
		let old_enough = |chunk: &CreditChunk| chunk.refundable_at <= now;
		let mut chunks = CreditsOf::<T>::get(who);
		let all = chunks
			.iter()
			.filter(|chunk| old_enough(chunk))
			.fold(0, |sum: Balance, chunk| sum.saturating_add(chunk.amount));
		let amount = amount.unwrap_or(all);
		ensure!(amount > 0 && amount <= all, Error::<T>::CreditsTooYoung);
		take(&mut chunks, amount, false, old_enough);
		Self::release_credits(who, chunks, amount)?;
		Self::deposit_event(Event::CreditsRefunded { who: who.clone(), amount });
		Ok(())
	}
}

impl<T: Config> Credits for Pallet<T> {
	fn shortfall(who: &AccountId, amount: Balance) -> Option<Balance> {
		let have = total(&CreditsOf::<T>::get(who));
		cost_of_credits(amount.saturating_sub(have))
	}

	fn spend(who: &AccountId, amount: Balance) -> DispatchResult {
		if amount == 0 {
			return Ok(());
		}
		let mut chunks = CreditsOf::<T>::get(who);
		let missing = take(&mut chunks, amount, true, |_| true);
		let cost = cost_of_credits(missing).ok_or(Error::<T>::AmountTooLarge)?;
		ensure!(T::Liquidity::liquid(who) >= cost, Error::<T>::BalanceTooLow);
		if missing > 0 {
			// Bought and spent at once: what would be held is free already.
			let burned = cost.checked_sub(missing).ok_or(ArithmeticError::Underflow)?;
			Self::burn_free(who, burned, BurnKind::Purchase)?;
			Self::deposit_event(Event::CreditsBought {
				who: who.clone(),
				credits: missing,
				burned,
			});
		}
		// `missing` is at most the amount.
		let had = amount.saturating_sub(missing);
		if had > 0 {
			Self::release_credits(who, chunks, had)?;
		}
		Self::deposit_event(Event::CreditsSpent { who: who.clone(), amount });
		Ok(())
	}

	fn refund(who: &AccountId, amount: Balance) -> DispatchResult {
		if amount == 0 {
			return Ok(());
		}
		Self::set_aside(who, amount)?;
		Self::deposit_event(Event::CreditsReturned { who: who.clone(), amount });
		Ok(())
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_credits(who: &AccountId, amount: Balance) {
		use calor_primitives::traits::MintAuthority as _;
		use frame_support::assert_ok;
		let one = amount / Balance::from(crate::MAX_CHUNKS);
		assert!(one > 0, "too little for as many ages");
		assert_ok!(Self::mint(who, amount, calor_primitives::money::MintKind::Work));
		assert_ok!(T::Currency::hold(&HoldReason::Credits.into(), who, amount));
		let mut chunks = Chunks::default();
		for age in 0..crate::MAX_CHUNKS {
			assert_ok!(add(&mut chunks, one, now::<T>().saturating_add(age)));
		}
		let rest = amount.saturating_sub(total(&chunks));
		if let Some(newest) = chunks.last_mut() {
			newest.amount = newest.amount.saturating_add(rest);
		}
		CreditsOf::<T>::insert(who, chunks);
	}
}
