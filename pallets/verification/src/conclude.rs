// SPDX-License-Identifier: Apache-2.0
//! How the check of a result ends: the verdict, and what becomes of its auditors.
//!
//! | auditor | settled | proved wrong | worker at fault otherwise, or closed |
//! |---|---|---|---|
//! | agreed | paid | `AuditorAgreed` | paid |
//! | disagreed | `AuditorUnproven` | paid | paid |
//! | bound, not shown | `AuditorSilent` | free; `AuditorSilent` if it had the time | the same, and paid before the reveal opened |
//! | claimed | `AuditorSilent` | free; `AuditorSilent` if it had the time | the same |

use crate::{
	types::Check, Checks, CommittedAt, Config, CurrentRound, CurrentWindows, Demands, Event,
	Pallet, Results, WeightInfo,
};
use alloc::vec::Vec;
use calor_primitives::{
	dispute::{Audit, AuditState},
	fault::Fault,
	now,
	traits::{Assign, AuditPay, AuditPurse, Collateral, Evidence, Verdict},
	AccountId, Balance, BlockNumber, JobId, H256,
};
use codec::Encode;
use frame_support::{
	defensive,
	traits::{fungible::Mutate as _, tokens::Preservation, Get},
	weights::Weight,
};

/// How a check ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
	/// Nothing stood against the result.
	Settled,
	/// It was proved wrong: in an output, or on the way to it.
	Fraud { in_output: bool },
	/// The worker failed otherwise, or the job is closed.
	Void,
}

/// What becomes of an auditor.
enum Fate {
	Paid,
	Free,
	Failed(Fault),
}

/// Whether an auditor that is bound should have shown its result by now.
fn should_have_shown<T: Config>(check: &Check, at: BlockNumber) -> bool {
	let windows = CurrentWindows::<T>::get();
	at >= check.reveal_from.saturating_add(windows.reveal.min(windows.challenge))
}

fn fate<T: Config>(check: &Check, audit: &Audit, ending: Ending, at: BlockNumber) -> Fate {
	match (&audit.state, ending) {
		(AuditState::Agreed, Ending::Settled | Ending::Void) => Fate::Paid,
		(AuditState::Agreed, Ending::Fraud { in_output: true }) => {
			Fate::Failed(Fault::AuditorAgreed)
		},
		// It has vouched for outputs alone, which can be right though what is shown of the way to them is not.
		(AuditState::Agreed, Ending::Fraud { in_output: false }) => Fate::Free,
		(AuditState::Disagreed, Ending::Settled) => Fate::Failed(Fault::AuditorUnproven),
		(AuditState::Disagreed, Ending::Fraud { .. } | Ending::Void) => Fate::Paid,
		(AuditState::Shown(_), Ending::Fraud { .. } | Ending::Void) => Fate::Paid,
		(AuditState::Committed(_), Ending::Void) if at < check.reveal_from => Fate::Paid,
		(AuditState::Committed(_), Ending::Fraud { .. } | Ending::Void)
			if !should_have_shown::<T>(check, at) =>
		{
			Fate::Free
		},
		(AuditState::Claimed { by }, Ending::Fraud { .. } | Ending::Void) if at <= *by => {
			Fate::Free
		},
		// Or a client could have its own auditor spoil the audit that it asked for, and keep a result that it does not pay.
		(AuditState::Committed(_), _) => Fate::Failed(Fault::NotRevealed),
		(AuditState::Claimed { .. } | AuditState::Shown(_), _) => {
			Fate::Failed(Fault::AuditorSilent)
		},
	}
}

impl<T: Config> Pallet<T> {
	/// Ends the check of a result, if it is still checked.
	pub(crate) fn end(job: JobId, ending: Ending) {
		let Some(check) = Checks::<T>::take(job) else { return };
		let Some(record) = Results::<T>::get(job) else {
			defensive!("a check without a result");
			return;
		};
		CommittedAt::<T>::remove(record.at, job);
		let evidence = H256((job, record.at, &check).using_encoded(sp_io::hashing::blake2_256));
		let mut paid = Vec::new();
		for audit in &check.audits {
			match fate::<T>(&check, audit, ending, now::<T>()) {
				Fate::Paid => {
					paid.push(&audit.auditor);
					Self::free_auditor(job, &audit.auditor);
				},
				Fate::Free => {
					Self::free_auditor(job, &audit.auditor);
					let auditor = audit.auditor.clone();
					Self::deposit_event(Event::AuditDropped { job, auditor });
				},
				Fate::Failed(fault) => Self::fail_auditor(job, &audit.auditor, fault, evidence),
			}
		}
		Self::pay_auditors(job, &check, &paid);
		Self::leave_remains(job, record.at, ending != Ending::Settled);
	}

