// SPDX-License-Identifier: Apache-2.0
//! What can be known from events alone: what everybody has, what is held from whom, where each job stands.
//!
//! The pallets' own invariants compare their storage with itself. The book does not look at it: it starts from the genesis
//! and adds up what the pallets say that they do, so that storage that is wrong and consistent does not pass.

use crate::cast::name_of;
use calor_mock::{AuditPot, Balances, Runtime, RuntimeEvent, RuntimeHoldReason, System};
use calor_primitives::{
	fault::{Fault, Severity},
	job::{CloseReason, MAX_ATTEMPTS},
	money::{ceil_of, BurnKind, Payment, Slash, SUBMISSION_FEE},
	provider::Availability,
	AccountId, Balance, JobId,
};
use frame_support::traits::fungible::{Inspect, InspectHold};
use pallet_stake::{Role, SlashId};
use sp_runtime::Perbill;
use std::collections::BTreeMap;

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
	fn is_open(&self) -> bool {
		!matches!(self, Self::Settled | Self::Closed | Self::Dropped)
	}

	fn provider(&self) -> Option<&AccountId> {
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
	levy: Balance,
	tip: Balance,
	access: Balance,
	deposit: Balance,
	tip_burned: bool,
	earmark: Balance,
	failed: Vec<AccountId>,
	/// What took it from its last provider.
	last: Option<CloseReason>,
}

impl JobEntry {
	fn escrow(&self) -> Balance {
		self.price + self.levy + if self.tip_burned { 0 } else { self.tip }
	}
}

/// A slash that waits.
#[derive(Clone, Debug)]
struct Pending {
	role: Role,
	who: AccountId,
	job: Option<JobId>,
	amount: Balance,
	prover: Option<AccountId>,
}

/// How often things were reached.
#[derive(Clone, Debug, Default)]
pub struct Reached(BTreeMap<String, u32>);

impl Reached {
	fn note(&mut self, what: impl Into<String>) {
		*self.0.entry(what.into()).or_default() += 1;
	}

	/// How often that was reached.
	pub fn times(&self, what: &str) -> u32 {
		self.0.get(what).copied().unwrap_or(0)
	}

	/// Adds another sequence.
	pub fn add(&mut self, other: &Self) {
		for (what, times) in &other.0 {
			*self.0.entry(what.clone()).or_default() += times;
		}
	}
}

impl std::fmt::Display for Reached {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		self.0.iter().try_for_each(|(what, times)| writeln!(f, "{times:7} {what}"))
	}
}

/// Which hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hold {
	Escrow,
	Deposit,
	Access,
	Provider,
	Validator,
	Filing,
}

impl Hold {
	const ALL: [Self; 6] =
		[Self::Escrow, Self::Deposit, Self::Access, Self::Provider, Self::Validator, Self::Filing];

	fn of_role(role: Role) -> Self {
		match role {
			Role::Provider => Self::Provider,
			Role::Validator => Self::Validator,
		}
	}

	fn reason(self) -> RuntimeHoldReason {
		match self {
			Self::Escrow => pallet_jobs::HoldReason::Escrow.into(),
			Self::Deposit => pallet_jobs::HoldReason::Deposit.into(),
			Self::Access => pallet_jobs::HoldReason::Access.into(),
			Self::Provider => pallet_stake::HoldReason::Provider.into(),
			Self::Validator => pallet_stake::HoldReason::Validator.into(),
			Self::Filing => pallet_disclosure::HoldReason::Filing.into(),
		}
	}
}

/// The book.
#[derive(Default)]
pub struct Book {
	/// Everything that somebody has, free and held.
	wealth: BTreeMap<AccountId, Balance>,
	/// What of it is held.
	held: BTreeMap<(AccountId, Hold), Balance>,
	pub jobs: BTreeMap<JobId, JobEntry>,
	availability: BTreeMap<AccountId, Availability>,
	slashes: BTreeMap<SlashId, Pending>,
	excluded: Vec<(AccountId, Role)>,
	/// What was burned since the last look, by kind, as it follows from all other events; and as it was told.
	burned: BTreeMap<u8, Balance>,
	told: BTreeMap<u8, Balance>,
	receipts: u64,
	/// Who gets the prover's share of a slash that acts at once.
	pub prover: Option<AccountId>,
	pub reached: Reached,
}

