// SPDX-License-Identifier: Apache-2.0

//! How the parts of a node hang together: client, transaction pool, BABE, GRANDPA, network, RPC.
//! [`partial`] builds what reading and importing blocks needs; [`run`] adds what talks to others.
//! The parts are the SDK's; what is chosen here are their sizes and times.

use crate::{equivocation, rpc, telemetry};
use calor_runtime::{opaque::Block, BlockNumber, Hash, RuntimeApi};
use futures::FutureExt;
use sc_client_api::{Backend as _, BlockBackend};
use sc_consensus_babe::{BabeLink, BabeWorkerHandle, SlotProportion};
use sc_consensus_grandpa::{FinalityProofProvider, GrandpaPruningFilter, SharedVoterState};
use sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging;
use sc_executor::WasmExecutor;
use sc_network::{config::FullNetworkConfiguration, NetworkBackend};
use sc_network_sync::WarpSyncConfig;
use sc_service::{Configuration, Error, PartialComponents, TaskManager};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_babe::inherents::{
	BabeCreateInherentDataProviders, InherentDataProvider as SlotProvider,
};
use std::{sync::Arc, time::Duration};

/// Blocks after which a justification is stored although nobody needs it, so that syncing nodes find some.
const JUSTIFICATION_PERIOD: u32 = 512;

/// How long GRANDPA expects a message to need to everybody. A round takes a few of these; blocks come every two
/// seconds, so finality stays two or three blocks behind.
const GOSSIP_DURATION: Duration = Duration::from_millis(333);

/// Share of a slot that may go into building a block; the rest is for the others to import it.
const PROPOSAL_PORTION: f32 = 2.0 / 3.0;

/// A validator makes at least one block in so many slots however far finality is behind: slower and a market of
/// two-second blocks stands still after a short outage.
const MAX_BACKOFF: BlockNumber = 10;

/// Messages to telemetry that may wait.
const TELEMETRY_BUFFER: usize = 16;

/// Runs the runtime: the host functions of every Substrate node, nothing of our own.
pub type Executor = WasmExecutor<sp_io::SubstrateHostFunctions>;
/// Access to blocks and state.
pub type Client = sc_service::TFullClient<Block, RuntimeApi, Executor>;
/// The database.
pub type Backend = sc_service::TFullBackend<Block>;
/// The rule that picks the best fork.
pub type SelectChain = sc_consensus::LongestChain<Backend, Block>;
/// Transactions that wait for a block.
pub type Pool = sc_transaction_pool::TransactionPoolHandle<Block, Client>;

type GrandpaImport = sc_consensus_grandpa::GrandpaBlockImport<Backend, Block, Client, SelectChain>;
type GrandpaLink = sc_consensus_grandpa::LinkHalf<Block, Client, SelectChain>;
type BabeImport = sc_consensus_babe::BabeBlockImport<
	Block,
	Client,
	GrandpaImport,
	BabeCreateInherentDataProviders<Block>,
	SelectChain,
>;

/// What [`partial`] makes besides the usual.
pub struct Consensus {
	block_import: BabeImport,
	babe_link: BabeLink<Block>,
	babe_worker: BabeWorkerHandle<Block>,
	grandpa_link: GrandpaLink,
	telemetry: Option<Telemetry>,
}

type Partial = PartialComponents<
	Client,
	Backend,
	SelectChain,
	sc_consensus::DefaultImportQueue<Block>,
	Pool,
	Consensus,
>;

/// What a block says about time, both when it is made and when its equivocations are checked.
fn inherent_data_providers(
	slot_duration: sp_consensus_babe::SlotDuration,
) -> BabeCreateInherentDataProviders<Block> {
	Arc::new(move |_, ()| async move {
		let timestamp = sp_timestamp::InherentDataProvider::from_system_time();
		let slot = SlotProvider::from_timestamp_and_slot_duration(*timestamp, slot_duration);
		Ok((slot, timestamp))
	})
}

