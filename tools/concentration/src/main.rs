// SPDX-License-Identifier: Apache-2.0
//! `calor-concentration`: reads a node and says how evenly tokens, stake and capacity are spread.

use calor_client::{Chain, Error as ChainError, H256};
use calor_concentration::{report::Report, Census, Error};
use clap::Parser;
use std::process::ExitCode;

/// Says how evenly a Calor chain's tokens, stake and capacity are spread, at one block.
///
/// The report goes to stdout. Exit codes: 0 done, 1 failed, 2 usage, 3 no node answers or wrong chain.
#[derive(Debug, Parser)]
#[command(name = "calor-concentration", version)]
struct Args {
	/// WebSocket address of a node; may be repeated, the next is used when one does not answer.
	#[arg(long, default_value = "ws://127.0.0.1:9944", value_delimiter = ',')]
	url: Vec<String>,
	/// Hash of the block to look at; a node keeps the state of old ones only as an archive. [default: the last final
	/// one]
	#[arg(long)]
	at: Option<H256>,
	/// Hash of the first block of the chain that is meant; a node of another is refused.
	#[arg(long)]
	genesis: Option<H256>,
	/// Print JSON.
	#[arg(long)]
	json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
	let args = Args::parse();
	match report(&args).await {
		Ok(report) if args.json => println!("{}", report.json()),
		Ok(report) => println!("{report}"),
		Err(error) => {
			eprintln!("{error}");
			return code(&error).into();
		},
	}
	ExitCode::SUCCESS
}

async fn report(args: &Args) -> Result<Report, Error> {
	let chain = Chain::connect(&args.url, args.genesis).await?;
	Ok(Report::new(&Census::take(&chain, args.at).await?))
}

/// The exit code that stands for an error.
fn code(error: &Error) -> u8 {
	match error {
		Error::Chain(ChainError::Unreachable { .. } | ChainError::WrongChain { .. })
		| Error::NotCalor { .. } => 3,
		_ => 1,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn blocks_are_named_by_hash() {
		let hash = format!("0x{}", "ab".repeat(32));
		let args = Args::try_parse_from(["it", "--at", &hash, "--url", "ws://a,ws://b"]).unwrap();
		assert_eq!(args.at, Some(H256([0xab; 32])));
		assert_eq!(args.url, ["ws://a", "ws://b"]);
		assert!(Args::try_parse_from(["it", "--at", "17"]).is_err());
	}

	#[tokio::test]
	async fn a_node_that_is_away_is_named() {
		let args = Args::try_parse_from(["it", "--url", "ws://127.0.0.1:1"]).unwrap();
		let error = report(&args).await.unwrap_err();
		assert_eq!(code(&error), 3);
		assert!(error.to_string().contains("ws://127.0.0.1:1"), "{error}");
	}
}
