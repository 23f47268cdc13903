// SPDX-License-Identifier: Apache-2.0
//! How a job is paid: in credits, with a purchase burn that nothing gets around, at a price of which a part may be
//! withheld, and by feeds that may fall silent.

use calor_mock::*;
use calor_primitives::{
	job::{CloseReason, HardwareClass, JobState},
	market::FeedValues,
	money::{ceil_of, cost_of_credits, BurnKind, Payment, Price, SUBMISSION_FEE, UNIT},
	Balance, JobId,
};
use frame_support::{assert_noop, assert_ok};
use pallet_burn_mint::Burned;
use pallet_jobs::{Error, HoldReason};
use sp_runtime::Perbill;

/// Escrow of the small job.
const ESCROW: Balance = PRICE + LEVY;

fn burned(kind: BurnKind) -> Balance {
	Burned::<Runtime>::get(kind)
}

fn cancel(name: &str, job: JobId) {
	assert_ok!(Jobs::cancel(by(&account(name)), job));
}

#[test]
fn without_credits_submitting_buys_what_is_needed() {
	Story::tell(|m| {
		let spec = m.spec(&program(0));
		let (before, purchases) = (free("grace"), burned(BurnKind::Purchase));
		let job = m.submit_spec("grace", spec);
		assert_eq!(held("grace", HoldReason::Escrow), ESCROW);
		assert_eq!(credits("grace"), 0);
		let cost = cost_of_credits(ESCROW).unwrap();
		assert_eq!(cost, (ESCROW * 20).div_ceil(19));
		assert_eq!(free("grace"), before - cost - record(job).deposit - SUBMISSION_FEE);
		assert_eq!(burned(BurnKind::Purchase), purchases + cost - ESCROW);
	});
}

#[test]
fn credits_pay_first_and_only_the_rest_is_bought() {
	Story::tell(|m| {
		buy_credits("grace", UNIT);
		let mut spec = m.spec(&program(0));
		spec.tip = UNIT;
		let (before, purchases) = (free("grace"), burned(BurnKind::Purchase));
		let job = m.submit_spec("grace", spec.clone());
		let cost = cost_of_credits(ESCROW).unwrap();
		assert_eq!(credits("grace"), 0);
		assert_eq!(free("grace"), before - cost - record(job).deposit - SUBMISSION_FEE);
		assert_eq!(burned(BurnKind::Purchase), purchases + cost - ESCROW);
		// What comes back pays for the next without a burn.
		cancel("grace", job);
		assert_eq!(credits("grace"), ESCROW + UNIT);
		let purchases = burned(BurnKind::Purchase);
		m.submit_spec("grace", spec);
		assert_eq!(credits("grace"), 0);
		assert_eq!(burned(BurnKind::Purchase), purchases);
	});
}

#[test]
fn a_job_that_is_cancelled_is_no_way_out_of_credits() {
	Story::tell(|m| {
		buy_credits("grace", 100 * UNIT);
		advance(REFUND_AFTER);
		let mut spec = m.spec(&program(0));
		spec.tip = 100 * UNIT - ESCROW;
		let job = m.submit_spec("grace", spec);
		cancel("grace", job);
		// They were old enough before, and are new again.
		assert_eq!(credits("grace"), 100 * UNIT);
		let refused = BurnMint::refund_credits(by(&account("grace")), None);
		assert_noop!(refused, pallet_burn_mint::Error::<Runtime>::CreditsTooYoung);
		advance(REFUND_AFTER - 1);
		let refused = BurnMint::refund_credits(by(&account("grace")), Some(1));
		assert_noop!(refused, pallet_burn_mint::Error::<Runtime>::CreditsTooYoung);
		advance(1);
		let before = free("grace");
		assert_ok!(BurnMint::refund_credits(by(&account("grace")), None));
		assert_eq!(free("grace"), before + 100 * UNIT);
	});
}

