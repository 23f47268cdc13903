// SPDX-License-Identifier: Apache-2.0
//! Jobs that run the same independently: unanimity, or everything back.
//!
//! A client that asks for `n` replicas gets `n` ordinary jobs with numbers that follow each other, each with an escrow, a
//! deposit, a queue's place and stake of its own. What binds them:
//!
//! - No two of their providers are of one owner group, nor does a group that failed one of them get another.
//! - Nobody may reveal before all have committed: until then the windows of those that have are put off, and the last commit
//!   opens all of them. So there is nothing to copy.
//! - They are paid together, once all have stood their challenge and all roots are the same. Roots that differ close all of
//!   them, without a penalty: slashing takes a proof.
//! - One whose provider failed goes to another provider while the others wait. If results may be public by then, it could
//!   be copied: it is checked as an optimistic one from then on, by the lottery. Its audit is paid from the pot.
//! - One that ends without a result takes the others with it, with everything returned.
//!
//! Children name the first. Cancelling any of them cancels all, since one alone is worth nothing; it pays every provider
//! that is at work, and it is over once any of them has committed.

use crate::{
	ending::is_bound, types::ReplicaStage, Config, Error, Event, Fallen, Jobs, Pallet, ReplicaSet,
	Replicas, WeightInfo,
};
use alloc::vec::Vec;
use calor_primitives::{
	assurance::{Assurance, MAX_REPLICAS},
	job::{Attempt, CloseReason, JobRecord, JobState},
	now,
	traits::{Assign, Collateral, Evidence, Verdict},
	AccountId, BlockNumber, JobId,
};
use frame_support::{
	defensive,
	dispatch::DispatchResult,
	ensure,
	weights::{Weight, WeightMeter},
};

/// How many jobs a client gets that asks for this; `None` if nobody can have it.
pub(crate) fn runs(assurance: Assurance) -> Option<u8> {
	match assurance {
		Assurance::Optimistic | Assurance::Audited => Some(1),
		Assurance::Replicated(n) => (2..=MAX_REPLICAS).contains(&n).then_some(n),
	}
}

/// Numbers of so many jobs.
fn members(first: JobId, count: u8) -> impl Iterator<Item = JobId> {
	first..first.saturating_add(count.into())
}

impl<T: Config> Pallet<T> {
	/// Notes new jobs that run the same.
	pub(crate) fn bind(first: JobId, count: u8) {
		let stage = ReplicaStage::Blind;
		Replicas::<T>::insert(first, ReplicaSet { count, open: count, stage });
	}

	/// The jobs that run the same as this open one; none any more while all of them are ended at once.
	pub(crate) fn set_of(record: &JobRecord) -> Option<(JobId, ReplicaSet)> {
		let first = record.replica_of?;
		Some((first, Replicas::<T>::get(first)?))
	}

	/// The others that run the same as this open one, as far as they have records.
	fn others(id: JobId, first: JobId, set: &ReplicaSet) -> Vec<(JobId, JobRecord)> {
		let others = members(first, set.count).filter(|other| *other != id);
		others.filter_map(|other| Some((other, Jobs::<T>::get(other)?))).collect()
	}

	/// Whose groups may not have a job: those that failed it, and those that have or failed others that run the same.
	pub(crate) fn rivals(id: JobId, record: &JobRecord) -> Vec<Attempt> {
		let mut rivals = record.failed.to_vec();
		let Some((first, set)) = Self::set_of(record) else { return rivals };
		for (_, other) in Self::others(id, first, &set) {
			if let Some(provider) = other.state.provider() {
				let group = T::Providers::group_of(provider);
				rivals.push(Attempt { provider: provider.clone(), group });
			}
			rivals.extend(other.failed);
		}
		rivals
	}

	/// Of those that run the same, the ones that are not as far as this.
	pub(crate) fn behind(id: JobId, record: &JobRecord) -> Vec<JobId> {
		let Some((first, set)) = Self::set_of(record) else { return Vec::new() };
		let blind = set.stage == ReplicaStage::Blind;
		let mut others = Self::others(id, first, &set);
		others.retain(|(_, other)| match record.state {
			JobState::Committed { .. } => blind && !is_bound(other),
			JobState::Revealed { .. } => !matches!(other.state, JobState::Revealed { .. }),
			_ => false,
		});
		others.into_iter().map(|(other, _)| other).collect()
	}

