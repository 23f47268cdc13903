// SPDX-License-Identifier: Apache-2.0
//! Who has how much, read from a node at one block, so that all figures belong together.

use calor_client::{
	chain::{Link, REQUEST_TIMEOUT},
	runtime, AccountId32, Chain, Error as ChainError, View, H256,
};
use futures::FutureExt;
use std::{collections::BTreeMap, fmt::Display, future::Future};
use subxt::storage::{Address, PrefixOf};

/// What a runtime of ours calls itself.
const SPEC_NAME: &str = "calor";
/// How the accounts of pallets begin; nobody has their keys. What follows is the eight bytes of a pallet's id, then zeros.
const PALLET_PREFIX: &[u8] = b"modl";
/// Bytes of such an account that are not zero, at most.
const PALLET_ID_END: usize = 12;

/// Why nothing can be said.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// The node could not be reached or asked.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// The node belongs to something else.
	#[error(
		"{url} is a node of '{name}', not of a Calor chain; give the address of one with --url"
	)]
	NotCalor {
		/// Where it listens.
		url: String,
		/// What its runtime calls itself.
		name: String,
	},
	/// The node gave something that cannot be read.
	#[error(
		"cannot read {what} at block {block:?}: {reason}; does the node keep the state of that block, and is this \
		 program of the release that the chain runs?"
	)]
	Unreadable {
		/// What was asked.
		what: &'static str,
		/// At which block.
		block: H256,
		/// What went wrong.
		reason: String,
	},
}

/// Everybody's part of everything, at one block.
#[derive(Clone, Debug, Default)]
pub struct Census {
	/// Hash of the chain's first block.
	pub genesis: H256,
	/// Height of the block.
	pub height: u32,
	/// Hash of the block.
	pub block: H256,
	/// Free balance and what is on hold, by account, in planck.
	pub balances: BTreeMap<AccountId32, u128>,
	/// Active stake in all roles, by owner account, in planck.
	pub stake: BTreeMap<AccountId32, u128>,
	/// Capacity by the account of the owner group, in multiply-accumulates per second, as it was counted last: what is
	/// proven, once anybody has proved any, and until then what is claimed.
	pub capacity: BTreeMap<AccountId32, u128>,
}

impl Census {
	/// Reads everything at the block `at`, or at the last final one.
	///
	/// # Errors
	/// [`Error`].
	pub async fn take(chain: &Chain, at: Option<H256>) -> Result<Self, Error> {
		check_name(&chain.link()).await?;
		let view = match at {
			Some(block) => chain.at(block).await?,
			None => chain.finalised().await?,
		};
		Ok(Self {
			genesis: chain.genesis(),
			height: view.height(),
			block: view.hash(),
			balances: balances(&view).await?,
			stake: stake(&view).await?,
			capacity: capacity(&view).await?,
		})
	}

	/// Balances of accounts that somebody has a key to: without the treasury and the pots of pallets.
	pub fn people(&self) -> impl Iterator<Item = u128> + '_ {
		self.balances.iter().filter(|(who, _)| !is_of_a_pallet(who)).map(|(_, amount)| *amount)
	}
}

/// Whether a pallet holds the account.
fn is_of_a_pallet(account: &AccountId32) -> bool {
	account.0.starts_with(PALLET_PREFIX) && account.0[PALLET_ID_END..].iter().all(|byte| *byte == 0)
}

/// Other chains have accounts too, and would give figures.
async fn check_name(link: &Link) -> Result<(), Error> {
	let asked = tokio::time::timeout(REQUEST_TIMEOUT, link.rpc.state_get_runtime_version(None));
	let what = "the name of the runtime";
	let node = |reason: &dyn Display| ChainError::Node { what, reason: reason.to_string() };
	let version = asked.await.map_err(|_| ChainError::Timeout { what, after: REQUEST_TIMEOUT })?;
	let version = version.map_err(|error| node(&error))?;
	let name = version.other.get("specName").and_then(|name| name.as_str()).unwrap_or("nothing");
	match name == SPEC_NAME {
		true => Ok(()),
		false => Err(Error::NotCalor { url: link.url.clone(), name: name.into() }),
	}
}

