// SPDX-License-Identifier: Apache-2.0
//! Stake in and out.

use crate::{
	Chunk, Config, Error, Event, Excluded, HoldReason, Ledgers, Pallet, Role, SlashDeferral,
	StakeLedger, UnbondingPeriod,
};
use calor_primitives::{now, traits::Liquidity, AccountId, Balance, BlockNumber};
use frame_support::{
	dispatch::DispatchResult,
	ensure,
	traits::{fungible::hold::Mutate as _, tokens::Precision, Get},
};
use sp_runtime::ArithmeticError;

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
		ensure!(T::Liquidity::liquid(who) >= amount, Error::<T>::BalanceTooLow);
		Ok(())
	}

	/// While a slash waits that is to take everything, nothing leaves and nothing is added.
	fn ensure_unlocked(ledger: &StakeLedger<T::MaxChunks>) -> DispatchResult {
		ensure!(ledger.forfeiture.is_none(), Error::<T>::ForfeiturePending);
		Ok(())
	}

	pub(crate) fn do_set_windows(
		unbonding_period: BlockNumber,
		slash_deferral: BlockNumber,
	) -> DispatchResult {
		ensure!(slash_deferral > 0, Error::<T>::BadWindows);
		ensure!(unbonding_period > T::LongestDispute::get(), Error::<T>::BadWindows);
		UnbondingPeriod::<T>::put(unbonding_period);
		SlashDeferral::<T>::put(slash_deferral);
		Self::deposit_event(Event::WindowsSet { unbonding_period, slash_deferral });
		Ok(())
	}

	pub(crate) fn do_bond(role: Role, who: AccountId, amount: Balance) -> DispatchResult {
		ensure!(!Excluded::<T>::contains_key(role, &who), Error::<T>::ExcludedForEver);
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
			Self::ensure_unlocked(ledger)?;
			let sum = ledger.active.checked_add(amount);
			ledger.active = sum.ok_or(ArithmeticError::Overflow)?;
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
			Self::ensure_unlocked(ledger)?;
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
		Self::ensure_unlocked(&ledger)?;
		let before = ledger.held();
		ledger.unbonding.retain(|chunk| chunk.at > now);
		let amount = before.saturating_sub(ledger.held());
		ensure!(amount > 0, Error::<T>::NothingDue);
		T::Currency::release(&Self::reason(role), &who, amount, Precision::Exact)?;
		Ledgers::<T>::insert(role, &who, ledger);
		Self::drop_if_empty(role, &who);
		Self::deposit_event(Event::Withdrawn { role, who, amount });
		Ok(())
	}
}
