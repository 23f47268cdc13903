// SPDX-License-Identifier: Apache-2.0
//! Buying and selling: CAL at the exchange, work at the chain's price; and what feeders say of prices.

use crate::{
	fees::{charge, FEE},
	genesis::KWH_USD,
	people::CLASS,
	scale::{per_real_cu, pico, planck, real_cu},
	world::{Conditions, Feeds, Open, World},
};
use calor_mock::{by, Balances, BurnMint, Jobs, Liquid, Market, Runtime, Stake};
use calor_primitives::{
	assurance::Assurance,
	job::HardwareClass,
	market::FeedValues,
	money::{SUBMISSION_FEE, UNIT},
	traits::{Credits, Liquidity, Tariff},
	AccountId, Balance, JobId,
};
use frame_support::assert_ok;
use pallet_stake::Role;

/// Hours that a job keeps an honest provider busy.
pub const JOB_HOURS: u32 = 48;
/// Jobs in the queue beyond which clients wait before they submit more.
const PATIENCE: u32 = 10;
/// Jobs whose stake a provider wants to be able to put down: one that runs, some that are not paid yet, and some for a
/// day on which CAL falls.
const JOBS_BACKED: u128 = 4;

/// Liquid CAL of an account, in planck.
pub fn liquid(who: &AccountId) -> Balance {
	Liquid::liquid(who)
}

/// Price of a CU as the simulation has it, in pico-USD.
pub fn per_cu(class: HardwareClass) -> u128 {
	pallet_market::Classes::<Runtime>::get(class).map_or(0, |record| record.per_cu)
}

impl World {
	/// Buys CAL; says whether the exchange had so much.
	pub fn buy(&mut self, who: &AccountId, amount: Balance) -> bool {
		if liquid(&self.exchange) < amount + UNIT {
			self.today.dry += 1;
			return false;
		}
		assert_ok!(Balances::transfer_keep_alive(by(&self.exchange), who.clone(), amount));
		if self.attackers.contains(who) {
			self.invested += amount as i128;
		}
		true
	}

	/// Sells all liquid CAL but `keep`.
	pub fn sell(&mut self, who: &AccountId, keep: f64) {
		let amount = liquid(who).saturating_sub(planck(keep));
		if amount < UNIT {
			return;
		}
		let exchange = self.exchange.clone();
		assert_ok!(Balances::transfer_keep_alive(by(who), exchange, amount));
		if self.attackers.contains(who) {
			self.invested -= amount as i128;
		}
	}

	/// Feeders report, each within a hundredth of what is.
	pub(crate) fn feed(&mut self, conditions: &Conditions) {
		for (i, feeder) in self.feeders.clone().into_iter().enumerate() {
			let factor = match conditions.feeds {
				Feeds::Honest => 1.0,
				Feeds::Silent => continue,
				Feeds::Lying(liars, factor) => {
					if i < liars {
						factor
					} else {
						1.0
					}
				},
			};
			let noise = self.rng.between(0.99, 1.01);
			let values = FeedValues {
				cal: pico(conditions.cal * factor * noise).max(1),
				kwh: pico(KWH_USD),
			};
			assert_ok!(Market::feed(by(&feeder), values));
		}
	}

	/// Clients submit as much as their money buys at the price of the hour: half the price, twice the work.
	pub(crate) fn demand(&mut self, conditions: &Conditions) {
		let class = CLASS;
		let price = per_real_cu(per_cu(class)).max(f64::MIN_POSITIVE);
		self.wanted += conditions.demand / 24.0 / price;
		let most = self.typical_mac(conditions, JOB_HOURS);
		let listed = self.library.at_most(most).clone();
		let size = real_cu(u128::from(listed.mac));
		while self.wanted >= size {
			if Jobs::queue_length(class) >= PATIENCE {
				self.today.crowded += (self.wanted / size) as u32;
				self.wanted = 0.0;
				return;
			}
			self.turn = (self.turn + 1) % self.clients.len();
			let client = self.clients[self.turn].clone();
			if self.submit(&client, class, listed.mac, false).is_none() {
				self.wanted = 0.0;
				return;
			}
			self.wanted -= size;
		}
	}

	/// Buys what a job takes and submits it; gives its number, unless nothing is quoted or the exchange is dry.
	pub fn submit(
		&mut self,
		client: &AccountId,
		class: HardwareClass,
		mac: u64,
		washed: bool,
	) -> Option<JobId> {
		let listed = self.library.at_most(mac).clone();
		let Ok(quote) = <Market as Tariff>::quote(class, listed.mac) else {
			self.today.unquoted += 1;
			return None;
		};
		let escrow = quote.price + Assurance::Optimistic.levy(quote.price).expect("small enough");
		let credits = <BurnMint as Credits>::shortfall(client, escrow).expect("small enough");
		// The deposit and the lock of the class come back.
		let needed = credits + SUBMISSION_FEE + FEE + 15 * UNIT;
		let missing = needed.saturating_sub(liquid(client));
		if missing > 0 && !self.buy(client, missing) {
			return None;
		}
		charge(client);
		assert_ok!(Jobs::submit(by(client), listed.spec(class, 0)));
		let id = pallet_jobs::LastJob::<Runtime>::get();
		self.open.push(Open { id, mac: listed.mac, washed });
		Some(id)
	}

	/// Providers that work bond more if the stake behind their jobs has become too small.
	pub(crate) fn fill_up_stake(&mut self, conditions: &Conditions) {
		let mac = self.library.at_most(self.typical_mac(conditions, JOB_HOURS)).mac;
		let Ok(quote) = <Market as Tariff>::quote(CLASS, mac) else { return };
		let per_job = Assurance::Optimistic.earmark(quote.price, 0).expect("small enough");
		for index in 0..self.providers.len() {
			let provider = &self.providers[index];
			if !provider.plan.works || provider.gone || provider.plan.attacks {
				continue;
			}
			let owner = provider.owner.clone();
			let active = Stake::ledger(Role::Provider, owner.clone()).map_or(0, |l| l.active);
			let short = (JOBS_BACKED * per_job).saturating_sub(active);
			// Nobody can bond more than the market has to sell.
			let short = short.min(liquid(&self.exchange) / 100);
			if short > 1_000 * UNIT && self.buy(&owner, short) {
				charge(&owner);
				assert_ok!(Stake::bond_more(by(&owner), Role::Provider, short));
			}
		}
	}
}
