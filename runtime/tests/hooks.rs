// SPDX-License-Identifier: Apache-2.0

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used,
	reason = "tests may panic"
)]

//! What the chain does by itself at the beginning of a block, when everything is due at once: the market's day, refresh
//! and step, and the close of an epoch with 10,000 providers.

mod common;

use calor_primitives::{market::FeedValues, BlockNumber};
use calor_runtime::{
	configs::{
		calor::{AssignWeight, CloseWeight},
		system::RuntimeBlockWeights,
	},
	constants::{currency::UNIT, time::DAYS},
	presets, BurnMint, Jobs, Market, Runtime, RuntimeOrigin, System,
};
use common::{account, built, settle_in};
use frame_support::{assert_ok, traits::Hooks, weights::Weight};
use pallet_burn_mint::{Authored, Close, CurrentEpoch, Epochs, Phase, Work, WorkOf, Worked};

/// Providers of the close.
const PROVIDERS: u32 = 10_000;
/// Authors of blocks.
const VALIDATORS: u32 = 1_000;

/// As many providers and validators as the chain must bear, at the end of a long epoch.
fn fill_the_epoch() {
	for i in 0..PROVIDERS {
		let owner = settle_in(i, 20_000_000_000_000 + u64::from(i), DAYS);
		// Each had a job as well.
		Worked::<Runtime>::insert(0, owner, UNIT);
	}
	let burned = UNIT * u128::from(PROVIDERS);
	WorkOf::<Runtime>::insert(0, Work { price: 5 * burned, burned });
	(0..VALIDATORS).for_each(|i| Authored::<Runtime>::insert(0, account("author", i), 4));
	CurrentEpoch::<Runtime>::mutate(|epoch| epoch.authored = 4 * VALIDATORS);
}

/// Feeders, as many as there can be, who all report.
fn feed() {
	let feeders: Vec<_> = (0..16).map(|i| account("feeder", i)).collect();
	let named = feeders.clone().try_into().expect("16 feeders are allowed");
	assert_ok!(Market::set_feeders(RuntimeOrigin::root(), named));
	let values = FeedValues { cal: UNIT, kwh: UNIT / 10 };
	for feeder in feeders {
		assert_ok!(Market::feed(RuntimeOrigin::signed(feeder), values));
	}
}

/// What each pallet that acts at the beginning of a block took of this one, with its share of a block.
fn begin(height: BlockNumber) -> [(&'static str, Weight, Weight); 3] {
	System::set_block_number(height);
	let hundredth = RuntimeBlockWeights::get().max_block.div(100);
	[
		("jobs", Jobs::on_initialize(height), AssignWeight::get()),
		("burn-mint", BurnMint::on_initialize(height), CloseWeight::get()),
		("market", Market::on_initialize(height), hundredth),
	]
}

#[test]
fn no_hook_takes_more_than_its_share_of_the_heaviest_block() {
	built(presets::DEV, || {
		feed();
		fill_the_epoch();

		let most = RuntimeBlockWeights::get().max_block.div(4);
		let mut height = DAYS;
		loop {
			let mut all = Weight::zero();
			for (pallet, taken, share) in begin(height) {
				assert!(taken.all_lte(share), "{pallet} took {taken:?} of {share:?} at {height}");
				all = all.saturating_add(taken);
			}
			assert!(all.all_lte(most), "all together took {all:?} of {most:?} at {height}");
			if Close::<Runtime>::get() == Phase::Idle {
				break;
			}
			height += 1;
			assert!(height < DAYS + 1_000, "the close does not end");
		}
		let record = Epochs::<Runtime>::get(0).expect("the epoch is closed");
		assert_eq!(record.report.counted, PROVIDERS);
		println!("{PROVIDERS} providers: closed in {} blocks", height - DAYS + 1);
	});
}

/// Whatever is due by itself leaves room for transactions: two thirds of every block.
#[test]
fn shares_of_hooks_leave_room_for_transactions() {
	let block = RuntimeBlockWeights::get().max_block;
	let shares = AssignWeight::get() + CloseWeight::get() + block.div(100);
	assert!(shares.all_lte(block.div(3)), "{shares:?} of {block:?}");
}