/// Waits for a part of an answer, but not for ever.
async fn part<T, E: Display>(
	view: &View,
	what: &'static str,
	answer: impl Future<Output = Result<T, E>>,
) -> Result<T, Error> {
	match tokio::time::timeout(REQUEST_TIMEOUT, answer).await {
		Ok(answer) => answer.map_err(|error| unreadable(view, what, error)),
		Err(_) => Err(ChainError::Timeout { what, after: REQUEST_TIMEOUT }.into()),
	}
}

fn unreadable(view: &View, what: &'static str, reason: impl Display) -> Error {
	Error::Unreadable { what, block: view.hash(), reason: reason.to_string() }
}

/// The entries of a map, fetched page by page: only deposits bound their number.
async fn entries<A: Address>(
	view: &View,
	what: &'static str,
	map: A,
) -> Result<Vec<(A::KeyParts, A::Value)>, Error>
where
	(): PrefixOf<A::KeyParts>,
{
	let storage = view.at().storage();
	let mut stream = part(view, what, storage.iter(map, ())).await?;
	let mut found = Vec::new();
	while let Some(entry) = part(view, what, stream.next().map(Option::transpose)).await? {
		let failed = |error: &dyn Display| unreadable(view, what, error);
		let key = entry.key().and_then(|key| key.decode()).map_err(|error| failed(&error))?;
		let value = entry.value().decode().map_err(|error| failed(&error))?;
		found.push((key, value));
	}
	Ok(found)
}

async fn balances(view: &View) -> Result<BTreeMap<AccountId32, u128>, Error> {
	let accounts = entries(view, "the balances", runtime::storage().system().account()).await?;
	// Free and held together are at most the issuance, which is a balance.
	let total = |free: u128, held| free.saturating_add(held);
	let totals =
		accounts.into_iter().map(|((who,), it)| (who, total(it.data.free, it.data.reserved)));
	Ok(totals.collect())
}

async fn stake(view: &View) -> Result<BTreeMap<AccountId32, u128>, Error> {
	let mut found = BTreeMap::<_, u128>::new();
	let ledgers = entries(view, "the stake", runtime::storage().stake().ledgers()).await?;
	for ((_, who), ledger) in ledgers {
		let in_all_roles = found.entry(who).or_default();
		// As above.
		*in_all_roles = in_all_roles.saturating_add(ledger.active);
	}
	Ok(found)
}

async fn capacity(view: &View) -> Result<BTreeMap<AccountId32, u128>, Error> {
	let call = runtime::runtime_apis().providers_api().groups();
	let groups = part(view, "the owner groups", view.at().runtime_apis().call(call)).await?;
	Ok(groups.into_iter().map(|group| (group.group, group.mac_per_second.into())).collect())
}

#[cfg(test)]
mod tests {
	use super::*;

	fn account(text: &[u8]) -> AccountId32 {
		let mut bytes = [0; 32];
		bytes[..text.len()].copy_from_slice(text);
		AccountId32(bytes)
	}

	#[test]
	fn pots_are_told_from_people() {
		assert!(is_of_a_pallet(&account(b"modlpy/trsry")), "the treasury");
		assert!(is_of_a_pallet(&account(b"modlcalor/au")), "the pot of auditors");
		assert!(!is_of_a_pallet(&account(b"modlcalor/au?")), "a key may begin so");
		assert!(!is_of_a_pallet(&account(b"mod")));
		let balances = [(account(b"modlpy/trsry"), 5), (account(b"me"), 7)].into();
		let census = Census { balances, ..Census::default() };
		assert_eq!(census.people().collect::<Vec<_>>(), [7]);
	}
}
