// SPDX-License-Identifier: Apache-2.0
//! What is written down of every day.

use crate::{
	genesis::electricity_per_cu,
	people::CLASS,
	scale::{cal, per_real_cu, real, real_cu, usd},
	world::{Conditions, Today, World},
};
use calor_mock::{Balances, BurnMint, Market, Runtime};
use calor_primitives::{
	money::{BurnKind, MintKind},
	traits::Rates,
	Balance,
};
use pallet_burn_mint::{emission, kappa};
use serde::Serialize;
use std::collections::HashMap;

/// A day. Amounts in CAL unless said; sums since the beginning unless said.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Row {
	/// Its number.
	pub day: u32,
	/// Price of a CAL, in USD: what is, and by what the chain goes.
	pub cal_usd: f64,
	pub cal_usd_used: f64,
	/// Price of a real CU, its mean over 30 days and its floor, in USD.
	pub per_cu: f64,
	pub average: f64,
	pub floor: f64,
	/// What exists.
	pub issuance: f64,
	/// What was burned, by kind, in the order of `BurnKind::ALL`.
	pub burned: [f64; BurnKind::ALL.len()],
	/// What was minted for availability and for work.
	pub minted_availability: f64,
	pub minted_work: f64,
	/// What is left of the two pools, and what would be left by the schedule.
	pub simple: f64,
	pub baseline: f64,
	pub ceiling: f64,
	/// Whether each pool has at least what the schedule leaves it.
	pub on_schedule: bool,
	/// Proven capacity and its baseline, in real MAC/s.
	pub capacity: f64,
	pub baseline_capacity: f64,
	/// Of the epoch before: what could be paid for availability, what it could be to providers within the limit by
	/// electricity, what they, validators and the treasury got, and what was recycled.
	pub budget: f64,
	pub limit: f64,
	pub providers: f64,
	pub validators: f64,
	pub treasury: f64,
	pub recycled: f64,
	/// Of that epoch: what the settled work burned, its value in USD, the baseline of that in USD, and kappa.
	pub work_burned: f64,
	pub work_usd: f64,
	pub baseline_work_usd: f64,
	pub kappa: f64,
	/// Whether no more was recycled than nine tenths of what was burned.
	pub recycled_within: bool,
	/// What providers got for being there, as a part of what their electricity at full load costs.
	pub idle_pay: f64,
	/// Of that day: real CU that were paid, and what honest providers got for them in payments and in all, in USD.
	pub sold_cu: f64,
	pub paid_usd: f64,
	pub income_usd: f64,
	/// Of that day: jobs that were paid, that closed without a result, that were not submitted for the length of the queue
	/// or for lack of a quote, and purchases of CAL that failed.
	pub settled: u32,
	pub closed: u32,
	pub crowded: u32,
	pub unquoted: u32,
	pub dry: u32,
	/// Parts of the largest owner group: of proven capacity, and of all that providers got as rewards.
	pub largest_capacity: f64,
	pub largest_rewards: f64,
	/// What the attacker has gained, in USD at the price of the day; less than 0 is a loss.
	pub attack_usd: f64,
}

/// What the attacker's accounts have and could claim beyond what they put in, in planck.
pub fn gain(world: &World) -> i128 {
	use frame_support::traits::fungible::Inspect;
	let wealth = |who: &calor_primitives::AccountId| {
		let purse = BurnMint::purse(who.clone());
		let unclaimed: Balance = purse.rewards.iter().map(|(_, _, reward)| reward.total()).sum();
		Balances::total_balance(who) + unclaimed
	};
	let wealth: Balance = world.attackers.iter().map(wealth).sum();
	wealth as i128 - world.invested
}

/// The largest parts of capacity and of rewards that one group has.
fn largest(world: &World) -> (f64, f64) {
	let (mut capacity, mut reward) = (HashMap::new(), HashMap::new());
	for (provider, given) in world.providers.iter().zip(&world.rewards) {
		let there = if provider.gone { 0 } else { provider.mac_per_second };
		*capacity.entry(&provider.head).or_insert(0.0) += there as f64;
		*reward.entry(&provider.head).or_insert(0.0) += *given as f64;
	}
	let sum = |all: &HashMap<_, f64>| all.values().sum::<f64>().max(f64::MIN_POSITIVE);
	let first = capacity.iter().max_by(|a, b| a.1.total_cmp(b.1)).map(|(head, _)| *head);
	first.map_or((0.0, 0.0), |head| (capacity[head] / sum(&capacity), reward[head] / sum(&reward)))
}

