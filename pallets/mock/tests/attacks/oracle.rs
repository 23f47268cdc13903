// SPDX-License-Identifier: Apache-2.0
//! The close of an epoch, computed a second time from what it is said to be, with none of the code that pays.

use calor_primitives::{job::HardwareClass, supply::Pools, Balance, BlockNumber};
use sp_core::{U256, U512};

const ONE: u128 = 1_000_000_000_000_000_000;
const R4: u128 = 474_320_862_749_566;
const R6: u128 = 316_166_788_196_237;
const G: u128 = 1_110_719_357_750_650;
const G_WORK: u128 = 949_317_093_446_277;
const WORK_MOST: u128 = 640_000_000_000_000_000;
const UNIT: u128 = 1_000_000_000_000;
const BILLION: u128 = 1_000_000_000;

/// A machine: who owns it, in which group, and what it did.
#[derive(Clone, Debug)]
pub struct Machine {
	pub group: usize,
	pub class: HardwareClass,
	pub mac: u64,
	pub attended: BlockNumber,
	pub burn: Balance,
}

/// How a group stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
	Attested,
	Unattested,
	Overdue,
}

/// What an epoch is closed by.
#[derive(Clone, Debug)]
pub struct Facts {
	pub pools: Pools,
	pub baseline_capacity: u128,
	pub baseline_work: u128,
	pub span: BlockNumber,
	pub machines: Vec<Machine>,
	pub groups: Vec<Standing>,
	pub price_of_work: Balance,
	pub cal: u128,
	pub kwh: u128,
	pub millijoules: fn(HardwareClass) -> u64,
	pub block_ms: u64,
}

/// What must come of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
	pub budget: Pools,
	pub drawn: Pools,
	pub validators: Balance,
	pub treasury: Balance,
	/// Availability and work of each group.
	pub groups: Vec<(Balance, Balance)>,
	pub kappa: u32,
	pub capacity: u128,
	pub next_capacity: u128,
	pub next_work: u128,
}

fn wide(n: u128) -> U512 {
	U512::from(n)
}

fn narrow(n: U512) -> u128 {
	u128::try_from(U256::try_from(n).expect("256 bits")).expect("128 bits")
}

fn floor(a: u128, b: u128, c: u128) -> u128 {
	if c == 0 {
		0
	} else {
		narrow(wide(a) * wide(b) / wide(c))
	}
}

/// `p - ceil(clip)`, the clip over the common denominator `4 (b - a)` or `4`.
fn cut(standing: Standing, p: u128, all: u128) -> u128 {
	let (a, b) = (all / 200, all / 20);
	let clip = if p <= a {
		U512::zero()
	} else if p <= b {
		let denominator = wide(4 * (b - a));
		(wide(p - a) * wide(p - a) + denominator - U512::one()) / denominator
	} else {
		(wide(b - a) + wide(2) * wide(p - b) + wide(3)) / wide(4)
	};
	match standing {
		Standing::Attested => p - narrow(clip),
		Standing::Unattested => p / 2,
		Standing::Overdue => 0,
	}
}

/// Closes.
pub fn close(facts: &Facts, authored: bool) -> Verdict {
	let weight =
		|machine: &Machine| u128::from(machine.mac) * u128::from(machine.attended.min(facts.span));
	let of = |class, group: Option<usize>| -> u128 {
		let machines = facts.machines.iter().filter(|machine| machine.class == class);
		machines.filter(|m| group.is_none_or(|group| m.group == group)).map(weight).sum()
	};
	let all: u128 = facts.machines.iter().map(weight).sum();
	let capacity = all / u128::from(facts.span);
	let (k, b) = (capacity.min(facts.baseline_capacity), facts.baseline_capacity);
	let budget = Pools {
		simple: floor(facts.pools.simple, R4, ONE),
		baseline: narrow(wide(facts.pools.baseline) * wide(R6) * wide(k) / (wide(b) * wide(ONE))),
	};
	let e = budget.simple + budget.baseline;
	let (validators, treasury) = (e / 5, e / 20);
	let auditors = e * 375 / 10_000;
	let providers = e - validators - treasury - auditors;

	let limit = |class| {
		let part = floor(providers, of(class, None), all);
		// Weight times seconds a block is MAC; 10^12 of them take so many millijoules; 3.6 * 10^9 millijoules are a kWh.
		let mac = floor(of(class, None), facts.block_ms.into(), 1_000);
		let cost = wide(mac) * wide((facts.millijoules)(class).into()) * wide(facts.kwh)
			/ (wide(UNIT) * wide(3_600_000_000));
		let limit = cost * wide(UNIT) / (wide(facts.cal) * wide(2));
		narrow(wide(part).min(limit))
	};
	let limits = HardwareClass::ALL.map(|class| (class, limit(class)));
	let available: u128 = limits.iter().map(|(_, limit)| limit).sum();

	let burned: u128 = facts.machines.iter().map(|machine| machine.burn).sum();
	let value =
		narrow((wide(facts.price_of_work) * wide(facts.cal) / wide(UNIT)).min(wide(u128::MAX)));
	let beyond = value.saturating_sub(facts.baseline_work);
	let twice = wide(2) * wide(facts.baseline_work);
	let taken = (wide(beyond) * wide(BILLION) + twice - U512::one()) / twice;
	let kappa = 900_000_000 - narrow(taken.min(wide(400_000_000)));
	let recycled = floor(burned, kappa, BILLION);

	let groups: Vec<_> = (0..facts.groups.len())
		.map(|group| {
			let parts = limits
				.iter()
				.map(|(class, limit)| floor(*limit, of(*class, Some(group)), of(*class, None)));
			let burn: u128 =
				facts.machines.iter().filter(|m| m.group == group).map(|m| m.burn).sum();
			let standing = facts.groups[group];
			(
				cut(standing, parts.sum(), available),
				cut(standing, floor(burn, kappa, BILLION), recycled),
			)
		})
		.collect();

	let validators = if authored { validators } else { 0 };
	let paid =
		groups.iter().map(|(availability, _)| availability).sum::<u128>() + validators + treasury;
	let simple = floor(budget.simple, paid, e);
	Verdict {
		budget,
		drawn: Pools { simple, baseline: paid - simple },
		validators,
		treasury,
		groups,
		kappa: kappa as u32,
		capacity,
		next_capacity: b + floor(k, G, ONE),
		next_work: (facts.baseline_work + floor(facts.baseline_work, G_WORK, ONE)).min(WORK_MOST),
	}
}
