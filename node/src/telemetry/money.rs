// SPDX-License-Identifier: Apache-2.0

//! Where the tokens are and what compute costs. Amounts are in CAL and USD, as far as floating point goes: for boards and
//! alarms, not for books.

use crate::rpc::view::{burn_name, mint_name};
use calor_primitives::{
	job::HardwareClass,
	market::MarketReport,
	money::{BurnKind, MintKind, UNIT},
	supply::SupplyReport,
};
use substrate_prometheus_endpoint::{
	register, Gauge, GaugeVec, Opts, PrometheusError, Registry, F64, U64,
};

/// Pico-USD in a US dollar.
const USD: f64 = 1e12;

/// The gauges of supply.
#[derive(Clone)]
pub struct Supply {
	issuance: Gauge<F64>,
	burned: GaugeVec<F64>,
	minted: GaugeVec<F64>,
	pools: GaugeVec<F64>,
	closed: Gauge<U64>,
	paid: GaugeVec<F64>,
}

impl Supply {
	/// Registers the gauges, which are there from then on, at 0.
	pub fn register(registry: &Registry) -> Result<Self, PrometheusError> {
		let by = |name: &str, help: &str, label: &str| {
			register(GaugeVec::new(Opts::new(name, help), &[label])?, registry)
		};
		let supply = Self {
			issuance: register(
				Gauge::new("calor_issuance_cal", "CAL that exist at the best block")?,
				registry,
			)?,
			burned: by("calor_burned_cal", "CAL burned since genesis", "kind")?,
			minted: by("calor_minted_cal", "CAL minted since genesis", "kind")?,
			pools: by("calor_pool_left_cal", "CAL left in the pools of emission", "pool")?,
			closed: register(
				Gauge::new("calor_epochs_closed", "Reward epochs that were closed")?,
				registry,
			)?,
			paid: by("calor_last_epoch_paid_cal", "CAL given out for the last closed epoch", "to")?,
		};
		for kind in BurnKind::ALL {
			set(&supply.burned, burn_name(kind), 0.0);
		}
		for kind in MintKind::ALL {
			set(&supply.minted, mint_name(kind), 0.0);
		}
		supply.show_pools(0, 0);
		supply.show_paid(&Default::default());
		Ok(supply)
	}

	/// Shows what the chain says.
	pub fn show(&self, report: &SupplyReport) {
		self.issuance.set(cal(report.issuance));
		for (kind, amount) in &report.burned {
			set(&self.burned, burn_name(*kind), cal(*amount));
		}
		for (kind, amount) in &report.minted {
			set(&self.minted, mint_name(*kind), cal(*amount));
		}
		self.show_pools(report.pools.simple, report.pools.baseline);
		if let Some((index, last)) = &report.last {
			self.closed.set(u64::from(*index).saturating_add(1));
			self.show_paid(last);
		}
	}

	fn show_pools(&self, simple: u128, baseline: u128) {
		set(&self.pools, "simple", cal(simple));
		set(&self.pools, "baseline", cal(baseline));
	}

	fn show_paid(&self, epoch: &calor_primitives::supply::EpochReport) {
		set(&self.paid, "providers", cal(epoch.providers));
		set(&self.paid, "validators", cal(epoch.validators));
		set(&self.paid, "treasury", cal(epoch.treasury));
		set(&self.paid, "auditors", cal(epoch.auditors));
		set(&self.paid, "work", cal(epoch.recycled));
	}
}

/// The gauges of prices.
#[derive(Clone)]
pub struct Prices {
	per_cu: GaugeVec<F64>,
	cal: Gauge<F64>,
	fresh: Gauge<U64>,
}

