// SPDX-License-Identifier: Apache-2.0
//! The steps of a close, each a page of entries whose weight is known before.
//!
//! A block goes on from step to step as long as there is room. All that is counted is kept beside what others write, so
//! that no claim, no settlement, no identity and no change of the windows in these blocks changes what is paid:
//! attendance begins anew when it is asked, work and authorship are written down for the next epoch, and how a group
//! stands is asked once. What is paid waits for the end of the close: only then is there a record to claim by, and only
//! then do the pools give it.

use crate::{
	electricity, emission, kappa, sharing::Whole, types::PerClass, Audited, Authored,
	BaselineCapacity, BaselineWork, Ceiling, Close, Config, Counted, Ended, EpochRecord, Epochs,
	Event, GroupTally, Groups, Member, Paid, Pallet, Phase, Pools, Rank, Rewards, Tally, Terms,
	WeightInfo, Worked, MAX_PAGE,
};
use alloc::vec::Vec;
use calor_primitives::{
	job::HardwareClass,
	supply::{EpochReport, Reward},
	traits::{Attendance, Attended, Rates, Standings},
	AccountId, Balance, EpochIndex,
};
use frame_support::{
	defensive,
	traits::Get,
	weights::{Weight, WeightMeter},
};

/// The largest page that there is room for; `None` if not even one entry fits.
pub(crate) fn page_within(meter: &WeightMeter, weight: impl Fn(u32) -> Weight) -> Option<u32> {
	let fits = |page: &u32| meter.can_consume(weight(*page));
	if fits(&MAX_PAGE) {
		return Some(MAX_PAGE);
	}
	// Weights grow with pages: bit by bit from the top, what fits stays.
	let page = (0..u32::BITS).rev().fold(0u32, |page, bit| {
		let larger = page | 1u32.checked_shl(bit).unwrap_or(0);
		if larger <= MAX_PAGE && fits(&larger) {
			larger
		} else {
			page
		}
	});
	(page > 0).then_some(page)
}

impl<T: Config> Pallet<T> {
	/// Whether a block has room for the beginning of a close and any one entry of it: else no close would ever end.
	pub(crate) fn can_close() -> bool {
		let begin = T::WeightInfo::wait().saturating_add(T::WeightInfo::end_epoch());
		let entries = [
			T::WeightInfo::count_capacity(1),
			T::WeightInfo::count_work(1),
			T::WeightInfo::set_terms(),
			T::WeightInfo::pay_providers(1),
			T::WeightInfo::pay_validators(1),
			T::WeightInfo::pay_auditors(1),
			T::WeightInfo::tidy_groups(1),
			T::WeightInfo::finish_close(),
		];
		entries.into_iter().all(|entry| begin.saturating_add(entry).all_lte(T::CloseWeight::get()))
	}

	/// Takes the close a step further, if there is room. Gives whether it may go on in this block.
	pub(crate) fn step(meter: &mut WeightMeter) -> bool {
		match Close::<T>::get() {
			Phase::Idle => false,
			Phase::CountingCapacity { ended, last, tally } => {
				Self::page(meter, T::WeightInfo::count_capacity, |limit| {
					Self::count_capacity(limit, ended, last, tally)
				})
			},
			Phase::CountingWork { ended, tally } => {
				Self::page(meter, T::WeightInfo::count_work, |limit| {
					Self::count_work(limit, ended, tally)
				})
			},
			Phase::Budgeting { ended, tally } => {
				Self::once(meter, T::WeightInfo::set_terms(), || Self::set_terms(ended, tally))
			},
			Phase::PayingProviders { ended, tally, terms, paid } => {
				Self::page(meter, T::WeightInfo::pay_providers, |limit| {
					Self::pay_providers(limit, ended, tally, terms, paid)
				})
			},
			Phase::PayingValidators { ended, tally, terms, paid } => {
				Self::page(meter, T::WeightInfo::pay_validators, |limit| {
					Self::pay_validators(limit, ended, tally, terms, paid)
				})
			},
			Phase::PayingAuditors { ended, tally, terms, paid } => {
				Self::page(meter, T::WeightInfo::pay_auditors, |limit| {
					Self::pay_auditors(limit, ended, tally, terms, paid)
				})
			},
			Phase::TidyingGroups { ended, tally, terms, paid } => {
				Self::page(meter, T::WeightInfo::tidy_groups, |limit| {
					Self::tidy_groups(limit, ended, tally, terms, paid)
				})
			},
			Phase::Finishing { ended, tally, terms, paid } => {
				Self::once(meter, T::WeightInfo::finish_close(), || {
					Self::finish_close(ended, tally, terms, paid)
				})
			},
		}
	}

