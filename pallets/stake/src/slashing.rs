// SPDX-License-Identifier: Apache-2.0
//! Stake behind jobs: earmarks, slashes, and the invariants of both.

use crate::{
	Config, Earmarks, Error, Event, Faults, Ledgers, Pallet, RecentFaults, Role, StakeLedger,
};
use alloc::{collections::BTreeMap, vec::Vec};
use calor_primitives::{
	money::{floor_of, BurnKind, Slash, SLASH_TO_CLIENT, SLASH_TO_PROVER},
	now,
	traits::{BurnLedger, Collateral, Invariants},
	AccountId, Balance, JobId,
};
use frame_support::{
	dispatch::DispatchResult,
	ensure,
	traits::{
		fungible::hold::{Inspect as _, Mutate as _},
		tokens::{Fortitude, Precision, Restriction},
		Get,
	},
};
use sp_runtime::{DispatchError, Perbill};

/// What the first failure to deliver costs, of the earmark. Each repeat within memory doubles it.
const NO_SHOW: Perbill = Perbill::from_percent(25);

impl<T: Config> Pallet<T> {
	/// Removes an earmark and gives its amount.
	fn take_earmark(who: &AccountId, job: JobId) -> Result<Balance, DispatchError> {
		let amount = Earmarks::<T>::take(who, job).ok_or(Error::<T>::NoEarmark)?;
		Self::with_ledger(who, |ledger| {
			ledger.earmarked = ledger.earmarked.saturating_sub(amount);
			Ok(())
		})?;
		Ok(amount)
	}

	fn with_ledger<R>(
		who: &AccountId,
		f: impl FnOnce(&mut StakeLedger<T::MaxChunks>) -> Result<R, DispatchError>,
	) -> Result<R, DispatchError> {
		Ledgers::<T>::try_mutate(Role::Provider, who, |ledger| {
			f(ledger.as_mut().ok_or(Error::<T>::NotBonded)?)
		})
	}

	/// Pays a share of a slash. A share that its receiver cannot take (an account too small to exist) is burned instead.
	fn pay_share(from: &AccountId, to: Option<&AccountId>, amount: Balance) -> Balance {
		let Some(to) = to.filter(|_| amount > 0) else { return 0 };
		let paid = T::Currency::transfer_on_hold(
			&Self::reason(Role::Provider),
			from,
			to,
			amount,
			Precision::Exact,
			Restriction::Free,
			Fortitude::Force,
		);
		paid.unwrap_or(0)
	}
}

impl<T: Config> Collateral for Pallet<T> {
	fn free(provider: &AccountId) -> Balance {
		Ledgers::<T>::get(Role::Provider, provider).map(|l| l.free()).unwrap_or(0)
	}

	fn is_bonded(provider: &AccountId) -> bool {
		Ledgers::<T>::get(Role::Provider, provider).is_some_and(|l| l.active > 0)
	}

	fn earmark(provider: &AccountId, job: JobId, amount: Balance) -> DispatchResult {
		ensure!(!Earmarks::<T>::contains_key(provider, job), Error::<T>::AlreadyEarmarked);
		Self::with_ledger(provider, |ledger| {
			ensure!(amount <= ledger.free(), Error::<T>::TooLittleStake);
			ledger.earmarked = ledger.earmarked.saturating_add(amount);
			Ok(())
		})?;
		Earmarks::<T>::insert(provider, job, amount);
		Self::deposit_event(Event::Earmarked { who: provider.clone(), job, amount });
		Ok(())
	}

	fn release(provider: &AccountId, job: JobId) -> DispatchResult {
		let amount = Self::take_earmark(provider, job)?;
		Self::deposit_event(Event::Released { who: provider.clone(), job, amount });
		Ok(())
	}

	fn slash(
		provider: &AccountId,
		job: JobId,
		fraction: Perbill,
		client: Option<&AccountId>,
		prover: Option<&AccountId>,
	) -> Result<Slash, DispatchError> {
		let earmark = Self::take_earmark(provider, job)?;
		let total = floor_of(fraction, earmark);
		Self::with_ledger(provider, |ledger| {
			ledger.active = ledger.active.saturating_sub(total);
			Ok(())
		})?;
		let client = Self::pay_share(provider, client, floor_of(SLASH_TO_CLIENT, total));
		let prover = Self::pay_share(provider, prover, floor_of(SLASH_TO_PROVER, total));
		let burned = total.saturating_sub(client).saturating_sub(prover);
		let reason = Self::reason(Role::Provider);
		T::Burns::burn_held(&reason, provider, burned, BurnKind::Slash)?;
		let emptied =
			Ledgers::<T>::get(Role::Provider, provider).is_some_and(|ledger| ledger.held() == 0);
		if emptied {
			Ledgers::<T>::remove(Role::Provider, provider);
		}
		RecentFaults::<T>::mutate(provider, |faults| {
			let known = faults.unwrap_or_default();
			let fresh = now::<T>().saturating_sub(known.last) <= T::FaultMemory::get();
			let count = if fresh { known.count.saturating_add(1) } else { 1 };
			*faults = Some(Faults { count, last: now::<T>() });
		});
		let slash = Slash { total, client, prover, burned };
		Self::deposit_event(Event::Slashed { who: provider.clone(), job, slash });
		Ok(slash)
	}

	fn no_show_fraction(provider: &AccountId) -> Perbill {
		let faults = RecentFaults::<T>::get(provider).unwrap_or_default();
		if now::<T>().saturating_sub(faults.last) > T::FaultMemory::get() {
			return NO_SHOW;
		}
		// 25 %, 50 %, then everything.
		let doubled = 1u32.checked_shl(faults.count).unwrap_or(u32::MAX);
		Perbill::from_parts(NO_SHOW.deconstruct().saturating_mul(doubled))
	}

	fn has_jobs(provider: &AccountId) -> bool {
		Ledgers::<T>::get(Role::Provider, provider).is_some_and(|ledger| ledger.earmarked > 0)
	}

	fn jobs_of(provider: &AccountId) -> Vec<JobId> {
		Earmarks::<T>::iter_key_prefix(provider).collect()
	}

	fn earmarks() -> Vec<(AccountId, JobId, Balance)> {
		Earmarks::<T>::iter().collect()
	}
}

impl<T: Config> Invariants for Pallet<T> {
	fn check() -> Result<(), &'static str> {
		let mut earmarks = BTreeMap::<AccountId, Balance>::new();
		for (who, _, amount) in Earmarks::<T>::iter() {
			let sum = earmarks.entry(who).or_default();
			*sum = sum.saturating_add(amount);
		}
		for (role, who, ledger) in Ledgers::<T>::iter() {
			let held = T::Currency::balance_on_hold(&Self::reason(role), &who);
			ensure!(held == ledger.held(), "what is held is not active + unbonding");
			ensure!(held > 0, "an empty ledger was kept");
			ensure!(ledger.earmarked <= ledger.active, "more is earmarked than active");
			let expected = match role {
				Role::Provider => earmarks.remove(&who).unwrap_or(0),
				Role::Validator => 0,
			};
			ensure!(ledger.earmarked == expected, "earmarks do not add up to what is earmarked");
		}
		ensure!(earmarks.values().all(|sum| *sum == 0), "an earmark has no ledger");
		Ok(())
	}
}
