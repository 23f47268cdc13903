// SPDX-License-Identifier: Apache-2.0
//! `run`: from settings to a working daemon and its server, and back to nothing on a signal.

use crate::{
	audit::{self, Audits},
	blobs::Blobs,
	config::Config,
	daemon::Daemon,
	error::Failure,
	exec::{ExecError, Runner},
	journal::Journal,
	keys,
	presence::Signs,
	register,
	rewards::Harvest,
	serve::{routes, Shared},
	watch::Watch,
	work::Worker,
};
use anyhow::Context;
use calor_client::{
	runtime,
	types::{Availability, BoundedVec, Presence},
	Chain, Error as ChainError, Inclusion, Submitter, View,
};
use std::{
	collections::HashSet,
	io::Write,
	sync::{
		atomic::{AtomicBool, AtomicU32},
		Arc,
	},
	time::Duration,
};
use tokio::{
	net::TcpListener,
	signal::unix::{signal, SignalKind},
	sync::Mutex,
};

/// Longest time for the self-test; a CPU adapter takes some seconds.
const SELF_TEST_TIMEOUT: Duration = Duration::from_secs(300);
/// Longest wait for a transaction under way when told to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Takes jobs until told to stop.
///
/// # Errors
/// [`Failure`].
pub async fn run(config: Config) -> Result<(), Failure> {
	let key = keys::load(config.suri.as_deref(), config.key_file.as_deref())?;
	let account = register::account(&key);
	std::fs::create_dir_all(&config.data)
		.map_err(|e| Failure::Config(format!("data directory {}: {e}", config.data.display())))?;
	let journal = Journal::open(&config.data.join("journal.redb"))?;
	let chain = Arc::new(Chain::connect(&config.chain, None).await?);
	let bound = journal.bind(chain.genesis())?;
	if bound != chain.genesis() {
		return Err(Failure::Chain(ChainError::WrongChain {
			url: chain.link().url.clone(),
			expected: format!("{bound:?}"),
			found: format!("{:?}", chain.genesis()),
		}));
	}
	let runner = Runner {
		work: config.data.join("work"),
		adapter: config.adapter.clone(),
		allow_cpu: config.allow_cpu_adapter,
	};
	let adapter = runner.self_test(SELF_TEST_TIMEOUT).await.map_err(|error| match error {
		ExecError::Failed(error) => Failure::Adapter(format!("the self-test failed: {error:#}")),
		error => Failure::Adapter(error.to_string()),
	})?;
	tracing::info!(adapter = adapter.name, driver = adapter.driver, "self-test passed");
	let view = chain.finalised().await?;
	let owner = view.owner_of(&account).await?;
	let owner = owner.ok_or_else(|| Failure::NotRegistered(account.to_string()))?;
	let listener = TcpListener::bind(config.listen)
		.await
		.map_err(|e| Failure::Config(format!("cannot listen on {}: {e}", config.listen)))?;
	let listen = listener.local_addr().context("no local address")?;
	let seen = journal.seen()?.max(view.height());
	let shared = Arc::new(Shared {
		genesis: chain.genesis(),
		worker: account,
		owner,
		adapter: adapter.name.clone(),
		journal,
		blobs: Blobs::open(&config.data.join("blobs"), config.allow_private_fetch)?,
		taken: Default::default(),
		height: AtomicU32::new(seen),
		connected: AtomicBool::new(true),
	});
	let submitter = Arc::new(Submitter::new(chain.clone(), key));
	let signs = settle_in(&config, &view, &shared, &submitter).await?;
	let worker = Arc::new(Worker {
		shared: shared.clone(),
		chain,
		submitter: submitter.clone(),
		runner,
		job_limit: config.job_limit,
		gpu: Mutex::new(()),
		cores: Mutex::new(()),
		cpu: Arc::new(calor_cpu::Engine::new(&Default::default()).context("no CPU engine")?),
		fits: Mutex::new(HashSet::new()),
	});
	// Nothing else depends on it: whoever cannot audit, say for lack of fees, can still work.
	if let Err(error) = audit::enrol(&worker, &view, config.audit).await {
		tracing::error!("neither enrolled as an auditor nor withdrawn: {error}");
	}
	let audits = match config.audit {
		true => {
			let lots = keys::lots(config.suri.as_deref(), config.key_file.as_deref())?;
			Some(Audits::new(worker.clone(), lots, config.audit_on_cpu))
		},
		false => None,
	};
	let mut watch = tokio::spawn(Watch::new(worker.clone(), audits).run());
	let mut interrupt = signal(SignalKind::interrupt()).context("no signals")?;
	let mut terminate = signal(SignalKind::terminate()).context("no signals")?;
	let served = routes(shared.clone());
	let mut server = tokio::spawn(async move { axum::serve(listener, served).await });
	let harvest = Harvest::new(config.claim_least);
	let mut daemon = tokio::spawn(Daemon::new(worker, config.retention, signs, harvest).run());
	let ready = serde_json::json!({
		"event": "ready",
		"worker": account.to_string(),
		"owner": owner.to_string(),
		"adapter": adapter.name,
		"cpu": adapter.cpu,
		"listen": listen.to_string(),
	});
	println!("{ready}");
	std::io::stdout().flush().context("cannot write to stdout")?;
	tokio::select! {
		ended = &mut daemon => return ended.context("the daemon failed")?,
		ended = &mut watch => {
			ended.context("the watch over questions and audits failed")??;
			return Err(anyhow::anyhow!("the watch over questions and audits ended").into());
		},
		ended = &mut server => {
			ended.context("the server failed")?.context("the server ended")?;
			return Err(anyhow::anyhow!("the server ended").into());
		},
		why = shared.journal.failure() => return Err(anyhow::anyhow!(
			"the journal in {} cannot be read or written: {why}; free space on that disk and start again",
			config.data.display()
		)
		.into()),
		_ = interrupt.recv() => {},
		_ = terminate.recv() => {},
	}
	tracing::info!("stopping; what is under way goes on after the next start");
	// A transaction that is being sent is finished, and no other begins.
	let _pause = tokio::time::timeout(STOP_TIMEOUT, submitter.pause()).await;
	daemon.abort();
	watch.abort();
	server.abort();
	let _ = daemon.await;
	Ok(())
}

