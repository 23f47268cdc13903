// SPDX-License-Identifier: Apache-2.0
//! The people of the bench: clients with money, providers with stake, and a program to run.

use crate::{account::Account, block::Blocks, node::Node, plan::Plan};
use anyhow::{ensure, Context, Result};
use calor_client::{
	messages,
	runtime::{self, runtime_types as rt},
	types::{tensor_ref, BoundedVec, Capacity, HardwareClass, Input, JobSpec, Role, UNIT},
	AccountId32, Keypair, H256,
};
use calor_tensor::{program::VERSION, Op, Program, TensorType};
use codec::Encode;
use rt::{
	calor_primitives::{assurance::Assurance, job::ParentStage},
	calor_runtime::RuntimeCall,
	pallet_balances::pallet::Call as Balances,
	pallet_jobs::pallet::Call as Jobs,
	pallet_providers::pallet::Call as Providers,
	pallet_stake::pallet::Call as Stake,
	pallet_sudo::pallet::Call as Sudo,
	pallet_verification::pallet::Call as Verification,
};
use std::collections::BTreeMap;

/// What a client begins with, in planck: fees, escrow and deposits of everything that it has under way.
const CLIENT_FUNDS: u128 = 100 * UNIT;
/// Stake of a provider, in planck.
const STAKE: u128 = 200 * UNIT;
/// What an owner has besides its stake, and a worker key in all, in planck.
const FEES: u128 = 5 * UNIT;
/// Calls in a batch.
const BATCH: usize = 100;
/// Blocks in which what was sent must have got into one.
const PATIENCE: usize = 20;
/// Blocks for which no sign of life is asked of providers: their cost follows the number of providers, not of jobs.
const SILENCE: u32 = 40_000;
/// Blocks that a window lasts which is cut short.
const SHORT: u32 = 2;
/// Blocks from acceptance within which a job asks to be delivered.
const DELIVER_WITHIN: u32 = 100;

/// Everybody, and the program.
pub struct Stage {
	/// Who post jobs, and send each other money.
	pub clients: Vec<Account>,
	/// The keys of providers.
	pub workers: Vec<Account>,
	/// Place among the workers, by owner account.
	pub owners: BTreeMap<AccountId32, usize>,
	/// The program that all jobs run.
	pub program: Program,
}

impl Stage {
	/// Prepares a new chain.
	///
	/// # Errors
	/// If the chain refuses something: it is not new, or no development chain.
	pub async fn set(node: &Node, plan: &Plan) -> Result<Self> {
		let clients = Account::several("client", plan.clients)?;
		let mut owners = Account::several("owner", plan.providers)?;
		let workers = Account::several("worker", plan.providers)?;
		let program = small_program();
		let mut treasurer = Account::new(subxt_signer::sr25519::dev::alice());
		node.renew_nonce(&mut treasurer).await?;
		ensure!(treasurer.nonce == 0, "this chain has been used: the bench needs a new one");

		let mut transactions = vec![node.sign(&mut treasurer, &windows(node, plan).await?)?];
		let code = BoundedVec(program.encode());
		transactions.push(node.sign(&mut treasurer, &runtime::tx().programs().register(code))?);
		let grants = clients.iter().map(|client| (client, CLIENT_FUNDS));
		let grants = grants.chain(owners.iter().map(|owner| (owner, STAKE + FEES)));
		let grants: Vec<_> = grants.chain(workers.iter().map(|worker| (worker, FEES))).collect();
		for some in grants.chunks(BATCH) {
			let calls = some.iter().map(|(account, value)| {
				let (dest, value) = (account.address(), *value);
				RuntimeCall::Balances(Balances::transfer_keep_alive { dest, value })
			});
			let batch = runtime::tx().utility().batch_all(calls.collect());
			transactions.push(node.sign(&mut treasurer, &batch)?);
		}
		carry_out(node, &transactions).await.context("funding accounts")?;

		let mut transactions = Vec::new();
		for (owner, worker) in owners.iter_mut().zip(&workers) {
			let calls = become_provider(node, owner, &worker.key);
			transactions.push(node.sign(owner, &runtime::tx().utility().batch_all(calls))?);
		}
		carry_out(node, &transactions).await.context("registering providers")?;
		let owners = owners.iter().enumerate().map(|(place, owner)| (owner.id, place)).collect();
		Ok(Self { clients, workers, owners, program })
	}

