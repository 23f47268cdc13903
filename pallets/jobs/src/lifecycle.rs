// SPDX-License-Identifier: Apache-2.0
//! From the commit to the verdict: a job as verification moves it.

use crate::{Config, Error, Event, Jobs, Operands, Pallet};
use alloc::vec::Vec;
use calor_primitives::{
	assurance::AUDIT_FEES,
	fault::Fault,
	job::JobState,
	now,
	traits::{Assign, AuditPurse, Case, Lifecycle, ProgramRegistry, Stage, Subject},
	AccountId, BlockNumber, JobId, H256,
};
use frame_support::{dispatch::DispatchResult, ensure};

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
		let (reveal_from, reveal_by) = Self::reveal_window(id, &record, reveal_from, reveal_by);
		Self::enter_committed(id, &mut record, provider.clone(), reveal_from, reveal_by);
		Jobs::<T>::insert(id, record);
		// The computation is done: the provider may take the next job while this one is verified.
		T::Providers::vacate(&provider);
		Self::deposit_event(Event::Committed { job: id, provider, reveal_by });
		Ok(())
	}

	fn reschedule_reveal(
		id: JobId,
		reveal_from: BlockNumber,
		reveal_by: BlockNumber,
	) -> DispatchResult {
		let record = Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
		ensure!(matches!(record.state, JobState::Committed { .. }), Error::<T>::WrongState);
		Self::move_reveal(id, record, reveal_from, reveal_by);
		Ok(())
	}

	fn reveal(id: JobId, worker: &AccountId, settles_at: BlockNumber) -> DispatchResult {
		let (mut record, provider) = Self::of_worker(worker, id)?;
		let JobState::Committed { reveal_from, .. } = record.state else {
			return Err(Error::<T>::WrongState.into());
		};
		ensure!(now::<T>() >= reveal_from && !Self::is_held(&record), Error::<T>::TooEarly);
		Self::in_time(&record)?;
		let state = JobState::Revealed { provider: provider.clone(), settles_at };
		Self::enter(id, &mut record, state);
		Self::wake_children(id, &record);
		Jobs::<T>::insert(id, record);
		Self::deposit_event(Event::Revealed { job: id, provider, settles_at });
		Ok(())
	}

	fn postpone(id: JobId, settles_at: BlockNumber) -> DispatchResult {
		let record = Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
		Self::settle_later(id, record, settles_at)
	}

	fn convict(
		id: JobId,
		fault: Fault,
		prover: Option<&AccountId>,
		evidence: H256,
	) -> DispatchResult {
		let record = Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
		Self::do_convict(id, record, fault, prover, evidence)
	}

	/// Nothing: the agenda looks after jobs whose provider's stake was forfeited.
	fn abandon(_: JobId, _: &AccountId) {}

	fn case(id: JobId) -> Option<Case> {
		let record = Jobs::<T>::get(id)?;
		let provider = record.state.provider()?.clone();
		let program = T::Programs::summary(&record.program)?;
		let stage = match record.state {
			JobState::Committed { reveal_from, reveal_by, .. } => {
				Stage::Committed { from: reveal_from, by: reveal_by }
			},
			JobState::Revealed { settles_at, .. } => Stage::Revealed { settles_at },
			_ => Stage::Other,
		};
		Some(Case {
			group: T::Providers::group_of(&provider),
			provider,
			mac: record.mac,
			outputs: program.outputs.len() as u32,
			assurance: record.assurance,
			value: record.price.saturating_add(record.value_at_risk),
			audit_fee: record.price.saturating_add(AUDIT_FEES),
			purse: AuditPurse::Pot,
			stage,
		})
	}

	fn subject(id: JobId) -> Option<Subject> {
		let record = Jobs::<T>::get(id)?;
		let (constants, inputs) = Operands::<T>::get(id)?;
		let code = T::Programs::code(&record.program)?;
		let inputs = Self::input_roots(&inputs)?;
		let operands: Vec<H256> =
			inputs.into_iter().chain(constants.iter().map(|constant| constant.root)).collect();
		Some(Subject { code, operands })
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_running() -> (JobId, AccountId) {
		let (id, worker) = crate::benchmarking::assigned::<T>();
		frame_support::assert_ok!(Self::do_accept(worker.clone(), id));
		crate::benchmarking::make_dear::<T>(id);
		(id, worker)
	}
}
