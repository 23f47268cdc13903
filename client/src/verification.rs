// SPDX-License-Identifier: Apache-2.0
//! Reading how results are checked: disputes, auditors, proofs of capacity.

use crate::{
	chain::in_time,
	dispute::{AuditorView, DisputeView},
	types::{BlockNumber, JobId},
	AccountId32, Error, View, H256,
};
use calor_primitives::runtime_api::{CapacityChallenge, CapacityView};
use codec::{Decode, Encode};

/// How far a proof of capacity is, without what it runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofStanding {
	/// Owner account of the provider.
	pub provider: AccountId32,
	/// The commitment.
	pub commitment: Option<H256>,
	/// First and last height for the reveal, before it.
	pub reveal: Option<(BlockNumber, BlockNumber)>,
	/// Height at which it counts, after the reveal.
	pub settles_at: Option<BlockNumber>,
}

impl View {
	/// How far a proof of capacity is; `None` if there is none under way.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn proof_standing(&self, job: JobId) -> Result<Option<ProofStanding>, Error> {
		let found = self.capacity_proof(job).await?;
		Ok(found.map(|found| ProofStanding {
			provider: AccountId32(found.provider.into()),
			commitment: found.commitment,
			reveal: found.reveal,
			settles_at: found.settles_at,
		}))
	}

	async fn raw<T: Decode>(
		&self,
		what: &'static str,
		function: &str,
		args: impl Encode,
	) -> Result<T, Error> {
		let args = args.encode();
		let api = self.at().runtime_apis();
		let bytes = in_time(what, api.call_raw(function, Some(&args))).await?;
		T::decode(&mut &bytes[..]).map_err(|e| Error::node(what, e))
	}

	/// How a result is checked, as long as the chain has a commitment to it; proofs of capacity too.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn dispute(&self, job: JobId) -> Result<Option<DisputeView>, Error> {
		self.raw("a dispute", "VerificationApi_dispute", job).await
	}

	/// Jobs with a commitment of that height that have not been revealed, or are open to challenge.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn committed_at(&self, height: BlockNumber) -> Result<Vec<JobId>, Error> {
		self.raw("commitments", "VerificationApi_committed_at", height).await
	}

	/// An enrolled auditor, by its owner account.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn auditor(&self, owner: &AccountId32) -> Result<Option<AuditorView>, Error> {
		self.raw("an auditor", "VerificationApi_auditor", owner.0).await
	}

	/// The randomness by which auditors of results that were committed to in the block before are drawn.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn seed(&self, height: BlockNumber) -> Result<Option<H256>, Error> {
		self.raw("a seed", "VerificationApi_seed", height).await
	}

	/// What a provider is to prove now, if it is.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn challenge(&self, owner: &AccountId32) -> Result<Option<CapacityChallenge>, Error> {
		self.raw("a challenge", "CapacityApi_challenge", owner.0).await
	}

	/// What a proof of capacity runs on what.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn capacity_proof(&self, job: JobId) -> Result<Option<CapacityView>, Error> {
		self.raw("a proof of capacity", "CapacityApi_capacity_proof", job).await
	}

	/// The proof to which a prover is bound, and the height since when.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn bound_proof(
		&self,
		_job: JobId,
		_prover: &AccountId32,
	) -> Result<Option<(H256, BlockNumber)>, Error> {
		Ok(None)
	}
}
