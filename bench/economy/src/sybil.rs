// SPDX-License-Identifier: Apache-2.0
//! The same capacity once as one group and once split: splitting must not gain a planck.

use crate::{
	history::{observe, Row},
	people::{usual, Plan},
	scale::cal_signed,
	scenario::{calm, Outcome, Verdicts},
	world::{Simulation, Today},
};
use calor_primitives::Balance;

/// Accounts of the group.
const MEMBERS: usize = 4;

/// What the group's accounts were given in all, in planck, and each day.
struct Run {
	total: Balance,
	daily: Vec<Balance>,
	rows: Vec<Row>,
}

fn member(i: usize) -> Plan {
	Plan::honest(format!("sybil {i}"))
}

fn run(seed: u64, days: u32, group: Vec<Plan>) -> Run {
	let conditions = calm();
	let mut plans = usual();
	plans.extend(group);
	let start = crate::genesis::Start { per_cu: 1e-6, cal: conditions.cal };
	let mut simulation = Simulation::new(seed, start, plans, &[], &conditions);
	let (mut rows, mut daily) = (Vec::new(), Vec::new());
	let mut yesterday = Today::default();
	for day in 0..days {
		simulation.live(&conditions, |_, _| ());
		let row = simulation.on_chain(|world| observe(world, &conditions, &yesterday));
		if day > 0 {
			rows.push(row);
			daily.push(total(&simulation));
		}
		yesterday = simulation.world.today;
	}
	Run { total: total(&simulation), daily, rows }
}

/// What the group has been given so far, in planck.
fn total(simulation: &Simulation) -> Balance {
	let world = &simulation.world;
	let all = world.providers.iter().zip(&world.rewarded);
	all.filter(|(provider, _)| provider.plan.name.starts_with("sybil"))
		.map(|(_, given)| given)
		.sum()
}

/// A pair of runs that differ only in how the capacity is divided.
fn compare(
	what: &str,
	seed: u64,
	days: u32,
	whole: Vec<Plan>,
	split: Vec<Plan>,
	verdicts: &mut Verdicts,
) -> Vec<Row> {
	let (whole, split) = (run(seed, days, whole), run(seed, days, split));
	let difference = split.total as i128 - whole.total as i128;
	verdicts.expect(
		format!("{what} does not gain a planck"),
		difference <= 0 && whole.total > 0,
		format!("{difference} planck in {days} days, {:.2} CAL", cal_signed(difference)),
	);
	let mut rows = split.rows;
	for ((row, split), whole) in rows.iter_mut().zip(split.daily).zip(whole.daily) {
		row.attack_usd = cal_signed(split as i128 - whole as i128) * row.cal_usd;
	}
	rows
}

/// Runs all comparisons, each for so many days.
pub fn outcome(seed: u64, days: u32) -> Outcome {
	let mut verdicts = Verdicts::default();
	let all = |plan: fn(usize) -> Plan| (0..MEMBERS).map(plan).collect::<Vec<_>>();
	let rows = compare(
		"leaving one's attested group with three of four providers",
		seed,
		days,
		all(|i| member(i).of("sybil 0")),
		all(|i| if i == 0 { member(i) } else { member(i).unattested() }),
		&mut verdicts,
	);
	compare(
		"dividing an unattested group among four accounts",
		seed,
		days,
		all(|i| member(i).of("sybil 0").unattested()),
		all(|i| member(i).unattested()),
		&mut verdicts,
	);
	compare(
		"dividing an idle provider into four of one group",
		seed,
		days,
		vec![member(0).idle().sized(4.0)],
		all(|i| member(i).of("sybil 0").idle()),
		&mut verdicts,
	);
	compare(
		"dividing an idle unattested provider into four",
		seed,
		days,
		vec![member(0).idle().unattested().sized(4.0)],
		all(|i| member(i).idle().unattested()),
		&mut verdicts,
	);
	Outcome {
		name: "sybil",
		about: "four providers once as one owner group and once split, in four ways",
		rows,
		verdicts: verdicts.0,
	}
}
