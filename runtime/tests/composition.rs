// SPDX-License-Identifier: Apache-2.0

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used,
	reason = "tests may panic"
)]

//! What only the whole runtime can show: genesis, the call filter, sessions, owner groups. Money has a file of its own.

mod common;

use calor_runtime::{
	configs::system::{RuntimeBlockLength, RuntimeBlockWeights},
	constants::currency::{EXISTENTIAL_DEPOSIT, GENESIS_ISSUANCE, MILLI, UNIT},
	presets, AccountId, Balances, Historical, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin,
	Session, SessionKeys, System, TransactionPayment, TreasuryAccount,
};
use calor_tensor::proof::{FraudProof, MAX_PROOF};
use codec::Encode;
use common::chain;
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo},
};
use sp_keyring::Sr25519Keyring::{Alice, Bob, Ferdie};
use sp_runtime::traits::Dispatchable;

fn burn() -> RuntimeCall {
	pallet_balances::Call::burn { value: UNIT, keep_alive: true }.into()
}

#[test]
fn every_preset_issues_the_genesis_supply() {
	for name in presets::names() {
		chain(&name, || {
			assert_eq!(Balances::total_issuance(), GENESIS_ISSUANCE);
			let held: u128 =
				frame_system::Account::<Runtime>::iter().map(|(_, a)| a.data.free).sum();
			assert_eq!(held, GENESIS_ISSUANCE);
			// Nobody but the treasury begins with more than a hundredth.
			for (who, account) in frame_system::Account::<Runtime>::iter() {
				assert!(
					who == TreasuryAccount::get() || account.data.free <= GENESIS_ISSUANCE / 100
				);
			}
		});
	}
	chain(presets::DEV, || assert_eq!(Session::validators(), vec![Alice.to_account_id()]));
	chain(presets::LOCAL, || assert_eq!(Session::validators().len(), 4));
}

#[test]
fn burning_behind_the_ledger_is_filtered_however_it_is_wrapped() {
	chain(presets::DEV, || {
		let alice = || RuntimeOrigin::signed(Alice.to_account_id());
		let plain = burn().dispatch(alice()).expect_err("burn is filtered");
		assert_eq!(plain.error, frame_system::Error::<Runtime>::CallFiltered.into());

		let batched: RuntimeCall = pallet_utility::Call::batch_all { calls: vec![burn()] }.into();
		let batched = batched.dispatch(alice()).expect_err("a batch is filtered inside");
		assert_eq!(batched.error, frame_system::Error::<Runtime>::CallFiltered.into());

		assert_ok!(calor_runtime::Proxy::add_proxy(
			RuntimeOrigin::signed(Bob.to_account_id()),
			Alice.to_account_id().into(),
			Default::default(),
			0
		));
		let proxied: RuntimeCall = pallet_proxy::Call::proxy {
			real: Bob.to_account_id().into(),
			force_proxy_type: None,
			call: Box::new(burn()),
		}
		.into();
		assert_ok!(proxied.dispatch(alice()));
		System::assert_last_event(RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted {
			result: Err(frame_system::Error::<Runtime>::CallFiltered.into()),
		}));
		assert_eq!(Balances::total_issuance(), GENESIS_ISSUANCE);
	});
}

#[test]
fn dust_leaves_through_the_ledger() {
	chain(presets::DEV, || {
		let poor = AccountId::new([7; 32]);
		let send = |from: &AccountId, to: &AccountId, value| {
			Balances::transfer_allow_death(
				RuntimeOrigin::signed(from.clone()),
				to.clone().into(),
				value,
			)
		};
		assert_ok!(send(&Alice.to_account_id(), &poor, EXISTENTIAL_DEPOSIT + 5));
		assert_ok!(send(&poor, &Bob.to_account_id(), 10));
		assert_eq!(GENESIS_ISSUANCE - Balances::total_issuance(), EXISTENTIAL_DEPOSIT - 5);
	});
}

#[test]
fn a_transfer_costs_about_a_thousandth() {
	chain(presets::DEV, || {
		let call: RuntimeCall = pallet_balances::Call::transfer_keep_alive {
			dest: Bob.to_account_id().into(),
			value: UNIT,
		}
		.into();
		assert_eq!(call.get_dispatch_info().class, DispatchClass::Normal);
		// Signature, signer, era, nonce and tip come on top of the call.
		let fee =
			TransactionPayment::query_call_info(call.clone(), call.encoded_size() as u32 + 105)
				.partial_fee;
		assert!(fee > MILLI / 2 && fee < 2 * MILLI, "fee is {fee}");
	});
}

