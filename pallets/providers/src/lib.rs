// SPDX-License-Identifier: Apache-2.0
//! # Providers
//!
//! Who offers compute. An owner account (cold) registers a worker key (hot) that accepts, commits and reveals in its
//! name, what hardware stands behind it and the least price that it works for. The worker key can be changed at any time;
//! jobs go on under the new one.
//!
//! Per class there is a ready set: the providers that wait for a job, kept so that one can be drawn by place and removed
//! in constant time ([`ready_set`]).
//!
//! Whoever waits for a job or has one owes signs of life. A provider that leaves with notice (`drain`) pays nothing; one
//! that falls silent leaves the ready set or loses its job, and waits the longer the longer it was gone ([`watch`]).
//!
//! What a provider claims to be able to do decides nothing about money. What it has proved ([`capacity`]) does, for the
//! blocks in which its signs of life show it to have been there ([`attendance`]); and how much of it is used moves the
//! price of its class ([`meter`]). Shares of owner groups are counted over what is proven, once anything is, so that
//! nobody becomes small by claiming little or by having others claim much.
//!
//! Value flows: a deposit is held from the owner at registration and returned by `deregister`.
//!
//! Invariants: the ready set of a class is exactly its providers that are `Ready`, each at its place; exactly those that
//! are `Working` or `Draining` have a job; exactly those three stand on the watch, each once, and are on the meter of
//! their class with what they have proved; nobody has proved more than it claims, or attended more blocks than there
//! were signs of life for since it registered; each worker key belongs to one owner; what is held from an owner for its
//! registration is its deposit.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod attendance;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod capacity;
mod invariants;
mod meter;
mod ready_set;
mod registration;
pub mod types;
mod watch;
pub mod weights;

pub use meter::Meter;
pub use pallet::*;
pub use types::Windows;
pub use weights::WeightInfo;

