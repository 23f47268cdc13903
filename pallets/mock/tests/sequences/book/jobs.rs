// SPDX-License-Identifier: Apache-2.0
//! Jobs by their events: where each may go, and that its escrow is divided to the planck.

use super::{Book, Hold};
use calor_mock::{AuditPot, Runtime, System};
use calor_primitives::{
	fault::{Fault, Severity},
	job::{CloseReason, MAX_ATTEMPTS},
	money::{ceil_of, BurnKind, Payment, Price, SUBMISSION_FEE},
	provider::Availability,
	AccountId, Balance, BlockNumber, JobId,
};
use pallet_stake::Role;
use sp_runtime::Perbill;

type JobsOf = pallet_jobs::Jobs<Runtime>;

fn now() -> BlockNumber {
	System::block_number()
}

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
	/// Submitted, declined or failed a moment ago.
	Between,
	Waiting,
	Queued,
	Assigned(AccountId),
	Running(AccountId),
	Committed(AccountId),
	Revealed(AccountId),
	Settled,
	Closed,
	Dropped,
}

impl Stage {
	pub(super) fn is_open(&self) -> bool {
		!matches!(self, Self::Settled | Self::Closed | Self::Dropped)
	}

	pub(super) fn provider(&self) -> Option<&AccountId> {
		match self {
			Self::Assigned(p) | Self::Running(p) | Self::Committed(p) | Self::Revealed(p) => {
				Some(p)
			},
			_ => None,
		}
	}
}

/// A job as events tell of it.
#[derive(Debug)]
pub struct JobEntry {
	pub client: AccountId,
	pub stage: Stage,
	price: Balance,
	withheld: Balance,
	levy: Balance,
	tip: Balance,
	access: Balance,
	deposit: Balance,
	tip_burned: bool,
	pub(super) earmark: Balance,
	/// The first of those that run the same.
	replica_of: Option<JobId>,
	failed: Vec<AccountId>,
	/// What took it from its last provider.
	last: Option<CloseReason>,
}

impl JobEntry {
	pub(super) fn escrow(&self) -> Balance {
		self.price + self.levy + if self.tip_burned { 0 } else { self.tip }
	}
}

impl Book {
	pub(super) fn job(&mut self, id: JobId) -> &mut JobEntry {
		self.jobs.get_mut(&id).expect("events tell of jobs that were submitted")
	}

	/// Moves a job on, if it may go there from where it stands.
	#[track_caller]
	fn go(&mut self, id: JobId, from: impl FnOnce(&Stage) -> bool, to: Stage) {
		let job = self.job(id);
		assert!(from(&job.stage), "job {id} cannot go from {:?} to {to:?}", job.stage);
		job.stage = to;
	}

	/// Divides an ended job's escrow: what its client paid, what it got back as credits, and that this is all.
	fn pay_out(
		&mut self,
		id: JobId,
		provider: Option<AccountId>,
		payment: Option<Payment>,
		returned: Balance,
	) {
		let job = self.job(id);
		let (client, escrow, access) = (job.client.clone(), job.escrow(), job.access);
		let terms = Price { price: job.price, withheld: job.withheld };
		let spent = payment.map_or(0, |p| p.total());
		assert_eq!(escrow, spent + returned, "job {id}: escrow is what was paid and returned");
		assert!(spent <= job.price + job.levy, "job {id}: more than its price was paid");
		self.frees(&client, Hold::Escrow, escrow);
		self.frees(&client, Hold::Access, access);
		let back = self.coming_back.entry(client.clone()).or_default();
		*back = back.checked_sub(returned).expect("what is returned comes back as credits");
		let Some(payment) = payment else { return };
		let earned = payment.paid + payment.burned + payment.withheld;
		assert_eq!(payment.withheld, terms.reduced_to(earned).withheld, "job {id}: withheld");
		if payment.withheld > 0 {
			self.reached.note("Withheld");
		}
		self.worked(earned, payment.burned);
		self.burns(BurnKind::Withheld, payment.withheld);
		self.loses(&client, spent);
		self.gains(&provider.expect("who is paid has worked"), payment.paid);
		self.gains(&AuditPot::get(), payment.levy);
		self.burns(BurnKind::Settlement, payment.burned);
	}

