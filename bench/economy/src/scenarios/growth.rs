// SPDX-License-Identifier: Apache-2.0
//! Everything grows by more than half a year, for ten years.

use crate::{
	genesis::Start,
	history::{income_per_cu, Row},
	scenario::{judge_calm, Scenario, Verdicts, When},
	world::{Conditions, Feeds},
};

pub struct Growth;

impl Scenario for Growth {
	fn name(&self) -> &'static str {
		"growth"
	}

	fn about(&self) -> &'static str {
		"capacity grows by half a year, spending and the price of CAL by three fifths"
	}

	fn start(&self) -> Start {
		Start { per_cu: 2e-6, cal: 0.2 }
	}

	fn conditions(&self, when: When) -> Conditions {
		Conditions {
			cal: 0.2 * 1.6f64.powf(when.years()),
			demand: 8_000.0 * 1.6f64.powf(when.years()),
			capacity: 2e15 * 1.5f64.powf(when.years()),
			feeds: Feeds::Honest,
		}
	}

	fn judge(&mut self, rows: &[Row], verdicts: &mut Verdicts) {
		judge_calm(rows, verdicts);
		let fits = rows.iter().all(|row| {
			let beyond = (row.work_usd / row.baseline_work_usd - 1.0).max(0.0) / 2.0;
			// The price by which the epoch was closed may be a tenth off the one written down.
			(row.kappa - (0.9 - beyond).max(0.5)).abs() < 0.12
		});
		let least = rows.iter().map(|row| row.kappa).fold(1.0, f64::min);
		verdicts.expect(
			"recycling follows the value of work and stays between 0.5 and 0.9",
			fits && rows.iter().all(|row| (0.5..=0.9).contains(&row.kappa)),
			format!("least kappa {least:.3}"),
		);
		let income = income_per_cu(rows).map_or(0.0, |(all, _)| all);
		let electricity = crate::genesis::electricity_per_cu();
		verdicts.expect(
			"work pays more than its electricity",
			income > electricity,
			format!("{:.1} times", income / electricity),
		);
	}
}
