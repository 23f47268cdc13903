// SPDX-License-Identifier: Apache-2.0
//! Steps of governance, disclosure, programs and balances.

use super::{newcomer, windows::*, World};
use crate::{cast::cast, steps::Step};
use calor_mock::*;
use calor_primitives::{group::Disclosure, H256};
use frame_support::dispatch::DispatchResult;

impl World {
	pub(super) fn act_on_the_rest(&mut self, step: &Step) -> DispatchResult {
		match step.clone() {
			Step::JobWindows { which, root } => {
				self.may(|| Jobs::set_windows(Self::origin(root), job_windows(which)))
			},
			Step::ResultWindows { which, root } => {
				self.may(|| Verification::set_windows(Self::origin(root), result_windows_of(which)))
			},
			Step::StakeWindows { which, root } => {
				let (unbonding, deferral) = stake_windows(which);
				self.may(|| Stake::set_windows(Self::origin(root), unbonding, deferral))
			},
			Step::ProviderWindows { which, root } => {
				self.may(|| Providers::set_windows(Self::origin(root), provider_windows(which)))
			},
			Step::DisclosureWindows { which, root } => self.may(|| {
				calor_mock::Disclosure::set_windows(Self::origin(root), disclosure_windows(which))
			}),
			Step::File { who } => {
				let disclosure =
					Disclosure { owner: H256([1; 32]), sites: H256([2; 32]), power: H256([3; 32]) };
				self.may(|| calor_mock::Disclosure::file(by(Self::actor(who)), disclosure))
			},
			Step::WithdrawFiling { who } => {
				self.may(|| calor_mock::Disclosure::withdraw_filing(by(Self::actor(who))))
			},
			Step::ReportFalse { group, named, root } => {
				let group = Self::actor(group).clone();
				let named: Vec<_> = named.iter().map(|who| Self::actor(*who).clone()).collect();
				let named = named.try_into().expect("few");
				let origin = Self::origin(root);
				self.may(|| {
					calor_mock::Disclosure::report_false(origin, group, named, H256([3; 32]))
				})
			},
			Step::SetGroup { member, head } => {
				let (member, head) = (Self::actor(member), Self::actor(head));
				let mut heads = GroupHeads::get();
				heads.retain(|(known, _)| known != member);
				heads.push((member.clone(), head.clone()));
				GroupHeads::set(&heads);
				Ok(())
			},
			Step::Transfer { from, to, amount } => {
				let from = Self::actor(from);
				let to = cast().actors.get(to as usize).cloned().unwrap_or_else(newcomer);
				let free = System::account(from).data.free;
				let amount = Self::amount(amount, free);
				self.may(|| Balances::transfer_allow_death(by(from), to, amount))
			},
			Step::RegisterProgram { who, which } => {
				let code = cast().programs[which as usize].code.clone();
				let code = code.try_into().expect("short");
				self.may(|| Programs::register(by(Self::actor(who)), code))
			},
			Step::RemoveProgram { who, which } => {
				let id = cast().programs[which as usize].id;
				self.may(|| Programs::remove(by(Self::actor(who)), id))
			},
			_ => unreachable!(),
		}
	}
}
