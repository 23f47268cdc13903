// SPDX-License-Identifier: Apache-2.0
//! Signs of life, and what happens without them.
//!
//! Whoever waits for a job or has one stands on the watch once, at a height at which it is looked at. If it has been heard
//! in time, its entry moves to the next such height; if not, it is gone. So the cost follows the number of providers over
//! the length of a silence, and nothing is written to the watch when a provider is heard or when it takes or ends a job.

use crate::{
	Config, CurrentWindows, Error, Event, Pallet, Providers, Watch, WatchedTo, WeightInfo,
};
use calor_primitives::{
	now,
	provider::{Availability, Presence, ProviderRecord},
	sweep::sweep,
	traits::Vanish,
	AccountId, BlockNumber,
};
use frame_support::{
	defensive,
	dispatch::{DispatchResult, DispatchResultWithPostInfo, Pays},
	ensure,
	storage::with_storage_layer,
	weights::{Weight, WeightMeter},
};
use sp_runtime::Perbill;

/// Blocks since a provider was heard.
fn silence<T: Config>(record: &ProviderRecord) -> BlockNumber {
	now::<T>().saturating_sub(record.seen)
}

impl<T: Config> Pallet<T> {
	/// Writes down a sign of life of a provider that is not gone. If it owed one, it was there since the last; but a silence
	/// that was too long counts against its uptime, even if nobody has noticed it.
	pub(crate) fn heard(record: &mut ProviderRecord) {
		match record.presence {
			Presence::Gone => return,
			Presence::Watched { .. } if Self::is_silent(record) => Self::count_silence(record),
			Presence::Watched { .. } => Self::attend(record, silence::<T>(record)),
			Presence::Free => {},
		}
		record.seen = now::<T>();
	}

	/// Writes down that a provider that was gone is heard again, and how long it must wait. The caller stores the record.
	pub(crate) fn come_back(owner: &AccountId, record: &mut ProviderRecord) {
		let silent = silence::<T>(record);
		let wait = (silent / 4).min(CurrentWindows::<T>::get().longest_wait);
		Self::count_silence(record);
		record.seen = now::<T>();
		record.ready_from = record.seen.saturating_add(wait);
		record.presence = Presence::Free;
		let ready_from = record.ready_from;
		Self::deposit_event(Event::Returned { owner: owner.clone(), silent, ready_from });
	}

	/// Silences do not overlap, so together they are no more than the height.
	fn count_silence(record: &mut ProviderRecord) {
		record.offline = record.offline.saturating_add(silence::<T>(record));
	}

	/// Whether a provider that owes signs of life has given none for too long.
	fn is_silent(record: &ProviderRecord) -> bool {
		silence::<T>(record) > CurrentWindows::<T>::get().offline
	}

	/// The height at which a provider is gone if it is not heard, and is looked at. Always ahead.
	fn alarm(record: &ProviderRecord) -> BlockNumber {
		let gone_at = record.seen.saturating_add(CurrentWindows::<T>::get().offline);
		gone_at.max(now::<T>()).saturating_add(1)
	}

	/// Puts a provider on the watch. The caller stores the record.
	pub(crate) fn begin_watch(owner: &AccountId, record: &mut ProviderRecord) {
		let alarm = Self::alarm(record);
		Watch::<T>::insert(alarm, owner, ());
		record.presence = Presence::Watched { alarm };
	}

	/// Takes a provider off the watch. The caller stores the record.
	pub(crate) fn end_watch(owner: &AccountId, record: &mut ProviderRecord) {
		if let Presence::Watched { alarm } = record.presence {
			Watch::<T>::remove(alarm, owner);
		}
		record.presence = Presence::Free;
	}

	pub(crate) fn do_heartbeat(who: AccountId) -> DispatchResultWithPostInfo {
		let (owner, mut record) = Self::resolve(who)?;
		match record.presence {
			Presence::Free => return Err(Error::<T>::NothingOwed.into()),
			Presence::Gone => Self::come_back(&owner, &mut record),
			Presence::Watched { .. } => {
				let interval = CurrentWindows::<T>::get().heartbeat;
				ensure!(silence::<T>(&record) >= interval.div_ceil(2), Error::<T>::TooSoon);
				Self::heard(&mut record);
			},
		}
		Providers::<T>::insert(owner, record);
		Ok(Pays::No.into())
	}

	pub(crate) fn do_report_silence(owner: AccountId) -> DispatchResult {
		let record = Providers::<T>::get(&owner).ok_or(Error::<T>::NotRegistered)?;
		ensure!(matches!(record.presence, Presence::Watched { .. }), Error::<T>::NothingOwed);
		ensure!(Self::is_silent(&record), Error::<T>::HeardInTime);
		Self::lose(owner, record);
		Ok(())
	}

	/// A provider is gone. It is idle, and its job learns of it. Nothing is read from the record after that: jobs come back
	/// and may change it.
	fn lose(owner: AccountId, mut record: ProviderRecord) {
		let job = record.job;
		Self::end_watch(&owner, &mut record);
		record.presence = Presence::Gone;
		let silent_since = record.seen;
		Self::deposit_event(Event::FellSilent { owner: owner.clone(), job, silent_since });
		Self::enter(&owner, record, Availability::Idle);
		if let Some(job) = job {
			T::Jobs::vanished(&owner, job);
		}
	}

	/// Looks at the providers whose height has come, oldest first, while `remaining` lasts. Gives the weight that it took.
	pub(crate) fn keep_watch(remaining: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(remaining);
		let watched = sweep(
			&mut meter,
			T::WeightInfo::watch_block(),
			WatchedTo::<T>::get,
			now::<T>(),
			Watch::<T>::iter_key_prefix,
			|height, owner, meter| {
				let room = meter.try_consume(T::WeightInfo::watch_provider()).is_ok();
				if room {
					Self::look_after(height, owner);
				}
				room
			},
		);
		if let Some(height) = watched {
			WatchedTo::<T>::put(height);
		}
		meter.consumed()
	}

	/// One provider must not keep the chain from looking after the others: if it fails, its entry stays, and
	/// `report_silence` can act on it once the cause is gone.
	pub(crate) fn look_after(height: BlockNumber, owner: AccountId) {
		let looked_at = with_storage_layer(|| -> DispatchResult {
			let mut record = Providers::<T>::get(&owner).ok_or(Error::<T>::NotRegistered)?;
			if Self::is_silent(&record) {
				Self::lose(owner.clone(), record);
			} else {
				Self::end_watch(&owner, &mut record);
				Self::begin_watch(&owner, &mut record);
				Providers::<T>::insert(&owner, record);
			}
			Ok(())
		});
		if let Err(error) = looked_at {
			log::error!(target: "runtime::providers", "{owner:?} due at {height}: {error:?}");
			defensive!("the watch names a provider that does not exist");
		}
	}

	/// Part of its time since registration in which a provider was not silent.
	pub(crate) fn uptime_of(record: &ProviderRecord) -> Perbill {
		let silent_now = match record.presence {
			Presence::Gone => silence::<T>(record),
			Presence::Watched { .. } if Self::is_silent(record) => silence::<T>(record),
			Presence::Watched { .. } | Presence::Free => 0,
		};
		let registered = now::<T>().saturating_sub(record.since);
		if registered == 0 {
			return Perbill::one();
		}
		let silent = record.offline.saturating_add(silent_now);
		// Rounds down.
		Perbill::from_rational(registered.saturating_sub(silent), registered)
	}
}
