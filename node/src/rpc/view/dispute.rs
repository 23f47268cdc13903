// SPDX-License-Identifier: Apache-2.0

//! How a result is checked, in JSON.

use calor_primitives::{
	dispute::{Audit, AuditState, Demand, DisputeView, Question},
	AccountId, BlockNumber, JobId, H256,
};
use serde::Serialize;

/// How a result is checked.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Dispute {
	id: JobId,
	committed_at: BlockNumber,
	/// What auditors are drawn by.
	seed: Option<H256>,
	/// First and last height at which an audit can be claimed.
	claims_from: BlockNumber,
	claims_until: BlockNumber,
	audits: Vec<AuditView>,
	/// Root over the roots of what all operations define, once shown.
	trace: Option<H256>,
	demands: Vec<Asked>,
	trace_until: Option<BlockNumber>,
	/// The latest that it can settle.
	settles_by: Option<BlockNumber>,
}

impl Dispute {
	/// The view of job `id`.
	pub fn new(id: JobId, view: DisputeView) -> Self {
		let (claims_from, claims_until) = view.claims;
		Self {
			id,
			committed_at: view.committed_at,
			seed: view.seed,
			claims_from,
			claims_until,
			audits: view.audits.into_iter().map(Into::into).collect(),
			trace: view.trace,
			demands: view.demands.into_iter().map(Into::into).collect(),
			trace_until: view.trace_until,
			settles_by: view.settles_by,
		}
	}
}

/// An auditor.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct AuditView {
	auditor: AccountId,
	worker: AccountId,
	earmark: String,
	/// `Claimed`, `Committed`, `Shown`, `Agreed` or `Disagreed`.
	state: &'static str,
	/// Last height for its commit, while it is `Claimed`.
	by: Option<BlockNumber>,
}

impl From<Audit> for AuditView {
	fn from(audit: Audit) -> Self {
		let (state, by) = match audit.state {
			AuditState::Claimed { by } => ("Claimed", Some(by)),
			AuditState::Committed(_) => ("Committed", None),
			AuditState::Shown(_) => ("Shown", None),
			AuditState::Agreed => ("Agreed", None),
			AuditState::Disagreed => ("Disagreed", None),
		};
		let earmark = audit.earmark.to_string();
		Self { auditor: audit.auditor, worker: audit.worker, earmark, state, by }
	}
}

/// A question that was asked.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
	question: Asking,
	by: AccountId,
	deposit: String,
	/// Last height for the answer.
	deadline: BlockNumber,
	/// Height of the block that has the answer.
	answered: Option<BlockNumber>,
}

impl From<(Question, Demand)> for Asked {
	fn from((question, demand): (Question, Demand)) -> Self {
		Self {
			question: question.into(),
			by: demand.by,
			deposit: demand.deposit.to_string(),
			deadline: demand.by_height,
			answered: demand.answered,
		}
	}
}

/// What is asked.
#[derive(Clone, PartialEq, Serialize)]
#[serde(tag = "name")]
enum Asking {
	Trace,
	Upper { op: u16 },
	Lower { op: u16, node: u32 },
	Chunk { tensor: u16, chunk: u32 },
}

impl From<Question> for Asking {
	fn from(question: Question) -> Self {
		match question {
			Question::Trace => Self::Trace,
			Question::Upper { op } => Self::Upper { op },
			Question::Lower { op, node } => Self::Lower { op, node },
			Question::Chunk { tensor, chunk } => Self::Chunk { tensor, chunk },
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::{json, to_value};

	#[test]
	fn a_dispute_reads_without_loss_in_javascript() {
		let demand = Demand {
			by: AccountId::new([1; 32]),
			expected: H256::repeat_byte(2),
			deposit: u128::MAX,
			by_height: 40,
			answered: Some(35),
		};
		let audit = |state| Audit {
			auditor: AccountId::new([3; 32]),
			worker: AccountId::new([4; 32]),
			earmark: 5,
			state,
		};
		let view = DisputeView {
			committed_at: 10,
			seed: Some(H256::repeat_byte(6)),
			claims: (12, 16),
			audits: vec![audit(AuditState::Claimed { by: 30 }), audit(AuditState::Disagreed)],
			trace: None,
			demands: vec![(Question::Lower { op: 7, node: 8 }, demand)],
			trace_until: Some(50),
			settles_by: Some(130),
		};
		let json = to_value(Dispute::new(9, view)).expect("it serialises");
		assert_eq!(json["id"], 9);
		assert_eq!((&json["claimsFrom"], &json["claimsUntil"]), (&json!(12), &json!(16)));
		assert_eq!(json["audits"][0]["state"], "Claimed");
		assert_eq!(json["audits"][0]["by"], 30);
		assert_eq!(json["audits"][1]["state"], "Disagreed");
		assert_eq!(json["audits"][1]["by"], json!(null));
		assert_eq!(json["demands"][0]["question"], json!({ "name": "Lower", "op": 7, "node": 8 }));
		assert_eq!(json["demands"][0]["deposit"], u128::MAX.to_string());
		assert_eq!(json["demands"][0]["answered"], 35);
		assert_eq!((&json["traceUntil"], &json["settlesBy"]), (&json!(50), &json!(130)));
	}
}
