// SPDX-License-Identifier: Apache-2.0
//! Ledgers of stake, slashes that wait, and what is remembered of faults.

use calor_primitives::{fault::Fault, AccountId, Balance, BlockNumber, JobId, H256};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	traits::Get, BoundedVec, CloneNoBound, DebugNoBound, DefaultNoBound, EqNoBound,
	PartialEqNoBound,
};
use scale_info::TypeInfo;
use sp_runtime::{ArithmeticError, Perbill};

/// Number of a slash that waits, counted from 1.
pub type SlashId = u64;

/// What stake is bonded for.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Role {
	/// Running jobs.
	Provider,
	/// Authoring blocks.
	Validator,
}

impl Role {
	/// Both roles.
	pub const ALL: [Self; 2] = [Self::Provider, Self::Validator];
}

/// Stake on its way out.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Chunk {
	/// How much, in planck.
	pub amount: Balance,
	/// Height from which it can be withdrawn.
	pub at: BlockNumber,
}

/// Stake of one account for one role.
#[derive(
	CloneNoBound,
	DebugNoBound,
	DefaultNoBound,
	PartialEqNoBound,
	EqNoBound,
	Encode,
	Decode,
	MaxEncodedLen,
	TypeInfo,
)]
#[scale_info(skip_type_params(MaxChunks))]
pub struct StakeLedger<MaxChunks: Get<u32>> {
	/// Bonded, in planck.
	pub active: Balance,
	/// The part of `active` that stands behind open jobs or waits to be slashed for ended ones, in planck.
	pub earmarked: Balance,
	/// Leaving, oldest first.
	pub unbonding: BoundedVec<Chunk, MaxChunks>,
	/// The slash that is to take everything. While it waits nothing leaves, nothing is added and nothing is earmarked.
	pub forfeiture: Option<SlashId>,
}

impl<MaxChunks: Get<u32>> StakeLedger<MaxChunks> {
	/// Bonded stake that neither a job nor a slash holds, in planck.
	pub fn free(&self) -> Balance {
		match self.forfeiture {
			Some(_) => 0,
			None => self.active.saturating_sub(self.earmarked),
		}
	}

	/// Everything that is held for this ledger, in planck.
	pub fn held(&self) -> Balance {
		self.unbonding.iter().fold(self.active, |sum, chunk| sum.saturating_add(chunk.amount))
	}

	/// Frees so much of what is earmarked.
	pub(crate) fn unmark(&mut self, amount: Balance) -> Result<(), ArithmeticError> {
		self.earmarked = self.earmarked.checked_sub(amount).ok_or(ArithmeticError::Underflow)?;
		Ok(())
	}

	/// Takes so much of what is earmarked out of the ledger.
	pub(crate) fn take_marked(&mut self, amount: Balance) -> Result<(), ArithmeticError> {
		self.unmark(amount)?;
		self.active = self.active.checked_sub(amount).ok_or(ArithmeticError::Underflow)?;
		Ok(())
	}
}

/// A slash, from the fault until it acts.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct PendingSlash {
	/// Of which stake.
	pub role: Role,
	/// Whose.
	pub who: AccountId,
	/// The job that was failed; `None` if the slash takes all stake.
	pub job: Option<JobId>,
	/// What was done.
	pub fault: Fault,
	/// How much, in planck. Of a slash that takes all stake: what was held when it was deferred; it takes what is held
	/// when it acts.
	pub amount: Balance,
	/// Whose job failed.
	pub client: Option<AccountId>,
	/// Who showed the fault.
	pub prover: Option<AccountId>,
	/// Hash of what shows the fault.
	pub evidence: H256,
	/// Height from which it acts. Until then governance can cancel it.
	pub applies_at: BlockNumber,
	/// Hash of what its owner holds against it.
	pub appeal: Option<H256>,
}

/// What the agenda has for a height.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub enum Due {
	/// A slash acts.
	Slash(SlashId),
	/// The faults of an account that has left are forgotten.
	Forget(AccountId),
}

/// Why an account never takes part again.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Exclusion {
	/// What it did.
	pub fault: Fault,
	/// Hash of what shows it.
	pub evidence: H256,
	/// Height since when.
	pub at: BlockNumber,
}

/// Faults over jobs within the memory of the pallet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Faults {
	/// How many in a row, none further from the last than the memory.
	pub count: u32,
	/// Height of the last.
	pub last: BlockNumber,
}

/// How a provider stands with its faults, for readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct FaultView {
	/// Faults that are not forgotten.
	pub count: u32,
	/// What the next failure to deliver would cost, of the earmark of the job.
	pub next_no_show: Perbill,
}
