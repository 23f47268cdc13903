// SPDX-License-Identifier: Apache-2.0
//! Becoming a provider, being ready, being heard, leaving.

use calor_mock::*;
use calor_primitives::{
	commitment::commitment,
	fault::Fault,
	job::{HardwareClass, JobState},
	provider::{possession_message, Availability, Capacity, Endpoint, Presence, ProviderRecord},
	traits::{Assign, Collateral, ProvenCapacity},
	AccountId, Balance, BlockNumber, JobId, H256,
};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchResult, Pays},
	traits::{
		fungible::{Inspect, InspectHold},
		Get, OnIdle,
	},
	weights::Weight,
};
use pallet_providers::{Error, Event, Windows};
use sp_core::{sr25519, Pair};
use sp_runtime::Perbill;

/// Windows of these stories, in blocks: short, so that a provider can fall silent within a job.
const HEARTBEAT: BlockNumber = 4;
const OFFLINE: BlockNumber = 8;
const LONGEST_WAIT: BlockNumber = 10;

/// Most multiply-accumulates per second that can be claimed.
const LARGEST: u64 = 4_000_000_000_000_000;

/// Tells a story with those windows.
fn tell(story: impl FnOnce(&mut Story)) {
	Story::tell(|m| {
		let windows =
			Windows { heartbeat: HEARTBEAT, offline: OFFLINE, longest_wait: LONGEST_WAIT };
		assert_ok!(Providers::set_windows(RuntimeOrigin::root(), windows));
		story(m);
	});
}

fn provider(name: &str) -> ProviderRecord {
	Providers::provider(account(name)).expect("a provider")
}

fn availability(name: &str) -> Availability {
	provider(name).availability
}

fn deposit() -> Balance {
	<Runtime as pallet_providers::Config>::Deposit::get()
}

fn held(name: &str) -> Balance {
	let reason = pallet_providers::HoldReason::Registration.into();
	Balances::balance_on_hold(&reason, &account(name))
}

fn now() -> BlockNumber {
	System::block_number()
}

/// Entries on the watch.
fn on_watch() -> usize {
	pallet_providers::Watch::<Runtime>::iter().count()
}

/// A heartbeat that must be due, and free.
#[track_caller]
fn beat(name: &str) {
	let done = Providers::heartbeat(by(&worker(name))).expect("due");
	assert_eq!(done.pays_fee, Pays::No);
}

/// Runs that many blocks while these providers are heard.
fn advance_with(names: &[&str], blocks: BlockNumber) {
	for _ in 0..blocks {
		advance(1);
		for name in names {
			let record = provider(name);
			let watched = matches!(record.presence, Presence::Watched { .. });
			if watched && now() - record.seen >= HEARTBEAT {
				beat(name);
			}
		}
	}
}

/// A job with so much time that its provider can fall silent before it is late, accepted by the only provider.
fn long_job(m: &Story, provider: &str) -> JobId {
	let mut spec = m.spec(&program(0));
	spec.deliver_within = 60;
	let job = m.submit_spec("alice", spec);
	assert_eq!(m.assigned(job), provider);
	m.accept(provider, job);
	job
}

/// A new key, and its consent to work for a provider.
fn consent(key: &str, owner: &str) -> (sr25519::Public, sr25519::Signature) {
	let genesis = calor_primitives::genesis_hash::<Runtime>();
	let key = pair(key);
	(key.public(), key.sign(&possession_message(&genesis, &account(owner))))
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
		for absurd in [LARGEST + 1, u64::MAX] {
			let claim = register("bob", "k", &consent("bob"), url, absurd);
			assert_noop!(claim, Error::<Runtime>::NoCapacity);
		}
		let same = register("bob", "bob", &consent("bob"), url, 1);
		assert_noop!(same, Error::<Runtime>::WorkerKeyTaken);
		assert_ok!(register("bob", "k", &consent("bob"), url, 1));
		let again = register("bob", "k2", &consent("bob"), url, 1);
		assert_noop!(again, Error::<Runtime>::AlreadyRegistered);
		let taken = register("carol", "k", &consent("carol"), url, 1);
		assert_noop!(taken, Error::<Runtime>::WorkerKeyTaken);
		// No key is one provider's worker and another provider's owner.
		let owner = register("carol", "bob", &consent("carol"), url, 1);
		assert_noop!(owner, Error::<Runtime>::WorkerKeyTaken);
		let funded = Balances::transfer_allow_death(by(&account("alice")), account("k"), FUNDS / 2);
		assert_ok!(funded);
		let is_worker = register("k", "k2", &consent("k"), url, 1);
		assert_noop!(is_worker, Error::<Runtime>::IsWorkerKey);
		// Ready only with stake.
		let unbonded = Providers::set_ready(by(&account("bob")), true);
		assert_noop!(unbonded, Error::<Runtime>::NotBonded);
		m.provider("carol");
	});
}

