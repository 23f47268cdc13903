// SPDX-License-Identifier: Apache-2.0

//! Supply, epochs and purses in JSON.

use super::share;
use calor_primitives::{
	money::{BurnKind, MintKind},
	supply, Balance, BlockNumber, EpochIndex,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// Where all tokens are.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Supply {
	/// Most that can ever exist.
	cap: String,
	/// What existed at genesis.
	genesis: String,
	/// What exists now: genesis and all that was minted, less all that was burned.
	issuance: String,
	/// By kind.
	burned: BTreeMap<&'static str, String>,
	/// By kind, since genesis.
	minted: BTreeMap<&'static str, String>,
	/// What is left of the 400 million of availability emission.
	pools: Pools,
	/// Availability rewards that were given and not yet claimed.
	unclaimed: String,
	/// Most that the pools can have given out since genesis by the end of each of the next ten years of 365 epochs.
	schedule: Vec<String>,
	/// The epoch under way.
	epoch: Began,
	/// Blocks in an epoch.
	epoch_length: BlockNumber,
	/// The last epoch that was closed.
	last: Option<Epoch>,
	/// Multiply-accumulates per second that baseline emission is measured by now.
	baseline_capacity: String,
	/// Value of work, in pico-USD an epoch, at which recycled rewards begin to fall now.
	baseline_work: String,
}

#[derive(Clone, Serialize)]
struct Began {
	index: EpochIndex,
	/// Its first height.
	began: BlockNumber,
}

impl From<supply::SupplyReport> for Supply {
	fn from(report: supply::SupplyReport) -> Self {
		Self {
			cap: report.cap.to_string(),
			genesis: report.genesis.to_string(),
			issuance: report.issuance.to_string(),
			burned: by_kind(&report.burned, burn_name),
			minted: by_kind(&report.minted, mint_name),
			pools: report.pools.into(),
			unclaimed: report.unclaimed.to_string(),
			schedule: report.schedule.iter().map(ToString::to_string).collect(),
			epoch: Began { index: report.epoch.0, began: report.epoch.1 },
			epoch_length: report.epoch_length,
			last: report.last.map(Into::into),
			baseline_capacity: report.baseline_capacity.to_string(),
			baseline_work: report.baseline_work.to_string(),
		}
	}
}

fn by_kind<K: Copy>(
	amounts: &[(K, Balance)],
	name: impl Fn(K) -> &'static str,
) -> BTreeMap<&'static str, String> {
	amounts.iter().map(|(kind, amount)| (name(*kind), amount.to_string())).collect()
}

/// The runtime's own name of a kind.
pub(crate) const fn burn_name(kind: BurnKind) -> &'static str {
	match kind {
		BurnKind::Settlement => "Settlement",
		BurnKind::Submission => "Submission",
		BurnKind::Fee => "Fee",
		BurnKind::Dust => "Dust",
		BurnKind::Slash => "Slash",
		BurnKind::Tip => "Tip",
		BurnKind::Purchase => "Purchase",
		BurnKind::Withheld => "Withheld",
		BurnKind::AuditPot => "AuditPot",
		BurnKind::ProofDeposit => "ProofDeposit",
	}
}

/// The runtime's own name of a kind.
pub(crate) const fn mint_name(kind: MintKind) -> &'static str {
	match kind {
		MintKind::Availability => "Availability",
		MintKind::Work => "Work",
	}
}

#[derive(Clone, Serialize)]
struct Pools {
	simple: String,
	baseline: String,
}

impl From<supply::Pools> for Pools {
	fn from(pools: supply::Pools) -> Self {
		Self { simple: pools.simple.to_string(), baseline: pools.baseline.to_string() }
	}
}

/// A closed epoch.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Epoch {
	index: EpochIndex,
	/// What could be paid for availability.
	budget: Pools,
	/// What of it was paid, by the pool that it came from. The rest stayed there.
	drawn: Pools,
	/// Most that providers could get of it, after the limit by electricity.
	providers_limit: String,
	/// What providers got of it.
	providers: String,
	/// What validators got of it.
	validators: String,
	/// What the treasury got of it.
	treasury: String,
	/// What auditors of proofs of capacity got of it.
	auditors: String,
	/// Proven multiply-accumulates per second that were there.
	capacity: String,
	/// Prices of the jobs that were settled.
	work: String,
	/// What of them was burned and can be recycled.
	work_burned: String,
	/// Part of that which is recycled at most.
	kappa: f64,
	/// What was recycled to providers.
	recycled: String,
	/// Providers whose capacity was counted.
	counted: u32,
}

impl From<(EpochIndex, supply::EpochReport)> for Epoch {
	fn from((index, report): (EpochIndex, supply::EpochReport)) -> Self {
		Self {
			index,
			budget: report.budget.into(),
			drawn: report.drawn.into(),
			providers_limit: report.providers_limit.to_string(),
			providers: report.providers.to_string(),
			validators: report.validators.to_string(),
			treasury: report.treasury.to_string(),
			auditors: report.auditors.to_string(),
			capacity: report.capacity.to_string(),
			work: report.work.to_string(),
			work_burned: report.work_burned.to_string(),
			kappa: share(report.kappa),
			recycled: report.recycled.to_string(),
			counted: report.counted,
		}
	}
}

/// What an account can claim for an epoch.
#[derive(Clone, Serialize)]
struct Reward {
	/// For being there.
	availability: String,
	/// For work that was paid.
	work: String,
}

impl From<supply::Reward> for Reward {
	fn from(reward: supply::Reward) -> Self {
		Self { availability: reward.availability.to_string(), work: reward.work.to_string() }
	}
}

