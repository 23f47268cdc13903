// SPDX-License-Identifier: Apache-2.0
//! The pallets, wired as in the real runtime, over a chain without consensus.

use calor_primitives::{money, AccountId, Balance, BlockNumber, H256};
use codec::Encode;
use frame_support::{
	derive_impl, parameter_types,
	traits::{fungible::HoldConsideration, ConstU128, ConstU32, LinearStoragePrice},
};
use frame_system::EnsureRoot;
use pallet_burn_mint::fees::BurnDust;

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
		RuntimeTask
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

impl pallet_stake::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Burns = BurnMint;
	type MinBond = ConstU128<{ 100 * money::UNIT }>;
	type MaxChunks = ConstU32<4>;
	type FaultMemory = ConstU32<1_000>;
	type WeightInfo = ();
}

impl pallet_providers::Config for Runtime {
	type Collateral = Stake;
	type JailPeriod = ConstU32<50>;
	type WeightInfo = ();
}

impl pallet_market::Config for Runtime {
	type Governance = EnsureRoot<AccountId>;
	type WeightInfo = ();
}

impl pallet_burn_mint::Config for Runtime {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Cap = ConstU128<{ money::CAP }>;
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
	type Randomness = HeightRandomness;
	type MaxScan = ConstU32<8>;
	type Governance = EnsureRoot<AccountId>;
	type WeightInfo = ();
}

impl pallet_verification::Config for Runtime {
	type Jobs = Jobs;
	type Programs = Programs;
	type Governance = EnsureRoot<AccountId>;
	type WeightInfo = ();
}
