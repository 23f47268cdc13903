// SPDX-License-Identifier: Apache-2.0
//! Prices, as they are read from outside. Amounts of money are in pico-USD (10^-12 USD).

use crate::{job::HardwareClass, AccountId, Balance, BlockNumber};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::Perbill;

/// What feeders report.
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
pub struct FeedValues {
	/// Price of one CAL, in pico-USD.
	pub cal: u128,
	/// Price of one kWh of electricity, in pico-USD.
	pub kwh: u128,
}

/// The price of a class.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ClassReport {
	/// The class.
	pub class: HardwareClass,
	/// Price of a compute unit (10^12 multiply-accumulates), in pico-USD.
	pub per_cu: u128,
	/// The same in planck at the price of CAL that quotes are made by; `None` if nothing can be quoted.
	pub per_cu_planck: Option<Balance>,
	/// Mean of the price over 30 days, in pico-USD.
	pub average: u128,
	/// Least price, from electricity, in pico-USD.
	pub floor: u128,
	/// Part of the offered capacity that was used up to the last step of the price; `None` if none was offered.
	pub utilisation: Option<Perbill>,
}

/// All that the market rests on.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct MarketReport {
	/// Classes that take jobs.
	pub classes: Vec<ClassReport>,
	/// The last valid values of the feeds, which quotes are made by.
	pub rates: Option<FeedValues>,
	/// Whether the feeds are fresh enough to quote by.
	pub fresh: bool,
	/// Time of the last valid median of the feeds, in milliseconds since 1970.
	pub fed_at: u64,
	/// Feeders, and what each reported last and when, in milliseconds since 1970.
	pub feeders: Vec<(AccountId, Option<(FeedValues, u64)>)>,
	/// Height of the next step of the prices.
	pub next_step: BlockNumber,
}