	/// Takes the largest page that there is room for. `take` gives how many entries it had: fewer than it might have had
	/// mean that there are no more, and that the next step may begin.
	fn page(
		meter: &mut WeightMeter,
		weight: impl Fn(u32) -> Weight,
		take: impl FnOnce(u32) -> u32,
	) -> bool {
		let Some(limit) = page_within(meter, &weight) else { return false };
		let taken = take(limit);
		meter.consume(weight(taken));
		taken < limit
	}

	fn once(meter: &mut WeightMeter, weight: Weight, act: impl FnOnce()) -> bool {
		if meter.try_consume(weight).is_err() {
			return false;
		}
		act();
		true
	}

	/// Asks at most `limit` providers after `last` what they were there with.
	pub(crate) fn count_capacity(
		limit: u32,
		ended: Ended,
		mut last: Option<AccountId>,
		mut tally: Tally,
	) -> u32 {
		let page = T::Attendance::take(last.as_ref(), limit);
		let taken = len(page.len());
		for attended in page {
			Self::count_provider(&attended, &ended, &mut tally);
			last = Some(attended.owner);
		}
		Close::<T>::put(if taken < limit {
			Phase::CountingWork { ended, tally }
		} else {
			Phase::CountingCapacity { ended, last, tally }
		});
		taken
	}

	fn count_provider(attended: &Attended, ended: &Ended, tally: &mut Tally) {
		let blocks = attended.blocks.min(ended.span);
		// Capacity is below 2^64 and there are fewer than 2^32 providers and 2^32 blocks, so all weights together fit 128 bits.
		// A capacity for which they did not is none that exists, and is not counted.
		let weight = attended.mac_per_second.checked_mul(blocks.into()).unwrap_or(0);
		if weight == 0 || !tally.weights.add(attended.class, weight) {
			return;
		}
		tally.providers = tally.providers.saturating_add(1);
		let group = Self::join_group(&attended.owner, |group| {
			// At most the sum of all, which fits.
			let sum = group.weights.of_mut(attended.class);
			*sum = sum.saturating_add(weight);
		});
		let member = Member { group, class: attended.class, weight, burned: 0 };
		Counted::<T>::insert(&attended.owner, member);
	}

	/// Changes what is counted of the group of an owner that has not been counted yet; gives the group's account.
	fn join_group(owner: &AccountId, add: impl FnOnce(&mut GroupTally)) -> AccountId {
		let standing = T::Standings::standing(owner);
		Groups::<T>::mutate(&standing.group, |group| {
			add(group.get_or_insert_with(|| {
				GroupTally::new(match (standing.in_order, standing.attested) {
					(false, _) => Rank::Overdue,
					(true, true) => Rank::Attested,
					(true, false) => Rank::Unattested,
				})
			}));
		});
		standing.group
	}

	/// Moves at most `limit` entries of work to what is counted of owners and groups.
	pub(crate) fn count_work(limit: u32, ended: Ended, mut tally: Tally) -> u32 {
		let page: Vec<_> = Worked::<T>::iter_prefix(ended.index).take(limit as usize).collect();
		let taken = len(page.len());
		for (owner, burned) in page {
			Worked::<T>::remove(ended.index, &owner);
			// At most the burns of all work, which were added up before.
			tally.burned = tally.burned.saturating_add(burned);
			let add = |group: &mut GroupTally| group.burned = group.burned.saturating_add(burned);
			let member = match Counted::<T>::get(&owner) {
				Some(member) => {
					Groups::<T>::mutate(&member.group, |group| match group {
						Some(group) => add(group),
						None => {
							defensive!("a counted owner has a group");
						},
					});
					Member { burned, ..member }
				},
				None => {
					let group = Self::join_group(&owner, add);
					Member { group, class: HardwareClass::General, weight: 0, burned }
				},
			};
			Counted::<T>::insert(&owner, member);
		}
		Close::<T>::put(if taken < limit {
			Phase::Budgeting { ended, tally }
		} else {
			Phase::CountingWork { ended, tally }
		});
		taken
	}

