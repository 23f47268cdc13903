// SPDX-License-Identifier: Apache-2.0
//! What each operation means, tile by tile.
//!
//! [`compute_tile`] gives one 64 x 64 tile of an operation's result from whatever holds its operands: whole tensors when
//! a program is run ([`crate::reference`]), or just the tiles that a proof brings along. Both go through the same code,
//! so they cannot drift apart. Written to be read; speed is the engines' business.

mod matmul;
mod movement;
mod pointwise;
mod rows;

use crate::{
	layout::{Layout, Tile},
	program::{Op, TensorId},
	tensor::Data,
	types::{DType, TensorType},
	validate::Validated,
};

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

	fn len(self) -> usize {
		match self {
			Self::I8(s) => s.len(),
			Self::I32(s) => s.len(),
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
	match what {
		Op::MatMul { a, b } => matmul::matmul(&operand(*a)?, &operand(*b)?, tile),
		Op::Bias { x, bias } => pointwise::add(&operand(*x)?, &operand(*bias)?, tile),
		Op::AddI32 { a, b } => pointwise::add(&operand(*a)?, &operand(*b)?, tile),
		Op::Requant { x, zero, scales } => pointwise::requant(&operand(*x)?, *zero, scales, tile),
		Op::Relu { x } => pointwise::clamp(&operand(*x)?, 0, i32::MAX, tile),
		Op::Clamp { x, low, high } => pointwise::clamp(&operand(*x)?, *low, *high, tile),
		Op::Lut256 { x, table } => pointwise::lookup(&operand(*x)?, table, tile),
		Op::RowMax { x } => rows::row_max(&operand(*x)?, tile),
		Op::ArgMax { x } => rows::arg_max(&operand(*x)?, tile),
		Op::Transpose { x, perm } => movement::transpose(
			&operand(*x)?,
			perm,
			program.op_layout(op).ok_or(MissingInput)?,
			tile,
		),
		Op::Reshape { x, .. } => {
			movement::reshape(&operand(*x)?, program.op_layout(op).ok_or(MissingInput)?, tile)
		},
	}
}

/// Elements of type `dtype` from values that fit it.
fn narrow(dtype: DType, values: alloc::vec::Vec<i32>) -> Data {
	match dtype {
		DType::I8 => Data::I8(values.into_iter().map(|x| x as i8).collect()),
		DType::I32 => Data::I32(values),
	}
}
