// SPDX-License-Identifier: Apache-2.0
//! Whoever comes in parts never gets a planck more than as a whole.

use crate::{
	cases,
	epochs::{class, magnitudes, rates},
	ground::*,
};
use calor_mock::*;
use calor_primitives::{
	job::HardwareClass,
	money::{cost_of_credits, Payment, Price, UNIT},
	supply::Reward,
	AccountId, Balance,
};
use frame_support::assert_ok;
use proptest::{collection::vec, prelude::*};

/// A machine with what it did: class, capacity, burns.
#[derive(Clone, Debug)]
struct Machine {
	class: HardwareClass,
	mac: u64,
	burn: Balance,
}

/// Some accounts of one group, or of a group each.
#[derive(Clone, Debug)]
struct Party {
	machines: Vec<Machine>,
	attested: bool,
	together: bool,
}

const ONE_MACHINE: u64 = 4_000_000_000_000_000;

fn machine() -> impl Strategy<Value = Machine> {
	let burn = prop_oneof![Just(0), magnitudes(1_000_000_000_000_000)];
	let mac = prop_oneof![1..1_000u64, 1..=ONE_MACHINE];
	(class(), mac, burn).prop_map(|(class, mac, burn)| Machine { class, mac, burn })
}

fn party(machines: impl Into<proptest::collection::SizeRange>) -> impl Strategy<Value = Party> {
	(vec(machine(), machines), any::<bool>()).prop_map(|(machines, attested)| Party {
		machines,
		attested,
		together: true,
	})
}

/// Seats a party on accounts from `from` on, and gives the accounts.
fn enter(party: &Party, from: u32) -> Vec<AccountId> {
	let accounts: Vec<_> = (0..party.machines.len() as u32).map(|n| owner(from + n)).collect();
	for (who, machine) in accounts.iter().zip(&party.machines) {
		fund(who, UNIT);
		seat(who, machine.class, machine.mac, REWARD_EPOCH);
		work(who, machine.burn);
	}
	if party.together {
		set_group_of(&accounts, party.attested);
	}
	accounts
}

/// What the parties named last get of an epoch that they share with the others.
fn played(others: &[Party], rates: (u128, u128), parties: &[Party]) -> Reward {
	on_new_chain(|| {
		set_rates(rates.0, rates.1);
		for (n, other) in others.iter().enumerate() {
			enter(other, 1_000 * (n as u32 + 1));
		}
		let mut from = 100_000;
		let mut accounts = Vec::new();
		for party in parties {
			accounts.extend(enter(party, from));
			from += 1_000;
		}
		let closing = epoch();
		let report = finish_epoch();
		let all = sum(rewards_of(closing).into_iter().map(|(_, reward)| reward));
		assert_eq!(all.availability, report.drawn.simple + report.drawn.baseline);
		assert_eq!(all.work, report.recycled);
		sum(accounts.iter().map(|who| reward_of(who, closing)))
	})
}

/// Cuts a machine at given points into parts that add up to it.
fn parts(machine: &Machine, cuts: &[(u64, u128)]) -> Vec<Machine> {
	let (mut macs, mut burns): (Vec<_>, Vec<_>) =
		cuts.iter().map(|(mac, burn)| (mac % (machine.mac + 1), burn % (machine.burn + 1))).unzip();
	macs.extend([0, machine.mac]);
	burns.extend([0, machine.burn]);
	macs.sort_unstable();
	burns.sort_unstable();
	macs.windows(2)
		.zip(burns.windows(2))
		.map(|(macs, burns)| Machine {
			class: machine.class,
			mac: macs[1] - macs[0],
			burn: burns[1] - burns[0],
		})
		.collect()
}

fn assert_no_gain(whole: Reward, split: Reward) {
	assert!(split.availability <= whole.availability, "{split:?} of {whole:?}");
	assert!(split.work <= whole.work, "{split:?} of {whole:?}");
}

fn single(machines: Vec<Machine>, attested: bool) -> Party {
	Party { machines, attested, together: true }
}

fn strangers(machines: Vec<Machine>) -> Party {
	Party { machines, attested: false, together: false }
}

