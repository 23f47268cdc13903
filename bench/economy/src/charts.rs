// SPDX-License-Identifier: Apache-2.0
//! Charts as SVG: one a question, several scenarios in each.

use crate::{
	genesis::electricity_per_cu,
	history::{income_per_cu, Row},
	scenario::Outcome,
};
use anyhow::{anyhow, Context, Result};
use calor_primitives::money::BurnKind;
use plotters::prelude::*;
use std::path::Path;

const SIZE: (u32, u32) = (860, 420);
const FONT: &str = "sans-serif";
/// Told apart by colour and by lightness.
const COLOURS: [RGBColor; 8] = [
	RGBColor(0, 90, 160),
	RGBColor(214, 98, 20),
	RGBColor(40, 130, 60),
	RGBColor(150, 40, 110),
	RGBColor(120, 120, 120),
	RGBColor(190, 150, 0),
	RGBColor(0, 150, 160),
	RGBColor(30, 30, 30),
];
/// Days that a point of a chart stands for.
const WEEK: usize = 7;

/// A line: its name and its points, by years.
struct Line {
	name: String,
	points: Vec<(f64, f64)>,
}

impl Line {
	/// One point a week, of its last day.
	fn of(name: impl Into<String>, rows: &[Row], value: impl Fn(&Row) -> f64) -> Self {
		let last = rows.chunks(WEEK).filter_map(|week| week.last());
		let points = last.map(|row| (years(row), value(row))).collect();
		Self { name: name.into(), points }
	}

	/// One point for four weeks together, where there is a value.
	fn mean(name: impl Into<String>, rows: &[Row], value: impl Fn(&[Row]) -> Option<f64>) -> Self {
		let weeks = rows.chunks(4 * WEEK).filter_map(|weeks| Some((weeks.last()?, value(weeks)?)));
		let points = weeks.map(|(row, value)| (years(row), value)).collect();
		Self { name: name.into(), points }
	}
}

fn years(row: &Row) -> f64 {
	f64::from(row.day) / 365.0
}

/// How the vertical axis goes.
#[derive(Clone, Copy, PartialEq)]
enum Scale {
	Linear,
	Logarithmic,
}

/// What numbers on the vertical axis look like.
fn label(value: f64) -> String {
	match value.abs() {
		0.0 => "0".into(),
		a if a < 0.01 => format!("{value:.0e}"),
		a if a < 10.0 => format!("{value:.2}"),
		_ => format!("{value:.0}"),
	}
}

fn draw(path: &Path, title: &str, unit: &str, scale: Scale, lines: &[Line]) -> Result<()> {
	let all = || lines.iter().flat_map(|line| line.points.iter());
	let most = |of: fn(&(f64, f64)) -> f64| all().map(of).fold(f64::MIN, f64::max);
	let least = all().map(|point| point.1).fold(f64::MAX, f64::min);
	let (end, top) = (most(|point| point.0), most(|point| point.1));
	if all().next().is_none() {
		return Ok(());
	}
	let area = SVGBackend::new(path, SIZE).into_drawing_area();
	let failed = |error| anyhow!("drawing {}: {error}", path.display());
	area.fill(&WHITE).map_err(|e| failed(e.to_string()))?;
	let mut builder = ChartBuilder::on(&area);
	builder.caption(title, (FONT, 18)).margin(12).x_label_area_size(36).y_label_area_size(70);
	// The two kinds of axis are of different types.
	macro_rules! plot {
		($chart:expr) => {{
			let mut chart = $chart.map_err(|e| failed(e.to_string()))?;
			chart
				.configure_mesh()
				.x_desc("years")
				.y_desc(unit)
				.y_label_formatter(&|value| label(*value))
				.label_style((FONT, 12))
				.light_line_style(WHITE)
				.draw()
				.map_err(|e| failed(e.to_string()))?;
			for (line, colour) in lines.iter().zip(COLOURS.into_iter().cycle()) {
				let series = LineSeries::new(line.points.iter().copied(), colour.stroke_width(2));
				chart
					.draw_series(series)
					.map_err(|e| failed(e.to_string()))?
					.label(&line.name)
					.legend(move |(x, y)| {
						PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2))
					});
			}
			chart
				.configure_series_labels()
				.position(SeriesLabelPosition::UpperLeft)
				.label_font((FONT, 12))
				.background_style(WHITE.mix(0.8))
				.draw()
				.map_err(|e| failed(e.to_string()))?;
		}};
	}
	match scale {
		Scale::Linear => {
			let (low, high) = (least.min(0.0), top.max(0.0));
			let room = ((high - low) * 0.05).max(1e-9);
			let low = if low < 0.0 { low - room } else { 0.0 };
			plot!(builder.build_cartesian_2d(0.0..end, low..high + room));
		},
		Scale::Logarithmic => {
			let range = (least * 0.7..top * 1.4).log_scale();
			plot!(builder.build_cartesian_2d(0.0..end, range));
		},
	}
	area.present().map_err(|e| failed(e.to_string()))
}

