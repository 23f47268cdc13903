// SPDX-License-Identifier: Apache-2.0

//! What takes the word of more than one pallet: what a job costs in all, and what a provider may expect to earn.

use crate::{
	apis::words,
	constants::time::{DAYS, MILLISECS_PER_BLOCK},
	AccountId, Balance, BurnMint, Disclosure, Jobs, Market, Providers, Runtime, Stake,
};
use alloc::vec::Vec;
use calor_primitives::{
	assurance::Assurance,
	explain::RewardEstimate,
	job::HardwareClass,
	market::ClassReport,
	money::{cost_of_credits, settlement_burn, MAC_PER_CU, SUBMISSION_FEE, UNIT},
	runtime_api::Quote,
	supply::SupplyReport,
	traits::{Assign, Collateral, Rates, Standings, Tariff},
};
use sp_runtime::{
	helpers_128bit::multiply_by_rational_with_rounding, PerThing as _, Perbill, Rounding,
	Saturating,
};

/// What so many multiply-accumulates cost on a class, or why there is no price, in UTF-8.
pub fn quote(class: HardwareClass, mac: u64) -> Result<Quote, Vec<u8>> {
	let terms = Market::quote(class, mac).map_err(|error| words(error).as_bytes().to_vec())?;
	let assurance = Assurance::default();
	let too_large = || b"a price this high exceeds what a balance can hold".to_vec();
	let levy = assurance.levy(terms.price).ok_or_else(too_large)?;
	let credits = terms.price.checked_add(levy).ok_or_else(too_large)?;
	Ok(Quote {
		price: terms.price,
		withheld: terms.withheld,
		levy,
		access: Jobs::access_lock(class),
		submission_fee: SUBMISSION_FEE,
		earmark: assurance.earmark(terms.price, 0).ok_or_else(too_large)?,
		cost: cost_of_credits(credits).ok_or_else(too_large)?,
		valid_until: Market::valid_until(),
		ready_providers: Providers::ready(class),
	})
}

/// What a provider may expect to earn: from jobs by its capacity, the price of its class and how busy that class is; for
/// being there, and recycled, by what the last closed epoch paid.
pub fn reward(owner: AccountId) -> Option<RewardEstimate> {
	let record = pallet_providers::Providers::<Runtime>::get(&owner)?;
	let prices = Market::report().classes;
	let price = prices.into_iter().find(|price| price.class == record.class);
	let price_per_cu = price.as_ref().and_then(|price| price.per_cu_planck).unwrap_or(0);
	let burned =
		settlement_burn(record.class).saturating_add(price.map_or(Perbill::zero(), withheld));
	let provider_share = burned.left_from_one();
	let utilisation = utilisation(record.class);
	let uptime = Providers::uptime(owner.clone())?;
	let now_and_then = |whole: Balance| uptime.mul_floor(utilisation.mul_floor(whole));

	let seconds = u128::from(MILLISECS_PER_BLOCK).saturating_mul(DAYS.into()).div_euclid(1_000);
	// A u64 by the seconds of a day.
	let mac = u128::from(record.claimed.mac_per_second).saturating_mul(seconds);
	let gross = part(mac, price_per_cu, MAC_PER_CU)?;
	let daily_at_full_use = provider_share.mul_floor(gross);
	let supply = BurnMint::supply();
	Some(RewardEstimate {
		mac_per_second: record.claimed.mac_per_second,
		price_per_cu,
		provider_share,
		utilisation,
		uptime,
		daily_at_full_use,
		daily: now_and_then(daily_at_full_use),
		proven: record.proven,
		daily_availability: if may_earn(&owner) {
			uptime.mul_floor(availability(&supply, record.proven)?)
		} else {
			0
		},
		daily_recycled: if may_earn(&owner) { recycled(&supply, now_and_then(gross))? } else { 0 },
		daily_electricity: electricity(record.class, now_and_then(mac)),
	})
}

/// What is withheld of a price as the market quotes it, as a part of the price: half of what it exceeds its average by, or
/// its floor where that is higher.
fn withheld(price: ClassReport) -> Perbill {
	let excess = price.per_cu.saturating_sub(price.average.max(price.floor));
	let halves = price.per_cu.saturating_mul(2).max(1);
	Perbill::from_rational_with_rounding(excess, halves, Rounding::Up).unwrap_or(Perbill::one())
}

/// Providers of a class at work among those that work or wait.
fn utilisation(class: HardwareClass) -> Perbill {
	let all = pallet_providers::Providers::<Runtime>::iter_values();
	let working = all.filter(|p| p.class == class && p.job.is_some()).count() as u32;
	Perbill::from_rational(working, working.saturating_add(Providers::ready(class)).max(1))
}

/// Whether rewards are counted for an owner at all: it has stake, and its group has filed what it owes.
fn may_earn(owner: &AccountId) -> bool {
	Stake::free(owner).is_some() && Disclosure::standing(owner).in_order
}

/// What so much proven capacity gets in a day of epochs such as the last one, in planck.
fn availability(supply: &SupplyReport, proven: u64) -> Option<Balance> {
	let Some((_, last)) = supply.last else { return Some(0) };
	// Whoever has more than there was in all shares with nobody.
	let all = last.capacity.max(proven.into()).max(1);
	let an_epoch = part(last.providers, proven.into(), all)?;
	part(an_epoch, DAYS.into(), supply.epoch_length.max(1).into())
}

/// What comes back of the burns of jobs at these prices, if as much of a price does as in the last epoch, in planck.
fn recycled(supply: &SupplyReport, prices: Balance) -> Option<Balance> {
	match supply.last {
		Some((_, last)) if last.work > 0 => part(prices, last.recycled, last.work),
		_ => Some(0),
	}
}

/// What the electricity of so much work costs, in planck.
fn electricity(class: HardwareClass, mac: u128) -> Option<Balance> {
	let cost = Market::electricity(class, mac)?;
	multiply_by_rational_with_rounding(cost, UNIT, Market::cal_price()?.max(1), Rounding::Up)
}

/// `whole * numerator / denominator`, rounded down; `None` beyond a balance.
fn part(whole: u128, numerator: u128, denominator: u128) -> Option<u128> {
	multiply_by_rational_with_rounding(whole, numerator, denominator, Rounding::Down)
}
