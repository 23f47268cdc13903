// SPDX-License-Identifier: Apache-2.0
//! Rounds: when they start, who is called, and who has not proved when their time is over.
//!
//! Chance starts a round, so that nobody can have its machine in order just then; calling takes place in the same block
//! as far as there is room, a page after another in the order of storage. A provider that leaves when it sees a round
//! start is not called and has missed it like one that stays and does nothing.

use crate::{
	Config, CurrentPhase, CurrentWindows, Event, Holders, LastRound, Pallet, Phase, Round,
	RoundNumber, Seat, SeatCount, Seats, WeightInfo, EXCUSED_ONE_IN,
};
use alloc::vec::Vec;
use calor_primitives::{
	now,
	traits::{Assign, Proving},
	AccountId, H256,
};
use frame_support::{
	defensive,
	traits::{Get, Randomness},
	weights::{Weight, WeightMeter},
};

/// Most providers or seats that are looked at at once.
const MAX_PAGE: u32 = 1_000;

impl<T: Config> Pallet<T> {
	/// Whether a block has room for the start of a round and any one entry of it: else no round would ever end.
	pub(crate) fn can_go_on() -> bool {
		let begin = T::WeightInfo::rest().saturating_add(T::WeightInfo::start_round());
		let entry = T::WeightInfo::call(1).max(T::WeightInfo::sweep(1));
		begin.saturating_add(entry).all_lte(T::RoundWeight::get())
	}

	/// Takes the round as far as its weight goes. Gives the weight that this took.
	pub(crate) fn go_on() -> Weight {
		let mut meter = WeightMeter::with_limit(T::RoundWeight::get());
		meter.consume(T::WeightInfo::rest());
		if CurrentPhase::<T>::get() == Phase::Resting {
			if let Some(seed) = Self::draw() {
				meter.consume(T::WeightInfo::start_round());
				Self::start_round(seed);
			}
		}
		while Self::step(&mut meter) {}
		meter.consumed()
	}