fn filing_deposit() -> Balance {
	<<Runtime as pallet_disclosure::Config>::FilingDeposit as frame_support::traits::Get<_>>::get()
}

impl Book {
	/// The book at the beginning.
	pub fn open() -> Self {
		let mut book = Self::default();
		for who in frame_system::Account::<Runtime>::iter_keys() {
			book.wealth.insert(who.clone(), Balances::total_balance(&who));
		}
		book
	}

	fn gains(&mut self, who: &AccountId, amount: Balance) {
		*self.wealth.entry(who.clone()).or_default() += amount;
	}

	#[track_caller]
	fn loses(&mut self, who: &AccountId, amount: Balance) {
		let wealth = self.wealth.get_mut(who).expect("who loses had something");
		*wealth = wealth.checked_sub(amount).expect("nobody loses more than there is");
	}

	fn holds(&mut self, who: &AccountId, hold: Hold, amount: Balance) {
		*self.held.entry((who.clone(), hold)).or_default() += amount;
	}

	#[track_caller]
	fn frees(&mut self, who: &AccountId, hold: Hold, amount: Balance) {
		let held = self.held.get_mut(&(who.clone(), hold)).expect("what is freed was held");
		*held = held.checked_sub(amount).expect("no more is freed than was held");
	}

	fn burns(&mut self, kind: BurnKind, amount: Balance) {
		*self.burned.entry(kind as u8).or_default() += amount;
	}

	/// Reads what happened since the last look, and compares the book with the chain.
	pub fn read(&mut self) {
		let events = System::events();
		if events.is_empty() {
			return;
		}
		System::reset_events();
		for record in events {
			match record.event {
				RuntimeEvent::Jobs(event) => self.read_jobs(event),
				RuntimeEvent::Stake(event) => self.read_stake(event),
				RuntimeEvent::Providers(event) => self.read_providers(event),
				RuntimeEvent::Disclosure(event) => self.read_disclosure(event),
				RuntimeEvent::Balances(event) => self.read_balances(event),
				RuntimeEvent::BurnMint(pallet_burn_mint::Event::Burned { kind, amount }) => {
					*self.told.entry(kind as u8).or_default() += amount;
				},
				_ => {},
			}
		}
		self.compare();
	}

	/// Everybody has what the book says, nobody has anything else, and it is held for what the book says.
	fn compare(&mut self) {
		let mut all = 0;
		for (who, expected) in &self.wealth {
			let wealth = Balances::total_balance(who);
			assert_eq!(wealth, *expected, "{} does not have what events tell", name_of(who));
			all += wealth;
		}
		assert_eq!(all, Balances::total_issuance(), "somebody unknown has something");
		for ((who, hold), expected) in &self.held {
			let held = Balances::balance_on_hold(&hold.reason(), who);
			assert_eq!(held, *expected, "what is held as {hold:?} from {}", name_of(who));
		}
		for who in self.wealth.keys() {
			for hold in Hold::ALL {
				let known = self.held.get(&(who.clone(), hold)).copied().unwrap_or(0);
				let held = Balances::balance_on_hold(&hold.reason(), who);
				assert_eq!(held, known, "{hold:?} is held from {} for nothing", name_of(who));
			}
		}
		let nonzero = |burns: &mut BTreeMap<u8, Balance>| {
			burns.retain(|_, amount| *amount > 0);
			std::mem::take(burns)
		};
		let (burned, told) = (nonzero(&mut self.burned), nonzero(&mut self.told));
		assert_eq!(burned, told, "burns by kind are not what was to be burned");
	}

	fn job(&mut self, id: JobId) -> &mut JobEntry {
		self.jobs.get_mut(&id).expect("events tell of jobs that were submitted")
	}

	/// Moves a job on, if it may go there from where it stands.
	#[track_caller]
	fn go(&mut self, id: JobId, from: impl FnOnce(&Stage) -> bool, to: Stage) {
		let job = self.job(id);
		assert!(from(&job.stage), "job {id} cannot go from {:?} to {to:?}", job.stage);
		job.stage = to;
	}

