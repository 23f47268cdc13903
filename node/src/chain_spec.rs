// SPDX-License-Identifier: Apache-2.0

//! The chains that the node knows by name, and what a specification file may carry besides the genesis.
//! The genesis itself comes from the runtime's presets: this file only names them.

use calor_runtime::{opaque::Block, presets, WASM_BINARY};
use sc_chain_spec::{ChainSpecExtension, ChainType, Properties};
use serde::{Deserialize, Serialize};

/// A chain's specification.
pub type ChainSpec = sc_service::GenericChainSpec<Extensions>;

/// What a specification may say to the node, besides the genesis.
#[derive(Default, Clone, Serialize, Deserialize, ChainSpecExtension)]
#[serde(rename_all = "camelCase")]
pub struct Extensions {
	/// Blocks that this chain is known to have at a height.
	pub fork_blocks: sc_client_api::ForkBlocks<Block>,
	/// Blocks never to import.
	pub bad_blocks: sc_client_api::BadBlocks<Block>,
	/// Where a light client may start. Filled in by the RPC that exports a specification with it.
	pub light_sync_state: sc_sync_state_rpc::LightSyncStateExtension,
}

/// The specification called `id`: a built-in chain, or else a file.
pub fn load(id: &str) -> Result<ChainSpec, String> {
	match id {
		"dev" => built_in("Calor Development", "calor_dev", ChainType::Development, presets::DEV),
		// There is no public chain yet, so this is what a node without `--chain` runs.
		"" | "local" => built_in("Calor Local", "calor_local", ChainType::Local, presets::LOCAL),
		path => ChainSpec::from_json_file(path.into()).map_err(|error| {
			format!("`{path}` is neither `dev`, `local` nor a chain specification: {error}")
		}),
	}
}

fn built_in(
	name: &str,
	id: &str,
	chain_type: ChainType,
	preset: &str,
) -> Result<ChainSpec, String> {
	let code = WASM_BINARY.ok_or(
		"this node was built without its runtime: build it again without SKIP_WASM_BUILD, or pass a specification file",
	)?;
	Ok(ChainSpec::builder(code, Extensions::default())
		.with_name(name)
		.with_id(id)
		.with_chain_type(chain_type)
		.with_protocol_id("calor")
		.with_properties(properties())
		.with_genesis_config_preset_name(preset)
		.build())
}

/// What wallets need to show amounts and addresses.
fn properties() -> Properties {
	let mut properties = Properties::new();
	properties.insert("tokenSymbol".into(), "CAL".into());
	properties.insert("tokenDecimals".into(), 12.into());
	properties.insert("ss58Format".into(), 42.into());
	properties
}
