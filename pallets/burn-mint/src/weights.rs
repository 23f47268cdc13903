// SPDX-License-Identifier: Apache-2.0
//! Weights of `pallet_burn_mint`, measured by `scripts/weights.sh` (20 steps, 20 repeats). Do not edit.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::ParityDbWeight, Weight},
};

/// Weight of each call and hook of this pallet.
pub trait WeightInfo {
	/// Weight of `buy_credits`.
	fn buy_credits() -> Weight;
	/// Weight of `refund_credits`.
	fn refund_credits() -> Weight;
	/// Weight of `claim`.
	fn claim(n: u32) -> Weight;
	/// Weight of `claim_for`.
	fn claim_for(n: u32) -> Weight;
	/// Weight of `set_windows`.
	fn set_windows() -> Weight;
	/// Weight of `wait`.
	fn wait() -> Weight;
	/// Weight of `end_epoch`.
	fn end_epoch() -> Weight;
	/// Weight of `count_capacity`.
	fn count_capacity(n: u32) -> Weight;
	/// Weight of `count_work`.
	fn count_work(n: u32) -> Weight;
	/// Weight of `set_terms`.
	fn set_terms() -> Weight;
	/// Weight of `pay_providers`.
	fn pay_providers(n: u32) -> Weight;
	/// Weight of `pay_validators`.
	fn pay_validators(n: u32) -> Weight;
	/// Weight of `pay_auditors`.
	fn pay_auditors(n: u32) -> Weight;
	/// Weight of `tidy_groups`.
	fn tidy_groups(n: u32) -> Weight;
	/// Weight of `finish_close`.
	fn finish_close() -> Weight;
	/// Weight of `clean_rewards`.
	fn clean_rewards(n: u32) -> Weight;
}