	/// The seed of a round, if one is to start now.
	fn draw() -> Option<H256> {
		let windows = CurrentWindows::<T>::get();
		let since = LastRound::<T>::get().map_or(0, |round| round.since);
		if now::<T>() < since.saturating_add(windows.gap) {
			return None;
		}
		let (chance, _) = T::Randomness::random(b"calor/capacity/round");
		let (seed, _) = T::Randomness::random(b"calor/capacity/seed");
		let number = chance?.as_bytes().first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes));
		// Of 2^64 numbers, so many more or fewer for one rest than for another make no difference.
		(number?.checked_rem(windows.interval.into())? == 0).then_some(seed?)
	}

	pub(crate) fn start_round(seed: H256) {
		let windows = CurrentWindows::<T>::get();
		let number = LastRound::<T>::get().map_or(0, |round| round.number).saturating_add(1);
		let since = now::<T>();
		let by = since.saturating_add(windows.prove);
		let seconds = windows.work_seconds;
		LastRound::<T>::put(Round { number, seed, since, by, seconds });
		CurrentPhase::<T>::put(Phase::Calling { last: None });
		Self::deposit_event(Event::RoundStarted { round: number, seed, by });
	}

	/// Takes the round a page further, if there is room. Gives whether it may go on in this block.
	fn step(meter: &mut WeightMeter) -> bool {
		let Some(round) = LastRound::<T>::get() else { return false };
		match CurrentPhase::<T>::get() {
			Phase::Resting => false,
			Phase::Calling { last } => {
				Self::page(meter, T::WeightInfo::call, |limit| Self::call_page(limit, last, &round))
			},
			Phase::Open => {
				let over = now::<T>() > round.by;
				if over {
					CurrentPhase::<T>::put(Phase::Sweeping { last: None });
				}
				over
			},
			Phase::Sweeping { last } => Self::page(meter, T::WeightInfo::sweep, |limit| {
				Self::sweep_page(limit, last, round.number)
			}),
		}
	}

	/// Takes the largest page that there is room for, of a full one, half of one, a quarter, ... Gives whether it was the
	/// last.
	fn page(
		meter: &mut WeightMeter,
		weight: impl Fn(u32) -> Weight,
		take: impl FnOnce(u32) -> u32,
	) -> bool {
		let pages = core::iter::successors(Some(MAX_PAGE), |page| page.checked_shr(1));
		let limit =
			pages.take_while(|page| *page > 0).find(|page| meter.can_consume(weight(*page)));
		let Some(limit) = limit else { return false };
		let taken = take(limit);
		meter.consume(weight(taken));
		taken < limit
	}

	/// Calls at most `limit` providers after `last`.
	pub(crate) fn call_page(limit: u32, mut last: Option<AccountId>, round: &Round) -> u32 {
		let page = T::Providers::page(last.as_ref(), limit);
		let taken = u32::try_from(page.len()).unwrap_or(u32::MAX);
		for owner in page {
			Self::call_one(&owner, round.number);
			last = Some(owner);
		}
		CurrentPhase::<T>::put(if taken < limit {
			Self::deposit_event(Event::AllCalled { round: round.number });
			Phase::Open
		} else {
			Phase::Calling { last }
		});
		taken
	}

	fn call_one(owner: &AccountId, round: RoundNumber) {
		let seat = Seats::<T>::get(owner);
		if !T::Providers::is_present(owner) {
			if seat.is_none() && T::Providers::proven(owner) > 0 {
				// Nobody looks at providers without a seat when the time is over.
				T::Providers::prove(owner, 0);
				Self::deposit_event(Event::Missed { provider: owner.clone(), round });
			}
			return;
		}
		let mut seat = seat.unwrap_or_else(|| Self::new_seat(owner));
		seat.called = round;
		let last_excuse = round.saturating_sub(seat.excused);
		let may_excuse = seat.excused == 0 || last_excuse >= EXCUSED_ONE_IN;
		if may_excuse && T::Providers::is_working(owner) {
			seat.excused = round;
			Self::deposit_event(Event::Excused { provider: owner.clone(), round });
		}
		Seats::<T>::insert(owner, seat);
	}

	pub(crate) fn new_seat(owner: &AccountId) -> Seat {
		let index = SeatCount::<T>::get();
		// Each seat was a provider with a deposit: money runs out long before numbers do.
		SeatCount::<T>::put(index.saturating_add(1));
		Holders::<T>::insert(index, owner);
		Seat { index, ..Default::default() }
	}

	/// Looks at most `limit` seats after `last` whether they have proved.
	pub(crate) fn sweep_page(limit: u32, mut last: Option<AccountId>, round: RoundNumber) -> u32 {
		let seats = match &last {
			Some(owner) => Seats::<T>::iter_from(Seats::<T>::hashed_key_for(owner)),
			None => Seats::<T>::iter(),
		};
		// All are read before one is written: removing from a map that is being walked is not defined.
		let page: Vec<_> = seats.take(limit as usize).collect();
		let taken = u32::try_from(page.len()).unwrap_or(u32::MAX);
		for (owner, seat) in page {
			Self::sweep_one(&owner, seat, round);
			last = Some(owner);
		}
		if taken < limit {
			CurrentPhase::<T>::put(Phase::Resting);
			Self::deposit_event(Event::RoundEnded { round });
		} else {
			CurrentPhase::<T>::put(Phase::Sweeping { last });
		}
		taken
	}

	fn sweep_one(owner: &AccountId, seat: Seat, round: RoundNumber) {
		if T::Providers::claimed(owner).is_none() {
			Seats::<T>::remove(owner);
			Holders::<T>::remove(seat.index);
			return;
		}
		if seat.committed == round || seat.excused == round {
			return;
		}
		Seats::<T>::insert(owner, Seat { void: round, ..seat });
		if T::Providers::proven(owner) > 0 {
			T::Providers::prove(owner, 0);
			Self::deposit_event(Event::Missed { provider: owner.clone(), round });
		}
	}

	/// Nothing that a provider proves in that round, or proved before, counts.
	pub(crate) fn make_void(owner: &AccountId, round: RoundNumber) {
		let known = Seats::<T>::mutate(owner, |seat| match seat {
			Some(seat) => {
				seat.void = seat.void.max(round);
				true
			},
			None => false,
		});
		if !known {
			defensive!("a proof is that of a provider with a seat");
		}
		T::Providers::prove(owner, 0);
	}
}