/// Credits and unclaimed rewards of an account.
#[derive(Clone, Serialize)]
pub struct Purse {
	/// Oldest first.
	credits: Vec<Credit>,
	/// By epoch.
	rewards: Vec<Claimable>,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Credit {
	amount: String,
	/// First height at which they can be turned into free balance.
	refundable_at: BlockNumber,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Claimable {
	/// For which epoch.
	epoch: EpochIndex,
	/// The last epoch in whose course it can be claimed.
	until_epoch: EpochIndex,
	#[serde(flatten)]
	reward: Reward,
}

impl From<supply::Purse> for Purse {
	fn from(purse: supply::Purse) -> Self {
		let credit = |chunk: supply::CreditChunk| Credit {
			amount: chunk.amount.to_string(),
			refundable_at: chunk.refundable_at,
		};
		let claimable = |(epoch, until_epoch, reward): (_, _, supply::Reward)| Claimable {
			epoch,
			until_epoch,
			reward: reward.into(),
		};
		Self {
			credits: purse.credits.into_iter().map(credit).collect(),
			rewards: purse.rewards.into_iter().map(claimable).collect(),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::{json, to_value, Value};
	use sp_runtime::Perbill;
	use std::collections::BTreeSet;

	fn report() -> supply::EpochReport {
		supply::EpochReport {
			budget: supply::Pools { simple: 1, baseline: u128::MAX },
			drawn: supply::Pools { simple: 2, baseline: 3 },
			providers_limit: 4,
			providers: 5,
			validators: 6,
			treasury: 7,
			auditors: 13,
			capacity: u128::MAX,
			work: 8,
			work_burned: 9,
			kappa: Perbill::from_percent(90),
			recycled: 10,
			counted: 11,
		}
	}

	#[test]
	fn an_epoch_says_what_was_paid_and_what_stayed() {
		let json = json!({
			"index": 12,
			"budget": { "simple": "1", "baseline": u128::MAX.to_string() },
			"drawn": { "simple": "2", "baseline": "3" },
			"providersLimit": "4",
			"providers": "5",
			"validators": "6",
			"treasury": "7",
			"auditors": "13",
			"capacity": u128::MAX.to_string(),
			"work": "8",
			"workBurned": "9",
			"kappa": 0.9,
			"recycled": "10",
			"counted": 11,
		});
		assert_eq!(to_value(Epoch::from((12, report()))).expect("it serialises"), json);
	}

	#[test]
	fn supply_names_every_kind_and_the_schedule() {
		let report = supply::SupplyReport {
			cap: u128::MAX,
			genesis: 1,
			issuance: 2,
			burned: BurnKind::ALL.iter().map(|kind| (*kind, 3)).collect(),
			minted: MintKind::ALL.iter().map(|kind| (*kind, 4)).collect(),
			pools: supply::Pools { simple: 5, baseline: 6 },
			unclaimed: 7,
			schedule: vec![8, 9],
			epoch: (10, 11),
			epoch_length: 12,
			last: Some((9, report())),
			baseline_capacity: 13,
			baseline_work: 14,
		};
		let json = to_value(Supply::from(report.clone())).expect("it serialises");
		for (name, planck) in [
			("cap", u128::MAX),
			("genesis", 1),
			("issuance", 2),
			("unclaimed", 7),
			("baselineCapacity", 13),
			("baselineWork", 14),
		] {
			assert_eq!(json[name], planck.to_string(), "{name}");
		}
		assert_eq!(json["burned"].as_object().map(|kinds| kinds.len()), Some(BurnKind::ALL.len()));
		assert_eq!(json["burned"]["Withheld"], "3");
		assert_eq!(json["minted"], json!({ "Availability": "4", "Work": "4" }));
		assert_eq!(json["pools"], json!({ "simple": "5", "baseline": "6" }));
		assert_eq!(json["schedule"], json!(["8", "9"]));
		assert_eq!(json["epoch"], json!({ "index": 10, "began": 11 }));
		assert_eq!(json["epochLength"], 12);
		assert_eq!(json["last"]["index"], 9);

		let young = supply::SupplyReport { last: None, ..report };
		assert_eq!(to_value(Supply::from(young)).expect("it serialises")["last"], Value::Null);
	}

	#[test]
	fn every_kind_has_a_name_of_its_own() {
		let names: BTreeSet<_> = BurnKind::ALL.map(burn_name).into();
		assert_eq!(names.len(), BurnKind::ALL.len());
		for kind in BurnKind::ALL {
			assert_eq!(burn_name(kind), format!("{kind:?}"));
		}
		for kind in MintKind::ALL {
			assert_eq!(mint_name(kind), format!("{kind:?}"));
		}
	}

	#[test]
	fn a_purse_says_until_when() {
		let purse = supply::Purse {
			credits: vec![supply::CreditChunk { amount: u128::MAX, refundable_at: 5 }],
			rewards: vec![(3, 87, supply::Reward { availability: 1, work: 2 })],
		};
		let json = json!({
			"credits": [{ "amount": u128::MAX.to_string(), "refundableAt": 5 }],
			"rewards": [{ "epoch": 3, "untilEpoch": 87, "availability": "1", "work": "2" }],
		});
		assert_eq!(to_value(Purse::from(purse)).expect("it serialises"), json);
		let empty = to_value(Purse::from(supply::Purse::default())).expect("it serialises");
		assert_eq!(empty, json!({ "credits": [], "rewards": [] }));
	}
}
