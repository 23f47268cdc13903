// SPDX-License-Identifier: Apache-2.0

//! Jobs in JSON.

use super::text;
use crate::rpc::follow::Head;
use calor_primitives::{
	assurance::Assurance,
	job::{CloseReason, HardwareClass, InputFault, JobState, JobView, ParentStage},
	tensor_ref::TensorRef,
	AccountId, BlockNumber, JobId, H256,
};
use serde::Serialize;

/// A job.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
	id: JobId,
	client: AccountId,
	program: H256,
	class: HardwareClass,
	mac: String,
	memory_mib: u32,
	price: String,
	/// What of the price is burned because it stood above its average.
	withheld: String,
	levy: String,
	tip: String,
	/// Whether the tip is gone, as it is from the first assignment on.
	tip_burned: bool,
	/// What the client still has in escrow for it; "0" once it has ended.
	escrow: String,
	assurance: Level,
	value_at_risk: String,
	earmark: String,
	/// Locked for the use of a premium class.
	access: String,
	/// Held for the storage of its record.
	deposit: String,
	late_cut: String,
	submitted: BlockNumber,
	deliver_within: BlockNumber,
	reference: Option<H256>,
	parents: Vec<JobId>,
	/// How far they must be: `Settled` or `Revealed`.
	start_on: &'static str,
	/// Open jobs that take its outputs.
	children: u32,
	/// The first of the jobs that run the same independently.
	replica_of: Option<JobId>,
	failed: Vec<AccountId>,
	declined: Option<String>,
	state: State,
	/// First height at which anybody may move the job on, or drop its record once it has ended.
	due: BlockNumber,
	constants: Vec<Tensor>,
	inputs: Vec<Tensor>,
	commitment: Option<H256>,
	output_roots: Vec<H256>,
	endpoint: Option<String>,
}

impl Job {
	/// Whether it can change no more, except that its record is dropped.
	pub fn has_ended(&self) -> bool {
		matches!(self.state, State::Settled { .. } | State::Closed { .. })
	}
}

impl From<JobView> for Job {
	fn from(view: JobView) -> Self {
		let JobView { id, record, constants, inputs, commitment, output_roots, endpoint } = view;
		let escrow = if record.state.is_open() { record.escrow() } else { 0 };
		Self {
			id,
			client: record.client,
			program: record.program,
			class: record.class,
			mac: record.mac.to_string(),
			memory_mib: record.memory_mib,
			price: record.price.to_string(),
			withheld: record.withheld.to_string(),
			levy: record.levy.to_string(),
			tip: record.tip.to_string(),
			tip_burned: record.tip_burned,
			escrow: escrow.to_string(),
			assurance: record.assurance.into(),
			value_at_risk: record.value_at_risk.to_string(),
			earmark: record.earmark.to_string(),
			access: record.access.to_string(),
			deposit: record.deposit.to_string(),
			late_cut: record.late_cut.to_string(),
			submitted: record.submitted,
			deliver_within: record.deliver_within,
			reference: record.reference,
			parents: record.parents.into(),
			start_on: stage(record.start_on),
			children: record.children,
			replica_of: record.replica_of,
			failed: record.failed.into_iter().map(|attempt| attempt.provider).collect(),
			declined: record.declined.map(fault),
			due: record.state.due(),
			state: record.state.into(),
			constants: constants.into_iter().map(Into::into).collect(),
			inputs: inputs.into_iter().map(Into::into).collect(),
			commitment,
			output_roots,
			endpoint: endpoint.map(|bytes| text(&bytes)),
		}
	}
}

/// How the result is checked.
#[derive(Clone, PartialEq, Serialize)]
#[serde(tag = "name")]
enum Level {
	Optimistic,
	Audited,
	Replicated { workers: u8 },
}

impl From<Assurance> for Level {
	fn from(assurance: Assurance) -> Self {
		match assurance {
			Assurance::Optimistic => Self::Optimistic,
			Assurance::Audited => Self::Audited,
			Assurance::Replicated(workers) => Self::Replicated { workers },
		}
	}
}

