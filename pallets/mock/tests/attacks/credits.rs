// SPDX-License-Identifier: Apache-2.0
//! Credits: what their ages, their merging and their refunds could be abused for.

use crate::{cases, ground::*};
use calor_mock::*;
use calor_primitives::{
	money::{BurnKind, UNIT},
	traits::Credits as _,
	Balance, BlockNumber,
};
use frame_support::{assert_noop, assert_ok};
use pallet_burn_mint::{Burned, Error, Windows, MAX_CHUNKS};
use proptest::{collection::vec, prelude::*};

/// What somebody does with credits.
#[derive(Clone, Debug)]
enum Step {
	Buy(Balance),
	Spend(Balance),
	Return(Balance),
	Refund(Option<Balance>),
	Wait(BlockNumber),
	Window(BlockNumber),
}

fn step() -> impl Strategy<Value = Step> {
	let amount = || prop_oneof![0..3 * UNIT, 0..2_000 * UNIT, Just(Balance::MAX)];
	prop_oneof![
		4 => amount().prop_map(Step::Buy),
		3 => amount().prop_map(Step::Spend),
		2 => amount().prop_map(Step::Return),
		2 => proptest::option::of(amount()).prop_map(Step::Refund),
		4 => (1..30u32).prop_map(Step::Wait),
		1 => (1..80u32).prop_map(Step::Window),
	]
}

/// The same with lots: every credit remembers when it came, and none leaves before its time.
#[derive(Default)]
struct Lots(Vec<(Balance, BlockNumber)>);

impl Lots {
	fn total(&self) -> Balance {
		self.0.iter().map(|(amount, _)| amount).sum()
	}

	/// What could be refunded if no ages were ever merged: the most that may leave.
	fn ripe(&self, now: BlockNumber) -> Balance {
		self.0.iter().filter(|(_, at)| *at <= now).map(|(amount, _)| amount).sum()
	}

	fn take_newest(&mut self, mut amount: Balance) {
		while amount > 0 {
			let Some((last, _)) = self.0.last_mut() else { return };
			let taken = amount.min(*last);
			*last -= taken;
			amount -= taken;
			if *last == 0 {
				self.0.pop();
			}
		}
	}

	fn take_ripe(&mut self, mut amount: Balance, now: BlockNumber) {
		for (lot, at) in &mut self.0 {
			if *at <= now {
				let taken = amount.min(*lot);
				*lot -= taken;
				amount -= taken;
			}
		}
		assert_eq!(amount, 0, "more was refunded than had come of age");
		self.0.retain(|(lot, _)| *lot > 0);
	}
}

