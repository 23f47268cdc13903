// SPDX-License-Identifier: Apache-2.0
//! A provider at work: accept, decline, commit, reveal.

use crate::{Config, CurrentWindows, Error, Event, Jobs, Operands, Pallet};
use calor_primitives::{
	job::{CloseReason, InputFault, JobRecord, JobState, JobView},
	now,
	traits::{Assign, Collateral, Evidence},
	AccountId, JobId,
};
use frame_support::{dispatch::DispatchResult, ensure};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	/// A job, if the signer is the worker of the provider that has it.
	pub(crate) fn of_worker(
		worker: &AccountId,
		id: JobId,
	) -> Result<(JobRecord, AccountId), DispatchError> {
		let record = Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
		let owner = T::Providers::owner_of(worker).ok_or(Error::<T>::NotProvider)?;
		ensure!(record.state.provider() == Some(&owner), Error::<T>::NotProvider);
		Ok((record, owner))
	}

	/// Fails once the state's deadline has passed, even if nobody has expired the job yet: the chain's clock decides, not
	/// who comes first.
	pub(crate) fn in_time(record: &JobRecord) -> Result<(), Error<T>> {
		ensure!(now::<T>() < record.state.due(), Error::<T>::TooLate);
		Ok(())
	}

	pub(crate) fn do_accept(worker: AccountId, id: JobId) -> DispatchResult {
		let (mut record, provider) = Self::of_worker(&worker, id)?;
		ensure!(matches!(record.state, JobState::Assigned { .. }), Error::<T>::WrongState);
		Self::in_time(&record)?;
		let since = now::<T>();
		let deliver_by = since.saturating_add(record.deliver_within);
		let late_by = deliver_by.saturating_add(CurrentWindows::<T>::get().grace);
		// Whoever goes on has found the inputs.
		record.declined = None;
		let state = JobState::Running { provider: provider.clone(), since, deliver_by, late_by };
		Self::enter(id, &mut record, state);
		Jobs::<T>::insert(id, record);
		Self::deposit_event(Event::Accepted { job: id, provider, deliver_by });
		Ok(())
	}

	pub(crate) fn do_decline(worker: AccountId, id: JobId, fault: InputFault) -> DispatchResult {
		let (mut record, provider) = Self::of_worker(&worker, id)?;
		let since = match record.state {
			JobState::Assigned { .. } => now::<T>(),
			// Inputs are fetched first. Whoever finds them unusable when the result is due wants to dodge the penalty.
			JobState::Running { since, .. } => {
				let fetched_by = since.saturating_add(CurrentWindows::<T>::get().deliver);
				ensure!(now::<T>() <= fetched_by, Error::<T>::TooLate);
				since
			},
			_ => return Err(Error::<T>::WrongState.into()),
		};
		Self::in_time(&record)?;
		T::Collateral::release(&provider, id)?;
		T::Providers::decline(&provider, now::<T>().saturating_sub(since));
		record.declined = Some(fault);
		Self::deposit_event(Event::Declined { job: id, provider: provider.clone(), fault });
		Self::try_another(id, record, provider, CloseReason::InputUnavailable(fault))
	}

	/// A job with all that is known of it.
	pub fn view(id: JobId) -> Option<JobView> {
		let record = Jobs::<T>::get(id)?;
		let (constants, inputs) = Operands::<T>::get(id).unwrap_or_default();
		let (commitment, output_roots) = T::Evidence::of(id);
		let endpoint = record.state.provider().and_then(T::Providers::endpoint);
		Some(JobView {
			id,
			constants: constants.into_inner(),
			inputs: Self::tensors(&record, &inputs).unwrap_or_default(),
			commitment,
			output_roots,
			endpoint,
			record,
		})
	}
}
