// SPDX-License-Identifier: Apache-2.0
//! Tensors as they are named on chain: type, root and where to fetch them.

use calor_tensor::{DType, TensorType};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_core::H256;

/// Most addresses under which a tensor is offered.
pub const MAX_URIS: u32 = 4;
/// Longest address in bytes.
pub const MAX_URI_LEN: u32 = 256;

/// An address in UTF-8: `http://`, `https://`, later also object stores.
pub type Uri = BoundedVec<u8, ConstU32<MAX_URI_LEN>>;

/// Whether an address is UTF-8 that begins with `http://` or `https://`.
pub fn is_http(address: &[u8]) -> bool {
	core::str::from_utf8(address)
		.is_ok_and(|url| url.starts_with("http://") || url.starts_with("https://"))
}

/// Element type and dimensions of bounded length.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct TypeRef {
	/// Element type.
	pub dtype: DType,
	/// One to four dimensions, outermost first.
	pub dims: BoundedVec<u32, ConstU32<4>>,
}

impl From<&TypeRef> for TensorType {
	fn from(ty: &TypeRef) -> Self {
		TensorType { dtype: ty.dtype, dims: ty.dims.to_vec() }
	}
}

impl TryFrom<&TensorType> for TypeRef {
	type Error = ();

	fn try_from(ty: &TensorType) -> Result<Self, ()> {
		Ok(Self { dtype: ty.dtype, dims: ty.dims.clone().try_into().map_err(|_| ())? })
	}
}

/// A tensor by content: whoever fetches it checks it against `root`.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct TensorRef {
	/// Its type; must be the one that the program declares.
	pub ty: TypeRef,
	/// Its tensor root.
	pub root: H256,
	/// Where its blob can be fetched, tried in order; at least one.
	pub uris: BoundedVec<Uri, ConstU32<MAX_URIS>>,
}
