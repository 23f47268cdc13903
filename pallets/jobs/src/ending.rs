// SPDX-License-Identifier: Apache-2.0
//! How a job ends: settled, cancelled, failed, closed, and at last forgotten.

use crate::{
	types::JobName, Config, DroppedJobs, Error, Event, HoldReason, Jobs, Names, Operands, Overdue,
	Pallet, WeightInfo, Woken,
};
use calor_primitives::{
	fault::Fault,
	job::{Attempt, CloseReason, JobReceipt, JobRecord, JobState, ParentStage},
	money::{floor_of, Payment, LATE_CUT},
	now, receipt,
	traits::{Assign, Collateral, Evidence, ProgramRegistry, Settlement, Verdict},
	AccountId, Balance, BlockNumber, JobId, H256,
};
use codec::Encode;
use frame_support::{dispatch::DispatchResult, ensure, weights::Weight};
use sp_runtime::{ArithmeticError, DispatchError, Rounding};

/// Whether a provider is bound to a result, so that verification keeps something of the job.
pub(crate) fn is_bound(record: &JobRecord) -> bool {
	matches!(record.state, JobState::Committed { .. } | JobState::Revealed { .. })
}

/// Why a job closes that its last provider failed like this.
fn reason_of(fault: Fault) -> CloseReason {
	match fault {
		Fault::WrongResult => CloseReason::Fraud,
		Fault::NotRevealed => CloseReason::NotRevealed,
		Fault::TraceWithheld => CloseReason::TraceWithheld,
		Fault::OutputWithheld => CloseReason::OutputWithheld,
		Fault::InputWithheld => CloseReason::InputWithheld,
		_ => CloseReason::DeadlineMissed,
	}
}

impl<T: Config> Pallet<T> {
	/// Moves an overdue job on, and gives the most that this weighs.
	pub(crate) fn do_expire(id: JobId) -> Result<Weight, DispatchError> {
		let record = Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
		let weight = Self::step_weight(id, &record);
		if record.state.is_open() {
			if let Some(provider) =
				record.state.provider().filter(|p| T::Collateral::is_excluded(p))
			{
				let provider = provider.clone();
				Self::close_unbacked(id, record, &provider)?;
				return Ok(weight);
			}
		}
		if let Some(by) = Self::fallen(&record).filter(|_| record.state.is_open()) {
			Self::close_replica(id, record, by)?;
			return Ok(weight);
		}
		ensure!(now::<T>() >= record.state.due(), Error::<T>::TooEarly);
		match record.state.clone() {
			JobState::Waiting { .. } => Self::advance(id, record)?,
			JobState::Queued { .. } => Self::expire_queued(id, record)?,
			JobState::Assigned { provider, .. } => {
				Self::fail(id, record, provider, Fault::NotAccepted)?;
			},
			JobState::Running { provider, .. } => {
				Self::fail(id, record, provider, Fault::NotDelivered)?;
			},
			JobState::Committed { .. } if Self::is_held(&record) => Self::hold(id, record),
			JobState::Committed { provider, .. } => {
				Self::fail(id, record, provider, Fault::NotRevealed)?;
			},
			JobState::Revealed { .. } => Self::judge(id, record)?,
			JobState::Settled { .. } | JobState::Closed { .. } => Self::drop_record(id, record)?,
		}
		Ok(weight)
	}

	/// A job's time in the queue is over: from now on the whole ready set is tried, a part at a step, and it closes when all
	/// was tried. The first step only sets that going.
	fn expire_queued(id: JobId, mut record: JobRecord) -> DispatchResult {
		let key = id.to_be_bytes();
		if !Overdue::<T>::contains_key(key) {
			let ready = T::Providers::ready(record.class);
			if ready == 0 {
				return Self::close_unmatched(id, record);
			}
			Self::miss(id, &mut record, ready);
			Self::set_alarm(id, &mut record, None);
			Overdue::<T>::insert(key, ());
			Jobs::<T>::insert(id, record);
			return Ok(());
		}
		if matches!(record.state, JobState::Queued { untried: Some(left), .. } if left > 0)
			&& Self::last_look(id) != Some(0)
		{
			return Ok(());
		}
		let record = Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
		Self::close_unmatched(id, record)
	}

