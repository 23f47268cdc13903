// SPDX-License-Identifier: Apache-2.0
//! Moves jobs on where blocks have room: those that are overdue, those whose parents got somewhere, and those whose
//! provider's stake was forfeited.
//!
//! A job stands on the agenda once, at a height that is never later than it is due. Entering a state with a later deadline
//! leaves the entry where it is; when it comes up too early it is put to where it belongs. So a job that is quick costs the
//! agenda little.

use crate::{
	matching::SWEEP, Agenda, Config, Forfeited, Jobs, Overdue, Pallet, SweptTo, WeightInfo,
};
use calor_primitives::{
	assurance::MAX_REPLICAS,
	job::{JobRecord, JobState},
	now,
	sweep::sweep,
	traits::{Collateral, Evidence},
	AccountId, JobId,
};
use calor_tensor::program::MAX_INPUTS;
use frame_support::{
	defensive,
	storage::with_storage_layer,
	traits::Get,
	weights::{Weight, WeightMeter},
};
use sp_runtime::DispatchError;

/// Jobs of a forfeited provider that are read at once.
const AT_ONCE: u32 = 64;

impl<T: Config> Pallet<T> {
	/// Gives a job another state and keeps the agenda in step: the only place that does. The caller stores the record.
	pub(crate) fn enter(id: JobId, record: &mut JobRecord, state: JobState) {
		let due = state.due();
		// An entry at a height that has been seen to would never come up again.
		if record.alarm.is_none_or(|alarm| alarm > due || alarm <= now::<T>()) {
			Self::set_alarm(id, record, Some(due));
		}
		record.state = state;
	}

	/// Moves the entry of a job on the agenda. The caller stores the record.
	pub(crate) fn set_alarm(id: JobId, record: &mut JobRecord, at: Option<u32>) {
		if let Some(old) = record.alarm {
			Agenda::<T>::remove(old, id);
		}
		if let Some(at) = at {
			Agenda::<T>::insert(at, id, ());
		}
		record.alarm = at;
	}

	/// Weight of what the end of a job is to so many parents.
	fn orphan_weight(parents: u32) -> Weight {
		match parents {
			0 => Weight::zero(),
			some => T::WeightInfo::orphan(some),
		}
	}

	/// The same for the most parents that a job can have.
	pub(crate) fn orphan_all() -> Weight {
		Self::orphan_weight(MAX_INPUTS as u32)
	}

	/// Most weight of what verification does when a job ends.
	fn with_evidence(weight: Weight) -> Weight {
		weight.saturating_add(T::Evidence::weight())
	}

	/// Most weight of the end of a challenge window: several that run the same are paid at once.
	fn judge_weight(runs: u8, parents: Weight) -> Weight {
		let ends = T::WeightInfo::settle().max(T::WeightInfo::convict()).saturating_add(parents);
		let all = Self::with_evidence(ends).saturating_mul(runs.into());
		all.saturating_add(T::WeightInfo::siblings())
	}

	/// Most weight of one step.
	pub(crate) fn dearest_step() -> Weight {
		let ends = Self::with_evidence(T::WeightInfo::expire_failed());
		let ends = ends.max(Self::overdue_step()).saturating_add(Self::orphan_all());
		ends.max(Self::judge_weight(MAX_REPLICAS, Self::orphan_all()))
			.max(Self::close_replica_weight())
			.max(T::WeightInfo::expire_waiting())
			.max(Self::with_evidence(T::WeightInfo::drop_record()))
	}

	/// Most weight of cancelling jobs whose providers were too late.
	pub(crate) fn cancel_late() -> Weight {
		let ends = T::WeightInfo::expire_failed().saturating_add(Self::orphan_all());
		let one = T::WeightInfo::cancel().saturating_add(Self::orphan_all()).saturating_add(ends);
		one.saturating_mul(MAX_REPLICAS.into()).saturating_add(T::WeightInfo::siblings())
	}

