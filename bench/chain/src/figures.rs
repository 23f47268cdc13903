// SPDX-License-Identifier: Apache-2.0
//! From blocks to figures.

use crate::{
	block::{Block, Fate, Kind, Weights},
	lives, transfers,
};
use serde::Serialize;

/// Picoseconds in a millisecond.
const MILLISECOND: f64 = 1e9;

/// What blocks hold and take, in milliseconds of weight.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct BlockFigures {
	/// From one block to the next, in milliseconds of time.
	pub period_ms: f64,
	/// What a block holds.
	pub weight_ms: f64,
	/// Of it for ordinary transactions.
	pub normal_ms: f64,
	/// What an empty block takes, hooks and inherent transactions.
	pub empty_ms: f64,
	/// Of so many empty blocks the mean.
	pub empty_blocks: usize,
}

/// Figures of transfers.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct TransferFigures {
	/// In the measured blocks.
	pub completed: u64,
	/// Measured blocks.
	pub blocks: usize,
	/// Of them those after which nothing was left over: the load generator was the limit.
	pub dry_blocks: usize,
	/// Part of what a block holds for ordinary transactions that was used, at most 1.
	pub fill: f64,
	/// By the clock.
	pub observed_per_second: f64,
	/// Weight of one, in milliseconds.
	pub weight_ms: f64,
	/// What blocks hold by weight.
	pub per_second_by_weight: f64,
}

/// Figures of lives.
#[derive(Clone, Debug, Serialize)]
pub struct LifeFigures {
	/// Jobs posted.
	pub posted: u64,
	/// Jobs settled.
	pub completed: u64,
	/// Jobs whose records were dropped.
	pub dropped: u64,
	/// Jobs that ended otherwise.
	pub closed: u64,
	/// Times that a provider failed a job.
	pub failed: u64,
	/// Steps and submissions that were sent again.
	pub resent: u64,
	/// Most jobs between posting and settling at once.
	pub most_open: usize,
	/// Blocks from the first job posted to the last record dropped.
	pub blocks: usize,
	/// By the clock: settled in the second half of the blocks in which any was.
	pub observed_per_second: f64,
	/// Weight of one in ordinary transactions, in milliseconds.
	pub transactions_ms: f64,
	/// Weight of one in hooks (assigning, settling, dropping), in milliseconds.
	pub hooks_ms: f64,
	/// All weight of one, in milliseconds.
	pub weight_ms: f64,
	/// What blocks hold by the weight of transactions alone.
	pub per_second_by_transactions: f64,
	/// What blocks hold by all weight.
	pub per_second_by_all: f64,
	/// The smaller of the two.
	pub per_second_by_weight: f64,
}

/// Figures of one call.
#[derive(Clone, Debug, Serialize)]
pub struct CallFigures {
	/// The call.
	pub call: &'static str,
	/// Transactions of it that succeeded.
	pub count: u64,
	/// Mean weight, in milliseconds, as the chain counted it after they ran.
	pub weight_ms: f64,
	/// What the chain says beforehand, in milliseconds.
	pub declared_ms: f64,
}

/// Mean weights of empty blocks, in picoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Empty {
	/// Of ordinary transactions; more than nothing if somebody else uses the chain.
	pub normal: f64,
	/// Of hooks and inherent transactions.
	pub mandatory: f64,
}

impl Empty {
	/// The mean of these.
	pub fn of(blocks: &[Block]) -> Self {
		let mean = |part: fn(&Weights) -> u64| {
			let sum: u64 = blocks.iter().map(|block| part(&block.weight)).sum();
			sum as f64 / blocks.len().max(1) as f64
		};
		Self { normal: mean(|w| w.normal), mandatory: mean(|w| w.mandatory) }
	}

	/// What these blocks have more than as many empty ones: of transactions, operational ones among them, and of hooks.
	fn excess(self, blocks: &[Block]) -> (f64, f64) {
		blocks.iter().fold((0.0, 0.0), |(transactions, hooks), Block { weight, .. }| {
			let sent = (weight.normal + weight.operational) as f64;
			(transactions + sent - self.normal, hooks + weight.mandatory as f64 - self.mandatory)
		})
	}
}

/// How many of a thing that weighs so much fit into `room` a block, by the second. Weights in milliseconds.
fn by_weight(room: f64, weight: f64, period_ms: f64) -> f64 {
	if weight > 0.0 {
		room / weight * 1_000.0 / period_ms
	} else {
		0.0
	}
}

/// Figures of transfers.
pub fn of_transfers(run: &transfers::Run, empty: Empty, block: &BlockFigures) -> TransferFigures {
	let completed: u64 = run.blocks.iter().map(|block| block.tally(Kind::Transfer).count).sum();
	let ended = run.blocks.last().map_or(run.began, |block| block.time);
	let seconds = (ended - run.began) as f64 / 1_000.0;
	let (normal, _) = empty.excess(&run.blocks);
	let normal_ms = normal / MILLISECOND;
	let weight_ms = normal_ms / completed.max(1) as f64;
	TransferFigures {
		completed,
		blocks: run.blocks.len(),
		dry_blocks: run.dry,
		fill: normal_ms / (block.normal_ms * run.blocks.len().max(1) as f64),
		observed_per_second: completed as f64 / seconds.max(0.001),
		weight_ms,
		per_second_by_weight: by_weight(block.normal_ms, weight_ms, block.period_ms),
	}
}

