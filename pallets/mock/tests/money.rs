// SPDX-License-Identifier: Apache-2.0
//! The ledger of supply: every burn is written down, and nothing is minted beyond the cap.

use calor_mock::*;
use calor_primitives::{
	job::HardwareClass,
	money::{BurnKind, MintKind, Payment, Price, CAP, MIN_JOB_PRICE, SUBMISSION_FEE, UNIT},
	traits::{MintAuthority, Tariff},
};
use frame_support::{
	assert_noop, assert_ok,
	traits::{
		fungible::Balanced,
		tokens::{Fortitude, Precision, Preservation},
		OnUnbalanced,
	},
};
use pallet_burn_mint::{fees::FeeSplit, Burned, Minted};
use proptest::prelude::*;

fn burned(kind: BurnKind) -> u128 {
	Burned::<Runtime>::get(kind)
}

#[test]
fn every_kind_of_burn_is_written_down() {
	Story::tell(|m| {
		m.provider("bob");
		let before = burned(BurnKind::Purchase);
		buy_credits("grace", 19 * UNIT);
		assert_eq!(burned(BurnKind::Purchase), before + UNIT);
		let job = m.submit("alice");
		assert_eq!(burned(BurnKind::Submission), SUBMISSION_FEE);
		m.deliver(job);
		advance(CHALLENGE + 1);
		assert_eq!(burned(BurnKind::Settlement), PRICE / 5);
		let mut spec = m.spec(&program(0));
		spec.tip = 7;
		let late = m.submit_spec("alice", spec);
		m.assigned(late);
		assert_eq!(burned(BurnKind::Tip), 7);
		let slash = record(late).earmark / 4;
		advance(ACCEPT + 2);
		assert_eq!(burned(BurnKind::Slash), 0, "slashes that are not proved wait");
		advance(DEFERRAL);
		assert_eq!(burned(BurnKind::Slash), slash * 4 / 5);
	});
}

#[test]
fn dust_is_burned() {
	Story::tell(|_| {
		let poor = sp_core::Pair::public(&pair("poor")).into();
		let grace = by(&account("grace"));
		assert_ok!(Balances::transfer_allow_death(grace, account("bob"), FUNDS - UNIT / 100 - 1));
		check_invariants();
		let carol = by(&account("carol"));
		assert_ok!(Balances::transfer_allow_death(carol, poor, UNIT));
		let poor: calor_primitives::AccountId = sp_core::Pair::public(&pair("poor")).into();
		let all_but_dust = UNIT - 7;
		assert_ok!(Balances::transfer_allow_death(by(&poor), account("bob"), all_but_dust));
		assert_eq!(burned(BurnKind::Dust), 7);
	});
}

struct Bob;
impl frame_support::traits::Get<Option<calor_primitives::AccountId>> for Bob {
	fn get() -> Option<calor_primitives::AccountId> {
		Some(account("bob"))
	}
}

struct Nobody;
impl frame_support::traits::Get<Option<calor_primitives::AccountId>> for Nobody {
	fn get() -> Option<calor_primitives::AccountId> {
		None
	}
}

#[test]
fn fees_are_halved_and_the_odd_planck_burns() {
	Story::tell(|_| {
		let fee = |n| {
			<Balances as Balanced<_>>::withdraw(
				&account("alice"),
				n,
				Precision::Exact,
				Preservation::Preserve,
				Fortitude::Polite,
			)
			.unwrap()
		};
		let before = wealth("bob");
		FeeSplit::<Runtime, Balances, Bob>::on_unbalanced(fee(101));
		assert_eq!(wealth("bob"), before + 50);
		assert_eq!(burned(BurnKind::Fee), 51);
		FeeSplit::<Runtime, Balances, Nobody>::on_unbalanced(fee(100));
		assert_eq!(burned(BurnKind::Fee), 151);
	});
}

