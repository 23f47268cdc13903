// SPDX-License-Identifier: Apache-2.0
//! `chain-bench`: measures how many complete lives of jobs a node carries, beside plain transfers on the same node in the
//! same run. `../chain.sh` starts a new development chain and runs it.
//!
//! It knows the chain by its metadata alone, as any client. `transfers` and `lives` make the load; `block` reads what
//! blocks say of it; `figures` divides; `report` writes. Start with [`measure`].

mod account;
mod block;
mod figures;
mod lives;
mod node;
mod pace;
mod plan;
mod report;
mod setup;
mod transfers;

use anyhow::{ensure, Context, Result};
use block::{Block, Blocks, Kind};
use calor_client::runtime;
use clap::Parser;
use figures::{CallFigures, Empty};
use node::Node;
use plan::Plan;
use report::{Machine, Report};
use setup::Stage;
use std::{fs, path::PathBuf};

/// Measures lives of jobs and transfers on a new development chain. Tables go to stdout. Exits with 0 only if lives were
/// completed and all invariants hold.
#[derive(Parser)]
struct Args {
	/// Where its node listens, as ws://HOST:PORT.
	#[arg(long)]
	chain: String,
	/// About a minute: fewer blocks, and short windows after the reveal.
	#[arg(long)]
	quick: bool,
	/// Write all figures to this file.
	#[arg(long)]
	json: Option<PathBuf>,
}

/// stdout is data.
fn say(what: &str) {
	eprintln!("==> {what}");
}

#[tokio::main]
async fn main() -> Result<()> {
	let args = Args::parse();
	let node = Node::connect(&args.chain).await?;
	let report = measure(&node, args.quick).await?;
	println!("{report}");
	if let Some(path) = &args.json {
		fs::write(path, serde_json::to_string_pretty(&report)? + "\n")
			.with_context(|| format!("writing {}", path.display()))?;
	}
	let lives = &report.lives;
	ensure!(lives.completed > 0, "no job was settled");
	ensure!(
		lives.dropped == lives.posted,
		"the records of {} jobs were never dropped",
		lives.posted - lives.dropped
	);
	ensure!(report.broken_invariant.is_none(), "an invariant does not hold");
	Ok(())
}

/// Everything, in its order.
async fn measure(node: &Node, quick: bool) -> Result<Report> {
	let machine = Machine::this();
	let plan = if quick { Plan::QUICK } else { Plan::FULL };
	say(&format!("preparing {} clients and {} providers", plan.clients, plan.providers));
	let mut stage = Stage::set(node, &plan).await?;
	say(&format!("weighing {} empty blocks", plan.empty_blocks));
	let empty = empty_blocks(node, plan.empty_blocks).await?;
	let declared = declared(node, &stage).await?;
	say(&format!("filling {} blocks with transfers", plan.transfer_blocks));
	let transfer = declared[0].1;
	let sent = transfers::measure(node, &mut stage.clients, &plan, transfer).await?;
	say(&format!("posting jobs for {} blocks, and seeing them through", plan.job_blocks));
	let lived = lives::measure(node, &mut stage, &plan).await?;
	for (reason, times) in &lived.failures {
		say(&format!("{times} times: {reason}"));
	}
	let broken = node.chain().best().await?.check_invariants().await?.err();

	let block = figures::of_blocks(node.limits, &empty);
	let empty = Empty::of(&empty);
	let calls = declared.into_iter().map(|(kind, declared)| match kind {
		Kind::Transfer => figures::of_call(kind, &sent.blocks, declared),
		_ => figures::of_call(kind, &lived.blocks, declared),
	});
	let calls: Vec<CallFigures> = calls.collect();
	let figures =
		(figures::of_transfers(&sent, empty, &block), figures::of_lives(&lived, empty, &block));
	Ok(Report::new(machine, quick, block, figures, calls, broken))
}

/// So many blocks without transactions.
async fn empty_blocks(node: &Node, count: usize) -> Result<Vec<Block>> {
	let mut blocks = Blocks::follow(node).await?;
	let mut empty = Vec::new();
	while empty.len() < count {
		let new = blocks.next().await?;
		ensure!(new.iter().all(|block| block.taken() == 0), "somebody else uses this chain");
		empty.extend(new);
	}
	Ok(empty)
}

/// What the calls declare to weigh, the transfer first.
async fn declared(node: &Node, stage: &Stage) -> Result<Vec<(Kind, u64)>> {
	let (client, worker) = (&stage.clients[0], &stage.workers[0]);
	let submit = runtime::tx().jobs().submit(stage.spec(0));
	let commit = lives::commit(node.genesis(), 0, &worker.id);
	Ok(vec![
		(Kind::Transfer, node.declared(client, &transfers::call(client)).await?),
		(Kind::Submit, node.declared(client, &submit).await?),
		(Kind::Accept, node.declared(worker, &lives::accept(0)).await?),
		(Kind::Commit, node.declared(worker, &commit).await?),
		(Kind::Reveal, node.declared(worker, &lives::reveal(0)).await?),
	])
}