/// Writes down a day, with the epoch that was closed in its course, which is that of the day before: `yesterday`.
pub fn observe(world: &World, conditions: &Conditions, yesterday: &Today) -> Row {
	let epoch = pallet_burn_mint::CurrentEpoch::<Runtime>::get().index - 1;
	let report = BurnMint::epoch_report(epoch).expect("closed within a day");
	let class = pallet_market::Classes::<Runtime>::get(CLASS);
	let class = class.expect("it has a price from the beginning");
	let floor = Market::report().classes.into_iter().find(|c| c.class == CLASS);
	let used = Market::cal_price().expect("known from the beginning");
	let pools = pallet_burn_mint::Pools::<Runtime>::get();
	let ceiling = pallet_burn_mint::Ceiling::<Runtime>::get();
	let minted = |kind: MintKind| cal(pallet_burn_mint::Minted::<Runtime>::get(kind));
	let burned = BurnKind::ALL.map(|kind| cal(pallet_burn_mint::Burned::<Runtime>::get(kind)));
	let (largest_capacity, largest_rewards) = largest(world);
	let capacity = real(report.capacity);
	let electricity = capacity * 86_400.0 / 1e12 * electricity_per_cu();
	let paid_usd = cal(yesterday.paid) * conditions.cal;
	let rewards_usd = cal(report.providers + report.recycled) * conditions.cal;
	Row {
		day: world.day,
		cal_usd: conditions.cal,
		cal_usd_used: usd(used),
		per_cu: per_real_cu(class.per_cu),
		average: per_real_cu(class.average.value()),
		floor: floor.map_or(0.0, |class| per_real_cu(class.floor)),
		issuance: cal(Balances::total_issuance()),
		burned,
		minted_availability: minted(MintKind::Availability),
		minted_work: minted(MintKind::Work),
		simple: cal(pools.simple),
		baseline: cal(pools.baseline),
		ceiling: cal(ceiling.simple + ceiling.baseline),
		on_schedule: pools.simple >= ceiling.simple && pools.baseline >= ceiling.baseline,
		capacity,
		baseline_capacity: real(pallet_burn_mint::BaselineCapacity::<Runtime>::get()),
		budget: cal(emission::total(&report.budget).unwrap_or(0)),
		limit: cal(report.providers_limit),
		providers: cal(report.providers),
		validators: cal(report.validators),
		treasury: cal(report.treasury),
		recycled: cal(report.recycled),
		work_burned: cal(report.work_burned),
		work_usd: usd(kappa::value(report.work, Some(used))),
		baseline_work_usd: usd(pallet_burn_mint::BaselineWork::<Runtime>::get()),
		kappa: f64::from(report.kappa.deconstruct()) / 1e9,
		recycled_within: report.recycled <= kappa::MOST.mul_floor(report.work_burned),
		idle_pay: cal(report.providers) * usd(used) / electricity.max(f64::MIN_POSITIVE),
		sold_cu: real_cu(yesterday.mac),
		paid_usd,
		income_usd: paid_usd + rewards_usd,
		settled: yesterday.settled,
		closed: yesterday.closed,
		crowded: yesterday.crowded,
		unquoted: yesterday.unquoted,
		dry: yesterday.dry,
		largest_capacity,
		largest_rewards,
		attack_usd: 0.0,
	}
}

/// Income of honest providers for a CU, and in payments alone, in USD, over these days; `None` if nothing was sold.
pub fn income_per_cu(rows: &[Row]) -> Option<(f64, f64)> {
	let sum = |of: fn(&Row) -> f64| rows.iter().map(of).sum::<f64>();
	let sold = sum(|row| row.sold_cu);
	(sold > 0.0).then(|| (sum(|row| row.income_usd) / sold, sum(|row| row.paid_usd) / sold))
}
