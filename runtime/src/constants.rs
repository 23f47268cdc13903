// SPDX-License-Identifier: Apache-2.0

//! Numbers that the whole runtime agrees on: money, time, consensus.
//! Everything here is a constant of the chain; what governance may change lives in the pallets.
//! Amounts are in planck (10^-12 CAL), times in blocks unless the name says milliseconds.

/// Money.
pub mod currency {
	use crate::Balance;

	/// One CAL in planck, and what exists in block 0: every preset has to issue exactly that much.
	pub use calor_primitives::money::{GENESIS as GENESIS_ISSUANCE, UNIT};

	/// A thousandth of a CAL.
	pub const MILLI: Balance = UNIT / 1_000;
	/// A millionth of a CAL.
	pub const MICRO: Balance = MILLI / 1_000;

	/// An account holding less than this is removed, so that dust cannot fill the state.
	///
	/// Below the least that a provider can be paid, a quarter of the least price less its burn, so that a payment always
	/// arrives.
	pub const EXISTENTIAL_DEPOSIT: Balance = MILLI;

	/// Deposit for `items` storage entries holding `bytes` bytes together. It is given back when they are removed, so
	/// it only has to make *keeping* state dear, not using it.
	pub const fn deposit(items: u32, bytes: u32) -> Balance {
		(items as Balance)
			.saturating_mul(20 * MILLI)
			.saturating_add((bytes as Balance).saturating_mul(100 * MICRO))
	}

	/// Fee of one picosecond of weight: 2 CAL for filling a second. With the bytes, a transfer costs about 0.001 CAL.
	pub const WEIGHT_FEE: Balance = 2;
	/// Fee of one byte of transaction: about 1 CAL a MiB.
	pub const BYTE_FEE: Balance = MICRO;
}

/// Time.
pub mod time {
	use crate::BlockNumber;

	/// Milliseconds between two blocks, which is also BABE's slot.
	pub const MILLISECS_PER_BLOCK: u64 = 2_000;
	/// Length of a BABE slot. Changing it after genesis stops the chain.
	pub const SLOT_DURATION: u64 = MILLISECS_PER_BLOCK;

	/// Blocks in a minute.
	pub const MINUTES: BlockNumber = 60_000 / (MILLISECS_PER_BLOCK as BlockNumber);
	/// Blocks in an hour.
	pub const HOURS: BlockNumber = MINUTES * 60;
	/// Blocks in a day.
	pub const DAYS: BlockNumber = HOURS * 24;

	/// Length of a session: BABE's epoch, five minutes. Changing it after genesis stops the chain.
	pub const EPOCH_DURATION_IN_BLOCKS: BlockNumber = 150;

	/// Sessions of which the chain remembers who was a validator. An equivocation can be proved for that long, so a
	/// validator's stake must not be free before: 28 days.
	pub const EVIDENCE_SESSIONS: u32 = 28 * DAYS / EPOCH_DURATION_IN_BLOCKS;
}

/// Consensus.
pub mod consensus {
	use sp_consensus_babe::{AllowedSlots, BabeEpochConfiguration};

	/// Share of slots that somebody wins by VRF. The others go to the secondary author.
	pub const PRIMARY_PROBABILITY: (u64, u64) = (1, 4);

	/// BABE's configuration at genesis. Secondary slots carry a VRF as well: the audit lottery and the assignment of
	/// jobs live on this randomness, so every block has to bring some.
	pub const BABE_GENESIS_EPOCH_CONFIG: BabeEpochConfiguration = BabeEpochConfiguration {
		c: PRIMARY_PROBABILITY,
		allowed_slots: AllowedSlots::PrimaryAndSecondaryVRFSlots,
	};
}
