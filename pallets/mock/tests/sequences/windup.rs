// SPDX-License-Identifier: Apache-2.0
//! The end of a sequence: nothing is stuck, and everybody gets back what is theirs.

use crate::{
	cast::{cast, name_of},
	world::{newcomer, World},
};
use calor_mock::*;
use calor_primitives::{
	job::{HardwareClass, JobState, MAX_ATTEMPTS},
	provider::{Availability, Presence},
	traits::Collateral,
	AccountId, Balance, BlockNumber, EpochIndex,
};
use frame_support::{assert_ok, traits::Get, weights::Weight};
use pallet_burn_mint::CLAIM_EPOCHS;
use pallet_stake::Role;

type JobsOf = pallet_jobs::Jobs<Runtime>;
type ProvidersOf = pallet_providers::Providers<Runtime>;
type LedgersOf = pallet_stake::Ledgers<Runtime>;

fn now() -> BlockNumber {
	System::block_number()
}

/// Ends everything that can end, and checks that nothing is left.
pub fn wind_up(world: &mut World) {
	end_jobs(world);
	apply_slashes(world);
	drop_records(world);
	leave(world);
	withdraw(world);
	withdraw_filings(world);
	remove_programs(world);
	forget(world);
	claim_all(world);
	turn_back_credits(world);
	expire_epochs(world);
	nothing_is_held(world);
}

/// The last height at which a job could still be open, if nobody does anything from now on.
fn latest_end() -> BlockNumber {
	let jobs = pallet_jobs::CurrentWindows::<Runtime>::get();
	let results = pallet_verification::CurrentWindows::<Runtime>::get();
	let records = || JobsOf::iter_values().filter(|record| record.state.is_open());
	let due = records().map(|record| record.state.due()).max().unwrap_or(0).max(now());
	let delivery = records().map(|record| record.deliver_within).max().unwrap_or(0);
	// A job that waits is looked at a block after its parent has ended; one in the queue may go through a last look.
	let attempt = jobs.queue + jobs.accept + delivery + jobs.grace + results.reveal + 5;
	let life = MAX_ATTEMPTS * attempt + results.challenge;
	let generations = records().count() as BlockNumber + 1;
	due + generations * life
}

/// Blocks until all jobs have ended by themselves; where only the clock has to go on, it goes on at once.
fn end_jobs(world: &mut World) {
	let latest = latest_end();
	loop {
		let open: Vec<_> =
			JobsOf::iter_values().map(|record| record.state).filter(|s| s.is_open()).collect();
		if open.is_empty() {
			return;
		}
		assert!(now() <= latest, "at {latest} jobs are still open: {open:?}");
		let next = open.iter().map(JobState::due).min().unwrap_or(0);
		let queued = open.iter().any(|state| matches!(state, JobState::Queued { .. }));
		if !queued && next > now() + 1 {
			world.jump(next - now() - 1);
		}
		world.block(Weight::MAX);
	}
}

fn apply_slashes(world: &mut World) {
	assert!(Stake::earmarks().is_empty(), "stake stands behind no job");
	let last = pallet_stake::PendingSlashes::<Runtime>::iter_values().map(|s| s.applies_at).max();
	if let Some(last) = last.filter(|last| *last > now()) {
		world.jump(last - now());
	}
	world.block(Weight::MAX);
	let left = pallet_stake::PendingSlashes::<Runtime>::iter().count();
	assert_eq!(left, 0, "slashes do not act by themselves");
	for (role, who, ledger) in LedgersOf::iter() {
		assert_eq!((ledger.earmarked, ledger.forfeiture), (0, None), "{role:?} {}", name_of(&who));
	}
}

