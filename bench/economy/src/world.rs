// SPDX-License-Identifier: Apache-2.0
//! The network from hour to hour: blocks, and what everybody does in them by signed calls.

use crate::{
	complaints,
	fees::{charge, set_author},
	genesis::{self, Start},
	market,
	people::{first_bond, Plan, Provider, CLIENTS, FEEDERS, OWNER_KEEPS, VALIDATORS, WORKER_KEEPS},
	programs::Library,
	rng::Rng,
	scale::{mac_in, planck, scaled, DAY, HOUR_MS},
};
use calor_mock::{
	account, author_is, by, check_invariants, end_block, pair, Balances, BurnMint, ClockOffset,
	Disclosure, Providers, Runtime, Stake, System, BLOCK_MS,
};
use calor_primitives::{
	genesis_hash,
	group::Disclosure as Documents,
	money::UNIT,
	provider::{possession_message, Capacity},
	traits::Proving,
	AccountId, Balance, BlockNumber, JobId, H256,
};
use frame_support::{assert_ok, traits::fungible::Inspect, weights::Weight};
use pallet_stake::Role;
use sp_core::Pair;
use sp_io::TestExternalities;
use std::collections::HashMap;

/// The most that a provider can claim, in MAC/s.
const MOST_CLAIMED: u64 = 4_000_000_000_000_000;

/// Hour at which rewards are claimed: the close of the epoch before is over by then.
const CLAIMS_AT: BlockNumber = 6;

/// What feeders do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Feeds {
	/// All report what is.
	Honest,
	/// None reports.
	Silent,
	/// So many report a price of CAL that is off by this factor.
	Lying(usize, f64),
}

/// What the world outside the chain is like on a day.
#[derive(Clone, Copy, Debug)]
pub struct Conditions {
	/// Price of a CAL, in USD.
	pub cal: f64,
	/// What clients spend on computations, in USD a day.
	pub demand: f64,
	/// Real capacity of an honest provider, in MAC/s.
	pub capacity: f64,
	/// What feeders do.
	pub feeds: Feeds,
}

/// What happened in a day.
#[derive(Clone, Copy, Debug, Default)]
pub struct Today {
	/// Paid to honest providers for jobs, in planck.
	pub paid: Balance,
	/// MAC of the jobs that honest providers were paid for.
	pub mac: u128,
	/// Jobs that were paid.
	pub settled: u32,
	/// Jobs that closed without a result.
	pub closed: u32,
	/// Jobs that clients wanted and did not submit since too many waited already.
	pub crowded: u32,
	/// Jobs that were refused since nothing could be quoted.
	pub unquoted: u32,
	/// Purchases of CAL that the exchange could not fill.
	pub dry: u32,
}

/// A job that has not ended.
#[derive(Clone, Copy, Debug)]
pub struct Open {
	/// Its number.
	pub id: JobId,
	/// Its cost.
	pub mac: u64,
	/// Whether the attacker submitted it.
	pub washed: bool,
}

/// Everybody, and what is on the way.
pub struct World {
	/// Who provides, honest or not.
	pub providers: Vec<Provider>,
	/// Their places by owner account.
	pub by_owner: HashMap<AccountId, usize>,
	/// Who makes blocks, in turn.
	pub validators: Vec<AccountId>,
	/// Honest clients.
	pub clients: Vec<AccountId>,
	/// Who reports prices.
	pub feeders: Vec<AccountId>,
	/// Where everybody buys and sells CAL, at whatever it costs.
	pub exchange: AccountId,
	/// Programs to run.
	pub library: Library,
	/// Chance.
	pub rng: Rng,
	/// Jobs that have not ended.
	pub open: Vec<Open>,
	/// Real CU that clients want and have not submitted yet.
	pub wanted: f64,
	/// Whose turn it is to submit.
	pub turn: usize,
	/// What has happened since the day began.
	pub today: Today,
	/// CAL that the attacker's accounts had or bought, less what they sold, in planck.
	pub invested: i128,
	/// Accounts of the attacker, which hold its wealth.
	pub attackers: Vec<AccountId>,
	/// What each provider was given as rewards for the epoch that was closed last, and in all, in planck.
	pub rewards: Vec<Balance>,
	pub rewarded: Vec<Balance>,
	/// How many days have passed.
	pub day: u32,
}

