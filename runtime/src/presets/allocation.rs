// SPDX-License-Identifier: Apache-2.0

//! Who begins with how much, read from a committed file and held against the rules of the genesis.
//!
//! The file is a JSON list of entries: `account` (SS58), `amount` (planck as a decimal string), `kind`, and `vesting`
//! where the account is not to spend at once: nothing is liquid at `from`, everything `over` blocks later. The rules:
//! all amounts together are [`GENESIS_ISSUANCE`] to the planck; nobody but the treasury gets more than a hundredth of
//! it; insiders vest over four years or longer and begin with nothing liquid; no account stands there twice; every
//! account can live on what it gets. A file that breaks one makes no genesis.

use crate::{
	constants::{
		currency::{EXISTENTIAL_DEPOSIT, GENESIS_ISSUANCE},
		time::DAYS,
	},
	AccountId, Balance, BlockNumber,
};
use alloc::{
	collections::BTreeMap,
	string::{String, ToString},
	vec::Vec,
};
use core::fmt;
use serde::{Deserialize, Deserializer};

/// Most that anybody but the treasury begins with, in planck: a hundredth of the genesis issuance.
pub const MOST: Balance = GENESIS_ISSUANCE / 100;

/// Least time over which an insider's tokens vest, in blocks: four years of 365.25 days.
pub const INSIDERS_VEST_OVER: BlockNumber = 1_461 * DAYS;

/// For what an account gets its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
	/// Uses the chain from its first days.
	EarlyUser,
	/// Runs a validator or a provider.
	Operator,
	/// Built it, or paid for its building.
	Insider,
	/// The treasury's own account, which nobody has the key of.
	Treasury,
	/// The account that auditors are paid from, which nobody has the key of. It begins with so much that audits are paid
	/// while levies and drawings have not evened out.
	AuditPot,
}

/// When tokens become liquid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vesting {
	/// Height from which they begin to.
	pub from: BlockNumber,
	/// Blocks until all of them have, evenly.
	pub over: BlockNumber,
}

/// What one account gets.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
	/// The account.
	pub account: AccountId,
	/// In planck.
	#[serde(deserialize_with = "planck")]
	pub amount: Balance,
	/// For what.
	pub kind: Kind,
	/// When all of it becomes liquid; at once if nothing is said.
	#[serde(default)]
	pub vesting: Option<Vesting>,
}

/// Amounts are text, since many readers of JSON keep 53 bits of a number.
fn planck<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Balance, D::Error> {
	String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

/// An allocation that keeps all rules.
#[derive(Clone, Debug)]
pub struct Allocation(Vec<Entry>);

/// Why a file is no allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
	/// It cannot be read: where and why.
	Unreadable(String),
	/// An entry breaks a rule.
	Entry {
		/// Its place in the list, from 1.
		entry: usize,
		/// Whose it is.
		account: AccountId,
		/// Which rule.
		broken: Broken,
	},
	/// The amounts do not add up to the genesis issuance.
	Sum {
		/// What they add up to; `None` if that exceeds a balance.
		given: Option<Balance>,
	},
}

/// Which rule an entry breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
	/// The account stands in an earlier entry already.
	Duplicate {
		/// Its place, from 1.
		first: usize,
	},
	/// The account would be removed as dust.
	BelowExistentialDeposit,
	/// More than a hundredth, and not the treasury.
	AboveShare,
	/// Called the treasury without being its account, or its account without being called so.
	NotTheTreasury,
	/// The treasury's account and the audit pot cannot ask for what has vested.
	TreasuryVests,
	/// An insider without vesting would begin with liquid tokens.
	InsiderIsLiquid,
	/// An insider's tokens vest too soon.
	VestsTooSoon {
		/// In so many blocks.
		over: BlockNumber,
	},
	/// Less than a planck would vest a block.
	VestsTooSlowly,
}

impl Allocation {
	/// Reads a file. `treasury` is the treasury's account.
	///
	/// # Errors
	/// The first rule that it breaks.
	pub fn parse(json: &str, treasury: &AccountId) -> Result<Self, Error> {
		let entries: Vec<Entry> =
			serde_json::from_str(json).map_err(|error| Error::Unreadable(error.to_string()))?;
		Self::new(entries, treasury)
	}

	fn new(entries: Vec<Entry>, treasury: &AccountId) -> Result<Self, Error> {
		let mut seen = BTreeMap::new();
		let mut given = Some(0);
		for (entry, place) in entries.iter().zip(1..) {
			let broken = match seen.insert(&entry.account, place) {
				Some(first) => Some(Broken::Duplicate { first }),
				None => entry.broken(treasury),
			};
			if let Some(broken) = broken {
				return Err(Error::Entry { entry: place, account: entry.account.clone(), broken });
			}
			given = given.and_then(|sum: Balance| sum.checked_add(entry.amount));
		}
		if given != Some(GENESIS_ISSUANCE) {
			return Err(Error::Sum { given });
		}
		Ok(Self(entries))
	}

