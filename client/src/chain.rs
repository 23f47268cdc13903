// SPDX-License-Identifier: Apache-2.0
//! A connection to one of several nodes of a chain.
//!
//! A connection is replaced as a whole when it fails: subscriptions do not outlive it, and whoever follows the chain
//! looks at its state again instead of at what it missed.

use crate::{Config, Error, View};
use std::{
	future::Future,
	sync::{Arc, PoisonError, RwLock},
	time::Duration,
};
use subxt::{
	backend::LegacyBackend,
	config::{substrate::SubstrateHeader, RpcConfigFor},
	rpcs::{
		client::RpcSubscription,
		methods::{legacy::BlockNumber, LegacyRpcMethods},
		RpcClient,
	},
	utils::H256,
	OnlineClient, PolkadotConfig,
};

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait for the answer to one request.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// A chain that finalises nothing for so long is looked at through another connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Remote procedures of a node.
pub type Rpc = LegacyRpcMethods<RpcConfigFor<Config>>;

/// One open connection.
pub struct Link {
	/// Where the node listens.
	pub url: String,
	/// Typed access.
	pub client: OnlineClient<Config>,
	/// Plain procedures.
	pub rpc: Rpc,
}

/// A chain, reached through whichever of its nodes answers.
pub struct Chain {
	urls: Vec<String>,
	genesis: H256,
	link: RwLock<Arc<Link>>,
}

/// Heights that become final, or the best, as they do.
pub struct Heads {
	what: &'static str,
	subscription: RpcSubscription<SubstrateHeader<H256>>,
}

impl Chain {
	/// Connects to the first of `urls` that answers and, if `genesis` is given, is on that chain.
	///
	/// # Errors
	/// [`Error::Unreachable`] if none answers, [`Error::WrongChain`] if one answers for another chain.
	pub async fn connect(urls: &[String], genesis: Option<H256>) -> Result<Self, Error> {
		let link = open_any(urls, genesis).await?;
		let genesis = link.client.genesis_hash();
		Ok(Self { urls: urls.to_vec(), genesis, link: RwLock::new(Arc::new(link)) })
	}

	/// Replaces the connection, trying the other nodes first.
	///
	/// # Errors
	/// As [`Self::connect`].
	pub async fn reconnect(&self) -> Result<(), Error> {
		let failed = self.link().url.clone();
		let (last, mut urls): (Vec<_>, Vec<_>) =
			self.urls.iter().cloned().partition(|url| *url == failed);
		urls.extend(last);
		let link = open_any(&urls, Some(self.genesis)).await?;
		*self.link.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(link);
		Ok(())
	}

	/// The connection in use.
	pub fn link(&self) -> Arc<Link> {
		self.link.read().unwrap_or_else(PoisonError::into_inner).clone()
	}

	/// Hash of the genesis block.
	pub fn genesis(&self) -> H256 {
		self.genesis
	}

