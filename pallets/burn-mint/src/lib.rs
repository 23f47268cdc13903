// SPDX-License-Identifier: Apache-2.0
//! # Burn and mint
//!
//! The ledger of supply. Whatever burns tokens passes through here and is written down by kind; whatever mints passes
//! through [`MintAuthority::mint`], which knows the cap.
//!
//! Value flows: a job's escrow is burned in part and paid in part, and its audit levy goes to a pot ([`Settlement`]); half of every transaction fee is
//! burned ([`fees`]); dust and slashes are burned. Emission will come from finite pools in this pallet.
//!
//! Invariants: `issuance + burned == genesis + minted`, and `issuance <= CAP`.

#![cfg_attr(not(feature = "std"), no_std)]

pub mod fees;
mod ledger;

pub use pallet::*;

use calor_primitives::{
	money::{BurnKind, MintKind},
	AccountId, Balance,
};
use frame_support::traits::fungible::{hold, Inspect, Mutate};

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
		frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>>
	{
		/// The token.
		type Currency: Inspect<AccountId, Balance = Balance>
			+ Mutate<AccountId>
			+ hold::Inspect<AccountId, Reason = Self::RuntimeHoldReason>
			+ hold::Mutate<AccountId>;

		/// The overarching hold reason.
		type RuntimeHoldReason: Parameter;

		/// The account from which auditors will be paid; nobody has its key.
		type AuditPot: Get<AccountId>;

		/// Most tokens that can ever exist, in planck.
		#[pallet::constant]
		type Cap: Get<Balance>;
	}

	/// Tokens that existed at genesis, in planck. Set once.
	#[pallet::storage]
	pub type GenesisIssuance<T> = StorageValue<_, Balance, ValueQuery>;

	/// Tokens burned, by kind, in planck. One entry a kind; only grows.
	#[pallet::storage]
	pub type Burned<T> = StorageMap<_, Identity, BurnKind, Balance, ValueQuery>;

	/// Tokens minted, by kind, in planck. One entry a kind; only grows.
	#[pallet::storage]
	pub type Minted<T> = StorageMap<_, Identity, MintKind, Balance, ValueQuery>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			let issuance = T::Currency::total_issuance();
			assert!(issuance <= T::Cap::get(), "genesis issues more than the cap");
			GenesisIssuance::<T>::put(issuance);
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// Tokens were burned.
		Burned {
			/// Why.
			kind: BurnKind,
			/// How many, in planck.
			amount: Balance,
		},
		/// Tokens were minted.
		Minted {
			/// For whom.
			who: AccountId,
			/// Why.
			kind: MintKind,
			/// How many, in planck.
			amount: Balance,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// Minting this much would exceed the cap: nothing was minted.
		CapExceeded,
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
