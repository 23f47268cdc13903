// SPDX-License-Identifier: Apache-2.0
//! Credits, epochs and claims by their events: what was bought, what may be claimed, what the pools still have.

use super::{purse::Purse, Book, Hold};
use crate::cast::name_of;
use calor_mock::*;
use calor_primitives::{
	money::{ceil_of, BurnKind, MintKind, PURCHASE_BURN, UNIT},
	supply::{EpochReport, Pools, Reward},
	AccountId, Balance, EpochIndex,
};
use pallet_burn_mint::{Event, CLAIM_EPOCHS};
use std::collections::BTreeMap;

/// Parts of the pools that an epoch lets go, in parts of 10^18.
const SIMPLE_RATE: Balance = 474_320_862_749_566;
const BASELINE_RATE: Balance = 316_166_788_196_237;
const ONE: Balance = 1_000_000_000_000_000_000;

/// Work that was settled in the epoch under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Work {
	price: Balance,
	burned: Balance,
}

/// What is known of supply.
pub struct Supply {
	pools: Pools,
	epoch: EpochIndex,
	work: Work,
	/// Of the epoch that is being closed.
	ended: Option<(EpochIndex, Work)>,
	/// What of closed epochs has not been claimed.
	unclaimed: BTreeMap<EpochIndex, Reward>,
	claimed: Vec<(AccountId, EpochIndex)>,
	/// Up to which epoch rewards were forfeited.
	void: BTreeMap<AccountId, EpochIndex>,
	/// Mints since the last look, as they follow from claims; and as they were told.
	mints: BTreeMap<(AccountId, u8), Balance>,
	told: BTreeMap<(AccountId, u8), Balance>,
	/// Whether anything of this but work and forfeitures changed since the last look.
	moved: bool,
	refund_after: u32,
}

impl Default for Supply {
	fn default() -> Self {
		Self {
			pools: Pools { simple: 120_000_000 * UNIT, baseline: 280_000_000 * UNIT },
			epoch: 0,
			work: Work::default(),
			ended: None,
			unclaimed: BTreeMap::new(),
			claimed: Vec::new(),
			void: BTreeMap::new(),
			mints: BTreeMap::new(),
			told: BTreeMap::new(),
			moved: true,
			refund_after: REFUND_AFTER,
		}
	}
}

impl Book {
	pub(super) fn read_burn_mint(&mut self, event: Event<Runtime>) {
		match event {
			Event::Burned { kind, amount } => *self.told.entry(kind as u8).or_default() += amount,
			Event::Minted { who, kind, amount } => {
				*self.supply.told.entry((who, kind as u8)).or_default() += amount;
			},
			Event::EpochEnded { epoch } => {
				self.reached.note("Epoch ended");
				assert_eq!(epoch, self.supply.epoch, "epochs end in order, and once");
				assert_eq!(self.supply.ended, None, "one epoch is closed at a time");
				self.supply.epoch += 1;
				let work = std::mem::take(&mut self.supply.work);
				self.supply.ended = Some((epoch, work));
			},
			Event::EpochClosed { epoch, report } => self.read_closed_epoch(epoch, report),
			Event::EpochExpired { epoch, returned, lapsed } => {
				self.reached.note("Epoch expired");
				self.supply.moved = true;
				let left = self.supply.unclaimed.remove(&epoch).expect("an epoch expires once");
				assert!(epoch + CLAIM_EPOCHS < self.supply.epoch, "an epoch expires in its time");
				let all =
					Reward { availability: returned.simple + returned.baseline, work: lapsed };
				assert_eq!(left, all, "what was not claimed returns or lapses");
				self.supply.pools.simple += returned.simple;
				self.supply.pools.baseline += returned.baseline;
			},
			Event::Claimed { who, epoch, reward } => self.read_claimed(who, epoch, reward),
			Event::RewardsForfeited { who, to } => {
				self.reached.note("Rewards forfeited");
				assert_eq!(to, self.supply.epoch, "the epoch under way is void too");
				self.supply.void.insert(who, to);
			},
			Event::WindowsSet { windows } => self.supply.refund_after = windows.refund_after,
			Event::CreditsBought { .. }
			| Event::CreditsSpent { .. }
			| Event::CreditsReturned { .. }
			| Event::CreditsRefunded { .. } => self.read_credits(event),
			Event::__Ignore(..) => unreachable!(),
		}
	}

	fn read_credits(&mut self, event: Event<Runtime>) {
		let at = now() + self.supply.refund_after;
		match event {
			Event::CreditsBought { who, credits, burned } => {
				self.reached.note("Credits bought");
				let least = ceil_of(PURCHASE_BURN, credits + burned);
				assert!((least..=least + 1).contains(&burned), "a twentieth is burned");
				self.loses(&who, burned);
				self.burns(BurnKind::Purchase, burned);
				self.gets_credits(&who, credits, at);
				self.bought = Some(who);
			},
			Event::CreditsSpent { who, amount } => {
				self.purse(&who).spend(amount);
				self.frees(&who, Hold::Credits, amount);
				if self.bought.take().as_ref() == Some(&who) {
					let left = self.purse(&who).total();
					assert_eq!(left, 0, "{} bought and still had some", name_of(&who));
				}
				*self.in_flight.entry(who).or_default() += amount;
			},
			Event::CreditsReturned { who, amount } => {
				self.reached.note("Credits returned");
				self.gets_credits(&who, amount, at);
				*self.coming_back.entry(who).or_default() += amount;
			},
			Event::CreditsRefunded { who, amount } => {
				self.reached.note("Credits refunded");
				self.purse(&who).turn_back(amount, now());
				self.frees(&who, Hold::Credits, amount);
			},
			_ => unreachable!(),
		}
	}

