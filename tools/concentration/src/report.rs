// SPDX-License-Identifier: Apache-2.0
//! What is said of a census: a table for people, or JSON.

use crate::{Census, Concentration, Fraction};
use calor_client::H256;
use num_bigint::BigUint;
use serde_json::{json, Value};
use std::fmt;

/// Decimal places of fractions in JSON.
const PLACES: usize = 12;
/// Planck in a CAL.
const UNIT: u128 = calor_client::types::UNIT;

/// In what something is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
	Planck,
	MacPerSecond,
}

/// One line of the report.
#[derive(Clone, Debug)]
struct Line {
	/// In JSON.
	key: &'static str,
	/// In the table.
	name: &'static str,
	measure: Measure,
	/// Whether a third of it is of interest.
	third: bool,
	figures: Concentration,
}

/// The figures of one block.
#[derive(Clone, Debug)]
pub struct Report {
	genesis: H256,
	height: u32,
	block: H256,
	lines: Vec<Line>,
}

impl Report {
	/// Measures a census.
	pub fn new(census: &Census) -> Self {
		let line = |key, name, measure, third, figures| Line { key, name, measure, third, figures };
		let all = |amounts: &std::collections::BTreeMap<_, u128>| {
			Concentration::of(amounts.values().copied())
		};
		let people = Concentration::of(census.people());
		Self {
			genesis: census.genesis,
			height: census.height,
			block: census.block,
			lines: vec![
				line("holdings", "holdings", Measure::Planck, false, people),
				line(
					"holdings_with_pots",
					"  with treasury and pots",
					Measure::Planck,
					false,
					all(&census.balances),
				),
				line("stake", "stake", Measure::Planck, true, all(&census.stake)),
				line(
					"capacity",
					"capacity by owner group",
					Measure::MacPerSecond,
					false,
					all(&census.capacity),
				),
			],
		}
	}

	/// As JSON: numbers that JavaScript cannot hold, and fractions, as decimal strings.
	pub fn json(&self) -> Value {
		let mut report = json!({
			"genesis": format!("{:?}", self.genesis),
			"block": { "height": self.height, "hash": format!("{:?}", self.block) },
		});
		for line in &self.lines {
			let figures = &line.figures;
			let decimal =
				|fraction: &Option<Fraction>| fraction.as_ref().map(|it| it.decimal(PLACES));
			report[line.key] = json!({
				"unit": match line.measure {
					Measure::Planck => "planck",
					Measure::MacPerSecond => "MAC/s",
				},
				"holders": figures.holders,
				"total": figures.total.to_string(),
				"top_10_share": decimal(&figures.top),
				"gini": decimal(&figures.gini),
				"nakamoto_half": figures.half,
			});
			if line.third {
				report[line.key]["nakamoto_third"] = figures.third.into();
			}
		}
		report
	}
}

impl fmt::Display for Report {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		writeln!(f, "block {} {:?}", self.height, self.block)?;
		writeln!(f, "chain {:?}\n", self.genesis)?;
		let head =
			["", "holders", "total", "top 10", "Gini", "over 1/2", "over 1/3"].map(String::from);
		let rows: Vec<[String; 7]> =
			std::iter::once(head).chain(self.lines.iter().map(cells)).collect();
		let width =
			|column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
		let widths: Vec<usize> = (0..7).map(width).collect();
		for row in &rows {
			write!(f, "{:<width$}", row[0], width = widths[0])?;
			for (cell, width) in row.iter().zip(&widths).skip(1) {
				write!(f, "  {cell:>width$}")?;
			}
			writeln!(f)?;
		}
		writeln!(f, "\nGini: 0 if all have the same, near 1 if one has everything.")?;
		write!(f, "over 1/2, over 1/3: the fewest that together have more than that.")
	}
}

/// A line of the table.
fn cells(line: &Line) -> [String; 7] {
	let figures = &line.figures;
	let nobody = |text: Option<String>| text.unwrap_or_else(|| "-".into());
	let count = |fewest: usize| nobody((fewest > 0).then(|| fewest.to_string()));
	[
		line.name.into(),
		figures.holders.to_string(),
		match line.measure {
			Measure::Planck => format!("{} CAL", grouped(&(&figures.total / UNIT))),
			Measure::MacPerSecond => format!("{} MAC/s", grouped(&figures.total)),
		},
		nobody(figures.top.as_ref().map(|share| format!("{} %", share.percent()))),
		nobody(figures.gini.as_ref().map(|gini| gini.decimal(4))),
		count(figures.half),
		if line.third { count(figures.third) } else { String::new() },
	]
}

/// A whole number with its digits in groups of three.
fn grouped(number: &BigUint) -> String {
	let digits = number.to_string();
	let mut text = String::new();
	for (place, digit) in digits.chars().enumerate() {
		if place > 0 && (digits.len() - place).is_multiple_of(3) {
			text.push(',');
		}
		text.push(digit);
	}
	text
}

#[cfg(test)]
mod tests {
	use super::*;
	use calor_client::AccountId32;

	fn report() -> Report {
		let mut treasury = [0; 32];
		treasury[..12].copy_from_slice(b"modlpy/trsry");
		Report::new(&Census {
			height: 1_234,
			balances: [
				(AccountId32([1; 32]), 3_000 * UNIT),
				(AccountId32([2; 32]), 1_000 * UNIT + 1),
				(AccountId32(treasury), 6_000 * UNIT),
			]
			.into(),
			stake: [(AccountId32([1; 32]), 500 * UNIT)].into(),
			..Census::default()
		})
	}

	#[test]
	fn json_has_every_figure() {
		let json = report().json();
		assert_eq!(json["block"]["height"], 1_234);
		assert_eq!(
			json["holdings"],
			json!({
				"unit": "planck",
				"holders": 2,
				"total": "4000000000000001",
				"top_10_share": "1.000000000000",
				"gini": "0.249999999999",
				"nakamoto_half": 1,
			})
		);
		assert_eq!(json["holdings_with_pots"]["holders"], 3);
		assert_eq!(json["stake"]["nakamoto_third"], 1);
		let nobody = json!({
			"unit": "MAC/s",
			"holders": 0,
			"total": "0",
			"top_10_share": null,
			"gini": null,
			"nakamoto_half": 0,
		});
		assert_eq!(json["capacity"], nobody);
	}

	#[test]
	fn the_table_lines_up() {
		let table = report().to_string();
		let rows: Vec<&str> = table.lines().skip(3).take(5).collect();
		assert!(rows.iter().all(|row| row.chars().count() == rows[0].chars().count()), "{table}");
		assert!(rows[1].contains("4,000 CAL") && rows[1].contains("100.00 %"), "{table}");
		assert!(rows[4].contains(" - "), "{table}");
	}

	#[test]
	fn digits_are_grouped_from_the_right() {
		for (number, text) in
			[(0u64, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")]
		{
			assert_eq!(grouped(&number.into()), text);
		}
	}
}