	/// Most weight of the step that moves a job on from this state.
	pub(crate) fn step_weight(id: JobId, record: &JobRecord) -> Weight {
		let parents = Self::orphan_weight(record.parents.len() as u32);
		let step = match record.state {
			JobState::Waiting { .. } => T::WeightInfo::expire_waiting(),
			JobState::Queued { .. } => {
				// The first step tries nobody yet.
				let tried = if Overdue::<T>::contains_key(id.to_be_bytes()) { SWEEP } else { 0 };
				let step = T::WeightInfo::expire_queued(tried).saturating_add(parents);
				step.saturating_add(T::WeightInfo::siblings())
			},
			JobState::Assigned { .. } | JobState::Running { .. } => {
				T::WeightInfo::expire_failed().saturating_add(parents)
			},
			JobState::Committed { .. } => {
				Self::with_evidence(T::WeightInfo::expire_failed().saturating_add(parents))
			},
			JobState::Revealed { .. } => {
				let runs = if record.replica_of.is_some() { MAX_REPLICAS } else { 1 };
				Self::judge_weight(runs, parents)
			},
			JobState::Settled { .. } | JobState::Closed { .. } => {
				return Self::with_evidence(T::WeightInfo::drop_record());
			},
		};
		match record.replica_of {
			Some(_) => step.max(Self::close_replica_weight()),
			None => step,
		}
	}

	/// Does all of it while `remaining` lasts. Gives the weight that it took.
	pub(crate) fn work_off(remaining: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(remaining);
		Self::close_forfeited(&mut meter);
		Self::close_fallen(&mut meter);
		Self::wake_all(&mut meter);
		// What is hopeless must not keep the rest from what is due.
		let share = meter.remaining().checked_div(4).unwrap_or_default();
		let tried = Self::try_overdue(&mut meter, share);
		Self::sweep_agenda(&mut meter);
		Self::close_fallen(&mut meter);
		// What the agenda brought about need not wait for the next block. Where a quarter is less than a step, overdue jobs
		// go on behind everything else.
		Self::wake_all(&mut meter);
		let looks = Self::look_weight().saturating_mul(2);
		let share = share.max(looks.saturating_add(Self::overdue_step()));
		Self::try_overdue(&mut meter, share.saturating_sub(tried));
		meter.consumed()
	}

	/// Weight of a look at whether there is anything to do.
	pub(crate) fn look_weight() -> Weight {
		T::WeightInfo::sweep_block()
	}

	/// Most weight of one step for an overdue job.
	fn overdue_step() -> Weight {
		let step = T::WeightInfo::expire_queued(SWEEP).saturating_add(Self::orphan_all());
		step.saturating_add(T::WeightInfo::siblings())
	}

	/// Tries the ready set for jobs whose time in the queue is over, the oldest first. Takes at most `share`, and gives what
	/// it took.
	fn try_overdue(meter: &mut WeightMeter, share: Weight) -> Weight {
		let mut part = WeightMeter::with_limit(share.min(meter.remaining()));
		if part.try_consume(Self::look_weight()).is_ok() {
			for job in Overdue::<T>::iter_keys().map(JobId::from_be_bytes) {
				if !Self::try_all_steps(job, &mut part) {
					break;
				}
			}
		}
		meter.consume(part.consumed());
		part.consumed()
	}

	/// Takes all steps of an overdue job; whether there was weight for them.
	fn try_all_steps(job: JobId, meter: &mut WeightMeter) -> bool {
		while Overdue::<T>::contains_key(job.to_be_bytes()) {
			if meter.try_consume(Self::overdue_step()).is_err() {
				return false;
			}
			if Self::in_layer(job, || Self::do_expire(job)).is_none() {
				break;
			}
		}
		true
	}

