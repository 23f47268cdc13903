// SPDX-License-Identifier: Apache-2.0
//! `engine-bench`: measures the engines and writes a table, and JSON if asked. `engine.sh` runs it.

mod body;
mod cases;
mod conformance;
mod device;
mod limits;
mod measure;
#[allow(unsafe_code, reason = "it measures what vector instructions can do")]
mod peak;
mod peer;
mod report;
mod suite;
mod workloads;

use anyhow::{ensure, Context, Result};
use cases::Extent;
use clap::{Parser, ValueEnum};
use device::Device;
use peer::Peer;
use std::{fs, path::PathBuf};

/// Measures the engines beside a peer and the machine's limits. The table goes to stdout.
#[derive(Parser)]
struct Args {
	/// What to measure; with both, the CPU comes first.
	#[arg(long = "device", value_enum, required_unless_present = "list")]
	devices: Vec<Kind>,
	/// Fewer and smaller cases, shorter measurements.
	#[arg(long)]
	quick: bool,
	/// Only cases whose name contains this.
	#[arg(long)]
	only: Option<String>,
	/// Write the rows to this file, as an array of objects.
	#[arg(long)]
	json: Option<PathBuf>,
	/// The peer for CPU rows: its program, then each argument by another --cpu-peer.
	#[arg(long, value_name = "WORD", allow_hyphen_values = true)]
	cpu_peer: Vec<String>,
	/// The peer for GPU rows, likewise.
	#[arg(long, value_name = "WORD", allow_hyphen_values = true)]
	gpu_peer: Vec<String>,
	/// Measure nothing; say whether the best adapter is a GPU or a CPU, and its name.
	#[arg(long)]
	list: bool,
	/// Take a CPU adapter if there is no GPU, for a few small cases.
	#[arg(long)]
	allow_cpu_adapter: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
	/// All cores.
	Cpu,
	/// The best adapter.
	Gpu,
}

fn main() -> Result<()> {
	let args = Args::parse();
	if args.list {
		if let Some(best) = calor_gpu::adapters().iter().min_by_key(|a| (a.kind, a.index)) {
			println!("{} {}", if best.is_cpu() { "CPU" } else { "GPU" }, best.name);
		}
		return Ok(());
	}
	let (mut rows, mut failed) = (Vec::new(), 0);
	for kind in [Kind::Cpu, Kind::Gpu] {
		if !args.devices.contains(&kind) {
			continue;
		}
		let (device, command) = match kind {
			Kind::Cpu => (Device::cpu()?, &args.cpu_peer),
			Kind::Gpu => (Device::gpu(args.allow_cpu_adapter)?, &args.gpu_peer),
		};
		let extent = match (kind, device.gpu_name(), args.quick) {
			(Kind::Gpu, None, _) => Extent::Tiny,
			(_, _, true) => Extent::Quick,
			_ => Extent::Full,
		};
		let mut suite = suite::Suite::new(device, extent, Peer::start(command)?);
		rows.extend(suite.run(|name| args.only.as_deref().is_none_or(|part| name.contains(part))));
		failed += suite.failed();
	}
	if let Some(path) = &args.json {
		fs::write(path, serde_json::to_string_pretty(&rows)? + "\n")
			.with_context(|| format!("writing {}", path.display()))?;
	}
	ensure!(failed == 0, "{failed} cases failed; stderr says why");
	Ok(())
}