	fn close_unmatched(id: JobId, record: JobRecord) -> DispatchResult {
		let reason = match record.declined {
			Some(fault) => CloseReason::InputUnavailable(fault),
			None => CloseReason::NoCapacity,
		};
		Self::leave_queue(id, &record);
		Self::close(id, record, reason, None)
	}

	/// The time to challenge a result is over: what is to become of it?
	fn judge(id: JobId, record: JobRecord) -> DispatchResult {
		let provider = record.state.provider().ok_or(Error::<T>::WrongState)?.clone();
		match T::Evidence::verdict(id) {
			Verdict::Upheld => Self::uphold(id, record, provider),
			Verdict::Silent { fault, demanded_by, evidence } => {
				Self::do_convict(id, record, fault, Some(&demanded_by), evidence)
			},
			Verdict::NotAudited => {
				T::Collateral::release(&provider, id)?;
				Self::close(id, record, CloseReason::NotAudited, None)
			},
		}
	}

	/// Pays the provider, burns, pays for audits, gives back as credits what late delivery took off, frees the stake.
	pub(crate) fn settle(id: JobId, record: JobRecord, provider: AccountId) -> DispatchResult {
		let price = record.price.saturating_sub(record.late_cut);
		let payment = Self::pay(&record, &provider, price, record.levy)?;
		let returned =
			record.escrow().checked_sub(payment.total()).ok_or(ArithmeticError::Underflow)?;
		Self::return_escrow(&record, returned)?;
		T::Collateral::release(&provider, id)?;
		let (at, keep_until) = Self::end();
		T::Evidence::settled(id);
		let state = JobState::Settled { provider: provider.clone(), payment, at, keep_until };
		Self::finish(id, record, state);
		Self::deposit_event(Event::Settled { job: id, provider, payment, returned });
		Ok(())
	}

	/// Pays part of a job's price on the conditions of the whole.
	fn pay(
		record: &JobRecord,
		provider: &AccountId,
		price: Balance,
		levy: Balance,
	) -> Result<Payment, DispatchError> {
		let reason = HoldReason::Escrow.into();
		let terms = record.terms().reduced_to(price);
		T::Settlement::settle(&reason, &record.client, provider, terms, levy, record.class)
	}

	/// What late delivery takes off a price, in planck, rounded down: nothing on time, a quarter at the end of the grace.
	pub(crate) fn late_cut(
		record: &JobRecord,
		deliver_by: BlockNumber,
		late_by: BlockNumber,
	) -> Balance {
		let late = now::<T>().saturating_sub(deliver_by);
		let grace = late_by.saturating_sub(deliver_by).max(1);
		let part = sp_runtime::helpers_128bit::multiply_by_rational_with_rounding(
			floor_of(LATE_CUT, record.price),
			late.into(),
			grace.into(),
			Rounding::Down,
		);
		part.unwrap_or(0)
	}

	/// Penalises the provider of a job and keeps it from work.
	fn punish(
		id: JobId,
		record: &JobRecord,
		provider: &AccountId,
		fault: Fault,
		prover: Option<&AccountId>,
		evidence: H256,
	) -> DispatchResult {
		let client = Some(&record.client);
		let penalty = T::Collateral::penalise(provider, id, fault, client, prover, evidence)?;
		if fault.jails() {
			T::Providers::jail(provider);
		} else if is_bound(record) {
			T::Providers::rest(provider);
		} else {
			T::Providers::suspend(provider);
		}
		Self::deposit_event(Event::Failed { job: id, provider: provider.clone(), fault, penalty });
		Ok(())
	}

	/// Penalises a provider that let a deadline pass and gives the job to another.
	fn fail(id: JobId, record: JobRecord, provider: AccountId, fault: Fault) -> DispatchResult {
		let evidence = H256(sp_io::hashing::blake2_256(&(id, &record).encode()));
		Self::punish(id, &record, &provider, fault, None, evidence)?;
		Self::try_another(id, record, provider, reason_of(fault))
	}

