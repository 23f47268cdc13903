// SPDX-License-Identifier: Apache-2.0
//! What can be known from events alone: what everybody has, what is held from whom, where each job stands.
//!
//! The pallets' own invariants compare their storage with itself. The book does not look at it: it starts from the genesis
//! and adds up what the pallets say that they do, so that storage that is wrong and consistent does not pass.

mod jobs;
mod money;
mod others;
mod purse;
mod stake;

use crate::cast::name_of;
use calor_mock::{Balances, Runtime, RuntimeEvent, RuntimeHoldReason, System};
use calor_primitives::{money::BurnKind, provider::Availability, AccountId, Balance, JobId};
use frame_support::traits::fungible::{Inspect, InspectHold};
use jobs::JobEntry;
use money::Supply;
use pallet_stake::{Role, SlashId};
use purse::Purse;
use stake::Pending;
use std::collections::BTreeMap;

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
	Credits,
}

impl Hold {
	const ALL: [Self; 7] = [
		Self::Escrow,
		Self::Deposit,
		Self::Access,
		Self::Provider,
		Self::Validator,
		Self::Filing,
		Self::Credits,
	];

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
			Self::Credits => pallet_burn_mint::HoldReason::Credits.into(),
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
	/// Credits by account.
	purses: BTreeMap<AccountId, Purse>,
	/// Who has just bought credits.
	bought: Option<AccountId>,
	/// Credits that were spent and are not yet the escrow of a job; and those that came back and that no job gave back yet.
	in_flight: BTreeMap<AccountId, Balance>,
	coming_back: BTreeMap<AccountId, Balance>,
	supply: Supply,
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
				RuntimeEvent::BurnMint(event) => self.read_burn_mint(event),
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
		self.compare_money();
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
