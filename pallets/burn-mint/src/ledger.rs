// SPDX-License-Identifier: Apache-2.0
//! Burning, minting, settling, and the invariants that tie them together.

use crate::{Burned, Config, Error, Event, GenesisIssuance, Minted, Pallet};
use calor_primitives::{
	job::HardwareClass,
	money::{BurnKind, MintKind, Payment},
	traits::{BurnLedger, Invariants, MintAuthority, Settlement},
	AccountId, Balance,
};
use frame_support::{
	dispatch::DispatchResult,
	ensure,
	traits::{
		fungible::{hold::Mutate as _, Inspect, Mutate},
		tokens::{Fortitude, Precision, Preservation, Restriction},
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
		let after = T::Currency::total_issuance().checked_add(amount);
		ensure!(after.is_some_and(|a| a <= T::Cap::get()), Error::<T>::CapExceeded);
		T::Currency::mint_into(who, amount)?;
		Minted::<T>::mutate(kind, |total| *total = total.saturating_add(amount));
		Self::deposit_event(Event::Minted { who: who.clone(), kind, amount });
		Ok(())
	}
}

impl<T: Config> Settlement<T::RuntimeHoldReason> for Pallet<T> {
	fn settle(
		reason: &T::RuntimeHoldReason,
		client: &AccountId,
		provider: &AccountId,
		price: Balance,
		levy: Balance,
		class: HardwareClass,
	) -> Result<Payment, DispatchError> {
		let payment = Payment::of(price, levy, class);
		T::Currency::transfer_on_hold(
			reason,
			client,
			provider,
			payment.paid,
			Precision::Exact,
			Restriction::Free,
			Fortitude::Force,
		)?;
		if levy > 0 {
			T::Currency::transfer_on_hold(
				reason,
				client,
				&T::AuditPot::get(),
				levy,
				Precision::Exact,
				Restriction::Free,
				Fortitude::Force,
			)?;
		}
		Self::burn_held(reason, client, payment.burned, BurnKind::Settlement)?;
		Ok(payment)
	}
}

impl<T: Config> Pallet<T> {
	/// All burns together, in planck.
	pub fn total_burned() -> Balance {
		Burned::<T>::iter_values().fold(0, Balance::saturating_add)
	}

	/// All that was minted since genesis, in planck.
	pub fn total_minted() -> Balance {
		Minted::<T>::iter_values().fold(0, Balance::saturating_add)
	}
}

impl<T: Config> Invariants for Pallet<T> {
	fn check() -> Result<(), &'static str> {
		let issuance = T::Currency::total_issuance();
		let out = issuance.checked_add(Self::total_burned());
		let into = GenesisIssuance::<T>::get().checked_add(Self::total_minted());
		ensure!(out.is_some() && out == into, "issuance + burned != genesis + minted");
		ensure!(issuance <= T::Cap::get(), "issuance exceeds the cap");
		Ok(())
	}
}
