// SPDX-License-Identifier: Apache-2.0
//! Weights of `pallet_programs`, measured by `scripts/weights.sh` (20 steps, 20 repeats). Do not edit.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::ParityDbWeight, Weight},
};

/// Weight of each call and hook of this pallet.
pub trait WeightInfo {
	/// Weight of `register`.
	fn register(b: u32) -> Weight;
	/// Weight of `remove`.
	fn remove() -> Weight;
}

/// Measured weights over the database of the runtime.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn register(b: u32) -> Weight {
		Weight::from_parts(1_339_971_153, 0)
			.saturating_add(Weight::from_parts(12_120, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn remove() -> Weight {
		Weight::from_parts(76_304_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(4))
	}
}

/// The same over ParityDB, for tests.
impl WeightInfo for () {
	fn register(b: u32) -> Weight {
		Weight::from_parts(1_339_971_153, 0)
			.saturating_add(Weight::from_parts(12_120, 0).saturating_mul(b.into()))
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().writes(4))
	}
	fn remove() -> Weight {
		Weight::from_parts(76_304_000, 0)
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().writes(4))
	}
}
