// SPDX-License-Identifier: Apache-2.0
//! What must hold after every block.

use crate::{
	Agenda, Config, Due, Earmarks, Excluded, LastSlash, Ledgers, Pallet, PendingSlashes,
	RecentFaults, Role, SlashDeferral, SlashId, SlashesOf, UnbondingPeriod,
};
use alloc::collections::BTreeMap;
use calor_primitives::{traits::Invariants, AccountId, Balance};
use frame_support::{
	ensure,
	traits::{fungible::hold::Inspect as _, Get},
};

/// What is earmarked by account and role, as the jobs and slashes have it.
type Marked = BTreeMap<(AccountId, bool), Balance>;

fn add(marked: &mut Marked, role: Role, who: AccountId, amount: Balance) {
	let sum = marked.entry((who, role == Role::Provider)).or_default();
	*sum = sum.saturating_add(amount);
}

impl<T: Config> Invariants for Pallet<T> {
	fn check() -> Result<(), &'static str> {
		let longest = T::LongestDispute::get();
		ensure!(UnbondingPeriod::<T>::get() > longest, "stake leaves before its disputes end");
		ensure!(SlashDeferral::<T>::get() > 0, "slashes wait for nothing");
		Self::check_pending()?;
		Self::check_agenda()?;
		Self::check_ledgers()
	}
}

impl<T: Config> Pallet<T> {
	/// Every ledger holds what it says, and what is earmarked in it belongs to jobs and to slashes that wait.
	fn check_ledgers() -> Result<(), &'static str> {
		let mut marked = Marked::new();
		for (who, _, amount) in Earmarks::<T>::iter() {
			add(&mut marked, Role::Provider, who, amount);
		}
		for case in PendingSlashes::<T>::iter_values().filter(|case| case.job.is_some()) {
			add(&mut marked, case.role, case.who, case.amount);
		}
		for (role, who, ledger) in Ledgers::<T>::iter() {
			let held = T::Currency::balance_on_hold(&Self::reason(role), &who);
			ensure!(held == ledger.held(), "what is held is not active + unbonding");
			ensure!(held > 0 || ledger.forfeiture.is_some(), "an empty ledger was kept");
			ensure!(ledger.earmarked <= ledger.active, "more is earmarked than active");
			ensure!(!Excluded::<T>::contains_key(role, &who), "an excluded account has a ledger");
			if let Some(id) = ledger.forfeiture {
				let all = PendingSlashes::<T>::get(id).is_some_and(|case| case.job.is_none());
				ensure!(all, "a ledger is locked for no forfeiture");
			}
			let expected = marked.remove(&(who, role == Role::Provider)).unwrap_or(0);
			ensure!(ledger.earmarked == expected, "earmarks and slashes are not what is earmarked");
		}
		for ((who, provider), sum) in marked {
			let role = if provider { Role::Provider } else { Role::Validator };
			let forfeited = Excluded::<T>::contains_key(role, &who);
			ensure!(sum == 0 || forfeited, "an earmark or a slash has no ledger");
		}
		for (role, who, _) in Excluded::<T>::iter() {
			let held = T::Currency::balance_on_hold(&Self::reason(role), &who);
			ensure!(held == 0, "stake of an excluded account is still held");
		}
		Ok(())
	}

	/// Every slash that waits is found by its owner and by the agenda, and locks the ledger if it takes everything.
	fn check_pending() -> Result<(), &'static str> {
		let last: SlashId = LastSlash::<T>::get();
		let mut count = 0usize;
		for (id, case) in PendingSlashes::<T>::iter() {
			count = count.saturating_add(1);
			ensure!(id <= last, "a slash has a number that was not given");
			ensure!(SlashesOf::<T>::contains_key(&case.who, id), "a slash is unknown to its owner");
			let due = Agenda::<T>::contains_key(case.applies_at, Due::Slash(id));
			ensure!(due, "a slash is not on the agenda");
			if case.job.is_none() {
				let locks = Ledgers::<T>::get(case.role, &case.who)
					.map(|ledger| ledger.forfeiture == Some(id))
					.unwrap_or_else(|| Excluded::<T>::contains_key(case.role, &case.who));
				ensure!(locks, "a forfeiture does not lock its ledger");
			}
		}
		ensure!(SlashesOf::<T>::iter().count() == count, "an account has a slash that is gone");
		Ok(())
	}

	/// The agenda has nothing but slashes that wait and faults to forget, and all faults without stake.
	fn check_agenda() -> Result<(), &'static str> {
		for (height, item, ()) in Agenda::<T>::iter() {
			if let Due::Slash(id) = item {
				let waits = PendingSlashes::<T>::get(id).is_some_and(|c| c.applies_at == height);
				ensure!(waits, "the agenda has a slash that is gone");
			}
		}
		for (who, faults) in RecentFaults::<T>::iter() {
			let at = Self::forgotten_from(&faults);
			let stays = Ledgers::<T>::contains_key(Role::Provider, &who);
			let due = stays || Agenda::<T>::contains_key(at, Due::Forget(who));
			ensure!(due, "faults of an account without stake are never forgotten");
		}
		Ok(())
	}
}
