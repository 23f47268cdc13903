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
}

/// Measured weights over the database of the runtime.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn set_price() -> Weight {
		Weight::from_parts(6_109_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
}

/// The same over ParityDB, for tests.
impl WeightInfo for () {
	fn set_price() -> Weight {
		Weight::from_parts(6_109_000, 0).saturating_add(ParityDbWeight::get().writes(1))
	}
}
