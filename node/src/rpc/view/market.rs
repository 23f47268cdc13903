// SPDX-License-Identifier: Apache-2.0

//! Prices, what they rest on, queues and receipts in JSON.

use super::{
	explain::{Demand, Supply},
	share,
};
use crate::rpc::follow::Head;
use calor_primitives::{
	explain, job::HardwareClass, market, receipt, runtime_api, AccountId, BlockNumber, H256,
};
use serde::Serialize;

/// What a job would cost.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Quote {
	/// Held until the job ends.
	price: String,
	/// What of it is burned because it stands above its average.
	withheld: String,
	/// For audits, held on top of the price.
	levy: String,
	/// Locked until the job ends, for the use of a premium class.
	access: String,
	/// Burned at submission.
	submission_fee: String,
	/// Stake that stands behind the result.
	earmark: String,
	/// Price, levy and what buying that many credits burns: what it takes without credits or tip.
	cost: String,
	/// Last height at which a job can be submitted at this price, unless a feed falls silent.
	valid_until: BlockNumber,
	/// Providers of the class that wait for a job.
	ready_providers: u32,
}

impl From<runtime_api::Quote> for Quote {
	fn from(quote: runtime_api::Quote) -> Self {
		Self {
			price: quote.price.to_string(),
			withheld: quote.withheld.to_string(),
			levy: quote.levy.to_string(),
			access: quote.access.to_string(),
			submission_fee: quote.submission_fee.to_string(),
			earmark: quote.earmark.to_string(),
			cost: quote.cost.to_string(),
			valid_until: quote.valid_until,
			ready_providers: quote.ready_providers,
		}
	}
}

/// All prices and what they rest on. Money is in pico-USD (10^-12 USD).
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Market {
	/// Those that take jobs.
	classes: Vec<Class>,
	/// The last valid values of the feeds, which quotes are made by.
	rates: Option<Rates>,
	/// Whether the feeds are fresh enough to quote by.
	fresh: bool,
	/// Time of the last valid median of the feeds, in milliseconds since 1970.
	fed_at: u64,
	feeders: Vec<Feeder>,
	/// Height of the next step of the prices.
	next_step: BlockNumber,
}

/// The price of a class.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Class {
	class: HardwareClass,
	/// Price of 10^12 multiply-accumulates.
	per_cu: String,
	/// The same in planck; `null` if nothing can be quoted.
	per_cu_planck: Option<String>,
	/// Mean of the price over 30 days.
	average: String,
	/// Least price, from electricity.
	floor: String,
	/// Part of the offered capacity that was used up to the last step; `null` if none was offered.
	utilisation: Option<f64>,
}

/// What CAL and electricity cost.
#[derive(Clone, Serialize)]
struct Rates {
	/// One CAL.
	cal: String,
	/// One kWh.
	kwh: String,
}

impl From<market::FeedValues> for Rates {
	fn from(values: market::FeedValues) -> Self {
		Self { cal: values.cal.to_string(), kwh: values.kwh.to_string() }
	}
}

/// Who reports, and what it reported last.
#[derive(Clone, Serialize)]
struct Feeder {
	account: AccountId,
	values: Option<Rates>,
	/// When, in milliseconds since 1970.
	at: Option<u64>,
}

impl From<market::MarketReport> for Market {
	fn from(report: market::MarketReport) -> Self {
		let class = |class: market::ClassReport| Class {
			class: class.class,
			per_cu: class.per_cu.to_string(),
			per_cu_planck: class.per_cu_planck.map(|planck| planck.to_string()),
			average: class.average.to_string(),
			floor: class.floor.to_string(),
			utilisation: class.utilisation.map(share),
		};
		let feeder = |(account, last): (AccountId, Option<(market::FeedValues, u64)>)| Feeder {
			account,
			values: last.map(|(values, _)| values.into()),
			at: last.map(|(_, at)| at),
		};
		Self {
			classes: report.classes.into_iter().map(class).collect(),
			rates: report.rates.map(Into::into),
			fresh: report.fresh,
			fed_at: report.fed_at,
			feeders: report.feeders.into_iter().map(feeder).collect(),
			next_step: report.next_step,
		}
	}
}

/// What a job would ask of a provider, and how many could take it now.
#[derive(Clone, Serialize)]
pub struct Match {
	demand: Demand,
	supply: Supply,
}