#[test]
fn only_the_escrow_is_paid_in_credits() {
	Story::tell(|m| {
		let mut spec = m.spec(&program(0));
		spec.class = HardwareClass::Tensor;
		let before = (free("alice"), credits("alice"));
		let job = m.submit_spec("alice", spec);
		let (deposit, access) = (record(job).deposit, record(job).access);
		assert_eq!(free("alice"), before.0 - deposit - access - SUBMISSION_FEE);
		assert_eq!(credits("alice"), before.1 - record(job).escrow());
		cancel("alice", job);
		assert_eq!(free("alice"), before.0 - deposit - SUBMISSION_FEE);
		assert_eq!(credits("alice"), before.1);
		advance(RETENTION + 1);
		assert_eq!(free("alice"), before.0 - SUBMISSION_FEE);
	});
}

#[test]
fn credits_and_balance_count_together_and_to_the_planck() {
	Story::tell(|m| {
		let mut spec = m.spec(&program(0));
		let first = m.submit_spec("alice", spec.clone());
		let deposit = record(first).deposit;
		cancel("alice", first);
		let (poor, bob) = (account("poor"), account("bob"));
		assert_ok!(Balances::transfer_allow_death(by(&bob), poor.clone(), 3 * UNIT));
		buy_credits("poor", UNIT);
		spec.tip = UNIT;
		let existential = UNIT / 1_000;
		let needed = cost_of_credits(ESCROW).unwrap() + deposit + SUBMISSION_FEE + existential;
		let rest = free("poor") - needed;
		assert_ok!(Balances::transfer_allow_death(by(&poor), bob.clone(), rest + 1));
		assert_noop!(Jobs::submit(by(&poor), spec.clone()), Error::<Runtime>::BalanceTooLow);
		assert_ok!(Balances::transfer_allow_death(by(&bob), poor.clone(), 1));
		assert_ok!(Jobs::submit(by(&poor), spec));
		assert_eq!((free("poor"), credits("poor")), (existential, 0));
	});
}

#[test]
fn a_batch_is_paid_in_credits_job_by_job() {
	Story::tell(|m| {
		buy_credits("grace", UNIT);
		let mut spec = m.spec(&program(0));
		spec.tip = UNIT / 2;
		let purchases = burned(BurnKind::Purchase);
		let specs = vec![spec; 3].try_into().unwrap();
		assert_ok!(Jobs::submit_batch(by(&account("grace")), specs));
		assert_eq!(held("grace", HoldReason::Escrow), 3 * (ESCROW + UNIT / 2));
		// The second needs the last of the credits and some more, the third all anew.
		let of = |credits| purchase_burn(credits);
		let second = 2 * (ESCROW + UNIT / 2) - UNIT;
		let expected = of(second) + of(ESCROW + UNIT / 2);
		assert_eq!(burned(BurnKind::Purchase), purchases + expected);
	});
}

#[test]
fn refunds_of_many_ages_are_still_all_there() {
	Story::tell(|m| {
		let mut jobs = Vec::new();
		for _ in 0..20 {
			jobs.push(m.submit("grace"));
		}
		for (n, job) in jobs.into_iter().enumerate() {
			cancel("grace", job);
			assert_eq!(credits("grace"), (n as Balance + 1) * ESCROW);
			advance(1);
		}
		let ages = BurnMint::purse(account("grace")).credits;
		assert_eq!(ages.len(), 16, "the last five share an age");
		assert_eq!(ages[15].amount, 5 * ESCROW);
	});
}

/// Makes the price of class General stand a tenth above its average.
fn raise_prices() {
	let per_cu = CAL_USD * 11 / 10;
	assert_ok!(Market::set_price(RuntimeOrigin::root(), HardwareClass::General, per_cu));
}

