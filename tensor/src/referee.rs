// SPDX-License-Identifier: Apache-2.0
//! Judgement over one tile: which input tiles it depends on, and what it must be.
//!
//! The referee computes through the very functions that define the operations ([`crate::kernels`]), from nothing but
//! the input tiles that a proof brings along.
//!
//! ```text
//! challenger: witness(program, op, tile, all tensors)  -> which input tiles
//! anyone:     Opened::insert(each of them)             after checking it against its root
//!             recompute_tile(program, op, tile, opened) -> the tile's bytes, to be hashed as a leaf
//! ```

use crate::{
	commit::tile_len,
	kernels::{compute_tile, MissingInput, Segment, Source},
	layout::{Layout, Tile, TILE},
	program::TensorId,
	tensor::Data,
	validate::Validated,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec,
	vec::Vec,
};
use core::{cell::RefCell, fmt};

/// One tile of one tensor of a program.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	codec::Encode,
	codec::Decode,
	codec::DecodeWithMemTracking,
	codec::MaxEncodedLen,
	scale_info::TypeInfo,
)]
pub struct InputTile {
	/// The tensor.
	pub tensor: TensorId,
	/// Index of the tile within it.
	pub tile: u32,
}

/// Why a tile could not be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefereeError {
	/// The program has no such operation.
	UnknownOp(u16),
	/// The tensor has no such tile.
	UnknownTile(InputTile),
	/// A tile of so many bytes was given where its type asks for others.
	WrongLength {
		/// Which tile.
		tile: InputTile,
		/// Bytes that its type asks for.
		expected: usize,
		/// Bytes that were given.
		actual: usize,
	},
	/// An input tile that the judged one depends on is missing.
	MissingInput,
}

impl fmt::Display for RefereeError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::UnknownOp(op) => write!(f, "the program has no op {op}"),
			Self::UnknownTile(at) => write!(f, "tensor {} has no tile {}", at.tensor, at.tile),
			Self::WrongLength { tile, expected, actual } => write!(
				f,
				"tile {} of tensor {} has {actual} bytes, its type needs {expected}",
				tile.tile, tile.tensor
			),
			Self::MissingInput => {
				f.write_str("an input tile that this tile depends on is missing; open it too")
			},
		}
	}
}

impl core::error::Error for RefereeError {}

impl From<MissingInput> for RefereeError {
	fn from(_: MissingInput) -> Self {
		Self::MissingInput
	}
}

/// Input tiles that a proof has opened.
#[derive(Clone, Debug, Default)]
pub struct Opened {
	/// The layout of each tensor, and its tiles whole, padding included.
	tensors: BTreeMap<TensorId, (Layout, BTreeMap<u32, Data>)>,
}

impl Opened {
	/// Adds a tile from the bytes that its leaf hashes: 64 x 64 elements, little-endian, row by row.
	///
	/// What lies beyond the tensor's edge is not looked at.
	///
	/// # Errors
	/// [`RefereeError::UnknownTile`] or [`RefereeError::WrongLength`].
	pub fn insert(
		&mut self,
		program: &Validated,
		at: InputTile,
		bytes: &[u8],
	) -> Result<(), RefereeError> {
		let known = program.tensor(at.tensor).filter(|(_, layout)| at.tile < layout.tiles());
		let (ty, layout) = known.ok_or(RefereeError::UnknownTile(at))?;
		let expected = tile_len(ty.dtype);
		if bytes.len() != expected {
			return Err(RefereeError::WrongLength { tile: at, expected, actual: bytes.len() });
		}
		let tiles = self.tensors.entry(at.tensor).or_insert_with(|| (*layout, BTreeMap::new()));
		tiles.1.insert(at.tile, Data::from_bytes(ty.dtype, bytes));
		Ok(())
	}
}

impl Source for Opened {
	fn segment(&self, id: TensorId, matrix: u32, row: u32, tile_col: u32) -> Option<Segment<'_>> {
		let (layout, tiles) = self.tensors.get(&id)?;
		let data = tiles.get(&layout.tile_at(matrix, row, tile_col)?)?;
		let from = (row % TILE).checked_mul(TILE)? as usize;
		let len = layout.cols.checked_sub(tile_col.checked_mul(TILE)?)?.min(TILE) as usize;
		let span = from..from.checked_add(len)?;
		match data {
			Data::I8(v) => v.get(span).map(Segment::I8),
			Data::I32(v) => v.get(span).map(Segment::I32),
		}
	}
}

/// Where tile `index` of what operation `op` defines stands.
fn locate(program: &Validated, op: u16, index: u32) -> Result<Tile, RefereeError> {
	let layout = program.op_layout(op).ok_or(RefereeError::UnknownOp(op))?;
	let leaves = program.program().leaves();
	let tensor =
		TensorId::try_from(leaves.saturating_add(usize::from(op))).unwrap_or(TensorId::MAX);
	layout.tile(index).ok_or(RefereeError::UnknownTile(InputTile { tensor, tile: index }))
}

/// The bytes of tile `index` of what operation `op` defines, as its leaf hashes them: 64 x 64 elements, little-endian,
/// row by row, zero beyond the tensor's edge.
///
/// # Errors
/// [`RefereeError::UnknownOp`], [`RefereeError::UnknownTile`], or [`RefereeError::MissingInput`] if `inputs` lacks one
/// of the tiles that [`witness`] names.
pub fn recompute_tile(
	program: &Validated,
	op: u16,
	index: u32,
	inputs: &impl Source,
) -> Result<Vec<u8>, RefereeError> {
	let tile = locate(program, op, index)?;
	let data = compute_tile(program, op, &tile, inputs)?;
	let (dtype, cols) = (data.dtype(), tile.cols as usize);
	let mut bytes = vec![0; tile_len(dtype)];
	let line = (TILE as usize).saturating_mul(dtype.size());
	let lines = bytes.chunks_exact_mut(line);
	match &data {
		Data::I8(v) => {
			for (to, from) in lines.zip(v.chunks_exact(cols)) {
				for (to, x) in to.iter_mut().zip(from) {
					*to = x.to_le_bytes()[0];
				}
			}
		},
		Data::I32(v) => {
			for (to, from) in lines.zip(v.chunks_exact(cols)) {
				for (to, x) in to.chunks_exact_mut(4).zip(from) {
					to.copy_from_slice(&x.to_le_bytes());
				}
			}
		},
	}
	Ok(bytes)
}

/// The input tiles that tile `index` of what operation `op` defines depends on, in order. `source` holds the operands;
/// Gather looks at its index, all others at shapes only.
///
/// # Errors
/// As [`recompute_tile`].
pub fn witness(
	program: &Validated,
	op: u16,
	index: u32,
	source: &impl Source,
) -> Result<Vec<InputTile>, RefereeError> {
	let tile = locate(program, op, index)?;
	let recorder = Recorder { program, source, seen: RefCell::default() };
	compute_tile(program, op, &tile, &recorder)?;
	Ok(recorder.seen.into_inner().into_iter().collect())
}

/// Notes every tile that is looked at.
struct Recorder<'a, S> {
	program: &'a Validated,
	source: &'a S,
	seen: RefCell<BTreeSet<InputTile>>,
}

impl<S: Source> Source for Recorder<'_, S> {
	fn segment(&self, id: TensorId, matrix: u32, row: u32, tile_col: u32) -> Option<Segment<'_>> {
		let (_, layout) = self.program.tensor(id)?;
		let tile = layout.tile_at(matrix, row, tile_col)?;
		self.seen.borrow_mut().insert(InputTile { tensor: id, tile });
		self.source.segment(id, matrix, row, tile_col)
	}
}
