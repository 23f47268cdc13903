// SPDX-License-Identifier: Apache-2.0
//! # Stake
//!
//! Collateral of providers and validators, in two separate ledgers. Part of a provider's stake is earmarked for each job
//! that it holds and for each audit that it takes on, and forfeited in part or whole if it fails. What a fault costs is said
//! where it is declared ([`Fault`]).
//!
//! Value flows: `bond` holds balance; `unbond` moves it into chunks that `withdraw` frees after the unbonding period; a
//! slash is divided between client, prover and burn, at least half of it burned.
//!
//! What the chain itself has proved is slashed at once. Any other slash waits ([`PendingSlash`]): its amount stays
//! earmarked, its owner can appeal, governance can cancel it, and when its time has come it acts by itself or by
//! anyone's call. The gravest faults take everything, unbonding stake among it, and exclude the account for ever. A slash
//! for more than a failure to deliver takes the rewards too that the account has not claimed.
//!
//! Invariants: what is held for a role is `active + unbonding`; earmarks of jobs and slashes that wait together are
//! `earmarked <= active`; every slash is divided to the planck; unbonding outlasts the longest dispute.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod agenda;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod bonding;
mod earmarks;
mod faults;
mod forfeiture;
mod invariants;
mod pending;
mod slashing;
pub mod types;
pub mod weights;

pub use pallet::*;
pub use types::{
	Chunk, Due, Exclusion, FaultView, Faults, PendingSlash, Role, SlashId, StakeLedger,
};
pub use weights::WeightInfo;

