// SPDX-License-Identifier: Apache-2.0
//! # Market
//!
//! What compute costs. Each hardware class has a price of one compute unit (CU, 10^12 multiply-accumulates) in pico-USD
//! (10^-12 USD), which a [`controller`] moves once an hour towards 70 % use of the capacity that is offered, and never below
//! what its electricity costs with something on top. From it and from the price of CAL comes the quote for a job
//! ([`tariff`]), in CAL.
//!
//! The prices of CAL and of electricity come from feeders ([`feeds`]): the median of those that are fresh, if more than
//! half of them agree with it; its mean over half an hour ([`twap`]); and of that no more than a tenth up or down a day
//! ([`rates`]). So one feeder of three cannot move or block anything by what it says, and two that lie together have no
//! more than a tenth a day. If there has been no such median for ten minutes, nothing is quoted; jobs that were submitted
//! are paid in CAL as agreed and do not look here.
//!
//! The SDK's `pallet-oracle` is not used. It stores what is fed before anything judges it, so a bad value cannot be
//! refused; a combined value that lacks feeders comes back as if it were new, with no look at how far feeders are apart;
//! every feed is free of fee, however many there are; root itself can feed; and the least number of feeders is fixed when
//! the chain is built.
//!
//! Value flows: at each step feeders that are fresh and near the median are paid from the treasury, as far as it goes.
//! Nothing else is held, paid, minted or burned here. Half of what a price exceeds its mean over 30 days by is quoted as
//! `withheld`, which settlement burns: whoever holds capacity back to raise the price raises it for others.
//!
//! Everything is bounded: three classes, [`types::MAX_FEEDERS`] feeders, [`types::MAX_OBSERVATIONS`] observations, and at
//! most one day, one refresh and one step a block, however long the chain stood still. Within [`types::MAX_PRICE`] and
//! [`types::MAX_ENERGY`], which are checked at the door, nothing overflows.
//!
//! Invariants: a price is at least its floor; a rate is within a tenth of what it was when the day began; every class with
//! a price has its energy; means lie within the bounds of prices; observations are in order and apart; feeders are
//! distinct, and as many as make a median, or none.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod average;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod clock;
pub mod controller;
pub mod feeds;
mod invariants;
#[cfg(test)]
mod mock;
mod pay;
pub mod rates;
mod report;
pub mod tariff;
#[cfg(test)]
mod tests;
pub mod twap;
pub mod types;
pub mod weights;

pub use average::Average;
pub use pallet::*;
pub use types::{
	ClassRecord, Feed, Feeder, FeederAccounts, FeederList, Observation, Observations, Parameters,
	RatesRecord, Schedule,
};
pub use weights::WeightInfo;

