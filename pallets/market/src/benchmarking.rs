// SPDX-License-Identifier: Apache-2.0
//! Cost of each call and of each part of the hook at its worst: every class open, every list full, every price below its
//! floor.

use crate::{
	types::{MAX_FEEDERS, MAX_OBSERVATIONS, OBSERVATION_SPACING},
	Average, Call, ClassRecord, Classes, Config, CurrentParameters, CurrentRates, CurrentSchedule,
	Energy, FedAt, Feed, Feeder, FeederAccounts, FeederList, Feeders, Observation, Observations,
	Pallet, Parameters, RatesRecord, RecentObservations, Schedule,
};
use alloc::vec::Vec;
use calor_primitives::{
	job::HardwareClass,
	market::FeedValues,
	money::{CAP, UNIT},
	now, AccountId,
};
use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{
		fungible::{Inspect, Mutate},
		EnsureOrigin, Get, Time,
	},
};
use frame_system::RawOrigin;

/// Half a USD for a CAL, a fifth for a kWh.
const VALUES: FeedValues = FeedValues { cal: 500_000_000_000, kwh: 200_000_000_000 };
/// Millijoules per CU.
const ENERGY: u64 = 7_000;
/// A price above the floor that follows from these.
const PER_CU: u128 = 10_000_000;

/// Opens all classes at a price below their floor.
fn open_all<T: Config>() {
	for class in HardwareClass::ALL {
		Energy::<T>::insert(class, ENERGY);
		let record =
			ClassRecord { per_cu: 1, at_dawn: 1, average: Average::first(1), utilisation: None };
		Classes::<T>::insert(class, record);
	}
}

/// Names `n` feeders that have just reported, and gives the first.
fn name_feeders<T: Config>(n: u32) -> Option<AccountId> {
	let feed = Feed { values: VALUES, at: T::Time::now(), height: now::<T>() };
	let feeders: Vec<_> =
		(0..n).map(|i| Feeder { account: account("feeder", i, 0), last: Some(feed) }).collect();
	let first = feeders.first().map(|feeder| feeder.account.clone());
	Feeders::<T>::put(FeederList::truncate_from(feeders));
	CurrentParameters::<T>::put(Parameters { min_feeders: 1, ..Default::default() });
	first
}

