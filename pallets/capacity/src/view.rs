// SPDX-License-Identifier: Apache-2.0
//! What workers and auditors ask.

use crate::{
	job_of,
	lifecycle::{challenge_for, shows},
	Config, Pallet, ProofState, Proofs,
};
use calor_primitives::{
	now,
	runtime_api::{CapacityChallenge, CapacityView},
	traits::{Assign, Evidence, Proving},
	AccountId, JobId,
};
use calor_tensor::benchmark::{inputs, program};
use codec::Encode;

impl<T: Config> Pallet<T> {
	/// What a provider is to prove now.
	pub(crate) fn challenge_of(owner: &AccountId) -> Option<CapacityChallenge> {
		let worker = T::Providers::worker_of(owner)?;
		let (_, seat, round) = Self::called(&worker)?;
		if now::<T>() > round.by {
			return None;
		}
		let (_, claimed) = T::Providers::claimed(owner)?;
		let params = challenge_for(&claimed, round.seconds);
		Some(CapacityChallenge {
			round: round.number,
			job: job_of(round.number, seat.index),
			code: program(&params).encode(),
			operands: inputs(round.seed.as_fixed_bytes(), owner.as_ref(), &params),
			mac_per_second: shows(&claimed, params.mac(), round.seconds),
			by: round.by,
			committed: seat.committed == round.number,
		})
	}

	/// What a proof runs on what, and how far it is.
	pub(crate) fn proof_view(job: JobId) -> Option<CapacityView> {
		let record = Proofs::<T>::get(job)?;
		let (commitment, output_roots) = T::Evidence::of(job);
		let (reveal, settles_at) = match record.state {
			ProofState::Committed { from, by } => (Some((from, by)), None),
			ProofState::Revealed { settles_at } => (None, Some(settles_at)),
		};
		Some(CapacityView {
			endpoint: T::Providers::endpoint(&record.provider),
			code: program(&record.params()).encode(),
			operands: record.inputs(),
			mac: record.mac,
			commitment,
			output_roots,
			reveal,
			settles_at,
			provider: record.provider,
		})
	}
}
