// SPDX-License-Identifier: Apache-2.0

//! Explanations in JSON; `words` says them in English.

use super::job::{close_code, State};
use crate::rpc::words;
use calor_primitives::{
	explain::{self, Explanation, Why},
	job::{HardwareClass, JobState},
	JobId,
};
use serde::Serialize;

/// Where a job stands and why, for programs and for people.
#[derive(Clone, Serialize)]
pub struct Explained {
	id: JobId,
	state: State,
	/// The reason as a name; that of closing, if it is closed.
	code: &'static str,
	/// The reason as a sentence.
	words: String,
	demand: Demand,
	supply: Option<Supply>,
	/// What would help, as sentences, the most telling first.
	hints: Vec<String>,
}

impl Explained {
	/// Job `id`, which is in that state for that reason.
	pub fn new(id: JobId, state: JobState, explanation: Explanation) -> Self {
		Self {
			id,
			state: state.into(),
			code: code(&explanation.why),
			words: words::words(&explanation),
			hints: words::hints(&explanation),
			demand: explanation.demand.into(),
			supply: explanation.supply.map(Into::into),
		}
	}
}

/// The runtime's own name of a reason, without what it carries.
const fn code(why: &Why) -> &'static str {
	match why {
		Why::ParentsOpen(_) => "ParentsOpen",
		Why::TooYoung { .. } => "TooYoung",
		Why::NobodyReady => "NobodyReady",
		Why::NobodyFits => "NobodyFits",
		Why::AwaitsTurn => "AwaitsTurn",
		Why::AwaitsAcceptance { .. } => "AwaitsAcceptance",
		Why::Computes { .. } => "Computes",
		Why::AwaitsReveal { .. } => "AwaitsReveal",
		Why::ReplicasOpen(_) => "ReplicasOpen",
		Why::Challengeable { .. } => "Challengeable",
		Why::Overdue => "Overdue",
		Why::Paid => "Paid",
		Why::Closed(reason) => close_code(*reason),
	}
}

/// What a job asks of a provider.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Demand {
	class: HardwareClass,
	earmark: String,
	memory_mib: u32,
	price: String,
}

impl From<explain::Demand> for Demand {
	fn from(demand: explain::Demand) -> Self {
		Self {
			class: demand.class,
			earmark: demand.earmark.to_string(),
			memory_mib: demand.memory_mib,
			price: demand.price.to_string(),
		}
	}
}

/// How the providers that wait meet it.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Supply {
	ready: u32,
	fit: u32,
	short_of_stake: u32,
	most_free_stake: String,
	short_of_memory: u32,
	most_memory_mib: u32,
	too_dear: u32,
	least_min_price: Option<String>,
	barred: u32,
	failed_before: u32,
}

impl From<explain::Supply> for Supply {
	fn from(supply: explain::Supply) -> Self {
		Self {
			ready: supply.ready,
			fit: supply.fit,
			short_of_stake: supply.short_of_stake,
			most_free_stake: supply.most_free_stake.to_string(),
			short_of_memory: supply.short_of_memory,
			most_memory_mib: supply.most_memory_mib,
			too_dear: supply.too_dear,
			least_min_price: supply.least_min_price.map(|price| price.to_string()),
			barred: supply.barred,
			failed_before: supply.failed_before,
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::rpc::words::tests::{explanation, reasons};
	use serde_json::{json, to_value};
	use std::collections::BTreeSet;

	#[test]
	fn every_reason_has_a_code_of_its_own() {
		let codes: BTreeSet<_> = reasons().iter().map(code).collect();
		// An input can be unusable in three ways: one code, told apart by the fault in the state.
		assert_eq!(codes.len(), reasons().len() - 2);
	}

	#[test]
	fn an_explanation_is_for_programs_and_for_people() {
		let state = JobState::Queued { from: 2, expires: 9, untried: None };
		let supply = explain::Supply {
			ready: 3,
			short_of_stake: 3,
			most_free_stake: u128::MAX,
			least_min_price: Some(1),
			..Default::default()
		};
		let because = Explanation { supply: Some(supply), ..explanation(Why::NobodyFits) };
		let json = to_value(Explained::new(7, state, because)).expect("it serialises");
		assert_eq!(json["id"], 7);
		assert_eq!(json["state"]["name"], "Queued");
		assert_eq!(json["code"], "NobodyFits");
		assert!(json["words"].as_str().is_some_and(|words| words.contains("3 providers")));
		assert_eq!(json["demand"]["memoryMib"], 64);
		assert_eq!(json["supply"]["shortOfStake"], 3);
		assert_eq!(json["supply"]["mostFreeStake"], u128::MAX.to_string());
		assert_eq!(json["supply"]["leastMinPrice"], "1");
		assert!(json["hints"].as_array().is_some_and(|hints| !hints.is_empty()));

		let state = JobState::Waiting { recheck: 9 };
		let because = explanation(Why::ParentsOpen(vec![3]));
		let json = to_value(Explained::new(7, state, because)).expect("it serialises");
		assert_eq!(json["supply"], json!(null));
	}
}
