// SPDX-License-Identifier: Apache-2.0

//! How a chain begins: named genesis configurations, as the JSON that the node asks for.
//! `dev` is one machine, `local` four; both give the well-known development accounts money and Alice sudo.
//! `genesis` is what they share. Who begins with how much stands in a file, which `allocation` holds against the rules.

pub mod allocation;
mod genesis;

use crate::{constants::currency::UNIT, TreasuryAccount};
use alloc::{format, vec, vec::Vec};
use allocation::Allocation;
use calor_primitives::{job::HardwareClass, market::FeedValues};
use genesis::{Genesis, Market, Validator, Windows};
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::Sr25519Keyring as Keyring;

/// Preset with one validator, for a developer's machine.
pub const DEV: &str = "dev";
/// Preset with four validators, for several nodes on a developer's machine.
pub const LOCAL: &str = "local";

/// Who begins with how much where everybody's secrets are public: the well-known accounts of development with a million
/// CAL each, and one insider who vests.
const DEVELOPMENT_ALLOCATION: &str = include_str!("../../genesis/dev.json");

/// A US dollar in pico-USD, in which prices are kept.
const USD: u128 = 1_000_000_000_000;

/// Windows for one developer's patience. Acceptance and reveal still leave room for a worker that acts on finalised
/// blocks, which come two to three blocks late.
const SHORT: Windows = Windows {
	jobs: pallet_jobs::Windows {
		queue: 20,
		accept: 5,
		deliver: 5,
		deliver_max: 200,
		grace: 5,
		retention: 20,
	},
	results: pallet_verification::Windows {
		reveal: 20,
		challenge: 10,
		claim: 5,
		audit: 10,
		answer: 10,
		prove: 10,
		roster: 10,
		pot: 20_000 * UNIT,
	},
	// Longer than claims, two audits, reveal, challenge and the steps of a dispute of a job that takes as long as any may.
	unbonding: 1_000,
	slash_deferral: 30,
	providers: pallet_providers::Windows { heartbeat: 10, offline: 30, longest_wait: 30 },
	// On a chain of few providers each is a big one: nobody shall have to file within a day.
	disclosure: pallet_disclosure::Windows { epoch: 30, filing: 43_200 },
	capacity: pallet_capacity::Windows { interval: 40, gap: 40, prove: 15, work_seconds: 4 },
	rewards: pallet_burn_mint::Windows { epoch: 30, refund_after: 30 },
};

/// Ten years in milliseconds.
const TEN_YEARS: u64 = 315_576_000_000;

/// Energy of a CU (10^12 int8 multiply-accumulates) on a usual card of each class, in millijoules at the socket.
///
/// Reckoned from data sheets (where a multiply-accumulate counts as two operations): board power over the peak rate of
/// int8 multiply-accumulates, twice that because about half of the peak is reached (llama.cpp's Vulkan path comes to 37 to
/// 62 % of CUDA), and a third more for host, power supply and cooling.
///
/// | class | card | board | peak, 10^12 MAC/s | J a CU at peak | in use |
/// |---|---|---|---|---|---|
/// | General | RTX 3060, `dp4a` at 4 x 12.7 TFLOPS | 170 W | 25.5 | 6.7 | 18 |
/// | HighMemory | RTX 3090, `dp4a` at 4 x 35.6 TFLOPS | 350 W | 71 | 4.9 | 13 |
/// | Tensor | H200, matrix units at 1,979 TOPS | 700 W | 990 | 0.71 | 2 |
const ENERGY: [(HardwareClass, u64); 3] = [
	(HardwareClass::General, 18_000),
	(HardwareClass::HighMemory, 13_000),
	(HardwareClass::Tensor, 2_000),
];

/// Names of all presets.
pub fn names() -> Vec<PresetId> {
	vec![PresetId::from(DEV), PresetId::from(LOCAL)]
}

/// The preset called `id`, as JSON. The names that generic tools try are understood too.
pub fn get(id: &PresetId) -> Option<Vec<u8>> {
	let genesis = match id.as_str() {
		DEV | DEV_RUNTIME_PRESET => development(&[Keyring::Alice]),
		LOCAL | LOCAL_TESTNET_RUNTIME_PRESET => {
			development(&[Keyring::Alice, Keyring::Bob, Keyring::Charlie, Keyring::Dave])
		},
		_ => return None,
	};
	Some(format!("{}", genesis.patch()).into_bytes())
}

/// A genesis for development: everybody's secrets are public.
fn development(validators: &[Keyring]) -> Genesis {
	Genesis {
		validators: validators.iter().copied().map(Validator::development).collect(),
		allocation: committed(DEVELOPMENT_ALLOCATION),
		sudo: Some(Keyring::Alice.to_account_id()),
		market: development_market(),
		windows: SHORT,
	}
}

/// An allocation that is compiled in. A chain that breaks its rules must not begin, and nothing but this file can mend it.
fn committed(file: &str) -> Allocation {
	match Allocation::parse(file, &TreasuryAccount::get()) {
		Ok(allocation) => allocation,
		Err(error) => panic!("{error}"),
	}
}

/// One CAL is a dollar, a kWh costs what it does in industry, and Alice alone says so from then on, if she likes.
fn development_market() -> Market {
	let price = |class| match class {
		HardwareClass::General => USD / 10,
		HardwareClass::HighMemory => 3 * USD / 20,
		HardwareClass::Tensor => 3 * USD / 10,
	};
	Market {
		classes: ENERGY.map(|(class, energy)| (class, price(class), energy)).to_vec(),
		parameters: pallet_market::Parameters {
			min_feeders: 1,
			// Nobody has to feed a developer's chain.
			stale_after: TEN_YEARS,
			..Default::default()
		},
		feeders: vec![Keyring::Alice.to_account_id()],
		rates: FeedValues { cal: USD, kwh: 3 * USD / 25 },
	}
}
