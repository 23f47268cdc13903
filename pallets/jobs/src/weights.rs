// SPDX-License-Identifier: Apache-2.0
//! Weights of `pallet_jobs`, measured by `scripts/weights.sh` (20 steps, 20 repeats). Do not edit.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::ParityDbWeight, Weight},
};

/// Weight of each call and hook of this pallet.
pub trait WeightInfo {
	/// Weight of `submit`.
	fn submit(r: u32) -> Weight;
	/// Weight of `accept`.
	fn accept() -> Weight;
	/// Weight of `decline`.
	fn decline() -> Weight;
	/// Weight of `cancel`.
	fn cancel() -> Weight;
	/// Weight of `expire`.
	fn expire() -> Weight;
	/// Weight of `set_windows`.
	fn set_windows() -> Weight;
	/// Weight of `assign`.
	fn assign(n: u32) -> Weight;
	/// Weight of `sweep_block`.
	fn sweep_block() -> Weight;
}

/// Measured weights over the database of the runtime.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn submit(r: u32) -> Weight {
		Weight::from_parts(151_189_705, 0)
			.saturating_add(Weight::from_parts(2_400_631, 0).saturating_mul(r.into()))
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().writes(12))
	}
	fn accept() -> Weight {
		Weight::from_parts(47_527_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn decline() -> Weight {
		Weight::from_parts(112_355_000, 0)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(11))
	}
	fn cancel() -> Weight {
		Weight::from_parts(229_333_000, 0)
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().writes(14))
	}
	fn expire() -> Weight {
		Weight::from_parts(274_521_000, 0)
			.saturating_add(T::DbWeight::get().reads(14))
			.saturating_add(T::DbWeight::get().writes(18))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(7_000_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
	fn assign(n: u32) -> Weight {
		Weight::from_parts(640_099_851, 0)
			.saturating_add(Weight::from_parts(91_244_588, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().reads(7u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(2))
			.saturating_add(T::DbWeight::get().writes(9u64.saturating_mul(n.into())))
	}
	fn sweep_block() -> Weight {
		Weight::from_parts(9_703_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
}

/// The same over ParityDB, for tests.
impl WeightInfo for () {
	fn submit(r: u32) -> Weight {
		Weight::from_parts(151_189_705, 0)
			.saturating_add(Weight::from_parts(2_400_631, 0).saturating_mul(r.into()))
			.saturating_add(ParityDbWeight::get().reads(10))
			.saturating_add(ParityDbWeight::get().writes(12))
	}
	fn accept() -> Weight {
		Weight::from_parts(47_527_000, 0)
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().writes(3))
	}
	fn decline() -> Weight {
		Weight::from_parts(112_355_000, 0)
			.saturating_add(ParityDbWeight::get().reads(9))
			.saturating_add(ParityDbWeight::get().writes(11))
	}
	fn cancel() -> Weight {
		Weight::from_parts(229_333_000, 0)
			.saturating_add(ParityDbWeight::get().reads(11))
			.saturating_add(ParityDbWeight::get().writes(14))
	}
	fn expire() -> Weight {
		Weight::from_parts(274_521_000, 0)
			.saturating_add(ParityDbWeight::get().reads(14))
			.saturating_add(ParityDbWeight::get().writes(18))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(7_000_000, 0).saturating_add(ParityDbWeight::get().writes(1))
	}
	fn assign(n: u32) -> Weight {
		Weight::from_parts(640_099_851, 0)
			.saturating_add(Weight::from_parts(91_244_588, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(3))
			.saturating_add(ParityDbWeight::get().reads(7u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(2))
			.saturating_add(ParityDbWeight::get().writes(9u64.saturating_mul(n.into())))
	}
	fn sweep_block() -> Weight {
		Weight::from_parts(9_703_000, 0)
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
}
