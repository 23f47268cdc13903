// SPDX-License-Identifier: Apache-2.0

//! What this node sees of the market at the best block, in Prometheus: who waits ([`queues`]), where the tokens are and
//! what compute costs ([`money`]).

mod money;
mod queues;

use crate::service::Client;
use calor_primitives::runtime_api::{JobsApi, MarketApi, SupplyApi};
use calor_runtime::Hash;
use futures::StreamExt;
use sc_client_api::{BlockchainEvents, HeaderBackend};
use sp_api::{ApiError, ProvideRuntimeApi};
use std::sync::Arc;
use substrate_prometheus_endpoint::{PrometheusError, Registry};

const LOG_TARGET: &str = "calor-telemetry";

/// All gauges.
#[derive(Clone)]
pub struct Market {
	queues: queues::Queues,
	prices: money::Prices,
	supply: money::Supply,
}

impl Market {
	/// Registers the gauges, which are there from then on, at 0.
	pub fn register(registry: &Registry) -> Result<Self, PrometheusError> {
		Ok(Self {
			queues: queues::Queues::register(registry)?,
			prices: money::Prices::register(registry)?,
			supply: money::Supply::register(registry)?,
		})
	}

	/// Keeps the gauges at what the best block says, for as long as the node runs.
	pub async fn watch(self, client: Arc<Client>) {
		let mut imports = client.import_notification_stream();
		self.update(&client, client.info().best_hash);
		while let Some(import) = imports.next().await {
			if import.is_new_best {
				self.update(&client, import.hash);
			}
		}
	}

	fn update(&self, client: &Client, at: Hash) {
		let api = client.runtime_api();
		show("queues", at, api.queues(at), |queues| self.queues.show(queues));
		show("prices", at, api.market(at), |report| self.prices.show(&report));
		show("supply", at, api.supply(at), |report| self.supply.show(&report));
	}
}

fn show<T>(what: &str, at: Hash, answer: Result<T, ApiError>, show: impl FnOnce(T)) {
	match answer {
		Ok(answer) => show(answer),
		// The next block brings new numbers.
		Err(error) => {
			log::debug!(target: LOG_TARGET, "The {what} at block {at:?} could not be read: {error}");
		},
	}
}

/// What a registry shows: name and label of each gauge, and its value.
#[cfg(test)]
fn shown(registry: &Registry) -> std::collections::BTreeMap<(String, String), f64> {
	let families = registry.gather();
	let metrics = families.iter().flat_map(|family| {
		family.get_metric().iter().map(|metric| {
			let label = metric.get_label().first().map(|label| label.get_value().to_string());
			let name = (family.get_name().to_string(), label.unwrap_or_default());
			(name, metric.get_gauge().get_value())
		})
	});
	metrics.collect()
}