	pub(super) fn read_jobs(&mut self, event: pallet_jobs::Event<Runtime>) {
		use pallet_jobs::Event::*;
		match event {
			Submitted { job, client, price, withheld, levy, tip, access, deposit, .. } => {
				let entry = JobEntry {
					client: client.clone(),
					stage: Stage::Between,
					price,
					withheld,
					levy,
					tip,
					access,
					deposit,
					tip_burned: false,
					earmark: 0,
					replica_of: JobsOf::get(job).and_then(|record| record.replica_of),
					failed: Vec::new(),
					last: None,
				};
				let paid = self.in_flight.entry(client.clone()).or_default();
				*paid = paid.checked_sub(entry.escrow()).expect("escrow is paid in credits");
				self.holds(&client, Hold::Escrow, entry.escrow());
				self.holds(&client, Hold::Access, access);
				self.holds(&client, Hold::Deposit, deposit);
				self.loses(&client, SUBMISSION_FEE);
				self.burns(BurnKind::Submission, SUBMISSION_FEE);
				assert!(self.jobs.insert(job, entry).is_none(), "job {job} was submitted twice");
				self.reached.note("Submitted");
			},
			Waiting { job } => {
				self.reached.note("Waiting");
				self.go(job, |s| *s == Stage::Between, Stage::Waiting);
			},
			Queued { job, .. } => {
				self.reached.note("Queued");
				let from = |s: &Stage| matches!(s, Stage::Between | Stage::Waiting);
				self.go(job, from, Stage::Queued);
			},
			Assigned { job, provider, .. } => {
				self.reached.note("Assigned");
				self.go(job, |s| *s == Stage::Queued, Stage::Assigned(provider.clone()));
				let now = self.availability.get(&provider);
				assert_eq!(now, Some(&Availability::Working), "who has a job works");
				let entry = self.job(job);
				assert!(!entry.failed.contains(&provider), "job {job} went back to who failed it");
				if !std::mem::replace(&mut entry.tip_burned, true) && entry.tip > 0 {
					let (client, tip) = (entry.client.clone(), entry.tip);
					self.frees(&client, Hold::Escrow, tip);
					self.loses(&client, tip);
					self.burns(BurnKind::Tip, tip);
					self.reached.note("Tip burned");
				}
			},
			Accepted { job, provider, .. } => {
				self.reached.note("Running");
				let from = Stage::Assigned(provider.clone());
				self.go(job, |s| *s == from, Stage::Running(provider));
			},
			Declined { job, provider, fault } => {
				let from = |s: &Stage| matches!(s, Stage::Assigned(p) | Stage::Running(p) if *p == provider);
				self.go(job, from, Stage::Between);
				self.gave_up(job, provider, CloseReason::InputUnavailable(fault));
			},
			Failed { job, provider, fault, penalty } => {
				self.read_failed(job, provider, fault, penalty)
			},
			Committed { job, provider, .. } => {
				self.reached.note("Committed");
				let from = Stage::Running(provider.clone());
				self.go(job, |s| *s == from, Stage::Committed(provider));
			},
			Revealed { job, provider, .. } => {
				self.reached.note("Revealed");
				let from = Stage::Committed(provider.clone());
				self.go(job, |s| *s == from, Stage::Revealed(provider));
			},
			Settled { job, provider, payment, returned } => {
				self.reached.note("Settled");
				if returned > 0 {
					self.reached.note("Late delivery");
				}
				if self.job(job).replica_of.is_some() {
					self.reached.note("Replicas paid");
				}
				let from = Stage::Revealed(provider.clone());
				self.go(job, |s| *s == from, Stage::Settled);
				self.pay_out(job, Some(provider), Some(payment), returned);
			},
			Closed { job, reason, refunded, payment } => {
				self.read_closed(job, reason, refunded, payment)
			},
			Dropped { job, index, .. } => {
				self.reached.note("Dropped");
				let ended = |s: &Stage| matches!(s, Stage::Settled | Stage::Closed);
				self.go(job, ended, Stage::Dropped);
				assert_eq!(index, self.receipts, "a receipt is missing");
				self.receipts += 1;
				let entry = self.job(job);
				let (client, deposit) = (entry.client.clone(), entry.deposit);
				self.frees(&client, Hold::Deposit, deposit);
			},
			AlreadySubmitted { job } => {
				assert_ne!(self.job(job).stage, Stage::Dropped, "a name leads nowhere");
				self.reached.note("Already submitted");
			},
			RevealRescheduled { job, reveal_from, reveal_by } => {
				assert!(reveal_from <= reveal_by, "job {job} can never be revealed");
				let stage = self.job(job).stage.clone();
				self.go(job, |s| matches!(s, Stage::Committed(_)), stage);
			},
			Postponed { job, settles_at } => {
				self.reached.note("Postponed");
				assert!(settles_at > now(), "job {job} should have settled");
				let stage = self.job(job).stage.clone();
				self.go(job, |s| matches!(s, Stage::Revealed(_)), stage);
			},
			WindowsSet { .. } => {},
			__Ignore(..) => unreachable!(),
		}
	}

