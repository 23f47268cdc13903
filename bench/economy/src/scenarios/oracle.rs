// SPDX-License-Identifier: Apache-2.0
//! Feeders fall silent for ten days; later one of the three lies, and at last two lie together.

use crate::{
	history::Row,
	scenario::{calm, Scenario, Verdicts, When},
	world::{Conditions, Feeds, World},
};
use calor_primitives::BlockNumber;

/// Days of silence, of one liar, and of two.
const SILENT: std::ops::Range<i64> = 0..10;
const ONE_LIES: std::ops::Range<i64> = 30..60;
const TWO_LIE: std::ops::Range<i64> = 80..85;
/// By what liars report too much.
const FACTOR: f64 = 3.0;
/// Part of the time after which the silence begins.
const BEGINS: f64 = 0.4;

#[derive(Default)]
pub struct Oracle {
	/// Jobs that were paid while feeders were silent.
	settled: u32,
	/// Epochs at the beginning and the end of the silence.
	epochs: Option<(u32, u32)>,
}

/// Days since the silence began.
fn since(day: u32, days: u32) -> i64 {
	i64::from(day) - (f64::from(days) * BEGINS) as i64
}

impl Scenario for Oracle {
	fn name(&self) -> &'static str {
		"oracle"
	}

	fn about(&self) -> &'static str {
		"feeders are silent for ten days; later one of three reports three times the price, then two for five days"
	}

	fn conditions(&self, when: When) -> Conditions {
		let since = since(when.day, when.days);
		let feeds = match since {
			_ if SILENT.contains(&since) => Feeds::Silent,
			_ if ONE_LIES.contains(&since) => Feeds::Lying(1, FACTOR),
			_ if TWO_LIE.contains(&since) => Feeds::Lying(2, FACTOR),
			_ => Feeds::Honest,
		};
		Conditions { feeds, ..calm() }
	}

	fn hour(&mut self, world: &mut World, _: &Conditions, when: When, hour: BlockNumber) {
		if hour == 23 && SILENT.contains(&since(when.day, when.days)) {
			self.settled += world.today.settled;
			let epoch = pallet_burn_mint::CurrentEpoch::<calor_mock::Runtime>::get().index;
			let first = self.epochs.map_or(epoch, |(first, _)| first);
			self.epochs = Some((first, epoch));
		}
	}

	fn judge(&mut self, rows: &[Row], verdicts: &mut Verdicts) {
		let days = rows.last().map_or(0, |row| row.day);
		let during = |span: std::ops::Range<i64>| {
			rows.iter().filter(move |row| span.contains(&(since(row.day, days) - 1)))
		};
		// The first day still has quotes for a few hours.
		let submitted: u32 = during(1..SILENT.end).map(|row| row.unquoted).sum();
		verdicts.expect(
			"without feeds nothing is quoted",
			submitted > 0,
			format!("{submitted} submissions were refused"),
		);
		verdicts.expect(
			"jobs that were submitted are paid without feeds",
			self.settled > 0,
			format!("{} jobs", self.settled),
		);
		let closed = self.epochs.map_or(0, |(first, last)| last - first);
		verdicts.expect(
			"epochs go on without feeds",
			i64::from(closed) == SILENT.end - SILENT.start - 1,
			format!("{closed} closed"),
		);
		let after: u32 = during(SILENT.end + 2..ONE_LIES.start).map(|row| row.settled).sum();
		verdicts.expect(
			"quotes come back with the feeds",
			after > 0,
			format!("{after} jobs were paid in the weeks after"),
		);
		let off = |span: std::ops::Range<i64>| {
			during(span).map(|row| (row.cal_usd_used / row.cal_usd - 1.0).abs()).fold(0.0, f64::max)
		};
		let one = off(ONE_LIES);
		verdicts.expect(
			"one liar of three moves nothing",
			one < 0.02,
			format!("the price is off by at most {:.2} %", one * 100.0),
		);
		let two = off(TWO_LIE);
		verdicts.expect(
			"two liars of three move the price by at most a tenth a day",
			two <= 1.1f64.powi((TWO_LIE.end - TWO_LIE.start) as i32 + 1) - 1.0,
			format!("by {:.0} % in five days", two * 100.0),
		);
	}
}
