// SPDX-License-Identifier: Apache-2.0
//! What Calor's pallets have in common: ids, money, job and provider types, and the traits through which they meet.
//!
//! Pallets never depend on each other's crates; each names the traits it needs in its `Config`, and the runtime ties the
//! knots. Start with [`job`] for the life of a job and [`traits`] for who offers what to whom.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod assurance;
pub mod commitment;
pub mod dispute;
pub mod explain;
pub mod fault;
pub mod group;
pub mod job;
pub mod lottery;
pub mod market;
pub mod money;
pub mod provider;
pub mod receipt;
pub mod runtime_api;
pub mod supply;
pub mod sweep;
pub mod tensor_ref;
pub mod traits;

pub use sp_core::H256;
use sp_runtime::SaturatedConversion;

/// An account: 32 bytes, SS58 in print.
pub type AccountId = sp_runtime::AccountId32;
/// An amount in planck; one CAL has 10^12.
pub type Balance = u128;
/// A height or a number of blocks.
pub type BlockNumber = u32;
/// Number of a job, counted from 1.
pub type JobId = u64;
/// Number of a reward epoch, counted from 0.
pub type EpochIndex = u32;
/// Name of a program: BLAKE2b-256 of its encoding.
pub type ProgramId = H256;

/// The current height.
pub fn now<T: frame_system::Config>() -> BlockNumber {
	frame_system::Pallet::<T>::block_number().saturated_into()
}

/// Hash of the genesis block, which binds signatures and commitments to this chain.
pub fn genesis_hash<T: frame_system::Config<Hash = H256>>() -> H256 {
	frame_system::Pallet::<T>::block_hash(frame_system::pallet_prelude::BlockNumberFor::<T>::from(
		0u32,
	))
}
