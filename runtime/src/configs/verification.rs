// SPDX-License-Identifier: Apache-2.0

//! How results are verified: those of clients' jobs and those of proofs of capacity, by the same pallet.

use super::{calor::AuditPot, money::Liquid, system::RuntimeBlockWeights};
use crate::{
	constants::{
		currency::{BYTE_FEE, MILLI, UNIT},
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
	parameter_types,
	traits::{ConstU128, ConstU64, Get},
	weights::Weight,
};
use frame_system::EnsureRoot;

/// Blocks from unbonding to withdrawal.
pub struct Unbonding;

impl Get<BlockNumber> for Unbonding {
	fn get() -> BlockNumber {
		pallet_stake::UnbondingPeriod::<Runtime>::get()
	}
}

/// Most blocks that the computation of a job can take: no client can grant more time for it.
pub struct MostComputing;

impl Get<BlockNumber> for MostComputing {
	fn get() -> BlockNumber {
		pallet_jobs::CurrentWindows::<Runtime>::get().deliver_max
	}
}

parameter_types! {
	/// A twentieth of a block: a round of proofs must not keep jobs from room.
	pub RoundWeight: Weight = RuntimeBlockWeights::get().max_block.div(20);
}

impl pallet_verification::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Liquidity = Liquid;
	type Jobs = Judged;
	type Providers = Providers;
	type Collateral = Stake;
	type Burns = BurnMint;
	type AuditPay = BurnMint;
	type AuditPot = AuditPot;
	type Randomness = pallet_babe::ParentBlockRandomness<Runtime>;
	type Unbonding = Unbonding;
	type MostComputing = MostComputing;
	type DemandBase = ConstU128<{ 10 * MILLI }>;
	// What an answer's bytes would cost as a transaction.
	type DemandPerByte = ConstU128<BYTE_FEE>;
	type ProofDeposit = ConstU128<UNIT>;
	type Governance = EnsureRoot<AccountId>;
	type WeightInfo = pallet_verification::weights::SubstrateWeight<Runtime>;
}

impl pallet_capacity::Config for Runtime {
	type Providers = Providers;
	type Collateral = Stake;
	type Tariff = Market;
	type Evidence = Verification;
	type Randomness = pallet_babe::ParentBlockRandomness<Runtime>;
	type Governance = EnsureRoot<AccountId>;
	type MillisecsPerBlock = ConstU64<MILLISECS_PER_BLOCK>;
	type RoundWeight = RoundWeight;
	type WeightInfo = pallet_capacity::weights::SubstrateWeight<Runtime>;
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
