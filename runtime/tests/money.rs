// SPDX-License-Identifier: Apache-2.0

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used,
	reason = "tests may panic"
)]

//! Money as the whole runtime moves it: fees, what jobs burn and give back, vesting, prices, and what hooks may take.

mod common;

use calor_primitives::{
	assurance::Assurance,
	job::HardwareClass,
	money::{
		cost_of_credits, settlement_burn, BurnKind, Payment, Price, CAP, MAC_PER_CU, MIN_JOB_PRICE,
	},
	runtime_api::{
		runtime_decl_for_market_api::MarketApiV1, runtime_decl_for_providers_api::ProvidersApiV1,
	},
	supply::EpochReport,
};
use calor_runtime::{
	constants::currency::{GENESIS_ISSUANCE, MILLI, UNIT},
	presets,
	presets::allocation::INSIDERS_VEST_OVER,
	AccountId, Balances, Block, Runtime, RuntimeCall, RuntimeOrigin, System, Vesting,
};
use common::{built, chain, settle_in};
use frame_support::{
	assert_ok,
	dispatch::{GetDispatchInfo, PostDispatchInfo},
	storage::{storage_prefix, unhashed},
	traits::VestingSchedule,
};
use pallet_burn_mint::{kappa, CurrentEpoch, EpochRecord, Epochs};
use pallet_transaction_payment::OnChargeTransaction;
use sp_core::Pair;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Ferdie};
use sp_runtime::{PerThing, Perbill};

/// Fee and tip together: the odd planck is burned.
#[test]
fn fees_and_tips_are_halved_between_burn_and_author() {
	type Charge = <Runtime as pallet_transaction_payment::Config>::OnChargeTransaction;
	let withdraw = <Charge as OnChargeTransaction<Runtime>>::withdraw_fee;
	let settle = <Charge as OnChargeTransaction<Runtime>>::correct_and_deposit_fee;

	chain(presets::DEV, || {
		let (payer, author) = (Ferdie.to_account_id(), Alice.to_account_id());
		let prefix = storage_prefix(b"Authorship", b"Author");
		unhashed::put(&prefix, &author);
		let balance = Balances::free_balance;
		let (had, before) = (balance(&payer), balance(&author));

		let call: RuntimeCall = frame_system::Call::remark { remark: Vec::new() }.into();
		let (info, post) = (call.get_dispatch_info(), PostDispatchInfo::default());
		// 401 planck of fee, of which 101 come back, and 700 of tip.
		let (fee, corrected, tip) = (1_101, 1_001, 700);
		let paid = withdraw(&payer, &call, &info, fee, tip).expect("Ferdie can pay");
		settle(&payer, &info, &post, corrected, tip, paid).expect("it can be given back");

		assert_eq!(had - balance(&payer), corrected);
		let burned = GENESIS_ISSUANCE - Balances::total_issuance();
		assert_eq!((balance(&author) - before, burned), (500, 501));
		assert_eq!(pallet_burn_mint::Burned::<Runtime>::get(BurnKind::Fee), burned);
	});
}

/// Whoever owns client, provider and author of a job, and is recycled the most, loses at least a tenth of the settlement's
/// burn, all of the purchase's, and the levy; however large the job.
#[test]
fn all_that_jobs_give_back_is_less_than_what_they_burn() {
	assert_eq!(kappa::MOST, Perbill::from_percent(90));
	assert!(kappa::kappa(u128::MAX, 1) == kappa::LEAST && kappa::LEAST < kappa::MOST);
	assert_eq!(kappa::kappa(0, 1), kappa::MOST);
	for class in HardwareClass::ALL {
		// The one rate that pays for jobs; audits are paid from what clients put in on top.
		let rate = kappa::MOST * settlement_burn(class);
		assert!(rate < settlement_burn(class) && settlement_burn(class) < Perbill::one());

		for price in [MIN_JOB_PRICE, MIN_JOB_PRICE + 1, UNIT - 1, 12_345 * UNIT + 7, CAP] {
			for withheld in [0, 1, price / 3, price / 2] {
				let levy = Assurance::Optimistic.levy(price).expect("it fits");
				let payment = Payment::of(Price { price, withheld }, levy, class);
				let spent = cost_of_credits(price + levy).expect("it fits");
				let back = payment.paid + kappa::MOST.mul_floor(payment.burned);
				let purchase = spent - price - levy;
				let least = kappa::MOST.left_from_one().mul_ceil(payment.burned);
				assert!(purchase > 0 && levy > 0);
				assert!(spent - back >= purchase + levy + least + payment.withheld);
			}
		}
	}
}

