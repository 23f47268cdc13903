// SPDX-License-Identifier: Apache-2.0
//! # Market
//!
//! What compute costs: a price of one compute unit (10^12 multiply-accumulates) per hardware class, and from it the quote
//! for a job. Prices are set by governance; a controller that follows demand will set them later.
//!
//! Invariant: every price is at least 1 planck.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
pub mod weights;

pub use pallet::*;
pub use weights::WeightInfo;

use calor_primitives::{
	job::HardwareClass,
	money::{price_of_mac, MIN_JOB_PRICE},
	traits::{Invariants, Tariff},
	AccountId, Balance,
};
use sp_runtime::DispatchError;

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
		/// Who may set prices.
		type Governance: EnsureOrigin<Self::RuntimeOrigin>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Price of one CU per class, in planck. At most one entry a class; a class without one takes no jobs.
	#[pallet::storage]
	pub type PricePerCu<T> = StorageMap<_, Identity, HardwareClass, Balance>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Class and planck per CU.
		pub prices: alloc::vec::Vec<(HardwareClass, Balance)>,
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			for (class, price) in &self.prices {
				assert!(*price > 0, "a price per CU must be at least 1 planck");
				PricePerCu::<T>::insert(class, price);
			}
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A class has a new price.
		PriceSet {
			/// The class.
			class: HardwareClass,
			/// Planck per CU.
			per_cu: Balance,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// This hardware class has no price yet: choose another, or wait until governance sets one.
		NoPrice,
		/// A price must be at least 1 planck per CU.
		PriceIsZero,
		/// The price of this job exceeds what a balance can hold: cut the job into smaller ones.
		PriceTooLarge,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Set the price of a compute unit for a class.
		///
		/// ## Dispatch Origin
		/// [`Config::Governance`].
		///
		/// ## Errors
		/// [`Error::PriceIsZero`].
		///
		/// ## Events
		/// [`Event::PriceSet`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::set_price())]
		pub fn set_price(
			origin: OriginFor<T>,
			class: HardwareClass,
			#[pallet::compact] per_cu: Balance,
		) -> DispatchResult {
			T::Governance::ensure_origin(origin)?;
			ensure!(per_cu > 0, Error::<T>::PriceIsZero);
			PricePerCu::<T>::insert(class, per_cu);
			Self::deposit_event(Event::PriceSet { class, per_cu });
			Ok(())
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			<Self as Invariants>::check().map_err(sp_runtime::TryRuntimeError::Other)
		}
	}
}

impl<T: Config> Tariff for Pallet<T> {
	fn quote(class: HardwareClass, mac: u64) -> Result<Balance, DispatchError> {
		let per_cu = PricePerCu::<T>::get(class).ok_or(Error::<T>::NoPrice)?;
		let price = price_of_mac(mac, per_cu).ok_or(Error::<T>::PriceTooLarge)?;
		Ok(price.max(MIN_JOB_PRICE))
	}
}

impl<T: Config> Invariants for Pallet<T> {
	fn check() -> Result<(), &'static str> {
		if PricePerCu::<T>::iter_values().any(|price| price == 0) {
			return Err("a class has a price of zero");
		}
		Ok(())
	}
}
