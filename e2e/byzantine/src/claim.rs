// SPDX-License-Identifier: Apache-2.0
//! Tensors as a cheat has them: tiles that need not be those of any tensor, under a root that need not be theirs.

use anyhow::{ensure, Context};
use calor_tensor::{
	commit::{leaf, tile_bytes, tile_len, tree_root, typed_root, Hash},
	layout::{Layout, TILE},
	Tensor, TensorType,
};
use std::sync::Arc;

/// A tensor as it is claimed to be.
pub struct Claim {
	ty: TensorType,
	layout: Layout,
	tiles: Vec<Arc<[u8]>>,
	/// Hashes of the tiles.
	pub leaves: Vec<Hash>,
	/// The root that is claimed.
	pub root: Hash,
}

impl Claim {
	fn new(ty: TensorType, layout: Layout, tiles: Vec<Arc<[u8]>>, leaves: Vec<Hash>) -> Self {
		let root = typed_root(&ty, &tree_root(&leaves));
		Self { ty, layout, tiles, leaves, root }
	}

	/// A tensor as it is.
	pub fn honest(tensor: &Tensor) -> Self {
		let tile = |tile| Arc::from(tile_bytes(tensor, &tile));
		let tiles: Vec<Arc<[u8]>> = tensor.layout().iter().map(tile).collect();
		let leaves = tiles.iter().map(|tile| leaf(tile)).collect();
		Self::new(tensor.ty().clone(), tensor.layout(), tiles, leaves)
	}

	/// Zeros, for which nothing has to be computed and nothing to be kept.
	pub fn zeros(ty: &TensorType, layout: &Layout) -> Self {
		let tile: Arc<[u8]> = vec![0; tile_len(ty.dtype)].into();
		let count = layout.tiles() as usize;
		let leaves = vec![leaf(&tile); count];
		Self::new(ty.clone(), *layout, vec![tile; count], leaves)
	}

	/// Its layout.
	pub fn layout(&self) -> &Layout {
		&self.layout
	}

	/// The bytes of so many tiles from one on.
	pub fn tiles(&self, first: u32, count: u32) -> Vec<u8> {
		self.tiles
			.iter()
			.skip(first as usize)
			.take(count as usize)
			.flat_map(|t| t.to_vec())
			.collect()
	}

	/// Changes the bytes of a tile.
	fn change(&mut self, tile: usize, change: impl FnOnce(&mut [u8])) {
		let mut bytes = self.tiles[tile].to_vec();
		change(&mut bytes);
		self.leaves[tile] = leaf(&bytes);
		self.tiles[tile] = bytes.into();
		self.root = typed_root(&self.ty, &tree_root(&self.leaves));
	}

	/// Adds one to the first element.
	pub fn flip_first(&mut self) {
		self.change(0, |bytes| bytes[0] = bytes[0].wrapping_add(1));
	}

	/// Adds one to the last element.
	pub fn flip_last(&mut self) {
		let at = self.last_element();
		self.change(self.tiles.len() - 1, |bytes| bytes[at] = bytes[at].wrapping_add(1));
	}

	/// Sets a byte after the last element.
	///
	/// # Errors
	/// If the last tile has no padding.
	pub fn flip_padding(&mut self) -> anyhow::Result<()> {
		let after = self.last_element() + self.ty.dtype.size();
		ensure!(after < tile_len(self.ty.dtype), "the last tile of {:?} has no padding", self.ty);
		self.change(self.tiles.len() - 1, |bytes| bytes[after] = 1);
		Ok(())
	}

	/// Where in the last tile the last element begins.
	fn last_element(&self) -> usize {
		let tile = self.layout.tile(self.layout.tiles() - 1).expect("every tensor has a tile");
		let (row, col) = (tile.rows as usize - 1, tile.cols as usize - 1);
		(row * TILE as usize + col) * self.ty.dtype.size()
	}

	/// Replaces all elements by random ones.
	pub fn scramble(&mut self) -> anyhow::Result<()> {
		let mut bytes = vec![0; usize::try_from(self.ty.bytes())?];
		random(&mut bytes)?;
		*self = Self::honest(&Tensor::from_bytes(self.ty.clone(), &bytes).context("no tensor")?);
		Ok(())
	}

	/// The tensor as a blob, without padding.
	pub fn blob(&self) -> Vec<u8> {
		let size = self.ty.dtype.size();
		let mut blob = vec![0; self.ty.bytes() as usize];
		for (tile, bytes) in self.layout.iter().zip(&self.tiles) {
			for (row, line) in
				(tile.row..).zip(bytes.chunks(TILE as usize * size)).take(tile.rows as usize)
			{
				let from = self.layout.element(tile.matrix, row, tile.col) as usize * size;
				let len = tile.cols as usize * size;
				blob[from..from + len].copy_from_slice(&line[..len]);
			}
		}
		blob
	}
}

/// Fills `bytes` at random.
///
/// # Errors
/// If the machine gives no randomness.
pub fn random(bytes: &mut [u8]) -> anyhow::Result<()> {
	getrandom::fill(bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))
}

/// 32 random bytes.
///
/// # Errors
/// As [`random`].
pub fn random_hash() -> anyhow::Result<Hash> {
	let mut hash = [0; 32];
	random(&mut hash)?;
	Ok(hash)
}
