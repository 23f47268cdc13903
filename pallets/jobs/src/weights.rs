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
	/// Weight of `convict`.
	fn convict() -> Weight;
	/// Weight of `close_replica`.
	fn close_replica() -> Weight;
	/// Weight of `siblings`.
	fn siblings() -> Weight;
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
		Weight::from_parts(372_545_413, 0)
			.saturating_add(Weight::from_parts(4_721_827, 0).saturating_mul(r.into()))
			.saturating_add(T::DbWeight::get().reads(15))
			.saturating_add(T::DbWeight::get().writes(13))
	}
	fn submit_child(p: u32) -> Weight {
		Weight::from_parts(354_279_000, 0)
			.saturating_add(Weight::from_parts(33_577_175, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(16))
			.saturating_add(T::DbWeight::get().reads(1u64.saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(11))
			.saturating_add(T::DbWeight::get().writes(2u64.saturating_mul(p.into())))
	}
	fn accept() -> Weight {
		Weight::from_parts(40_180_000, 0)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn decline() -> Weight {
		Weight::from_parts(283_891_000, 0)
			.saturating_add(T::DbWeight::get().reads(17))
			.saturating_add(T::DbWeight::get().writes(17))
	}
	fn cancel() -> Weight {
		Weight::from_parts(344_601_000, 0)
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().writes(18))
	}
	fn expire_waiting() -> Weight {
		Weight::from_parts(288_258_000, 0)
			.saturating_add(T::DbWeight::get().reads(23))
			.saturating_add(T::DbWeight::get().writes(40))
	}
	fn expire_queued(n: u32) -> Weight {
		Weight::from_parts(142_862_000, 0)
			.saturating_add(Weight::from_parts(25_886_780, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().reads(6u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	fn expire_failed() -> Weight {
		Weight::from_parts(369_649_000, 0)
			.saturating_add(T::DbWeight::get().reads(21))
			.saturating_add(T::DbWeight::get().writes(22))
	}
	fn settle() -> Weight {
		Weight::from_parts(492_822_000, 0)
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().writes(17))
	}
	fn convict() -> Weight {
		Weight::from_parts(411_070_000, 0)
			.saturating_add(T::DbWeight::get().reads(25))
			.saturating_add(T::DbWeight::get().writes(23))
	}
	fn close_replica() -> Weight {
		Weight::from_parts(304_392_000, 0)
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().writes(17))
	}
	fn siblings() -> Weight {
		Weight::from_parts(77_525_000, 0).saturating_add(T::DbWeight::get().reads(8))
	}
	fn orphan(p: u32) -> Weight {
		Weight::from_parts(9_150_538, 0)
			.saturating_add(Weight::from_parts(8_273_718, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(1u64.saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(2u64.saturating_mul(p.into())))
	}
	fn drop_record() -> Weight {
		Weight::from_parts(135_261_000, 0)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn close_forfeited() -> Weight {
		Weight::from_parts(320_926_000, 0)
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().writes(9))
	}
	fn wake_one() -> Weight {
		Weight::from_parts(279_465_000, 0)
			.saturating_add(T::DbWeight::get().reads(23))
			.saturating_add(T::DbWeight::get().writes(40))
	}
	fn rearm() -> Weight {
		Weight::from_parts(13_120_000, 0)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn sweep_block() -> Weight {
		Weight::from_parts(5_668_000, 0).saturating_add(T::DbWeight::get().reads(1))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(9_865_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
	fn assign() -> Weight {
		Weight::from_parts(222_620_000, 0)
			.saturating_add(T::DbWeight::get().reads(21))
			.saturating_add(T::DbWeight::get().writes(17))
	}
	fn miss(n: u32) -> Weight {
		Weight::from_parts(74_759_335, 0)
			.saturating_add(Weight::from_parts(18_803_666, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().reads(6u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn assign_nothing() -> Weight {
		Weight::from_parts(3_576_000, 0).saturating_add(T::DbWeight::get().reads(1))
	}
}

/// The same over ParityDB, for tests.
impl WeightInfo for () {
	fn submit(r: u32) -> Weight {
		Weight::from_parts(372_545_413, 0)
			.saturating_add(Weight::from_parts(4_721_827, 0).saturating_mul(r.into()))
			.saturating_add(ParityDbWeight::get().reads(15))
			.saturating_add(ParityDbWeight::get().writes(13))
	}
	fn submit_child(p: u32) -> Weight {
		Weight::from_parts(354_279_000, 0)
			.saturating_add(Weight::from_parts(33_577_175, 0).saturating_mul(p.into()))
			.saturating_add(ParityDbWeight::get().reads(16))
			.saturating_add(ParityDbWeight::get().reads(1u64.saturating_mul(p.into())))
			.saturating_add(ParityDbWeight::get().writes(11))
			.saturating_add(ParityDbWeight::get().writes(2u64.saturating_mul(p.into())))
	}
	fn accept() -> Weight {
		Weight::from_parts(40_180_000, 0)
			.saturating_add(ParityDbWeight::get().reads(3))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
	fn decline() -> Weight {
		Weight::from_parts(283_891_000, 0)
			.saturating_add(ParityDbWeight::get().reads(17))
			.saturating_add(ParityDbWeight::get().writes(17))
	}
	fn cancel() -> Weight {
		Weight::from_parts(344_601_000, 0)
			.saturating_add(ParityDbWeight::get().reads(18))
			.saturating_add(ParityDbWeight::get().writes(18))
	}
	fn expire_waiting() -> Weight {
		Weight::from_parts(288_258_000, 0)
			.saturating_add(ParityDbWeight::get().reads(23))
			.saturating_add(ParityDbWeight::get().writes(40))
	}
	fn expire_queued(n: u32) -> Weight {
		Weight::from_parts(142_862_000, 0)
			.saturating_add(Weight::from_parts(25_886_780, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(10))
			.saturating_add(ParityDbWeight::get().reads(6u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(9))
	}
	fn expire_failed() -> Weight {
		Weight::from_parts(369_649_000, 0)
			.saturating_add(ParityDbWeight::get().reads(21))
			.saturating_add(ParityDbWeight::get().writes(22))
	}
	fn settle() -> Weight {
		Weight::from_parts(492_822_000, 0)
			.saturating_add(ParityDbWeight::get().reads(18))
			.saturating_add(ParityDbWeight::get().writes(17))
	}
	fn convict() -> Weight {
		Weight::from_parts(411_070_000, 0)
			.saturating_add(ParityDbWeight::get().reads(25))
			.saturating_add(ParityDbWeight::get().writes(23))
	}
	fn close_replica() -> Weight {
		Weight::from_parts(304_392_000, 0)
			.saturating_add(ParityDbWeight::get().reads(11))
			.saturating_add(ParityDbWeight::get().writes(17))
	}
	fn siblings() -> Weight {
		Weight::from_parts(77_525_000, 0).saturating_add(ParityDbWeight::get().reads(8))
	}
	fn orphan(p: u32) -> Weight {
		Weight::from_parts(9_150_538, 0)
			.saturating_add(Weight::from_parts(8_273_718, 0).saturating_mul(p.into()))
			.saturating_add(ParityDbWeight::get().reads(1u64.saturating_mul(p.into())))
			.saturating_add(ParityDbWeight::get().writes(2u64.saturating_mul(p.into())))
	}
	fn drop_record() -> Weight {
		Weight::from_parts(135_261_000, 0)
			.saturating_add(ParityDbWeight::get().reads(6))
			.saturating_add(ParityDbWeight::get().writes(7))
	}
	fn close_forfeited() -> Weight {
		Weight::from_parts(320_926_000, 0)
			.saturating_add(ParityDbWeight::get().reads(18))
			.saturating_add(ParityDbWeight::get().writes(9))
	}
	fn wake_one() -> Weight {
		Weight::from_parts(279_465_000, 0)
			.saturating_add(ParityDbWeight::get().reads(23))
			.saturating_add(ParityDbWeight::get().writes(40))
	}
	fn rearm() -> Weight {
		Weight::from_parts(13_120_000, 0)
			.saturating_add(ParityDbWeight::get().reads(1))
			.saturating_add(ParityDbWeight::get().writes(3))
	}
	fn sweep_block() -> Weight {
		Weight::from_parts(5_668_000, 0).saturating_add(ParityDbWeight::get().reads(1))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(9_865_000, 0).saturating_add(ParityDbWeight::get().writes(1))
	}
	fn assign() -> Weight {
		Weight::from_parts(222_620_000, 0)
			.saturating_add(ParityDbWeight::get().reads(21))
			.saturating_add(ParityDbWeight::get().writes(17))
	}
	fn miss(n: u32) -> Weight {
		Weight::from_parts(74_759_335, 0)
			.saturating_add(Weight::from_parts(18_803_666, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(3))
			.saturating_add(ParityDbWeight::get().reads(6u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(5))
	}
	fn assign_nothing() -> Weight {
		Weight::from_parts(3_576_000, 0).saturating_add(ParityDbWeight::get().reads(1))
	}
}
