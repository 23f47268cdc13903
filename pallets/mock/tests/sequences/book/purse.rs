// SPDX-License-Identifier: Apache-2.0
//! Credits of one account, by what events tell of them: the least that a purse can be.

use calor_primitives::{supply::CreditChunk, Balance, BlockNumber};

/// Most ages that are told apart.
const MOST: usize = 16;

/// Credits by age, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Purse(Vec<CreditChunk>);

impl Purse {
	/// All credits.
	pub fn total(&self) -> Balance {
		self.0.iter().map(|chunk| chunk.amount).sum()
	}

	/// Credits that can be turned back at that height.
	pub fn refundable(&self, now: BlockNumber) -> Balance {
		let old = self.0.iter().filter(|chunk| chunk.refundable_at <= now);
		old.map(|chunk| chunk.amount).sum()
	}

	/// When the last of them can be turned back.
	pub fn last(&self) -> Option<BlockNumber> {
		self.0.iter().map(|chunk| chunk.refundable_at).max()
	}

	/// The ages.
	pub fn chunks(&self) -> &[CreditChunk] {
		&self.0
	}

	/// New credits. Without room for another age they make the newest younger.
	pub fn add(&mut self, amount: Balance, refundable_at: BlockNumber) {
		let full = self.0.len() == MOST;
		match self.0.last_mut() {
			Some(newest) if full || newest.refundable_at == refundable_at => {
				newest.amount += amount;
				newest.refundable_at = newest.refundable_at.max(refundable_at);
			},
			_ => self.0.push(CreditChunk { amount, refundable_at }),
		}
	}

	/// The newest are spent.
	#[track_caller]
	pub fn spend(&mut self, amount: Balance) {
		let mut missing = amount;
		while missing > 0 {
			let newest = self.0.last_mut().expect("what is spent was there");
			let taken = newest.amount.min(missing);
			newest.amount -= taken;
			missing -= taken;
			if newest.amount == 0 {
				self.0.pop();
			}
		}
	}

	/// The oldest are turned back, if they are old enough.
	#[track_caller]
	pub fn turn_back(&mut self, amount: Balance, now: BlockNumber) {
		assert!(amount <= self.refundable(now), "what is turned back is old enough");
		let mut missing = amount;
		for chunk in self.0.iter_mut().filter(|chunk| chunk.refundable_at <= now) {
			let taken = chunk.amount.min(missing);
			chunk.amount -= taken;
			missing -= taken;
		}
		self.0.retain(|chunk| chunk.amount > 0);
	}
}
