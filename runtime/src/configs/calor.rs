// SPDX-License-Identifier: Apache-2.0

//! Calor's own pallets, and the knots between them.
//! Follow the money: `Jobs` holds a price, `BurnMint` divides it, `Stake` stands behind it.

use crate::{
	constants::{
		currency::{deposit, MICRO, UNIT},
		time::DAYS,
	},
	AccountId, Balance, Balances, BurnMint, Jobs, Market, Programs, Providers, Runtime,
	RuntimeHoldReason, Stake, Verification,
};
use calor_primitives::money;
use frame_support::{
	parameter_types,
	traits::{fungible::HoldConsideration, ConstU128, ConstU32, LinearStoragePrice},
};
use frame_system::EnsureRoot;

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

impl pallet_stake::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Burns = BurnMint;
	type MinBond = ConstU128<{ 100 * UNIT }>;
	type MaxChunks = ConstU32<32>;
	type FaultMemory = ConstU32<{ 30 * DAYS }>;
	type WeightInfo = pallet_stake::weights::SubstrateWeight<Runtime>;
}

impl pallet_providers::Config for Runtime {
	type Collateral = Stake;
	type JailPeriod = ConstU32<DAYS>;
	type WeightInfo = pallet_providers::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type Bond = BenchmarkBond;
}

impl pallet_market::Config for Runtime {
	type Governance = EnsureRoot<AccountId>;
	type WeightInfo = pallet_market::weights::SubstrateWeight<Runtime>;
}

impl pallet_burn_mint::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Cap = ConstU128<{ money::CAP }>;
}

impl pallet_jobs::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Programs = Programs;
	type Tariff = Market;
	type Burns = BurnMint;
	type Settlement = BurnMint;
	type Collateral = Stake;
	type Providers = Providers;
	type Evidence = Verification;
	type Randomness = pallet_babe::ParentBlockRandomness<Runtime>;
	type MaxScan = ConstU32<64>;
	type Governance = EnsureRoot<AccountId>;
	type WeightInfo = pallet_jobs::weights::SubstrateWeight<Runtime>;
}

impl pallet_verification::Config for Runtime {
	type Jobs = Jobs;
	type Programs = Programs;
	type Governance = EnsureRoot<AccountId>;
	type WeightInfo = pallet_verification::weights::SubstrateWeight<Runtime>;
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
}
