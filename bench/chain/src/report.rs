// SPDX-License-Identifier: Apache-2.0
//! What comes out: tables for people, JSON for programs.

use crate::figures::{BlockFigures, CallFigures, LifeFigures, TransferFigures};
use serde::Serialize;
use std::{fmt, fs, thread};

/// Transfers that a life may weigh at most.
const MOST: f64 = 16.0;
/// Transfers that it should weigh.
const AIM: f64 = 10.0;
/// Lives a second that blocks should hold by weight.
const LIVES: f64 = 100.0;

/// Where it was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
	/// Its processor.
	pub processor: String,
	/// Its logical cores.
	pub cores: usize,
	/// Processes that wanted a core in the minute before, on average.
	pub load_before: Option<f64>,
	/// Where the load came from.
	pub load_generator: &'static str,
}

impl Machine {
	/// This one.
	pub fn this() -> Self {
		let processor = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
			let line = text.lines().find(|line| line.starts_with("model name"))?;
			Some(line.split_once(':')?.1.trim().to_string())
		});
		let load = fs::read_to_string("/proc/loadavg").ok();
		Self {
			processor: processor.unwrap_or_else(|| "unknown".into()),
			cores: thread::available_parallelism().map_or(0, usize::from),
			load_before: load.and_then(|text| text.split(' ').next()?.parse().ok()),
			load_generator: "on the same machine as the node",
		}
	}
}

/// All figures of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
	/// Where it was measured.
	pub machine: Machine,
	/// Whether it was a quick run: fewer blocks, and short windows.
	pub quick: bool,
	/// Of blocks.
	pub block: BlockFigures,
	/// Of transfers.
	pub transfers: TransferFigures,
	/// Of lives.
	pub lives: LifeFigures,
	/// Weight of a life in weights of a transfer.
	pub transfers_per_life_by_weight: f64,
	/// Transfers by the second over lives by the second, by the clock.
	pub transfers_per_life_observed: f64,
	/// Of the calls.
	pub calls: Vec<CallFigures>,
	/// The invariant that does not hold at the end, if any.
	pub broken_invariant: Option<String>,
}

impl Report {
	/// With the ratios of the two.
	pub fn new(
		machine: Machine,
		quick: bool,
		block: BlockFigures,
		(transfers, lives): (TransferFigures, LifeFigures),
		calls: Vec<CallFigures>,
		broken_invariant: Option<String>,
	) -> Self {
		Self {
			machine,
			quick,
			block,
			transfers_per_life_by_weight: lives.weight_ms / transfers.weight_ms,
			transfers_per_life_observed: transfers.observed_per_second / lives.observed_per_second,
			transfers,
			lives,
			calls,
			broken_invariant,
		}
	}
}

fn verdict(reached: bool) -> &'static str {
	if reached {
		"reached"
	} else {
		"NOT reached"
	}
}

impl fmt::Display for Report {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { machine, block, transfers, lives, .. } = self;
		let load = machine.load_before.map_or("unknown".into(), |load| format!("{load:.1}"));
		writeln!(f, "machine  {}, {} cores, load before {load}", machine.processor, machine.cores)?;
		writeln!(f, "         the load generator ran on the same machine, beside the node")?;
		writeln!(
			f,
			"blocks   every {:.0} ms; they hold {:.0} ms of weight, {:.0} ms for transactions; empty ones have {:.2} ms",
			block.period_ms, block.weight_ms, block.normal_ms, block.empty_ms
		)?;
		writeln!(f)?;
		let mut row = |what: &str, transfers: String, lives: String| {
			writeln!(f, "{what:<34} {transfers:>12} {lives:>12}")
		};
		row("", "transfers".into(), "lives".into())?;
		row("completed", transfers.completed.to_string(), lives.completed.to_string())?;
		row("blocks", transfers.blocks.to_string(), lives.blocks.to_string())?;
		row(
			"a second, by the clock",
			format!("{:.0}", transfers.observed_per_second),
			format!("{:.1}", lives.observed_per_second),
		)?;
		row(
			"weight of one, ms",
			format!("{:.3}", transfers.weight_ms),
			format!("{:.3}", lives.weight_ms),
		)?;
		row(
			"  in transactions",
			format!("{:.3}", transfers.weight_ms),
			format!("{:.3}", lives.transactions_ms),
		)?;
		row("  in hooks", "-".into(), format!("{:.3}", lives.hooks_ms))?;
		row(
			"a second, by weight",
			format!("{:.0}", transfers.per_second_by_weight),
			format!("{:.1}", lives.per_second_by_weight),
		)?;
		row(
			"  by transactions alone",
			"-".into(),
			format!("{:.1}", lives.per_second_by_transactions),
		)?;
		row("  by all weight", "-".into(), format!("{:.1}", lives.per_second_by_all))?;
		writeln!(f)?;
		let ratio = self.transfers_per_life_by_weight;
		writeln!(
			f,
			"a life weighs {ratio:.1} transfers: at most {MOST:.0} {}, aim {AIM:.0} {}; by the clock {:.1}",
			verdict(ratio <= MOST),
			verdict(ratio <= AIM),
			self.transfers_per_life_observed
		)?;
		let by_weight = lives.per_second_by_weight;
		writeln!(
			f,
			"{by_weight:.0} lives a second by weight: {LIVES:.0} {}",
			verdict(by_weight >= LIVES)
		)?;
		writeln!(f)?;
		writeln!(
			f,
			"{:<20} {:>12} {:>12} {:>12}",
			"call", "transactions", "weight, ms", "declared, ms"
		)?;
		for call in &self.calls {
			let CallFigures { call, count, weight_ms, declared_ms } = call;
			writeln!(f, "{call:<20} {count:>12} {weight_ms:>12.3} {declared_ms:>12.3}")?;
		}
		writeln!(f)?;
		writeln!(
			f,
			"posted {}, dropped {}, closed {}, failed {}, sent again {}, at most {} on their way; \
			 blocks of transfers {:.0} % full by weight, {} of {} took all that was there",
			lives.posted,
			lives.dropped,
			lives.closed,
			lives.failed,
			lives.resent,
			lives.most_open,
			100.0 * transfers.fill,
			transfers.dry_blocks,
			transfers.blocks
		)?;
		match &self.broken_invariant {
			None => write!(f, "all invariants hold"),
			Some(broken) => write!(f, "an invariant does NOT hold: {broken}"),
		}
	}
}