use calor_primitives::{
	job::HardwareClass,
	now,
	provider::{Availability, Capacity, Endpoint, Presence, ProviderRecord},
	traits::{Collateral, Liquidity, Standings, Vanish},
	AccountId, Balance, BlockNumber, JobId, H256,
};
use frame_support::traits::fungible::{hold, Inspect};
use sp_core::sr25519;
use sp_runtime::Perbill;

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
		/// The token.
		type Currency: Inspect<AccountId, Balance = Balance>
			+ hold::Inspect<AccountId, Reason = Self::RuntimeHoldReason>
			+ hold::Mutate<AccountId>;

		/// The overarching hold reason.
		type RuntimeHoldReason: Parameter + From<HoldReason>;

		/// What an account may put on hold.
		type Liquidity: Liquidity;

		/// Stake of providers.
		type Collateral: Collateral;

		/// Whether owner groups may be given jobs.
		type Standing: Standings;

		/// Jobs, which learn of providers that are gone.
		type Jobs: Vanish;

		/// Held from an owner while it is registered, in planck: pays for its record, its deposit, its key, and its entries
		/// in the ready set and on the watch.
		#[pallet::constant]
		type Deposit: Get<Balance>;

		/// Blocks for which a provider that broke its word cannot be ready.
		#[pallet::constant]
		type JailPeriod: Get<BlockNumber>;

		/// Who may change the windows.
		type Governance: EnsureOrigin<Self::RuntimeOrigin>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;

		/// Bonds stake and gives jobs, for benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type Bond: BenchmarkBond;
	}

	/// Stake and jobs for benchmarks.
	#[cfg(feature = "runtime-benchmarks")]
	pub trait BenchmarkBond {
		/// Funds an account, with enough for a deposit besides, and bonds stake that covers any job.
		fn bond(who: &AccountId);
		/// Worker key of a provider that runs a job.
		fn running() -> AccountId;
	}

	/// Why balance is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Deposit for the storage of a registered provider.
		Registration,
	}

	/// How often providers must be heard, and what a silence costs. One value.
	#[pallet::storage]
	pub type CurrentWindows<T> = StorageValue<_, Windows, ValueQuery>;

	/// Providers by owner. Hashed, since accounts are chosen freely. As many as there are deposits, each of which pays for
	/// the longest record; removed by `deregister`.
	#[pallet::storage]
	pub type Providers<T> = StorageMap<_, Blake2_128Concat, AccountId, ProviderRecord>;

	/// Owner of each worker key: one for each provider, paid by its deposit. Removed when the key is rotated out or with its
	/// provider.
	#[pallet::storage]
	pub type Owners<T> = StorageMap<_, Blake2_128Concat, AccountId, AccountId>;

	/// What each owner has on hold for its registration, in planck: one for each provider, paid by itself. Removed with its
	/// provider.
	#[pallet::storage]
	pub type Deposits<T> = StorageMap<_, Blake2_128Concat, AccountId, Balance>;

	/// The ready set: owners by class and place, without gaps. At most one for each provider, paid by its deposit. Removed
	/// when a provider gets a job or rests.
	#[pallet::storage]
	pub type Ready<T> =
		StorageDoubleMap<_, Identity, HardwareClass, Twox64Concat, u32, AccountId, OptionQuery>;

	/// Size of the ready set of each class: one number a class.
	#[pallet::storage]
	pub type ReadyCount<T> = StorageMap<_, Identity, HardwareClass, u32, ValueQuery>;

	/// Providers that owe signs of life, by the height at which the chain looks at them. At most one for each provider, paid
	/// by its deposit. Moved on when the provider was heard in time; removed when it rests or is gone.
	#[pallet::storage]
	pub type Watch<T> = StorageDoubleMap<
		_,
		Twox64Concat,
		BlockNumber,
		Blake2_128Concat,
		AccountId,
		(),
		OptionQuery,
	>;

	/// The watch has been seen to below this height. One value.
	#[pallet::storage]
	pub type WatchedTo<T> = StorageValue<_, BlockNumber, ValueQuery>;

	/// How much of the proven capacity of each class is used: one meter a class.
	#[pallet::storage]
	pub type Meters<T> = StorageMap<_, Identity, HardwareClass, Meter, ValueQuery>;

	/// Providers that have proved any capacity. One value.
	#[pallet::storage]
	pub type ProvenCount<T> = StorageValue<_, u32, ValueQuery>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// How often providers must be heard, and what a silence costs.
		pub windows: Windows,
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			assert!(
				self.windows.are_valid(),
				"a silence must last two heartbeats, and a wait at most 65,535 blocks"
			);
			CurrentWindows::<T>::put(self.windows);
		}
	}

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
		/// A provider has another worker key.
		WorkerRotated {
			/// Its owner.
			owner: AccountId,
			/// The key that has lost its rights.
			former: AccountId,
			/// The key that has them now.
			worker: AccountId,
		},
		/// A provider was not heard in time.
		FellSilent {
			/// Its owner.
			owner: AccountId,
			/// The job that it had.
			job: Option<JobId>,
			/// Height of its last sign of life.
			silent_since: BlockNumber,
		},
		/// A provider that had fallen silent was heard again.
		Returned {
			/// Its owner.
			owner: AccountId,
			/// For how many blocks it was silent.
			silent: BlockNumber,
			/// First height at which it may be ready.
			ready_from: BlockNumber,
		},
		/// A provider has left, and its deposit was returned.
		Deregistered {
			/// Its owner.
			owner: AccountId,
		},
		/// The windows were changed.
		WindowsSet {
			/// The new windows.
			windows: Windows,
		},
		/// It is known what a provider can do.
		CapacityProven {
			/// Its owner.
			owner: AccountId,
			/// What it has shown, in multiply-accumulates per second.
			mac_per_second: u64,
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
		/// The claimed capacity is zero, or more than 4 * 10^15 multiply-accumulates per second: claim what the machine can
		/// do.
		NoCapacity,
		/// Bond stake for the role of provider first.
		NotBonded,
		/// A job is running: use `drain` and wait for it to end.
		Working,
		/// Jobs hold this provider's stake: use `drain` and wait until they have ended.
		OpenJobs,
		/// This provider broke its word: wait for the height that its availability names.
		Jailed,
		/// This provider is not ready.
		NotReady,
		/// This account is the worker key of a provider: register with another.
		IsWorkerKey,
		/// All stake of this account was forfeited: it cannot be a provider again.
		Excluded,
		/// Too little free balance for the deposit: add funds. What is vesting, locked or on hold does not count.
		BalanceTooLow,
		/// Claimed capacity changes only while a provider is idle: use `drain` and wait for its job to end.
		NotIdle,
		/// This provider was heard less than half an interval ago: send the next heartbeat later.
		TooSoon,
		/// This provider takes no jobs, so it owes no sign of life: use `set_ready`.
		NothingOwed,
		/// This provider was heard in time.
		HeardInTime,
		/// This provider fell silent: send a `heartbeat`, and wait for the height that it sets.
		Gone,
		/// This provider fell silent and came back: it must wait that many blocks more, until the height `ready_from` of its
		/// record.
		TooEarly(u16),
		/// A silence must last at least two heartbeats, a heartbeat at least 1 block, and a wait at most 65,535 blocks.
		BadWindows,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Register as a provider.
		///
		/// ## Dispatch Origin
		/// Signed by the owner account. A deposit is held from it.
		///
		/// ## Details
		/// `proof` is the worker key's signature over `"calor/worker/1" || genesis hash || owner`. The provider starts idle,
		/// with nothing proven: bond stake, then call `set_ready`.
		///
		/// ## Errors
		/// [`Error::AlreadyRegistered`], [`Error::IsWorkerKey`], [`Error::Excluded`], [`Error::WorkerKeyTaken`],
		/// [`Error::BadProof`], [`Error::BadEndpoint`], [`Error::NoCapacity`], [`Error::BalanceTooLow`].
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
				proven: 0,
				availability: Availability::Idle,
				place: 0,
				job: None,
				presence: Presence::Free,
				seen: now::<T>(),
				ready_from: 0,
				offline: 0,
				attended: 0,
				since: now::<T>(),
			};
			Self::do_register(owner, worker, proof, record)
		}

		/// Change endpoint, least price and claimed capacity.
		///
		/// ## Dispatch Origin
		/// Signed by the owner account or the worker key.
		///
		/// ## Details
		/// Without `claimed` the claimed capacity stays; another one can be claimed only while the provider is idle. What is
		/// proven falls with the claim and does not rise with it. Counts as a sign of life.
		///
		/// ## Errors
		/// [`Error::NotRegistered`], [`Error::BadEndpoint`], [`Error::NoCapacity`], [`Error::NotIdle`].
		///
		/// ## Events
		/// [`Event::Updated`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::update())]
		pub fn update(
			origin: OriginFor<T>,
			endpoint: Endpoint,
			#[pallet::compact] min_price: Balance,
			claimed: Option<Capacity>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_update(who, endpoint, min_price, claimed)
		}

		/// Begin or cease to take jobs.
		///
		/// ## Dispatch Origin
		/// Signed by the owner account or the worker key.
		///
		/// ## Details
		/// Saying what is already so only counts as a sign of life. While a job runs, `false` fails: use `drain`. `true` while
		/// draining means to go on.
		///
		/// Whoever fell silent and says `true` is back, and must wait a quarter of the time that it was gone: it becomes ready
		/// if that is nothing; otherwise its wait begins, it stays idle, and `true` fails with [`Error::TooEarly`] until the wait
		/// is over.
		///
		/// ## Errors
		/// [`Error::NotRegistered`], [`Error::NotBonded`], [`Error::Excluded`], [`Error::Jailed`], [`Error::OpenJobs`],
		/// [`Error::Working`], [`Error::TooEarly`].
		///
		/// ## Events
		/// [`Event::AvailabilityChanged`], [`Event::Returned`].
		#[pallet::call_index(2)]
		#[pallet::weight(if *ready { T::WeightInfo::set_ready() } else { T::WeightInfo::set_idle() })]
		pub fn set_ready(origin: OriginFor<T>, ready: bool) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_ready(who, ready)
		}

		/// Take no more jobs; one that was given already is finished.
		///
		/// ## Dispatch Origin
		/// Signed by the owner account or the worker key.
		///
		/// ## Details
		/// Free of penalty. A provider without a job is idle at once; one with a job goes on owing signs of life until it has
		/// committed to its result.
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

		/// Cease to be a provider and take the deposit back.
		///
		/// ## Dispatch Origin
		/// Signed by the owner account.
		///
		/// ## Details
		/// What it has attended of the epoch under way earns nothing: leave after the epoch has closed.
		///
		/// ## Errors
		/// [`Error::NotRegistered`], [`Error::OpenJobs`], [`Error::Jailed`], [`Error::Gone`], [`Error::TooEarly`].
		///
		/// ## Events
		/// [`Event::Deregistered`].
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::deregister())]
		pub fn deregister(origin: OriginFor<T>) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_deregister(owner)
		}

		/// Give a sign of life.
		///
		/// ## Dispatch Origin
		/// Signed by the owner account or the worker key.
		///
		/// ## Details
		/// Free of fee if at least half an interval has passed since the last one. Owed while the provider waits for a job or
		/// has one. Whoever fell silent is back with it, and may be ready after a quarter of the time that it was gone.
		///
		/// ## Errors
		/// [`Error::NotRegistered`], [`Error::NothingOwed`], [`Error::TooSoon`].
		///
		/// ## Events
		/// [`Event::Returned`] if it had fallen silent.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::heartbeat())]
		pub fn heartbeat(origin: OriginFor<T>) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			Self::do_heartbeat(who)
		}

		/// Report a provider that has not been heard in time.
		///
		/// ## Dispatch Origin
		/// Signed by anyone.
		///
		/// ## Details
		/// The provider is idle; if it has a job, it is penalised and the job goes to another. The chain does this by itself
		/// where blocks have room.
		///
		/// ## Errors
		/// [`Error::NotRegistered`], [`Error::NothingOwed`], [`Error::HeardInTime`].
		///
		/// ## Events
		/// [`Event::FellSilent`] and [`Event::AvailabilityChanged`], and what becomes of its job.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::report_silence())]
		pub fn report_silence(origin: OriginFor<T>, owner: AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_report_silence(owner)
		}

		/// Replace the worker key.
		///
		/// ## Dispatch Origin
		/// Signed by the owner account.
		///
		/// ## Details
		/// `proof` is as in `register`, by the new key. The old key loses its rights at once; jobs go on under the new one.
		///
		/// ## Errors
		/// [`Error::NotRegistered`], [`Error::WorkerKeyTaken`], [`Error::BadProof`].
		///
		/// ## Events
		/// [`Event::WorkerRotated`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::rotate_worker())]
		pub fn rotate_worker(
			origin: OriginFor<T>,
			worker: sr25519::Public,
			proof: sr25519::Signature,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_rotate_worker(owner, worker, proof)
		}

		/// Change how often providers must be heard, and what a silence costs.
		///
		/// ## Dispatch Origin
		/// [`Config::Governance`].
		///
		/// ## Details
		/// What a silence is changes at once for everyone. The chain looks at each provider next when it would have looked
		/// anyway; after a shorter silence anyone may `report_silence`.
		///
		/// ## Errors
		/// [`Error::BadWindows`].
		///
		/// ## Events
		/// [`Event::WindowsSet`].
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::set_windows())]
		pub fn set_windows(origin: OriginFor<T>, windows: Windows) -> DispatchResult {
			T::Governance::ensure_origin(origin)?;
			ensure!(windows.are_valid(), Error::<T>::BadWindows);
			CurrentWindows::<T>::put(windows);
			Self::deposit_event(Event::WindowsSet { windows });
			Ok(())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// A provider by its owner account.
		pub fn provider(owner: AccountId) -> Option<ProviderRecord> {
			Providers::<T>::get(owner)
		}

		/// Owner of a worker key.
		pub fn owner_of_worker(worker: AccountId) -> Option<AccountId> {
			Owners::<T>::get(worker)
		}

		/// Part of its time since registration in which a provider was not silent while it owed signs of life.
		pub fn uptime(owner: AccountId) -> Option<Perbill> {
			Providers::<T>::get(owner).map(|record| Self::uptime_of(&record))
		}

		/// Providers of a class that wait for a job.
		pub fn ready_count(class: HardwareClass) -> u32 {
			ReadyCount::<T>::get(class)
		}

		/// Proven capacity of a class that is offered and used, now and over the blocks since prices last moved.
		pub fn usage(class: HardwareClass) -> Meter {
			let mut meter = Meters::<T>::get(class);
			meter.count_to(now::<T>());
			meter
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
			Self::keep_watch(remaining)
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			<Self as calor_primitives::traits::Invariants>::check()
				.map_err(sp_runtime::TryRuntimeError::Other)
		}
	}
}