#[test]
fn the_largest_machine_can_register() {
	Story::tell(|_| {
		let genesis = calor_primitives::genesis_hash::<Runtime>();
		let consent = possession_message(&genesis, &account("bob"));
		assert_ok!(register("bob", "k", &consent, "https://worker.example", LARGEST));
		assert_eq!(provider("bob").claimed.mac_per_second, LARGEST);
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
		// The last one has taken the place that became empty.
		assert_eq!((provider("dave").place, provider("carol").place), (0, 1));
		assert_ok!(Providers::set_ready(by(&account("bob")), true));
		let bob = Providers::candidate(HardwareClass::General, 2).expect("three are ready");
		assert_eq!((bob.owner, bob.min_price, bob.memory_mib), (account("bob"), 0, 8_192));
		assert!(bob.may_work);
		assert_eq!(Providers::candidate(HardwareClass::General, 3), None);
		assert_eq!(Providers::ready_count(HardwareClass::General), 3);
		assert_eq!(Providers::ready_count(HardwareClass::Tensor), 0);
	});
}

#[test]
fn capacity_can_be_read_page_by_page() {
	Story::tell(|m| {
		for name in ["bob", "carol", "dave"] {
			m.provider(name);
		}
		let first = Providers::page(None, 2);
		assert_eq!(first.len(), 2);
		let rest = Providers::page(Some(&first[1].0), 2);
		assert_eq!(rest.len(), 1);
		let mut all: Vec<AccountId> =
			first.into_iter().chain(rest).map(|(owner, _)| owner).collect();
		all.sort();
		let mut expected = ["bob", "carol", "dave"].map(account);
		expected.sort();
		assert_eq!(all, expected);
		assert_eq!(Providers::capacity(&account("bob")).unwrap().memory_mib, 8_192);
		assert_eq!(Providers::capacity(&account("alice")), None);
	});
}

#[test]
fn draining_finishes_the_job_and_then_rests() {
	Story::tell(|m| {
		m.provider("bob");
		let job = m.submit("alice");
		m.assigned(job);
		assert_eq!(provider("bob").job, Some(job));
		let working = Providers::set_ready(by(&worker("bob")), false);
		assert_noop!(working, Error::<Runtime>::Working);
		// Assigned, not accepted: it may still accept.
		assert_ok!(Providers::drain(by(&worker("bob"))));
		assert_eq!(availability("bob"), Availability::Draining);
		let open = Providers::deregister(by(&account("bob")));
		assert_noop!(open, Error::<Runtime>::OpenJobs);
		m.accept("bob", job);
		m.commit("bob", job, &RESULT);
		assert_eq!(availability("bob"), Availability::Idle);
		assert_eq!(provider("bob").job, None);
		advance(1);
		assert_ok!(m.reveal("bob", job, &RESULT));
		// Idle, but its stake still stands behind the result.
		assert_noop!(Providers::deregister(by(&account("bob"))), Error::<Runtime>::OpenJobs);
		advance(CHALLENGE + 1);
		assert!(matches!(state(job), JobState::Settled { .. }));
		let before = wealth("bob");
		assert_ok!(Providers::deregister(by(&account("bob"))));
		assert_eq!(wealth("bob"), before);
		let gone = Providers::drain(by(&worker("bob")));
		assert_noop!(gone, Error::<Runtime>::NotRegistered);
	});
}

