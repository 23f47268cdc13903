// SPDX-License-Identifier: Apache-2.0
//! Disclosing, taking a disclosure back, and what becomes of a false one.

use crate::{
	Config, Error, Event, Filing, Filings, HoldReason, Obligation, Pallet, Records,
	ReportedProviders,
};
use alloc::collections::BTreeSet;
use calor_primitives::{
	fault::Fault,
	group::Disclosure,
	money::BurnKind,
	now,
	traits::{BurnLedger, Collateral, Liquidity, OwnerGroups},
	AccountId, Balance, H256,
};
use frame_support::{
	dispatch::DispatchResult,
	ensure,
	storage::with_storage_layer,
	traits::{fungible::hold::Mutate as _, tokens::Precision, Get},
};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_file(group: AccountId, disclosure: Disclosure) -> DispatchResult {
		ensure!(T::Groups::group_of(&group).head == group, Error::<T>::NotHead);
		// An entry more or less is what the deposit is for: a filing that replaces one keeps its deposit.
		let deposit = match Filings::<T>::get(&group) {
			Some(filing) => filing.deposit,
			None => Self::hold_deposit(&group)?,
		};
		Filings::<T>::insert(&group, Filing { disclosure, at: now::<T>(), deposit });
		Self::deposit_event(Event::Filed { group: group.clone(), disclosure });
		Self::change_obligation(&group, |obligation| match obligation {
			Obligation::Owes { by } => Obligation::Met { by },
			unchanged => unchanged,
		});
		Ok(())
	}

	pub(crate) fn do_withdraw_filing(group: AccountId) -> DispatchResult {
		let filing = Filings::<T>::get(&group).ok_or(Error::<T>::NoFiling)?;
		let obligation = Records::<T>::get(&group).unwrap_or_default().obligation;
		ensure!(!obligation.stands(), Error::<T>::DutyStands);
		T::Currency::release(&Self::reason(), &group, filing.deposit, Precision::Exact)?;
		Filings::<T>::remove(&group);
		Self::deposit_event(Event::FilingWithdrawn { group });
		Ok(())
	}

	pub(crate) fn do_report_false(
		group: AccountId,
		providers: ReportedProviders,
		evidence: H256,
	) -> DispatchResult {
		let filing = Filings::<T>::take(&group);
		if let Some(filing) = &filing {
			T::Burns::burn_held(&Self::reason(), &group, filing.deposit, BurnKind::Slash)?;
		}
		let named: BTreeSet<AccountId> = providers.into_iter().collect();
		let mut forfeited = 0u32;
		for provider in named {
			if Self::forfeit(&group, &provider, evidence).is_ok() {
				forfeited = forfeited.saturating_add(1);
			}
		}
		ensure!(filing.is_some() || forfeited > 0, Error::<T>::NothingFalse);
		Self::deposit_event(Event::FoundFalse { group: group.clone(), forfeited, evidence });
		Self::change_obligation(&group, |obligation| match obligation {
			Obligation::Met { by } => Obligation::Owes { by },
			unchanged => unchanged,
		});
		Ok(())
	}

	/// Forfeits the stake of a provider of that group, or does nothing.
	fn forfeit(group: &AccountId, provider: &AccountId, evidence: H256) -> DispatchResult {
		ensure!(T::Groups::group_of(provider).head == *group, Error::<T>::NothingFalse);
		with_storage_layer(|| {
			T::Collateral::forfeit(provider, Fault::FalseDisclosure, None, evidence)
		})
	}

	fn change_obligation(group: &AccountId, change: impl FnOnce(Obligation) -> Obligation) {
		Records::<T>::mutate_extant(group, |record| {
			let obligation = change(record.obligation);
			Self::oblige(group, record, obligation);
		});
	}

	fn hold_deposit(who: &AccountId) -> Result<Balance, DispatchError> {
		let deposit = T::FilingDeposit::get();
		ensure!(T::Liquidity::liquid(who) >= deposit, Error::<T>::BalanceTooLow);
		T::Currency::hold(&Self::reason(), who, deposit)?;
		Ok(deposit)
	}

	/// The hold of deposits.
	pub(crate) fn reason() -> T::RuntimeHoldReason {
		HoldReason::Filing.into()
	}
}
