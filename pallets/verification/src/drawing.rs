// SPDX-License-Identifier: Apache-2.0
//! Auditors that are drawn openly: for results that must be audited, and in the place of silent ones.
//!
//! The randomness of a height that is set beforehand draws, so whoever causes the drawing cannot choose it. Whoever is drawn
//! and does not fit is passed over.

use crate::{
	types::{Check, Drawing, TRIES},
	Agenda, Checks, Config, CurrentRound, CurrentWindows, Error, Event, Pallet, Round, Seats,
	SweptTo, WeightInfo,
};
use calor_primitives::{
	dispute::AuditState,
	now,
	sweep::sweep,
	traits::{Assign, Case, Collateral, Lifecycle},
	AccountId, Balance, BlockNumber, JobId, H256,
};
use codec::Encode;
use frame_support::{
	defensive,
	dispatch::DispatchResult,
	ensure,
	storage::with_storage_layer,
	weights::{Weight, WeightMeter},
};
use sp_core::U256;

/// Drawings that a block begins with; others wait for room at its end.
const AT_ONCE: u64 = 8;

impl<T: Config> Pallet<T> {
	/// The agenda looks at a result at that height, which is yet to come.
	pub(crate) fn call_up_at(height: BlockNumber, job: JobId) {
		Agenda::<T>::insert(height, job, ());
	}

	/// Weight of a drawing: in vain, and of giving somebody the audit.
	pub(crate) fn drawing_weight() -> Weight {
		T::WeightInfo::draw_auditor().saturating_add(T::WeightInfo::claim_audit())
	}

	/// Most that drawings may take of a block before anything else.
	pub(crate) fn drawings_weight() -> Weight {
		Self::drawing_weight()
			.saturating_add(T::WeightInfo::look().saturating_mul(4))
			.saturating_mul(AT_ONCE)
	}

	/// Last height at which an auditor could have committed that did not.
	fn silent_since(check: &Check, at: BlockNumber) -> Option<BlockNumber> {
		let silent = check.audits.iter().filter_map(|audit| match audit.state {
			AuditState::Claimed { by } if by < at => Some(by),
			_ => None,
		});
		silent.max()
	}

	/// Whether an auditor is to be drawn before the result may be shown.
	pub(crate) fn must_draw(check: &Check, at: BlockNumber) -> bool {
		let drawing = check.drawing.as_ref();
		let begun = drawing.is_some_and(|d| at > d.seed_at && (d.tried == 0 || at <= d.until));
		let silent = !check.replaced && Self::silent_since(check, at).is_some();
		check.challenge.is_none() && (begun || silent)
	}

	/// An auditor is to be drawn in the place of one that is out, by the randomness of that height.
	pub(crate) fn replace(check: &mut Check, seed_at: BlockNumber) {
		check.replaced = true;
		// Where an audit is a must, more than one block is worth waiting for.
		let wait = if check.must_be_audited { CurrentWindows::<T>::get().claim } else { 0 };
		let until = now::<T>().max(seed_at.saturating_add(1)).saturating_add(wait);
		check.drawing = Some(Drawing { seed_at, until, tried: 0 });
	}

	pub(crate) fn do_draw_auditor(job: JobId) -> DispatchResult {
		let at = now::<T>();
		let (_, mut check) = Self::checked(job)?;
		ensure!(Self::must_draw(&check, at), Error::<T>::NothingToDraw);
		let case = T::Jobs::case(job).ok_or(Error::<T>::UnknownJob)?;
		let drawing = match check.drawing.clone() {
			Some(drawing) => drawing,
			None => {
				let silent = Self::silent_since(&check, at).ok_or(Error::<T>::NothingToDraw)?;
				Self::replace(&mut check, silent);
				check.drawing.clone().ok_or(Error::<T>::NothingToDraw)?
			},
		};
		check.drawing = None;
		match Self::find_auditor(job, &check, &case, &drawing) {
			Some(auditor) => {
				let by = at
					.saturating_add(CurrentWindows::<T>::get().audit)
					.saturating_add(check.computing);
				Self::take_audit(job, &mut check, &case, auditor, by, true)?;
			},
			None if at < drawing.until => {
				if check.reveal_from <= drawing.until {
					Self::open_reveal_at(job, &mut check, drawing.until.saturating_add(1))?;
				}
				Self::call_up_at(at.saturating_add(1), job);
				let tried = drawing.tried.saturating_add(TRIES);
				check.drawing = Some(Drawing { tried, ..drawing });
			},
			None => Self::deposit_event(Event::NoAuditorFound { job }),
		}
		Checks::<T>::insert(job, check);
		Ok(())
	}

	/// Draws by stake until somebody fits: owner and worker key.
	fn find_auditor(
		job: JobId,
		check: &Check,
		case: &Case,
		drawing: &Drawing,
	) -> Option<(AccountId, AccountId)> {
		let round = CurrentRound::<T>::get();
		// Only a chain that stood still forgets the height; then the newest does.
		let seed = Self::seed(drawing.seed_at).or_else(|| Self::seed(now::<T>().saturating_sub(1)));
		let seed = seed.filter(|_| round.total > 0)?;
		(drawing.tried..drawing.tried.saturating_add(TRIES)).find_map(|turn| {
			let planck = planck_of(&seed, job, turn, &round);
			let owner = Self::owner_of_planck(&round, planck)?;
			Self::fitting(owner, check, case)
		})
	}

	/// An auditor with its worker key, if it may audit this and can.
	fn fitting(owner: AccountId, check: &Check, case: &Case) -> Option<(AccountId, AccountId)> {
		let fits = Seats::<T>::contains_key(&owner)
			&& check.audits.iter().all(|audit| audit.auditor != owner)
			&& T::Collateral::free(&owner).is_some_and(|free| free >= Self::audit_stake(case))
			&& T::Providers::is_present(&owner)
			&& Self::is_foreign(&owner, case);
		let worker = T::Providers::worker_of(&owner).filter(|_| fits)?;
		Some((owner, worker))
	}

	/// Draws for results that are due, the oldest first, while `meter` lasts.
	pub(crate) fn sweep_agenda(meter: &mut WeightMeter) {
		let swept = sweep(
			meter,
			T::WeightInfo::look(),
			SweptTo::<T>::get,
			now::<T>(),
			Agenda::<T>::iter_key_prefix,
			|height, job, meter| {
				let check = Checks::<T>::get(job);
				if check.is_some_and(|check| Self::must_draw(&check, now::<T>())) {
					if meter.try_consume(Self::drawing_weight()).is_err() {
						return false;
					}
					if let Err(error) = with_storage_layer(|| Self::do_draw_auditor(job)) {
						log::error!(target: "runtime::verification", "job {job}: {error:?}");
						defensive!("an auditor could not be drawn");
					}
				}
				Agenda::<T>::remove(height, job);
				true
			},
		);
		if let Some(height) = swept {
			SweptTo::<T>::put(height);
		}
	}
}

/// Which planck of all auditors' stake is drawn.
fn planck_of(seed: &H256, job: JobId, turn: u32, round: &Round) -> Balance {
	let hash = (b"calor/draw/1", seed, job, turn).using_encoded(sp_io::hashing::blake2_256);
	let number = U256::from_little_endian(&hash).checked_rem(U256::from(round.total));
	number.unwrap_or_default().low_u128()
}