	fn gets_credits(&mut self, who: &AccountId, amount: Balance, at: u32) {
		self.holds(who, Hold::Credits, amount);
		self.purse(who).add(amount, at);
	}

	/// Credits of somebody, by the book.
	pub fn purse(&mut self, who: &AccountId) -> &mut Purse {
		self.purses.entry(who.clone()).or_default()
	}

	/// A settlement or a paid cancellation.
	pub(super) fn worked(&mut self, price: Balance, burned: Balance) {
		self.supply.work.price += price;
		self.supply.work.burned += burned;
	}

	fn read_closed_epoch(&mut self, epoch: EpochIndex, report: EpochReport) {
		self.reached.note("Epoch closed");
		self.supply.moved = true;
		let (ended, work) = self.supply.ended.take().expect("what is closed has ended");
		assert_eq!(ended, epoch, "another epoch was closed");
		assert_eq!((report.work, report.work_burned), (work.price, work.burned), "its work");
		let pools = &mut self.supply.pools;
		assert_eq!(
			report.budget.simple,
			pools.simple * SIMPLE_RATE / ONE,
			"the simple pool's part"
		);
		let most = pools.baseline * BASELINE_RATE / ONE;
		assert!(report.budget.baseline <= most, "the baseline pool gives too much");
		let budget = report.budget.simple + report.budget.baseline;
		let availability = report.providers + report.validators + report.treasury;
		assert_eq!(report.drawn.simple + report.drawn.baseline, availability, "paid and drawn");
		assert!(report.drawn.simple <= report.budget.simple, "more was drawn than let go");
		assert!(report.drawn.baseline <= report.budget.baseline, "more was drawn than let go");
		assert!(report.validators <= budget / 5, "a fifth for validators");
		assert_eq!(report.treasury, budget / 20, "a twentieth for the treasury");
		assert!(report.providers <= report.providers_limit, "the limit by electricity");
		let rest = budget - budget / 5 - budget / 20;
		assert!(report.providers_limit <= rest, "the rest for providers");
		let parts = report.kappa.deconstruct();
		assert!((500_000_000..=900_000_000).contains(&parts), "kappa is {:?}", report.kappa);
		assert!(report.recycled <= report.kappa.mul_floor(work.burned), "recycled too much");
		for (what, amount) in [
			("Providers paid", report.providers),
			("Validators paid", report.validators),
			("Work recycled", report.recycled),
		] {
			if amount > 0 {
				self.reached.note(what);
			}
		}
		let pools = &mut self.supply.pools;
		pools.simple -= report.drawn.simple;
		pools.baseline -= report.drawn.baseline;
		let unclaimed = Reward { availability, work: report.recycled };
		assert!(self.supply.unclaimed.insert(epoch, unclaimed).is_none(), "it was closed twice");
	}

	fn read_claimed(&mut self, who: AccountId, epoch: EpochIndex, reward: Reward) {
		self.reached.note("Claimed");
		self.supply.moved = true;
		let claim = (who.clone(), epoch);
		assert!(!self.supply.claimed.contains(&claim), "{} claimed twice", name_of(&who));
		self.supply.claimed.push(claim);
		let void = self.supply.void.get(&who);
		assert!(void.is_none_or(|void| epoch > *void), "{} forfeited this", name_of(&who));
		let left = self.supply.unclaimed.get_mut(&epoch).expect("only closed epochs are claimed");
		left.availability = left.availability.checked_sub(reward.availability).expect("there");
		left.work = left.work.checked_sub(reward.work).expect("there");
		self.gains(&who, reward.total());
		for (kind, amount) in
			[(MintKind::Availability, reward.availability), (MintKind::Work, reward.work)]
		{
			if amount > 0 {
				*self.supply.mints.entry((who.clone(), kind as u8)).or_default() += amount;
			}
		}
	}

	/// Purses, pools and rewards are what the book says; jobs are paid in credits and refunded in credits.
	pub(super) fn compare_money(&mut self) {
		self.bought = None;
		for (what, sums) in [("spent", &mut self.in_flight), ("refunded", &mut self.coming_back)] {
			let left: Vec<_> = sums.iter().filter(|(_, amount)| **amount != 0).collect();
			assert!(left.is_empty(), "credits {what} are not what jobs say: {left:?}");
			sums.clear();
		}
		let (mints, told) =
			(std::mem::take(&mut self.supply.mints), std::mem::take(&mut self.supply.told));
		assert_eq!(mints, told, "mints are not what was claimed");
		for (who, purse) in &self.purses {
			let credits = pallet_burn_mint::Credits::<Runtime>::get(who);
			assert_eq!(credits.as_slice(), purse.chunks(), "credits of {}", name_of(who));
		}
		if !std::mem::take(&mut self.supply.moved) {
			return;
		}
		let left = pallet_burn_mint::Pools::<Runtime>::get();
		assert_eq!(left, self.supply.pools, "what is left in the pools");
		for (epoch, unclaimed) in &self.supply.unclaimed {
			let record = pallet_burn_mint::Epochs::<Runtime>::get(epoch).expect("not expired");
			assert_eq!(record.unclaimed, *unclaimed, "what can be claimed of epoch {epoch}");
		}
	}
}

fn now() -> u32 {
	System::block_number()
}
