// SPDX-License-Identifier: Apache-2.0
//! The program format.
//!
//! A program is SCALE-encoded. Tensors are numbered: first the inputs, then the constants, then one tensor per
//! operation, so operation `i` defines tensor `inputs + constants + i` and may read only tensors of a lower number.
//! Multipliers, shifts and tables stand inline; weights are constants, given by root when a job is submitted.

use crate::types::{DType, TensorType};
use alloc::vec::Vec;
use codec::{Decode, DecodeAll, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// The only format version so far.
pub const VERSION: u8 = 1;
/// Most operations in a program.
pub const MAX_OPS: usize = 4_096;
/// Most bytes of an encoded program.
pub const MAX_BYTES: usize = 256 * 1024;
/// Most inputs of a program.
pub const MAX_INPUTS: usize = 16;
/// Most constants of a program.
pub const MAX_CONSTANTS: usize = 256;
/// Most outputs of a program.
pub const MAX_OUTPUTS: usize = 16;

/// Number of a tensor within its program.
pub type TensorId = u16;

/// Fixed-point factor `multiplier / 2^shift`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Scale {
	/// Unsigned 31-bit multiplier.
	pub multiplier: u32,
	/// Right shift, 1 to 62.
	pub shift: u8,
}

/// One operation. All fields of type [`TensorId`] name operands.
///
/// Arithmetic on i32 wraps. [`crate::kernels`] defines each operation exactly.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Op {
	/// `a: i8[.., M, K]` times `b: i8[.., N, K]` gives `i32[.., M, N]`, summed over `K <= 16,384`. Both operands are
	/// contiguous in K; their leading dimensions are equal, or `b` has none and is shared by all matrices of `a`.
	#[codec(index = 0)]
	MatMul {
		/// Left operand.
		a: TensorId,
		/// Right operand, transposed: one row for each output column.
		b: TensorId,
	},
	/// `x: i32[.., N]` plus `bias: i32[N]`, for each row.
	#[codec(index = 1)]
	Bias {
		/// The rows.
		x: TensorId,
		/// One row.
		bias: TensorId,
	},
	/// `a + b` of i32; `b` has `a`'s dimensions or is one row `[N]`, broadcast.
	#[codec(index = 2)]
	AddI32 {
		/// Left operand; gives the result its type.
		a: TensorId,
		/// Right operand.
		b: TensorId,
	},
	/// i32 to i8: `clamp(zero + ((x * multiplier + 2^(shift-1)) >> shift), -128, 127)` in i64, arithmetic shift.
	#[codec(index = 3)]
	Requant {
		/// i32 operand.
		x: TensorId,
		/// Zero point of the result.
		zero: i8,
		/// One factor for the tensor, or one for each index of the last dimension.
		scales: Vec<Scale>,
	},
	/// `max(x, 0)` on i8 or i32.
	#[codec(index = 4)]
	Relu {
		/// Operand.
		x: TensorId,
	},
	/// `min(max(x, low), high)` on i8 or i32; the bounds must fit the element type.
	#[codec(index = 5)]
	Clamp {
		/// Operand.
		x: TensorId,
		/// Least result.
		low: i32,
		/// Greatest result, not below `low`.
		high: i32,
	},
	/// i8 to i8 by table: `table[x + 128]`.
	#[codec(index = 6)]
	Lut256 {
		/// i8 operand.
		x: TensorId,
		/// 256 results, for -128 first.
		table: Vec<i8>,
	},
	/// Greatest element of each row, on i8 or i32; the last dimension stays as 1.
	#[codec(index = 7)]
	RowMax {
		/// Operand.
		x: TensorId,
	},
	/// i32 index of the greatest element of each row, the lowest index among equals; the last dimension stays as 1.
	#[codec(index = 8)]
	ArgMax {
		/// i8 or i32 operand.
		x: TensorId,
	},
	/// Dimension `i` of the result is dimension `perm[i]` of `x`. The permutation keeps the last dimension, or swaps the
	/// last two and keeps the rest.
	#[codec(index = 9)]
	Transpose {
		/// Operand of rank 2 to 4.
		x: TensorId,
		/// A permutation of `0..rank`.
		perm: Vec<u8>,
	},
	/// The same elements in the same row-major order under other dimensions.
	#[codec(index = 10)]
	Reshape {
		/// Operand.
		x: TensorId,
		/// Dimensions of the result, with as many elements.
		dims: Vec<u32>,
	},
}

impl Op {
	/// The operation's name as it stands in errors and plans.
	pub const fn name(&self) -> &'static str {
		match self {
			Self::MatMul { .. } => "MatMul",
			Self::Bias { .. } => "Bias",
			Self::AddI32 { .. } => "AddI32",
			Self::Requant { .. } => "Requant",
			Self::Relu { .. } => "Relu",
			Self::Clamp { .. } => "Clamp",
			Self::Lut256 { .. } => "Lut256",
			Self::RowMax { .. } => "RowMax",
			Self::ArgMax { .. } => "ArgMax",
			Self::Transpose { .. } => "Transpose",
			Self::Reshape { .. } => "Reshape",
		}
	}

	/// The operands in order: one or two.
	pub fn operands(&self) -> impl Iterator<Item = TensorId> {
		let (first, second) = match *self {
			Self::MatMul { a, b } | Self::AddI32 { a, b } => (a, Some(b)),
			Self::Bias { x, bias } => (x, Some(bias)),
			Self::Requant { x, .. }
			| Self::Relu { x }
			| Self::Clamp { x, .. }
			| Self::Lut256 { x, .. }
			| Self::RowMax { x }
			| Self::ArgMax { x }
			| Self::Transpose { x, .. }
			| Self::Reshape { x, .. } => (x, None),
		};
		core::iter::once(first).chain(second)
	}
}

/// A tensor program as it is registered and executed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Program {
	/// Format version, [`VERSION`].
	pub version: u8,
	/// Types of the inputs, which differ from job to job.
	pub inputs: Vec<TensorType>,
	/// Types of the constants (weights), usually shared by many jobs.
	pub constants: Vec<TensorType>,
	/// The operations in order of execution.
	pub ops: Vec<Op>,
	/// The tensors that are the result. Each is defined by an operation, none twice.
	pub outputs: Vec<TensorId>,
}

impl Program {
	/// Decodes a program, refusing trailing bytes.
	///
	/// # Errors
	/// The SCALE decoder's, when `bytes` are not exactly one program.
	pub fn from_bytes(bytes: &[u8]) -> Result<Self, codec::Error> {
		Self::decode_all(&mut &bytes[..])
	}

	/// How many tensors come before the first operation's: inputs and constants.
	pub fn leaves(&self) -> usize {
		self.inputs.len().saturating_add(self.constants.len())
	}
}

/// Least and greatest value of an element type, as i32.
pub const fn bounds(dtype: DType) -> (i32, i32) {
	match dtype {
		DType::I8 => (i8::MIN as i32, i8::MAX as i32),
		DType::I32 => (i32::MIN, i32::MAX),
	}
}
