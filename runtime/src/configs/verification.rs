// SPDX-License-Identifier: Apache-2.0

//! How results are verified: those of clients' jobs and those of proofs of capacity, by the same pallet.

use super::calor::AuditPot;
use crate::{
	constants::{
		currency::{MILLI, UNIT},
		time::MILLISECS_PER_BLOCK,
	},
	AccountId, Balances, BlockNumber, BurnMint, Capacity, Jobs, Market, Providers, Runtime,
	RuntimeHoldReason, Stake, Verification,
};
use calor_primitives::{
	fault::Fault,
	job::CAPACITY_JOBS,
	traits::{Case, Lifecycle, Subject},
	JobId, H256,
};
use frame_support::{
	dispatch::DispatchResult,
	traits::{ConstU128, ConstU64, Get},
};
use frame_system::EnsureRoot;

/// Blocks from unbonding to withdrawal.
pub struct Unbonding;

impl Get<BlockNumber> for Unbonding {
	fn get() -> BlockNumber {
		pallet_stake::UnbondingPeriod::<Runtime>::get()
	}
}

/// Everything that is judged: by its number a job or a proof of capacity.
pub struct Judged;

impl Judged {
	const fn is_capacity(job: JobId) -> bool {
		job >= CAPACITY_JOBS
	}
}

impl Lifecycle for Judged {
	fn commit(
		job: JobId,
		worker: &AccountId,
		reveal_from: BlockNumber,
		reveal_by: BlockNumber,
	) -> DispatchResult {
		if Self::is_capacity(job) {
			<Capacity as Lifecycle>::commit(job, worker, reveal_from, reveal_by)
		} else {
			<Jobs as Lifecycle>::commit(job, worker, reveal_from, reveal_by)
		}
	}

	fn reschedule_reveal(
		job: JobId,
		reveal_from: BlockNumber,
		reveal_by: BlockNumber,
	) -> DispatchResult {
		if Self::is_capacity(job) {
			<Capacity as Lifecycle>::reschedule_reveal(job, reveal_from, reveal_by)
		} else {
			<Jobs as Lifecycle>::reschedule_reveal(job, reveal_from, reveal_by)
		}
	}

	fn reveal(job: JobId, worker: &AccountId, settles_at: BlockNumber) -> DispatchResult {
		if Self::is_capacity(job) {
			<Capacity as Lifecycle>::reveal(job, worker, settles_at)
		} else {
			<Jobs as Lifecycle>::reveal(job, worker, settles_at)
		}
	}

	fn postpone(job: JobId, settles_at: BlockNumber) -> DispatchResult {
		if Self::is_capacity(job) {
			<Capacity as Lifecycle>::postpone(job, settles_at)
		} else {
			<Jobs as Lifecycle>::postpone(job, settles_at)
		}
	}

	fn convict(
		job: JobId,
		fault: Fault,
		prover: Option<&AccountId>,
		evidence: H256,
	) -> DispatchResult {
		if Self::is_capacity(job) {
			<Capacity as Lifecycle>::convict(job, fault, prover, evidence)
		} else {
			<Jobs as Lifecycle>::convict(job, fault, prover, evidence)
		}
	}

	fn abandon(job: JobId, provider: &AccountId) {
		if Self::is_capacity(job) {
			<Capacity as Lifecycle>::abandon(job, provider);
		} else {
			<Jobs as Lifecycle>::abandon(job, provider);
		}
	}

	fn case(job: JobId) -> Option<Case> {
		if Self::is_capacity(job) {
			<Capacity as Lifecycle>::case(job)
		} else {
			<Jobs as Lifecycle>::case(job)
		}
	}

	fn subject(job: JobId) -> Option<Subject> {
		if Self::is_capacity(job) {
			<Capacity as Lifecycle>::subject(job)
		} else {
			<Jobs as Lifecycle>::subject(job)
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_running() -> (JobId, AccountId) {
		<Jobs as Lifecycle>::benchmark_running()
	}
}
