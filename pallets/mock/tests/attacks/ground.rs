// SPDX-License-Identifier: Apache-2.0
//! A chain on which only money matters: providers, work and authors are put where the pallets would have put them, so
//! that any amounts can be tried, and the invariants of money hold after every block.

use calor_mock::*;
use calor_primitives::{
	job::HardwareClass,
	market::FeedValues,
	money::{Payment, Price, UNIT},
	provider::{Availability, Capacity, Presence, ProviderRecord},
	supply::{EpochReport, Reward},
	traits::{Invariants, Settlement},
	AccountId, Balance, BlockNumber, EpochIndex,
};
use frame_support::{
	assert_ok,
	traits::{fungible::hold::Mutate, Hooks, OnInitialize},
	weights::Weight,
};
use pallet_burn_mint::Rewards;
use pallet_market::{types::RatesRecord, CurrentRates};
use pallet_stake::{Ledgers, Role, StakeLedger};

/// The n-th owner.
pub fn owner(n: u32) -> AccountId {
	AccountId::new(sp_io::hashing::blake2_256(&n.to_le_bytes()))
}

/// Plays on a new chain where no group has to disclose, and every class has a price and uses electricity.
pub fn on_new_chain<R>(play: impl FnOnce() -> R) -> R {
	new_test_ext().execute_with(|| {
		let windows = pallet_disclosure::Windows { epoch: 1_000_000_000, filing: FILING };
		assert_ok!(Disclosure::set_windows(RuntimeOrigin::root(), windows));
		let (root, class) = (RuntimeOrigin::root(), HardwareClass::HighMemory);
		assert_ok!(Market::set_energy(root.clone(), class, 90_000));
		assert_ok!(Market::set_price(root, class, CAL_USD));
		// Rates stay where they are put.
		let rules = pallet_market::Parameters { refresh: u32::MAX, ..market_rules() };
		assert_ok!(Market::set_parameters(RuntimeOrigin::root(), rules));
		// The first epoch starts a block early: begin with one of the usual length.
		finish_epoch();
		money_holds();
		let played = play();
		money_holds();
		played
	})
}

/// The invariants of money hold.
#[track_caller]
pub fn money_holds() {
	assert_eq!(BurnMint::check(), Ok(()));
	assert_eq!(Market::check(), Ok(()));
}

/// What CAL and electricity are worth from now on, whatever the feeds say.
pub fn set_rates(cal: u128, kwh: u128) {
	let values = FeedValues { cal, kwh };
	CurrentRates::<Runtime>::put(RatesRecord { used: values, at_dawn: values });
	// Prices that are below their floors now are lifted with the next word on energy.
	for class in HardwareClass::ALL {
		if let Some(energy) = pallet_market::Energy::<Runtime>::get(class) {
			assert_ok!(Market::set_energy(RuntimeOrigin::root(), class, energy));
		}
	}
}

/// Somebody has proved so much and was there so long, with stake.
pub fn seat(who: &AccountId, class: HardwareClass, proven: u64, attended: BlockNumber) {
	let now = System::block_number();
	let record = ProviderRecord {
		worker: who.clone(),
		endpoint: Default::default(),
		class,
		min_price: 0,
		claimed: Capacity { mac_per_second: proven, memory_mib: 1 },
		proven,
		availability: Availability::Idle,
		place: 0,
		job: None,
		presence: Presence::Free,
		seen: now,
		ready_from: 0,
		offline: 0,
		attended,
		since: 0,
	};
	pallet_providers::Providers::<Runtime>::insert(who, record);
	let ledger = StakeLedger { active: UNIT, ..Default::default() };
	Ledgers::<Runtime>::insert(Role::Provider, who, ledger);
}

/// Gives somebody so much from the reserve.
pub fn fund(who: &AccountId, amount: Balance) {
	assert_ok!(Balances::transfer_allow_death(by(&reserve()), who.clone(), amount));
}

