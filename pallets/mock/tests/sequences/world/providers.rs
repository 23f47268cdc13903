// SPDX-License-Identifier: Apache-2.0
//! Steps of providers.

use super::{now, unit, ProvidersOf, World};
use crate::{
	cast::{cast, Key},
	steps::Step,
};
use calor_mock::*;
use calor_primitives::{
	job::HardwareClass,
	provider::{Capacity, Presence},
	traits::Proving,
	AccountId, Balance,
};
use frame_support::dispatch::DispatchResult;

impl World {
	pub(super) fn act_on_provider(&mut self, step: &Step) -> DispatchResult {
		match step.clone() {
			Step::Register { who, key, class, min_price } => {
				let provider = &cast().providers[who as usize];
				let Key { public, proof, .. } = &provider.keys[key as usize];
				self.may(|| Self::register(&provider.owner, *public, *proof, class, min_price))
			},
			Step::Update { who, worker, min_price, memory } => {
				let speaker = self.speaker(who, worker);
				let claimed = memory
					.map(|memory_mib| Capacity { mac_per_second: 2_000_000_000_000, memory_mib });
				let endpoint = b"https://10.0.0.3".to_vec().try_into().expect("short");
				self.may(|| Providers::update(by(&speaker), endpoint, min_price, claimed))
			},
			Step::SetReady { who, worker, ready } => {
				let speaker = self.speaker(who, worker);
				self.may(|| Providers::set_ready(by(&speaker), ready))
			},
			Step::Drain { who, worker } => {
				let speaker = self.speaker(who, worker);
				let must = ProvidersOf::contains_key(&cast().providers[who as usize].owner);
				self.try_to(must, || Providers::drain(by(&speaker)))
			},
			Step::Deregister { who } => {
				let owner = &cast().providers[who as usize].owner;
				self.may(|| Providers::deregister(by(owner)))
			},
			Step::Heartbeat { who, worker } => {
				let speaker = self.speaker(who, worker);
				self.may(|| unit(Providers::heartbeat(by(&speaker))))
			},
			Step::ReportSilence { who, by: reporter } => {
				let owner = cast().providers[who as usize].owner.clone();
				let offline = pallet_providers::CurrentWindows::<Runtime>::get().offline;
				let must = ProvidersOf::get(&owner).is_some_and(|record| {
					matches!(record.presence, Presence::Watched { .. })
						&& now() - record.seen > offline
				});
				let reporter = Self::actor(reporter);
				let done =
					self.try_to(must, || Providers::report_silence(by(reporter), owner.clone()));
				assert_eq!(done.is_ok(), must, "who is silent for too long can be reported");
				done
			},
			Step::RotateWorker { who, key, proof_of } => {
				let owner = &cast().providers[who as usize].owner;
				let key = &cast().providers[proof_of as usize].keys[key as usize];
				let done = self.may(|| Providers::rotate_worker(by(owner), key.public, key.proof));
				assert!(
					who == proof_of || done.is_err(),
					"a key works for whom it did not agree to"
				);
				done
			},
			Step::Prove { who, mac } => {
				let owner = &cast().providers[who as usize].owner;
				let claimed = ProvidersOf::get(owner).map(|record| record.claimed.mac_per_second);
				self.try_to(true, || {
					<Providers as Proving>::prove(owner, mac);
					let proven = ProvidersOf::get(owner).map(|record| record.proven);
					assert_eq!(proven, claimed.map(|claimed| mac.min(claimed)), "up to the claim");
					Ok(())
				})
			},
			_ => unreachable!(),
		}
	}

	fn register(
		owner: &AccountId,
		public: sp_core::sr25519::Public,
		proof: sp_core::sr25519::Signature,
		class: HardwareClass,
		min_price: Balance,
	) -> DispatchResult {
		let endpoint = b"http://10.0.0.1:9955".to_vec().try_into().expect("short");
		let claimed = Capacity { mac_per_second: 1_000_000_000_000, memory_mib: 8_192 };
		Providers::register(by(owner), public, proof, endpoint, class, min_price, claimed)
	}
}
