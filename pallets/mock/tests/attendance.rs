// SPDX-License-Identifier: Apache-2.0
//! Being there for jobs, what providers have proved, and the rewards that a grave fault takes.

use calor_mock::*;
use calor_primitives::{
	fault::Fault,
	job::{HardwareClass, InputFault, JobState},
	provider::{Availability, Capacity, Presence, ProviderRecord},
	traits::{Assign, Attendance, Attended, Collateral, OnForfeit, ProvenCapacity, Standings},
	AccountId, BlockNumber, JobId, H256,
};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use pallet_providers::{Error, Event, Windows};
use pallet_stake::Role;

/// Windows of these stories, in blocks: short, so that a provider can fall silent within a job.
const HEARTBEAT: BlockNumber = 4;
const OFFLINE: BlockNumber = 8;

/// What every provider of these stories claims, in multiply-accumulates per second.
const CLAIM: u64 = 1_000_000_000_000;

/// A job that jobs know nothing of.
const JOB: JobId = 7;
const EVIDENCE: H256 = H256::repeat_byte(5);

/// Tells a story with those windows, in which nobody has to disclose.
fn tell_with_epochs(story: impl FnOnce(&mut Story)) {
	Story::tell_long(|m| {
		let windows = Windows { heartbeat: HEARTBEAT, offline: OFFLINE, longest_wait: 10 };
		assert_ok!(Providers::set_windows(RuntimeOrigin::root(), windows));
		story(m);
	});
}

/// The same in an epoch that does not end, so that nobody takes what was attended but the story.
fn tell(story: impl FnOnce(&mut Story)) {
	tell_with_epochs(|m| {
		let windows = pallet_burn_mint::Windows { epoch: 1_000_000, refund_after: REFUND_AFTER };
		assert_ok!(BurnMint::set_windows(RuntimeOrigin::root(), windows));
		story(m);
	});
}

fn provider(name: &str) -> ProviderRecord {
	Providers::provider(account(name)).expect("a provider")
}

fn attended(name: &str) -> BlockNumber {
	provider(name).attended
}

fn now() -> BlockNumber {
	System::block_number()
}

fn beat(name: &str) {
	assert_ok!(Providers::heartbeat(by(&worker(name))));
}

fn set_ready(name: &str, ready: bool) -> DispatchResult {
	Providers::set_ready(by(&worker(name)), ready)
}