/// Where a job stands: `name` says which of the others are there.
#[derive(Clone, PartialEq, Serialize)]
#[serde(tag = "name", rename_all_fields = "camelCase")]
pub(super) enum State {
	Waiting {
		recheck: BlockNumber,
	},
	Queued {
		from: BlockNumber,
		expires: BlockNumber,
		untried: Option<u32>,
	},
	Assigned {
		provider: AccountId,
		accept_by: BlockNumber,
	},
	Running {
		provider: AccountId,
		since: BlockNumber,
		deliver_by: BlockNumber,
		late_by: BlockNumber,
	},
	Committed {
		provider: AccountId,
		reveal_from: BlockNumber,
		reveal_by: BlockNumber,
	},
	Revealed {
		provider: AccountId,
		settles_at: BlockNumber,
	},
	Settled {
		provider: AccountId,
		paid: String,
		burned: String,
		/// Burned as well, because the price stood above its average.
		withheld: String,
		levy: String,
		at: BlockNumber,
		keep_until: BlockNumber,
	},
	Closed {
		reason: &'static str,
		/// What was wrong, where the reason is `InputUnavailable`.
		fault: Option<String>,
		/// Which parent, where the reason is `ParentFailed`.
		parent: Option<JobId>,
		/// Which other, where the reason is `ReplicaFailed`.
		replica: Option<JobId>,
		refunded: String,
		at: BlockNumber,
		keep_until: BlockNumber,
	},
	/// The chain has no record of it: dropped, or lost in a reorganisation.
	Gone,
}

impl From<JobState> for State {
	fn from(state: JobState) -> Self {
		match state {
			JobState::Waiting { recheck } => Self::Waiting { recheck },
			JobState::Queued { from, expires, untried } => Self::Queued { from, expires, untried },
			JobState::Assigned { provider, accept_by } => Self::Assigned { provider, accept_by },
			JobState::Running { provider, since, deliver_by, late_by } => {
				Self::Running { provider, since, deliver_by, late_by }
			},
			JobState::Committed { provider, reveal_from, reveal_by } => {
				Self::Committed { provider, reveal_from, reveal_by }
			},
			JobState::Revealed { provider, settles_at } => Self::Revealed { provider, settles_at },
			JobState::Settled { provider, payment, at, keep_until } => Self::Settled {
				provider,
				paid: payment.paid.to_string(),
				burned: payment.burned.to_string(),
				withheld: payment.withheld.to_string(),
				levy: payment.levy.to_string(),
				at,
				keep_until,
			},
			JobState::Closed { reason, refunded, at, keep_until } => {
				let fault = match reason {
					CloseReason::InputUnavailable(what) => Some(fault(what)),
					_ => None,
				};
				let parent = match reason {
					CloseReason::ParentFailed(parent) => Some(parent),
					_ => None,
				};
				let replica = match reason {
					CloseReason::ReplicaFailed(other) => Some(other),
					_ => None,
				};
				Self::Closed {
					reason: close_code(reason),
					fault,
					parent,
					replica,
					refunded: refunded.to_string(),
					at,
					keep_until,
				}
			},
		}
	}
}

/// A job as a subscription gives it: what `calor_job` answers, and the block at which that is so.
#[derive(Clone, Serialize)]
pub struct JobNews {
	#[serde(flatten)]
	what: What,
	block: Head,
}

#[derive(Clone, Serialize)]
#[serde(untagged)]
enum What {
	Job(Box<Job>),
	Gone { id: JobId, state: State },
}

impl JobNews {
	/// That job `id` is `job` at `block`, or is not there.
	pub fn new(id: JobId, job: Option<Job>, block: Head) -> Self {
		let what = match job {
			Some(job) => What::Job(Box::new(job)),
			None => What::Gone { id, state: State::Gone },
		};
		Self { what, block }
	}

	/// Whether it is about a finalised block.
	pub fn is_finalised(&self) -> bool {
		self.block.finalised
	}
}