#[test]
fn insiders_begin_with_nothing_liquid_and_have_all_after_four_years() {
	let insider =
		AccountId::from(sp_core::sr25519::Pair::from_string("//Insider", None).unwrap().public());
	let million = 1_000_000 * UNIT;
	let as_insider = || RuntimeOrigin::signed(insider.clone());
	let send = |amount| {
		let to = Bob.to_account_id().into();
		Balances::transfer_allow_death(as_insider(), to, amount)
	};
	for preset in presets::names() {
		chain(&preset, || {
			assert_eq!(Balances::free_balance(&insider), million);
			assert!(send(UNIT).is_err());
			// A year in, a quarter may go and no more.
			System::set_block_number(INSIDERS_VEST_OVER / 4);
			assert_ok!(Vesting::vest(as_insider()));
			assert!(send(million / 4 + UNIT).is_err());
			assert_ok!(send(million / 4 - UNIT));
			System::set_block_number(INSIDERS_VEST_OVER - 1);
			assert_ok!(Vesting::vest(as_insider()));
			assert!(Vesting::vesting_balance(&insider).is_some_and(|left| left > 0));
			System::set_block_number(INSIDERS_VEST_OVER + 1);
			assert_ok!(Vesting::vest(as_insider()));
			assert_eq!(Vesting::vesting_balance(&insider), None);
		});
	}
}

#[test]
fn development_begins_with_the_prices_and_people_it_always_had() {
	for preset in presets::names() {
		chain(&preset, || {
			for person in Sr25519Keyring::well_known() {
				assert_eq!(Balances::free_balance(person.to_account_id()), 1_000_000 * UNIT);
			}
			let market = <Runtime as MarketApiV1<Block>>::market();
			assert!(market.fresh);
			for (class, milli) in [
				(HardwareClass::General, 100),
				(HardwareClass::HighMemory, 150),
				(HardwareClass::Tensor, 300),
			] {
				let report = market.classes.iter().find(|report| report.class == class).unwrap();
				assert_eq!(report.per_cu_planck, Some(milli * MILLI));
				assert!(report.floor > 0 && report.floor < report.per_cu / 1_000);
				assert_eq!(report.average, report.per_cu);
			}
		});
	}
}

#[test]
fn a_quote_says_all_that_a_job_takes() {
	chain(presets::DEV, || {
		let quote = |mac| <Runtime as MarketApiV1<Block>>::quote(HardwareClass::General, mac);
		let cu = quote(MAC_PER_CU as u64).expect("there is a price");
		assert_eq!((cu.price, cu.withheld), (100 * MILLI, 0));
		assert_eq!(Some(cu.levy), Assurance::default().levy(cu.price));
		assert_eq!(cu.cost, ((cu.price + cu.levy) * 20).div_ceil(19));
		assert!(cu.valid_until >= 1);
		assert_eq!(quote(0).expect("there is a least price").price, MIN_JOB_PRICE);
	});
}

#[test]
fn an_estimate_adds_what_the_last_epoch_paid() {
	built(presets::DEV, || {
		// A tenth of a CU a second, of class General.
		let owner = settle_in(0, MAC_PER_CU as u64 / 10, 0);
		let estimate =
			|| <Runtime as ProvidersApiV1<Block>>::estimate_reward(owner.clone()).expect("known");
		let young = estimate();
		assert_eq!(young.price_per_cu, 100 * MILLI);
		assert_eq!(young.provider_share, Perbill::from_percent(80));
		// 8,640 CU a day at 0.1 CAL, of which a fifth is burned.
		assert_eq!(young.daily_at_full_use, 8_640 * 100 * MILLI * 4 / 5);
		assert_eq!((young.daily, young.daily_availability, young.daily_recycled), (0, 0, 0));
		assert_eq!(young.daily_electricity, Some(0), "nobody of the class has a job");

		// An epoch in which four times its capacity got 12 CAL.
		let report = EpochReport {
			capacity: MAC_PER_CU * 4 / 10,
			providers: 12 * UNIT,
			work: 100 * UNIT,
			recycled: 18 * UNIT,
			..Default::default()
		};
		Epochs::<Runtime>::insert(0, EpochRecord { report, ..Default::default() });
		CurrentEpoch::<Runtime>::mutate(|epoch| epoch.index = 1);
		// Its quarter, in 1,440 epochs a day.
		assert_eq!(estimate().daily_availability, 3 * UNIT * 1_440);
		assert_eq!(estimate().daily_recycled, 0, "no job, no burn");

		// Without stake it earns nothing by being there.
		pallet_stake::Ledgers::<Runtime>::remove(pallet_stake::Role::Provider, &owner);
		assert_eq!(estimate().daily_availability, 0);
	});
}
