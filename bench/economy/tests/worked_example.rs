// SPDX-License-Identifier: Apache-2.0
//! The worked examples of `docs/economics.md`, line by line: what they assume is put on a chain, and what they say comes of
//! it is compared with what the pallets make of it, to the planck.

use calor_mock::*;
use calor_primitives::{
	assurance::Assurance,
	genesis_hash,
	job::HardwareClass,
	market::FeedValues,
	money::{BurnKind, Price, SUBMISSION_FEE},
	provider::{possession_message, Capacity},
	traits::{Credits, Proving, Rates, Settlement, Tariff},
	AccountId, Balance, BlockNumber,
};
use frame_support::{
	assert_ok,
	traits::fungible::{hold::Mutate as _, Inspect},
	weights::Weight,
};
use pallet_burn_mint::{emission, kappa};
use pallet_stake::Role;
use sp_core::Pair;
use std::{cell::RefCell, collections::BTreeMap};

const DOCUMENT: &str = include_str!("../../../docs/economics.md");
const CLASS: HardwareClass = HardwareClass::General;
const ESCROW: RuntimeHoldReason = RuntimeHoldReason::Jobs(pallet_jobs::HoldReason::Escrow);

/// The lines of an example: a name, a number and a unit each. `name = 1,234.5 CAL`, and after a semicolon how to get there.
struct Example {
	lines: BTreeMap<String, (String, String)>,
	read: RefCell<Vec<String>>,
}

impl Example {
	fn of(title: &str) -> Self {
		let fence = format!("```worked-example {title}\n");
		let (_, rest) = DOCUMENT.split_once(&fence).expect("the example stands in the document");
		let (block, _) = rest.split_once("```").expect("it ends");
		let lines = block.lines().filter(|line| !line.trim().is_empty()).map(|line| {
			let (name, rest) = line.split_once('=').unwrap_or_else(|| panic!("no '=' in: {line}"));
			let value = rest.split(';').next().unwrap_or_default();
			let mut parts = value.split_whitespace();
			let number = parts.next().unwrap_or_else(|| panic!("no number in: {line}"));
			let unit = parts.next().unwrap_or_else(|| panic!("no unit in: {line}"));
			(name.trim().to_owned(), (number.replace(',', ""), unit.to_owned()))
		});
		Self { lines: lines.collect(), read: RefCell::default() }
	}

	/// A number in the least unit of its kind: planck, pico-USD, MAC, millijoules, a billionth, or one.
	#[track_caller]
	fn number(&self, name: &str) -> u128 {
		let (number, unit) = self.lines.get(name).unwrap_or_else(|| panic!("no line {name}"));
		self.read.borrow_mut().push(name.into());
		let digits = match unit.as_str() {
			"CAL" | "USD" => 12,
			"MAC" | "MAC/s" | "blocks" => 0,
			"J" => 3,
			"of" => 9,
			other => panic!("{name} is in {other}, which nobody knows"),
		};
		let (whole, part) = number.split_once('.').unwrap_or((number, ""));
		assert!(part.len() <= digits, "{name} has more digits than there are of its unit");
		format!("{whole}{part:0<digits$}").parse().unwrap_or_else(|_| panic!("{name}: {number}"))
	}

	/// Compares what came of it with a line.
	#[track_caller]
	fn says(&self, name: &str, found: u128) {
		assert_eq!(self.number(name), found, "{name}");
	}

	/// Fails if a line was passed over.
	fn all_read(&self) {
		let read = self.read.borrow();
		let left: Vec<_> = self.lines.keys().filter(|name| !read.contains(name)).collect();
		assert!(left.is_empty(), "nothing checks these lines: {left:?}");
	}
}

/// A chain with the prices of an example.
fn chain(example: &Example, per_cu: u128, epoch: BlockNumber) -> sp_io::TestExternalities {
	let mut config = genesis();
	let millijoules = example.number("energy of a CU") as u64;
	config.market.classes = vec![(CLASS, per_cu, millijoules)];
	config.market.rates = Some(FeedValues {
		cal: example.number("price of a CAL"),
		kwh: example.number("price of a kWh"),
	});
	config.burn_mint.windows.epoch = epoch;
	// Providers of the example say once a day that they are there.
	config.providers.windows =
		pallet_providers::Windows { heartbeat: epoch / 2, offline: 2 * epoch, longest_wait: 0 };
	config.disclosure.windows = pallet_disclosure::Windows { epoch: 10 * epoch, filing: epoch };
	ext_of(config)
}

