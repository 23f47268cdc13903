// SPDX-License-Identifier: Apache-2.0
//! Who owns how much, who has to say so, and what becomes of those who do not, or lie.

use calor_mock::*;
use calor_primitives::{
	explain::Why,
	group::{Disclosure as Documents, Duty, GroupView},
	job::{HardwareClass, JobState},
	traits::{Assign, Collateral, Standings},
	AccountId, Balance, BlockNumber, H256,
};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::DispatchResult,
	traits::{fungible::InspectHold, Get, Hooks},
	weights::Weight,
};
use pallet_disclosure::{
	Census, Count, Error, Event, Filings, HoldReason, LastCount, Phase, Records, Tally, WeightInfo,
	Windows,
};
use pallet_stake::Role;
use sp_runtime::{DispatchError::BadOrigin, Perbill};

const DOCUMENTS: Documents =
	Documents { owner: H256([1; 32]), sites: H256([2; 32]), power: H256([3; 32]) };
const EVIDENCE: H256 = H256([4; 32]);

/// What a provider claims from now on.
fn claims(name: &str, mac_per_second: u64) {
	pallet_providers::Providers::<Runtime>::mutate(account(name), |record| {
		record.as_mut().unwrap().claimed.mac_per_second = mac_per_second;
	});
}

/// Someone who is counted, since it has stake, and takes no jobs.
fn idler(m: &mut Story, name: &str, mac_per_second: u64) {
	if Stake::free(&account(name)).is_none() {
		assert_ok!(Stake::bond(by(&account(name)), Role::Provider, BOND));
	}
	puppet(m, name, mac_per_second);
}

/// Someone who claims without stake.
fn puppet(m: &mut Story, name: &str, mac_per_second: u64) {
	assert_ok!(m.register(name, HardwareClass::General, 0));
	claims(name, mac_per_second);
}

/// Someone with stake who takes jobs.
fn worker_of(m: &mut Story, name: &str, mac_per_second: u64) {
	m.provider(name);
	claims(name, mac_per_second);
}

/// One block, in which everyone who has to gives a sign of life.
fn pass_block() {
	for name in PEOPLE {
		// Most have nothing to say, or have just said it.
		let _ = Providers::heartbeat(by(&worker(name)));
	}
	advance(1);
}

fn pass_to(height: BlockNumber) {
	while System::block_number() < height {
		pass_block();
	}
}

/// Runs blocks until another count is finished.
fn counted() -> Count {
	let before = LastCount::<Runtime>::get();
	for _ in 0..100 {
		pass_block();
		let last = LastCount::<Runtime>::get();
		if last != before {
			return last;
		}
	}
	panic!("no count was finished: {:?}", Census::<Runtime>::get());
}

fn group(name: &str) -> GroupView {
	Disclosure::group(account(name)).expect("a group")
}

fn percent(hundredths: u32) -> Perbill {
	Perbill::from_parts(hundredths * 100_000)
}

fn windows() -> Windows {
	pallet_disclosure::CurrentWindows::<Runtime>::get()
}

/// The height by which a group has to file.
#[track_caller]
fn due(name: &str) -> BlockNumber {
	match Disclosure::duty(account(name)) {
		Duty::Due(by) => by,
		other => panic!("{name}: {other:?}"),
	}
}

fn file(name: &str) -> DispatchResult {
	Disclosure::file(by(&account(name)), DOCUMENTS)
}

fn report(head: &str, providers: &[&str]) -> DispatchResult {
	let named: Vec<AccountId> = providers.iter().map(|name| account(name)).collect();
	let named = named.try_into().expect("few");
	Disclosure::report_false(RuntimeOrigin::root(), account(head), named, EVIDENCE)
}

fn deposit_held(name: &str) -> Balance {
	Balances::balance_on_hold(&HoldReason::Filing.into(), &account(name))
}

fn filing_deposit() -> Balance {
	<Runtime as pallet_disclosure::Config>::FilingDeposit::get()
}

/// Room on idle for a page of one.
fn room_for_one() -> Weight {
	let page = <() as WeightInfo>::count(1).max(<() as WeightInfo>::judge(1));
	<() as WeightInfo>::wait().saturating_add(page)
}

