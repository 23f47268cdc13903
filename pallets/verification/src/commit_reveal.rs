// SPDX-License-Identifier: Apache-2.0
//! Binding and showing.

use crate::{
	types::{Challenge, Check, Drawing, Lottery},
	Checks, CommittedAt, Config, CurrentRound, CurrentWindows, Error, Event, Pallet, ResultRecord,
	Results, Seats, Windows,
};
use calor_primitives::{
	assurance::Assurance,
	commitment::commitment,
	dispute::MAX_STEPS,
	genesis_hash,
	job::{computing_blocks, OutputRoots},
	now,
	traits::{Case, Lifecycle},
	AccountId, BlockNumber, JobId, H256,
};
use frame_support::{dispatch::DispatchResult, ensure};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_commit(worker: AccountId, job: JobId, hash: H256) -> DispatchResult {
		let at = now::<T>();
		let windows = CurrentWindows::<T>::get();
		let case = T::Jobs::case(job).ok_or(Error::<T>::UnknownJob)?;
		let check = Self::begin_check(case, at, &windows);
		let reveal_by = check.reveal_from.saturating_add(windows.reveal);
		T::Jobs::commit(job, &worker, check.reveal_from, reveal_by)?;
		if let Some(drawing) = &check.drawing {
			Self::call_up_at(drawing.seed_at.saturating_add(1), job);
		}
		Checks::<T>::insert(job, check);
		CommittedAt::<T>::insert(at, job, ());
		let record = ResultRecord { worker: worker.clone(), commitment: hash, at, opened: None };
		Results::<T>::insert(job, record);
		Self::deposit_event(Event::Committed { job, worker, commitment: hash });
		Ok(())
	}

	/// How a result is checked that is committed to now. Auditors that draw have the time of the claims for it; without any
	/// the reveal opens with the next block.
	fn begin_check(case: Case, at: BlockNumber, windows: &Windows) -> Check {
		let round = CurrentRound::<T>::get();
		let own = Seats::<T>::get(&case.provider);
		let own = own.as_ref().and_then(|seat| seat.power(round.number)).map_or(0, |own| own.stake);
		let total = round.total.saturating_sub(own);
		let seed_at = at.saturating_add(1);
		let until = seed_at.saturating_add(windows.claim);
		let (lottery, drawing) = match case.assurance {
			Assurance::Optimistic if total > 0 => {
				(Some(Lottery { round: round.number, total }), None)
			},
			Assurance::Audited => (None, Some(Drawing { seed_at, until, tried: 0 })),
			Assurance::Optimistic | Assurance::Replicated(_) => (None, None),
		};
		let waits = lottery.is_some() || drawing.is_some();
		let claims_until = if waits { until } else { at };
		Check {
			provider: case.provider,
			fee: case.audit_fee,
			purse: case.purse,
			computing: computing_blocks(case.mac),
			must_be_audited: case.assurance == Assurance::Audited,
			lottery,
			claims_until,
			reveal_from: claims_until.saturating_add(1),
			audits: Default::default(),
			replaced: false,
			drawing,
			challenge: None,
		}
	}

	pub(crate) fn do_reveal(
		worker: AccountId,
		job: JobId,
		salt: [u8; 32],
		output_roots: OutputRoots,
	) -> DispatchResult {
		let at = now::<T>();
		let windows = CurrentWindows::<T>::get();
		let outputs = T::Jobs::case(job).ok_or(Error::<T>::UnknownJob)?.outputs;
		let settles_at = at.saturating_add(windows.challenge);
		T::Jobs::reveal(job, &worker, settles_at)?;
		let (mut record, mut check) = Self::checked(job)?;
		// Whoever shows a result before its auditor is drawn shows it to the auditor.
		ensure!(!Self::must_draw(&check, at), Error::<T>::AuditorDue);
		ensure!(outputs as usize == output_roots.len(), Error::<T>::RootCount);
		// The key that committed, not just any key of the same provider: the commitment binds it.
		let opened = commitment(&genesis_hash::<T>(), job, &record.worker, &salt, &output_roots);
		ensure!(opened == record.commitment, Error::<T>::CommitmentMismatch);
		let steps = windows.step().saturating_mul(MAX_STEPS).saturating_add(check.computing);
		check.challenge = Some(Challenge {
			trace_until: settles_at.saturating_sub(1),
			cap: settles_at.saturating_add(steps),
			trace: None,
			open: 0,
		});
		check.drawing = None;
		record.opened = Some((salt, output_roots.clone()));
		Results::<T>::insert(job, record);
		Self::deposit_event(Event::Revealed { job, output_roots: output_roots.clone() });
		Self::compare_all(job, &mut check, &output_roots);
		Checks::<T>::insert(job, check);
		Ok(())
	}

	/// A result that is checked.
	pub(crate) fn checked(job: JobId) -> Result<(ResultRecord, Check), Error<T>> {
		let record = Results::<T>::get(job).ok_or(Error::<T>::NotCommitted)?;
		let check = Checks::<T>::get(job).ok_or(Error::<T>::NotCommitted)?;
		Ok((record, check))
	}
}
