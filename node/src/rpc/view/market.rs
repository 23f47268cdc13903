// SPDX-License-Identifier: Apache-2.0

//! Prices, queues and receipts in JSON.

use super::explain::{Demand, Supply};
use crate::rpc::follow::Head;
use calor_primitives::{explain, job::HardwareClass, receipt, runtime_api, H256};
use serde::Serialize;

/// What a job would cost.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Quote {
	/// Held until the job ends.
	price: String,
	/// For audits, held on top of the price.
	levy: String,
	/// Locked until the job ends, for the use of a premium class.
	access: String,
	/// Burned at submission.
	submission_fee: String,
	/// Stake that stands behind the result.
	earmark: String,
	/// Providers of the class that wait for a job.
	ready_providers: u32,
}

impl From<runtime_api::Quote> for Quote {
	fn from(quote: runtime_api::Quote) -> Self {
		Self {
			price: quote.price.to_string(),
			levy: quote.levy.to_string(),
			access: quote.access.to_string(),
			submission_fee: quote.submission_fee.to_string(),
			earmark: quote.earmark.to_string(),
			ready_providers: quote.ready_providers,
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

	#[test]
	fn a_quote_names_all_that_is_asked_of_a_client() {
		let quote = runtime_api::Quote {
			price: u128::MAX,
			levy: 1,
			access: 2,
			submission_fee: 3,
			earmark: 4,
			ready_providers: 5,
		};
		let json = json!({
			"price": u128::MAX.to_string(),
			"levy": "1",
			"access": "2",
			"submissionFee": "3",
			"earmark": "4",
			"readyProviders": 5,
		});
		assert_eq!(to_value(Quote::from(quote)).expect("it serialises"), json);
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
