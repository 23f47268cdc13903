// SPDX-License-Identifier: Apache-2.0
//! How much of what providers offer is used: the meters against what their records say.

use calor_mock::*;
use calor_primitives::{
	fault::Fault,
	job::{HardwareClass, InputFault, JobState},
	provider::{Availability, Capacity, ProviderRecord},
	traits::{Assign, Attendance, Collateral, Invariants, Usage, Used},
	AccountId, BlockNumber, H256,
};
use frame_support::{
	assert_ok, dispatch::DispatchResult, storage::with_storage_layer, traits::OnIdle,
	weights::Weight,
};
use pallet_providers::Windows;
use proptest::{collection::vec, prelude::*, sample::select, test_runner::RngSeed};
use std::collections::BTreeMap;

/// Windows of these stories, in blocks: short, so that providers fall silent now and then.
const WINDOWS: Windows = Windows { heartbeat: 4, offline: 8, longest_wait: 3 };

/// Most multiply-accumulates per second that can be claimed.
const LARGEST: u64 = 4_000_000_000_000_000;

/// Tells a story with those windows, in which nobody has to disclose, and nobody reads meters or takes what was attended
/// but the story: prices and epochs stand still.
fn tell(story: impl FnOnce(&mut Story)) {
	Story::tell_long(|m| {
		let root = RuntimeOrigin::root;
		assert_ok!(Providers::set_windows(root(), WINDOWS));
		let rules = pallet_market::Parameters { step: 1_000_000, ..market_rules() };
		assert_ok!(Market::set_parameters(root(), rules));
		let epochs = pallet_burn_mint::Windows { epoch: 1_000_000, refund_after: REFUND_AFTER };
		assert_ok!(BurnMint::set_windows(root(), epochs));
		story(m);
	});
}

fn provider(name: &str) -> Option<ProviderRecord> {
	Providers::provider(account(name))
}

fn claim(name: &str, mac_per_second: u64) -> DispatchResult {
	let endpoint = b"http://10.0.0.1:9955".to_vec().try_into().expect("short");
	let claimed = Capacity { mac_per_second, memory_mib: 8_192 };
	Providers::update(by(&worker(name)), endpoint, 0, Some(claimed))
}

fn used(class: HardwareClass) -> Used {
	<Providers as Usage>::take(class)
}

/// What the meter of the class reads now.
fn rates(class: HardwareClass) -> (u128, u128) {
	let meter = Providers::usage(class);
	(meter.offered, meter.busy)
}

#[test]
fn the_meter_follows_a_provider_through_its_life() {
	tell(|m| {
		let class = HardwareClass::General;
		m.provider("bob");
		assert_eq!(rates(class), (0, 0), "what is only claimed is not offered");
		prove("bob", 7);
		assert_eq!(rates(class), (7, 0));
		assert_eq!(rates(HardwareClass::Tensor), (0, 0));
		advance(2);
		assert_eq!(used(class), Used { offered: 2 * 7, busy: 0 });
		assert_eq!(used(class), Used::default());

		let job = m.submit("alice");
		assert_eq!(m.assigned(job), "bob");
		let waited = u128::from(System::block_number() - record(job).submitted);
		assert_eq!(rates(class), (7, 7));
		m.accept("bob", job);
		advance(1);
		prove("bob", 3);
		assert_eq!(rates(class), (3, 3));
		advance(2);
		m.commit("bob", job, &RESULT);
		assert_eq!(rates(class), (3, 0));
		advance(1);
		let busy = 7 + 2 * 3;
		assert_eq!(used(class), Used { offered: 7 * waited + busy + 3, busy });
		assert_ok!(m.reveal("bob", job, &RESULT));

		// A drain ends what is offered at once, or with the job.
		assert_ok!(Providers::drain(by(&worker("bob"))));
		assert_eq!(rates(class), (0, 0));
		assert_ok!(Providers::set_ready(by(&worker("bob")), true));
		let job = m.submit("alice");
		m.assigned(job);
		assert_ok!(Providers::drain(by(&worker("bob"))));
		assert_eq!(rates(class), (3, 3));
		m.accept("bob", job);
		m.commit("bob", job, &RESULT);
		assert_eq!(rates(class), (0, 0));
	});
}

