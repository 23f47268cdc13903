// SPDX-License-Identifier: Apache-2.0
//! Random sequences of everything that money can meet: demand, prices, stakes, claims, slashes, jumps of the clock and of
//! the height, windows that change in the middle of a close, and amounts of nothing and of everything.
//!
//! After every step and every block the invariants hold, and a ledger that is kept from events alone knows which epoch was
//! closed and which reward was paid.

use crate::{
	cases,
	epochs::{class, magnitudes},
	ground::*,
};
use calor_mock::*;
use calor_primitives::{
	fault::Fault,
	job::HardwareClass,
	market::FeedValues,
	money::{BurnKind, MintKind, Price, CAP, UNIT},
	supply::{EpochReport, Reward},
	traits::{BurnLedger, Credits, Unclaimed},
	AccountId, Balance, BlockNumber, EpochIndex, H256,
};
use frame_support::{assert_ok, traits::fungible::hold::Mutate, weights::Weight};
use pallet_burn_mint::{kappa, Burned, Minted, VoidTo, Windows, CLAIM_EPOCHS};
use pallet_stake::Role;
use proptest::{collection::vec, option, prelude::*};
use std::collections::BTreeMap;

/// Who plays.
const PEOPLE: u32 = 8;

fn person(n: u32) -> AccountId {
	owner(n % PEOPLE)
}

#[derive(Clone, Debug)]
enum Step {
	/// A machine, with what is proven and how long it was there.
	Seat {
		who: u32,
		class: HardwareClass,
		mac: u64,
		attended: BlockNumber,
	},
	Leave(u32),
	/// Client, provider, price, withheld, levy.
	Settle(u32, u32, Balance, Balance, Balance, HardwareClass),
	Buy(u32, Balance),
	Refund(u32, Option<Balance>),
	Author(u32),
	Claim(u32),
	ClaimFor(u32, Vec<(u32, u32)>),
	Forfeit(u32),
	Slash(u32, Balance),
	Feed(u128, u128),
	Rates(u128, u128),
	Clock(u64),
	Windows(BlockNumber, BlockNumber),
	Narrow(u32),
	Group(Vec<u32>, bool),
	Ungroup,
	Blocks(u32, bool),
	Jump(BlockNumber),
	Epochs(u32),
	Fee(u32, Balance),
}

fn amount() -> impl Strategy<Value = Balance> {
	prop_oneof![Just(0), Just(1), 0..UNIT, magnitudes(1_000 * UNIT), magnitudes(CAP)]
}

fn step() -> impl Strategy<Value = Step> {
	let who = || 0..PEOPLE;
	let price = || {
		let far = magnitudes(pallet_market::types::MAX_PRICE);
		prop_oneof![Just(0), Just(1), Just(CAL_USD), far, Just(u128::MAX)]
	};
	let mac = prop_oneof![
		Just(0),
		Just(u64::MAX),
		1..4_000_000_000_000_000u64,
		1_000_000_000_000_000..4_000_000_000_000_000u64,
	];
	let attended = prop_oneof![Just(0), 0..100u32, Just(u32::MAX)];
	prop_oneof![
		6 => (who(), class(), mac, attended)
			.prop_map(|(who, class, mac, attended)| Step::Seat { who, class, mac, attended }),
		1 => who().prop_map(Step::Leave),
		8 => ((who(), who()), (amount(), amount(), amount()), class())
			.prop_map(|((a, b), (p, w, l), class)| Step::Settle(a, b, p, w, l, class)),
		2 => (who(), amount()).prop_map(|(who, amount)| Step::Buy(who, amount)),
		1 => (who(), option::of(amount())).prop_map(|(who, amount)| Step::Refund(who, amount)),
		3 => who().prop_map(Step::Author),
		3 => who().prop_map(Step::Claim),
		3 => (who(), vec((who(), 0..5u32), 0..20)).prop_map(|(a, b)| Step::ClaimFor(a, b)),
		1 => who().prop_map(Step::Forfeit),
		1 => (who(), amount()).prop_map(|(who, amount)| Step::Slash(who, amount)),
		2 => (price(), price()).prop_map(|(cal, kwh)| Step::Feed(cal, kwh)),
		1 => (price(), price()).prop_map(|(cal, kwh)| Step::Rates(cal.max(1), kwh.max(1))),
		1 => prop_oneof![0..1_000_000u64, Just(31_557_600_000)].prop_map(Step::Clock),
		1 => (prop_oneof![1..40u32, Just(u32::MAX)], prop_oneof![1..40u32, Just(u32::MAX)])
			.prop_map(|(epoch, refund)| Step::Windows(epoch, refund)),
		1 => (1..40u32).prop_map(Step::Narrow),
		1 => (vec(who(), 1..4), any::<bool>()).prop_map(|(who, yes)| Step::Group(who, yes)),
		1 => Just(Step::Ungroup),
		8 => (1..30u32, any::<bool>()).prop_map(|(blocks, idle)| Step::Blocks(blocks, idle)),
		1 => prop_oneof![1..10_000u32, Just(15_778_800)].prop_map(Step::Jump),
		1 => (1..100u32).prop_map(Step::Epochs),
		1 => (who(), amount()).prop_map(|(who, amount)| Step::Fee(who, amount)),
	]
}