	/// What a client submits, under a name of its own.
	pub fn spec(&self, name: u64) -> JobSpec {
		let uris = ["http://10.0.0.1/x".to_string()];
		let tensor = |ty: &TensorType| tensor_ref(ty, [7; 32], &uris);
		let mut reference = [0; 32];
		reference[..8].copy_from_slice(&name.to_le_bytes());
		JobSpec {
			program: H256(calor_tensor::program_id(&self.program.encode())),
			constants: BoundedVec(self.program.constants.iter().map(tensor).collect()),
			inputs: BoundedVec(
				self.program.inputs.iter().map(|ty| Input::Blob(tensor(ty))).collect(),
			),
			class: HardwareClass::General,
			max_price: UNIT,
			tip: 0,
			assurance: Assurance::Optimistic,
			value_at_risk: 0,
			start_on: ParentStage::Settled,
			deliver_within: DELIVER_WITHIN,
			reference: Some(H256(reference)),
		}
	}
}

/// One operation on `i32[4, 16]`: what a program costs does not matter here.
fn small_program() -> Program {
	Program {
		version: VERSION,
		inputs: vec![TensorType::i32(&[4, 16])],
		constants: vec![TensorType::i32(&[16])],
		ops: vec![Op::Bias { x: 0, bias: 1 }],
		outputs: vec![2],
	}
}

/// Root's call that lets providers be silent and, if the plan asks for it, cuts short the windows after the reveal.
async fn windows(node: &Node, plan: &Plan) -> Result<impl subxt::tx::Payload> {
	let best = node.chain().best().await?;
	let (storage, stored) = (best.at().storage(), runtime::storage());
	let mut watch = storage.fetch(stored.providers().current_windows(), ()).await?.decode()?;
	(watch.heartbeat, watch.offline) = (SILENCE / 2, SILENCE);
	let mut calls = vec![RuntimeCall::Providers(Providers::set_windows { windows: watch })];
	if plan.short_windows {
		let mut jobs = storage.fetch(stored.jobs().current_windows(), ()).await?.decode()?;
		jobs.retention = SHORT;
		calls.push(RuntimeCall::Jobs(Jobs::set_windows { windows: jobs }));
		let stored = stored.verification().current_windows();
		let mut results = storage.fetch(stored, ()).await?.decode()?;
		results.challenge = SHORT;
		calls.push(RuntimeCall::Verification(Verification::set_windows { windows: results }));
	}
	let calls =
		calls.into_iter().map(|call| RuntimeCall::Sudo(Sudo::sudo { call: Box::new(call) }));
	Ok(runtime::tx().utility().batch_all(calls.collect()))
}

/// What an owner calls to become a provider that is ready.
fn become_provider(node: &Node, owner: &Account, worker: &Keypair) -> Vec<RuntimeCall> {
	let proof = worker.sign(&messages::possession_message(&node.genesis(), &owner.id));
	vec![
		RuntimeCall::Stake(Stake::bond { role: Role::Provider, amount: STAKE }),
		RuntimeCall::Providers(Providers::register {
			worker: worker.public_key().0,
			proof: proof.0,
			endpoint: BoundedVec(b"http://10.0.0.2:9955".to_vec()),
			class: HardwareClass::General,
			min_price: 0,
			claimed: Capacity { mac_per_second: 1_000_000_000_000, memory_mib: 8_192 },
		}),
		RuntimeCall::Providers(Providers::set_ready { ready: true }),
	]
}

/// Sends transactions that must all succeed, and waits until they have.
async fn carry_out(node: &Node, transactions: &[Vec<u8>]) -> Result<()> {
	let mut blocks = Blocks::follow(node).await?;
	if let Some((_, reason)) = node.send(transactions).await.first() {
		anyhow::bail!("the node does not take it: {reason}");
	}
	let mut taken = 0;
	for _ in 0..PATIENCE {
		for block in blocks.next().await? {
			ensure!(block.failures.is_empty(), "the chain refuses it: {}", block.failures[0]);
			taken += block.taken();
		}
		if taken >= transactions.len() as u64 {
			return Ok(());
		}
	}
	anyhow::bail!("only {taken} of {} transactions are in blocks", transactions.len());
}
