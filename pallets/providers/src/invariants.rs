// SPDX-License-Identifier: Apache-2.0
//! What must hold of providers after every block.

use crate::{
	meter::Load, Config, Deposits, HoldReason, Meters, Owners, Pallet, ProvenCount, Providers,
	Ready, ReadyCount, Watch,
};
use calor_primitives::{
	job::HardwareClass,
	now,
	provider::{Availability, Presence, ProviderRecord},
	traits::Invariants,
	AccountId,
};
use frame_support::{ensure, traits::fungible::hold::Inspect as _};

fn check_one<T: Config>(owner: &AccountId, record: &ProviderRecord) -> Result<(), &'static str> {
	ensure!(
		Owners::<T>::get(&record.worker).as_ref() == Some(owner),
		"a worker key does not lead back to its owner"
	);
	let busy = matches!(record.availability, Availability::Working | Availability::Draining);
	ensure!(record.job.is_some() == busy, "not exactly the providers at work have a job");
	let ready = record.availability == Availability::Ready;
	ensure!(
		!ready || Ready::<T>::get(record.class, record.place).as_ref() == Some(owner),
		"a ready provider does not stand at its place"
	);
	match record.presence {
		Presence::Watched { alarm } => {
			ensure!(ready || busy, "a provider that takes no jobs is watched");
			ensure!(
				Watch::<T>::contains_key(alarm, owner),
				"a watched provider is not on the watch"
			);
		},
		Presence::Free | Presence::Gone => {
			ensure!(!ready && !busy, "a provider that takes jobs is not watched");
		},
	}
	ensure!(
		record.proven <= record.claimed.mac_per_second,
		"a provider has proved more than it claims"
	);
	// Signs of life follow each other from the registration to the last.
	let heard = record.seen.checked_sub(record.since).ok_or("a provider was heard too early")?;
	ensure!(record.attended <= heard, "a provider attended blocks that were not");
	let deposit = Deposits::<T>::get(owner).ok_or("a provider has no deposit")?;
	ensure!(
		T::Currency::balance_on_hold(&HoldReason::Registration.into(), owner) == deposit,
		"what is held for a registration is not its deposit"
	);
	Ok(())
}

/// The meters have what the providers on them have proved, and what was offered was no less than what was used.
fn check_meters<T: Config>() -> Result<(), &'static str> {
	for class in HardwareClass::ALL {
		let (mut offered, mut busy) = (0u128, 0u128);
		for record in Providers::<T>::iter_values().filter(|record| record.class == class) {
			let load = Load::of(&record);
			offered = offered.saturating_add(load.offered.into());
			busy = busy.saturating_add(load.busy.into());
		}
		let meter = Meters::<T>::get(class);
		ensure!(meter.offered == offered, "a meter has not what is offered");
		ensure!(meter.busy == busy, "a meter has not what is used");
		ensure!(meter.busy_over_time <= meter.offered_over_time, "more was used than offered");
		ensure!(meter.counted_to <= now::<T>(), "a meter is ahead of time");
	}
	let proven = Providers::<T>::iter_values().filter(|record| record.proven > 0).count();
	ensure!(proven == ProvenCount::<T>::get() as usize, "not as many have proved as are counted");
	Ok(())
}

impl<T: Config> Invariants for Pallet<T> {
	fn check() -> Result<(), &'static str> {
		let (mut providers, mut ready, mut watched) = (0usize, [0u32; 3], 0usize);
		for (owner, record) in Providers::<T>::iter() {
			check_one::<T>(&owner, &record)?;
			providers = providers.saturating_add(1);
			if matches!(record.presence, Presence::Watched { .. }) {
				watched = watched.saturating_add(1);
			}
			if record.availability == Availability::Ready {
				for (class, count) in HardwareClass::ALL.iter().zip(&mut ready) {
					*count = count.saturating_add(u32::from(*class == record.class));
				}
			}
		}
		ensure!(
			HardwareClass::ALL.map(ReadyCount::<T>::get) == ready,
			"a ready set is not as long as there are ready providers"
		);
		let places = Ready::<T>::iter_keys().count();
		ensure!(
			places == ready.iter().map(|count| *count as usize).fold(0, usize::saturating_add),
			"a ready set has strangers"
		);
		ensure!(Watch::<T>::iter_keys().count() == watched, "the watch has strangers");
		ensure!(Owners::<T>::iter_keys().count() == providers, "a worker key has no provider");
		ensure!(Deposits::<T>::iter_keys().count() == providers, "a deposit has no provider");
		check_meters::<T>()
	}
}
