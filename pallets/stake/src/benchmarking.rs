// SPDX-License-Identifier: Apache-2.0
//! Cost of each call at its worst: ledgers with all their chunks.

use crate::{Call, Chunk, Config, Ledgers, Pallet, Role, UnbondingPeriod};
use calor_primitives::{money::UNIT, AccountId};
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{hold::Mutate as _, Mutate},
	Get,
};
use frame_system::RawOrigin;

fn funded<T: Config>() -> AccountId {
	let caller: AccountId = whitelisted_caller();
	T::Currency::set_balance(&caller, 1_000_000 * UNIT);
	caller
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
}
