// SPDX-License-Identifier: Apache-2.0

//! How a chain begins: named genesis configurations, as the JSON that the node asks for.
//! `dev` is one machine, `local` four; both give the well-known development accounts money and Alice sudo.
//! `genesis` is what they share. Whatever the preset, the balances add up to `GENESIS_ISSUANCE`.

mod genesis;

use crate::{
	constants::currency::{MILLI, UNIT},
	Balance,
};
use alloc::{format, vec, vec::Vec};
use calor_primitives::job::HardwareClass;
use genesis::{Genesis, Validator, Windows};
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::Sr25519Keyring as Keyring;

/// Preset with one validator, for a developer's machine.
pub const DEV: &str = "dev";
/// Preset with four validators, for several nodes on a developer's machine.
pub const LOCAL: &str = "local";

/// What each development account begins with: a hundredth of the issuance is the most anybody may hold.
const ENDOWMENT: Balance = 1_000_000 * UNIT;

/// Windows for one developer's patience. Acceptance and reveal still leave room for a worker that acts on finalised
/// blocks, which come two to three blocks late.
const SHORT: Windows = Windows {
	jobs: pallet_jobs::Windows {
		queue: 20,
		accept: 5,
		deliver: 5,
		deliver_max: 43_200,
		grace: 5,
		retention: 20,
	},
	results: pallet_verification::Windows { reveal: 20, challenge: 10 },
	unbonding: 100,
	slash_deferral: 30,
	providers: pallet_providers::Windows { heartbeat: 10, offline: 30, longest_wait: 30 },
	// On a chain of few providers each is a big one: nobody shall have to file within a day.
	disclosure: pallet_disclosure::Windows { epoch: 30, filing: 43_200 },
};

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
		// Alice to Ferdie, and their stashes.
		balances: Keyring::well_known().map(|who| (who.to_account_id(), ENDOWMENT)).collect(),
		sudo: Some(Keyring::Alice.to_account_id()),
		prices: vec![
			(HardwareClass::General, 100 * MILLI),
			(HardwareClass::HighMemory, 150 * MILLI),
			(HardwareClass::Tensor, 300 * MILLI),
		],
		windows: SHORT,
	}
}
