// SPDX-License-Identifier: Apache-2.0
//! # Disclosure
//!
//! Who owns how much of the network. Once an epoch all capacity is counted by owner group ([`census`]); a group whose
//! average share passes a threshold has to disclose ([`filing`]): hashes of documents that say who owns it, where its
//! machines stand and where their power comes from. One that does not in time gets no new jobs and earns no rewards until
//! it has ([`standing`]).
//!
//! A group is what [`Config::Groups`] says: an identity with its sub-accounts. It is asked at the time of counting, of
//! filing and of every draw. Splitting one's providers over sub-accounts changes nothing, and a new identity is judged
//! by what it has at its first count; splitting them over accounts that nothing connects cannot be seen by a chain.
//! Capacity is what [`Config::Capacity`] counts: what is proven, once anything is, and until then what is claimed. So
//! nobody falls below the threshold by letting others claim what they do not have; and whoever proves less than it has,
//! to stay small, earns less than it could.
//!
//! A duty follows from heights and is never swept: the count writes down by when a group has to file, and whoever reads
//! compares. If blocks have no room, the count waits and goes on later.
//!
//! Value flows: a filing holds a deposit from the group's head, which gets it back with the filing; the deposit of a
//! filing that is found false is burned, and the stake of the providers that governance names is forfeited, an epoch
//! later unless governance cancels that.
//!
//! Invariants: what groups have adds up to the last count, and their shares to at most the whole; exactly the groups
//! above the threshold have a duty, and those that have met it a filing; what is held for a filing is its deposit.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod average;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod census;
mod filing;
mod invariants;
mod standing;
pub mod types;
pub mod weights;

pub use average::Average;
pub use pallet::*;
pub use types::{Count, Filing, GroupRecord, Obligation, Phase, Tally, Windows};
pub use weights::WeightInfo;

use alloc::vec::Vec;
use calor_primitives::{
	group::{Disclosure, Duty, GroupView},
	traits::{BurnLedger, Collateral, Liquidity, OwnerGroups, ProvenCapacity},
	AccountId, Balance, H256,
};
use frame_support::{
	traits::{
		fungible::{hold, Inspect},
		ConstU32,
	},
	BoundedVec,
};
use sp_runtime::Perbill;

/// Most providers that one report names.
pub const MAX_REPORTED: u32 = 100;

