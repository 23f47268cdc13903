// SPDX-License-Identifier: Apache-2.0
//! The way of a proof from the commitment to the day on which it counts, as verification moves it.

use crate::{
	place_of, Agenda, Config, Error, Event, Holders, LastRound, Pallet, ProofRecord, ProofState,
	Proofs, Round, Seat, Seats,
};
use alloc::vec::Vec;
use calor_primitives::{
	assurance::{Assurance, AUDIT_FEES},
	fault::Fault,
	job::{HardwareClass, SLOWEST_MAC_PER_BLOCK},
	money::MIN_JOB_PRICE,
	now,
	provider::Capacity,
	traits::{
		Assign, AuditPurse, Case, Collateral, Evidence, Lifecycle, Proving, Stage, Subject, Tariff,
		Verdict,
	},
	AccountId, Balance, BlockNumber, JobId, H256,
};
use calor_tensor::{
	benchmark::{inputs, params_for, program, Params},
	tensor_root, Tensor,
};
use codec::Encode;
use frame_support::{defensive, dispatch::DispatchResult, ensure};
use sp_runtime::DispatchError;

/// A challenge that falls short of a claim by no more than one part in so many shows it whole: it has as many steps as
/// come nearest.
const SHORT_BY: u64 = 20;

/// How many times as long as on a machine that can do what is claimed a check may take.
///
/// Auditors may have less, but not a laptop for what a rack has done: with the time of the slowest admitted hardware a
/// dispute over the largest proofs would take weeks.
const PATIENCE: u64 = 100;

/// The size by which deadlines of checks are set at most, in multiply-accumulates.
fn patience(seconds: u32) -> u64 {
	let slowest = SLOWEST_MAC_PER_BLOCK.saturating_mul(PATIENCE);
	slowest.saturating_mul(seconds.into()).checked_div(SECONDS_PER_BLOCK).unwrap_or(slowest)
}

/// Seconds for which [`SLOWEST_MAC_PER_BLOCK`] is meant.
const SECONDS_PER_BLOCK: u64 = 2;

/// What a result is worth of which nobody can say the price, in planck.
const LEAST_VALUE: Balance = MIN_JOB_PRICE;

/// The benchmark that a claim is held against.
pub(crate) fn challenge_for(claimed: &Capacity, seconds: u32) -> Params {
	params_for(claimed.mac_per_second, claimed.memory_mib, seconds)
}

/// What that benchmark shows of a claim, in multiply-accumulates per second.
pub(crate) fn shows(claimed: &Capacity, mac: u64, seconds: u32) -> u64 {
	let done = mac.checked_div(seconds.into()).unwrap_or(0);
	let whole = claimed.mac_per_second;
	let nearly = whole.saturating_sub(whole.checked_div(SHORT_BY).unwrap_or(0));
	if done >= nearly {
		whole
	} else {
		done
	}
}

impl ProofRecord {
	/// The benchmark that this is a proof of.
	pub(crate) fn params(&self) -> Params {
		challenge_for(&self.claimed, self.seconds)
	}

	/// Blobs of its inputs.
	pub(crate) fn inputs(&self) -> Vec<Vec<u8>> {
		inputs(self.seed.as_fixed_bytes(), self.provider.as_ref(), &self.params())
	}
}

impl<T: Config> Pallet<T> {
	/// What a computation of that size is worth, in planck.
	fn value(class: HardwareClass, mac: u64) -> Balance {
		// A class without a price, and feeds that are silent, are no reason to stop proving.
		T::Tariff::quote(class, mac).map_or(LEAST_VALUE, |quote| quote.price.max(LEAST_VALUE))
	}

	/// The provider of a worker key with its seat, if it was called to the round under way.
	pub(crate) fn called(worker: &AccountId) -> Option<(AccountId, Seat, Round)> {
		let owner = T::Providers::owner_of(worker)?;
		let round = LastRound::<T>::get()?;
		let seat = Seats::<T>::get(&owner).filter(|seat| seat.called == round.number)?;
		Some((owner, seat, round))
	}

	/// The provider that may still commit to the proof of that number, and its seat.
	fn awaited(job: JobId) -> Option<(AccountId, Seat, Round)> {
		let (number, index) = place_of(job)?;
		let round = LastRound::<T>::get().filter(|round| round.number == number)?;
		let provider = Holders::<T>::get(index)?;
		let seat = Seats::<T>::get(&provider)?;
		let awaited = seat.called == number && seat.committed != number && now::<T>() <= round.by;
		awaited.then_some((provider, seat, round))
	}

	/// What there is to know of a proof that may be committed to.
	fn prospect(job: JobId) -> Option<Case> {
		let (provider, _, round) = Self::awaited(job)?;
		let (class, claimed) = T::Providers::claimed(&provider)?;
		let mac = challenge_for(&claimed, round.seconds).mac();
		let value = Self::value(class, mac);
		Some(Self::case_of(provider, mac, round.seconds, value, Stage::Other))
	}

