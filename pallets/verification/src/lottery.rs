// SPDX-License-Identifier: Apache-2.0
//! The lottery that gives audits: seeds, and claims of what was drawn.
//!
//! ```text
//! N        commit                       the round of auditors is noted
//! N+1      its randomness is the seed   known to nobody before
//! N+2 ..   claims                       each auditor has drawn by itself
//! ```

use crate::{
	types::{MAX_CLAIMS, SEEDS},
	Checks, Config, CurrentWindows, Error, Pallet, Seats, Seeds, WeightInfo,
};
use calor_primitives::{
	genesis_hash,
	lottery::{threshold, Ticket},
	now,
	traits::{Assign, Lifecycle},
	AccountId, BlockNumber, JobId, H256,
};
use codec::Encode;
use frame_support::{dispatch::DispatchResult, ensure, traits::Randomness, weights::Weight};
use sp_core::sr25519;

impl<T: Config> Pallet<T> {
	/// Keeps the randomness of the parent block. A block that brings none draws by the hash of its parent instead, or its
	/// author could keep results from being audited.
	pub(crate) fn note_seed() {
		let parent = now::<T>().saturating_sub(1);
		let seed = T::Randomness::random(b"calor/audit").0.unwrap_or_else(|| {
			let parent_hash = frame_system::Pallet::<T>::parent_hash();
			H256((b"calor/audit", parent_hash).using_encoded(sp_io::hashing::blake2_256))
		});
		Seeds::<T>::insert(Self::place_of(parent), (parent, seed));
	}

	fn place_of(height: BlockNumber) -> BlockNumber {
		height.checked_rem(SEEDS).unwrap_or(0)
	}

	/// The randomness by which auditors of results that were committed to in the block before are drawn, for the last
	/// heights.
	pub fn seed(height: BlockNumber) -> Option<H256> {
		Seeds::<T>::get(Self::place_of(height))
			.and_then(|(of, seed)| (of == height).then_some(seed))
	}

	/// Weight of claiming an audit.
	pub(crate) fn claim_weight() -> Weight {
		T::WeightInfo::claim_audit().saturating_add(T::WeightInfo::check_ticket())
	}

	pub(crate) fn do_claim_audit(worker: AccountId, job: JobId, ticket: Ticket) -> DispatchResult {
		let key = sr25519::Public::from_raw(worker.clone().into());
		let genesis = genesis_hash::<T>();
		Self::claim_drawn(worker, job, |seed| ticket.drawn(&key, &genesis, seed, job))
	}

	/// Claims an audit with the number that the key has drawn under a seed, if it has.
	pub(crate) fn claim_drawn(
		worker: AccountId,
		job: JobId,
		drawn: impl FnOnce(&H256) -> Option<u64>,
	) -> DispatchResult {
		let at = now::<T>();
		let (record, mut check) = Self::checked(job)?;
		let lottery = check.lottery.clone().ok_or(Error::<T>::NoLottery)?;
		ensure!(at <= check.claims_until, Error::<T>::TooLate);
		let seed_at = record.at.saturating_add(1);
		ensure!(at > seed_at, Error::<T>::TooEarly);
		let case = T::Jobs::case(job).ok_or(Error::<T>::UnknownJob)?;
		let owner = T::Providers::owner_of(&worker).ok_or(Error::<T>::NotProvider)?;
		ensure!(Self::is_foreign(&owner, &case), Error::<T>::OwnGroup);
		let already = check.audits.iter().any(|audit| audit.auditor == owner);
		ensure!(!already, Error::<T>::AlreadyAuditing);
		ensure!(check.audits.len() < MAX_CLAIMS as usize, Error::<T>::EnoughAuditors);
		let seat = Seats::<T>::get(&owner).ok_or(Error::<T>::NotInRound)?;
		let power = seat.power(lottery.round).filter(|power| power.worker == worker);
		let power = power.ok_or(Error::<T>::NotInRound)?;
		let seed = Self::seed(seed_at).ok_or(Error::<T>::TooLate)?;
		let number = drawn(&seed).ok_or(Error::<T>::BadTicket)?;
		let limit = threshold(case.assurance.audit_rate(), power.stake, lottery.total);
		ensure!(number < limit, Error::<T>::NotDrawn);
		let by = check
			.claims_until
			.saturating_add(CurrentWindows::<T>::get().audit)
			.saturating_add(check.computing);
		Self::take_audit(job, &mut check, &case, (owner, worker), by, false)?;
		Checks::<T>::insert(job, check);
		Ok(())
	}
}
