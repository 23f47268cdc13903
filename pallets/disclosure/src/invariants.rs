// SPDX-License-Identifier: Apache-2.0
//! What must always hold of counts, duties and filings.

use crate::{
	Census, Config, CurrentWindows, Filings, LastCount, Obligation, Pallet, Phase, Records, Tally,
};
use calor_primitives::traits::Invariants;
use frame_support::{
	ensure,
	traits::{fungible::hold::Inspect as _, Get},
};
use sp_runtime::Perbill;

impl<T: Config> Invariants for Pallet<T> {
	fn check() -> Result<(), &'static str> {
		ensure!(CurrentWindows::<T>::get().are_valid(), "a window lasts no block");
		let phase = Census::<T>::get();
		Self::check_count_under_way(&phase)?;
		if !matches!(phase, Phase::Judging { .. }) {
			// While groups are judged, some have the shares of this count and some those of the last.
			Self::check_last_count(&phase)?;
		}
		Self::check_duties()?;
		for (head, filing) in Filings::<T>::iter() {
			let held = T::Currency::balance_on_hold(&Self::reason(), &head);
			ensure!(held == filing.deposit, "what is held for a filing is not its deposit");
		}
		Ok(())
	}
}

impl<T: Config> Pallet<T> {
	/// What groups have been found to have in the count under way is what that count has found.
	fn check_count_under_way(phase: &Phase) -> Result<(), &'static str> {
		let mut found = Tally::default();
		Records::<T>::iter_values().for_each(|record| found.add(record.counting));
		let expected = match phase {
			Phase::Waiting { .. } => Tally::default(),
			Phase::Counting { tally, .. } => *tally,
			Phase::Judging { tally, judged, .. } => {
				found.add(*judged);
				*tally
			},
		};
		ensure!(found == expected, "groups do not add up to the count under way");
		Ok(())
	}

	/// Groups add up to the last count, and their shares follow from it.
	fn check_last_count(phase: &Phase) -> Result<(), &'static str> {
		let last = LastCount::<T>::get();
		let (mut found, mut groups, mut parts) = (Tally::default(), 0u32, 0u64);
		for record in Records::<T>::iter_values() {
			found.add(record.counted);
			groups = groups.saturating_add(u32::from(record.counted.providers > 0));
			parts = parts.saturating_add(u64::from(record.share.deconstruct()));
			ensure!(record.share == record.counted.share_of(&last.tally), "a share is wrong");
			if record.average.is_none() {
				ensure!(
					matches!(phase, Phase::Counting { .. }) && record.counted == Tally::default(),
					"a group was counted and not judged"
				);
				continue;
			}
			ensure!(
				record.counted.providers > 0 || Self::average_of(&record) >= Self::negligible(),
				"a group was not forgotten"
			);
		}
		ensure!(found == last.tally, "groups do not add up to the last count");
		ensure!(groups == last.groups, "there are more or fewer groups than counted");
		ensure!(parts <= u64::from(Perbill::one().deconstruct()), "shares exceed the whole");
		Ok(())
	}

	/// Exactly the groups whose average is above the threshold have to disclose, and exactly those of them that have met
	/// that have filed.
	fn check_duties() -> Result<(), &'static str> {
		let n = T::AverageEpochs::get();
		for (head, record) in Records::<T>::iter() {
			ensure!(record.average.is_none_or(|mean| mean.is_valid(n)), "an average exceeds 1");
			let is_big = Self::average_of(&record) > T::Threshold::get();
			ensure!(
				record.obligation.stands() == is_big,
				"a duty does not follow from the average"
			);
			let filed = Filings::<T>::contains_key(&head);
			match record.obligation {
				Obligation::None | Obligation::Paused { .. } => {},
				Obligation::Owes { .. } => ensure!(!filed, "a group that has filed owes"),
				Obligation::Met { .. } => ensure!(filed, "a duty is met without a filing"),
			}
		}
		Ok(())
	}
}
