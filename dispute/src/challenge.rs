// SPDX-License-Identifier: Apache-2.0
//! Leads a worker that lied to its proof, from question to question.
//!
//! It follows the best head, so that no block is lost, and does at each what [`decide`] says. Whatever it sent is looked up
//! in the state again. It ends by what is final alone: a best block may be abandoned, and a node be behind. That the chain
//! cannot be read for a while does not end it.

use crate::{
	answers,
	ending::Watch,
	follow::Follow,
	step::{decide, demanded, Step},
	Ended, Error, Subject,
};
use blake2::{digest::consts::U32, Blake2b, Digest};
use calor_client::{
	calls,
	dispute::{proof_commitment, DisputeView, Question},
	submit::Included,
	types::{BlockNumber, JobId},
	Chain, Inclusion, Payload, SubmitError, Submitter, View, H256,
};
use calor_cpu::Engine;
use calor_tensor::proof::FraudProof;
use calor_verify::{Claimed, Finding, Run};
use codec::Encode;
use std::{sync::Arc, time::Duration};
use tokio::task::block_in_place;

/// Pause after the chain could not be read.
const PAUSE: Duration = Duration::from_secs(2);
/// So many failures of transactions one after another are too many.
const MAX_FAILURES: u32 = 6;
/// Blocks that a transaction of unknown fate is given to appear.
const LOST: BlockNumber = 4;

/// How a challenge ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
	/// Nothing that was shown is wrong.
	Right,
	/// The chain has seen that the result is wrong.
	Proved {
		/// Height of the proof.
		block: BlockNumber,
	},
	/// A question was not answered in time, which is a fault as well.
	Unanswered {
		/// The question.
		question: Question,
		/// Height of the report.
		block: BlockNumber,
	},
	/// It was over before, in which way the finalised chain says.
	Over(Ended),
	/// The trace could no longer be asked for.
	TooLate,
}

/// A proof to which we are bound.
struct Bound {
	proof: Box<FraudProof>,
	salt: [u8; 32],
	/// Height of the commitment.
	at: BlockNumber,
}

/// A challenge to one result.
pub struct Challenge {
	chain: Arc<Chain>,
	submitter: Arc<Submitter>,
	engine: Arc<Engine>,
	subject: Subject,
	run: Run,
	claimed: Claimed,
	/// Questions whose answers are in `claimed`.
	read: Vec<(Question, BlockNumber)>,
	/// Knows whether it is over.
	watch: Watch,
	bound: Option<Bound>,
	/// What convicts the worker once the block is final that it is in.
	won: Option<(Outcome, Included)>,
	/// Nothing is sent before that height: what was sent is not in the state yet.
	held: BlockNumber,
	failures: u32,
}

impl Challenge {
	/// A challenge to what `subject` claims, which ought to be `run`.
	pub fn new(
		chain: Arc<Chain>,
		submitter: Arc<Submitter>,
		engine: Arc<Engine>,
		subject: Subject,
		run: Run,
	) -> Self {
		let (claimed, watch) = (subject.claimed(), Watch::new(&subject));
		Self {
			chain,
			submitter,
			engine,
			subject,
			run,
			claimed,
			read: Vec::new(),
			watch,
			bound: None,
			won: None,
			held: 0,
			failures: 0,
		}
	}

	/// Carries it through to its end.
	///
	/// # Errors
	/// If a node is on another chain, the program cannot be run, or transactions fail again and again.
	pub async fn pursue(mut self) -> Result<Outcome, Error> {
		let mut heads = Follow::new(self.chain.clone());
		loop {
			let view = heads.next().await?;
			let ended = match self.won {
				Some((outcome, at)) => self.confirm(outcome, at).await,
				None => self.advance(&view).await,
			};
			match ended {
				Ok(Some(outcome)) => {
					if matches!(outcome, Outcome::Over(_)) {
						self.withdraw().await;
					}
					return Ok(outcome);
				},
				Ok(None) => {},
				Err(error) if error.passes() => {
					tracing::warn!(job_id = self.subject.job, "{error}; going on");
					tokio::time::sleep(PAUSE).await;
				},
				Err(error) => return Err(error),
			}
		}
	}

