// SPDX-License-Identifier: Apache-2.0
//! Which pieces share a buffer.
//!
//! A *slot* is a buffer. Pieces whose lives do not overlap may share one; what is made from constants and read by steps
//! has one of its own, as it outlives the run.

use crate::tape::{Life, Origin, Piece};

/// Where each piece stands.
#[derive(Debug, Default)]
pub(crate) struct Slots {
	/// The slot of each piece; `None` for what nothing reads.
	pub place: Vec<Option<usize>>,
	/// Bytes of each slot.
	pub bytes: Vec<u64>,
	/// What a slot holds in every run, if it is always the same.
	pub held: Vec<Option<Origin>>,
	free: Vec<usize>,
}

impl Slots {
	/// Places pieces in the order of their births, up to time `last`.
	pub fn allocate(lives: &[Life], last: usize) -> Self {
		let mut this = Self { place: vec![None; lives.len()], ..Self::default() };
		let mut births: Vec<Piece> =
			(0..lives.len()).filter(|&p| lives[p].dies.is_some()).collect();
		births.sort_by_key(|&piece| lives[piece].born);
		let mut births = births.into_iter().peekable();
		let mut living: Vec<Piece> = Vec::new();
		for now in 0..=last {
			while let Some(piece) = births.next_if(|&piece| lives[piece].born <= now) {
				let life = &lives[piece];
				let held = life.origin.clone().filter(|_| life.dies > Some(0));
				this.place[piece] = Some(match held {
					Some(origin) => this.new_slot(life.bytes, Some(origin)),
					None => {
						living.push(piece);
						this.take(life.bytes)
					},
				});
			}
			living.retain(|&piece| {
				let dead = lives[piece].dies == Some(now);
				if let (true, Some(slot)) = (dead, this.place[piece]) {
					this.free.push(slot);
				}
				!dead
			});
		}
		this
	}

	/// The smallest free slot that is large enough; else the largest free one, enlarged; else a new one.
	fn take(&mut self, need: u64) -> usize {
		let bytes = &self.bytes;
		let nth = |&(_, &slot): &(usize, &usize)| bytes[slot];
		let free = || self.free.iter().enumerate();
		let fitting = free().filter(|(_, &slot)| bytes[slot] >= need).min_by_key(nth);
		match fitting.or(free().max_by_key(nth)).map(|(i, _)| i) {
			Some(i) => {
				let slot = self.free.swap_remove(i);
				self.bytes[slot] = self.bytes[slot].max(need);
				slot
			},
			None => self.new_slot(need, None),
		}
	}

	fn new_slot(&mut self, bytes: u64, held: Option<Origin>) -> usize {
		self.bytes.push(bytes);
		self.held.push(held);
		self.bytes.len() - 1
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn life(bytes: u64, born: usize, dies: usize) -> Life {
		Life { bytes, born, dies: Some(dies), origin: None }
	}

	#[test]
	fn lives_that_overlap_never_share_a_slot_and_others_do() {
		let lives = [
			life(100, 1, 1),
			Life { bytes: 1000, born: 1, dies: None, origin: None },
			life(50, 1, 2),
			life(80, 2, 3),
			life(120, 3, 4),
			life(10, 4, 5),
		];
		let slots = Slots::allocate(&lives, 4);
		// Step 1 takes the slot of the dead input, step 2 that of step 0's result, enlarged, step 3 the first again.
		assert_eq!(slots.place, [Some(0), None, Some(1), Some(0), Some(1), Some(0)]);
		assert_eq!(slots.bytes, [100, 120]);
	}

	#[test]
	fn constants_that_steps_read_have_slots_of_their_own() {
		let origin = |constant| Some(Origin { constant, packing: String::new() });
		let lives = [
			Life { origin: origin(0), ..life(64, 0, 0) },
			Life { origin: origin(1), ..life(64, 0, 1) },
			Life { origin: origin(0), ..life(32, 0, 2) },
			life(60, 1, 2),
			life(60, 2, 3),
		];
		let slots = Slots::allocate(&lives, 2);
		// The first constant is only read while loading, so the input takes its slot; no step takes the second's.
		assert_eq!(slots.place, [Some(0), Some(1), Some(2), Some(0), Some(3)]);
		assert_eq!(slots.held, [None, origin(1), origin(0), None]);
	}
}