#[test]
fn who_drains_owes_heartbeats_to_the_end_of_its_job_and_no_longer() {
	tell(|m| {
		m.provider("bob");
		let job = long_job(m, "bob");
		assert_ok!(Providers::drain(by(&worker("bob"))));
		advance_with(&["bob"], 2 * OFFLINE);
		assert_eq!(availability("bob"), Availability::Draining);
		m.commit("bob", job, &RESULT);
		advance(1);
		assert_ok!(m.reveal("bob", job, &RESULT));
		assert_eq!((availability("bob"), on_watch()), (Availability::Idle, 0));
		let early = Providers::heartbeat(by(&worker("bob")));
		assert_noop!(early, Error::<Runtime>::NothingOwed);
		// It rests for as long as it likes, and comes back at once.
		advance(10 * OFFLINE);
		assert_eq!(provider("bob").presence, Presence::Free);
		assert_eq!(Providers::uptime(account("bob")), Some(Perbill::one()));
		assert_ok!(Providers::set_ready(by(&worker("bob")), true));
		assert_eq!(availability("bob"), Availability::Ready);
	});
}

#[test]
fn draining_and_silent_is_still_gone() {
	tell(|m| {
		m.provider("bob");
		let job = long_job(m, "bob");
		assert_ok!(Providers::drain(by(&worker("bob"))));
		advance(OFFLINE + 2);
		assert_eq!(provider("bob").presence, Presence::Gone);
		assert!(failed(job).contains(&account("bob")));
	});
}

#[test]
fn endpoint_price_and_capacity_can_change() {
	Story::tell(|m| {
		let bob = m.provider("bob");
		let url = endpoint("http://192.0.2.1:1");
		assert_ok!(Providers::update(by(&worker("bob")), url.clone(), 5, None));
		assert_eq!(Providers::endpoint(&bob), Some(url.to_vec()));
		let candidate = Providers::candidate(HardwareClass::General, 0).expect("bob is ready");
		assert_eq!((candidate.owner, candidate.min_price), (bob.clone(), 5));
		// What it claims is what it may be drawn for: not while it waits for a job.
		let update = |claimed| Providers::update(by(&worker("bob")), url.clone(), 5, Some(claimed));
		assert_ok!(update(provider("bob").claimed));
		let more = Capacity { mac_per_second: 9, memory_mib: 9 };
		assert_noop!(update(more), Error::<Runtime>::NotIdle);
		assert_ok!(Providers::drain(by(&worker("bob"))));
		let none = Capacity { mac_per_second: 9, memory_mib: 0 };
		assert_noop!(update(none), Error::<Runtime>::NoCapacity);
		let absurd = Capacity { mac_per_second: LARGEST + 1, memory_mib: 9 };
		assert_noop!(update(absurd), Error::<Runtime>::NoCapacity);
		assert_ok!(update(Capacity { mac_per_second: LARGEST, memory_mib: 9 }));
		assert_ok!(update(more));
		assert_eq!(Providers::capacity(&bob), Some(more));
		let ftp = Providers::update(by(&bob), endpoint("ftp://x"), 5, None);
		assert_noop!(ftp, Error::<Runtime>::BadEndpoint);
	});
}

#[test]
fn a_heartbeat_is_free_when_it_is_due() {
	tell(|m| {
		m.provider("bob");
		let early = Providers::heartbeat(by(&worker("bob"))).unwrap_err();
		assert_eq!(early.error, Error::<Runtime>::TooSoon.into());
		assert_eq!(early.post_info.pays_fee, Pays::Yes);
		advance(HEARTBEAT / 2 - 1);
		assert_noop!(Providers::heartbeat(by(&account("bob"))), Error::<Runtime>::TooSoon);
		advance(1);
		beat("bob");
		assert_eq!(provider("bob").seen, now());
		assert_noop!(Providers::heartbeat(by(&worker("bob"))), Error::<Runtime>::TooSoon);
		advance(HEARTBEAT);
		assert_eq!(Providers::heartbeat(by(&account("bob"))).unwrap().pays_fee, Pays::No);
		let stranger = Providers::heartbeat(by(&account("eve")));
		assert_noop!(stranger, Error::<Runtime>::NotRegistered);
	});
}