	/// Does what can be done at this block; gives how it ended if it has.
	async fn advance(&mut self, view: &View) -> Result<Option<Outcome>, Error> {
		let now = view.height();
		let Some(dispute) = self.watch.open(view).await? else {
			let view = self.chain.finalised().await?;
			return Ok(self.watch.ended(&view).await?.map(Outcome::Over));
		};
		if now < self.held {
			return Ok(None);
		}
		let shown = self.claimed.known().trace.map(H256);
		if shown.is_some() && shown != dispute.trace {
			// What was read stood in a block that was abandoned.
			self.claimed = self.subject.claimed();
			self.read.clear();
		}
		if shown.is_none()
			&& dispute.trace.is_some()
			&& !self.read(&dispute, Question::Trace).await?
		{
			return Ok(None);
		}
		if self.bound.is_some() {
			let prover = self.submitter.account();
			let announced = view.announced(self.subject.job, dispute.committed_at, &prover).await?;
			// Gone with a block that was abandoned: it is announced again.
			self.bound = self.bound.take().filter(|_| announced.is_some());
		}
		loop {
			let finding = match &self.bound {
				Some(bound) => Finding::Proof((*bound.proof).clone()),
				None => block_in_place(|| self.run.next(&self.claimed))?,
			};
			let bound = self.bound.as_ref().map(|bound| bound.at);
			match decide(finding, &dispute, bound, now) {
				Step::Wait => return Ok(None),
				Step::Agree => return Ok(Some(Outcome::Right)),
				Step::TooLate => return self.too_late().await,
				Step::Read(question, _) => {
					if !self.read(&dispute, question).await? {
						return Ok(None);
					}
				},
				Step::Recompute(tensors) => {
					block_in_place(|| self.run.hold(&*self.engine, &tensors))?;
				},
				Step::Ask(question, shown) => {
					tracing::info!(job_id = self.subject.job, ?question, "asking");
					let call = calls::demand(self.subject.job, question, shown);
					self.send("a question", &call, now).await?;
					return Ok(None);
				},
				Step::Report(question) => {
					let call = calls::report_silence(self.subject.job, question);
					let sent = self.send("the report of a silence", &call, now).await?;
					self.won =
						sent.map(|at| (Outcome::Unanswered { question, block: at.height }, at));
					return Ok(None);
				},
				Step::Bind(proof) => {
					self.bind(view, proof, now).await?;
					return Ok(None);
				},
				Step::Prove(proof) => {
					let salt = self.bound.as_ref().map_or([0; 32], |bound| bound.salt);
					tracing::info!(
						job_id = self.subject.job,
						op = proof.op,
						tile = proof.tile,
						bytes = proof.bytes(),
						"proving"
					);
					let call = calls::prove_fraud(self.subject.job, salt, *proof);
					let sent = self.send("the proof", &call, now).await?;
					self.won = sent.map(|at| (Outcome::Proved { block: at.height }, at));
					return Ok(None);
				},
			}
		}
	}

	/// Reads the answer to a question from its block; whether it was there.
	async fn read(&mut self, dispute: &DisputeView, question: Question) -> Result<bool, Error> {
		let Some(height) = demanded(dispute, question).and_then(|demand| demand.answered) else {
			return Ok(false);
		};
		let Some(extrinsics) = self.chain.extrinsics(height).await? else { return Ok(false) };
		let program = self.subject.program.clone();
		let mut claimed = None;
		answers::find(&extrinsics, self.subject.job, question, |answer| {
			let mut with = self.claimed.clone();
			let right = with.take(&program, question, answer).is_ok()
				&& (question != Question::Trace || with.known().trace.map(H256) == dispute.trace);
			claimed = right.then_some(with);
			right
		});
		let Some(claimed) = claimed else {
			tracing::debug!(
				job_id = self.subject.job,
				?question,
				height,
				"no answer in this block"
			);
			return Ok(false);
		};
		tracing::info!(job_id = self.subject.job, ?question, height, "answered");
		self.claimed = claimed;
		self.read.push((question, height));
		Ok(true)
	}

