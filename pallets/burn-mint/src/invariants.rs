// SPDX-License-Identifier: Apache-2.0
//! What must always hold of supply, emission, rewards and credits.

use crate::{
	credits, emission, kappa, Audited, Authored, BaselineCapacity, BaselineWork, Burned, Ceiling,
	CleanedTo, Close, Config, Counted, Credits, CurrentEpoch, CurrentWindows, Ended, EpochRecord,
	Epochs, GenesisIssuance, Groups, HoldReason, Minted, Paid, Pallet, Phase, Pools, Rewards,
	Tally, VoidTo, WorkOf, Worked, CLAIM_EPOCHS,
};
use alloc::collections::BTreeMap;
use calor_primitives::{
	job::HardwareClass,
	money::{BurnKind, MintKind},
	supply::Reward,
	traits::Invariants,
	AccountId, Balance, EpochIndex,
};
use frame_support::{
	ensure,
	traits::{
		fungible::{hold::Inspect as _, Inspect},
		Get,
	},
};

impl<T: Config> Invariants for Pallet<T> {
	fn check() -> Result<(), &'static str> {
		ensure!(CurrentWindows::<T>::get().are_valid(), "a window lasts no block");
		Self::check_issuance()?;
		Self::check_pools()?;
		Self::check_work_minted()?;
		Self::check_records()?;
		Self::check_rewards()?;
		Self::check_epoch_under_way()?;
		Self::check_close()?;
		Self::check_voids()?;
		Self::check_credits()
	}
}

/// Adds without overflow, or says what did not fit.
fn sum(amounts: impl Iterator<Item = Balance>) -> Result<Balance, &'static str> {
	let mut amounts = amounts;
	amounts.try_fold(0, Balance::checked_add).ok_or("a sum of balances does not fit a balance")
}

