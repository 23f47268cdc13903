// SPDX-License-Identifier: Apache-2.0

//! The JSON that `calor_` calls answer with.
//! Amounts (planck) and multiply-accumulates are decimal strings, because JavaScript's numbers end at 2^53; hashes are
//! 0x-prefixed hex, accounts SS58; heights and job numbers are numbers. Names are the runtime's, in camelCase.

use calor_primitives::{
	job::{CloseReason, HardwareClass, InputFault, JobState, JobView},
	runtime_api,
	tensor_ref::TensorRef,
	AccountId, BlockNumber, JobId, H256,
};
use serde::Serialize;

/// What a job would cost.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Quote {
	/// Held until the job ends.
	price: String,
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
			submission_fee: quote.submission_fee.to_string(),
			earmark: quote.earmark.to_string(),
			ready_providers: quote.ready_providers,
		}
	}
}

/// A job.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
	id: JobId,
	client: AccountId,
	program: H256,
	class: HardwareClass,
	mac: String,
	price: String,
	earmark: String,
	submitted: BlockNumber,
	deliver_within: BlockNumber,
	reference: Option<H256>,
	failed: Vec<AccountId>,
	declined: Option<String>,
	state: State,
	/// First height at which anybody may move the job on; null once it has ended.
	due: Option<BlockNumber>,
	constants: Vec<Tensor>,
	inputs: Vec<Tensor>,
	commitment: Option<H256>,
	output_roots: Vec<H256>,
	endpoint: Option<String>,
}

impl From<JobView> for Job {
	fn from(view: JobView) -> Self {
		let JobView { id, record, constants, inputs, commitment, output_roots, endpoint } = view;
		Self {
			id,
			client: record.client,
			program: record.program,
			class: record.class,
			mac: record.mac.to_string(),
			price: record.price.to_string(),
			earmark: record.earmark.to_string(),
			submitted: record.submitted,
			deliver_within: record.deliver_within,
			reference: record.reference,
			failed: record.failed.into(),
			declined: record.declined.map(fault),
			due: record.state.due(),
			state: record.state.into(),
			constants: constants.into_iter().map(Into::into).collect(),
			inputs: inputs.into_iter().map(Into::into).collect(),
			commitment,
			output_roots,
			endpoint: endpoint.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
		}
	}
}

/// Where a job stands: `name` says which of the others are there.
#[derive(Clone, Serialize)]
#[serde(tag = "name", rename_all_fields = "camelCase")]
enum State {
	Queued { ticket: u64, from: BlockNumber, expires: BlockNumber },
	Assigned { provider: AccountId, accept_by: BlockNumber },
	Running { provider: AccountId, since: BlockNumber, deliver_by: BlockNumber },
	Committed { provider: AccountId, reveal_from: BlockNumber, reveal_by: BlockNumber },
	Revealed { provider: AccountId, settles_at: BlockNumber },
	Settled { provider: AccountId, paid: String, burned: String, at: BlockNumber },
	Closed { reason: String, fault: Option<String>, refunded: String, at: BlockNumber },
}

impl From<JobState> for State {
	fn from(state: JobState) -> Self {
		match state {
			JobState::Queued { ticket, from, expires } => Self::Queued { ticket, from, expires },
			JobState::Assigned { provider, accept_by } => Self::Assigned { provider, accept_by },
			JobState::Running { provider, since, deliver_by } => {
				Self::Running { provider, since, deliver_by }
			},
			JobState::Committed { provider, reveal_from, reveal_by } => {
				Self::Committed { provider, reveal_from, reveal_by }
			},
			JobState::Revealed { provider, settles_at } => Self::Revealed { provider, settles_at },
			JobState::Settled { provider, payment, at } => Self::Settled {
				provider,
				paid: payment.paid.to_string(),
				burned: payment.burned.to_string(),
				at,
			},
			JobState::Closed { reason, refunded, at } => {
				let (reason, fault) = close_reason(reason);
				Self::Closed { reason, fault, refunded: refunded.to_string(), at }
			},
		}
	}
}

/// A tensor by content, and where to fetch it.
#[derive(Clone, Serialize)]
struct Tensor {
	dtype: String,
	dims: Vec<u32>,
	root: H256,
	uris: Vec<String>,
}

impl From<TensorRef> for Tensor {
	fn from(tensor: TensorRef) -> Self {
		let uri = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
		Self {
			dtype: format!("{:?}", tensor.ty.dtype).to_lowercase(),
			dims: tensor.ty.dims.into(),
			root: tensor.root,
			uris: tensor.uris.iter().map(|bytes| uri(bytes)).collect(),
		}
	}
}

/// The runtime's own name of a fault.
fn fault(fault: InputFault) -> String {
	format!("{fault:?}")
}

/// The runtime's own name of a reason, and the fault behind it if there is one.
fn close_reason(reason: CloseReason) -> (String, Option<String>) {
	match reason {
		CloseReason::InputUnavailable(what) => ("InputUnavailable".into(), Some(fault(what))),
		other => (format!("{other:?}"), None),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use calor_primitives::{job::JobRecord, money::Payment};

	fn settled() -> JobView {
		JobView {
			id: 7,
			record: JobRecord {
				client: AccountId::new([1; 32]),
				program: H256::repeat_byte(2),
				class: HardwareClass::HighMemory,
				mac: u64::MAX,
				price: u128::MAX,
				earmark: 20,
				submitted: 3,
				deliver_within: 50,
				reference: None,
				failed: Default::default(),
				declined: Some(InputFault::WrongRoot),
				state: JobState::Settled {
					provider: AccountId::new([4; 32]),
					payment: Payment { paid: 80, burned: 20 },
					at: 60,
				},
			},
			constants: Vec::new(),
			inputs: Vec::new(),
			commitment: Some(H256::repeat_byte(5)),
			output_roots: vec![H256::repeat_byte(6)],
			endpoint: Some(b"http://worker".to_vec()),
		}
	}

	#[test]
	fn a_job_reads_without_loss_in_javascript() {
		let json = serde_json::to_value(Job::from(settled())).expect("it serialises");
		assert_eq!(json["price"], u128::MAX.to_string());
		assert_eq!(json["mac"], u64::MAX.to_string());
		assert_eq!(json["class"], "HighMemory");
		assert_eq!(json["state"]["name"], "Settled");
		assert_eq!(json["state"]["burned"], "20");
		assert_eq!(json["declined"], "WrongRoot");
		assert_eq!(json["due"], serde_json::Value::Null);
		assert_eq!(json["outputRoots"][0], format!("0x{}", "06".repeat(32)));
	}

	#[test]
	fn a_closed_job_says_why() {
		let mut view = settled();
		view.record.state = JobState::Closed {
			reason: CloseReason::InputUnavailable(InputFault::Missing),
			refunded: 1,
			at: 9,
		};
		let json = serde_json::to_value(Job::from(view)).expect("it serialises");
		assert_eq!(json["state"]["reason"], "InputUnavailable");
		assert_eq!(json["state"]["fault"], "Missing");
	}
}
