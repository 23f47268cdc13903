// SPDX-License-Identifier: Apache-2.0
//! Weights of `pallet_verification`, measured by `scripts/weights.sh` (20 steps, 20 repeats). Do not edit.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::ParityDbWeight, Weight},
};

/// Weight of each call and hook of this pallet.
pub trait WeightInfo {
	/// Weight of `commit`.
	fn commit() -> Weight;
	/// Weight of `reveal`.
	fn reveal() -> Weight;
	/// Weight of `set_windows`.
	fn set_windows() -> Weight;
	/// Weight of `enrol`.
	fn enrol() -> Weight;
	/// Weight of `claim_audit`.
	fn claim_audit() -> Weight;
	/// Weight of `audit_commit`.
	fn audit_commit() -> Weight;
	/// Weight of `audit_reveal`.
	fn audit_reveal() -> Weight;
	/// Weight of `demand`.
	fn demand() -> Weight;
	/// Weight of `answer`.
	fn answer() -> Weight;
	/// Weight of `report_silence`.
	fn report_silence() -> Weight;
	/// Weight of `commit_proof`.
	fn commit_proof() -> Weight;
	/// Weight of `prove_fraud`.
	fn prove_fraud() -> Weight;
	/// Weight of `withdraw_proof`.
	fn withdraw_proof() -> Weight;
	/// Weight of `draw_auditor`.
	fn draw_auditor() -> Weight;
	/// Weight of `note_seed`.
	fn note_seed() -> Weight;
	/// Weight of `make_round`.
	fn make_round(n: u32) -> Weight;
	/// Weight of `look`.
	fn look() -> Weight;
	/// Weight of `clear`.
	fn clear() -> Weight;
	/// Weight of `conclude`.
	fn conclude() -> Weight;
	/// Weight of `read_program`.
	fn read_program(o: u32) -> Weight;
	/// Weight of `check_hashes`.
	fn check_hashes(h: u32) -> Weight;
	/// Weight of `check_bytes`.
	fn check_bytes(b: u32) -> Weight;
	/// Weight of `recompute`.
	fn recompute(m: u32) -> Weight;
	/// Weight of `check_ticket`.
	fn check_ticket() -> Weight;
}

