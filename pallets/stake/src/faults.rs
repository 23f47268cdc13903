// SPDX-License-Identifier: Apache-2.0
//! What is remembered of faults over jobs, and what it makes the next one cost.

use crate::{Agenda, Config, Due, FaultView, Faults, Ledgers, Pallet, RecentFaults, Role};
use calor_primitives::{now, AccountId};
use frame_support::traits::Get;
use sp_runtime::Perbill;

/// What the first failure to deliver costs, of the earmark. Each repeat within memory doubles it.
const NO_SHOW: Perbill = Perbill::from_percent(25);

impl<T: Config> Pallet<T> {
	/// Faults of an account that are not forgotten.
	fn remembered(who: &AccountId) -> Faults {
		RecentFaults::<T>::get(who).filter(|f| !Self::is_forgotten(f)).unwrap_or_default()
	}

	fn is_forgotten(faults: &Faults) -> bool {
		now::<T>().saturating_sub(faults.last) > T::FaultMemory::get()
	}

	/// What a failure to deliver costs now, of the earmark: 25 %, 50 %, then everything.
	pub(crate) fn no_show(who: &AccountId) -> Perbill {
		let doubled = 1u32.checked_shl(Self::remembered(who).count).unwrap_or(u32::MAX);
		Perbill::from_parts(NO_SHOW.deconstruct().saturating_mul(doubled))
	}

	/// Counts a fault.
	pub(crate) fn remember(who: &AccountId) {
		let count = Self::remembered(who).count.saturating_add(1);
		RecentFaults::<T>::insert(who, Faults { count, last: now::<T>() });
	}

	/// Counts one fault less: its slash was cancelled.
	pub(crate) fn forgive(who: &AccountId) {
		RecentFaults::<T>::mutate_exists(who, |faults| {
			*faults = faults.take().and_then(|f| {
				let count = f.count.checked_sub(1).filter(|left| *left > 0)?;
				Some(Faults { count, ..f })
			});
		});
	}

	/// Removes a ledger with nothing in it. Faults outlive the stake until they would be forgotten anyway, or leaving
	/// would wash them off; the agenda removes them then.
	pub(crate) fn drop_if_empty(role: Role, who: &AccountId) {
		let empty = Ledgers::<T>::get(role, who)
			.is_some_and(|ledger| ledger.held() == 0 && ledger.forfeiture.is_none());
		if !empty {
			return;
		}
		Ledgers::<T>::remove(role, who);
		if let Some(faults) = RecentFaults::<T>::get(who).filter(|_| role == Role::Provider) {
			if Self::is_forgotten(&faults) {
				RecentFaults::<T>::remove(who);
			} else {
				Agenda::<T>::insert(Self::forgotten_from(&faults), Due::Forget(who.clone()), ());
			}
		}
	}

	/// First height at which faults are forgotten.
	pub(crate) fn forgotten_from(faults: &Faults) -> u32 {
		faults.last.saturating_add(T::FaultMemory::get()).saturating_add(1)
	}

	/// Removes forgotten faults of an account without stake. One that came back takes them along until it leaves again.
	pub(crate) fn forget(who: &AccountId) {
		let forgotten = RecentFaults::<T>::get(who).is_some_and(|f| Self::is_forgotten(&f));
		if forgotten && !Ledgers::<T>::contains_key(Role::Provider, who) {
			RecentFaults::<T>::remove(who);
		}
	}

	/// How a provider stands with its faults.
	pub(crate) fn fault_view(who: &AccountId) -> FaultView {
		FaultView { count: Self::remembered(who).count, next_no_show: Self::no_show(who) }
	}
}
