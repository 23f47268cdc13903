// SPDX-License-Identifier: Apache-2.0

//! The Calor node.
//! `cli` is what a user types, `command` what then happens, `service` how the parts of a running node hang together.
//! `equivocation` tells on validators that make two blocks in one slot.
//! `rpc` is what it answers, `telemetry` what it counts, `chain_spec` the chains that it knows by name.

mod chain_spec;
mod cli;
mod command;
mod equivocation;
mod rpc;
mod service;
mod telemetry;

fn main() -> sc_cli::Result<()> {
	command::run()
}
