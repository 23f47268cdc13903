// SPDX-License-Identifier: Apache-2.0
//! What each operation means, tile by tile.
//!
//! [`compute_tile`] gives one 64 x 64 tile of an operation's result from whatever holds its operands: whole tensors when
//! a program is run ([`crate::reference`]), or just the tiles that a proof brings along. Both go through the same code,
//! so they cannot drift apart. Written to be read; speed is the engines' business.

mod convolution;
mod gather;
mod matmul;
mod movement;
mod norms;
mod pointwise;
mod pools;
mod products;
mod rows;
mod sgd;
pub(crate) use sgd::philox;
mod softmax;

use crate::{
	layout::{Layout, Tile},
	program::{Op, TensorId},
	tensor::Data,
	types::{DType, TensorType},
	validate::Validated,
};
use alloc::vec::Vec;

/// A stretch of one row within one tile: at most 64 elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment<'a> {
	/// Of an i8 tensor.
	I8(&'a [i8]),
	/// Of an i32 tensor.
	I32(&'a [i32]),
}

impl<'a> Segment<'a> {
	fn i8s(self) -> Option<&'a [i8]> {
		if let Self::I8(s) = self {
			Some(s)
		} else {
			None
		}
	}

	fn i32s(self) -> Option<&'a [i32]> {
		if let Self::I32(s) = self {
			Some(s)
		} else {
			None
		}
	}

	fn get(self, index: usize) -> Option<i32> {
		match self {
			Self::I8(s) => s.get(index).map(|&x| i32::from(x)),
			Self::I32(s) => s.get(index).copied(),
		}
	}
}

/// Whatever holds operands.
pub trait Source {
	/// The elements of `row` that lie in tile column `tile_col` of a matrix, without padding; `None` if this source does
	/// not hold that tile.
	fn segment(&self, id: TensorId, matrix: u32, row: u32, tile_col: u32) -> Option<Segment<'_>>;
}

/// A tile could not be computed because the source lacks one of its inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingInput;

/// One operand: where it lies and what it looks like.
pub(crate) struct Operand<'a, S> {
	source: &'a S,
	id: TensorId,
	ty: &'a TensorType,
	layout: Layout,
}

impl<'a, S: Source> Operand<'a, S> {
	fn segment(&self, matrix: u32, row: u32, tile_col: u32) -> Result<Segment<'a>, MissingInput> {
		self.source.segment(self.id, matrix, row, tile_col).ok_or(MissingInput)
	}

	/// All elements of a row, in order, as i32.
	fn line(&self, matrix: u32, row: u32) -> Result<Vec<i32>, MissingInput> {
		let mut line = Vec::with_capacity(self.layout.cols as usize);
		for tile_col in 0..self.layout.tile_cols() {
			match self.segment(matrix, row, tile_col)? {
				Segment::I8(s) => line.extend(s.iter().map(|&x| i32::from(x))),
				Segment::I32(s) => line.extend_from_slice(s),
			}
		}
		Ok(line)
	}

	/// All elements of a row of i8, in order.
	fn bytes(&self, matrix: u32, row: u32) -> Result<Vec<i8>, MissingInput> {
		let mut line = Vec::with_capacity(self.layout.cols as usize);
		for tile_col in 0..self.layout.tile_cols() {
			let segment = self.segment(matrix, row, tile_col)?;
			line.extend_from_slice(segment.i8s().ok_or(MissingInput)?);
		}
		Ok(line)
	}

	/// The element of that row-major index.
	fn element(&self, index: u64) -> Result<i32, MissingInput> {
		let (matrix, row, col) = self.layout.position(index);
		self.at(matrix, row, col)
	}

	fn at(&self, matrix: u32, row: u32, col: u32) -> Result<i32, MissingInput> {
		let (tile_col, within) = (col / crate::TILE, col % crate::TILE);
		self.segment(matrix, row, tile_col)?.get(within as usize).ok_or(MissingInput)
	}
}

