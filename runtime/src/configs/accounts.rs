// SPDX-License-Identifier: Apache-2.0

//! What people do with accounts: batches, multisigs, proxies, identities, vesting.
//! Calls carried inside other calls pass the base filter again, with the inner call's origin.
//! [`ProxyType`] says what a proxy may do; it lists what is allowed, so that a new pallet starts out forbidden.

use super::money::SlashedDepositToTreasury;
use crate::{
	constants::{
		currency::{deposit, UNIT},
		time::DAYS,
	},
	AccountId, AccountPublic, Balance, Balances, OriginCaller, Runtime, RuntimeCall, RuntimeEvent,
	Signature, System,
};
use calor_primitives::{group::Group, traits::OwnerGroups};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	parameter_types,
	traits::{ConstU128, ConstU32, InstanceFilter, WithdrawReasons},
};
use frame_system::EnsureRoot;
use pallet_identity::Judgement;
use scale_info::TypeInfo;
use sp_runtime::traits::{BlakeTwo256, ConvertInto};

impl pallet_utility::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PalletsOrigin = OriginCaller;
	type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}

impl pallet_multisig::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	// One entry of 88 bytes, and 32 more for each signatory.
	type DepositBase = ConstU128<{ deposit(1, 88) }>;
	type DepositFactor = ConstU128<{ deposit(0, 32) }>;
	type MaxSignatories = ConstU32<100>;
	type WeightInfo = pallet_multisig::weights::SubstrateWeight<Runtime>;
	type BlockNumberProvider = System;
}

/// What a proxy may do for the account that named it.
#[derive(
	Copy,
	Clone,
	Eq,
	PartialEq,
	Ord,
	PartialOrd,
	Encode,
	Decode,
	DecodeWithMemTracking,
	Debug,
	MaxEncodedLen,
	TypeInfo,
	Default,
)]
pub enum ProxyType {
	/// Everything.
	#[default]
	#[codec(index = 0)]
	Any,
	/// Everything that does not move balance to somebody else.
	#[codec(index = 1)]
	NonTransfer,
	/// Reject what other proxies announced: a guard for delayed proxies.
	#[codec(index = 2)]
	CancelProxy,
	/// Set and change the identity.
	#[codec(index = 3)]
	Identity,
	/// Set and remove session keys: what a validator's operator needs.
	#[codec(index = 4)]
	SessionKeys,
}

/// Batches only carry other calls, each of which is filtered again.
fn is_batch(call: &RuntimeCall) -> bool {
	use pallet_utility::Call;
	matches!(
		call,
		RuntimeCall::Utility(
			Call::batch { .. } | Call::batch_all { .. } | Call::force_batch { .. }
		)
	)
}

impl InstanceFilter<RuntimeCall> for ProxyType {
	fn filter(&self, call: &RuntimeCall) -> bool {
		match self {
			Self::Any => true,
			Self::NonTransfer => {
				is_batch(call)
					|| matches!(
						call,
						RuntimeCall::System(..)
							| RuntimeCall::Session(..)
							| RuntimeCall::Multisig(..)
							| RuntimeCall::Proxy(..)
							| RuntimeCall::Preimage(..)
							| RuntimeCall::Identity(..)
							| RuntimeCall::Vesting(
								pallet_vesting::Call::vest { .. }
									| pallet_vesting::Call::vest_other { .. }
							)
					)
			},
			Self::CancelProxy => {
				matches!(call, RuntimeCall::Proxy(pallet_proxy::Call::reject_announcement { .. }))
			},
			Self::Identity => is_batch(call) || matches!(call, RuntimeCall::Identity(..)),
			Self::SessionKeys => is_batch(call) || matches!(call, RuntimeCall::Session(..)),
		}
	}

	fn is_superset(&self, other: &Self) -> bool {
		match (self, other) {
			(a, b) if a == b => true,
			(Self::Any, _) => true,
			(_, Self::Any) => false,
			(Self::NonTransfer, _) => true,
			_ => false,
		}
	}
}

impl pallet_proxy::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type ProxyType = ProxyType;
	// An account's list of proxies, and its list of announcements.
	type ProxyDepositBase = ConstU128<{ deposit(1, 8) }>;
	type ProxyDepositFactor = ConstU128<{ deposit(0, 37) }>;
	type MaxProxies = ConstU32<32>;
	type WeightInfo = pallet_proxy::weights::SubstrateWeight<Runtime>;
	type MaxPending = ConstU32<32>;
	type CallHasher = BlakeTwo256;
	type AnnouncementDepositBase = ConstU128<{ deposit(1, 16) }>;
	type AnnouncementDepositFactor = ConstU128<{ deposit(0, 68) }>;
	type BlockNumberProvider = System;
}

