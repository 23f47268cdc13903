// SPDX-License-Identifier: Apache-2.0
//! Weights of `pallet_providers`, measured by `scripts/weights.sh` (20 steps, 20 repeats). Do not edit.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::ParityDbWeight, Weight},
};

/// Weight of each call and hook of this pallet.
pub trait WeightInfo {
	/// Weight of `register`.
	fn register() -> Weight;
	/// Weight of `update`.
	fn update() -> Weight;
	/// Weight of `set_ready`.
	fn set_ready() -> Weight;
	/// Weight of `set_idle`.
	fn set_idle() -> Weight;
	/// Weight of `drain`.
	fn drain() -> Weight;
	/// Weight of `deregister`.
	fn deregister() -> Weight;
	/// Weight of `heartbeat`.
	fn heartbeat() -> Weight;
	/// Weight of `report_silence`.
	fn report_silence() -> Weight;
	/// Weight of `rotate_worker`.
	fn rotate_worker() -> Weight;
	/// Weight of `set_windows`.
	fn set_windows() -> Weight;
	/// Weight of `set_proven`.
	fn set_proven() -> Weight;
	/// Weight of `forfeited`.
	fn forfeited() -> Weight;
	/// Weight of `watch_block`.
	fn watch_block() -> Weight;
	/// Weight of `watch_provider`.
	fn watch_provider() -> Weight;
}

/// Measured weights over the database of the runtime.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn register() -> Weight {
		Weight::from_parts(140_999_000, 0)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn update() -> Weight {
		Weight::from_parts(24_447_000, 0)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_ready() -> Weight {
		Weight::from_parts(111_800_000, 0)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn set_idle() -> Weight {
		Weight::from_parts(100_012_000, 0)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn drain() -> Weight {
		Weight::from_parts(95_095_000, 0)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn deregister() -> Weight {
		Weight::from_parts(183_150_000, 0)
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().writes(12))
	}
	fn heartbeat() -> Weight {
		Weight::from_parts(63_615_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn report_silence() -> Weight {
		Weight::from_parts(438_709_000, 0)
			.saturating_add(T::DbWeight::get().reads(32))
			.saturating_add(T::DbWeight::get().writes(33))
	}
	fn rotate_worker() -> Weight {
		Weight::from_parts(144_124_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(9_975_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_proven() -> Weight {
		Weight::from_parts(34_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn forfeited() -> Weight {
		Weight::from_parts(104_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(8))
	}
	fn watch_block() -> Weight {
		Weight::from_parts(12_738_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn watch_provider() -> Weight {
		Weight::from_parts(438_719_000, 0)
			.saturating_add(T::DbWeight::get().reads(32))
			.saturating_add(T::DbWeight::get().writes(33))
	}
}

/// The same over ParityDB, for tests.
impl WeightInfo for () {
	fn register() -> Weight {
		Weight::from_parts(140_999_000, 0)
			.saturating_add(ParityDbWeight::get().reads(7))
			.saturating_add(ParityDbWeight::get().writes(4))
	}
	fn update() -> Weight {
		Weight::from_parts(24_447_000, 0)
			.saturating_add(ParityDbWeight::get().reads(3))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
	fn set_ready() -> Weight {
		Weight::from_parts(111_800_000, 0)
			.saturating_add(ParityDbWeight::get().reads(9))
			.saturating_add(ParityDbWeight::get().writes(5))
	}
	fn set_idle() -> Weight {
		Weight::from_parts(100_012_000, 0)
			.saturating_add(ParityDbWeight::get().reads(8))
			.saturating_add(ParityDbWeight::get().writes(7))
	}
	fn drain() -> Weight {
		Weight::from_parts(95_095_000, 0)
			.saturating_add(ParityDbWeight::get().reads(8))
			.saturating_add(ParityDbWeight::get().writes(7))
	}
	fn deregister() -> Weight {
		Weight::from_parts(183_150_000, 0)
			.saturating_add(ParityDbWeight::get().reads(11))
			.saturating_add(ParityDbWeight::get().writes(12))
	}
	fn heartbeat() -> Weight {
		Weight::from_parts(63_615_000, 0)
			.saturating_add(ParityDbWeight::get().reads(4))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
	fn report_silence() -> Weight {
		Weight::from_parts(438_709_000, 0)
			.saturating_add(ParityDbWeight::get().reads(32))
			.saturating_add(ParityDbWeight::get().writes(33))
	}
	fn rotate_worker() -> Weight {
		Weight::from_parts(144_124_000, 0)
			.saturating_add(ParityDbWeight::get().reads(4))
			.saturating_add(ParityDbWeight::get().writes(3))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(9_975_000, 0).saturating_add(ParityDbWeight::get().writes(1))
	}
	fn set_proven() -> Weight {
		Weight::from_parts(34_000_000, 0)
			.saturating_add(ParityDbWeight::get().reads(3))
			.saturating_add(ParityDbWeight::get().writes(3))
	}
	fn forfeited() -> Weight {
		Weight::from_parts(104_000_000, 0)
			.saturating_add(ParityDbWeight::get().reads(9))
			.saturating_add(ParityDbWeight::get().writes(8))
	}
	fn watch_block() -> Weight {
		Weight::from_parts(12_738_000, 0)
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
	fn watch_provider() -> Weight {
		Weight::from_parts(438_719_000, 0)
			.saturating_add(ParityDbWeight::get().reads(32))
			.saturating_add(ParityDbWeight::get().writes(33))
	}
}
