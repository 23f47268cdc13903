// SPDX-License-Identifier: Apache-2.0
//! What providers have proved that they can do, and what is counted of them.
//!
//! Shares of owner groups are counted over what is proven, as soon as anybody has proved anything; until then over what
//! is claimed, since there is nothing better. Both ways to be smaller in that count than one is then cost as much:
//! - *Hiding*: whoever proves less than it has, or nothing, earns as if it had no more. Counting unproven claims as well
//!   would not find it: whoever wants to hide claims little.
//! - *Inflating others*: a claim costs a deposit and the least stake, both returned. If unproven claims counted beside
//!   proven capacity, one operator could bond accounts that only claim, never work and never prove, until its own part of
//!   the whole lies below the threshold. Capacity that is proven takes machines.
//!
//! Whoever proves first has all that is proven, and may have to disclose while it is alone: the count errs towards
//! disclosure.

use crate::{attendance::reweighed, meter::Load, Config, Event, Pallet, ProvenCount, Providers};
use alloc::vec::Vec;
use calor_primitives::{
	job::HardwareClass,
	provider::{Capacity, ProviderRecord},
	traits::{Collateral, ProvenCapacity, Proving},
	AccountId,
};

impl<T: Config> Pallet<T> {
	/// Gives a provider another proven capacity: the only place that does. The caller stores or removes the record.
	pub(crate) fn set_proven(record: &mut ProviderRecord, mac_per_second: u64) {
		let before = Load::of(record);
		let had_any = record.proven > 0;
		record.attended = reweighed(record.attended, record.proven, mac_per_second);
		record.proven = mac_per_second;
		// Each provider has a deposit on hold: money runs out long before numbers do; and none is taken off that was not
		// put on.
		match (had_any, mac_per_second > 0) {
			(false, true) => ProvenCount::<T>::mutate(|count| *count = count.saturating_add(1)),
			(true, false) => ProvenCount::<T>::mutate(|count| *count = count.saturating_sub(1)),
			_ => {},
		}
		Self::meter(record.class, before, Load::of(record));
	}

	/// What is counted of a provider.
	fn counted(record: &ProviderRecord, any_proven: bool) -> Capacity {
		match any_proven {
			true => Capacity { mac_per_second: record.proven, ..record.claimed },
			false => record.claimed,
		}
	}

	fn any_proven() -> bool {
		ProvenCount::<T>::get() > 0
	}
}

impl<T: Config> Proving for Pallet<T> {
	fn claimed(provider: &AccountId) -> Option<(HardwareClass, Capacity)> {
		Providers::<T>::get(provider).map(|record| (record.class, record.claimed))
	}

	fn proven(provider: &AccountId) -> u64 {
		Providers::<T>::get(provider).map_or(0, |record| record.proven)
	}

	fn prove(provider: &AccountId, mac_per_second: u64) {
		let Some(mut record) = Providers::<T>::get(provider) else { return };
		let shown = mac_per_second.min(record.claimed.mac_per_second);
		if shown == 0 && record.proven == 0 {
			return;
		}
		Self::set_proven(&mut record, shown);
		Providers::<T>::insert(provider, record);
		let owner = provider.clone();
		Self::deposit_event(Event::CapacityProven { owner, mac_per_second: shown });
	}

	fn is_working(provider: &AccountId) -> bool {
		Providers::<T>::get(provider).is_some_and(|record| record.job.is_some())
	}

	fn page(after: Option<&AccountId>, limit: u32) -> Vec<AccountId> {
		let keys = match after {
			Some(after) => Providers::<T>::iter_keys_from(Providers::<T>::hashed_key_for(after)),
			None => Providers::<T>::iter_keys(),
		};
		keys.take(limit as usize).collect()
	}
}

impl<T: Config> ProvenCapacity for Pallet<T> {
	fn capacity(provider: &AccountId) -> Option<Capacity> {
		Providers::<T>::get(provider).map(|record| Self::counted(&record, Self::any_proven()))
	}

	fn page(after: Option<&AccountId>, limit: u32) -> Vec<(AccountId, Capacity)> {
		let any_proven = Self::any_proven();
		Self::providers_after(after)
			.take(limit as usize)
			// What nobody stands for with stake does not count.
			.map(|(owner, record)| {
				let backed = T::Collateral::free(&owner).is_some();
				let counted =
					if backed { Self::counted(&record, any_proven) } else { Capacity::default() };
				(owner, counted)
			})
			.collect()
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_providers(count: u32) -> Vec<AccountId> {
		let class = HardwareClass::General;
		crate::benchmarking::ready::<T>(class, count).into_iter().map(|(owner, _)| owner).collect()
	}
}