/// Spends credits on a job and settles it.
fn settle(client: &AccountId, provider: &AccountId, terms: Price, levy: Balance) {
	let escrow = terms.price + levy;
	assert_ok!(<BurnMint as Credits>::spend(client, escrow));
	assert_ok!(Balances::hold(&ESCROW, client, escrow));
	assert_ok!(<BurnMint as Settlement<RuntimeHoldReason>>::settle(
		&ESCROW, client, provider, terms, levy, CLASS,
	));
}

fn burned(kind: BurnKind) -> Balance {
	pallet_burn_mint::Burned::<Runtime>::get(kind)
}

#[test]
fn a_settlement_comes_out_as_the_document_says() {
	let example = Example::of("settlement");
	let per_cu = example.number("price of a CU");
	chain(&example, per_cu, EPOCH).execute_with(|| {
		let average = example.number("average price of a CU");
		pallet_market::Classes::<Runtime>::mutate(CLASS, |record| {
			let record = record.as_mut().expect("it has a price");
			record.average = pallet_market::average::Average::first(average);
		});
		let mac = example.number("cost of the job") as u64;
		let terms = <Market as Tariff>::quote(CLASS, mac).expect("quoted");
		example.says("price", terms.price);
		example.says("withheld", terms.withheld);
		let levy = Assurance::Optimistic.levy(terms.price).expect("small");
		example.says("levy", levy);
		example.says("escrow", terms.price + levy);
		let (client, provider) = (account("bob"), account("eve"));
		let cost = <BurnMint as Credits>::shortfall(&client, terms.price + levy).expect("small");
		example.says("cost of the credits", cost);
		example.says("submission fee", SUBMISSION_FEE);
		let before = (Balances::total_balance(&client), Balances::total_balance(&provider));
		let pot = Balances::total_balance(&AuditPot::get());
		let bought = burned(BurnKind::Purchase);
		settle(&client, &provider, terms, levy);
		example.says("burned for the credits", burned(BurnKind::Purchase) - bought);
		example.says("burned of the price", burned(BurnKind::Settlement));
		assert_eq!(burned(BurnKind::Withheld), terms.withheld);
		example.says("to the provider", Balances::total_balance(&provider) - before.1);
		assert_eq!(Balances::total_balance(&AuditPot::get()) - pot, levy);
		let paid = before.0 - Balances::total_balance(&client) + SUBMISSION_FEE;
		example.says("the client pays in all", paid);
		let gone = burned(BurnKind::Settlement) + terms.withheld + burned(BurnKind::Purchase)
			- bought + SUBMISSION_FEE;
		example.says("burned in all", gone);
		let floors = Market::report().classes.into_iter().map(|class| class.floor);
		example.says("floor of the price of a CU", floors.sum());
	});
	example.all_read();
}

/// Bonds, registers and has its capacity proven, without being ready.
fn register(name: &str, mac_per_second: u64) -> AccountId {
	let (owner, key) = (account(name), pair(&format!("{name}//worker")));
	let proof = key.sign(&possession_message(&genesis_hash::<Runtime>(), &owner));
	assert_ok!(Balances::transfer_keep_alive(by(&reserve()), owner.clone(), FUNDS));
	assert_ok!(Stake::bond(by(&owner), Role::Provider, BOND));
	let endpoint = b"http://10.0.0.1:9955".to_vec().try_into().expect("short");
	let claimed = Capacity { mac_per_second, memory_mib: 8_192 };
	let origin = by(&owner);
	assert_ok!(Providers::register(origin, key.public(), proof, endpoint, CLASS, 0, claimed));
	<Providers as Proving>::prove(&owner, mac_per_second);
	owner
}

/// Goes on to a height, as if nothing had happened until then.
fn skip_to(height: BlockNumber) {
	System::set_block_number(height - 1);
	begin_block();
}

fn ready(owner: &AccountId) {
	assert_ok!(Providers::set_ready(by(owner), true));
}

