// SPDX-License-Identifier: Apache-2.0
//! What must hold between any two calls.

use crate::{
	types::{Attempt, Check},
	Announced, Answered, Checks, CommittedAt, Config, CurrentRound, CurrentWindows, Demands,
	HoldReason, Over, Pallet, Results, Roster,
};
use alloc::collections::BTreeMap;
use calor_primitives::{
	commitment::commitment,
	genesis_hash, now,
	traits::{Collateral, Evidence, Invariants, Lifecycle, Stage},
	AccountId, Balance, JobId,
};
use frame_support::{ensure, traits::fungible::hold::Inspect as _};

/// What is held by account, for questions and for proofs.
type Held = BTreeMap<AccountId, [Balance; 2]>;

impl<T: Config> Invariants for Pallet<T> {
	fn check() -> Result<(), &'static str> {
		ensure!(CurrentWindows::<T>::get().are_valid(), "windows are not valid");
		Self::check_results()?;
		for (job, check) in Checks::<T>::iter() {
			Self::check_one(job, &check)?;
		}
		ensure!(
			CommittedAt::<T>::iter_keys().count() == Checks::<T>::iter_keys().count(),
			"a height names a result that is not checked"
		);
		Self::check_deposits()?;
		Self::check_earmarks()?;
		Self::check_round()
	}
}

impl<T: Config> Pallet<T> {
	fn check_results() -> Result<(), &'static str> {
		for (job, record) in Results::<T>::iter() {
			let Some((salt, roots)) = record.opened else { continue };
			let opened = commitment(&genesis_hash::<T>(), job, &record.worker, &salt, &roots);
			ensure!(opened == record.commitment, "a reveal does not open its commitment");
		}
		Ok(())
	}

	fn check_one(job: JobId, check: &Check) -> Result<(), &'static str> {
		let record = Results::<T>::get(job).ok_or("a check without a result")?;
		ensure!(CommittedAt::<T>::contains_key(record.at, job), "a result is lost by its height");
		ensure!(!Over::<T>::contains_key(job, record.at), "a result is checked and over");
		let case = T::Jobs::case(job).ok_or("a check without a job")?;
		ensure!(case.provider == check.provider, "a check of another provider's result");
		let revealed = record.opened.is_some();
		ensure!(revealed == check.challenge.is_some(), "a result is challenged before its reveal");
		let open = Demands::<T>::iter_key_prefix((job, record.at)).count();
		match (&check.challenge, case.stage) {
			(None, Stage::Committed { .. }) => {
				ensure!(open == 0, "a question before the reveal");
			},
			(Some(challenge), Stage::Revealed { settles_at }) => {
				ensure!(open == challenge.open as usize, "open questions are not counted");
				// It may settle after its cap, if others that ran the same are not as far; nothing can be asked then.
				for demand in Demands::<T>::iter_prefix_values((job, record.at)) {
					ensure!(demand.by_height < settles_at, "an answer may come after settlement");
					ensure!(demand.by_height < challenge.cap, "an answer may come after the cap");
				}
			},
			_ => return Err("a check does not follow its job"),
		}
		Ok(())
	}

	/// Every question and announcement belongs to an attempt that is checked or over, and what is held is what they account
	/// for.
	fn check_deposits() -> Result<(), &'static str> {
		let known = |(job, at): Attempt| {
			let checked = Checks::<T>::contains_key(job)
				&& Results::<T>::get(job).is_some_and(|record| record.at == at);
			checked || Over::<T>::contains_key(job, at)
		};
		let mut held = Held::new();
		for (attempt, _, demand) in Demands::<T>::iter() {
			ensure!(known(attempt), "a question about nothing");
			ensure!(demand.answered.is_none(), "an open question has an answer");
			let [sum, _] = held.entry(demand.by).or_default();
			*sum = sum.saturating_add(demand.deposit);
		}
		for (attempt, question, demand) in Answered::<T>::iter() {
			ensure!(known(attempt), "an answer about nothing");
			ensure!(demand.answered.is_some_and(|at| at <= now::<T>()), "an answer without height");
			ensure!(!Demands::<T>::contains_key(attempt, question), "a question is open twice");
		}
		for (attempt, prover, announced) in Announced::<T>::iter() {
			ensure!(known(attempt), "a proof about nothing is announced");
			let [_, sum] = held.entry(prover).or_default();
			*sum = sum.saturating_add(announced.deposit);
		}
		for (who, [demands, proofs]) in held {
			let reasons = [(HoldReason::Demand, demands), (HoldReason::Proof, proofs)];
			for (reason, expected) in reasons {
				let held = T::Currency::balance_on_hold(&reason.into(), &who);
				ensure!(
					held == expected,
					"what is held is not what questions and proofs account for"
				);
			}
		}
		Ok(())
	}

	/// Stake stands behind every audit.
	fn check_earmarks() -> Result<(), &'static str> {
		let marked: BTreeMap<_, _> =
			T::Collateral::earmarks().into_iter().map(|(who, job, n)| ((who, job), n)).collect();
		for (who, job, earmark) in <Self as Evidence>::earmarks() {
			ensure!(marked.get(&(who, job)) == Some(&earmark), "no stake stands behind an audit");
		}
		Ok(())
	}

	/// The pages of the round that counts add up to it.
	fn check_round() -> Result<(), &'static str> {
		let round = CurrentRound::<T>::get();
		let (mut total, mut auditors) = (0, 0u32);
		for page in (0..round.pages).map(|page| Roster::<T>::get(round.number & 1, page)) {
			ensure!(!page.is_empty(), "a page of a round is empty");
			for (_, up_to) in page {
				ensure!(up_to > total, "auditors of a round are out of order");
				total = up_to;
				auditors = auditors.saturating_add(1);
			}
		}
		ensure!((total, auditors) == (round.total, round.auditors), "a round does not add up");
		Ok(())
	}
}