/// Measured weights over the database of the runtime.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn commit() -> Weight {
		Weight::from_parts(266_095_000, 0)
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().writes(21))
	}
	fn reveal() -> Weight {
		Weight::from_parts(192_045_000, 0)
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(10_266_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn enrol() -> Weight {
		Weight::from_parts(27_281_000, 0)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn claim_audit() -> Weight {
		Weight::from_parts(207_648_000, 0)
			.saturating_add(T::DbWeight::get().reads(17))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn audit_commit() -> Weight {
		Weight::from_parts(66_068_000, 0)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn audit_reveal() -> Weight {
		Weight::from_parts(167_028_000, 0)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn demand() -> Weight {
		Weight::from_parts(1_029_658_000, 0)
			.saturating_add(T::DbWeight::get().reads(14))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn answer() -> Weight {
		Weight::from_parts(1_151_538_000, 0)
			.saturating_add(T::DbWeight::get().reads(14))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	fn report_silence() -> Weight {
		Weight::from_parts(638_217_000, 0)
			.saturating_add(T::DbWeight::get().reads(50))
			.saturating_add(T::DbWeight::get().writes(48))
	}
	fn commit_proof() -> Weight {
		Weight::from_parts(242_059_000, 0)
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn prove_fraud() -> Weight {
		Weight::from_parts(1_109_856_000, 0)
			.saturating_add(T::DbWeight::get().reads(76))
			.saturating_add(T::DbWeight::get().writes(79))
	}
	fn withdraw_proof() -> Weight {
		Weight::from_parts(96_894_000, 0)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	fn draw_auditor() -> Weight {
		Weight::from_parts(1_790_497_000, 0)
			.saturating_add(T::DbWeight::get().reads(114))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	fn note_seed() -> Weight {
		Weight::from_parts(7_662_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn make_round(n: u32) -> Weight {
		Weight::from_parts(77_372_939, 0)
			.saturating_add(Weight::from_parts(18_106_628, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().reads(3u64.saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(6))
			.saturating_add(T::DbWeight::get().writes(1u64.saturating_mul(n.into())))
	}
	fn look() -> Weight {
		Weight::from_parts(14_041_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	fn clear() -> Weight {
		Weight::from_parts(123_824_000, 0)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	fn conclude() -> Weight {
		Weight::from_parts(272_925_000, 0)
			.saturating_add(T::DbWeight::get().reads(15))
			.saturating_add(T::DbWeight::get().writes(13))
	}
	fn read_program(o: u32) -> Weight {
		Weight::from_parts(516_655_963, 0)
			.saturating_add(Weight::from_parts(1_120_714, 0).saturating_mul(o.into()))
			.saturating_add(T::DbWeight::get().reads(3))
	}
	fn check_hashes(h: u32) -> Weight {
		Weight::from_parts(912_929_947, 0)
			.saturating_add(Weight::from_parts(2_934_252, 0).saturating_mul(h.into()))
	}
	fn check_bytes(b: u32) -> Weight {
		Weight::from_parts(638_239_610, 0)
			.saturating_add(Weight::from_parts(26_940_403, 0).saturating_mul(b.into()))
	}
	fn recompute(m: u32) -> Weight {
		Weight::from_parts(1_692_122_174, 0)
			.saturating_add(Weight::from_parts(274_824_666, 0).saturating_mul(m.into()))
	}
	fn check_ticket() -> Weight {
		Weight::from_parts(520_473_000, 0)
	}
}

/// The same over ParityDB, for tests.
impl WeightInfo for () {
	fn commit() -> Weight {
		Weight::from_parts(266_095_000, 0)
			.saturating_add(ParityDbWeight::get().reads(18))
			.saturating_add(ParityDbWeight::get().writes(21))
	}
	fn reveal() -> Weight {
		Weight::from_parts(192_045_000, 0)
			.saturating_add(ParityDbWeight::get().reads(11))
			.saturating_add(ParityDbWeight::get().writes(6))
	}
	fn set_windows() -> Weight {
		Weight::from_parts(10_266_000, 0)
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
	fn enrol() -> Weight {
		Weight::from_parts(27_281_000, 0)
			.saturating_add(ParityDbWeight::get().reads(4))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
	fn claim_audit() -> Weight {
		Weight::from_parts(207_648_000, 0)
			.saturating_add(ParityDbWeight::get().reads(17))
			.saturating_add(ParityDbWeight::get().writes(5))
	}
	fn audit_commit() -> Weight {
		Weight::from_parts(66_068_000, 0)
			.saturating_add(ParityDbWeight::get().reads(5))
			.saturating_add(ParityDbWeight::get().writes(2))
	}
	fn audit_reveal() -> Weight {
		Weight::from_parts(167_028_000, 0)
			.saturating_add(ParityDbWeight::get().reads(8))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
	fn demand() -> Weight {
		Weight::from_parts(1_029_658_000, 0)
			.saturating_add(ParityDbWeight::get().reads(14))
			.saturating_add(ParityDbWeight::get().writes(5))
	}
	fn answer() -> Weight {
		Weight::from_parts(1_151_538_000, 0)
			.saturating_add(ParityDbWeight::get().reads(14))
			.saturating_add(ParityDbWeight::get().writes(6))
	}
	fn report_silence() -> Weight {
		Weight::from_parts(638_217_000, 0)
			.saturating_add(ParityDbWeight::get().reads(50))
			.saturating_add(ParityDbWeight::get().writes(48))
	}
	fn commit_proof() -> Weight {
		Weight::from_parts(242_059_000, 0)
			.saturating_add(ParityDbWeight::get().reads(11))
			.saturating_add(ParityDbWeight::get().writes(4))
	}
	fn prove_fraud() -> Weight {
		Weight::from_parts(1_109_856_000, 0)
			.saturating_add(ParityDbWeight::get().reads(76))
			.saturating_add(ParityDbWeight::get().writes(79))
	}
	fn withdraw_proof() -> Weight {
		Weight::from_parts(96_894_000, 0)
			.saturating_add(ParityDbWeight::get().reads(6))
			.saturating_add(ParityDbWeight::get().writes(4))
	}
	fn draw_auditor() -> Weight {
		Weight::from_parts(1_790_497_000, 0)
			.saturating_add(ParityDbWeight::get().reads(114))
			.saturating_add(ParityDbWeight::get().writes(3))
	}
	fn note_seed() -> Weight {
		Weight::from_parts(7_662_000, 0)
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
	fn make_round(n: u32) -> Weight {
		Weight::from_parts(77_372_939, 0)
			.saturating_add(Weight::from_parts(18_106_628, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(7))
			.saturating_add(ParityDbWeight::get().reads(3u64.saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(6))
			.saturating_add(ParityDbWeight::get().writes(1u64.saturating_mul(n.into())))
	}
	fn look() -> Weight {
		Weight::from_parts(14_041_000, 0)
			.saturating_add(ParityDbWeight::get().reads(2))
			.saturating_add(ParityDbWeight::get().writes(1))
	}
	fn clear() -> Weight {
		Weight::from_parts(123_824_000, 0)
			.saturating_add(ParityDbWeight::get().reads(9))
			.saturating_add(ParityDbWeight::get().writes(5))
	}
	fn conclude() -> Weight {
		Weight::from_parts(272_925_000, 0)
			.saturating_add(ParityDbWeight::get().reads(15))
			.saturating_add(ParityDbWeight::get().writes(13))
	}
	fn read_program(o: u32) -> Weight {
		Weight::from_parts(516_655_963, 0)
			.saturating_add(Weight::from_parts(1_120_714, 0).saturating_mul(o.into()))
			.saturating_add(ParityDbWeight::get().reads(3))
	}
	fn check_hashes(h: u32) -> Weight {
		Weight::from_parts(912_929_947, 0)
			.saturating_add(Weight::from_parts(2_934_252, 0).saturating_mul(h.into()))
	}
	fn check_bytes(b: u32) -> Weight {
		Weight::from_parts(638_239_610, 0)
			.saturating_add(Weight::from_parts(26_940_403, 0).saturating_mul(b.into()))
	}
	fn recompute(m: u32) -> Weight {
		Weight::from_parts(1_692_122_174, 0)
			.saturating_add(Weight::from_parts(274_824_666, 0).saturating_mul(m.into()))
	}
	fn check_ticket() -> Weight {
		Weight::from_parts(520_473_000, 0)
	}
}
