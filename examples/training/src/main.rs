// SPDX-License-Identifier: Apache-2.0
//! `train`: the training on one or several engines, side by side.

use anyhow::{ensure, Result};
use calor_tensor::Hash;
use calor_training::{data::HELD_OUT, training::EPOCHS, Engine, Training};
use clap::{Parser, ValueEnum};
use std::time::{Duration, Instant};

/// Trains the digits network by integer SGD and holds the engines against each other after every epoch.
#[derive(Parser)]
struct Args {
	/// Engines to run on; more than one must agree bit for bit.
	#[arg(long = "engine", value_enum, default_values_t = [Kind::Reference, Kind::Cpu, Kind::Gpu])]
	engines: Vec<Kind>,
	/// Epochs.
	#[arg(long, default_value_t = EPOCHS)]
	epochs: u32,
	/// What first weights, order and rounding are drawn from.
	#[arg(long, default_value_t = 1)]
	seed: u32,
	/// Let the GPU engine use a CPU adapter if there is no GPU.
	#[arg(long)]
	allow_cpu_adapter: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
	/// The definition.
	Reference,
	/// All cores.
	Cpu,
	/// The best adapter.
	Gpu,
}

fn main() -> Result<()> {
	let args = Args::parse();
	let mut runs = Vec::new();
	for kind in &args.engines {
		let engine = match kind {
			Kind::Reference => Engine::Reference,
			Kind::Cpu => Engine::cpu()?,
			Kind::Gpu => Engine::gpu(args.allow_cpu_adapter)?,
		};
		runs.push((engine, Training::new(args.seed)?, Duration::ZERO));
	}
	for epoch in 1..=args.epochs {
		let mut first: Option<Vec<Hash>> = None;
		for (engine, training, spent) in &mut runs {
			let start = Instant::now();
			let roots = training.advance(engine)?;
			*spent += start.elapsed();
			let agreed = first.get_or_insert_with(|| roots.clone()) == &roots;
			ensure!(
				agreed,
				"epoch {epoch}: {} gives other roots than the first engine",
				engine.name()
			);
		}
		if let (Some(roots), Some((engine, training, _))) = (first, runs.first()) {
			let right = training.right(engine)?;
			let root: String = roots[0].iter().take(6).map(|b| format!("{b:02x}")).collect();
			println!(
				"epoch {epoch:2}: {right} of {HELD_OUT} right ({:.2} %), first weights {root}..",
				100.0 * right as f64 / f64::from(HELD_OUT)
			);
		}
	}
	for (engine, _, spent) in &runs {
		println!("{}: {:.1} s", engine.name(), spent.as_secs_f64());
	}
	Ok(())
}
