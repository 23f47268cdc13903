// SPDX-License-Identifier: Apache-2.0
//! The one hand that signs for a key.
//!
//! Two submitters of one key would race for its nonce, so a process has one a key, and nobody sends while another
//! does. That a transaction was dropped, or called invalid, or never heard of again, does not prove that it is in no
//! block: callers look at the finalised state before they send it again.

use crate::{
	chain::{in_time, Chain},
	Config, Error,
};
use std::{sync::Arc, time::Duration};
use subxt::{
	client::OnlineClientAtBlockImpl,
	config::DefaultExtrinsicParamsBuilder,
	error::TransactionEventsError,
	tx::{Payload, TransactionProgress, TransactionStatus},
	utils::{AccountId32, H256},
};
use subxt_signer::sr25519::Keypair;
use tokio::sync::Mutex;

/// Blocks for which a transaction is valid. Long enough for a full queue, short enough that a lost one is soon over.
const MORTALITY: u64 = 64;
/// Longest wait for a best block that has the transaction.
const BEST_TIMEOUT: Duration = Duration::from_secs(40);
/// Longest wait for a finalised block that has the transaction.
const FINALITY_TIMEOUT: Duration = Duration::from_secs(120);

/// How sure to be that a transaction is on the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inclusion {
	/// In a best block, which may still be abandoned.
	Best,
	/// In a finalised block.
	Finalised,
}

/// Where a transaction is, after it succeeded.
#[derive(Clone, Copy, Debug)]
pub struct Included {
	/// Height of the block.
	pub height: u32,
	/// Hash of the block.
	pub block: H256,
	/// Hash of the transaction.
	pub transaction: H256,
}

/// Why a transaction is not known to have succeeded.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
	/// It is in a block and had no effect.
	#[error("the chain refused it: {reason}")]
	Refused {
		/// The chain's error, as `Pallet::Error`.
		reason: String,
		/// Height of the block.
		height: u32,
	},
	/// It may be on the chain or not: look at the finalised state before sending it again.
	#[error("its fate is unknown: {0}")]
	Unknown(String),
	/// It was never sent.
	#[error("not sent: {0}")]
	NotSent(String),
	/// The node could not be asked.
	#[error(transparent)]
	Chain(#[from] Error),
}

/// A transaction on its way.
type Progress = TransactionProgress<Config, OnlineClientAtBlockImpl<Config>>;

/// Signs and sends for one key.
pub struct Submitter {
	chain: Arc<Chain>,
	key: Keypair,
	turn: Mutex<()>,
}

impl Submitter {
	/// A submitter for `key`; make one a key and process.
	pub fn new(chain: Arc<Chain>, key: Keypair) -> Self {
		Self { chain, key, turn: Mutex::new(()) }
	}

	/// The account that signs.
	pub fn account(&self) -> AccountId32 {
		self.key.public_key().to_account_id()
	}

	/// Waits until nothing is being sent, and lets nothing be sent while the guard lives.
	pub async fn pause(&self) -> impl Sized + '_ {
		self.turn.lock().await
	}

	/// Sends a call and waits until it is in a block.
	///
	/// # Errors
	/// [`SubmitError`].
	pub async fn submit<C: Payload>(
		&self,
		call: &C,
		until: Inclusion,
	) -> Result<Included, SubmitError> {
		let _turn = self.turn.lock().await;
		let progress = self.send(call, self.nonce().await?).await?;
		self.watch(progress, until).await
	}

	/// Sends calls, each as a transaction of its own, without waiting for one before the next; then waits until all are in
	/// blocks. Gives how each went, in order. After one that could not be sent none is.
	pub async fn submit_all<C: Payload>(
		&self,
		calls: &[C],
		until: Inclusion,
	) -> Vec<Result<Included, SubmitError>> {
		let _turn = self.turn.lock().await;
		let first = match self.nonce().await {
			Ok(nonce) => nonce,
			Err(error) => return vec![Err(error.into())],
		};
		let mut sent = Vec::new();
		for (nonce, call) in (first..).zip(calls) {
			let progress = self.send(call, nonce).await;
			let failed = progress.is_err();
			sent.push(progress);
			if failed {
				break;
			}
		}
		let mut included = Vec::new();
		for progress in sent {
			included.push(match progress {
				Ok(progress) => self.watch(progress, until).await,
				Err(error) => Err(error),
			});
		}
		included
	}

	/// The pool's nonce, not the finalised one: transactions that wait in the pool count.
	async fn nonce(&self) -> Result<u64, Error> {
		let link = self.chain.link();
		in_time("a nonce", link.rpc.system_account_next_index(&self.account())).await
	}

	async fn send<C: Payload>(&self, call: &C, nonce: u64) -> Result<Progress, SubmitError> {
		let link = self.chain.link();
		let at = in_time("the finalised block", link.client.at_current_block()).await?;
		let params = DefaultExtrinsicParamsBuilder::<Config>::new();
		let params = params.nonce(nonce).mortal(MORTALITY).build();
		let mut tx = at.transactions();
		let signed = tx.create_signed(call, &self.key, params);
		let signed = in_time("what to sign", signed).await;
		let signed = signed.map_err(|error| SubmitError::NotSent(error.to_string()))?;
		// From here on the node may have it, whatever it answers.
		in_time("a submission", signed.submit_and_watch()).await.map_err(|error| unknown(&error))
	}

	async fn watch(
		&self,
		mut progress: Progress,
		until: Inclusion,
	) -> Result<Included, SubmitError> {
		let limit = match until {
			Inclusion::Best => BEST_TIMEOUT,
			Inclusion::Finalised => FINALITY_TIMEOUT,
		};
		let deadline = tokio::time::Instant::now() + limit;
		loop {
			let status = tokio::time::timeout_at(deadline, progress.next()).await;
			let status = status.map_err(|_| unknown(&"in no block in time"))?;
			let status = status.ok_or_else(|| unknown(&"the node ceased to report"))?;
			let block = match status.map_err(|error| unknown(&error))? {
				TransactionStatus::InBestBlock(block) if until == Inclusion::Best => block,
				TransactionStatus::InFinalizedBlock(block) => block,
				TransactionStatus::Error { message }
				| TransactionStatus::Invalid { message }
				| TransactionStatus::Dropped { message } => return Err(unknown(&message)),
				_ => continue,
			};
			let height = self.chain.at(block.block_hash()).await.map_err(|e| unknown(&e))?.height();
			let outcome = tokio::time::timeout_at(deadline, block.wait_for_success()).await;
			return match outcome {
				Ok(Ok(_)) => Ok(Included {
					height,
					block: block.block_hash(),
					transaction: block.extrinsic_hash(),
				}),
				Ok(Err(TransactionEventsError::ExtrinsicFailed(error))) => {
					Err(SubmitError::Refused { reason: error.to_string(), height })
				},
				Ok(Err(error)) => Err(unknown(&error)),
				Err(_) => Err(unknown(&"its events could not be read in time")),
			};
		}
	}
}

/// It may be on the chain or not.
fn unknown(error: &dyn std::fmt::Display) -> SubmitError {
	SubmitError::Unknown(error.to_string())
}