	/// Expires due jobs, oldest first.
	pub(crate) fn sweep_agenda(meter: &mut WeightMeter) {
		let swept = sweep(
			meter,
			Self::look_weight(),
			SweptTo::<T>::get,
			now::<T>(),
			Agenda::<T>::iter_key_prefix,
			Self::call_up,
		);
		if let Some(height) = swept {
			SweptTo::<T>::put(height);
		}
	}

	/// Does what an entry of the agenda stands for; whether there was weight for it.
	pub(crate) fn call_up(height: u32, job: JobId, meter: &mut WeightMeter) -> bool {
		let Some(mut record) = Jobs::<T>::get(job) else {
			defensive!("the agenda names a job that does not exist");
			Agenda::<T>::remove(height, job);
			return true;
		};
		if Self::is_held(&record) {
			if meter.try_consume(T::WeightInfo::siblings()).is_err() {
				return false;
			}
			Self::hold(job, record);
			return true;
		}
		let due = record.state.due();
		let early = due > now::<T>();
		// The last of its children puts it back.
		let needed = !record.state.is_open() && record.children > 0;
		if early || needed {
			if meter.try_consume(T::WeightInfo::rearm()).is_err() {
				return false;
			}
			Self::set_alarm(job, &mut record, early.then_some(due));
			Jobs::<T>::insert(job, record);
			return true;
		}
		let most = Self::step_weight(job, &record);
		if !meter.can_consume(most) {
			return false;
		}
		meter.consume(Self::in_layer(job, || Self::do_expire(job)).unwrap_or(most));
		true
	}

	/// A job that cannot be moved on must not stop the others: it stays as it is, and `expire` can move it once its cause
	/// is gone.
	pub(crate) fn in_layer(
		job: JobId,
		step: impl FnOnce() -> Result<Weight, DispatchError>,
	) -> Option<Weight> {
		let done = with_storage_layer(step);
		if let Err(error) = &done {
			log::error!(target: "runtime::jobs", "job {job} cannot be moved on: {error:?}");
			defensive!("a due job could not be moved on");
		}
		done.ok()
	}

	/// Closes jobs behind which no stake stands any more.
	fn close_forfeited(meter: &mut WeightMeter) {
		if meter.try_consume(Self::look_weight()).is_err() {
			return;
		}
		for provider in Forfeited::<T>::iter_keys() {
			loop {
				let jobs = T::Collateral::some_jobs_of(&provider, AT_ONCE);
				for job in &jobs {
					let most = Self::with_evidence(T::WeightInfo::close_forfeited());
					if meter.try_consume(most).is_err() {
						return;
					}
					Self::forsake(&provider, *job);
				}
				if meter.try_consume(T::WeightInfo::rearm()).is_err() {
					return;
				}
				if jobs.len() < AT_ONCE as usize {
					Forfeited::<T>::remove(&provider);
					break;
				}
			}
		}
	}
}

impl<T: Config> Pallet<T> {
	/// No stake of a provider stands behind this any more: a job of its own closes; an audit, or a proof of capacity, is
	/// for verification to drop.
	fn forsake(provider: &AccountId, job: JobId) {
		let own = Jobs::<T>::get(job).is_some_and(|record| {
			record.state.is_open() && record.state.provider() == Some(provider)
		});
		if own {
			Self::in_layer(job, || Self::do_expire(job));
		} else {
			T::Evidence::lost(provider, job);
		}
	}
}

impl<T: Config> calor_primitives::traits::OnForfeit for Pallet<T> {
	fn forfeited(provider: &AccountId) {
		if T::Collateral::has_jobs(provider) {
			Forfeited::<T>::insert(provider, ());
		}
	}

	fn weight() -> Weight {
		T::DbWeight::get().reads_writes(1, 1)
	}
}

impl<T: Config> calor_primitives::traits::Vanish for Pallet<T> {
	fn vanished(provider: &AccountId, job: JobId) {
		Self::in_layer(job, || Self::fail_vanished(provider, job).map(|()| Weight::zero()));
	}
}