#[test]
fn minting_stops_at_the_cap() {
	// Nobody worked for these, so the other invariants do not hold.
	new_test_ext().execute_with(|| {
		let left = CAP - issuance();
		let bob = account("bob");
		let over = BurnMint::mint(&bob, left + 1, MintKind::Work);
		assert_noop!(over, pallet_burn_mint::Error::<Runtime>::CapExceeded);
		let far = BurnMint::mint(&bob, u128::MAX, MintKind::Work);
		assert_noop!(far, pallet_burn_mint::Error::<Runtime>::CapExceeded);
		assert_ok!(BurnMint::mint(&bob, left, MintKind::Work));
		assert_eq!(issuance(), CAP);
		assert_eq!(Minted::<Runtime>::get(MintKind::Work), left);
		let full = BurnMint::mint(&bob, 1, MintKind::Availability);
		assert_noop!(full, pallet_burn_mint::Error::<Runtime>::CapExceeded);
	});
}

#[test]
fn a_burn_outside_the_ledger_is_found() {
	new_test_ext().execute_with(|| {
		use calor_primitives::traits::Invariants;
		assert_ok!(Balances::burn(by(&account("alice")), UNIT, false));
		assert_eq!(BurnMint::check(), Err("issuance + burned != genesis + minted"));
	});
}

#[test]
fn prices_are_governed() {
	Story::tell(|_| {
		let class = HardwareClass::HighMemory;
		let alice = by(&account("alice"));
		let by_alice = Market::set_price(alice, class, CAL_USD);
		assert_noop!(by_alice, sp_runtime::DispatchError::BadOrigin);
		let root = RuntimeOrigin::root();
		let early = Market::set_price(root.clone(), class, CAL_USD);
		assert_noop!(early, pallet_market::Error::<Runtime>::NoEnergy);
		assert_ok!(Market::set_energy(root.clone(), class, 50_000));
		let zero = Market::set_price(root.clone(), class, 0);
		assert_noop!(zero, pallet_market::Error::<Runtime>::BelowFloor);
		let highest = pallet_market::types::MAX_PRICE;
		assert_ok!(Market::set_price(root.clone(), class, highest));
		let quote = Market::quote(class, u64::MAX);
		assert_eq!(quote, Err(pallet_market::Error::<Runtime>::PriceTooLarge.into()));
		let least = Market::floor_of(class);
		let below = Market::set_price(root.clone(), class, least - 1);
		assert_noop!(below, pallet_market::Error::<Runtime>::BelowFloor);
		assert_ok!(Market::set_price(root, class, least));
		assert_eq!(Market::quote(class, 1), Ok(Price { price: MIN_JOB_PRICE, withheld: 0 }));
	});
}

proptest! {
	#[test]
	fn payments_conserve_and_rounding_never_pays(
		price in any::<u128>(),
		withheld in any::<u128>(),
		levy in any::<u64>(),
	) {
		for class in HardwareClass::ALL {
			let withheld = withheld.min(price / 2 + 1);
			let p = Payment::of(Price { price, withheld }, levy.into(), class);
			prop_assert_eq!(p.paid + p.burned + p.withheld, price);
			prop_assert_eq!(p.withheld, withheld.min(price - p.burned));
			prop_assert_eq!(p.levy, u128::from(levy));
			let percent = if class == HardwareClass::Tensor { 25u128 } else { 20 };
			// burned >= price * percent / 100, without overflow.
			prop_assert!(p.burned >= price / 100 * percent);
		}
	}

	#[test]
	fn prices_round_up_and_splitting_a_job_never_saves(
		mac in 2u64..,
		per_cu in 1..pallet_market::types::MAX_PRICE,
		cal in 1..pallet_market::types::MAX_PRICE,
		at in 1u64..,
	) {
		let price = |mac| pallet_market::tariff::price_of(mac, per_cu, cal).unwrap();
		let part = at % (mac - 1) + 1;
		prop_assert!(price(mac) <= price(part) + price(mac - part));
	}

	#[test]
	fn a_part_of_a_price_is_withheld_in_proportion_and_rounded_up(
		price in 1..CAP,
		withheld in any::<u128>(),
		at in any::<u128>(),
	) {
		let terms = Price { price, withheld: withheld % (price / 2 + 1) };
		let part = at % (price + 1);
		let (one, rest) = (terms.reduced_to(part), terms.reduced_to(price - part));
		prop_assert_eq!(one.price + rest.price, price);
		let both = one.withheld + rest.withheld;
		prop_assert!((terms.withheld..=terms.withheld + 1).contains(&both));
		prop_assert_eq!(terms.reduced_to(price), terms);
	}
}
