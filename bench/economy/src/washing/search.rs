// SPDX-License-Identifier: Apache-2.0
//! The best-responding attacker. It owns the client and the provider, as much of the auditors and of the authors of blocks
//! as it likes, and chooses everything that can be chosen. What it is after is the highest return for each CAL that it
//! gives away.
//!
//! In its favour: it computes nothing, credits that come back are worth what they say and are spent again without a new
//! burn, an auditor of its own gets back its part of the levy for nothing, and stake costs nothing.

use crate::{fees::FEE, rng::Rng};
use calor_primitives::{
	assurance::Assurance,
	job::HardwareClass,
	money::{
		cost_of_credits, floor_of, Payment, Price, LATE_CUT, MIN_JOB_PRICE, SUBMISSION_FEE, UNIT,
	},
	Balance,
};
use pallet_burn_mint::{kappa, tau, Rank};
use pallet_market::tariff;
use serde::Serialize;
use sp_runtime::Perbill;

/// Transactions of a job and of the claim: submit, accept, commit, reveal, claim.
pub const TRANSACTIONS: Balance = 5;

/// How the attacker's provider delivers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub enum Delivery {
	/// In time.
	InTime,
	/// Late, by this part of the grace period.
	Late(f64),
	/// Not at all: the client cancels and pays this part of the price, at least a quarter.
	Cancelled(f64),
}

/// What the attacker chooses.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Case {
	/// Class of the job.
	pub class: HardwareClass,
	/// Its price, in planck.
	pub price: Balance,
	/// By what part the price of a CU stands above its mean.
	pub above_mean: f64,
	/// Part of what all work of the epoch burns that is the attacker's.
	pub part: f64,
	/// Value of all work of the epoch as a part of its baseline.
	pub level: f64,
	/// How it delivers.
	pub delivery: Delivery,
	/// Whether its owner group is attested.
	pub attested: bool,
	/// Part of the audits that its own auditors get.
	pub auditors: f64,
	/// Part of the blocks that it makes itself.
	pub authors: f64,
}

/// What comes of it, in planck.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Outcome {
	/// What the price and the withheld part came to.
	pub terms: (Balance, Balance),
	/// How the payment was divided.
	#[serde(skip)]
	pub payment: Payment,
	/// What all work of the epoch burned.
	pub burned: Balance,
	/// The part that is recycled.
	#[serde(skip)]
	pub kappa: Perbill,
	/// What the credits for it cost, with the fees of transactions and of submission.
	pub spent: Balance,
	/// What the provider was paid.
	pub paid: Balance,
	/// What of the burn was given back.
	pub recycled: Balance,
	/// What its auditors and its authors got.
	pub audits: Balance,
	pub authored: Balance,
}

impl Outcome {
	/// What came back, in planck.
	pub fn back(&self) -> Balance {
		self.paid + self.recycled + self.audits + self.authored
	}

	/// Gain for each CAL that was spent; less than 0 is a loss.
	pub fn gain(&self) -> f64 {
		(self.back() as f64 - self.spent as f64) / self.spent as f64
	}
}

/// A part of a whole, rounded down.
fn part_of(whole: Balance, part: f64) -> Balance {
	floor_of(Perbill::from_float(part.clamp(0.0, 1.0)), whole)
}

impl Case {
	/// The price by which is settled, and what of it is withheld.
	fn terms(&self) -> Price {
		// A price of 10^9 above a mean that is lower by so much.
		let (now, scale) = (1_000_000_000u128, 1.0 / (1.0 + self.above_mean.max(0.0)));
		let usual = (now as f64 * scale) as u128;
		let quoted =
			Price { price: self.price, withheld: tariff::withheld(self.price, now, usual) };
		match self.delivery {
			Delivery::InTime => quoted,
			Delivery::Late(part) => {
				quoted.reduced_to(self.price - part_of(floor_of(LATE_CUT, self.price), part))
			},
			Delivery::Cancelled(part) => {
				quoted.reduced_to(part_of(self.price, part).max(self.price.div_ceil(4)))
			},
		}
	}

	/// What is paid for audits, in planck: nothing for a job without a result.
	fn levy(&self) -> Balance {
		match self.delivery {
			Delivery::Cancelled(_) => 0,
			_ => Assurance::Optimistic.levy(self.price).expect("prices are far from the bound"),
		}
	}

	/// How its group stands.
	fn rank(&self) -> Rank {
		if self.attested {
			Rank::Attested
		} else {
			Rank::Unattested
		}
	}

