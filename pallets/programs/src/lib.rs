// SPDX-License-Identifier: Apache-2.0
//! # Programs
//!
//! The registry of tensor programs. A program is validated on chain when it is registered, so a job can name it by hash
//! and everyone downstream relies on its types and its cost without looking again.
//!
//! Value flows: a deposit by size is held from whoever registers and returned on removal; a program that open jobs use
//! cannot be removed.
//!
//! Invariants: code, header and ticket exist together; a header's cost is its code's.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
pub mod evaluate;
mod registry;
pub mod types;
pub mod weights;

pub use pallet::*;
pub use types::{Header, ProgramRecord};
pub use weights::WeightInfo;

use calor_primitives::{AccountId, ProgramId, H256};
use calor_tensor::program::MAX_BYTES;
use frame_support::traits::{Consideration, ConstU32, Footprint};

/// Bytes of an encoded program.
pub type Code = frame_support::BoundedVec<u8, ConstU32<{ MAX_BYTES as u32 }>>;

#[allow(clippy::expect_used, clippy::unwrap_used, reason = "what the pallet macros write")]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config:
		frame_system::Config<AccountId = AccountId, Hash = H256, RuntimeEvent: From<Event<Self>>>
	{
		/// What whoever registers a program pays for its storage until it is removed.
		type Consideration: Consideration<AccountId, Footprint>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Why balance is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Deposit for the storage of a registered program.
		Program,
	}

	/// Who registered a program, its ticket and how many open jobs use it. By hash of the code, which nobody can choose
	/// freely. Removed by `remove`.
	#[pallet::storage]
	pub type Programs<T: Config> =
		StorageMap<_, Identity, ProgramId, ProgramRecord<T::Consideration>>;

	/// Types and cost of a program, so that a job need not decode it. Lives as long as its record.
	#[pallet::storage]
	pub type Headers<T: Config> = StorageMap<_, Identity, ProgramId, Header>;

	/// The program itself, at most 256 KiB. Lives as long as its record.
	#[pallet::storage]
	pub type Codes<T: Config> = StorageMap<_, Identity, ProgramId, Code>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A program can be named by jobs.
		Registered {
			/// Its name.
			program: ProgramId,
			/// Who holds the deposit.
			owner: AccountId,
			/// What one run costs, in multiply-accumulates.
			mac: u64,
		},
		/// A program is gone and its deposit returned.
		Removed {
			/// Its name.
			program: ProgramId,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The bytes are not a program, or the program as a whole breaks a rule. The number is the rule's; see
		/// `calor_tensor::Rule`, or ask `ProgramsApi_check_program` for words.
		InvalidProgram(u8),
		/// The input of the first number breaks the rule of the second.
		InvalidInput(u8, u8),
		/// The constant of the first number breaks the rule of the second.
		InvalidConstant(u8, u8),
		/// The operation of the first number breaks the rule of the second.
		InvalidOp(u16, u8),
		/// The output of the first number breaks the rule of the second.
		InvalidOutput(u8, u8),
		/// This program is registered already: use it as it is.
		AlreadyRegistered,
		/// No program of that name is registered: register it first.
		UnknownProgram,
		/// Only the account that registered a program may remove it.
		NotOwner,
		/// Open jobs use this program: wait until they have ended.
		InUse,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Register a tensor program.
		///
		/// ## Dispatch Origin
		/// Signed. A deposit by size is held from the signer.
		///
		/// ## Details
		/// The program is decoded and validated; its name is the BLAKE2b-256 hash of `code`.
		///
		/// ## Errors
		/// [`Error::AlreadyRegistered`], one of the `Invalid..` errors, or too little free balance for the deposit.
		///
		/// ## Events
		/// [`Event::Registered`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register(code.len() as u32))]
		pub fn register(origin: OriginFor<T>, code: Code) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_register(who, code).map(|_| ())
		}

		/// Remove a program and take its deposit back.
		///
		/// ## Dispatch Origin
		/// Signed by the account that registered it.
		///
		/// ## Errors
		/// [`Error::UnknownProgram`], [`Error::NotOwner`], [`Error::InUse`].
		///
		/// ## Events
		/// [`Event::Removed`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::remove())]
		pub fn remove(origin: OriginFor<T>, program: ProgramId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_remove(who, program)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			<Self as calor_primitives::traits::Invariants>::check()
				.map_err(sp_runtime::TryRuntimeError::Other)
		}
	}
}
