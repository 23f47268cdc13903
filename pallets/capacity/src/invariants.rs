// SPDX-License-Identifier: Apache-2.0
//! What must hold of rounds, seats and proofs after every block.

use crate::{
	job_of, Agenda, Config, CurrentPhase, CurrentWindows, Holders, LastRound, Pallet, Phase,
	Proofs, SeatCount, Seats,
};
use alloc::collections::BTreeSet;
use calor_primitives::{
	job::CAPACITY_JOBS,
	traits::{Collateral, Invariants, Proving},
};
use frame_support::{ensure, traits::Get};

impl<T: Config> Invariants for Pallet<T> {
	fn check() -> Result<(), &'static str> {
		let windows = CurrentWindows::<T>::get();
		ensure!(windows.are_valid(T::MillisecsPerBlock::get()), "windows are not valid");
		let last = LastRound::<T>::get();
		ensure!(
			last.is_some() || CurrentPhase::<T>::get() == Phase::Resting,
			"something is done about a round that never was"
		);
		Self::check_seats(last.map_or(0, |round| round.number))?;
		Self::check_proofs()
	}
}

impl<T: Config> Pallet<T> {
	/// Each seat has a place of its own, and is not ahead of the rounds.
	fn check_seats(last: u32) -> Result<(), &'static str> {
		let mut places = BTreeSet::new();
		for (owner, seat) in Seats::<T>::iter() {
			ensure!(places.insert(seat.index), "two providers have one seat");
			ensure!(
				Holders::<T>::get(seat.index).as_ref() == Some(&owner),
				"a seat does not lead back to its owner"
			);
			ensure!(seat.index < SeatCount::<T>::get(), "a seat was never given out");
			ensure!(seat.excused <= seat.called, "an excuse without a call");
			ensure!(seat.committed <= seat.called, "a proof without a call");
			ensure!(seat.called.max(seat.void) <= last, "a seat is ahead of the rounds");
		}
		ensure!(Holders::<T>::iter_keys().count() == places.len(), "a seat has no provider");
		Ok(())
	}

	/// Each proof is on the agenda, with stake behind it, under the number of its provider's seat.
	fn check_proofs() -> Result<(), &'static str> {
		let mut proofs = 0usize;
		for (job, proof) in Proofs::<T>::iter() {
			proofs = proofs.saturating_add(1);
			let seat = Seats::<T>::get(&proof.provider).ok_or("a proof without a seat")?;
			ensure!(job_of(proof.round, seat.index) == job, "a proof has a strange number");
			ensure!(
				Agenda::<T>::contains_key(proof.state.due(), job),
				"a proof is not on the agenda"
			);
			ensure!(T::Providers::claimed(&proof.provider).is_some(), "a proof of nobody");
			ensure!(proof.shows <= proof.claimed.mac_per_second, "a proof shows too much");
		}
		ensure!(Agenda::<T>::iter_keys().count() == proofs, "the agenda has strangers");
		let marks = T::Collateral::earmarks();
		let own = marks.iter().filter(|(owner, job, _)| {
			let proof = Proofs::<T>::get(job).filter(|_| *job >= CAPACITY_JOBS);
			proof.is_some_and(|proof| proof.provider == *owner)
		});
		ensure!(own.count() == proofs, "a proof without stake behind it");
		for (owner, job, amount) in marks {
			let proof = Proofs::<T>::get(job).filter(|proof| proof.provider == owner);
			ensure!(proof.is_none_or(|proof| proof.earmark == amount), "an earmark is off");
		}
		Ok(())
	}
}
