// SPDX-License-Identifier: Apache-2.0

//! A chain in memory that began with a preset, and providers on it.

#![allow(dead_code, reason = "not every file of tests needs everything")]

use calor_primitives::{
	job::HardwareClass,
	provider::{Availability, Capacity, Presence, ProviderRecord},
	runtime_api::runtime_decl_for_invariants_api::InvariantsApiV1,
	AccountId, BlockNumber,
};
use calor_runtime::{
	constants::currency::UNIT, presets, Block, Runtime, RuntimeGenesisConfig, System,
};
use codec::Encode;
use frame_support::genesis_builder_helper::{build_state, get_preset};
use pallet_stake::{Ledgers, Role, StakeLedger};
use serde_json::Value;
use sp_keystore::{testing::MemoryKeystore, KeystoreExt};

/// Lays `patch` over `base`, as the node does with a preset.
fn merge(base: &mut Value, patch: Value) {
	match (base, patch) {
		(Value::Object(base), Value::Object(patch)) => {
			for (key, value) in patch {
				merge(base.entry(key).or_insert(Value::Null), value);
			}
		},
		(base, patch) => *base = patch,
	}
}

/// Run `test` in block 1 of a chain that began with `preset`, and check the invariants after it.
pub fn chain(preset: &str, test: impl FnOnce()) {
	built(preset, || {
		test();
		<Runtime as InvariantsApiV1<Block>>::check_invariants().expect("the invariants hold");
	});
}

/// The same without the invariants, for tests that write storage behind the pallets' backs.
pub fn built(preset: &str, test: impl FnOnce()) {
	let mut ext = sp_io::TestExternalities::default();
	ext.register_extension(KeystoreExt::new(MemoryKeystore::new()));
	ext.execute_with(|| {
		let default = get_preset::<RuntimeGenesisConfig>(&None, |_| None).expect("a default");
		let mut config: Value = serde_json::from_slice(&default).expect("the default is JSON");
		let patch = presets::get(&preset.into()).expect("the preset exists");
		merge(&mut config, serde_json::from_slice(&patch).expect("presets are JSON"));
		build_state::<RuntimeGenesisConfig>(config.to_string().into_bytes()).expect("it builds");
		System::set_block_number(1);
		test();
	});
}

/// Account number `i` of a kind.
pub fn account(kind: &str, i: u32) -> AccountId {
	AccountId::new(sp_io::hashing::blake2_256(&(kind, i).encode()))
}

/// A provider with stake that attended so many blocks with what it has proved, written straight into storage: its owner.
pub fn settle_in(i: u32, proven: u64, attended: BlockNumber) -> AccountId {
	let owner = account("owner", i);
	let record = ProviderRecord {
		worker: account("worker", i),
		endpoint: Default::default(),
		class: HardwareClass::ALL[i as usize % HardwareClass::ALL.len()],
		min_price: 0,
		claimed: Capacity { mac_per_second: proven, memory_mib: 8_192 },
		proven,
		availability: Availability::Idle,
		place: 0,
		job: None,
		presence: Presence::Free,
		seen: 0,
		ready_from: 0,
		offline: 0,
		attended,
		since: 0,
	};
	pallet_providers::Providers::<Runtime>::insert(&owner, record);
	let stake = StakeLedger { active: 100 * UNIT, ..StakeLedger::default() };
	Ledgers::<Runtime>::insert(Role::Provider, &owner, stake);
	owner
}
