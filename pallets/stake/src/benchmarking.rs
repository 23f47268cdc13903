// SPDX-License-Identifier: Apache-2.0
//! Cost of each call and of each step on idle at its worst: ledgers with all their chunks, slashes that end a ledger.

use crate::{
	Agenda, Call, Chunk, Config, Due, Excluded, Ledgers, Pallet, PendingSlashes, RecentFaults,
	Role, SlashDeferral, SlashId, SweptTo, UnbondingPeriod,
};
use calor_primitives::{
	fault::Fault, money::UNIT, now, traits::Collateral, AccountId, JobId, H256,
};
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{hold::Mutate as _, Mutate},
		EnsureOrigin, Get,
	},
	weights::Weight,
};
use frame_system::RawOrigin;

/// The job behind which stake stands.
const JOB: JobId = 7;
/// The first slash that is deferred.
const SLASH: SlashId = 1;

fn rich<T: Config>(who: AccountId) -> AccountId {
	T::Currency::set_balance(&who, 1_000_000 * UNIT);
	who
}

fn funded<T: Config>() -> AccountId {
	rich::<T>(whitelisted_caller())
}

/// A bonded account whose ledger has that many chunks, due at heights 1, 2, ...
fn bonded<T: Config>(chunks: u32) -> AccountId {
	let caller = funded::<T>();
	Pallet::<T>::do_bond(Role::Provider, caller.clone(), 2 * T::MinBond::get()).expect("funded");
	T::Currency::hold(&Pallet::<T>::reason(Role::Provider), &caller, u128::from(chunks) * UNIT)
		.expect("funded");
	Ledgers::<T>::mutate(Role::Provider, &caller, |ledger| {
		let ledger = ledger.as_mut().expect("bonded");
		for at in 1..=chunks {
			ledger.unbonding.try_push(Chunk { amount: UNIT, at }).expect("within bounds");
		}
	});
	caller
}

/// A provider whose whole stake, less `left`, waits to be slashed for a job, for a client and a prover who exist.
fn penalised<T: Config>(chunks: u32, left: u128, fault: Fault) -> AccountId {
	let provider = bonded::<T>(chunks);
	SlashDeferral::<T>::put(10);
	let (client, prover) = (account("client", 0, 0), account("prover", 0, 0));
	let (client, prover) = (rich::<T>(client), rich::<T>(prover));
	let amount = 2 * T::MinBond::get() - left;
	Pallet::<T>::earmark(&provider, JOB, amount).expect("free");
	let lost = Pallet::<T>::penalise(
		&provider,
		JOB,
		fault,
		Some(&client),
		Some(&prover),
		H256::repeat_byte(1),
	);
	assert_eq!(lost, Ok(amount));
	provider
}

/// A provider with all its chunks that is to lose everything, and has a fault in memory.
fn condemned<T: Config>() -> AccountId {
	let provider = bonded::<T>(T::MaxChunks::get());
	SlashDeferral::<T>::put(10);
	Pallet::<T>::remember(&provider);
	let prover = rich::<T>(account("prover", 0, 0));
	let evidence = H256::repeat_byte(1);
	let fault = Fault::FalseDisclosure;
	Pallet::<T>::forfeit(&provider, fault, Some(&prover), evidence).expect("bonded");
	provider
}

