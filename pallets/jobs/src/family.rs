// SPDX-License-Identifier: Apache-2.0
//! Jobs that take the outputs of others: waiting for parents, and what their ends mean for children.
//!
//! A child names jobs that exist, so no circle can be made. It counts in each parent's `children` while it is open, which
//! keeps the parent's record and outputs; it stands in `Children` while it waits. A parent that gets somewhere is written
//! down in `Woken`, and its children are looked at where blocks have room; should that be missed, a waiting job looks at its
//! parents itself when one of them has been due.

use crate::{Agenda, Children, Config, Event, Jobs, Pallet, Queues, WeightInfo, Woken};
use alloc::vec::Vec;
use calor_primitives::{
	job::{CloseReason, Input, Inputs, JobRecord, JobState, ParentStage, Parents},
	now,
	tensor_ref::{TensorRef, TypeRef, Uri, MAX_URIS},
	traits::{Assign, Evidence, ProgramRegistry},
	BlockNumber, JobId, H256,
};
use frame_support::{
	defensive,
	dispatch::DispatchResult,
	traits::ConstU32,
	weights::{Weight, WeightMeter},
	BoundedVec,
};

/// What a parent is to a child.
enum Parent {
	/// Has come far enough.
	Ready,
	/// Has not; it is due at that height.
	Open(BlockNumber),
	/// Never will.
	Failed,
}

impl<T: Config> Pallet<T> {
	/// The jobs whose outputs are among these inputs, each once.
	pub(crate) fn parents_of(inputs: &Inputs) -> Parents {
		let mut parents = Parents::default();
		for parent in inputs.iter().filter_map(Input::parent) {
			// As many at most as there are inputs, so there is room.
			if !parents.contains(&parent) && parents.try_push(parent).is_err() {
				defensive!("a job has more parents than inputs");
			}
		}
		parents
	}

	fn stage_of(id: JobId, stage: ParentStage) -> Parent {
		// A parent's record outlives its open children.
		let Some(parent) = Jobs::<T>::get(id) else { return Parent::Failed };
		match parent.state {
			JobState::Settled { .. } => Parent::Ready,
			JobState::Revealed { .. } if stage == ParentStage::Revealed => Parent::Ready,
			JobState::Closed { .. } => Parent::Failed,
			state => Parent::Open(state.due()),
		}
	}

	/// Whether all parents have come far enough.
	pub(crate) fn parents_ready(record: &JobRecord) -> bool {
		let mut parents = record.parents.iter();
		parents.all(|id| matches!(Self::stage_of(*id, record.start_on), Parent::Ready))
	}

	/// Those of its parents for which a job waits.
	pub(crate) fn open_parents(record: &JobRecord) -> Vec<JobId> {
		let mut open = record.parents.to_vec();
		open.retain(|id| matches!(Self::stage_of(*id, record.start_on), Parent::Open(_)));
		open
	}

	/// Counts a new job among the children of its parents.
	pub(crate) fn adopt(parents: &[JobId]) {
		for id in parents {
			Jobs::<T>::mutate_extant(id, |parent| {
				parent.children = parent.children.saturating_add(1)
			});
		}
	}

	/// A job has ended: its parents may be forgotten once none of their children is open.
	pub(crate) fn orphan(record: &JobRecord) {
		for id in &record.parents {
			Jobs::<T>::mutate_extant(id, |parent| {
				parent.children = parent.children.saturating_sub(1);
				if parent.children == 0 && !parent.state.is_open() && parent.alarm.is_none() {
					let at = parent.state.due().max(now::<T>().saturating_add(1));
					Agenda::<T>::insert(at, id, ());
					parent.alarm = Some(at);
				}
			});
		}
	}

	/// Makes a job wait for its parents. The caller stores the record.
	pub(crate) fn wait(id: JobId, record: &mut JobRecord) {
		Self::await_parents(id, record);
		Queues::<T>::mutate(record.class, |queue| queue.waiting = queue.waiting.saturating_add(1));
		Self::wait_on(id, record);
		Self::deposit_event(Event::Waiting { job: id });
	}

	/// Notes a waiting job among the children of those of its parents that have not come far enough. One that had may be
	/// among them again, if its result did not stand.
	fn await_parents(id: JobId, record: &JobRecord) {
		for parent in &record.parents {
			if let Parent::Open(_) = Self::stage_of(*parent, record.start_on) {
				Children::<T>::insert((parent, record.start_on), id, ());
			}
		}
	}

	/// A job sets out on the outputs of its parents: those that are not paid yet must stay readable.
	pub(crate) fn take_outputs(record: &JobRecord) {
		if record.start_on == ParentStage::Settled {
			return;
		}
		for parent in &record.parents {
			Jobs::<T>::mutate_extant(parent, |parent| {
				parent.taken |= matches!(parent.state, JobState::Revealed { .. });
			});
		}
	}

	/// Sets the height at which a waiting job looks at its parents itself.
	fn wait_on(id: JobId, record: &mut JobRecord) {
		let due = record.parents.iter().map(|parent| Self::stage_of(*parent, record.start_on));
		let due = due.filter_map(|parent| match parent {
			Parent::Open(due) => Some(due),
			Parent::Ready | Parent::Failed => None,
		});
		let latest = due.fold(now::<T>(), BlockNumber::max);
		let recheck = latest.saturating_add(1);
		Self::enter(id, record, JobState::Waiting { recheck });
	}

