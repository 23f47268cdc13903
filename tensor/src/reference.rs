// SPDX-License-Identifier: Apache-2.0
//! Runs a program on whole tensors: the definition that every engine is held against.

use crate::{
	commit::{tensor_root, Hash},
	kernels::{compute_tile, Segment, Source},
	layout::{Layout, Tile, TILE},
	program::TensorId,
	tensor::{Data, Tensor},
	types::TensorType,
	validate::Validated,
};
use alloc::vec::Vec;
use core::fmt;

/// Why a program could not be run on these operands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunError {
	/// More or fewer operands than inputs and constants together.
	OperandCount {
		/// What the program takes.
		expected: usize,
		/// What was given.
		actual: usize,
	},
	/// An operand of another type than the program declares.
	OperandType {
		/// Its number.
		id: TensorId,
		/// What the program declares.
		expected: TensorType,
		/// What was given.
		actual: TensorType,
	},
	/// An operation could not be computed; validated programs never get here.
	Op(u16),
}

impl fmt::Display for RunError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::OperandCount { expected, actual } => {
				write!(f, "the program takes {expected} inputs and constants, {actual} were given")
			},
			Self::OperandType { id, expected, actual } => {
				write!(f, "operand {id} must be {expected}, it is {actual}")
			},
			Self::Op(op) => write!(f, "op {op} could not be computed"),
		}
	}
}

impl core::error::Error for RunError {}

/// Checks operands (inputs, then constants) against what the program declares.
///
/// # Errors
/// [`RunError::OperandCount`] or [`RunError::OperandType`].
pub fn check_operands<'a>(
	program: &Validated,
	operands: impl ExactSizeIterator<Item = &'a TensorType>,
) -> Result<(), RunError> {
	let (expected, actual) = (program.program().leaves(), operands.len());
	if expected != actual {
		return Err(RunError::OperandCount { expected, actual });
	}
	for (id, ((expected, _), actual)) in (0..).zip(program.tensors().iter().zip(operands)) {
		if expected != actual {
			return Err(RunError::OperandType {
				id,
				expected: expected.clone(),
				actual: actual.clone(),
			});
		}
	}
	Ok(())
}

/// All tensors of a run, numbered as in the program: what whoever ran it holds.
#[derive(Clone, Debug, Default)]
pub struct Held(pub Vec<Tensor>);

impl Source for Held {
	fn segment(&self, id: TensorId, matrix: u32, row: u32, tile_col: u32) -> Option<Segment<'_>> {
		let tensor = self.0.get(usize::from(id))?;
		let layout = tensor.layout();
		let col = tile_col.checked_mul(TILE)?;
		let len = layout.cols.checked_sub(col)?.min(TILE);
		let from = usize::try_from(layout.element(matrix, row, col)).ok()?;
		let span = from..from.checked_add(len as usize)?;
		match tensor.data() {
			Data::I8(v) => v.get(span).map(Segment::I8),
			Data::I32(v) => v.get(span).map(Segment::I32),
		}
	}
}

/// Every tensor that the operations define, in order. `operands` are the inputs, then the constants.
///
/// # Errors
/// [`RunError`] if the operands are not what the program declares.
pub fn trace(program: &Validated, operands: Vec<Tensor>) -> Result<Vec<Tensor>, RunError> {
	check_operands(program, operands.iter().map(Tensor::ty))?;
	let leaves = operands.len();
	let mut known = Held(operands);
	let defined = program.tensors().iter().skip(leaves);
	for (op, (ty, layout)) in (0u16..).zip(defined) {
		let mut result = Tensor::zeros(ty.clone()).map_err(|_| RunError::Op(op))?;
		for tile in layout.iter() {
			let data = compute_tile(program, op, &tile, &known).map_err(|_| RunError::Op(op))?;
			place(&mut result, layout, &tile, &data).ok_or(RunError::Op(op))?;
		}
		known.0.push(result);
	}
	Ok(known.0.split_off(leaves))
}

/// The program's outputs, in order.
///
/// # Errors
/// As [`trace`].
pub fn run(program: &Validated, operands: Vec<Tensor>) -> Result<Vec<Tensor>, RunError> {
	let leaves = operands.len();
	let traced = trace(program, operands)?;
	Ok(program
		.program()
		.outputs
		.iter()
		.filter_map(|&id| traced.get(usize::from(id).checked_sub(leaves)?).cloned())
		.collect())
}

/// Roots of every tensor that the operations define, in order.
///
/// # Errors
/// As [`trace`].
pub fn op_roots(program: &Validated, operands: Vec<Tensor>) -> Result<Vec<Hash>, RunError> {
	Ok(trace(program, operands)?.iter().map(tensor_root).collect())
}

/// Writes a tile's elements to where they belong.
fn place(tensor: &mut Tensor, layout: &Layout, tile: &Tile, data: &Data) -> Option<()> {
	fn rows<T: Copy>(to: &mut [T], from: &[T], layout: &Layout, tile: &Tile) -> Option<()> {
		let cols = tile.cols as usize;
		for (row, line) in (tile.row..).zip(from.chunks_exact(cols)) {
			let start = usize::try_from(layout.element(tile.matrix, row, tile.col)).ok()?;
			to.get_mut(start..start.checked_add(cols)?)?.copy_from_slice(line);
		}
		Some(())
	}
	match (tensor.data_mut(), data) {
		(Data::I8(to), Data::I8(from)) => rows(to, from, layout, tile),
		(Data::I32(to), Data::I32(from)) => rows(to, from, layout, tile),
		_ => None,
	}
}