/// As many observations as are kept. Their times do not matter to their cost.
fn observe_all<T: Config>(values: FeedValues) {
	let time = T::Time::now();
	let observed = (1..=MAX_OBSERVATIONS)
		.rev()
		.map(|i| time.saturating_sub(OBSERVATION_SPACING.saturating_mul(i.into())))
		.map(|at| Observation { values, at })
		.collect();
	RecentObservations::<T>::put(Observations::truncate_from(observed));
	FedAt::<T>::put(time);
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn set_price() -> Result<(), BenchmarkError> {
		let origin =
			T::Governance::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		open_all::<T>();
		CurrentRates::<T>::put(RatesRecord { used: VALUES, at_dawn: VALUES });
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, HardwareClass::Tensor, PER_CU);
		let record = Classes::<T>::get(HardwareClass::Tensor).expect("set");
		assert_eq!(record.per_cu, PER_CU);
		Ok(())
	}

	/// The feed that makes the first valid median of 16.
	#[benchmark]
	fn feed() {
		let feeder = name_feeders::<T>(MAX_FEEDERS).expect("there are some");
		open_all::<T>();
		CurrentRates::<T>::kill();
		observe_all::<T>(VALUES);
		#[extrinsic_call]
		_(RawOrigin::Signed(feeder), VALUES);
		assert_eq!(CurrentRates::<T>::get().map(|rates| rates.used), Some(VALUES));
	}

	/// Naming the `n` feeders again that there are.
	#[benchmark]
	fn set_feeders(n: Linear<0, MAX_FEEDERS>) -> Result<(), BenchmarkError> {
		let origin =
			T::Governance::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		name_feeders::<T>(n);
		let accounts: Vec<_> = Feeders::<T>::get().into_iter().map(|one| one.account).collect();
		let accounts = FeederAccounts::truncate_from(accounts);
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, accounts);
		assert_eq!(Feeders::<T>::decode_len().unwrap_or(0) as u32, n);
		Ok(())
	}

	#[benchmark]
	fn set_parameters() -> Result<(), BenchmarkError> {
		let origin =
			T::Governance::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		name_feeders::<T>(MAX_FEEDERS);
		let parameters = Parameters { step: 7, ..Default::default() };
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, parameters);
		assert_eq!(CurrentParameters::<T>::get(), parameters);
		Ok(())
	}

	/// With a price below the new floor.
	#[benchmark]
	fn set_energy() -> Result<(), BenchmarkError> {
		let origin =
			T::Governance::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		open_all::<T>();
		CurrentRates::<T>::put(RatesRecord { used: VALUES, at_dawn: VALUES });
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, HardwareClass::Tensor, ENERGY);
		assert!(Classes::<T>::get(HardwareClass::Tensor).expect("open").per_cu > 1);
		Ok(())
	}

	/// Looking at a clock by which nothing is due.
	#[benchmark]
	fn wait() {
		let height = now::<T>();
		let schedule = Schedule { day_began: height, refreshed_at: height, stepped_at: height };
		CurrentSchedule::<T>::put(schedule);
		#[block]
		{
			Pallet::<T>::advance();
		}
		assert_eq!(CurrentSchedule::<T>::get(), schedule);
	}

	/// The beginning of a day, and taking down that it began.
	#[benchmark]
	fn begin_day() {
		open_all::<T>();
		for class in HardwareClass::ALL {
			Classes::<T>::mutate(class, |record| record.as_mut().expect("open").per_cu = PER_CU);
		}
		CurrentRates::<T>::put(RatesRecord { used: VALUES, at_dawn: VALUES });
		#[block]
		{
			Pallet::<T>::begin_day();
			CurrentSchedule::<T>::put(Schedule::default());
		}
		for record in Classes::<T>::iter_values() {
			assert_eq!(record.at_dawn, PER_CU);
		}
	}

	/// A refresh that raises every price to its floor, and taking down that it was done.
	#[benchmark]
	fn refresh() {
		open_all::<T>();
		let before = FeedValues { cal: VALUES.cal / 2, kwh: VALUES.kwh / 2 };
		CurrentRates::<T>::put(RatesRecord { used: before, at_dawn: before });
		observe_all::<T>(VALUES);
		#[block]
		{
			Pallet::<T>::refresh_rates();
			CurrentSchedule::<T>::put(Schedule::default());
		}
		assert!(CurrentRates::<T>::get().expect("set").used.kwh > before.kwh);
		assert!(Classes::<T>::iter_values().all(|record| record.per_cu > 1));
	}

	/// A step that moves every price and pays `n` feeders, and taking down that it was done.
	#[benchmark]
	fn step(n: Linear<0, MAX_FEEDERS>) {
		open_all::<T>();
		CurrentRates::<T>::put(RatesRecord { used: VALUES, at_dawn: VALUES });
		name_feeders::<T>(n);
		let parameters = CurrentParameters::<T>::get();
		CurrentParameters::<T>::put(Parameters { feed_pay: UNIT, ..parameters });
		assert_ok!(T::Currency::mint_into(&T::Treasury::get(), CAP / 1_000));
		#[block]
		{
			Pallet::<T>::step_prices();
			Pallet::<T>::pay_feeders();
			CurrentSchedule::<T>::put(Schedule::default());
		}
		assert!(Classes::<T>::iter_values().all(|record| record.per_cu > 1));
		for feeder in Feeders::<T>::get() {
			assert_eq!(T::Currency::balance(&feeder.account), UNIT);
		}
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::externalities(crate::mock::genesis()),
		crate::mock::Test
	);
}
