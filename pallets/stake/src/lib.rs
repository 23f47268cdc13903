// SPDX-License-Identifier: Apache-2.0
//! # Stake
//!
//! Collateral of providers and validators, in two separate ledgers. Part of a provider's stake is earmarked for each job
//! that it holds, and forfeited in part or whole if it fails that job.
//!
//! Value flows: `bond` holds balance; `unbond` moves it into chunks that `withdraw` frees after the unbonding period; a
//! slash divides an earmark between client, prover and burn, at least half of it burned.
//!
//! Invariants: what is held for a role is `active + unbonding`; earmarks together are `earmarked <= active`; every slash
//! is divided to the planck.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod bonding;
mod slashing;
pub mod types;
pub mod weights;

pub use pallet::*;
pub use types::{Chunk, Faults, Role, StakeLedger};
pub use weights::WeightInfo;

use calor_primitives::{money::Slash, traits::BurnLedger, AccountId, Balance, BlockNumber, JobId};
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
		type RuntimeHoldReason: Parameter + From<HoldReason>;

		/// Where the burned part of a slash is written down.
		type Burns: BurnLedger<Self::RuntimeHoldReason>;

		/// Least stake that can be bonded for a role, in planck.
		#[pallet::constant]
		type MinBond: Get<Balance>;

		/// Most unbonding chunks of one ledger.
		#[pallet::constant]
		type MaxChunks: Get<u32>;

		/// Blocks for which a failure to deliver counts towards the next penalty.
		///
		/// Shorter and a provider that fails a few times a month never pays more than the least penalty.
		#[pallet::constant]
		type FaultMemory: Get<BlockNumber>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// Why balance is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Stake of a provider.
		Provider,
		/// Stake of a validator.
		Validator,
	}

	/// Blocks between unbonding and withdrawal. Must outlast the longest life of a job with all its disputes, so that
	/// stake cannot leave before the fault that it answers for is known.
	#[pallet::storage]
	pub type UnbondingPeriod<T> = StorageValue<_, BlockNumber, ValueQuery>;

	/// Stake by role and account. Hashed, since accounts are chosen freely. Removed when everything is withdrawn.
	#[pallet::storage]
	pub type Ledgers<T: Config> = StorageDoubleMap<
		_,
		Identity,
		Role,
		Blake2_128Concat,
		AccountId,
		StakeLedger<T::MaxChunks>,
		OptionQuery,
	>;

	/// Stake of a provider behind each job that it holds, in planck. Removed when the job releases it.
	#[pallet::storage]
	pub type Earmarks<T> =
		StorageDoubleMap<_, Blake2_128Concat, AccountId, Twox64Concat, JobId, Balance, OptionQuery>;

	/// Recent failures to deliver of a provider. Removed with the last of its stake once they are forgotten.
	#[pallet::storage]
	pub type RecentFaults<T> = StorageMap<_, Blake2_128Concat, AccountId, Faults, OptionQuery>;

	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// Blocks between unbonding and withdrawal; at least 1.
		pub unbonding_period: BlockNumber,
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		/// 28 days, as on a public chain.
		fn default() -> Self {
			Self { unbonding_period: 28 * 43_200, _config: Default::default() }
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			assert!(self.unbonding_period > 0, "the unbonding period must be at least 1 block");
			UnbondingPeriod::<T>::put(self.unbonding_period);
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// Stake was bonded.
		Bonded {
			/// For which role.
			role: Role,
			/// By whom.
			who: AccountId,
			/// How much, in planck.
			amount: Balance,
		},
		/// Stake began to unbond.
		Unbonded {
			/// Of which role.
			role: Role,
			/// By whom.
			who: AccountId,
			/// How much, in planck.
			amount: Balance,
			/// Height from which it can be withdrawn.
			at: BlockNumber,
		},
		/// Unbonded stake became free balance.
		Withdrawn {
			/// Of which role.
			role: Role,
			/// By whom.
			who: AccountId,
			/// How much, in planck.
			amount: Balance,
		},
		/// Stake was put behind a job.
		Earmarked {
			/// Whose.
			who: AccountId,
			/// The job.
			job: JobId,
			/// How much, in planck.
			amount: Balance,
		},
		/// Stake behind a job was freed.
		Released {
			/// Whose.
			who: AccountId,
			/// The job.
			job: JobId,
			/// How much, in planck.
			amount: Balance,
		},
		/// Stake behind a job was forfeited.
		Slashed {
			/// Whose.
			who: AccountId,
			/// The job.
			job: JobId,
			/// How it was divided.
			slash: Slash,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// This account has stake for the role already: use `bond_more`.
		AlreadyBonded,
		/// This account has no stake for the role: use `bond`.
		NotBonded,
		/// Less than the least stake would remain: bond more, or unbond everything.
		BelowMinimum,
		/// More than what no job holds: wait until open jobs have ended, or unbond less.
		StakeInUse,
		/// Too many unbonding chunks: withdraw those that are due first.
		TooManyChunks,
		/// Nothing is due for withdrawal yet.
		NothingDue,
		/// Too little free balance: what is vesting, locked or on hold cannot be bonded.
		BalanceTooLow,
		/// The amount must not be zero.
		AmountIsZero,
		/// The provider has too little free stake for this job.
		TooLittleStake,
		/// There is stake behind this job already.
		AlreadyEarmarked,
		/// There is no stake behind this job.
		NoEarmark,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Bond stake for a role.
		///
		/// ## Dispatch Origin
		/// Signed by the owner account.
		///
		/// ## Errors
		/// [`Error::AlreadyBonded`], [`Error::BelowMinimum`], or too little free balance.
		///
		/// ## Events
		/// [`Event::Bonded`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::bond())]
		pub fn bond(
			origin: OriginFor<T>,
			role: Role,
			#[pallet::compact] amount: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_bond(role, who, amount)
		}

		/// Add to the stake of a role.
		///
		/// ## Dispatch Origin
		/// Signed by the owner account.
		///
		/// ## Errors
		/// [`Error::NotBonded`], [`Error::AmountIsZero`], or too little free balance.
		///
		/// ## Events
		/// [`Event::Bonded`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::bond_more())]
		pub fn bond_more(
			origin: OriginFor<T>,
			role: Role,
			#[pallet::compact] amount: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_bond_more(role, who, amount)
		}

		/// Begin to take stake out of a role.
		///
		/// ## Dispatch Origin
		/// Signed by the owner account.
		///
		/// ## Details
		/// Only what no job holds can be unbonded. Either everything is unbonded or at least the least stake remains.
		/// Unbonding stake can be withdrawn after the unbonding period.
		///
		/// ## Errors
		/// [`Error::NotBonded`], [`Error::AmountIsZero`], [`Error::StakeInUse`], [`Error::BelowMinimum`],
		/// [`Error::TooManyChunks`].
		///
		/// ## Events
		/// [`Event::Unbonded`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::unbond())]
		pub fn unbond(
			origin: OriginFor<T>,
			role: Role,
			#[pallet::compact] amount: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_unbond(role, who, amount)
		}

		/// Free the unbonded stake that is due.
		///
		/// ## Dispatch Origin
		/// Signed by the owner account.
		///
		/// ## Errors
		/// [`Error::NotBonded`], [`Error::NothingDue`].
		///
		/// ## Events
		/// [`Event::Withdrawn`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::withdraw())]
		pub fn withdraw(origin: OriginFor<T>, role: Role) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw(role, who)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(T::MaxChunks::get() > 0, "unbonding needs room for at least one chunk");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			<Self as calor_primitives::traits::Invariants>::check()
				.map_err(sp_runtime::TryRuntimeError::Other)
		}
	}
}