	fn free_auditor(job: JobId, auditor: &AccountId) {
		if let Err(error) = T::Collateral::release(auditor, job) {
			log::error!(target: "runtime::verification", "auditor of job {job}: {error:?}");
			defensive!("no stake stands behind an audit");
		}
	}

	fn fail_auditor(job: JobId, auditor: &AccountId, fault: Fault, evidence: H256) {
		match T::Collateral::penalise(auditor, job, fault, None, None, evidence) {
			Ok(penalty) => {
				if fault.jails() {
					T::Providers::jail(auditor);
				}
				let auditor = auditor.clone();
				Self::deposit_event(Event::AuditFailed { job, auditor, fault, penalty });
			},
			Err(error) => {
				log::error!(target: "runtime::verification", "auditor of job {job}: {error:?}");
				defensive!("an auditor could not be penalised");
			},
		}
	}

	/// Divides the fee among auditors. With a chance of `p` that there is any, the pot pays on average what levies bring.
	fn pay_auditors(job: JobId, check: &Check, auditors: &[&AccountId]) {
		let due = check.fee.checked_div(auditors.len() as Balance).unwrap_or(0);
		for auditor in auditors.iter().copied().cloned() {
			let paid = match check.purse {
				AuditPurse::Emission => {
					T::AuditPay::owe(&auditor, due);
					due
				},
				AuditPurse::Pot => Self::pay_from_pot(&auditor, due),
			};
			Self::deposit_event(Event::AuditPaid { job, auditor, paid, due });
		}
	}

	/// Pays what is due, or what there is. Gives what was paid.
	fn pay_from_pot(auditor: &AccountId, due: Balance) -> Balance {
		let amount = due.min(Self::in_pot());
		let pot = T::AuditPot::get();
		let paid = T::Currency::transfer(&pot, auditor, amount, Preservation::Preserve);
		paid.map_or(0, |_| amount)
	}
}

impl<T: Config> Evidence for Pallet<T> {
	fn of(job: JobId) -> (Option<H256>, Vec<H256>) {
		let Some(record) = Results::<T>::get(job) else { return Default::default() };
		let roots = record.opened.map(|(_, roots)| roots.into_inner());
		(Some(record.commitment), roots.unwrap_or_default())
	}

	fn verdict(job: JobId) -> Verdict {
		let Ok((record, check)) = Self::checked(job) else { return Verdict::Upheld };
		let attempt = (job, record.at);
		if check.challenge.as_ref().is_some_and(|challenge| challenge.open > 0) {
			// The gravest stands first.
			if let Some((question, demand)) = Demands::<T>::iter_prefix(attempt).next() {
				let fault = Self::fault_of(attempt, &question);
				let evidence = Self::evidence_of(attempt, &question);
				return Verdict::Silent { fault, demanded_by: demand.by, evidence };
			}
		}
		let shown =
			|audit: &Audit| matches!(audit.state, AuditState::Agreed | AuditState::Disagreed);
		if check.must_be_audited && !check.audits.iter().any(shown) {
			return Verdict::NotAudited;
		}
		Verdict::Upheld
	}

	fn settled(job: JobId) {
		Self::end(job, Ending::Settled);
	}

	fn closed(job: JobId) {
		Self::end(job, Ending::Void);
	}

	fn discard(job: JobId) {
		Self::end(job, Ending::Void);
		Results::<T>::remove(job);
	}

	fn lost(provider: &AccountId, job: JobId) {
		let Some(mut check) = Checks::<T>::get(job) else { return };
		let before = check.audits.len();
		check.audits.retain(|audit| audit.auditor != *provider);
		if check.audits.len() == before {
			return;
		}
		Self::free_auditor(job, provider);
		let auditor = provider.clone();
		Self::deposit_event(Event::AuditDropped { job, auditor });
		if check.challenge.is_none() && !check.replaced && check.drawing.is_none() {
			let at = now::<T>();
			Self::replace(&mut check, at);
			Self::call_up_at(at.saturating_add(1), job);
		}
		Checks::<T>::insert(job, check);
	}

	fn auditors() -> u32 {
		CurrentRound::<T>::get().auditors
	}

	fn earmarks() -> Vec<(AccountId, JobId, Balance)> {
		let of = |(job, check): (JobId, Check)| {
			check.audits.into_iter().map(move |audit| (audit.auditor, job, audit.earmark))
		};
		Checks::<T>::iter().flat_map(of).collect()
	}

	fn weight() -> Weight {
		T::WeightInfo::conclude()
	}
}
