// SPDX-License-Identifier: Apache-2.0
//! Element types and tensor types.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

/// Fewest and most dimensions of a tensor.
pub const MAX_RANK: usize = 4;

/// Element type of a tensor. Its byte is part of every tensor root.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum DType {
	/// Signed 8-bit integer.
	#[codec(index = 0)]
	I8,
	/// Signed 32-bit integer; arithmetic on it wraps.
	#[codec(index = 1)]
	I32,
}

impl DType {
	/// Bytes of one element.
	pub const fn size(self) -> usize {
		match self {
			Self::I8 => 1,
			Self::I32 => 4,
		}
	}

	/// The byte that stands for this type in a tensor root.
	pub const fn code(self) -> u8 {
		match self {
			Self::I8 => 0,
			Self::I32 => 1,
		}
	}
}

impl fmt::Display for DType {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::I8 => "i8",
			Self::I32 => "i32",
		})
	}
}

/// Element type and dimensions, outermost first; the last dimension is contiguous, images are NHWC.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct TensorType {
	/// Element type.
	pub dtype: DType,
	/// One to four dimensions, none of them zero.
	pub dims: Vec<u32>,
}

impl TensorType {
	/// A type from its parts; it is checked when a program that names it is validated.
	pub fn new(dtype: DType, dims: &[u32]) -> Self {
		Self { dtype, dims: dims.to_vec() }
	}

	/// Shorthand for an i8 tensor.
	pub fn i8(dims: &[u32]) -> Self {
		Self::new(DType::I8, dims)
	}

	/// Shorthand for an i32 tensor.
	pub fn i32(dims: &[u32]) -> Self {
		Self::new(DType::I32, dims)
	}

	/// Number of elements; saturates, which only an unvalidated type can make it do.
	pub fn elements(&self) -> u64 {
		self.dims.iter().fold(1u64, |n, &d| n.saturating_mul(u64::from(d)))
	}

	/// Size of the dense blob in bytes; saturates like [`Self::elements`].
	pub fn bytes(&self) -> u64 {
		self.elements().saturating_mul(self.dtype.size() as u64)
	}

	/// The last dimension; 0 for a tensor without dimensions, which validation refuses.
	pub fn last(&self) -> u32 {
		self.dims.last().copied().unwrap_or(0)
	}
}

impl fmt::Display for TensorType {
	/// `i8[1,64]`
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{}[", self.dtype)?;
		for (i, d) in self.dims.iter().enumerate() {
			if i > 0 {
				f.write_str(",")?;
			}
			write!(f, "{d}")?;
		}
		f.write_str("]")
	}
}
