// SPDX-License-Identifier: Apache-2.0
//! The command line, which is also the environment: every option has a variable `CALOR_WORKER_*`.

use calor_client::{
	types::{parse_cal, Balance, HardwareClass},
	AccountId32,
};
use clap::{Args, Parser, Subcommand};
use std::{net::SocketAddr, path::PathBuf};

/// Earns by running Calor's jobs on a GPU.
///
/// Results go to stdout, logs to stderr. Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 no node answers or
/// wrong chain, 4 no usable adapter or failed self-test, 5 not registered.
#[derive(Debug, Parser)]
#[command(name = "calor-worker", version)]
pub struct Cli {
	/// What to do.
	#[command(subcommand)]
	pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
	/// Take jobs and run them until told to stop.
	Run(RunArgs),
	/// Bond stake, register, fund the worker key and be ready, in one transaction of the owner. May be repeated.
	Register(RegisterArgs),
	/// Show what the chain knows of this worker.
	Status(StatusArgs),
	/// Mint the owner's unclaimed rewards, to the owner. Signed by the worker key, which pays the fee.
	Claim(ClaimArgs),
	/// Take no more jobs; a running one is finished.
	Drain(ChainArgs),
	/// Cease to be a provider, once drained. Signed by the owner.
	Deregister(OwnerArgs),
	/// Show and change the owner's stake.
	#[command(subcommand)]
	Stake(StakeCommand),
	/// Make, show or replace the worker key.
	#[command(subcommand)]
	Keys(KeysCommand),
	/// One task of the engine, in a process of its own.
	#[command(hide = true)]
	ExecJob {
		/// Where the task lies.
		dir: PathBuf,
	},
}

/// Make, show or replace the worker key.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
	/// Write a fresh key to a new file that only its owner can read.
	Generate {
		/// The file.
		#[arg(long, env = "CALOR_WORKER_KEY_FILE")]
		key_file: PathBuf,
	},
	/// Print the address of a key.
	Show(KeyArgs),
	/// Put a new key in the place of the registered one. Signed by the owner; jobs go on under the new key.
	Rotate(RotateArgs),
}

/// Show and change the owner's stake.
#[derive(Debug, Subcommand)]
pub enum StakeCommand {
	/// Print the stake and what threatens it.
	Show(OwnerViewArgs),
	/// Bond more. Signed by the owner.
	Add(AmountArgs),
	/// Begin to take stake out; only what stands behind no job. Signed by the owner.
	Unbond(AmountArgs),
	/// Make unbonded stake that is due free balance. Signed by the owner.
	Withdraw(OwnerArgs),
}

/// Which worker key.
#[derive(Clone, Debug, Default, Args)]
pub struct KeyArgs {
	/// Secret URI of the worker key, such as //Bob//worker. For development: other users see it in the process list.
	#[arg(long, env = "CALOR_WORKER_SURI", hide_env_values = true)]
	pub suri: Option<String>,
	/// File that holds the secret URI of the worker key and that only its owner can read.
	#[arg(long, env = "CALOR_WORKER_KEY_FILE")]
	pub key_file: Option<PathBuf>,
}

/// Which chain.
#[derive(Clone, Debug, Default, Args)]
pub struct NodeArgs {
	/// WebSocket address of a node; may be repeated, the next is used when one fails. [default: ws://127.0.0.1:9944]
	#[arg(long, env = "CALOR_WORKER_CHAIN", value_delimiter = ',')]
	pub chain: Vec<String>,
}

/// Which chain and which worker key.
#[derive(Clone, Debug, Default, Args)]
pub struct ChainArgs {
	/// The chain.
	#[command(flatten)]
	pub node: NodeArgs,
	/// The worker key.
	#[command(flatten)]
	pub key: KeyArgs,
}

/// Which chain and which owner.
#[derive(Clone, Debug, Args)]
pub struct OwnerArgs {
	/// The chain.
	#[command(flatten)]
	pub node: NodeArgs,
	/// Secret URI of the owner, who bonds and is paid.
	#[arg(long, env = "CALOR_WORKER_OWNER_SURI", hide_env_values = true)]
	pub owner_suri: String,
}

/// Which chain and whose stake, without a secret.
#[derive(Clone, Debug, Args)]
pub struct OwnerViewArgs {
	/// The chain.
	#[command(flatten)]
	pub node: NodeArgs,
	/// Address of the owner.
	#[arg(long, env = "CALOR_WORKER_OWNER")]
	pub owner: AccountId32,
}

/// Whose stake, and how much of it.
#[derive(Clone, Debug, Args)]
pub struct AmountArgs {
	/// Chain and owner.
	#[command(flatten)]
	pub owner: OwnerArgs,
	/// How much, in CAL.
	#[arg(value_parser = parse_cal)]
	pub amount: Balance,
}

/// Options of `keys rotate`.
#[derive(Clone, Debug, Args)]
pub struct RotateArgs {
	/// Chain and owner.
	#[command(flatten)]
	pub owner: OwnerArgs,
	/// File that holds the new worker key, from `keys generate`.
	#[arg(long)]
	pub new_key_file: PathBuf,
	/// What the new key shall have for fees, in CAL; only what is missing is sent.
	#[arg(long, env = "CALOR_WORKER_FUND", default_value = "10", value_parser = parse_cal)]
	pub fund: Balance,
}

