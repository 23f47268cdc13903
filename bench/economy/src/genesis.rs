// SPDX-License-Identifier: Apache-2.0
//! The chain at the beginning of a simulation: 100 million CAL, windows in blocks of an hour, prices and feeders.

use crate::{
	people::{ACTOR_FUNDS, CLASS, EXCHANGE_FUNDS},
	scale::{per_scaled_cu, pico, DAY, HOUR_MS, MAC_SCALE, RATE_SCALE},
};
use calor_mock::{RuntimeGenesisConfig, Treasury};
use calor_primitives::{
	job::HardwareClass,
	market::FeedValues,
	money::{GENESIS, UNIT},
	AccountId, Balance,
};
use sp_io::TestExternalities;
use sp_runtime::Permill;

/// Energy that a real CU takes at the socket, in millijoules: that of class Tensor on a public chain.
pub const MILLIJOULES: u64 = 2_000;
/// Price of a kWh, in USD.
pub const KWH_USD: f64 = 0.12;
/// Paid to each feeder at each step of the prices, in planck.
const FEED_PAY: Balance = UNIT / 10;

/// Where a simulation begins.
#[derive(Clone, Copy, Debug)]
pub struct Start {
	/// Price of a real CU, in USD.
	pub per_cu: f64,
	/// Price of a CAL, in USD.
	pub cal: f64,
}

/// What a real CU's electricity costs, in USD.
pub fn electricity_per_cu() -> f64 {
	MILLIJOULES as f64 / 3.6e9 * KWH_USD
}

fn rules() -> pallet_market::Parameters {
	pallet_market::Parameters {
		step: 1,
		refresh: 1,
		day: DAY,
		// Three blocks: feeders report once in two.
		stale_after: 3 * HOUR_MS,
		twap: 1_800_000,
		min_feeders: 3,
		spread: Permill::from_percent(20),
		feed_pay: FEED_PAY,
	}
}

/// The chain at its genesis, with what each account has. The treasury has what is left of 100 million CAL.
pub fn chain(
	start: Start,
	accounts: &[AccountId],
	exchange: AccountId,
	feeders: &[AccountId],
) -> TestExternalities {
	let mut balances: Vec<_> = accounts.iter().map(|who| (who.clone(), ACTOR_FUNDS)).collect();
	balances.push((exchange, EXCHANGE_FUNDS));
	let given: Balance = balances.iter().map(|(_, amount)| amount).sum();
	balances.push((Treasury::get(), GENESIS - given));
	let classes = [CLASS, HardwareClass::HighMemory]
		.map(|class| (class, per_scaled_cu(start.per_cu), MILLIJOULES * MAC_SCALE));
	let start_of_work = pallet_burn_mint::kappa::WORK_START;
	calor_mock::ext_of(RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
		stake: pallet_stake::GenesisConfig {
			unbonding_period: 28 * DAY,
			slash_deferral: DAY,
			..Default::default()
		},
		providers: pallet_providers::GenesisConfig {
			// Providers give a sign of life a day, at its end; one that gives none for two days is gone.
			windows: pallet_providers::Windows { heartbeat: 2, offline: 2 * DAY, longest_wait: 6 },
			..Default::default()
		},
		disclosure: pallet_disclosure::GenesisConfig {
			windows: pallet_disclosure::Windows { epoch: 10 * DAY, filing: 14 * DAY },
			..Default::default()
		},
		market: pallet_market::GenesisConfig {
			classes: classes.to_vec(),
			parameters: rules(),
			feeders: feeders.to_vec(),
			rates: Some(FeedValues { cal: pico(start.cal), kwh: pico(KWH_USD) }),
			..Default::default()
		},
		burn_mint: pallet_burn_mint::GenesisConfig {
			windows: pallet_burn_mint::Windows { epoch: DAY, refund_after: 30 * DAY },
			baseline_capacity: pallet_burn_mint::emission::CAPACITY_START / u128::from(RATE_SCALE),
			baseline_work: start_of_work,
			..Default::default()
		},
		jobs: pallet_jobs::GenesisConfig {
			windows: pallet_jobs::Windows {
				queue: DAY,
				accept: 3,
				deliver: 3,
				// Jobs are so large that the slowest admitted hardware would need years for one.
				deliver_max: pallet_jobs::types::LONGEST,
				grace: 3,
				retention: DAY,
			},
			..Default::default()
		},
		verification: pallet_verification::GenesisConfig {
			windows: pallet_verification::Windows {
				reveal: 3,
				challenge: 1,
				claim: 1,
				audit: 1,
				answer: 1,
				prove: 1,
				roster: DAY,
				..Default::default()
			},
			..Default::default()
		},
		..Default::default()
	})
}
