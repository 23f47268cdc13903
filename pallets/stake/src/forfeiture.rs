// SPDX-License-Identifier: Apache-2.0
//! Faults that cost everything: all stake is taken, and the account never takes part again.

use crate::{
	Config, Error, Event, Excluded, Exclusion, Ledgers, Pallet, PendingSlash, RecentFaults, Role,
	SlashId,
};
use calor_primitives::{
	fault::{Fault, Severity},
	now,
	traits::OnForfeit,
	AccountId, H256,
};
use frame_support::{dispatch::DispatchResult, ensure};

impl<T: Config> Pallet<T> {
	/// Takes all stake of a role, at once if the fault is proved, else after the deferral. Until then nothing leaves.
	pub fn do_forfeit(
		role: Role,
		who: &AccountId,
		fault: Fault,
		prover: Option<&AccountId>,
		evidence: H256,
	) -> DispatchResult {
		ensure!(fault.severity() == Severity::Everything, Error::<T>::WrongSeverity);
		let ledger = Ledgers::<T>::get(role, who).ok_or(Error::<T>::NotBonded)?;
		let case = PendingSlash {
			role,
			who: who.clone(),
			job: None,
			fault,
			amount: ledger.held(),
			client: None,
			prover: prover.cloned(),
			evidence,
			applies_at: Self::deferred_to(),
			appeal: None,
		};
		if fault.is_proved() {
			return Self::act(None, case);
		}
		ensure!(ledger.forfeiture.is_none(), Error::<T>::ForfeiturePending);
		let id = Self::defer(case)?;
		Self::with_ledger(role, who, |ledger| {
			ledger.forfeiture = Some(id);
			Ok(())
		})
	}

	/// Slashes whatever is held, bonded or unbonding, and excludes the account. Slashes that wait for its jobs find
	/// nothing left, and neither do jobs that still have its earmarks.
	pub(crate) fn take_everything(id: Option<SlashId>, case: PendingSlash) -> DispatchResult {
		let PendingSlash { role, who, fault, evidence, .. } = case.clone();
		let ledger = Ledgers::<T>::take(role, &who).ok_or(Error::<T>::NotBonded)?;
		let slash = Self::divide(&case, ledger.held())?;
		Excluded::<T>::insert(role, &who, Exclusion { fault, evidence, at: now::<T>() });
		Self::conclude(id, case, slash);
		Self::deposit_event(Event::AccountExcluded { role, who: who.clone(), fault, evidence });
		if role == Role::Provider {
			// It will never have a next fault.
			RecentFaults::<T>::remove(&who);
			T::OnForfeit::forfeited(&who);
		}
		Ok(())
	}
}
