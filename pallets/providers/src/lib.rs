// SPDX-License-Identifier: Apache-2.0
//! # Providers
//!
//! Who offers compute. An owner account (cold) registers a worker key (hot) that accepts, commits and reveals in its
//! name, what hardware stands behind it and the least price that it works for.
//!
//! Per class there is a ready set: the providers that wait for a job, kept so that one can be drawn by index and removed
//! in constant time.
//!
//! Invariants: the ready set of a class is exactly its providers that are `Ready`; each worker key belongs to one owner.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod ready_set;
mod registration;
pub mod weights;

pub use pallet::*;
pub use weights::WeightInfo;

use calor_primitives::{
	job::HardwareClass,
	provider::{Availability, Capacity, Endpoint, ProviderRecord},
	traits::Collateral,
	AccountId, Balance, BlockNumber, H256,
};
use sp_core::sr25519;

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
		/// Stake of providers.
		type Collateral: Collateral;

		/// Blocks for which a provider that broke its word cannot be ready.
		#[pallet::constant]
		type JailPeriod: Get<BlockNumber>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;

		/// Bonds stake, for benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type Bond: BenchmarkBond;
	}

	/// Bonds stake for benchmarks.
	#[cfg(feature = "runtime-benchmarks")]
	pub trait BenchmarkBond {
		/// Funds an account and bonds stake that covers any job.
		fn bond(who: &AccountId);
	}

	/// Providers by owner. Hashed, since accounts are chosen freely. Removed by `deregister`.
	#[pallet::storage]
	pub type Providers<T> = StorageMap<_, Blake2_128Concat, AccountId, ProviderRecord>;

	/// Owner of each worker key. Lives as long as its provider.
	#[pallet::storage]
	pub type Owners<T> = StorageMap<_, Blake2_128Concat, AccountId, AccountId>;

	/// The ready set: owners by class and index, without gaps.
	#[pallet::storage]
	pub type Ready<T> =
		StorageDoubleMap<_, Identity, HardwareClass, Twox64Concat, u32, AccountId, OptionQuery>;

	/// Size of the ready set of each class.
	#[pallet::storage]
	pub type ReadyCount<T> = StorageMap<_, Identity, HardwareClass, u32, ValueQuery>;

	/// Where in the ready set of its class a provider stands; only providers that are in it.
	#[pallet::storage]
	pub type ReadyIndex<T> = StorageMap<_, Blake2_128Concat, AccountId, u32>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A provider was registered.
		Registered {
			/// Its owner.
			owner: AccountId,
			/// Its worker key.
			worker: AccountId,
			/// Its class.
			class: HardwareClass,
		},
		/// A provider changed what it offers.
		Updated {
			/// Its owner.
			owner: AccountId,
		},
		/// A provider began or ceased to take jobs.
		AvailabilityChanged {
			/// Its owner.
			owner: AccountId,
			/// What it is now.
			availability: Availability,
		},
		/// A provider is gone.
		Deregistered {
			/// Its owner.
			owner: AccountId,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// This account is a provider already: use `update`.
		AlreadyRegistered,
		/// This account is neither a provider's owner nor its worker key: register first.
		NotRegistered,
		/// The worker key belongs to another provider, or is the owner itself: use a key of its own.
		WorkerKeyTaken,
		/// The signature does not prove that the worker key agrees: sign `"calor/worker/1" || genesis hash || owner` with it.
		BadProof,
		/// The endpoint is not UTF-8 that begins with `http://` or `https://`.
		BadEndpoint,
		/// The claimed capacity must not be zero.
		NoCapacity,
		/// Bond stake for the role of provider first.
		NotBonded,
		/// A job is running: use `drain` and wait for it to end.
		Working,
		/// Jobs hold this provider's stake: wait until they have ended.
		OpenJobs,
		/// This provider broke its word and cannot be ready yet.
		Jailed,
		/// This provider is not ready.
		NotReady,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Register as a provider.
		///
		/// ## Dispatch Origin
		/// Signed by the owner account.
		///
		/// ## Details
		/// `proof` is the worker key's signature over `"calor/worker/1" || genesis hash || owner`. The provider starts idle:
		/// bond stake, then call `set_ready`.
		///
		/// ## Errors
		/// [`Error::AlreadyRegistered`], [`Error::WorkerKeyTaken`], [`Error::BadProof`], [`Error::BadEndpoint`],
		/// [`Error::NoCapacity`].
		///
		/// ## Events
		/// [`Event::Registered`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::register())]
		pub fn register(
			origin: OriginFor<T>,
			worker: sr25519::Public,
			proof: sr25519::Signature,
			endpoint: Endpoint,
			class: HardwareClass,
			#[pallet::compact] min_price: Balance,
			claimed: Capacity,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			let record = ProviderRecord {
				worker: worker.into(),
				endpoint,
				class,
				min_price,
				claimed,
				availability: Availability::Idle,
			};
			Self::do_register(owner, worker, proof, record)
		}

		/// Change endpoint and least price.
		///
		/// ## Dispatch Origin
		/// Signed by the owner account or the worker key.
		///
		/// ## Errors
		/// [`Error::NotRegistered`], [`Error::BadEndpoint`].
		///
		/// ## Events
		/// [`Event::Updated`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::update())]
		pub fn update(
			origin: OriginFor<T>,
			endpoint: Endpoint,
			#[pallet::compact] min_price: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_update(who, endpoint, min_price)
		}

		/// Begin or cease to take jobs.
		///
		/// ## Dispatch Origin
		/// Signed by the owner account or the worker key.
		///
		/// ## Details
		/// Saying what is already so does nothing. While a job runs, `false` fails: use `drain`.
		///
		/// ## Errors
		/// [`Error::NotRegistered`], [`Error::NotBonded`], [`Error::Jailed`], [`Error::Working`].
		///
		/// ## Events
		/// [`Event::AvailabilityChanged`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::set_ready())]
		pub fn set_ready(origin: OriginFor<T>, ready: bool) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_ready(who, ready)
		}

		/// Take no more jobs; a running one is finished.
		///
		/// ## Dispatch Origin
		/// Signed by the owner account or the worker key.
		///
		/// ## Errors
		/// [`Error::NotRegistered`].
		///
		/// ## Events
		/// [`Event::AvailabilityChanged`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::drain())]
		pub fn drain(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_drain(who)
		}

		/// Cease to be a provider.
		///
		/// ## Dispatch Origin
		/// Signed by the owner account.
		///
		/// ## Errors
		/// [`Error::NotRegistered`], [`Error::OpenJobs`].
		///
		/// ## Events
		/// [`Event::Deregistered`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::deregister())]
		pub fn deregister(origin: OriginFor<T>) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_deregister(owner)
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
