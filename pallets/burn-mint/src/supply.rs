// SPDX-License-Identifier: Apache-2.0
//! What can be read of supply, emission and an account's money.

use crate::{
	emission, BaselineCapacity, BaselineWork, Burned, Ceiling, Config, Credits, CurrentEpoch,
	CurrentWindows, Epochs, GenesisIssuance, Minted, Pallet, Pools, CLAIM_EPOCHS,
};
use calor_primitives::{
	money::{BurnKind, MintKind},
	supply::{EpochReport, Purse, SupplyReport},
	AccountId, Balance, EpochIndex,
};
use frame_support::traits::{fungible::Inspect, Get};

impl<T: Config> Pallet<T> {
	pub(crate) fn supply_report() -> SupplyReport {
		let epoch = CurrentEpoch::<T>::get();
		SupplyReport {
			cap: T::Cap::get(),
			genesis: GenesisIssuance::<T>::get(),
			issuance: T::Currency::total_issuance(),
			burned: BurnKind::ALL.map(|kind| (kind, Burned::<T>::get(kind))).to_vec(),
			minted: MintKind::ALL.map(|kind| (kind, Minted::<T>::get(kind))).to_vec(),
			pools: Pools::<T>::get(),
			unclaimed: Self::total_unclaimed(),
			schedule: emission::schedule(Ceiling::<T>::get(), emission::SCHEDULE_YEARS),
			epoch: (epoch.index, epoch.began),
			epoch_length: CurrentWindows::<T>::get().epoch,
			last: Self::last_closed(),
			baseline_capacity: BaselineCapacity::<T>::get(),
			baseline_work: BaselineWork::<T>::get(),
		}
	}

	/// Availability rewards that were given and neither claimed nor have expired, in planck.
	pub(crate) fn total_unclaimed() -> Balance {
		// At most 400 million CAL.
		Epochs::<T>::iter_values()
			.fold(0, |sum, record| sum.saturating_add(record.unclaimed.availability))
	}

	/// The last epoch that was closed: the one before the one under way, or, while that is being closed, the one before.
	fn last_closed() -> Option<(EpochIndex, EpochReport)> {
		let index = CurrentEpoch::<T>::get().index;
		[1, 2].into_iter().find_map(|back| {
			let index = index.checked_sub(back)?;
			Epochs::<T>::get(index).map(|record| (index, record.report))
		})
	}

	pub(crate) fn purse_of(who: &AccountId) -> Purse {
		let rewards = Self::claimable(who).into_iter();
		Purse {
			credits: Credits::<T>::get(who).into_inner(),
			rewards: rewards
				.map(|(epoch, reward)| (epoch, epoch.saturating_add(CLAIM_EPOCHS), reward))
				.collect(),
		}
	}
}