/// Measured weights over the database of the runtime.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn buy_credits() -> Weight {
		Weight::from_parts(98_747_000, 0)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn refund_credits() -> Weight {
		Weight::from_parts(88_692_000, 0)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn claim(n: u32) -> Weight {
		Weight::from_parts(343_020_666, 0)
			.saturating_add(Weight::from_parts(12_216_417, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(89))
			.saturating_add(T::DbWeight::get().reads(1u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(3))
			.saturating_add(T::DbWeight::get().writes(2u64.saturating_mul(n.into())))
	}
	fn claim_for(n: u32) -> Weight {
		Weight::from_parts(152_276_000, 0)
			.saturating_add(Weight::from_parts(69_699_827, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().reads(4u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(5))
			.saturating_add(T::DbWeight::get().writes(3u64.saturating_mul(n.into())))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(11_176_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
	fn wait() -> Weight {
		Weight::from_parts(5_799_000, 0).saturating_add(T::DbWeight::get().reads(3))
	}
	fn end_epoch() -> Weight {
		Weight::from_parts(24_196_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn count_capacity(n: u32) -> Weight {
		Weight::from_parts(44_075_000, 0)
			.saturating_add(Weight::from_parts(39_622_126, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().reads(7u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(T::DbWeight::get().writes(3u64.saturating_mul(n.into())))
	}
	fn count_work(n: u32) -> Weight {
		Weight::from_parts(27_290_000, 0)
			.saturating_add(Weight::from_parts(36_301_433, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().reads(6u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(T::DbWeight::get().writes(3u64.saturating_mul(n.into())))
	}
	fn set_terms() -> Weight {
		Weight::from_parts(40_330_000, 0)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn pay_providers(n: u32) -> Weight {
		Weight::from_parts(271_173_800, 0)
			.saturating_add(Weight::from_parts(16_802_377, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().reads(3u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(T::DbWeight::get().writes(3u64.saturating_mul(n.into())))
	}
	fn pay_validators(n: u32) -> Weight {
		Weight::from_parts(15_533_000, 0)
			.saturating_add(Weight::from_parts(15_344_321, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().reads(2u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(T::DbWeight::get().writes(2u64.saturating_mul(n.into())))
	}
	fn pay_auditors(n: u32) -> Weight {
		Weight::from_parts(15_934_000, 0)
			.saturating_add(Weight::from_parts(12_708_182, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().reads(2u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(T::DbWeight::get().writes(2u64.saturating_mul(n.into())))
	}
	fn tidy_groups(n: u32) -> Weight {
		Weight::from_parts(22_074_438, 0)
			.saturating_add(Weight::from_parts(3_606_297, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(1u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(T::DbWeight::get().writes(1u64.saturating_mul(n.into())))
	}
	fn finish_close() -> Weight {
		Weight::from_parts(21_462_000, 0)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(7))
	}
	fn clean_rewards(n: u32) -> Weight {
		Weight::from_parts(41_439_562, 0)
			.saturating_add(Weight::from_parts(10_590_029, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().reads(2u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(2u64.saturating_mul(n.into())))
	}
}

/// The same over ParityDB, for tests.
impl WeightInfo for () {
	fn buy_credits() -> Weight {
		Weight::from_parts(98_747_000, 0)
			.saturating_add(ParityDbWeight::get().reads(5))
			.saturating_add(ParityDbWeight::get().writes(4))
	}
	fn refund_credits() -> Weight {
		Weight::from_parts(88_692_000, 0)
			.saturating_add(ParityDbWeight::get().reads(3))
			.saturating_add(ParityDbWeight::get().writes(3))
	}
	fn claim(n: u32) -> Weight {
		Weight::from_parts(343_020_666, 0)
			.saturating_add(Weight::from_parts(12_216_417, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(89))
			.saturating_add(ParityDbWeight::get().reads(1u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(3))
			.saturating_add(ParityDbWeight::get().writes(2u64.saturating_mul(n.into())))
	}
	fn claim_for(n: u32) -> Weight {
		Weight::from_parts(152_276_000, 0)
			.saturating_add(Weight::from_parts(69_699_827, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(6))
			.saturating_add(ParityDbWeight::get().reads(4u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(5))
			.saturating_add(ParityDbWeight::get().writes(3u64.saturating_mul(n.into())))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(11_176_000, 0).saturating_add(ParityDbWeight::get().writes(1))
	}
	fn wait() -> Weight {
		Weight::from_parts(5_799_000, 0).saturating_add(ParityDbWeight::get().reads(3))
	}
	fn end_epoch() -> Weight {
		Weight::from_parts(24_196_000, 0)
			.saturating_add(ParityDbWeight::get().reads(4))
			.saturating_add(ParityDbWeight::get().writes(5))
	}
	fn count_capacity(n: u32) -> Weight {
		Weight::from_parts(44_075_000, 0)
			.saturating_add(Weight::from_parts(39_622_126, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(1))
			.saturating_add(ParityDbWeight::get().reads(7u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(1))
			.saturating_add(ParityDbWeight::get().writes(3u64.saturating_mul(n.into())))
	}
	fn count_work(n: u32) -> Weight {
		Weight::from_parts(27_290_000, 0)
			.saturating_add(Weight::from_parts(36_301_433, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(1))
			.saturating_add(ParityDbWeight::get().reads(6u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(1))
			.saturating_add(ParityDbWeight::get().writes(3u64.saturating_mul(n.into())))
	}
	fn set_terms() -> Weight {
		Weight::from_parts(40_330_000, 0)
			.saturating_add(ParityDbWeight::get().reads(7))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
	fn pay_providers(n: u32) -> Weight {
		Weight::from_parts(271_173_800, 0)
			.saturating_add(Weight::from_parts(16_802_377, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(1))
			.saturating_add(ParityDbWeight::get().reads(3u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(1))
			.saturating_add(ParityDbWeight::get().writes(3u64.saturating_mul(n.into())))
	}
	fn pay_validators(n: u32) -> Weight {
		Weight::from_parts(15_533_000, 0)
			.saturating_add(Weight::from_parts(15_344_321, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(1))
			.saturating_add(ParityDbWeight::get().reads(2u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(1))
			.saturating_add(ParityDbWeight::get().writes(2u64.saturating_mul(n.into())))
	}
	fn pay_auditors(n: u32) -> Weight {
		Weight::from_parts(15_934_000, 0)
			.saturating_add(Weight::from_parts(12_708_182, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(1))
			.saturating_add(ParityDbWeight::get().reads(2u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(1))
			.saturating_add(ParityDbWeight::get().writes(2u64.saturating_mul(n.into())))
	}
	fn tidy_groups(n: u32) -> Weight {
		Weight::from_parts(22_074_438, 0)
			.saturating_add(Weight::from_parts(3_606_297, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(1u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(1))
			.saturating_add(ParityDbWeight::get().writes(1u64.saturating_mul(n.into())))
	}
	fn finish_close() -> Weight {
		Weight::from_parts(21_462_000, 0)
			.saturating_add(ParityDbWeight::get().reads(5))
			.saturating_add(ParityDbWeight::get().writes(7))
	}
	fn clean_rewards(n: u32) -> Weight {
		Weight::from_parts(41_439_562, 0)
			.saturating_add(Weight::from_parts(10_590_029, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(1))
			.saturating_add(ParityDbWeight::get().reads(2u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(2u64.saturating_mul(n.into())))
	}
}
