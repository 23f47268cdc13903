// SPDX-License-Identifier: Apache-2.0
//! Measures the weights of a runtime that was built with `runtime-benchmarks`: the SDK's own `benchmark pallet` command
//! without a node around it. See `scripts/weights.sh`.

use clap::Parser;
use frame_benchmarking_cli::PalletCmd;

fn main() -> sc_cli::Result<()> {
	sc_cli::LoggerBuilder::new("info").init()?;
	PalletCmd::parse().run_with_spec::<sp_runtime::traits::BlakeTwo256, ()>(None)
}
