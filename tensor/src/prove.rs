// SPDX-License-Identifier: Apache-2.0
//! How a challenger makes a proof: it opens the tiles on which the lie depends, under the roots that the worker is bound to.

use crate::{
	commit::{tile_len, trace_leaf, Hash},
	kernels::{Segment, Source},
	layout::TILE,
	program::TensorId,
	proof::{FraudProof, OpenedTensor},
	referee::{witness, InputTile, RefereeError},
	tree::siblings,
	validate::Validated,
};
use alloc::{collections::BTreeMap, vec, vec::Vec};

/// A leaf hash to which a worker is bound and which is not that of the tile which the program gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lie {
	/// The operation. The worker's roots of its operands are those of the challenger.
	pub op: u16,
	/// The tile of what it defines.
	pub tile: u32,
	/// The leaf hash that the worker has there.
	pub claimed: Hash,
	/// Path of that leaf to the tree root of what the operation defines, lowest first.
	pub path: Vec<Hash>,
}

/// The proof that a lie is one.
///
/// `source` and `leaves` give the elements and the leaf hashes of the operation's operands; `trace` the roots of what all
/// operations define as the worker has shown them, or nothing if the operation and its operands are known without.
///
/// # Errors
/// [`RefereeError::UnknownOp`] or [`RefereeError::UnknownTile`]; [`RefereeError::MissingInput`] if `source`, `leaves` or
/// `trace` lack what is needed.
pub fn prove<'a>(
	program: &Validated,
	lie: Lie,
	source: &impl Source,
	leaves: impl Fn(TensorId) -> Option<&'a [Hash]>,
	trace: &[Hash],
) -> Result<FraudProof, RefereeError> {
	let missing = RefereeError::MissingInput;
	let mut tiles = BTreeMap::<TensorId, Vec<u32>>::new();
	for at in witness(program, lie.op, lie.tile, source)? {
		tiles.entry(at.tensor).or_default().push(at.tile);
	}
	let mut inputs = Vec::with_capacity(tiles.len());
	for (tensor, places) in tiles {
		let siblings = leaves(tensor).and_then(|leaves| siblings(leaves, &places));
		let open = |&tile: &u32| Some((tile, bytes(program, source, InputTile { tensor, tile })?));
		inputs.push(OpenedTensor {
			tensor,
			in_trace: path_in_trace(program, tensor, trace).ok_or(missing)?,
			tiles: places.iter().map(open).collect::<Option<_>>().ok_or(missing)?,
			siblings: siblings.ok_or(missing)?,
		});
	}
	let id = program.program().leaves().saturating_add(usize::from(lie.op));
	let id = TensorId::try_from(id).map_err(|_| RefereeError::UnknownOp(lie.op))?;
	let in_trace = path_in_trace(program, id, trace).ok_or(missing)?;
	let Lie { op, tile, claimed, path } = lie;
	Ok(FraudProof { op, tile, claimed, path, in_trace, inputs })
}

/// The path of a tensor's root in the trace over these roots, lowest first: empty for operands and outputs, whose roots are
/// known without. `None` if it takes roots that are not there.
pub fn path_in_trace(program: &Validated, tensor: TensorId, trace: &[Hash]) -> Option<Vec<Hash>> {
	let of = program.program();
	let Some(op) = usize::from(tensor).checked_sub(of.leaves()) else { return Some(Vec::new()) };
	if of.outputs.contains(&tensor) {
		return Some(Vec::new());
	}
	if trace.len() != of.ops.len() {
		return None;
	}
	let leaves: Vec<Hash> = trace.iter().map(trace_leaf).collect();
	siblings(&leaves, &[u32::try_from(op).ok()?])
}

/// The bytes that a tile is hashed as; `None` if there is none, or `source` does not hold it.
pub fn bytes(program: &Validated, source: &impl Source, at: InputTile) -> Option<Vec<u8>> {
	let (ty, layout) = program.tensor(at.tensor)?;
	let tile = layout.tile(at.tile)?;
	let tile_col = tile.col.checked_div(TILE)?;
	let mut bytes = vec![0; tile_len(ty.dtype)];
	let line = (TILE as usize).checked_mul(ty.dtype.size())?;
	let rows = tile.row..tile.row.checked_add(tile.rows)?;
	for (row, to) in rows.zip(bytes.chunks_exact_mut(line)) {
		match source.segment(at.tensor, tile.matrix, row, tile_col)? {
			Segment::I8(from) => {
				to.iter_mut().zip(from).for_each(|(to, x)| *to = x.to_le_bytes()[0]);
			},
			Segment::I32(from) => {
				let to = to.chunks_exact_mut(4);
				to.zip(from).for_each(|(to, x)| to.copy_from_slice(&x.to_le_bytes()));
			},
		}
	}
	Some(bytes)
}
