// SPDX-License-Identifier: Apache-2.0
//! Stake behind jobs: earmarked, freed, penalised.

use crate::{Config, Earmarks, Error, Event, Excluded, Ledgers, Pallet, PendingSlash, Role};
use alloc::vec::Vec;
use calor_primitives::{
	fault::{Fault, Severity},
	money::ceil_of,
	traits::Collateral,
	AccountId, Balance, JobId, H256,
};
use frame_support::{dispatch::DispatchResult, ensure};
use sp_runtime::{ArithmeticError, DispatchError, Perbill};

impl<T: Config> Pallet<T> {
	/// Frees so much of what stands behind a job.
	fn unmark(who: &AccountId, job: JobId, amount: Balance) -> DispatchResult {
		if amount == 0 {
			return Ok(());
		}
		Self::with_ledger(Role::Provider, who, |ledger| Ok(ledger.unmark(amount)?))?;
		Self::deposit_event(Event::Released { who: who.clone(), job, amount });
		Ok(())
	}

	/// What of an earmark a fault costs.
	fn penalty(who: &AccountId, fault: Fault) -> Result<Perbill, DispatchError> {
		match fault.severity() {
			Severity::Rising => Ok(Self::no_show(who)),
			Severity::Earmark => Ok(Perbill::one()),
			Severity::Everything => Err(Error::<T>::WrongSeverity.into()),
		}
	}
}

impl<T: Config> Collateral for Pallet<T> {
	fn free(provider: &AccountId) -> Option<Balance> {
		let ledger = Ledgers::<T>::get(Role::Provider, provider)?;
		// Nothing new can be put behind a job by whoever is about to lose everything.
		(ledger.active > 0 && ledger.forfeiture.is_none()).then(|| ledger.free())
	}

	fn bonded(provider: &AccountId) -> Balance {
		let ledger = Ledgers::<T>::get(Role::Provider, provider);
		ledger.filter(|ledger| ledger.forfeiture.is_none()).map_or(0, |ledger| ledger.active)
	}

	fn earmark(provider: &AccountId, job: JobId, amount: Balance) -> DispatchResult {
		ensure!(!Earmarks::<T>::contains_key(provider, job), Error::<T>::AlreadyEarmarked);
		Self::with_ledger(Role::Provider, provider, |ledger| {
			ensure!(amount <= ledger.free(), Error::<T>::TooLittleStake);
			let sum = ledger.earmarked.checked_add(amount);
			ledger.earmarked = sum.ok_or(ArithmeticError::Overflow)?;
			Ok(())
		})?;
		Earmarks::<T>::insert(provider, job, amount);
		Self::deposit_event(Event::Earmarked { who: provider.clone(), job, amount });
		Ok(())
	}

	fn release(provider: &AccountId, job: JobId) -> DispatchResult {
		let amount = Earmarks::<T>::take(provider, job).ok_or(Error::<T>::NoEarmark)?;
		match Ledgers::<T>::contains_key(Role::Provider, provider) {
			true => Self::unmark(provider, job, amount),
			false => Ok(()),
		}
	}

	fn penalise(
		provider: &AccountId,
		job: JobId,
		fault: Fault,
		client: Option<&AccountId>,
		prover: Option<&AccountId>,
		evidence: H256,
	) -> Result<Balance, DispatchError> {
		let part = Self::penalty(provider, fault)?;
		let earmark = Earmarks::<T>::take(provider, job).ok_or(Error::<T>::NoEarmark)?;
		// A penalty is a charge: it rounds up, and is never more than its whole.
		let amount = ceil_of(part, earmark);
		if amount == 0 || !Ledgers::<T>::contains_key(Role::Provider, provider) {
			return Ok(0);
		}
		Self::remember(provider);
		Self::unmark(provider, job, earmark.saturating_sub(amount))?;
		let case = PendingSlash {
			role: Role::Provider,
			who: provider.clone(),
			job: Some(job),
			fault,
			amount,
			client: client.cloned(),
			prover: prover.cloned(),
			evidence,
			applies_at: Self::deferred_to(),
			appeal: None,
		};
		if fault.is_proved() {
			Self::act(None, case)?;
		} else {
			Self::defer(case)?;
		}
		Ok(amount)
	}

	fn forfeit(
		provider: &AccountId,
		fault: Fault,
		prover: Option<&AccountId>,
		evidence: H256,
	) -> DispatchResult {
		Self::do_forfeit(Role::Provider, provider, fault, prover, evidence)
	}

	fn is_excluded(provider: &AccountId) -> bool {
		Excluded::<T>::contains_key(Role::Provider, provider)
	}

	fn has_jobs(provider: &AccountId) -> bool {
		Earmarks::<T>::iter_key_prefix(provider).next().is_some()
	}

	fn jobs_of(provider: &AccountId) -> Vec<JobId> {
		Earmarks::<T>::iter_key_prefix(provider).collect()
	}

	fn some_jobs_of(provider: &AccountId, most: u32) -> Vec<JobId> {
		Earmarks::<T>::iter_key_prefix(provider).take(most as usize).collect()
	}

	fn earmarks() -> Vec<(AccountId, JobId, Balance)> {
		Earmarks::<T>::iter().collect()
	}
}
