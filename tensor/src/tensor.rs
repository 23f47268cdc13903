// SPDX-License-Identifier: Apache-2.0
//! Tensors with their elements.

use crate::{
	layout::Layout,
	types::{DType, TensorType},
};
use alloc::{vec, vec::Vec};

/// Elements in row-major order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
	/// Elements of an i8 tensor.
	I8(Vec<i8>),
	/// Elements of an i32 tensor.
	I32(Vec<i32>),
}

impl Data {
	/// Elements from their little-endian bytes; bytes after the last whole element are dropped.
	pub(crate) fn from_bytes(dtype: DType, bytes: &[u8]) -> Self {
		match dtype {
			DType::I8 => Self::I8(bytes.iter().map(|&b| i8::from_le_bytes([b])).collect()),
			DType::I32 => Self::I32(
				bytes
					.chunks_exact(4)
					.map(|c| i32::from_le_bytes(c.try_into().unwrap_or_default()))
					.collect(),
			),
		}
	}

	/// Type of the elements.
	pub fn dtype(&self) -> DType {
		match self {
			Self::I8(_) => DType::I8,
			Self::I32(_) => DType::I32,
		}
	}

	/// Number of elements.
	pub fn len(&self) -> usize {
		match self {
			Self::I8(v) => v.len(),
			Self::I32(v) => v.len(),
		}
	}

	/// Whether there are no elements.
	pub fn is_empty(&self) -> bool {
		self.len() == 0
	}
}

/// A dense tensor of a valid type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
	ty: TensorType,
	layout: Layout,
	data: Data,
}

/// Why elements do not make a tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TensorError {
	/// The type has no dimension, a zero dimension, more than four, or too many tiles.
	BadType,
	/// The blob's length is not the type's.
	WrongLength {
		/// Bytes that the type asks for.
		expected: u64,
		/// Bytes that were given.
		actual: u64,
	},
}

impl core::fmt::Display for TensorError {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		match self {
			Self::BadType => f.write_str("the tensor type has no valid layout"),
			Self::WrongLength { expected, actual } => {
				write!(f, "the blob has {actual} bytes, its type needs {expected}")
			},
		}
	}
}

impl core::error::Error for TensorError {}

impl Tensor {
	/// A tensor from its dense little-endian blob.
	///
	/// # Errors
	/// [`TensorError`] if the type is invalid or the length is not the type's.
	pub fn from_bytes(ty: TensorType, bytes: &[u8]) -> Result<Self, TensorError> {
		let (expected, actual) = (ty.bytes(), bytes.len() as u64);
		if expected != actual {
			return Err(TensorError::WrongLength { expected, actual });
		}
		let data = Data::from_bytes(ty.dtype, bytes);
		Self::from_data(ty, data)
	}

	/// A tensor from its elements.
	///
	/// # Errors
	/// As [`Self::from_bytes`].
	pub fn from_data(ty: TensorType, data: Data) -> Result<Self, TensorError> {
		let layout = Layout::of(&ty).ok_or(TensorError::BadType)?;
		if ty.dims.len() > crate::types::MAX_RANK {
			return Err(TensorError::BadType);
		}
		let (dtype, len) = (data.dtype(), data.len());
		if dtype != ty.dtype || len as u64 != ty.elements() {
			return Err(TensorError::WrongLength {
				expected: ty.bytes(),
				actual: (len as u64).saturating_mul(dtype.size() as u64),
			});
		}
		Ok(Self { ty, layout, data })
	}

	/// A tensor of zeros.
	///
	/// # Errors
	/// [`TensorError::BadType`].
	pub fn zeros(ty: TensorType) -> Result<Self, TensorError> {
		if Layout::of(&ty).is_none() {
			return Err(TensorError::BadType);
		}
		let n = ty.elements() as usize;
		let data = match ty.dtype {
			DType::I8 => Data::I8(vec![0; n]),
			DType::I32 => Data::I32(vec![0; n]),
		};
		Self::from_data(ty, data)
	}

	/// Its type.
	pub fn ty(&self) -> &TensorType {
		&self.ty
	}

	/// Its layout.
	pub fn layout(&self) -> Layout {
		self.layout
	}

	/// Its elements.
	pub fn data(&self) -> &Data {
		&self.data
	}

	/// Its elements, to be changed in place.
	pub fn data_mut(&mut self) -> &mut Data {
		&mut self.data
	}

	/// The dense little-endian blob.
	pub fn to_bytes(&self) -> Vec<u8> {
		match &self.data {
			Data::I8(v) => v.iter().map(|x| x.to_le_bytes()[0]).collect(),
			Data::I32(v) => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
		}
	}
}
