// SPDX-License-Identifier: Apache-2.0
//! How epochs end and are closed.

use super::mock::*;
use crate::*;
use calor_primitives::{
	job::HardwareClass::{General, HighMemory, Tensor},
	money::UNIT,
	traits::Unclaimed,
};
use frame_support::{
	assert_noop, assert_ok,
	weights::{constants::ParityDbWeight, Weight},
};
use sp_runtime::{DispatchError, Perbill};

fn epoch() -> Epoch {
	CurrentEpoch::<Runtime>::get()
}

/// So little that a close takes an entry or two a block.
fn crawl() {
	let step = [
		<() as WeightInfo>::count_capacity(2),
		<() as WeightInfo>::pay_providers(2),
		<() as WeightInfo>::finish_close(),
	];
	let most = step.into_iter().fold(Weight::zero(), |most, weight| most.max(weight));
	let begin = <() as WeightInfo>::wait().saturating_add(<() as WeightInfo>::end_epoch());
	CloseWeight::set(begin.saturating_add(most).saturating_add(ParityDbWeight::get().writes(1)));
	assert!(BurnMint::can_close());
}

#[test]
fn an_epoch_ends_by_height_and_the_next_begins_there() {
	chain(|| {
		blocks(EPOCH - 2);
		assert_eq!(epoch(), Epoch { index: 0, began: 0, authored: EPOCH - 2, owed: 0 });
		blocks(1);
		assert_eq!(epoch(), Epoch { index: 1, began: EPOCH, authored: 0, owed: 0 });
		// Few enough to be closed at once.
		assert_eq!(Close::<Runtime>::get(), Phase::Idle);
		blocks(EPOCH);
		assert_eq!((epoch().index, epoch().began), (2, 2 * EPOCH));
	});
}

#[test]
fn a_chain_that_stood_still_has_one_long_epoch() {
	chain(|| {
		block_at(1_000 * EPOCH, Some("alice"));
		assert_eq!(epoch().index, 1);
		assert_eq!(report(0).budget, emission::draw(&emission::pools(), 0, 1));
		block_at(1, Some("alice"));
		assert_eq!(epoch(), Epoch { index: 1, began: 1_000 * EPOCH + 1, authored: 1, owed: 0 });
	});
}

#[test]
fn what_an_epoch_pays_is_what_the_functions_say() {
	chain(|| {
		// Half of the baseline, for 9 of 10 blocks.
		provide("bob", General, emission::CAPACITY_START / 2);
		epochs(1);
		let report = report(0);
		let capacity = emission::CAPACITY_START / 20 * 9;
		assert_eq!((report.capacity, report.counted), (capacity, 1));
		let budget = emission::draw(&emission::pools(), capacity, emission::CAPACITY_START);
		assert_eq!(report.budget, budget);
		let split = emission::split(emission::total(&budget).unwrap());
		assert_eq!((report.validators, report.treasury), (split.validators, split.treasury));
		// 4.5 * 10^15 for 20 seconds are 90,000 units at 1 USD; half of that at 1 USD a token limits it.
		assert_eq!(report.providers_limit, 45_000 * UNIT);
		assert_eq!(report.providers, 22_500 * UNIT);
		let paid = 22_500 * UNIT + split.validators + split.treasury;
		assert_eq!(report.drawn, emission::in_proportion(paid, &budget));
		let left = emission::after(&emission::pools(), &report.drawn);
		assert_eq!(super::super::Pools::<Runtime>::get(), left);
		assert_eq!(BurnMint::supply().unclaimed, paid);
		assert_eq!(
			BaselineCapacity::<Runtime>::get(),
			emission::next_baseline(capacity, emission::CAPACITY_START)
		);
	});
}

#[test]
fn without_capacity_authors_or_prices_what_they_would_get_stays() {
	chain(|| {
		block_at(EPOCH, None);
		let nobody = report(0);
		assert_eq!((nobody.providers, nobody.validators, nobody.capacity), (0, 0, 0));
		assert_eq!(nobody.budget.baseline, 0);
		assert_eq!(emission::total(&nobody.drawn), Some(nobody.treasury));
		assert_eq!(BaselineCapacity::<Runtime>::get(), emission::CAPACITY_START);

		provide("bob", General, emission::CAPACITY_START);
		CalPrice::set(None);
		epochs(1);
		assert_eq!((report(1).providers_limit, report(1).capacity), (0, emission::CAPACITY_START));
		assert!(report(1).validators > 0);
		CalPrice::set(Some(1));
		PowerPrice::set(None);
		epochs(1);
		assert_eq!(report(2).providers_limit, 0);
	});
}

#[test]
fn blocks_beyond_the_epoch_do_not_count() {
	chain(|| {
		provide("bob", General, 1_000);
		Providers::mutate(|all| all.get_mut(&account("bob")).unwrap().blocks = u32::MAX / 2);
		epochs(1);
		assert_eq!(report(0).capacity, 1_000);
	});
}

#[test]
fn who_is_overdue_earns_nothing_and_others_not_more() {
	chain(|| {
		for name in ["bob", "carol", "dave"] {
			provide(name, General, emission::CAPACITY_START);
			stand(name, name, true, name != "dave");
			settle("alice", name, 100 * UNIT);
		}
		epochs(1);
		assert!(rewards("dave").is_empty());
		let with = rewards("bob");
		assert_eq!(with, rewards("carol"));
		assert!(with[0].2.work > 0 && with[0].2.availability > 0);
	});
	chain(|| {
		for name in ["bob", "carol", "dave"] {
			provide(name, General, emission::CAPACITY_START);
			stand(name, name, true, true);
			settle("alice", name, 100 * UNIT);
		}
		epochs(1);
		assert_eq!(rewards("dave"), rewards("bob"));
	});
}

