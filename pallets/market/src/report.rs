// SPDX-License-Identifier: Apache-2.0
//! What can be read of the market from outside.

use crate::{tariff::price_of, ClassRecord, Classes, Config, CurrentRates, FedAt, Feeders, Pallet};
use calor_primitives::{
	job::HardwareClass,
	market::{ClassReport, MarketReport},
	money::MAC_PER_CU,
	now,
};

impl<T: Config> Pallet<T> {
	/// Prices of all classes, what they follow and what they rest on.
	pub fn report() -> MarketReport {
		let fresh = Self::is_fed();
		let rates = CurrentRates::<T>::get().map(|rates| rates.used);
		let cal = rates.filter(|_| fresh).map(|rates| rates.cal);
		let classes = HardwareClass::ALL
			.into_iter()
			.filter_map(|class| Some((class, Classes::<T>::get(class)?)))
			.map(|(class, record)| Self::report_class(class, record, cal))
			.collect();
		let feeders = Feeders::<T>::get().into_iter();
		MarketReport {
			classes,
			rates,
			fresh,
			fed_at: FedAt::<T>::get().unwrap_or(0),
			feeders: feeders
				.map(|one| (one.account, one.last.map(|feed| (feed.values, feed.at))))
				.collect(),
			next_step: Self::next_step().max(now::<T>().saturating_add(1)),
		}
	}

	/// A class, with its price in CAL if `cal` says what that is worth.
	fn report_class(class: HardwareClass, record: ClassRecord, cal: Option<u128>) -> ClassReport {
		let one_cu = u64::try_from(MAC_PER_CU).ok();
		ClassReport {
			class,
			per_cu: record.per_cu,
			per_cu_planck: one_cu.and_then(|mac| price_of(mac, record.per_cu, cal?)),
			average: record.average.value(),
			floor: Self::floor_of(class),
			utilisation: record.utilisation,
		}
	}
}
