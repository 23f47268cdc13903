// SPDX-License-Identifier: Apache-2.0
//! What is checked: a job, or a proof of capacity, which is one without a client.

use crate::Error;
use calor_blobs::Fetcher;
use calor_client::{
	types::{tensor_type, uris, BlockNumber, JobId, JobState, JobView, TensorRef},
	AccountId32, View, CAPACITY_JOBS,
};
use calor_primitives::{assurance::Assurance, runtime_api::CapacityView};
use calor_tensor::{tensor_root, Hash, Tensor, TensorId, TensorType, Validated};
use calor_verify::Claimed;
use std::{collections::BTreeMap, sync::Arc};

/// How far a result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
	/// Nobody is bound to a result yet.
	Early,
	/// Its worker is bound to a result that it has not shown.
	Committed {
		/// First height for the reveal.
		reveal_from: BlockNumber,
	},
	/// It can be challenged.
	Revealed {
		/// Height at which it settles.
		settles_at: BlockNumber,
	},
	/// It has ended well, so nothing can be changed any more.
	Settled,
	/// It has ended without a result.
	Closed,
}

/// An input or a constant.
#[derive(Clone, Debug)]
pub struct Operand {
	/// Its type.
	pub ty: TensorType,
	/// Its root.
	pub root: Hash,
	/// Where it is offered.
	pub uris: Vec<String>,
	/// Its blob, if the chain itself gives it or has shown it.
	pub bytes: Option<Vec<u8>>,
}

/// A result that is checked, with what it is a result of.
#[derive(Clone, Debug)]
pub struct Subject {
	/// Its number.
	pub job: JobId,
	/// What ran, SCALE-encoded.
	pub code: Vec<u8>,
	/// What ran.
	pub program: Arc<Validated>,
	/// Its inputs, then its constants.
	pub operands: Vec<Operand>,
	/// Owner account of its worker.
	pub provider: Option<AccountId32>,
	/// Where its worker serves.
	pub endpoint: Option<String>,
	/// How it is checked.
	pub assurance: Assurance,
	/// Roots of its outputs, once revealed.
	pub output_roots: Vec<Hash>,
	/// Blobs of outputs that the chain has shown.
	pub shown: BTreeMap<TensorId, Vec<u8>>,
	/// How far it is.
	pub phase: Phase,
}

impl Subject {
	/// Reads it at a block; `None` if the chain knows no such job, or no operands of it any more.
	///
	/// # Errors
	/// If the chain cannot be read, or gives a program that is none.
	pub async fn load(view: &View, job: JobId) -> Result<Option<Self>, Error> {
		if job >= CAPACITY_JOBS {
			let found = view.capacity_proof(job).await?;
			return found.map(|found| Self::of_capacity(job, found)).transpose();
		}
		let Some(found) = view.job(job).await? else { return Ok(None) };
		let Some(code) = view.program(found.record.program).await? else { return Ok(None) };
		let program = validate(&code)?;
		let operands: Vec<Operand> = found.inputs.iter().chain(&found.constants).map(of).collect();
		if operands.len() != program.program().leaves() {
			return Ok(None);
		}
		Ok(Some(Self {
			job,
			code,
			program,
			operands,
			provider: found.record.state.provider().copied(),
			endpoint: endpoint(&found),
			assurance: assurance(&found),
			output_roots: found.output_roots.iter().map(|root| root.0).collect(),
			shown: BTreeMap::new(),
			phase: phase(&found.record.state),
		}))
	}

	fn of_capacity(job: JobId, found: CapacityView) -> Result<Self, Error> {
		let program = validate(&found.code)?;
		let types = program.program().inputs.iter().chain(&program.program().constants);
		let operands = types.zip(&found.operands).map(|(ty, bytes)| {
			let tensor =
				Tensor::from_bytes(ty.clone(), bytes).map_err(calor_verify::Error::from)?;
			let root = tensor_root(&tensor);
			Ok(Operand { ty: ty.clone(), root, uris: Vec::new(), bytes: Some(bytes.clone()) })
		});
		let operands = operands.collect::<Result<_, Error>>()?;
		let phase = phase_of(found.reveal, found.settles_at);
		Ok(Self {
			job,
			operands,
			code: found.code,
			program,
			provider: Some(AccountId32(found.provider.into())),
			endpoint: found.endpoint.and_then(|url| String::from_utf8(url).ok()),
			assurance: Assurance::Optimistic,
			output_roots: found.output_roots.iter().map(|root| root.0).collect(),
			shown: BTreeMap::new(),
			phase,
		})
	}

	/// What its worker is bound to.
	pub fn claimed(&self) -> Claimed {
		let operands = self.operands.iter().map(|operand| operand.root).collect();
		Claimed::new(operands, self.output_roots.clone())
	}

	/// Addresses of an operand: those that the job names, then its worker, which has promised to serve it.
	pub fn addresses(&self, operand: &Operand) -> Vec<String> {
		let own = self.address(&format!("blobs/{}", hex::encode(operand.root)));
		operand.uris.iter().cloned().chain(own).collect()
	}