	/// Binds to a proof on chain, unless that was done before a restart.
	async fn bind(
		&mut self,
		view: &View,
		proof: Box<FraudProof>,
		now: BlockNumber,
	) -> Result<(), Error> {
		let prover = self.submitter.account();
		let salt = salt(&prover.0, self.subject.job, &proof);
		let hash = blake2_256(&proof.encode());
		let job = self.subject.job;
		let hash =
			proof_commitment(&self.chain.genesis(), job, &prover.0.into(), &salt, &H256(hash));
		let committed_at = self.watch.committed_at().unwrap_or_default();
		let at = match view.announced(job, committed_at, &prover).await? {
			Some((bound, at)) if bound == hash => Some(at),
			Some(_) => {
				let why = "another proof was announced with this key, and not shown";
				return Err(Error::NotThere(why.to_string()));
			},
			None => {
				let call = calls::commit_proof(job, hash);
				let sent = self.send("the commitment to a proof", &call, now).await?;
				sent.map(|included| included.height)
			},
		};
		if let Some(at) = at {
			tracing::info!(job_id = job, block = at, "bound to a proof");
			self.bound = Some(Bound { proof, salt, at });
		}
		Ok(())
	}

	/// What was won in that block, once it is final; `None` until then, and if it was abandoned.
	async fn confirm(&mut self, outcome: Outcome, at: Included) -> Result<Option<Outcome>, Error> {
		let view = self.chain.finalised().await?;
		if view.height() < at.height {
			return Ok(None);
		}
		let Some(hash) = self.chain.hash_of(at.height).await? else { return Ok(None) };
		if hash == at.block || self.watch.ended(&view).await? == Some(Ended::Convicted) {
			return Ok(Some(outcome));
		}
		tracing::warn!(job_id = self.subject.job, block = at.height, "abandoned; going on");
		self.won = None;
		Ok(None)
	}

	/// Ends it if the trace can no longer be asked for at the finalised block either.
	async fn too_late(&mut self) -> Result<Option<Outcome>, Error> {
		let view = self.chain.finalised().await?;
		let Some(dispute) = self.watch.open(&view).await? else { return Ok(None) };
		let trace = Finding::Ask(Question::Trace, None);
		let late = decide(trace, &dispute, None, view.height()) == Step::TooLate;
		Ok(late.then_some(Outcome::TooLate))
	}

	/// Takes the deposit of a proof back that was not needed any more.
	async fn withdraw(&mut self) {
		if self.bound.take().is_some() {
			let call = calls::withdraw_proof(self.subject.job);
			if let Err(error) = self.submitter.submit(&call, Inclusion::Best).await {
				tracing::warn!(
					job_id = self.subject.job,
					"the deposit of the proof is not back: {error}"
				);
			}
		}
	}

	/// Sends a transaction; `None` if it is not known to have succeeded, and to be looked up in the state.
	async fn send<C: Payload>(
		&mut self,
		what: &'static str,
		call: &C,
		now: BlockNumber,
	) -> Result<Option<Included>, Error> {
		match self.submitter.submit(call, Inclusion::Best).await {
			Ok(included) => {
				self.failures = 0;
				self.held = included.height;
				Ok(Some(included))
			},
			Err(source) => {
				tracing::warn!(job_id = self.subject.job, "{what} was not accepted: {source}");
				// A chain that cannot be read says nothing about the transaction.
				if !matches!(source, SubmitError::Chain(_)) {
					self.failures = self.failures.saturating_add(1);
				}
				if self.failures >= MAX_FAILURES {
					return Err(Error::Refused { what, source });
				}
				self.held = match source {
					SubmitError::Refused { height, .. } => height,
					_ => now.saturating_add(LOST),
				};
				Ok(None)
			},
		}
	}
}

/// The salt of a commitment to a proof: the same after a restart, so that what was bound can be shown. It hides nothing that
/// another prover could use, who is bound by its own name.
fn salt(prover: &[u8; 32], job: JobId, proof: &FraudProof) -> [u8; 32] {
	blake2_256(&(b"calor/proof-salt/1", prover, job, blake2_256(&proof.encode())).encode())
}

fn blake2_256(bytes: &[u8]) -> [u8; 32] {
	Blake2b::<U32>::digest(bytes).into()
}
