// SPDX-License-Identifier: Apache-2.0
//! Weights of `pallet_market`, measured by `scripts/weights.sh` (20 steps, 20 repeats). Do not edit.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::ParityDbWeight, Weight},
};

/// Weight of each call and hook of this pallet.
pub trait WeightInfo {
	/// Weight of `set_price`.
	fn set_price() -> Weight;
	/// Weight of `feed`.
	fn feed() -> Weight;
	/// Weight of `set_feeders`.
	fn set_feeders(n: u32) -> Weight;
	/// Weight of `set_parameters`.
	fn set_parameters() -> Weight;
	/// Weight of `set_energy`.
	fn set_energy() -> Weight;
	/// Weight of `wait`.
	fn wait() -> Weight;
	/// Weight of `begin_day`.
	fn begin_day() -> Weight;
	/// Weight of `refresh`.
	fn refresh() -> Weight;
	/// Weight of `step`.
	fn step(n: u32) -> Weight;
}

/// Measured weights over the database of the runtime.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn set_price() -> Weight {
		Weight::from_parts(20_360_000, 0)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn feed() -> Weight {
		Weight::from_parts(54_371_000, 0)
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn set_feeders(n: u32) -> Weight {
		Weight::from_parts(9_860_200, 0)
			.saturating_add(Weight::from_parts(166_853, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_parameters() -> Weight {
		Weight::from_parts(8_203_000, 0)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_energy() -> Weight {
		Weight::from_parts(18_538_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn wait() -> Weight {
		Weight::from_parts(4_657_000, 0).saturating_add(T::DbWeight::get().reads(2))
	}
	fn begin_day() -> Weight {
		Weight::from_parts(15_963_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn refresh() -> Weight {
		Weight::from_parts(44_095_000, 0)
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn step(n: u32) -> Weight {
		Weight::from_parts(51_804_500, 0)
			.saturating_add(Weight::from_parts(49_826_093, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(14))
			.saturating_add(T::DbWeight::get().reads(1u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(8))
			.saturating_add(T::DbWeight::get().writes(1u64.saturating_mul(n.into())))
	}
}

/// The same over ParityDB, for tests.
impl WeightInfo for () {
	fn set_price() -> Weight {
		Weight::from_parts(20_360_000, 0)
			.saturating_add(ParityDbWeight::get().reads(3))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
	fn feed() -> Weight {
		Weight::from_parts(54_371_000, 0)
			.saturating_add(ParityDbWeight::get().reads(11))
			.saturating_add(ParityDbWeight::get().writes(7))
	}
	fn set_feeders(n: u32) -> Weight {
		Weight::from_parts(9_860_200, 0)
			.saturating_add(Weight::from_parts(166_853, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
	fn set_parameters() -> Weight {
		Weight::from_parts(8_203_000, 0)
			.saturating_add(ParityDbWeight::get().reads(1))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
	fn set_energy() -> Weight {
		Weight::from_parts(18_538_000, 0)
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().writes(2))
	}
	fn wait() -> Weight {
		Weight::from_parts(4_657_000, 0).saturating_add(ParityDbWeight::get().reads(2))
	}
	fn begin_day() -> Weight {
		Weight::from_parts(15_963_000, 0)
			.saturating_add(ParityDbWeight::get().reads(4))
			.saturating_add(ParityDbWeight::get().writes(5))
	}
	fn refresh() -> Weight {
		Weight::from_parts(44_095_000, 0)
			.saturating_add(ParityDbWeight::get().reads(11))
			.saturating_add(ParityDbWeight::get().writes(5))
	}
	fn step(n: u32) -> Weight {
		Weight::from_parts(51_804_500, 0)
			.saturating_add(Weight::from_parts(49_826_093, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(14))
			.saturating_add(ParityDbWeight::get().reads(1u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(8))
			.saturating_add(ParityDbWeight::get().writes(1u64.saturating_mul(n.into())))
	}
}