	/// Penalises a provider whose result, or what it had to show of it, did not stand, and gives the job to another. If a
	/// child has set out on the result, it closes: the child is to know what it runs on.
	pub(crate) fn do_convict(
		id: JobId,
		record: JobRecord,
		fault: Fault,
		prover: Option<&AccountId>,
		evidence: H256,
	) -> DispatchResult {
		ensure!(is_bound(&record), Error::<T>::WrongState);
		let provider = record.state.provider().ok_or(Error::<T>::WrongState)?.clone();
		Self::punish(id, &record, &provider, fault, prover, evidence)?;
		if record.taken {
			return Self::close(id, record, reason_of(fault), None);
		}
		Self::try_another(id, record, provider, reason_of(fault))
	}

	/// A result is to settle later. Verification may have been asked something meanwhile, or others are not as far.
	pub(crate) fn settle_later(
		id: JobId,
		mut record: JobRecord,
		settles_at: BlockNumber,
	) -> DispatchResult {
		let JobState::Revealed { provider, .. } = record.state.clone() else {
			return Err(Error::<T>::WrongState.into());
		};
		Self::enter(id, &mut record, JobState::Revealed { provider, settles_at });
		Jobs::<T>::insert(id, record);
		Self::deposit_event(Event::Postponed { job: id, settles_at });
		Ok(())
	}

	/// As [`Self::fail`], for a provider that gave no sign of life while it had the job.
	pub(crate) fn fail_vanished(provider: &AccountId, id: JobId) -> DispatchResult {
		let record = Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
		ensure!(record.state.provider() == Some(provider), Error::<T>::NotProvider);
		match record.state {
			JobState::Assigned { .. } | JobState::Running { .. } => {
				Self::fail(id, record, provider.clone(), Fault::Vanished)
			},
			_ => Err(Error::<T>::WrongState.into()),
		}
	}

	/// Queues a job again without the provider that failed it, or closes it after the last attempt.
	pub(crate) fn try_another(
		id: JobId,
		mut record: JobRecord,
		failed: AccountId,
		reason: CloseReason,
	) -> DispatchResult {
		let group = T::Providers::group_of(&failed);
		let attempt = Attempt { provider: failed, group };
		let full = record.failed.try_push(attempt).is_err() || record.failed.is_full();
		if full || !Self::may_try_again(&mut record) {
			return Self::close(id, record, reason, None);
		}
		if is_bound(&record) {
			// What woke its children is gone, and so is what was committed.
			Woken::<T>::remove((id, ParentStage::Revealed));
			T::Evidence::discard(id);
		}
		Self::enqueue(id, &mut record);
		Jobs::<T>::insert(id, record);
		Ok(())
	}

	/// Closes a job behind which no stake stands any more.
	fn close_unbacked(id: JobId, record: JobRecord, provider: &AccountId) -> DispatchResult {
		T::Collateral::release(provider, id)?;
		Self::close(id, record, CloseReason::ProviderForfeited, None)
	}

	/// Cancels a job, and those that run the same, and gives the most that this weighs.
	pub(crate) fn do_cancel(client: AccountId, id: JobId) -> Result<Weight, DispatchError> {
		let record = Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
		ensure!(record.client == client, Error::<T>::NotClient);
		ensure!(record.state.is_open(), Error::<T>::WrongState);
		let mut weight = Weight::zero();
		if record.replica_of.is_some() {
			weight = T::WeightInfo::siblings();
		}
		for job in Self::cancelled_with(id, &record)? {
			weight = weight.saturating_add(Self::cancel_one(job)?);
		}
		Ok(weight)
	}

	/// Cancels a job, after moving it on if its provider was too late.
	fn cancel_one(id: JobId) -> Result<Weight, DispatchError> {
		let mut record = Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
		let at_work = matches!(record.state, JobState::Assigned { .. } | JobState::Running { .. });
		let mut weight = T::WeightInfo::cancel().saturating_add(Self::orphan_all());
		let late = now::<T>() >= record.state.due();
		let excluded = || record.state.provider().is_some_and(T::Collateral::is_excluded);
		if at_work && (late || excluded()) {
			// Who was too late is not spared by a client who has had enough, and who has nothing at stake is not paid.
			weight = weight.saturating_add(Self::do_expire(id)?);
			record = Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
			if !record.state.is_open() {
				return Ok(weight);
			}
		}
		let mut payment = None;
		match &record.state {
			JobState::Waiting { .. } => Self::leave_family(id, &record),
			JobState::Queued { .. } => Self::leave_queue(id, &record),
			JobState::Assigned { provider, .. } => {
				T::Collateral::release(provider, id)?;
				T::Providers::relieve(provider);
			},
			JobState::Running { provider, since, deliver_by, late_by } => {
				let cut = Self::late_cut(&record, *deliver_by, *late_by);
				let earned = Self::earned(&record, now::<T>().saturating_sub(*since));
				let earned = earned.min(record.price.saturating_sub(cut));
				payment = Some(Self::pay(&record, provider, earned, 0)?);
				T::Collateral::release(provider, id)?;
				T::Providers::relieve(provider);
			},
			_ => return Err(Error::<T>::WrongState.into()),
		}
		Self::close(id, record, CloseReason::Cancelled, payment)?;
		Ok(weight)
	}

