// SPDX-License-Identifier: Apache-2.0
//! What a scenario is, how it is run, and what is expected of all of them.

use crate::{
	genesis::Start,
	history::{observe, Row},
	people::{usual, Plan},
	world::{Conditions, Feeds, Simulation, Today, World},
};
use calor_primitives::BlockNumber;
use serde::Serialize;

/// A day of a scenario.
#[derive(Clone, Copy, Debug)]
pub struct When {
	/// Days since the beginning.
	pub day: u32,
	/// Days that the scenario lasts.
	pub days: u32,
}

impl When {
	/// Part of the scenario that has passed.
	pub fn part(&self) -> f64 {
		f64::from(self.day) / f64::from(self.days.max(1))
	}

	/// Years that have passed.
	pub fn years(&self) -> f64 {
		f64::from(self.day) / 365.25
	}
}

/// A course of events.
pub trait Scenario {
	/// Its name, without spaces.
	fn name(&self) -> &'static str;
	/// What happens, in a sentence.
	fn about(&self) -> &'static str;
	/// Prices at the beginning.
	fn start(&self) -> Start {
		Start { per_cu: 1e-6, cal: 0.1 }
	}
	/// Who provides.
	fn plans(&self) -> Vec<Plan> {
		usual()
	}
	/// Other accounts of the attacker.
	fn others(&self) -> &'static [&'static str] {
		&[]
	}
	/// What the world outside is like.
	fn conditions(&self, when: When) -> Conditions;
	/// What happens besides, in an hour of a day.
	fn hour(&mut self, _: &mut World, _: &Conditions, _: When, _hour: BlockNumber) {}
	/// What the attacker has gained by the end of a day, in USD.
	fn attack(&mut self, _: &World, _: &Conditions, _: &Row, _: When) -> f64 {
		0.0
	}
	/// What must have come of it.
	fn judge(&mut self, history: &[Row], verdicts: &mut Verdicts);
}

/// Whether something that must hold does.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
	/// What must hold.
	pub what: String,
	/// Whether it does.
	pub holds: bool,
	/// By what figures.
	pub figures: String,
}

/// What must hold in a scenario.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Verdicts(pub Vec<Verdict>);

impl Verdicts {
	/// Writes down whether something holds.
	pub fn expect(&mut self, what: impl Into<String>, holds: bool, figures: impl Into<String>) {
		self.0.push(Verdict { what: what.into(), holds, figures: figures.into() });
	}
}

/// What came of a scenario.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
	/// Its name.
	pub name: &'static str,
	/// What happened.
	pub about: &'static str,
	/// Every day but the first.
	pub rows: Vec<Row>,
	/// What had to hold.
	pub verdicts: Vec<Verdict>,
}

/// Runs a scenario for so many days.
pub fn run(scenario: &mut dyn Scenario, seed: u64, days: u32) -> Outcome {
	let first = scenario.conditions(When { day: 0, days });
	let plans = scenario.plans();
	let mut simulation = Simulation::new(seed, scenario.start(), plans, scenario.others(), &first);
	let mut rows = Vec::with_capacity(days as usize);
	let mut yesterday = Today::default();
	for day in 0..days {
		let when = When { day, days };
		let conditions = scenario.conditions(when);
		simulation.live(&conditions, |world, hour| scenario.hour(world, &conditions, when, hour));
		let row = simulation.on_chain(|world| {
			let mut row = observe(world, &conditions, &yesterday);
			row.attack_usd = scenario.attack(world, &conditions, &row, when);
			row
		});
		// The first epoch that was closed is that of the preparations.
		if day > 0 {
			rows.push(row);
		}
		yesterday = simulation.world.today;
	}
	let mut verdicts = Verdicts::default();
	judge_all(&rows, &mut verdicts);
	scenario.judge(&rows, &mut verdicts);
	Outcome { name: scenario.name(), about: scenario.about(), rows, verdicts: verdicts.0 }
}

/// What must hold whatever happens. The invariants of all pallets were checked after every day besides.
fn judge_all(rows: &[Row], verdicts: &mut Verdicts) {
	let most = |of: fn(&Row) -> f64| rows.iter().map(of).fold(0.0, f64::max);
	let given = |row: &Row| 400e6 - row.simple - row.baseline;
	let scheduled = |row: &Row| 400e6 - row.ceiling;
	let last = rows.last().cloned().unwrap_or_default();
	verdicts.expect(
		"emission stays within the schedule, every day and for each pool",
		rows.iter().all(|row| row.on_schedule),
		format!("{:.0} of {:.0} CAL given out at the end", given(&last), scheduled(&last)),
	);
	let issuance = most(|row| row.issuance);
	verdicts.expect(
		"issuance stays within the cap",
		issuance <= 500e6,
		format!("at most {issuance:.0} CAL"),
	);
	verdicts.expect(
		"no epoch recycles more than nine tenths of what its work burned",
		rows.iter().all(|row| row.recycled_within),
		format!("{:.0} CAL of {:.0}", last.minted_work, last.burned[0]),
	);
	// The rate by which the figure is reckoned may be a day's tenth off the one by which was paid.
	let idle = most(|row| row.idle_pay);
	verdicts.expect(
		"being there pays no more than half of its electricity",
		idle <= 0.5 / 0.9,
		format!("at most {:.1} %", idle * 100.0),
	);
	verdicts.expect(
		"the price never falls below its floor",
		rows.iter().all(|row| row.per_cu >= row.floor * (1.0 - 1e-9)),
		format!("lowest {:.3} times its floor", {
			rows.iter().map(|row| row.per_cu / row.floor).fold(f64::MAX, f64::min)
		}),
	);
}

/// What must hold where nothing goes wrong: the simulated exchange has enough to sell, and work is not turned away.
pub fn judge_calm(rows: &[Row], verdicts: &mut Verdicts) {
	let sum = |of: fn(&Row) -> u32| rows.iter().map(of).sum::<u32>();
	let dry = sum(|row| row.dry);
	verdicts.expect("the exchange can fill every purchase", dry == 0, format!("{dry} failed"));
	let (settled, closed) = (sum(|row| row.settled), sum(|row| row.closed));
	verdicts.expect(
		"jobs find providers",
		closed * 50 <= settled,
		format!("{settled} paid, {closed} closed without a result"),
	);
}

/// A calm world: 36 providers of 10^15 MAC/s, whose work is worth about 2,200 USD a day.
pub fn calm() -> Conditions {
	Conditions { cal: 0.1, demand: 2_200.0, capacity: 1e15, feeds: Feeds::Honest }
}
