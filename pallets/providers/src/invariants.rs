// SPDX-License-Identifier: Apache-2.0
//! What must hold of providers after every block.

use crate::{Config, Deposits, HoldReason, Owners, Pallet, Providers, Ready, ReadyCount, Watch};
use calor_primitives::{
	job::HardwareClass,
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
	let deposit = Deposits::<T>::get(owner).ok_or("a provider has no deposit")?;
	ensure!(
		T::Currency::balance_on_hold(&HoldReason::Registration.into(), owner) == deposit,
		"what is held for a registration is not its deposit"
	);
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
		Ok(())
	}
}
