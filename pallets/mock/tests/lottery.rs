// SPDX-License-Identifier: Apache-2.0
//! Rounds of auditors, how often they are drawn, and what that costs the pot.

use calor_mock::*;
use calor_primitives::{
	assurance::{Assurance, AUDIT_FEES},
	job::{HardwareClass, JobState},
	money::UNIT,
	traits::Evidence,
	Balance, BlockNumber, JobId, H256,
};
use frame_support::{assert_noop, assert_ok};
use pallet_verification::{
	types::{PAGE, SEEDS},
	CurrentRound, Error, Event, Seats, Windows,
};
use std::collections::BTreeMap;

type E = Error<Runtime>;

fn by_(name: &str) -> RuntimeOrigin {
	by(&account(name))
}

fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

#[test]
fn auditors_need_stake_and_say_it_once() {
	Story::tell(|m| {
		assert_noop!(Verification::enrol(by_("eve"), true), E::NotProvider);
		assert_ok!(m.register("eve", HardwareClass::General, 0));
		assert_noop!(Verification::enrol(by_("eve"), true), E::NotBonded);
		m.provider("dave");
		assert_noop!(Verification::enrol(by_("dave"), false), E::NothingChanges);
		assert_ok!(Verification::enrol(by_("dave"), true));
		assert_noop!(Verification::enrol(by(&worker("dave")), true), E::NothingChanges);
		assert_eq!(Verification::auditor(account("dave")).unwrap().stake, 0, "from the next round");
		m.next_round();
		let view = Verification::auditor(account("dave")).unwrap();
		assert_eq!((view.stake, view.total), (BOND, BOND));
		assert_eq!(<Verification as Evidence>::auditors(), 1);
		assert_ok!(Verification::enrol(by_("dave"), false));
		assert!(Verification::auditor(account("dave")).is_none());
		m.next_round();
		assert_eq!(CurrentRound::<Runtime>::get().total, 0);
	});
}

#[test]
fn a_round_counts_who_is_there_with_the_stake_of_its_making() {
	Story::tell(|m| {
		m.auditor("dave", BOND);
		m.auditor("eve", 2 * BOND);
		m.next_round();
		assert_eq!(CurrentRound::<Runtime>::get().total, 3 * BOND);
		// Stake that comes or goes counts later, and not of who is away.
		assert_ok!(Stake::bond_more(by_("dave"), pallet_stake::Role::Provider, BOND));
		assert_ok!(Providers::set_ready(by_("eve"), false));
		assert_eq!(Verification::auditor(account("dave")).unwrap().stake, BOND);
		m.next_round();
		assert_eq!(CurrentRound::<Runtime>::get().total, 2 * BOND);
		assert_eq!(Verification::auditor(account("eve")).unwrap().stake, 0);
		assert!(Seats::<Runtime>::contains_key(account("eve")));
		// Who has no stake left has no seat.
		assert_ok!(Stake::unbond(by_("eve"), pallet_stake::Role::Provider, 2 * BOND));
		m.next_round();
		assert!(!Seats::<Runtime>::contains_key(account("eve")));
	});
}

#[test]
fn a_result_of_the_round_before_can_still_be_claimed() {
	Story::tell_long(|m| {
		m.provider("bob");
		m.auditor("eve", BOND);
		m.next_round();
		let work = Work::small();
		let spec = calor_primitives::job::JobSpec { deliver_within: 900, ..work.spec(m) };
		let (job, _) = m.running(spec);
		// At the end of a round, so that claims come in the next one.
		loop {
			m.next_round();
			run_to(System::block_number() + ROSTER - 1);
			let seed = (&b"calor/audit"[..], System::block_number() + 2);
			let seed = H256(codec::Encode::using_encoded(&seed, sp_io::hashing::blake2_256));
			if m.would_draw(&["eve"], &seed, job) == ["eve"] {
				break;
			}
		}
		let round = CurrentRound::<Runtime>::get().number;
		m.commit("bob", job, &roots(&work.right));
		advance(2);
		assert_eq!(CurrentRound::<Runtime>::get().number, round + 1);
		assert_ok!(claim_audit("eve", job));
	});
}

