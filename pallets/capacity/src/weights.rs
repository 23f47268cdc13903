// SPDX-License-Identifier: Apache-2.0
//! Weights of `pallet_capacity`, measured by `scripts/weights.sh` (20 steps, 20 repeats). Do not edit.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::ParityDbWeight, Weight},
};

/// Weight of each call and hook of this pallet.
pub trait WeightInfo {
	/// Weight of `settle`.
	fn settle() -> Weight;
	/// Weight of `fail`.
	fn fail() -> Weight;
	/// Weight of `set_windows`.
	fn set_windows() -> Weight;
	/// Weight of `rest`.
	fn rest() -> Weight;
	/// Weight of `start_round`.
	fn start_round() -> Weight;
	/// Weight of `call`.
	fn call(n: u32) -> Weight;
	/// Weight of `sweep`.
	fn sweep(n: u32) -> Weight;
	/// Weight of `agenda_block`.
	fn agenda_block() -> Weight;
}

/// Measured weights over the database of the runtime.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn settle() -> Weight {
		Weight::from_parts(109_042_000, 0)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn fail() -> Weight {
		Weight::from_parts(150_133_000, 0)
			.saturating_add(T::DbWeight::get().reads(14))
			.saturating_add(T::DbWeight::get().writes(16))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(10_496_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
	fn rest() -> Weight {
		Weight::from_parts(18_347_000, 0).saturating_add(T::DbWeight::get().reads(4))
	}
	fn start_round() -> Weight {
		Weight::from_parts(18_147_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn call(n: u32) -> Weight {
		Weight::from_parts(38_246_000, 0)
			.saturating_add(Weight::from_parts(23_437_636, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().reads(2u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(2))
			.saturating_add(T::DbWeight::get().writes(2u64.saturating_mul(n.into())))
	}
	fn sweep(n: u32) -> Weight {
		Weight::from_parts(22_901_268, 0)
			.saturating_add(Weight::from_parts(38_166_600, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().reads(2u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(3))
			.saturating_add(T::DbWeight::get().writes(2u64.saturating_mul(n.into())))
	}
	fn agenda_block() -> Weight {
		Weight::from_parts(7_502_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
}

/// The same over ParityDB, for tests.
impl WeightInfo for () {
	fn settle() -> Weight {
		Weight::from_parts(109_042_000, 0)
			.saturating_add(ParityDbWeight::get().reads(8))
			.saturating_add(ParityDbWeight::get().writes(6))
	}
	fn fail() -> Weight {
		Weight::from_parts(150_133_000, 0)
			.saturating_add(ParityDbWeight::get().reads(14))
			.saturating_add(ParityDbWeight::get().writes(16))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(10_496_000, 0).saturating_add(ParityDbWeight::get().writes(1))
	}
	fn rest() -> Weight {
		Weight::from_parts(18_347_000, 0).saturating_add(ParityDbWeight::get().reads(4))
	}
	fn start_round() -> Weight {
		Weight::from_parts(18_147_000, 0)
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().writes(2))
	}
	fn call(n: u32) -> Weight {
		Weight::from_parts(38_246_000, 0)
			.saturating_add(Weight::from_parts(23_437_636, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().reads(2u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(2))
			.saturating_add(ParityDbWeight::get().writes(2u64.saturating_mul(n.into())))
	}
	fn sweep(n: u32) -> Weight {
		Weight::from_parts(22_901_268, 0)
			.saturating_add(Weight::from_parts(38_166_600, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(3))
			.saturating_add(ParityDbWeight::get().reads(2u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(3))
			.saturating_add(ParityDbWeight::get().writes(2u64.saturating_mul(n.into())))
	}
	fn agenda_block() -> Weight {
		Weight::from_parts(7_502_000, 0)
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
}