#[test]
fn whoever_is_heard_stays_ready_and_on_the_watch_once() {
	tell(|m| {
		m.provider("bob");
		m.provider("carol");
		advance_with(&["bob", "carol"], 10 * OFFLINE);
		assert_eq!(Providers::ready(HardwareClass::General), 2);
		assert_eq!(on_watch(), 2);
		// Going in and out moves the entry, and never adds one.
		for _ in 0..5 {
			assert_ok!(Providers::set_ready(by(&worker("bob")), false));
			assert_eq!(on_watch(), 1);
			advance_with(&["carol"], 1);
			assert_ok!(Providers::set_ready(by(&worker("bob")), true));
			assert_ok!(Providers::set_ready(by(&worker("bob")), true));
			assert_eq!(on_watch(), 2);
		}
		// A stale height cannot make it silent.
		advance_with(&["carol"], OFFLINE);
		assert_eq!(availability("bob"), Availability::Ready);
		advance_with(&["carol"], 2);
		assert_eq!((availability("bob"), on_watch()), (Availability::Idle, 1));
	});
}

#[test]
fn a_silent_provider_leaves_the_ready_set() {
	tell(|m| {
		m.provider("bob");
		let heard = now();
		advance(OFFLINE + 1);
		assert_eq!(availability("bob"), Availability::Ready, "the block has not ended yet");
		advance(1);
		assert_eq!(availability("bob"), Availability::Idle);
		assert_eq!(provider("bob").presence, Presence::Gone);
		assert_eq!((Providers::ready(HardwareClass::General), on_watch()), (0, 0));
		let fell = Event::FellSilent { owner: account("bob"), job: None, silent_since: heard };
		System::assert_has_event(fell.into());
		// It has no job that would suffer, so its stake is untouched.
		assert_eq!(wealth("bob"), FUNDS);
		let again = Providers::report_silence(by(&account("eve")), account("bob"));
		assert_noop!(again, Error::<Runtime>::NothingOwed);
	});
}

#[test]
fn anyone_may_report_a_silence_when_blocks_are_full() {
	tell(|m| {
		m.provider("bob");
		let report = || Providers::report_silence(by(&account("eve")), account("bob"));
		for _ in 0..OFFLINE {
			next_block(Weight::zero());
		}
		assert_noop!(report(), Error::<Runtime>::HeardInTime);
		for _ in 0..OFFLINE {
			next_block(Weight::zero());
		}
		assert_eq!(availability("bob"), Availability::Ready, "no block had room to look");
		// Whoever is heard before anyone noticed has nothing to fear but for its uptime.
		beat("bob");
		assert_noop!(report(), Error::<Runtime>::HeardInTime);
		assert_eq!(
			(availability("bob"), provider("bob").offline),
			(Availability::Ready, 2 * OFFLINE)
		);
		for _ in 0..OFFLINE + 1 {
			next_block(Weight::zero());
		}
		assert_ok!(report());
		assert_eq!(provider("bob").presence, Presence::Gone);
		assert_noop!(report(), Error::<Runtime>::NothingOwed);
		let nobody = Providers::report_silence(by(&account("eve")), account("alice"));
		assert_noop!(nobody, Error::<Runtime>::NotRegistered);
		// The watch catches up when there is room again, and finds nobody.
		advance(2);
		assert_eq!(pallet_providers::WatchedTo::<Runtime>::get(), now());
	});
}

#[test]
fn the_watch_goes_on_where_it_ran_out_of_room() {
	tell(|m| {
		for name in ["bob", "carol", "dave"] {
			m.provider(name);
		}
		for _ in 0..OFFLINE + 1 {
			next_block(Weight::zero());
		}
		let ready = || Providers::ready(HardwareClass::General);
		// Room for one provider a block and for the looks that lead to it; the heights before theirs are behind it.
		pallet_providers::WatchedTo::<Runtime>::put(now());
		use pallet_providers::WeightInfo;
		let room = <() as WeightInfo>::watch_provider() + <() as WeightInfo>::watch_block() * 3;
		for left in [2, 1, 0] {
			<Providers as OnIdle<BlockNumber>>::on_idle(now(), room);
			assert_eq!(ready(), left);
		}
	});
}