#[test]
fn work_is_recycled_up_to_kappa_and_what_is_withheld_is_not() {
	chain(|| {
		settle("alice", "bob", 100 * UNIT);
		epochs(1);
		let report = report(0);
		assert_eq!((report.work, report.work_burned), (100 * UNIT, 20 * UNIT));
		assert_eq!(report.kappa, Perbill::from_percent(90));
		// Nobody attested bob.
		assert_eq!(report.recycled, 9 * UNIT);
		assert_eq!(rewards("bob"), [(0, CLAIM_EPOCHS, Reward { availability: 0, work: 9 * UNIT })]);
	});
	chain(|| {
		// 14,000 USD of work, 1.4 times the baseline: 0.9 - 0.2.
		settle("alice", "bob", 14_000 * UNIT);
		epochs(1);
		assert_eq!(report(0).kappa, Perbill::from_percent(70));
	});
}

/// What happens in an epoch of many owners, of which some are of one group.
fn a_busy_epoch() {
	for (i, name) in NAMES.into_iter().enumerate() {
		let class = [General, HighMemory, Tensor][i % 3];
		provide(name, class, emission::CAPACITY_START / 7 * (i as u128 + 1));
		settle("alice", name, 33 * UNIT + i as u128);
	}
	for (member, head) in [("bob", "bob"), ("carol", "bob"), ("dave", "dave")] {
		stand(member, head, true, true);
	}
	for author in ["alice", "bob", "bob", "carol", "eve", "dave", "carol"] {
		block_at(1, Some(author));
	}
}

#[test]
fn a_close_over_many_blocks_pays_what_one_at_once_pays_whatever_happens_meanwhile() {
	let close = |slowly: bool| {
		let mut outcome = None;
		chain(|| {
			a_busy_epoch();
			// All have been there for longer than the epoch, whenever they are asked.
			Providers::mutate(|all| all.values_mut().for_each(|one| one.blocks += EPOCH));
			if slowly {
				crawl();
			}
			blocks(2);
			let mut steps = 0;
			while Close::<Runtime>::get() != Phase::Idle {
				settle("carol", "dave", 50 * UNIT);
				let windows = Windows { epoch: EPOCH + steps, refund_after: 1 };
				assert_ok!(BurnMint::set_windows(RuntimeOrigin::root(), windows));
				if matches!(Close::<Runtime>::get(), Phase::PayingProviders { .. }) {
					// All is counted and fixed: this is for the next epoch.
					CalPrice::set(Some(7));
					NAMES.into_iter().for_each(|name| stand(name, "eve", false, false));
				}
				block_at(1, Some("carol"));
				steps += 1;
			}
			assert_eq!(steps > 5, slowly, "{steps}");
			assert_eq!(epoch().index, 1);
			outcome = Some((report(0), NAMES.map(rewards)));
		});
		outcome
	};
	assert_eq!(close(true), close(false));
}

#[test]
fn a_close_that_outlasts_its_epoch_makes_the_next_one_longer() {
	chain(|| {
		a_busy_epoch();
		crawl();
		let windows = Windows { epoch: 1, refund_after: 1 };
		assert_ok!(BurnMint::set_windows(RuntimeOrigin::root(), windows));
		blocks(1);
		assert_eq!(epoch().index, 1);
		let mut long = 0;
		while epoch().index == 1 {
			blocks(1);
			long += 1;
		}
		assert!(long > 5, "{long}");
		assert!(matches!(
			Close::<Runtime>::get(),
			Phase::CountingCapacity { ended: Ended { index: 1, span, .. }, .. } if span == long
		));
	});
}

#[test]
fn rewards_of_an_epoch_wait_for_the_end_of_its_close() {
	chain(|| {
		a_busy_epoch();
		epochs(1);
		a_busy_epoch();
		crawl();
		while Rewards::<Runtime>::iter_prefix(1).next().is_none() {
			blocks(1);
		}
		// Some of the second epoch are written down; only those of the first can be claimed.
		let closed = rewards("alice");
		assert_eq!(closed.len(), 1);
		assert_ok!(BurnMint::claim(RuntimeOrigin::signed(account("alice"))));
		let claim = Claims::truncate_from(vec![(account("alice"), 1)]);
		let nothing = Error::<Runtime>::NothingToClaim;
		assert_noop!(BurnMint::claim_for(RuntimeOrigin::signed(account("bob")), claim), nothing);
		assert_eq!(<BurnMint as calor_primitives::traits::Invariants>::check(), Ok(()));
		// Who forfeits now loses what is being paid, and what comes after.
		BurnMint::forfeit(&account("alice"));
		while Close::<Runtime>::get() != Phase::Idle {
			blocks(1);
		}
		assert!(rewards("alice").is_empty());
		assert!(!rewards("bob").is_empty());
		epochs(1);
		assert!(rewards("alice").is_empty());
		epochs(1);
		assert_eq!(rewards("alice").len(), 1);
	});
}

#[test]
fn only_governance_changes_the_windows_and_none_is_empty() {
	chain(|| {
		let windows = Windows { epoch: 1, refund_after: 0 };
		let root = RuntimeOrigin::root();
		assert_noop!(BurnMint::set_windows(root, windows), Error::<Runtime>::BadWindows);
		let alice = RuntimeOrigin::signed(account("alice"));
		assert_noop!(BurnMint::set_windows(alice, windows), DispatchError::BadOrigin);
	});
}