/// Takes the census on by at most one provider or group, in a block without room for anything else.
fn step() {
	let room = room_for_one();
	let used = Disclosure::on_idle(System::block_number(), room);
	assert!(used.all_lte(room), "{used} of {room}");
	next_block(Weight::zero());
}

#[test]
fn shares_follow_capacity_and_only_big_groups_owe() {
	Story::tell(|m| {
		worker_of(m, "carol", 98);
		idler(m, "bob", 1);
		idler(m, "dave", 1);
		set_attested("carol");
		let count = counted();
		assert_eq!(count.since, windows().epoch, "the first count begins after one epoch");
		assert_eq!((count.groups, count.tally), (3, Tally { providers: 3, mac_per_second: 100 }));
		let (bob, carol) = (group("bob"), group("carol"));
		assert_eq!((bob.providers, bob.mac_per_second, bob.attested), (1, 1, false));
		assert_eq!(
			(bob.share, bob.average_share, bob.duty),
			(percent(100), percent(100), Duty::None)
		);
		assert_eq!((carol.share, carol.attested), (percent(9_800), true));
		let by = due("carol");
		assert!(by > System::block_number() && by <= System::block_number() + windows().filing);
		assert_eq!(Disclosure::groups().len(), 3);
		System::assert_has_event(
			Event::DutyChanged { group: account("carol"), duty: Duty::Due(by) }.into(),
		);
		// It has time, and works meanwhile.
		let job = m.submit("alice");
		assert_eq!(m.deliver(job), "carol");
		// The next count begins an epoch after the first.
		assert_eq!(counted().since, 2 * windows().epoch);
		assert_eq!(due("carol"), by, "a second count grants no more time");
	});
}

#[test]
fn the_average_has_to_pass_the_threshold_and_the_duty_ends_when_it_falls() {
	Story::tell(|m| {
		idler(m, "bob", 1);
		idler(m, "carol", 99);
		counted();
		assert_eq!(group("bob").average_share, percent(100));
		claims("bob", 4);
		claims("carol", 96);
		counted();
		// 1 % and a third of the way to 4 %: on the threshold, not above it.
		let bob = group("bob");
		assert_eq!((bob.share, bob.average_share), (percent(400), percent(200)));
		assert_eq!(bob.duty, Duty::None);
		counted();
		assert_eq!(group("bob").average_share, Perbill::from_parts(26_666_666));
		due("bob");
		claims("bob", 1);
		claims("carol", 999);
		counted();
		let bob = group("bob");
		assert_eq!((bob.share, bob.average_share), (percent(10), Perbill::from_parts(18_111_111)));
		assert_eq!(bob.duty, Duty::None);
		System::assert_has_event(
			Event::DutyChanged { group: account("bob"), duty: Duty::None }.into(),
		);
	});
}

#[test]
fn who_has_not_filed_in_time_is_not_drawn_until_it_files() {
	Story::tell(|m| {
		worker_of(m, "carol", 99);
		idler(m, "bob", 1);
		counted();
		let by_height = due("carol");
		let may_work = || Providers::candidate(HardwareClass::General, 0).expect("ready").may_work;
		pass_to(by_height);
		assert_eq!(Disclosure::duty(account("carol")), Duty::Due(by_height));
		assert!(may_work(), "the last height is still in time");
		pass_block();
		assert_eq!(Disclosure::duty(account("carol")), Duty::Overdue);
		assert_eq!(group("carol").duty, Duty::Overdue);
		assert!(!may_work());
		let job = m.submit("alice");
		for _ in 0..5 {
			pass_block();
		}
		assert!(matches!(state(job), JobState::Queued { .. }), "{:?}", state(job));
		let explained = Jobs::explain(job).expect("exists");
		assert_eq!(explained.why, Why::NobodyFits);
		let supply = explained.supply.expect("queued");
		assert_eq!((supply.ready, supply.fit, supply.barred), (1, 0, 1));
		// Late, but not too late.
		assert_ok!(file("carol"));
		assert_eq!(Disclosure::duty(account("carol")), Duty::Met);
		assert!(may_work());
		assert_eq!(m.deliver(job), "carol");
		counted();
		let carol = group("carol");
		assert_eq!(carol.duty, Duty::Met);
		assert_eq!(carol.disclosure.expect("filed").0, DOCUMENTS);
	});
}