/// Runs that many blocks while this provider is heard whenever it owes it.
fn advance_with(name: &str, blocks: BlockNumber) {
	for _ in 0..blocks {
		advance(1);
		let record = provider(name);
		let watched = matches!(record.presence, Presence::Watched { .. });
		if watched && now() - record.seen >= HEARTBEAT {
			beat(name);
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

/// What everyone attended, in the order of storage.
fn take_all() -> Vec<Attended> {
	take(None, u32::MAX)
}

fn take(after: Option<&AccountId>, limit: u32) -> Vec<Attended> {
	<Providers as Attendance>::take(after, limit)
}

/// Whether the account has lost its rewards since this was asked last.
fn rewards_lost(who: &AccountId) -> bool {
	let lost = System::events().into_iter().any(|record| {
		matches!(
			record.event,
			RuntimeEvent::Stake(pallet_stake::Event::RewardsForfeited { who: ref lost, .. })
				if lost == who
		)
	});
	System::reset_events();
	lost
}

#[test]
fn signs_of_life_show_every_block_once() {
	tell(|m| {
		m.provider("bob");
		assert_eq!(attended("bob"), 0);
		advance(HEARTBEAT);
		assert_eq!(attended("bob"), 0, "nothing has shown it yet");
		beat("bob");
		assert_eq!(attended("bob"), HEARTBEAT);
		// The longest silence that is allowed.
		advance(OFFLINE);
		beat("bob");
		assert_eq!(attended("bob"), HEARTBEAT + OFFLINE);
		// More signs of life in the same block show nothing more.
		let record = provider("bob");
		let update = |name: &str| {
			let endpoint = record.endpoint.clone();
			assert_ok!(Providers::update(by(&worker(name)), endpoint, 0, None));
		};
		update("bob");
		assert_ok!(set_ready("bob", true));
		assert_eq!(attended("bob"), HEARTBEAT + OFFLINE);
		// Any sign of life will do.
		advance(3);
		update("bob");
		advance(2);
		assert_ok!(set_ready("bob", false));
		let before = HEARTBEAT + OFFLINE + 5;
		assert_eq!(attended("bob"), before);
		// Who rests is not there, whatever it says.
		advance(50);
		update("bob");
		assert_ok!(set_ready("bob", false));
		assert_ok!(set_ready("bob", true));
		assert_eq!(attended("bob"), before);
		advance_with("bob", HEARTBEAT);
		assert_eq!(attended("bob"), before + HEARTBEAT);
	});
}

#[test]
fn a_silence_counts_for_nothing_whether_or_not_it_is_noticed() {
	tell(|m| {
		m.provider("bob");
		advance_with("bob", 2 * HEARTBEAT);
		let before = attended("bob");
		assert_eq!(before, 2 * HEARTBEAT);
		// Nobody looked.
		stall(OFFLINE + 1);
		beat("bob");
		assert_eq!((attended("bob"), provider("bob").offline), (before, OFFLINE + 1));
		advance_with("bob", HEARTBEAT);
		assert_eq!(attended("bob"), before + HEARTBEAT);
		// The chain looked.
		advance(OFFLINE + 2);
		assert_eq!(provider("bob").presence, Presence::Gone);
		beat("bob");
		assert_eq!(attended("bob"), before + HEARTBEAT);
		// The wait after it neither.
		advance(10);
		assert_ok!(set_ready("bob", true));
		assert_eq!(attended("bob"), before + HEARTBEAT);
		advance_with("bob", HEARTBEAT);
		assert_eq!(attended("bob"), before + 2 * HEARTBEAT);
	});
}

#[test]
fn work_counts_up_to_the_commit_and_draining_ends_with_it() {
	tell(|m| {
		m.provider("bob");
		let since = now();
		let job = long_job(m, "bob");
		advance_with("bob", 9);
		assert_ok!(Providers::drain(by(&worker("bob"))));
		advance_with("bob", 6);
		m.commit("bob", job, &RESULT);
		let there = now() - since;
		assert_eq!((availability("bob"), attended("bob")), (Availability::Idle, there));
		advance(1);
		assert_ok!(m.reveal("bob", job, &RESULT));
		advance(CHALLENGE + 1);
		assert!(matches!(state(job), JobState::Settled { .. }));
		assert_eq!(attended("bob"), there);
	});
}

#[test]
fn a_job_that_its_client_cancels_costs_no_attendance() {
	tell(|m| {
		m.provider("bob");
		let since = now();
		let job = long_job(m, "bob");
		advance(3);
		assert_ok!(Jobs::cancel(by(&account("alice")), job));
		assert_eq!((availability("bob"), attended("bob")), (Availability::Ready, 0));
		advance(2);
		beat("bob");
		assert_eq!(attended("bob"), now() - since);
	});
}

#[test]
fn holding_a_job_to_no_end_is_not_being_there() {
	tell(|m| {
		m.provider("bob");
		let since = now();
		let job = long_job(m, "bob");
		let held = 5;
		advance_with("bob", held);
		let before = now() - since;
		assert_ok!(Jobs::decline(by(&worker("bob")), job, InputFault::Missing));
		assert_eq!((attended("bob"), provider("bob").offline), (before - held, held));
	});
	// What an epoch has counted already it keeps.
	tell(|m| {
		m.provider("bob");
		let job = long_job(m, "bob");
		advance_with("bob", 5);
		assert!(take_all()[0].blocks > 0);
		advance(2);
		assert_ok!(Jobs::decline(by(&worker("bob")), job, InputFault::Missing));
		assert_eq!(attended("bob"), 0);
	});
}

#[test]
fn whoever_is_put_out_loses_the_time_since_it_was_heard() {
	tell(|m| {
		m.provider("bob");
		let since = now();
		let job = long_job(m, "bob");
		advance_with("bob", 6);
		m.commit("bob", job, &RESULT);
		while availability("bob") == Availability::Ready {
			advance_with("bob", 1);
		}
		assert!(matches!(availability("bob"), Availability::Jailed { .. }));
		let shown = provider("bob").seen - since;
		assert_eq!(attended("bob"), shown);
		let owed = Providers::heartbeat(by(&worker("bob")));
		assert_noop!(owed, Error::<Runtime>::NothingOwed);
		advance(50);
		assert_ok!(set_ready("bob", true));
		assert_eq!(attended("bob"), shown, "a jail is not attended");
		// A provider that is suspended, too.
		advance(3);
		Providers::suspend(&account("bob"));
		assert_eq!((availability("bob"), attended("bob")), (Availability::Idle, shown));
	});
}

#[test]
fn attendance_is_taken_page_by_page_and_begins_anew() {
	tell(|m| {
		for name in ["bob", "carol", "dave", "eve"] {
			m.provider(name);
			prove(name, 5);
		}
		// Without stake, without proof, and with neither: none of them earns.
		m.register("frank", HardwareClass::Tensor, 0).unwrap();
		prove("frank", 7);
		m.register("grace", HardwareClass::General, 0).unwrap();
		prove("eve", 0);
		advance(HEARTBEAT);
		["bob", "carol", "dave", "eve"].into_iter().for_each(beat);
		// One has no stake any more, though it is ready, and one lost everything.
		assert_ok!(Stake::unbond(by(&account("carol")), Role::Provider, BOND));
		assert_ok!(Stake::forfeit(&account("dave"), Fault::ForgedCapacity, None, EVIDENCE));

		let mut pages = Vec::new();
		let mut after = None;
		loop {
			let page = take(after.as_ref(), 2);
			assert!(page.len() <= 2);
			let Some(last) = page.last() else { break };
			after = Some(last.owner.clone());
			pages.extend(page);
		}
		let order: Vec<AccountId> = pages.iter().map(|one| one.owner.clone()).collect();
		let stored: Vec<AccountId> =
			Providers::providers_after(None).map(|(owner, _)| owner).collect();
		assert_eq!(order, stored);
		for (name, class, mac_per_second, blocks) in [
			("bob", HardwareClass::General, 5, HEARTBEAT),
			("carol", HardwareClass::General, 0, HEARTBEAT),
			("dave", HardwareClass::General, 0, HEARTBEAT),
			("eve", HardwareClass::General, 0, HEARTBEAT),
			("frank", HardwareClass::Tensor, 0, 0),
			("grace", HardwareClass::General, 0, 0),
		] {
			let found = pages.iter().find(|one| one.owner == account(name));
			let expected = Attended { owner: account(name), class, mac_per_second, blocks };
			assert_eq!(found, Some(&expected), "{name}");
		}
		assert!(take_all().iter().all(|one| one.blocks == 0));
		// What comes after belongs to the next epoch.
		advance(2);
		beat("bob");
		assert_eq!(attended("bob"), 2);
		assert!(take(None, 0).is_empty());
		assert_eq!(attended("bob"), 2);
	});
}

#[test]
fn nobody_proves_more_than_it_claims() {
	tell(|m| {
		m.provider("bob");
		prove("alice", 1);
		prove("bob", 0);
		assert_eq!(pallet_providers::ProvenCount::<Runtime>::get(), 0);
		prove("bob", CLAIM + 1);
		let told = Event::CapacityProven { owner: account("bob"), mac_per_second: CLAIM };
		System::assert_has_event(told.into());
		assert_eq!(provider("bob").proven, CLAIM);

		// It falls with the claim, and does not rise with it.
		assert_ok!(set_ready("bob", false));
		let claim = |mac_per_second| {
			let (endpoint, claimed) =
				(provider("bob").endpoint, Capacity { mac_per_second, memory_mib: 1 });
			assert_ok!(Providers::update(by(&worker("bob")), endpoint, 0, Some(claimed)));
			check_invariants();
			provider("bob").proven
		};
		assert_eq!(claim(CLAIM + 5), CLAIM);
		assert_eq!(claim(3), 3);
		assert_eq!(claim(CLAIM), 3);

		// Whoever registers anew begins with nothing.
		assert_ok!(Providers::deregister(by(&account("bob"))));
		check_invariants();
		m.register("bob", HardwareClass::General, 0).unwrap();
		assert_eq!(provider("bob").proven, 0);
	});
}

#[test]
fn blocks_with_less_do_not_count_as_blocks_with_more() {
	tell(|m| {
		m.provider("bob");
		advance_with("bob", 2 * HEARTBEAT);
		// Nothing was proven so far.
		prove("bob", 100);
		assert_eq!(attended("bob"), 0);
		advance_with("bob", 2 * HEARTBEAT);
		assert_eq!(attended("bob"), 2 * HEARTBEAT);
		prove("bob", 300);
		assert_eq!(attended("bob"), 2, "a third of eight, rounded down");
		// Whoever proves less later gets no more blocks for it.
		prove("bob", 1);
		assert_eq!(attended("bob"), 2);
	});
}

#[test]
fn claims_count_as_long_as_nobody_has_proved_anything() {
	tell(|m| {
		let (bob, carol) = (m.provider("bob"), m.provider("carol"));
		m.register("dave", HardwareClass::General, 0).unwrap();
		let counted = |who: &AccountId| {
			let page = Providers::page(None, 10);
			let found = page.into_iter().find(|(owner, _)| owner == who).expect("registered");
			found.1.mac_per_second
		};
		let dave = account("dave");
		assert_eq!([&bob, &carol, &dave].map(counted), [CLAIM, CLAIM, 0], "dave has no stake");
		// From then on a claim neither makes others small nor its owner big.
		prove("bob", 5);
		assert_eq!([&bob, &carol, &dave].map(counted), [5, 0, 0]);
		assert_eq!(Providers::capacity(&bob).unwrap().mac_per_second, 5);
		assert_eq!(Providers::capacity(&carol).unwrap().mac_per_second, 0);
		assert_eq!(Providers::capacity(&bob).unwrap().memory_mib, 8_192);
		prove("dave", 9);
		assert_eq!(counted(&dave), 0);
		assert_ok!(Stake::bond(by(&dave), Role::Provider, BOND));
		assert_eq!(counted(&dave), 9);
		// If all that was proven is gone, claims are all that is left.
		prove("dave", 0);
		assert_ok!(Stake::forfeit(&bob, Fault::ForgedCapacity, None, EVIDENCE));
		assert_eq!(provider("bob").proven, 0);
		assert_eq!([&bob, &carol, &dave].map(counted), [0, CLAIM, CLAIM]);
	});
}

#[test]
fn claims_of_others_do_not_lower_a_share_that_is_proven() {
	Story::tell(|m| {
		let bob = m.provider("bob");
		let carol = m.provider("carol");
		prove("bob", 30);
		prove("carol", 10);
		for name in ["dave", "eve", "frank"] {
			m.provider(name);
		}
		advance(3 * EPOCH);
		let share = |who: &AccountId| Disclosure::group(who.clone()).expect("counted").share;
		assert_eq!(share(&bob), sp_runtime::Perbill::from_percent(75));
		assert_eq!(share(&carol), sp_runtime::Perbill::from_percent(25));
		assert!(share(&account("dave")).is_zero());
	});
}

#[test]
fn standing_says_who_is_attested_and_in_order() {
	Story::tell(|m| {
		let bob = m.provider("bob");
		set_group("bob", "carol");
		let standing = |who: &AccountId| {
			let found = Disclosure::standing(who);
			(found.group, found.attested, found.in_order)
		};
		assert_eq!(standing(&bob), (account("carol"), false, true));
		set_attested("carol");
		assert_eq!(standing(&bob), (account("carol"), true, true));
		assert_eq!(standing(&account("dave")), (account("dave"), false, true));
		// It has the whole network, and discloses nothing.
		advance(3 * EPOCH + FILING);
		assert_eq!(standing(&bob), (account("carol"), true, false));
		assert_eq!(standing(&account("dave")), (account("dave"), false, true));
	});
}

#[test]
fn grave_faults_take_the_rewards_when_their_slash_acts() {
	tell(|m| {
		let bob = m.provider("bob");
		let penalise = |fault| {
			assert_ok!(Stake::earmark(&bob, JOB, 10));
			assert_ok!(Stake::penalise(&bob, JOB, fault, None, None, EVIDENCE));
			pallet_stake::LastSlash::<Runtime>::get()
		};
		let apply = |id| {
			run_slash(id);
			rewards_lost(&bob)
		};
		// A failure to deliver costs stake alone, whatever comes of it.
		for fault in [Fault::NotAccepted, Fault::NotDelivered, Fault::Vanished] {
			let id = penalise(fault);
			assert!(!apply(id), "{fault:?}");
		}
		// What is not proved takes them when it acts, and not before.
		let id = penalise(Fault::NotRevealed);
		assert!(!rewards_lost(&bob));
		assert!(apply(id));
		// What is cancelled takes none.
		let id = penalise(Fault::NotRevealed);
		assert_ok!(Stake::cancel_slash(RuntimeOrigin::root(), id));
		stall(DEFERRAL + 1);
		assert!(!rewards_lost(&bob));
		// What is proved takes them at once.
		penalise(Fault::WrongResult);
		let told = pallet_stake::Event::RewardsForfeited {
			who: bob.clone(),
			fault: Fault::WrongResult,
			evidence: EVIDENCE,
		};
		System::assert_has_event(told.into());
	});
}

/// Lets the slash of that number act when its time has come.
fn run_slash(id: u64) {
	System::reset_events();
	stall(DEFERRAL);
	assert_ok!(Stake::apply_slash(by(&account("grace")), id));
}

#[test]
fn losing_everything_takes_the_rewards_too() {
	tell(|m| {
		let (bob, carol, dave) = (m.provider("bob"), m.provider("carol"), m.provider("dave"));
		assert_ok!(Stake::forfeit(&bob, Fault::ForgedCapacity, None, EVIDENCE));
		assert!(rewards_lost(&bob));
		// Of validators as well.
		assert_ok!(Stake::bond(by(&account("eve")), Role::Validator, BOND));
		let fault = Fault::Equivocation;
		assert_ok!(Stake::do_forfeit(Role::Validator, &account("eve"), fault, None, EVIDENCE));
		assert!(rewards_lost(&account("eve")));

		assert_ok!(Stake::forfeit(&carol, Fault::FalseDisclosure, None, EVIDENCE));
		let id = pallet_stake::LastSlash::<Runtime>::get();
		assert!(!rewards_lost(&carol));
		run_slash(id);
		assert!(rewards_lost(&carol));

		assert_ok!(Stake::forfeit(&dave, Fault::FalseDisclosure, None, EVIDENCE));
		let id = pallet_stake::LastSlash::<Runtime>::get();
		assert_ok!(Stake::cancel_slash(RuntimeOrigin::root(), id));
		assert!(!rewards_lost(&dave));
	});
}

#[test]
fn a_grave_fault_costs_the_rewards_up_to_its_epoch_and_no_later_ones() {
	tell_with_epochs(|m| {
		for name in ["bob", "carol"] {
			m.provider(name);
			prove(name, CLAIM);
			set_attested(name);
		}
		let first = epoch();
		m.close_epoch();
		assert!(reward("bob", first).total() > 0);
		assert_eq!(reward("bob", first), reward("carol", first), "they did the same");

		let bob = account("bob");
		assert_ok!(Stake::earmark(&bob, JOB, 10));
		assert_ok!(Stake::penalise(&bob, JOB, Fault::NotRevealed, None, None, EVIDENCE));
		let id = pallet_stake::LastSlash::<Runtime>::get();
		for _ in 0..DEFERRAL {
			m.heartbeats();
			stall(1);
		}
		let acted_in = epoch();
		assert_ok!(Stake::apply_slash(by(&account("grace")), id));
		assert_noop!(try_claim("bob"), pallet_burn_mint::Error::<Runtime>::NothingToClaim);
		// What it attends of the epoch under way is lost as well.
		while epoch() == acted_in {
			m.close_epoch();
		}
		assert_noop!(try_claim("bob"), pallet_burn_mint::Error::<Runtime>::NothingToClaim);
		assert!(claim("carol") > 0);
		// From the next on it earns as before.
		let next = epoch();
		m.close_epoch();
		assert_eq!(claim("bob"), reward("carol", next).total());
	});
}

#[test]
fn a_forfeiture_leaves_nothing_offered() {
	tell(|m| {
		let bob = m.provider("bob");
		prove("bob", 5);
		Providers::forfeited(&bob);
		let usage = Providers::usage(HardwareClass::General);
		assert_eq!((usage.offered, provider("bob").proven), (0, 0));
		Providers::forfeited(&account("nobody"));
	});
}
