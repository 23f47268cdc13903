// SPDX-License-Identifier: Apache-2.0
//! Nothing changes for ten years.

use crate::{
	history::Row,
	scenario::{calm, judge_calm, Scenario, Verdicts, When},
	world::Conditions,
};

pub struct Flat;

impl Scenario for Flat {
	fn name(&self) -> &'static str {
		"flat"
	}

	fn about(&self) -> &'static str {
		"capacity, spending and the price of CAL stay as they are"
	}

	fn conditions(&self, _: When) -> Conditions {
		calm()
	}

	fn judge(&mut self, rows: &[Row], verdicts: &mut Verdicts) {
		judge_calm(rows, verdicts);
		// After a month of settling, the price of a day against the mean of all.
		let settled = &rows[rows.len().min(30)..];
		let mean = settled.iter().map(|row| row.per_cu).sum::<f64>() / settled.len().max(1) as f64;
		let off = settled.iter().map(|row| (row.per_cu / mean - 1.0).abs()).fold(0.0, f64::max);
		verdicts.expect(
			"the price stays where it settled",
			off < 0.5,
			format!("at most {:.0} % off its mean, jobs being few and large", off * 100.0),
		);
		let growth = |row: &Row| 1.0 + 0.00112 * f64::from(row.day + 1);
		let last = rows.last().cloned().unwrap_or_default();
		verdicts.expect(
			"the baseline of capacity grows with capacity and not by itself",
			rows.iter().all(|row| row.baseline_capacity <= row.capacity.max(1e16) * growth(row)),
			format!("it ends at {:.2} times capacity", last.baseline_capacity / last.capacity),
		);
	}
}