proptest! {
	#![proptest_config(cases())]

	/// The same group, more accounts: exactly the same.
	#[test]
	fn a_provider_in_parts_of_one_group_gets_the_same(
		others in vec(party(1..4), 0..5),
		whole in machine(),
		cuts in vec((any::<u64>(), any::<u128>()), 1..6),
		attested: bool,
		rates in rates(),
	) {
		let one = played(&others, rates, &[single(vec![whole.clone()], attested)]);
		let many = played(&others, rates, &[single(parts(&whole, &cuts), attested)]);
		prop_assert_eq!(one, many);
	}

	/// Accounts that nobody connects.
	#[test]
	fn an_account_in_unattested_parts_gains_nothing(
		others in vec(party(1..4), 0..5),
		whole in machine(),
		cuts in vec((any::<u64>(), any::<u128>()), 1..6),
		attested: bool,
		rates in rates(),
	) {
		let one = played(&others, rates, &[single(vec![whole.clone()], attested)]);
		let many = played(&others, rates, &[strangers(parts(&whole, &cuts))]);
		assert_no_gain(one, many);
	}

	/// An attestation over several machines of several classes lets some of them, or parts of them, go.
	#[test]
	fn a_group_that_lets_members_go_gains_nothing(
		others in vec(party(1..4), 0..5),
		members in vec(machine(), 1..6),
		leaves in vec(any::<bool>(), 6),
		cut in (any::<u64>(), any::<u128>()),
		rates in rates(),
	) {
		let whole = played(&others, rates, &[single(members.clone(), true)]);
		let (mut stay, mut go) = (Vec::new(), Vec::new());
		for (member, leaves) in members.iter().zip(&leaves) {
			let mut halves = parts(member, &[cut]).into_iter();
			match leaves {
				true => go.extend(halves),
				false => {
					stay.extend(halves.next());
					go.extend(halves);
				},
			}
		}
		let split = played(&others, rates, &[single(stay, true), strangers(go)]);
		assert_no_gain(whole, split);
	}

	/// Where nothing stands at its edge, where everything does: capacities and burns that are the same for all, so that
	/// every rounding is at work at once.
	#[test]
	fn small_equal_parts_gain_nothing(
		n in 2..12usize,
		mac in 1..50u64,
		burn in 0..400u128,
		crowd in 1..30usize,
		attested: bool,
		cal in 1..10_000_000_000_000_000u128,
	) {
		let class = HardwareClass::General;
		let others = vec![strangers(vec![Machine { class, mac: mac * 3, burn: burn * 2 }; crowd])];
		let whole = Machine { class, mac: mac * n as u64, burn: burn * n as u128 };
		let rates = (cal, pallet_market::types::MAX_PRICE);
		let one = played(&others, rates, &[single(vec![whole], attested)]);
		let many = played(&others, rates, &[strangers(vec![Machine { class, mac, burn }; n])]);
		assert_no_gain(one, many);
	}

	/// Credits bought in parts cost at least as much and give at most as much.
	#[test]
	fn a_purchase_in_parts_gives_no_credit_more(
		amounts in vec(UNIT..1_000 * UNIT, 1..20),
	) {
		let whole: Balance = amounts.iter().sum();
		let bought = |amounts: &[Balance]| on_new_chain(|| {
			let alice = account("alice");
			fund(&alice, whole);
			let before = wealth("alice");
			for amount in amounts {
				assert_ok!(BurnMint::buy_credits(by(&alice), *amount));
			}
			(credits("alice"), before - wealth("alice"))
		});
		let (one, many) = (bought(&[whole]), bought(&amounts));
		prop_assert!(many.0 <= one.0 && many.1 >= one.1, "{:?} of {:?}", many, one);
	}

	/// What is missing for jobs is bought for at least as much in parts, and never for less than what is bought ahead.
	#[test]
	fn spending_in_parts_costs_no_planck_less(amounts in vec(1..10 * UNIT, 1..30)) {
		let whole: Balance = amounts.iter().sum();
		let cost = |credits: Balance| cost_of_credits(credits).expect("little enough");
		let parts: Balance = amounts.iter().map(|amount| cost(*amount)).sum();
		prop_assert!(parts >= cost(whole));
		let burn = |cost: Balance| cost - cost * 95 / 100;
		for amount in amounts.iter().chain([&whole]) {
			// The least that leaves so many credits: a planck less does not.
			let paid = cost(*amount);
			prop_assert!(paid - burn(paid) >= *amount);
			prop_assert!(paid - 1 - burn(paid - 1) < *amount);
		}
	}

	/// A price settled in parts pays the provider no planck more, and burns no planck less.
	#[test]
	fn a_settlement_in_parts_pays_no_planck_more(
		prices in vec((1..1_000 * UNIT, 0..500 * UNIT), 1..12),
		class in class(),
	) {
		let price: Balance = prices.iter().map(|(price, _)| price).sum();
		let withheld: Balance = prices.iter().map(|(price, withheld)| withheld.min(price)).sum();
		let whole = Payment::of(Price { price, withheld }, 0, class);
		let parts = prices.iter().map(|(price, withheld)| {
			Payment::of(Price { price: *price, withheld: *withheld }, 0, class)
		});
		let (paid, burned) = parts.fold((0, 0), |(paid, burned), part| {
			(paid + part.paid, burned + part.burned)
		});
		prop_assert!(burned >= whole.burned);
		// What is withheld is at most what the burn leaves, in each part.
		let capped = prices.iter().any(|(price, withheld)| {
			*withheld > Payment::of(Price { price: *price, withheld: 0 }, 0, class).paid
		});
		prop_assert!(capped || paid <= whole.paid);
	}

	/// A price that is reduced in two steps, or divided in parts, withholds no planck less than as a whole.
	#[test]
	fn a_reduced_price_withholds_its_part(
		price in 1..1_000_000 * UNIT,
		withheld in any::<u128>(),
		part in any::<u128>(),
	) {
		let whole = Price { price, withheld: withheld % (price + 1) };
		let part = part % (price + 1);
		let (one, other) = (whole.reduced_to(part), whole.reduced_to(price - part));
		prop_assert!(one.withheld + other.withheld >= whole.withheld);
		prop_assert!(one.withheld <= part && other.withheld <= price - part);
		prop_assert_eq!(whole.reduced_to(price), whole);
	}
}

/// Blocks written under many names earn no planck more.
#[test]
fn an_author_under_many_names_gains_nothing() {
	let played = |names: u32, blocks: u32| {
		on_new_chain(|| {
			for n in 0..7 {
				author_is(owner(5_000 + n));
			}
			for n in 0..blocks {
				author_is(owner(n % names));
			}
			let closing = epoch();
			let report = finish_epoch();
			let all = sum(rewards_of(closing).into_iter().map(|(_, reward)| reward));
			assert_eq!(all.availability, report.validators + report.treasury);
			sum((0..names).map(|n| reward_of(&owner(n), closing))).availability
		})
	};
	for blocks in [1, 6, 12] {
		let one = played(1, blocks);
		for names in [2, 3, 6] {
			assert!(played(names, blocks) <= one);
		}
	}
}
