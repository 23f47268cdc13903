// SPDX-License-Identifier: Apache-2.0
//! Working off what is due by height, as far as a block has room.

use crate::BlockNumber;
use frame_support::weights::{Weight, WeightMeter};

/// Goes through the heights from `from` to `now`, the oldest first, and does what is due at each while `meter` lasts.
///
/// `due` lists what is due at a height; `act` does one thing, and says whether there was weight for it. Each look at a
/// height weighs `look`, whether it finds something or the end. Gives the height to go on from: everything below it is
/// done. `None` if there was no weight to begin with.
pub fn sweep<I: Iterator>(
	meter: &mut WeightMeter,
	look: Weight,
	from: impl FnOnce() -> BlockNumber,
	now: BlockNumber,
	due: impl Fn(BlockNumber) -> I,
	mut act: impl FnMut(BlockNumber, I::Item, &mut WeightMeter) -> bool,
) -> Option<BlockNumber> {
	meter.try_consume(look).ok()?;
	let mut height = from();
	while height <= now {
		let mut items = due(height);
		loop {
			if meter.try_consume(look).is_err() {
				return Some(height);
			}
			let Some(item) = items.next() else { break };
			if !act(height, item, meter) {
				return Some(height);
			}
		}
		height = height.saturating_add(1);
	}
	Some(height)
}
