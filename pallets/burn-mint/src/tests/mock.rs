// SPDX-License-Identifier: Apache-2.0
//! A chain of three pallets: attendance, standings and rates are what a test says.

use crate::{self as pallet_burn_mint, *};
use calor_primitives::{
	job::HardwareClass,
	money::{Payment, Price, CAP, UNIT},
	traits::{Attended, Invariants, Settlement, Standing},
	BlockNumber,
};
use frame_support::{
	assert_ok, derive_impl, parameter_types,
	traits::{fungible::hold::Mutate as _, ConstU128, ConstU64, Hooks},
	weights::Weight,
};
use frame_system::EnsureRoot;
use sp_runtime::BuildStorage;
use std::collections::BTreeMap;

pub type Block = frame_system::mocking::MockBlockU32<Runtime>;

#[frame_support::runtime]
mod construct {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Runtime;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type BurnMint = pallet_burn_mint;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Runtime {
	type Block = Block;
	type AccountId = AccountId;
	type Lookup = sp_runtime::traits::IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

/// Least balance of an account.
pub const MIN_BALANCE: Balance = UNIT / 1_000;

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Runtime {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<MIN_BALANCE>;
	type AccountStore = System;
	type DustRemoval = fees::BurnDust<Runtime, Balances>;
}

parameter_types! {
	/// Providers in the order of storage, with what they attended since they were asked last.
	pub static Providers: BTreeMap<AccountId, Attended> = BTreeMap::new();
	/// Groups of owners, and how they stand. Others are groups of their own that nobody attested.
	pub static Standing_: BTreeMap<AccountId, Standing> = BTreeMap::new();
	/// Price of one CAL in pico-USD.
	pub static CalPrice: Option<u128> = Some(1_000_000_000_000);
	/// Price of the electricity of 10^12 multiply-accumulates, in pico-USD.
	pub static PowerPrice: Option<u128> = Some(1_000_000_000_000);
	pub static CloseWeight: Weight = Weight::from_parts(100_000_000_000, u64::MAX);
	pub AuditPot: AccountId = account("audits");
	pub Treasury: AccountId = account("treasury");
}

pub struct World;

impl Attendance for World {
	fn take(after: Option<&AccountId>, limit: u32) -> Vec<Attended> {
		Providers::mutate(|providers| {
			let page =
				providers.values_mut().filter(|one| after.is_none_or(|last| one.owner > *last));
			page.take(limit as usize)
				.map(|one| {
					let taken = one.clone();
					one.blocks = 0;
					taken
				})
				.collect()
		})
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_attended(count: u32) -> Vec<AccountId> {
		let owners = (0..count).map(|i| frame_benchmarking::account("owner", i, 0));
		owners
			.map(|owner: AccountId| {
				let (class, mac_per_second, blocks) = (HardwareClass::General, 1, 1);
				let attended = Attended { owner: owner.clone(), class, mac_per_second, blocks };
				Providers::mutate(|all| all.insert(owner.clone(), attended));
				owner
			})
			.collect()
	}
}

impl Standings for World {
	fn standing(owner: &AccountId) -> Standing {
		let alone = || Standing { group: owner.clone(), attested: false, in_order: true };
		Standing_::get().get(owner).cloned().unwrap_or_else(alone)
	}
}

impl Rates for World {
	fn cal_price() -> Option<u128> {
		CalPrice::get()
	}

