// SPDX-License-Identifier: Apache-2.0
//! A block as the measurements see it: its weight, its transactions by kind, and what became of jobs.

use crate::node::Node;
use anyhow::{anyhow, bail, Context, Result};
use calor_client::{
	runtime::{self, runtime_types as rt},
	types::JobId,
	AccountId32, Config, H256,
};
use futures::FutureExt;
use serde::Serialize;
use std::{collections::BTreeMap, time::Duration};
use subxt::{
	config::substrate::SubstrateHeader,
	events::{Event, Phase},
	ext::scale_decode::{self, DecodeAsType},
	rpcs::client::RpcSubscription,
};

/// A chain that makes no block for so long has stopped.
const BLOCK_TIMEOUT: Duration = Duration::from_secs(60);

/// What a transaction does, as its events tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
	/// Moves balance.
	Transfer,
	/// Posts a job.
	Submit,
	/// Accepts a job.
	Accept,
	/// Commits to a result.
	Commit,
	/// Shows a result.
	Reveal,
	/// Anything else, and whatever had no effect.
	Other,
}

impl Kind {
	/// Its name.
	pub const fn name(self) -> &'static str {
		match self {
			Self::Transfer => "transfer_keep_alive",
			Self::Submit => "submit",
			Self::Accept => "accept",
			Self::Commit => "commit",
			Self::Reveal => "reveal",
			Self::Other => "other",
		}
	}
}

/// Transactions of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
	/// How many.
	pub count: u64,
	/// Their weight in picoseconds, after they ran.
	pub weight: u64,
}

/// Weight in picoseconds, by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weights {
	/// Of ordinary transactions.
	pub normal: u64,
	/// Of operational ones.
	pub operational: u64,
	/// Of what every block must do. FRAME counts here what it does to begin and end a block, inherent transactions, and
	/// all hooks: `on_initialize`, and `on_idle` by what it says to have used.
	pub mandatory: u64,
}

/// What became of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
	/// Posted.
	Submitted,
	/// Given to a provider, by its owner account.
	Assigned(AccountId32),
	/// Accepted.
	Accepted,
	/// The provider is bound to a result.
	Committed,
	/// The result is public.
	Revealed,
	/// Paid.
	Settled,
	/// Its record was dropped.
	Dropped,
	/// Its provider failed.
	Failed,
	/// Ended without a result.
	Closed,
}

/// One block.
#[derive(Clone, Debug, Default)]
pub struct Block {
	/// Height.
	pub height: u32,
	/// When it was made, in milliseconds since 1970.
	pub time: u64,
	/// Its weight.
	pub weight: Weights,
	/// Its transactions but for the inherent ones.
	pub transactions: BTreeMap<Kind, Tally>,
	/// What became of jobs, in order.
	pub jobs: Vec<(JobId, Fate)>,
	/// Why transactions had no effect.
	pub failures: Vec<String>,
}

impl Block {
	/// How many transactions it has, but for the inherent ones.
	pub fn taken(&self) -> u64 {
		self.transactions.values().map(|tally| tally.count).sum()
	}

	/// Its transactions of a kind.
	pub fn tally(&self, kind: Kind) -> Tally {
		self.transactions.get(&kind).copied().unwrap_or_default()
	}

