// SPDX-License-Identifier: Apache-2.0
//! Steps of stake.

use super::{now, JobsOf, LedgersOf, World};
use crate::{cast::cast, steps::Step};
use calor_mock::*;
use calor_primitives::{
	fault::Fault,
	traits::{Collateral, Liquidity},
	H256,
};
use frame_support::{dispatch::DispatchResult, storage::with_storage_layer};
use pallet_stake::Role;

impl World {
	pub(super) fn act_on_stake(&mut self, step: &Step) -> DispatchResult {
		match step.clone() {
			Step::Bond { who, role, amount } => {
				let who = Self::actor(who);
				let amount = Self::amount(amount, Liquid::liquid(who));
				self.may(|| Stake::bond(by(who), role, amount))
			},
			Step::BondMore { who, role, amount } => {
				let who = Self::actor(who);
				let amount = Self::amount(amount, Liquid::liquid(who));
				self.may(|| Stake::bond_more(by(who), role, amount))
			},
			Step::Unbond { who, role, amount } => {
				let who = Self::actor(who);
				let active = LedgersOf::get(role, who).map_or(0, |ledger| ledger.active);
				let amount = Self::amount(amount, active);
				self.may(|| Stake::unbond(by(who), role, amount))
			},
			Step::Withdraw { who, role } => {
				let who = Self::actor(who);
				let must = LedgersOf::get(role, who).is_some_and(|ledger| {
					ledger.forfeiture.is_none() && ledger.unbonding.iter().any(|c| c.at <= now())
				});
				self.try_to(must, || Stake::withdraw(by(who), role))
			},
			Step::ApplySlash { slash, by: who } => {
				let id = self.slash(slash);
				let case = pallet_stake::PendingSlashes::<Runtime>::get(id);
				let must = case.is_some_and(|case| now() >= case.applies_at);
				let done = self.try_to(must, || Stake::apply_slash(by(Self::actor(who)), id));
				assert_eq!(done.is_ok(), must, "a slash acts when its time has come");
				done
			},
			Step::CancelSlash { slash, root } => {
				let id = self.slash(slash);
				let must = root && pallet_stake::PendingSlashes::<Runtime>::contains_key(id);
				let done = self.try_to(must, || Stake::cancel_slash(Self::origin(root), id));
				assert_eq!(done.is_ok(), must, "governance alone cancels a slash");
				done
			},
			Step::AppealSlash { slash, by: who } => {
				let id = self.slash(slash);
				let case = pallet_stake::PendingSlashes::<Runtime>::get(id);
				let owner = case.map(|case| case.who);
				let signer = match who {
					Some(who) => Self::actor(who).clone(),
					None => owner.clone().unwrap_or_else(|| cast().actors[0].clone()),
				};
				let must = owner.as_ref() == Some(&signer);
				let done =
					self.try_to(must, || Stake::appeal_slash(by(&signer), id, H256([1; 32])));
				assert_eq!(done.is_ok(), must, "an owner alone appeals");
				done
			},
			Step::ForfeitBehind { job, prover } => {
				let record = JobsOf::get(self.job(job));
				let Some(provider) = record.and_then(|record| record.state.provider().cloned())
				else {
					return Ok(());
				};
				let prover = prover.map(Self::actor);
				self.book.prover = prover.cloned();
				let (fault, evidence) = (Fault::ForgedCapacity, H256([2; 32]));
				self.may(|| {
					with_storage_layer(|| {
						<Stake as Collateral>::forfeit(&provider, fault, prover, evidence)
					})
				})
			},
			Step::Forfeit { who, role, fault, prover } => {
				let who = Self::actor(who);
				let fault = [
					Fault::FalseDisclosure,
					Fault::ForgedCapacity,
					Fault::Equivocation,
					Fault::WrongResult,
				][fault as usize];
				let prover = prover.map(Self::actor);
				self.book.prover = prover.cloned();
				// As verification, consensus or governance would, within their own calls.
				self.may(|| {
					with_storage_layer(|| match role {
						Role::Provider => {
							<Stake as Collateral>::forfeit(who, fault, prover, H256([2; 32]))
						},
						Role::Validator => {
							Stake::do_forfeit(role, who, fault, prover, H256([2; 32]))
						},
					})
				})
			},
			_ => unreachable!(),
		}
	}
}
