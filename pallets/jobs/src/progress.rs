// SPDX-License-Identifier: Apache-2.0
//! A provider at work: accept, decline, commit, reveal.

use crate::{Config, CurrentWindows, Error, Event, Jobs, Operands, Pallet};
use calor_primitives::{
	job::{CloseReason, InputFault, JobRecord, JobState, JobView},
	now,
	traits::{Assign, Collateral, Evidence, Lifecycle},
	AccountId, BlockNumber, JobId, ProgramId,
};
use frame_support::{dispatch::DispatchResult, ensure};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	/// A job, if the signer is the worker of the provider that has it.
	fn of_worker(worker: &AccountId, id: JobId) -> Result<(JobRecord, AccountId), DispatchError> {
		let record = Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
		let owner = T::Providers::owner_of(worker).ok_or(Error::<T>::NotProvider)?;
		ensure!(record.state.provider() == Some(&owner), Error::<T>::NotProvider);
		Ok((record, owner))
	}

	/// Fails once the state's deadline has passed, even if nobody has expired the job yet: the chain's clock decides, not
	/// who comes first.
	fn in_time(record: &JobRecord) -> Result<(), Error<T>> {
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
		let state = JobState::Running { provider: provider.clone(), since, deliver_by, late_by };
		Self::enter(id, &mut record, state);
		Jobs::<T>::insert(id, record);
		Self::deposit_event(Event::Accepted { job: id, provider, deliver_by });
		Ok(())
	}

	pub(crate) fn do_decline(worker: AccountId, id: JobId, fault: InputFault) -> DispatchResult {
		let (mut record, provider) = Self::of_worker(&worker, id)?;
		match record.state {
			JobState::Assigned { .. } => {},
			// Inputs are fetched first. Whoever finds them unusable when the result is due wants to dodge the penalty.
			JobState::Running { since, .. } => {
				let fetched_by = since.saturating_add(CurrentWindows::<T>::get().deliver);
				ensure!(now::<T>() <= fetched_by, Error::<T>::TooLate);
			},
			_ => return Err(Error::<T>::WrongState.into()),
		}
		Self::in_time(&record)?;
		T::Collateral::release(&provider, id)?;
		T::Providers::vacate(&provider);
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
			inputs: Self::tensors(&inputs).unwrap_or_default(),
			commitment,
			output_roots,
			endpoint,
			record,
		})
	}
}

impl<T: Config> Lifecycle for Pallet<T> {
	fn commit(
		id: JobId,
		worker: &AccountId,
		reveal_from: BlockNumber,
		reveal_by: BlockNumber,
	) -> DispatchResult {
		let (mut record, provider) = Self::of_worker(worker, id)?;
		let JobState::Running { deliver_by, late_by, .. } = record.state else {
			return Err(Error::<T>::WrongState.into());
		};
		Self::in_time(&record)?;
		record.late_cut = Self::late_cut(&record, deliver_by, late_by);
		let state = JobState::Committed { provider: provider.clone(), reveal_from, reveal_by };
		Self::enter(id, &mut record, state);
		Jobs::<T>::insert(id, record);
		// The computation is done: the provider may take the next job while this one is verified.
		T::Providers::vacate(&provider);
		Self::deposit_event(Event::Committed { job: id, provider, reveal_by });
		Ok(())
	}

	fn reveal(id: JobId, worker: &AccountId, settles_at: BlockNumber) -> DispatchResult {
		let (mut record, provider) = Self::of_worker(worker, id)?;
		let JobState::Committed { reveal_from, .. } = record.state else {
			return Err(Error::<T>::WrongState.into());
		};
		ensure!(now::<T>() >= reveal_from, Error::<T>::TooEarly);
		Self::in_time(&record)?;
		let state = JobState::Revealed { provider: provider.clone(), settles_at };
		Self::enter(id, &mut record, state);
		Self::wake_children(id, &record);
		Jobs::<T>::insert(id, record);
		Self::deposit_event(Event::Revealed { job: id, provider, settles_at });
		Ok(())
	}

	fn program(id: JobId) -> Option<ProgramId> {
		Jobs::<T>::get(id).map(|record| record.program)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_running() -> (JobId, AccountId) {
		let (id, worker) = crate::benchmarking::assigned::<T>();
		frame_support::assert_ok!(Self::do_accept(worker.clone(), id));
		// Others wait for its result.
		Jobs::<T>::mutate_extant(id, |record| record.children = 1);
		(id, worker)
	}
}
