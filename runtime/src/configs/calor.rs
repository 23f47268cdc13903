// SPDX-License-Identifier: Apache-2.0

//! Calor's own pallets, and the knots between them.
//! Follow the money: `Market` says what a job costs, `Jobs` holds it as credits of `BurnMint`, which divides it; `Stake`
//! stands behind it.

use super::{
	accounts::IdentityGroups,
	money::{Liquid, TreasuryAccount},
	system::RuntimeBlockWeights,
	verification::MostComputing,
};
use crate::{
	constants::{
		currency::{deposit, MICRO, MILLI, UNIT},
		time::{DAYS, MILLISECS_PER_BLOCK},
	},
	AccountId, Balance, Balances, BlockNumber, BurnMint, Disclosure, Jobs, Market, Programs,
	Providers, Runtime, RuntimeHoldReason, Stake, Timestamp, Verification,
};
use calor_primitives::money;
use frame_support::{
	parameter_types,
	traits::{fungible::HoldConsideration, ConstU128, ConstU32, ConstU64, Get, LinearStoragePrice},
	weights::Weight,
	PalletId,
};
use frame_system::EnsureRoot;
use sp_runtime::{traits::AccountIdConversion, Perbill};

parameter_types! {
	pub const ProgramHold: RuntimeHoldReason =
		RuntimeHoldReason::Programs(pallet_programs::HoldReason::Program);
}

impl pallet_programs::Config for Runtime {
	type Consideration = HoldConsideration<
		AccountId,
		Balances,
		ProgramHold,
		// Three entries each, and what they hold.
		LinearStoragePrice<ConstU128<{ deposit(3, 0) }>, ConstU128<{ 100 * MICRO }>, Balance>,
	>;
	type WeightInfo = pallet_programs::weights::SubstrateWeight<Runtime>;
}

/// The longest time in which a result can be disputed, from the commit: stake that unbonds must outlast it.
pub struct LongestDispute;

impl Get<BlockNumber> for LongestDispute {
	fn get() -> BlockNumber {
		let windows = pallet_verification::CurrentWindows::<Runtime>::get();
		windows.longest_dispute(MostComputing::get())
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
	type MinBond = ConstU128<{ 100 * UNIT }>;
	type MaxChunks = ConstU32<32>;
	type FaultMemory = ConstU32<{ 30 * DAYS }>;
	type WeightInfo = pallet_stake::weights::SubstrateWeight<Runtime>;
}

impl pallet_providers::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Liquidity = Liquid;
	type Collateral = Stake;
	type Standing = Disclosure;
	type Jobs = Jobs;
	// Five entries: the provider, its key, its deposit, its places in the ready set and on the watch.
	type Deposit = ConstU128<{ deposit(5, 600) }>;
	type JailPeriod = ConstU32<DAYS>;
	type Governance = EnsureRoot<AccountId>;
	type WeightInfo = pallet_providers::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type Bond = BenchmarkBond;
}

parameter_types! {
	/// Average share of capacity above which a group discloses.
	pub const DisclosureThreshold: Perbill = Perbill::from_percent(2);
	/// Where audit levies go.
	pub AuditPot: AccountId = PalletId(*b"calor/au").into_account_truncating();
	/// A fifth of a block: with three quarters for transactions, some is left for what is due, however full blocks are.
	pub AssignWeight: Weight = RuntimeBlockWeights::get().max_block.div(5);
	/// A tenth of a block: the close of an epoch must not wait for idle blocks, and jobs not for the close.
	pub CloseWeight: Weight = RuntimeBlockWeights::get().max_block.div(10);
}

impl pallet_disclosure::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Liquidity = Liquid;
	type Burns = BurnMint;
	type Groups = IdentityGroups;
	type Capacity = Providers;
	type Collateral = Stake;
	type Governance = EnsureRoot<AccountId>;
	type FilingDeposit = ConstU128<{ deposit(1, 200) }>;
	type MaxPage = ConstU32<64>;
	type Threshold = DisclosureThreshold;
	type AverageEpochs = ConstU32<30>;
	type WeightInfo = pallet_disclosure::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = super::accounts::JoinIdentity;
}

impl pallet_market::Config for Runtime {
	type Currency = Balances;
	type Usage = Providers;
	type Time = Timestamp;
	type Treasury = TreasuryAccount;
	type Governance = EnsureRoot<AccountId>;
	type WeightInfo = pallet_market::weights::SubstrateWeight<Runtime>;
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
	type Treasury = TreasuryAccount;
	type MillisecsPerBlock = ConstU64<MILLISECS_PER_BLOCK>;
	type CloseWeight = CloseWeight;
	type Governance = EnsureRoot<AccountId>;
	type WeightInfo = pallet_burn_mint::weights::SubstrateWeight<Runtime>;
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
	type Randomness = pallet_babe::ParentBlockRandomness<Runtime>;
	type AssignWeight = AssignWeight;
	type MaxQueued = ConstU32<1_000_000>;
	type AccessLock = ConstU128<{ 10 * UNIT }>;
	type DepositBase = ConstU128<{ 20 * MILLI }>;
	type DepositPerByte = ConstU128<{ 10 * MICRO }>;
	type Governance = EnsureRoot<AccountId>;
	type WeightInfo = pallet_jobs::weights::SubstrateWeight<Runtime>;
}

/// Bonds stake that covers any benchmark's job.
#[cfg(feature = "runtime-benchmarks")]
pub struct BenchmarkBond;

#[cfg(feature = "runtime-benchmarks")]
impl pallet_providers::BenchmarkBond for BenchmarkBond {
	fn bond(who: &AccountId) {
		use frame_support::traits::fungible::Mutate;
		frame_support::assert_ok!(Balances::mint_into(who, 2_000_000 * UNIT));
		frame_support::assert_ok!(Stake::bond(
			frame_system::RawOrigin::Signed(who.clone()).into(),
			pallet_stake::Role::Provider,
			1_000_000 * UNIT
		));
	}

	fn running() -> AccountId {
		<Jobs as calor_primitives::traits::Lifecycle>::benchmark_running().1
	}
}