	/// Fixes what is paid.
	pub(crate) fn set_terms(ended: Ended, tally: Tally) {
		// The sum was checked when each weight was added.
		let weights = tally.weights.sum().unwrap_or(0);
		let capacity = emission::capacity(weights, ended.span);
		let budget = emission::draw(&Pools::<T>::get(), capacity, BaselineCapacity::<T>::get());
		// At most what is left in the pools, whose sum fits.
		let split = emission::split(emission::total(&budget).unwrap_or(0));
		let cal_price = T::Rates::cal_price();
		let limits = PerClass::from_fn(|class| {
			Self::limit(class, *tally.weights.of(class), weights, split.providers, cal_price)
		});
		let value = kappa::value(ended.work.price, cal_price);
		let kappa = kappa::kappa(value, BaselineWork::<T>::get());
		let terms = Terms {
			capacity,
			budget,
			limits,
			validators: split.validators,
			treasury: split.treasury,
			auditors: split.auditors,
			kappa,
		};
		Close::<T>::put(Phase::PayingProviders { ended, tally, terms, paid: Paid::default() });
	}

	/// Most that a class gets of the providers' budget: its part by weight, but no more than half of what its electricity
	/// costs. Each class is limited by itself: with one limit for all, a class of little power would be paid for idling out of what
	/// the power of another costs.
	fn limit(
		class: HardwareClass,
		weight: u128,
		all: u128,
		budget: Balance,
		cal_price: Option<u128>,
	) -> Balance {
		if weight == 0 {
			return 0;
		}
		let part = crate::sharing::share(budget, weight, all);
		let cost = electricity::macs(weight, T::MillisecsPerBlock::get())
			.and_then(|macs| T::Rates::electricity(class, macs));
		electricity::within(part, cost, cal_price)
	}

	/// Gives at most `limit` counted owners their rewards.
	pub(crate) fn pay_providers(
		limit: u32,
		ended: Ended,
		tally: Tally,
		terms: Terms,
		mut paid: Paid,
	) -> u32 {
		let whole = Whole {
			limits: terms.limits,
			weights: tally.weights,
			burned: tally.burned,
			kappa: terms.kappa,
		};
		let page: Vec<_> = Counted::<T>::iter().take(limit as usize).collect();
		let taken = len(page.len());
		for (owner, member) in page {
			Counted::<T>::remove(&owner);
			let reward = Groups::<T>::mutate(&member.group, |group| {
				group.as_mut().map(|group| whole.pay(group, &member))
			});
			let Some(reward) = reward else {
				defensive!("a counted owner has a group");
				continue;
			};
			// At most the budgets together.
			paid.providers = paid.providers.saturating_add(reward.availability);
			paid.work = paid.work.saturating_add(reward.work);
			Self::accrue(ended.index, &owner, reward);
		}
		Close::<T>::put(if taken < limit {
			Phase::PayingValidators { ended, tally, terms, paid }
		} else {
			Phase::PayingProviders { ended, tally, terms, paid }
		});
		taken
	}

	/// Gives at most `limit` authors their rewards.
	pub(crate) fn pay_validators(
		limit: u32,
		ended: Ended,
		tally: Tally,
		terms: Terms,
		mut paid: Paid,
	) -> u32 {
		let page: Vec<_> = Authored::<T>::iter_prefix(ended.index).take(limit as usize).collect();
		let taken = len(page.len());
		for (author, blocks) in page {
			Authored::<T>::remove(ended.index, &author);
			let (blocks, all) = (blocks.into(), ended.authored.into());
			let availability = crate::sharing::share(terms.validators, blocks, all);
			// At most the validators' part together.
			paid.validators = paid.validators.saturating_add(availability);
			Self::accrue(ended.index, &author, Reward { availability, work: 0 });
		}
		Close::<T>::put(if taken < limit {
			Phase::PayingAuditors { ended, tally, terms, paid }
		} else {
			Phase::PayingValidators { ended, tally, terms, paid }
		});
		taken
	}