/// Owner accounts of providers that a report names.
pub type ReportedProviders = BoundedVec<AccountId, ConstU32<MAX_REPORTED>>;

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
			+ hold::Inspect<AccountId, Reason = Self::RuntimeHoldReason>
			+ hold::Mutate<AccountId>;

		/// The overarching hold reason.
		type RuntimeHoldReason: Parameter + From<HoldReason>;

		/// What an account may put on hold.
		type Liquidity: Liquidity;

		/// Where burned deposits are written down.
		type Burns: BurnLedger<Self::RuntimeHoldReason>;

		/// To whom accounts belong.
		///
		/// An account must be able to keep itself out of any group but its own, or the head of a group that may not work
		/// could draw others into it.
		type Groups: OwnerGroups;

		/// Capacity that counts.
		type Capacity: ProvenCapacity;

		/// Stake that false disclosure forfeits.
		type Collateral: Collateral;

		/// Who may find a disclosure false and change the windows.
		type Governance: EnsureOrigin<Self::RuntimeOrigin>;

		/// Held for a filing until it is withdrawn, in planck.
		#[pallet::constant]
		type FilingDeposit: Get<Balance>;

		/// Most providers that are counted, and most groups that are judged, in one block.
		///
		/// Their number divided by this is the least number of blocks that a count takes, so it should be well below an
		/// epoch.
		#[pallet::constant]
		type MaxPage: Get<u32>;

		/// Average share of all capacity above which a group has to disclose. Changing it needs a migration of the duties.
		#[pallet::constant]
		type Threshold: Get<Perbill>;

		/// Counts over which shares are averaged. Changing it needs a migration of the averages.
		#[pallet::constant]
		type AverageEpochs: Get<u32>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;

		/// Makes groups, for benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper;
	}

	/// Makes groups for benchmarks.
	#[cfg(feature = "runtime-benchmarks")]
	pub trait BenchmarkHelper {
		/// Makes `member` belong to the group of `head`, which is as dear to read as one can be.
		fn join(member: &AccountId, head: &AccountId);
	}

	/// Why balance is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Deposit for a filing.
		Filing,
	}

	/// How often is counted, and how long a group may take to file. One entry.
	#[pallet::storage]
	pub type CurrentWindows<T> = StorageValue<_, Windows, ValueQuery>;

	/// What the census is doing. One entry.
	#[pallet::storage]
	pub type Census<T> = StorageValue<_, Phase, ValueQuery>;

	/// The last count that was finished. One entry.
	#[pallet::storage]
	pub type LastCount<T> = StorageValue<_, Count, ValueQuery>;

	/// Groups by the account of their identity. Hashed, since accounts are chosen freely.
	///
	/// Made and removed by counts alone. At most one for each provider that was counted, which pays for its place on the
	/// chain by the deposit of its registration, and those of providers that have left, until their average is
	/// negligible. Each count adds shares of at most 1 to the averages, which fade within `AverageEpochs` counts, so these
	/// are at most `10 * AverageEpochs / Threshold`, 15,000; and they come near that only if the whole network changes
	/// owners every epoch.
	#[pallet::storage]
	pub type Records<T> = StorageMap<_, Blake2_128Concat, AccountId, GroupRecord>;

	/// What groups have disclosed, by the account of their identity. Hashed, since accounts are chosen freely. At most one
	/// for each account, which pays [`Config::FilingDeposit`] until it is removed by `withdraw_filing` or `report_false`.
	#[pallet::storage]
	pub type Filings<T> = StorageMap<_, Blake2_128Concat, AccountId, Filing>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// How often is counted, and how long a group may take to file.
		pub windows: Windows,
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			assert!(self.windows.are_valid(), "every window must last at least 1 block");
			CurrentWindows::<T>::put(self.windows);
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// All capacity was counted.
		Counted {
			/// Groups that have providers.
			groups: u32,
			/// Providers.
			providers: u32,
			/// What they can do together, in multiply-accumulates per second.
			mac_per_second: u128,
		},
		/// A group has to disclose, has met that duty, or no longer has it. That its time is up happens without an event.
		DutyChanged {
			/// The account of its identity.
			group: AccountId,
			/// What it has to do now.
			duty: Duty,
		},
		/// A group disclosed.
		Filed {
			/// The account of its identity.
			group: AccountId,
			/// The hashes.
			disclosure: Disclosure,
		},
		/// A group took its disclosure back, and its deposit.
		FilingWithdrawn {
			/// The account of its identity.
			group: AccountId,
		},
		/// What a group disclosed was found false.
		FoundFalse {
			/// The account of its identity.
			group: AccountId,
			/// Providers whose stake is forfeited.
			forfeited: u32,
			/// Hash of what shows it.
			evidence: H256,
		},
		/// The windows were changed: how often is counted from now on, and how long groups may take whose duty begins from
		/// now on.
		WindowsSet {
			/// The new windows.
			windows: Windows,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// This account belongs to the group of another identity: file from the account of that identity.
		NotHead,
		/// This group has filed nothing.
		NoFiling,
		/// This group has to disclose: replace the filing by `file`, or wait until its share has fallen.
		DutyStands,
		/// Too little free balance for the deposit: what is vesting, locked or on hold does not count.
		BalanceTooLow,
		/// The group has no filing, and none of the named accounts belongs to it now and has stake to forfeit: name its
		/// members as they are now.
		NothingFalse,
		/// Every window must last at least 1 block.
		BadWindows,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Disclose who owns a group, where its machines stand and where their power comes from.
		///
		/// ## Dispatch Origin
		/// Signed by the account of the group's identity, from which a deposit is held; by any account that belongs to no
		/// other's identity, as a group of its own.
		///
		/// ## Details
		/// Hashes are filed, not documents: show these to whom you like. A filing replaces an earlier one and keeps its
		/// deposit. Groups of any size may file, and before they have to. Filing late ends the bar from new jobs at once.
		///
		/// ## Errors
		/// [`Error::NotHead`], [`Error::BalanceTooLow`].
		///
		/// ## Events
		/// [`Event::Filed`], and [`Event::DutyChanged`] if the group had to.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::file())]
		pub fn file(origin: OriginFor<T>, disclosure: Disclosure) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_file(who, disclosure)
		}

		/// Take a disclosure back, and its deposit.
		///
		/// ## Dispatch Origin
		/// Signed by the account that filed.
		///
		/// ## Errors
		/// [`Error::NoFiling`], [`Error::DutyStands`].
		///
		/// ## Events
		/// [`Event::FilingWithdrawn`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::withdraw_filing())]
		pub fn withdraw_filing(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw_filing(who)
		}

		/// Find what a group disclosed false.
		///
		/// ## Dispatch Origin
		/// [`Config::Governance`].
		///
		/// ## Details
		/// All stake of each named provider that belongs to the group now is forfeited, an epoch later unless governance
		/// cancels it; accounts that belong to another group or have no stake are passed over, so that nobody can make the
		/// call fail by leaving. `evidence` is the hash of what shows the falsehood. The filing is void and its deposit
		/// burned, whatever becomes of the slashes; the group owes one again, by the height by which it first did. The
		/// group may have withdrawn its filing meanwhile.
		///
		/// ## Errors
		/// [`Error::NothingFalse`].
		///
		/// ## Events
		/// [`Event::FoundFalse`], [`Event::DutyChanged`] if the group has to disclose, and those of stake.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::report_false(providers.len() as u32))]
		pub fn report_false(
			origin: OriginFor<T>,
			group: AccountId,
			providers: ReportedProviders,
			evidence: H256,
		) -> DispatchResult {
			T::Governance::ensure_origin(origin)?;
			Self::do_report_false(group, providers, evidence)
		}

		/// Change how often is counted, and how long groups may take whose duty begins from now on.
		///
		/// ## Dispatch Origin
		/// [`Config::Governance`].
		///
		/// ## Errors
		/// [`Error::BadWindows`].
		///
		/// ## Events
		/// [`Event::WindowsSet`].
		#[pallet::call_index(3)]
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
		/// All groups that have been counted or have filed: as many as there are. While groups are judged, at the end of a
		/// count, some have the shares of this one and some those of the last.
		pub fn groups() -> Vec<GroupView> {
			Self::all_views()
		}

		/// A group by the account of its identity, if it has been counted or has filed.
		pub fn group(head: AccountId) -> Option<GroupView> {
			Self::view_of(head)
		}

		/// What the group of an account has to do.
		pub fn duty(account: AccountId) -> Duty {
			Self::duty_of(&account)
		}

		/// The last count that was finished.
		pub fn last_count() -> Count {
			LastCount::<T>::get()
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
			Self::take_census(remaining)
		}

		fn integrity_test() {
			assert!(T::MaxPage::get() > 0, "a census without pages never ends");
			assert!(T::AverageEpochs::get() > 0, "an average is over at least one count");
			assert!(!Self::negligible().is_zero(), "no group would ever be forgotten");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			<Self as calor_primitives::traits::Invariants>::check()
				.map_err(sp_runtime::TryRuntimeError::Other)
		}
	}
}
