// SPDX-License-Identifier: Apache-2.0
//! Becoming a worker, and saying how things stand.

use crate::{
	cli::{ChainArgs, RegisterArgs, StatusArgs},
	config::first_given,
	error::Failure,
	keys,
};
use calor_client::{
	messages,
	runtime::{self, runtime_types as rt},
	types::{format_cal, Availability, BoundedVec, Capacity, ProviderRecord, Role},
	AccountId32, Chain, Inclusion, Keypair, Submitter, View,
};
use rt::{
	calor_runtime::RuntimeCall, pallet_balances::pallet::Call as Balances,
	pallet_providers::pallet::Call as Providers, pallet_stake::pallet::Call as Stake,
};
use std::sync::Arc;

/// Left of the owner's balance when nothing is said: fees.
const NOTHING: u128 = 0;

async fn open(args: &ChainArgs) -> Result<(Arc<Chain>, Keypair), Failure> {
	let key = keys::load(args.key.suri.as_deref(), args.key.key_file.as_deref())?;
	let urls = first_given(args.chain.clone(), Vec::new());
	Ok((Arc::new(Chain::connect(&urls, None).await?), key))
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
	let stake = view.stake(Role::Provider, &owner).await?.map_or(NOTHING, |ledger| ledger.active);
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
				claimed: Capacity {
					mac_per_second: args.mac_per_second,
					memory_mib: args.memory_mib,
				},
			}));
			false
		},
		Some(record) if record.worker != worker => {
			return Err(Failure::Config(format!(
				"{owner} works with the key {}, not {worker}: deregister first, or use that key",
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
			if record.endpoint.0 != endpoint.0 || record.min_price != args.min_price {
				let min_price = args.min_price;
				calls.push(RuntimeCall::Providers(Providers::update { endpoint, min_price }));
			}
			matches!(record.availability, Availability::Ready | Availability::Working)
		},
	};
	let funds = view.free_balance(&worker).await?;
	if funds < args.fund {
		calls.push(RuntimeCall::Balances(Balances::transfer_keep_alive {
			dest: worker.into(),
			value: args.fund.saturating_sub(funds),
		}));
	}
	if !ready {
		calls.push(RuntimeCall::Providers(Providers::set_ready { ready: true }));
	}
	Ok(calls)
}

/// Shows what the chain knows of the worker.
///
/// # Errors
/// [`Failure`].
pub async fn status(args: StatusArgs) -> Result<(), Failure> {
	let (chain, key) = open(&args.chain).await?;
	let worker = account(&key);
	let view = chain.finalised().await?;
	let owner = view.owner_of(&worker).await?;
	let owner = owner.ok_or_else(|| Failure::NotRegistered(worker.to_string()))?;
	let record = view.provider(&owner).await?;
	let record = record.ok_or_else(|| Failure::NotRegistered(worker.to_string()))?;
	let stake = view.stake(Role::Provider, &owner).await?.map_or(NOTHING, |ledger| ledger.active);
	let mut jobs = Vec::new();
	for id in view.provider_jobs(&owner).await? {
		if let Some(job) = view.job(id).await? {
			let price = format_cal(job.record.price);
			jobs.push(serde_json::json!({
				"id": id, "state": job.record.state.name(), "price": price,
			}));
		}
	}
	let status = serde_json::json!({
		"owner": owner.to_string(),
		"worker": worker.to_string(),
		"endpoint": String::from_utf8_lossy(&record.endpoint.0),
		"class": record.class.name(),
		"availability": availability(&record),
		"min_price": format_cal(record.min_price),
		"stake": format_cal(stake),
		"funds": format_cal(view.free_balance(&worker).await?),
		"jobs": jobs,
		"finalised": view.height(),
	});
	if args.json {
		println!("{status}");
	} else if let Some(fields) = status.as_object() {
		for (name, value) in fields {
			let text = value.as_str().map_or_else(|| value.to_string(), str::to_string);
			println!("{name:<13} {text}");
		}
	}
	Ok(())
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

fn availability(record: &ProviderRecord) -> String {
	match record.availability {
		Availability::Idle => "idle".into(),
		Availability::Ready => "ready".into(),
		Availability::Working => "working".into(),
		Availability::Draining => "draining".into(),
		Availability::Jailed { until } => format!("jailed until block {until}"),
	}
}
