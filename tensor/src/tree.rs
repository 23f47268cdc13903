// SPDX-License-Identifier: Apache-2.0
//! Parts of Merkle trees: several leaves proved at once, and a tree taken apart level by level.
//!
//! A tree is never sent whole. Whoever descends asks for the hashes under one node, at most [`WIDTH`] at a time: a tensor of
//! up to 1,024 tiles is open after one question, one of 2^20 after two. Tiles themselves are asked for by [`CHUNK`].

use crate::{
	commit::{leaf, node, tile_len, typed_root, Hash, NO_LEAF},
	layout::Layout,
	types::TensorType,
};
use alloc::vec::Vec;

/// Most hashes in one answer.
pub const WIDTH: u32 = 1 << WIDTH_LEVELS;
const WIDTH_LEVELS: u32 = 10;
/// Tiles in one answer, neighbours in one subtree.
pub const CHUNK: u32 = 1 << CHUNK_LEVELS;
const CHUNK_LEVELS: u32 = 4;

/// Levels above the leaves of a tree of so many leaves.
pub fn height(leaves: u32) -> u32 {
	leaves.checked_next_power_of_two().map_or(32, u32::trailing_zeros)
}

/// Hash of a node of that level under which there is no leaf.
fn empty(level: u32) -> Hash {
	(0..level).fold(NO_LEAF, |below, _| node(&below, &below))
}

/// The nodes above these; the last one may lack its right half, in whose place `absent` stands.
fn above(level: &[Hash], absent: &Hash) -> Vec<Hash> {
	let up = |pair: &[Hash]| Some(node(pair.first()?, pair.get(1).unwrap_or(absent)));
	level.chunks(2).filter_map(up).collect()
}

/// The root of a tree of that height in which `known` nodes stand at their places on the lowest level, in ascending order,
/// together with the siblings that they lack: level by level from the lowest, from left to right.
///
/// `None` if the places are not ascending or lie outside, or if there is a sibling too few or too many.
pub fn fold(known: &[(u32, Hash)], height: u32, siblings: &[Hash]) -> Option<Hash> {
	if known.is_empty() || known.windows(2).any(|w| matches!(w, [a, b] if a.0 >= b.0)) {
		return None;
	}
	let width = 1u64.checked_shl(height)?;
	if known.last().is_none_or(|(at, _)| u64::from(*at) >= width) {
		return None;
	}
	let mut level = known.to_vec();
	let mut siblings = siblings.iter();
	for _ in 0..height {
		let mut above = Vec::with_capacity(level.len());
		let mut nodes = level.iter().peekable();
		while let Some((at, hash)) = nodes.next() {
			let up = if at & 1 == 1 {
				node(siblings.next()?, hash)
			} else if let Some((_, right)) = nodes.next_if(|(next, _)| *next == (at | 1)) {
				node(hash, right)
			} else {
				node(hash, siblings.next()?)
			};
			above.push((at >> 1, up));
		}
		level = above;
	}
	let [(_, root)] = level.as_slice() else { return None };
	siblings.next().is_none().then_some(*root)
}

/// The siblings with which [`fold`] gets from these leaves, in ascending order, to the root of the tree over `leaves`.
/// `None` if one of them does not exist, or they are not ascending.
pub fn siblings(leaves: &[Hash], places: &[u32]) -> Option<Vec<Hash>> {
	within(leaves, 0, height(u32::try_from(leaves.len()).ok()?), places)
}

/// The same in a subtree of so many levels above hashes of level `from`, all of them given and those after them empty.
fn within(hashes: &[Hash], from: u32, levels: u32, places: &[u32]) -> Option<Vec<Hash>> {
	let ascending = places.windows(2).all(|w| matches!(w, [a, b] if a < b));
	if !ascending || places.last().is_none_or(|last| hashes.get(*last as usize).is_none()) {
		return None;
	}
	let (mut level, mut places, mut found) = (hashes.to_vec(), places.to_vec(), Vec::new());
	let mut absent = empty(from);
	for _ in 0..levels {
		for at in &places {
			if places.binary_search(&(at ^ 1)).is_err() {
				found.push(level.get((at ^ 1) as usize).copied().unwrap_or(absent));
			}
		}
		level = above(&level, &absent);
		absent = node(&absent, &absent);
		places.iter_mut().for_each(|at| *at >>= 1);
		places.dedup();
	}
	Some(found)
}

/// The tree over a tensor's tiles, seen from its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descent {
	/// Leaves.
	count: u32,
	/// Levels above the leaves at which the first answer stands.
	split: u32,
	/// Levels above them.
	rest: u32,
}

impl Descent {
	/// The tree of a tensor of that layout.
	pub fn of(layout: &Layout) -> Self {
		let count = layout.tiles();
		let height = height(count);
		let split = height.saturating_sub(WIDTH_LEVELS);
		Self { count, split, rest: height.saturating_sub(split) }
	}

	/// Whether there are more tiles than one answer holds: then the first answer holds nodes, each with leaves of its own.
	pub fn is_deep(&self) -> bool {
		self.split > 0
	}

	/// Hashes of the first answer: of all leaves, or of all nodes under which there are any.
	pub fn upper_len(&self) -> u32 {
		self.count.div_ceil(1 << self.split)
	}

	/// Leaves under a node of the first answer; `None` if there is no such node or it is a leaf.
	pub fn lower_len(&self, at: u32) -> Option<u32> {
		let first = at.checked_mul(1 << self.split).filter(|first| *first < self.count)?;
		self.is_deep().then(|| self.count.saturating_sub(first).min(1 << self.split))
	}