	fn gave_up(&mut self, job: JobId, provider: AccountId, reason: CloseReason) {
		let entry = self.job(job);
		entry.failed.push(provider);
		entry.last = Some(reason);
		assert!(entry.failed.len() <= MAX_ATTEMPTS as usize, "job {job} was tried too often");
	}

	fn read_failed(&mut self, job: JobId, provider: AccountId, fault: Fault, penalty: Balance) {
		self.reached.note(format!("Failed: {fault:?}"));
		let from = |s: &Stage| match fault {
			Fault::NotAccepted => *s == Stage::Assigned(provider.clone()),
			Fault::NotDelivered => *s == Stage::Running(provider.clone()),
			Fault::NotRevealed => *s == Stage::Committed(provider.clone()),
			Fault::Vanished => {
				matches!(s, Stage::Assigned(p) | Stage::Running(p) if *p == provider)
			},
			Fault::WrongResult
			| Fault::TraceWithheld
			| Fault::OutputWithheld
			| Fault::InputWithheld => *s == Stage::Revealed(provider.clone()),
			_ => false,
		};
		self.go(job, from, Stage::Between);
		let earmark = self.job(job).earmark;
		match fault.severity() {
			Severity::Rising => assert!(
				[25, 50, 100]
					.map(|n| ceil_of(Perbill::from_percent(n), earmark))
					.contains(&penalty),
				"job {job}: a penalty of {penalty} for an earmark of {earmark}"
			),
			_ => assert_eq!(penalty, earmark, "job {job}: the whole earmark"),
		}
		let reason = match fault {
			Fault::NotRevealed => CloseReason::NotRevealed,
			Fault::WrongResult => CloseReason::Fraud,
			Fault::TraceWithheld => CloseReason::TraceWithheld,
			Fault::OutputWithheld => CloseReason::OutputWithheld,
			Fault::InputWithheld => CloseReason::InputWithheld,
			_ => CloseReason::DeadlineMissed,
		};
		self.gave_up(job, provider, reason);
	}

	fn read_closed(
		&mut self,
		job: JobId,
		reason: CloseReason,
		refunded: Balance,
		payment: Option<Payment>,
	) {
		let name = format!("{reason:?}");
		self.reached.note(format!("Closed: {}", name.split('(').next().unwrap_or_default()));
		let entry = self.job(job);
		let (stage, last, failed) = (entry.stage.clone(), entry.last, entry.failed.len());
		let spent = failed == MAX_ATTEMPTS as usize;
		let replica = entry.replica_of;
		let fallen = replica.is_some();
		let taken = JobsOf::get(job).is_some_and(|record| record.taken);
		let may = match reason {
			CloseReason::Cancelled => matches!(
				stage,
				Stage::Waiting | Stage::Queued | Stage::Assigned(_) | Stage::Running(_)
			),
			CloseReason::NoCapacity => stage == Stage::Queued,
			CloseReason::InputUnavailable(_) if stage == Stage::Queued => true,
			CloseReason::InputUnavailable(_)
			| CloseReason::DeadlineMissed
			| CloseReason::NotRevealed => {
				stage == Stage::Between && (spent || fallen) && last == Some(reason)
			},
			CloseReason::Fraud
			| CloseReason::TraceWithheld
			| CloseReason::OutputWithheld
			| CloseReason::InputWithheld => {
				stage == Stage::Between && (spent || fallen || taken) && last == Some(reason)
			},
			CloseReason::NotUnanimous => replica.is_some() && matches!(stage, Stage::Revealed(_)),
			CloseReason::ReplicaFailed(by) => {
				let other = self.job(by);
				let ended = matches!(other.stage, Stage::Closed | Stage::Dropped);
				replica.is_some() && ended && other.replica_of == replica
			},
			CloseReason::NotAudited => matches!(stage, Stage::Revealed(_)),
			CloseReason::ParentFailed(parent) => {
				stage == Stage::Waiting
					&& matches!(self.job(parent).stage, Stage::Closed | Stage::Dropped)
			},
			CloseReason::ProviderForfeited => stage
				.provider()
				.is_some_and(|p| self.excluded.contains(&(p.clone(), Role::Provider))),
		};
		assert!(may, "job {job} cannot close from {stage:?} for {reason:?}");
		let paid = matches!(stage, Stage::Running(_)) && reason == CloseReason::Cancelled;
		assert_eq!(payment.is_some(), paid, "only what ran until it was cancelled is paid");
		self.pay_out(job, stage.provider().cloned(), payment, refunded);
		self.job(job).stage = Stage::Closed;
	}
}
