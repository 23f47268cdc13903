// SPDX-License-Identifier: Apache-2.0
//! Settings of `run`: flag before environment before file before default.

use crate::{cli::RunArgs, error::Failure};
use calor_client::types::{parse_cal, Balance, UNIT};
use serde::Deserialize;
use std::{
	net::{Ipv4Addr, SocketAddr},
	path::PathBuf,
	time::Duration,
};

/// Where a node listens on the same machine.
pub const DEFAULT_CHAIN: &str = "ws://127.0.0.1:9944";
/// Where outputs are served.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9955);
/// One hour of blocks.
const DEFAULT_RETENTION: u32 = 1_800;
/// One hour.
const DEFAULT_JOB_LIMIT: u64 = 3_600;
/// One CAL: some hundred times the fee of a claim.
const DEFAULT_CLAIM_LEAST: Balance = UNIT;

/// The configuration file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
	chain: Vec<String>,
	suri: Option<String>,
	key_file: Option<PathBuf>,
	data: Option<PathBuf>,
	listen: Option<SocketAddr>,
	public_url: Option<String>,
	adapter: Option<String>,
	allow_cpu_adapter: Option<bool>,
	allow_private_fetch: Option<bool>,
	auto_ready: Option<bool>,
	auto_claim: Option<bool>,
	/// In CAL, as text: floating point is no way to write money.
	claim_least: Option<String>,
	no_audit: Option<bool>,
	audit_on_cpu: Option<bool>,
	retention: Option<u32>,
	job_limit: Option<u64>,
}

/// What `run` works with.
#[derive(Clone, Debug)]
pub struct Config {
	/// Nodes in order of preference.
	pub chain: Vec<String>,
	/// Secret URI of the worker key.
	pub suri: Option<String>,
	/// File with the worker key.
	pub key_file: Option<PathBuf>,
	/// Directory for journal and blobs.
	pub data: PathBuf,
	/// Where outputs are served.
	pub listen: SocketAddr,
	/// Endpoint to keep registered.
	pub public_url: Option<String>,
	/// Part of the adapter's name.
	pub adapter: Option<String>,
	/// Whether a CPU adapter will do.
	pub allow_cpu_adapter: bool,
	/// Whether inputs may come from private addresses.
	pub allow_private_fetch: bool,
	/// Whether to be ready at start.
	pub auto_ready: bool,
	/// Least sum of unclaimed rewards that the daemon claims, in planck; `None` if it claims nothing.
	pub claim_least: Option<Balance>,
	/// Whether to audit the results of others.
	pub audit: bool,
	/// Whether audits run on the CPU.
	pub audit_on_cpu: bool,
	/// Blocks for which outputs outlive their job.
	pub retention: u32,
	/// Longest time that one job may compute.
	pub job_limit: Duration,
}

impl Config {
	/// Puts the settings together, reading the configuration file if one is named.
	///
	/// # Errors
	/// If the file cannot be read or has unknown entries, or something necessary is nowhere.
	pub fn load(args: RunArgs) -> Result<Self, Failure> {
		let file = match &args.config {
			None => File::default(),
			Some(path) => {
				let fail = |e: &dyn std::fmt::Display| {
					Failure::Config(format!("configuration file {}: {e}", path.display()))
				};
				let text = std::fs::read_to_string(path).map_err(|e| fail(&e))?;
				toml::from_str(&text).map_err(|e| fail(&e))?
			},
		};
		Self::merge(args, file)
	}

	fn merge(args: RunArgs, file: File) -> Result<Self, Failure> {
		let key = args.chain.key;
		// A key that is given by one means replaces one that is given by the other further down.
		let (suri, key_file) = match (key.suri, key.key_file) {
			(None, None) => (file.suri, file.key_file),
			given => given,
		};
		let data = args
			.data
			.or(file.data)
			.ok_or_else(|| Failure::Config("no data directory: give --data DIR".into()))?;
		let claim_least = match (args.claim_least, file.claim_least) {
			(Some(least), _) => least,
			(None, Some(text)) => {
				parse_cal(&text).map_err(|e| Failure::Config(format!("claim_least: {e}")))?
			},
			(None, None) => DEFAULT_CLAIM_LEAST,
		};
		let auto_claim = args.auto_claim.or(file.auto_claim).unwrap_or(true);
		Ok(Self {
			chain: first_given(args.chain.node.chain, file.chain),
			suri,
			key_file,
			data,
			listen: args.listen.or(file.listen).unwrap_or(DEFAULT_LISTEN),
			public_url: args.public_url.or(file.public_url),
			adapter: args.adapter.or(file.adapter),
			allow_cpu_adapter: args.allow_cpu_adapter.or(file.allow_cpu_adapter).unwrap_or(false),
			allow_private_fetch: args
				.allow_private_fetch
				.or(file.allow_private_fetch)
				.unwrap_or(false),
			auto_ready: args.auto_ready.or(file.auto_ready).unwrap_or(true),
			claim_least: auto_claim.then_some(claim_least),
			audit: !args.no_audit.or(file.no_audit).unwrap_or(false),
			audit_on_cpu: args.audit_on_cpu.or(file.audit_on_cpu).unwrap_or(false),
			retention: args.retention.or(file.retention).unwrap_or(DEFAULT_RETENTION),
			job_limit: Duration::from_secs(
				args.job_limit.or(file.job_limit).unwrap_or(DEFAULT_JOB_LIMIT),
			),
		})
	}
}

