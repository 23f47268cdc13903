// SPDX-License-Identifier: Apache-2.0
//! One attested group grows until it has six tenths of all capacity.

use crate::{
	history::Row,
	people::{usual, Plan},
	scenario::{calm, Scenario, Verdicts, When},
	world::{Conditions, World},
};
use calor_primitives::BlockNumber;

const MACHINES: usize = 6;
/// Size of each of its providers at the beginning and at the end.
const SIZES: [f64; 2] = [0.1, 9.0];
/// Parts of the time between which it grows.
const GROWS: [f64; 2] = [0.2, 0.7];

pub struct Whale;

impl Scenario for Whale {
	fn name(&self) -> &'static str {
		"whale"
	}

	fn about(&self) -> &'static str {
		"one attested group of six grows from a sixtieth of all capacity to six tenths"
	}

	fn plans(&self) -> Vec<Plan> {
		let mut all = usual();
		let whale = |i| Plan::honest(format!("whale {i}")).of("whale 0").sized(SIZES[0]);
		all.extend((0..MACHINES).map(whale));
		all
	}

	fn conditions(&self, _: When) -> Conditions {
		calm()
	}

	fn hour(&mut self, world: &mut World, _: &Conditions, when: When, hour: BlockNumber) {
		if hour != 12 {
			return;
		}
		let grown = ((when.part() - GROWS[0]) / (GROWS[1] - GROWS[0])).clamp(0.0, 1.0);
		let size = SIZES[0] * (SIZES[1] / SIZES[0]).powf(grown);
		for provider in world.providers.iter_mut().filter(|p| p.plan.name.starts_with("whale")) {
			provider.plan.size = size;
		}
	}

	fn judge(&mut self, rows: &[Row], verdicts: &mut Verdicts) {
		let end = &rows[rows.len() * 8 / 10..];
		let mean = |of: fn(&Row) -> f64| end.iter().map(of).sum::<f64>() / end.len() as f64;
		let capacity = mean(|row| row.largest_capacity);
		let rewards = mean(|row| row.largest_rewards);
		verdicts.expect(
			"the largest group's part of the rewards is smaller than that of the capacity",
			rewards < capacity - 0.05,
			format!(
				"{:.1} % of the rewards, {:.1} % of capacity",
				rewards * 100.0,
				capacity * 100.0
			),
		);
	}
}
