// SPDX-License-Identifier: Apache-2.0
//! Washing: one who owns client, provider and auditor buys its own jobs, and looks for a way in which that pays.
//!
//! All goes through real jobs. What the attacker's auditors would get, the whole levy, is given back to it; what it earns
//! with blocks does not depend on jobs and is left out. It loses at least a tenth of what its settlements burn and all that
//! its credits burn, whatever it does: the worst that a search finds is printed.

use crate::{ground::*, is_long};
use calor_mock::*;
use calor_primitives::{
	job::HardwareClass,
	money::{BurnKind, MIN_JOB_PRICE, UNIT},
	Balance, BlockNumber,
};
use frame_support::assert_ok;
use pallet_burn_mint::{kappa, BaselineWork, Burned, CurrentEpoch, Windows};
use pallet_market::{Average, Classes};
use proptest::{
	collection::vec,
	prelude::*,
	sample::select,
	strategy::ValueTree,
	test_runner::{RngAlgorithm, TestRng, TestRunner},
};

/// Who buys, and whose machines do the work.
const CLIENT: &str = "grace";
const MACHINES: [&str; 2] = ["bob", "mallory"];
/// Blocks in an epoch of these stories: all jobs of one end in it.
const SPAN: BlockNumber = 400;
/// Blocks in which each job is to be delivered.
const DELIVERY: BlockNumber = 12;

/// How an attacker goes about it.
#[derive(Clone, Debug)]
struct Plan {
	class: HardwareClass,
	/// Price of each job in planck.
	prices: Vec<Balance>,
	/// Whether it buys credits before, and more than it needs.
	ahead: bool,
	/// How late each job is delivered, in blocks of grace.
	late: u32,
	/// Whether it cancels while the job runs, after so many blocks.
	cancel: Option<u32>,
	attested: bool,
	/// Whether the second machine belongs to the same group.
	together: bool,
	/// Burns of honest work in the same epoch, in planck: many groups of one.
	honest: Vec<Balance>,
	/// By how many times the price stands above its average.
	scarcity: u128,
	/// What an epoch's work may be worth before less is recycled, in pico-USD.
	baseline: u128,
	tip: Balance,
	blocks: u32,
}

fn plan() -> impl Strategy<Value = Plan> {
	let price = prop_oneof![Just(MIN_JOB_PRICE), MIN_JOB_PRICE..UNIT, UNIT..10 * UNIT];
	let honest = prop_oneof![Just(0), 1..UNIT, UNIT..10_000 * UNIT];
	let baseline = prop_oneof![Just(1), Just(kappa::WORK_MOST), 1..100_000_000_000_000_000u128];
	(
		(select(vec![HardwareClass::General, HardwareClass::Tensor]), vec(price, 1..5)),
		(any::<bool>(), prop_oneof![3 => Just(0), 1 => 0..GRACE]),
		(prop_oneof![3 => Just(None), 1 => (0..8u32).prop_map(Some)], any::<bool>()),
		(any::<bool>(), vec(honest, 0..4), prop_oneof![2 => Just(1), 1 => 1..20u128]),
		(baseline, prop_oneof![2 => Just(0), 1 => 0..UNIT / 10], 0..5u32),
	)
		.prop_map(|((class, prices), (ahead, late), (cancel, attested), b, c)| {
			let ((together, honest, scarcity), (baseline, tip, blocks)) = (b, c);
			Plan {
				class,
				prices,
				ahead,
				late,
				cancel,
				attested,
				together,
				honest,
				scarcity,
				baseline,
				tip,
				blocks,
			}
		})
}

/// What came of a plan, in planck.
#[derive(Clone, Debug, Default)]
struct Outcome {
	settlement: Balance,
	purchase: Balance,
	recycled: Balance,
	levy: Balance,
	lost: Balance,
}

impl Outcome {
	/// What is lost of what was burned for the work, in parts per million.
	fn ratio(&self) -> u128 {
		match self.settlement + self.purchase {
			0 => u128::MAX,
			burned => self.lost * 1_000_000 / burned,
		}
	}
}

fn fortune() -> Balance {
	wealth(CLIENT) + MACHINES.iter().map(|name| wealth(name)).sum::<Balance>()
}

fn pot() -> Balance {
	Balances::free_balance(AuditPot::get())
}

/// Sets the price so that a job of these MAC costs so much.
fn set_price_of_job(class: HardwareClass, mac: u64, price: Balance, scarcity: u128) {
	let per_cu = (price * UNIT / u128::from(mac)).max(Market::floor_of(class));
	assert_ok!(Market::set_price(RuntimeOrigin::root(), class, per_cu));
	Classes::<Runtime>::mutate(class, |record| {
		if let Some(record) = record {
			record.average = Average::first((per_cu / scarcity).max(1));
		}
	});
}