#[test]
fn who_has_filed_before_owes_nothing_when_it_grows() {
	Story::tell(|m| {
		idler(m, "carol", 100);
		assert_ok!(file("carol"));
		let filed = group("carol");
		assert_eq!((filed.providers, filed.duty), (0, Duty::None));
		assert_eq!(filed.disclosure, Some((DOCUMENTS, 1)));
		counted();
		assert_eq!(group("carol").duty, Duty::Met);
		pass_to(System::block_number() + windows().filing + 1);
		assert!(Disclosure::standing(&account("carol")).in_order);
	});
}

#[test]
fn sub_accounts_of_one_identity_are_one_group() {
	Story::tell(|m| {
		idler(m, "frank", 955);
		for name in ["carol", "dave", "eve"] {
			idler(m, name, 15);
		}
		counted();
		// 1.5 % each: nobody but frank owes.
		assert_eq!(Disclosure::duty(account("carol")), Duty::None);
		set_group("dave", "carol");
		set_group("eve", "carol");
		assert_eq!(counted().groups, 2);
		assert_eq!((group("carol").providers, group("carol").share), (3, percent(450)));
		// 1.5 % and a third of the way to 4.5 %.
		assert_eq!(group("carol").average_share, percent(250));
		let by_height = due("dave");
		assert_eq!(by_height, due("carol"));
		assert_noop!(file("dave"), Error::<Runtime>::NotHead);
		pass_to(by_height + 1);
		for name in ["carol", "dave", "eve"] {
			assert!(!Disclosure::standing(&account(name)).in_order, "{name}");
		}
		assert_ok!(file("carol"));
		for name in ["carol", "dave", "eve"] {
			assert!(Disclosure::standing(&account(name)).in_order, "{name}");
		}
	});
}

#[test]
fn a_new_identity_is_judged_by_what_it_has() {
	Story::tell(|m| {
		idler(m, "carol", 95);
		idler(m, "bob", 5);
		counted();
		due("bob");
		// The same machine under the identity of someone who has none.
		set_group("bob", "eve");
		counted();
		let eve = group("eve");
		assert_eq!((eve.providers, eve.average_share), (1, percent(500)));
		due("eve");
		// What it left behind fades.
		let bob = group("bob");
		assert_eq!((bob.providers, bob.share), (0, Perbill::zero()));
		assert_eq!(bob.average_share, Perbill::from_parts(33_333_333));
	});
}

#[test]
fn groups_without_providers_are_forgotten_once_it_makes_no_difference() {
	Story::tell(|m| {
		idler(m, "bob", 1);
		idler(m, "carol", 999);
		counted();
		assert_ok!(Providers::deregister(by(&account("bob"))));
		assert_ok!(Providers::deregister(by(&account("carol"))));
		let empty = counted();
		assert_eq!((empty.groups, empty.tally), (0, Tally::default()));
		assert!(!Records::<Runtime>::contains_key(account("bob")), "0.1 % is negligible");
		let carol = group("carol");
		assert_eq!((carol.share, carol.average_share), (Perbill::zero(), percent(6_660)));
		let mut counts = 1;
		while Records::<Runtime>::contains_key(account("carol")) {
			counted();
			counts += 1;
		}
		// 99.9 % * (2/3)^n < 0.2 %.
		assert_eq!(counts, 16);
		assert!(Disclosure::groups().is_empty());
	});
}

#[test]
fn a_filing_holds_one_deposit_and_gives_it_back() {
	Story::tell(|m| {
		idler(m, "carol", 100);
		let carol = by(&account("carol"));
		let before = (wealth("carol"), Balances::free_balance(account("carol")));
		assert_noop!(Disclosure::withdraw_filing(carol.clone()), Error::<Runtime>::NoFiling);
		assert_ok!(file("carol"));
		assert_eq!(deposit_held("carol"), filing_deposit());
		assert!(filing_deposit() > 0);
		advance(3);
		let newer = Documents { sites: H256([9; 32]), ..DOCUMENTS };
		assert_ok!(Disclosure::file(carol.clone(), newer));
		assert_eq!(
			deposit_held("carol"),
			filing_deposit(),
			"a filing that replaces one pays nothing"
		);
		assert_eq!(group("carol").disclosure, Some((newer, 4)));
		assert_ok!(Disclosure::withdraw_filing(carol.clone()));
		assert_eq!(deposit_held("carol"), 0);
		assert_eq!((wealth("carol"), Balances::free_balance(account("carol"))), before);
		assert!(Disclosure::group(account("carol")).is_none());
		// Not while it has to be filed.
		assert_ok!(file("carol"));
		counted();
		assert_noop!(Disclosure::withdraw_filing(carol.clone()), Error::<Runtime>::DutyStands);
		assert_eq!(wealth("carol"), before.0);
		assert_noop!(file("nobody"), Error::<Runtime>::BalanceTooLow);
	});
}