	/// When a job may be revealed that is committed to now. The last of several that run the same opens the window for all.
	pub(crate) fn reveal_window(
		id: JobId,
		record: &JobRecord,
		from: BlockNumber,
		by: BlockNumber,
	) -> (BlockNumber, BlockNumber) {
		let Some((first, mut set)) = Self::set_of(record) else { return (from, by) };
		if set.stage != ReplicaStage::Blind {
			return (from, by);
		}
		let others = Self::others(id, first, &set);
		if let Some(earliest) = Self::earliest_reveal(&others) {
			return (earliest, earliest.saturating_add(by.saturating_sub(from)));
		}
		set.stage = ReplicaStage::Shown;
		Replicas::<T>::insert(first, set);
		for (other, record) in others {
			Self::move_reveal(other, record, from, by);
		}
		(from, by)
	}

	/// When all that run the same could have committed, if those that have not use all of their time; `None` if all have.
	fn earliest_reveal(others: &[(JobId, JobRecord)]) -> Option<BlockNumber> {
		let late = others.iter().filter(|(_, other)| !is_bound(other));
		let latest = late.map(|(_, other)| other.state.due()).max()?;
		Some(latest.max(now::<T>()).saturating_add(1))
	}

	/// Whether a job is committed to and may not be revealed, since others that run the same are not committed to.
	pub(crate) fn is_held(record: &JobRecord) -> bool {
		matches!(record.state, JobState::Committed { .. })
			&& Self::set_of(record).is_some_and(|(_, set)| set.stage == ReplicaStage::Blind)
	}

	/// Puts off the reveal of a job that is held until others can have committed, and has the agenda look again then.
	pub(crate) fn hold(id: JobId, record: JobRecord) {
		let Some((first, set)) = Self::set_of(&record) else { return };
		let JobState::Committed { reveal_from, reveal_by, .. } = record.state else { return };
		let others = Self::others(id, first, &set);
		let Some(earliest) = Self::earliest_reveal(&others) else {
			defensive!("the last commit opens the window for all");
			return;
		};
		let length = reveal_by.saturating_sub(reveal_from);
		Self::move_reveal(id, record, earliest, earliest.saturating_add(length));
	}

	/// Makes a job one that is committed to. If it is held, the agenda looks again when the window would begin. The caller
	/// stores the record.
	pub(crate) fn enter_committed(
		id: JobId,
		record: &mut JobRecord,
		provider: AccountId,
		reveal_from: BlockNumber,
		reveal_by: BlockNumber,
	) {
		Self::enter(id, record, JobState::Committed { provider, reveal_from, reveal_by });
		if Self::is_held(record) {
			Self::set_alarm(id, record, Some(reveal_from));
		}
	}

	/// Gives a committed job another window for its reveal.
	pub(crate) fn move_reveal(
		id: JobId,
		mut record: JobRecord,
		reveal_from: BlockNumber,
		reveal_by: BlockNumber,
	) {
		let JobState::Committed { provider, .. } = record.state.clone() else { return };
		Self::enter_committed(id, &mut record, provider, reveal_from, reveal_by);
		Jobs::<T>::insert(id, record);
		Self::deposit_event(Event::RevealRescheduled { job: id, reveal_from, reveal_by });
	}

	/// A job is to go to another provider: whether it may. Whoever comes after results may be public could copy them, so
	/// its result is audited.
	pub(crate) fn may_try_again(record: &mut JobRecord) -> bool {
		match Self::set_of(record).map(|(_, set)| set.stage) {
			None | Some(ReplicaStage::Blind) => true,
			Some(ReplicaStage::Shown) => {
				record.assurance = Assurance::Optimistic;
				true
			},
			Some(ReplicaStage::Fallen(_)) => false,
		}
	}

	/// The one of those that run the same that ended without a result, for which an open job is to close.
	pub(crate) fn fallen(record: &JobRecord) -> Option<JobId> {
		match Self::set_of(record)?.1.stage {
			ReplicaStage::Fallen(by) => Some(by),
			ReplicaStage::Blind | ReplicaStage::Shown => None,
		}
	}