/// Plays a plan.
fn washed(plan: &Plan) -> Outcome {
	let mut outcome = Outcome::default();
	Story::tell_long(|m| {
		appear("mallory");
		let root = RuntimeOrigin::root();
		let windows = Windows { epoch: SPAN, refund_after: REFUND_AFTER };
		assert_ok!(BurnMint::set_windows(root.clone(), windows));
		// Prices stay where they are put, and the pot takes any levy.
		let rules = pallet_market::Parameters { step: 1_000_000, ..market_rules() };
		assert_ok!(Market::set_parameters(root, rules));
		fund(&AuditPot::get(), UNIT);
		BaselineWork::<Runtime>::put(plan.baseline);
		for name in MACHINES {
			m.provider_with(name, plan.class, 0, FUNDS / 2);
		}
		if plan.attested {
			set_attested("bob");
		}
		if plan.together {
			set_group("mallory", "bob");
			set_group(CLIENT, "bob");
		}
		for (n, burn) in plan.honest.iter().enumerate() {
			let honest = owner(n as u32);
			fund(&honest, UNIT);
			work(&honest, *burn);
		}
		let program = program_of(10_000_000_000);
		m.register_program(&program);
		let (before, levied) = (fortune(), pot());
		let burned = |kind| Burned::<Runtime>::get(kind);
		let (settlement, purchase) = (burned(BurnKind::Settlement), burned(BurnKind::Purchase));
		if plan.ahead {
			buy_credits(CLIENT, 2 * plan.prices.iter().sum::<Balance>() + UNIT);
		}
		for price in &plan.prices {
			let mut spec = m.spec(&program);
			let mac = Programs::summary_of(&spec);
			set_price_of_job(plan.class, mac, *price, plan.scarcity);
			spec.class = plan.class;
			spec.tip = plan.tip;
			spec.deliver_within = DELIVERY;
			let job = m.submit_spec(CLIENT, spec);
			let name = m.assigned(job);
			m.accept(&name, job);
			if let Some(after) = plan.cancel {
				advance(after);
				assert_ok!(Jobs::cancel(by(&account(CLIENT)), job).map_err(|refused| refused.error));
				continue;
			}
			if plan.late > 0 {
				advance(record(job).deliver_within + plan.late);
			}
			m.commit(&name, job, &RESULT);
			advance(1);
			assert_ok!(m.reveal(&name, job, &RESULT));
			advance(CHALLENGE + 1);
			let _ = payment(job);
		}
		for _ in 0..plan.blocks {
			author(CLIENT);
		}
		outcome.settlement = burned(BurnKind::Settlement) - settlement;
		outcome.purchase = burned(BurnKind::Purchase) - purchase;
		outcome.levy = pot() - levied;
		let closing = epoch();
		// The epoch ends now.
		let began = CurrentEpoch::<Runtime>::get().began;
		let windows = Windows { epoch: System::block_number() + 1 - began, ..windows };
		assert_ok!(BurnMint::set_windows(RuntimeOrigin::root(), windows));
		let report = m.close_epoch();
		let mut blocks = 0;
		for name in [CLIENT, MACHINES[0], MACHINES[1]] {
			let reward = reward(name, closing);
			blocks += reward.availability;
			outcome.recycled += reward.work;
			if reward.total() > 0 {
				assert_eq!(claim(name), reward.total());
			}
		}
		assert!(blocks <= report.validators, "without proven capacity only blocks pay");
		assert_eq!(report.providers, 0);
		outcome.lost = (before + blocks)
			.checked_sub(fortune() + outcome.levy)
			.unwrap_or_else(|| panic!("washing pays: {outcome:?} by {plan:?}"));
	});
	let least = outcome.settlement.div_ceil(10) + outcome.purchase;
	assert!(outcome.lost >= least, "{outcome:?} loses less than {least} by {plan:?}");
	outcome
}

trait SummaryOf {
	fn summary_of(spec: &calor_primitives::job::JobSpec) -> u64;
}

impl SummaryOf for Programs {
	fn summary_of(spec: &calor_primitives::job::JobSpec) -> u64 {
		use calor_primitives::traits::ProgramRegistry;
		<Programs as ProgramRegistry>::summary(&spec.program).expect("registered").mac
	}
}