#[test]
fn silence_jail_and_leaving_take_capacity_off_the_meter() {
	tell(|m| {
		let class = HardwareClass::General;
		for (name, proven) in [("bob", 1), ("carol", 10), ("dave", 100), ("eve", 1_000)] {
			m.provider(name);
			prove(name, proven);
		}
		assert_eq!(rates(class), (1_111, 0));
		Providers::jail(&account("bob"));
		assert_eq!(rates(class), (1_110, 0));
		assert_ok!(Providers::deregister(by(&account("carol"))));
		assert_eq!(rates(class), (1_100, 0));
		assert_ok!(Stake::forfeit(&account("dave"), Fault::Equivocation, None, H256::zero()));
		assert_eq!(rates(class), (1_000, 0));
		advance(WINDOWS.offline + 2);
		assert_eq!(rates(class), (0, 0));
		assert_eq!(provider("eve").unwrap().proven, 1_000, "it may come back with it");
	});
}

/// The cast of the random steps.
const CAST: [(&str, HardwareClass); 3] = [
	("bob", HardwareClass::General),
	("carol", HardwareClass::General),
	("dave", HardwareClass::Tensor),
];

/// What can happen to a provider, by its place in the cast, or to all.
#[derive(Clone, Debug)]
enum Step {
	Ready(usize, bool),
	Drain(usize),
	Prove(usize, u64),
	Claim(usize, u64),
	Beat(usize),
	Report(usize),
	Leave(usize),
	Come(usize),
	Jail(usize),
	Suspend(usize),
	Forfeit(usize),
	/// Goes on with its job: accepts or commits; or gives it back.
	Work(usize, bool),
	Submit,
	/// So many blocks, with room on idle or without.
	Blocks(BlockNumber, bool),
	TakeUsage(HardwareClass),
	TakeAttendance,
}

fn step() -> impl Strategy<Value = Step> {
	let who = 0..CAST.len();
	let mac = select(vec![0, 1, 999, 1_000_000_000_000, LARGEST]);
	prop_oneof![
		6 => (who.clone(), prop::bool::weighted(0.8)).prop_map(|(i, on)| Step::Ready(i, on)),
		3 => who.clone().prop_map(Step::Drain),
		4 => (who.clone(), mac.clone()).prop_map(|(i, mac)| Step::Prove(i, mac)),
		2 => (who.clone(), mac).prop_map(|(i, mac)| Step::Claim(i, mac)),
		6 => who.clone().prop_map(Step::Beat),
		1 => who.clone().prop_map(Step::Report),
		1 => who.clone().prop_map(Step::Leave),
		2 => who.clone().prop_map(Step::Come),
		1 => who.clone().prop_map(Step::Jail),
		1 => who.clone().prop_map(Step::Suspend),
		1 => who.clone().prop_map(Step::Forfeit),
		6 => (who, prop::bool::weighted(0.8)).prop_map(|(i, on)| Step::Work(i, on)),
		4 => Just(Step::Submit),
		8 => (1..6u32, any::<bool>()).prop_map(|(n, idle)| Step::Blocks(n, idle)),
		1 => select(HardwareClass::ALL.to_vec()).prop_map(Step::TakeUsage),
		1 => Just(Step::TakeAttendance),
	]
}

/// What meters and records should say, counted block by block.
#[derive(Default)]
struct Recount {
	used: [Used; 3],
	/// Blocks in which each provider waited for a job or had one since it registered, but for those that were taken.
	there: BTreeMap<AccountId, BlockNumber>,
}

fn is_there(record: &ProviderRecord) -> bool {
	matches!(
		record.availability,
		Availability::Ready | Availability::Working | Availability::Draining
	)
}

impl Recount {
	/// Adds what everybody is doing at the end of a block.
	fn block(&mut self) {
		for (owner, record) in Providers::providers_after(None) {
			let sums = &mut self.used[record.class as usize];
			if is_there(&record) {
				sums.offered += u128::from(record.proven);
				*self.there.entry(owner).or_default() += 1;
			}
			if record.job.is_some() {
				sums.busy += u128::from(record.proven);
			}
		}
	}

	#[track_caller]
	fn compare(&self) {
		for class in HardwareClass::ALL {
			let meter = Providers::usage(class);
			let sums = Used { offered: meter.offered_over_time, busy: meter.busy_over_time };
			assert_eq!(sums, self.used[class as usize], "{class:?}");
		}
		for (owner, record) in Providers::providers_after(None) {
			let there = self.there.get(&owner).copied().unwrap_or(0);
			assert!(record.attended <= there, "{} of {there} blocks", record.attended);
		}
	}
}

