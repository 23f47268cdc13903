// SPDX-License-Identifier: Apache-2.0
//! The calls of verification.

use crate::{
	dispute::{Answer, Question, Shown},
	lottery::Lot,
	runtime,
	types::{BoundedVec, JobId},
	H256,
};
use calor_tensor::proof::FraudProof;
use subxt::{tx::Payload, utils::Static};

/// Enrols among the auditors, or leaves them.
pub fn enrol(on: bool) -> impl Payload {
	runtime::tx().verification().enrol(on)
}

/// Claims the audit of a result with a winning lot.
pub fn claim_audit(job: JobId, lot: &Lot) -> impl Payload {
	runtime::tx().verification().claim_audit(job, Static(lot.ticket))
}

/// Binds an auditor to its own result.
pub fn audit_commit(job: JobId, commitment: H256) -> impl Payload {
	runtime::tx().verification().audit_commit(job, commitment)
}

/// Shows an auditor's own result.
pub fn audit_reveal(job: JobId, salt: [u8; 32], output_roots: Vec<H256>) -> impl Payload {
	runtime::tx().verification().audit_reveal(job, salt, BoundedVec(output_roots))
}

/// Asks a question about a result.
pub fn demand(job: JobId, question: Question, shown: Option<Shown>) -> impl Payload {
	runtime::tx().verification().demand(job, Static(question), shown.map(Static))
}

/// Answers a question.
pub fn answer(job: JobId, question: Question, answer: Answer) -> impl Payload {
	runtime::tx().verification().answer(job, Static(question), Static(answer))
}

/// Reports a question that was not answered in time.
pub fn report_silence(job: JobId, question: Question) -> impl Payload {
	runtime::tx().verification().report_silence(job, Static(question))
}

/// Binds a prover to a proof that it will show.
pub fn commit_proof(job: JobId, hash: H256) -> impl Payload {
	runtime::tx().verification().commit_proof(job, hash)
}

/// Shows a proof.
pub fn prove_fraud(job: JobId, salt: [u8; 32], proof: FraudProof) -> impl Payload {
	runtime::tx().verification().prove_fraud(job, salt, Static(proof))
}

/// Takes the deposit of a proof back.
pub fn withdraw_proof(job: JobId) -> impl Payload {
	runtime::tx().verification().withdraw_proof(job)
}
