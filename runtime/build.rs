// SPDX-License-Identifier: Apache-2.0

//! Builds the runtime to Wasm while its native build is made (the node embeds the Wasm).

#[cfg(feature = "std")]
fn main() {
	let builder = substrate_wasm_builder::WasmBuilder::init_with_defaults();
	#[cfg(feature = "metadata-hash")]
	let builder = builder.enable_metadata_hash("CAL", 12);
	builder.build();
}

// The Wasm build runs this script again, without `std`: there is nothing left to do.
#[cfg(not(feature = "std"))]
fn main() {}
