// SPDX-License-Identifier: Apache-2.0
//! Weights of `pallet_stake`, measured by `scripts/weights.sh` (20 steps, 20 repeats). Do not edit.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::ParityDbWeight, Weight},
};

/// Weight of each call and hook of this pallet.
pub trait WeightInfo {
	/// Weight of `bond`.
	fn bond() -> Weight;
	/// Weight of `bond_more`.
	fn bond_more() -> Weight;
	/// Weight of `unbond`.
	fn unbond() -> Weight;
	/// Weight of `withdraw`.
	fn withdraw() -> Weight;
	/// Weight of `apply_slash`.
	fn apply_slash() -> Weight;
	/// Weight of `apply_forfeiture`.
	fn apply_forfeiture() -> Weight;
	/// Weight of `cancel_slash`.
	fn cancel_slash() -> Weight;
	/// Weight of `appeal_slash`.
	fn appeal_slash() -> Weight;
	/// Weight of `set_windows`.
	fn set_windows() -> Weight;
	/// Weight of `sweep_height`.
	fn sweep_height() -> Weight;
	/// Weight of `forget`.
	fn forget() -> Weight;
}

/// Measured weights over the database of the runtime.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn bond() -> Weight {
		Weight::from_parts(82_202_000, 0)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn bond_more() -> Weight {
		Weight::from_parts(64_426_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn unbond() -> Weight {
		Weight::from_parts(14_922_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn withdraw() -> Weight {
		Weight::from_parts(59_508_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn apply_slash() -> Weight {
		Weight::from_parts(182_300_000, 0)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(11))
	}
	fn apply_forfeiture() -> Weight {
		Weight::from_parts(205_104_000, 0)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(11))
	}
	fn cancel_slash() -> Weight {
		Weight::from_parts(33_950_000, 0)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn appeal_slash() -> Weight {
		Weight::from_parts(13_460_000, 0)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(10_746_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn sweep_height() -> Weight {
		Weight::from_parts(7_741_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn forget() -> Weight {
		Weight::from_parts(12_268_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
}

/// The same over ParityDB, for tests.
impl WeightInfo for () {
	fn bond() -> Weight {
		Weight::from_parts(82_202_000, 0)
			.saturating_add(ParityDbWeight::get().reads(3))
			.saturating_add(ParityDbWeight::get().writes(2))
	}
	fn bond_more() -> Weight {
		Weight::from_parts(64_426_000, 0)
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().writes(2))
	}
	fn unbond() -> Weight {
		Weight::from_parts(14_922_000, 0)
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
	fn withdraw() -> Weight {
		Weight::from_parts(59_508_000, 0)
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().writes(2))
	}
	fn apply_slash() -> Weight {
		Weight::from_parts(182_300_000, 0)
			.saturating_add(ParityDbWeight::get().reads(9))
			.saturating_add(ParityDbWeight::get().writes(11))
	}
	fn apply_forfeiture() -> Weight {
		Weight::from_parts(205_104_000, 0)
			.saturating_add(ParityDbWeight::get().reads(9))
			.saturating_add(ParityDbWeight::get().writes(11))
	}
	fn cancel_slash() -> Weight {
		Weight::from_parts(33_950_000, 0)
			.saturating_add(ParityDbWeight::get().reads(3))
			.saturating_add(ParityDbWeight::get().writes(5))
	}
	fn appeal_slash() -> Weight {
		Weight::from_parts(13_460_000, 0)
			.saturating_add(ParityDbWeight::get().reads(1))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(10_746_000, 0)
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().writes(2))
	}
	fn sweep_height() -> Weight {
		Weight::from_parts(7_741_000, 0)
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
	fn forget() -> Weight {
		Weight::from_parts(12_268_000, 0)
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().writes(2))
	}
}
