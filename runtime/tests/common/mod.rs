// SPDX-License-Identifier: Apache-2.0

//! A chain in memory that began with a preset.

use calor_primitives::runtime_api::runtime_decl_for_invariants_api::InvariantsApiV1;
use calor_runtime::{presets, Block, Runtime, RuntimeGenesisConfig, System};
use frame_support::genesis_builder_helper::{build_state, get_preset};
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
#[allow(dead_code, reason = "not every file of tests needs it")]
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
