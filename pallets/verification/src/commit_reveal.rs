// SPDX-License-Identifier: Apache-2.0
//! Binding and showing.

use crate::{Config, CurrentWindows, Error, Event, Pallet, ResultRecord, Results};
use alloc::vec::Vec;
use calor_primitives::{
	commitment::commitment,
	genesis_hash,
	job::OutputRoots,
	now,
	traits::{Evidence, Invariants, Lifecycle, ProgramRegistry},
	AccountId, JobId, H256,
};
use frame_support::{dispatch::DispatchResult, ensure};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_commit(worker: AccountId, job: JobId, hash: H256) -> DispatchResult {
		let at = now::<T>();
		let reveal_from = at.saturating_add(1);
		let reveal_by = at.saturating_add(CurrentWindows::<T>::get().reveal);
		T::Jobs::commit(job, &worker, reveal_from, reveal_by)?;
		let record = ResultRecord { worker: worker.clone(), commitment: hash, at, opened: None };
		Results::<T>::insert(job, record);
		Self::deposit_event(Event::Committed { job, worker, commitment: hash });
		Ok(())
	}

	pub(crate) fn do_reveal(
		worker: AccountId,
		job: JobId,
		salt: [u8; 32],
		output_roots: OutputRoots,
	) -> DispatchResult {
		let settles_at = now::<T>().saturating_add(CurrentWindows::<T>::get().challenge);
		T::Jobs::reveal(job, &worker, settles_at)?;
		let mut record = Results::<T>::get(job).ok_or(Error::<T>::NotCommitted)?;
		let program = T::Jobs::program(job).ok_or(Error::<T>::UnknownJob)?;
		let outputs = T::Programs::summary(&program).map(|summary| summary.outputs.len());
		ensure!(outputs == Some(output_roots.len()), Error::<T>::RootCount);
		// The key that committed, not just any key of the same provider: the commitment binds it.
		let opened = commitment(&genesis_hash::<T>(), job, &record.worker, &salt, &output_roots);
		ensure!(opened == record.commitment, Error::<T>::CommitmentMismatch);
		record.opened = Some((salt, output_roots.clone()));
		Results::<T>::insert(job, record);
		Self::deposit_event(Event::Revealed { job, output_roots });
		Ok(())
	}
}

impl<T: Config> Evidence for Pallet<T> {
	fn of(job: JobId) -> (Option<H256>, Vec<H256>) {
		let Some(record) = Results::<T>::get(job) else { return Default::default() };
		let roots = record.opened.map(|(_, roots)| roots.into_inner());
		(Some(record.commitment), roots.unwrap_or_default())
	}

	fn discard(job: JobId) {
		Results::<T>::remove(job);
	}
}

impl<T: Config> Invariants for Pallet<T> {
	fn check() -> Result<(), &'static str> {
		for (job, record) in Results::<T>::iter() {
			ensure!(T::Jobs::program(job).is_some(), "a result without a job");
			let Some((salt, roots)) = record.opened else { continue };
			let opened = commitment(&genesis_hash::<T>(), job, &record.worker, &salt, &roots);
			ensure!(opened == record.commitment, "a reveal does not open its commitment");
		}
		Ok(())
	}
}