	/// Ceases to wait. The caller stores the record.
	pub(crate) fn leave_family(id: JobId, record: &JobRecord) {
		if let JobState::Waiting { .. } = record.state {
			for parent in &record.parents {
				Children::<T>::remove((parent, record.start_on), id);
			}
			Queues::<T>::mutate(record.class, |queue| {
				queue.waiting = queue.waiting.saturating_sub(1);
			});
		}
	}

	/// Looks at the parents of a waiting job: queues it, closes it, or lets it wait on.
	pub(crate) fn advance(id: JobId, mut record: JobRecord) -> DispatchResult {
		let mut open = false;
		for parent in &record.parents {
			match Self::stage_of(*parent, record.start_on) {
				Parent::Ready => {},
				Parent::Open(_) => open = true,
				Parent::Failed => {
					let reason = CloseReason::ParentFailed(*parent);
					Self::leave_family(id, &record);
					return Self::close(id, record, reason, None);
				},
			}
		}
		if open {
			Self::await_parents(id, &record);
			Self::wait_on(id, &mut record);
		} else {
			Self::leave_family(id, &record);
			Self::take_outputs(&record);
			Self::enqueue(id, &mut record);
		}
		Jobs::<T>::insert(id, record);
		Ok(())
	}

	/// A job got somewhere: its children are to be looked at.
	pub(crate) fn wake_children(id: JobId, record: &JobRecord) {
		if record.children == 0 {
			return;
		}
		match record.state {
			JobState::Revealed { .. } => Woken::<T>::insert((id, ParentStage::Revealed), ()),
			JobState::Settled { .. } | JobState::Closed { .. } => {
				Woken::<T>::insert((id, ParentStage::Revealed), ());
				Woken::<T>::insert((id, ParentStage::Settled), ());
			},
			_ => {},
		}
	}

	/// Looks at children of parents that got somewhere.
	pub(crate) fn wake_all(meter: &mut WeightMeter) {
		if meter.try_consume(Self::look_weight()).is_err() {
			return;
		}
		// Walked on, not begun anew for each child: entries that were removed in this block cost the database a look each.
		for key in Woken::<T>::iter_keys() {
			for child in Children::<T>::iter_key_prefix(key) {
				if meter.try_consume(T::WeightInfo::wake_one()).is_err() {
					return;
				}
				Self::wake(key, child);
			}
			if meter.try_consume(T::WeightInfo::rearm()).is_err() {
				return;
			}
			Woken::<T>::remove(key);
		}
	}

	/// Looks at a child of a parent that got somewhere.
	pub(crate) fn wake(key: (JobId, ParentStage), child: JobId) {
		// Whatever becomes of the child, it is not looked at twice for one event.
		Children::<T>::remove(key, child);
		match Jobs::<T>::get(child) {
			Some(record) if matches!(record.state, JobState::Waiting { .. }) => {
				Self::in_layer(child, || Self::advance(child, record).map(|()| Weight::zero()));
			},
			_ => {
				defensive!("a job that does not wait stands among the children");
			},
		}
	}

	/// The inputs of an open job as tensors; `None` while an output that it takes is not known.
	pub(crate) fn tensors(record: &JobRecord, inputs: &Inputs) -> Option<Vec<TensorRef>> {
		let program = T::Programs::summary(&record.program)?;
		let tensor = |(input, ty): (&Input, &TypeRef)| match input {
			Input::Blob(tensor) => Some(tensor.clone()),
			Input::OutputOf { job, index, mirrors } => {
				let root = *T::Evidence::of(*job).1.get(usize::from(*index))?;
				let uris = Self::addresses(*job, *index, mirrors);
				Some(TensorRef { ty: ty.clone(), root, uris })
			},
			Input::OutputOfEarlier { .. } => None,
		};
		inputs.iter().zip(&program.inputs).map(tensor).collect()
	}

	/// Roots of the inputs of an open job; `None` while an output that it takes is not known.
	pub(crate) fn input_roots(inputs: &Inputs) -> Option<Vec<H256>> {
		let root = |input: &Input| match input {
			Input::Blob(tensor) => Some(tensor.root),
			Input::OutputOf { job, index, .. } => {
				T::Evidence::of(*job).1.get(usize::from(*index)).copied()
			},
			Input::OutputOfEarlier { .. } => None,
		};
		inputs.iter().map(root).collect()
	}

	/// Where an output can be fetched: the client's mirrors, then the provider that computed it, while it is registered.
	fn addresses(job: JobId, index: u8, mirrors: &[Uri]) -> BoundedVec<Uri, ConstU32<MAX_URIS>> {
		let mut uris = mirrors.to_vec();
		let parent = Jobs::<T>::get(job);
		let provider = parent.as_ref().and_then(|parent| parent.state.provider());
		if let Some(mut served) = provider.and_then(T::Providers::endpoint) {
			while served.last() == Some(&b'/') {
				served.pop();
			}
			served.extend(alloc::format!("/outputs/{job}/{index}").into_bytes());
			uris.extend(Uri::try_from(served));
		}
		BoundedVec::truncate_from(uris)
	}
}
