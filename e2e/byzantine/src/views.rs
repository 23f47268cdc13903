// SPDX-License-Identifier: Apache-2.0
//! What a cheat reads of the chain beside what every worker does.

use calor_client::{runtime::runtime_apis, AccountId32, View};
use calor_primitives::runtime_api as api;

pub use calor_primitives::dispute::{Answer, AuditState, DisputeView, Question};

/// How the result of a job is checked.
///
/// # Errors
/// If the node does not answer.
pub async fn dispute(view: &View, job: u64) -> anyhow::Result<Option<DisputeView>> {
	let call = runtime_apis().verification_api().dispute(job);
	Ok(view.at().runtime_apis().call(call).await?.map(|found| found.0))
}

/// What a provider is to prove now.
///
/// # Errors
/// As [`dispute`].
pub async fn challenge(
	view: &View,
	owner: &AccountId32,
) -> anyhow::Result<Option<api::CapacityChallenge>> {
	let call = runtime_apis().capacity_api().challenge(*owner);
	Ok(view.at().runtime_apis().call(call).await?.map(|found| found.0))
}

/// How far a proof of capacity is.
///
/// # Errors
/// As [`dispute`].
pub async fn capacity_proof(view: &View, job: u64) -> anyhow::Result<Option<api::CapacityView>> {
	let call = runtime_apis().capacity_api().capacity_proof(job);
	Ok(view.at().runtime_apis().call(call).await?.map(|found| found.0))
}