	fn case_of(provider: AccountId, mac: u64, seconds: u32, value: Balance, stage: Stage) -> Case {
		Case {
			group: T::Providers::group_of(&provider),
			mac: mac.min(patience(seconds)),
			outputs: 1,
			assurance: Assurance::Optimistic,
			value,
			audit_fee: value.saturating_add(AUDIT_FEES),
			purse: AuditPurse::Emission,
			stage,
			provider,
		}
	}

	fn do_commit(
		job: JobId,
		worker: &AccountId,
		from: BlockNumber,
		by: BlockNumber,
	) -> DispatchResult {
		let (provider, mut seat, round) = Self::called(worker).ok_or(Error::<T>::NotCalled)?;
		ensure!(place_of(job) == Some((round.number, seat.index)), Error::<T>::NotCalled);
		ensure!(seat.committed != round.number, Error::<T>::AlreadyCommitted);
		ensure!(now::<T>() <= round.by, Error::<T>::TooLate);
		let (class, claimed) = T::Providers::claimed(&provider).ok_or(Error::<T>::NotCalled)?;
		let mac = challenge_for(&claimed, round.seconds).mac();
		let value = Self::value(class, mac);
		let earmark = Assurance::Optimistic.earmark(value, 0).unwrap_or(Balance::MAX);
		T::Collateral::earmark(&provider, job, earmark)?;
		seat.committed = round.number;
		Seats::<T>::insert(&provider, seat);
		let record = ProofRecord {
			provider: provider.clone(),
			round: round.number,
			seed: round.seed,
			claimed,
			seconds: round.seconds,
			mac,
			shows: shows(&claimed, mac, round.seconds),
			value,
			earmark,
			state: ProofState::Committed { from, by },
		};
		Agenda::<T>::insert(record.state.due(), job, ());
		Proofs::<T>::insert(job, record);
		Self::deposit_event(Event::ProofCommitted { provider, round: round.number, job, mac });
		Ok(())
	}

	/// Gives a proof another state and keeps the agenda in step: the only place that does.
	fn enter(job: JobId, mut record: ProofRecord, state: ProofState) {
		Agenda::<T>::remove(record.state.due(), job);
		Agenda::<T>::insert(state.due(), job, ());
		record.state = state;
		Proofs::<T>::insert(job, record);
	}

	/// Removes a proof and what verification keeps of it.
	fn drop_proof(job: JobId, record: &ProofRecord) {
		Agenda::<T>::remove(record.state.due(), job);
		Proofs::<T>::remove(job);
		T::Evidence::discard(job);
	}

	/// Moves a proof on that is due.
	pub(crate) fn do_expire(job: JobId) -> DispatchResult {
		let record = Proofs::<T>::get(job).ok_or(Error::<T>::UnknownProof)?;
		if T::Collateral::is_excluded(&record.provider) {
			Self::give_up(job, record);
			return Ok(());
		}
		ensure!(now::<T>() >= record.state.due(), Error::<T>::TooEarly);
		let evidence = H256(sp_io::hashing::blake2_256(&(job, &record).encode()));
		match record.state {
			ProofState::Committed { .. } => {
				Self::fail(job, record, Fault::NotRevealed, None, evidence)
			},
			ProofState::Revealed { .. } => match T::Evidence::verdict(job) {
				Verdict::Upheld => Self::settle(job, record),
				Verdict::Silent { fault, demanded_by, evidence } => {
					Self::fail(job, record, fault, Some(&demanded_by), evidence)
				},
				// Not asked for of proofs.
				Verdict::NotAudited => {
					T::Collateral::release(&record.provider, job)?;
					Self::drop_proof(job, &record);
					Self::failed(job, record.provider, None, 0);
					Ok(())
				},
			},
		}
	}

	/// Nothing stands against the result: it counts, unless a later round was missed or lost meanwhile.
	fn settle(job: JobId, record: ProofRecord) -> DispatchResult {
		let provider = record.provider.clone();
		T::Collateral::release(&provider, job)?;
		let counts = Seats::<T>::get(&provider).is_some_and(|seat| seat.void < record.round);
		if counts {
			T::Providers::prove(&provider, record.shows);
		}
		T::Evidence::settled(job);
		Self::drop_proof(job, &record);
		Self::deposit_event(Event::ProofSettled { provider, job, counts });
		Ok(())
	}

