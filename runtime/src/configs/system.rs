// SPDX-License-Identifier: Apache-2.0

//! frame-system: how much a block holds, what storage costs, and which calls nobody may make.
//! [`IssuanceGuard`] is the only filter between a signed transaction and a pallet.
//! Also here: what the runtime needs to build its own (unsigned) transactions.

use crate::{
	migrations, AccountId, Balance, Block, BlockNumber, Hash, MultiBlockMigrations, Nonce,
	PalletInfo, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, RuntimeTask, UncheckedExtrinsic,
	VERSION,
};
use frame_support::{
	derive_impl,
	dispatch::DispatchClass,
	parameter_types,
	traits::{ConstU16, ConstU32, Contains},
	weights::{
		constants::{ParityDbWeight, WEIGHT_REF_TIME_PER_SECOND},
		Weight,
	},
};
use frame_system::limits::{BlockLength, BlockWeights};
use sp_runtime::Perbill;
use sp_version::RuntimeVersion;

/// Share of a block that ordinary transactions may fill; the rest is for operational ones and for hooks.
const NORMAL_DISPATCH_RATIO: Perbill = Perbill::from_percent(75);

/// A second of computing in a block of two: the other second is for the network and for slower machines. A chain of
/// its own has no proof of storage to send around, so proof size is not limited.
const MAXIMUM_BLOCK_WEIGHT: Weight = Weight::from_parts(WEIGHT_REF_TIME_PER_SECOND, u64::MAX);

/// 5 MiB, of which 3.75 MiB are for ordinary transactions: a fraud proof (at most 2.25 MiB) always fits.
const MAXIMUM_BLOCK_LENGTH: u32 = 5 * 1024 * 1024;

parameter_types! {
	pub const Version: RuntimeVersion = VERSION;
	/// Bounds the life of a mortal transaction too: about two and a quarter hours.
	pub const BlockHashCount: BlockNumber = 4_096;
	pub RuntimeBlockWeights: BlockWeights =
		BlockWeights::with_sensible_defaults(MAXIMUM_BLOCK_WEIGHT, NORMAL_DISPATCH_RATIO);
	pub RuntimeBlockLength: BlockLength = BlockLength::builder()
		.max_length(MAXIMUM_BLOCK_LENGTH)
		.modify_max_length_for_class(DispatchClass::Normal, |max| {
			*max = NORMAL_DISPATCH_RATIO.mul_floor(MAXIMUM_BLOCK_LENGTH);
		})
		.build();
}

/// Lets every call through except those that would change the issuance behind the burn ledger's back.
///
/// Utility, proxy and multisig dispatch what they carry through the same filter, so wrapping such a call does not help.
/// Root is not filtered (FRAME's rule), hence sudo and the scheduler can still make these calls; two of the three are
/// for root alone anyway. The ledger's invariant "issuance + burned == genesis + minted" shows it at once when they do.
pub struct IssuanceGuard;

impl Contains<RuntimeCall> for IssuanceGuard {
	fn contains(call: &RuntimeCall) -> bool {
		use pallet_balances::Call;
		!matches!(
			call,
			RuntimeCall::Balances(
				Call::burn { .. }
					| Call::force_set_balance { .. }
					| Call::force_adjust_total_issuance { .. }
			)
		)
	}
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
	type BaseCallFilter = IssuanceGuard;
	type Block = Block;
	type BlockWeights = RuntimeBlockWeights;
	type BlockLength = RuntimeBlockLength;
	type AccountId = AccountId;
	type Nonce = Nonce;
	type Hash = Hash;
	type BlockHashCount = BlockHashCount;
	// The node is built with ParityDB only.
	type DbWeight = ParityDbWeight;
	type Version = Version;
	type AccountData = pallet_balances::AccountData<Balance>;
	type SystemWeightInfo = frame_system::weights::SubstrateWeight<Runtime>;
	type ExtensionsWeightInfo = frame_system::SubstrateExtensionsWeight<Runtime>;
	// The generic prefix: addresses begin with 5, as in every development wallet.
	type SS58Prefix = ConstU16<42>;
	type SingleBlockMigrations = migrations::SingleBlock;
	type MultiBlockMigrator = MultiBlockMigrations;
	// Holds of all kinds together take one reference, freezes another, session keys a third. The rest is room for
	// pallets to come.
	type MaxConsumers = ConstU32<16>;
}

// Equivocation reports are unsigned transactions that the node's runtime makes itself.
impl<C> frame_system::offchain::CreateTransactionBase<C> for Runtime
where
	RuntimeCall: From<C>,
{
	type Extrinsic = UncheckedExtrinsic;
	type RuntimeCall = RuntimeCall;
}

impl<C> frame_system::offchain::CreateBare<C> for Runtime
where
	RuntimeCall: From<C>,
{
	fn create_bare(call: RuntimeCall) -> UncheckedExtrinsic {
		UncheckedExtrinsic::new_bare(call)
	}
}