#[test]
fn a_round_of_many_is_made_page_by_page_and_drawn_from_by_stake() {
	Story::tell_long(|m| {
		// More than a page; the last one has as much as all others.
		let many = PAGE + 6;
		for i in 0..many {
			let name = format!("auditor {i}");
			appear(&name);
			m.auditor(&name, 100 * UNIT);
		}
		m.auditor("eve", Balance::from(many) * 100 * UNIT);
		m.provider("bob");
		let before = CurrentRound::<Runtime>::get().number;
		m.next_round();
		let at = System::block_number();
		m.next_round();
		assert_eq!(System::block_number() - at, ROSTER + 1, "two pages take two blocks");
		let round = CurrentRound::<Runtime>::get();
		assert_eq!((round.number, round.auditors, round.pages), (before + 2, many + 1, 2));
		assert_eq!(round.total, 2 * Balance::from(many) * 100 * UNIT);
		let work = Work::small();
		let mut drawn = 0i32;
		let jobs = 60;
		for _ in 0..jobs {
			m.heartbeats();
			let spec =
				calor_primitives::job::JobSpec { assurance: Assurance::Audited, ..work.spec(m) };
			let (job, _) = m.running(spec);
			m.commit("bob", job, &roots(&work.right));
			advance(2);
			let audits = dispute(job).audits;
			assert_eq!(audits.len(), 1);
			drawn += i32::from(audits[0].auditor == account("eve"));
			let name = m.name_of(&audits[0].auditor);
			assert_ok!(audit_commit(&name, job, &roots(&work.right)));
			advance(1);
			assert_ok!(m.reveal("bob", job, &roots(&work.right)));
			assert_ok!(audit_reveal(&name, job, &roots(&work.right)));
		}
		// Binomial(60, 1/2): mean 30, standard deviation 3.9; within four of them.
		assert!((drawn - 30).abs() < 16, "{drawn} of {jobs}");
	});
}

#[test]
fn seeds_of_the_last_heights_are_kept() {
	Story::tell_long(|_| {
		advance(3);
		let now = System::block_number();
		assert!(Verification::seed(now).is_none(), "not known yet");
		let last = Verification::seed(now - 1).expect("known");
		assert_ne!(Some(last), Verification::seed(now - 2));
		System::set_block_number(now + SEEDS - 1);
		end_block(Default::default());
		begin_block();
		assert_eq!(Verification::seed(now - 1), None, "overwritten");
		assert!(pallet_verification::Seeds::<Runtime>::iter().count() <= SEEDS as usize);
	});
}

#[test]
fn windows_must_fit_each_other_and_unbonding() {
	Story::tell(|_| {
		let good = result_windows();
		assert_ok!(Verification::set_windows(root(), good));
		assert!(Verification::set_windows(by_("alice"), good).is_err());
		let longest = good.longest_dispute(COMPUTING);
		assert!(longest < UNBONDING);
		let bad = [
			Windows { reveal: 0, ..good },
			Windows { challenge: 0, ..good },
			Windows { claim: 0, ..good },
			Windows { audit: 0, ..good },
			Windows { answer: 0, ..good },
			Windows { prove: 0, ..good },
			Windows { roster: CLAIM + 2, ..good },
			Windows { claim: SEEDS, roster: SEEDS * 2, ..good },
			Windows { reveal: BlockNumber::MAX, ..good },
			Windows { reveal: good.reveal + UNBONDING - longest, ..good },
		];
		for windows in bad {
			assert_noop!(Verification::set_windows(root(), windows), E::BadWindows);
		}
		let most = Windows { reveal: good.reveal + UNBONDING - longest - 1, ..good };
		assert_ok!(Verification::set_windows(root(), most));
	});
}

