// SPDX-License-Identifier: Apache-2.0
//! Rounds of auditors: who draws, and with how much stake.
//!
//! Stake counts as it stood when the round was made, a page of seats at a block, so that nobody can move it to where a
//! result was drawn for. The round before is kept as long as results of it can be claimed.

use crate::{
	types::{Making, Power, RosterPage, PAGE},
	Config, CurrentRound, CurrentWindows, Error, Event, NextRound, NextRoundAt, Pallet, Roster,
	Round, Seat, Seats, WeightInfo,
};
use alloc::vec::Vec;
use calor_primitives::{
	money::BurnKind,
	now,
	traits::{Assign, BurnLedger, Collateral},
	AccountId, Balance,
};
use frame_support::{
	defensive,
	dispatch::DispatchResult,
	ensure,
	traits::{
		fungible::Inspect as _,
		tokens::{Fortitude, Preservation},
		Get,
	},
	weights::Weight,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_enrol(who: AccountId, on: bool) -> DispatchResult {
		let owner = match T::Providers::worker_of(&who) {
			Some(_) => who,
			None => T::Providers::owner_of(&who).ok_or(Error::<T>::NotProvider)?,
		};
		ensure!(on != Seats::<T>::contains_key(&owner), Error::<T>::NothingChanges);
		if on {
			ensure!(T::Collateral::bonded(&owner) > 0, Error::<T>::NotBonded);
			Seats::<T>::insert(&owner, Seat::default());
			Self::deposit_event(Event::Enrolled { auditor: owner });
		} else {
			Self::give_up_seat(owner);
		}
		Ok(())
	}

	fn give_up_seat(auditor: AccountId) {
		Seats::<T>::remove(&auditor);
		Self::deposit_event(Event::Withdrawn { auditor });
	}

	/// Makes a page of the next round if it is time, and gives the weight of it.
	pub(crate) fn make_round() -> Weight {
		let Some(mut making) = Self::in_the_making() else { return Weight::zero() };
		let seats: Vec<_> = match &making.cursor {
			Some(last) => {
				Seats::<T>::iter_from(Seats::<T>::hashed_key_for(last)).take(PAGE as usize)
			},
			None => Seats::<T>::iter().take(PAGE as usize),
		}
		.collect();
		let count = seats.len() as u32;
		Self::make_page(&mut making, seats);
		if count == PAGE {
			NextRound::<T>::put(making);
		} else {
			Self::begin_round(making.round);
		}
		T::WeightInfo::make_round(count)
	}

	/// The round that a page is to be made of in this block.
	fn in_the_making() -> Option<Making> {
		NextRound::<T>::get().or_else(|| {
			let number = CurrentRound::<T>::get().number.saturating_add(1);
			(now::<T>() >= NextRoundAt::<T>::get())
				.then(|| Making { round: Round { number, ..Default::default() }, cursor: None })
		})
	}

	/// Adds those of the seats that have stake and are present. Who has no stake any more loses the seat.
	fn make_page(making: &mut Making, seats: Vec<(AccountId, Seat)>) {
		let round = &mut making.round;
		let mut page = RosterPage::default();
		for (owner, mut seat) in seats {
			making.cursor = Some(owner.clone());
			let stake = T::Collateral::bonded(&owner);
			let Some(worker) = T::Providers::worker_of(&owner).filter(|_| stake > 0) else {
				Self::give_up_seat(owner);
				continue;
			};
			if !T::Providers::is_present(&owner) {
				continue;
			}
			// All stake there is fits a balance.
			round.total = round.total.saturating_add(stake);
			seat.set(Power { round: round.number, worker, stake });
			Seats::<T>::insert(&owner, seat);
			if page.try_push((owner, round.total)).is_err() {
				defensive!("more auditors on a page than were looked at");
			}
		}
		if !page.is_empty() {
			round.auditors = round.auditors.saturating_add(page.len() as u32);
			Roster::<T>::insert(Self::side(round), round.pages, page);
			round.pages = round.pages.saturating_add(1);
		}
	}

	/// Where the pages of a round stand: the two that are needed at once never share it.
	fn side(round: &Round) -> u32 {
		round.number & 1
	}

	/// A round is complete: it counts from now on, and the pot is brought down to its bound.
	fn begin_round(round: Round) {
		let windows = CurrentWindows::<T>::get();
		NextRound::<T>::kill();
		CurrentRound::<T>::put(round);
		NextRoundAt::<T>::put(now::<T>().saturating_add(windows.roster));
		Self::deposit_event(Event::RoundBegan {
			round: round.number,
			auditors: round.auditors,
			total: round.total,
		});
		let surplus = Self::in_pot().saturating_sub(windows.pot);
		let pot = T::AuditPot::get();
		if surplus > 0 && T::Burns::burn_free(&pot, surplus, BurnKind::AuditPot).is_ok() {
			Self::deposit_event(Event::PotBurned { amount: surplus });
		}
	}

	/// What the audit pot can pay, in planck.
	pub(crate) fn in_pot() -> Balance {
		let pot = T::AuditPot::get();
		T::Currency::reducible_balance(&pot, Preservation::Preserve, Fortitude::Polite)
	}

	/// The auditor of a round to whom the planck of that number belongs, of all their stake from 0.
	pub(crate) fn owner_of_planck(round: &Round, planck: Balance) -> Option<AccountId> {
		let side = Self::side(round);
		let (mut low, mut high) = (0, round.pages);
		while low < high {
			let mid = low.midpoint(high);
			let page = Roster::<T>::get(side, mid);
			if page.last().is_some_and(|(_, up_to)| *up_to > planck) {
				high = mid;
			} else {
				low = mid.saturating_add(1);
			}
		}
		let page = Roster::<T>::get(side, low);
		page.into_iter().find_map(|(owner, up_to)| (up_to > planck).then_some(owner))
	}
}
