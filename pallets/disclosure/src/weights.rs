// SPDX-License-Identifier: Apache-2.0
//! Weights of `pallet_disclosure`, measured by `scripts/weights.sh` (20 steps, 20 repeats). Do not edit.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::ParityDbWeight, Weight},
};

/// Weight of each call and hook of this pallet.
pub trait WeightInfo {
	/// Weight of `file`.
	fn file() -> Weight;
	/// Weight of `withdraw_filing`.
	fn withdraw_filing() -> Weight;
	/// Weight of `report_false`.
	fn report_false(n: u32) -> Weight;
	/// Weight of `set_windows`.
	fn set_windows() -> Weight;
	/// Weight of `wait`.
	fn wait() -> Weight;
	/// Weight of `count`.
	fn count(n: u32) -> Weight;
	/// Weight of `judge`.
	fn judge(n: u32) -> Weight;
}

/// Measured weights over the database of the runtime.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn file() -> Weight {
		Weight::from_parts(143_633_000, 0)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn withdraw_filing() -> Weight {
		Weight::from_parts(106_938_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn report_false(n: u32) -> Weight {
		Weight::from_parts(96_984_000, 0)
			.saturating_add(Weight::from_parts(34_162_946, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().reads(3u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(6))
			.saturating_add(T::DbWeight::get().writes(4u64.saturating_mul(n.into())))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(5_378_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
	fn wait() -> Weight {
		Weight::from_parts(4_056_000, 0).saturating_add(T::DbWeight::get().reads(2))
	}
	fn count(n: u32) -> Weight {
		Weight::from_parts(11_486_700, 0)
			.saturating_add(Weight::from_parts(23_819_752, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().reads(6u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(T::DbWeight::get().writes(1u64.saturating_mul(n.into())))
	}
	fn judge(n: u32) -> Weight {
		Weight::from_parts(12_401_744, 0)
			.saturating_add(Weight::from_parts(10_571_809, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().reads(2u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(2))
			.saturating_add(T::DbWeight::get().writes(1u64.saturating_mul(n.into())))
	}
}

/// The same over ParityDB, for tests.
impl WeightInfo for () {
	fn file() -> Weight {
		Weight::from_parts(143_633_000, 0)
			.saturating_add(ParityDbWeight::get().reads(6))
			.saturating_add(ParityDbWeight::get().writes(4))
	}
	fn withdraw_filing() -> Weight {
		Weight::from_parts(106_938_000, 0)
			.saturating_add(ParityDbWeight::get().reads(4))
			.saturating_add(ParityDbWeight::get().writes(3))
	}
	fn report_false(n: u32) -> Weight {
		Weight::from_parts(96_984_000, 0)
			.saturating_add(Weight::from_parts(34_162_946, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(8))
			.saturating_add(ParityDbWeight::get().reads(3u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(6))
			.saturating_add(ParityDbWeight::get().writes(4u64.saturating_mul(n.into())))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(5_378_000, 0).saturating_add(ParityDbWeight::get().writes(1))
	}
	fn wait() -> Weight {
		Weight::from_parts(4_056_000, 0).saturating_add(ParityDbWeight::get().reads(2))
	}
	fn count(n: u32) -> Weight {
		Weight::from_parts(11_486_700, 0)
			.saturating_add(Weight::from_parts(23_819_752, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().reads(6u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(1))
			.saturating_add(ParityDbWeight::get().writes(1u64.saturating_mul(n.into())))
	}
	fn judge(n: u32) -> Weight {
		Weight::from_parts(12_401_744, 0)
			.saturating_add(Weight::from_parts(10_571_809, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().reads(2u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(2))
			.saturating_add(ParityDbWeight::get().writes(1u64.saturating_mul(n.into())))
	}
}