/// What events tell.
#[derive(Default)]
struct Ledger {
	closed: BTreeMap<EpochIndex, EpochReport>,
	expired: BTreeMap<EpochIndex, (Balance, Balance)>,
	claimed: BTreeMap<(EpochIndex, AccountId), Reward>,
	void: BTreeMap<AccountId, EpochIndex>,
	minted: Balance,
}

impl Ledger {
	/// Reads what happened, at the epoch that was under way.
	fn read(&mut self) {
		for record in System::events() {
			let RuntimeEvent::BurnMint(event) = record.event else { continue };
			match event {
				pallet_burn_mint::Event::EpochClosed { epoch, report } => {
					assert!(self.closed.insert(epoch, report).is_none(), "closed twice");
					let next = self.closed.keys().next_back().expect("just closed");
					assert_eq!(*next, epoch, "closed out of order");
					assert!(report.recycled <= kappa::MOST.mul_floor(report.work_burned));
				},
				pallet_burn_mint::Event::EpochExpired { epoch, returned, lapsed } => {
					let back = returned.simple + returned.baseline;
					assert!(self.expired.insert(epoch, (back, lapsed)).is_none(), "expired twice");
					assert_eq!(epoch + CLAIM_EPOCHS + 1, calor_mock::epoch(), "expired too early");
					let claimed = self.claimed_of(epoch);
					let report = self.closed[&epoch];
					let drawn = report.drawn.simple + report.drawn.baseline;
					assert_eq!(claimed.availability + back, drawn, "what is not claimed returns");
					assert_eq!(claimed.work + lapsed, report.recycled, "or lapses");
					assert!(returned.simple <= report.drawn.simple);
					assert!(returned.baseline <= report.drawn.baseline);
				},
				pallet_burn_mint::Event::Claimed { who, epoch, reward } => {
					assert!(self.closed.contains_key(&epoch), "paid before it was closed");
					assert!(!self.expired.contains_key(&epoch), "paid after it expired");
					assert!(
						self.void.get(&who).is_none_or(|void| *void < epoch),
						"paid though lost"
					);
					let twice = self.claimed.insert((epoch, who), reward);
					assert!(twice.is_none(), "paid twice");
				},
				pallet_burn_mint::Event::Minted { amount, .. } => self.minted += amount,
				pallet_burn_mint::Event::RewardsForfeited { who, to } => {
					self.void.insert(who, to);
				},
				_ => {},
			}
		}
		System::reset_events();
	}

	fn claimed_of(&self, epoch: EpochIndex) -> Reward {
		sum(self
			.claimed
			.range((epoch, AccountId::new([0; 32]))..)
			.map_while(|((of, _), reward)| (*of == epoch).then_some(*reward)))
	}

