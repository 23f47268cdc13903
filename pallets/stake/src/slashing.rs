// SPDX-License-Identifier: Apache-2.0
//! How a slash acts: what it takes from a ledger, who gets which part of it, and whether rewards go with it.

use crate::{Config, Error, Event, Ledgers, Pallet, PendingSlash, Role, SlashId, StakeLedger};
use calor_primitives::{
	fault::Severity,
	money::{floor_of, BurnKind, Slash, SLASH_TO_CLIENT, SLASH_TO_PROVER},
	traits::{BurnLedger, Unclaimed},
	AccountId, Balance,
};
use frame_support::{
	dispatch::DispatchResult,
	traits::{
		fungible::hold::Mutate as _,
		tokens::{Fortitude, Precision, Restriction},
	},
};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	/// Changes a ledger that must exist.
	pub(crate) fn with_ledger<R>(
		role: Role,
		who: &AccountId,
		f: impl FnOnce(&mut StakeLedger<T::MaxChunks>) -> Result<R, DispatchError>,
	) -> Result<R, DispatchError> {
		Ledgers::<T>::try_mutate(role, who, |ledger| {
			f(ledger.as_mut().ok_or(Error::<T>::NotBonded)?)
		})
	}

	/// Lets a slash act: one for a job takes its amount out of what is earmarked, one without a job takes everything.
	pub(crate) fn act(id: Option<SlashId>, case: PendingSlash) -> DispatchResult {
		if case.job.is_none() {
			return Self::take_everything(id, case);
		}
		Self::with_ledger(case.role, &case.who, |ledger| Ok(ledger.take_marked(case.amount)?))?;
		let slash = Self::divide(&case, case.amount)?;
		Self::drop_if_empty(case.role, &case.who);
		Self::conclude(id, case, slash);
		Ok(())
	}

	/// Divides so much of what is held between client, prover and burn. The ledger is the caller's to change.
	pub(crate) fn divide(case: &PendingSlash, total: Balance) -> Result<Slash, DispatchError> {
		let (role, who) = (case.role, &case.who);
		let share = |part| floor_of(part, total);
		let client = Self::pay_share(role, who, case.client.as_ref(), share(SLASH_TO_CLIENT));
		let prover = Self::pay_share(role, who, case.prover.as_ref(), share(SLASH_TO_PROVER));
		// Both shares are parts of the total and together at most half of it.
		let burned = total.saturating_sub(client).saturating_sub(prover);
		if burned > 0 {
			T::Burns::burn_held(&Self::reason(role), who, burned, BurnKind::Slash)?;
		}
		Ok(Slash { total, client, prover, burned })
	}

	/// Pays a share of a slash. A share that its receiver cannot take (an account too small to exist) is burned instead.
	fn pay_share(role: Role, from: &AccountId, to: Option<&AccountId>, amount: Balance) -> Balance {
		let Some(to) = to.filter(|_| amount > 0) else { return 0 };
		let paid = T::Currency::transfer_on_hold(
			&Self::reason(role),
			from,
			to,
			amount,
			Precision::Exact,
			Restriction::Free,
			Fortitude::Force,
		);
		paid.unwrap_or(0)
	}

	/// What every slash does last: it is told, and a fault that is more than a failure to deliver forfeits what its owner
	/// has not claimed. Rewards are an account's whatever it earned them by, so the role does not matter.
	pub(crate) fn conclude(id: Option<SlashId>, case: PendingSlash, slash: Slash) {
		let PendingSlash { role, who, job, fault, evidence, .. } = case;
		let event = Event::Slashed { id, role, who: who.clone(), job, fault, slash, evidence };
		Self::deposit_event(event);
		if fault.severity() != Severity::Rising {
			T::Rewards::forfeit(&who);
			Self::deposit_event(Event::RewardsForfeited { who, fault, evidence });
		}
	}
}
