// SPDX-License-Identifier: Apache-2.0
//! In the middle of the time CAL loses nine tenths within two days.

use crate::{
	history::Row,
	scenario::{calm, Scenario, Verdicts, When},
	world::Conditions,
};

pub struct Crash;

/// Part of the time after which it happens.
const AT: f64 = 0.5;
/// What is left of the price.
const LEFT: f64 = 0.1;

fn crash_day(days: u32) -> u32 {
	(f64::from(days) * AT) as u32
}

impl Scenario for Crash {
	fn name(&self) -> &'static str {
		"crash"
	}

	fn about(&self) -> &'static str {
		"CAL loses nine tenths of its price within two days"
	}

	fn conditions(&self, when: When) -> Conditions {
		let since = f64::from(when.day) - f64::from(crash_day(when.days));
		let fallen = (since / 2.0).clamp(0.0, 1.0);
		Conditions { cal: 0.1 * LEFT.powf(fallen), ..calm() }
	}

	fn judge(&mut self, rows: &[Row], verdicts: &mut Verdicts) {
		let steps = rows.windows(2).map(|pair| pair[1].cal_usd_used / pair[0].cal_usd_used - 1.0);
		let most = steps.map(f64::abs).fold(0.0, f64::max);
		verdicts.expect(
			"the chain's price of CAL moves by at most a tenth a day",
			most <= 0.1 + 1e-6,
			format!("at most {:.1} %", most * 100.0),
		);
		let day = crash_day(rows.last().map_or(0, |row| row.day + 1));
		let after = rows.iter().filter(|row| row.day > day + 2);
		let caught_up =
			after.clone().find(|row| (row.cal_usd_used / row.cal_usd - 1.0).abs() < 0.03);
		let took = caught_up.map(|row| row.day - day);
		verdicts.expect(
			"it has caught up within 30 days",
			took.is_some_and(|took| took <= 30) || rows.len() < 80,
			format!("after {took:?} days"),
		);
		let budget = rows.iter().all(|row| row.providers <= row.budget * 0.7125 + 1e-6);
		let most = after.map(|row| row.providers).fold(0.0, f64::max);
		verdicts.expect(
			"a cheaper CAL does not raise what providers get beyond their part of the budget",
			budget,
			format!("at most {most:.0} CAL a day after the crash"),
		);
	}
}
