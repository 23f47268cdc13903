// SPDX-License-Identifier: Apache-2.0
//! How a tensor lies in device memory.
//!
//! Each row is padded with zeros to whole *quads* of four elements: one u32 for i8, one `vec4<i32>` for i32. So every
//! quad is aligned whatever the last dimension is, quad `q` of an i8 tensor and of an i32 tensor of the same dimensions
//! are the same elements, and products may run over the padding. Host blobs are dense; rows are spread out on upload and
//! closed up on download. A tensor is a list of *shards*, each of which is bound as one buffer.

use crate::error::Error;
use calor_tensor::{DType, Data, Layout, Tensor, TensorType, TILE};
use std::ops::Range;

/// Elements of a quad.
pub(crate) const QUAD: u32 = 4;

/// A tensor as rows of quads. Rows are numbered through all matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
	pub dtype: DType,
	/// Number of matrices.
	pub matrices: u32,
	/// Rows of each matrix.
	pub rows: u32,
	/// Elements of each row.
	pub cols: u32,
}

impl Grid {
	pub fn new(ty: &TensorType, layout: &Layout) -> Self {
		Self { dtype: ty.dtype, matrices: layout.matrices, rows: layout.rows, cols: layout.cols }
	}

	/// Quads of each row.
	pub fn row_quads(&self) -> u32 {
		self.cols.div_ceil(QUAD)
	}

	/// Rows of all matrices: at most 2^26, as a tile has at most 64. Quads are at most 2^30, as a tile has at most 1,024:
	/// so all that kernels count fits a u32.
	pub fn total_rows(&self) -> u32 {
		self.matrices * self.rows
	}

	/// Bytes of one row on the device.
	pub fn row_bytes(&self) -> u64 {
		u64::from(self.row_quads()) * u64::from(QUAD) * self.dtype.size() as u64
	}

	/// Whether the device bytes are those of the dense blob.
	pub fn is_dense(&self) -> bool {
		self.cols.is_multiple_of(QUAD)
	}

	/// Whether the two hold the same elements of a reshape at the same places.
	pub fn lies_like(&self, other: &Self) -> bool {
		self.dtype == other.dtype
			&& (self.cols == other.cols || (self.is_dense() && other.is_dense()))
	}

	/// Cuts the rows into shards of at most `limit` bytes. A shard holds whole matrices or, where one matrix is too
	/// large, a stretch of one that starts at a multiple of 64 rows: so tiles are never cut, and a cut between rows of
	/// one matrix can serve as a cut between quads of a product's columns.
	pub fn shards(&self, limit: u64) -> Result<Vec<Range<u32>>, Error> {
		let matrix_bytes = self.row_bytes() * u64::from(self.rows);
		if matrix_bytes <= limit {
			let step = u32::try_from(limit / matrix_bytes).unwrap_or(u32::MAX).min(self.matrices);
			return Ok(steps(0..self.total_rows(), self.rows * step).collect());
		}
		let tile_bytes = self.row_bytes() * u64::from(self.rows.min(TILE));
		if tile_bytes > limit {
			let what = format!("64 rows of {} {} elements", self.cols, self.dtype);
			return Err(Error::TooLarge { what, need: tile_bytes, limit });
		}
		let step = u32::try_from(limit / tile_bytes).unwrap_or(u32::MAX).saturating_mul(TILE);
		let matrices = steps(0..self.total_rows(), self.rows);
		Ok(matrices.flat_map(|matrix| steps(matrix, step)).collect())
	}

	/// Rows of `tensor` as they lie on the device.
	pub fn pack(&self, tensor: &Tensor, rows: Range<u32>) -> Vec<u8> {
		let dense = match tensor.data() {
			Data::I8(v) => bytemuck::cast_slice::<i8, u8>(v),
			Data::I32(v) => bytemuck::cast_slice::<i32, u8>(v),
		};
		let line = self.cols as usize * self.dtype.size();
		let dense = &dense[rows.start as usize * line..rows.end as usize * line];
		if self.is_dense() {
			return dense.to_vec();
		}
		let pitch = self.row_bytes() as usize;
		let mut padded = vec![0; rows.len() * pitch];
		for (to, from) in padded.chunks_exact_mut(pitch).zip(dense.chunks_exact(line)) {
			to[..line].copy_from_slice(from);
		}
		padded
	}

	/// Appends rows that were read from the device to the dense blob.
	pub fn unpack(&self, padded: &[u8], dense: &mut Vec<u8>) {
		if self.is_dense() {
			dense.extend_from_slice(padded);
			return;
		}
		let line = self.cols as usize * self.dtype.size();
		for row in padded.chunks_exact(self.row_bytes() as usize) {
			dense.extend_from_slice(&row[..line]);
		}
	}
}

// The device is little-endian, and so is every host that wgpu reaches one from.
#[cfg(target_endian = "big")]
compile_error!("tensors are moved to the device as they lie in memory: little-endian hosts only");

/// `range` in pieces of `step`, the last one shorter.
pub(crate) fn steps(range: Range<u32>, step: u32) -> impl Iterator<Item = Range<u32>> {
	let end = range.end;
	range.step_by(step.max(1) as usize).map(move |at| at..end.min(at.saturating_add(step.max(1))))
}

#[cfg(test)]
mod tests {
	use super::*;

	fn grid(dtype: DType, dims: &[u32]) -> Grid {
		let ty = TensorType::new(dtype, dims);
		Grid::new(&ty, &Layout::of(&ty).unwrap())
	}

	#[test]
	fn shards_hold_whole_matrices_or_tile_rows_of_one() {
		let ends = |grid: Grid, limit| -> Vec<u32> {
			grid.shards(limit).unwrap().iter().map(|rows| rows.end).collect()
		};
		let small = grid(DType::I8, &[5, 10, 8]);
		assert_eq!(ends(small, 1000), [50]);
		assert_eq!(ends(small, 170), [20, 40, 50]);
		let tall = grid(DType::I32, &[2, 150, 3]);
		assert_eq!(ends(tall, 64 * 16), [64, 128, 150, 214, 278, 300]);
		assert_eq!(ends(tall, 200 * 16), [150, 300]);
		let refused = tall.shards(63 * 16);
		assert!(matches!(refused, Err(Error::TooLarge { need: 1024, limit: 1008, .. })));
	}

	#[test]
	fn packing_pads_rows_and_unpacking_closes_them() {
		let ty = TensorType::i8(&[3, 5]);
		let tensor = Tensor::from_data(ty, Data::I8((1..=15).collect())).unwrap();
		let grid = grid(DType::I8, &[3, 5]);
		let packed = grid.pack(&tensor, 1..3);
		assert_eq!(packed, [6, 7, 8, 9, 10, 0, 0, 0, 11, 12, 13, 14, 15, 0, 0, 0]);
		let mut dense = Vec::new();
		grid.unpack(&packed, &mut dense);
		assert_eq!(dense, (6..=15).collect::<Vec<u8>>());
	}
}