impl From<(explain::Demand, explain::Supply)> for Match {
	fn from((demand, supply): (explain::Demand, explain::Supply)) -> Self {
		Self { demand: demand.into(), supply: supply.into() }
	}
}

/// Those who wait on both sides of a class.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Queue {
	class: HardwareClass,
	/// Jobs that wait for a provider.
	queued: u32,
	/// Providers that wait for a job.
	ready_providers: u32,
}

impl From<(HardwareClass, u32, u32)> for Queue {
	fn from((class, queued, ready_providers): (HardwareClass, u32, u32)) -> Self {
		Self { class, queued, ready_providers }
	}
}

/// All queues as a subscription gives them, with the block at which they are so.
#[derive(Clone, Serialize)]
pub struct QueueNews {
	/// One for each class.
	pub queues: Vec<Queue>,
	/// The best block then.
	pub block: Head,
}

/// The receipts of dropped job records.
#[derive(Clone, Serialize)]
pub struct Receipts {
	/// How many.
	count: u64,
	/// Peaks of their Merkle mountain range, the highest mountain first.
	peaks: Vec<H256>,
}

impl From<receipt::Receipts> for Receipts {
	fn from(receipts: receipt::Receipts) -> Self {
		Self { count: receipts.count, peaks: receipts.peaks.into() }
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::{json, to_value};
	use sp_runtime::Perbill;

	#[test]
	fn a_quote_names_all_that_is_asked_of_a_client() {
		let quote = runtime_api::Quote {
			price: u128::MAX,
			withheld: 6,
			levy: 1,
			access: 2,
			submission_fee: 3,
			earmark: 4,
			cost: 7,
			valid_until: 8,
			ready_providers: 5,
		};
		let json = json!({
			"price": u128::MAX.to_string(),
			"withheld": "6",
			"levy": "1",
			"access": "2",
			"submissionFee": "3",
			"earmark": "4",
			"cost": "7",
			"validUntil": 8,
			"readyProviders": 5,
		});
		assert_eq!(to_value(Quote::from(quote)).expect("it serialises"), json);
	}

	#[test]
	fn the_market_says_what_it_rests_on() {
		let account = AccountId::new([1; 32]);
		let values = market::FeedValues { cal: u128::MAX, kwh: 2 };
		let report = market::MarketReport {
			classes: vec![market::ClassReport {
				class: HardwareClass::Tensor,
				per_cu: u128::MAX,
				per_cu_planck: None,
				average: 3,
				floor: 4,
				utilisation: Some(Perbill::from_percent(70)),
			}],
			rates: Some(values),
			fresh: false,
			fed_at: 5,
			feeders: vec![(account.clone(), Some((values, 6))), (account.clone(), None)],
			next_step: 7,
		};
		let rates = json!({ "cal": u128::MAX.to_string(), "kwh": "2" });
		let json = json!({
			"classes": [{
				"class": "Tensor",
				"perCu": u128::MAX.to_string(),
				"perCuPlanck": null,
				"average": "3",
				"floor": "4",
				"utilisation": 0.7,
			}],
			"rates": rates,
			"fresh": false,
			"fedAt": 5,
			"feeders": [
				{ "account": account.to_string(), "values": rates, "at": 6 },
				{ "account": account.to_string(), "values": null, "at": null },
			],
			"nextStep": 7,
		});
		assert_eq!(to_value(Market::from(report)).expect("it serialises"), json);
	}

	#[test]
	fn queues_name_their_class() {
		let json = json!({ "class": "Tensor", "queued": 3, "readyProviders": 1 });
		let queue = Queue::from((HardwareClass::Tensor, 3, 1));
		assert_eq!(to_value(queue).expect("it serialises"), json);
	}

	#[test]
	fn receipts_are_a_count_and_peaks() {
		let mut receipts = receipt::Receipts::default();
		for i in 0u8..3 {
			receipts.append(receipt::leaf(&[i]));
		}
		let json = to_value(Receipts::from(receipts)).expect("it serialises");
		assert_eq!(json["count"], 3);
		assert_eq!(json["peaks"].as_array().map(Vec::len), Some(2));
		assert_eq!(json["peaks"][1], to_value(receipt::leaf(&[2])).expect("it serialises"));
	}
}
