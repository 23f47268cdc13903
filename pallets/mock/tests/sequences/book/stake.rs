// SPDX-License-Identifier: Apache-2.0
//! Stake and slashes by their events.

use super::{Book, Hold};
use crate::cast::name_of;
use calor_mock::{Balances, Runtime};
use calor_primitives::{
	money::{BurnKind, Slash},
	provider::Availability,
	AccountId, Balance, JobId,
};
use frame_support::traits::fungible::InspectHold;
use pallet_stake::Role;

/// A slash that waits.
#[derive(Clone, Debug)]
pub(super) struct Pending {
	role: Role,
	who: AccountId,
	job: Option<JobId>,
	amount: Balance,
	prover: Option<AccountId>,
}

impl Book {
	pub(super) fn read_stake(&mut self, event: pallet_stake::Event<Runtime>) {
		use pallet_stake::Event::*;
		match event {
			Bonded { role, who, amount } => self.holds(&who, Hold::of_role(role), amount),
			Withdrawn { role, who, amount } => {
				self.reached.note("Withdrawn");
				self.frees(&who, Hold::of_role(role), amount);
			},
			Earmarked { who, job, amount } => {
				let now = self.availability.get(&who);
				assert_eq!(now, Some(&Availability::Ready), "{} was not ready", name_of(&who));
				self.job(job).earmark = amount;
			},
			SlashDeferred { id, role, who, job, fault, amount, .. } => {
				assert!(!fault.is_proved(), "what is proved does not wait");
				if let Some(job) = job {
					assert_eq!(self.job(job).stage.provider(), Some(&who), "not its job");
				}
				let prover =
					pallet_stake::PendingSlashes::<Runtime>::get(id).and_then(|c| c.prover);
				self.slashes.insert(id, Pending { role, who, job, amount, prover });
			},
			SlashCancelled { id, .. } => {
				self.reached.note("Slash cancelled");
				assert!(self.slashes.remove(&id).is_some(), "slash {id} ended twice");
			},
			SlashVoided { id, who } => {
				self.reached.note("Slash voided");
				let slash = self.slashes.remove(&id).expect("a slash ends once");
				assert!(self.excluded.contains(&(who, slash.role)), "only then nothing is left");
			},
			Slashed { id, role, who, job, fault, slash, .. } => {
				let known = id.map(|id| self.slashes.remove(&id).expect("a slash ends once"));
				assert_eq!(known.is_none(), fault.is_proved(), "what is not proved waits");
				self.read_slashed(role, who, job, slash, known);
			},
			AccountExcluded { role, who, .. } => {
				self.reached.note("Slash of everything");
				let held = Balances::balance_on_hold(&Hold::of_role(role).reason(), &who);
				assert_eq!(held, 0, "{} keeps stake", name_of(&who));
				self.excluded.push((who, role));
			},
			Unbonded { .. }
			| Released { .. }
			| SlashAppealed { .. }
			| RewardsForfeited { .. }
			| WindowsSet { .. } => {},
			__Ignore(..) => unreachable!(),
		}
	}

	fn read_slashed(
		&mut self,
		role: Role,
		who: AccountId,
		job: Option<JobId>,
		slash: Slash,
		known: Option<Pending>,
	) {
		let Slash { total, client, prover, burned } = slash;
		assert_eq!(total, client + prover + burned, "a slash is divided to the planck");
		assert!(burned >= total / 2, "at least half of a slash is burned");
		let hold = Hold::of_role(role);
		if let Some(known) = &known {
			assert_eq!((known.role, &known.who, known.job), (role, &who, job), "another slash");
			assert!(job.is_none() || known.amount == total, "a slash takes what it held back");
		}
		if job.is_none() {
			let all = self.held.get(&(who.clone(), hold)).copied().unwrap_or(0);
			assert_eq!(total, all, "a forfeiture takes everything");
		}
		self.reached.note("Slash acted");
		self.frees(&who, hold, total);
		self.loses(&who, total);
		self.burns(BurnKind::Slash, burned);
		if client > 0 {
			let client_of = job.map(|job| self.job(job).client.clone());
			self.gains(&client_of.expect("a client has a job"), client);
		}
		if prover > 0 {
			let to = known.map_or(self.prover.clone(), |known| known.prover);
			self.gains(&to.expect("somebody proved it"), prover);
		}
	}
}