	fn compare(&self) {
		let claimed = sum(self.claimed.values().copied());
		assert_eq!(claimed.availability, Minted::<Runtime>::get(MintKind::Availability));
		assert_eq!(claimed.work, Minted::<Runtime>::get(MintKind::Work));
		assert_eq!(claimed.availability + claimed.work, self.minted);
		let most = kappa::MOST.mul_floor(Burned::<Runtime>::get(BurnKind::Settlement));
		assert!(claimed.work <= most);
		for (who, epoch) in VoidTo::<Runtime>::iter() {
			assert_eq!(self.void.get(&who), Some(&epoch));
		}
	}
}

/// The client pays from credits, as jobs do.
fn settle_by(
	client: &AccountId,
	to: &AccountId,
	price: Price,
	levy: Balance,
	class: HardwareClass,
) {
	let Some(all) = price.price.checked_add(levy) else { return };
	let _ = frame_support::storage::with_storage_layer(|| {
		<BurnMint as Credits>::spend(client, all)?;
		let reason = RuntimeHoldReason::from(pallet_jobs::HoldReason::Escrow);
		Balances::hold(&reason, client, all)?;
		use calor_primitives::traits::Settlement;
		BurnMint::settle(&reason, client, to, price, levy, class).map(|_| ())
	});
}

fn play_blocks(ledger: &mut Ledger, heights: impl Iterator<Item = BlockNumber>, idle: bool) {
	for height in heights {
		let before = epoch();
		go_on(height, if idle { Weight::MAX } else { Weight::zero() });
		assert!(epoch() - before <= 1, "one epoch a block at most");
		ledger.read();
		money_holds();
	}
}

fn perform(step: Step, ledger: &mut Ledger) {
	let now = System::block_number();
	let root = RuntimeOrigin::root();
	match step {
		Step::Seat { who, class, mac, attended } => seat(&person(who), class, mac, attended),
		Step::Leave(who) => pallet_providers::Providers::<Runtime>::remove(person(who)),
		Step::Settle(client, to, price, withheld, levy, class) => {
			settle_by(&person(client), &person(to), Price { price, withheld }, levy, class);
		},
		Step::Buy(who, amount) => {
			let _ = BurnMint::buy_credits(by(&person(who)), amount);
		},
		Step::Refund(who, amount) => {
			let _ = BurnMint::refund_credits(by(&person(who)), amount);
		},
		Step::Author(who) => author_is(person(who)),
		Step::Claim(who) => {
			let due: Balance =
				BurnMint::purse(person(who)).rewards.iter().map(|r| r.2.total()).sum();
			let claimed = BurnMint::claim(by(&person(who))).is_ok();
			assert_eq!(claimed, due > 0, "everybody exists");
		},
		Step::ClaimFor(who, items) => {
			let latest = epoch();
			let items: Vec<_> = items
				.into_iter()
				.map(|(who, back)| (person(who), latest.saturating_sub(back)))
				.collect();
			let items = items.try_into().expect("few");
			let _ = BurnMint::claim_for(by(&person(who)), items);
		},
		Step::Forfeit(who) => <BurnMint as Unclaimed>::forfeit(&person(who)),
		Step::Slash(who, amount) => {
			let (who, evidence) = (owner(50 + who), H256::repeat_byte(2));
			if (100 * UNIT..10_000 * UNIT).contains(&amount) {
				fund(&who, amount + UNIT);
				if Stake::bond(by(&who), Role::Provider, amount).is_ok() {
					let fault = Fault::ForgedCapacity;
					assert_ok!(Stake::do_forfeit(Role::Provider, &who, fault, None, evidence));
				}
			}
		},
		Step::Feed(cal, kwh) => {
			let _ = Market::feed(by(&account(FEEDER)), FeedValues { cal, kwh });
		},
		Step::Rates(cal, kwh) => {
			let most = pallet_market::types::MAX_PRICE;
			set_rates(cal.min(most), kwh.min(most));
		},
		Step::Clock(jump) => jump_clock(jump),
		Step::Windows(epoch, refund_after) => {
			assert_ok!(BurnMint::set_windows(root, Windows { epoch, refund_after }));
		},
		Step::Narrow(entries) => narrow_close(entries),
		Step::Group(members, attested) => {
			let members: Vec<_> = members.into_iter().map(person).collect();
			set_group_of(&members, attested);
		},
		Step::Ungroup => {
			GroupHeads::set(&Vec::new());
			Attested::set(&Vec::new());
		},
		Step::Blocks(blocks, idle) => play_blocks(ledger, now + 1..=now + blocks, idle),
		Step::Jump(blocks) => {
			play_blocks(ledger, std::iter::once(now.saturating_add(blocks)), true)
		},
		Step::Epochs(count) => {
			let length = pallet_burn_mint::CurrentWindows::<Runtime>::get().epoch;
			if length < 1_000 {
				let heights = (1..=count).map(|n| now.saturating_add(n * length));
				play_blocks(ledger, heights, true);
			}
		},
		Step::Fee(who, amount) => {
			if BurnMint::burn_free(&person(who), amount, BurnKind::Fee).is_err() {
				assert!(amount > 0);
			}
		},
	}
	ledger.read();
	money_holds();
	ledger.compare();
}

