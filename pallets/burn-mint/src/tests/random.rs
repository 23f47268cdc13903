// SPDX-License-Identifier: Apache-2.0
//! Anything in any order: the invariants hold after every step, and accounts get what they were shown, once.

use super::{config, mock::*, number};
use crate::*;
use calor_primitives::{
	job::HardwareClass,
	money::Price,
	traits::{Credits as _, Invariants, Unclaimed},
};
use frame_support::weights::Weight;
use proptest::{collection::vec, prelude::*, sample::select};

#[derive(Clone, Debug)]
enum Step {
	Blocks(u32, Option<&'static str>),
	/// A chain that stood still.
	Jump(u32),
	Epochs(u32),
	Provide(&'static str, HardwareClass, u128),
	Stand(&'static str, &'static str, bool, bool),
	Settle(&'static str, &'static str, Balance, Balance),
	Claim(&'static str),
	ClaimFor(&'static str, u32),
	Forfeit(&'static str),
	Buy(&'static str, Balance),
	Spend(&'static str, Balance),
	Return(&'static str, Balance),
	Refund(&'static str, Option<Balance>),
	Prices(Option<u128>, Option<u128>),
	Windows(u32, u32),
	/// Room for so many times the least.
	Room(u64),
}

fn name() -> impl Strategy<Value = &'static str> {
	// Some of them do not exist to begin with.
	select(vec!["alice", "bob", "carol", "dave", "eve", "new", "newer", "treasury"])
}

fn known() -> impl Strategy<Value = &'static str> {
	select(NAMES.to_vec())
}

fn step() -> impl Strategy<Value = Step> {
	let class = || select(HardwareClass::ALL.to_vec());
	let price = || proptest::option::weighted(0.9, number(u128::MAX));
	prop_oneof![
		6 => (1..12u32, proptest::option::of(name())).prop_map(|(n, author)| Step::Blocks(n, author)),
		1 => number(1_000_000).prop_map(|n| Step::Jump(n as u32 + 1)),
		1 => (1..30u32).prop_map(Step::Epochs),
		4 => (name(), class(), number(10u128.pow(24))).prop_map(|(n, c, m)| Step::Provide(n, c, m)),
		2 => (name(), name(), any::<bool>(), any::<bool>()).prop_map(|(n, g, a, o)| Step::Stand(n, g, a, o)),
		6 => (known(), known(), number(FUNDS), number(FUNDS)).prop_map(|(c, p, q, w)| Step::Settle(c, p, q, w)),
		3 => name().prop_map(Step::Claim),
		3 => (name(), 0..100u32).prop_map(|(n, back)| Step::ClaimFor(n, back)),
		1 => name().prop_map(Step::Forfeit),
		2 => (known(), number(2 * FUNDS)).prop_map(|(n, a)| Step::Buy(n, a)),
		2 => (known(), number(2 * FUNDS)).prop_map(|(n, a)| Step::Spend(n, a)),
		1 => (known(), number(FUNDS)).prop_map(|(n, a)| Step::Return(n, a)),
		2 => (known(), proptest::option::of(number(FUNDS))).prop_map(|(n, a)| Step::Refund(n, a)),
		1 => (price(), price()).prop_map(|(cal, power)| Step::Prices(cal, power)),
		1 => (1..30u32, 1..100u32).prop_map(|(epoch, refund)| Step::Windows(epoch, refund)),
		1 => (1..20u64).prop_map(Step::Room),
	]
}

fn origin(name: &str) -> RuntimeOrigin {
	RuntimeOrigin::signed(account(name))
}

fn total_of(name: &str) -> Balance {
	use frame_support::traits::fungible::Inspect;
	Balances::total_balance(&account(name))
}

/// Carries out a call as a block would: whole or not at all.
fn dispatch<R, E>(call: impl FnOnce() -> Result<R, E>) -> bool
where
	E: From<sp_runtime::DispatchError>,
{
	frame_support::storage::with_storage_layer(call).is_ok()
}

fn perform(step: Step) {
	match step {
		Step::Blocks(count, author) => (0..count).for_each(|_| block_at(1, author)),
		Step::Jump(ahead) => block_at(ahead, Some("bob")),
		Step::Epochs(count) => {
			let epoch = CurrentWindows::<Runtime>::get().epoch;
			(0..count).for_each(|_| block_at(epoch, Some("carol")));
		},
		Step::Provide(who, class, capacity) => provide(who, class, capacity),
		Step::Stand(who, group, attested, in_order) => stand(who, group, attested, in_order),
		Step::Settle(client, provider, price, withheld) => {
			if price <= free(client).saturating_sub(MIN_BALANCE) {
				let payment = settle_at(client, provider, Price { price, withheld }, 0);
				assert_eq!(payment.total(), price);
			}
		},
		Step::Claim(who) => {
			let shown: Balance = rewards(who).iter().map(|(_, _, reward)| reward.total()).sum();
			let (before, issuance) = (total_of(who), Balances::total_issuance());
			let paid = dispatch(|| BurnMint::claim(origin(who)).map_err(|e| e.error));
			assert_eq!(paid, shown > 0 && before + shown >= MIN_BALANCE);
			let got = if paid { shown } else { 0 };
			assert_eq!(total_of(who) - before, got);
			assert_eq!(Balances::total_issuance() - issuance, got);
			assert!(!paid || rewards(who).is_empty());
		},
		Step::ClaimFor(who, back) => {
			let epoch = CurrentEpoch::<Runtime>::get().index.saturating_sub(back);
			let shown = rewards(who).into_iter().find(|(index, _, _)| *index == epoch);
			let shown = shown.map_or(0, |(_, _, reward)| reward.total());
			let before = total_of(who);
			let items = Claims::truncate_from(vec![(account(who), epoch); 3]);
			let paid = dispatch(|| BurnMint::claim_for(origin("alice"), items));
			assert_eq!(paid, shown > 0 && before + shown >= MIN_BALANCE);
			assert_eq!(total_of(who) - before, if paid { shown } else { 0 });
		},
		Step::Forfeit(who) => {
			BurnMint::forfeit(&account(who));
			assert!(rewards(who).is_empty());
		},
		Step::Buy(who, amount) => {
			let before = total_of(who);
			if dispatch(|| BurnMint::buy_credits(origin(who), amount)) {
				assert_eq!(before - total_of(who), amount.div_ceil(20));
			}
		},
		Step::Spend(who, amount) => {
			let who = account(who);
			let liquid = World::liquid(&who);
			let can = BurnMint::shortfall(&who, amount).is_some_and(|cost| cost <= liquid);
			let before = World::liquid(&who);
			let spent = dispatch(|| BurnMint::spend(&who, amount));
			assert_eq!(spent, can);
			assert!(!spent || World::liquid(&who) >= amount || before >= amount);
		},
		Step::Return(who, amount) => {
			let before = total_of(who);
			dispatch(|| BurnMint::refund(&account(who), amount));
			assert_eq!(total_of(who), before);
		},
		Step::Refund(who, amount) => {
			let (before, had) = (total_of(who), free(who));
			if dispatch(|| BurnMint::refund_credits(origin(who), amount)) {
				assert!(amount.is_none_or(|amount| free(who) - had == amount));
			}
			assert_eq!(total_of(who), before);
		},
		Step::Prices(cal, power) => {
			CalPrice::set(cal);
			PowerPrice::set(power);
		},
		Step::Windows(epoch, refund_after) => {
			let windows = Windows { epoch, refund_after };
			BurnMint::set_windows(RuntimeOrigin::root(), windows).unwrap();
		},
		Step::Room(times) => {
			let least = Weight::from_parts(1_000_000_000, u64::MAX);
			CloseWeight::set(Weight::from_parts(least.ref_time() * times, u64::MAX));
			assert!(BurnMint::can_close());
		},
	}
}

proptest! {
	#![proptest_config(config())]

	#[test]
	fn nothing_breaks_whatever_happens(steps in vec(step(), 1..80)) {
		chain(|| {
			for step in steps {
				perform(step);
				assert_eq!(BurnMint::check(), Ok(()));
			}
			// And every close comes to an end.
			CloseWeight::set(Weight::from_parts(100_000_000_000, u64::MAX));
			blocks(2);
			assert!(matches!(Close::<Runtime>::get(), Phase::Idle));
		});
	}
}
