// SPDX-License-Identifier: Apache-2.0
//! The node under test: signing for its chain, sending over several connections, and the limits of its blocks.

use crate::account::Account;
use anyhow::{Context, Result};
use calor_client::{
	chain::{Link, Rpc},
	runtime::{self, runtime_types as rt},
	views::AtBlock,
	Chain, Config, H256,
};
use codec::{Compact, Encode};
use futures::{stream, StreamExt};
use rt::sp_runtime::DispatchError;
use std::sync::Arc;
use subxt::{
	config::DefaultExtrinsicParamsBuilder,
	rpcs::{rpc_params, RpcClient},
	tx::Payload,
};

/// Connections over which transactions are sent.
const CONNECTIONS: usize = 4;
/// Transactions under way on each.
const UNDER_WAY: usize = 64;

/// What a block holds, and how often one is made.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
	/// Weight of a block, in picoseconds.
	pub block: u64,
	/// Of it for ordinary transactions.
	pub normal: u64,
	/// What each of them weighs besides its call.
	pub base: u64,
	/// From one block to the next, in milliseconds.
	pub period: u64,
}

/// A node.
pub struct Node {
	chain: Chain,
	link: Arc<Link>,
	/// Metadata and versions, for signing.
	at: AtBlock,
	/// For what has no typed procedure.
	raw: RpcClient,
	lines: Vec<Rpc>,
	/// What its blocks hold.
	pub limits: Limits,
}

impl Node {
	/// Connects.
	///
	/// # Errors
	/// If nobody listens there, or the chain is not of our kind.
	pub async fn connect(url: &str) -> Result<Self> {
		let chain = Chain::connect(&[url.to_string()], None).await?;
		let link = chain.link();
		let at = link.client.at_current_block().await?;
		let mut lines = Vec::new();
		for _ in 0..CONNECTIONS {
			lines.push(Rpc::new(RpcClient::from_insecure_url(url).await?));
		}
		let constants = at.constants();
		let weights = constants.entry(runtime::constants().system().block_weights())?;
		let period = constants.entry(runtime::constants().babe().expected_block_time())?;
		let normal = weights.per_class.normal;
		let limits = Limits {
			block: weights.max_block.ref_time,
			normal: normal.max_total.map_or(weights.max_block.ref_time, |weight| weight.ref_time),
			base: normal.base_extrinsic.ref_time,
			period,
		};
		let raw = RpcClient::from_insecure_url(url).await?;
		Ok(Self { chain, link, at, raw, lines, limits })
	}

	/// The chain.
	pub fn chain(&self) -> &Chain {
		&self.chain
	}

	/// The connection for everything but sending.
	pub fn link(&self) -> &Link {
		&self.link
	}

	/// Hash of the first block.
	pub fn genesis(&self) -> H256 {
		self.chain.genesis()
	}

	/// Signs a call as the account's next transaction; it never expires.
	///
	/// # Errors
	/// If the chain has no such call.
	pub fn sign(&self, account: &mut Account, call: &impl Payload) -> Result<Vec<u8>> {
		let params = DefaultExtrinsicParamsBuilder::<Config>::new();
		let params = params.nonce(account.nonce).immortal().build();
		let mut signable = self.at.transactions().create_signable_offline(call, params)?;
		let signed = signable.sign(&account.key)?.into_encoded();
		account.nonce += 1;
		Ok(signed)
	}

	/// Sends transactions without waiting for what becomes of them, and gives the places of those that the node did not
	/// take, with its reasons. Neighbours are sent one after the other over one connection.
	pub async fn send(&self, transactions: &[Vec<u8>]) -> Vec<(usize, String)> {
		let share = transactions.len().div_ceil(self.lines.len()).max(1);
		let shares = transactions.chunks(share).zip(&self.lines).enumerate();
		let sending = shares.map(|(nth, (share_of, line))| {
			let numbered = stream::iter(share_of.iter().enumerate());
			let answers = numbered.map(move |(i, transaction)| async move {
				let answer = line.author_submit_extrinsic(transaction).await;
				answer.err().map(|error| (nth * share + i, error.to_string()))
			});
			answers.buffered(UNDER_WAY).filter_map(std::future::ready).collect::<Vec<_>>()
		});
		futures::future::join_all(sending).await.concat()
	}

	/// Asks the node for an account's next nonce, transactions that wait among them.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn renew_nonce(&self, account: &mut Account) -> Result<()> {
		account.nonce = self.link.rpc.system_account_next_index(&account.id).await?;
		Ok(())
	}

	/// How many transactions wait.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn waiting(&self) -> Result<u64> {
		let waiting: Vec<String> =
			self.raw.request("author_pendingExtrinsics", rpc_params![]).await?;
		Ok(waiting.len() as u64)
	}

	/// The weight that a transaction of this call declares, its share of the block's bookkeeping included, in picoseconds.
	///
	/// # Errors
	/// If the chain has no such call, or the node does not answer.
	pub async fn declared(&self, account: &Account, call: &impl Payload) -> Result<u64> {
		let signed = self.sign(&mut account.clone(), call)?;
		let length = u32::try_from(signed.len())?;
		let arguments = [signed, length.encode()].concat();
		let ask = "TransactionPaymentApi_query_info";
		let answer = self.link.rpc.state_call(ask, Some(&arguments), None).await;
		let (weight, ..): (Compact<u64>, Compact<u64>, u8, u128) =
			codec::Decode::decode(&mut &answer.context("asking for a call's weight")?[..])?;
		Ok(weight.0 + self.limits.base)
	}

	/// A dispatch error as `Pallet::Error`.
	pub fn name_of(&self, error: &DispatchError) -> String {
		let DispatchError::Module(module) = error else { return format!("{error:?}") };
		let pallet = self.at.metadata_ref().pallet_by_error_index(module.index);
		let name = pallet.and_then(|pallet| {
			let variant = pallet.error_variant_by_index(*module.error.first()?)?;
			Some(format!("{}::{}", pallet.name(), variant.name))
		});
		name.unwrap_or_else(|| format!("{error:?}"))
	}
}