/// Everything that does not need the network.
pub fn partial(config: &Configuration) -> Result<Partial, Error> {
	let telemetry = config
		.telemetry_endpoints
		.clone()
		.filter(|endpoints| !endpoints.is_empty())
		.map(|endpoints| -> Result<_, sc_telemetry::Error> {
			let worker = TelemetryWorker::new(TELEMETRY_BUFFER)?;
			let telemetry = worker.handle().new_telemetry(endpoints);
			Ok((worker, telemetry))
		})
		.transpose()?;

	let executor = sc_service::new_wasm_executor(&config.executor);
	let (client, backend, keystore_container, task_manager) =
		sc_service::new_full_parts::<Block, RuntimeApi, Executor>(
			config,
			telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
			executor,
			// A pruned node keeps the blocks that change the authorities, so that it can still serve warp sync.
			vec![Arc::new(GrandpaPruningFilter)],
		)?;
	let client = Arc::new(client);

	let telemetry = telemetry.map(|(worker, telemetry)| {
		task_manager.spawn_handle().spawn("telemetry", None, worker.run());
		telemetry
	});

	let select_chain = SelectChain::new(backend.clone());
	let transaction_pool = Arc::from(
		sc_transaction_pool::Builder::new(
			task_manager.spawn_essential_handle(),
			client.clone(),
			config.role.is_authority().into(),
		)
		.with_options(config.transaction_pool.clone())
		.with_prometheus(config.prometheus_registry())
		.build(),
	);

	let (grandpa_import, grandpa_link) = sc_consensus_grandpa::block_import(
		client.clone(),
		JUSTIFICATION_PERIOD,
		&client,
		select_chain.clone(),
		telemetry.as_ref().map(Telemetry::handle),
	)?;

	let babe_config = sc_consensus_babe::configuration(&*client)?;
	let slot_duration = babe_config.slot_duration();
	let (block_import, babe_link) = sc_consensus_babe::block_import(
		babe_config,
		grandpa_import.clone(),
		client.clone(),
		inherent_data_providers(slot_duration),
		select_chain.clone(),
		// See there why BABE's own reports of equivocations go nowhere.
		OffchainTransactionPoolFactory::new(equivocation::Nowhere),
	)?;

	let (import_queue, babe_worker) =
		sc_consensus_babe::import_queue(sc_consensus_babe::ImportQueueParams {
			link: babe_link.clone(),
			block_import: block_import.clone(),
			justification_import: Some(Box::new(grandpa_import)),
			client: client.clone(),
			slot_duration,
			spawner: &task_manager.spawn_essential_handle(),
			registry: config.prometheus_registry(),
			telemetry: telemetry.as_ref().map(Telemetry::handle),
		})?;

	Ok(PartialComponents {
		client,
		backend,
		task_manager,
		keystore_container,
		select_chain,
		import_queue,
		transaction_pool,
		other: Consensus { block_import, babe_link, babe_worker, grandpa_link, telemetry },
	})
}

/// Takes back what BABE and GRANDPA noted about the last `blocks`.
pub fn revert(
	client: Arc<Client>,
	backend: Arc<Backend>,
	blocks: BlockNumber,
) -> sc_cli::Result<()> {
	sc_consensus_babe::revert(client.clone(), backend, blocks)?;
	sc_consensus_grandpa::revert(client, blocks)?;
	Ok(())
}

