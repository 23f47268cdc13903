// SPDX-License-Identifier: Apache-2.0
//! Plain transfers, as many as blocks take.

use crate::{
	account::Account,
	block::{Block, Blocks},
	node::Node,
	plan::Plan,
};
use anyhow::{ensure, Result};
use calor_client::{runtime, types::UNIT};
use std::collections::BTreeSet;

/// What one transfer moves, in planck.
const VALUE: u128 = UNIT / 1_000;
/// Blocks with transfers before those that are measured: the pool fills.
const WARMING: usize = 2;
/// Blocks in which what is left over must be taken.
const PATIENCE: usize = 20;

/// What was measured.
#[derive(Debug, Default)]
pub struct Run {
	/// The measured blocks, one after the other.
	pub blocks: Vec<Block>,
	/// When the block before them was made, in milliseconds since 1970.
	pub began: u64,
	/// In how many of them the load generator fell behind: nothing was left over.
	pub dry: usize,
}

/// The call that all transfers are.
pub fn call(to: &Account) -> impl subxt::tx::Payload {
	runtime::tx().balances().transfer_keep_alive(to.address(), VALUE)
}

/// Fills blocks with transfers among the clients. `weight` is what one declares, in picoseconds.
///
/// # Errors
/// If the node does not answer, or transfers fail.
pub async fn measure(
	node: &Node,
	clients: &mut [Account],
	plan: &Plan,
	weight: u64,
) -> Result<Run> {
	let mut blocks = Blocks::follow(node).await?;
	let mut run = Run::default();
	// Two blocks' worth wait: one for the next block, one in case that it comes before the pool is filled up again.
	let mut enough = 2 * node.limits.normal / weight.max(1);
	let (mut waiting, mut turn, mut seen) = (0, 0, 0);
	while run.blocks.len() < plan.transfer_blocks {
		waiting += fill(node, clients, &mut turn, enough.saturating_sub(waiting)).await?;
		for block in blocks.next().await? {
			let taken = block.taken();
			waiting = waiting.saturating_sub(taken);
			ensure!(block.failures.is_empty(), "a transfer failed: {}", block.failures[0]);
			if taken == 0 && seen == 0 {
				continue;
			}
			enough = if waiting == 0 { enough + enough / 2 } else { (2 * taken).max(enough / 2) };
			seen += 1;
			if seen <= WARMING {
				run.began = block.time;
			} else if run.blocks.len() < plan.transfer_blocks {
				run.dry += usize::from(waiting == 0);
				run.blocks.push(block);
			}
		}
	}
	for _ in 0..PATIENCE {
		if node.waiting().await? == 0 {
			return Ok(run);
		}
		blocks.next().await?;
	}
	anyhow::bail!("transfers are left over that no block takes");
}

/// Sends so many more transfers and gives how many the node took.
async fn fill(node: &Node, clients: &mut [Account], turn: &mut usize, count: u64) -> Result<u64> {
	let mut transactions = Vec::new();
	let mut senders = Vec::new();
	for _ in 0..count {
		let (from, to) = (*turn % clients.len(), (*turn + 1) % clients.len());
		let call = call(&clients[to]);
		transactions.push(node.sign(&mut clients[from], &call)?);
		senders.push(from);
		*turn += 1;
	}
	let refused = node.send(&transactions).await;
	let behind: BTreeSet<usize> = refused.iter().map(|(place, _)| senders[*place]).collect();
	for sender in behind {
		node.renew_nonce(&mut clients[sender]).await?;
	}
	Ok(count - refused.len() as u64)
}