/// Options of `run`. Those that are not given come from the configuration file.
#[derive(Clone, Debug, Default, Args)]
pub struct RunArgs {
	/// Chain and key.
	#[command(flatten)]
	pub chain: ChainArgs,
	/// Directory for journal and blobs.
	#[arg(long, env = "CALOR_WORKER_DATA")]
	pub data: Option<PathBuf>,
	/// Address to serve outputs at. [default: 127.0.0.1:9955]
	#[arg(long, env = "CALOR_WORKER_LISTEN")]
	pub listen: Option<SocketAddr>,
	/// Address under which others reach this server; if given, the registered endpoint is kept at it.
	#[arg(long, env = "CALOR_WORKER_PUBLIC_URL")]
	pub public_url: Option<String>,
	/// Part of the name of the GPU to use. [default: the best]
	#[arg(long, env = "CALOR_WORKER_ADAPTER")]
	pub adapter: Option<String>,
	/// Work on a CPU adapter if there is no GPU. For development: it is very slow.
	#[arg(long, env = "CALOR_WORKER_ALLOW_CPU_ADAPTER", num_args = 0..=1, require_equals = true,
		default_missing_value = "true")]
	pub allow_cpu_adapter: Option<bool>,
	/// Fetch inputs from private addresses too. For development: jobs could reach into this network.
	#[arg(long, env = "CALOR_WORKER_ALLOW_PRIVATE_FETCH", num_args = 0..=1, require_equals = true,
		default_missing_value = "true")]
	pub allow_private_fetch: Option<bool>,
	/// Be ready at start if idle, as after a fault, and again after a silence. [default: true]
	#[arg(long, env = "CALOR_WORKER_AUTO_READY", num_args = 0..=1, require_equals = true,
		default_missing_value = "true")]
	pub auto_ready: Option<bool>,
	/// Claim the owner's rewards after an epoch is closed; the worker key pays the fee. [default: true]
	#[arg(long, env = "CALOR_WORKER_AUTO_CLAIM", num_args = 0..=1, require_equals = true,
		default_missing_value = "true")]
	pub auto_claim: Option<bool>,
	/// Least sum of unclaimed rewards that is claimed so, in CAL: less would be eaten up by fees. [default: 1]
	#[arg(long, env = "CALOR_WORKER_CLAIM_LEAST", value_parser = parse_cal)]
	pub claim_least: Option<Balance>,
	/// Do not audit the results of others; leaves the auditors if enrolled among them.
	#[arg(long, env = "CALOR_WORKER_NO_AUDIT", num_args = 0..=1, require_equals = true,
		default_missing_value = "true")]
	pub no_audit: Option<bool>,
	/// Run audits on the CPU, so that they do not wait for the GPU.
	#[arg(long, env = "CALOR_WORKER_AUDIT_ON_CPU", num_args = 0..=1, require_equals = true,
		default_missing_value = "true")]
	pub audit_on_cpu: Option<bool>,
	/// Blocks for which outputs are kept after their job has ended. [default: 1800]
	#[arg(long, env = "CALOR_WORKER_RETENTION")]
	pub retention: Option<u32>,
	/// Seconds that one job may compute. [default: 3600]
	#[arg(long, env = "CALOR_WORKER_JOB_LIMIT")]
	pub job_limit: Option<u64>,
	/// Configuration file: the same options in TOML, with underscores.
	#[arg(long, env = "CALOR_WORKER_CONFIG")]
	pub config: Option<PathBuf>,
}

/// Options of `status`.
#[derive(Clone, Debug, Args)]
pub struct StatusArgs {
	/// Chain and key.
	#[command(flatten)]
	pub chain: ChainArgs,
	/// Print JSON.
	#[arg(long)]
	pub json: bool,
}

/// Options of `claim`.
#[derive(Clone, Debug, Args)]
pub struct ClaimArgs {
	/// Chain and key.
	#[command(flatten)]
	pub chain: ChainArgs,
	/// Address whose rewards to claim. [default: the owner for whom the key works]
	#[arg(long, env = "CALOR_WORKER_OWNER")]
	pub owner: Option<AccountId32>,
	/// Only show what could be claimed.
	#[arg(long)]
	pub dry_run: bool,
}

/// Options of `register`.
#[derive(Clone, Debug, Args)]
pub struct RegisterArgs {
	/// Chain and key.
	#[command(flatten)]
	pub chain: ChainArgs,
	/// Secret URI of the owner, who bonds and is paid.
	#[arg(long, env = "CALOR_WORKER_OWNER_SURI", hide_env_values = true)]
	pub owner_suri: String,
	/// Address under which clients reach this worker.
	#[arg(long, env = "CALOR_WORKER_ENDPOINT")]
	pub endpoint: String,
	/// Hardware class: general, high-memory or tensor.
	#[arg(long, env = "CALOR_WORKER_CLASS", default_value = "general")]
	pub class: HardwareClass,
	/// Least price of a job that it takes, in CAL.
	#[arg(long, env = "CALOR_WORKER_MIN_PRICE", default_value = "0", value_parser = parse_cal)]
	pub min_price: Balance,
	/// Stake to have bonded, in CAL; only what is missing is added.
	#[arg(long, env = "CALOR_WORKER_STAKE", default_value = "10000", value_parser = parse_cal)]
	pub stake: Balance,
	/// What the worker key shall have for fees, in CAL; only what is missing is sent.
	#[arg(long, env = "CALOR_WORKER_FUND", default_value = "10", value_parser = parse_cal)]
	pub fund: Balance,
	/// Multiply-accumulates per second that this worker can do.
	#[arg(long, env = "CALOR_WORKER_MAC_PER_SECOND", default_value_t = 1_000_000_000)]
	pub mac_per_second: u64,
	/// Device memory in MiB.
	#[arg(long, env = "CALOR_WORKER_MEMORY_MIB", default_value_t = 1_024)]
	pub memory_mib: u32,
}
