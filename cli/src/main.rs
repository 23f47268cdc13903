// SPDX-License-Identifier: Apache-2.0
//! `calor`: the researcher's command line.
//!
//! This file parses and wires. Results go to stdout, logs to stderr; how it ends is in [`end`].

mod end;
mod keys;
mod verify;

use clap::{Args, Parser, Subcommand};
use end::Failure;
use std::{
	io::{stderr, IsTerminal},
	path::PathBuf,
	process::ExitCode,
};
use tracing_subscriber::EnvFilter;

/// Checks results of a Calor chain.
///
/// Results go to stdout, logs to stderr.
///
/// Exit codes: 0 right, or done; 1 failed; 2 usage; 3 no node answers; 10 the result is wrong; 11 it is wrong and its worker was
/// convicted, or it withheld what it must show and was convicted for that; 12 it is wrong and its worker could not be
/// convicted; 13 it cannot be checked: not revealed yet, over, or inputs cannot be had; 14 it is right, but outputs are
/// not served.
#[derive(Debug, Parser)]
#[command(name = "calor", version)]
struct Cli {
	#[command(subcommand)]
	command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
	/// Check the result of a job by running it again on this machine's CPU, and dispute it if it is wrong.
	Verify(verify::VerifyArgs),
}

/// Which chain.
#[derive(Clone, Debug, Args)]
pub struct ChainArgs {
	/// WebSocket address of a node; may be repeated, the next is used when one fails.
	#[arg(long, env = "CALOR_CHAIN", value_delimiter = ',', default_value = "ws://127.0.0.1:9944")]
	pub chain: Vec<String>,
}

/// Who signs.
#[derive(Clone, Debug, Default, Args)]
pub struct KeyArgs {
	/// Secret URI of the key that signs, such as //Alice. For development: other users see it in the process list.
	#[arg(long, env = "CALOR_SURI", hide_env_values = true)]
	pub suri: Option<String>,
	/// File that holds the secret URI of the key that signs and that only its owner can read.
	#[arg(long, env = "CALOR_KEY_FILE", conflicts_with = "suri")]
	pub key_file: Option<PathBuf>,
}

fn main() -> ExitCode {
	let command = Cli::parse().command;
	log_to_stderr();
	// A failure here means that a provider is installed already.
	let _ = rustls::crypto::ring::default_provider().install_default();
	let outcome = tokio::runtime::Runtime::new()
		.map_err(|e| Failure::Other(e.to_string()))
		.and_then(|runtime| {
			let outcome = runtime.block_on(async {
				match command {
					Command::Verify(args) => verify::verify(args).await,
				}
			});
			runtime.shutdown_background();
			outcome
		});
	match outcome {
		Ok(end) => end.into(),
		Err(failure) => {
			tracing::error!("{failure}");
			failure.into()
		},
	}
}

/// Logs for people on a terminal, JSON elsewhere.
fn log_to_stderr() {
	let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
	let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
	if stderr().is_terminal() {
		logs.init();
	} else {
		logs.json().init();
	}
}