#[test]
fn silence_in_the_middle_of_a_job_gives_the_job_to_another() {
	tell(|m| {
		m.provider("bob");
		let job = long_job(m, "bob");
		let earmark = record(job).earmark;
		advance_with(&["bob"], 2 * OFFLINE);
		assert_eq!(availability("bob"), Availability::Working, "it was heard all the time");
		let heard = provider("bob").seen;
		advance(heard + OFFLINE + 2 - now());
		let bob = provider("bob");
		assert_eq!(
			(bob.availability, bob.presence, bob.job),
			(Availability::Idle, Presence::Gone, None)
		);
		let fell = Event::FellSilent { owner: account("bob"), job: Some(job), silent_since: heard };
		System::assert_has_event(fell.into());
		assert!(failed(job).contains(&account("bob")));
		assert!(matches!(state(job), JobState::Queued { .. }), "{:?}", state(job));
		// The penalty stays earmarked until it acts; the rest of what stood behind the job is free.
		let free = Stake::free(&account("bob")).expect("bonded");
		assert_eq!(free, BOND - earmark / 4);
		// The old worker is too late; another one does the job.
		m.provider("carol");
		assert_eq!(m.assigned(job), "carol");
		let late = Verification::commit(by(&worker("bob")), job, opening("bob", job, &RESULT));
		assert_noop!(late, pallet_jobs::Error::<Runtime>::NotProvider);
		m.accept("carol", job);
		m.commit("carol", job, &RESULT);
	});
}

#[test]
fn whoever_comes_back_after_a_silence_waits_the_longer_the_longer_it_was_gone() {
	tell(|m| {
		m.provider("bob");
		let heard = now();
		advance(24);
		assert_eq!(provider("bob").presence, Presence::Gone);
		assert_noop!(Providers::deregister(by(&account("bob"))), Error::<Runtime>::Gone);
		beat("bob");
		let back = heard + 24;
		let returned = Event::Returned { owner: account("bob"), silent: 24, ready_from: back + 6 };
		System::assert_has_event(returned.into());
		let bob = provider("bob");
		assert_eq!((bob.presence, bob.seen, bob.offline), (Presence::Free, back, 24));
		let ready = || Providers::set_ready(by(&worker("bob")), true);
		assert_noop!(ready(), Error::<Runtime>::TooEarly(6));
		// Registering anew is no way around it.
		assert_noop!(Providers::deregister(by(&account("bob"))), Error::<Runtime>::TooEarly(6));
		advance(5);
		assert_noop!(ready(), Error::<Runtime>::TooEarly(1));
		advance(1);
		assert_ok!(ready());
		assert_eq!(availability("bob"), Availability::Ready);
		assert_ok!(Providers::set_ready(by(&worker("bob")), false));
		assert_ok!(Providers::deregister(by(&account("bob"))));
	});
}

#[test]
fn saying_ready_after_a_silence_begins_the_wait_which_has_an_end() {
	tell(|m| {
		m.provider("bob");
		advance(1_000);
		// A quarter of it would be 250 blocks.
		assert_ok!(Providers::set_ready(by(&worker("bob")), true));
		assert_eq!(availability("bob"), Availability::Idle);
		assert_eq!(provider("bob").ready_from, now() + LONGEST_WAIT);
		let early = Providers::set_ready(by(&worker("bob")), true);
		assert_noop!(early, Error::<Runtime>::TooEarly(LONGEST_WAIT as u16));
		advance(LONGEST_WAIT);
		assert_ok!(Providers::set_ready(by(&worker("bob")), true));
		assert_eq!(availability("bob"), Availability::Ready);
	});
}

#[test]
fn uptime_is_the_part_of_time_that_was_not_silent() {
	tell(|m| {
		m.provider("bob");
		assert_eq!(Providers::uptime(account("bob")), Some(Perbill::one()));
		advance_with(&["bob"], 60);
		let heard = provider("bob").seen;
		// While the silence lasts it grows before anyone has written it down.
		advance(heard + 20 - now());
		let since = provider("bob").since;
		let up = |silent: u32| Perbill::from_rational(now() - since - silent, now() - since);
		assert_eq!(Providers::uptime(account("bob")), Some(up(20)));
		beat("bob");
		assert_eq!(Providers::uptime(account("bob")), Some(up(20)));
		advance(100);
		assert_eq!(Providers::uptime(account("bob")), Some(up(20)), "idle is not silent");
		assert_eq!(Providers::uptime(account("alice")), None);
	});
}

