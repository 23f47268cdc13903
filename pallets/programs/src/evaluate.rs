// SPDX-License-Identifier: Apache-2.0
//! Running small programs inside the runtime, to hold engines against the chain's own meaning of them.

use alloc::{string::ToString, vec::Vec};
use calor_primitives::H256;
use calor_tensor::{
	bounds::worst,
	commit::{leaf, tile_len},
	referee::{recompute_tile, InputTile, Opened},
	reference, Tensor, Validated,
};

/// Most multiply-accumulates, and most bytes of all tensors together as they are hashed, that a query may ask for:
/// seconds in Wasm.
const MAX_MAC: u64 = 1_000_000_000;
const MAX_BYTES: u64 = 256 * 1024 * 1024;

fn words(error: impl ToString) -> Vec<u8> {
	error.to_string().into_bytes()
}

/// Cost of a program in multiply-accumulates.
///
/// # Errors
/// Which rule it breaks where, in UTF-8.
pub fn check(code: &[u8]) -> Result<u64, Vec<u8>> {
	Validated::from_bytes(code).map(|program| program.mac()).map_err(words)
}

/// What it takes to run a program on the reference, which computes each tile by itself, whole rows anew for each.
fn reference_mac(program: &Validated) -> u64 {
	let defined = program.tensors().iter().skip(program.program().leaves());
	program.program().ops.iter().zip(defined).fold(0u64, |sum, (op, (_, layout))| {
		let tile = worst(op, program.tensors(), layout).map_or(u64::MAX, |worst| worst.mac);
		sum.saturating_add(tile.saturating_mul(u64::from(layout.tiles())))
	})
}

/// Runs a program on the blobs of its inputs and constants and gives the root of what each operation defines.
///
/// # Errors
/// In UTF-8: the program is invalid or too large for a query, or the operands do not fit it.
pub fn op_roots(code: &[u8], operands: &[Vec<u8>]) -> Result<Vec<H256>, Vec<u8>> {
	let program = Validated::from_bytes(code).map_err(words)?;
	let bytes = program.tensors().iter().fold(0u64, |sum, (ty, layout)| {
		let padded = u64::from(layout.tiles()).saturating_mul(tile_len(ty.dtype) as u64);
		sum.saturating_add(padded)
	});
	if reference_mac(&program) > MAX_MAC || bytes > MAX_BYTES {
		return Err(words("the program is too large to be run in a query"));
	}
	let declared = program.tensors().iter().map(|(ty, _)| ty.clone());
	let tensors = declared
		.zip(operands)
		.map(|(ty, blob)| Tensor::from_bytes(ty, blob).map_err(words))
		.collect::<Result<Vec<_>, _>>()?;
	if tensors.len() != operands.len() {
		return Err(words("there are more operands than the program takes"));
	}
	let roots = reference::op_roots(&program, tensors).map_err(words)?;
	Ok(roots.into_iter().map(H256).collect())
}

/// Judges one tile: recomputes tile `tile` of what operation `op` defines from its opened input tiles alone, and gives
/// the leaf hash that an honest worker has there. What a tile costs is bounded by the program's registration.
///
/// # Errors
/// In UTF-8: the program is invalid, has no such operation or tile, or a tile is missing or of the wrong length.
pub fn judge_tile(
	code: &[u8],
	op: u16,
	tile: u32,
	inputs: &[(InputTile, Vec<u8>)],
) -> Result<H256, Vec<u8>> {
	let program = Validated::from_bytes(code).map_err(words)?;
	let mut opened = Opened::default();
	for (at, bytes) in inputs {
		opened.insert(&program, *at, bytes).map_err(words)?;
	}
	let bytes = recompute_tile(&program, op, tile, &opened).map_err(words)?;
	Ok(H256(leaf(&bytes)))
}