impl<T: Config> Pallet<T> {
	/// All tokens are accounted for, and there are not too many.
	fn check_issuance() -> Result<(), &'static str> {
		let issuance = T::Currency::total_issuance();
		let out = issuance.checked_add(Self::total_burned());
		let into = GenesisIssuance::<T>::get().checked_add(Self::total_minted());
		ensure!(out.is_some() && out == into, "issuance + burned != genesis + minted");
		ensure!(issuance <= T::Cap::get(), "issuance exceeds the cap");
		Ok(())
	}

	/// What the pools had is in them, was minted, or can be claimed; and they are not ahead of the schedule.
	fn check_pools() -> Result<(), &'static str> {
		let (left, ceiling) = (Pools::<T>::get(), Ceiling::<T>::get());
		let minted = Minted::<T>::get(MintKind::Availability);
		let all = [left.simple, left.baseline, minted, Self::total_unclaimed()];
		let start = emission::pools();
		ensure!(
			sum(all.into_iter())? == sum([start.simple, start.baseline].into_iter())?,
			"pools + minted for availability + unclaimed != what the pools had"
		);
		ensure!(left.simple >= ceiling.simple, "the simple pool is ahead of the schedule");
		ensure!(left.baseline >= ceiling.baseline, "the baseline pool is ahead of the schedule");
		ensure!(left.simple <= start.simple, "the simple pool has more than it had");
		ensure!(left.baseline <= start.baseline, "the baseline pool has more than it had");
		let baseline = BaselineCapacity::<T>::get();
		ensure!(
			(1..=emission::CAPACITY_MOST).contains(&baseline),
			"the baseline of capacity is out of bounds"
		);
		let baseline = BaselineWork::<T>::get();
		ensure!(
			(1..=kappa::WORK_MOST).contains(&baseline),
			"the baseline of work is out of bounds"
		);
		Ok(())
	}

	/// Recycled rewards never exceed nine tenths of what settlements burned.
	fn check_work_minted() -> Result<(), &'static str> {
		let most = kappa::MOST.mul_floor(Burned::<T>::get(BurnKind::Settlement));
		ensure!(Minted::<T>::get(MintKind::Work) <= most, "more was recycled than may be");
		Ok(())
	}

	/// Each closed epoch paid no more than it could, and what it paid adds up.
	fn check_records() -> Result<(), &'static str> {
		let claimable = Self::first_claimable()..CurrentEpoch::<T>::get().index;
		for (epoch, EpochRecord { report, unclaimed }) in Epochs::<T>::iter() {
			ensure!(claimable.contains(&epoch), "an epoch was kept after it expired");
			let closing = Close::<T>::get().ended().is_some_and(|ended| ended.index == epoch);
			ensure!(!closing, "an epoch is closed twice");
			ensure!(report.drawn.simple <= report.budget.simple, "too much was drawn");
			ensure!(report.drawn.baseline <= report.budget.baseline, "too much was drawn");
			let drawn = sum([report.drawn.simple, report.drawn.baseline].into_iter())?;
			let budget = sum([report.budget.simple, report.budget.baseline].into_iter())?;
			let paid = [report.providers, report.validators, report.treasury, report.auditors];
			ensure!(sum(paid.into_iter())? == drawn, "what was drawn is not what was paid");
			let split = emission::split(budget);
			ensure!(report.providers <= report.providers_limit, "providers got too much");
			ensure!(report.providers_limit <= split.providers, "the limit exceeds the budget");
			ensure!(report.validators <= split.validators, "validators got too much");
			ensure!(report.auditors <= split.auditors, "auditors got too much");
			ensure!(report.treasury == split.treasury, "the treasury got something else");
			ensure!((kappa::LEAST..=kappa::MOST).contains(&report.kappa), "kappa is out of bounds");
			ensure!(
				report.recycled <= report.kappa.mul_floor(report.work_burned),
				"an epoch recycled more than it may"
			);
			ensure!(unclaimed.availability <= drawn, "more can be claimed than was paid");
			ensure!(unclaimed.work <= report.recycled, "more can be claimed than was recycled");
		}
		Ok(())
	}

	/// Rewards add up to what records say can be claimed, and to what the close under way has paid.
	fn check_rewards() -> Result<(), &'static str> {
		let mut found = BTreeMap::<EpochIndex, Reward>::new();
		for (epoch, _, reward) in Rewards::<T>::iter() {
			ensure!(epoch >= CleanedTo::<T>::get(), "a reward was left behind by cleaning");
			let all = found.entry(epoch).or_default();
			all.availability = sum([all.availability, reward.availability].into_iter())?;
			all.work = sum([all.work, reward.work].into_iter())?;
		}
		ensure!(CleanedTo::<T>::get() <= Self::first_claimable(), "cleaning is ahead of claims");
		let current = CurrentEpoch::<T>::get().index;
		let phase = Close::<T>::get();
		for epoch in Self::first_claimable()..=current {
			let of_epoch = found.remove(&epoch).unwrap_or_default();
			let expected = match Epochs::<T>::get(epoch) {
				Some(record) => record.unclaimed,
				None if phase.ended().is_some_and(|ended| ended.index == epoch) => {
					paid_so_far(&phase)?
				},
				None => Reward::default(),
			};
			ensure!(of_epoch == expected, "rewards of an epoch do not add up to its record");
		}
		ensure!(
			found.keys().all(|epoch| *epoch < current),
			"there are rewards of an epoch that has not begun"
		);
		Ok(())
	}

	/// What is written down of the epoch under way adds up, and nothing is left of others.
	fn check_epoch_under_way() -> Result<(), &'static str> {
		let epoch = CurrentEpoch::<T>::get();
		let phase = Close::<T>::get();
		let closing = phase.ended();
		if let Some(ended) = closing {
			ensure!(ended.index.checked_add(1) == Some(epoch.index), "the close lags behind");
			ensure!(ended.span > 0, "an epoch lasted no block");
		}
		let is_known = |index: EpochIndex| {
			index == epoch.index || closing.is_some_and(|ended| ended.index == index)
		};
		ensure!(Worked::<T>::iter_keys().all(|(index, _)| is_known(index)), "old work was left");
		ensure!(
			Authored::<T>::iter_keys().all(|(index, _)| is_known(index)),
			"old authorship was left"
		);
		ensure!(
			Audited::<T>::iter_keys().all(|(index, _)| is_known(index)),
			"old audits were left"
		);
		ensure!(WorkOf::<T>::iter_keys().all(|index| index == epoch.index), "old sums were left");
		let burned = sum(Worked::<T>::iter_prefix_values(epoch.index))?;
		ensure!(burned == WorkOf::<T>::get(epoch.index).burned, "work does not add up");
		let blocks = sum(Authored::<T>::iter_prefix_values(epoch.index).map(Balance::from))?;
		ensure!(blocks == epoch.authored.into(), "authored blocks do not add up");
		let owed = sum(Audited::<T>::iter_prefix_values(epoch.index))?;
		ensure!(owed == epoch.owed, "what auditors earned does not add up");
		Ok(())
	}

	/// Nothing that is counted for a close is left outside one; and inside, what is counted and what has been paid add up.
	fn check_close() -> Result<(), &'static str> {
		let phase = Close::<T>::get();
		match phase {
			Phase::Idle => {
				ensure!(Counted::<T>::iter_keys().next().is_none(), "owners were left counted");
				ensure!(Groups::<T>::iter_keys().next().is_none(), "groups were left counted");
				Ok(())
			},
			Phase::CountingCapacity { ended, tally, .. } | Phase::CountingWork { ended, tally } => {
				let moved =
					sum([tally.burned, sum(Worked::<T>::iter_prefix_values(ended.index))?]
						.into_iter())?;
				ensure!(moved == ended.work.burned, "counted work does not add up");
				Self::check_members(&tally, 0)
			},
			Phase::Budgeting { ended, tally } => {
				ensure!(tally.burned == ended.work.burned, "work was not counted whole");
				Self::check_members(&tally, 0)
			},
			Phase::PayingProviders { ended, tally, terms, paid } => {
				ensure!(tally.burned == ended.work.burned, "work was not counted whole");
				Self::check_paid(&ended, &paid, &terms)?;
				let done = sum(Groups::<T>::iter_values().map(|group| group.paid_burned))?;
				Self::check_members(&tally, done)
			},
			Phase::PayingValidators { ended, terms, paid, .. }
			| Phase::PayingAuditors { ended, terms, paid, .. }
			| Phase::TidyingGroups { ended, terms, paid, .. }
			| Phase::Finishing { ended, terms, paid, .. } => {
				ensure!(Counted::<T>::iter_keys().next().is_none(), "an owner was not paid");
				Self::check_paid(&ended, &paid, &terms)
			},
		}
	}

	/// Members and groups add up to the tally, by class and by burns; `done` is what has been paid of the burns.
	fn check_members(tally: &Tally, done: Balance) -> Result<(), &'static str> {
		let mut burned = done;
		for member in Counted::<T>::iter_values() {
			burned = sum([burned, member.burned].into_iter())?;
			ensure!(Groups::<T>::contains_key(&member.group), "a counted owner has no group");
		}
		ensure!(burned == tally.burned, "burns of owners do not add up");
		let burned = sum(Groups::<T>::iter_values().map(|group| group.burned))?;
		ensure!(burned == tally.burned, "burns of groups do not add up");
		for class in HardwareClass::ALL {
			let all = *tally.weights.of(class);
			let groups = Groups::<T>::iter_values().map(|group| *group.weights.of(class));
			ensure!(sum(groups)? == all, "weights of groups do not add up");
			let members = Counted::<T>::iter_values()
				.filter(|member| member.class == class)
				.map(|member| member.weight);
			let paid = Groups::<T>::iter_values().map(|group| *group.paid_weights.of(class));
			ensure!(sum(members.chain(paid))? == all, "weights of owners do not add up");
		}
		Ok(())
	}

	/// A close pays no more than its terms allow.
	fn check_paid(ended: &Ended, paid: &Paid, terms: &crate::Terms) -> Result<(), &'static str> {
		let limit = terms.limits.sum().ok_or("limits do not fit a balance")?;
		ensure!(paid.providers <= limit, "providers are paid too much");
		ensure!(paid.validators <= terms.validators, "validators are paid too much");
		ensure!(paid.auditors <= terms.auditors.min(ended.owed), "auditors are paid too much");
		ensure!(
			paid.work <= terms.kappa.mul_floor(ended.work.burned),
			"more is recycled than may be"
		);
		Ok(())
	}

	/// Each marker of what is void will be removed with a reward of its epoch.
	fn check_voids() -> Result<(), &'static str> {
		for (who, epoch) in VoidTo::<T>::iter() {
			ensure!(epoch <= CurrentEpoch::<T>::get().index, "rewards are void before their time");
			ensure!(Rewards::<T>::contains_key(epoch, &who), "a marker would stay for ever");
		}
		let kept = u32::try_from(Epochs::<T>::iter_keys().count()).unwrap_or(u32::MAX);
		ensure!(kept <= CLAIM_EPOCHS, "more epochs are kept than can be claimed");
		Ok(())
	}

	/// What each account has on hold as credits is what its credits add up to.
	fn check_credits() -> Result<(), &'static str> {
		let reason = HoldReason::Credits.into();
		let held = |who: &AccountId| T::Currency::balance_on_hold(&reason, who);
		for (who, chunks) in Credits::<T>::iter() {
			ensure!(!chunks.is_empty(), "an account without credits was kept");
			ensure!(chunks.iter().all(|chunk| chunk.amount > 0), "an age has no credits");
			ensure!(held(&who) == credits::total(&chunks), "held credits do not add up");
		}
		for who in frame_system::Account::<T>::iter_keys() {
			let is_known = Credits::<T>::contains_key(&who) || held(&who) == 0;
			ensure!(is_known, "credits are held that nobody has");
		}
		Ok(())
	}
}

/// What the close under way has given to owners.
fn paid_so_far(phase: &Phase) -> Result<Reward, &'static str> {
	match phase {
		Phase::Idle
		| Phase::CountingCapacity { .. }
		| Phase::CountingWork { .. }
		| Phase::Budgeting { .. } => Ok(Reward::default()),
		// The treasury gets its part at the end.
		Phase::PayingProviders { paid, .. }
		| Phase::PayingValidators { paid, .. }
		| Phase::PayingAuditors { paid, .. }
		| Phase::TidyingGroups { paid, .. }
		| Phase::Finishing { paid, .. } => {
			let availability = sum([paid.providers, paid.validators, paid.auditors].into_iter())?;
			Ok(Reward { availability, work: paid.work })
		},
	}
}