/// A running node, until its task manager is dropped.
pub fn run<N: NetworkBackend<Block, Hash>>(config: Configuration) -> Result<TaskManager, Error> {
	let PartialComponents {
		client,
		backend,
		mut task_manager,
		keystore_container,
		select_chain,
		import_queue,
		transaction_pool,
		other: Consensus { block_import, babe_link, babe_worker, grandpa_link, mut telemetry },
	} = partial(&config)?;

	let prometheus_registry = config.prometheus_registry().cloned();
	let offchain_pool = OffchainTransactionPoolFactory::new(transaction_pool.clone());

	// The network, with GRANDPA's protocol and warp sync on it.
	let mut net_config =
		FullNetworkConfiguration::<_, _, N>::new(&config.network, prometheus_registry.clone());
	let metrics = N::register_notification_metrics(prometheus_registry.as_ref());
	let genesis_hash = client.block_hash(0)?.ok_or_else(|| {
		Error::Other("the database has no genesis: purge-chain and start again".into())
	})?;
	let grandpa_protocol =
		sc_consensus_grandpa::protocol_standard_name(&genesis_hash, &config.chain_spec);
	let (grandpa_set, grandpa_notifications) = sc_consensus_grandpa::grandpa_peers_set_config::<_, N>(
		grandpa_protocol.clone(),
		metrics.clone(),
		net_config.peer_store_handle(),
	);
	net_config.add_notification_protocol(grandpa_set);
	let warp_sync = Arc::new(sc_consensus_grandpa::warp_proof::NetworkProvider::new(
		backend.clone(),
		grandpa_link.shared_authority_set().clone(),
		Vec::new(),
	));

	let (network, system_rpc_tx, tx_handler_controller, sync_service, _) =
		sc_service::build_network(sc_service::BuildNetworkParams {
			config: &config,
			net_config,
			client: client.clone(),
			transaction_pool: transaction_pool.clone(),
			spawn_handle: task_manager.spawn_handle(),
			spawn_essential_handle: task_manager.spawn_essential_handle(),
			import_queue,
			block_announce_validator_builder: None,
			warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync)),
			block_relay: None,
			metrics,
			gap_sync_body_policy: None,
		})?;

	if config.offchain_worker.enabled {
		let workers = sc_offchain::OffchainWorkers::new(sc_offchain::OffchainWorkerOptions {
			runtime_api_provider: client.clone(),
			keystore: Some(keystore_container.keystore()),
			offchain_db: backend.offchain_storage(),
			transaction_pool: Some(offchain_pool.clone()),
			network_provider: Arc::new(network.clone()),
			is_validator: config.role.is_authority(),
			// The runtime has no business on the web.
			enable_http_requests: false,
			custom_extensions: |_| Vec::new(),
		})?;
		task_manager.spawn_handle().spawn(
			"offchain-workers-runner",
			"offchain-worker",
			workers.run(client.clone(), task_manager.spawn_handle()).boxed(),
		);
	}

	// RPC.
	let shared_voter_state = SharedVoterState::empty();
	let rpc_builder = {
		let client = client.clone();
		let pool = transaction_pool.clone();
		let select_chain = select_chain.clone();
		let keystore = keystore_container.keystore();
		let chain_spec = config.chain_spec.cloned_box();
		let voter_state = shared_voter_state.clone();
		let authority_set = grandpa_link.shared_authority_set().clone();
		let justifications = grandpa_link.justification_stream();
		let babe_worker = babe_worker.clone();
		let proofs =
			FinalityProofProvider::new_for_service(backend.clone(), Some(authority_set.clone()));

		Box::new(move |executor| {
			rpc::full(rpc::Deps {
				client: client.clone(),
				pool: pool.clone(),
				select_chain: select_chain.clone(),
				keystore: keystore.clone(),
				chain_spec: chain_spec.cloned_box(),
				babe_worker: babe_worker.clone(),
				authority_set: authority_set.clone(),
				voter_state: voter_state.clone(),
				justifications: justifications.clone(),
				proofs: proofs.clone(),
				executor,
			})
			.map_err(Error::Application)
		})
	};

	let role = config.role;
	let name = config.network.node_name.clone();
	let force_authoring = config.force_authoring;
	let finality = !config.disable_grandpa;
	sc_service::spawn_tasks(sc_service::SpawnTasksParams {
		config,
		backend,
		client: client.clone(),
		keystore: keystore_container.keystore(),
		network: network.clone(),
		sync_service: sync_service.clone(),
		rpc_builder,
		transaction_pool: transaction_pool.clone(),
		task_manager: &mut task_manager,
		system_rpc_tx,
		tx_handler_controller,
		telemetry: telemetry.as_mut(),
		tracing_execute_block: None,
	})?;

	if let Some(registry) = &prometheus_registry {
		match telemetry::Market::register(registry) {
			Ok(market) => task_manager.spawn_handle().spawn(
				"market-telemetry",
				None,
				market.watch(client.clone()),
			),
			// A node without these numbers is better than none.
			Err(error) => log::warn!("Prometheus will not show queues, prices and supply: {error}"),
		}
	}

	if role.is_authority() {
		task_manager.spawn_handle().spawn(
			"equivocation-watch",
			"block-authoring",
			equivocation::watch(client.clone(), babe_worker, offchain_pool.clone()),
		);

		let env = sc_basic_authorship::ProposerFactory::new(
			task_manager.spawn_handle(),
			client.clone(),
			transaction_pool,
			prometheus_registry.as_ref(),
			telemetry.as_ref().map(Telemetry::handle),
		);
		let inherents = inherent_data_providers(babe_link.config().slot_duration());
		let babe = sc_consensus_babe::start_babe(sc_consensus_babe::BabeParams {
			keystore: keystore_container.keystore(),
			client,
			select_chain,
			env,
			block_import,
			sync_oracle: sync_service.clone(),
			justification_sync_link: sync_service.clone(),
			create_inherent_data_providers: inherents,
			force_authoring,
			backoff_authoring_blocks: Some(BackoffAuthoringOnFinalizedHeadLagging {
				max_interval: MAX_BACKOFF,
				..Default::default()
			}),
			babe_link,
			block_proposal_slot_portion: SlotProportion::new(PROPOSAL_PORTION),
			max_block_proposal_slot_portion: None,
			telemetry: telemetry.as_ref().map(Telemetry::handle),
		})?;
		task_manager.spawn_essential_handle().spawn_blocking("babe", "block-authoring", babe);
	}

	if finality {
		let voter = sc_consensus_grandpa::run_grandpa_voter(sc_consensus_grandpa::GrandpaParams {
			config: sc_consensus_grandpa::Config {
				gossip_duration: GOSSIP_DURATION,
				justification_generation_period: JUSTIFICATION_PERIOD,
				name: Some(name),
				observer_enabled: false,
				// Only a validator votes; the others follow.
				keystore: role.is_authority().then(|| keystore_container.keystore()),
				local_role: role,
				telemetry: telemetry.as_ref().map(Telemetry::handle),
				protocol_name: grandpa_protocol,
			},
			link: grandpa_link,
			network,
			sync: sync_service,
			notification_service: grandpa_notifications,
			voting_rule: sc_consensus_grandpa::VotingRulesBuilder::default().build(),
			prometheus_registry,
			shared_voter_state,
			telemetry: telemetry.as_ref().map(Telemetry::handle),
			offchain_tx_pool_factory: offchain_pool,
		})?;
		task_manager.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
	}

	Ok(task_manager)
}