	/// The provider is at fault.
	fn fail(
		job: JobId,
		record: ProofRecord,
		fault: Fault,
		prover: Option<&AccountId>,
		evidence: H256,
	) -> DispatchResult {
		let provider = record.provider.clone();
		// A wrong result is capacity that is not there.
		let forged = fault == Fault::WrongResult;
		let fault = if forged { Fault::ForgedCapacity } else { fault };
		Self::make_void(&provider, record.round);
		// Before its stake goes, so that whoever comes back over it finds nothing left to do.
		Self::drop_proof(job, &record);
		let penalty = if forged {
			T::Collateral::forfeit(&provider, fault, prover, evidence)?;
			T::Collateral::release(&provider, job)?;
			0
		} else {
			T::Collateral::penalise(&provider, job, fault, None, prover, evidence)?
		};
		match (forged, fault.jails()) {
			// Out for good already.
			(true, _) => {},
			(false, true) => T::Providers::jail(&provider),
			(false, false) => T::Providers::rest(&provider),
		}
		Self::failed(job, provider, Some(fault), penalty);
		Ok(())
	}

	/// Everything of the provider was forfeited.
	fn give_up(job: JobId, record: ProofRecord) {
		Self::make_void(&record.provider, record.round);
		Self::drop_proof(job, &record);
		if T::Collateral::release(&record.provider, job).is_err() {
			defensive!("a proof has an earmark");
		}
		Self::failed(job, record.provider, None, 0);
	}

	fn failed(job: JobId, provider: AccountId, fault: Option<Fault>, penalty: Balance) {
		Self::deposit_event(Event::ProofFailed { provider, job, fault, penalty });
	}

	/// A proof, if the signer is the worker of its provider.
	fn of_worker(worker: &AccountId, job: JobId) -> Result<ProofRecord, DispatchError> {
		let record = Proofs::<T>::get(job).ok_or(Error::<T>::UnknownProof)?;
		let owner = T::Providers::owner_of(worker).ok_or(Error::<T>::NotProvider)?;
		ensure!(record.provider == owner, Error::<T>::NotProvider);
		Ok(record)
	}
}

impl<T: Config> Lifecycle for Pallet<T> {
	fn commit(
		job: JobId,
		worker: &AccountId,
		reveal_from: BlockNumber,
		reveal_by: BlockNumber,
	) -> DispatchResult {
		Self::do_commit(job, worker, reveal_from, reveal_by)
	}

	fn reschedule_reveal(job: JobId, from: BlockNumber, by: BlockNumber) -> DispatchResult {
		let record = Proofs::<T>::get(job).ok_or(Error::<T>::UnknownProof)?;
		let committed = matches!(record.state, ProofState::Committed { .. });
		ensure!(committed, Error::<T>::WrongState);
		Self::enter(job, record, ProofState::Committed { from, by });
		Ok(())
	}

	fn reveal(job: JobId, worker: &AccountId, settles_at: BlockNumber) -> DispatchResult {
		let record = Self::of_worker(worker, job)?;
		let ProofState::Committed { from, by } = record.state else {
			return Err(Error::<T>::WrongState.into());
		};
		ensure!(now::<T>() >= from, Error::<T>::TooEarly);
		ensure!(now::<T>() <= by, Error::<T>::TooLate);
		Self::enter(job, record, ProofState::Revealed { settles_at });
		Self::deposit_event(Event::ProofRevealed { job, settles_at });
		Ok(())
	}

	fn postpone(job: JobId, settles_at: BlockNumber) -> DispatchResult {
		let record = Proofs::<T>::get(job).ok_or(Error::<T>::UnknownProof)?;
		let revealed = matches!(record.state, ProofState::Revealed { .. });
		ensure!(revealed, Error::<T>::WrongState);
		Self::enter(job, record, ProofState::Revealed { settles_at });
		Ok(())
	}

	fn convict(
		job: JobId,
		fault: Fault,
		prover: Option<&AccountId>,
		evidence: H256,
	) -> DispatchResult {
		let record = Proofs::<T>::get(job).ok_or(Error::<T>::UnknownProof)?;
		Self::fail(job, record, fault, prover, evidence)
	}

	fn abandon(job: JobId, provider: &AccountId) {
		if let Some(record) = Proofs::<T>::get(job).filter(|record| record.provider == *provider) {
			Self::give_up(job, record);
		}
	}

	fn case(job: JobId) -> Option<Case> {
		let Some(record) = Proofs::<T>::get(job) else { return Self::prospect(job) };
		let ProofRecord { provider, mac, seconds, value, state, .. } = record;
		Some(Self::case_of(provider, mac, seconds, value, state.stage()))
	}

	fn subject(job: JobId) -> Option<Subject> {
		let record = Proofs::<T>::get(job)?;
		let program = program(&record.params());
		let operands = program.inputs.iter().zip(record.inputs()).map(|(ty, blob)| {
			Tensor::from_bytes(ty.clone(), &blob).ok().map(|tensor| H256(tensor_root(&tensor)))
		});
		Some(Subject { operands: operands.collect::<Option<Vec<_>>>()?, code: program.encode() })
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_running() -> (JobId, AccountId) {
		let (job, worker) = crate::benchmarking::called::<T>();
		(job, worker)
	}
}