/// Blocks until all records are dropped. Parents go after their children.
fn drop_records(world: &mut World) {
	let last = JobsOf::iter_values().map(|record| record.state.due()).max().unwrap_or(0);
	if last > now() {
		world.jump(last - now());
	}
	let generations = JobsOf::iter_keys().count() + 2;
	(0..generations).for_each(|_| world.block(Weight::MAX));
	let left: Vec<_> = JobsOf::iter().map(|(id, record)| (id, record.state)).collect();
	assert!(left.is_empty(), "records are not dropped: {left:?}");
	assert_eq!(pallet_jobs::Names::<Runtime>::iter().count(), 0, "names of jobs");
	assert_eq!(pallet_jobs::Operands::<Runtime>::iter().count(), 0, "operands of jobs");
	assert_eq!(pallet_jobs::Agenda::<Runtime>::iter().count(), 0, "agenda of jobs");
	assert_eq!(pallet_jobs::Children::<Runtime>::iter().count(), 0, "children");
	assert_eq!(pallet_jobs::Woken::<Runtime>::iter().count(), 0, "parents to look at");
	assert_eq!(pallet_jobs::Forfeited::<Runtime>::iter().count(), 0, "forfeited providers");
	assert_eq!(pallet_jobs::Fresh::<Runtime>::iter().count(), 0, "fresh jobs");
	assert_eq!(pallet_jobs::Tipped::<Runtime>::iter().count(), 0, "tipped jobs");
	assert_eq!(pallet_jobs::Missed::<Runtime>::iter().count(), 0, "missed jobs");
	assert_eq!(pallet_verification::Results::<Runtime>::iter().count(), 0, "results");
	for class in HardwareClass::ALL {
		assert!(pallet_jobs::Queues::<Runtime>::get(class).is_empty(), "{class:?}");
	}
}

/// All providers deregister, as soon as they may.
fn leave(world: &mut World) {
	for provider in &cast().providers {
		let owner = &provider.owner;
		let Some(record) = ProvidersOf::get(owner) else { continue };
		if record.presence == Presence::Gone {
			world.must(|| Providers::heartbeat(by(owner)).map(|_| ()).map_err(|e| e.error));
		}
		world.must(|| Providers::drain(by(owner)));
		let record = ProvidersOf::get(owner).expect("draining does not remove it");
		let free_from = match record.availability {
			Availability::Jailed { until: BlockNumber::MAX } => 0,
			Availability::Jailed { until } => until,
			Availability::Idle => 0,
			other => panic!("{} is {other:?} without a job", name_of(owner)),
		};
		let free_from = match Stake::is_excluded(owner) {
			true => 0,
			false => free_from.max(record.ready_from),
		};
		if free_from > now() {
			world.jump(free_from - now());
		}
		world.must(|| Providers::deregister(by(owner)));
	}
	assert_eq!(ProvidersOf::iter().count(), 0, "providers");
	assert_eq!(pallet_providers::Owners::<Runtime>::iter().count(), 0, "worker keys");
	assert_eq!(pallet_providers::Watch::<Runtime>::iter().count(), 0, "the watch");
	assert_eq!(pallet_providers::Ready::<Runtime>::iter().count(), 0, "ready sets");
}

/// Everybody takes all stake out.
fn withdraw(world: &mut World) {
	let take_out = |world: &mut World, role: Role, who: &AccountId| {
		let chunks = LedgersOf::get(role, who).map(|ledger| ledger.unbonding).unwrap_or_default();
		let Some(last) = chunks.last() else { return };
		if last.at > now() {
			world.jump(last.at - now());
		}
		world.must(|| Stake::withdraw(by(who), role));
	};
	let stakers: Vec<_> = LedgersOf::iter_keys().collect();
	for (role, who) in stakers {
		take_out(world, role, &who);
		if let Some(ledger) = LedgersOf::get(role, &who) {
			world.must(|| Stake::unbond(by(&who), role, ledger.active));
			take_out(world, role, &who);
		}
	}
	assert_eq!(LedgersOf::iter().count(), 0, "ledgers");
	assert_eq!(pallet_stake::SlashesOf::<Runtime>::iter().count(), 0, "slashes");
}

/// Groups without providers cease to have duties, and take their disclosures back.
fn withdraw_filings(world: &mut World) {
	let windows = pallet_disclosure::Windows { epoch: 1, filing: 1 };
	world.must(|| Disclosure::set_windows(RuntimeOrigin::root(), windows));
	let mut blocks = 0;
	while pallet_disclosure::Records::<Runtime>::iter().count() > 0 {
		blocks += 1;
		assert!(blocks < 300, "groups are never forgotten");
		world.block(Weight::MAX);
	}
	let filed: Vec<_> = pallet_disclosure::Filings::<Runtime>::iter_keys().collect();
	for who in filed {
		world.must(|| Disclosure::withdraw_filing(by(&who)));
	}
}

fn remove_programs(world: &mut World) {
	let programs: Vec<_> = pallet_programs::Programs::<Runtime>::iter().collect();
	for (id, program) in programs {
		assert_eq!(program.users, 0, "no job uses it any more");
		world.must(|| Programs::remove(by(&program.owner), id));
	}
}