	fn address(&self, path: &str) -> Option<String> {
		self.endpoint.as_ref().map(|url| format!("{}/{path}", url.trim_end_matches('/')))
	}

	/// Takes the blob of a tensor that the chain has shown, so that it is not fetched.
	pub fn show(&mut self, tensor: TensorId, blob: Vec<u8>) {
		match self.operands.get_mut(usize::from(tensor)) {
			Some(operand) => operand.bytes = Some(blob),
			None => {
				self.shown.insert(tensor, blob);
			},
		}
	}

	/// Its operands, from wherever they are offered.
	///
	/// # Errors
	/// [`Error::Blob`] for the first that cannot be had.
	pub async fn fetch(&self, fetcher: &Fetcher) -> Result<Vec<Tensor>, Error> {
		let mut tensors = Vec::new();
		for (tensor, operand) in (0u16..).zip(&self.operands) {
			let bytes = match &operand.bytes {
				Some(bytes) => bytes.clone(),
				None => fetcher
					.find(&operand.ty, operand.root, &self.addresses(operand))
					.await
					.map_err(|source| Error::Blob { tensor, source })?,
			};
			let tensor = Tensor::from_bytes(operand.ty.clone(), &bytes);
			tensors.push(tensor.map_err(calor_verify::Error::from)?);
		}
		Ok(tensors)
	}

	/// Its outputs as its worker serves them or the chain has shown them, once they are revealed.
	///
	/// # Errors
	/// [`Error::Blob`] for the first that cannot be had.
	pub async fn fetch_outputs(&self, fetcher: &Fetcher) -> Result<Vec<Tensor>, Error> {
		let mut tensors = Vec::new();
		let outputs = self.program.program().outputs.iter().zip(self.program.output_types());
		for (place, ((tensor, ty), root)) in outputs.zip(&self.output_roots).enumerate() {
			let uris: Vec<String> =
				self.address(&format!("outputs/{}/{place}", self.job)).into_iter().collect();
			let bytes = match self.shown.get(tensor) {
				Some(bytes) => bytes.clone(),
				None => fetcher
					.find(ty, *root, &uris)
					.await
					.map_err(|source| Error::Blob { tensor: *tensor, source })?,
			};
			tensors
				.push(Tensor::from_bytes(ty.clone(), &bytes).map_err(calor_verify::Error::from)?);
		}
		Ok(tensors)
	}
}

/// How far a result is, and the owner account of its worker; `None` if the chain knows no such job.
///
/// # Errors
/// If the chain cannot be read.
pub async fn standing(
	view: &View,
	job: JobId,
) -> Result<Option<(Phase, Option<AccountId32>)>, calor_client::Error> {
	if job >= CAPACITY_JOBS {
		let found = view.proof_standing(job).await?;
		return Ok(
			found.map(|found| (phase_of(found.reveal, found.settles_at), Some(found.provider)))
		);
	}
	let found = view.job(job).await?;
	Ok(found.map(|found| (phase(&found.record.state), found.record.state.provider().copied())))
}

/// How far a proof of capacity is.
fn phase_of(reveal: Option<(BlockNumber, BlockNumber)>, settles_at: Option<BlockNumber>) -> Phase {
	match (settles_at, reveal) {
		(Some(settles_at), _) => Phase::Revealed { settles_at },
		(None, Some((reveal_from, _))) => Phase::Committed { reveal_from },
		(None, None) => Phase::Early,
	}
}

fn validate(code: &[u8]) -> Result<Arc<Validated>, Error> {
	let program = Validated::from_bytes(code);
	let why = |e| Error::NotThere(format!("the chain gives a program that is none: {e}"));
	program.map(Arc::new).map_err(why)
}

fn of(tensor: &TensorRef) -> Operand {
	Operand { ty: tensor_type(tensor), root: tensor.root.0, uris: uris(tensor), bytes: None }
}

fn endpoint(job: &JobView) -> Option<String> {
	String::from_utf8(job.endpoint.clone()?).ok()
}

/// How a job is checked.
pub fn assurance(job: &JobView) -> Assurance {
	use calor_client::types::Assurance as OnChain;
	match job.record.assurance {
		OnChain::Optimistic => Assurance::Optimistic,
		OnChain::Audited => Assurance::Audited,
		OnChain::Replicated(n) => Assurance::Replicated(n),
	}
}

/// How far a job is.
pub fn phase(state: &JobState) -> Phase {
	match *state {
		JobState::Waiting { .. }
		| JobState::Queued { .. }
		| JobState::Assigned { .. }
		| JobState::Running { .. } => Phase::Early,
		JobState::Committed { reveal_from, .. } => Phase::Committed { reveal_from },
		JobState::Revealed { settles_at, .. } => Phase::Revealed { settles_at },
		JobState::Settled { .. } => Phase::Settled,
		JobState::Closed { .. } => Phase::Closed,
	}
}
