// SPDX-License-Identifier: Apache-2.0
//! Counting what each group can do, and judging who has to disclose: a page a block, where blocks have room.
//!
//! A provider is looked at once a count, at its place in the order of storage, and counted for the group that it
//! belongs to at that moment. One that registers, leaves or changes groups meanwhile is counted in one place or missed,
//! never counted twice: its place is that of its owner account and the walk never goes back. What a group's record says
//! of the last count stays until the group is judged anew, so that a page that waits for room changes nothing.

use crate::{
	average::Average, Census, Config, Count, CurrentWindows, Event, Filings, GroupRecord,
	LastCount, Obligation, Pallet, Phase, Records, Tally, WeightInfo,
};
use alloc::vec::Vec;
use calor_primitives::{
	now,
	traits::{OwnerGroups, ProvenCapacity},
	AccountId, BlockNumber,
};
use frame_support::{
	traits::Get,
	weights::{Weight, WeightMeter},
};
use sp_runtime::Perbill;

/// A group without providers is forgotten once its average is below this part of the threshold.
///
/// Sooner and an owner could wash off its average by leaving for a day; later and records of those who left pile up.
const NEGLIGIBLE: u32 = 10;

impl<T: Config> Pallet<T> {
	/// Takes the census a page further, if it is time and `remaining` has room. Gives the weight that it took.
	pub(crate) fn take_census(remaining: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(remaining);
		if meter.try_consume(T::WeightInfo::wait()).is_err() {
			return meter.consumed();
		}
		match Census::<T>::get() {
			Phase::Waiting { since } => {
				if now::<T>() >= since.saturating_add(CurrentWindows::<T>::get().epoch) {
					if let Some(limit) = Self::page_within(&mut meter, T::WeightInfo::count) {
						Self::count(limit, now::<T>(), None, Tally::default());
					}
				}
			},
			Phase::Counting { since, last, tally } => {
				if let Some(limit) = Self::page_within(&mut meter, T::WeightInfo::count) {
					Self::count(limit, since, last, tally);
				}
			},
			Phase::Judging { since, last, tally, judged, groups } => {
				if let Some(limit) = Self::page_within(&mut meter, T::WeightInfo::judge) {
					Self::judge(limit, Count { since, groups, tally }, last, judged);
				}
			},
		}
		meter.consumed()
	}

	/// The largest page that there is room for, of a full one, half of one, a quarter, ...; its weight is consumed.
	fn page_within(meter: &mut WeightMeter, weight: impl Fn(u32) -> Weight) -> Option<u32> {
		let pages = core::iter::successors(Some(T::MaxPage::get()), |page| page.checked_shr(1));
		pages.take_while(|page| *page > 0).find(|page| meter.try_consume(weight(*page)).is_ok())
	}

	/// Counts at most `limit` providers after `last`.
	pub(crate) fn count(
		limit: u32,
		since: BlockNumber,
		mut last: Option<AccountId>,
		mut tally: Tally,
	) {
		let page = T::Capacity::page(last.as_ref(), limit);
		let done = page.len() < limit as usize;
		for (owner, capacity) in page {
			let found = Tally { providers: 1, mac_per_second: u128::from(capacity.mac_per_second) };
			let head = T::Groups::group_of(&owner).head;
			Records::<T>::mutate(head, |record| {
				record.get_or_insert_default().counting.add(found);
			});
			tally.add(found);
			last = Some(owner);
		}
		Census::<T>::put(if done {
			Phase::Judging { since, last: None, tally, judged: Tally::default(), groups: 0 }
		} else {
			Phase::Counting { since, last, tally }
		});
	}

	/// Judges at most `limit` groups after `last`.
	pub(crate) fn judge(
		limit: u32,
		mut count: Count,
		mut last: Option<AccountId>,
		mut judged: Tally,
	) {
		let groups = match &last {
			Some(group) => Records::<T>::iter_from(Records::<T>::hashed_key_for(group)),
			None => Records::<T>::iter(),
		};
		// All are read before one is written: removing from a map that is being walked is not defined.
		let page: Vec<_> = groups.take(limit as usize).collect();
		let done = page.len() < limit as usize;
		for (group, mut record) in page {
			judged.add(record.counting);
			if record.counting.providers > 0 {
				count.groups = count.groups.saturating_add(1);
			}
			Self::judge_group(&group, &mut record, &count.tally);
			if Self::is_forgotten(&record) {
				Records::<T>::remove(&group);
			} else {
				Records::<T>::insert(&group, record);
			}
			last = Some(group);
		}
		if done {
			Self::finish(count);
			return;
		}
		let Count { since, groups, tally } = count;
		Census::<T>::put(Phase::Judging { since, last, tally, judged, groups });
	}

	/// Gives a group its share of all that was counted, its average and its duty.
	fn judge_group(group: &AccountId, record: &mut GroupRecord, all: &Tally) {
		let n = T::AverageEpochs::get();
		record.counted = core::mem::take(&mut record.counting);
		record.share = record.counted.share_of(all);
		let average = match record.average {
			Some(average) => average.next(record.share, n),
			None => Average::first(record.share, n),
		};
		record.average = Some(average);
		let is_big = average.value(n) > T::Threshold::get();
		let obligation = match record.obligation {
			Obligation::None if is_big => {
				let by = now::<T>().saturating_add(CurrentWindows::<T>::get().filing);
				Self::obligation_by(group, by)
			},
			Obligation::Paused { by } if is_big => Self::obligation_by(group, by),
			// Who has not filed gets no new time for it by hovering about the threshold.
			Obligation::Owes { by } if !is_big => Obligation::Paused { by },
			Obligation::Met { .. } if !is_big => Obligation::None,
			unchanged => unchanged,
		};
		Self::oblige(group, record, obligation);
	}

	/// What a group has to do that became big: to file by that height, unless it has.
	fn obligation_by(group: &AccountId, by: BlockNumber) -> Obligation {
		match Filings::<T>::contains_key(group) {
			true => Obligation::Met { by },
			false => Obligation::Owes { by },
		}
	}

	/// Moves a group to another obligation: the only place that does. The caller keeps the record.
	pub(crate) fn oblige(group: &AccountId, record: &mut GroupRecord, obligation: Obligation) {
		if record.obligation == obligation {
			return;
		}
		record.obligation = obligation;
		let duty = obligation.duty(now::<T>());
		Self::deposit_event(Event::DutyChanged { group: group.clone(), duty });
	}

	/// Whether nothing is left to be remembered of a group that was just judged. Big groups are not, since what is
	/// negligible is less than the threshold.
	fn is_forgotten(record: &GroupRecord) -> bool {
		record.counted.providers == 0 && Self::average_of(record) < Self::negligible()
	}

	/// Average below which a group without providers is forgotten.
	pub(crate) fn negligible() -> Perbill {
		let parts = T::Threshold::get().deconstruct();
		Perbill::from_parts(parts.checked_div(NEGLIGIBLE).unwrap_or(0))
	}

	/// Average share of a group; zero before its first count.
	pub(crate) fn average_of(record: &GroupRecord) -> Perbill {
		record.average.map(|mean| mean.value(T::AverageEpochs::get())).unwrap_or_default()
	}

	fn finish(count: Count) {
		LastCount::<T>::put(count);
		Census::<T>::put(Phase::Waiting { since: count.since });
		Self::deposit_event(Event::Counted {
			groups: count.groups,
			providers: count.tally.providers,
			mac_per_second: count.tally.mac_per_second,
		});
	}
}
