// SPDX-License-Identifier: Apache-2.0
//! Proof that a worker lied about one tile, from nothing but what it committed to.
//!
//! A proof opens the input tiles on which one tile of one operation depends, each under a root that the worker is bound to,
//! and the leaf hash that the worker has at that tile. The judge computes the tile from the inputs; if its hash is another,
//! the worker's own commitment contradicts itself. Nothing that an honest worker committed to can be proved wrong.
//!
//! ```text
//! job      -> roots of inputs and constants
//! reveal   -> roots of outputs                       judge(program, known, proof) -> the worker lied, or why that is not
//! trace    -> roots of what every operation defines                                   shown
//! ```

use crate::{
	bounds::{worst, MAX_WITNESS},
	commit::{leaf, trace_leaf, typed_root, Hash},
	program::TensorId,
	referee::{recompute_tile, InputTile, Opened, RefereeError},
	tree::{fold, height},
	validate::Validated,
};
use alloc::vec::Vec;
use codec::Encode;
use core::fmt;

/// Most bytes of an encoded proof: the largest witness, the paths of the roots and of the claimed leaf, numbers and lengths.
pub const MAX_PROOF: u64 = MAX_WITNESS + (1 << 16);

/// What a worker is bound to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
	/// Roots of inputs, then constants, as the job names them.
	pub operands: Vec<Hash>,
	/// Roots of the outputs, as the worker revealed them, in the order of the program.
	pub outputs: Vec<Hash>,
	/// Root over the roots of what all operations define, once the worker has shown those.
	pub trace: Option<Hash>,
}

/// Tiles of one tensor under a root that the worker is bound to.
#[derive(
	Clone,
	Debug,
	PartialEq,
	Eq,
	codec::Encode,
	codec::Decode,
	codec::DecodeWithMemTracking,
	scale_info::TypeInfo,
)]
pub struct OpenedTensor {
	/// Which tensor.
	pub tensor: TensorId,
	/// Path of its root in the trace, lowest first; empty for operands and outputs, whose roots are known without.
	pub in_trace: Vec<Hash>,
	/// Its tiles by index, ascending, each with the bytes that its leaf hashes.
	pub tiles: Vec<(u32, Vec<u8>)>,
	/// Hashes that lead from these leaves to its tree root: see [`fold`].
	pub siblings: Vec<Hash>,
}

/// Shows that one tile is not what the program makes of its inputs.
#[derive(
	Clone,
	Debug,
	PartialEq,
	Eq,
	codec::Encode,
	codec::Decode,
	codec::DecodeWithMemTracking,
	scale_info::TypeInfo,
)]
pub struct FraudProof {
	/// The operation.
	pub op: u16,
	/// The tile of what it defines.
	pub tile: u32,
	/// The leaf hash that the worker has there.
	pub claimed: Hash,
	/// Path of that leaf to the tree root of what the operation defines, lowest first.
	pub path: Vec<Hash>,
	/// Path of that tensor's root in the trace, lowest first; empty if it is an output.
	pub in_trace: Vec<Hash>,
	/// The tiles that it depends on.
	pub inputs: Vec<OpenedTensor>,
}

/// Why a proof shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofError {
	/// An operation or tile does not exist, a tile has a wrong length, or one is missing.
	Referee(RefereeError),
	/// It is larger than any proof need be.
	TooLarge,
	/// A tensor is opened twice, or its tiles are not in ascending order.
	NotInOrder(TensorId),
	/// The root of this tensor is known only by the trace, which the worker has not shown.
	NoTrace(TensorId),
	/// Tiles and hashes of this tensor do not lead to a root that the worker is bound to.
	WrongPath(TensorId),
	/// The tile is what the program makes of its inputs.
	TileIsRight,
}

impl fmt::Display for ProofError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Referee(error) => error.fmt(f),
			Self::TooLarge => write!(f, "a proof has at most {MAX_PROOF} bytes"),
			Self::NotInOrder(id) => {
				write!(f, "tensor {id} must be opened once, its tiles in ascending order")
			},
			Self::NoTrace(id) => {
				write!(f, "the root of tensor {id} is not known: demand the trace first")
			},
			Self::WrongPath(id) => {
				write!(f, "what is opened of tensor {id} is not what the worker is bound to")
			},
			Self::TileIsRight => f.write_str("the tile is right: nothing is proved"),
		}
	}
}

impl core::error::Error for ProofError {}

impl From<RefereeError> for ProofError {
	fn from(error: RefereeError) -> Self {
		Self::Referee(error)
	}
}

impl FraudProof {
	/// Bytes of its encoding.
	pub fn bytes(&self) -> u64 {
		self.encoded_size() as u64
	}
}