#[test]
fn false_disclosure_costs_all_stake_after_an_epoch_unless_it_is_cancelled() {
	Story::tell(|m| {
		for name in ["carol", "dave", "eve"] {
			worker_of(m, name, 10);
		}
		set_group("dave", "carol");
		counted();
		let by_height = due("carol");
		assert_ok!(file("carol"));
		assert_ok!(Stake::unbond(by(&account("carol")), Role::Provider, BOND / 2));
		let (rich, total) = (wealth("carol"), issuance());
		let by_anyone = Disclosure::report_false(
			by(&account("alice")),
			account("carol"),
			Default::default(),
			EVIDENCE,
		);
		assert_noop!(by_anyone, BadOrigin);
		// Eve belongs to nobody, grace has no stake, and who is named twice is named once.
		assert_ok!(report("carol", &["carol", "eve", "dave", "grace", "dave"]));
		System::assert_has_event(
			Event::FoundFalse { group: account("carol"), forfeited: 2, evidence: EVIDENCE }.into(),
		);
		// The filing is void and its deposit burned, and a false one has bought no time.
		assert!(!Filings::<Runtime>::contains_key(account("carol")));
		assert_eq!((deposit_held("carol"), wealth("carol")), (0, rich - filing_deposit()));
		assert_eq!(issuance(), total - filing_deposit());
		assert_eq!(Disclosure::duty(account("carol")), Duty::Due(by_height));
		// Nothing of the stake is gone yet; governance thinks better of dave.
		assert!(!Stake::is_excluded(&account("carol")));
		let pending = Stake::pending_slashes(account("dave"));
		assert_eq!(pending.len(), 1);
		assert_ok!(Stake::cancel_slash(RuntimeOrigin::root(), pending[0].0));
		assert!(Stake::pending_slashes(account("eve")).is_empty());
		let deferral = pallet_stake::SlashDeferral::<Runtime>::get();
		pass_to(System::block_number() + deferral + 2);
		assert!(Stake::is_excluded(&account("carol")));
		assert_eq!(wealth("carol"), rich - filing_deposit() - BOND, "unbonding stake among it");
		assert_eq!(issuance(), total - filing_deposit() - BOND);
		for name in ["dave", "eve"] {
			assert!(!Stake::is_excluded(&account(name)));
			assert_eq!(Stake::free(&account(name)), Some(BOND));
		}
	});
}

#[test]
fn a_report_that_hits_nobody_fails_and_one_who_left_saves_no_one() {
	Story::tell(|m| {
		for name in ["carol", "dave", "eve"] {
			worker_of(m, name, 10);
			set_group(name, "carol");
		}
		counted();
		assert_noop!(report("carol", &[]), Error::<Runtime>::NothingFalse);
		assert_noop!(report("carol", &["grace"]), Error::<Runtime>::NothingFalse);
		assert_noop!(report("eve", &["carol", "dave"]), Error::<Runtime>::NothingFalse);
		// Eve leaves before the report acts, and carol has nothing on file any more.
		set_group("eve", "eve");
		assert_ok!(report("carol", &["eve", "dave"]));
		assert_eq!(Stake::pending_slashes(account("dave")).len(), 1);
		assert!(Stake::pending_slashes(account("eve")).is_empty());
		// She is found where she is now; dave cannot lose the same stake twice.
		assert_ok!(report("eve", &["eve"]));
		assert_eq!(Stake::pending_slashes(account("eve")).len(), 1);
		assert_noop!(report("carol", &["dave"]), Error::<Runtime>::NothingFalse);
	});
}