#[test]
fn the_worker_key_can_change_while_a_job_runs() {
	tell(|m| {
		m.provider("bob");
		let job = long_job(m, "bob");
		m.register("carol", HardwareClass::General, 0).unwrap();
		let rotate = |key: &str, owner: &str| {
			let (key, proof) = consent(key, owner);
			Providers::rotate_worker(by(&account("bob")), key, proof)
		};
		assert_noop!(rotate("bob//new", "carol"), Error::<Runtime>::BadProof);
		for taken in ["carol//worker", "bob//worker", "bob", "carol"] {
			assert_noop!(rotate(taken, "bob"), Error::<Runtime>::WorkerKeyTaken);
		}
		let (key, proof) = consent("bob//new", "bob");
		let hot = Providers::rotate_worker(by(&worker("bob")), key, proof);
		assert_noop!(hot, Error::<Runtime>::NotRegistered);
		assert_ok!(rotate("bob//new", "bob"));
		check_invariants();

		// The old key has no rights any more, from this very block on.
		let (old, new) = (worker("bob"), account("bob//new"));
		assert_eq!(Providers::owner_of_worker(old.clone()), None);
		assert_eq!(Providers::owner_of_worker(new.clone()), Some(account("bob")));
		assert_noop!(Providers::drain(by(&old)), Error::<Runtime>::NotRegistered);
		let refused = Verification::commit(by(&old), job, opening("bob", job, &RESULT));
		assert_noop!(refused, pallet_jobs::Error::<Runtime>::NotProvider);

		// The job goes on under the new one, and another rotation does not void what it committed to.
		let genesis = calor_primitives::genesis_hash::<Runtime>();
		let bound = commitment(&genesis, job, &new, &SALT, &RESULT);
		assert_ok!(Verification::commit(by(&new), job, bound));
		assert_ok!(rotate("bob//newer", "bob"));
		advance(1);
		let roots = || RESULT.to_vec().try_into().unwrap();
		let refused = Verification::reveal(by(&new), job, SALT, roots());
		assert_noop!(refused, pallet_jobs::Error::<Runtime>::NotProvider);
		assert_ok!(Verification::reveal(by(&account("bob//newer")), job, SALT, roots()));
		// A key that was given up is free again.
		assert_ok!(rotate("bob//worker", "bob"));
		assert_noop!(
			Providers::rotate_worker(by(&account("alice")), key, proof),
			Error::<Runtime>::NotRegistered
		);
	});
}

#[test]
fn registration_holds_a_deposit_and_gives_it_back_to_the_planck() {
	Story::tell(|m| {
		assert!(deposit() > 0);
		let (before, total) = (Balances::free_balance(account("bob")), issuance());
		for _ in 0..10 {
			assert_ok!(m.register("bob", HardwareClass::General, 0));
			assert_eq!(held("bob"), deposit());
			assert_eq!(Balances::free_balance(account("bob")), before - deposit());
			let twice = m.register("bob", HardwareClass::General, 0);
			assert_noop!(twice, Error::<Runtime>::AlreadyRegistered);
			assert_ok!(Providers::deregister(by(&account("bob"))));
			assert_eq!((held("bob"), Balances::free_balance(account("bob"))), (0, before));
		}
		assert_eq!(issuance(), total);
		// Nothing of it is left in storage.
		assert_eq!(pallet_providers::Providers::<Runtime>::iter().count(), 0);
		assert_eq!(pallet_providers::Owners::<Runtime>::iter().count(), 0);
		assert_eq!(pallet_providers::Deposits::<Runtime>::iter().count(), 0);
		assert_eq!(on_watch(), 0);
		// One planck too little is too little.
		let poor = account("poor");
		let needed = deposit() + Balances::minimum_balance();
		assert_ok!(Balances::transfer_allow_death(by(&account("alice")), poor.clone(), needed - 1));
		let broke = m.register("poor", HardwareClass::General, 0);
		assert_noop!(broke, Error::<Runtime>::BalanceTooLow);
		assert_ok!(Balances::transfer_allow_death(by(&account("alice")), poor, 1));
		assert_ok!(m.register("poor", HardwareClass::General, 0));
	});
}

