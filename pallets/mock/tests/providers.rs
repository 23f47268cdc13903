// SPDX-License-Identifier: Apache-2.0
//! Becoming a provider, being ready, leaving.

use calor_mock::*;
use calor_primitives::{
	job::HardwareClass,
	provider::{possession_message, Availability, Capacity, Endpoint},
	traits::Assign,
	H256,
};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use pallet_providers::Error;
use sp_core::Pair;

fn availability(name: &str) -> Availability {
	pallet_providers::Providers::<Runtime>::get(account(name)).unwrap().availability
}

fn endpoint(url: &str) -> Endpoint {
	url.as_bytes().to_vec().try_into().unwrap()
}

fn register(owner: &str, key: &str, message: &[u8], url: &str, mac: u64) -> DispatchResult {
	let key = pair(key);
	Providers::register(
		by(&account(owner)),
		key.public(),
		key.sign(message),
		endpoint(url),
		HardwareClass::General,
		0,
		Capacity { mac_per_second: mac, memory_mib: 1 },
	)
}

#[test]
fn registration_needs_the_worker_keys_consent() {
	Story::tell(|m| {
		let genesis = calor_primitives::genesis_hash::<Runtime>();
		let consent = |owner: &str| possession_message(&genesis, &account(owner));
		let url = "https://worker.example";
		let bad = Error::<Runtime>::BadProof;
		assert_noop!(register("bob", "k", &consent("carol"), url, 1), bad);
		let elsewhere = possession_message(&H256::repeat_byte(1), &account("bob"));
		assert_noop!(register("bob", "k", &elsewhere, url, 1), Error::<Runtime>::BadProof);
		let ftp = register("bob", "k", &consent("bob"), "ftp://x", 1);
		assert_noop!(ftp, Error::<Runtime>::BadEndpoint);
		let none = register("bob", "k", &consent("bob"), url, 0);
		assert_noop!(none, Error::<Runtime>::NoCapacity);
		let same = register("bob", "bob", &consent("bob"), url, 1);
		assert_noop!(same, Error::<Runtime>::WorkerKeyTaken);
		assert_ok!(register("bob", "k", &consent("bob"), url, 1));
		let again = register("bob", "k2", &consent("bob"), url, 1);
		assert_noop!(again, Error::<Runtime>::AlreadyRegistered);
		let taken = register("carol", "k", &consent("carol"), url, 1);
		assert_noop!(taken, Error::<Runtime>::WorkerKeyTaken);
		// Ready only with stake.
		let unbonded = Providers::set_ready(by(&account("bob")), true);
		assert_noop!(unbonded, Error::<Runtime>::NotBonded);
		m.provider("carol");
	});
}

#[test]
fn the_ready_set_follows_its_members() {
	Story::tell(|m| {
		for name in ["bob", "carol", "dave"] {
			m.provider(name);
		}
		assert_eq!(Providers::ready(HardwareClass::General), 3);
		assert_ok!(Providers::set_ready(by(&worker("bob")), false));
		assert_ok!(Providers::set_ready(by(&worker("bob")), false));
		assert_eq!(Providers::ready(HardwareClass::General), 2);
		check_invariants();
		assert_ok!(Providers::set_ready(by(&account("bob")), true));
		assert_eq!(Providers::candidate(HardwareClass::General, 2), Some((account("bob"), 0)));
		assert_eq!(Providers::candidate(HardwareClass::General, 3), None);
	});
}

#[test]
fn draining_finishes_the_job_and_then_rests() {
	Story::tell(|m| {
		m.provider("bob");
		let job = m.submit("alice");
		m.assigned(job);
		let working = Providers::set_ready(by(&worker("bob")), false);
		assert_noop!(working, Error::<Runtime>::Working);
		assert_ok!(Providers::drain(by(&worker("bob"))));
		assert_eq!(availability("bob"), Availability::Draining);
		let open = Providers::deregister(by(&account("bob")));
		assert_noop!(open, Error::<Runtime>::OpenJobs);
		m.accept("bob", job);
		m.commit("bob", job, &RESULT);
		assert_eq!(availability("bob"), Availability::Idle);
		advance(1);
		assert_ok!(m.reveal("bob", job, &RESULT));
		advance(CHALLENGE + 1);
		let before = wealth("bob");
		assert_ok!(Providers::deregister(by(&account("bob"))));
		assert_eq!(wealth("bob"), before);
		let gone = Providers::drain(by(&worker("bob")));
		assert_noop!(gone, Error::<Runtime>::NotRegistered);
	});
}

#[test]
fn endpoint_and_price_can_change() {
	Story::tell(|m| {
		let bob = m.provider("bob");
		let url = endpoint("http://192.0.2.1:1");
		assert_ok!(Providers::update(by(&worker("bob")), url.clone(), 5));
		assert_eq!(Providers::endpoint(&bob), Some(url.to_vec()));
		assert_eq!(Providers::candidate(HardwareClass::General, 0), Some((bob, 5)));
	});
}