use alloc::vec::Vec;
use calor_primitives::{job::HardwareClass, market::FeedValues, traits::Usage, AccountId, Balance};
use frame_support::traits::{
	fungible::{Inspect, Mutate},
	Time,
};
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
		frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>>
	{
		/// The token.
		type Currency: Inspect<AccountId, Balance = Balance> + Mutate<AccountId>;

		/// How much of what providers offer is used.
		type Usage: Usage;

		/// The clock, in milliseconds since 1970.
		type Time: Time<Moment = u64>;

		/// The account that feeders are paid from.
		type Treasury: Get<AccountId>;

		/// Who may set prices, feeders and rules.
		type Governance: EnsureOrigin<Self::RuntimeOrigin>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;
	}

	/// By what rules prices and feeds move. One entry.
	#[pallet::storage]
	pub type CurrentParameters<T> = StorageValue<_, Parameters, ValueQuery>;

	/// When what recurs was done last. One entry.
	#[pallet::storage]
	pub type CurrentSchedule<T> = StorageValue<_, Schedule, ValueQuery>;

	/// Classes that take jobs, with their prices. Not hashed, since there are no more than three; never removed.
	#[pallet::storage]
	pub type Classes<T> = StorageMap<_, Identity, HardwareClass, ClassRecord>;

	/// Electricity that one CU takes on a usual machine of a class, in millijoules. Not hashed, since there are no more
	/// than three; never removed.
	#[pallet::storage]
	pub type Energy<T> = StorageMap<_, Identity, HardwareClass, u64>;

	/// What the token and electricity are taken to be worth; nothing before the first valid median. One entry.
	#[pallet::storage]
	pub type CurrentRates<T> = StorageValue<_, RatesRecord>;

	/// Time of the last valid median, in milliseconds since 1970; nothing before the first, and as long as the clock of a
	/// new chain that has rates from its genesis has not been seen. One entry.
	#[pallet::storage]
	pub type FedAt<T> = StorageValue<_, u64>;

	/// Who may feed, and what each reported last. One entry of at most 16 feeders, whom governance names.
	#[pallet::storage]
	pub type Feeders<T> = StorageValue<_, FeederList, ValueQuery>;

	/// Valid medians of the last half hour, at least a minute apart, oldest first. One entry of at most 32; the oldest
	/// makes room.
	#[pallet::storage]
	pub type RecentObservations<T> = StorageValue<_, Observations, ValueQuery>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Class, price of a CU in pico-USD, and millijoules that it takes.
		pub classes: Vec<(HardwareClass, u128, u64)>,
		/// By what rules prices and feeds move.
		pub parameters: Parameters,
		/// Who may feed.
		pub feeders: Vec<AccountId>,
		/// What the token and electricity are worth until the feeders say so. Without it nothing is quoted until then.
		pub rates: Option<FeedValues>,
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			assert!(self.parameters.are_valid(), "no market can run by these parameters");
			CurrentParameters::<T>::put(self.parameters);
			let feeders = FeederAccounts::try_from(self.feeders.clone());
			let feeders = feeders.expect("at most 16 feeders");
			Pallet::<T>::do_set_feeders(feeders)
				.expect("feeders are distinct, and none or at least min_feeders");
			if let Some(rates) = self.rates {
				assert!(feeds::are_valid(&rates), "rates are from 1 pico-USD to a million USD");
				CurrentRates::<T>::put(RatesRecord { used: rates, at_dawn: rates });
			}
			for (class, per_cu, millijoules) in &self.classes {
				assert!(!Classes::<T>::contains_key(class), "each class is named once");
				Pallet::<T>::do_set_energy(*class, *millijoules)
					.expect("a CU takes from 1 to 10^9 millijoules");
				Pallet::<T>::do_set_price(*class, *per_cu)
					.expect("a price is at least its floor and at most a million USD");
			}
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// Governance set the price of a class.
		PriceSet {
			/// The class.
			class: HardwareClass,
			/// Pico-USD per CU.
			per_cu: u128,
		},
		/// The price of a class followed its use.
		PriceMoved {
			/// The class.
			class: HardwareClass,
			/// Pico-USD per CU.
			per_cu: u128,
			/// What part of the offered capacity was used since the last step; `None` if none was offered.
			utilisation: Option<Perbill>,
		},
		/// The price of a class was raised to what its electricity makes the least price.
		RaisedToFloor {
			/// The class.
			class: HardwareClass,
			/// Pico-USD per CU.
			per_cu: u128,
		},
		/// A feeder reported.
		Fed {
			/// The feeder.
			who: AccountId,
			/// What it reported.
			values: FeedValues,
			/// The median of all that is fresh, if it is valid.
			median: Option<FeedValues>,
		},
		/// Quotes are made by other rates from now on.
		RatesSet {
			/// The new rates.
			rates: FeedValues,
		},
		/// A feeder was paid for being there and near the median.
		FeederPaid {
			/// The feeder.
			who: AccountId,
			/// In planck.
			amount: Balance,
		},
		/// A feeder could not be paid in full, since the treasury had too little or the account does not exist.
		FeederShort {
			/// The feeder.
			who: AccountId,
			/// What it did not get, in planck. It is not owed.
			missing: Balance,
		},
		/// There are other feeders.
		FeedersSet {
			/// Their accounts.
			feeders: FeederAccounts,
		},
		/// The rules were changed.
		ParametersSet {
			/// The new rules.
			parameters: Parameters,
		},
		/// The energy of a class was set.
		EnergySet {
			/// The class.
			class: HardwareClass,
			/// Millijoules that a CU takes.
			millijoules: u64,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// This hardware class has no price yet: choose another, or wait until governance sets one.
		NoPrice,
		/// No price of CAL is known yet, so nothing can be quoted: wait for the first valid median of the feeders.
		NoRates,
		/// The feeders have been silent or apart for too long, so nothing can be quoted: try again when they report. The
		/// settlement of jobs that were submitted is not affected.
		FeedsStale,
		/// The price of this job exceeds all the CAL that can ever exist: cut the job into smaller ones.
		PriceTooLarge,
		/// This class has no energy, so its least price is not known: set it first by `set_energy`.
		NoEnergy,
		/// A price must be at least what its electricity makes the floor, and 1 pico-USD: see the floor in the market report.
		BelowFloor,
		/// A price must be at most 10^18 pico-USD per CU, a million USD.
		PriceTooHigh,
		/// A CU takes at least 1 and at most 10^9 millijoules.
		BadEnergy,
		/// Only feeders feed: governance names them by `set_feeders`.
		NotFeeder,
		/// Both values must be at least 1 and at most 10^18 pico-USD: check the unit.
		BadValues,
		/// A feeder is named twice: name each once.
		DuplicateFeeder,
		/// Fewer feeders than a median takes: name more, or lower `min_feeders` first. None at all stops all quotes.
		TooFewFeeders,
		/// No market can run by these: `step`, `refresh`, `day`, `stale_after` and `spread` must be above 0, `twap` from 1 to
		/// 1,860,000 ms, `min_feeders` from 1 to 16.
		BadParameters,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Set the price of a compute unit for a class.
		///
		/// ## Dispatch Origin
		/// [`Config::Governance`].
		///
		/// ## Details
		/// `per_cu` is in pico-USD. From here the price follows demand. The first price of a class opens it for jobs; its
		/// mean over 30 days begins there, and goes on as it was if the class has one. In the rest of the day the price at
		/// most doubles.
		///
		/// ## Errors
		/// [`Error::NoEnergy`], [`Error::BelowFloor`], [`Error::PriceTooHigh`].
		///
		/// ## Events
		/// [`Event::PriceSet`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::set_price())]
		pub fn set_price(
			origin: OriginFor<T>,
			class: HardwareClass,
			#[pallet::compact] per_cu: u128,
		) -> DispatchResult {
			T::Governance::ensure_origin(origin)?;
			Self::do_set_price(class, per_cu)
		}

		/// Report what CAL and electricity are worth.
		///
		/// ## Dispatch Origin
		/// Signed by a feeder.
		///
		/// ## Details
		/// Replaces what the feeder reported before. Free of fee if at least half of the time between two refreshes has
		/// passed since then, or if it is the first report: the fee is taken and given back. Whether the median of all that is fresh is valid now stands in
		/// the event.
		///
		/// ## Errors
		/// [`Error::NotFeeder`], [`Error::BadValues`].
		///
		/// ## Events
		/// [`Event::Fed`]; with the first valid median [`Event::RatesSet`], and [`Event::RaisedToFloor`] for each class
		/// whose price was below its floor.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::feed())]
		pub fn feed(origin: OriginFor<T>, values: FeedValues) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let pays = Self::do_feed(who, values)?;
			Ok(pays.into())
		}

		/// Name all feeders.
		///
		/// ## Dispatch Origin
		/// [`Config::Governance`].
		///
		/// ## Details
		/// What those reported who stay is kept. What others reported counts no longer from the next median on. None at
		/// all stops quotes when the last median is stale.
		///
		/// ## Errors
		/// [`Error::DuplicateFeeder`], [`Error::TooFewFeeders`].
		///
		/// ## Events
		/// [`Event::FeedersSet`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::set_feeders(feeders.len() as u32))]
		pub fn set_feeders(origin: OriginFor<T>, feeders: FeederAccounts) -> DispatchResult {
			T::Governance::ensure_origin(origin)?;
			Self::do_set_feeders(feeders)
		}

		/// Change the rules by which prices and feeds move.
		///
		/// ## Dispatch Origin
		/// [`Config::Governance`].
		///
		/// ## Details
		/// Periods count from when what recurs was done last: what is due by the new rules is done in the next block, once.
		///
		/// ## Errors
		/// [`Error::BadParameters`], [`Error::TooFewFeeders`] if there are feeders, and fewer than the new least number.
		///
		/// ## Events
		/// [`Event::ParametersSet`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::set_parameters())]
		pub fn set_parameters(origin: OriginFor<T>, parameters: Parameters) -> DispatchResult {
			T::Governance::ensure_origin(origin)?;
			ensure!(parameters.are_valid(), Error::<T>::BadParameters);
			let feeders = Feeders::<T>::decode_len().unwrap_or(0);
			Self::ensure_enough(feeders, &parameters)?;
			CurrentParameters::<T>::put(parameters);
			Self::deposit_event(Event::ParametersSet { parameters });
			Ok(())
		}

		/// Set how much electricity a compute unit takes on a usual machine of a class.
		///
		/// ## Dispatch Origin
		/// [`Config::Governance`].
		///
		/// ## Details
		/// `millijoules` per CU at the socket. The floor of the price and the limit of availability rewards follow from it;
		/// a price below the new floor is raised to it at once.
		///
		/// ## Errors
		/// [`Error::BadEnergy`].
		///
		/// ## Events
		/// [`Event::EnergySet`], and [`Event::RaisedToFloor`] if the price was below.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::set_energy())]
		pub fn set_energy(
			origin: OriginFor<T>,
			class: HardwareClass,
			#[pallet::compact] millijoules: u64,
		) -> DispatchResult {
			T::Governance::ensure_origin(origin)?;
			Self::do_set_energy(class, millijoules)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::advance()
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			<Self as calor_primitives::traits::Invariants>::check()
				.map_err(sp_runtime::TryRuntimeError::Other)
		}
	}
}