#[test]
fn a_false_filing_leaves_its_group_overdue_if_its_time_was_up() {
	Story::tell(|m| {
		worker_of(m, "carol", 100);
		counted();
		let by_height = due("carol");
		assert_ok!(file("carol"));
		pass_to(by_height + 1);
		assert!(Disclosure::standing(&account("carol")).in_order);
		assert_ok!(report("carol", &[]));
		assert_eq!(Disclosure::duty(account("carol")), Duty::Overdue);
		assert!(!Disclosure::standing(&account("carol")).in_order);
		assert_ok!(file("carol"));
		assert!(Disclosure::standing(&account("carol")).in_order);
	});
}

#[test]
fn the_census_waits_for_room_and_goes_on_where_it_was() {
	Story::tell(|m| {
		let people = ["bob", "carol", "dave", "eve", "frank"];
		for name in people {
			idler(m, name, 20);
		}
		let late = 3 * windows().epoch;
		while System::block_number() < late {
			next_block(Weight::zero());
		}
		assert_eq!(Census::<Runtime>::get(), Phase::Waiting { since: 0 });
		// Less than a page of one has room for: still nothing.
		let too_little = room_for_one() - Weight::from_parts(1, 0);
		let too_little = too_little.min(<() as WeightInfo>::count(1));
		Disclosure::on_idle(System::block_number(), too_little);
		assert_eq!(Census::<Runtime>::get(), Phase::Waiting { since: 0 });
		let since = System::block_number();
		for provider in 1..=people.len() as u32 {
			step();
			next_block(Weight::zero());
			let Phase::Counting { since: at, tally, .. } = Census::<Runtime>::get() else {
				panic!("{:?}", Census::<Runtime>::get());
			};
			assert_eq!((at, tally.providers), (since, provider));
		}
		step();
		for judged in 1..=people.len() as u32 {
			step();
			next_block(Weight::zero());
			let Phase::Judging { groups, .. } = Census::<Runtime>::get() else {
				panic!("{:?}", Census::<Runtime>::get());
			};
			assert_eq!(groups, judged);
		}
		assert_eq!(LastCount::<Runtime>::get(), Count::default());
		step();
		let tally = Tally { providers: 5, mac_per_second: 100 };
		assert_eq!(LastCount::<Runtime>::get(), Count { since, groups: 5, tally });
		assert_eq!(Census::<Runtime>::get(), Phase::Waiting { since });
	});
}

#[test]
fn whoever_comes_goes_or_moves_during_a_count_is_counted_at_most_once() {
	Story::tell(|m| {
		let people = ["bob", "carol", "dave", "eve", "frank"];
		for (place, name) in people.iter().enumerate() {
			idler(m, name, 1 << place);
		}
		while System::block_number() < windows().epoch {
			next_block(Weight::zero());
		}
		step();
		step();
		let has_been = |name: &&&str| Records::<Runtime>::contains_key(account(name));
		let (seen, unseen): (Vec<&str>, Vec<&str>) = people.iter().partition(has_been);
		assert_eq!((seen.len(), unseen.len()), (2, 3));
		// One that was counted leaves and comes back, the other moves; one that was not leaves, another moves.
		assert_ok!(Providers::deregister(by(&account(seen[0]))));
		idler(m, seen[0], 1_000);
		set_group(seen[1], unseen[1]);
		assert_ok!(Providers::deregister(by(&account(unseen[0]))));
		set_group(unseen[2], seen[0]);
		check_invariants();
		while LastCount::<Runtime>::get() == Count::default() {
			step();
		}
		let worth = |name: &str| 1 << people.iter().position(|other| *other == name).unwrap();
		let of = |names: &[&str]| names.iter().map(|name| worth(name)).sum::<u64>();
		let mac = |name: &str| Disclosure::group(account(name)).map_or(0, |g| g.mac_per_second);
		assert_eq!(mac(seen[0]), of(&[seen[0], unseen[2]]), "as it was when it was counted");
		assert_eq!(mac(seen[1]), of(&[seen[1]]));
		assert_eq!(mac(unseen[1]), of(&[unseen[1]]));
		assert_eq!(mac(unseen[0]) + mac(unseen[2]), 0);
		assert_eq!(LastCount::<Runtime>::get().tally.providers, 4);
		// The next count finds everyone where they are.
		counted();
		assert_eq!(mac(seen[0]), 1_000 + of(&[unseen[2]]));
		assert_eq!(mac(unseen[1]), of(&[seen[1], unseen[1]]));
		assert_eq!(mac(seen[1]), 0);
	});
}