	/// How many jobs met that fate.
	pub fn fates(&self, fate: &Fate) -> u64 {
		self.jobs.iter().filter(|(_, met)| met == fate).count() as u64
	}
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct OfJob {
	job: JobId,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct ToProvider {
	job: JobId,
	provider: AccountId32,
}

/// What an event says of a job.
fn fate(event: &Event<'_, Config>) -> Result<Option<(JobId, Fate)>> {
	use runtime::jobs::events as jobs;
	if event.pallet_name() != "Jobs" {
		return Ok(None);
	}
	let fate = if event.is::<jobs::Submitted>() {
		Fate::Submitted
	} else if event.is::<jobs::Assigned>() {
		let ToProvider { job, provider } = event.decode_fields_unchecked_as()?;
		return Ok(Some((job, Fate::Assigned(provider))));
	} else if event.is::<jobs::Accepted>() {
		Fate::Accepted
	} else if event.is::<jobs::Committed>() {
		Fate::Committed
	} else if event.is::<jobs::Revealed>() {
		Fate::Revealed
	} else if event.is::<jobs::Settled>() {
		Fate::Settled
	} else if event.is::<jobs::Dropped>() {
		Fate::Dropped
	} else if event.is::<jobs::Failed>() {
		Fate::Failed
	} else if event.is::<jobs::Closed>() {
		Fate::Closed
	} else {
		return Ok(None);
	};
	let OfJob { job } = event.decode_fields_unchecked_as()?;
	Ok(Some((job, fate)))
}

/// The kind of a transaction that had this event, if it tells.
fn kind_of(event: &Event<'_, Config>, fate: Option<&Fate>) -> Option<Kind> {
	match fate {
		Some(Fate::Submitted) => Some(Kind::Submit),
		Some(Fate::Accepted) => Some(Kind::Accept),
		Some(Fate::Committed) => Some(Kind::Commit),
		Some(Fate::Revealed) => Some(Kind::Reveal),
		Some(_) => None,
		None => event.is::<runtime::balances::events::Transfer>().then_some(Kind::Transfer),
	}
}

impl Block {
	/// Reads a block.
	async fn read(node: &Node, height: u32, hash: H256) -> Result<Self> {
		let at = node.link().client.at_block_hash_and_number(hash, height.into()).await?;
		let (storage, system) = (at.storage(), runtime::storage().system());
		let weight = storage.fetch(system.block_weight(), ()).await?.decode()?;
		let now = runtime::storage().timestamp().now();
		let mut block = Self {
			height,
			time: storage.fetch(now, ()).await?.decode()?,
			weight: Weights {
				normal: weight.normal.ref_time,
				operational: weight.operational.ref_time,
				mandatory: weight.mandatory.ref_time,
			},
			..Self::default()
		};
		let events = at.events().fetch().await?;
		let mut kind = None;
		for event in events.iter() {
			let event = event?;
			let fate = fate(&event)?;
			let applied = matches!(event.phase(), Phase::ApplyExtrinsic(_));
			if applied {
				kind = kind.or_else(|| kind_of(&event, fate.as_ref().map(|(_, fate)| fate)));
			}
			block.jobs.extend(fate);
			if let Some((weight, failure)) = outcome(node, &event)? {
				let kind = kind.take().filter(|_| failure.is_none()).unwrap_or(Kind::Other);
				block.failures.extend(failure);
				if let Some(weight) = weight {
					let tally = block.transactions.entry(kind).or_default();
					tally.count += 1;
					tally.weight += weight;
				}
			}
		}
		Ok(block)
	}
}

/// If the event ends a transaction: its weight, unless it is an inherent one, and why it had no effect, if so.
fn outcome(
	node: &Node,
	event: &Event<'_, Config>,
) -> Result<Option<(Option<u64>, Option<String>)>> {
	use rt::frame_support::dispatch::DispatchClass::Mandatory;
	use runtime::system::events::{ExtrinsicFailed, ExtrinsicSuccess};
	let (info, failure) = if let Some(success) = event.decode_fields_as::<ExtrinsicSuccess>() {
		(success?.dispatch_info, None)
	} else if let Some(failed) = event.decode_fields_as::<ExtrinsicFailed>() {
		let failed = failed?;
		(failed.dispatch_info, Some(node.name_of(&failed.dispatch_error)))
	} else {
		return Ok(None);
	};
	let inherent = matches!(info.class, Mandatory);
	Ok(Some(((!inherent).then_some(info.weight.ref_time), failure)))
}

/// The best chain's blocks, as they are made.
pub struct Blocks<'a> {
	node: &'a Node,
	heads: RpcSubscription<SubstrateHeader<H256>>,
	last: u32,
}

impl<'a> Blocks<'a> {
	/// Follows from the next block on.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn follow(node: &'a Node) -> Result<Self> {
		let heads = node.link().rpc.chain_subscribe_new_heads().await?;
		let best = node.chain().best().await?;
		Ok(Self { node, heads, last: best.height() })
	}

	/// Waits for new blocks and gives all that there are, at least one.
	///
	/// # Errors
	/// If no block is made for long, or the node does not answer.
	pub async fn next(&mut self) -> Result<Vec<Block>> {
		let mut blocks = Vec::new();
		while blocks.is_empty() {
			let head = tokio::time::timeout(BLOCK_TIMEOUT, self.heads.next()).await;
			let head = head.map_err(|_| {
				anyhow!("no block in {} s: the chain has stopped", BLOCK_TIMEOUT.as_secs())
			})?;
			let mut newest = head.context("the node closed the connection")??;
			// Whoever was busy for longer than a block catches up in one go.
			while let Some(Some(head)) = self.heads.next().now_or_never() {
				newest = head?;
			}
			let newest = u32::try_from(newest.number)?;
			for height in self.last + 1..=newest {
				let hash = self.node.link().rpc.chain_get_block_hash(Some(height.into())).await?;
				let Some(hash) = hash else { bail!("the node has no block {height}") };
				blocks.push(Block::read(self.node, height, hash).await?);
				self.last = height;
			}
		}
		Ok(blocks)
	}
}