/// What it takes to recompute the dearest tile of an operation, in multiply-accumulates of a product; `None` if the program
/// has no such operation.
pub fn work(program: &Validated, op: u16) -> Option<u64> {
	let layout = program.op_layout(op)?;
	let op = program.program().ops.get(usize::from(op))?;
	worst(op, program.tensors(), layout).map(|worst| worst.mac)
}

/// Whether the worker is bound to `root` as that of a tensor: `in_trace` is its path in the trace, or empty for operands and
/// outputs.
///
/// # Errors
/// [`ProofError::NoTrace`] or [`ProofError::WrongPath`].
pub fn is_bound(
	program: &Validated,
	known: &Known,
	tensor: TensorId,
	root: &Hash,
	in_trace: &[Hash],
) -> Result<(), ProofError> {
	let wrong = ProofError::WrongPath(tensor);
	let output = program.program().outputs.iter().position(|id| *id == tensor);
	let op = usize::from(tensor).checked_sub(program.program().leaves());
	let ok = match (op, output) {
		(None, _) => in_trace.is_empty() && known.operands.get(usize::from(tensor)) == Some(root),
		(_, Some(at)) => in_trace.is_empty() && known.outputs.get(at) == Some(root),
		(Some(op), None) => {
			let trace = known.trace.ok_or(ProofError::NoTrace(tensor))?;
			let op = u32::try_from(op).map_err(|_| wrong)?;
			let ops = u32::try_from(program.program().ops.len()).map_err(|_| wrong)?;
			op < ops && fold(&[(op, trace_leaf(root))], height(ops), in_trace) == Some(trace)
		},
	};
	ok.then_some(()).ok_or(wrong)
}

/// Opens the tiles of one tensor.
fn open(
	program: &Validated,
	known: &Known,
	open: &OpenedTensor,
	opened: &mut Opened,
) -> Result<(), ProofError> {
	let first = open.tiles.first().map_or(0, |(tile, _)| *tile);
	let at = InputTile { tensor: open.tensor, tile: first };
	let (ty, layout) = program.tensor(open.tensor).ok_or(RefereeError::UnknownTile(at))?;
	let mut leaves = Vec::with_capacity(open.tiles.len());
	for (tile, bytes) in &open.tiles {
		if leaves.last().is_some_and(|(before, _)| before >= tile) {
			return Err(ProofError::NotInOrder(open.tensor));
		}
		// Checks the length before anything is hashed.
		opened.insert(program, InputTile { tensor: open.tensor, tile: *tile }, bytes)?;
		leaves.push((*tile, leaf(bytes)));
	}
	let tree = fold(&leaves, height(layout.tiles()), &open.siblings);
	let tree = tree.ok_or(ProofError::WrongPath(open.tensor))?;
	is_bound(program, known, open.tensor, &typed_root(ty, &tree), &open.in_trace)
}

/// Judges a proof: `Ok` if and only if the worker is bound to a tile that the program does not make of inputs to which it
/// is bound as well.
///
/// Costs at most as much as hashing [`MAX_PROOF`] bytes and recomputing one tile ([`work`]).
///
/// # Errors
/// Why nothing is proved.
pub fn judge(program: &Validated, known: &Known, proof: &FraudProof) -> Result<(), ProofError> {
	if proof.bytes() > MAX_PROOF || proof.inputs.len() > program.tensors().len() {
		return Err(ProofError::TooLarge);
	}
	let leaves = program.program().leaves();
	let id = usize::from(proof.op).saturating_add(leaves);
	let id = TensorId::try_from(id).map_err(|_| RefereeError::UnknownOp(proof.op))?;
	let (ty, layout) = program.tensor(id).ok_or(RefereeError::UnknownOp(proof.op))?;
	if proof.tile >= layout.tiles() {
		return Err(RefereeError::UnknownTile(InputTile { tensor: id, tile: proof.tile }).into());
	}
	let tree = fold(&[(proof.tile, proof.claimed)], height(layout.tiles()), &proof.path);
	let tree = tree.ok_or(ProofError::WrongPath(id))?;
	is_bound(program, known, id, &typed_root(ty, &tree), &proof.in_trace)?;
	let mut opened = Opened::default();
	let mut before = None;
	for tensor in &proof.inputs {
		if before.is_some_and(|before| before >= tensor.tensor) {
			return Err(ProofError::NotInOrder(tensor.tensor));
		}
		before = Some(tensor.tensor);
		open(program, known, tensor, &mut opened)?;
	}
	if leaf(&recompute_tile(program, proof.op, proof.tile, &opened)?) == proof.claimed {
		return Err(ProofError::TileIsRight);
	}
	Ok(())
}
