// SPDX-License-Identifier: Apache-2.0
//! `economy-bench`: ten years of the economy on the real pallets, in good and in bad circumstances.

use anyhow::{ensure, Context, Result};
use calor_economy_bench::{
	charts,
	scenario::{self, Outcome, Verdicts},
	scenarios, sybil,
	table::{self, Findings},
	washing,
};
use clap::Parser;
use std::{
	fs,
	path::PathBuf,
	sync::{
		atomic::{AtomicUsize, Ordering},
		Mutex,
	},
	time::Instant,
};

/// Of all random numbers.
const SEED: u64 = 20_260_101;
/// Ten years, one year.
const LONG: u32 = 3_652;
const QUICK: u32 = 365;
/// The scenario of split providers runs eight times, each for so much of the time.
const SYBIL_PART: u32 = 10;
/// Random cases of the search for a way to wash.
const SAMPLES: u32 = 200_000;

/// Runs the economy for ten years in several scenarios. The tables go to stdout; exits with 1 if anything does not hold
/// that must.
#[derive(Parser)]
struct Args {
	/// One year instead of ten.
	#[arg(long)]
	quick: bool,
	/// So many days.
	#[arg(long, conflicts_with = "quick")]
	days: Option<u32>,
	/// Only scenarios of these names, without the search.
	#[arg(long)]
	only: Vec<String>,
	/// Write the charts, `results.md` and `economy.json` into this folder.
	#[arg(long)]
	out: Option<PathBuf>,
}

type Task = Box<dyn FnOnce() -> Outcome + Send>;

/// What there is to run.
fn tasks(args: &Args, days: u32) -> Vec<Task> {
	let wanted = |name: &str| args.only.is_empty() || args.only.iter().any(|only| only == name);
	let mut tasks: Vec<Task> = Vec::new();
	for mut one in scenarios::all() {
		if wanted(one.name()) {
			tasks.push(Box::new(move || scenario::run(one.as_mut(), SEED, days)));
		}
	}
	if wanted("sybil") {
		tasks.push(Box::new(move || sybil::outcome(SEED, (days / SYBIL_PART).max(4))));
	}
	tasks
}

/// Runs all, as many at once as there are processors, and gives the outcomes in order.
fn run(tasks: Vec<Task>) -> Vec<Outcome> {
	let count = tasks.len();
	let tasks: Vec<_> = tasks.into_iter().map(|task| Mutex::new(Some(task))).collect();
	let (next, outcomes) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
	let workers = std::thread::available_parallelism().map_or(1, usize::from).min(count);
	std::thread::scope(|scope| {
		for _ in 0..workers {
			scope.spawn(|| loop {
				let index = next.fetch_add(1, Ordering::Relaxed);
				let Some(task) = tasks.get(index) else { return };
				let task = task.lock().ok().and_then(|mut task| task.take());
				let Some(task) = task else { return };
				let begun = Instant::now();
				let outcome = task();
				let seconds = begun.elapsed().as_secs();
				eprintln!("==> {}: {} days in {seconds} s", outcome.name, outcome.rows.len());
				if let Ok(mut outcomes) = outcomes.lock() {
					outcomes.push((index, outcome));
				}
			});
		}
	});
	let mut outcomes = outcomes.into_inner().unwrap_or_default();
	outcomes.sort_by_key(|(index, _)| *index);
	outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Looks for a way to gain by buying one's own work, and carries out the best one that was found.
fn search_for_washing() -> Verdicts {
	let mut verdicts = Verdicts::default();
	let (best, tried) = washing::search(SEED, SAMPLES);
	let outcome = best.outcome();
	println!();
	println!("the best way to buy one's own work, of {tried} that were tried");
	println!("  {best:?}");
	let cal = calor_economy_bench::scale::cal;
	for (what, amount) in [
		("spent", outcome.spent),
		("paid to itself", outcome.paid),
		("recycled", outcome.recycled),
		("to its auditors", outcome.audits),
		("to its authors", outcome.authored),
	] {
		println!("  {what:<16} {:>18.6} CAL", cal(amount));
	}
	verdicts.expect(
		format!("of {tried} ways to buy one's own work the best loses"),
		outcome.gain() < 0.0,
		format!("{:.3} % of what is spent, by {best:?}", outcome.gain() * 100.0),
	);
	let (predicted, found) = washing::enact(&best);
	verdicts.expect(
		"the pallets give exactly what the search reckons with",
		predicted == found,
		format!("{found} planck, reckoned {predicted}"),
	);
	verdicts
}

fn main() -> Result<()> {
	let args = Args::parse();
	let days = args.days.unwrap_or(if args.quick { QUICK } else { LONG });
	let tasks = tasks(&args, days);
	ensure!(!tasks.is_empty(), "there is no scenario of that name");
	let expected = tasks.len();
	let outcomes = run(tasks);
	ensure!(outcomes.len() == expected, "a scenario did not come to its end");
	table::print(&outcomes);
	let mut failed = 0;
	for outcome in &outcomes {
		let title = format!("{}: {}", outcome.name, outcome.about);
		failed += table::print_verdicts(&title, &outcome.verdicts);
	}
	let wash = if args.only.is_empty() { search_for_washing() } else { Verdicts::default() };
	failed += table::print_verdicts("washing", &wash.0);
	if let Some(folder) = &args.out {
		charts::draw_all(folder, &outcomes)?;
		let scenarios = outcomes.iter().map(Into::into).collect();
		let findings = Findings { days, scenarios, wash: &wash.0 };
		let path = folder.join("economy.json");
		fs::write(&path, serde_json::to_string_pretty(&findings)? + "\n")
			.with_context(|| format!("writing {}", path.display()))?;
		let path = folder.join("results.md");
		fs::write(&path, table::markdown(days, &outcomes, &wash.0))
			.with_context(|| format!("writing {}", path.display()))?;
	}
	ensure!(failed == 0, "{failed} of what must hold does not");
	Ok(())
}