/// The reserve pays somebody for work at that price, without credits: only what follows from settlement is looked at.
pub fn settle(to: &AccountId, price: Price, levy: Balance, class: HardwareClass) -> Payment {
	let reason = RuntimeHoldReason::from(pallet_jobs::HoldReason::Escrow);
	let from = reserve();
	assert_ok!(Balances::hold(&reason, &from, price.price + levy));
	let payment = BurnMint::settle(&reason, &from, to, price, levy, class).expect("held");
	assert_eq!(payment.total(), price.price + levy);
	payment
}

/// Puts so much down as burned by somebody's work, with the settlement that burns it.
pub fn work(to: &AccountId, burn: Balance) {
	if burn > 0 {
		let price = Price { price: burn * 5, withheld: 0 };
		assert_eq!(settle(to, price, 0, HardwareClass::General).burned, burn);
	}
}

/// Ends the block, with that much room on idle, and begins the one at that height, with all of money that is due in it.
pub fn go_on(height: BlockNumber, idle: Weight) {
	<BurnMint as Hooks<_>>::on_idle(System::block_number(), idle);
	System::reset_events();
	System::set_block_number(height);
	<(Market, BurnMint) as OnInitialize<_>>::on_initialize(height);
}

/// The same with room for everything.
pub fn go_to(height: BlockNumber) {
	go_on(height, Weight::MAX);
}

/// One block.
pub fn block() {
	go_to(System::block_number() + 1);
}

/// The first height after the epoch under way.
pub fn epoch_end() -> BlockNumber {
	pallet_burn_mint::CurrentEpoch::<Runtime>::get().began
		+ pallet_burn_mint::CurrentWindows::<Runtime>::get().epoch
}

/// Goes to the end of the epoch at once, and through its close.
pub fn finish_epoch() -> EpochReport {
	let ending = epoch();
	go_to(epoch_end().max(System::block_number() + 1));
	assert_eq!(epoch(), ending + 1);
	while is_closing() {
		block();
	}
	BurnMint::epoch_report(ending).expect("just closed")
}

/// What an account can claim of an epoch, or could if it had not lost it.
pub fn reward_of(who: &AccountId, epoch: EpochIndex) -> Reward {
	Rewards::<Runtime>::get(epoch, who)
}

/// All rewards of an epoch.
pub fn rewards_of(epoch: EpochIndex) -> Vec<(AccountId, Reward)> {
	let mut all: Vec<_> = Rewards::<Runtime>::iter_prefix(epoch).collect();
	all.sort_by(|one, other| one.0.cmp(&other.0));
	all
}

/// Adds up.
pub fn sum(rewards: impl IntoIterator<Item = Reward>) -> Reward {
	rewards.into_iter().fold(Reward::default(), |all, one| Reward {
		availability: all.availability + one.availability,
		work: all.work + one.work,
	})
}

/// Makes accounts one group, and says whether a registrar attested it.
pub fn set_group_of(members: &[AccountId], attested: bool) {
	let Some(head) = members.first() else { return };
	let mut heads = GroupHeads::get();
	heads.extend(members.iter().skip(1).map(|member| (member.clone(), head.clone())));
	GroupHeads::set(&heads);
	if attested {
		let mut all = Attested::get();
		all.push(head.clone());
		Attested::set(&all);
	}
}

/// As little weight for closes as integrity allows, and room for so many more of the dearest entries.
pub fn narrow_close(entries: u32) {
	use pallet_burn_mint::WeightInfo;
	type Weights = <Runtime as pallet_burn_mint::Config>::WeightInfo;
	let begin = Weights::wait().saturating_add(Weights::end_epoch());
	let steps = [
		Weights::count_capacity(entries),
		Weights::count_work(entries),
		Weights::set_terms(),
		Weights::pay_providers(entries),
		Weights::pay_validators(entries),
		Weights::tidy_groups(entries),
		Weights::finish_close(),
	];
	let dearest = steps.into_iter().fold(Weight::zero(), |most, step| most.max(step));
	CloseWeight::set(&begin.saturating_add(dearest));
	<BurnMint as Hooks<BlockNumber>>::integrity_test();
}
