// SPDX-License-Identifier: Apache-2.0
//! How a tensor is cut into tiles.
//!
//! A tensor is a stack of matrices, its last two dimensions; a tensor of rank 1 is one matrix of one row. Each matrix is
//! cut into 64 by 64 tiles in row-major order, and a tile never crosses a matrix boundary.

#![allow(
	clippy::arithmetic_side_effects,
	reason = "a layout exists only for types of at most 2^20 tiles, so every product fits u64"
)]

use crate::types::TensorType;

/// Rows and columns of a tile.
pub const TILE: u32 = 64;
/// Most tiles of one tensor.
pub const MAX_TILES: u64 = 1 << 20;

/// A tensor seen as a stack of matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
	/// Number of matrices in the stack.
	pub matrices: u32,
	/// Rows of each matrix.
	pub rows: u32,
	/// Columns of each matrix: the last dimension.
	pub cols: u32,
}

/// One tile: where it stands and how much of it holds elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
	/// Index of its matrix.
	pub matrix: u32,
	/// First row, a multiple of 64.
	pub row: u32,
	/// First column, a multiple of 64.
	pub col: u32,
	/// Rows that hold elements, 1 to 64.
	pub rows: u32,
	/// Columns that hold elements, 1 to 64.
	pub cols: u32,
}

impl Layout {
	/// The layout of `ty`, or `None` if it has no dimension, a zero dimension or more than [`MAX_TILES`] tiles.
	pub fn of(ty: &TensorType) -> Option<Self> {
		let (&cols, rest) = ty.dims.split_last()?;
		let (&rows, stack) = rest.split_last().unwrap_or((&1, &[]));
		let matrices = stack.iter().try_fold(1u32, |n, &d| n.checked_mul(d))?;
		if matrices == 0 || rows == 0 || cols == 0 {
			return None;
		}
		let layout = Self { matrices, rows, cols };
		let per_matrix = u64::from(rows.div_ceil(TILE)) * u64::from(cols.div_ceil(TILE));
		let tiles = u64::from(matrices).checked_mul(per_matrix)?;
		(tiles <= MAX_TILES).then_some(layout)
	}

	/// Tiles in one column of tiles.
	pub const fn tile_rows(&self) -> u32 {
		self.rows.div_ceil(TILE)
	}

	/// Tiles in one row of tiles.
	pub const fn tile_cols(&self) -> u32 {
		self.cols.div_ceil(TILE)
	}

	/// Tiles of the tensor, 1 to [`MAX_TILES`].
	pub const fn tiles(&self) -> u32 {
		self.matrices * self.tile_rows() * self.tile_cols()
	}

	/// The tile of that index, or `None` past the end.
	pub fn tile(&self, index: u32) -> Option<Tile> {
		if index >= self.tiles() {
			return None;
		}
		let per_matrix = self.tile_rows() * self.tile_cols();
		let (matrix, within) = (index / per_matrix, index % per_matrix);
		let (row, col) = (within / self.tile_cols() * TILE, within % self.tile_cols() * TILE);
		Some(Tile {
			matrix,
			row,
			col,
			rows: (self.rows - row).min(TILE),
			cols: (self.cols - col).min(TILE),
		})
	}

	/// Index of the tile in which a row and a column of tiles meet, or `None` outside.
	pub fn tile_at(&self, matrix: u32, row: u32, tile_col: u32) -> Option<u32> {
		if matrix >= self.matrices || row >= self.rows || tile_col >= self.tile_cols() {
			return None;
		}
		Some((matrix * self.tile_rows() + row / TILE) * self.tile_cols() + tile_col)
	}

	/// All tiles in order.
	pub fn iter(&self) -> impl Iterator<Item = Tile> + '_ {
		(0..self.tiles()).filter_map(|i| self.tile(i))
	}

	/// Row-major index of an element.
	pub const fn element(&self, matrix: u32, row: u32, col: u32) -> u64 {
		(matrix as u64 * self.rows as u64 + row as u64) * self.cols as u64 + col as u64
	}

	/// Matrix, row and column of the element with that row-major index; the inverse of [`Self::element`].
	pub const fn position(&self, element: u64) -> (u32, u32, u32) {
		let (cols, rows) = (self.cols as u64, self.rows as u64);
		let line = element / cols;
		((line / rows) as u32, (line % rows) as u32, (element % cols) as u32)
	}
}
