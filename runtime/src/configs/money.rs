// SPDX-License-Identifier: Apache-2.0

//! Balances and fees.
//! Fees are halved between burn and author, dust is burned, slashed deposits go to [`TreasuryAccount`]: issuance only
//! ever changes through the burn ledger.

use crate::{
	constants::currency::{BYTE_FEE, EXISTENTIAL_DEPOSIT, WEIGHT_FEE},
	AccountId, Balance, Balances, Runtime, RuntimeEvent, RuntimeFreezeReason, RuntimeHoldReason,
	System,
};
use calor_primitives::traits::Liquidity;
use frame_support::{
	parameter_types,
	traits::{ConstU128, ConstU32, ConstU8, Currency, Get, OnUnbalanced, VariantCountOf},
	weights::ConstantMultiplier,
	PalletId,
};
use pallet_burn_mint::fees::{BurnDust, FeeSplit};
use pallet_transaction_payment::{ConstFeeMultiplier, FungibleAdapter, Multiplier};
use sp_runtime::traits::{AccountIdConversion, One};

parameter_types! {
	pub const TreasuryPalletId: PalletId = PalletId(*b"py/trsry");
	/// Where the treasury keeps its money. Nobody has its key.
	pub TreasuryAccount: AccountId = TreasuryPalletId::get().into_account_truncating();
}

impl pallet_balances::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
	type Balance = Balance;
	type DustRemoval = BurnDust<Runtime, Balances>;
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type AccountStore = System;
	type ReserveIdentifier = [u8; 8];
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxLocks = ConstU32<50>;
	type MaxReserves = ConstU32<50>;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	type DoneSlashHandler = ();
}

/// What an account can put on hold: what is neither vesting nor needed to keep it alive.
pub struct Liquid;

impl Liquidity for Liquid {
	fn liquid(who: &AccountId) -> Balance {
		let account = System::account(who).data;
		account.free.saturating_sub(account.frozen.max(EXISTENTIAL_DEPOSIT))
	}
}

/// Who made the block that is being executed.
pub struct Author;

impl Get<Option<AccountId>> for Author {
	fn get() -> Option<AccountId> {
		pallet_authorship::Pallet::<Runtime>::author()
	}
}

/// Takes deposits that a pallet of the old `Currency` kind slashed.
pub struct SlashedDepositToTreasury;

impl OnUnbalanced<pallet_balances::NegativeImbalance<Runtime>> for SlashedDepositToTreasury {
	fn on_nonzero_unbalanced(amount: pallet_balances::NegativeImbalance<Runtime>) {
		Balances::resolve_creating(&TreasuryAccount::get(), amount);
	}
}

parameter_types! {
	pub FeeMultiplier: Multiplier = Multiplier::one();
}

impl pallet_transaction_payment::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type OnChargeTransaction = FungibleAdapter<Balances, FeeSplit<Runtime, Balances, Author>>;
	type WeightToFee = ConstantMultiplier<Balance, ConstU128<WEIGHT_FEE>>;
	type LengthToFee = ConstantMultiplier<Balance, ConstU128<BYTE_FEE>>;
	// Fees do not follow load: workers send answers to disputes under a deadline and must be able to tell their cost
	// in advance. Whoever wants in first tips.
	type FeeMultiplierUpdate = ConstFeeMultiplier<FeeMultiplier>;
	// Operational calls count as if they tipped five times their fee.
	type OperationalFeeMultiplier = ConstU8<5>;
	type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Runtime>;
}