fn pass<T: Config>(blocks: u32) {
	frame_system::Pallet::<T>::set_block_number((now::<T>() + blocks).into());
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn bond() {
		let caller = funded::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), Role::Provider, T::MinBond::get());
		assert!(Ledgers::<T>::contains_key(Role::Provider, &caller));
	}

	#[benchmark]
	fn bond_more() {
		let caller = bonded::<T>(T::MaxChunks::get());
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), Role::Provider, UNIT);
		let ledger = Ledgers::<T>::get(Role::Provider, &caller).expect("bonded");
		assert_eq!(ledger.active, 2 * T::MinBond::get() + UNIT);
	}

	#[benchmark]
	fn unbond() {
		let caller = bonded::<T>(T::MaxChunks::get() - 1);
		UnbondingPeriod::<T>::put(1_000);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), Role::Provider, UNIT);
		let ledger = Ledgers::<T>::get(Role::Provider, &caller).expect("bonded");
		assert_eq!(ledger.unbonding.len() as u32, T::MaxChunks::get());
	}

	#[benchmark]
	fn withdraw() {
		let caller = bonded::<T>(T::MaxChunks::get());
		frame_system::Pallet::<T>::set_block_number(1_000u32.into());
		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), Role::Provider);
		let ledger = Ledgers::<T>::get(Role::Provider, &caller).expect("bonded");
		assert!(ledger.unbonding.is_empty());
	}

	/// The slash takes the last of the stake, and rewards with it, and its fault stays in memory: the ledger goes, and the
	/// agenda gets an entry.
	#[benchmark]
	fn apply_slash() {
		let provider = penalised::<T>(0, 0, Fault::NotRevealed);
		let caller: AccountId = account("anyone", 0, 0);
		pass::<T>(10);
		#[extrinsic_call]
		_(RawOrigin::Signed(caller), SLASH);
		assert!(!Ledgers::<T>::contains_key(Role::Provider, &provider));
		assert!(RecentFaults::<T>::contains_key(&provider));
	}

	/// The provider is not registered and has no jobs: what a forfeiture does beyond stake is the weight that
	/// `OnForfeit` gives, which is added where slashes act. Only its first looks, which find nothing here, are in both.
	#[benchmark]
	fn apply_forfeiture() {
		let provider = condemned::<T>();
		let caller: AccountId = account("anyone", 0, 0);
		pass::<T>(10);
		#[extrinsic_call]
		apply_slash(RawOrigin::Signed(caller), SLASH);
		assert!(Excluded::<T>::contains_key(Role::Provider, &provider));
	}

	/// The slash is of one job, whose fault is forgiven with it, in a ledger with all its chunks.
	#[benchmark]
	fn cancel_slash() -> Result<(), BenchmarkError> {
		let origin =
			T::Governance::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let provider = penalised::<T>(T::MaxChunks::get(), UNIT, Fault::NotRevealed);
		Pallet::<T>::remember(&provider);
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, SLASH);
		assert!(!PendingSlashes::<T>::contains_key(SLASH));
		assert_eq!(RecentFaults::<T>::get(&provider).expect("one is left").count, 1);
		Ok(())
	}

	#[benchmark]
	fn appeal_slash() {
		let provider = penalised::<T>(T::MaxChunks::get(), 0, Fault::NotRevealed);
		let evidence = H256::repeat_byte(2);
		#[extrinsic_call]
		_(RawOrigin::Signed(provider), SLASH, evidence);
		assert_eq!(PendingSlashes::<T>::get(SLASH).expect("waits").appeal, Some(evidence));
	}

	#[benchmark]
	fn set_windows() -> Result<(), BenchmarkError> {
		let origin =
			T::Governance::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let unbonding = T::LongestDispute::get() + 1;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, unbonding, 1);
		assert_eq!(UnbondingPeriod::<T>::get(), unbonding);
		Ok(())
	}

	/// One look at the agenda that finds nothing.
	#[benchmark]
	fn sweep_height() {
		pass::<T>(1);
		let at = now::<T>();
		SweptTo::<T>::put(at);
		#[block]
		{
			Pallet::<T>::sweep_agenda(Weight::MAX);
		}
		assert_eq!(SweptTo::<T>::get(), at + 1);
	}

	/// A provider lost everything for its job, and time has passed.
	#[benchmark]
	fn forget() {
		let provider = penalised::<T>(0, 0, Fault::WrongResult);
		let height = now::<T>() + T::FaultMemory::get() + 1;
		pass::<T>(T::FaultMemory::get() + 1);
		assert!(Agenda::<T>::contains_key(height, Due::Forget(provider.clone())));
		#[block]
		{
			Pallet::<T>::do_due(height, Due::Forget(provider.clone()));
		}
		assert!(!RecentFaults::<T>::contains_key(&provider));
		assert!(!Agenda::<T>::contains_key(height, Due::Forget(provider)));
	}
}
