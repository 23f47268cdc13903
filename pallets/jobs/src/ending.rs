// SPDX-License-Identifier: Apache-2.0
//! How a job ends: settled, cancelled, failed, closed.

use crate::{Config, Error, Event, HoldReason, Jobs, Operands, Pallet};
use calor_primitives::{
	job::{CloseReason, Failure, JobRecord, JobState},
	money::Payment,
	now,
	traits::{Assign, Collateral, Evidence, ProgramRegistry, Settlement},
	AccountId, Balance, JobId,
};
use frame_support::{
	dispatch::DispatchResult,
	ensure,
	traits::{fungible::hold::Mutate as _, tokens::Precision},
};
use sp_runtime::{Perbill, Rounding};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_expire(id: JobId) -> DispatchResult {
		let record = Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
		let due = record.state.due().ok_or(Error::<T>::WrongState)?;
		ensure!(now::<T>() >= due, Error::<T>::TooEarly);
		match record.state.clone() {
			JobState::Queued { .. } => {
				let reason = match record.declined {
					Some(fault) => CloseReason::InputUnavailable(fault),
					None => CloseReason::NoCapacity,
				};
				Self::leave_queue(&record);
				Self::close(id, record, reason, None)
			},
			JobState::Assigned { provider, .. } => {
				Self::fail(id, record, provider, Failure::NotAccepted)
			},
			JobState::Running { provider, .. } => {
				Self::fail(id, record, provider, Failure::NotDelivered)
			},
			JobState::Committed { provider, .. } => {
				Self::fail(id, record, provider, Failure::NotRevealed)
			},
			JobState::Revealed { provider, .. } => Self::settle(id, record, provider),
			JobState::Settled { .. } | JobState::Closed { .. } => {
				Err(Error::<T>::WrongState.into())
			},
		}
	}

	/// Pays the provider, burns the rest, frees the stake.
	fn settle(id: JobId, mut record: JobRecord, provider: AccountId) -> DispatchResult {
		let reason = HoldReason::Escrow.into();
		let payment =
			T::Settlement::settle(&reason, &record.client, &provider, record.price, record.class)?;
		T::Collateral::release(&provider, id)?;
		Self::forget(id, &record);
		let at = now::<T>();
		Self::enter(id, &mut record, JobState::Settled { provider: provider.clone(), payment, at });
		Jobs::<T>::insert(id, record);
		Self::deposit_event(Event::Settled { job: id, provider, payment });
		Ok(())
	}

	/// Penalises a provider and gives the job to another.
	fn fail(id: JobId, record: JobRecord, provider: AccountId, failure: Failure) -> DispatchResult {
		let (fraction, reason) = match failure {
			Failure::NotAccepted | Failure::NotDelivered => {
				(T::Collateral::no_show_fraction(&provider), CloseReason::DeadlineMissed)
			},
			Failure::NotRevealed => (Perbill::one(), CloseReason::NotRevealed),
		};
		let slash = T::Collateral::slash(&provider, id, fraction, Some(&record.client), None)?;
		match failure {
			Failure::NotAccepted | Failure::NotDelivered => T::Providers::suspend(&provider),
			Failure::NotRevealed => {
				T::Evidence::discard(id);
				T::Providers::jail(&provider);
			},
		}
		Self::deposit_event(Event::Failed { job: id, provider: provider.clone(), failure, slash });
		Self::try_another(id, record, provider, reason)
	}

	/// Queues a job again without the provider that failed it, or closes it after the last attempt.
	pub(crate) fn try_another(
		id: JobId,
		mut record: JobRecord,
		failed: AccountId,
		reason: CloseReason,
	) -> DispatchResult {
		let full = record.failed.try_push(failed).is_err() || record.failed.is_full();
		if full {
			return Self::close(id, record, reason, None);
		}
		Self::enqueue(id, &mut record);
		Jobs::<T>::insert(id, record);
		Ok(())
	}

	pub(crate) fn do_cancel(client: AccountId, id: JobId) -> DispatchResult {
		let record = Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
		ensure!(record.client == client, Error::<T>::NotClient);
		let mut payment = None;
		match &record.state {
			JobState::Queued { .. } => Self::leave_queue(&record),
			JobState::Assigned { provider, .. } => {
				T::Collateral::release(provider, id)?;
				T::Providers::vacate(provider);
			},
			JobState::Running { provider, since, .. } => {
				let earned = Self::earned(&record, now::<T>().saturating_sub(*since));
				let reason = HoldReason::Escrow.into();
				let paid = T::Settlement::settle(&reason, &client, provider, earned, record.class)?;
				payment = Some(paid);
				T::Collateral::release(provider, id)?;
				T::Providers::vacate(provider);
			},
			_ => return Err(Error::<T>::WrongState.into()),
		}
		Self::close(id, record, CloseReason::Cancelled, payment)
	}

	/// What a provider has earned after so many blocks of a running job: the elapsed part, at least a quarter.
	fn earned(record: &JobRecord, elapsed: u32) -> Balance {
		let quarter = record.price.div_ceil(4);
		let part = sp_runtime::helpers_128bit::multiply_by_rational_with_rounding(
			record.price,
			u128::from(elapsed),
			u128::from(record.deliver_within).max(1),
			Rounding::Up,
		);
		part.unwrap_or(record.price).clamp(quarter, record.price)
	}

	/// Ends a job without a result and returns what of its price is left.
	fn close(
		id: JobId,
		mut record: JobRecord,
		reason: CloseReason,
		payment: Option<Payment>,
	) -> DispatchResult {
		let spent = payment.map(|p| p.paid.saturating_add(p.burned)).unwrap_or(0);
		let refunded = record.price.saturating_sub(spent);
		T::Currency::release(
			&HoldReason::Escrow.into(),
			&record.client,
			refunded,
			Precision::Exact,
		)?;
		Self::forget(id, &record);
		let at = now::<T>();
		Self::enter(id, &mut record, JobState::Closed { reason, refunded, at });
		Jobs::<T>::insert(id, record);
		Self::deposit_event(Event::Closed { job: id, reason, refunded, payment });
		Ok(())
	}

	/// Drops what only open jobs need.
	fn forget(id: JobId, record: &JobRecord) {
		Operands::<T>::remove(id);
		T::Programs::release(&record.program);
	}
}
