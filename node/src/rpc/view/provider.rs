// SPDX-License-Identifier: Apache-2.0

//! Providers, their owner groups and what they may expect to earn, in JSON.

use super::{share, text};
use calor_primitives::{
	explain,
	group::{self, GroupView},
	job::HardwareClass,
	provider::{self, ProviderRecord},
	AccountId, BlockNumber, JobId, H256,
};
use serde::Serialize;

/// A provider.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Provider {
	owner: AccountId,
	worker: AccountId,
	endpoint: String,
	class: HardwareClass,
	min_price: String,
	claimed: Capacity,
	/// What of that it has shown; only this earns by being there.
	proven: String,
	availability: Availability,
	/// What it was given and has not yet committed to.
	job: Option<JobId>,
	/// Whether it owes signs of life.
	presence: Presence,
	/// Height of its last sign of life.
	seen: BlockNumber,
	/// Height before which it cannot be ready, after a silence.
	ready_from: BlockNumber,
	/// Blocks of silence since it registered.
	offline: BlockNumber,
	/// Blocks that it was there since the last close of an epoch.
	attended: BlockNumber,
	since: BlockNumber,
}

impl From<(AccountId, ProviderRecord)> for Provider {
	fn from((owner, record): (AccountId, ProviderRecord)) -> Self {
		Self {
			owner,
			worker: record.worker,
			endpoint: text(&record.endpoint),
			class: record.class,
			min_price: record.min_price.to_string(),
			claimed: record.claimed.into(),
			proven: record.proven.to_string(),
			availability: record.availability.into(),
			job: record.job,
			presence: record.presence.into(),
			seen: record.seen,
			ready_from: record.ready_from,
			offline: record.offline,
			attended: record.attended,
			since: record.since,
		}
	}
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Capacity {
	mac_per_second: String,
	memory_mib: u32,
}

impl From<provider::Capacity> for Capacity {
	fn from(capacity: provider::Capacity) -> Self {
		Self {
			mac_per_second: capacity.mac_per_second.to_string(),
			memory_mib: capacity.memory_mib,
		}
	}
}

#[derive(Clone, Serialize)]
#[serde(tag = "name")]
enum Availability {
	Idle,
	Ready,
	Working,
	Draining,
	Jailed { until: BlockNumber },
}

impl From<provider::Availability> for Availability {
	fn from(availability: provider::Availability) -> Self {
		match availability {
			provider::Availability::Idle => Self::Idle,
			provider::Availability::Ready => Self::Ready,
			provider::Availability::Working => Self::Working,
			provider::Availability::Draining => Self::Draining,
			provider::Availability::Jailed { until } => Self::Jailed { until },
		}
	}
}

/// Whether a provider owes signs of life, and when the chain next looks for them.
#[derive(Clone, Serialize)]
#[serde(tag = "name")]
enum Presence {
	Free,
	Watched { alarm: BlockNumber },
	Gone,
}

impl From<provider::Presence> for Presence {
	fn from(presence: provider::Presence) -> Self {
		match presence {
			provider::Presence::Free => Self::Free,
			provider::Presence::Watched { alarm } => Self::Watched { alarm },
			provider::Presence::Gone => Self::Gone,
		}
	}
}

/// What a provider may expect to earn.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RewardEstimate {
	mac_per_second: String,
	/// Price of 10^12 multiply-accumulates of its class.
	price_per_cu: String,
	/// What of a price reaches it.
	provider_share: f64,
	/// Providers of the class at work among those that work or wait.
	utilisation: f64,
	/// Part of its registered time in which it gave signs of life.
	uptime: f64,
	/// From jobs a day if it always had one.
	daily_at_full_use: String,
	/// From jobs a day at this utilisation and uptime.
	daily: String,
	/// What of its capacity it has shown; only this earns by being there.
	proven: String,
	/// For being there a day with that uptime, if every epoch pays a unit of proven capacity as the last did.
	daily_availability: String,
	/// Recycled of the burns of its jobs a day, if every epoch recycles as much of a price as the last did.
	daily_recycled: String,
	/// What electricity its jobs a day take, at the use and uptime above; `null` without a price of it.
	daily_electricity: Option<String>,
}

impl From<explain::RewardEstimate> for RewardEstimate {
	fn from(estimate: explain::RewardEstimate) -> Self {
		Self {
			mac_per_second: estimate.mac_per_second.to_string(),
			price_per_cu: estimate.price_per_cu.to_string(),
			provider_share: share(estimate.provider_share),
			utilisation: share(estimate.utilisation),
			uptime: share(estimate.uptime),
			daily_at_full_use: estimate.daily_at_full_use.to_string(),
			daily: estimate.daily.to_string(),
			proven: estimate.proven.to_string(),
			daily_availability: estimate.daily_availability.to_string(),
			daily_recycled: estimate.daily_recycled.to_string(),
			daily_electricity: estimate.daily_electricity.map(|planck| planck.to_string()),
		}
	}
}

/// An owner group.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
	group: AccountId,
	attested: bool,
	providers: u32,
	mac_per_second: String,
	/// Of all capacity at the last count.
	share: f64,
	/// The same over 30 days.
	average_share: f64,
	duty: Duty,
	disclosure: Option<Disclosure>,
}

