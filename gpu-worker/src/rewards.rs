// SPDX-License-Identifier: Apache-2.0
//! The owner's rewards: what can be claimed, and claiming it.
//!
//! An epoch that is closed leaves rewards for owners, who must claim them before they expire. Anyone may sign for that, and
//! they are minted to the owner whoever does; so the worker key does, which is at hand.

use crate::{
	cli::ClaimArgs,
	error::Failure,
	register::{account, open},
};
use calor_client::{
	runtime,
	types::{format_cal, Balance, BlockNumber, BoundedVec, EpochIndex, Purse},
	AccountId32, Inclusion, SubmitError, Submitter,
};
use serde_json::json;

/// Blocks between two looks at what can be claimed.
const LOOK_EVERY: BlockNumber = 10;
/// Blocks until the next attempt after a claim that did not arrive: the life of a transaction.
const PAUSE: BlockNumber = 64;
/// The chain's error if somebody else has claimed all of it meanwhile.
const NOTHING: &str = "NothingToClaim";

/// When the daemon claims.
pub struct Harvest {
	least: Option<Balance>,
	/// It does not look before that height.
	held: BlockNumber,
}

impl Harvest {
	/// Claims from a sum of `least` planck on; nothing if there is none.
	pub fn new(least: Option<Balance>) -> Self {
		Self { least, held: 0 }
	}

	/// Whether to look at the purse at the finalised height `now`; if so, not again for a while.
	pub fn looks(&mut self, now: BlockNumber) -> bool {
		let looks = self.least.is_some() && now >= self.held;
		if looks {
			self.held = now.saturating_add(LOOK_EVERY);
		}
		looks
	}

	/// Whether what is in the purse is worth a claim.
	pub fn is_ripe(&self, purse: &Purse) -> bool {
		let sum = purse.claimable();
		self.least.is_some_and(|least| sum > 0 && sum >= least)
	}

	/// Until that height is final, what was claimed may still be seen in the purse.
	pub fn hold(&mut self, until: BlockNumber) {
		self.held = until;
	}
}

/// Claims all that is in a purse as it was at the finalised height `now`, and says so; returns the height before which no
/// other claim is to be made.
pub async fn claim_everything(
	submitter: &Submitter,
	owner: AccountId32,
	purse: Purse,
	now: BlockNumber,
) -> BlockNumber {
	let mut last = now;
	for claims in purse.claims(&owner) {
		match send(submitter, claims, Inclusion::Best).await {
			Ok(height) => last = last.max(height),
			Err(error) => {
				tracing::warn!("the rewards are not claimed yet: {error}");
				return now.saturating_add(PAUSE);
			},
		}
	}
	let (amount, epochs) = (format_cal(purse.claimable()), purse.rewards.len());
	tracing::info!(%owner, amount, epochs, block = last, "rewards claimed");
	last
}

/// Sends one batch of claims; gives the height of its block.
async fn send(
	submitter: &Submitter,
	claims: BoundedVec<(AccountId32, EpochIndex)>,
	until: Inclusion,
) -> Result<BlockNumber, SubmitError> {
	match submitter.submit(&runtime::tx().burn_mint().claim_for(claims), until).await {
		Ok(included) => Ok(included.height),
		// The owner has them, then.
		Err(SubmitError::Refused { reason, height }) if reason.contains(NOTHING) => Ok(height),
		Err(error) => Err(error),
	}
}

/// Claims the owner's rewards, and prints what was claimed.
///
/// # Errors
/// [`Failure`].
pub async fn claim(args: ClaimArgs) -> Result<(), Failure> {
	let (chain, key) = open(&args.chain).await?;
	let view = chain.finalised().await?;
	let owner = match args.owner {
		Some(owner) => owner,
		None => {
			let worker = account(&key);
			let owner = view.owner_of(&worker).await?;
			owner.ok_or_else(|| Failure::NotRegistered(worker.to_string()))?
		},
	};
	let before = view.purse(&owner).await?;
	if args.dry_run {
		println!("{}", line("claimable", &owner, &before));
		return Ok(());
	}
	let submitter = Submitter::new(chain.clone(), key);
	let mut sent = Ok(());
	for claims in before.claims(&owner) {
		sent = send(&submitter, claims, Inclusion::Finalised).await.map(drop);
		if sent.is_err() {
			break;
		}
	}
	// What is printed is what the chain says, also if a batch has failed.
	let after = chain.finalised().await?.purse(&owner).await?;
	println!("{}", line("claimed", &owner, &without(before, &after)));
	Ok(sent?)
}

