// SPDX-License-Identifier: Apache-2.0
//! Providers, disclosures and balances by their events.

use super::{filing_deposit, Book, Hold};
use crate::cast::name_of;
use calor_mock::Runtime;
use calor_primitives::{money::BurnKind, provider::Availability};
use pallet_stake::Role;

impl Book {
	pub(super) fn read_providers(&mut self, event: pallet_providers::Event<Runtime>) {
		use pallet_providers::Event::*;
		match event {
			Registered { owner, .. } => {
				self.availability.insert(owner, Availability::Idle);
			},
			AvailabilityChanged { owner, availability } => {
				if availability == Availability::Ready {
					let out = self.excluded.contains(&(owner.clone(), Role::Provider));
					assert!(!out, "{} was excluded and is ready", name_of(&owner));
				}
				self.availability.insert(owner, availability);
			},
			Deregistered { owner } => {
				self.reached.note("Deregistered");
				let busy = self.jobs.values().any(|job| job.stage.provider() == Some(&owner));
				assert!(!busy, "{} left its jobs", name_of(&owner));
				self.availability.remove(&owner);
			},
			FellSilent { owner, job, .. } => {
				self.reached.note("Fell silent");
				let now = self.availability.get(&owner).copied();
				let owed = matches!(
					now,
					Some(Availability::Ready | Availability::Working | Availability::Draining)
				);
				assert!(owed, "{} owed no sign of life: {now:?}", name_of(&owner));
				assert_eq!(job.is_none(), now == Some(Availability::Ready));
			},
			Returned { .. } => self.reached.note("Returned"),
			WorkerRotated { .. } => self.reached.note("Key rotated"),
			Updated { .. } | CapacityProven { .. } | WindowsSet { .. } => {},
			__Ignore(..) => unreachable!(),
		}
	}

	pub(super) fn read_disclosure(&mut self, event: pallet_disclosure::Event<Runtime>) {
		use pallet_disclosure::Event::*;
		match event {
			Filed { group, .. } => {
				self.held.insert((group, Hold::Filing), filing_deposit());
			},
			FilingWithdrawn { group } => self.frees(&group, Hold::Filing, filing_deposit()),
			FoundFalse { group, .. } => {
				self.reached.note("Found false");
				let filed = self.held.remove(&(group.clone(), Hold::Filing)).unwrap_or(0);
				if filed > 0 {
					self.loses(&group, filed);
					self.burns(BurnKind::Slash, filed);
				}
			},
			Counted { .. } | DutyChanged { .. } | WindowsSet { .. } => {},
			__Ignore(..) => unreachable!(),
		}
	}

	pub(super) fn read_balances(&mut self, event: pallet_balances::Event<Runtime>) {
		use pallet_balances::Event::*;
		match event {
			Transfer { from, to, amount } => {
				self.loses(&from, amount);
				self.gains(&to, amount);
			},
			DustLost { account, amount } => {
				self.loses(&account, amount);
				self.burns(BurnKind::Dust, amount);
			},
			_ => {},
		}
	}
}
