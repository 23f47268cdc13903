// SPDX-License-Identifier: Apache-2.0
//! The pallets, wired as in the real runtime, over a chain without consensus.

use crate::genesis::COMPUTING;
use calor_primitives::{
	fault::Fault,
	group::Group,
	job::CAPACITY_JOBS,
	money,
	traits::{Case, Lifecycle, Liquidity, OwnerGroups, Subject},
	AccountId, Balance, BlockNumber, JobId, H256,
};
use codec::Encode;
use frame_support::{
	derive_impl,
	dispatch::DispatchResult,
	parameter_types,
	traits::{
		fungible::HoldConsideration, ConstU128, ConstU32, ConstU64, Get, LinearStoragePrice, Time,
	},
	weights::Weight,
};
use frame_system::EnsureRoot;
use pallet_burn_mint::fees::BurnDust;
use sp_runtime::{traits::AccountIdConversion, Perbill};

pub type Block = frame_system::mocking::MockBlockU32<Runtime>;

#[frame_support::runtime]
mod construct {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Runtime;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type Programs = pallet_programs;
	#[runtime::pallet_index(3)]
	pub type Stake = pallet_stake;
	#[runtime::pallet_index(4)]
	pub type Providers = pallet_providers;
	#[runtime::pallet_index(5)]
	pub type Market = pallet_market;
	#[runtime::pallet_index(6)]
	pub type BurnMint = pallet_burn_mint;
	#[runtime::pallet_index(7)]
	pub type Jobs = pallet_jobs;
	#[runtime::pallet_index(8)]
	pub type Verification = pallet_verification;
	#[runtime::pallet_index(9)]
	pub type Disclosure = pallet_disclosure;
	#[runtime::pallet_index(10)]
	pub type Capacity = pallet_capacity;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Runtime {
	type Block = Block;
	type AccountId = AccountId;
	type Lookup = sp_runtime::traits::IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<Balance>;
	type BlockHashCount = ConstU32<1_000_000>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Runtime {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<{ money::UNIT / 1_000 }>;
	type AccountStore = System;
	type DustRemoval = BurnDust<Runtime, Balances>;
}

parameter_types! {
	pub const ProgramHold: RuntimeHoldReason =
		RuntimeHoldReason::Programs(pallet_programs::HoldReason::Program);
}

impl pallet_programs::Config for Runtime {
	type Consideration = HoldConsideration<
		AccountId,
		Balances,
		ProgramHold,
		LinearStoragePrice<
			ConstU128<{ money::UNIT / 10 }>,
			ConstU128<{ money::UNIT / 10_000 }>,
			Balance,
		>,
	>;
	type WeightInfo = ();
}

/// What is neither locked nor needed to keep the account alive.
pub struct Liquid;

impl Liquidity for Liquid {
	fn liquid(who: &AccountId) -> Balance {
		let account = System::account(who).data;
		account.free.saturating_sub(account.frozen.max(money::UNIT / 1_000))
	}
}

/// The longest time in which a result can be disputed.
pub struct LongestDispute;

impl Get<BlockNumber> for LongestDispute {
	fn get() -> BlockNumber {
		pallet_verification::CurrentWindows::<Runtime>::get().longest_dispute(COMPUTING)
	}
}

impl pallet_stake::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Burns = BurnMint;
	type Liquidity = Liquid;
	type OnForfeit = (Providers, Jobs);
	type Rewards = BurnMint;
	type Governance = EnsureRoot<AccountId>;
	type LongestDispute = LongestDispute;
	type MinBond = ConstU128<{ 100 * money::UNIT }>;
	type MaxChunks = ConstU32<4>;
	type FaultMemory = ConstU32<1_000>;
	type WeightInfo = ();
}

impl pallet_providers::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Liquidity = Liquid;
	type Collateral = Stake;
	type Standing = Disclosure;
	type Jobs = Jobs;
	type Deposit = ConstU128<{ money::UNIT / 10 }>;
	type JailPeriod = ConstU32<50>;
	type Governance = EnsureRoot<AccountId>;
	type WeightInfo = ();
}

parameter_types! {
	/// Identities of the stories: heads of groups by member, and the heads that are attested.
	pub storage GroupHeads: Vec<(AccountId, AccountId)> = Vec::new();
	pub storage Attested: Vec<AccountId> = Vec::new();
	pub const Threshold: Perbill = Perbill::from_percent(2);
}

/// Owner groups as stories make them.
pub struct Groups;

impl OwnerGroups for Groups {
	fn group_of(account: &AccountId) -> Group {
		let heads = GroupHeads::get();
		let head =
			heads.into_iter().find_map(|(member, head)| (member == *account).then_some(head));
		let head = head.unwrap_or_else(|| account.clone());
		Group { attested: Attested::get().contains(&head), head }
	}
}

impl pallet_disclosure::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Liquidity = Liquid;
	type Burns = BurnMint;
	type Groups = Groups;
	type Capacity = Providers;
	type Collateral = Stake;
	type Governance = EnsureRoot<AccountId>;
	type FilingDeposit = ConstU128<{ money::UNIT }>;
	type MaxPage = ConstU32<2>;
	type Threshold = Threshold;
	type AverageEpochs = ConstU32<3>;
	type WeightInfo = ();
}

/// Milliseconds from one block to the next.
pub const BLOCK_MS: u64 = 2_000;

parameter_types! {
	/// By how much the clock is ahead of the height, in milliseconds: stories let it jump.
	pub storage ClockOffset: u64 = 0;
	/// The account that gets the treasury's part and pays feeders; nobody has its key.
	pub Treasury: AccountId = frame_support::PalletId(*b"calor/tr").into_account_truncating();
}

