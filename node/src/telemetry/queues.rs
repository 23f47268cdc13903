// SPDX-License-Identifier: Apache-2.0

//! How many wait on each side of each class.

use calor_primitives::job::HardwareClass;
use substrate_prometheus_endpoint::{register, GaugeVec, Opts, PrometheusError, Registry, U64};

/// The gauges, each with a value for every class of hardware.
#[derive(Clone)]
pub struct Queues {
	queued: GaugeVec<U64>,
	ready: GaugeVec<U64>,
}

impl Queues {
	/// Registers the gauges, which are there from then on, at 0.
	pub fn register(registry: &Registry) -> Result<Self, PrometheusError> {
		let gauge = |name: &str, help: &str| {
			register(GaugeVec::new(Opts::new(name, help), &["class"])?, registry)
		};
		let queues = Self {
			queued: gauge("calor_queue_depth", "Jobs that wait for a provider at the best block")?,
			ready: gauge(
				"calor_ready_providers",
				"Providers that wait for a job at the best block",
			)?,
		};
		queues.show(HardwareClass::ALL.map(|class| (class, 0, 0)));
		Ok(queues)
	}

	/// Shows what the chain says: class, jobs, providers.
	pub fn show(&self, queues: impl IntoIterator<Item = (HardwareClass, u32, u32)>) {
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
	use crate::telemetry::shown;

	#[test]
	fn every_class_has_both_gauges() {
		let registry = Registry::new();
		let queues = Queues::register(&registry).expect("the names are free");
		queues.show([(HardwareClass::Tensor, 7, 2)]);

		let shown = shown(&registry);
		assert_eq!(shown.len(), 2 * HardwareClass::ALL.len());
		let value = |name: &str, class: &str| shown[&(name.to_string(), class.to_string())];
		assert_eq!(value("calor_queue_depth", "Tensor"), 7.0);
		assert_eq!(value("calor_ready_providers", "Tensor"), 2.0);
		assert_eq!(value("calor_queue_depth", "General"), 0.0);
	}
}
