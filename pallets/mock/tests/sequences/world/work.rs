// SPDX-License-Identifier: Apache-2.0
//! What clients ask for, and what honest workers do about it.

use super::{now, unit, JobsOf, ProvidersOf, World};
use crate::{
	cast::cast,
	steps::{Ask, Habit},
};
use calor_mock::*;
use calor_primitives::{
	assurance::Assurance,
	commitment::commitment,
	explain::Why,
	job::{Input, InputFault, JobSpec, JobState, ParentStage},
	money::UNIT,
	provider::{Availability, Presence},
	tensor_ref::{TensorRef, TypeRef},
	AccountId, JobId, H256,
};

impl World {
	pub(super) fn spec(&self, ask: &Ask, in_batch: bool) -> JobSpec {
		let code = &cast().programs[ask.program as usize];
		let tensor = |ty| TensorRef {
			ty: TypeRef::try_from(ty).expect("rank at most 4"),
			root: H256::repeat_byte(7),
			uris: vec![b"http://10.0.0.2/x".to_vec().try_into().expect("short")]
				.try_into()
				.expect("one"),
		};
		let types = code.program.inputs.iter().zip(ask.parents);
		let inputs = types.map(|(ty, parent)| match parent {
			Some(position) if in_batch && position < 4 => {
				Input::OutputOfEarlier { position, index: 0, mirrors: Default::default() }
			},
			Some(job) => {
				Input::OutputOf { job: self.job(job), index: 0, mirrors: Default::default() }
			},
			None => Input::Blob(tensor(ty)),
		});
		let mac = pallet_programs::Headers::<Runtime>::get(code.id).map_or(0, |header| header.mac);
		let least = pallet_jobs::CurrentWindows::<Runtime>::get().least_delivery(mac);
		let constants: Vec<_> = code.program.constants.iter().map(tensor).collect();
		JobSpec {
			program: code.id,
			constants: constants.try_into().expect("few"),
			inputs: inputs.collect::<Vec<_>>().try_into().expect("few"),
			class: ask.class,
			max_price: if ask.stingy { 0 } else { 1_000 * UNIT },
			tip: ask.tip,
			assurance: match ask.replicas {
				0 => Assurance::Optimistic,
				n => Assurance::Replicated(n),
			},
			value_at_risk: ask.risk,
			start_on: if ask.early { ParentStage::Revealed } else { ParentStage::Settled },
			deliver_within: least.saturating_add_signed(ask.slack.into()),
			reference: ask.reference.map(H256::repeat_byte),
		}
	}

	pub(super) fn opening(job: JobId, signer: &AccountId) -> H256 {
		let genesis = calor_primitives::genesis_hash::<Runtime>();
		commitment(&genesis, job, signer, &SALT, &RESULT)
	}

	/// Whether others that run the same have not committed.
	fn is_held(job: JobId) -> bool {
		let why = Jobs::explain(job).map(|explained| explained.why);
		matches!(why, Some(Why::ReplicasOpen(_)))
	}

	/// What an honest worker does next for a job. It may always do it.
	pub(super) fn work_on(&mut self, job: JobId, until: Habit) {
		let Some(worker) = Self::right_worker(job) else { return };
		let Some(record) = JobsOf::get(job) else { return };
		let in_time = now() < record.state.due();
		match record.state {
			JobState::Assigned { .. } if until == Habit::Declines && in_time => {
				self.must(|| Jobs::decline(by(&worker), job, InputFault::Missing));
			},
			JobState::Assigned { .. } if until < Habit::Dawdles => {},
			JobState::Running { .. } if until < Habit::Withholds => {},
			JobState::Running { late_by, .. } if until == Habit::Lags && now() < late_by => {},
			JobState::Committed { .. } if until < Habit::Lags => {},
			JobState::Assigned { .. } if in_time => self.must(|| Jobs::accept(by(&worker), job)),
			JobState::Running { .. } if in_time => {
				let hash = Self::opening(job, &worker);
				self.must(|| Verification::commit(by(&worker), job, hash));
			},
			JobState::Committed { reveal_from, .. }
				if in_time && now() >= reveal_from && !Self::is_held(job) =>
			{
				let Some(result) = pallet_verification::Results::<Runtime>::get(job) else {
					panic!("job {job} is committed to nothing");
				};
				// If it is not what an honest worker would have committed to, it cannot be shown.
				let honest = result.commitment == Self::opening(job, &result.worker);
				let roots = RESULT.to_vec().try_into().expect("one");
				let shown =
					self.try_to(honest, || Verification::reveal(by(&worker), job, SALT, roots));
				assert_eq!(shown.is_ok(), honest, "only what was committed can be shown");
			},
			_ => {},
		}
	}

	/// Providers that owe signs of life give them, and those that are idle want to work again.
	pub(super) fn tend(&mut self) {
		for provider in &cast().providers {
			let Some(record) = ProvidersOf::get(&provider.owner) else { continue };
			let interval = pallet_providers::CurrentWindows::<Runtime>::get().heartbeat;
			let owed = matches!(record.presence, Presence::Watched { .. });
			if owed && now() - record.seen >= interval.div_ceil(2) {
				self.must(|| unit(Providers::heartbeat(by(&record.worker))));
			}
			if matches!(record.availability, Availability::Idle | Availability::Jailed { .. }) {
				let _ = self.may(|| Providers::set_ready(by(&provider.owner), true));
			}
		}
	}
}