#[test]
fn half_of_what_a_price_exceeds_its_average_by_is_burned_and_not_recycled() {
	Story::tell_long(|m| {
		m.provider("bob");
		raise_prices();
		let mut spec = m.spec(&program_of(1_000_000_000_000));
		spec.deliver_within = 70;
		let job = m.submit_spec("alice", spec);
		let Price { price, withheld } = record(job).terms();
		// (1.1 - 1) / 1.1 / 2 of it.
		assert_eq!(withheld, price.div_ceil(22));
		let burned_before = (burned(BurnKind::Settlement), burned(BurnKind::Withheld));
		let before = (wealth("bob"), issuance());
		m.deliver(job);
		advance(CHALLENGE + 1);
		let settled = payment(job);
		let burned_part = ceil_of(Perbill::from_percent(20), price);
		let paid = price - burned_part - withheld;
		let levy = record(job).levy;
		assert_eq!(settled, Payment { paid, burned: burned_part, withheld, levy });
		assert_eq!(settled.total(), price + levy);
		assert_eq!(wealth("bob"), before.0 + paid);
		assert_eq!(issuance(), before.1 - burned_part - withheld);
		assert_eq!(burned(BurnKind::Settlement), burned_before.0 + burned_part);
		assert_eq!(burned(BurnKind::Withheld), burned_before.1 + withheld);
		let worked = pallet_burn_mint::WorkOf::<Runtime>::get(epoch());
		assert_eq!((worked.price, worked.burned), (price, burned_part));
	});
}

#[test]
fn what_is_withheld_is_fixed_at_submission_and_shrinks_with_the_price() {
	Story::tell_long(|m| {
		m.provider("bob");
		raise_prices();
		let mut spec = m.spec(&program_of(1_000_000_000_000));
		spec.deliver_within = 100;
		let job = m.submit_spec("alice", spec);
		let terms = record(job).terms();
		// Whatever becomes of prices.
		assert_ok!(Market::set_price(RuntimeOrigin::root(), HardwareClass::General, CAL_USD));
		assert_eq!(record(job).terms(), terms);
		m.assigned(job);
		m.accept("bob", job);
		advance(40);
		let before = (wealth("bob"), credits("alice"), burned(BurnKind::Withheld));
		cancel("alice", job);
		let earned = (terms.price * 40).div_ceil(100);
		let part = terms.reduced_to(earned);
		assert_eq!(part.withheld, (terms.withheld * earned).div_ceil(terms.price));
		let burned_part = ceil_of(Perbill::from_percent(20), earned);
		assert_eq!(wealth("bob"), before.0 + earned - burned_part - part.withheld);
		assert_eq!(credits("alice"), before.1 + terms.price + record(job).levy - earned);
		assert_eq!(burned(BurnKind::Withheld), before.2 + part.withheld);
	});
}

#[test]
fn silent_feeds_stop_new_jobs_and_nothing_else() {
	Story::tell_long(|m| {
		m.provider("bob");
		let rules = pallet_market::Parameters { stale_after: 60_000, ..market_rules() };
		assert_ok!(Market::set_parameters(RuntimeOrigin::root(), rules));
		feed(RATES);
		let settles = m.submit("alice");
		m.deliver(settles);
		assert_ok!(Providers::set_ready(by(&account("bob")), false));
		let [closes, cancelled] = [m.submit("alice"), m.submit("alice")];
		jump_clock(60_000);
		let spec = m.spec(&program(0));
		let refused = Jobs::submit(by(&account("alice")), spec.clone());
		assert_noop!(refused, pallet_market::Error::<Runtime>::FeedsStale);
		cancel("alice", cancelled);
		advance(QUEUE + 2);
		assert!(matches!(state(settles), JobState::Settled { .. }));
		assert_eq!(assert_closed(closes, CloseReason::NoCapacity), ESCROW);
		feed(RATES);
		m.submit_spec("alice", spec);
	});
}

#[test]
fn the_quote_follows_the_price_of_cal() {
	Story::tell(|m| {
		let mac = program_of(1_000_000_000_000).validate().unwrap().mac();
		let mut spec = m.spec(&program_of(1_000_000_000_000));
		spec.deliver_within = 70;
		let dear = record(m.submit_spec("alice", spec.clone())).price;
		assert_eq!(dear, u128::from(mac));
		// CAL is worth a twentieth more from now on: so much less of it is due.
		for _ in 0..4 {
			feed(FeedValues { cal: CAL_USD * 21 / 20, kwh: KWH_USD });
			jump_clock(120_000);
			advance(REFRESH);
		}
		let cheap = record(m.submit_spec("alice", spec)).price;
		assert_eq!(cheap, (u128::from(mac) * 20).div_ceil(21));
	});
}