impl pallet_identity::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Currency = Balances;
	type BasicDeposit = ConstU128<{ deposit(1, 258) }>;
	type ByteDeposit = ConstU128<{ deposit(0, 1) }>;
	type UsernameDeposit = ConstU128<{ deposit(1, 32) }>;
	type SubAccountDeposit = ConstU128<{ deposit(1, 53) }>;
	type MaxSubAccounts = ConstU32<100>;
	type IdentityInformation = pallet_identity::legacy::IdentityInfo<ConstU32<20>>;
	type MaxRegistrars = ConstU32<20>;
	type Slashed = SlashedDepositToTreasury;
	type ForceOrigin = EnsureRoot<AccountId>;
	type RegistrarOrigin = EnsureRoot<AccountId>;
	type OffchainSignature = Signature;
	type SigningPublicKey = AccountPublic;
	type UsernameAuthorityOrigin = EnsureRoot<AccountId>;
	type PendingUsernameExpiration = ConstU32<{ 7 * DAYS }>;
	type UsernameGracePeriod = ConstU32<{ 30 * DAYS }>;
	type MaxSuffixLength = ConstU32<7>;
	type MaxUsernameLength = ConstU32<32>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
	type WeightInfo = pallet_identity::weights::SubstrateWeight<Runtime>;
}

/// An identity and its sub-accounts are a group; it is attested if a registrar judged it reasonable or known good.
///
/// An identity of its own comes before that of which an account is said to be a sub-account, and only an attested identity
/// has sub-accounts: nobody is asked before being made one, and a group that owes a disclosure could keep strangers from
/// work. Whoever wants to be several needs no identity for that.
pub struct IdentityGroups;

impl OwnerGroups for IdentityGroups {
	fn group_of(account: &AccountId) -> Group {
		let identity = pallet_identity::IdentityOf::<Runtime>::get;
		if let Some(own) = identity(account) {
			return Group { head: account.clone(), attested: is_attested(&own.judgements) };
		}
		match pallet_identity::SuperOf::<Runtime>::get(account) {
			Some((head, _)) if identity(&head).is_some_and(|id| is_attested(&id.judgements)) => {
				Group { head, attested: true }
			},
			_ => Group { head: account.clone(), attested: false },
		}
	}
}

fn is_attested<Index>(judgements: &[(Index, Judgement<Balance>)]) -> bool {
	let good = |j: &Judgement<Balance>| matches!(j, Judgement::Reasonable | Judgement::KnownGood);
	judgements.iter().any(|(_, judgement)| good(judgement))
}

/// Makes groups for benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub struct JoinIdentity;

#[cfg(feature = "runtime-benchmarks")]
impl pallet_disclosure::BenchmarkHelper for JoinIdentity {
	fn join(member: &AccountId, head: &AccountId) {
		let name =
			pallet_identity::Data::Raw(alloc::vec![b'x'; 32].try_into().expect("32 bytes fit"));
		pallet_identity::SuperOf::<Runtime>::insert(member, (head.clone(), name));
		let info = pallet_identity::legacy::IdentityInfo::<ConstU32<20>>::default();
		let judgements =
			(0..20).map(|i| (i, Judgement::Reasonable)).collect::<alloc::vec::Vec<_>>();
		pallet_identity::IdentityOf::<Runtime>::insert(
			head,
			pallet_identity::Registration {
				judgements: judgements.try_into().expect("20 registrars"),
				deposit: 0,
				info,
			},
		);
	}
}

parameter_types! {
	/// Unvested money pays fees, and nothing else.
	pub UnvestedFundsAllowedWithdrawReasons: WithdrawReasons =
		WithdrawReasons::except(WithdrawReasons::TRANSFER | WithdrawReasons::RESERVE);
}

impl pallet_vesting::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Currency = Balances;
	type BlockNumberToBalance = ConvertInto;
	// Schedules are few to an account: nobody shall fill them up for small change.
	type MinVestedTransfer = ConstU128<{ 10 * UNIT }>;
	type WeightInfo = pallet_vesting::weights::SubstrateWeight<Runtime>;
	type UnvestedFundsAllowedWithdrawReasons = UnvestedFundsAllowedWithdrawReasons;
	type BlockNumberProvider = System;
	const MAX_VESTING_SCHEDULES: u32 = 28;
}