#[test]
fn absurd_claims_break_nothing() {
	Story::tell(|m| {
		for name in ["bob", "carol", "dave"] {
			idler(m, name, u64::MAX);
			set_group(name, "bob");
		}
		idler(m, "eve", 1);
		let count = counted();
		assert_eq!(count.tally.mac_per_second, 3 * u128::from(u64::MAX) + 1);
		assert_eq!((group("bob").mac_per_second, group("eve").mac_per_second), (u64::MAX, 1));
		assert_eq!(group("eve").share, Perbill::zero());
		due("bob");
	});
}

#[test]
fn what_nobody_stands_for_changes_no_share() {
	Story::tell(|m| {
		idler(m, "bob", 3);
		idler(m, "carol", 97);
		puppet(m, "dave", u64::MAX);
		let count = counted();
		assert_eq!(count.tally, Tally { providers: 3, mac_per_second: 100 });
		assert_eq!((group("bob").share, group("carol").share), (percent(300), percent(9_700)));
		let dave = group("dave");
		assert_eq!((dave.providers, dave.mac_per_second), (1, 0));
		assert_eq!((dave.share, dave.duty), (Perbill::zero(), Duty::None));
		// With stake it counts; and no longer once all of that unbonds, or is about to be forfeited.
		claims("dave", 100);
		assert_ok!(Stake::bond(by(&account("dave")), Role::Provider, BOND));
		assert_eq!(counted().tally.mac_per_second, 200);
		assert_eq!((group("dave").share, group("bob").share), (percent(5_000), percent(150)));
		assert_ok!(Stake::unbond(by(&account("dave")), Role::Provider, BOND));
		assert_eq!(counted().tally.mac_per_second, 100);
		assert_eq!(group("bob").share, percent(300));
		assert_ok!(report("carol", &["carol"]));
		assert_eq!(counted().tally.mac_per_second, 3);
	});
}

/// Lets bob claim so many of 100 until it has to disclose, or no longer has to.
fn swing(mac_per_second: u64, big: bool) {
	claims("bob", mac_per_second);
	claims("carol", 100 - mac_per_second);
	for _ in 0..20 {
		counted();
		if (group("bob").duty != Duty::None) == big {
			return;
		}
	}
	panic!("{:?}", group("bob"));
}

#[test]
fn hovering_about_the_threshold_buys_no_time() {
	Story::tell(|m| {
		idler(m, "bob", 3);
		idler(m, "carol", 97);
		swing(3, true);
		let by_height = due("bob");
		swing(0, false);
		assert!(System::block_number() < by_height, "there is time left");
		assert!(Disclosure::standing(&account("bob")).in_order);
		swing(3, true);
		pass_to(by_height + 1);
		assert_eq!(Disclosure::duty(account("bob")), Duty::Overdue);
		// Nor does what is filed and taken back while it is small.
		swing(0, false);
		assert!(Disclosure::standing(&account("bob")).in_order, "the small owe nothing");
		assert_ok!(file("bob"));
		assert_ok!(Disclosure::withdraw_filing(by(&account("bob"))));
		swing(3, true);
		assert_eq!(Disclosure::duty(account("bob")), Duty::Overdue);
		// Whoever has met the duty begins anew.
		assert_ok!(file("bob"));
		swing(0, false);
		assert_ok!(Disclosure::withdraw_filing(by(&account("bob"))));
		swing(3, true);
		assert!(due("bob") > System::block_number());
	});
}

#[test]
fn windows_are_governed_and_never_empty() {
	Story::tell(|m| {
		idler(m, "carol", 100);
		let root = RuntimeOrigin::root;
		let new = Windows { epoch: 3, filing: 7 };
		assert_noop!(Disclosure::set_windows(by(&account("carol")), new), BadOrigin);
		for bad in [Windows { epoch: 0, ..new }, Windows { filing: 0, ..new }] {
			assert_noop!(Disclosure::set_windows(root(), bad), Error::<Runtime>::BadWindows);
		}
		assert_ok!(Disclosure::set_windows(root(), new));
		assert_eq!(counted().since, 3);
		assert!(due("carol") <= System::block_number() + 7);
		// Who owes already has the time that it was given.
		let by_height = due("carol");
		assert_ok!(Disclosure::set_windows(root(), Windows { filing: 1_000, ..new }));
		counted();
		assert_eq!(due("carol"), by_height);
	});
}
