// SPDX-License-Identifier: Apache-2.0

//! The Calor runtime: composition only, no logic of its own.
//!
//! Start with [`runtime`] (which pallets, at which index), go on to [`configs`] (how each is set up, one file per
//! concern), [`apis`] (what a node may ask) and [`presets`] (how a chain begins). Numbers live in [`constants`].

#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "512"]

extern crate alloc;

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configs;
pub mod constants;
mod estimates;
pub mod migrations;
pub mod presets;

#[cfg(feature = "std")]
pub use apis::RuntimeApi;
pub use configs::{consensus::SessionKeys, money::TreasuryAccount};

// The runtime macro names `Vec` without a path, and there is no prelude to find it in.
use alloc::{borrow::Cow, vec::Vec};
use sp_runtime::{
	generic,
	traits::{BlakeTwo256, IdentifyAccount, Verify},
	MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

/// Signatures of transactions: sr25519, ed25519 or ECDSA.
pub type Signature = MultiSignature;
/// The public key behind such a signature.
pub type AccountPublic = <Signature as Verify>::Signer;
/// An account, 32 bytes.
pub type AccountId = <AccountPublic as IdentifyAccount>::AccountId;
/// How a transaction names an account.
pub type Address = MultiAddress<AccountId, ()>;
/// An amount of money, in planck.
pub type Balance = u128;
/// How many transactions an account has signed.
pub type Nonce = u32;
/// A hash of the chain.
pub type Hash = sp_core::H256;
/// Height of a block.
pub type BlockNumber = u32;
/// Milliseconds since 1970.
pub type Moment = u64;

/// The header of a block.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// A transaction as it arrives.
pub type UncheckedExtrinsic =
	generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// What the signature of a transaction covers.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// What every transaction carries besides its call. These are the extensions that polkadot.js knows, in the order that
/// it knows them: one more that carries data and no unmodified wallet can sign for this chain.
pub type TxExtension = (
	frame_system::AuthorizeCall<Runtime>,
	frame_system::CheckNonZeroSender<Runtime>,
	frame_system::CheckSpecVersion<Runtime>,
	frame_system::CheckTxVersion<Runtime>,
	frame_system::CheckGenesis<Runtime>,
	frame_system::CheckMortality<Runtime>,
	frame_system::CheckNonce<Runtime>,
	frame_system::CheckWeight<Runtime>,
	pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
	frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
	frame_system::WeightReclaim<Runtime>,
);

/// Executes blocks.
pub type Executive = frame_executive::Executive<
	Runtime,
	Block,
	frame_system::ChainContext<Runtime>,
	Runtime,
	AllPalletsWithSystem,
>;

/// Types for the node, which moves transactions about without decoding them.
pub mod opaque {
	pub use sp_runtime::OpaqueExtrinsic as UncheckedExtrinsic;

	/// A block whose transactions are bytes.
	pub type Block = sp_runtime::generic::Block<super::Header, UncheckedExtrinsic>;
}

/// Version of the runtime.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
	spec_name: Cow::Borrowed("calor"),
	impl_name: Cow::Borrowed("calor-node"),
	authoring_version: 1,
	// Raise with every runtime that goes on a chain.
	spec_version: 100,
	impl_version: 0,
	apis: apis::RUNTIME_API_VERSIONS,
	// Raise when a call or an extension changes its encoding.
	transaction_version: 1,
	system_version: 1,
};

/// The pallets. An index is part of the encoding of every call and event: never reuse one.
///
/// 40 to 49 belong to Calor's own pallets.
#[frame_support::runtime]
pub mod runtime {
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
	pub type Timestamp = pallet_timestamp;

	// Consensus. Babe stands before Session because it decides when a session ends, and Authorship too because it
	// credits the author to the session in which the block was made.
	#[runtime::pallet_index(2)]
	pub type Babe = pallet_babe;
	#[runtime::pallet_index(3)]
	pub type Authorship = pallet_authorship;
	#[runtime::pallet_index(4)]
	pub type Session = pallet_session;
	#[runtime::pallet_index(5)]
	pub type Historical = pallet_session::historical;
	#[runtime::pallet_index(6)]
	pub type Offences = pallet_offences;
	#[runtime::pallet_index(7)]
	pub type Grandpa = pallet_grandpa;

	// Money.
	#[runtime::pallet_index(10)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(11)]
	pub type TransactionPayment = pallet_transaction_payment;

	// Governance and accounts.
	#[runtime::pallet_index(20)]
	pub type Sudo = pallet_sudo;
	#[runtime::pallet_index(21)]
	pub type Utility = pallet_utility;
	#[runtime::pallet_index(22)]
	pub type Multisig = pallet_multisig;
	#[runtime::pallet_index(23)]
	pub type Proxy = pallet_proxy;
	#[runtime::pallet_index(24)]
	pub type Scheduler = pallet_scheduler;
	#[runtime::pallet_index(25)]
	pub type Preimage = pallet_preimage;
	#[runtime::pallet_index(26)]
	pub type Identity = pallet_identity;
	#[runtime::pallet_index(27)]
	pub type Vesting = pallet_vesting;
	#[runtime::pallet_index(28)]
	pub type MultiBlockMigrations = pallet_migrations;

	// The market.
	#[runtime::pallet_index(40)]
	pub type Programs = pallet_programs;
	#[runtime::pallet_index(41)]
	pub type Stake = pallet_stake;
	#[runtime::pallet_index(42)]
	pub type Providers = pallet_providers;
	#[runtime::pallet_index(43)]
	pub type Market = pallet_market;
	#[runtime::pallet_index(44)]
	pub type BurnMint = pallet_burn_mint;
	#[runtime::pallet_index(45)]
	pub type Jobs = pallet_jobs;
	#[runtime::pallet_index(46)]
	pub type Verification = pallet_verification;
	#[runtime::pallet_index(47)]
	pub type Disclosure = pallet_disclosure;
	#[runtime::pallet_index(48)]
	pub type Capacity = pallet_capacity;
}