/// Faults are forgotten.
fn forget(world: &mut World) {
	let memory: BlockNumber = <Runtime as pallet_stake::Config>::FaultMemory::get();
	world.jump(memory + 1);
	world.block(Weight::MAX);
	assert_eq!(pallet_stake::RecentFaults::<Runtime>::iter().count(), 0, "faults");
	assert_eq!(pallet_stake::Agenda::<Runtime>::iter().count(), 0, "agenda of stake");
}

/// Epochs close, and everybody claims what there is. What was forfeited stays.
fn claim_all(world: &mut World) {
	let windows = pallet_burn_mint::Windows { epoch: 1, refund_after: REFUND_AFTER };
	world.must(|| BurnMint::set_windows(RuntimeOrigin::root(), windows));
	let last = epoch();
	let mut blocks = 0;
	while epoch() <= last || is_closing() {
		blocks += 1;
		assert!(blocks < 50, "an epoch is never closed");
		world.block(Weight::MAX);
	}
	let due = |who: &AccountId| BurnMint::purse(who.clone()).rewards;
	for who in cast().actors.iter().filter(|who| System::account_exists(who)) {
		if !due(who).is_empty() {
			world.must(|| BurnMint::claim(by(who)).map(|_| ()).map_err(|e| e.error));
		}
		assert!(due(who).is_empty(), "{} has claimed all", name_of(who));
	}
	let treasury: Vec<_> =
		due(&Treasury::get()).into_iter().map(|(of, ..)| (Treasury::get(), of)).collect();
	for claims in treasury.chunks(100) {
		let claims = claims.to_vec().try_into().expect("a hundred");
		world.must(|| BurnMint::claim_for(by(&cast().bystander), claims));
	}
}

/// Everybody turns all credits back, as soon as the last of them are old enough.
fn turn_back_credits(world: &mut World) {
	for who in &cast().actors {
		let Some(last) = world.book.purse(who).last() else { continue };
		if last > now() {
			world.jump(last - now());
		}
		world.must(|| BurnMint::refund_credits(by(who), None));
		assert_eq!(credits_of(who), 0, "{} has no credits left", name_of(who));
	}
	assert_eq!(pallet_burn_mint::Credits::<Runtime>::iter().count(), 0, "credits");
}

/// So many epochs close that all of now expire: what nobody claimed is in the pools again, and nothing is left of it.
fn expire_epochs(world: &mut World) {
	let last = epoch();
	while epoch() <= last + CLAIM_EPOCHS + 1 {
		// Nothing happens in these but that epochs close: the invariants of the last are those of all.
		end_block(Weight::MAX);
		begin_block();
	}
	let windows = pallet_burn_mint::Windows { epoch: 1_000_000, refund_after: REFUND_AFTER };
	assert_ok!(BurnMint::set_windows(RuntimeOrigin::root(), windows));
	// A block cleans up after one epoch, and some had no room for it.
	while pallet_burn_mint::CleanedTo::<Runtime>::get() <= last {
		end_block(Weight::MAX);
		begin_block();
	}
	world.block(Weight::MAX);
	let old = |of: EpochIndex| of <= last;
	let left = pallet_burn_mint::Rewards::<Runtime>::iter_keys().filter(|(of, _)| old(*of)).count();
	assert_eq!(left, 0, "rewards that nobody can claim");
	assert!(!pallet_burn_mint::Epochs::<Runtime>::iter_keys().any(old), "epochs");
	assert_eq!(pallet_burn_mint::VoidTo::<Runtime>::iter().count(), 0, "marks of what is void");
	assert_eq!(pallet_burn_mint::Worked::<Runtime>::iter().count(), 0, "work");
}

fn credits_of(who: &AccountId) -> Balance {
	BurnMint::purse(who.clone()).credits.iter().map(|chunk| chunk.amount).sum()
}

fn nothing_is_held(world: &World) {
	for who in cast().actors.iter().chain([&cast().bystander, &newcomer()]) {
		let account = System::account(who);
		assert_eq!(account.data.reserved, 0, "something is held from {}", name_of(who));
		assert_eq!(account.consumers, 0, "{} cannot leave", name_of(who));
		assert_eq!(account.data.free, world.book.wealth_of(who), "{}", name_of(who));
	}
}