fn play(steps: Vec<Step>) -> Ledger {
	on_new_chain(|| {
		for n in 0..PEOPLE {
			fund(&owner(n), 100_000 * UNIT);
		}
		assert_ok!(Market::set_parameters(RuntimeOrigin::root(), market_rules()));
		let mut ledger = Ledger::default();
		let past = BurnMint::epoch_report(0).expect("the ground begins after an epoch");
		ledger.closed.insert(0, past);
		System::reset_events();
		for step in steps {
			// The last heights are not reached, so that windows can be told from each other.
			if System::block_number() < u32::MAX / 2 {
				perform(step, &mut ledger);
			}
		}
		// All comes to an end: every close finishes, and all that can be claimed is paid.
		assert_ok!(BurnMint::set_windows(
			RuntimeOrigin::root(),
			Windows { epoch: 1_000_000, refund_after: 1 }
		));
		let mut left = 10_000;
		while is_closing() && left > 0 {
			let next = System::block_number() + 1;
			play_blocks(&mut ledger, std::iter::once(next), true);
			left -= 1;
		}
		assert!(!is_closing(), "a close never ends");
		for n in 0..PEOPLE {
			perform(Step::Claim(n), &mut ledger);
			assert!(BurnMint::purse(owner(n)).rewards.is_empty());
		}
		ledger
	})
}

proptest! {
	#![proptest_config(cases())]

	#[test]
	fn money_adds_up_whatever_happens(steps in vec(step(), 1..40)) {
		play(steps);
	}
}

/// The sequences go deep enough to mean something.
#[test]
fn sequences_reach_what_they_are_for() {
	use proptest::{
		strategy::ValueTree,
		test_runner::{RngAlgorithm, TestRng, TestRunner},
	};
	let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
	let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
	let (mut closed, mut expired, mut claimed, mut worked, mut limited) = (0, 0, 0, 0, 0);
	for _ in 0..30 {
		let steps = vec(step(), 60).new_tree(&mut runner).expect("nothing is filtered").current();
		let ledger = play(steps);
		closed += ledger.closed.len();
		expired += ledger.expired.len();
		claimed += ledger.claimed.len();
		worked += ledger.claimed.values().filter(|reward| reward.work > 0).count();
		limited += ledger.closed.values().filter(|report| report.providers > 0).count();
	}
	println!("{closed} closed, {expired} expired, {claimed} claimed, {worked} for work, {limited} paid for capacity");
	assert!(closed > 500 && expired > 100 && claimed > 100 && worked > 20 && limited > 20);
}
