// SPDX-License-Identifier: Apache-2.0
//! Burning, minting and settling.

use crate::{Burned, Config, Error, Event, Minted, Pallet};
use calor_primitives::{
	job::HardwareClass,
	money::{BurnKind, MintKind, Payment, Price},
	supply::Reward,
	traits::{BurnLedger, MintAuthority, Settlement},
	AccountId, Balance,
};
use frame_support::{
	dispatch::DispatchResult,
	ensure,
	traits::{
		fungible::{hold::Mutate as _, Inspect, Mutate},
		tokens::{DepositConsequence, Fortitude, Precision, Preservation, Provenance, Restriction},
		Get,
	},
};
use sp_runtime::DispatchError;

impl<T: Config> BurnLedger<T::RuntimeHoldReason> for Pallet<T> {
	fn burn_held(
		reason: &T::RuntimeHoldReason,
		who: &AccountId,
		amount: Balance,
		kind: BurnKind,
	) -> DispatchResult {
		T::Currency::burn_held(reason, who, amount, Precision::Exact, Fortitude::Force)?;
		Self::record(kind, amount);
		Ok(())
	}

	fn burn_free(who: &AccountId, amount: Balance, kind: BurnKind) -> DispatchResult {
		T::Currency::burn_from(
			who,
			amount,
			Preservation::Preserve,
			Precision::Exact,
			Fortitude::Polite,
		)?;
		Self::record(kind, amount);
		Ok(())
	}

	fn record(kind: BurnKind, amount: Balance) {
		if amount == 0 {
			return;
		}
		// No kind can pass the cap plus all that was ever minted, which fits u128 many times over.
		Burned::<T>::mutate(kind, |total| *total = total.saturating_add(amount));
		Self::deposit_event(Event::Burned { kind, amount });
	}
}

impl<T: Config> MintAuthority for Pallet<T> {
	fn mint(who: &AccountId, amount: Balance, kind: MintKind) -> DispatchResult {
		Self::mint_within_cap(who, amount)?;
		Self::record_mint(who, amount, kind);
		Ok(())
	}
}

impl<T: Config> Settlement<T::RuntimeHoldReason> for Pallet<T> {
	fn settle(
		reason: &T::RuntimeHoldReason,
		client: &AccountId,
		provider: &AccountId,
		price: Price,
		levy: Balance,
		class: HardwareClass,
	) -> Result<Payment, DispatchError> {
		let payment = Payment::of(price, levy, class);
		Self::pay_held(reason, client, provider, payment.paid)?;
		Self::pay_held(reason, client, &T::AuditPot::get(), levy)?;
		Self::burn_held(reason, client, payment.burned, BurnKind::Settlement)?;
		if payment.withheld > 0 {
			Self::burn_held(reason, client, payment.withheld, BurnKind::Withheld)?;
		}
		Self::record_work(provider, price.price, payment.burned);
		Ok(payment)
	}
}

impl<T: Config> Pallet<T> {
	/// Pays from what `from` has on hold.
	fn pay_held(
		reason: &T::RuntimeHoldReason,
		from: &AccountId,
		to: &AccountId,
		amount: Balance,
	) -> DispatchResult {
		if amount > 0 {
			T::Currency::transfer_on_hold(
				reason,
				from,
				to,
				amount,
				Precision::Exact,
				Restriction::Free,
				Fortitude::Force,
			)?;
		}
		Ok(())
	}

	/// Mints a reward at once, since a new account may need both parts of it to exist, and writes it down by kind.
	pub(crate) fn mint_reward(who: &AccountId, reward: Reward) -> DispatchResult {
		let amount = reward.total();
		let deposit = T::Currency::can_deposit(who, amount, Provenance::Minted);
		let is_too_small = matches!(deposit, DepositConsequence::BelowMinimum);
		ensure!(!is_too_small, Error::<T>::BelowExistentialDeposit);
		Self::mint_within_cap(who, amount)?;
		Self::record_mint(who, reward.availability, MintKind::Availability);
		Self::record_mint(who, reward.work, MintKind::Work);
		Ok(())
	}

	fn mint_within_cap(who: &AccountId, amount: Balance) -> DispatchResult {
		let after = T::Currency::total_issuance().checked_add(amount);
		ensure!(after.is_some_and(|a| a <= T::Cap::get()), Error::<T>::CapExceeded);
		T::Currency::mint_into(who, amount)?;
		Ok(())
	}

	fn record_mint(who: &AccountId, amount: Balance, kind: MintKind) {
		if amount == 0 {
			return;
		}
		// No kind can pass the cap plus all that was ever burned, which fits u128 many times over.
		Minted::<T>::mutate(kind, |total| *total = total.saturating_add(amount));
		Self::deposit_event(Event::Minted { who: who.clone(), kind, amount });
	}

	/// All burns together, in planck.
	pub fn total_burned() -> Balance {
		Burned::<T>::iter_values().fold(0, Balance::saturating_add)
	}

	/// All that was minted since genesis, in planck.
	pub fn total_minted() -> Balance {
		Minted::<T>::iter_values().fold(0, Balance::saturating_add)
	}
}
