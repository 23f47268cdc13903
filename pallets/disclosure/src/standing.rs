// SPDX-License-Identifier: Apache-2.0
//! Who may work and earn, and what can be read of groups.

use crate::{Config, Filings, GroupRecord, Pallet, Records};
use alloc::vec::Vec;
use calor_primitives::{
	group::{Duty, Group, GroupView},
	now,
	traits::{OwnerGroups, Standing, Standings},
	AccountId,
};

impl<T: Config> Standings for Pallet<T> {
	/// One read besides those of the group, since it is asked at every draw.
	fn standing(owner: &AccountId) -> Standing {
		let Group { head, attested } = T::Groups::group_of(owner);
		let in_order = Self::duty_of_group(&head) != Duty::Overdue;
		Standing { group: head, attested, in_order }
	}
}

impl<T: Config> Pallet<T> {
	/// All groups that have been counted or have filed.
	pub(crate) fn all_views() -> Vec<GroupView> {
		let counted = Records::<T>::iter().map(|(head, record)| Self::view(head, record));
		let filed = Filings::<T>::iter_keys()
			.filter(|head| !Records::<T>::contains_key(head))
			.map(|head| Self::view(head, GroupRecord::default()));
		counted.chain(filed).collect()
	}

	/// A group, if it has been counted or has filed.
	pub(crate) fn view_of(head: AccountId) -> Option<GroupView> {
		let record = Records::<T>::get(&head)
			.or_else(|| Filings::<T>::contains_key(&head).then(GroupRecord::default))?;
		Some(Self::view(head, record))
	}

	/// What the group of an account has to do.
	pub(crate) fn duty_of(account: &AccountId) -> Duty {
		Self::duty_of_group(&T::Groups::group_of(account).head)
	}

	fn duty_of_group(head: &AccountId) -> Duty {
		Records::<T>::get(head).unwrap_or_default().obligation.duty(now::<T>())
	}

	fn view(head: AccountId, record: GroupRecord) -> GroupView {
		GroupView {
			attested: T::Groups::group_of(&head).attested,
			providers: record.counted.providers,
			// More than 64 bits can only be claimed, never done; the share is exact all the same.
			mac_per_second: record.counted.mac_per_second.try_into().unwrap_or(u64::MAX),
			share: record.share,
			average_share: Self::average_of(&record),
			duty: record.obligation.duty(now::<T>()),
			disclosure: Filings::<T>::get(&head).map(|filing| (filing.disclosure, filing.at)),
			group: head,
		}
	}
}