proptest! {
	#![proptest_config(cases())]

	#[test]
	fn no_credit_leaves_before_its_time_and_every_burn_is_paid(steps in vec(step(), 1..60)) {
		on_new_chain(|| {
			let alice = account("alice");
			let (mut lots, mut window) = (Lots::default(), REFUND_AFTER);
			for step in steps {
				let now = System::block_number();
				let (rich, had) = (wealth("alice"), credits("alice"));
				let burned = Burned::<Runtime>::get(BurnKind::Purchase);
				match step {
					Step::Buy(amount) => {
						if BurnMint::buy_credits(by(&alice), amount).is_ok() {
							assert!(amount >= UNIT);
							let burn = amount.div_ceil(20);
							assert_eq!(rich - wealth("alice"), burn);
							lots.0.push((amount - burn, now + window));
						}
					},
					Step::Spend(amount) => {
						let cost = BurnMint::shortfall(&alice, amount);
						if <BurnMint as calor_primitives::traits::Credits>::spend(&alice, amount).is_ok() {
							let missing = amount.saturating_sub(had);
							assert_eq!(rich - wealth("alice"), cost.unwrap() - missing);
							lots.take_newest(amount - missing);
						}
					},
					Step::Return(amount) => {
						let amount = amount.min(free("alice") / 2);
						if <BurnMint as calor_primitives::traits::Credits>::refund(&alice, amount).is_ok() && amount > 0 {
							assert_eq!(wealth("alice"), rich);
							lots.0.push((amount, now + window));
						}
					},
					Step::Refund(amount) => {
						let before = free("alice");
						if BurnMint::refund_credits(by(&alice), amount).is_ok() {
							let refunded = free("alice") - before;
							assert!(amount.is_none_or(|asked| asked == refunded));
							assert!(refunded <= lots.ripe(now));
							lots.take_ripe(refunded, now);
						}
					},
					Step::Wait(blocks) => go_to(now + blocks),
					Step::Window(refund_after) => {
						window = refund_after;
						let windows = Windows { epoch: REWARD_EPOCH, refund_after };
						assert_ok!(BurnMint::set_windows(RuntimeOrigin::root(), windows));
					},
				}
				assert_eq!(credits("alice"), lots.total());
				assert!(BurnMint::purse(alice.clone()).credits.len() <= MAX_CHUNKS as usize);
				let burned = Burned::<Runtime>::get(BurnKind::Purchase) - burned;
				assert!(burned <= rich - wealth("alice"));
				assert_eq!(BurnMint::shortfall(&alice, credits("alice")), Some(0));
				money_holds();
			}
			// In the end everything comes back, and nothing but the burns is missing.
			go_to(System::block_number() + 200);
			let had = credits("alice");
			if had > 0 {
				let before = free("alice");
				assert_ok!(BurnMint::refund_credits(by(&alice), None));
				assert_eq!(free("alice"), before + had);
			}
			assert_noop!(
				BurnMint::refund_credits(by(&alice), None),
				Error::<Runtime>::CreditsTooYoung
			);
		});
	}
}

/// More ages than are told apart make nothing older.
#[test]
fn a_seventeenth_age_makes_the_sixteenth_young_and_no_other() {
	on_new_chain(|| {
		let alice = account("alice");
		let first = System::block_number() + REFUND_AFTER;
		for _ in 0..20 {
			assert_ok!(BurnMint::buy_credits(by(&alice), UNIT));
			block();
		}
		let chunks = BurnMint::purse(alice.clone()).credits;
		assert_eq!(chunks.len(), 16);
		assert!(chunks.windows(2).all(|two| two[0].refundable_at < two[1].refundable_at));
		assert_eq!(chunks[0].refundable_at, first);
		assert_eq!(chunks[15].refundable_at, first + 19);
		assert_eq!(chunks[15].amount, 5 * UNIT / 100 * 95);
		go_to(first - 1);
		assert_noop!(BurnMint::refund_credits(by(&alice), None), Error::<Runtime>::CreditsTooYoung);
		go_to(first);
		assert_ok!(BurnMint::refund_credits(by(&alice), None));
		assert_eq!(BurnMint::purse(alice).credits.len(), 15);
	});
}

/// What is vesting buys no credits, and neither does what keeps the account alive.
#[test]
fn locked_tokens_buy_no_credits() {
	use frame_support::traits::{LockableCurrency, WithdrawReasons};
	on_new_chain(|| {
		let alice = account("alice");
		let vesting = FUNDS - 100 * UNIT;
		Balances::set_lock(*b"vesting ", &alice, vesting, WithdrawReasons::all());
		let spend = <BurnMint as calor_primitives::traits::Credits>::spend;
		assert_noop!(spend(&alice, 96 * UNIT), Error::<Runtime>::BalanceTooLow);
		assert_noop!(
			BurnMint::buy_credits(by(&alice), 100 * UNIT + 1),
			Error::<Runtime>::BalanceTooLow
		);
		assert_ok!(BurnMint::buy_credits(by(&alice), 100 * UNIT));
		assert_noop!(BurnMint::buy_credits(by(&alice), UNIT), Error::<Runtime>::BalanceTooLow);
	});
}
