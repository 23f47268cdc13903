// SPDX-License-Identifier: Apache-2.0
//! # Burn and mint
//!
//! Where tokens come from and where they go. Whatever burns tokens passes through here and is written down by kind;
//! whatever mints passes through here, where the cap is known.
//!
//! Value flows:
//! - A job's escrow is burned in part and paid in part, and its audit levy goes to a pot ([`Settlement`]); half of
//!   every transaction fee is burned ([`fees`]); dust and slashes are burned.
//! - Two finite pools of 400 million tokens together are all that availability is ever paid from ([`emission`]). An
//!   epoch lets a part of them go. What it pays of that leaves the pools for the rewards of owners; the rest stays.
//! - Auditors of proofs of capacity, whose work no client pays, are owed what it is worth ([`AuditPay`]
//!   (calor_primitives::traits::AuditPay)) and get it at the close out of a fixed part of the epoch's budget: in full if
//!   it suffices, else in proportion.
//! - What settlements of an epoch burned is recycled in part to those who did the work ([`kappa`]).
//! - Rewards are minted when they are claimed ([`Call::claim`]). What is not claimed in [`CLAIM_EPOCHS`] epochs returns to the
//!   pools if it came from there, and lapses if it was to be recycled.
//! - Credits are tokens that their owner set aside for work, in its own account and under a hold; a part of them was
//!   burned when they were bought ([`Call::buy_credits`]).
//!
//! An epoch ends by height, and its close is spread over blocks ([`Phase`]): all capacity and all work is counted before
//! the first planck is given away, what is paid is fixed from that, and then each owner gets its part. A chain that
//! stood still, and a close that outlasts an epoch, make one long epoch and never two draws: time that is missed emits
//! nothing.
//!
//! What an owner group gets is a function of its share that only lowers it ([`tau`]), and is divided among its members
//! so that the parts add up to the whole exactly ([`sharing`]).
//!
//! Invariants: `issuance + burned == genesis + minted`; `issuance <= CAP`; what is left in the pools, what was minted for
//! availability and what of it can be claimed add up to 400 million; the pools are never below the schedule; no epoch
//! recycles more than its part of what its work burned; rewards of an epoch add up to what its record says; what is
//! held as credits is what the credits of the account add up to.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod close;
mod credits;
pub mod electricity;
pub mod emission;
mod epoch;
pub mod fees;
mod invariants;
pub mod kappa;
mod ledger;
mod rewards;
pub mod sharing;
mod supply;
pub mod tau;
#[cfg(test)]
mod tests;
pub mod types;
pub mod weights;
mod work;

pub use pallet::*;
pub use types::{
	Chunks, Claims, Ended, Epoch, EpochRecord, GroupTally, Member, Paid, Phase, Rank, Tally, Terms,
	Windows, Work, CLAIM_EPOCHS, MAX_CHUNKS, MAX_CLAIMS, MAX_PAGE,
};
pub use weights::WeightInfo;

use calor_primitives::{
	money::{BurnKind, MintKind},
	supply::{EpochReport, Purse, Reward, SupplyReport},
	traits::{Attendance, Liquidity, Rates, Standings},
	AccountId, Balance, EpochIndex,
};
use frame_support::traits::fungible::{hold, Inspect, Mutate};

