// SPDX-License-Identifier: Apache-2.0
//! After three tenths of the time, demand all but ends, and half of the providers leave.

use crate::{
	genesis::electricity_per_cu,
	history::{income_per_cu, Row},
	scenario::{calm, Scenario, Verdicts, When},
	world::{Conditions, World},
};
use calor_primitives::BlockNumber;

/// Part of the time after which it begins, and by which half of the providers have left.
const BEGINS: f64 = 0.3;
const LEFT: f64 = 0.5;

pub struct Collapse;

/// How far the collapse has come, from 0 to 1.
fn progress(when: When) -> f64 {
	((when.part() - BEGINS) / (LEFT - BEGINS)).clamp(0.0, 1.0)
}

impl Scenario for Collapse {
	fn name(&self) -> &'static str {
		"collapse"
	}

	fn about(&self) -> &'static str {
		"spending falls to a fiftieth and CAL to a fifth, and half of the providers leave"
	}

	fn conditions(&self, when: When) -> Conditions {
		let calm = calm();
		let by = |end: f64| end.powf(progress(when));
		Conditions { demand: calm.demand * by(0.02), cal: calm.cal * by(0.2), ..calm }
	}

	fn hour(&mut self, world: &mut World, _: &Conditions, when: When, hour: BlockNumber) {
		if hour != 12 {
			return;
		}
		let gone = world.providers.iter().filter(|provider| provider.gone).count();
		let leaving = (world.providers.len() as f64 / 2.0 * progress(when)) as usize;
		// Every second one, so that groups of all kinds lose some.
		if gone < leaving {
			world.leave(2 * gone);
		}
	}

	fn judge(&mut self, rows: &[Row], verdicts: &mut Verdicts) {
		let end = &rows[rows.len() * 7 / 10..];
		let last = end.last().cloned().unwrap_or_default();
		verdicts.expect(
			"the price ends at its floor",
			last.per_cu <= last.floor * 1.1,
			format!("{:.2} times its floor", last.per_cu / last.floor),
		);
		// What an unattested provider gets besides is half of what counts here at least: it is left out.
		let paid = income_per_cu(end).map_or(0.0, |(_, paid)| paid);
		let electricity = electricity_per_cu();
		verdicts.expect(
			"at the floor the payments alone are more than the electricity of the work",
			paid > electricity,
			format!("{:.2} times", paid / electricity),
		);
		let before = rows.first().cloned().unwrap_or_default();
		verdicts.expect(
			"availability pays less to less capacity, in USD",
			last.providers * last.cal_usd <= 0.6 * before.providers * before.cal_usd,
			format!(
				"{:.0} USD a day after {:.0}",
				last.providers * last.cal_usd,
				before.providers * before.cal_usd
			),
		);
	}
}
