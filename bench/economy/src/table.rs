// SPDX-License-Identifier: Apache-2.0
//! What came of the scenarios, in words and as JSON.

use crate::{
	genesis::electricity_per_cu,
	history::{income_per_cu, Row},
	scenario::{Outcome, Verdict},
};
use serde::Serialize;

/// Days between two rows that are written as JSON.
const EVERY: usize = 7;

/// Everything that was found.
#[derive(Serialize)]
pub struct Findings<'a> {
	/// Days that each scenario lasted at most.
	pub days: u32,
	/// What came of each, with one row a week.
	pub scenarios: Vec<Scenario<'a>>,
	/// What was found of washing.
	pub wash: &'a [Verdict],
}

/// A scenario as it is written.
#[derive(Serialize)]
pub struct Scenario<'a> {
	name: &'a str,
	about: &'a str,
	verdicts: &'a [Verdict],
	weeks: Vec<&'a Row>,
}

impl<'a> From<&'a Outcome> for Scenario<'a> {
	fn from(outcome: &'a Outcome) -> Self {
		Self {
			name: outcome.name,
			about: outcome.about,
			verdicts: &outcome.verdicts,
			weeks: outcome.rows.iter().step_by(EVERY).collect(),
		}
	}
}

fn millions(cal: f64) -> String {
	format!("{:.2}", cal / 1e6)
}

/// Prints a line for each scenario, in millions of CAL at its end.
pub fn print(outcomes: &[Outcome]) {
	println!(
		"{:<9} {:>6} {:>9} {:>8} {:>8} {:>8} {:>8} {:>10} {:>6} {:>8} {:>7} {:>7} {:>10}",
		"scenario",
		"days",
		"issuance",
		"burned",
		"minted",
		"recycled",
		"pools",
		"USD/CU",
		"kappa",
		"income",
		"jobs",
		"closed",
		"attack USD"
	);
	for outcome in outcomes {
		let Some(last) = outcome.rows.last() else { continue };
		let income = income_per_cu(&outcome.rows).map_or(0.0, |(all, _)| all);
		println!(
			"{:<9} {:>6} {:>9} {:>8} {:>8} {:>8} {:>8} {:>10.2e} {:>6.3} {:>7.1}x {:>7} {:>7} {:>10.0}",
			outcome.name,
			outcome.rows.len(),
			millions(last.issuance),
			millions(last.burned.iter().sum()),
			millions(last.minted_availability),
			millions(last.minted_work),
			millions(last.simple + last.baseline),
			last.per_cu,
			last.kappa,
			income / electricity_per_cu(),
			outcome.rows.iter().map(|row| row.settled).sum::<u32>(),
			outcome.rows.iter().map(|row| row.closed).sum::<u32>(),
			last.attack_usd,
		);
	}
	println!();
	println!(
		"issuance to pools in millions of CAL; income of providers for a CU as a multiple of its electricity, over all days"
	);
}

/// Prints what had to hold; gives how much of it does not.
pub fn print_verdicts(title: &str, verdicts: &[Verdict]) -> usize {
	println!();
	println!("{title}");
	for verdict in verdicts {
		let mark = if verdict.holds { "ok  " } else { "FAIL" };
		println!("  {mark}  {}: {}", verdict.what, verdict.figures);
	}
	verdicts.iter().filter(|verdict| !verdict.holds).count()
}

/// Everything as a page of Markdown.
pub fn markdown(days: u32, outcomes: &[Outcome], wash: &[Verdict]) -> String {
	let mut page = format!(
		"# Ten years of the economy: results\n\nWritten by `./bench/economy.sh --out docs/economics`, {days} days a \
		 scenario. What it means: [Money](../economics.md#ten-years-in-simulation).\n\n\
		 Issuance to pools in millions of CAL at the end; the price in USD a CU; income of providers for a CU over all \
		 days, as a multiple of its electricity; what the attacker has gained in USD.\n\n\
		 | scenario | days | issuance | burned | minted for availability | recycled | pools | price | kappa | income | \
		 jobs paid | closed | attacker |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n"
	);
	for outcome in outcomes {
		let Some(last) = outcome.rows.last() else { continue };
		let income = income_per_cu(&outcome.rows).map_or(0.0, |(all, _)| all);
		page += &format!(
			"| {} | {} | {} | {} | {} | {} | {} | {:.2e} | {:.3} | {:.1} | {} | {} | {:.0} |\n",
			outcome.name,
			outcome.rows.len(),
			millions(last.issuance),
			millions(last.burned.iter().sum()),
			millions(last.minted_availability),
			millions(last.minted_work),
			millions(last.simple + last.baseline),
			last.per_cu,
			last.kappa,
			income / electricity_per_cu(),
			outcome.rows.iter().map(|row| row.settled).sum::<u32>(),
			outcome.rows.iter().map(|row| row.closed).sum::<u32>(),
			last.attack_usd,
		);
	}
	let all = outcomes.iter().map(|outcome| (outcome.name, outcome.about, &outcome.verdicts[..]));
	for (name, about, verdicts) in all.chain([("washing", "the search", wash)]) {
		page +=
			&format!("\n## {name}\n\n{about}\n\n| must hold | does | figures |\n|---|---|---|\n");
		for Verdict { what, holds, figures } in verdicts {
			let does = if *holds { "yes" } else { "**no**" };
			page += &format!("| {what} | {does} | {figures} |\n");
		}
	}
	page
}