/// What of a purse is no longer in it.
fn without(before: Purse, after: &Purse) -> Purse {
	let left = |epoch| after.rewards.iter().any(|(other, _, _)| *other == epoch);
	let rewards = before.rewards.into_iter().filter(|(epoch, _, _)| !left(*epoch)).collect();
	Purse { rewards, ..before }
}

/// Rewards in JSON.
fn line(event: &str, owner: &AccountId32, purse: &Purse) -> serde_json::Value {
	let sum = |part: fn(&calor_client::types::Reward) -> Balance| {
		format_cal(purse.rewards.iter().map(|(_, _, reward)| part(reward)).sum())
	};
	let epochs = purse.rewards.iter().map(|(epoch, until, reward)| {
		json!({
			"epoch": epoch,
			"until_epoch": until,
			"availability": format_cal(reward.availability),
			"work": format_cal(reward.work),
		})
	});
	json!({
		"event": event,
		"owner": owner.to_string(),
		"availability": sum(|reward| reward.availability),
		"work": sum(|reward| reward.work),
		"total": format_cal(purse.claimable()),
		"epochs": epochs.collect::<Vec<_>>(),
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use calor_client::types::{Reward, UNIT};

	fn purse(rewards: &[(EpochIndex, Balance, Balance)]) -> Purse {
		let reward = |(epoch, availability, work): &(EpochIndex, Balance, Balance)| {
			(*epoch, epoch + 84, Reward { availability: *availability, work: *work })
		};
		Purse { credits: Vec::new(), rewards: rewards.iter().map(reward).collect() }
	}

	#[test]
	fn it_claims_what_is_worth_it() {
		let harvest = Harvest::new(Some(UNIT));
		assert!(!harvest.is_ripe(&purse(&[])));
		assert!(!harvest.is_ripe(&purse(&[(1, UNIT / 2, 0), (2, 0, UNIT / 2 - 1)])));
		assert!(harvest.is_ripe(&purse(&[(1, UNIT / 2, 0), (2, 0, UNIT / 2)])), "all together");
		assert!(!Harvest::new(Some(0)).is_ripe(&purse(&[])), "nothing is never worth a fee");
		assert!(Harvest::new(Some(0)).is_ripe(&purse(&[(1, 1, 0)])));
		assert!(!Harvest::new(None).is_ripe(&purse(&[(1, UNIT, 0)])));
	}

	#[test]
	fn what_was_claimed_must_be_final_before_it_looks_again() {
		let mut harvest = Harvest::new(Some(UNIT));
		assert!(harvest.looks(10));
		assert!(!harvest.looks(11), "not at each block");
		harvest.hold(13);
		assert!(!harvest.looks(12) && harvest.looks(13));
		assert!(!Harvest::new(None).looks(10));
	}

	#[test]
	fn the_line_says_what_is_gone_from_the_purse() {
		let before = purse(&[(1, 3 * UNIT, UNIT), (2, UNIT, 0), (3, 0, 5)]);
		let claimed = without(before, &purse(&[(3, 0, 5)]));
		let owner = AccountId32([1; 32]);
		let line = line("claimed", &owner, &claimed);
		let parts = [&line["availability"], &line["work"], &line["total"]];
		assert_eq!(parts, ["4", "1", "5"]);
		let epochs = line["epochs"].as_array().unwrap();
		assert_eq!(epochs.len(), 2);
		assert_eq!(epochs[0]["until_epoch"], 85);
	}
}
