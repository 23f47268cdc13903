// SPDX-License-Identifier: Apache-2.0

//! What this node sees of the market, in Prometheus: how many wait on each side of each class at the best block.

use crate::service::Client;
use calor_primitives::{job::HardwareClass, runtime_api::JobsApi};
use calor_runtime::Hash;
use futures::StreamExt;
use sc_client_api::{BlockchainEvents, HeaderBackend};
use sp_api::ProvideRuntimeApi;
use std::sync::Arc;
use substrate_prometheus_endpoint::{register, GaugeVec, Opts, PrometheusError, Registry, U64};

const LOG_TARGET: &str = "calor-telemetry";

/// The gauges, each with a value for every class of hardware.
#[derive(Clone)]
pub struct Market {
	queued: GaugeVec<U64>,
	ready: GaugeVec<U64>,
}

impl Market {
	/// Registers the gauges, which are there from then on, at 0.
	pub fn register(registry: &Registry) -> Result<Self, PrometheusError> {
		let gauge = |name: &str, help: &str| {
			register(GaugeVec::new(Opts::new(name, help), &["class"])?, registry)
		};
		let market = Self {
			queued: gauge("calor_queue_depth", "Jobs that wait for a provider at the best block")?,
			ready: gauge(
				"calor_ready_providers",
				"Providers that wait for a job at the best block",
			)?,
		};
		market.show(HardwareClass::ALL.map(|class| (class, 0, 0)));
		Ok(market)
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
		match client.runtime_api().queues(at) {
			Ok(queues) => self.show(queues),
			// The next block brings new numbers.
			Err(error) => {
				log::debug!(target: LOG_TARGET, "The queues at block {at:?} could not be read: {error}");
			},
		}
	}

	fn show(&self, queues: impl IntoIterator<Item = (HardwareClass, u32, u32)>) {
		for (class, queued, ready) in queues {
			let class = format!("{class:?}");
			self.queued.with_label_values(&[class.as_str()]).set(queued.into());
			self.ready.with_label_values(&[class.as_str()]).set(ready.into());
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn every_class_has_both_gauges() {
		let registry = Registry::new();
		let market = Market::register(&registry).expect("the names are free");
		market.show([(HardwareClass::Tensor, 7, 2)]);

		let mut shown = Vec::new();
		for family in registry.gather() {
			for metric in family.get_metric() {
				let class = metric.get_label()[0].get_value().to_string();
				shown.push((family.get_name().to_string(), class, metric.get_gauge().get_value()));
			}
		}
		assert_eq!(shown.len(), 2 * HardwareClass::ALL.len());
		let value = |name: &str, class: &str| {
			shown.iter().find(|(n, c, _)| n == name && c == class).map(|(_, _, value)| *value)
		};
		assert_eq!(value("calor_queue_depth", "Tensor"), Some(7.0));
		assert_eq!(value("calor_ready_providers", "Tensor"), Some(2.0));
		assert_eq!(value("calor_queue_depth", "General"), Some(0.0));
	}
}