#[allow(clippy::expect_used, clippy::unwrap_used, reason = "what the pallet macros write")]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{dispatch::WithPostDispatchInfo, pallet_prelude::*};
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

		/// The account from which auditors of jobs are paid; nobody has its key.
		type AuditPot: Get<AccountId>;

		/// Most tokens that can ever exist, in planck.
		#[pallet::constant]
		type Cap: Get<Balance>;

		/// What an account may put on hold.
		type Liquidity: Liquidity;

		/// What the token and electricity are worth.
		type Rates: Rates;

		/// Who was there, and with what.
		type Attendance: Attendance;

		/// To which groups owners belong, and how these stand.
		type Standings: Standings;

		/// The account that gets the treasury's part. It need not exist.
		type Treasury: Get<AccountId>;

		/// Milliseconds from a block to the next: what makes electricity of capacity and blocks.
		#[pallet::constant]
		type MillisecsPerBlock: Get<u64>;

		/// Most weight that the close of an epoch takes of a block.
		///
		/// Less and a close takes more blocks; much more and jobs have no room while it runs.
		#[pallet::constant]
		type CloseWeight: Get<Weight>;

		/// Who may change the windows.
		type Governance: EnsureOrigin<Self::RuntimeOrigin>;

		/// Weights of the calls and of the steps of a close.
		type WeightInfo: WeightInfo;
	}

	/// Why balance is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Tokens set aside for work.
		Credits,
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

	/// What is left of the pools of availability emission. One entry.
	#[pallet::storage]
	pub type Pools<T> = StorageValue<_, calor_primitives::supply::Pools, ValueQuery>;

	/// What would be left of the pools if every epoch had paid all that it could, with capacity up to its baseline: the
	/// schedule, below which they never fall. One entry.
	#[pallet::storage]
	pub type Ceiling<T> = StorageValue<_, calor_primitives::supply::Pools, ValueQuery>;

	/// Capacity in multiply-accumulates per second from which on the baseline pool gives all that it can. One entry; grows
	/// with the capacity that is there.
	#[pallet::storage]
	pub type BaselineCapacity<T> = StorageValue<_, u128, ValueQuery>;

	/// Value of an epoch's work in pico-USD above which less of its burn is recycled. One entry; grows with time.
	#[pallet::storage]
	pub type BaselineWork<T> = StorageValue<_, u128, ValueQuery>;

	/// How long epochs last, and how long credits stay. One entry.
	#[pallet::storage]
	pub type CurrentWindows<T> = StorageValue<_, Windows, ValueQuery>;

	/// The epoch under way. One entry.
	#[pallet::storage]
	pub type CurrentEpoch<T> = StorageValue<_, Epoch, ValueQuery>;

	/// What was settled, by epoch. At most one entry, of the epoch under way: the close of an epoch takes its own.
	#[pallet::storage]
	pub type WorkOf<T> = StorageMap<_, Twox64Concat, EpochIndex, Work, ValueQuery>;

	/// What of the prices of a provider's jobs was burned and can be recycled, by epoch and owner account, in planck.
	/// Hashed by account, since accounts are chosen freely. At most one entry for each provider that had a job settled,
	/// which the job's submission fee and settlement paid for; removed by the close of the epoch.
	#[pallet::storage]
	pub type Worked<T> = StorageDoubleMap<
		_,
		Twox64Concat,
		EpochIndex,
		Blake2_128Concat,
		AccountId,
		Balance,
		ValueQuery,
	>;

	/// Blocks by epoch and author. Hashed by account, since accounts are chosen freely. At most one entry for each
	/// validator; removed by the close of the epoch.
	#[pallet::storage]
	pub type Authored<T> =
		StorageDoubleMap<_, Twox64Concat, EpochIndex, Blake2_128Concat, AccountId, u32, ValueQuery>;

	/// What auditors of proofs of capacity have earned, by epoch and owner account, in planck. Hashed by account, since
	/// accounts are chosen freely. At most one entry for each provider that audits, which the deposit of its registration
	/// paid for; removed by the close of the epoch.
	#[pallet::storage]
	pub type Audited<T> = StorageDoubleMap<
		_,
		Twox64Concat,
		EpochIndex,
		Blake2_128Concat,
		AccountId,
		Balance,
		ValueQuery,
	>;

	/// What the close of an epoch is doing. One entry.
	#[pallet::storage]
	pub type Close<T> = StorageValue<_, Phase, ValueQuery>;

	/// Owners as the close under way has counted them. Hashed, since accounts are chosen freely. At most one entry for
	/// each provider, which the deposit of its registration or its work paid for; removed when it is paid, so empty
	/// unless a close runs.
	#[pallet::storage]
	pub type Counted<T> = StorageMap<_, Blake2_128Concat, AccountId, types::Member>;

	/// Owner groups as the close under way has counted them, by the account of their identity. Hashed, since accounts are
	/// chosen freely. At most one entry for each counted owner; removed at the end of the close.
	#[pallet::storage]
	pub type Groups<T> = StorageMap<_, Blake2_128Concat, AccountId, GroupTally>;

	/// Closed epochs whose rewards can be claimed. At most [`CLAIM_EPOCHS`]; removed when they expire.
	#[pallet::storage]
	pub type Epochs<T> = StorageMap<_, Twox64Concat, EpochIndex, EpochRecord>;

	/// Rewards by epoch and account. Hashed by account, since accounts are chosen freely. At most one entry an epoch for
	/// each provider, each author, the treasury and each account that forfeited in it (auditors are providers); removed by a claim, or page by page after
	/// the epoch has expired.
	#[pallet::storage]
	pub type Rewards<T> = StorageDoubleMap<
		_,
		Twox64Concat,
		EpochIndex,
		Blake2_128Concat,
		AccountId,
		Reward,
		ValueQuery,
	>;

	/// The first epoch of which expired rewards may have been left. One entry.
	#[pallet::storage]
	pub type CleanedTo<T> = StorageValue<_, EpochIndex, ValueQuery>;

	/// Accounts that forfeited their rewards: those of that epoch and of all before it are void. Hashed, since accounts are
	/// chosen freely. At most one entry for each account that was slashed in the last [`CLAIM_EPOCHS`] epochs; removed with
	/// its entry in [`Rewards`] for that epoch, which is made for that.
	#[pallet::storage]
	pub type VoidTo<T> = StorageMap<_, Blake2_128Concat, AccountId, EpochIndex>;

	/// Credits by account, oldest first. Hashed, since accounts are chosen freely. At most one entry for each account, of
	/// at most [`MAX_CHUNKS`] ages, whose tokens are held; removed with the last credit.
	#[pallet::storage]
	pub type Credits<T> = StorageMap<_, Blake2_128Concat, AccountId, Chunks, ValueQuery>;

	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// How long epochs last, and how long credits stay.
		pub windows: Windows,
		/// Capacity in multiply-accumulates per second from which on the baseline pool gives all that it can.
		pub baseline_capacity: u128,
		/// Value of an epoch's work in pico-USD above which less of its burn is recycled.
		pub baseline_work: u128,
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			Self {
				windows: Windows::default(),
				baseline_capacity: emission::CAPACITY_START,
				baseline_work: kappa::WORK_START,
				_config: Default::default(),
			}
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			let issuance = T::Currency::total_issuance();
			let pools = emission::pools();
			let most = pools
				.simple
				.checked_add(pools.baseline)
				.and_then(|pools| pools.checked_add(issuance));
			assert!(
				most.is_some_and(|most| most <= T::Cap::get()),
				"genesis and the pools exceed the cap"
			);
			assert!(self.windows.are_valid(), "every window must last at least 1 block");
			assert!(
				(1..=emission::CAPACITY_MOST).contains(&self.baseline_capacity),
				"the baseline of capacity must be at least 1 and at most 10^36"
			);
			assert!(
				(1..=kappa::WORK_MOST).contains(&self.baseline_work),
				"the baseline of work must be at least 1 and at most 64 times its start"
			);
			GenesisIssuance::<T>::put(issuance);
			Pools::<T>::put(pools);
			Ceiling::<T>::put(pools);
			BaselineCapacity::<T>::put(self.baseline_capacity);
			BaselineWork::<T>::put(self.baseline_work);
			CurrentWindows::<T>::put(self.windows);
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
		/// An epoch has ended: its close begins, and the next is under way.
		EpochEnded {
			/// Its number.
			epoch: EpochIndex,
		},
		/// An epoch was closed: its rewards can be claimed.
		EpochClosed {
			/// Its number.
			epoch: EpochIndex,
			/// What was counted and paid.
			report: EpochReport,
		},
		/// The rewards of an epoch can no longer be claimed.
		EpochExpired {
			/// Its number.
			epoch: EpochIndex,
			/// What of them returned to the pools.
			returned: calor_primitives::supply::Pools,
			/// What of them was to be recycled and is not, in planck.
			lapsed: Balance,
		},
		/// An account was given its rewards of an epoch.
		Claimed {
			/// The account.
			who: AccountId,
			/// The epoch.
			epoch: EpochIndex,
			/// The rewards.
			reward: Reward,
		},
		/// An account lost all rewards that it had not claimed.
		RewardsForfeited {
			/// The account.
			who: AccountId,
			/// The last epoch whose rewards are void, which is the one under way.
			to: EpochIndex,
		},
		/// Tokens were set aside for work.
		CreditsBought {
			/// By whom.
			who: AccountId,
			/// What was set aside, in planck.
			credits: Balance,
			/// What was burned for it, in planck.
			burned: Balance,
		},
		/// Credits were spent on work.
		CreditsSpent {
			/// By whom.
			who: AccountId,
			/// How many, in planck.
			amount: Balance,
		},
		/// What had been spent on work came back as credits.
		CreditsReturned {
			/// To whom.
			who: AccountId,
			/// How many, in planck.
			amount: Balance,
		},
		/// Credits were turned back into free balance.
		CreditsRefunded {
			/// Whose.
			who: AccountId,
			/// How many, in planck.
			amount: Balance,
		},
		/// The windows were changed: the epoch under way ends by the new one, and credits that come from now on stay as long
		/// as it says.
		WindowsSet {
			/// The new windows.
			windows: Windows,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// Minting this much would exceed the cap: nothing was minted.
		CapExceeded,
		/// Credits are bought for at least 1 CAL at a time: buy more.
		PurchaseTooSmall,
		/// Too little free balance: what is vesting, locked or on hold does not count.
		BalanceTooLow,
		/// The amount exceeds what a balance can be: ask for less.
		AmountTooLarge,
		/// Not so many credits are old enough to be refunded: ask for less, or wait. The account's purse says how old each is.
		CreditsTooYoung,
		/// There is nothing to claim: rewards can be claimed once their epoch is closed and for 84 epochs after it, unless
		/// they were claimed or forfeited. A reward too small to bring an account into being is passed over when it is claimed
		/// for others: fund the account first.
		NothingToClaim,
		/// The account does not exist, and its rewards are less than the least balance of one: fund it first, or claim when
		/// there is more. Nothing is lost.
		BelowExistentialDeposit,
		/// Every window must last at least 1 block.
		BadWindows,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Set tokens aside for work.
		///
		/// ## Dispatch Origin
		/// Signed.
		///
		/// ## Details
		/// 5 % of `amount`, rounded up, is burned; the rest is held in the signer's own account, and pays for jobs. It can be
		/// turned back into free balance after the time that the windows say; the burn cannot. Credits of at most 16 ages are
		/// told apart: more join the newest, which then counts from now. Jobs buy what is missing by themselves, so this call is
		/// for those who want the burn behind them.
		///
		/// ## Errors
		/// [`Error::PurchaseTooSmall`], [`Error::BalanceTooLow`].
		///
		/// ## Events
		/// [`Event::CreditsBought`], [`Event::Burned`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::buy_credits())]
		pub fn buy_credits(
			origin: OriginFor<T>,
			#[pallet::compact] amount: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_buy_credits(&who, amount)
		}

		/// Turn credits that are old enough back into free balance.
		///
		/// ## Dispatch Origin
		/// Signed by the account that has the credits.
		///
		/// ## Details
		/// Oldest first. Without an amount, all that are old enough.
		///
		/// ## Errors
		/// [`Error::CreditsTooYoung`] also where there are none.
		///
		/// ## Events
		/// [`Event::CreditsRefunded`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::refund_credits())]
		pub fn refund_credits(origin: OriginFor<T>, amount: Option<Balance>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_refund_credits(&who, amount)
		}

		/// Take all rewards that the signer can claim.
		///
		/// ## Dispatch Origin
		/// Signed by the account that has the rewards.
		///
		/// ## Details
		/// Looks at all epochs that have not expired; the fee is for those in which there was a reward.
		///
		/// ## Errors
		/// [`Error::NothingToClaim`], [`Error::BelowExistentialDeposit`].
		///
		/// ## Events
		/// [`Event::Claimed`] for each epoch, [`Event::Minted`] for each kind of reward.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::claim(CLAIM_EPOCHS))]
		pub fn claim(origin: OriginFor<T>) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let epochs =
				Self::do_claim(&who).map_err(|e| e.with_weight(T::WeightInfo::claim(0)))?;
			Ok(Some(T::WeightInfo::claim(epochs)).into())
		}

		/// Give accounts rewards that they have not claimed.
		///
		/// ## Dispatch Origin
		/// Signed by anybody, who pays the fee and gets nothing for it.
		///
		/// ## Details
		/// Each account gets its own rewards; the call is the same as if it had claimed them itself. Where there is nothing to
		/// claim, and where a reward is too small to bring an account into being, the item is passed over, so that nobody can
		/// make the call fail by claiming first.
		///
		/// ## Errors
		/// [`Error::NothingToClaim`] if all items are passed over.
		///
		/// ## Events
		/// [`Event::Claimed`] and [`Event::Minted`] for each item that was paid.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::claim_for(claims.len() as u32))]
		pub fn claim_for(origin: OriginFor<T>, claims: Claims) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim_for(claims)
		}

		/// Change how long epochs last from the one under way on, and how long credits stay that come from now on.
		///
		/// ## Dispatch Origin
		/// [`Config::Governance`].
		///
		/// ## Details
		/// What an epoch emits does not depend on its length: shorter epochs emit faster.
		///
		/// ## Errors
		/// [`Error::BadWindows`].
		///
		/// ## Events
		/// [`Event::WindowsSet`].
		#[pallet::call_index(4)]
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
		/// Where all tokens are, and the schedule ahead.
		pub fn supply() -> SupplyReport {
			Self::supply_report()
		}

		/// A closed epoch, as long as its rewards can be claimed.
		pub fn epoch_report(index: EpochIndex) -> Option<EpochReport> {
			Epochs::<T>::get(index).map(|record| record.report)
		}

		/// Credits and unclaimed rewards of an account.
		pub fn purse(who: AccountId) -> Purse {
			Self::purse_of(&who)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::go_on()
		}

		fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
			Self::clean_up(remaining)
		}

		fn integrity_test() {
			assert!(Self::can_close(), "a block has no room for a step of a close");
			assert!(T::MillisecsPerBlock::get() > 0, "blocks take no time");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			<Self as calor_primitives::traits::Invariants>::check()
				.map_err(sp_runtime::TryRuntimeError::Other)
		}
	}
}
