// SPDX-License-Identifier: Apache-2.0
//! The market alone, on a chain whose clock, use and treasury are set by hand.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "tests may panic")]

use crate as pallet_market;
use crate::{CurrentSchedule, GenesisConfig, Parameters};
use calor_primitives::{
	job::HardwareClass,
	market::FeedValues,
	money,
	traits::{Invariants as _, Usage, Used},
	AccountId, Balance, BlockNumber,
};
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU128, Hooks, Time},
	weights::Weight,
};
use frame_system::EnsureRoot;
use proptest::test_runner::Config as ProptestConfig;
use sp_runtime::BuildStorage;

pub type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
	pub enum Test {
		System: frame_system,
		Balances: pallet_balances,
		Market: pallet_market,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountId = AccountId;
	type Lookup = sp_runtime::traits::IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<{ money::UNIT / 1_000 }>;
	type AccountStore = System;
}

parameter_types! {
	/// Milliseconds since 1970, as the last block said.
	pub storage Clock: u64 = 0;
	/// What is offered and used between two steps, by class.
	pub storage Uses: Vec<(HardwareClass, u128, u128)> = Vec::new();
	pub const Treasury: AccountId = TREASURY;
}

pub const TREASURY: AccountId = AccountId::new([99; 32]);
/// When the chain begins: a day in 2026, in milliseconds since 1970.
pub const BEGINNING: u64 = 1_790_000_000_000;
/// Milliseconds per block.
pub const BLOCK_TIME: u64 = 2_000;
pub const USD: u128 = 1_000_000_000_000;
/// Half a USD for a CAL, a fifth for a kWh.
pub const VALUES: FeedValues = FeedValues { cal: USD / 2, kwh: USD / 5 };
/// Millijoules of a CU.
pub const ENERGY: u64 = 7_000;
/// 1.6 times what those cost.
pub const FLOOR: u128 = 622_223;
/// A price well above.
pub const PRICE: u128 = 10_000_000;

impl Time for Clock {
	type Moment = u64;
	fn now() -> u64 {
		Self::get()
	}
}

pub struct MockUsage;

impl Usage for MockUsage {
	fn take(class: HardwareClass) -> Used {
		let uses = Uses::get();
		let found = uses.iter().find(|(of, ..)| *of == class);
		found.map_or(Used::default(), |(_, offered, busy)| Used { offered: *offered, busy: *busy })
	}
}

impl pallet_market::Config for Test {
	type Currency = Balances;
	type Usage = MockUsage;
	type Time = Clock;
	type Treasury = Treasury;
	type Governance = EnsureRoot<AccountId>;
	type WeightInfo = ();
}

/// The account of feeder `i`.
pub fn feeder(i: u8) -> AccountId {
	AccountId::new([i; 32])
}

/// A price of CAL in cents, with electricity as usual.
pub fn cents(cal: u128) -> FeedValues {
	FeedValues { cal: cal * USD / 100, kwh: VALUES.kwh }
}

/// Three feeders, a price for every class, and no rates.
pub fn genesis() -> GenesisConfig<Test> {
	GenesisConfig {
		classes: HardwareClass::ALL.map(|class| (class, PRICE, ENERGY)).to_vec(),
		feeders: vec![feeder(1), feeder(2), feeder(3)],
		..Default::default()
	}
}

/// The state that follows from a genesis, at the first block.
pub fn externalities(genesis: GenesisConfig<Test>) -> sp_io::TestExternalities {
	let mut storage = frame_system::GenesisConfig::<Test>::default()
		.build_storage()
		.expect("no accounts, no failure");
	let balances = vec![(TREASURY, 1_000_000 * money::UNIT)];
	pallet_balances::GenesisConfig::<Test> { balances, ..Default::default() }
		.assimilate_storage(&mut storage)
		.expect("above the deposit");
	genesis.assimilate_storage(&mut storage).expect("valid");
	storage.into()
}

/// Plays a story on a new chain; the invariants hold at its end too.
pub fn run(genesis: GenesisConfig<Test>, story: impl FnOnce()) {
	externalities(genesis).execute_with(|| {
		next_block();
		Clock::set(&BEGINNING);
		story();
		assert_eq!(Market::check(), Ok(()));
	});
}

/// The same on a chain that three feeders have just told what CAL and electricity are worth.
pub fn run_fed(story: impl FnOnce()) {
	run(genesis(), || {
		all_feed(VALUES);
		story();
	});
}

/// The next block: its hook sees the clock of the last one.
pub fn next_block() -> Weight {
	let height = System::block_number() + 1;
	System::set_block_number(height);
	System::reset_events();
	let weight = Market::on_initialize(height);
	assert_eq!(Market::check(), Ok(()));
	if Clock::get() > 0 {
		Clock::set(&Clock::get().saturating_add(BLOCK_TIME));
	}
	weight
}

/// So many blocks.
pub fn blocks(count: BlockNumber) {
	for _ in 0..count {
		next_block();
	}
}

/// So many blocks at once, of which the chain sees only the last, with the time that they take.
pub fn skip(count: BlockNumber) {
	System::set_block_number(System::block_number() + count - 1);
	Clock::set(&Clock::get().saturating_add(u64::from(count - 1) * BLOCK_TIME));
	next_block();
}

/// A report of one feeder.
pub fn feed(i: u8, values: FeedValues) -> frame_support::dispatch::DispatchResultWithPostInfo {
	Market::feed(frame_system::RawOrigin::Signed(feeder(i)).into(), values)
}

/// The same report of all three.
pub fn all_feed(values: FeedValues) {
	for i in 1..=3 {
		feed(i, values).expect("a feeder");
	}
}

/// The rest of the day of the market, and in its last 40 minutes reports of all three; if it is over, the next.
pub fn day_of(values: impl Fn(u8) -> FeedValues) {
	let day = Parameters::default().day;
	let last = || CurrentSchedule::<Test>::get().day_began + day - 1;
	if System::block_number() == last() {
		next_block();
	}
	skip(last() - 1_200 - System::block_number());
	while System::block_number() < last() {
		for i in 1..=3 {
			feed(i, values(i)).expect("a feeder");
		}
		skip(150.min(last() - System::block_number()));
	}
}

/// What all classes offer and use from now on.
pub fn use_all(offered: u128, busy: u128) {
	Uses::set(&HardwareClass::ALL.map(|class| (class, offered, busy)).to_vec());
}

/// 300 random cases, always the same; `CALOR_LONG=1` tries 10,000 new ones.
pub fn cases() -> ProptestConfig {
	let long = std::env::var_os("CALOR_LONG").is_some();
	ProptestConfig {
		cases: if long { 10_000 } else { 300 },
		rng_seed: if long {
			proptest::test_runner::RngSeed::Random
		} else {
			proptest::test_runner::RngSeed::Fixed(5)
		},
		failure_persistence: None,
		..Default::default()
	}
}