	/// Divides an ended job's escrow: what its client paid, what it got back, and that this is all.
	fn pay_out(
		&mut self,
		id: JobId,
		provider: Option<AccountId>,
		payment: Option<Payment>,
		returned: Balance,
	) {
		let job = self.job(id);
		let (client, escrow, access) = (job.client.clone(), job.escrow(), job.access);
		let spent = payment.map_or(0, |p| p.paid + p.burned + p.levy);
		assert_eq!(escrow, spent + returned, "job {id}: escrow is what was paid and returned");
		assert!(spent <= job.price + job.levy, "job {id}: more than its price was paid");
		self.frees(&client, Hold::Escrow, escrow);
		self.frees(&client, Hold::Access, access);
		let Some(payment) = payment else { return };
		self.loses(&client, spent);
		self.gains(&provider.expect("who is paid has worked"), payment.paid);
		self.gains(&AuditPot::get(), payment.levy);
		self.burns(BurnKind::Settlement, payment.burned);
	}

	fn read_jobs(&mut self, event: pallet_jobs::Event<Runtime>) {
		use pallet_jobs::Event::*;
		match event {
			Submitted { job, client, price, levy, tip, access, deposit, .. } => {
				let entry = JobEntry {
					client: client.clone(),
					stage: Stage::Between,
					price,
					levy,
					tip,
					access,
					deposit,
					tip_burned: false,
					earmark: 0,
					failed: Vec::new(),
					last: None,
				};
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
		let may = match reason {
			CloseReason::Cancelled => matches!(
				stage,
				Stage::Waiting | Stage::Queued | Stage::Assigned(_) | Stage::Running(_)
			),
			CloseReason::NoCapacity => stage == Stage::Queued,
			CloseReason::InputUnavailable(_) if stage == Stage::Queued => true,
			CloseReason::InputUnavailable(_)
			| CloseReason::DeadlineMissed
			| CloseReason::NotRevealed => stage == Stage::Between && spent && last == Some(reason),
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

	fn read_stake(&mut self, event: pallet_stake::Event<Runtime>) {
		use pallet_stake::Event::*;
		match event {
			Bonded { role, who, amount } => self.holds(&who, Hold::of_role(role), amount),
			Withdrawn { role, who, amount } => {
				self.reached.note("Withdrawn");
				self.frees(&who, Hold::of_role(role), amount);
			},
			Earmarked { who, job, amount } => {
				let now = self.availability.get(&who);
				assert_eq!(now, Some(&Availability::Ready), "{} was not ready", name_of(&who));
				self.job(job).earmark = amount;
			},
			SlashDeferred { id, role, who, job, fault, amount, .. } => {
				assert!(!fault.is_proved(), "what is proved does not wait");
				if let Some(job) = job {
					assert_eq!(self.job(job).stage.provider(), Some(&who), "not its job");
				}
				let prover =
					pallet_stake::PendingSlashes::<Runtime>::get(id).and_then(|c| c.prover);
				self.slashes.insert(id, Pending { role, who, job, amount, prover });
			},
			SlashCancelled { id, .. } => {
				self.reached.note("Slash cancelled");
				assert!(self.slashes.remove(&id).is_some(), "slash {id} ended twice");
			},
			SlashVoided { id, who } => {
				self.reached.note("Slash voided");
				let slash = self.slashes.remove(&id).expect("a slash ends once");
				assert!(self.excluded.contains(&(who, slash.role)), "only then nothing is left");
			},
			Slashed { id, role, who, job, fault, slash, .. } => {
				let known = id.map(|id| self.slashes.remove(&id).expect("a slash ends once"));
				assert_eq!(known.is_none(), fault.is_proved(), "what is not proved waits");
				self.read_slashed(role, who, job, slash, known);
			},
			AccountExcluded { role, who, .. } => {
				self.reached.note("Slash of everything");
				let held = Balances::balance_on_hold(&Hold::of_role(role).reason(), &who);
				assert_eq!(held, 0, "{} keeps stake", name_of(&who));
				self.excluded.push((who, role));
			},
			Unbonded { .. } | Released { .. } | SlashAppealed { .. } | WindowsSet { .. } => {},
			__Ignore(..) => unreachable!(),
		}
	}

	fn read_slashed(
		&mut self,
		role: Role,
		who: AccountId,
		job: Option<JobId>,
		slash: Slash,
		known: Option<Pending>,
	) {
		let Slash { total, client, prover, burned } = slash;
		assert_eq!(total, client + prover + burned, "a slash is divided to the planck");
		assert!(burned >= total / 2, "at least half of a slash is burned");
		let hold = Hold::of_role(role);
		if let Some(known) = &known {
			assert_eq!((known.role, &known.who, known.job), (role, &who, job), "another slash");
			assert!(job.is_none() || known.amount == total, "a slash takes what it held back");
		}
		if job.is_none() {
			let all = self.held.get(&(who.clone(), hold)).copied().unwrap_or(0);
			assert_eq!(total, all, "a forfeiture takes everything");
		}
		self.reached.note("Slash acted");
		self.frees(&who, hold, total);
		self.loses(&who, total);
		self.burns(BurnKind::Slash, burned);
		if client > 0 {
			let client_of = job.map(|job| self.job(job).client.clone());
			self.gains(&client_of.expect("a client has a job"), client);
		}
		if prover > 0 {
			let to = known.map_or(self.prover.clone(), |known| known.prover);
			self.gains(&to.expect("somebody proved it"), prover);
		}
	}

	fn read_providers(&mut self, event: pallet_providers::Event<Runtime>) {
		use pallet_providers::Event::*;
		match event {
			Registered { owner, .. } => {
				self.availability.insert(owner, Availability::Idle);
			},
			AvailabilityChanged { owner, availability } => {
				if availability == Availability::Ready {
					let out = self.excluded.contains(&(owner.clone(), Role::Provider));
					assert!(!out, "{} was excluded and is ready", name_of(&owner));
				}
				self.availability.insert(owner, availability);
			},
			Deregistered { owner } => {
				self.reached.note("Deregistered");
				let busy = self.jobs.values().any(|job| job.stage.provider() == Some(&owner));
				assert!(!busy, "{} left its jobs", name_of(&owner));
				self.availability.remove(&owner);
			},
			FellSilent { owner, job, .. } => {
				self.reached.note("Fell silent");
				let now = self.availability.get(&owner).copied();
				let owed = matches!(
					now,
					Some(Availability::Ready | Availability::Working | Availability::Draining)
				);
				assert!(owed, "{} owed no sign of life: {now:?}", name_of(&owner));
				assert_eq!(job.is_none(), now == Some(Availability::Ready));
			},
			Returned { .. } => self.reached.note("Returned"),
			WorkerRotated { .. } => self.reached.note("Key rotated"),
			Updated { .. } | WindowsSet { .. } => {},
			__Ignore(..) => unreachable!(),
		}
	}

	fn read_disclosure(&mut self, event: pallet_disclosure::Event<Runtime>) {
		use pallet_disclosure::Event::*;
		match event {
			Filed { group, .. } => {
				self.held.insert((group, Hold::Filing), filing_deposit());
			},
			FilingWithdrawn { group } => self.frees(&group, Hold::Filing, filing_deposit()),
			FoundFalse { group, .. } => {
				self.reached.note("Found false");
				let filed = self.held.remove(&(group.clone(), Hold::Filing)).unwrap_or(0);
				if filed > 0 {
					self.loses(&group, filed);
					self.burns(BurnKind::Slash, filed);
				}
			},
			Counted { .. } | DutyChanged { .. } | WindowsSet { .. } => {},
			__Ignore(..) => unreachable!(),
		}
	}

	fn read_balances(&mut self, event: pallet_balances::Event<Runtime>) {
		use pallet_balances::Event::*;
		match event {
			Transfer { from, to, amount } => {
				self.loses(&from, amount);
				self.gains(&to, amount);
			},
			DustLost { account, amount } => {
				self.loses(&account, amount);
				self.burns(BurnKind::Dust, amount);
			},
			_ => {},
		}
	}

	/// Whether a job has neither been paid nor closed.
	pub fn is_open(&self, job: JobId) -> bool {
		self.jobs.get(&job).is_some_and(|job| job.stage.is_open())
	}

	/// What somebody has, by the book.
	pub fn wealth_of(&self, who: &AccountId) -> Balance {
		self.wealth.get(who).copied().unwrap_or(0)
	}
}