	/// A result has stood its challenge. It is paid if it is the only one, or with the others if they have too and are the
	/// same; it waits while one of them is not as far.
	pub(crate) fn uphold(id: JobId, record: JobRecord, provider: AccountId) -> DispatchResult {
		let Some((first, set)) = Self::set_of(&record) else {
			return Self::settle(id, record, provider);
		};
		let mut all = Self::others(id, first, &set);
		let late = all.iter().filter_map(|(_, other)| match other.state {
			JobState::Revealed { settles_at, .. } if settles_at <= now::<T>() => None,
			ref state => Some(state.due()),
		});
		if let Some(latest) = late.max() {
			let again = latest.max(now::<T>().saturating_add(1));
			return Self::settle_later(id, record, again);
		}
		for (other, theirs) in &all {
			let unbacked = theirs.state.provider().is_some_and(T::Collateral::is_excluded);
			if unbacked || T::Evidence::verdict(*other) != Verdict::Upheld {
				// Its worker is at fault, and it starts again; or it ends, and this one will too.
				Self::do_expire(*other)?;
				return Self::settle_later(id, record, now::<T>().saturating_add(1));
			}
		}
		all.push((id, record));
		let roots = T::Evidence::of(id).1;
		let unanimous = all.iter().all(|(other, _)| T::Evidence::of(*other).1 == roots);
		// They end together.
		Replicas::<T>::remove(first);
		for (job, record) in all {
			let provider = record.state.provider().ok_or(Error::<T>::WrongState)?.clone();
			if unanimous {
				Self::settle(job, record, provider)?;
			} else {
				T::Collateral::release(&provider, job)?;
				Self::close(job, record, CloseReason::NotUnanimous, None)?;
			}
		}
		Ok(())
	}

	/// A job has closed: those that run the same close too.
	pub(crate) fn leave_set(id: JobId, record: &JobRecord) {
		let Some(first) = record.replica_of else { return };
		Replicas::<T>::mutate_exists(first, |entry| {
			let Some(set) = entry else { return };
			set.open = set.open.saturating_sub(1);
			if set.open == 0 {
				*entry = None;
				Fallen::<T>::remove(first);
			} else if !matches!(set.stage, ReplicaStage::Fallen(_)) {
				set.stage = ReplicaStage::Fallen(id);
				Fallen::<T>::insert(first, ());
			}
		});
	}

	/// Closes a job since another that runs the same ended without a result. Everything goes back.
	pub(crate) fn close_replica(id: JobId, record: JobRecord, by: JobId) -> DispatchResult {
		match &record.state {
			JobState::Waiting { .. } => Self::leave_family(id, &record),
			JobState::Queued { .. } => Self::leave_queue(id, &record),
			JobState::Assigned { provider, .. } | JobState::Running { provider, .. } => {
				T::Collateral::release(provider, id)?;
				T::Providers::relieve(provider);
			},
			JobState::Committed { provider, .. } | JobState::Revealed { provider, .. } => {
				T::Collateral::release(provider, id)?;
			},
			JobState::Settled { .. } | JobState::Closed { .. } => {
				return Err(Error::<T>::WrongState.into());
			},
		}
		Self::close(id, record, CloseReason::ReplicaFailed(by), None)
	}

	/// Most weight of closing one of several that run the same.
	pub(crate) fn close_replica_weight() -> Weight {
		let ends = T::WeightInfo::close_replica().saturating_add(Self::orphan_all());
		ends.saturating_add(T::Evidence::weight())
	}

	/// Closes jobs of which another that runs the same ended without a result.
	pub(crate) fn close_fallen(meter: &mut WeightMeter) {
		if meter.try_consume(Self::look_weight()).is_err() {
			return;
		}
		for first in Fallen::<T>::iter_keys() {
			if meter.try_consume(T::WeightInfo::siblings()).is_err() {
				return;
			}
			let Some(set) = Replicas::<T>::get(first) else {
				defensive!("jobs have fallen that are not bound");
				Fallen::<T>::remove(first);
				continue;
			};
			for id in members(first, set.count) {
				let open = Jobs::<T>::get(id).is_some_and(|record| record.state.is_open());
				if !open {
					continue;
				}
				if meter.try_consume(Self::close_replica_weight()).is_err() {
					return;
				}
				Self::in_layer(id, || Self::do_expire(id));
			}
		}
	}

	/// All that a cancellation of this open job cancels. Those that run the same are unbound, for they end together.
	///
	/// # Errors
	/// If one of them is committed to, or beyond.
	pub(crate) fn cancelled_with(id: JobId, record: &JobRecord) -> Result<Vec<JobId>, Error<T>> {
		let Some((first, set)) = Self::set_of(record) else { return Ok(alloc::vec![id]) };
		let mut jobs = alloc::vec![id];
		for (other, record) in Self::others(id, first, &set) {
			ensure!(!is_bound(&record), Error::<T>::WrongState);
			if record.state.is_open() {
				jobs.push(other);
			}
		}
		Replicas::<T>::remove(first);
		Fallen::<T>::remove(first);
		Ok(jobs)
	}
}
