// SPDX-License-Identifier: Apache-2.0
//! Bodies to come.
use crate::{Config, Pallet};
use alloc::vec::Vec;
use calor_primitives::{
	dispute::{Answer, AuditorView, DisputeView, Question, Shown},
	job::OutputRoots,
	lottery::Ticket,
	traits::{Evidence, Invariants, Verdict},
	AccountId, Balance, BlockNumber, JobId, H256,
};
use calor_tensor::proof::FraudProof;
use frame_support::{
	dispatch::{DispatchResult, DispatchResultWithPostInfo},
	weights::{Weight, WeightMeter},
};
use sp_runtime::DispatchError::Unavailable;

#[allow(unused_variables, reason = "surface")]
impl<T: Config> Pallet<T> {
	pub(crate) fn do_commit(worker: AccountId, job: JobId, hash: H256) -> DispatchResult {
		Err(Unavailable)
	}
	pub(crate) fn do_reveal(
		worker: AccountId,
		job: JobId,
		salt: [u8; 32],
		output_roots: OutputRoots,
	) -> DispatchResult {
		Err(Unavailable)
	}
	pub(crate) fn do_enrol(who: AccountId, on: bool) -> DispatchResult {
		Err(Unavailable)
	}
	pub(crate) fn do_claim_audit(who: AccountId, job: JobId, ticket: Ticket) -> DispatchResult {
		Err(Unavailable)
	}
	pub(crate) fn do_audit_commit(who: AccountId, job: JobId, hash: H256) -> DispatchResult {
		Err(Unavailable)
	}
	pub(crate) fn do_audit_reveal(
		worker: AccountId,
		job: JobId,
		salt: [u8; 32],
		output_roots: OutputRoots,
	) -> DispatchResult {
		Err(Unavailable)
	}
	pub(crate) fn do_demand(
		who: AccountId,
		job: JobId,
		q: Question,
		s: Option<Shown>,
	) -> DispatchResultWithPostInfo {
		Err(Unavailable.into())
	}
	pub(crate) fn do_answer(
		who: AccountId,
		job: JobId,
		q: Question,
		s: Answer,
	) -> DispatchResultWithPostInfo {
		Err(Unavailable.into())
	}
	pub(crate) fn do_report_silence(job: JobId, q: Question) -> DispatchResult {
		Err(Unavailable)
	}
	pub(crate) fn do_commit_proof(who: AccountId, job: JobId, hash: H256) -> DispatchResult {
		Err(Unavailable)
	}
	pub(crate) fn do_prove_fraud(
		who: AccountId,
		job: JobId,
		salt: [u8; 32],
		proof: FraudProof,
	) -> DispatchResultWithPostInfo {
		Err(Unavailable.into())
	}
	pub(crate) fn do_withdraw_proof(who: AccountId, job: JobId) -> DispatchResult {
		Err(Unavailable)
	}
	pub(crate) fn do_draw_auditor(job: JobId) -> DispatchResult {
		Err(Unavailable)
	}
	pub(crate) fn most_demand() -> Weight {
		Weight::zero()
	}
	pub(crate) fn most_answer(bytes: u32) -> Weight {
		Weight::zero()
	}
	pub(crate) fn most_proof(bytes: u64) -> Weight {
		Weight::zero()
	}
	pub(crate) fn note_seed() {}
	pub(crate) fn make_round() -> Weight {
		Weight::zero()
	}
	pub(crate) fn drawings_weight() -> Weight {
		Weight::zero()
	}
	pub(crate) fn sweep_agenda(meter: &mut WeightMeter) {}
	pub(crate) fn clear_remains(meter: &mut WeightMeter) {}
	/// How a result is checked.
	pub fn dispute(job: JobId) -> Option<DisputeView> {
		None
	}
	/// What is checked by the height of its commit.
	pub fn committed_at(height: BlockNumber) -> Vec<JobId> {
		Vec::new()
	}
	/// An enrolled auditor.
	pub fn auditor(owner: AccountId) -> Option<AuditorView> {
		None
	}
	/// Randomness of a height.
	pub fn seed(height: BlockNumber) -> Option<H256> {
		None
	}
}
#[allow(unused_variables, reason = "surface")]
impl<T: Config> Evidence for Pallet<T> {
	fn of(job: JobId) -> (Option<H256>, Vec<H256>) {
		Default::default()
	}
	fn verdict(job: JobId) -> Verdict {
		Verdict::Upheld
	}
	fn settled(job: JobId) {}
	fn closed(job: JobId) {}
	fn discard(job: JobId) {}
	fn lost(provider: &AccountId, job: JobId) {}
	fn auditors() -> u32 {
		0
	}
	fn earmarks() -> Vec<(AccountId, JobId, Balance)> {
		Vec::new()
	}
	fn weight() -> Weight {
		Weight::zero()
	}
}
impl<T: Config> Invariants for Pallet<T> {
	fn check() -> Result<(), &'static str> {
		Ok(())
	}
}
