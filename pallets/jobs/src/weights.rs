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
	/// Weight of `submit_child`.
	fn submit_child(p: u32) -> Weight;
	/// Weight of `orphan`.
	fn orphan(p: u32) -> Weight;
	/// Weight of `accept`.
	fn accept() -> Weight;
	/// Weight of `decline`.
	fn decline() -> Weight;
	/// Weight of `cancel`.
	fn cancel() -> Weight;
	/// Weight of `expire_waiting`.
	fn expire_waiting() -> Weight;
	/// Weight of `expire_queued`.
	fn expire_queued(n: u32) -> Weight;
	/// Weight of `expire_failed`.
	fn expire_failed() -> Weight;
	/// Weight of `settle`.
	fn settle() -> Weight;
	/// Weight of `drop_record`.
	fn drop_record() -> Weight;
	/// Weight of `close_forfeited`.
	fn close_forfeited() -> Weight;
	/// Weight of `wake_one`.
	fn wake_one() -> Weight;
	/// Weight of `rearm`.
	fn rearm() -> Weight;
	/// Weight of `sweep_block`.
	fn sweep_block() -> Weight;
	/// Weight of `set_windows`.
	fn set_windows() -> Weight;
	/// Weight of `assign`.
	fn assign() -> Weight;
	/// Weight of `miss`.
	fn miss(n: u32) -> Weight;
	/// Weight of `assign_nothing`.
	fn assign_nothing() -> Weight;
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
	fn submit_child(p: u32) -> Weight {
		Weight::from_parts(300_000_000, 0)
			.saturating_add(Weight::from_parts(60_000_000, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(12))
			.saturating_add(T::DbWeight::get().reads(1u64.saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(2u64.saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(15))
	}
	fn orphan(p: u32) -> Weight {
		Weight::from_parts(20_000_000, 0)
			.saturating_add(Weight::from_parts(20_000_000, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().reads(1u64.saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(2u64.saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn accept() -> Weight {
		Weight::from_parts(47_527_000, 0)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
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
	fn expire_waiting() -> Weight {
		Weight::from_parts(100_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(20))
			.saturating_add(T::DbWeight::get().writes(20))
	}
	fn expire_queued(n: u32) -> Weight {
		Weight::from_parts(250_000_000, 0)
			.saturating_add(Weight::from_parts(3_000_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().reads(3u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(12))
	}
	fn expire_failed() -> Weight {
		Weight::from_parts(274_521_000, 0)
			.saturating_add(T::DbWeight::get().reads(14))
			.saturating_add(T::DbWeight::get().writes(18))
	}
	fn settle() -> Weight {
		Weight::from_parts(230_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().writes(12))
	}
	fn drop_record() -> Weight {
		Weight::from_parts(90_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(8))
	}
	fn close_forfeited() -> Weight {
		Weight::from_parts(230_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(12))
			.saturating_add(T::DbWeight::get().writes(14))
	}
	fn wake_one() -> Weight {
		Weight::from_parts(120_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(20))
			.saturating_add(T::DbWeight::get().writes(20))
	}
	fn rearm() -> Weight {
		Weight::from_parts(30_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn sweep_block() -> Weight {
		Weight::from_parts(9_703_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(7_000_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
	fn assign() -> Weight {
		Weight::from_parts(91_244_588, 0)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(12))
	}
	fn miss(n: u32) -> Weight {
		Weight::from_parts(60_000_000, 0)
			.saturating_add(Weight::from_parts(5_000_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().reads(3u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn assign_nothing() -> Weight {
		Weight::from_parts(10_000_000, 0).saturating_add(T::DbWeight::get().reads(5))
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
	fn submit_child(p: u32) -> Weight {
		Weight::from_parts(300_000_000, 0)
			.saturating_add(Weight::from_parts(60_000_000, 0).saturating_mul(p.into()))
			.saturating_add(ParityDbWeight::get().reads(12))
			.saturating_add(ParityDbWeight::get().reads(1u64.saturating_mul(p.into())))
			.saturating_add(ParityDbWeight::get().writes(2u64.saturating_mul(p.into())))
			.saturating_add(ParityDbWeight::get().writes(15))
	}
	fn orphan(p: u32) -> Weight {
		Weight::from_parts(20_000_000, 0)
			.saturating_add(Weight::from_parts(20_000_000, 0).saturating_mul(p.into()))
			.saturating_add(ParityDbWeight::get().reads(1))
			.saturating_add(ParityDbWeight::get().reads(1u64.saturating_mul(p.into())))
			.saturating_add(ParityDbWeight::get().writes(2u64.saturating_mul(p.into())))
			.saturating_add(ParityDbWeight::get().writes(3))
	}
	fn accept() -> Weight {
		Weight::from_parts(47_527_000, 0)
			.saturating_add(ParityDbWeight::get().reads(3))
			.saturating_add(ParityDbWeight::get().writes(1))
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
	fn expire_waiting() -> Weight {
		Weight::from_parts(100_000_000, 0)
			.saturating_add(ParityDbWeight::get().reads(20))
			.saturating_add(ParityDbWeight::get().writes(20))
	}
	fn expire_queued(n: u32) -> Weight {
		Weight::from_parts(250_000_000, 0)
			.saturating_add(Weight::from_parts(3_000_000, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(10))
			.saturating_add(ParityDbWeight::get().reads(3u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(12))
	}
	fn expire_failed() -> Weight {
		Weight::from_parts(274_521_000, 0)
			.saturating_add(ParityDbWeight::get().reads(14))
			.saturating_add(ParityDbWeight::get().writes(18))
	}
	fn settle() -> Weight {
		Weight::from_parts(230_000_000, 0)
			.saturating_add(ParityDbWeight::get().reads(13))
			.saturating_add(ParityDbWeight::get().writes(12))
	}
	fn drop_record() -> Weight {
		Weight::from_parts(90_000_000, 0)
			.saturating_add(ParityDbWeight::get().reads(6))
			.saturating_add(ParityDbWeight::get().writes(8))
	}
	fn close_forfeited() -> Weight {
		Weight::from_parts(230_000_000, 0)
			.saturating_add(ParityDbWeight::get().reads(12))
			.saturating_add(ParityDbWeight::get().writes(14))
	}
	fn wake_one() -> Weight {
		Weight::from_parts(120_000_000, 0)
			.saturating_add(ParityDbWeight::get().reads(20))
			.saturating_add(ParityDbWeight::get().writes(20))
	}
	fn rearm() -> Weight {
		Weight::from_parts(30_000_000, 0)
			.saturating_add(ParityDbWeight::get().reads(1))
			.saturating_add(ParityDbWeight::get().writes(3))
	}
	fn sweep_block() -> Weight {
		Weight::from_parts(9_703_000, 0)
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(7_000_000, 0).saturating_add(ParityDbWeight::get().writes(1))
	}
	fn assign() -> Weight {
		Weight::from_parts(91_244_588, 0)
			.saturating_add(ParityDbWeight::get().reads(8))
			.saturating_add(ParityDbWeight::get().writes(12))
	}
	fn miss(n: u32) -> Weight {
		Weight::from_parts(60_000_000, 0)
			.saturating_add(Weight::from_parts(5_000_000, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(3))
			.saturating_add(ParityDbWeight::get().reads(3u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(5))
	}
	fn assign_nothing() -> Weight {
		Weight::from_parts(10_000_000, 0).saturating_add(ParityDbWeight::get().reads(5))
	}
}
