// SPDX-License-Identifier: Apache-2.0
//! The chain on which stories begin: its people, its windows, its prices.

use crate::{runtime::*, story::account};
use calor_primitives::{
	job::HardwareClass, market::FeedValues, money::UNIT, AccountId, Balance, BlockNumber,
};
use sp_runtime::{BuildStorage, Permill};

/// Windows of the stories, in blocks.
pub const QUEUE: BlockNumber = 20;
pub const ACCEPT: BlockNumber = 5;
pub const DELIVER: BlockNumber = 10;
pub const REVEAL: BlockNumber = 8;
pub const CHALLENGE: BlockNumber = 10;
pub const CLAIM: BlockNumber = 3;
pub const AUDIT: BlockNumber = 5;
pub const ANSWER: BlockNumber = 4;
pub const PROVE: BlockNumber = 4;
pub const ROSTER: BlockNumber = 8;
/// Most blocks that a job of the stories computes.
pub const COMPUTING: BlockNumber = 2;
pub const GRACE: BlockNumber = 4;
pub const RETENTION: BlockNumber = 30;
pub const UNBONDING: BlockNumber = 100;
pub const DEFERRAL: BlockNumber = 15;
pub const HEARTBEAT: BlockNumber = 100;
pub const OFFLINE: BlockNumber = 300;
pub const LONGEST_WAIT: BlockNumber = 50;
pub const EPOCH: BlockNumber = 10;
pub const FILING: BlockNumber = 20;
pub const REWARD_EPOCH: BlockNumber = 20;
pub const REFUND_AFTER: BlockNumber = 40;

/// Blocks between two steps of the prices, between two refreshes of the rates, and in a day of the market.
pub const PRICE_STEP: BlockNumber = 10;
pub const REFRESH: BlockNumber = 5;
pub const DAY: BlockNumber = 60;

/// Balance of everyone at the beginning, and stake of each provider.
pub const FUNDS: Balance = 10_000 * UNIT;
pub const BOND: Balance = 1_000 * UNIT;
/// What the treasury has to pay feeders with, and what each gets at a step.
pub const TREASURY_FUNDS: Balance = 100 * UNIT;
pub const FEED_PAY: Balance = UNIT / 100;
/// What the audit pot keeps at most.
pub const POT: Balance = 1_000 * UNIT;
/// What the audit pot begins with.
pub const POT_FUNDS: Balance = 100 * UNIT;
/// What those have who do not appear in stories from the beginning.
pub const RESERVE: Balance = 50_000_000 * UNIT;

/// What one CAL and one kWh are worth, in pico-USD: 1 USD and 0.15 USD.
pub const CAL_USD: u128 = 1_000_000_000_000;
pub const KWH_USD: u128 = 150_000_000_000;
/// Rates at the beginning.
pub const RATES: FeedValues = FeedValues { cal: CAL_USD, kwh: KWH_USD };
/// Price of a compute unit in pico-USD, and millijoules that it takes, by class: 1 and 2 CAL. Class HighMemory has no
/// price.
pub const PRICES: [(HardwareClass, u128, u64); 2] =
	[(HardwareClass::General, CAL_USD, 50_000), (HardwareClass::Tensor, 2 * CAL_USD, 20_000)];

/// Who appears in the stories.
pub const PEOPLE: [&str; 7] = ["alice", "bob", "carol", "dave", "eve", "frank", "grace"];
/// Who says what CAL and electricity are worth.
pub const FEEDER: &str = "feeder";

/// Who has the money of those who have not appeared.
pub fn reserve() -> AccountId {
	account("reserve")
}

/// Windows of commits, audits, reveals and disputes, and what the audit pot keeps.
pub fn result_windows() -> pallet_verification::Windows {
	pallet_verification::Windows {
		reveal: REVEAL,
		challenge: CHALLENGE,
		claim: CLAIM,
		audit: AUDIT,
		answer: ANSWER,
		prove: PROVE,
		roster: ROSTER,
		pot: POT,
	}
}

/// When providers prove what they can do: never by chance. Stories about that say when.
pub fn capacity_windows() -> pallet_capacity::Windows {
	pallet_capacity::Windows { interval: BlockNumber::MAX, gap: 30, prove: 10, work_seconds: 1 }
}

/// Rules of the market. Feeds go stale after ten years, so that stories without feeds can be told; those about feeds set
/// other rules.
pub fn market_rules() -> pallet_market::Parameters {
	pallet_market::Parameters {
		step: PRICE_STEP,
		refresh: REFRESH,
		day: DAY,
		stale_after: 10 * 365 * 86_400_000,
		twap: 120_000,
		min_feeders: 1,
		spread: Permill::from_percent(20),
		feed_pay: FEED_PAY,
	}
}

fn balances() -> Vec<(AccountId, Balance)> {
	let people = PEOPLE.iter().chain([&FEEDER]).map(|name| (account(name), FUNDS));
	people
		.chain([
			(reserve(), RESERVE),
			(Treasury::get(), TREASURY_FUNDS),
			(AuditPot::get(), POT_FUNDS),
		])
		.collect()
}

/// The chain at its genesis.
pub fn genesis() -> RuntimeGenesisConfig {
	RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig { balances: balances(), ..Default::default() },
		stake: pallet_stake::GenesisConfig {
			unbonding_period: UNBONDING,
			slash_deferral: DEFERRAL,
			..Default::default()
		},
		providers: pallet_providers::GenesisConfig {
			windows: pallet_providers::Windows {
				heartbeat: HEARTBEAT,
				offline: OFFLINE,
				longest_wait: LONGEST_WAIT,
			},
			..Default::default()
		},
		disclosure: pallet_disclosure::GenesisConfig {
			windows: pallet_disclosure::Windows { epoch: EPOCH, filing: FILING },
			..Default::default()
		},
		market: pallet_market::GenesisConfig {
			classes: PRICES.to_vec(),
			parameters: market_rules(),
			feeders: vec![account(FEEDER)],
			rates: Some(RATES),
			..Default::default()
		},
		burn_mint: pallet_burn_mint::GenesisConfig {
			windows: pallet_burn_mint::Windows { epoch: REWARD_EPOCH, refund_after: REFUND_AFTER },
			..Default::default()
		},
		jobs: pallet_jobs::GenesisConfig {
			windows: pallet_jobs::Windows {
				queue: QUEUE,
				accept: ACCEPT,
				deliver: DELIVER,
				deliver_max: 1_000,
				grace: GRACE,
				retention: RETENTION,
			},
			..Default::default()
		},
		verification: pallet_verification::GenesisConfig {
			windows: result_windows(),
			..Default::default()
		},
		capacity: pallet_capacity::GenesisConfig {
			windows: capacity_windows(),
			..Default::default()
		},
		..Default::default()
	}
}

/// A chain at height 1 with everyone funded, and nothing else.
pub fn new_test_ext() -> sp_io::TestExternalities {
	ext_of(genesis())
}

/// A chain at height 1 that began otherwise.
pub fn ext_of(genesis: RuntimeGenesisConfig) -> sp_io::TestExternalities {
	let mut storage =
		frame_system::GenesisConfig::<Runtime>::default().build_storage().expect("system builds");
	genesis.assimilate_storage(&mut storage).expect("genesis builds");
	let mut ext: sp_io::TestExternalities = storage.into();
	ext.execute_with(|| System::set_block_number(1));
	ext
}
