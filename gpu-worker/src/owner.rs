// SPDX-License-Identifier: Apache-2.0
//! What the owner's key signs besides the registration: the worker key's successor, stake, and leaving.

use crate::{
	cli::{AmountArgs, OwnerArgs, RotateArgs, StakeCommand},
	error::Failure,
	keys,
	register::{account, connect, funding},
};
use calor_client::{
	messages,
	runtime::{self, runtime_types as rt},
	types::{format_cal, Role},
	AccountId32, Chain, Inclusion, Keypair, Submitter, View,
};
use rt::{
	calor_runtime::RuntimeCall, pallet_providers::pallet::Call as Providers,
	pallet_stake::pallet::Call as Stake,
};
use std::sync::Arc;

/// Puts a new worker key in the place of the registered one, and gives it fees, in one transaction.
///
/// # Errors
/// [`Failure`].
pub async fn rotate(args: RotateArgs) -> Result<(), Failure> {
	let new_key = keys::from_file(&args.new_key_file)?;
	let (chain, owner_key) = open(&args.owner).await?;
	let (owner, worker) = (account(&owner_key), account(&new_key));
	let view = chain.finalised().await?;
	let record = view.provider(&owner).await?;
	let record = record.ok_or_else(|| Failure::NotRegistered(owner.to_string()))?;
	let mut calls = Vec::new();
	if record.worker != worker {
		let proof = new_key.sign(&messages::possession_message(&chain.genesis(), &owner));
		let rotate = Providers::rotate_worker { worker: worker.0, proof: proof.0 };
		calls.push(RuntimeCall::Providers(rotate));
	}
	calls.extend(funding(&view, worker, args.fund).await?);
	let block = sign(&chain, owner_key, calls).await?;
	let line = serde_json::json!({
		"event": "rotated",
		"owner": owner.to_string(),
		"former": record.worker.to_string(),
		"worker": worker.to_string(),
		"changed": block.is_some(),
		"block": block,
	});
	println!("{line}");
	Ok(())
}

/// Ceases to be a provider.
///
/// # Errors
/// [`Failure`].
pub async fn deregister(args: OwnerArgs) -> Result<(), Failure> {
	let (chain, owner_key) = open(&args).await?;
	let owner = account(&owner_key);
	let registered = chain.finalised().await?.provider(&owner).await?.is_some();
	let calls = registered.then_some(RuntimeCall::Providers(Providers::deregister));
	let block = sign(&chain, owner_key, calls.into_iter().collect()).await?;
	let line = serde_json::json!({
		"event": "deregistered",
		"owner": owner.to_string(),
		"changed": block.is_some(),
		"block": block,
	});
	println!("{line}");
	Ok(())
}

/// Changes the stake, and shows it as it is then.
///
/// # Errors
/// [`Failure`].
pub async fn stake(command: StakeCommand) -> Result<(), Failure> {
	let role = Role::Provider;
	let (args, call) = match command {
		StakeCommand::Show(args) => {
			let view = connect(&args.node).await?.finalised().await?;
			return show(&view, &args.owner).await;
		},
		StakeCommand::Add(AmountArgs { owner, amount }) => {
			(owner, Stake::bond_more { role, amount })
		},
		StakeCommand::Unbond(AmountArgs { owner, amount }) => {
			(owner, Stake::unbond { role, amount })
		},
		StakeCommand::Withdraw(owner) => (owner, Stake::withdraw { role }),
	};
	let (chain, owner_key) = open(&args).await?;
	let owner = account(&owner_key);
	sign(&chain, owner_key, vec![RuntimeCall::Stake(call)]).await?;
	show(&chain.finalised().await?, &owner).await
}

/// Prints the stake of a provider.
async fn show(view: &View, owner: &AccountId32) -> Result<(), Failure> {
	let ledger = view.stake(Role::Provider, owner).await?;
	let pending = view.pending_slashes(owner).await?;
	let pending: Vec<_> = pending
		.iter()
		.map(|slash| {
			serde_json::json!({
				"job": slash.job,
				"amount": format_cal(slash.amount),
				"acts_at": slash.applies_at,
			})
		})
		.collect();
	let chunks = ledger.iter().flat_map(|ledger| &ledger.unbonding.0);
	let unbonding: Vec<_> = chunks
		.map(|chunk| serde_json::json!({ "amount": format_cal(chunk.amount), "at": chunk.at }))
		.collect();
	let line = serde_json::json!({
		"event": "stake",
		"owner": owner.to_string(),
		"active": format_cal(ledger.as_ref().map_or(0, |ledger| ledger.active)),
		"earmarked": format_cal(ledger.as_ref().map_or(0, |ledger| ledger.earmarked)),
		"unbonding": unbonding,
		"pending_slashes": pending,
		"finalised": view.height(),
	});
	println!("{line}");
	Ok(())
}

async fn open(args: &OwnerArgs) -> Result<(Arc<Chain>, Keypair), Failure> {
	let key = keys::from_suri(&args.owner_suri)?;
	Ok((connect(&args.node).await?, key))
}

/// Signs calls as one transaction; gives the height of its block, or nothing if there are none.
async fn sign(
	chain: &Arc<Chain>,
	key: Keypair,
	calls: Vec<RuntimeCall>,
) -> Result<Option<u32>, Failure> {
	if calls.is_empty() {
		return Ok(None);
	}
	let batch = runtime::tx().utility().batch_all(calls);
	let submitter = Submitter::new(chain.clone(), key);
	Ok(Some(submitter.submit(&batch, Inclusion::Finalised).await?.height))
}
