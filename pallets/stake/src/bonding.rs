// SPDX-License-Identifier: Apache-2.0
//! Stake in and out.

use crate::{
	Chunk, Config, Error, Event, HoldReason, Ledgers, Pallet, RecentFaults, Role, StakeLedger,
	UnbondingPeriod,
};
use calor_primitives::{now, AccountId, Balance};
use frame_support::{
	dispatch::DispatchResult,
	ensure,
	traits::{
		fungible::{hold::Mutate as _, Inspect},
		tokens::{Fortitude, Precision, Preservation},
		Get,
	},
};

impl<T: Config> Pallet<T> {
	/// The hold that belongs to a role.
	pub(crate) fn reason(role: Role) -> T::RuntimeHoldReason {
		match role {
			Role::Provider => HoldReason::Provider.into(),
			Role::Validator => HoldReason::Validator.into(),
		}
	}

	/// Stake must be money that its owner could also spend: a hold by itself takes unvested tokens too.
	fn ensure_liquid(who: &AccountId, amount: Balance) -> DispatchResult {
		let liquid = T::Currency::reducible_balance(who, Preservation::Preserve, Fortitude::Polite);
		ensure!(liquid >= amount, Error::<T>::BalanceTooLow);
		Ok(())
	}

	pub(crate) fn do_bond(role: Role, who: AccountId, amount: Balance) -> DispatchResult {
		ensure!(!Ledgers::<T>::contains_key(role, &who), Error::<T>::AlreadyBonded);
		ensure!(amount >= T::MinBond::get(), Error::<T>::BelowMinimum);
		Self::ensure_liquid(&who, amount)?;
		T::Currency::hold(&Self::reason(role), &who, amount)?;
		Ledgers::<T>::insert(role, &who, StakeLedger { active: amount, ..Default::default() });
		Self::deposit_event(Event::Bonded { role, who, amount });
		Ok(())
	}

	pub(crate) fn do_bond_more(role: Role, who: AccountId, amount: Balance) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::AmountIsZero);
		Self::ensure_liquid(&who, amount)?;
		Ledgers::<T>::try_mutate(role, &who, |ledger| -> DispatchResult {
			let ledger = ledger.as_mut().ok_or(Error::<T>::NotBonded)?;
			ledger.active =
				ledger.active.checked_add(amount).ok_or(sp_runtime::ArithmeticError::Overflow)?;
			// Someone whose stake was slashed away must come back with a whole bond.
			ensure!(ledger.active >= T::MinBond::get(), Error::<T>::BelowMinimum);
			T::Currency::hold(&Self::reason(role), &who, amount)
		})?;
		Self::deposit_event(Event::Bonded { role, who, amount });
		Ok(())
	}

	pub(crate) fn do_unbond(role: Role, who: AccountId, amount: Balance) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::AmountIsZero);
		let at = now::<T>().saturating_add(UnbondingPeriod::<T>::get());
		Ledgers::<T>::try_mutate(role, &who, |ledger| -> DispatchResult {
			let ledger = ledger.as_mut().ok_or(Error::<T>::NotBonded)?;
			ensure!(amount <= ledger.free(), Error::<T>::StakeInUse);
			let left = ledger.active.saturating_sub(amount);
			ensure!(left == 0 || left >= T::MinBond::get(), Error::<T>::BelowMinimum);
			ledger.active = left;
			match ledger.unbonding.last_mut().filter(|chunk| chunk.at == at) {
				Some(chunk) => chunk.amount = chunk.amount.saturating_add(amount),
				None => ledger
					.unbonding
					.try_push(Chunk { amount, at })
					.map_err(|_| Error::<T>::TooManyChunks)?,
			}
			Ok(())
		})?;
		Self::deposit_event(Event::Unbonded { role, who, amount, at });
		Ok(())
	}

	pub(crate) fn do_withdraw(role: Role, who: AccountId) -> DispatchResult {
		let now = now::<T>();
		let mut ledger = Ledgers::<T>::get(role, &who).ok_or(Error::<T>::NotBonded)?;
		let before = ledger.held();
		ledger.unbonding.retain(|chunk| chunk.at > now);
		let amount = before.saturating_sub(ledger.held());
		ensure!(amount > 0, Error::<T>::NothingDue);
		T::Currency::release(&Self::reason(role), &who, amount, Precision::Exact)?;
		if ledger.held() == 0 {
			Ledgers::<T>::remove(role, &who);
			// Faults outlive the stake until they are forgotten anyway, or leaving would wash them off.
			let forgotten = RecentFaults::<T>::get(&who)
				.is_some_and(|faults| now.saturating_sub(faults.last) > T::FaultMemory::get());
			if role == Role::Provider && forgotten {
				RecentFaults::<T>::remove(&who);
			}
		} else {
			Ledgers::<T>::insert(role, &who, ledger);
		}
		Self::deposit_event(Event::Withdrawn { role, who, amount });
		Ok(())
	}
}
