// SPDX-License-Identifier: Apache-2.0

//! Builds the runtime to Wasm while its native build is made (the node embeds the Wasm).

#[cfg(feature = "std")]
const WORKSPACE_HINT: &str = "WASM_BUILD_WORKSPACE_HINT";

#[cfg(feature = "std")]
fn main() {
	// Looking upwards from the target directory does not find Cargo.lock where that directory lies outside the
	// repository, and without it the runtime would be built from other versions than those tested.
	// Asked for at run time: checkouts that share a target directory share this compiled script too.
	if let (None, Some(here)) =
		(std::env::var_os(WORKSPACE_HINT), std::env::var_os("CARGO_MANIFEST_DIR"))
	{
		std::env::set_var(WORKSPACE_HINT, std::path::Path::new(&here).join(".."));
	}
	let builder = substrate_wasm_builder::WasmBuilder::init_with_defaults();
	#[cfg(feature = "metadata-hash")]
	let builder = builder.enable_metadata_hash("CAL", 12);
	builder.build();
}

// The Wasm build runs this script again, without `std`: there is nothing left to do.
#[cfg(not(feature = "std"))]
fn main() {}
