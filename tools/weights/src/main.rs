// SPDX-License-Identifier: Apache-2.0
//! Measures the weights of a runtime that was built with `runtime-benchmarks`, and writes them as Rust.
//!
//! The SDK's own command does the same and more, but pulls in a parachain's client and a second runtime to build; this is
//! the part of it that a solo chain needs: run each benchmark in the runtime's Wasm ([`measure`]), fit lines with the
//! SDK's own analysis, write a file for each pallet ([`write`]).

mod measure;
mod write;

use anyhow::Context;
use clap::Parser;
use std::path::PathBuf;

#[derive(Parser)]
struct Cli {
	/// The runtime, built with `runtime-benchmarks`.
	#[arg(long)]
	runtime: PathBuf,
	/// Pallet crates, such as `pallet_jobs`.
	#[arg(long, required = true)]
	pallet: Vec<String>,
	/// Values of each parameter to measure at.
	#[arg(long, default_value_t = 20)]
	steps: u32,
	/// Measurements at each value.
	#[arg(long, default_value_t = 20)]
	repeat: u32,
	/// Folder of the pallets: `pallet_jobs` is written to `<folder>/jobs/src/weights.rs`.
	#[arg(long)]
	output: PathBuf,
}

fn main() -> anyhow::Result<()> {
	let cli = Cli::parse();
	let code = std::fs::read(&cli.runtime)
		.with_context(|| format!("no runtime at {}", cli.runtime.display()))?;
	let runtime = measure::Runtime::new(code)?;
	for pallet in &cli.pallet {
		let calls = runtime.measure(pallet, cli.steps, cli.repeat)?;
		let folder = pallet.trim_start_matches("pallet_").replace('_', "-");
		let path = cli.output.join(folder).join("src/weights.rs");
		std::fs::write(&path, write::file(pallet, &calls, cli.steps, cli.repeat))
			.with_context(|| format!("cannot write {}", path.display()))?;
		eprintln!("{}", path.display());
	}
	Ok(())
}
