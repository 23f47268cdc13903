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
		Weight::from_parts(139_587_000, 0)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn update() -> Weight {
		Weight::from_parts(21_522_000, 0)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_ready() -> Weight {
		Weight::from_parts(103_023_000, 0)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn set_idle() -> Weight {
		Weight::from_parts(82_293_000, 0)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn drain() -> Weight {
		Weight::from_parts(74_280_000, 0)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn deregister() -> Weight {
		Weight::from_parts(175_730_000, 0)
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().writes(12))
	}
	fn heartbeat() -> Weight {
		Weight::from_parts(61_321_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn report_silence() -> Weight {
		Weight::from_parts(381_456_000, 0)
			.saturating_add(T::DbWeight::get().reads(34))
			.saturating_add(T::DbWeight::get().writes(35))
	}
	fn rotate_worker() -> Weight {
		Weight::from_parts(79_798_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(5_928_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
	fn forfeited() -> Weight {
		Weight::from_parts(64_756_000, 0)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(8))
	}
	fn watch_block() -> Weight {
		Weight::from_parts(7_822_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn watch_provider() -> Weight {
		Weight::from_parts(445_692_000, 0)
			.saturating_add(T::DbWeight::get().reads(34))
			.saturating_add(T::DbWeight::get().writes(35))
	}
}

/// The same over ParityDB, for tests.
impl WeightInfo for () {
	fn register() -> Weight {
		Weight::from_parts(139_587_000, 0)
			.saturating_add(ParityDbWeight::get().reads(7))
			.saturating_add(ParityDbWeight::get().writes(4))
	}
	fn update() -> Weight {
		Weight::from_parts(21_522_000, 0)
			.saturating_add(ParityDbWeight::get().reads(3))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
	fn set_ready() -> Weight {
		Weight::from_parts(103_023_000, 0)
			.saturating_add(ParityDbWeight::get().reads(9))
			.saturating_add(ParityDbWeight::get().writes(5))
	}
	fn set_idle() -> Weight {
		Weight::from_parts(82_293_000, 0)
			.saturating_add(ParityDbWeight::get().reads(8))
			.saturating_add(ParityDbWeight::get().writes(7))
	}
	fn drain() -> Weight {
		Weight::from_parts(74_280_000, 0)
			.saturating_add(ParityDbWeight::get().reads(8))
			.saturating_add(ParityDbWeight::get().writes(7))
	}
	fn deregister() -> Weight {
		Weight::from_parts(175_730_000, 0)
			.saturating_add(ParityDbWeight::get().reads(11))
			.saturating_add(ParityDbWeight::get().writes(12))
	}
	fn heartbeat() -> Weight {
		Weight::from_parts(61_321_000, 0)
			.saturating_add(ParityDbWeight::get().reads(4))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
	fn report_silence() -> Weight {
		Weight::from_parts(381_456_000, 0)
			.saturating_add(ParityDbWeight::get().reads(34))
			.saturating_add(ParityDbWeight::get().writes(35))
	}
	fn rotate_worker() -> Weight {
		Weight::from_parts(79_798_000, 0)
			.saturating_add(ParityDbWeight::get().reads(4))
			.saturating_add(ParityDbWeight::get().writes(3))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(5_928_000, 0).saturating_add(ParityDbWeight::get().writes(1))
	}
	fn forfeited() -> Weight {
		Weight::from_parts(64_756_000, 0)
			.saturating_add(ParityDbWeight::get().reads(6))
			.saturating_add(ParityDbWeight::get().writes(8))
	}
	fn watch_block() -> Weight {
		Weight::from_parts(7_822_000, 0)
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
	fn watch_provider() -> Weight {
		Weight::from_parts(445_692_000, 0)
			.saturating_add(ParityDbWeight::get().reads(34))
			.saturating_add(ParityDbWeight::get().writes(35))
	}
}