#[test]
fn an_epoch_comes_out_as_the_document_says() {
	let example = Example::of("epoch");
	let span = example.number("length of the epoch") as BlockNumber;
	let per_cu = 1_000_000_000;
	chain(&example, per_cu, span).execute_with(|| {
		let capacity = |name: &str| example.number(&format!("capacity of {name}")) as u64;
		let present = |name: &str| example.number(&format!("presence of {name}")) as BlockNumber;
		set_group("anna 2", "anna 1");
		set_attested("anna 1");
		set_attested("ben");
		let names = ["anna 1", "anna 2", "ben", "carl"];
		let owners = names.map(|name| register(name, capacity(name)));
		// The epoch of the example is the second; it begins with what the example says.
		let mut by_presence: Vec<_> = names.iter().zip(&owners).collect();
		by_presence.sort_by_key(|(name, _)| std::cmp::Reverse(present(name)));
		let mut began = false;
		for (name, owner) in by_presence {
			let from = 2 * span - 1 - present(name);
			if from >= span && !began {
				begin_epoch(&example, span);
				began = true;
			}
			if System::block_number() < from {
				skip_to(from);
			}
			ready(owner);
		}
		assert!(began, "somebody came later than the others");
		for (name, owner) in [("anna 1", &owners[0]), ("carl", &owners[3])] {
			let price = example.number(&format!("prices of the jobs of {name}"));
			settle(&reserve(), owner, Price { price, withheld: 0 }, 0);
		}
		for (name, blocks) in [("dora", 3), ("ed", 1)] {
			(0..blocks).for_each(|_| author_is(account(name)));
		}
		skip_to(2 * span - 1);
		for owner in &owners {
			assert_ok!(Providers::heartbeat(by(owner)).map(|_| ()).map_err(|e| e.error));
		}
		end_block(Weight::zero());
		begin_block();
		assert_eq!(epoch(), 2);
		while is_closing() {
			end_block(Weight::zero());
			begin_block();
		}
		compare(&example, &owners);
	});
	example.all_read();
}

/// Puts what the example begins with in the place of what the epoch before has left.
fn begin_epoch(example: &Example, span: BlockNumber) {
	skip_to(span);
	while is_closing() {
		end_block(Weight::zero());
		begin_block();
	}
	assert_eq!(epoch(), 1);
	let pools = emission::pools();
	example.says("simple pool before", pools.simple);
	example.says("baseline pool before", pools.baseline);
	pallet_burn_mint::Pools::<Runtime>::put(pools);
	pallet_burn_mint::Ceiling::<Runtime>::put(pools);
	let baseline = example.number("baseline of capacity before");
	assert_eq!(baseline, emission::CAPACITY_START);
	pallet_burn_mint::BaselineCapacity::<Runtime>::put(baseline);
	let work = example.number("baseline of work");
	assert_eq!(work, kappa::WORK_START);
	pallet_burn_mint::BaselineWork::<Runtime>::put(work);
}

/// Compares a closed epoch with the rest of the lines.
fn compare(example: &Example, owners: &[AccountId; 4]) {
	let report = BurnMint::epoch_report(1).expect("closed");
	example.says("proven capacity", report.capacity);
	example.says("released from the simple pool", report.budget.simple);
	example.says("released from the baseline pool", report.budget.baseline);
	let budget = report.budget.simple + report.budget.baseline;
	example.says("released", budget);
	let split = emission::split(budget);
	example.says("for validators", split.validators);
	example.says("for the treasury", split.treasury);
	example.says("for auditors of capacity", split.auditors);
	example.says("for providers", split.providers);
	let macs = report.capacity * u128::from(example.number("length of the epoch") as u64) * 2;
	example.says("electricity", Market::electricity(CLASS, macs).expect("known"));
	example.says("limit by electricity", report.providers_limit);
	let reward = |who: &AccountId| pallet_burn_mint::Rewards::<Runtime>::get(1, who);
	let [anna, anna_2, ben, carl] = owners.each_ref().map(reward);
	example.says("anna for availability", anna.availability + anna_2.availability);
	example.says("of it anna 1", anna.availability);
	example.says("of it anna 2", anna_2.availability);
	example.says("ben for availability", ben.availability);
	example.says("carl for availability", carl.availability);
	example.says("providers for availability", report.providers);
	example.says("dora", reward(&account("dora")).availability);
	example.says("ed", reward(&account("ed")).availability);
	example.says("value of the work", kappa::value(report.work, Market::cal_price()));
	example.says("kappa", report.kappa.deconstruct().into());
	example.says("burned by the work", report.work_burned);
	example.says("anna for work", anna.work);
	example.says("carl for work", carl.work);
	assert_eq!((anna_2.work, ben.work), (0, 0), "they had no work");
	let drawn = report.providers + report.validators + report.treasury + report.auditors;
	example.says("taken from the pools", drawn);
	example.says("taken from the simple pool", report.drawn.simple);
	example.says("taken from the baseline pool", report.drawn.baseline);
	let pools = pallet_burn_mint::Pools::<Runtime>::get();
	example.says("simple pool after", pools.simple);
	example.says("baseline pool after", pools.baseline);
	let baseline = pallet_burn_mint::BaselineCapacity::<Runtime>::get();
	example.says("baseline of capacity after", baseline);
}
