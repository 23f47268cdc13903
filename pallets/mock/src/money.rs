// SPDX-License-Identifier: Apache-2.0
//! Money in stories: credits, feeds, proven capacity, authors, epochs and claims.

use crate::{genesis::*, runtime::*, story::*};
use calor_primitives::{
	market::FeedValues,
	money::{cost_of_credits, UNIT},
	supply::{EpochReport, Reward},
	traits::Proving,
	AccountId, Balance, EpochIndex,
};
use frame_support::{assert_ok, dispatch::DispatchResult};
use pallet_authorship::EventHandler;

/// Who begins a story with credits, so that submitting jobs burns nothing but the fee: whoever is not bob or grace.
pub const CLIENTS: [&str; 5] = ["alice", "carol", "dave", "eve", "frank"];
/// How many credits they have, of the [`FUNDS`] that everyone has in all.
pub const CREDITS: Balance = 1_000 * UNIT;

/// What buying so many credits burns.
pub fn purchase_burn(credits: Balance) -> Balance {
	cost_of_credits(credits).expect("little enough") - credits
}

/// Credits of somebody.
pub fn credits(name: &str) -> Balance {
	let purse = BurnMint::purse(account(name));
	purse.credits.iter().map(|chunk| chunk.amount).sum()
}

/// Somebody buys credits, so that there are so many more.
pub fn buy_credits(name: &str, credits: Balance) {
	let cost = cost_of_credits(credits).expect("little enough");
	assert_ok!(BurnMint::buy_credits(by(&account(name)), cost));
}

/// As [`buy_credits`], but what that burns is given, so that somebody is as rich as before.
pub fn give_credits(name: &str, credits: Balance) {
	let burn = purchase_burn(credits);
	assert_ok!(Balances::transfer_allow_death(by(&reserve()), account(name), burn));
	buy_credits(name, credits);
}

/// Makes someone appear with money who was not there at the beginning.
pub fn appear(name: &str) {
	assert_ok!(Balances::transfer_allow_death(by(&reserve()), account(name), FUNDS));
}

/// The feeder says what CAL and electricity are worth.
pub fn feed(values: FeedValues) {
	assert_ok!(Market::feed(by(&account(FEEDER)), values).map_err(|refused| refused.error));
}

/// The clock jumps ahead by so many milliseconds.
pub fn jump_clock(milliseconds: u64) {
	ClockOffset::set(&(ClockOffset::get() + milliseconds));
}

/// It is known that a provider can do so much.
pub fn prove(name: &str, mac_per_second: u64) {
	<Providers as Proving>::prove(&account(name), mac_per_second);
}

/// Somebody has made this block.
pub fn author(name: &str) {
	author_is(account(name));
}

/// An account has made this block.
pub fn author_is(who: AccountId) {
	<BurnMint as EventHandler<AccountId, _>>::note_author(who);
}

/// The epoch under way.
pub fn epoch() -> EpochIndex {
	pallet_burn_mint::CurrentEpoch::<Runtime>::get().index
}

/// Whether the close of an epoch is under way.
pub fn is_closing() -> bool {
	pallet_burn_mint::Close::<Runtime>::get() != pallet_burn_mint::Phase::Idle
}

/// What somebody can claim for an epoch.
pub fn reward(name: &str, epoch: EpochIndex) -> Reward {
	pallet_burn_mint::Rewards::<Runtime>::get(epoch, account(name))
}

/// Somebody claims all that there is, and gets so much.
pub fn claim(name: &str) -> Balance {
	let before = wealth(name);
	assert_ok!(try_claim(name));
	wealth(name) - before
}

/// Somebody claims, or is told why not.
pub fn try_claim(name: &str) -> DispatchResult {
	BurnMint::claim(by(&account(name))).map(|_| ()).map_err(|refused| refused.error)
}

impl Story {
	/// All providers of the story give a sign of life, if they can.
	pub fn heartbeats(&self) {
		for name in self.providers() {
			let _ = Providers::heartbeat(by(&account(name)));
		}
	}

	/// Runs blocks, in each of which all providers give signs of life, until the epoch under way is over and closed, and
	/// gives what came of it.
	pub fn close_epoch(&self) -> EpochReport {
		let ending = epoch();
		while epoch() == ending || is_closing() {
			self.heartbeats();
			advance(1);
		}
		BurnMint::epoch_report(ending).expect("just closed")
	}
}