	/// Gives at most `limit` auditors of proofs of capacity what they have earned: in full if the auditors' part suffices
	/// for all of them, else in proportion.
	pub(crate) fn pay_auditors(
		limit: u32,
		ended: Ended,
		tally: Tally,
		terms: Terms,
		mut paid: Paid,
	) -> u32 {
		let page: Vec<_> = Audited::<T>::iter_prefix(ended.index).take(limit as usize).collect();
		let taken = len(page.len());
		for (auditor, earned) in page {
			Audited::<T>::remove(ended.index, &auditor);
			let availability = if ended.owed <= terms.auditors {
				earned
			} else {
				crate::sharing::share(terms.auditors, earned, ended.owed)
			};
			// At most the auditors' part together.
			paid.auditors = paid.auditors.saturating_add(availability);
			Self::accrue(ended.index, &auditor, Reward { availability, work: 0 });
		}
		Close::<T>::put(if taken < limit {
			Phase::TidyingGroups { ended, tally, terms, paid }
		} else {
			Phase::PayingAuditors { ended, tally, terms, paid }
		});
		taken
	}

	/// Adds to the rewards of an account. They can be claimed once the epoch has a record.
	fn accrue(epoch: EpochIndex, who: &AccountId, reward: Reward) {
		if reward.total() == 0 {
			return;
		}
		Rewards::<T>::mutate(epoch, who, |sum| {
			// At most the budgets together.
			sum.availability = sum.availability.saturating_add(reward.availability);
			sum.work = sum.work.saturating_add(reward.work);
		});
	}

	/// Removes what was counted of at most `limit` groups.
	pub(crate) fn tidy_groups(
		limit: u32,
		ended: Ended,
		tally: Tally,
		terms: Terms,
		paid: Paid,
	) -> u32 {
		let page: Vec<_> = Groups::<T>::iter_keys().take(limit as usize).collect();
		let taken = len(page.len());
		page.iter().for_each(Groups::<T>::remove);
		Close::<T>::put(if taken < limit {
			Phase::Finishing { ended, tally, terms, paid }
		} else {
			Phase::TidyingGroups { ended, tally, terms, paid }
		});
		taken
	}

	/// Takes what is paid from the pools and writes the epoch down; schedule and baselines go on.
	pub(crate) fn finish_close(ended: Ended, tally: Tally, terms: Terms, paid: Paid) {
		let treasury = Reward { availability: terms.treasury, work: 0 };
		Self::accrue(ended.index, &T::Treasury::get(), treasury);
		let report = report(&ended, &tally, &terms, &paid);
		// What the budget was drawn from has only grown since, by what expired.
		Pools::<T>::mutate(|left| *left = emission::after(left, &report.drawn));
		Ceiling::<T>::mutate(|left| *left = emission::after(left, &emission::draw_in_full(left)));
		BaselineCapacity::<T>::mutate(|baseline| {
			*baseline = emission::next_baseline(terms.capacity, *baseline)
		});
		BaselineWork::<T>::mutate(|baseline| *baseline = kappa::next_baseline(*baseline));
		// At most the budget.
		let availability = report.drawn.simple.saturating_add(report.drawn.baseline);
		let unclaimed = Reward { availability, work: report.recycled };
		Epochs::<T>::insert(ended.index, EpochRecord { report, unclaimed });
		Close::<T>::put(Phase::Idle);
		Self::deposit_event(Event::EpochClosed { epoch: ended.index, report });
	}
}

fn report(ended: &Ended, tally: &Tally, terms: &Terms, paid: &Paid) -> EpochReport {
	// Each is at most its part of the budget.
	let availability: Balance = paid
		.providers
		.saturating_add(paid.validators)
		.saturating_add(paid.auditors)
		.saturating_add(terms.treasury);
	EpochReport {
		budget: terms.budget,
		drawn: emission::in_proportion(availability, &terms.budget),
		providers_limit: terms.limits.sum().unwrap_or(0),
		providers: paid.providers,
		validators: paid.validators,
		treasury: terms.treasury,
		auditors: paid.auditors,
		capacity: terms.capacity,
		work: ended.work.price,
		work_burned: ended.work.burned,
		kappa: terms.kappa,
		recycled: paid.work,
		counted: tally.providers,
	}
}

/// The length of a page, which has at most [`MAX_PAGE`] entries.
fn len(entries: usize) -> u32 {
	u32::try_from(entries).unwrap_or(u32::MAX)
}
