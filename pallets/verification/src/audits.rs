// SPDX-License-Identifier: Apache-2.0
//! Auditors of a result: bound before the worker shows it, compared after.

use crate::{types::Check, Checks, Config, CurrentWindows, Error, Event, Pallet};
use calor_primitives::{
	commitment::commitment,
	dispute::{Audit, AuditState},
	genesis_hash,
	job::OutputRoots,
	now,
	traits::{Assign, Case, Collateral, Lifecycle},
	AccountId, Balance, BlockNumber, JobId, H256,
};
use codec::Encode;
use frame_support::{dispatch::DispatchResult, ensure};

/// What an auditor puts behind its word, per value of the job.
const STAKE_PER_VALUE: Balance = 2;

impl<T: Config> Pallet<T> {
	/// Whether an owner may audit that: it is of another group than the worker.
	pub(crate) fn is_foreign(owner: &AccountId, case: &Case) -> bool {
		*owner != case.provider && T::Providers::group_of(owner) != case.group
	}

	/// What an auditor puts behind an audit, in planck.
	pub(crate) fn audit_stake(case: &Case) -> Balance {
		case.value.saturating_mul(STAKE_PER_VALUE)
	}

	/// Gives an auditor, owner and worker key, the audit until `by`; the reveal waits for it. The caller stores the check.
	pub(crate) fn take_audit(
		job: JobId,
		check: &mut Check,
		case: &Case,
		(auditor, worker): (AccountId, AccountId),
		by: BlockNumber,
		drawn: bool,
	) -> DispatchResult {
		let earmark = Self::audit_stake(case);
		let free = T::Collateral::free(&auditor).is_some_and(|free| free >= earmark);
		ensure!(free, Error::<T>::TooLittleStake);
		T::Collateral::earmark(&auditor, job, earmark)?;
		let state = AuditState::Claimed { by };
		let audit = Audit { auditor: auditor.clone(), worker, earmark, state };
		check.audits.try_push(audit).map_err(|_| Error::<T>::EnoughAuditors)?;
		let from = check.reveal_from.max(by.saturating_add(1));
		Self::open_reveal_at(job, check, from)?;
		Self::call_up_at(by.saturating_add(1), job);
		Self::deposit_event(Event::AuditClaimed { job, auditor, drawn, earmark, by });
		Ok(())
	}

	/// Moves the worker's reveal. The caller stores the check.
	pub(crate) fn open_reveal_at(
		job: JobId,
		check: &mut Check,
		from: BlockNumber,
	) -> DispatchResult {
		check.reveal_from = from;
		T::Jobs::reschedule_reveal(
			job,
			from,
			from.saturating_add(CurrentWindows::<T>::get().reveal),
		)
	}

	pub(crate) fn do_audit_commit(worker: AccountId, job: JobId, hash: H256) -> DispatchResult {
		let at = now::<T>();
		let (_, mut check) = Self::checked(job)?;
		let mine = check.audits.iter_mut().find(|audit| audit.worker == worker);
		let mine = mine.ok_or(Error::<T>::NotAuditor)?;
		let AuditState::Claimed { by } = mine.state else {
			return Err(Error::<T>::NotAuditor.into());
		};
		ensure!(at <= by, Error::<T>::TooLate);
		mine.state = AuditState::Committed(hash);
		let auditor = mine.auditor.clone();
		if !Self::anybody_at_work(&check, at) && check.challenge.is_none() {
			// Whoever draws by lottery may still come forward.
			let claims_until = if check.lottery.is_some() { check.claims_until } else { at };
			let from = at.max(claims_until).saturating_add(1);
			Self::open_reveal_at(job, &mut check, from)?;
		}
		Checks::<T>::insert(job, check);
		Self::deposit_event(Event::AuditCommitted { job, auditor, commitment: hash });
		Ok(())
	}

	/// Whether an auditor has time left to commit.
	fn anybody_at_work(check: &Check, at: BlockNumber) -> bool {
		let at_work = |audit: &Audit| matches!(audit.state, AuditState::Claimed { by } if at <= by);
		check.audits.iter().any(at_work)
	}

	pub(crate) fn do_audit_reveal(
		worker: AccountId,
		job: JobId,
		salt: [u8; 32],
		output_roots: OutputRoots,
	) -> DispatchResult {
		let (record, mut check) = Self::checked(job)?;
		let is_open = check.challenge.is_some() || now::<T>() >= check.reveal_from;
		let outputs = T::Jobs::case(job).ok_or(Error::<T>::UnknownJob)?.outputs;
		let mine = check.audits.iter_mut().find(|audit| audit.worker == worker);
		let mine = mine.ok_or(Error::<T>::NotAuditor)?;
		let AuditState::Committed(hash) = mine.state else {
			return Err(Error::<T>::NotAuditor.into());
		};
		ensure!(is_open, Error::<T>::TooEarly);
		ensure!(outputs as usize == output_roots.len(), Error::<T>::RootCount);
		let opened = commitment(&genesis_hash::<T>(), job, &worker, &salt, &output_roots);
		ensure!(opened == hash, Error::<T>::CommitmentMismatch);
		let auditor = mine.auditor.clone();
		let shown = hash_of(&output_roots);
		mine.state = AuditState::Shown(shown);
		Self::deposit_event(Event::AuditRevealed { job, auditor, output_roots });
		if let Some((_, roots)) = &record.opened {
			Self::compare_all(job, &mut check, roots);
		}
		Checks::<T>::insert(job, check);
		Ok(())
	}

	/// Holds what auditors have shown against what the worker has. The caller stores the check.
	pub(crate) fn compare_all(job: JobId, check: &mut Check, roots: &OutputRoots) {
		let expected = hash_of(roots);
		for audit in check.audits.iter_mut() {
			let AuditState::Shown(shown) = audit.state else { continue };
			let agrees = shown == expected;
			audit.state = if agrees { AuditState::Agreed } else { AuditState::Disagreed };
			let auditor = audit.auditor.clone();
			Self::deposit_event(Event::AuditCompared { job, auditor, agrees });
		}
	}
}

/// The hash by which roots are compared.
fn hash_of(roots: &OutputRoots) -> H256 {
	H256(roots.using_encoded(sp_io::hashing::blake2_256))
}