/// Puts the registration in order: the endpoint, and ready if idle. Gives the signs of life that follow.
async fn settle_in(
	config: &Config,
	view: &View,
	shared: &Shared,
	submitter: &Submitter,
) -> Result<Signs, Failure> {
	let mut signs = Signs::new(config.auto_ready);
	let record = view.provider(&shared.owner).await?;
	let record = record.ok_or_else(|| Failure::NotRegistered(shared.worker.to_string()))?;
	if let Some(url) = config.public_url.as_ref().filter(|url| url.as_bytes() != record.endpoint.0)
	{
		let endpoint = BoundedVec(url.clone().into_bytes());
		let call = runtime::tx().providers().update(endpoint, record.min_price, None);
		submitter.submit(&call, Inclusion::Best).await?;
		tracing::info!(url, "endpoint updated");
	}
	match record.availability {
		// The daemon sees to it when the time has come.
		Availability::Idle
			if config.auto_ready
				&& (record.presence == Presence::Gone || view.height() < record.ready_from) => {},
		Availability::Idle if config.auto_ready => {
			let call = runtime::tx().providers().set_ready(true);
			signs.hold(submitter.submit(&call, Inclusion::Best).await?.height);
			tracing::info!("was idle, is ready");
		},
		Availability::Idle | Availability::Draining => {
			tracing::warn!("takes no jobs: idle or draining");
		},
		Availability::Jailed { until } => tracing::warn!(until, "jailed: takes no jobs"),
		Availability::Ready | Availability::Working => {},
	}
	Ok(signs)
}