#[test]
fn registering_in_a_loop_leaves_no_place_behind() {
	tell(|m| {
		m.provider("carol");
		let bob = m.provider("bob");
		for _ in 0..10 {
			assert_ok!(Providers::deregister(by(&bob)));
			assert_eq!((Providers::ready(HardwareClass::General), on_watch()), (1, 1));
			assert_ok!(m.register("bob", HardwareClass::Tensor, 0));
			assert_ok!(Providers::set_ready(by(&bob), true));
			assert_eq!(Providers::ready(HardwareClass::Tensor), 1);
			advance_with(&["carol"], 1);
		}
	});
}

#[test]
fn whoever_forfeited_everything_is_out_for_good() {
	tell(|m| {
		m.provider("carol");
		let bob = m.provider("bob");
		assert_ok!(Stake::forfeit(&bob, Fault::Equivocation, None, H256::zero()));
		assert!(Stake::is_excluded(&bob));
		let jailed = Availability::Jailed { until: BlockNumber::MAX };
		assert_eq!(availability("bob"), jailed);
		assert_eq!((Providers::ready(HardwareClass::General), on_watch()), (1, 1));
		// A lesser jail does not shorten it, and a suspension does not open it.
		Providers::jail(&bob);
		Providers::suspend(&bob);
		assert_eq!(availability("bob"), jailed);
		let ready = Providers::set_ready(by(&bob), true);
		assert_noop!(ready, Error::<Runtime>::Jailed);
		// It may go, with its deposit, and not come back.
		assert_ok!(Providers::deregister(by(&bob)));
		assert_eq!(held("bob"), 0);
		let again = m.register("bob", HardwareClass::General, 0);
		assert_noop!(again, Error::<Runtime>::Excluded);
	});
}

#[test]
fn a_jail_is_not_left_by_leaving() {
	Story::tell(|m| {
		let bob = m.provider("bob");
		Providers::jail(&bob);
		check_invariants();
		assert_noop!(Providers::deregister(by(&bob)), Error::<Runtime>::Jailed);
		assert_noop!(Providers::set_ready(by(&bob), true), Error::<Runtime>::Jailed);
		assert_ok!(Providers::set_ready(by(&bob), false));
		assert!(matches!(availability("bob"), Availability::Jailed { .. }));
		advance(<Runtime as pallet_providers::Config>::JailPeriod::get());
		assert_ok!(Providers::set_ready(by(&bob), true));
		assert_eq!(availability("bob"), Availability::Ready);
	});
}

#[test]
fn windows_must_make_sense() {
	Story::tell(|_| {
		let good = Windows { heartbeat: 2, offline: 4, longest_wait: 65_535 };
		let set = |windows| Providers::set_windows(RuntimeOrigin::root(), windows);
		for bad in [
			Windows { heartbeat: 0, ..good },
			Windows { offline: 3, ..good },
			Windows { heartbeat: 1 << 31, offline: u32::MAX, ..good },
			Windows { longest_wait: 65_536, ..good },
		] {
			assert_noop!(set(bad), Error::<Runtime>::BadWindows);
		}
		assert_ok!(set(good));
		assert_eq!(pallet_providers::CurrentWindows::<Runtime>::get(), good);
		let anyone = Providers::set_windows(by(&account("eve")), good);
		assert_noop!(anyone, sp_runtime::DispatchError::BadOrigin);
	});
}

#[test]
fn a_shorter_silence_is_found_by_whoever_looks() {
	tell(|m| {
		m.provider("bob");
		let windows = Windows { heartbeat: 1, offline: 2, longest_wait: 1 };
		assert_ok!(Providers::set_windows(RuntimeOrigin::root(), windows));
		advance(3);
		assert_eq!(availability("bob"), Availability::Ready, "its height has not come");
		assert_ok!(Providers::report_silence(by(&account("eve")), account("bob")));
		assert_eq!((availability("bob"), on_watch()), (Availability::Idle, 0));
	});
}
