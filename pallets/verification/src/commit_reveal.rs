// SPDX-License-Identifier: Apache-2.0
//! Binding and showing.

use crate::{CommitRecord, Commitments, Config, CurrentWindows, Error, Event, Pallet, Reveals};
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
		let record = CommitRecord { worker: worker.clone(), commitment: hash, at };
		Commitments::<T>::insert(job, record);
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
		let record = Commitments::<T>::get(job).ok_or(Error::<T>::NotCommitted)?;
		let program = T::Jobs::program(job).ok_or(Error::<T>::UnknownJob)?;
		let outputs = T::Programs::summary(&program).map(|summary| summary.outputs);
		ensure!(outputs == Some(output_roots.len() as u32), Error::<T>::RootCount);
		// The key that committed, not just any key of the same provider: the commitment binds it.
		let opened = commitment(&genesis_hash::<T>(), job, &record.worker, &salt, &output_roots);
		ensure!(opened == record.commitment, Error::<T>::CommitmentMismatch);
		Reveals::<T>::insert(job, (salt, &output_roots));
		Self::deposit_event(Event::Revealed { job, output_roots });
		Ok(())
	}
}

impl<T: Config> Evidence for Pallet<T> {
	fn of(job: JobId) -> (Option<H256>, Vec<H256>) {
		let commitment = Commitments::<T>::get(job).map(|record| record.commitment);
		let roots = Reveals::<T>::get(job).map(|(_, roots)| roots.into_inner());
		(commitment, roots.unwrap_or_default())
	}

	fn discard(job: JobId) {
		Commitments::<T>::remove(job);
		Reveals::<T>::remove(job);
	}
}

impl<T: Config> Invariants for Pallet<T> {
	fn check() -> Result<(), &'static str> {
		for (job, (salt, roots)) in Reveals::<T>::iter() {
			let record = Commitments::<T>::get(job).ok_or("a reveal without a commitment")?;
			let opened = commitment(&genesis_hash::<T>(), job, &record.worker, &salt, &roots);
			ensure!(opened == record.commitment, "a reveal does not open its commitment");
		}
		for job in Commitments::<T>::iter_keys() {
			ensure!(T::Jobs::program(job).is_some(), "a commitment without a job");
		}
		Ok(())
	}
}