/// The nodes to use: those of the command line, else those of the file, else the one on this machine.
pub fn first_given(args: Vec<String>, file: Vec<String>) -> Vec<String> {
	let given = [args, file].into_iter().find(|urls| !urls.is_empty());
	given.unwrap_or_else(|| vec![DEFAULT_CHAIN.into()])
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::cli::{Cli, Command};
	use clap::Parser;

	fn run(args: &[&str], file: &str) -> Result<Config, Failure> {
		let args = ["calor-worker", "run"].iter().chain(args);
		let Command::Run(args) = Cli::try_parse_from(args).unwrap().command else { panic!() };
		Config::merge(args, toml::from_str(file).unwrap())
	}

	#[test]
	fn flag_before_file_before_default() {
		let file =
			"data = '/file'\nretention = 5\nlisten = '127.0.0.1:1'\nallow_cpu_adapter = true";
		let config = run(&["--data", "/flag", "--retention", "7"], file).unwrap();
		assert_eq!((config.data, config.retention), ("/flag".into(), 7));
		assert_eq!(config.listen, "127.0.0.1:1".parse().unwrap());
		assert!(config.allow_cpu_adapter && !config.allow_private_fetch && config.auto_ready);
		assert_eq!(config.chain, [DEFAULT_CHAIN]);
		let config = run(&["--allow-cpu-adapter=false", "--allow-private-fetch"], file).unwrap();
		assert!(!config.allow_cpu_adapter && config.allow_private_fetch);
	}

	#[test]
	fn environment_stands_between_flag_and_file() {
		// The only test that touches this variable.
		std::env::set_var("CALOR_WORKER_ADAPTER", "environment");
		let file = "data = '/file'\nadapter = 'file'";
		assert_eq!(run(&[], file).unwrap().adapter.unwrap(), "environment");
		assert_eq!(run(&["--adapter", "flag"], file).unwrap().adapter.unwrap(), "flag");
		std::env::remove_var("CALOR_WORKER_ADAPTER");
	}

	#[test]
	fn nodes_may_be_repeated_and_are_not_mixed() {
		let file = "data = '/d'\nchain = ['ws://c']";
		let given = run(&["--chain", "ws://a", "--chain", "ws://b"], file).unwrap();
		assert_eq!(given.chain, ["ws://a", "ws://b"]);
		assert_eq!(run(&[], file).unwrap().chain, ["ws://c"]);
	}

	#[test]
	fn a_given_key_replaces_the_files() {
		let config = run(&["--suri", "//A"], "data = '/d'\nkey_file = '/k'").unwrap();
		assert_eq!((config.suri.as_deref(), config.key_file), (Some("//A"), None));
	}

	#[test]
	fn rewards_are_claimed_from_a_least_sum_on_or_not_at_all() {
		let file = |more: &str| format!("data = '/d'\n{more}");
		let least = |args: &[&str], more: &str| run(args, &file(more)).unwrap().claim_least;
		assert_eq!(least(&[], ""), Some(UNIT));
		assert_eq!(least(&[], "claim_least = '0.5'"), Some(UNIT / 2));
		assert_eq!(least(&["--claim-least", "0"], "claim_least = '0.5'"), Some(0));
		assert_eq!(least(&[], "auto_claim = false"), None);
		assert_eq!(least(&["--auto-claim"], "auto_claim = false"), Some(UNIT));
		assert_eq!(least(&["--auto-claim=false", "--claim-least", "5"], ""), None);
		assert_eq!(run(&[], &file("claim_least = 'much'")).unwrap_err().code(), 2);
	}

	#[test]
	fn it_audits_unless_told_not_to() {
		let audits = |args: &[&str], more: &str| {
			let config = run(args, &format!("data = '/d'\n{more}")).unwrap();
			(config.audit, config.audit_on_cpu)
		};
		assert_eq!(audits(&[], ""), (true, false));
		assert_eq!(audits(&["--no-audit"], ""), (false, false));
		assert_eq!(
			audits(&["--no-audit=false", "--audit-on-cpu"], "no_audit = true"),
			(true, true)
		);
	}

	#[test]
	fn mistakes_are_usage_errors() {
		assert_eq!(run(&[], "").unwrap_err().code(), 2);
		assert!(toml::from_str::<File>("dta = '/d'").is_err(), "a misspelt entry");
	}
}