/// A tensor by content, and where to fetch it.
#[derive(Clone, PartialEq, Serialize)]
struct Tensor {
	dtype: String,
	dims: Vec<u32>,
	root: H256,
	uris: Vec<String>,
}

impl From<TensorRef> for Tensor {
	fn from(tensor: TensorRef) -> Self {
		Self {
			dtype: format!("{:?}", tensor.ty.dtype).to_lowercase(),
			dims: tensor.ty.dims.into(),
			root: tensor.root,
			uris: tensor.uris.iter().map(|bytes| text(bytes)).collect(),
		}
	}
}

/// The runtime's own name of a fault.
fn fault(fault: InputFault) -> String {
	format!("{fault:?}")
}

/// The runtime's own name of how far parents must be.
const fn stage(stage: ParentStage) -> &'static str {
	match stage {
		ParentStage::Settled => "Settled",
		ParentStage::Revealed => "Revealed",
	}
}

/// The runtime's own name of a reason, without what it carries.
pub(super) const fn close_code(reason: CloseReason) -> &'static str {
	match reason {
		CloseReason::Cancelled => "Cancelled",
		CloseReason::NoCapacity => "NoCapacity",
		CloseReason::InputUnavailable(_) => "InputUnavailable",
		CloseReason::DeadlineMissed => "DeadlineMissed",
		CloseReason::NotRevealed => "NotRevealed",
		CloseReason::ParentFailed(_) => "ParentFailed",
		CloseReason::ProviderForfeited => "ProviderForfeited",
		CloseReason::Fraud => "Fraud",
		CloseReason::TraceWithheld => "TraceWithheld",
		CloseReason::OutputWithheld => "OutputWithheld",
		CloseReason::InputWithheld => "InputWithheld",
		CloseReason::NotUnanimous => "NotUnanimous",
		CloseReason::ReplicaFailed(_) => "ReplicaFailed",
		CloseReason::NotAudited => "NotAudited",
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use calor_primitives::{job::JobRecord, money::Payment};
	use serde_json::{json, to_value, Value};

	fn settled() -> JobView {
		JobView {
			id: 7,
			record: JobRecord {
				client: AccountId::new([1; 32]),
				program: H256::repeat_byte(2),
				class: HardwareClass::HighMemory,
				mac: u64::MAX,
				memory_mib: 9,
				price: u128::MAX - 30,
				withheld: 15,
				levy: 10,
				tip: 20,
				tip_burned: true,
				assurance: Assurance::Replicated(3),
				value_at_risk: 11,
				earmark: 20,
				access: 12,
				deposit: 13,
				late_cut: 14,
				submitted: 3,
				deliver_within: 50,
				reference: None,
				parents: vec![4, 5].try_into().expect("fits"),
				start_on: ParentStage::Revealed,
				replica_of: None,
				children: 2,
				taken: false,
				failed: Default::default(),
				declined: Some(InputFault::WrongRoot),
				alarm: Some(90),
				state: JobState::Settled {
					provider: AccountId::new([4; 32]),
					payment: Payment { paid: 65, burned: 20, withheld: 15, levy: 10 },
					at: 60,
					keep_until: 90,
				},
			},
			constants: Vec::new(),
			inputs: Vec::new(),
			commitment: Some(H256::repeat_byte(5)),
			output_roots: vec![H256::repeat_byte(6)],
			endpoint: Some(b"http://worker".to_vec()),
		}
	}

	fn in_state(state: JobState) -> Value {
		let mut view = settled();
		view.record.state = state;
		to_value(Job::from(view)).expect("it serialises")
	}

	#[test]
	fn a_job_reads_without_loss_in_javascript() {
		let json = to_value(Job::from(settled())).expect("it serialises");
		assert_eq!(json["price"], (u128::MAX - 30).to_string());
		assert_eq!(json["mac"], u64::MAX.to_string());
		assert_eq!(json["class"], "HighMemory");
		assert_eq!(json["memoryMib"], 9);
		for (name, planck) in [
			("withheld", "15"),
			("levy", "10"),
			("tip", "20"),
			("valueAtRisk", "11"),
			("earmark", "20"),
			("access", "12"),
			("deposit", "13"),
			("lateCut", "14"),
		] {
			assert_eq!(json[name], planck, "{name}");
		}
		assert_eq!(json["tipBurned"], true);
		assert_eq!(json["assurance"], json!({ "name": "Replicated", "workers": 3 }));
		assert_eq!(json["parents"], json!([4, 5]));
		assert_eq!(json["startOn"], "Revealed");
		assert_eq!(json["children"], 2);
		assert_eq!(json["state"]["name"], "Settled");
		assert_eq!(json["state"]["paid"], "65");
		assert_eq!(json["state"]["burned"], "20");
		assert_eq!(json["state"]["withheld"], "15");
		assert_eq!(json["state"]["levy"], "10");
		assert_eq!(json["state"]["keepUntil"], 90);
		assert_eq!(json["declined"], "WrongRoot");
		assert_eq!(json["due"], 90, "its record may be dropped then");
		assert_eq!(json["escrow"], "0", "paid out");
		assert_eq!(json["outputRoots"][0], format!("0x{}", "06".repeat(32)));
	}

	#[test]
	fn every_state_has_its_fields() {
		let provider = AccountId::new([4; 32]);
		let json = in_state(JobState::Waiting { recheck: 8 });
		assert_eq!(json["state"], json!({ "name": "Waiting", "recheck": 8 }));
		assert_eq!(json["due"], 8);
		assert_eq!(json["escrow"], (u128::MAX - 20).to_string(), "price and levy; the tip is gone");

		let json = in_state(JobState::Queued { from: 4, expires: 9, untried: None });
		let state = json!({ "name": "Queued", "from": 4, "expires": 9, "untried": null });
		assert_eq!(json["state"], state);
		let json = in_state(JobState::Queued { from: 4, expires: 9, untried: Some(6) });
		assert_eq!(json["state"]["untried"], 6);

		let json = in_state(JobState::Assigned { provider: provider.clone(), accept_by: 5 });
		assert_eq!(json["state"]["acceptBy"], 5);
		assert_eq!(json["due"], 6, "it still may be accepted at 5");

		let running = JobState::Running { provider, since: 5, deliver_by: 9, late_by: 12 };
		let json = in_state(running);
		assert_eq!(json["state"]["deliverBy"], 9);
		assert_eq!(json["state"]["lateBy"], 12);
		assert_eq!(json["due"], 13);
	}

	#[test]
	fn a_closed_job_says_why() {
		let closed = |reason| {
			in_state(JobState::Closed { reason, refunded: 1, at: 9, keep_until: 10 })["state"]
				.clone()
		};
		let state = closed(CloseReason::InputUnavailable(InputFault::Missing));
		assert_eq!(state["reason"], "InputUnavailable");
		assert_eq!(state["fault"], "Missing");
		assert_eq!(state["keepUntil"], 10);
		let state = closed(CloseReason::ParentFailed(3));
		assert_eq!(state["reason"], "ParentFailed");
		assert_eq!(state["parent"], 3);
		assert_eq!(state["fault"], Value::Null);
	}

	#[test]
	fn news_are_a_job_and_its_block() {
		let block = Head { hash: H256::repeat_byte(9), height: 12, finalised: true };
		let json = to_value(JobNews::new(7, Some(settled().into()), block)).expect("serialises");
		assert_eq!(json["id"], 7);
		assert_eq!(json["state"]["name"], "Settled");
		let hash = format!("0x{}", "09".repeat(32));
		assert_eq!(json["block"], json!({ "hash": hash, "height": 12, "finalised": true }));

		let json = to_value(JobNews::new(7, None, block)).expect("serialises");
		assert_eq!(json["id"], 7);
		assert_eq!(json["state"], json!({ "name": "Gone" }));
		assert_eq!(json["block"]["height"], 12);
	}
}
