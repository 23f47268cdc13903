// SPDX-License-Identifier: Apache-2.0
//! `calor-worker`: earns by running Calor's jobs on a GPU.
//!
//! This file parses and wires. Start reading with `step` (what to do when), then `daemon`, `work`, `journal`.

mod answer;
mod audit;
mod blobs;
mod capacity;
mod cli;
mod config;
mod daemon;
mod error;
mod exec;
mod journal;
mod keys;
mod lottery;
mod owner;
mod presence;
mod register;
mod rewards;
mod run;
mod serve;
mod status;
mod step;
mod stored;
mod watch;
mod work;

use clap::Parser;
use cli::{Cli, Command, KeysCommand};
use error::Failure;
use std::{
	io::{stderr, IsTerminal},
	process::ExitCode,
};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
	let command = Cli::parse().command;
	log_to_stderr();
	// A failure here means that a provider is installed already.
	let _ = rustls::crypto::ring::default_provider().install_default();
	let outcome = match command {
		// No runtime and no threads beside the driver's.
		Command::ExecJob { dir } => exec::child_main(&dir).map_err(Failure::Other),
		command => tokio::runtime::Runtime::new().map_err(|e| Failure::Other(e.into())).and_then(
			|runtime| {
				let outcome = runtime.block_on(dispatch(command));
				// What still runs has been told to stop, or does not matter any more.
				runtime.shutdown_background();
				outcome
			},
		),
	};
	match outcome {
		Ok(()) => ExitCode::SUCCESS,
		Err(failure) => {
			tracing::error!("{failure}");
			failure.into()
		},
	}
}

async fn dispatch(command: Command) -> Result<(), Failure> {
	match command {
		Command::Run(args) => run::run(config::Config::load(args)?).await,
		Command::Register(args) => register::register(args).await,
		Command::Status(args) => status::status(args).await,
		Command::Claim(args) => rewards::claim(args).await,
		Command::Drain(args) => register::drain(args).await,
		Command::Deregister(args) => owner::deregister(args).await,
		Command::Stake(command) => owner::stake(command).await,
		Command::Keys(KeysCommand::Generate { key_file }) => {
			println!("{}", register::account(&keys::generate(&key_file)?));
			Ok(())
		},
		Command::Keys(KeysCommand::Rotate(args)) => owner::rotate(args).await,
		Command::Keys(KeysCommand::Show(key)) => {
			let key = keys::load(key.suri.as_deref(), key.key_file.as_deref())?;
			println!("{}", register::account(&key));
			Ok(())
		},
		Command::ExecJob { dir } => exec::child_main(&dir).map_err(Failure::Other),
	}
}

/// Logs for people on a terminal, JSON elsewhere.
fn log_to_stderr() {
	let filter = EnvFilter::try_from_default_env()
		.unwrap_or_else(|_| EnvFilter::new("info,wgpu_core=warn,wgpu_hal=error,naga=warn"));
	let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
	if stderr().is_terminal() {
		logs.init();
	} else {
		logs.json().init();
	}
}
