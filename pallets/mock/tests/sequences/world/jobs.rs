// SPDX-License-Identifier: Apache-2.0
//! Steps of jobs.

use super::{now, unit, JobsOf, World};
use crate::{
	cast::cast,
	steps::{Show, Step},
};
use calor_mock::*;
use calor_primitives::{
	job::{InputFault, JobRecord, JobState},
	traits::Collateral,
	AccountId, JobId, H256,
};
use frame_support::dispatch::DispatchResult;

impl World {
	pub(super) fn act_on_job(&mut self, step: &Step) -> DispatchResult {
		match step.clone() {
			Step::Cancel { job, by: who } => {
				let job = self.job(job);
				let record = JobsOf::get(job);
				let client = record.as_ref().map(|record| record.client.clone());
				let signer = match who {
					Some(who) => Self::actor(who).clone(),
					None => client.clone().unwrap_or_else(|| cast().clients[0].clone()),
				};
				let bound = |record: &JobRecord| {
					matches!(record.state, JobState::Committed { .. } | JobState::Revealed { .. })
				};
				let open = record.is_some_and(|record| {
					record.state.is_open()
						&& !bound(&record) && !Self::siblings(&record).any(|r| bound(&r))
				});
				let must = open && client.as_ref() == Some(&signer);
				let done = self.try_to(must, || {
					Jobs::cancel(by(&signer), job).map(|_| ()).map_err(|refused| refused.error)
				});
				assert_eq!(done.is_ok(), must, "a client alone cancels, and before the result");
				done
			},
			Step::Accept { job, by: who } => {
				let job = self.job(job);
				let (signer, right) = self.signer(job, who);
				let state = JobsOf::get(job).map(|record| record.state);
				let must = right
					&& matches!(state, Some(JobState::Assigned { accept_by, .. }) if now() <= accept_by);
				let done = self.try_to(must, || Jobs::accept(by(&signer), job));
				assert_eq!(done.is_ok(), must, "the worker alone accepts, and in time");
				done
			},
			Step::Decline { job, by: who, fault } => {
				let job = self.job(job);
				let (signer, right) = self.signer(job, who);
				let fault = [InputFault::Missing, InputFault::WrongSize, InputFault::WrongRoot]
					[fault as usize];
				let done = self.may(|| Jobs::decline(by(&signer), job, fault));
				assert!(right || done.is_err(), "somebody else declined");
				done
			},
			Step::Commit { job, by: who, garbage } => {
				let job = self.job(job);
				let (signer, right) = self.signer(job, who);
				let hash = match garbage {
					true => H256::repeat_byte(66),
					false => Self::opening(job, &signer),
				};
				let state = JobsOf::get(job).map(|record| record.state);
				let must = right
					&& matches!(state, Some(JobState::Running { late_by, .. }) if now() <= late_by);
				let done = self.try_to(must, || Verification::commit(by(&signer), job, hash));
				assert_eq!(done.is_ok(), must, "the worker alone commits, and in time");
				done
			},
			Step::Reveal { job, by: who, show } => {
				let job = self.job(job);
				let (signer, right) = self.signer(job, who);
				let (salt, roots) = match show {
					Show::Right => (SALT, RESULT.to_vec()),
					Show::WrongSalt => ([8; 32], RESULT.to_vec()),
					Show::WrongRoots => (SALT, vec![H256::repeat_byte(4)]),
					Show::TooManyRoots => (SALT, [RESULT, RESULT].concat()),
				};
				let roots = roots.try_into().expect("few");
				let done = self.may(|| Verification::reveal(by(&signer), job, salt, roots));
				let shown = right && matches!(show, Show::Right);
				assert!(shown || done.is_err(), "what was not committed was shown");
				done
			},
			Step::Expire { job, by: who } => {
				let job = self.job(job);
				self.expire(job, &Self::actor(who).clone())
			},
			Step::ExpireAll => {
				let mut jobs: Vec<JobId> = JobsOf::iter_keys().collect();
				jobs.sort_unstable();
				for job in jobs {
					let _ = self.expire(job, &cast().actors[4]);
				}
				Ok(())
			},
			_ => unreachable!(),
		}
	}

	/// All that run the same as a job, if it is one of several.
	fn siblings(record: &JobRecord) -> impl Iterator<Item = JobRecord> {
		let first = record.replica_of;
		JobsOf::iter_values().filter(move |other| first.is_some() && other.replica_of == first)
	}

	/// Whether another that runs the same has ended without a result.
	fn has_fallen(record: &JobRecord) -> bool {
		let set = record.replica_of.and_then(pallet_jobs::Replicas::<Runtime>::get);
		set.is_some_and(|set| matches!(set.stage, pallet_jobs::ReplicaStage::Fallen(_)))
	}

	/// Whoever wants to moves a job on that is due.
	fn expire(&mut self, job: JobId, who: &AccountId) -> DispatchResult {
		let record = JobsOf::get(job);
		let due = record.as_ref().is_some_and(|record| {
			let unbacked = record.state.provider().is_some_and(Stake::is_excluded);
			let needed = !record.state.is_open() && record.children > 0;
			let lost = record.state.is_open() && (unbacked || Self::has_fallen(record));
			!needed && (now() >= record.state.due() || lost)
		});
		let done = self.try_to(due, || unit(Jobs::expire(by(who), job)));
		assert_eq!(done.is_ok(), due, "what is due can be moved on, and nothing else");
		done
	}
}
