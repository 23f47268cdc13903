// SPDX-License-Identifier: Apache-2.0

//! Time, block production (BABE), finality (GRANDPA), sessions and what happens to validators that equivocate.
//! The set of validators is that of genesis, kept by [`GenesisValidators`] until a pallet of its own elects one.
//! Follow an offence: Babe or Grandpa check the report, Historical who owned the key, Offences hands it on.

use crate::{
	constants::{
		currency::deposit,
		time::{EPOCH_DURATION_IN_BLOCKS, EVIDENCE_SESSIONS, MILLISECS_PER_BLOCK, SLOT_DURATION},
	},
	AccountId, Babe, Balance, Balances, BurnMint, Grandpa, Historical, Moment, Offences, Runtime,
	RuntimeEvent, Session,
};
use alloc::vec::Vec;
use frame_support::{
	parameter_types,
	traits::{ConstU32, ConstU64},
	weights::Weight,
};
use pallet_session::historical;
use sp_runtime::{
	impl_opaque_keys,
	traits::{Convert, ConvertInto, OpaqueKeys},
	Perbill,
};
use sp_staking::{
	offence::{OffenceDetails, OffenceSeverity, OnOffenceHandler},
	SessionIndex,
};

/// More validators than GRANDPA's votes can carry in two seconds; weights of reports count with it.
type MaxAuthorities = ConstU32<1_000>;

impl pallet_timestamp::Config for Runtime {
	type Moment = Moment;
	type OnTimestampSet = Babe;
	// Half a slot: BABE checks the rest, since the timestamp has to lie in the block's slot.
	type MinimumPeriod = ConstU64<{ SLOT_DURATION / 2 }>;
	type WeightInfo = pallet_timestamp::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
	pub const EpochDuration: u64 = EPOCH_DURATION_IN_BLOCKS as u64;
	pub const ExpectedBlockTime: Moment = MILLISECS_PER_BLOCK;
	/// Blocks for which a report may wait in a pool. As long as the evidence itself holds.
	pub const ReportLongevity: u64 =
		(EVIDENCE_SESSIONS as u64).saturating_mul(EPOCH_DURATION_IN_BLOCKS as u64);
}

impl pallet_babe::Config for Runtime {
	type EpochDuration = EpochDuration;
	type ExpectedBlockTime = ExpectedBlockTime;
	// Session ends the epoch, so that keys and randomness change together.
	type EpochChangeTrigger = pallet_babe::ExternalTrigger;
	// Without this a disabled validator would go on making blocks that nobody imports.
	type DisabledValidators = Session;
	type WeightInfo = ();
	type MaxAuthorities = MaxAuthorities;
	type MaxNominators = ConstU32<0>;
	type KeyOwnerProof = sp_session::MembershipProof;
	type EquivocationReportSystem =
		pallet_babe::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

impl pallet_grandpa::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = ();
	type MaxAuthorities = MaxAuthorities;
	type MaxNominators = ConstU32<0>;
	// A set lives at least a session, so this many entries reach back as far as the evidence.
	type MaxSetIdSessionEntries = ConstU64<{ EVIDENCE_SESSIONS as u64 }>;
	type KeyOwnerProof = sp_session::MembershipProof;
	type EquivocationReportSystem =
		pallet_grandpa::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

impl pallet_authorship::Config for Runtime {
	type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Babe>;
	// Blocks earn their authors a part of the validators' rewards.
	type EventHandler = BurnMint;
}

impl_opaque_keys! {
	/// The keys that a validator's machine holds.
	pub struct SessionKeys {
		pub grandpa: Grandpa,
		pub babe: Babe,
	}
}

parameter_types! {
	/// The next keys of a validator and the two entries that say whose they are.
	pub const KeyDeposit: Balance = deposit(3, 250);
}

impl pallet_session::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = Babe;
	type NextSessionRotation = Babe;
	type SessionManager = historical::NoteHistoricalRoot<Self, GenesisValidators>;
	type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
	type Keys = SessionKeys;
	type DisablingStrategy = pallet_session::disabling::UpToLimitWithReEnablingDisablingStrategy;
	type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
	type Currency = Balances;
	type KeyDeposit = KeyDeposit;
}

impl historical::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type FullIdentification = ();
	type FullIdentificationOf = NoFurtherIdentification;
}

impl pallet_offences::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type IdentificationTuple = historical::IdentificationTuple<Self>;
	type OnOffenceHandler = DisableOffenders;
}

/// The account is all that identifies a validator.
pub struct NoFurtherIdentification;

impl Convert<AccountId, Option<()>> for NoFurtherIdentification {
	fn convert(_: AccountId) -> Option<()> {
		Some(())
	}
}

/// Keeps the validators of genesis and notes when one of them changed its keys.
pub struct GenesisValidators;

impl GenesisValidators {
	/// The validators, if the session being planned needs a record of its own: the first that is planned after genesis,
	/// and any whose keys differ from the running session's. Otherwise `None`, and the previous record goes on to hold.
	fn changed(planned: SessionIndex) -> Option<Vec<AccountId>> {
		let recorded = planned.checked_sub(1).is_some_and(|previous| {
			historical::Pallet::<Runtime>::historical_root(previous).is_some()
		});
		let running = Session::queued_keys();
		let same_keys = running.iter().all(|(who, keys)| {
			pallet_session::NextKeys::<Runtime>::get(who).as_ref() == Some(keys)
		});
		let validators = Session::validators();
		let unchanged = recorded && same_keys;
		(!validators.is_empty() && !unchanged).then_some(validators)
	}
}

impl pallet_session::SessionManager<AccountId> for GenesisValidators {
	fn new_session(planned: SessionIndex) -> Option<Vec<AccountId>> {
		Self::changed(planned)
	}
	fn start_session(_: SessionIndex) {}
	fn end_session(_: SessionIndex) {}
}

impl historical::SessionManager<AccountId, ()> for GenesisValidators {
	fn new_session(planned: SessionIndex) -> Option<Vec<(AccountId, ())>> {
		Self::changed(planned).map(|set| set.into_iter().map(|who| (who, ())).collect())
	}
	fn start_session(_: SessionIndex) {}
	fn end_session(ended: SessionIndex) {
		// One session a call, since this runs every session.
		Historical::prune_up_to(ended.saturating_sub(EVIDENCE_SESSIONS));
	}
}

/// Takes a proved offender out of block production and finality until the set changes. Slashing needs stake and comes
/// with it.
pub struct DisableOffenders;

impl OnOffenceHandler<AccountId, historical::IdentificationTuple<Runtime>, Weight>
	for DisableOffenders
{
	fn on_offence(
		offenders: &[OffenceDetails<AccountId, historical::IdentificationTuple<Runtime>>],
		slash_fraction: &[Perbill],
		_session: SessionIndex,
	) -> Weight {
		for (details, fraction) in offenders.iter().zip(slash_fraction) {
			Session::report_offence(details.offender.0.clone(), OffenceSeverity(*fraction));
		}
		// Reads the validators and the disabled ones, writes the latter and a consensus log for each.
		let count = offenders.len() as u64;
		<Runtime as frame_system::Config>::DbWeight::get()
			.reads_writes(count.saturating_add(2), count.saturating_mul(2))
	}
}
