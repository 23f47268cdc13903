// SPDX-License-Identifier: Apache-2.0
//! How much of what providers offer is used: a meter a class, read by whoever moves prices.
//!
//! A meter keeps the sums of now and adds them up over blocks when they change or are read, so that a change costs one
//! read and one write at any number of providers and after any number of blocks. It counts proven capacity alone: what
//! is only claimed costs nothing, and could push the price of a class down to its floor.

use crate::{Config, Meters, Pallet};
use calor_primitives::{
	job::HardwareClass,
	now,
	provider::{Availability, ProviderRecord},
	traits::{Usage, Used},
	BlockNumber,
};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::defensive;
use scale_info::TypeInfo;

/// What a provider adds to the sums of its class, in multiply-accumulates per second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Load {
	/// If it waits for a job or has one.
	pub offered: u64,
	/// If it has one.
	pub busy: u64,
}

impl Load {
	/// Of a provider as it is.
	pub(crate) fn of(record: &ProviderRecord) -> Self {
		match record.availability {
			Availability::Idle | Availability::Jailed { .. } => Self { offered: 0, busy: 0 },
			Availability::Ready => Self { offered: record.proven, busy: 0 },
			Availability::Working | Availability::Draining => {
				Self { offered: record.proven, busy: record.proven }
			},
		}
	}
}

/// Proven capacity of a class, now and over time.
///
/// Nothing here can overflow, whatever is proven: fewer than 2^32 providers of less than 2^64 each are together less
/// than 2^96, and each of at most 2^32 heights is added once, so the sums over blocks stay below 2^128 even if they are
/// never taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Meter {
	/// Of providers that wait for a job or have one, in multiply-accumulates per second.
	pub offered: u128,
	/// Of providers that have one, in multiply-accumulates per second.
	pub busy: u128,
	/// `offered` over the blocks up to `counted_to` since the meter was last taken, in multiply-accumulates per second
	/// times blocks.
	pub offered_over_time: u128,
	/// `busy` over the same blocks.
	pub busy_over_time: u128,
	/// Height up to which the blocks are added up.
	pub counted_to: BlockNumber,
}

impl Meter {
	/// Adds up the blocks until now.
	pub(crate) fn count_to(&mut self, now: BlockNumber) {
		let blocks = u128::from(now.saturating_sub(self.counted_to));
		// Below 2^128: see the bound above.
		let add = |sum: u128, rate: u128| sum.saturating_add(rate.saturating_mul(blocks));
		self.offered_over_time = add(self.offered_over_time, self.offered);
		self.busy_over_time = add(self.busy_over_time, self.busy);
		self.counted_to = self.counted_to.max(now);
	}

	/// Puts what a provider adds now in the place of what it added before. `None`, and nothing changes, if that was not
	/// in the sums.
	fn exchange(&mut self, before: Load, after: Load, now: BlockNumber) -> Option<()> {
		let swap = |sum: u128, old: u64, new: u64| {
			sum.checked_sub(u128::from(old))?.checked_add(u128::from(new))
		};
		let offered = swap(self.offered, before.offered, after.offered)?;
		let busy = swap(self.busy, before.busy, after.busy)?;
		self.count_to(now);
		(self.offered, self.busy) = (offered, busy);
		Some(())
	}

	/// What was added up, which begins anew.
	fn take(&mut self, now: BlockNumber) -> Used {
		self.count_to(now);
		Used {
			offered: core::mem::take(&mut self.offered_over_time),
			busy: core::mem::take(&mut self.busy_over_time),
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Keeps the meter of a class in step with a provider.
	pub(crate) fn meter(class: HardwareClass, before: Load, after: Load) {
		if before == after {
			return;
		}
		Meters::<T>::mutate(class, |meter| {
			if meter.exchange(before, after, now::<T>()).is_none() {
				defensive!("a provider takes off the meter what it did not put on it");
			}
		});
	}
}

impl<T: Config> Usage for Pallet<T> {
	fn take(class: HardwareClass) -> Used {
		Meters::<T>::mutate(class, |meter| meter.take(now::<T>()))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const NONE: Load = Load { offered: 0, busy: 0 };

	fn waiting(proven: u64) -> Load {
		Load { offered: proven, busy: 0 }
	}

	fn working(proven: u64) -> Load {
		Load { offered: proven, busy: proven }
	}

	#[test]
	fn capacity_counts_for_the_blocks_in_which_it_was_there() {
		let mut meter = Meter::default();
		assert_eq!(meter.exchange(NONE, waiting(7), 10), Some(()));
		assert_eq!(meter.exchange(waiting(7), working(7), 13), Some(()));
		assert_eq!(meter.exchange(NONE, waiting(5), 14), Some(()));
		assert_eq!(meter.exchange(working(7), NONE, 16), Some(()));
		// 7 for 6 blocks and 5 for 6; busy 7 for 3 blocks.
		assert_eq!(meter.take(20), Used { offered: 7 * 6 + 5 * 6, busy: 7 * 3 });
		assert_eq!(meter.take(20), Used::default());
		assert_eq!(meter.take(21), Used { offered: 5, busy: 0 });
		assert_eq!((meter.offered, meter.busy, meter.counted_to), (5, 0, 21));
	}

	#[test]
	fn changes_within_a_block_leave_no_trace_in_time() {
		let mut meter = Meter::default();
		for _ in 0..3 {
			assert_eq!(meter.exchange(NONE, working(u64::MAX), 5), Some(()));
			assert_eq!(meter.exchange(working(u64::MAX), NONE, 5), Some(()));
		}
		assert_eq!(meter.take(5), Used::default());
	}

	#[test]
	fn what_was_never_put_on_cannot_be_taken_off() {
		let mut meter = Meter::default();
		assert_eq!(meter.exchange(NONE, waiting(3), 1), Some(()));
		let before = meter;
		assert_eq!(meter.exchange(working(3), NONE, 9), None);
		assert_eq!(meter.exchange(waiting(4), NONE, 9), None);
		assert_eq!(meter, before);
	}

	#[test]
	fn the_largest_class_for_all_time_does_not_overflow() {
		let all = u128::from(u64::MAX) * u128::from(u32::MAX);
		let mut meter = Meter { offered: all, busy: all, ..Default::default() };
		for height in [0, 1, u32::MAX / 2, u32::MAX] {
			meter.count_to(height);
		}
		let exact = all.checked_mul(u128::from(u32::MAX)).expect("below 2^128");
		assert_eq!(meter.take(u32::MAX), Used { offered: exact, busy: exact });
	}
}