	/// What comes of it.
	pub fn outcome(&self) -> Outcome {
		let terms = self.terms();
		let payment = Payment::of(terms, self.levy(), self.class);
		let burned = ((payment.burned as f64 / self.part) as Balance).max(payment.burned);
		// Any baseline will do that stands to the work as the level says.
		const BASELINE: u128 = 1_000_000_000_000;
		let kappa = kappa::kappa((BASELINE as f64 * self.level) as u128, BASELINE);
		let recycled =
			tau::pay(self.rank(), kappa.mul_floor(payment.burned), kappa.mul_floor(burned));
		let fees = TRANSACTIONS * FEE;
		let cost = cost_of_credits(payment.total()).expect("prices are far from the bound");
		Outcome {
			terms: (terms.price, terms.withheld),
			payment,
			burned,
			kappa,
			spent: cost + SUBMISSION_FEE + fees,
			paid: payment.paid,
			recycled,
			audits: part_of(payment.levy, self.auditors),
			authored: part_of(fees / 2, self.authors),
		}
	}

	fn random(rng: &mut Rng) -> Self {
		let log = |rng: &mut Rng, low: f64, high: f64| rng.between(low.ln(), high.ln()).exp();
		let delivery = match rng.bits() % 3 {
			0 => Delivery::InTime,
			1 => Delivery::Late(rng.unit()),
			_ => Delivery::Cancelled(rng.between(0.25, 1.0)),
		};
		let least = MIN_JOB_PRICE as f64 / UNIT as f64;
		Self {
			class: *rng.pick(&HardwareClass::ALL),
			price: crate::scale::planck(log(rng, least, 1e6)),
			above_mean: if rng.bits().is_multiple_of(2) { 0.0 } else { rng.between(0.0, 2.0) },
			part: log(rng, 1e-6, 1.0),
			level: rng.between(0.0, 4.0),
			delivery,
			attested: rng.bits().is_multiple_of(2),
			auditors: rng.unit(),
			authors: rng.unit(),
		}
	}

	/// The same with one thing changed a little.
	fn varied(&self, rng: &mut Rng) -> Self {
		let mut case = *self;
		let near = |rng: &mut Rng, value: f64, low: f64, high: f64| {
			(value * rng.between(0.7, 1.4) + rng.between(-0.02, 0.02)).clamp(low, high)
		};
		match rng.bits() % 8 {
			0 => {
				let price = case.price as f64 / UNIT as f64 * rng.between(0.5, 2.0);
				case.price = crate::scale::planck(price.min(1e6)).max(MIN_JOB_PRICE);
			},
			1 => case.above_mean = near(rng, case.above_mean, 0.0, 2.0),
			2 => case.part = near(rng, case.part, 1e-6, 1.0),
			3 => case.level = near(rng, case.level, 0.0, 4.0),
			4 => {
				case.delivery = match case.delivery {
					Delivery::InTime => Delivery::Late(rng.unit()),
					Delivery::Late(part) if part < 0.02 => Delivery::InTime,
					Delivery::Late(part) => Delivery::Late(near(rng, part, 0.0, 1.0)),
					Delivery::Cancelled(part) => Delivery::Cancelled(near(rng, part, 0.25, 1.0)),
				}
			},
			5 => case.auditors = near(rng, case.auditors, 0.0, 1.0),
			6 => case.authors = near(rng, case.authors, 0.0, 1.0),
			_ => case.class = *rng.pick(&HardwareClass::ALL),
		}
		case
	}
}

/// All extremes: every choice at the ends of its range.
fn corners() -> Vec<Case> {
	let mut all = Vec::new();
	let deliveries = [
		Delivery::InTime,
		Delivery::Late(1.0),
		Delivery::Cancelled(0.25),
		Delivery::Cancelled(1.0),
	];
	for class in HardwareClass::ALL {
		for price in [MIN_JOB_PRICE, UNIT, 1_000_000 * UNIT] {
			for above_mean in [0.0, 1.0] {
				for part in [1e-6, 0.004, 0.05, 1.0] {
					for level in [0.0, 1.0, 1.8] {
						for delivery in deliveries {
							for attested in [false, true] {
								for (auditors, authors) in [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)] {
									all.push(Case {
										class,
										price,
										above_mean,
										part,
										level,
										delivery,
										attested,
										auditors,
										authors,
									});
								}
							}
						}
					}
				}
			}
		}
	}
	all
}

/// The case with the highest gain among all extremes, so many random ones, and as many steps uphill from the best of
/// them; and how many were tried.
pub fn search(seed: u64, samples: u32) -> (Case, u32) {
	const CLIMBERS: usize = 16;
	let mut rng = Rng::new(seed);
	let mut best = corners();
	best.extend((0..samples).map(|_| Case::random(&mut rng)));
	let mut tried = best.len() as u32;
	best.sort_by(|a, b| b.outcome().gain().total_cmp(&a.outcome().gain()));
	best.truncate(CLIMBERS);
	for case in &mut best {
		let mut gain = case.outcome().gain();
		for _ in 0..samples as usize / CLIMBERS {
			let other = case.varied(&mut rng);
			let found = other.outcome().gain();
			tried += 1;
			if found > gain {
				(*case, gain) = (other, found);
			}
		}
	}
	best.sort_by(|a, b| b.outcome().gain().total_cmp(&a.outcome().gain()));
	(best[0], tried)
}
