// SPDX-License-Identifier: Apache-2.0
//! Who takes part, and with what they begin.

use crate::scale::planck;
use calor_mock::{account, set_attested, set_group, worker};
use calor_primitives::{job::HardwareClass, money::UNIT, AccountId, Balance};

/// The class that honest providers serve. Of its price most is burned, so least is left above the electricity.
pub const CLASS: HardwareClass = HardwareClass::Tensor;
/// What owners, workers, clients, validators and feeders begin with each, in planck.
pub const ACTOR_FUNDS: Balance = 1_000 * UNIT;
/// What the exchange begins with, in planck: everybody buys CAL there and sells it there.
pub const EXCHANGE_FUNDS: Balance = 70_000_000 * UNIT;
/// Liquid CAL that owners keep when they sell.
pub const OWNER_KEEPS: f64 = 500.0;
/// Liquid CAL that worker keys are filled up to.
pub const WORKER_KEEPS: f64 = 50.0;

/// Names of the validators, the clients and the feeders.
pub const VALIDATORS: [&str; 4] = ["validator 0", "validator 1", "validator 2", "validator 3"];
pub const CLIENTS: [&str; 4] = ["client 0", "client 1", "client 2", "client 3"];
pub const FEEDERS: [&str; 3] = ["feeder 0", "feeder 1", "feeder 2"];

/// A provider before it is on the chain.
#[derive(Clone, Debug)]
pub struct Plan {
	/// Name of the owner.
	pub name: String,
	/// Name of the head of its owner group, which may be its own.
	pub head: String,
	/// Whether a registrar attested the group.
	pub attested: bool,
	/// Its class.
	pub class: HardwareClass,
	/// Whether it takes jobs; whoever does not asks for more than anybody pays.
	pub works: bool,
	/// Real capacity that is proven, in MAC/s, as a part of what an honest provider has.
	pub size: f64,
	/// Whether its gains and losses are the attacker's.
	pub attacks: bool,
	/// Whether it only pretends to compute, since its jobs are its own.
	pub pretends: bool,
}

impl Plan {
	/// An honest one, on its own and attested.
	pub fn honest(name: impl Into<String>) -> Self {
		let name = name.into();
		Self {
			head: name.clone(),
			name,
			attested: true,
			class: CLASS,
			works: true,
			size: 1.0,
			attacks: false,
			pretends: false,
		}
	}

	/// The same in the group of another.
	pub fn of(mut self, head: &str) -> Self {
		self.head = head.into();
		self
	}

	/// The same without an attested identity.
	pub fn unattested(mut self) -> Self {
		self.attested = false;
		self
	}

	/// The same with another size.
	pub fn sized(mut self, size: f64) -> Self {
		self.size = size;
		self
	}

	/// The same, but it never takes a job.
	pub fn idle(mut self) -> Self {
		self.works = false;
		self
	}

	/// The same, for the attacker's own jobs in a class that nobody else serves.
	pub fn pretending(mut self) -> Self {
		self.class = HardwareClass::HighMemory;
		self.pretends = true;
		self.attacking()
	}

	/// The same, for the attacker.
	pub fn attacking(mut self) -> Self {
		self.attacks = true;
		self
	}
}

/// The usual network: 36 providers of one size: groups of six, four and four, 16 attested owners and six whom nobody
/// attested.
pub fn usual() -> Vec<Plan> {
	let mut all = Vec::new();
	for (head, members) in [("big", 6), ("middle", 4), ("other", 4)] {
		all.extend(
			(0..members).map(|i| Plan::honest(format!("{head} {i}")).of(&format!("{head} 0"))),
		);
	}
	all.extend((0..16).map(|i| Plan::honest(format!("small {i}"))));
	all.extend((0..6).map(|i| Plan::honest(format!("unknown {i}")).unattested()));
	all
}

/// A provider on the chain.
#[derive(Clone, Debug)]
pub struct Provider {
	/// What it was planned as.
	pub plan: Plan,
	/// Its owner account.
	pub owner: AccountId,
	/// Its worker key.
	pub worker: AccountId,
	/// The account of the head of its group.
	pub head: AccountId,
	/// Its proven capacity in the units of the simulation.
	pub mac_per_second: u64,
	/// Whether it has left.
	pub gone: bool,
}

impl Provider {
	/// One that is not on the chain yet.
	pub fn of(plan: Plan) -> Self {
		Self {
			owner: account(&plan.name),
			worker: worker(&plan.name),
			head: account(&plan.head),
			plan,
			mac_per_second: 0,
			gone: false,
		}
	}

	/// Makes its group known, as the identity pallet and a registrar would.
	pub fn join_group(&self) {
		if self.plan.name != self.plan.head {
			set_group(&self.plan.name, &self.plan.head);
		}
		if self.plan.attested && self.plan.name == self.plan.head {
			set_attested(&self.plan.head);
		}
	}
}

/// Stake that an honest provider bonds at first, in planck.
pub fn first_bond() -> Balance {
	planck(100_000.0)
}