/// A clock that follows the height.
pub struct Clock;

impl Time for Clock {
	type Moment = u64;

	fn now() -> u64 {
		u64::from(System::block_number()) * BLOCK_MS + ClockOffset::get()
	}
}

impl pallet_market::Config for Runtime {
	type Currency = Balances;
	type Usage = Providers;
	type Time = Clock;
	type Treasury = Treasury;
	type Governance = EnsureRoot<AccountId>;
	type WeightInfo = ();
}

parameter_types! {
	pub AuditPot: AccountId = frame_support::PalletId(*b"calor/au").into_account_truncating();
	/// A tenth of a block, as on a public chain. Stories make it less, so that a close takes many blocks.
	pub storage CloseWeight: Weight = Weight::from_parts(100_000_000_000, u64::MAX);
}

impl pallet_burn_mint::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type AuditPot = AuditPot;
	type Cap = ConstU128<{ money::CAP }>;
	type Liquidity = Liquid;
	type Rates = Market;
	type Attendance = Providers;
	type Standings = Disclosure;
	type Treasury = Treasury;
	type MillisecsPerBlock = ConstU64<BLOCK_MS>;
	type CloseWeight = CloseWeight;
	type Governance = EnsureRoot<AccountId>;
	type WeightInfo = ();
}

/// Randomness that follows from the height, so that stories can be told twice.
pub struct HeightRandomness;

impl frame_support::traits::Randomness<Option<H256>, BlockNumber> for HeightRandomness {
	fn random(subject: &[u8]) -> (Option<H256>, BlockNumber) {
		let height = System::block_number();
		let seed = (subject, height).using_encoded(sp_io::hashing::blake2_256);
		(Some(H256(seed)), height.saturating_sub(1))
	}
}

parameter_types! {
	/// Some eight assignments for each class.
	pub AssignWeight: Weight = Weight::from_parts(50_000_000_000, u64::MAX);
	/// So few that stories can fill it; benches raise it.
	pub storage MaxQueued: u32 = 20;
}

impl pallet_jobs::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Programs = Programs;
	type Tariff = Market;
	type Credits = BurnMint;
	type Liquidity = Liquid;
	type Burns = BurnMint;
	type Settlement = BurnMint;
	type Collateral = Stake;
	type Providers = Providers;
	type Evidence = Verification;
	type Randomness = HeightRandomness;
	type AssignWeight = AssignWeight;
	type MaxQueued = MaxQueued;
	type AccessLock = ConstU128<{ 10 * money::UNIT }>;
	type DepositBase = ConstU128<{ money::UNIT / 50 }>;
	type DepositPerByte = ConstU128<{ money::UNIT / 100_000 }>;
	type Governance = EnsureRoot<AccountId>;
	type WeightInfo = ();
}

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
	fn is_proof(job: JobId) -> bool {
		job >= CAPACITY_JOBS
	}
}

/// Hands a call on to whom the number belongs.
macro_rules! of_number {
	($job:expr, $call:ident($($argument:expr),*)) => {
		if Self::is_proof($job) {
			<Capacity as Lifecycle>::$call($job $(, $argument)*)
		} else {
			<Jobs as Lifecycle>::$call($job $(, $argument)*)
		}
	};
}

impl Lifecycle for Judged {
	fn commit(
		job: JobId,
		worker: &AccountId,
		from: BlockNumber,
		by: BlockNumber,
	) -> DispatchResult {
		of_number!(job, commit(worker, from, by))
	}

	fn reschedule_reveal(job: JobId, from: BlockNumber, by: BlockNumber) -> DispatchResult {
		of_number!(job, reschedule_reveal(from, by))
	}

	fn reveal(job: JobId, worker: &AccountId, settles_at: BlockNumber) -> DispatchResult {
		of_number!(job, reveal(worker, settles_at))
	}

	fn postpone(job: JobId, settles_at: BlockNumber) -> DispatchResult {
		of_number!(job, postpone(settles_at))
	}

	fn convict(
		job: JobId,
		fault: Fault,
		prover: Option<&AccountId>,
		evidence: H256,
	) -> DispatchResult {
		of_number!(job, convict(fault, prover, evidence))
	}

	fn abandon(job: JobId, provider: &AccountId) {
		of_number!(job, abandon(provider));
	}

	fn case(job: JobId) -> Option<Case> {
		of_number!(job, case())
	}

	fn subject(job: JobId) -> Option<Subject> {
		of_number!(job, subject())
	}
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
	type Randomness = HeightRandomness;
	type Unbonding = Unbonding;
	type MostComputing = ConstU32<COMPUTING>;
	type DemandBase = ConstU128<{ money::UNIT / 50 }>;
	type DemandPerByte = ConstU128<{ money::UNIT / 100_000 }>;
	type ProofDeposit = ConstU128<{ money::UNIT }>;
	type Governance = EnsureRoot<AccountId>;
	type WeightInfo = ();
}

parameter_types! {
	/// A twentieth of a block, as on a public chain. Stories make it less, so that a round takes many blocks.
	pub storage RoundWeight: Weight = Weight::from_parts(50_000_000_000, u64::MAX);
}

impl pallet_capacity::Config for Runtime {
	type Providers = Providers;
	type Collateral = Stake;
	type Tariff = Market;
	type Evidence = Verification;
	type Randomness = HeightRandomness;
	type Governance = EnsureRoot<AccountId>;
	type MillisecsPerBlock = ConstU64<BLOCK_MS>;
	type RoundWeight = RoundWeight;
	type WeightInfo = ();
}
