// SPDX-License-Identifier: Apache-2.0
//! Somebody buys its own work: first little of all work, then a twentieth, then half.

use crate::{
	history::{gain, Row},
	people::{usual, Plan},
	scale::{cal, cal_signed, planck},
	scenario::{calm, Scenario, Verdicts, When},
	world::{Conditions, World},
};
use calor_mock::{account, by, Market, Stake};
use calor_primitives::{job::HardwareClass, traits::Tariff, BlockNumber};
use frame_support::assert_ok;
use pallet_stake::Role;

const CLIENT: &str = "washer's client";
/// Part of all work that the attacker's is, one after the other.
const PARTS: [f64; 3] = [0.004, 0.05, 0.5];

/// What was washed in a phase, and what came of it, in planck.
#[derive(Clone, Copy, Debug, Default)]
struct Phase {
	price: u128,
	gain: i128,
}

#[derive(Default)]
pub struct Wash {
	phases: [Phase; 3],
	before: i128,
}

fn phase(when: When) -> usize {
	((when.part() * PARTS.len() as f64) as usize).min(PARTS.len() - 1)
}

impl Scenario for Wash {
	fn name(&self) -> &'static str {
		"wash"
	}

	fn about(&self) -> &'static str {
		"an attested attacker is the only provider of a class and its only client: 0.4 %, 5 %, then 50 % of all work"
	}

	fn plans(&self) -> Vec<Plan> {
		let mut all = usual();
		all.push(Plan::honest("washer").pretending().sized(0.0));
		all
	}

	fn others(&self) -> &'static [&'static str] {
		&[CLIENT]
	}

	fn conditions(&self, _: When) -> Conditions {
		calm()
	}

	fn hour(&mut self, world: &mut World, conditions: &Conditions, when: When, hour: BlockNumber) {
		// One job a day, early enough to be paid on the same day.
		if hour != 1 {
			return;
		}
		let part = PARTS[phase(when)];
		let wanted = planck(conditions.demand / conditions.cal * part / (1.0 - part));
		let class = HardwareClass::HighMemory;
		const PROBE: u64 = 1_000_000_000_000_000;
		let Ok(probe) = <Market as Tariff>::quote(class, PROBE) else { return };
		let mac = (wanted as f64 / probe.price as f64 * PROBE as f64) as u64;
		let washer = account("washer");
		let active =
			Stake::ledger(Role::Provider, washer.clone()).map_or(0, |ledger| ledger.active);
		// Twice what the job asks for, so that a change of the price does not matter.
		let short = (wanted * 40).saturating_sub(active);
		if short > 0 && world.buy(&washer, short) {
			assert_ok!(Stake::bond_more(by(&washer), Role::Provider, short));
		}
		let client = account(CLIENT);
		if let Some(id) = world.submit(&client, class, mac, true) {
			let record = pallet_jobs::Jobs::<calor_mock::Runtime>::get(id).expect("submitted");
			self.phases[phase(when)].price += record.price;
		}
	}

	fn attack(&mut self, world: &World, conditions: &Conditions, _: &Row, when: When) -> f64 {
		let gain = gain(world);
		self.phases[phase(when)].gain += gain - self.before;
		self.before = gain;
		cal_signed(gain) * conditions.cal
	}

	fn judge(&mut self, _: &[Row], verdicts: &mut Verdicts) {
		for (part, phase) in PARTS.iter().zip(self.phases) {
			verdicts.expect(
				format!("washing {:.1} % of all work loses", part * 100.0),
				phase.gain < 0 && phase.price > 0,
				format!(
					"{:.0} CAL lost of {:.0} CAL in prices: {:.1} %",
					-cal_signed(phase.gain),
					cal(phase.price),
					-100.0 * cal_signed(phase.gain) / cal(phase.price).max(1.0)
				),
			);
		}
	}
}