/// A plan that differs in one or two things from another.
fn varied(plan: &Plan, other: Plan, what: u32) -> Plan {
	let mut varied = plan.clone();
	match what % 10 {
		0 => varied.class = other.class,
		1 => varied.prices = other.prices,
		2 => varied.ahead = other.ahead,
		3 => varied.late = other.late,
		4 => varied.cancel = other.cancel,
		5 => varied.attested = other.attested,
		6 => varied.together = other.together,
		7 => varied.honest = other.honest,
		8 => varied.scarcity = other.scarcity,
		_ => {
			varied.baseline = other.baseline;
			varied.tip = other.tip;
			varied.blocks = other.blocks;
		},
	}
	varied
}

#[test]
fn washing_loses_by_the_best_plan_that_a_search_finds() {
	let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
	let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
	let (random, climbs) = if is_long() { (2_000, 2_000) } else { (40, 60) };
	let mut draw = || plan().new_tree(&mut runner).expect("nothing is filtered").current();
	let mut best: Option<(Plan, Outcome)> = None;
	let try_out = |plan: Plan, best: &mut Option<(Plan, Outcome)>| {
		let outcome = washed(&plan);
		if best.as_ref().is_none_or(|(_, least)| outcome.ratio() < least.ratio()) {
			*best = Some((plan, outcome));
		}
	};
	for _ in 0..random {
		try_out(draw(), &mut best);
	}
	for step in 0..climbs {
		let other = draw();
		let from = best.as_ref().map(|(plan, _)| plan.clone()).expect("some were tried");
		try_out(varied(&from, other, step), &mut best);
	}
	let (plan, outcome) = best.expect("some were tried");
	println!("the least that washing loses, in planck: {outcome:#?}\nby {plan:#?}");
	println!(
		"{}.{:04} % of what was burned for the work is lost",
		outcome.ratio() / 10_000,
		outcome.ratio() % 10_000
	);
	assert!(outcome.ratio() >= 100_000);
}

/// The plans that come to mind first.
#[test]
fn plain_washing_loses_what_the_docs_say() {
	let plan = Plan {
		class: HardwareClass::General,
		prices: vec![10 * UNIT],
		ahead: false,
		late: 0,
		cancel: None,
		attested: true,
		together: true,
		honest: vec![10_000 * UNIT],
		scarcity: 1,
		baseline: kappa::WORK_MOST,
		tip: 0,
		blocks: 0,
	};
	let outcome = washed(&plan);
	println!("a job of 10 CAL: {outcome:?}");
	// As little a part of all work as this is recycled by nine tenths.
	assert!(outcome.settlement.abs_diff(2 * UNIT) <= 20);
	assert!(outcome.recycled * 10 >= outcome.settlement * 9 - 10);
	// Alone on the market, half of what is beyond is clipped.
	let alone = washed(&Plan { honest: vec![], ..plan.clone() });
	assert!(alone.recycled < outcome.recycled * 6 / 10);
	let unattested = washed(&Plan { attested: false, ..plan });
	assert_eq!(unattested.recycled, unattested.settlement * 9 / 10 / 2);
}

/// Whoever has machines gets the same for being there, whether they work for their owner or wait.
#[test]
fn availability_does_not_depend_on_jobs() {
	let attended = |jobs: u32| {
		let mut found = 0;
		Story::tell_long(|m| {
			let root = RuntimeOrigin::root();
			let windows = pallet_providers::Windows { heartbeat: 1, offline: 8, longest_wait: 3 };
			assert_ok!(Providers::set_windows(root.clone(), windows));
			let windows = Windows { epoch: 100, refund_after: REFUND_AFTER };
			assert_ok!(BurnMint::set_windows(root, windows));
			// Nothing is limited by electricity.
			set_rates(1_000, KWH_USD);
			m.provider("bob");
			prove("bob", 1_000_000_000_000);
			let closing = epoch();
			let pass = |blocks: u32| {
				for _ in 0..blocks {
					m.heartbeats();
					advance(1);
				}
			};
			for _ in 0..jobs {
				assert_ok!(Market::set_price(
					RuntimeOrigin::root(),
					HardwareClass::General,
					Market::floor_of(HardwareClass::General),
				));
				let job = m.submit(CLIENT);
				while !matches!(state(job), calor_primitives::job::JobState::Assigned { .. }) {
					pass(1);
				}
				m.accept("bob", job);
				pass(2);
				m.commit("bob", job, &RESULT);
				pass(1);
				assert_ok!(m.reveal("bob", job, &RESULT));
				pass(CHALLENGE + 1);
				let _ = payment(job);
			}
			m.close_epoch();
			found = reward("bob", closing).availability;
		});
		found
	};
	let idle = attended(0);
	assert!(idle > 0);
	assert_eq!(attended(1), idle);
	assert_eq!(attended(3), idle);
}