	/// What a provider has earned after so many blocks of a running job: the elapsed part, at least a quarter.
	fn earned(record: &JobRecord, elapsed: BlockNumber) -> Balance {
		let quarter = record.price.div_ceil(4);
		let part = sp_runtime::helpers_128bit::multiply_by_rational_with_rounding(
			record.price,
			u128::from(elapsed),
			u128::from(record.deliver_within).max(1),
			Rounding::Up,
		);
		part.unwrap_or(record.price).clamp(quarter, record.price)
	}

	/// Ends a job without a result and returns what of its escrow is left.
	pub(crate) fn close(
		id: JobId,
		record: JobRecord,
		reason: CloseReason,
		payment: Option<Payment>,
	) -> DispatchResult {
		let spent = payment.map_or(0, |payment| payment.total());
		let refunded = record.escrow().checked_sub(spent).ok_or(ArithmeticError::Underflow)?;
		Self::return_escrow(&record, refunded)?;
		if is_bound(&record) {
			T::Evidence::closed(id);
		}
		Self::leave_set(id, &record);
		let (at, keep_until) = Self::end();
		Self::finish(id, record, JobState::Closed { reason, refunded, at, keep_until });
		Self::deposit_event(Event::Closed { job: id, reason, refunded, payment });
		Ok(())
	}

	/// The height of an end, and until when its record is kept.
	fn end() -> (BlockNumber, BlockNumber) {
		let at = now::<T>();
		(at, at.saturating_add(crate::CurrentWindows::<T>::get().retention))
	}

	/// Drops what only open jobs need and tells parents and children.
	fn finish(id: JobId, mut record: JobRecord, state: JobState) {
		Operands::<T>::remove(id);
		Self::orphan(&record);
		Self::enter(id, &mut record, state);
		Self::wake_children(id, &record);
		Jobs::<T>::insert(id, record);
	}

	/// What of an ended job goes into its receipt.
	pub fn receipt(id: JobId) -> Option<JobReceipt> {
		let record = Jobs::<T>::get(id).filter(|record| !record.state.is_open())?;
		Some(Self::receipt_of(id, &record))
	}

	fn receipt_of(id: JobId, record: &JobRecord) -> JobReceipt {
		let (commitment, output_roots) = T::Evidence::of(id);
		JobReceipt {
			job: id,
			client: record.client.clone(),
			program: record.program,
			class: record.class,
			mac: record.mac,
			price: record.price,
			submitted: record.submitted,
			state: record.state.clone(),
			commitment,
			output_roots,
		}
	}

	/// Forgets an ended job but for its receipt, and gives its deposit back.
	fn drop_record(id: JobId, mut record: JobRecord) -> DispatchResult {
		ensure!(record.children == 0, Error::<T>::NeededByOthers);
		Self::return_deposit(&record)?;
		let leaf = receipt::leaf(&Self::receipt_of(id, &record).encode());
		let index = DroppedJobs::<T>::try_mutate(|receipts| {
			receipts.append(leaf).ok_or(ArithmeticError::Overflow)
		})?;
		T::Evidence::discard(id);
		// Kept until now for children, which take the types of its outputs.
		T::Programs::release(&record.program);
		Self::set_alarm(id, &mut record, None);
		let name = record.reference.map_or(JobName::Number(id), JobName::Given);
		Names::<T>::remove(&record.client, name);
		Jobs::<T>::remove(id);
		Self::deposit_event(Event::Dropped { job: id, index, leaf });
		Ok(())
	}
}