fn rows<'a>(outcomes: &'a [Outcome], name: &str) -> &'a [Row] {
	outcomes.iter().find(|outcome| outcome.name == name).map_or(&[], |outcome| &outcome.rows)
}

const M: f64 = 1e6;

fn kind_name(kind: BurnKind) -> &'static str {
	match kind {
		BurnKind::Settlement => "settlement",
		BurnKind::Submission => "submission fees",
		BurnKind::Fee => "transaction fees",
		BurnKind::Dust => "dust",
		BurnKind::Slash => "slashes",
		BurnKind::Tip => "tips",
		BurnKind::Purchase => "purchase of credits",
		BurnKind::Withheld => "withheld",
		BurnKind::AuditPot => "surplus of the audit pot",
		BurnKind::ProofDeposit => "deposits for proofs that were not shown",
	}
}

/// Draws all charts into a folder.
///
/// # Errors
/// If a file cannot be written.
pub fn draw_all(folder: &Path, outcomes: &[Outcome]) -> Result<()> {
	std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
	let of = |name: &str| rows(outcomes, name);
	let of_each = |value: fn(&Row) -> f64| -> Vec<_> {
		["growth", "flat", "collapse"].map(|name| Line::of(name, of(name), value)).into()
	};
	let file = |name: &str| folder.join(name);

	let mut lines = of_each(|row| row.issuance / M);
	lines.push(Line::of("most by the schedule", of("flat"), |row| 500.0 - row.ceiling / M));
	lines.push(Line::of("cap", of("flat"), |_| 500.0));
	draw(&file("issuance.svg"), "Issuance", "million CAL", Scale::Linear, &lines)?;

	let mut lines = Vec::new();
	for (i, kind) in BurnKind::ALL.into_iter().enumerate() {
		let line = Line::of(kind_name(kind), of("growth"), |row| row.burned[i] / M);
		if line.points.last().is_some_and(|point| point.1 > 0.0) {
			lines.push(line);
		}
	}
	lines.push(Line::of("recycled and claimed", of("growth"), |row| row.minted_work / M));
	let title = "Burned since genesis, by kind, in growth";
	draw(&file("burns.svg"), title, "million CAL", Scale::Linear, &lines)?;

	let mut lines = of_each(|row| (row.simple + row.baseline) / M);
	lines.push(Line::of("least by the schedule", of("flat"), |row| row.ceiling / M));
	let title = "Left in the two pools";
	draw(&file("pools.svg"), title, "million CAL", Scale::Linear, &lines)?;

	let income = |rows: &[Row]| income_per_cu(rows).map(|(all, _)| all * 1e6);
	let mut lines: Vec<_> = ["growth", "flat", "collapse", "crash"]
		.into_iter()
		.map(|name| Line::mean(name, of(name), income))
		.collect();
	let electricity = |_: &Row| electricity_per_cu() * 1e6;
	lines.push(Line::of("electricity", of("flat"), electricity));
	let title = "What providers earn for a CU, and what its electricity costs";
	draw(&file("income.svg"), title, "millionths of a USD", Scale::Logarithmic, &lines)?;

	let percent = |value: fn(&Row) -> f64| {
		move |rows: &[Row]| Some(rows.iter().map(value).sum::<f64>() / rows.len() as f64 * 100.0)
	};
	let lines = [
		Line::mean("of capacity", of("whale"), percent(|row| row.largest_capacity)),
		Line::mean("of rewards", of("whale"), percent(|row| row.largest_rewards)),
		Line::mean("of capacity, flat", of("flat"), percent(|row| row.largest_capacity)),
		Line::mean("of rewards, flat", of("flat"), percent(|row| row.largest_rewards)),
	];
	let title = "Part of the largest owner group";
	draw(&file("largest.svg"), title, "per cent", Scale::Linear, &lines)?;

	let lines =
		[("wash", "buys its own work"), ("fakers", "only waits"), ("sybil", "leaves its group")]
			.map(|(name, what)| Line::of(what, of(name), |row| row.attack_usd / 1e3));
	let title = "What attackers gain";
	draw(&file("attacks.svg"), title, "thousand USD", Scale::Linear, &lines)?;

	let mut lines = vec![
		Line::of("price of CAL", of("crash"), |row| row.cal_usd),
		Line::of("price that quotes go by", of("crash"), |row| row.cal_usd_used),
	];
	lines.retain(|line| !line.points.is_empty());
	draw(&file("crash.svg"), "A crash of CAL", "USD", Scale::Logarithmic, &lines)
}
