// SPDX-License-Identifier: Apache-2.0
//! Steps of credits, claims, feeds, blocks' authors and the clock.

use super::{now, unit, windows::*, World};
use crate::{
	cast::cast,
	steps::{Said, Step},
};
use calor_mock::*;
use calor_primitives::{
	market::FeedValues,
	money::{ceil_of, PURCHASE_BURN, UNIT},
	traits::Liquidity,
};
use frame_support::dispatch::DispatchResult;

impl World {
	pub(super) fn act_on_money(&mut self, step: &Step) -> DispatchResult {
		match step.clone() {
			Step::BuyCredits { who, amount } => {
				let who = Self::actor(who);
				let liquid = Liquid::liquid(who);
				let amount = Self::amount(amount, liquid);
				let must = amount >= UNIT && amount <= liquid;
				let had = self.book.purse(who).total();
				let done = self.try_to(must, || BurnMint::buy_credits(by(who), amount));
				assert_eq!(done.is_ok(), must, "whoever can pay for credits gets them");
				if must {
					let credits = amount - ceil_of(PURCHASE_BURN, amount);
					assert_eq!(self.book.purse(who).total(), had + credits);
				}
				done
			},
			Step::RefundCredits { who, amount } => {
				let who = Self::actor(who);
				let old = self.book.purse(who).refundable(now());
				let amount = amount.map(|amount| Self::amount(amount, old));
				let must = (1..=old).contains(&amount.unwrap_or(old));
				let done = self.try_to(must, || BurnMint::refund_credits(by(who), amount));
				assert_eq!(done.is_ok(), must, "what is old enough comes back, and nothing else");
				done
			},
			Step::Claim { who } => {
				let who = Self::actor(who);
				let rewards = BurnMint::purse(who.clone()).rewards;
				let must = !rewards.is_empty() && System::account_exists(who);
				let done = self.try_to(must, || unit(BurnMint::claim(by(who))));
				assert!(!rewards.is_empty() || done.is_err(), "there was nothing to claim");
				if done.is_ok() {
					assert!(BurnMint::purse(who.clone()).rewards.is_empty(), "all was claimed");
				}
				done
			},
			Step::ClaimFor { by: signer, claims } => {
				let claims: Vec<_> = claims
					.into_iter()
					.map(|(who, back)| {
						let who = cast().actors.get(who as usize).cloned();
						let who = who.unwrap_or_else(Treasury::get);
						(who, epoch().wrapping_sub(back.into()))
					})
					.collect();
				let can = |(who, epoch): &(_, u32)| {
					let rewards = BurnMint::purse(Clone::clone(who)).rewards;
					System::account_exists(who) && rewards.iter().any(|(of, ..)| of == epoch)
				};
				let must = claims.iter().any(can);
				let claims = claims.try_into().expect("few");
				self.try_to(must, || BurnMint::claim_for(by(Self::actor(signer)), claims))
			},
			Step::Feed { by: signer, said } => {
				let who = signer.map_or(&cast().feeder, Self::actor);
				let of = |percent: u8| FeedValues {
					cal: CAL_USD * u128::from(percent) / 100,
					kwh: KWH_USD * u128::from(percent) / 100,
				};
				let values = match said {
					Said::Sane(percent) => of(percent),
					Said::Wild(cal, kwh) => FeedValues { cal, kwh },
					Said::Zero => FeedValues { cal: 0, kwh: KWH_USD },
				};
				let valid = pallet_market::feeds::are_valid(&values);
				let must = signer.is_none() && valid;
				let done = self.try_to(must, || unit(Market::feed(by(who), values)));
				assert_eq!(done.is_ok(), must, "feeders alone feed, and what can be");
				done
			},
			Step::Author { who } => {
				author_is(Self::actor(who).clone());
				check_invariants();
				Ok(())
			},
			Step::ClockJump(milliseconds) => {
				jump_clock(milliseconds);
				check_invariants();
				Ok(())
			},
			Step::MoneyWindows { which, root } => {
				self.may(|| BurnMint::set_windows(Self::origin(root), money_windows(which)))
			},
			Step::MarketRules { which, root } => {
				self.may(|| Market::set_parameters(Self::origin(root), market_rules_of(which)))
			},
			Step::SetPrice { class, per_cu, root } => {
				self.may(|| Market::set_price(Self::origin(root), class, per_cu))
			},
			_ => unreachable!(),
		}
	}
}
