// SPDX-License-Identifier: Apache-2.0
//! Any bytes: decoding and validation neither panic nor take long; what they admit runs on the reference, and the
//! referee agrees with it on a tile of every operation.
//!
//! `cargo fuzz run program` in this crate's parent folder, or `scripts/fuzz.sh`.

#![no_main]

use calor_tensor::{
	commit::{leaf, tile_bytes, tile_leaves},
	referee::{recompute_tile, witness, Opened},
	reference::{self, Held},
	testing::Choice,
	Tensor, Validated,
};
use codec::Encode;
use libfuzzer_sys::fuzz_target;

/// What one input may cost to run: milliseconds.
const MAX_MAC: u64 = 300_000;
const MAX_TILES: u64 = 512;

fuzz_target!(|bytes: &[u8]| {
	let Ok(program) = Validated::from_bytes(bytes) else { return };
	// One program, one name.
	assert_eq!(program.program().encode(), bytes);
	let tiles: u64 = program.tensors().iter().map(|(_, layout)| u64::from(layout.tiles())).sum();
	if program.mac() > MAX_MAC || tiles > MAX_TILES {
		return;
	}
	let mut choice = Choice::new(u64::from_le_bytes(program.id()[..8].try_into().unwrap()));
	let leaves = program.program().leaves();
	let operands: Vec<Tensor> = program.tensors()[..leaves]
		.iter()
		.map(|(ty, _)| choice.tensor(ty).expect("validated"))
		.collect();
	let defined = reference::trace(&program, operands.clone()).expect("validated programs run");
	let held = Held(operands.into_iter().chain(defined).collect());
	for op in 0..program.program().ops.len() {
		let expected = tile_leaves(&held.0[leaves + op]);
		let index = choice.within(0, expected.len() as u64 - 1) as usize;
		// From nothing but the tiles that the witness names, as a proof brings them.
		let tiles = witness(&program, op as u16, index as u32, &held).expect("all is held");
		let mut opened = Opened::default();
		for at in tiles {
			let tensor = &held.0[usize::from(at.tensor)];
			let tile = tensor.layout().tile(at.tile).expect("within the tensor");
			opened.insert(&program, at, &tile_bytes(tensor, &tile)).expect("of its length");
		}
		let tile = recompute_tile(&program, op as u16, index as u32, &opened).expect("opened");
		assert_eq!(leaf(&tile), expected[index], "op {op}");
	}
});
