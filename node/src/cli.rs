// SPDX-License-Identifier: Apache-2.0

//! What a user types. Flags are those of every Substrate node; `--help` lists them.

use sc_cli::{
	BuildSpecCmd, ChainInfoCmd, CheckBlockCmd, ExportBlocksCmd, ExportChainSpecCmd, ExportStateCmd,
	ImportBlocksCmd, KeySubcommand, PurgeChainCmd, RevertCmd, RunCmd,
};

/// The command line: a node, unless a subcommand says otherwise.
#[derive(Debug, clap::Parser)]
pub struct Cli {
	#[command(subcommand)]
	pub subcommand: Option<Subcommand>,

	#[command(flatten)]
	pub run: RunCmd,
}

#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
	/// Make and inspect keys, put them into a node's keystore.
	#[command(subcommand)]
	Key(KeySubcommand),

	/// Write a chain's specification (`export-chain-spec` is the newer way).
	BuildSpec(BuildSpecCmd),

	/// Write a chain's specification, human-readable or raw.
	ExportChainSpec(ExportChainSpecCmd),

	/// Execute a stored block again and check the result.
	CheckBlock(CheckBlockCmd),

	/// Write blocks to a file or to stdout.
	ExportBlocks(ExportBlocksCmd),

	/// Write the state at a block as a chain specification.
	ExportState(ExportStateCmd),

	/// Read blocks from a file or from stdin.
	ImportBlocks(ImportBlocksCmd),

	/// Delete a chain's database. Keys stay.
	PurgeChain(PurgeChainCmd),

	/// Go back some blocks, at most to the last finalised one.
	Revert(RevertCmd),

	/// Show best and finalised block of a database.
	ChainInfo(ChainInfoCmd),
}
