// SPDX-License-Identifier: Apache-2.0
//! Proofs that a result is wrong: announced, shown, judged.

use crate::{
	conclude::Ending,
	demands::{kib, MOST_OPS},
	types::Attempt,
	Announced, Announcement, Config, CurrentWindows, Error, Event, HoldReason, Over, Pallet,
	WeightInfo,
};
use calor_primitives::{
	dispute::proof_commitment,
	fault::Fault,
	genesis_hash,
	job::MAX_ATTEMPTS,
	now,
	traits::{Lifecycle, Liquidity},
	AccountId, Balance, JobId, H256,
};
use calor_tensor::{
	bounds::MAX_TILE_MAC,
	proof::{judge, work, FraudProof, MAX_PROOF},
};
use codec::Encode;
use frame_support::{
	dispatch::{
		DispatchErrorWithPostInfo, DispatchResult, DispatchResultWithPostInfo, PostDispatchInfo,
	},
	ensure,
	traits::{fungible::hold::Mutate as _, tokens::Precision, Get},
	weights::Weight,
};

/// Attempts of one job that are looked through for a deposit: more than it can have.
const MOST_OVER: usize = MAX_ATTEMPTS as usize + 1;

/// Begun millions of multiply-accumulates.
fn millions(mac: u64) -> u32 {
	u32::try_from(mac.div_ceil(1_000_000)).unwrap_or(u32::MAX)
}

impl<T: Config> Pallet<T> {
	/// Weight of looking at a proof of so many bytes before the program is read.
	fn look_at_proof(bytes: usize) -> Weight {
		let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
		T::WeightInfo::prove_fraud().saturating_add(T::WeightInfo::check_bytes(kib(bytes)))
	}

	/// Most weight of judging a proof of so many bytes.
	pub(crate) fn most_proof(bytes: usize) -> Weight {
		Self::look_at_proof(bytes)
			.saturating_add(T::WeightInfo::read_program(MOST_OPS))
			.saturating_add(T::WeightInfo::recompute(millions(MAX_TILE_MAC)))
	}

	pub(crate) fn do_commit_proof(prover: AccountId, job: JobId, hash: H256) -> DispatchResult {
		let at = now::<T>();
		let (record, _, challenge, settles_at) = Self::revealed(job)?;
		ensure!(at < settles_at, Error::<T>::TooLate);
		let attempt: Attempt = (job, record.at);
		let already = Announced::<T>::contains_key(attempt, &prover);
		ensure!(!already, Error::<T>::AlreadyAnnounced);
		let until = at.saturating_add(CurrentWindows::<T>::get().prove);
		Self::wait_until(job, &challenge, settles_at, until)?;
		let deposit = T::ProofDeposit::get();
		ensure!(T::Liquidity::liquid(&prover) >= deposit, Error::<T>::BalanceTooLow);
		T::Currency::hold(&HoldReason::Proof.into(), &prover, deposit)?;
		Announced::<T>::insert(attempt, &prover, Announcement { hash, at, deposit });
		Self::deposit_event(Event::ProofCommitted { job, prover, hash });
		Ok(())
	}

	pub(crate) fn do_prove_fraud(
		prover: AccountId,
		job: JobId,
		salt: [u8; 32],
		proof: FraudProof,
	) -> DispatchResultWithPostInfo {
		let mut weight = T::WeightInfo::prove_fraud();
		let proved = Self::prove(prover, job, salt, proof, &mut weight);
		let post_info =
			PostDispatchInfo { actual_weight: Some(weight), pays_fee: Default::default() };
		match proved {
			Ok(()) => Ok(post_info),
			Err(error) => Err(DispatchErrorWithPostInfo { post_info, error }),
		}
	}

	/// Judges a proof and convicts the worker. `weight` becomes what it took, also if nothing is proved.
	fn prove(
		prover: AccountId,
		job: JobId,
		salt: [u8; 32],
		proof: FraudProof,
		weight: &mut Weight,
	) -> DispatchResult {
		let (record, _, challenge, _) = Self::revealed(job)?;
		let attempt: Attempt = (job, record.at);
		let announced = Announced::<T>::get(attempt, &prover).ok_or(Error::<T>::NotAnnounced)?;
		ensure!(now::<T>() > announced.at, Error::<T>::TooEarly);
		let encoded = proof.encode();
		*weight = Self::look_at_proof(encoded.len());
		let evidence = H256(sp_io::hashing::blake2_256(&encoded));
		drop(encoded);
		let hash = proof_commitment(&genesis_hash::<T>(), job, &prover, &salt, &evidence);
		ensure!(hash == announced.hash, Error::<T>::ProofMismatch);
		ensure!(proof.bytes() <= MAX_PROOF, Error::<T>::ProofTooLarge);
		let bound = Self::bound(job, &record, &challenge)?;
		let recompute = millions(work(&bound.program, proof.op).unwrap_or(0));
		*weight = weight
			.saturating_add(T::WeightInfo::read_program(bound.ops()))
			.saturating_add(T::WeightInfo::recompute(recompute));
		judge(&bound.program, &bound.known, &proof).map_err(Error::<T>::from)?;
		let in_output = bound.defines_output(proof.op);
		Self::convict(attempt, prover, announced, &proof, in_output, evidence)
	}

	/// A proof holds: its prover gets the deposit back, auditors are judged by it, and the worker is convicted.
	pub(crate) fn convict(
		attempt: Attempt,
		prover: AccountId,
		announced: Announcement,
		proof: &FraudProof,
		in_output: bool,
		evidence: H256,
	) -> DispatchResult {
		let (job, _) = attempt;
		Announced::<T>::remove(attempt, &prover);
		Self::give_back_proof(job, &prover, announced.deposit)?;
		let (op, tile) = (proof.op, proof.tile);
		let by = prover.clone();
		Self::deposit_event(Event::FraudProved { job, prover: by, op, tile, evidence });
		// Before the job hears of it, so that it finds nothing left to be concluded otherwise.
		Self::end(job, Ending::Fraud { in_output });
		T::Jobs::convict(job, Fault::WrongResult, Some(&prover), evidence)
	}

	pub(crate) fn do_withdraw_proof(prover: AccountId, job: JobId) -> DispatchResult {
		let over = Over::<T>::iter_prefix(job).take(MOST_OVER).find_map(|(at, failed)| {
			Announced::<T>::take((job, at), &prover).map(|announced| (announced, failed))
		});
		if let Some((announced, failed)) = over {
			return Self::resolve_proof(job, &prover, announced, failed);
		}
		let (record, _) = Self::checked(job).map_err(|_| Error::<T>::NotAnnounced)?;
		let live = Announced::<T>::contains_key((job, record.at), &prover);
		ensure!(!live, Error::<T>::StillChecked);
		Err(Error::<T>::NotAnnounced.into())
	}

	/// Gives the deposit for a proof back.
	pub(crate) fn give_back_proof(job: JobId, who: &AccountId, amount: Balance) -> DispatchResult {
		T::Currency::release(&HoldReason::Proof.into(), who, amount, Precision::Exact)?;
		Self::deposit_event(Event::DepositReturned { job, who: who.clone(), amount });
		Ok(())
	}
}