/// A chain with its people.
pub struct Simulation {
	ext: TestExternalities,
	pub world: World,
}

impl Simulation {
	/// A chain on which these providers are ready, of that capacity each, and these other accounts of an attacker have
	/// money.
	pub fn new(
		seed: u64,
		start: Start,
		plans: Vec<Plan>,
		others: &[&str],
		conditions: &Conditions,
	) -> Self {
		complaints::listen();
		let providers: Vec<_> = plans.into_iter().map(Provider::of).collect();
		let people = |names: &[&str]| names.iter().map(|name| account(name)).collect::<Vec<_>>();
		let (validators, clients) = (people(&VALIDATORS), people(&CLIENTS));
		let (feeders, others) = (people(&FEEDERS), people(others));
		let (exchange, librarian) = (account("exchange"), "librarian");
		let mut accounts = vec![account(librarian)];
		accounts.extend(providers.iter().flat_map(|p| [p.owner.clone(), p.worker.clone()]));
		accounts.extend(validators.iter().chain(&clients).chain(&feeders).chain(&others).cloned());
		let attackers: Vec<_> = providers
			.iter()
			.filter(|p| p.plan.attacks)
			.flat_map(|p| [p.owner.clone(), p.worker.clone()])
			.chain(others)
			.collect();
		let mut ext = genesis::chain(start, &accounts, exchange.clone(), &feeders);
		let mut world = World {
			by_owner: providers.iter().enumerate().map(|(i, p)| (p.owner.clone(), i)).collect(),
			validators,
			clients,
			feeders,
			exchange,
			library: Library::default(),
			rng: Rng::new(seed),
			open: Vec::new(),
			wanted: 0.0,
			turn: 0,
			today: Today::default(),
			invested: 0,
			rewards: vec![0; providers.len()],
			rewarded: vec![0; providers.len()],
			providers,
			attackers,
			day: 0,
		};
		ext.execute_with(|| {
			let initial = world.attackers.iter().map(Balances::total_balance).sum::<Balance>();
			world.invested = initial as i128;
			world.library = Library::register(librarian);
			for index in 0..world.providers.len() {
				world.enter(index, conditions);
			}
			check_invariants();
			// The first day begins with the first epoch after that of these preparations.
			System::set_block_number(DAY - 1);
		});
		ext.commit_all().expect("nothing is open");
		Self { ext, world }
	}

	/// Lives a day under these conditions. `hour` is asked in every block, after everybody else has acted.
	pub fn live(&mut self, conditions: &Conditions, mut hour: impl FnMut(&mut World, BlockNumber)) {
		let world = &mut self.world;
		self.ext.execute_with(|| {
			world.today = Today::default();
			for h in 0..DAY {
				world.begin_hour();
				if h == 0 {
					world.morning(conditions);
				}
				if h == CLAIMS_AT {
					world.claims();
				}
				if h % 2 == 0 {
					world.feed(conditions);
				}
				world.go_on_with_jobs();
				world.demand(conditions);
				hour(world, h);
				if h == DAY - 1 {
					world.give_signs_of_life();
				}
				end_block(Weight::MAX);
			}
			check_invariants();
			complaints::none();
		});
		world.day += 1;
		self.ext.commit_all().expect("nothing is open");
		// The backend keeps nodes that nothing refers to any more until it is told not to.
		self.ext.backend.backend_storage_mut().purge();
	}

	/// Looks at the chain after a day.
	pub fn on_chain<R>(&mut self, what: impl FnOnce(&mut World) -> R) -> R {
		let world = &mut self.world;
		self.ext.execute_with(|| what(world))
	}
}

impl World {
	fn begin_hour(&mut self) {
		System::reset_events();
		ClockOffset::set(&(ClockOffset::get() + HOUR_MS - BLOCK_MS));
		calor_mock::begin_block();
		let turn = System::block_number() as usize % self.validators.len();
		let author = self.validators[turn].clone();
		set_author(&author);
		author_is(author);
	}

