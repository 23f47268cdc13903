// SPDX-License-Identifier: Apache-2.0
//! Slashes that wait: deferred, appealed, cancelled, applied.

use crate::{
	Agenda, Config, Due, Error, Event, LastSlash, Ledgers, Pallet, PendingSlash, PendingSlashes,
	SlashDeferral, SlashId, SlashesOf,
};
use alloc::vec::Vec;
use calor_primitives::{now, AccountId, BlockNumber, H256};
use frame_support::{dispatch::DispatchResult, ensure};
use sp_runtime::{ArithmeticError, DispatchError};

impl<T: Config> Pallet<T> {
	/// Height at which a slash acts that is deferred now.
	pub(crate) fn deferred_to() -> BlockNumber {
		now::<T>().saturating_add(SlashDeferral::<T>::get())
	}

	/// Writes down a slash that acts later. What it is to take must be out of its owner's reach already.
	pub(crate) fn defer(case: PendingSlash) -> Result<SlashId, DispatchError> {
		let id = LastSlash::<T>::get().checked_add(1).ok_or(ArithmeticError::Overflow)?;
		LastSlash::<T>::put(id);
		Agenda::<T>::insert(case.applies_at, Due::Slash(id), ());
		SlashesOf::<T>::insert(&case.who, id, ());
		PendingSlashes::<T>::insert(id, &case);
		let PendingSlash { role, who, job, fault, amount, evidence, applies_at, .. } = case;
		Self::deposit_event(Event::SlashDeferred {
			id,
			role,
			who,
			job,
			fault,
			amount,
			evidence,
			applies_at,
		});
		Ok(id)
	}

	/// Removes a slash from all that knows it.
	fn take_pending(id: SlashId) -> Result<PendingSlash, DispatchError> {
		let case = PendingSlashes::<T>::take(id).ok_or(Error::<T>::UnknownSlash)?;
		Agenda::<T>::remove(case.applies_at, Due::Slash(id));
		SlashesOf::<T>::remove(&case.who, id);
		Ok(case)
	}

	pub(crate) fn do_apply_slash(id: SlashId) -> DispatchResult {
		let case = Self::take_pending(id)?;
		ensure!(now::<T>() >= case.applies_at, Error::<T>::TooEarly);
		if Ledgers::<T>::contains_key(case.role, &case.who) {
			return Self::act(Some(id), case);
		}
		// All that this account had was forfeited meanwhile.
		Self::deposit_event(Event::SlashVoided { id, who: case.who });
		Ok(())
	}

	pub(crate) fn do_cancel_slash(id: SlashId) -> DispatchResult {
		let PendingSlash { role, who, job, amount, .. } = Self::take_pending(id)?;
		if Ledgers::<T>::contains_key(role, &who) {
			Self::with_ledger(role, &who, |ledger| {
				match job {
					Some(_) => ledger.unmark(amount)?,
					None => ledger.forfeiture = None,
				}
				Ok(())
			})?;
			if job.is_some() {
				Self::forgive(&who);
			}
			Self::drop_if_empty(role, &who);
		}
		Self::deposit_event(Event::SlashCancelled { id, who, amount });
		Ok(())
	}

	pub(crate) fn do_appeal_slash(who: AccountId, id: SlashId, evidence: H256) -> DispatchResult {
		PendingSlashes::<T>::try_mutate(id, |case| -> DispatchResult {
			let case = case.as_mut().ok_or(Error::<T>::UnknownSlash)?;
			ensure!(case.who == who, Error::<T>::NotYours);
			case.appeal = Some(evidence);
			Ok(())
		})?;
		Self::deposit_event(Event::SlashAppealed { id, who, evidence });
		Ok(())
	}

	/// Slashes of an account that wait, oldest first.
	pub(crate) fn pending_of(who: &AccountId) -> Vec<(SlashId, PendingSlash)> {
		let mut ids: Vec<SlashId> = SlashesOf::<T>::iter_key_prefix(who).collect();
		ids.sort_unstable();
		ids.into_iter().filter_map(|id| Some((id, PendingSlashes::<T>::get(id)?))).collect()
	}
}