impl Prices {
	/// Registers the gauges, which are there from then on, at 0.
	pub fn register(registry: &Registry) -> Result<Self, PrometheusError> {
		let help = "Price of 10^12 multiply-accumulates; 0 where a class takes no jobs";
		let per_cu = GaugeVec::new(Opts::new("calor_price_per_cu_usd", help), &["class"])?;
		let help = "Price of one CAL that quotes are made by; 0 before the first";
		let cal = Gauge::new("calor_cal_price_usd", help)?;
		let help = "1 if the feeds are fresh enough to quote by, 0 if new quotes are stopped";
		let fresh = Gauge::new("calor_feeds_fresh", help)?;
		let prices = Self {
			per_cu: register(per_cu, registry)?,
			cal: register(cal, registry)?,
			fresh: register(fresh, registry)?,
		};
		for class in HardwareClass::ALL {
			set(&prices.per_cu, &format!("{class:?}"), 0.0);
		}
		Ok(prices)
	}

	/// Shows what the chain says.
	pub fn show(&self, report: &MarketReport) {
		for class in &report.classes {
			set(&self.per_cu, &format!("{:?}", class.class), class.per_cu as f64 / USD);
		}
		self.cal.set(report.rates.map_or(0.0, |rates| rates.cal as f64 / USD));
		self.fresh.set(report.fresh.into());
	}
}

fn set(gauges: &GaugeVec<F64>, label: &str, value: f64) {
	gauges.with_label_values(&[label]).set(value);
}

/// Planck in CAL.
fn cal(planck: u128) -> f64 {
	planck as f64 / UNIT as f64
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::telemetry::shown;
	use calor_primitives::{
		market::{ClassReport, FeedValues},
		supply::{EpochReport, Pools},
	};

	#[test]
	fn supply_is_shown_in_cal() {
		let registry = Registry::new();
		let supply = Supply::register(&registry).expect("the names are free");
		let before = shown(&registry);
		assert!(before.values().all(|value| *value == 0.0));

		supply.show(&SupplyReport {
			cap: 0,
			genesis: 0,
			issuance: 3 * UNIT / 2,
			burned: vec![(BurnKind::Withheld, 2 * UNIT)],
			minted: vec![(MintKind::Work, 3 * UNIT)],
			pools: Pools { simple: 4 * UNIT, baseline: 5 * UNIT },
			unclaimed: 0,
			schedule: Vec::new(),
			epoch: (7, 0),
			epoch_length: 30,
			last: Some((6, EpochReport { treasury: UNIT / 4, ..Default::default() })),
			baseline_capacity: 0,
			baseline_work: 0,
		});
		let shown = shown(&registry);
		assert_eq!(shown.len(), before.len(), "no gauge appears later");
		let value = |name: &str, label: &str| shown[&(name.to_string(), label.to_string())];
		assert_eq!(value("calor_issuance_cal", ""), 1.5);
		assert_eq!(value("calor_burned_cal", "Withheld"), 2.0);
		assert_eq!(value("calor_minted_cal", "Work"), 3.0);
		assert_eq!(value("calor_pool_left_cal", "simple"), 4.0);
		assert_eq!(value("calor_pool_left_cal", "baseline"), 5.0);
		assert_eq!(value("calor_epochs_closed", ""), 7.0);
		assert_eq!(value("calor_last_epoch_paid_cal", "treasury"), 0.25);
	}

	#[test]
	fn prices_are_shown_in_dollars() {
		let registry = Registry::new();
		let prices = Prices::register(&registry).expect("the names are free");
		let mut report = MarketReport {
			classes: vec![ClassReport {
				class: HardwareClass::General,
				per_cu: 100_000_000_000,
				per_cu_planck: None,
				average: 0,
				floor: 0,
				utilisation: None,
			}],
			rates: Some(FeedValues { cal: 2_000_000_000_000, kwh: 1 }),
			fresh: true,
			fed_at: 0,
			feeders: Vec::new(),
			next_step: 0,
		};
		prices.show(&report);
		let value =
			|name: &str, label: &str| shown(&registry)[&(name.to_string(), label.to_string())];
		assert_eq!(value("calor_price_per_cu_usd", "General"), 0.1);
		assert_eq!(value("calor_price_per_cu_usd", "Tensor"), 0.0);
		assert_eq!(value("calor_cal_price_usd", ""), 2.0);
		assert_eq!(value("calor_feeds_fresh", ""), 1.0);

		report.fresh = false;
		prices.show(&report);
		assert_eq!(value("calor_feeds_fresh", ""), 0.0);
	}
}
