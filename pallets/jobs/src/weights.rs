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
	/// Weight of `orphan`.
	fn orphan(p: u32) -> Weight;
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
		Weight::from_parts(263_456_000, 0)
			.saturating_add(Weight::from_parts(3_086_714, 0).saturating_mul(r.into()))
			.saturating_add(T::DbWeight::get().reads(12))
			.saturating_add(T::DbWeight::get().writes(13))
	}
	fn submit_child(p: u32) -> Weight {
		Weight::from_parts(262_808_000, 0)
			.saturating_add(Weight::from_parts(23_002_980, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().reads(1u64.saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(11))
			.saturating_add(T::DbWeight::get().writes(2u64.saturating_mul(p.into())))
	}
	fn accept() -> Weight {
		Weight::from_parts(46_910_000, 0)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn decline() -> Weight {
		Weight::from_parts(215_841_000, 0)
			.saturating_add(T::DbWeight::get().reads(15))
			.saturating_add(T::DbWeight::get().writes(14))
	}
	fn cancel() -> Weight {
		Weight::from_parts(306_396_000, 0)
			.saturating_add(T::DbWeight::get().reads(17))
			.saturating_add(T::DbWeight::get().writes(18))
	}
	fn expire_waiting() -> Weight {
		Weight::from_parts(269_450_000, 0)
			.saturating_add(T::DbWeight::get().reads(23))
			.saturating_add(T::DbWeight::get().writes(40))
	}
	fn expire_queued(n: u32) -> Weight {
		Weight::from_parts(147_722_236, 0)
			.saturating_add(Weight::from_parts(19_798_517, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().reads(6u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	fn expire_failed() -> Weight {
		Weight::from_parts(191_415_000, 0)
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().writes(20))
	}
	fn settle() -> Weight {
		Weight::from_parts(301_368_000, 0)
			.saturating_add(T::DbWeight::get().reads(16))
			.saturating_add(T::DbWeight::get().writes(18))
	}
	fn orphan(p: u32) -> Weight {
		Weight::from_parts(5_036_333, 0)
			.saturating_add(Weight::from_parts(7_558_029, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(1u64.saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(2u64.saturating_mul(p.into())))
	}
	fn drop_record() -> Weight {
		Weight::from_parts(90_254_000, 0)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn close_forfeited() -> Weight {
		Weight::from_parts(193_688_000, 0)
			.saturating_add(T::DbWeight::get().reads(17))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	fn wake_one() -> Weight {
		Weight::from_parts(247_729_000, 0)
			.saturating_add(T::DbWeight::get().reads(23))
			.saturating_add(T::DbWeight::get().writes(40))
	}
	fn rearm() -> Weight {
		Weight::from_parts(14_331_000, 0)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn sweep_block() -> Weight {
		Weight::from_parts(6_690_000, 0).saturating_add(T::DbWeight::get().reads(1))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(5_958_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
	fn assign() -> Weight {
		Weight::from_parts(246_456_000, 0)
			.saturating_add(T::DbWeight::get().reads(20))
			.saturating_add(T::DbWeight::get().writes(16))
	}
	fn miss(n: u32) -> Weight {
		Weight::from_parts(34_119_363, 0)
			.saturating_add(Weight::from_parts(17_815_826, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().reads(6u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn assign_nothing() -> Weight {
		Weight::from_parts(3_565_000, 0).saturating_add(T::DbWeight::get().reads(1))
	}
}

/// The same over ParityDB, for tests.
impl WeightInfo for () {
	fn submit(r: u32) -> Weight {
		Weight::from_parts(263_456_000, 0)
			.saturating_add(Weight::from_parts(3_086_714, 0).saturating_mul(r.into()))
			.saturating_add(ParityDbWeight::get().reads(12))
			.saturating_add(ParityDbWeight::get().writes(13))
	}
	fn submit_child(p: u32) -> Weight {
		Weight::from_parts(262_808_000, 0)
			.saturating_add(Weight::from_parts(23_002_980, 0).saturating_mul(p.into()))
			.saturating_add(ParityDbWeight::get().reads(13))
			.saturating_add(ParityDbWeight::get().reads(1u64.saturating_mul(p.into())))
			.saturating_add(ParityDbWeight::get().writes(11))
			.saturating_add(ParityDbWeight::get().writes(2u64.saturating_mul(p.into())))
	}
	fn accept() -> Weight {
		Weight::from_parts(46_910_000, 0)
			.saturating_add(ParityDbWeight::get().reads(3))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
	fn decline() -> Weight {
		Weight::from_parts(215_841_000, 0)
			.saturating_add(ParityDbWeight::get().reads(15))
			.saturating_add(ParityDbWeight::get().writes(14))
	}
	fn cancel() -> Weight {
		Weight::from_parts(306_396_000, 0)
			.saturating_add(ParityDbWeight::get().reads(17))
			.saturating_add(ParityDbWeight::get().writes(18))
	}
	fn expire_waiting() -> Weight {
		Weight::from_parts(269_450_000, 0)
			.saturating_add(ParityDbWeight::get().reads(23))
			.saturating_add(ParityDbWeight::get().writes(40))
	}
	fn expire_queued(n: u32) -> Weight {
		Weight::from_parts(147_722_236, 0)
			.saturating_add(Weight::from_parts(19_798_517, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(10))
			.saturating_add(ParityDbWeight::get().reads(6u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(9))
	}
	fn expire_failed() -> Weight {
		Weight::from_parts(191_415_000, 0)
			.saturating_add(ParityDbWeight::get().reads(18))
			.saturating_add(ParityDbWeight::get().writes(20))
	}
	fn settle() -> Weight {
		Weight::from_parts(301_368_000, 0)
			.saturating_add(ParityDbWeight::get().reads(16))
			.saturating_add(ParityDbWeight::get().writes(18))
	}
	fn orphan(p: u32) -> Weight {
		Weight::from_parts(5_036_333, 0)
			.saturating_add(Weight::from_parts(7_558_029, 0).saturating_mul(p.into()))
			.saturating_add(ParityDbWeight::get().reads(1u64.saturating_mul(p.into())))
			.saturating_add(ParityDbWeight::get().writes(2u64.saturating_mul(p.into())))
	}
	fn drop_record() -> Weight {
		Weight::from_parts(90_254_000, 0)
			.saturating_add(ParityDbWeight::get().reads(5))
			.saturating_add(ParityDbWeight::get().writes(7))
	}
	fn close_forfeited() -> Weight {
		Weight::from_parts(193_688_000, 0)
			.saturating_add(ParityDbWeight::get().reads(17))
			.saturating_add(ParityDbWeight::get().writes(9))
	}
	fn wake_one() -> Weight {
		Weight::from_parts(247_729_000, 0)
			.saturating_add(ParityDbWeight::get().reads(23))
			.saturating_add(ParityDbWeight::get().writes(40))
	}
	fn rearm() -> Weight {
		Weight::from_parts(14_331_000, 0)
			.saturating_add(ParityDbWeight::get().reads(1))
			.saturating_add(ParityDbWeight::get().writes(3))
	}
	fn sweep_block() -> Weight {
		Weight::from_parts(6_690_000, 0).saturating_add(ParityDbWeight::get().reads(1))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(5_958_000, 0).saturating_add(ParityDbWeight::get().writes(1))
	}
	fn assign() -> Weight {
		Weight::from_parts(246_456_000, 0)
			.saturating_add(ParityDbWeight::get().reads(20))
			.saturating_add(ParityDbWeight::get().writes(16))
	}
	fn miss(n: u32) -> Weight {
		Weight::from_parts(34_119_363, 0)
			.saturating_add(Weight::from_parts(17_815_826, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(3))
			.saturating_add(ParityDbWeight::get().reads(6u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(5))
	}
	fn assign_nothing() -> Weight {
		Weight::from_parts(3_565_000, 0).saturating_add(ParityDbWeight::get().reads(1))
	}
}
