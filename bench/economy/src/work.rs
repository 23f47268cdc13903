// SPDX-License-Identifier: Apache-2.0
//! Providers at work: they accept what they are given, compute, commit and reveal.

use crate::{
	fees::charge,
	scale::mac_in,
	world::{Open, World},
};
use calor_mock::{by, Jobs, Runtime, System, Verification, RESULT, SALT};
use calor_primitives::{commitment::commitment, genesis_hash, job::JobState, BlockNumber};
use frame_support::assert_ok;

impl World {
	/// Takes every open job as far as it goes in this block.
	pub(crate) fn go_on_with_jobs(&mut self) {
		let open = std::mem::take(&mut self.open);
		self.open = open.into_iter().filter(|job| self.go_on_with(job)).collect();
	}

	/// Takes a job a step further; says whether it is still open.
	fn go_on_with(&mut self, job: &Open) -> bool {
		let Some(record) = pallet_jobs::Jobs::<Runtime>::get(job.id) else { return false };
		let now = System::block_number();
		let Some(index) = record.state.provider().map(|owner| self.by_owner[owner]) else {
			let is_open = record.state.is_open();
			self.today.closed += u32::from(!is_open);
			return is_open;
		};
		let provider = &self.providers[index];
		let worker = &provider.worker;
		match record.state {
			JobState::Assigned { .. } => {
				charge(worker);
				assert_ok!(Jobs::accept(by(worker), job.id));
			},
			JobState::Running { since, .. } if now >= since + self.hours(index, job.mac) => {
				charge(worker);
				let genesis = genesis_hash::<Runtime>();
				let bound = commitment(&genesis, job.id, worker, &SALT, &RESULT);
				assert_ok!(Verification::commit(by(worker), job.id, bound));
			},
			JobState::Committed { reveal_from, .. } if now >= reveal_from => {
				charge(worker);
				let roots = RESULT.to_vec().try_into().expect("one");
				assert_ok!(Verification::reveal(by(worker), job.id, SALT, roots));
			},
			JobState::Settled { payment, .. } => {
				if !job.washed {
					self.today.settled += 1;
					self.today.paid += payment.paid;
					self.today.mac += u128::from(job.mac);
				}
				return false;
			},
			_ => {},
		}
		true
	}

	/// Hours that a provider takes for a job.
	fn hours(&self, index: usize, mac: u64) -> BlockNumber {
		let provider = &self.providers[index];
		if provider.plan.pretends {
			return 1;
		}
		let hourly = mac_in(provider.mac_per_second, 1).max(1);
		mac.div_ceil(hourly) as BlockNumber
	}
}
