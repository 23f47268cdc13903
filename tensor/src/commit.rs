// SPDX-License-Identifier: Apache-2.0
//! Commitments: by which hash a tensor, a run and a program are known.
//!
//! A tensor's tiles are the leaves of a Merkle tree; its root binds element type and dimensions as well. SHA-256 because
//! the runtime has it as a host function and a GPU computes it well.
//!
//! ```text
//! leaf        = sha256(0x00 || tile)            tile: 64 x 64 elements, little-endian, zero-padded
//! node        = sha256(0x01 || left || right)   leaves padded with 32 zero bytes to a power of two
//! tensor root = sha256(0x02 || dtype u8 || rank u8 || dims u32 LE.. || tree root)
//! trace root  = the same tree over the roots of all operations' tensors, leaf = sha256(0x00 || tensor root)
//! ```

use crate::{
	layout::{Tile, TILE},
	tensor::{Data, Tensor},
	types::{DType, TensorType},
};
use alloc::{vec, vec::Vec};
use blake2::{digest::consts::U32, Blake2b};
use sha2::{Digest, Sha256};

/// A SHA-256 or BLAKE2b-256 digest.
pub type Hash = [u8; 32];

/// What stands for a leaf that does not exist.
pub(crate) const NO_LEAF: Hash = [0; 32];

/// Name of a program: BLAKE2b-256 of its encoding.
pub fn program_id(bytes: &[u8]) -> Hash {
	Blake2b::<U32>::digest(bytes).into()
}

/// Hash of one leaf's bytes.
pub fn leaf(bytes: &[u8]) -> Hash {
	Sha256::new().chain_update([0]).chain_update(bytes).finalize().into()
}

/// Hash of a node.
pub(crate) fn node(left: &Hash, right: &Hash) -> Hash {
	Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// Root of the tree over `leaves`; one leaf is its own root, none gives 32 zero bytes.
pub fn tree_root(leaves: &[Hash]) -> Hash {
	let mut level = padded(leaves);
	while level.len() > 1 {
		level = parents(&level);
	}
	level.first().copied().unwrap_or(NO_LEAF)
}

fn padded(leaves: &[Hash]) -> Vec<Hash> {
	let mut level = leaves.to_vec();
	level.resize(leaves.len().next_power_of_two(), NO_LEAF);
	level
}

fn parents(level: &[Hash]) -> Vec<Hash> {
	level
		.chunks_exact(2)
		.filter_map(|pair| if let [l, r] = pair { Some(node(l, r)) } else { None })
		.collect()
}

/// Siblings from a leaf up to the root: proof that it stands in the tree.
#[derive(Clone, Debug, PartialEq, Eq, codec::Encode, codec::Decode, scale_info::TypeInfo)]
pub struct Path {
	/// Which leaf.
	pub index: u32,
	/// The sibling on each level, lowest first.
	pub siblings: Vec<Hash>,
}

impl Path {
	/// The path of leaf `index`, or `None` past the end.
	pub fn of(leaves: &[Hash], index: u32) -> Option<Self> {
		leaves.get(index as usize)?;
		let mut level = padded(leaves);
		let mut at = index as usize;
		let mut siblings = Vec::new();
		while level.len() > 1 {
			siblings.push(*level.get(at ^ 1)?);
			level = parents(&level);
			at >>= 1;
		}
		Some(Self { index, siblings })
	}

	/// Whether `leaf` stands at [`Self::index`] in the tree of `count` leaves with that root.
	///
	/// A path of another length than the tree's height, or an index past its end, proves nothing.
	pub fn proves(&self, leaf: &Hash, count: u32, root: &Hash) -> bool {
		let height = count.checked_next_power_of_two().map(u32::trailing_zeros);
		if self.index >= count || height.map(|h| h as usize) != Some(self.siblings.len()) {
			return false;
		}
		let (mut hash, mut at) = (*leaf, self.index);
		for sibling in &self.siblings {
			hash = if at & 1 == 0 { node(&hash, sibling) } else { node(sibling, &hash) };
			at >>= 1;
		}
		hash == *root
	}
}

/// The bytes that a tile is hashed as: 64 x 64 elements, those outside the matrix zero.
pub fn tile_bytes(tensor: &Tensor, tile: &Tile) -> Vec<u8> {
	let size = tensor.ty().dtype.size();
	let line = (TILE as usize).saturating_mul(size);
	let mut bytes = vec![0u8; line.saturating_mul(TILE as usize)];
	for (row, out) in (tile.row..).zip(bytes.chunks_exact_mut(line)).take(tile.rows as usize) {
		let from = tensor.layout().element(tile.matrix, row, tile.col) as usize;
		let span = from..from.saturating_add(tile.cols as usize);
		match tensor.data() {
			Data::I8(v) => {
				for (o, x) in out.iter_mut().zip(v.get(span).unwrap_or_default()) {
					*o = x.to_le_bytes()[0];
				}
			},
			Data::I32(v) => {
				for (o, x) in out.chunks_exact_mut(4).zip(v.get(span).unwrap_or_default()) {
					o.copy_from_slice(&x.to_le_bytes());
				}
			},
		}
	}
	bytes
}

/// Leaf hashes of all tiles, in order.
pub fn tile_leaves(tensor: &Tensor) -> Vec<Hash> {
	tensor.layout().iter().map(|tile| leaf(&tile_bytes(tensor, &tile))).collect()
}

/// Root of a tensor of that type whose tiles have that tree root.
pub fn typed_root(ty: &TensorType, tree: &Hash) -> Hash {
	let mut hasher = Sha256::new();
	hasher.update([2, ty.dtype.code(), ty.dims.len() as u8]);
	for dim in &ty.dims {
		hasher.update(dim.to_le_bytes());
	}
	hasher.update(tree);
	hasher.finalize().into()
}

/// Root of a tensor.
pub fn tensor_root(tensor: &Tensor) -> Hash {
	typed_root(tensor.ty(), &tree_root(&tile_leaves(tensor)))
}

/// Root over the roots of all operations' tensors, in the order of the operations.
pub fn trace_root(op_roots: &[Hash]) -> Hash {
	let leaves: Vec<_> = op_roots.iter().map(trace_leaf).collect();
	tree_root(&leaves)
}

/// The leaf of the trace that stands for a tensor of that root.
pub fn trace_leaf(root: &Hash) -> Hash {
	leaf(root)
}

/// Tiles of i8 have 4 KiB, tiles of i32 16 KiB.
pub const fn tile_len(dtype: DType) -> usize {
	(TILE as usize).saturating_mul(TILE as usize).saturating_mul(dtype.size())
}