impl From<GroupView> for Group {
	fn from(view: GroupView) -> Self {
		Self {
			group: view.group,
			attested: view.attested,
			providers: view.providers,
			mac_per_second: view.mac_per_second.to_string(),
			share: share(view.share),
			average_share: share(view.average_share),
			duty: view.duty.into(),
			disclosure: view.disclosure.map(Into::into),
		}
	}
}

/// Whether a group has to disclose, and has.
#[derive(Clone, Serialize)]
#[serde(tag = "name")]
enum Duty {
	None,
	Due { by: BlockNumber },
	Met,
	Overdue,
}

impl From<group::Duty> for Duty {
	fn from(duty: group::Duty) -> Self {
		match duty {
			group::Duty::None => Self::None,
			group::Duty::Due(by) => Self::Due { by },
			group::Duty::Met => Self::Met,
			group::Duty::Overdue => Self::Overdue,
		}
	}
}

/// Hashes of the documents that a group disclosed.
#[derive(Clone, Serialize)]
struct Disclosure {
	owner: H256,
	sites: H256,
	power: H256,
	/// Height of filing.
	at: BlockNumber,
}

impl From<(group::Disclosure, BlockNumber)> for Disclosure {
	fn from((filed, at): (group::Disclosure, BlockNumber)) -> Self {
		Self { owner: filed.owner, sites: filed.sites, power: filed.power, at }
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::{json, to_value, Value};
	use sp_runtime::Perbill;

	#[test]
	fn a_provider_reads_without_loss() {
		let owner = AccountId::new([1; 32]);
		let record = ProviderRecord {
			worker: AccountId::new([2; 32]),
			endpoint: b"http://worker".to_vec().try_into().expect("fits"),
			class: HardwareClass::Tensor,
			min_price: u128::MAX,
			claimed: provider::Capacity { mac_per_second: u64::MAX, memory_mib: 80 },
			proven: u64::MAX - 1,
			availability: provider::Availability::Jailed { until: 9 },
			place: 3,
			job: Some(4),
			presence: provider::Presence::Watched { alarm: 10 },
			seen: 5,
			ready_from: 6,
			offline: 7,
			attended: 11,
			since: 8,
		};
		let json = to_value(Provider::from((owner.clone(), record))).expect("it serialises");
		assert_eq!(json["owner"], owner.to_string());
		assert_eq!(json["endpoint"], "http://worker");
		assert_eq!(json["minPrice"], u128::MAX.to_string());
		let claimed = json!({ "macPerSecond": u64::MAX.to_string(), "memoryMib": 80 });
		assert_eq!(json["claimed"], claimed);
		assert_eq!(json["availability"], json!({ "name": "Jailed", "until": 9 }));
		assert_eq!(json["proven"], (u64::MAX - 1).to_string());
		for (name, value) in [
			("job", 4),
			("seen", 5),
			("readyFrom", 6),
			("offline", 7),
			("attended", 11),
			("since", 8),
		] {
			assert_eq!(json[name], value, "{name}");
		}
	}

	#[test]
	fn a_group_says_what_it_owes() {
		let view = |duty, disclosure| GroupView {
			group: AccountId::new([1; 32]),
			attested: true,
			providers: 3,
			mac_per_second: u64::MAX,
			share: Perbill::from_percent(3),
			average_share: Perbill::from_parts(21_000_000),
			duty,
			disclosure,
		};
		let json = to_value(Group::from(view(group::Duty::Due(40), None))).expect("serialises");
		assert_eq!(json["duty"], json!({ "name": "Due", "by": 40 }));
		assert_eq!(json["share"].to_string(), "0.03");
		assert_eq!(json["averageShare"].to_string(), "0.021");
		assert_eq!(json["disclosure"], Value::Null);

		let filed = group::Disclosure {
			owner: H256::repeat_byte(1),
			sites: H256::repeat_byte(2),
			power: H256::repeat_byte(3),
		};
		let view = view(group::Duty::Met, Some((filed, 30)));
		let json = to_value(Group::from(view)).expect("serialises");
		assert_eq!(json["duty"], json!({ "name": "Met" }));
		assert_eq!(json["disclosure"]["at"], 30);
		assert_eq!(json["disclosure"]["power"], format!("0x{}", "03".repeat(32)));
	}

	#[test]
	fn an_estimate_says_from_what_it_comes() {
		let json = to_value(RewardEstimate::from(explain::RewardEstimate {
			mac_per_second: 1,
			price_per_cu: 2,
			provider_share: Perbill::from_percent(80),
			utilisation: Perbill::from_percent(25),
			uptime: Perbill::one(),
			daily_at_full_use: u128::MAX,
			daily: 3,
			proven: u64::MAX,
			daily_availability: 4,
			daily_recycled: 5,
			daily_electricity: Some(6),
		}))
		.expect("it serialises");
		assert_eq!(json["providerShare"].to_string(), "0.8");
		assert_eq!(json["utilisation"].to_string(), "0.25");
		assert_eq!(json["dailyAtFullUse"], u128::MAX.to_string());
		assert_eq!(json["daily"], "3");
		assert_eq!(json["proven"], u64::MAX.to_string());
		assert_eq!(json["dailyAvailability"], "4");
		assert_eq!(json["dailyRecycled"], "5");
		assert_eq!(json["dailyElectricity"], "6");
	}
}