	fn electricity(_: HardwareClass, mac: u128) -> Option<u128> {
		PowerPrice::get()?.checked_mul(mac / 1_000_000_000_000)
	}
}

impl Liquidity for World {
	fn liquid(who: &AccountId) -> Balance {
		let account = System::account(who).data;
		account.free.saturating_sub(account.frozen.max(MIN_BALANCE))
	}
}

impl Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type AuditPot = AuditPot;
	type Cap = ConstU128<CAP>;
	type Liquidity = World;
	type Rates = World;
	type Attendance = World;
	type Standings = World;
	type Treasury = Treasury;
	type MillisecsPerBlock = ConstU64<2_000>;
	type CloseWeight = CloseWeight;
	type Governance = EnsureRoot<AccountId>;
	type WeightInfo = ();
}

/// Blocks in an epoch of these tests.
pub const EPOCH: BlockNumber = 10;
/// Blocks after which credits can be refunded.
pub const REFUND: BlockNumber = 20;
/// What each of [`NAMES`] has to begin with.
pub const FUNDS: Balance = 1_000_000 * UNIT;
pub const NAMES: [&str; 5] = ["alice", "bob", "carol", "dave", "eve"];

pub fn account(name: &str) -> AccountId {
	let mut id = [0; 32];
	id[..name.len()].copy_from_slice(name.as_bytes());
	AccountId::from(id)
}

/// A new chain.
pub fn new_test_ext() -> sp_io::TestExternalities {
	let genesis = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig {
			balances: NAMES
				.into_iter()
				.chain(["audits"])
				.map(|name| (account(name), FUNDS))
				.collect(),
			..Default::default()
		},
		burn_mint: GenesisConfig {
			windows: Windows { epoch: EPOCH, refund_after: REFUND },
			..Default::default()
		},
		..Default::default()
	};
	genesis.build_storage().unwrap().into()
}

/// Runs a test on a new chain; invariants are checked after it.
pub fn chain(test: impl FnOnce()) {
	Providers::set(BTreeMap::new());
	Standing_::set(BTreeMap::new());
	CalPrice::set(Some(1_000_000_000_000));
	PowerPrice::set(Some(1_000_000_000_000));
	CloseWeight::set(Weight::from_parts(100_000_000_000, u64::MAX));
	new_test_ext().execute_with(|| {
		System::set_block_number(1);
		test();
		assert_eq!(BurnMint::check(), Ok(()));
	});
}

/// The next block, `ahead` heights later, written by `author`; providers attend it.
pub fn block_at(ahead: BlockNumber, author: Option<&str>) {
	System::set_block_number(System::block_number() + ahead);
	System::reset_events();
	Providers::mutate(|all| all.values_mut().for_each(|one| one.blocks += ahead));
	if let Some(author) = author {
		<BurnMint as pallet_authorship::EventHandler<_, _>>::note_author(account(author));
	}
	let spent = BurnMint::on_initialize(System::block_number());
	assert!(spent.all_lte(CloseWeight::get()), "a close takes more than it may");
	BurnMint::on_idle(System::block_number(), Weight::MAX);
	assert_eq!(BurnMint::check(), Ok(()));
}

/// So many blocks, written by alice.
pub fn blocks(count: BlockNumber) {
	(0..count).for_each(|_| block_at(1, Some("alice")));
}

/// Blocks until so many epochs have ended and been closed.
pub fn epochs(count: EpochIndex) {
	let until = CurrentEpoch::<Runtime>::get().index + count;
	while CurrentEpoch::<Runtime>::get().index < until || Close::<Runtime>::get() != Phase::Idle {
		blocks(1);
	}
}

pub fn provide(name: &str, class: HardwareClass, mac_per_second: u128) {
	let owner = account(name);
	let attended = Attended { owner: owner.clone(), class, mac_per_second, blocks: 0 };
	Providers::mutate(|all| all.insert(owner, attended));
}

pub fn stand(name: &str, group: &str, attested: bool, in_order: bool) {
	let standing = Standing { group: account(group), attested, in_order };
	Standing_::mutate(|all| all.insert(account(name), standing));
}

/// Settles work of that price, from what the client puts on hold for it.
pub fn settle(client: &str, provider: &str, price: Balance) -> Payment {
	settle_at(client, provider, Price { price, withheld: 0 }, 0)
}

pub fn settle_at(client: &str, provider: &str, price: Price, levy: Balance) -> Payment {
	// The pallet has one reason of its own; a settlement from credits would break what these add up to, so they are taken
	// out of balance and back within it.
	let reason = HoldReason::Credits.into();
	assert_ok!(Balances::hold(&reason, &account(client), price.price + levy));
	let (client, provider) = (account(client), account(provider));
	let class = HardwareClass::General;
	BurnMint::settle(&reason, &client, &provider, price, levy, class).unwrap()
}

pub fn free(name: &str) -> Balance {
	Balances::free_balance(account(name))
}

pub fn rewards(name: &str) -> Vec<(EpochIndex, EpochIndex, Reward)> {
	BurnMint::purse(account(name)).rewards
}

pub fn report(epoch: EpochIndex) -> EpochReport {
	BurnMint::epoch_report(epoch).expect("closed")
}