	/// The state at the last finalised block.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn finalised(&self) -> Result<View, Error> {
		let link = self.link();
		let at = in_time("the finalised block", link.client.at_current_block()).await?;
		Ok(View::new(at))
	}

	/// The state at a block.
	///
	/// # Errors
	/// If the node does not answer or does not have the block.
	pub async fn at(&self, hash: H256) -> Result<View, Error> {
		let link = self.link();
		Ok(View::new(in_time("a block", link.client.at_block(hash)).await?))
	}

	/// The state at the best block, which may still be abandoned.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn best(&self) -> Result<View, Error> {
		let link = self.link();
		let hash = in_time("the best block", link.rpc.chain_get_block_hash(None)).await?;
		let hash = hash.ok_or_else(|| Error::node("the best block", "it has none"))?;
		Ok(View::new(in_time("the best block", link.client.at_block(hash)).await?))
	}

	/// Follows finality until the connection breaks.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn follow_finalised(&self) -> Result<Heads, Error> {
		let (link, what) = (self.link(), "finalised blocks");
		let heads = link.rpc.chain_subscribe_finalized_heads();
		Ok(Heads { what, subscription: in_time(what, heads).await? })
	}

	/// Follows the best block, which may still be abandoned, until the connection breaks.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn follow_best(&self) -> Result<Heads, Error> {
		let (link, what) = (self.link(), "best blocks");
		let heads = link.rpc.chain_subscribe_new_heads();
		Ok(Heads { what, subscription: in_time(what, heads).await? })
	}

	/// The hash of the block of that height in the chain of the best block; `None` if it is not there yet.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn hash_of(&self, height: u32) -> Result<Option<H256>, Error> {
		let link = self.link();
		let number = Some(BlockNumber::Number(height.into()));
		in_time("a block's hash", link.rpc.chain_get_block_hash(number)).await
	}

	/// The extrinsics of the block of that height in the chain of the best block, encoded; `None` if the node does not have
	/// it.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn extrinsics(&self, height: u32) -> Result<Option<Vec<Vec<u8>>>, Error> {
		let Some(hash) = self.hash_of(height).await? else { return Ok(None) };
		let link = self.link();
		let block = in_time("a block", link.rpc.chain_get_block(Some(hash))).await?;
		Ok(block.map(|found| found.block.extrinsics.into_iter().map(|bytes| bytes.0).collect()))
	}
}

impl Heads {
	/// The next of them. Heights may be skipped, those of best blocks also come again.
	///
	/// # Errors
	/// If the connection broke or nothing came for long: connect again.
	pub async fn next(&mut self) -> Result<u32, Error> {
		let what = self.what;
		match tokio::time::timeout(HEAD_TIMEOUT, self.subscription.next()).await {
			Ok(Some(Ok(head))) => Ok(u32::try_from(head.number).unwrap_or(u32::MAX)),
			Ok(Some(Err(error))) => Err(Error::node(what, error)),
			Ok(None) => Err(Error::node(what, "the connection is closed")),
			Err(_) => Err(Error::Timeout { what, after: HEAD_TIMEOUT }),
		}
	}
}

/// Waits for a node's answer, but not for ever.
pub(crate) async fn in_time<T, E: std::fmt::Display>(
	what: &'static str,
	answer: impl Future<Output = Result<T, E>>,
) -> Result<T, Error> {
	match tokio::time::timeout(REQUEST_TIMEOUT, answer).await {
		Ok(answer) => answer.map_err(|error| Error::node(what, error)),
		Err(_) => Err(Error::Timeout { what, after: REQUEST_TIMEOUT }),
	}
}

async fn open_any(urls: &[String], genesis: Option<H256>) -> Result<Link, Error> {
	let mut reason = "no address given".to_string();
	for url in urls {
		match tokio::time::timeout(CONNECT_TIMEOUT, open(url)).await {
			Ok(Ok(link)) => {
				match genesis.filter(|genesis| *genesis != link.client.genesis_hash()) {
					None => return Ok(link),
					Some(expected) => {
						let found = format!("{:?}", link.client.genesis_hash());
						let expected = format!("{expected:?}");
						return Err(Error::WrongChain { url: url.clone(), expected, found });
					},
				}
			},
			Ok(Err(error)) => reason = error,
			Err(_) => reason = format!("no answer within {} s", CONNECT_TIMEOUT.as_secs()),
		}
	}
	Err(Error::Unreachable { urls: urls.join(", "), reason })
}

async fn open(url: &str) -> Result<Link, String> {
	let rpc = RpcClient::from_insecure_url(url).await.map_err(|e| e.to_string())?;
	// The legacy interface: nothing is pinned at the node, so nothing has to be released.
	let backend = Arc::new(LegacyBackend::builder().build(rpc.clone()));
	let config = PolkadotConfig::builder().use_historic_types(false).build();
	let client = OnlineClient::from_backend_with_config(config, backend);
	let client = client.await.map_err(|e| e.to_string())?;
	Ok(Link { url: url.to_string(), client, rpc: Rpc::new(rpc) })
}
