// SPDX-License-Identifier: Apache-2.0
//! `assign-bench`: what it costs to assign one job, from 10 to 100,000 jobs in the queue and from 10 to 10,000 providers
//! that wait. It should cost the same everywhere.
//!
//! Runs the pallets natively, in the runtime of the stories (`pallets/mock`), on a state that lies in a trie: `state` fills
//! it, `measure` begins blocks on it. `life` shows which entries of storage each step of one job reads and writes.

mod life;
mod measure;
mod state;

use anyhow::{Context, Result};
use clap::Parser;
use measure::Row;
use state::State;
use std::{fs, path::PathBuf};

/// Measures what one assignment costs. The table goes to stdout.
#[derive(Parser)]
struct Args {
	/// At most 1,000 jobs and providers.
	#[arg(long)]
	quick: bool,
	/// Measure nothing; take one job through its life and show what each step reads and writes.
	#[arg(long, conflicts_with_all = ["quick", "json"])]
	life: bool,
	/// Write the rows to this file, as an array of objects.
	#[arg(long)]
	json: Option<PathBuf>,
}

fn main() -> Result<()> {
	let args = Args::parse();
	if args.life {
		life::print();
		return Ok(());
	}
	let (jobs, providers, rounds): (&[u32], &[u32], u32) = if args.quick {
		(&[10, 1_000], &[10, 100, 1_000], 3)
	} else {
		(&[10, 1_000, 100_000], &[10, 100, 1_000, 10_000], 9)
	};
	println!(
		"{:>8} {:>10} {:>9} {:>10} {:>8} {:>7} {:>7} {:>7}",
		"jobs", "providers", "assigned", "us each", "ratio", "reads", "writes", "nodes"
	);
	let mut rows: Vec<Row> = Vec::new();
	for jobs in jobs {
		let mut state = State::new();
		state.grow_jobs(*jobs);
		for providers in providers {
			state.grow_providers(*providers);
			let row = measure::measure(&mut state, *jobs, *providers, rounds)?;
			println!(
				"{:>8} {:>10} {:>9.1} {:>10.1} {:>8.2} {:>7.1} {:>7.1} {:>7.1}",
				row.jobs,
				row.providers,
				row.assigned,
				row.microseconds,
				row.microseconds / rows.first().unwrap_or(&row).microseconds,
				row.reads,
				row.writes,
				row.nodes
			);
			rows.push(row);
		}
	}
	if let Some(path) = &args.json {
		fs::write(path, serde_json::to_string_pretty(&rows)? + "\n")
			.with_context(|| format!("writing {}", path.display()))?;
	}
	Ok(())
}