/// The elements of one tile of operation `op`'s result, row by row, without padding.
///
/// # Errors
/// [`MissingInput`] if `source` lacks a tile that this one needs, or `op` is not of this program.
pub fn compute_tile<S: Source>(
	program: &Validated,
	op: u16,
	tile: &Tile,
	source: &S,
) -> Result<Data, MissingInput> {
	let what = program.program().ops.get(usize::from(op)).ok_or(MissingInput)?;
	let operand = |id: TensorId| {
		let (ty, layout) = program.tensor(id).ok_or(MissingInput)?;
		Ok(Operand { source, id, ty, layout: *layout })
	};
	let result = program.op_layout(op).ok_or(MissingInput)?;
	match what {
		Op::MatMul { a, b } => matmul::matmul(&operand(*a)?, &operand(*b)?, tile),
		Op::Conv2d { x, weights, window, groups, zero } => convolution::convolution(
			&operand(*x)?,
			&operand(*weights)?,
			window,
			*groups,
			*zero,
			result,
			tile,
		),
		Op::Bias { x: a, bias: b } | Op::AddI32 { a, b } => {
			pointwise::combine(&operand(*a)?, &operand(*b)?, tile, i32::wrapping_add)
		},
		Op::SubI32 { a, b } => {
			pointwise::combine(&operand(*a)?, &operand(*b)?, tile, i32::wrapping_sub)
		},
		Op::MulI32 { a, b } => {
			pointwise::combine(&operand(*a)?, &operand(*b)?, tile, i32::wrapping_mul)
		},
		Op::MaxI8 { a, b } => pointwise::combine(&operand(*a)?, &operand(*b)?, tile, i32::max),
		Op::Requant { x, zero, scales } => pointwise::requant(&operand(*x)?, *zero, scales, tile),
		Op::Rescale { x, scales } => pointwise::rescale(&operand(*x)?, scales, tile),
		Op::Relu { x } => pointwise::clamp(&operand(*x)?, 0, i32::MAX, tile),
		Op::Clamp { x, low, high } => pointwise::clamp(&operand(*x)?, *low, *high, tile),
		Op::Lut256 { x, table } => pointwise::lookup(&operand(*x)?, table, tile),
		Op::RowMax { x } => rows::row_max(&operand(*x)?, tile),
		Op::RowSum { x } => rows::row_sum(&operand(*x)?, tile),
		Op::ArgMax { x } => rows::arg_max(&operand(*x)?, tile),
		Op::SoftmaxI8 { x, table } => softmax::softmax(&operand(*x)?, table, tile),
		Op::CrossEntropyGrad { x, target, table } => {
			softmax::gradient(&operand(*x)?, &operand(*target)?, table, tile)
		},
		Op::RmsNormI8 { x, eps, zero, scales } => {
			norms::rms_norm(&operand(*x)?, *eps, *zero, scales, tile)
		},
		Op::LayerNormI8 { x, eps, zero, scales } => {
			norms::layer_norm(&operand(*x)?, *eps, *zero, scales, tile)
		},
		Op::MaxPool2d { x, window } => pools::max_pool(&operand(*x)?, window, result, tile),
		Op::SumPool2d { x, window } => pools::sum_pool(&operand(*x)?, window, result, tile),
		Op::Gather { table, index } => {
			gather::gather(&operand(*table)?, &operand(*index)?, result, tile)
		},
		Op::OneHot { x, on, .. } => gather::one_hot(&operand(*x)?, *on, result, tile),
		Op::Transpose { x, perm } => movement::transpose(&operand(*x)?, perm, result, tile),
		Op::Reshape { x, .. } => movement::reshape(&operand(*x)?, result, tile),
		Op::Slice { x, start, dims } => movement::slice(&operand(*x)?, start, dims, result, tile),
		Op::Concat { a, b, axis } => {
			movement::concat(&operand(*a)?, &operand(*b)?, usize::from(*axis), result, tile)
		},
		Op::Pad { x, before, after, value } => {
			movement::pad(&operand(*x)?, before, after, *value, result, tile)
		},
		Op::UpsampleNearest { x, factor } => {
			movement::upsample(&operand(*x)?, *factor, result, tile)
		},
		Op::SgdStep { w, g, seed, step, shift } => {
			let (seed, step) = (operand(*seed)?, operand(*step)?);
			sgd::sgd_step(&operand(*w)?, &operand(*g)?, &seed, &step, *shift, tile)
		},
	}
}

/// How many elements a tile has.
const fn area(tile: &Tile) -> usize {
	(tile.rows as usize).saturating_mul(tile.cols as usize)
}

/// Elements of type `dtype` from values that fit it.
fn narrow(dtype: DType, values: Vec<i32>) -> Data {
	match dtype {
		DType::I8 => Data::I8(values.into_iter().map(|x| x as i8).collect()),
		DType::I32 => Data::I32(values),
	}
}