	/// The node of the first answer under which a tile stands, and its place there.
	pub fn locate(&self, tile: u32) -> (u32, u32) {
		(tile >> self.split, tile & (1u32 << self.split).saturating_sub(1))
	}

	/// The tile at a place under a node of the first answer: undoes [`Self::locate`]. `None` if there is none.
	pub fn tile(&self, at: u32, place: u32) -> Option<u32> {
		let tile = at.checked_mul(1 << self.split)?.checked_add(place)?;
		(tile < self.count && self.locate(tile) == (at, place)).then_some(tile)
	}

	/// The tree's root by the first answer; `None` if it has another length.
	pub fn upper_root(&self, hashes: &[Hash]) -> Option<Hash> {
		whole(hashes, self.upper_len(), self.split, self.rest)
	}

	/// The hash of a node by the leaves under it; `None` if there is no such node or the answer has another length.
	pub fn lower_root(&self, at: u32, leaves: &[Hash]) -> Option<Hash> {
		whole(leaves, self.lower_len(at)?, 0, self.split)
	}

	/// The tree's root by one node of the first answer and its siblings.
	pub fn root_of_node(&self, at: u32, hash: &Hash, siblings: &[Hash]) -> Option<Hash> {
		fold(&[(at, *hash)], self.rest, siblings).filter(|_| at < self.upper_len())
	}

	/// The siblings that [`Self::root_of_node`] takes, by the first answer; `None` if there is no such node or the answer
	/// has another length.
	pub fn node_path(&self, at: u32, upper: &[Hash]) -> Option<Vec<Hash>> {
		self.upper_root(upper)?;
		within(upper, self.split, self.rest, &[at])
	}

	/// The path of a tile's leaf to the tree's root, lowest first, by the answers: the first, and for a deep tree the second
	/// for the node of [`Self::locate`]. `None` if there is no such tile or an answer has another length.
	pub fn tile_path(&self, tile: u32, upper: &[Hash], lower: &[Hash]) -> Option<Vec<Hash>> {
		let (at, place) = self.locate(tile);
		let mut path = Vec::new();
		if self.is_deep() {
			self.lower_root(at, lower)?;
			path = within(lower, 0, self.split, &[place])?;
		}
		path.extend(self.node_path(at, upper)?);
		Some(path)
	}

	/// The first answer, from all leaves.
	pub fn upper(&self, leaves: &[Hash]) -> Vec<Hash> {
		let under = |leaves: &[Hash]| whole(leaves, leaves.len() as u32, 0, self.split);
		leaves.chunks(1 << self.split).filter_map(under).collect()
	}

	/// The second answer, from all leaves; `None` if there is no such node.
	pub fn lower<'a>(&self, at: u32, leaves: &'a [Hash]) -> Option<&'a [Hash]> {
		let len = self.lower_len(at)? as usize;
		let first = (at as usize).checked_mul(1 << self.split)?;
		leaves.get(first..first.checked_add(len)?)
	}
}

/// The node `levels` above so many hashes of level `from`, all of them given and those after them empty.
fn whole(hashes: &[Hash], len: u32, from: u32, levels: u32) -> Option<Hash> {
	if hashes.len() != len as usize || u64::from(len) > 1u64.checked_shl(levels)? || len == 0 {
		return None;
	}
	let (mut level, mut absent) = (hashes.to_vec(), empty(from));
	for _ in 0..levels {
		level = above(&level, &absent);
		absent = node(&absent, &absent);
	}
	level.first().copied()
}

/// Chunks of a tensor of that layout.
pub fn chunks(layout: &Layout) -> u32 {
	layout.tiles().div_ceil(CHUNK)
}

/// Tiles of a chunk: the first and how many; `None` if there is no such chunk.
pub fn chunk_tiles(layout: &Layout, chunk: u32) -> Option<(u32, u32)> {
	let first = chunk.checked_mul(CHUNK).filter(|first| *first < layout.tiles())?;
	Some((first, layout.tiles().saturating_sub(first).min(CHUNK)))
}

/// The tensor root by the bytes of a chunk's tiles, each as its leaf hashes it, and the siblings of the chunk's subtree.
/// `None` if there is no such chunk or lengths do not fit.
pub fn root_by_chunk(
	ty: &TensorType,
	layout: &Layout,
	chunk: u32,
	bytes: &[u8],
	siblings: &[Hash],
) -> Option<Hash> {
	let (_, tiles) = chunk_tiles(layout, chunk)?;
	let size = tile_len(ty.dtype);
	if bytes.len() != size.checked_mul(tiles as usize)? {
		return None;
	}
	let leaves: Vec<Hash> = bytes.chunks_exact(size).map(leaf).collect();
	let height = height(layout.tiles());
	let split = height.min(CHUNK_LEVELS);
	let subtree = whole(&leaves, tiles, 0, split)?;
	let tree = fold(&[(chunk, subtree)], height.saturating_sub(split), siblings)?;
	Some(typed_root(ty, &tree))
}

/// The siblings that [`root_by_chunk`] takes, from all leaves; `None` if there is no such chunk.
pub fn chunk_siblings(leaves: &[Hash], chunk: u32) -> Option<Vec<Hash>> {
	let height = height(u32::try_from(leaves.len()).ok()?);
	let split = height.min(CHUNK_LEVELS);
	let under = |leaves: &[Hash]| whole(leaves, leaves.len() as u32, 0, split);
	let nodes: Vec<Hash> = leaves.chunks(1 << split).filter_map(under).collect();
	within(&nodes, split, height.saturating_sub(split), &[chunk])
}