	/// What each account begins with, liquid or not.
	pub fn balances(&self) -> Vec<(AccountId, Balance)> {
		self.0.iter().map(|entry| (entry.account.clone(), entry.amount)).collect()
	}

	/// Of those that vest: account, first height, blocks, and what is liquid at once, which is nothing.
	pub fn vesting(&self) -> Vec<(AccountId, BlockNumber, BlockNumber, Balance)> {
		let vests = |entry: &Entry| {
			entry.vesting.map(|Vesting { from, over }| (entry.account.clone(), from, over, 0))
		};
		self.0.iter().filter_map(vests).collect()
	}
}

impl Entry {
	/// The first rule that it breaks by itself.
	fn broken(&self, treasury: &AccountId) -> Option<Broken> {
		let is_treasury = self.kind == Kind::Treasury;
		if is_treasury != (self.account == *treasury) {
			return Some(Broken::NotTheTreasury);
		}
		if self.amount < EXISTENTIAL_DEPOSIT {
			return Some(Broken::BelowExistentialDeposit);
		}
		if self.amount > MOST && !is_treasury {
			return Some(Broken::AboveShare);
		}
		match (self.kind, self.vesting) {
			(Kind::Treasury | Kind::AuditPot, Some(_)) => Some(Broken::TreasuryVests),
			(Kind::Insider, None) => Some(Broken::InsiderIsLiquid),
			(Kind::Insider, Some(Vesting { over, .. })) if over < INSIDERS_VEST_OVER => {
				Some(Broken::VestsTooSoon { over })
			},
			(_, Some(Vesting { over, .. })) if self.amount < over.into() => {
				Some(Broken::VestsTooSlowly)
			},
			_ => None,
		}
	}
}

impl fmt::Display for Error {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Unreadable(why) => write!(f, "the allocation cannot be read: {why}"),
			Self::Entry { entry, account, broken } => {
				write!(f, "entry {entry} of the allocation, for {account:?}: {broken}")
			},
			Self::Sum { given: Some(given) } => {
				write!(f, "the allocation gives {given} planck and must give {GENESIS_ISSUANCE}")
			},
			Self::Sum { given: None } => {
				write!(f, "the allocation gives more than a balance can hold")
			},
		}
	}
}

impl fmt::Display for Broken {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Duplicate { first } => {
				write!(f, "the account stands in entry {first} already: put them together")
			},
			Self::BelowExistentialDeposit => {
				write!(f, "an account needs at least {EXISTENTIAL_DEPOSIT} planck to exist")
			},
			Self::AboveShare => {
				write!(f, "nobody but the treasury begins with more than {MOST} planck")
			},
			Self::NotTheTreasury => {
				write!(f, "the treasury's account and the kind `treasury` belong together")
			},
			Self::TreasuryVests => write!(f, "the treasury and the audit pot do not vest"),
			Self::InsiderIsLiquid => write!(f, "an insider's tokens must vest"),
			Self::VestsTooSoon { over } => write!(
				f,
				"an insider's tokens vest over at least {INSIDERS_VEST_OVER} blocks, not {over}"
			),
			Self::VestsTooSlowly => write!(f, "less than a planck would vest a block"),
		}
	}
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests may panic")]
mod tests {
	use super::*;
	use alloc::{format, vec};

	const TREASURY: AccountId = AccountId::new([9; 32]);

	fn account(i: u8) -> AccountId {
		AccountId::new([i; 32])
	}

	fn user(i: u8, amount: Balance) -> Entry {
		Entry { account: account(i), amount, kind: Kind::EarlyUser, vesting: None }
	}

	fn insider(i: u8, over: BlockNumber) -> Entry {
		let vesting = Some(Vesting { from: 0, over });
		Entry { kind: Kind::Insider, vesting, ..user(i, MOST) }
	}

	fn treasury(amount: Balance) -> Entry {
		Entry { account: TREASURY, kind: Kind::Treasury, ..user(0, amount) }
	}

	/// With the treasury taking what is left.
	fn with(mut entries: Vec<Entry>) -> Result<Allocation, Error> {
		let given: Balance = entries.iter().map(|entry| entry.amount).sum();
		entries.push(treasury(GENESIS_ISSUANCE - given));
		Allocation::new(entries, &TREASURY)
	}

	fn broken(entries: Vec<Entry>) -> (usize, Broken) {
		match with(entries).expect_err("it breaks a rule") {
			Error::Entry { entry, broken, .. } => (entry, broken),
			other => panic!("{other}"),
		}
	}

	#[test]
	fn a_lawful_allocation_gives_balances_and_schedules() {
		let entries = vec![user(1, MOST), insider(2, INSIDERS_VEST_OVER), user(3, 7 * MOST / 10)];
		let allocation = with(entries).expect("it keeps all rules");
		let sum: Balance = allocation.balances().iter().map(|(_, amount)| amount).sum();
		assert_eq!(sum, GENESIS_ISSUANCE);
		assert_eq!(allocation.vesting(), vec![(account(2), 0, INSIDERS_VEST_OVER, 0)]);
	}