/// Jobs settled by the second, in the second half of the blocks in which any was: the first half still speeds up.
fn settled_per_second(blocks: &[Block]) -> f64 {
	let settles = |block: &Block| block.fates(&Fate::Settled) > 0;
	let Some(first) = blocks.iter().position(settles) else { return 0.0 };
	let last = blocks.iter().rposition(settles).unwrap_or(first);
	let half = first + (last - first) / 2;
	let Some(before) = blocks.get(half).filter(|_| half < last) else { return 0.0 };
	let settled: u64 =
		blocks[half + 1..=last].iter().map(|block| block.fates(&Fate::Settled)).sum();
	settled as f64 * 1_000.0 / (blocks[last].time - before.time) as f64
}

/// Figures of lives.
pub fn of_lives(run: &lives::Run, empty: Empty, block: &BlockFigures) -> LifeFigures {
	let (transactions, hooks) = empty.excess(&run.blocks);
	// All weight is laid on those that were completed: what was in vain makes them dearer.
	let each = |weight: f64| weight / MILLISECOND / run.settled.max(1) as f64;
	let (transactions_ms, hooks_ms) = (each(transactions), each(hooks));
	let weight_ms = transactions_ms + hooks_ms;
	let by_transactions = by_weight(block.normal_ms, transactions_ms, block.period_ms);
	let by_all = by_weight(block.weight_ms - block.empty_ms, weight_ms, block.period_ms);
	LifeFigures {
		posted: run.posted,
		completed: run.settled,
		dropped: run.dropped,
		closed: run.closed,
		failed: run.failed,
		resent: run.resent,
		most_open: run.most_open,
		blocks: run.blocks.len(),
		observed_per_second: settled_per_second(&run.blocks),
		transactions_ms,
		hooks_ms,
		weight_ms,
		per_second_by_transactions: by_transactions,
		per_second_by_all: by_all,
		per_second_by_weight: by_transactions.min(by_all),
	}
}

/// Figures of a block. `limits` in picoseconds.
pub fn of_blocks(limits: crate::node::Limits, empty: &[Block]) -> BlockFigures {
	BlockFigures {
		period_ms: limits.period as f64,
		weight_ms: limits.block as f64 / MILLISECOND,
		normal_ms: limits.normal as f64 / MILLISECOND,
		empty_ms: Empty::of(empty).mandatory / MILLISECOND,
		empty_blocks: empty.len(),
	}
}

/// Figures of a call. `declared` in picoseconds.
pub fn of_call(kind: Kind, blocks: &[Block], declared: u64) -> CallFigures {
	let tallies = blocks.iter().map(|block| block.tally(kind));
	let (count, weight) = tallies.fold((0, 0), |(n, sum), t| (n + t.count, sum + t.weight));
	CallFigures {
		call: kind.name(),
		count,
		weight_ms: weight as f64 / MILLISECOND / count.max(1) as f64,
		declared_ms: declared as f64 / MILLISECOND,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{block::Tally, node::Limits};
	use std::collections::BTreeMap;

	const LIMITS: Limits =
		Limits { block: 1_000_000_000_000, normal: 750_000_000_000, base: 0, period: 2_000 };

	/// A block that weighs so many milliseconds.
	fn block(height: u32, normal: u64, mandatory: u64, settled: usize) -> Block {
		Block {
			height,
			time: u64::from(height) * 2_000,
			weight: Weights {
				normal: normal * 1_000_000_000,
				operational: 0,
				mandatory: mandatory * 1_000_000_000,
			},
			transactions: BTreeMap::new(),
			jobs: vec![(1, Fate::Settled); settled],
			failures: Vec::new(),
		}
	}

	fn near(got: f64, expected: f64) {
		assert!((got - expected).abs() < 1e-6 * expected.abs().max(1.0), "{got}, not {expected}");
	}

	#[test]
	fn a_transfer_weighs_what_its_blocks_have_more_than_empty_ones() {
		let empty = [block(1, 1, 4, 0), block(2, 3, 8, 0)];
		let figures = of_blocks(LIMITS, &empty);
		near(figures.empty_ms, 6.0);
		let mut blocks = vec![block(4, 302, 9, 0), block(5, 502, 9, 0)];
		for block in &mut blocks {
			block.transactions.insert(Kind::Transfer, Tally { count: 1_000, weight: 0 });
		}
		let run = transfers::Run { blocks, began: 6_000, dry: 1 };
		let got = of_transfers(&run, Empty::of(&empty), &figures);
		// 800 ms over 2,000 transfers in 4 s.
		near(got.weight_ms, 0.4);
		near(got.observed_per_second, 500.0);
		near(got.per_second_by_weight, 750.0 / 0.4 / 2.0);
		near(got.fill, 800.0 / 1_500.0);
	}

	#[test]
	fn a_life_bears_its_hooks_and_the_nearer_limit_counts() {
		let empty = [block(1, 0, 10, 0)];
		let figures = of_blocks(LIMITS, &empty);
		let blocks = vec![block(2, 300, 10, 0), block(3, 0, 110, 100), block(4, 0, 10, 0)];
		let run = lives::Run { blocks, settled: 100, ..Default::default() };
		let got = of_lives(&run, Empty::of(&empty), &figures);
		near(got.transactions_ms, 3.0);
		near(got.hooks_ms, 1.0);
		near(got.per_second_by_transactions, 125.0);
		near(got.per_second_by_all, 990.0 / 4.0 / 2.0);
		near(got.per_second_by_weight, 990.0 / 4.0 / 2.0);
	}

	#[test]
	fn the_second_half_of_settling_counts() {
		let settled = [0, 2, 4, 10, 10, 0];
		let blocks: Vec<Block> =
			(0u32..).zip(settled).map(|(height, n)| block(height, 0, 0, n)).collect();
		near(settled_per_second(&blocks), 20.0 / 4.0);
		near(settled_per_second(&blocks[..1]), 0.0);
		near(settled_per_second(&blocks[..2]), 0.0);
	}
}