/// What a call would do if it came in a transaction: all or nothing.
fn attempt(call: impl FnOnce() -> DispatchResult) -> bool {
	with_storage_layer(call).is_ok()
}

fn work(name: &str, go_on: bool) {
	let Some(job) = provider(name).and_then(|record| record.job) else { return };
	match state(job) {
		_ if !go_on => {
			attempt(|| Jobs::decline(by(&worker(name)), job, InputFault::Missing));
		},
		JobState::Assigned { .. } => {
			attempt(|| Jobs::accept(by(&worker(name)), job));
		},
		_ => {
			let opening = opening(name, job, &RESULT);
			attempt(|| Verification::commit(by(&worker(name)), job, opening));
		},
	}
}

fn perform(m: &mut Story, recount: &mut Recount, step: Step) {
	let name = |i: usize| CAST[i].0;
	let owner = |i: usize| account(CAST[i].0);
	match step {
		Step::Ready(i, on) => {
			attempt(|| Providers::set_ready(by(&worker(name(i))), on));
		},
		Step::Drain(i) => {
			attempt(|| Providers::drain(by(&worker(name(i)))));
		},
		Step::Prove(i, mac) => {
			prove(name(i), mac);
		},
		Step::Claim(i, mac) => {
			attempt(|| claim(name(i), mac));
		},
		Step::Beat(i) => {
			let beat = || Providers::heartbeat(by(&worker(name(i))));
			attempt(|| beat().map(|_| ()).map_err(|failed| failed.error));
		},
		Step::Report(i) => {
			attempt(|| Providers::report_silence(by(&account("grace")), owner(i)));
		},
		Step::Leave(i) => {
			if attempt(|| Providers::deregister(by(&owner(i)))) {
				recount.there.remove(&owner(i));
			}
		},
		Step::Come(i) => {
			attempt(|| m.register(CAST[i].0, CAST[i].1, 0));
		},
		Step::Jail(i) => {
			// As jobs do it: not out of a job that stays where it is.
			if provider(name(i)).is_some_and(|record| record.job.is_none()) {
				Providers::jail(&owner(i));
			}
		},
		Step::Suspend(i) => {
			if provider(name(i)).is_some_and(|record| record.job.is_none()) {
				Providers::suspend(&owner(i));
			}
		},
		Step::Forfeit(i) => {
			attempt(|| Stake::forfeit(&owner(i), Fault::ForgedCapacity, None, H256::zero()));
		},
		Step::Work(i, go_on) => work(name(i), go_on),
		Step::Submit => {
			m.submit("alice");
		},
		Step::Blocks(blocks, idle) => {
			for _ in 0..blocks {
				let now = System::block_number();
				if idle {
					AllPalletsWithSystem::on_idle(now, Weight::MAX);
				}
				recount.block();
				next_block(Weight::zero());
				recount.compare();
			}
		},
		Step::TakeUsage(class) => {
			let counted = core::mem::take(&mut recount.used[class as usize]);
			assert_eq!(used(class), counted);
		},
		Step::TakeAttendance => {
			// What no sign of life has shown yet comes with the next.
			for one in <Providers as Attendance>::take(None, u32::MAX) {
				let there = recount.there.entry(one.owner).or_default();
				*there = there.checked_sub(one.blocks).expect("no more than there were");
			}
		},
	}
}

fn config() -> ProptestConfig {
	let long = std::env::var_os("CALOR_LONG").is_some();
	ProptestConfig {
		cases: if long { 10_000 } else { 300 },
		rng_seed: if long { RngSeed::Random } else { RngSeed::Fixed(0) },
		failure_persistence: None,
		..Default::default()
	}
}

proptest! {
	#![proptest_config(config())]

	#[test]
	fn meters_and_attendance_agree_with_a_recount(steps in vec(step(), 1..60)) {
		tell(|m| {
			for (name, class) in CAST {
				m.provider_with(name, class, 0, BOND);
				prove(name, 1_000);
			}
			let mut recount = Recount::default();
			for step in steps {
				perform(m, &mut recount, step);
				recount.compare();
				assert_eq!(Providers::check(), Ok(()));
			}
		});
	}
}
