// SPDX-License-Identifier: Apache-2.0

//! What a node answers over JSON-RPC.
//! [`full`] puts together the SDK's namespaces (chain and state come from sc-service by themselves) and ours.
//! `calor` is our own: jobs, prices, providers and supply, in the JSON shapes of `view`; `words` has the English of explanations.
//! `streams` are its subscriptions, whose logic is in `follow`; all of them ask through `chain`.

mod calor;
mod chain;
mod error;
mod follow;
mod streams;
pub mod view;
mod words;

use crate::service::{Backend, Client, Pool, SelectChain};
use calor_runtime::{opaque::Block, BlockNumber, Hash};
use jsonrpsee::RpcModule;
use sc_chain_spec::ChainSpec;
use sc_consensus_babe::BabeWorkerHandle;
use sc_consensus_grandpa::{
	FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
};
use sc_rpc::SubscriptionTaskExecutor;
use sp_keystore::KeystorePtr;
use std::{error::Error, sync::Arc};

/// What the methods work with.
pub struct Deps {
	/// Blocks and state.
	pub client: Arc<Client>,
	/// Transactions that wait.
	pub pool: Arc<Pool>,
	/// Which fork is best.
	pub select_chain: SelectChain,
	/// This node's keys, to say which slots are its own.
	pub keystore: KeystorePtr,
	/// The chain's specification, for exporting it with a place to start.
	pub chain_spec: Box<dyn ChainSpec>,
	/// What BABE knows of epochs.
	pub babe_worker: BabeWorkerHandle<Block>,
	/// GRANDPA's voters.
	pub authority_set: SharedAuthoritySet<Hash, BlockNumber>,
	/// GRANDPA's round.
	pub voter_state: SharedVoterState,
	/// Justifications as they come.
	pub justifications: GrandpaJustificationStream<Block>,
	/// Proofs of finality.
	pub proofs: Arc<FinalityProofProvider<Backend, Block>>,
	/// Where subscriptions run.
	pub executor: SubscriptionTaskExecutor,
}

/// All methods beyond those that every node has.
pub fn full(deps: Deps) -> Result<RpcModule<()>, Box<dyn Error + Send + Sync>> {
	use calor::{Calor, CalorApiServer};
	use chain::Chain;
	use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
	use sc_consensus_babe_rpc::{Babe, BabeApiServer};
	use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
	use sc_sync_state_rpc::{SyncState, SyncStateApiServer};
	use streams::{CalorStreams, CalorStreamsApiServer};
	use substrate_frame_rpc_system::{System, SystemApiServer};

	let Deps {
		client,
		pool,
		select_chain,
		keystore,
		chain_spec,
		babe_worker,
		authority_set,
		voter_state,
		justifications,
		proofs,
		executor,
	} = deps;

	let mut module = RpcModule::new(());
	module.merge(System::new(client.clone(), pool).into_rpc())?;
	module.merge(TransactionPayment::new(client.clone()).into_rpc())?;
	module
		.merge(Babe::new(client.clone(), babe_worker.clone(), keystore, select_chain).into_rpc())?;
	module.merge(
		Grandpa::new(executor.clone(), authority_set.clone(), voter_state, justifications, proofs)
			.into_rpc(),
	)?;
	let chain = Chain::new(client.clone());
	module.merge(Calor::new(chain.clone()).into_rpc())?;
	module.merge(CalorStreams::new(chain, executor).into_rpc())?;
	module.merge(SyncState::new(chain_spec, client, authority_set, babe_worker)?.into_rpc())?;
	Ok(module)
}
