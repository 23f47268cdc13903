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
		Weight::from_parts(306_023_049, 0)
			.saturating_add(Weight::from_parts(2_818_906, 0).saturating_mul(r.into()))
			.saturating_add(T::DbWeight::get().reads(16))
			.saturating_add(T::DbWeight::get().writes(14))
	}
	fn submit_child(p: u32) -> Weight {
		Weight::from_parts(309_040_514, 0)
			.saturating_add(Weight::from_parts(21_028_000, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(17))
			.saturating_add(T::DbWeight::get().reads(1u64.saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(12))
			.saturating_add(T::DbWeight::get().writes(2u64.saturating_mul(p.into())))
	}
	fn accept() -> Weight {
		Weight::from_parts(32_849_000, 0)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn decline() -> Weight {
		Weight::from_parts(235_878_000, 0)
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().writes(17))
	}
	fn cancel() -> Weight {
		Weight::from_parts(332_411_000, 0)
			.saturating_add(T::DbWeight::get().reads(20))
			.saturating_add(T::DbWeight::get().writes(20))
	}
	fn expire_waiting() -> Weight {
		Weight::from_parts(298_972_000, 0)
			.saturating_add(T::DbWeight::get().reads(25))
			.saturating_add(T::DbWeight::get().writes(42))
	}
	fn expire_queued(n: u32) -> Weight {
		Weight::from_parts(160_045_000, 0)
			.saturating_add(Weight::from_parts(24_281_819, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(12))
			.saturating_add(T::DbWeight::get().reads(6u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(11))
	}
	fn expire_failed() -> Weight {
		Weight::from_parts(250_925_000, 0)
			.saturating_add(T::DbWeight::get().reads(23))
			.saturating_add(T::DbWeight::get().writes(25))
	}
	fn settle() -> Weight {
		Weight::from_parts(330_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().writes(19))
	}
	fn convict() -> Weight {
		Weight::from_parts(420_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(26))
			.saturating_add(T::DbWeight::get().writes(27))
	}
	fn close_replica() -> Weight {
		Weight::from_parts(230_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(17))
			.saturating_add(T::DbWeight::get().writes(16))
	}
	fn siblings() -> Weight {
		Weight::from_parts(75_000_000, 0).saturating_add(T::DbWeight::get().reads(22))
	}
	fn orphan(p: u32) -> Weight {
		Weight::from_parts(6_008_000, 0)
			.saturating_add(Weight::from_parts(7_017_168, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(1u64.saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(2u64.saturating_mul(p.into())))
	}
	fn drop_record() -> Weight {
		Weight::from_parts(85_426_000, 0)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn close_forfeited() -> Weight {
		Weight::from_parts(219_804_000, 0)
			.saturating_add(T::DbWeight::get().reads(19))
			.saturating_add(T::DbWeight::get().writes(11))
	}
	fn wake_one() -> Weight {
		Weight::from_parts(287_024_000, 0)
			.saturating_add(T::DbWeight::get().reads(25))
			.saturating_add(T::DbWeight::get().writes(42))
	}
	fn rearm() -> Weight {
		Weight::from_parts(12_358_000, 0)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn sweep_block() -> Weight {
		Weight::from_parts(5_618_000, 0).saturating_add(T::DbWeight::get().reads(1))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(5_308_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
	fn assign() -> Weight {
		Weight::from_parts(205_956_000, 0)
			.saturating_add(T::DbWeight::get().reads(21))
			.saturating_add(T::DbWeight::get().writes(17))
	}
	fn miss(n: u32) -> Weight {
		Weight::from_parts(33_952_571, 0)
			.saturating_add(Weight::from_parts(20_356_384, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().reads(6u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn assign_nothing() -> Weight {
		Weight::from_parts(3_595_000, 0).saturating_add(T::DbWeight::get().reads(1))
	}
}

/// The same over ParityDB, for tests.
impl WeightInfo for () {
	fn submit(r: u32) -> Weight {
		Weight::from_parts(306_023_049, 0)
			.saturating_add(Weight::from_parts(2_818_906, 0).saturating_mul(r.into()))
			.saturating_add(ParityDbWeight::get().reads(16))
			.saturating_add(ParityDbWeight::get().writes(14))
	}
	fn submit_child(p: u32) -> Weight {
		Weight::from_parts(309_040_514, 0)
			.saturating_add(Weight::from_parts(21_028_000, 0).saturating_mul(p.into()))
			.saturating_add(ParityDbWeight::get().reads(17))
			.saturating_add(ParityDbWeight::get().reads(1u64.saturating_mul(p.into())))
			.saturating_add(ParityDbWeight::get().writes(12))
			.saturating_add(ParityDbWeight::get().writes(2u64.saturating_mul(p.into())))
	}
	fn accept() -> Weight {
		Weight::from_parts(32_849_000, 0)
			.saturating_add(ParityDbWeight::get().reads(3))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
	fn decline() -> Weight {
		Weight::from_parts(235_878_000, 0)
			.saturating_add(ParityDbWeight::get().reads(18))
			.saturating_add(ParityDbWeight::get().writes(17))
	}
	fn cancel() -> Weight {
		Weight::from_parts(332_411_000, 0)
			.saturating_add(ParityDbWeight::get().reads(20))
			.saturating_add(ParityDbWeight::get().writes(20))
	}
	fn expire_waiting() -> Weight {
		Weight::from_parts(298_972_000, 0)
			.saturating_add(ParityDbWeight::get().reads(25))
			.saturating_add(ParityDbWeight::get().writes(42))
	}
	fn expire_queued(n: u32) -> Weight {
		Weight::from_parts(160_045_000, 0)
			.saturating_add(Weight::from_parts(24_281_819, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(12))
			.saturating_add(ParityDbWeight::get().reads(6u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(11))
	}
	fn expire_failed() -> Weight {
		Weight::from_parts(250_925_000, 0)
			.saturating_add(ParityDbWeight::get().reads(23))
			.saturating_add(ParityDbWeight::get().writes(25))
	}
	fn settle() -> Weight {
		Weight::from_parts(330_000_000, 0)
			.saturating_add(ParityDbWeight::get().reads(18))
			.saturating_add(ParityDbWeight::get().writes(19))
	}
	fn convict() -> Weight {
		Weight::from_parts(420_000_000, 0)
			.saturating_add(ParityDbWeight::get().reads(26))
			.saturating_add(ParityDbWeight::get().writes(27))
	}
	fn close_replica() -> Weight {
		Weight::from_parts(230_000_000, 0)
			.saturating_add(ParityDbWeight::get().reads(17))
			.saturating_add(ParityDbWeight::get().writes(16))
	}
	fn siblings() -> Weight {
		Weight::from_parts(75_000_000, 0).saturating_add(ParityDbWeight::get().reads(22))
	}
	fn orphan(p: u32) -> Weight {
		Weight::from_parts(6_008_000, 0)
			.saturating_add(Weight::from_parts(7_017_168, 0).saturating_mul(p.into()))
			.saturating_add(ParityDbWeight::get().reads(1u64.saturating_mul(p.into())))
			.saturating_add(ParityDbWeight::get().writes(2u64.saturating_mul(p.into())))
	}
	fn drop_record() -> Weight {
		Weight::from_parts(85_426_000, 0)
			.saturating_add(ParityDbWeight::get().reads(5))
			.saturating_add(ParityDbWeight::get().writes(7))
	}
	fn close_forfeited() -> Weight {
		Weight::from_parts(219_804_000, 0)
			.saturating_add(ParityDbWeight::get().reads(19))
			.saturating_add(ParityDbWeight::get().writes(11))
	}
	fn wake_one() -> Weight {
		Weight::from_parts(287_024_000, 0)
			.saturating_add(ParityDbWeight::get().reads(25))
			.saturating_add(ParityDbWeight::get().writes(42))
	}
	fn rearm() -> Weight {
		Weight::from_parts(12_358_000, 0)
			.saturating_add(ParityDbWeight::get().reads(1))
			.saturating_add(ParityDbWeight::get().writes(3))
	}
	fn sweep_block() -> Weight {
		Weight::from_parts(5_618_000, 0).saturating_add(ParityDbWeight::get().reads(1))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(5_308_000, 0).saturating_add(ParityDbWeight::get().writes(1))
	}
	fn assign() -> Weight {
		Weight::from_parts(205_956_000, 0)
			.saturating_add(ParityDbWeight::get().reads(21))
			.saturating_add(ParityDbWeight::get().writes(17))
	}
	fn miss(n: u32) -> Weight {
		Weight::from_parts(33_952_571, 0)
			.saturating_add(Weight::from_parts(20_356_384, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(3))
			.saturating_add(ParityDbWeight::get().reads(6u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(5))
	}
	fn assign_nothing() -> Weight {
		Weight::from_parts(3_595_000, 0).saturating_add(ParityDbWeight::get().reads(1))
	}
}