	/// Bonds, registers, discloses, has its capacity proven and is ready.
	pub fn enter(&mut self, index: usize, conditions: &Conditions) {
		let provider = self.providers[index].clone();
		provider.join_group();
		let (plan, owner) = (&provider.plan, &provider.owner);
		let key = pair(&format!("{}//worker", plan.name));
		let proof = key.sign(&possession_message(&genesis_hash::<Runtime>(), owner));
		assert!(self.buy(owner, first_bond()), "the exchange has enough at first");
		assert_ok!(Stake::bond(by(owner), Role::Provider, first_bond()));
		// What is claimed and not proven does not count, so all claim alike and more than they will ever have.
		let claimed = Capacity { mac_per_second: MOST_CLAIMED, memory_mib: u32::MAX };
		let min_price = if plan.works { 0 } else { Balance::MAX };
		assert_ok!(Providers::register(
			by(owner),
			key.public(),
			proof,
			b"http://10.0.0.1:9955".to_vec().try_into().expect("short"),
			plan.class,
			min_price,
			claimed,
		));
		let documents = H256::repeat_byte(1);
		let documents = Documents { owner: documents, sites: documents, power: documents };
		if plan.name == plan.head {
			assert_ok!(Disclosure::file(by(owner), documents));
		}
		self.prove(index, conditions);
		assert_ok!(Providers::set_ready(by(owner), true));
	}

	/// Has its capacity proven, as a proof that settles does.
	pub fn prove(&mut self, index: usize, conditions: &Conditions) {
		let provider = &mut self.providers[index];
		let mac_per_second = scaled(conditions.capacity * provider.plan.size);
		if provider.mac_per_second != mac_per_second && !provider.gone {
			provider.mac_per_second = mac_per_second;
			let owner = provider.owner.clone();
			<Providers as Proving>::prove(&owner, mac_per_second);
		}
	}

	/// Leaves with notice: it takes no more jobs.
	pub fn leave(&mut self, index: usize) {
		let provider = &mut self.providers[index];
		provider.gone = true;
		let owner = provider.owner.clone();
		charge(&owner);
		assert_ok!(Providers::drain(by(&owner)));
	}

	/// At the beginning of a day capacity is proven anew and stake filled up.
	fn morning(&mut self, conditions: &Conditions) {
		if self.day.is_multiple_of(10) {
			for index in 0..self.providers.len() {
				self.prove(index, conditions);
			}
		}
		if self.day.is_multiple_of(3) {
			self.fill_up_stake(conditions);
		}
	}

	/// Rewards of the epoch that was closed are written down, and a twenty-eighth of all owners claim theirs.
	fn claims(&mut self) {
		let epoch = pallet_burn_mint::CurrentEpoch::<Runtime>::get().index - 1;
		for (index, provider) in self.providers.iter().enumerate() {
			let reward = pallet_burn_mint::Rewards::<Runtime>::get(epoch, &provider.owner).total();
			self.rewards[index] = reward;
			self.rewarded[index] += reward;
		}
		for index in 0..self.providers.len() {
			if self.providers[index].plan.attacks || (self.day + index as u32).is_multiple_of(28) {
				self.claim_and_sell(index);
			}
		}
		for index in 0..self.validators.len() {
			if (self.day + index as u32).is_multiple_of(28) {
				let validator = self.validators[index].clone();
				self.claim(&validator);
				self.sell(&validator, OWNER_KEEPS);
			}
		}
	}

	fn claim(&self, who: &AccountId) {
		charge(who);
		// Nothing to claim is no reason to stop.
		let _ = BurnMint::claim(by(who));
	}

	fn claim_and_sell(&mut self, index: usize) {
		let Provider { owner, worker, .. } = self.providers[index].clone();
		self.claim(&owner);
		let short = planck(WORKER_KEEPS);
		let short = short.saturating_sub(Balances::free_balance(&worker));
		if short > 10 * UNIT && market::liquid(&owner) > short + UNIT {
			assert_ok!(Balances::transfer_keep_alive(by(&owner), worker, short));
		}
		self.sell(&owner, OWNER_KEEPS);
	}

	fn give_signs_of_life(&self) {
		for provider in self.providers.iter().filter(|p| !p.gone) {
			// Whoever was put out of the ready set comes back, after a wait if it was silent.
			if Providers::heartbeat(by(&provider.worker)).is_err() {
				let _ = Providers::set_ready(by(&provider.owner), true);
			}
		}
	}

	/// Real CU that an honest provider does in so many hours.
	pub fn typical_mac(&self, conditions: &Conditions, hours: BlockNumber) -> u64 {
		mac_in(scaled(conditions.capacity), hours)
	}
}
