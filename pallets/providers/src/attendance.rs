// SPDX-License-Identifier: Apache-2.0
//! For how many blocks of an epoch a provider was there, as its signs of life show.
//!
//! A sign of life shows that a provider that waits for a job or has one was there since the last one, if that was no
//! longer ago than a silence may be. So every block counts once at most, and none does while a provider is idle, jailed
//! or gone: whoever leaves with notice is heard with it, and whoever is put out without being heard loses the time since
//! it last was.

use crate::{Config, Pallet, Providers};
use alloc::vec::Vec;
use calor_primitives::{
	provider::ProviderRecord,
	traits::{Attendance, Attended, Collateral},
	AccountId, BlockNumber,
};

/// Blocks at a capacity of `after` that weigh no more than `attended` blocks at one of `before`.
///
/// Attendance is weighed by what is proven when an epoch closes. Without this, whoever proved much at the end of an
/// epoch would earn as if it had been there with it from the beginning.
pub(crate) fn reweighed(attended: BlockNumber, before: u64, after: u64) -> BlockNumber {
	if after <= before {
		return attended;
	}
	// 32 bits times 64 bits.
	let weight = u128::from(attended).saturating_mul(u128::from(before));
	let blocks = weight.checked_div(u128::from(after)).unwrap_or(0);
	// At most `attended`, since `before < after`.
	blocks.try_into().unwrap_or(attended)
}

impl<T: Config> Pallet<T> {
	/// Counts blocks of which a sign of life has shown that the provider was there. They do not overlap and end with the
	/// sign of life, so together they are no more than the height.
	pub(crate) fn attend(record: &mut ProviderRecord, blocks: BlockNumber) {
		record.attended = record.attended.saturating_add(blocks);
	}

	/// Takes blocks off again in which the provider held a job to no end. What the close of an epoch has taken already
	/// stays taken, so there may be fewer.
	pub(crate) fn miss(record: &mut ProviderRecord, blocks: BlockNumber) {
		record.attended = record.attended.saturating_sub(blocks);
	}

	/// What a provider earns with: what it has proved, if it has stake.
	fn earning(owner: &AccountId, record: &ProviderRecord) -> u128 {
		let earns = T::Collateral::free(owner).is_some() && !T::Collateral::is_excluded(owner);
		u128::from(if earns { record.proven } else { 0 })
	}
}

impl<T: Config> Attendance for Pallet<T> {
	fn take(after: Option<&AccountId>, limit: u32) -> Vec<Attended> {
		// All are read before one is written: writing to a map that is being walked is not defined.
		let page: Vec<_> = Self::providers_after(after).take(limit as usize).collect();
		page.into_iter()
			.map(|(owner, mut record)| {
				let mac_per_second = Self::earning(&owner, &record);
				let (class, blocks) = (record.class, core::mem::take(&mut record.attended));
				if blocks > 0 {
					Providers::<T>::insert(&owner, record);
				}
				Attended { owner, class, mac_per_second, blocks }
			})
			.collect()
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_attended(count: u32) -> Vec<AccountId> {
		crate::benchmarking::attended::<T>(count)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_attended_with_less_does_not_count_as_more() {
		assert_eq!(reweighed(100, 0, 5), 0);
		assert_eq!(reweighed(100, 5, 5), 100);
		assert_eq!(reweighed(100, 5, 4), 100);
		assert_eq!(reweighed(100, 1, 3), 33);
		assert_eq!(reweighed(u32::MAX, u64::MAX - 1, u64::MAX), u32::MAX - 1);
		assert_eq!(reweighed(u32::MAX, 1, u64::MAX), 0);
		for (before, after) in [(1u64, 2u64), (2, 3), (999, 1_000), (1, u64::MAX)] {
			for attended in [0, 1, 2, 43_200, u32::MAX] {
				let weight = |blocks: u32, capacity: u64| u128::from(blocks) * u128::from(capacity);
				let kept = reweighed(attended, before, after);
				assert!(weight(kept, after) <= weight(attended, before));
			}
		}
	}
}