use alloc::vec::Vec;
use calor_primitives::{
	assurance::{deters, Assurance},
	fault::Fault,
	money::Slash,
	traits::{BurnLedger, Liquidity, OnForfeit, Unclaimed},
	AccountId, Balance, BlockNumber, JobId, H256,
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
		type RuntimeHoldReason: Parameter + From<HoldReason>;

		/// Where the burned part of a slash is written down.
		type Burns: BurnLedger<Self::RuntimeHoldReason>;

		/// What an account may bond: not what is vesting.
		type Liquidity: Liquidity;

		/// What else happens when all stake of a provider is forfeited.
		type OnForfeit: OnForfeit;

		/// Rewards that a grave fault forfeits.
		type Rewards: Unclaimed;

		/// Who may cancel slashes that wait, and change the windows.
		type Governance: EnsureOrigin<Self::RuntimeOrigin>;

		/// Most blocks from the assignment of a job to the end of its last dispute, under the windows of now.
		///
		/// Stake that could leave within it would leave before the fault that it answers for is known.
		type LongestDispute: Get<BlockNumber>;

		/// Least stake that can be bonded for a role, in planck. It pays for the storage of the ledger and of what is
		/// remembered of its faults.
		#[pallet::constant]
		type MinBond: Get<Balance>;

		/// Most unbonding chunks of one ledger.
		#[pallet::constant]
		type MaxChunks: Get<u32>;

		/// Blocks for which a fault over a job counts towards the next penalty.
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

	/// Blocks between a fault that is not proved on chain and its slash, in which governance can cancel it.
	#[pallet::storage]
	pub type SlashDeferral<T> = StorageValue<_, BlockNumber, ValueQuery>;

	/// Stake by role and account. Hashed, since accounts are chosen freely. At most one a role and account, paid for by
	/// the stake in it, at least [`Config::MinBond`] when it is made. Removed when nothing is left in it.
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

	/// Stake of a provider behind each job that it holds, in planck. One for each open job that has a provider, and paid
	/// for like it. Removed when the job releases it or ends in a penalty.
	#[pallet::storage]
	pub type Earmarks<T> =
		StorageDoubleMap<_, Blake2_128Concat, AccountId, Twox64Concat, JobId, Balance, OptionQuery>;

	/// Number of the last slash that was deferred.
	#[pallet::storage]
	pub type LastSlash<T> = StorageValue<_, SlashId, ValueQuery>;

	/// Slashes that wait. By number, which nobody can choose. Each was an earmark, or locks a ledger; it is paid for by
	/// the stake that it holds back. Removed when it acts or is cancelled, after the deferral at the latest.
	#[pallet::storage]
	pub type PendingSlashes<T> = StorageMap<_, Twox64Concat, SlashId, PendingSlash>;

	/// Slashes that wait, by whose stake they take. One for each entry of [`PendingSlashes`], and removed with it.
	#[pallet::storage]
	pub type SlashesOf<T> =
		StorageDoubleMap<_, Blake2_128Concat, AccountId, Twox64Concat, SlashId, (), OptionQuery>;

	/// What is due by height. One entry for each slash that waits, and one for each ledger that ended with faults in
	/// memory, which had to be bonded first. Removed when it is done.
	#[pallet::storage]
	pub type Agenda<T> =
		StorageDoubleMap<_, Twox64Concat, BlockNumber, Blake2_128Concat, Due, (), OptionQuery>;

	/// The agenda has been seen to below this height.
	#[pallet::storage]
	pub type SweptTo<T> = StorageValue<_, BlockNumber, ValueQuery>;

	/// Recent faults of a provider over jobs. At most one an account, and only of one that had stake to lose: paid for by
	/// its bond, and once that is gone by the penalty. Removed with the last of its stake, or by the agenda if they are not
	/// forgotten then.
	#[pallet::storage]
	pub type RecentFaults<T> = StorageMap<_, Blake2_128Concat, AccountId, Faults, OptionQuery>;

	/// Accounts that never take part again. Kept for ever; paid for by the slash of everything they had, which is at least
	/// [`Config::MinBond`] less what earlier slashes took of it.
	#[pallet::storage]
	pub type Excluded<T> =
		StorageDoubleMap<_, Identity, Role, Blake2_128Concat, AccountId, Exclusion, OptionQuery>;

	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// Blocks between unbonding and withdrawal; more than the longest dispute under the windows of jobs and results.
		pub unbonding_period: BlockNumber,
		/// Blocks for which a slash waits that is not proved on chain; at least 1.
		pub slash_deferral: BlockNumber,
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		/// 28 days and one day, as on a public chain.
		fn default() -> Self {
			Self {
				unbonding_period: 28 * 43_200,
				slash_deferral: 43_200,
				_config: Default::default(),
			}
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		/// The windows of other pallets may not be in storage yet: that unbonding outlasts every dispute is an invariant of
		/// the first state, and `integrity_test` checks it of the defaults.
		fn build(&self) {
			assert!(self.unbonding_period > 0, "the unbonding period must be at least 1 block");
			assert!(self.slash_deferral > 0, "slashes must wait for at least 1 block");
			UnbondingPeriod::<T>::put(self.unbonding_period);
			SlashDeferral::<T>::put(self.slash_deferral);
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
		/// A slash waits to act.
		SlashDeferred {
			/// Its number.
			id: SlashId,
			/// Of which stake.
			role: Role,
			/// Whose.
			who: AccountId,
			/// The job that was failed; none if it takes everything.
			job: Option<JobId>,
			/// What was done.
			fault: Fault,
			/// How much it takes, in planck.
			amount: Balance,
			/// Hash of what shows the fault.
			evidence: H256,
			/// Height from which it acts.
			applies_at: BlockNumber,
		},
		/// The owner of the stake holds something against a slash that waits.
		SlashAppealed {
			/// Its number.
			id: SlashId,
			/// Whose stake it takes.
			who: AccountId,
			/// Hash of what is held against it.
			evidence: H256,
		},
		/// A slash that waited was cancelled, and what it held back is free.
		SlashCancelled {
			/// Its number.
			id: SlashId,
			/// Whose stake it would have taken.
			who: AccountId,
			/// How much, in planck.
			amount: Balance,
		},
		/// A slash that waited found nothing: all stake of that account was forfeited meanwhile.
		SlashVoided {
			/// Its number.
			id: SlashId,
			/// Whose stake it would have taken.
			who: AccountId,
		},
		/// Stake was slashed.
		Slashed {
			/// Number of the slash, if it waited.
			id: Option<SlashId>,
			/// Of which stake.
			role: Role,
			/// Whose.
			who: AccountId,
			/// The job that was failed; none if everything was taken.
			job: Option<JobId>,
			/// What was done.
			fault: Fault,
			/// How it was divided.
			slash: Slash,
			/// Hash of what shows the fault.
			evidence: H256,
		},
		/// An account lost all rewards that it had not claimed, those of the epoch under way among them.
		RewardsForfeited {
			/// Who.
			who: AccountId,
			/// What it did.
			fault: Fault,
			/// Hash of what shows it.
			evidence: H256,
		},
		/// An account was excluded for ever.
		AccountExcluded {
			/// From which role.
			role: Role,
			/// Who.
			who: AccountId,
			/// What it did.
			fault: Fault,
			/// Hash of what shows it.
			evidence: H256,
		},
		/// The windows were changed, for what unbonds and what is deferred from now on.
		WindowsSet {
			/// Blocks between unbonding and withdrawal.
			unbonding_period: BlockNumber,
			/// Blocks for which a slash waits that is not proved on chain.
			slash_deferral: BlockNumber,
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
		/// More than what neither jobs nor slashes hold: wait until open jobs have ended and slashes have acted, or unbond
		/// less.
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
		/// A slash of everything waits: nothing can be added or leave until it has acted or is cancelled.
		ForfeiturePending,
		/// This account has lost this role for ever.
		ExcludedForEver,
		/// No slash of this number waits: it has acted, was cancelled, or never was.
		UnknownSlash,
		/// This slash does not act yet: wait for its height.
		TooEarly,
		/// This slash takes the stake of another account: only its owner can appeal.
		NotYours,
		/// This fault does not cost this: faults that cost everything are forfeitures, all others penalties over a job.
		WrongSeverity,
		/// Unbonding must outlast the longest dispute, and slashes must wait for at least 1 block.
		BadWindows,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Bond stake for a role.
		///
		/// ## Dispatch Origin
		/// Signed by the owner account.
		///
		/// ## Details
		/// Holds balance, at least [`Config::MinBond`]. Only what is free and not vesting can be bonded.
		///
		/// ## Errors
		/// [`Error::ExcludedForEver`], [`Error::AlreadyBonded`], [`Error::BelowMinimum`], [`Error::BalanceTooLow`].
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
		/// ## Details
		/// After a slash at least [`Config::MinBond`] must come together again.
		///
		/// ## Errors
		/// [`Error::NotBonded`], [`Error::AmountIsZero`], [`Error::ForfeiturePending`], [`Error::BelowMinimum`],
		/// [`Error::BalanceTooLow`].
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
		/// Only what neither jobs nor slashes hold can be unbonded. Either everything is unbonded or at least the least
		/// stake remains. Unbonding stake can be withdrawn after the unbonding period.
		///
		/// ## Errors
		/// [`Error::NotBonded`], [`Error::AmountIsZero`], [`Error::ForfeiturePending`], [`Error::StakeInUse`],
		/// [`Error::BelowMinimum`], [`Error::TooManyChunks`].
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
		/// ## Details
		/// The ledger is removed with the last of its stake.
		///
		/// ## Errors
		/// [`Error::NotBonded`], [`Error::ForfeiturePending`], [`Error::NothingDue`].
		///
		/// ## Events
		/// [`Event::Withdrawn`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::withdraw())]
		pub fn withdraw(origin: OriginFor<T>, role: Role) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw(role, who)
		}

		/// Let a slash act that has waited long enough.
		///
		/// ## Dispatch Origin
		/// Signed by anyone.
		///
		/// ## Details
		/// The chain does so by itself where blocks have room.
		///
		/// ## Errors
		/// [`Error::UnknownSlash`], [`Error::TooEarly`].
		///
		/// ## Events
		/// [`Event::Slashed`], [`Event::RewardsForfeited`] if the fault is more than a failure to deliver, and
		/// [`Event::AccountExcluded`] if it takes everything; or [`Event::SlashVoided`].
		#[pallet::call_index(4)]
		#[pallet::weight(Pallet::<T>::weight_of_slash())]
		pub fn apply_slash(origin: OriginFor<T>, #[pallet::compact] id: SlashId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_apply_slash(id)
		}

		/// Cancel a slash that has not acted yet.
		///
		/// ## Dispatch Origin
		/// [`Config::Governance`].
		///
		/// ## Details
		/// What it held back is free. The fault counts no longer towards the next penalty.
		///
		/// ## Errors
		/// [`Error::UnknownSlash`].
		///
		/// ## Events
		/// [`Event::SlashCancelled`].
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::cancel_slash())]
		pub fn cancel_slash(
			origin: OriginFor<T>,
			#[pallet::compact] id: SlashId,
		) -> DispatchResult {
			T::Governance::ensure_origin(origin)?;
			Self::do_cancel_slash(id)
		}

		/// Put on record what there is to say against a slash that has not acted yet.
		///
		/// ## Dispatch Origin
		/// Signed by the owner account whose stake it takes.
		///
		/// ## Details
		/// `evidence` is the hash of a document that the owner shows to governance. A later appeal replaces an earlier one.
		/// An appeal does not stop the clock: governance has to cancel the slash before its height.
		///
		/// ## Errors
		/// [`Error::UnknownSlash`], [`Error::NotYours`].
		///
		/// ## Events
		/// [`Event::SlashAppealed`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::appeal_slash())]
		pub fn appeal_slash(
			origin: OriginFor<T>,
			#[pallet::compact] id: SlashId,
			evidence: H256,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_appeal_slash(who, id, evidence)
		}

		/// Change the windows, for what unbonds and what is deferred from now on.
		///
		/// ## Dispatch Origin
		/// [`Config::Governance`].
		///
		/// ## Details
		/// Unbonding must outlast the longest dispute under the windows of jobs and results.
		///
		/// ## Errors
		/// [`Error::BadWindows`].
		///
		/// ## Events
		/// [`Event::WindowsSet`].
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::set_windows())]
		pub fn set_windows(
			origin: OriginFor<T>,
			unbonding_period: BlockNumber,
			slash_deferral: BlockNumber,
		) -> DispatchResult {
			T::Governance::ensure_origin(origin)?;
			Self::do_set_windows(unbonding_period, slash_deferral)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// Stake of an account for a role, if it has any.
		pub fn ledger(role: Role, who: AccountId) -> Option<StakeLedger<T::MaxChunks>> {
			Ledgers::<T>::get(role, who)
		}

		/// Slashes of an account that wait, oldest first.
		pub fn pending_slashes(who: AccountId) -> Vec<(SlashId, PendingSlash)> {
			Self::pending_of(&who)
		}

		/// Faults of a provider that are not forgotten, and what they make the next failure to deliver cost.
		pub fn faults(who: AccountId) -> FaultView {
			Self::fault_view(&who)
		}

		/// Why an account has lost a role for ever, if it has.
		pub fn exclusion(role: Role, who: AccountId) -> Option<Exclusion> {
			Excluded::<T>::get(role, who)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
			Self::sweep_agenda(remaining)
		}

		fn integrity_test() {
			assert!(T::MaxChunks::get() > 0, "unbonding needs room for at least one chunk");
			assert!(T::MinBond::get() > 0, "a ledger is paid for by its stake");
			assert!(T::FaultMemory::get() > 0, "repeats must cost more");
			// No storage here: the windows of all pallets are their defaults, those of a public chain.
			let public = GenesisConfig::<T>::default();
			assert!(public.slash_deferral > 0, "slashes must wait for at least 1 block");
			assert!(
				public.unbonding_period > T::LongestDispute::get(),
				"unbonding must outlast the longest dispute"
			);
			for kind in [Assurance::Optimistic, Assurance::Audited] {
				let (stake, rate) = (kind.stake_per_value(), kind.audit_rate());
				let adversary = kind.tolerated_adversary();
				assert!(deters(stake, rate, adversary), "cheating pays under {kind:?}");
			}
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			<Self as calor_primitives::traits::Invariants>::check()
				.map_err(sp_runtime::TryRuntimeError::Other)
		}
	}
}
