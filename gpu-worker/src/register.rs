// SPDX-License-Identifier: Apache-2.0
//! Becoming a worker, and taking no more jobs.

use crate::{
	cli::{ChainArgs, NodeArgs, RegisterArgs},
	config::first_given,
	error::Failure,
	keys,
	status::availability,
};
use calor_client::{
	messages,
	runtime::{self, runtime_types as rt},
	types::{format_cal, Availability, Balance, BoundedVec, Capacity, Role},
	AccountId32, Chain, Inclusion, Keypair, Submitter, View,
};
use rt::{
	calor_runtime::RuntimeCall, pallet_balances::pallet::Call as Balances,
	pallet_providers::pallet::Call as Providers, pallet_stake::pallet::Call as Stake,
};
use std::sync::Arc;

/// The chain and the worker key that options name.
///
/// # Errors
/// [`Failure`].
pub async fn open(args: &ChainArgs) -> Result<(Arc<Chain>, Keypair), Failure> {
	let key = keys::load(args.key.suri.as_deref(), args.key.key_file.as_deref())?;
	Ok((connect(&args.node).await?, key))
}

/// The chain that options name.
///
/// # Errors
/// [`Failure`].
pub async fn connect(args: &NodeArgs) -> Result<Arc<Chain>, Failure> {
	let urls = first_given(args.chain.clone(), Vec::new());
	Ok(Arc::new(Chain::connect(&urls, None).await?))
}

/// Bonds, registers, funds and is ready, as far as that is not so already.
///
/// # Errors
/// [`Failure`].
pub async fn register(args: RegisterArgs) -> Result<(), Failure> {
	let (chain, worker_key) = open(&args.chain).await?;
	let owner_key = keys::from_suri(&args.owner_suri)?;
	let (owner, worker) = (account(&owner_key), account(&worker_key));
	let view = chain.finalised().await?;
	let calls = missing(&args, &view, chain.genesis(), (&owner, &worker_key)).await?;
	let mut block = None;
	if !calls.is_empty() {
		let batch = runtime::tx().utility().batch_all(calls);
		let included =
			Submitter::new(chain.clone(), owner_key).submit(&batch, Inclusion::Finalised).await?;
		block = Some(included.height);
	}
	let view = chain.finalised().await?;
	let record = view.provider(&owner).await?;
	let stake = view.stake(Role::Provider, &owner).await?.map_or(0, |ledger| ledger.active);
	let line = serde_json::json!({
		"event": "registered",
		"owner": owner.to_string(),
		"worker": worker.to_string(),
		"endpoint": args.endpoint,
		"class": args.class.name(),
		"stake": format_cal(stake),
		"availability": record.as_ref().map(availability),
		"changed": block.is_some(),
		"block": block,
	});
	println!("{line}");
	Ok(())
}

/// The calls that bring the chain to what was asked for.
async fn missing(
	args: &RegisterArgs,
	view: &View,
	genesis: calor_client::H256,
	(owner, worker_key): (&AccountId32, &Keypair),
) -> Result<Vec<RuntimeCall>, Failure> {
	let worker = account(worker_key);
	let mut calls = Vec::new();
	match view.stake(Role::Provider, owner).await? {
		None => {
			calls.push(RuntimeCall::Stake(Stake::bond { role: Role::Provider, amount: args.stake }))
		},
		Some(ledger) if ledger.active < args.stake => {
			let amount = args.stake.saturating_sub(ledger.active);
			calls.push(RuntimeCall::Stake(Stake::bond_more { role: Role::Provider, amount }));
		},
		Some(_) => {},
	}
	let claimed = Capacity { mac_per_second: args.mac_per_second, memory_mib: args.memory_mib };
	let endpoint = BoundedVec(args.endpoint.clone().into_bytes());
	let ready = match view.provider(owner).await? {
		None => {
			let proof = worker_key.sign(&messages::possession_message(&genesis, owner));
			calls.push(RuntimeCall::Providers(Providers::register {
				worker: worker.0,
				proof: proof.0,
				endpoint,
				class: args.class,
				min_price: args.min_price,
				claimed,
			}));
			false
		},
		Some(record) if record.worker != worker => {
			return Err(Failure::Config(format!(
				"{owner} works with the key {}, not {worker}: use that key, or replace it with `keys rotate`",
				record.worker
			)));
		},
		Some(record) => {
			if record.class != args.class {
				return Err(Failure::Config(format!(
					"{owner} is registered in class {}: deregister first to change it",
					record.class.name()
				)));
			}
			let min_price = args.min_price;
			let changed = (record.claimed != claimed).then_some(claimed);
			let same = record.endpoint.0 == endpoint.0 && record.min_price == min_price;
			if !same || changed.is_some() {
				let update = Providers::update { endpoint, min_price, claimed: changed };
				calls.push(RuntimeCall::Providers(update));
			}
			matches!(record.availability, Availability::Ready | Availability::Working)
		},
	};
	calls.extend(funding(view, worker, args.fund).await?);
	if !ready {
		calls.push(RuntimeCall::Providers(Providers::set_ready { ready: true }));
	}
	Ok(calls)
}

/// The call by which a worker key has so much for fees, if it has less.
///
/// # Errors
/// If the node does not answer.
pub async fn funding(
	view: &View,
	worker: AccountId32,
	fund: Balance,
) -> Result<Option<RuntimeCall>, Failure> {
	let missing = fund.saturating_sub(view.free_balance(&worker).await?);
	let transfer = Balances::transfer_keep_alive { dest: worker.into(), value: missing };
	Ok((missing > 0).then_some(RuntimeCall::Balances(transfer)))
}

/// Takes the worker out with notice.
///
/// # Errors
/// [`Failure`].
pub async fn drain(args: ChainArgs) -> Result<(), Failure> {
	let (chain, key) = open(&args).await?;
	let worker = account(&key);
	let owner = chain.finalised().await?.owner_of(&worker).await?;
	let owner = owner.ok_or_else(|| Failure::NotRegistered(worker.to_string()))?;
	let drain = runtime::tx().providers().drain();
	Submitter::new(chain.clone(), key).submit(&drain, Inclusion::Finalised).await?;
	let record = chain.finalised().await?.provider(&owner).await?;
	let line = serde_json::json!({
		"event": "draining",
		"worker": worker.to_string(),
		"availability": record.as_ref().map(availability),
	});
	println!("{line}");
	Ok(())
}

/// The account of a key.
pub fn account(key: &Keypair) -> AccountId32 {
	key.public_key().to_account_id()
}
