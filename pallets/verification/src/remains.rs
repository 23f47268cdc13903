// SPDX-License-Identifier: Apache-2.0
//! Questions and announcements of attempts that are over: resolved one by one where blocks have room.

use crate::{
	types::{Announcement, Attempt},
	Announced, Answered, Config, Demands, Event, HoldReason, Over, Pallet, WeightInfo,
};
use calor_primitives::{
	dispute::Demand, money::BurnKind, traits::BurnLedger, AccountId, BlockNumber, JobId,
};
use frame_support::{
	defensive,
	dispatch::DispatchResult,
	traits::{fungible::hold::Mutate as _, tokens::Precision},
	weights::WeightMeter,
};

impl<T: Config> Pallet<T> {
	/// An attempt is over: what remains of it is resolved later.
	pub(crate) fn leave_remains(job: JobId, at: BlockNumber, failed: bool) {
		let attempt: Attempt = (job, at);
		let any = Demands::<T>::iter_key_prefix(attempt).next().is_some()
			|| Answered::<T>::iter_key_prefix(attempt).next().is_some()
			|| Announced::<T>::iter_key_prefix(attempt).next().is_some();
		if any {
			Over::<T>::insert(job, at, failed);
		}
	}

	/// Resolves what remains while `meter` lasts.
	pub(crate) fn clear_remains(meter: &mut WeightMeter) {
		if meter.try_consume(T::WeightInfo::look()).is_err() {
			return;
		}
		for (job, at, failed) in Over::<T>::iter() {
			if !Self::clear_attempt((job, at), failed, meter) {
				return;
			}
			Over::<T>::remove(job, at);
		}
	}

	/// Resolves what remains of one attempt; whether there was weight for it.
	fn clear_attempt(attempt: Attempt, failed: bool, meter: &mut WeightMeter) -> bool {
		let (job, _) = attempt;
		let mut room = || meter.try_consume(T::WeightInfo::clear()).is_ok();
		let mut demands = Demands::<T>::drain_prefix(attempt);
		let mut answered = Answered::<T>::drain_prefix(attempt);
		let mut announced = Announced::<T>::drain_prefix(attempt);
		loop {
			if !room() {
				return false;
			}
			let resolved = if let Some((_, demand)) = demands.next() {
				Self::give_back_demand(job, demand)
			} else if answered.next().is_some() {
				Ok(())
			} else if let Some((who, announced)) = announced.next() {
				Self::resolve_proof(job, &who, announced, failed)
			} else {
				return true;
			};
			if let Err(error) = resolved {
				log::error!(target: "runtime::verification", "deposit of job {job}: {error:?}");
				defensive!("a deposit could not be resolved");
			}
		}
	}

	/// Gives the deposit for a question back that was not answered.
	fn give_back_demand(job: JobId, demand: Demand) -> DispatchResult {
		let Demand { by: who, deposit: amount, .. } = demand;
		T::Currency::release(&HoldReason::Demand.into(), &who, amount, Precision::Exact)?;
		Self::deposit_event(Event::DepositReturned { job, who, amount });
		Ok(())
	}

	/// Gives the deposit for a proof back that was not shown if the attempt failed, and the proof could not be shown any more;
	/// burns it if the result settled.
	pub(crate) fn resolve_proof(
		job: JobId,
		who: &AccountId,
		announced: Announcement,
		failed: bool,
	) -> DispatchResult {
		let amount = announced.deposit;
		if failed {
			return Self::give_back_proof(job, who, amount);
		}
		T::Burns::burn_held(&HoldReason::Proof.into(), who, amount, BurnKind::ProofDeposit)?;
		Self::deposit_event(Event::DepositBurned { job, who: who.clone(), amount });
		Ok(())
	}
}
