// SPDX-License-Identifier: Apache-2.0
//! Some claim capacity that they do not have, others put up machines only to be paid for being there.

use crate::{
	genesis::electricity_per_cu,
	history::Row,
	people::{usual, Plan},
	scale::{cal, real},
	scenario::{calm, Scenario, Verdicts, When},
	world::{Conditions, World},
};

const CLAIMERS: usize = 3;
const IDLERS: usize = 4;

#[derive(Default)]
pub struct Fakers {
	claimed: f64,
	earned: f64,
	earned_usd: f64,
	electricity_usd: f64,
}

/// What the providers of that name have been given, in CAL.
fn rewarded(world: &World, name: &str) -> f64 {
	let named = world.providers.iter().zip(&world.rewarded);
	named.filter(|(p, _)| p.plan.name.starts_with(name)).map(|(_, given)| cal(*given)).sum()
}

impl Scenario for Fakers {
	fn name(&self) -> &'static str {
		"fakers"
	}

	fn about(&self) -> &'static str {
		"three claim all the capacity there can be and prove none, four prove theirs and never work"
	}

	fn plans(&self) -> Vec<Plan> {
		let mut all = usual();
		let claimer = |i| Plan::honest(format!("claimer {i}")).idle().attacking().sized(0.0);
		all.extend((0..CLAIMERS).map(claimer));
		all.extend((0..IDLERS).map(|i| Plan::honest(format!("idler {i}")).idle().attacking()));
		all
	}

	fn conditions(&self, when: When) -> Conditions {
		// Through cheap and dear times of CAL, which the limit must follow.
		let wave = (when.part() * std::f64::consts::TAU).sin();
		Conditions { cal: 0.1 * 5f64.powf(wave), ..calm() }
	}

	fn attack(&mut self, world: &World, conditions: &Conditions, _: &Row, _: When) -> f64 {
		let earned = rewarded(world, "idler");
		self.earned_usd += (earned - self.earned) * conditions.cal;
		self.earned = earned;
		self.claimed = rewarded(world, "claimer");
		let idlers = world.providers.iter().filter(|p| p.plan.name.starts_with("idler"));
		let capacity: f64 = idlers.map(|p| real(u128::from(p.mac_per_second))).sum();
		self.electricity_usd += capacity * 86_400.0 / 1e12 * electricity_per_cu();
		self.earned_usd - self.electricity_usd
	}

	fn judge(&mut self, rows: &[Row], verdicts: &mut Verdicts) {
		verdicts.expect(
			"capacity that is only claimed earns nothing",
			self.claimed == 0.0,
			format!("{} CAL", self.claimed),
		);
		let part = self.earned_usd / self.electricity_usd;
		verdicts.expect(
			"capacity that never works earns less than half of its electricity",
			part > 0.0 && part < 0.5,
			format!(
				"{:.0} USD for electricity of {:.0} USD: {:.1} %",
				self.earned_usd,
				self.electricity_usd,
				part * 100.0
			),
		);
		let price = |row: &Row| row.per_cu;
		let last = rows.last().map_or(0.0, price);
		verdicts.expect(
			"capacity that is only claimed does not press the price",
			last > 0.3e-6,
			format!("{last:.2e} USD per CU at the end"),
		);
	}
}
