// SPDX-License-Identifier: Apache-2.0
//! How many jobs to post in a block: as many as blocks can take, and no more, or jobs would miss their deadlines for
//! waiting in the pool.

/// The pace, in jobs a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
	now: u64,
	most: u64,
	/// Whether blocks have taken everything so far.
	starting: bool,
}

impl Pace {
	/// Begins at `least` and never exceeds `most`.
	pub fn new(least: u64, most: u64) -> Self {
		Self { now: least.min(most), most, starting: true }
	}

	/// Jobs to post now.
	pub fn now(self) -> u64 {
		self.now
	}

	/// Learns from a block that took so many transactions and left so many. A quarter slower when half as much as a block
	/// takes is left over; faster while blocks take nearly all, by a third until they once do not, by a sixteenth then.
	pub fn learn(&mut self, taken: u64, left: u64) {
		let nearly_all = left <= taken / 8;
		self.starting &= nearly_all;
		self.now = if left > taken / 2 {
			(self.now - self.now / 4).max(1)
		} else if nearly_all {
			let share = if self.starting { 3 } else { 16 };
			(self.now + self.now / share + 1).min(self.most)
		} else {
			self.now
		};
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// A chain whose blocks take so many transactions, of which each job is four.
	fn settle_at(capacity: u64, most: u64) -> (u64, u64) {
		let mut pace = Pace::new(16, most);
		let (mut left, mut worst) = (0u64, 0);
		for _ in 0..200 {
			left += 4 * pace.now();
			let taken = left.min(capacity);
			left -= taken;
			worst = worst.max(left);
			pace.learn(taken, left);
		}
		(pace.now(), worst)
	}

	#[test]
	fn the_pace_finds_what_blocks_take_without_piling_up() {
		for capacity in [80, 400, 1_600] {
			let (pace, worst) = settle_at(capacity, u64::MAX / 8);
			assert!((capacity / 8..=capacity / 3).contains(&pace), "{capacity}: {pace}");
			assert!(worst <= 2 * capacity, "{capacity}: {worst} left over");
		}
	}

	#[test]
	fn the_pace_stays_within_its_bounds() {
		assert_eq!(settle_at(10_000, 100).0, 100);
		let mut pace = Pace::new(1, 10);
		for _ in 0..10 {
			pace.learn(0, 100);
		}
		assert_eq!(pace.now(), 1, "it never stops altogether");
	}
}
