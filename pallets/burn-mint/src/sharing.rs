// SPDX-License-Identifier: Apache-2.0
//! How what there is for all is divided among groups, and what a group gets among its members.
//!
//! A class of `weights` together gets a budget, and each group the part of it that its weight is of all. What comes to
//! the group over all classes is cut ([`crate::tau`]) and divided among its members, one after the other: after the
//! members with `done` of `all` have been paid, together they have `floor(whole * done / all)`. So the members' parts are
//! whole planck, no order gives a planck more or less to all of them together, and the last brings it to the whole
//! exactly.

use crate::{
	tau,
	types::{GroupTally, Member, PerClass},
};
use calor_primitives::{job::HardwareClass, supply::Reward, Balance};
use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, Perbill, Rounding};

/// `floor(whole * part / all)` for `part <= all`; nothing of nothing.
pub fn share(whole: u128, part: u128, all: u128) -> u128 {
	// At most `whole`, so it fits.
	multiply_by_rational_with_rounding(whole, part, all, Rounding::Down).unwrap_or(0)
}

/// What comes to the next `part` of `all` if `done` of it have got theirs of the `whole` before.
pub fn slice(whole: u128, done: u128, part: u128, all: u128) -> u128 {
	// `done + part` is at most `all`, and shares grow with what they are of.
	share(whole, done.saturating_add(part), all).saturating_sub(share(whole, done, all))
}

/// What is divided among providers, and by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole {
	/// What each class gets for availability at most, in planck.
	pub limits: PerClass<Balance>,
	/// Weights of all providers, by class.
	pub weights: PerClass<u128>,
	/// What the work of all burned, in planck.
	pub burned: Balance,
	/// Part of it that is recycled at most.
	pub kappa: Perbill,
}

impl Whole {
	/// What availability pays at most, in planck.
	pub fn availability(&self) -> Balance {
		// The limits together are at most the providers' budget, which fits.
		self.limits.sum().unwrap_or(0)
	}

	/// What work pays at most, in planck.
	pub fn work(&self) -> Balance {
		self.kappa.mul_floor(self.burned)
	}

	/// What comes to a group of such weights in a class before it is cut, in planck.
	fn part_in(&self, class: HardwareClass, weight: u128) -> Balance {
		share(*self.limits.of(class), weight, *self.weights.of(class))
	}

	/// What comes to a group for availability before it is cut, in planck.
	fn part_of(&self, group: &GroupTally) -> Balance {
		// At most what availability pays.
		HardwareClass::ALL.iter().fold(0, |sum, class| {
			sum.saturating_add(self.part_in(*class, *group.weights.of(*class)))
		})
	}

	/// What a group gets, in planck: exactly what its members get together.
	pub fn of_group(&self, group: &GroupTally) -> Reward {
		let recycled = self.kappa.mul_floor(group.burned);
		Reward {
			availability: tau::pay(group.rank, self.part_of(group), self.availability()),
			work: tau::pay(group.rank, recycled, self.work()),
		}
	}

	/// What a group's members that have been paid have for availability before it is cut, in planck.
	fn part_of_paid(&self, group: &GroupTally) -> Balance {
		HardwareClass::ALL.iter().fold(0, |sum, class| {
			let weight = *group.weights.of(*class);
			let whole = self.part_in(*class, weight);
			sum.saturating_add(share(whole, *group.paid_weights.of(*class), weight))
		})
	}

	/// What the next member of a group gets, in planck, which is written down in the group.
	pub fn pay(&self, group: &mut GroupTally, member: &Member) -> Reward {
		let whole = self.of_group(group);
		let (part, before) = (self.part_of(group), self.part_of_paid(group));
		// What is paid is at most what was counted, which fits.
		let paid = group.paid_weights.of_mut(member.class);
		*paid = paid.saturating_add(member.weight);
		let after = self.part_of_paid(group);
		let availability = slice(whole.availability, before, after.saturating_sub(before), part);
		let work = slice(whole.work, group.paid_burned, member.burned, group.burned);
		group.paid_burned = group.paid_burned.saturating_add(member.burned);
		Reward { availability, work }
	}
}
