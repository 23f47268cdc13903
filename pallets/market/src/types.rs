// SPDX-License-Identifier: Apache-2.0
//! Prices, feeds and their rules as they are kept, and the bounds within which everything is computed.

use crate::average::Average;
use calor_primitives::{market::FeedValues, AccountId, Balance, BlockNumber};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_runtime::{Perbill, Permill};

/// Most feeders.
pub const MAX_FEEDERS: u32 = 16;
/// Most observations that are kept for the mean over time.
pub const MAX_OBSERVATIONS: u32 = 32;
/// Least time between two observations that are kept, in milliseconds.
pub const OBSERVATION_SPACING: u64 = 60_000;
/// Longest time over which a mean can be taken, in milliseconds: what a full list of observations covers at least.
pub const MAX_TWAP: u64 = (MAX_OBSERVATIONS as u64 - 1) * OBSERVATION_SPACING;
/// Highest price of anything, in pico-USD: a million USD, for a CAL, a kWh or a CU. Products of two prices and a time, a
/// job or parts per billion then fit 128 bits.
pub const MAX_PRICE: u128 = 1_000_000_000_000_000_000;
/// Most energy that a CU can be taken to need, in millijoules: a million joules. With electricity at [`MAX_PRICE`] the
/// floor then still is below [`MAX_PRICE`].
pub const MAX_ENERGY: u64 = 1_000_000_000;

/// Accounts that may feed.
pub type FeederAccounts = BoundedVec<AccountId, ConstU32<MAX_FEEDERS>>;
/// Feeders with what they reported.
pub type FeederList = BoundedVec<Feeder, ConstU32<MAX_FEEDERS>>;
/// Valid medians over time, oldest first.
pub type Observations = BoundedVec<Observation, ConstU32<MAX_OBSERVATIONS>>;

/// By what rules prices and feeds move.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	serde::Serialize,
	serde::Deserialize,
)]
pub struct Parameters {
	/// Blocks between two steps of the prices.
	///
	/// Shorter and a price runs ahead of clients who have not seen it yet; longer and a queue stands for hours.
	pub step: BlockNumber,
	/// Blocks between two refreshes of the rates by which quotes are made.
	///
	/// Shorter and a client's quote expires before it has signed; longer and a job is paid by an old price of CAL.
	pub refresh: BlockNumber,
	/// Blocks in a day of the market, in which a rate moves by a tenth and a price doubles at most.
	///
	/// The time that people have to see feeders who lie before much is lost.
	pub day: BlockNumber,
	/// Milliseconds after which what was fed counts no longer.
	///
	/// Shorter and a short outage of the feeders stops new quotes; longer and a crash of CAL is quoted away.
	pub stale_after: u64,
	/// Milliseconds over which rates are averaged; at most [`MAX_TWAP`].
	///
	/// One block's trades move an exchange's price; half an hour's cost more than a quote can gain.
	pub twap: u64,
	/// Least fresh feeds that make a median; at most [`MAX_FEEDERS`].
	///
	/// Of three, one may lie.
	pub min_feeders: u32,
	/// How far from the median more than half of the feeds may be, and from which distance a feeder is not paid.
	pub spread: Permill,
	/// Paid to each feeder at each step from the treasury, in planck.
	pub feed_pay: Balance,
}

impl Default for Parameters {
	/// Those of a public chain with blocks of 2 seconds: a step an hour, a refresh every ten minutes.
	fn default() -> Self {
		Self {
			step: 1_800,
			refresh: 300,
			day: 43_200,
			stale_after: 600_000,
			twap: 1_800_000,
			min_feeders: 3,
			spread: Permill::from_percent(20),
			feed_pay: calor_primitives::money::UNIT / 10,
		}
	}
}

impl Parameters {
	/// Whether a market can run by them.
	pub fn are_valid(&self) -> bool {
		self.step > 0
			&& self.refresh > 0
			&& self.day > 0
			&& self.stale_after > 0
			&& (1..=MAX_TWAP).contains(&self.twap)
			&& (1..=MAX_FEEDERS).contains(&self.min_feeders)
			&& !self.spread.is_zero()
	}
}

/// When what recurs was done last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Schedule {
	/// Height at which the day of the market began.
	pub day_began: BlockNumber,
	/// Height of the last refresh of the rates.
	pub refreshed_at: BlockNumber,
	/// Height of the last step of the prices.
	pub stepped_at: BlockNumber,
}

/// A class that takes jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ClassRecord {
	/// Price of a CU, in pico-USD.
	pub per_cu: u128,
	/// What it was when the day began, or governance set it since, in pico-USD.
	pub at_dawn: u128,
	/// The running mean of the price over the last steps.
	pub average: Average,
	/// What part of the offered capacity was used up to the last step; `None` if none was offered.
	pub utilisation: Option<Perbill>,
}

/// What the token and electricity are taken to be worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct RatesRecord {
	/// By which is quoted.
	pub used: FeedValues,
	/// By which was quoted when the day began.
	pub at_dawn: FeedValues,
}

/// A feeder.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Feeder {
	/// Its account.
	pub account: AccountId,
	/// What it reported last.
	pub last: Option<Feed>,
}

/// What a feeder reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Feed {
	/// The values.
	pub values: FeedValues,
	/// Time of the report, in milliseconds since 1970.
	pub at: u64,
	/// Height of the report.
	pub height: BlockNumber,
}

/// A valid median.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Observation {
	/// Its values.
	pub values: FeedValues,
	/// When it was found, in milliseconds since 1970.
	pub at: u64,
}
