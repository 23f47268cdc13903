// SPDX-License-Identifier: Apache-2.0
//! Reading how results are checked: disputes, auditors, proofs of capacity.

use crate::{
	chain::in_time,
	dispute::{AuditorView, DisputeView},
	runtime::{self, runtime_types::pallet_capacity::types::ProofState},
	types::{BlockNumber, JobId},
	AccountId32, Error, View, H256,
};
use calor_primitives::runtime_api::{CapacityChallenge, CapacityView};

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
		let (what, storage) = ("a proof of capacity", self.at().storage());
		let address = runtime::storage().capacity().proofs();
		let found = in_time(what, storage.try_fetch(address, (job,))).await?;
		let Some(found) = found else { return Ok(None) };
		let found = found.decode().map_err(|e| Error::node(what, e))?;
		let address = runtime::storage().verification().results();
		let result = in_time(what, storage.try_fetch(address, (job,))).await?;
		let result = result.map(|value| value.decode().map_err(|e| Error::node(what, e)));
		let (reveal, settles_at) = match found.state {
			ProofState::Committed { from, by } => (Some((from, by)), None),
			ProofState::Revealed { settles_at } => (None, Some(settles_at)),
		};
		let commitment = result.transpose()?.map(|result| result.commitment);
		Ok(Some(ProofStanding { provider: found.provider, commitment, reveal, settles_at }))
	}

	/// How a result is checked, as long as the chain has a commitment to it; proofs of capacity too.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn dispute(&self, job: JobId) -> Result<Option<DisputeView>, Error> {
		let call = runtime::runtime_apis().verification_api().dispute(job);
		Ok(self.ask("a dispute", call).await?.map(|found| found.0))
	}

	/// Jobs with a commitment of that height that have not been revealed, or are open to challenge.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn committed_at(&self, height: BlockNumber) -> Result<Vec<JobId>, Error> {
		let call = runtime::runtime_apis().verification_api().committed_at(height);
		self.ask("commitments", call).await
	}

	/// An enrolled auditor, by its owner account.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn auditor(&self, owner: &AccountId32) -> Result<Option<AuditorView>, Error> {
		let call = runtime::runtime_apis().verification_api().auditor(*owner);
		Ok(self.ask("an auditor", call).await?.map(|found| found.0))
	}

	/// The randomness by which auditors of results that were committed to in the block before are drawn.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn seed(&self, height: BlockNumber) -> Result<Option<H256>, Error> {
		self.ask("a seed", runtime::runtime_apis().verification_api().seed(height)).await
	}

	/// The proof to which a prover is bound about the result that was committed to at that height, and since when.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn announced(
		&self,
		job: JobId,
		committed_at: BlockNumber,
		prover: &AccountId32,
	) -> Result<Option<(H256, BlockNumber)>, Error> {
		let what = "an announced proof";
		let address = runtime::storage().verification().announced();
		let storage = self.at().storage();
		let key = ((job, committed_at), *prover);
		let found = in_time(what, storage.try_fetch(address, key)).await?;
		let found = found.map(|value| value.decode().map_err(|e| Error::node(what, e)));
		Ok(found.transpose()?.map(|found| (found.hash, found.at)))
	}

	/// What a provider is to prove now, if it is.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn challenge(&self, owner: &AccountId32) -> Result<Option<CapacityChallenge>, Error> {
		let call = runtime::runtime_apis().capacity_api().challenge(*owner);
		Ok(self.ask("a challenge", call).await?.map(|found| found.0))
	}

	/// What a proof of capacity runs on what.
	///
	/// # Errors
	/// If the node does not answer.
	pub async fn capacity_proof(&self, job: JobId) -> Result<Option<CapacityView>, Error> {
		let call = runtime::runtime_apis().capacity_api().capacity_proof(job);
		Ok(self.ask("a proof of capacity", call).await?.map(|found| found.0))
	}
}
