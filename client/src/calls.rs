// SPDX-License-Identifier: Apache-2.0
//! The calls of verification.

use crate::{
	dispute::{Answer, Question, Shown},
	lottery::Lot,
	types::JobId,
	H256,
};
use calor_tensor::proof::FraudProof;
use codec::Encode;
use subxt::{
	ext::scale_encode::{EncodeAsFields, Error, FieldIter, TypeResolver},
	tx::Payload,
};

/// INTERIM: arguments by hand.
pub struct Call {
	name: &'static str,
	args: Raw,
}

/// INTERIM.
pub struct Raw(Vec<u8>);

impl EncodeAsFields for Raw {
	fn encode_as_fields_to<R: TypeResolver>(
		&self,
		_: &mut dyn FieldIter<'_, R::TypeId>,
		_: &R,
		out: &mut Vec<u8>,
	) -> Result<(), Error> {
		out.extend_from_slice(&self.0);
		Ok(())
	}
}

impl Payload for Call {
	type CallData = Raw;
	fn pallet_name(&self) -> &str {
		"Verification"
	}
	fn call_name(&self) -> &str {
		self.name
	}
	fn call_data(&self) -> &Raw {
		&self.args
	}
}

fn call(name: &'static str, args: impl Encode) -> impl Payload {
	Call { name, args: Raw(args.encode()) }
}

/// Enrols among the auditors, or leaves them.
pub fn enrol(on: bool) -> impl Payload {
	call("enrol", on)
}

/// Claims the audit of a result with a winning lot.
pub fn claim_audit(job: JobId, lot: &Lot) -> impl Payload {
	call("claim_audit", (job, lot.ticket))
}

/// Binds an auditor to its own result.
pub fn audit_commit(job: JobId, commitment: H256) -> impl Payload {
	call("audit_commit", (job, commitment))
}

/// Shows an auditor's own result.
pub fn audit_reveal(job: JobId, salt: [u8; 32], output_roots: Vec<H256>) -> impl Payload {
	call("audit_reveal", (job, salt, output_roots))
}

/// Asks a question about a result.
pub fn demand(job: JobId, question: Question, shown: Option<Shown>) -> impl Payload {
	call("demand", (job, question, shown))
}

/// Answers a question.
pub fn answer(job: JobId, question: Question, answer: Answer) -> impl Payload {
	call("answer", (job, question, answer))
}

/// Reports a question that was not answered in time.
pub fn report_silence(job: JobId, question: Question) -> impl Payload {
	call("report_silence", (job, question))
}

/// Binds a prover to a proof that it will show.
pub fn commit_proof(job: JobId, hash: H256) -> impl Payload {
	call("commit_proof", (job, hash))
}

/// Shows a proof.
pub fn prove_fraud(job: JobId, salt: [u8; 32], proof: FraudProof) -> impl Payload {
	call("prove_fraud", (job, salt, proof))
}

/// Takes the deposit of a proof back.
pub fn withdraw_proof(job: JobId) -> impl Payload {
	call("withdraw_proof", job)
}
