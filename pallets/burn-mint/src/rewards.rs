// SPDX-License-Identifier: Apache-2.0
//! Claiming rewards, losing them, and removing what nobody can claim any more.

use crate::{
	close::page_within, Claims, CleanedTo, Config, CurrentEpoch, Epochs, Error, Event, Pallet,
	Rewards, VoidTo, WeightInfo,
};
use alloc::vec::Vec;
use calor_primitives::{supply::Reward, traits::Unclaimed, AccountId, EpochIndex};
use core::ops::Range;
use frame_support::{
	dispatch::DispatchResult,
	ensure,
	storage::with_storage_layer,
	weights::{Weight, WeightMeter},
};
use sp_runtime::{ArithmeticError, DispatchError};

impl<T: Config> Pallet<T> {
	/// Epochs whose rewards an account may claim: those that have not expired and that it has not forfeited.
	fn claimable_epochs(who: &AccountId) -> Range<EpochIndex> {
		let after_void = VoidTo::<T>::get(who).map_or(0, |void| void.saturating_add(1));
		Self::first_claimable().max(after_void)..CurrentEpoch::<T>::get().index
	}

	/// What an account can claim, oldest first. An epoch whose close is under way has no record yet.
	pub(crate) fn claimable(who: &AccountId) -> Vec<(EpochIndex, Reward)> {
		Self::claimable_epochs(who)
			.map(|epoch| (epoch, Rewards::<T>::get(epoch, who)))
			.filter(|(epoch, reward)| reward.total() > 0 && Epochs::<T>::contains_key(epoch))
			.collect()
	}

	/// Gives an account all that it can claim, at once: a new account may need all of it to exist. Gives the number of
	/// epochs.
	pub(crate) fn do_claim(who: &AccountId) -> Result<u32, DispatchError> {
		let claims = Self::claimable(who);
		ensure!(!claims.is_empty(), Error::<T>::NothingToClaim);
		let mut all = Reward::default();
		for (epoch, reward) in &claims {
			Self::take_reward(*epoch, who, *reward)?;
			let availability = all.availability.checked_add(reward.availability);
			all.availability = availability.ok_or(ArithmeticError::Overflow)?;
			all.work = all.work.checked_add(reward.work).ok_or(ArithmeticError::Overflow)?;
		}
		Self::mint_reward(who, all)?;
		Ok(u32::try_from(claims.len()).unwrap_or(u32::MAX))
	}

	/// Gives each named account its reward of the named epoch, where that can be done.
	pub(crate) fn do_claim_for(claims: Claims) -> DispatchResult {
		let mut paid = false;
		for (who, epoch) in claims {
			// An item that fails leaves no trace, so its reward stays for another time.
			paid |= with_storage_layer(|| Self::claim_one(&who, epoch)).is_ok();
		}
		ensure!(paid, Error::<T>::NothingToClaim);
		Ok(())
	}

	fn claim_one(who: &AccountId, epoch: EpochIndex) -> DispatchResult {
		ensure!(Self::claimable_epochs(who).contains(&epoch), Error::<T>::NothingToClaim);
		let reward = Rewards::<T>::get(epoch, who);
		ensure!(reward.total() > 0, Error::<T>::NothingToClaim);
		Self::take_reward(epoch, who, reward)?;
		Self::mint_reward(who, reward)
	}

	/// Takes a reward out of what can be claimed.
	fn take_reward(epoch: EpochIndex, who: &AccountId, reward: Reward) -> DispatchResult {
		Epochs::<T>::try_mutate(epoch, |record| -> DispatchResult {
			let record = record.as_mut().ok_or(Error::<T>::NothingToClaim)?;
			let left = &mut record.unclaimed;
			let availability = left.availability.checked_sub(reward.availability);
			left.availability = availability.ok_or(ArithmeticError::Underflow)?;
			left.work = left.work.checked_sub(reward.work).ok_or(ArithmeticError::Underflow)?;
			Ok(())
		})?;
		Rewards::<T>::remove(epoch, who);
		Self::deposit_event(Event::Claimed { who: who.clone(), epoch, reward });
		Ok(())
	}

	/// Removes a page of rewards that have expired, if `remaining` has room. Gives the weight that this took.
	pub(crate) fn clean_up(remaining: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(remaining);
		if meter.try_consume(T::WeightInfo::clean_rewards(0)).is_err() {
			return meter.consumed();
		}
		let epoch = CleanedTo::<T>::get();
		if epoch < Self::first_claimable() {
			if let Some(limit) = page_within(&meter, T::WeightInfo::clean_rewards) {
				let cleaned = Self::clean_rewards(limit, epoch);
				meter.consume(T::WeightInfo::clean_rewards(cleaned));
			}
		}
		meter.consumed()
	}

	/// Removes at most `limit` rewards of an epoch that has expired, and markers that are void with them.
	pub(crate) fn clean_rewards(limit: u32, epoch: EpochIndex) -> u32 {
		let page: Vec<_> = Rewards::<T>::iter_key_prefix(epoch).take(limit as usize).collect();
		let cleaned = u32::try_from(page.len()).unwrap_or(u32::MAX);
		for who in page {
			Rewards::<T>::remove(epoch, &who);
			if VoidTo::<T>::get(&who).is_some_and(|void| void <= epoch) {
				VoidTo::<T>::remove(&who);
			}
		}
		if cleaned < limit {
			CleanedTo::<T>::put(epoch.saturating_add(1));
		}
		cleaned
	}
}

impl<T: Config> Unclaimed for Pallet<T> {
	/// What is void stays where it is until its epoch expires, and returns to the pools then like what nobody claimed.
	fn forfeit(who: &AccountId) {
		let to = CurrentEpoch::<T>::get().index;
		VoidTo::<T>::insert(who, to);
		// An entry, with nothing in it if there is none yet, whose removal removes the marker.
		Rewards::<T>::mutate(to, who, |_| ());
		Self::deposit_event(Event::RewardsForfeited { who: who.clone(), to });
	}
}
