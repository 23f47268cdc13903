// SPDX-License-Identifier: Apache-2.0
//! What is kept of a program.

use calor_primitives::{tensor_ref::TypeRef, AccountId};
use calor_tensor::program::{MAX_CONSTANTS, MAX_INPUTS, MAX_OUTPUTS};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// Ownership and use of a program.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ProgramRecord<Ticket> {
	/// Who registered it and may remove it.
	pub owner: AccountId,
	/// Proof of the deposit.
	pub ticket: Ticket,
	/// Open jobs that run it.
	pub users: u32,
}

/// Types and cost of a program, computed when it was validated.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Header {
	/// Cost of one run in multiply-accumulates.
	pub mac: u64,
	/// Device memory that a run needs, in MiB.
	pub memory_mib: u32,
	/// Types of the inputs.
	pub inputs: BoundedVec<TypeRef, ConstU32<{ MAX_INPUTS as u32 }>>,
	/// Types of the constants.
	pub constants: BoundedVec<TypeRef, ConstU32<{ MAX_CONSTANTS as u32 }>>,
	/// Types of the outputs.
	pub outputs: BoundedVec<TypeRef, ConstU32<{ MAX_OUTPUTS as u32 }>>,
}
