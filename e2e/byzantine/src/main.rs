// SPDX-License-Identifier: Apache-2.0
//! `calor-byzantine`: plays a worker or an auditor that cheats. For tests; it is never installed.
//!
//! It uses a worker key that is registered already and has nothing of the worker's code: it accepts what it is given,
//! computes on the CPU, tells one lie and stands by it as long as it can. `kind` says which lies there are, `forged` tells
//! them, `player` looks at each block, `work`, `audit` and `capacity` act. Each step is tried once and is a line on stdout:
//!
//! ```text
//! {"event":"ready","kind":"zeros"}
//! {"event":"done","job":"1","step":"commit","height":17}
//! {"event":"refused","job":"1","step":"commit again","height":18,"reason":".."}
//! ```

mod audit;
mod capacity;
mod claim;
mod forged;
mod hand;
mod kind;
mod player;
mod serve;
mod views;
mod work;

use anyhow::Context;
use calor_client::{runtime, Chain};
use clap::{Parser, ValueEnum};
use hand::Hand;
use kind::Kind;
use player::Player;
use serve::Shelf;
use std::{collections::HashMap, future::IntoFuture, net::SocketAddr, path::PathBuf, sync::Arc};
use subxt_signer::{sr25519::Keypair, SecretUri};
use tokio::net::TcpListener;

/// Plays a worker or an auditor that cheats.
#[derive(Debug, Parser)]
#[command(name = "calor-byzantine", version)]
struct Cli {
	/// WebSocket address of a node.
	#[arg(long)]
	chain: String,
	/// Secret URI of a registered worker key.
	#[arg(long)]
	suri: String,
	/// How it cheats.
	#[arg(long)]
	kind: Kind,
	/// Address to serve outputs at.
	#[arg(long)]
	listen: SocketAddr,
	/// Folder in which workers tell auditors their roots.
	#[arg(long)]
	share: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
	let cli = Cli::parse();
	let suri: SecretUri = cli.suri.parse().context("--suri")?;
	let key = Keypair::from_uri(&suri).context("--suri")?;
	let chain = Arc::new(Chain::connect(&[cli.chain], None).await?);
	let mut hand = Hand::new(chain, key).await?;
	if cli.kind.audits() {
		hand.once(0, "enrol", &runtime::tx().verification().enrol(true)).await;
	}
	let shelf = Shelf::default();
	let listener = TcpListener::bind(cli.listen).await?;
	let server = axum::serve(listener, shelf.clone().routes()).into_future();
	let (bound, made_up) = (HashMap::new(), HashMap::new());
	let player = Player { kind: cli.kind, hand, shelf, share: cli.share, bound, made_up };
	let kind = cli.kind.to_possible_value().map(|value| value.get_name().to_string());
	println!("{}", serde_json::json!({ "event": "ready", "kind": kind }));
	tokio::select! {
		() = player.run() => Ok(()),
		ended = server => Ok(ended?),
	}
}