	#[test]
	fn the_sum_is_exact() {
		for (amount, given) in [
			(GENESIS_ISSUANCE - 1, Some(GENESIS_ISSUANCE - 1)),
			(GENESIS_ISSUANCE + 1, Some(GENESIS_ISSUANCE + 1)),
		] {
			let error = Allocation::new(vec![treasury(amount)], &TREASURY).expect_err("not exact");
			assert_eq!(error, Error::Sum { given });
		}
		let entries = vec![treasury(Balance::MAX), user(1, MOST)];
		let error = Allocation::new(entries, &TREASURY).expect_err("beyond a balance");
		assert_eq!(error, Error::Sum { given: None });
	}

	#[test]
	fn nobody_but_the_treasury_gets_more_than_a_hundredth() {
		assert_eq!(broken(vec![user(1, MOST), user(2, MOST + 1)]), (2, Broken::AboveShare));
		assert!(with(vec![user(1, MOST)]).is_ok());
	}

	#[test]
	fn insiders_vest_long_enough_and_whole() {
		let soon = insider(1, INSIDERS_VEST_OVER - 1);
		let over = INSIDERS_VEST_OVER - 1;
		assert_eq!(broken(vec![soon]), (1, Broken::VestsTooSoon { over }));
		let liquid = Entry { vesting: None, ..insider(1, 0) };
		assert_eq!(broken(vec![liquid]), (1, Broken::InsiderIsLiquid));
		// Others may vest as they like, if anything vests at all.
		let short = Entry { kind: Kind::Operator, ..insider(1, 10) };
		assert!(with(vec![short]).is_ok());
		let slow = Entry { amount: EXISTENTIAL_DEPOSIT, ..insider(1, BlockNumber::MAX) };
		assert_eq!(broken(vec![slow]), (1, Broken::VestsTooSlowly));
	}

	#[test]
	fn an_account_stands_there_once() {
		let twice = vec![user(1, MOST / 2), user(2, MOST), user(1, MOST / 2)];
		assert_eq!(broken(twice), (3, Broken::Duplicate { first: 1 }));
	}

	#[test]
	fn nobody_gets_dust() {
		let dust = user(1, EXISTENTIAL_DEPOSIT - 1);
		assert_eq!(broken(vec![dust]), (1, Broken::BelowExistentialDeposit));
		assert!(with(vec![user(1, EXISTENTIAL_DEPOSIT)]).is_ok());
	}

	#[test]
	fn the_treasury_is_one_account_and_liquid() {
		let false_treasury = Entry { kind: Kind::Treasury, ..user(1, MOST) };
		assert_eq!(broken(vec![false_treasury]), (1, Broken::NotTheTreasury));
		let disguised = Entry { account: TREASURY, ..user(1, MOST) };
		assert_eq!(broken(vec![disguised]), (1, Broken::NotTheTreasury));
		let vests = Entry { vesting: insider(1, 10).vesting, ..treasury(GENESIS_ISSUANCE) };
		let error = Allocation::new(vec![vests], &TREASURY).expect_err("it vests");
		let broken = Broken::TreasuryVests;
		assert_eq!(error, Error::Entry { entry: 1, account: TREASURY, broken });
	}

	#[test]
	fn the_audit_pot_begins_liquid() {
		let pot = Entry { kind: Kind::AuditPot, ..user(1, MOST) };
		let vests = Entry { vesting: insider(1, 10).vesting, ..pot.clone() };
		assert_eq!(broken(vec![vests]), (1, Broken::TreasuryVests));
		assert!(with(vec![pot]).is_ok());
	}

	#[test]
	fn unreadable_files_say_where() {
		let parse = |json: &str| match Allocation::parse(json, &TREASURY) {
			Err(Error::Unreadable(why)) => why,
			other => panic!("{other:?}"),
		};
		let entry = |amount: &str, rest: &str| {
			let account = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
			format!(r#"[{{"account":"{account}","amount":{amount},"kind":"operator"{rest}}}]"#)
		};
		assert!(parse(&entry("12", "")).contains("expected a string"));
		assert!(parse(&entry(r#""1.5""#, "")).contains("invalid digit"));
		assert!(parse(&entry(r#""1""#, r#","liquid":"1""#)).contains("unknown field `liquid`"));
		assert!(parse(&entry(r#""1""#, "").replace("operator", "friend")).contains("friend"));
		assert!(parse(&entry(r#""1""#, "").replace("5Grw", "5Grx")).contains("line 1"));
	}

	#[test]
	fn errors_name_the_entry_and_the_rule() {
		let said = with(vec![user(1, MOST), user(2, 0)]).expect_err("dust").to_string();
		assert!(said.starts_with("entry 2 of the allocation"), "{said}");
		assert!(said.ends_with("needs at least 1000000000 planck to exist"), "{said}");
	}
}