#[test]
fn the_largest_fraud_proof_takes_at_most_a_quarter_of_a_block() {
	assert!(u64::from(*RuntimeBlockLength::get().max.get(DispatchClass::Normal)) > MAX_PROOF);
	// Its weight follows from its length alone until it is looked into.
	let proof = FraudProof {
		op: 0,
		tile: 0,
		claimed: [0; 32],
		path: vec![[0; 32]; MAX_PROOF as usize / 32],
		in_trace: Vec::new(),
		inputs: Vec::new(),
	};
	let call: RuntimeCall =
		pallet_verification::Call::prove_fraud { job: 0, salt: [0; 32], proof }.into();
	let weight = call.get_dispatch_info().call_weight;
	assert!(weight.all_lte(RuntimeBlockWeights::get().max_block.div(4)), "it weighs {weight:?}");
}

#[test]
fn keys_are_set_with_a_proof_and_never_without() {
	chain(presets::DEV, || {
		let ferdie = Ferdie.to_account_id();
		let made = SessionKeys::generate(&ferdie.encode(), None);
		let set = |proof: Vec<u8>| {
			Session::set_keys(RuntimeOrigin::signed(ferdie.clone()), made.keys.clone(), proof)
		};
		assert_noop!(set(Vec::new()), pallet_session::Error::<Runtime>::InvalidProof);
		assert_ok!(set(made.proof.encode()));
	});
}

#[test]
fn a_session_is_recorded_once_and_again_when_keys_change() {
	chain(presets::DEV, || {
		let alice = Alice.to_account_id();
		Session::rotate_session();
		let first = Historical::historical_root(2).expect("the first session planned is recorded");
		Session::rotate_session();
		assert_eq!(Historical::historical_root(3), Some(first));

		let made = SessionKeys::generate(&alice.encode(), None);
		assert_ok!(Session::set_keys(RuntimeOrigin::signed(alice), made.keys, made.proof.encode()));
		Session::rotate_session();
		let second = Historical::historical_root(4).expect("every session is recorded");
		assert_ne!(second, first);
		Session::rotate_session();
		assert_eq!(Historical::historical_root(5), Some(second));
	});
}

/// Gives Alice an identity with Bob as its sub-account; attested by a registrar if so said.
fn identity_with_sub(attested: bool) {
	use calor_runtime::Identity;
	use pallet_identity::{legacy::IdentityInfo, Data, Judgement};
	let alice = || RuntimeOrigin::signed(Alice.to_account_id());
	let info = IdentityInfo { display: Data::Raw(b"alice".to_vec().try_into().unwrap()), ..info() };
	assert_ok!(Identity::set_identity(alice(), Box::new(info.clone())));
	let name = Data::Raw(b"rack 1".to_vec().try_into().unwrap());
	assert_ok!(Identity::set_subs(alice(), vec![(Bob.to_account_id(), name)]));
	if attested {
		let registrar = Ferdie.to_account_id();
		assert_ok!(Identity::add_registrar(RuntimeOrigin::root(), registrar.clone().into()));
		assert_ok!(Identity::provide_judgement(
			RuntimeOrigin::signed(registrar),
			0,
			Alice.to_account_id().into(),
			Judgement::Reasonable,
			<sp_runtime::traits::BlakeTwo256 as sp_runtime::traits::Hash>::hash_of(&info),
		));
	}
}

fn info() -> pallet_identity::legacy::IdentityInfo<frame_support::traits::ConstU32<20>> {
	Default::default()
}

#[test]
fn only_an_attested_identity_speaks_for_its_sub_accounts() {
	use calor_primitives::traits::OwnerGroups;
	use calor_runtime::configs::accounts::IdentityGroups;
	let (alice, bob) = (Alice.to_account_id(), Bob.to_account_id());
	chain(presets::DEV, || {
		identity_with_sub(false);
		// Nobody asked Bob.
		assert_eq!(IdentityGroups::group_of(&bob).head, bob);
		assert!(!IdentityGroups::group_of(&alice).attested);
	});
	chain(presets::DEV, || {
		identity_with_sub(true);
		let group = IdentityGroups::group_of(&bob);
		assert_eq!((group.head, group.attested), (alice.clone(), true));
		// An identity of one's own comes first.
		let own = Box::new(info());
		assert_ok!(calor_runtime::Identity::set_identity(RuntimeOrigin::signed(bob.clone()), own));
		let group = IdentityGroups::group_of(&bob);
		assert_eq!((group.head, group.attested), (bob.clone(), false));
	});
}