/// One job in eight is audited by somebody, whatever the stakes, and the pot pays on average what it gets.
#[test]
fn audits_are_as_frequent_as_promised_and_the_pot_stays_solvent() {
	const JOBS: u32 = 640;
	const AUDITORS: [&str; 4] = ["carol", "dave", "eve", "frank"];
	/// In the pot to begin with: so little that its end would be seen.
	const FUND: Balance = UNIT / 2;
	const FEE: Balance = PRICE + AUDIT_FEES;
	Story::tell_long(|m| {
		m.provider("bob");
		for (name, part) in AUDITORS.into_iter().zip([1, 2, 3, 4]) {
			m.auditor(name, part * 200 * UNIT);
		}
		set_pot(FUND);
		give_credits("alice", 1_000 * UNIT);
		m.next_round();
		let work = Work::small();
		let result = roots(&work.right);
		let mut claims: BTreeMap<&str, u32> = BTreeMap::new();
		let (mut audited, mut claimed) = (0u32, Vec::new());
		let mut open: Vec<JobId> = Vec::new();
		let mut committed = 0;
		let mut lowest = pot();
		while committed < JOBS || !open.is_empty() {
			m.block();
			lowest = lowest.min(pot());
			let now = System::block_number();
			for job in open.clone() {
				match state(job) {
					JobState::Committed { reveal_from, .. } => {
						let at = dispute(job).committed_at;
						if now == at + 2 {
							let seed = Verification::seed(at + 1).expect("known");
							let drawn = m.would_draw(&AUDITORS, &seed, job);
							audited += u32::from(!drawn.is_empty());
							for name in drawn {
								if claim_audit(name, job).is_ok() {
									assert_ok!(audit_commit(name, job, &result));
									*claims.entry(name).or_default() += 1;
									claimed.push((job, name));
								}
							}
						} else if now >= reveal_from {
							assert_ok!(m.reveal("bob", job, &result));
							for (_, name) in claimed.iter().filter(|(of, _)| *of == job) {
								assert_ok!(audit_reveal(name, job, &result));
							}
						}
					},
					JobState::Running { .. } => {
						m.commit("bob", job, &result);
						committed += 1;
					},
					JobState::Assigned { .. } => m.accept("bob", job),
					JobState::Settled { .. } => open.retain(|other| *other != job),
					_ => {},
				}
			}
			let queued =
				open.iter().filter(|job| matches!(state(**job), JobState::Queued { .. })).count();
			if committed < JOBS && queued < 2 {
				open.push(m.submit_spec("alice", work.spec(m)));
			}
			let short = System::events().into_iter().any(|record| {
				matches!(record.event,
					RuntimeEvent::Verification(Event::AuditPaid { paid, .. }) if paid == 0)
			});
			assert!(!short, "the pot was empty");
			System::reset_events();
		}
		// Binomial(640, 1/8): mean 80, standard deviation 8.4; within four of them.
		assert!((46..=114).contains(&audited), "{audited} of {JOBS}");
		// By stake: 1 - (7/8)^(k/10) of 640, for k of 1 to 4: 8.5, 16.9, 25.1, 33.3.
		for (name, k) in AUDITORS.into_iter().zip(1..) {
			let p = 1.0 - 0.875f64.powf(f64::from(k) / 10.0);
			let n = f64::from(committed);
			let (mean, deviation) = (n * p, (n * p * (1.0 - p)).sqrt());
			let drawn = f64::from(claims.get(name).copied().unwrap_or(0));
			assert!((drawn - mean).abs() < 4.0 * deviation, "{name} has drawn {drawn}");
		}
		// Levies came in, a fee went out for each audited result, whoever shared it.
		let levies = LEVY * Balance::from(committed);
		let fees = FEE * Balance::from(audited);
		let rounding = Balance::from(committed);
		assert!(pot().abs_diff(FUND + levies - fees) <= rounding);
		assert!(lowest > FUND / 2, "it never came near its end");
	});
}
