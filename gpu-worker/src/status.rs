// SPDX-License-Identifier: Apache-2.0
//! How things stand, as the chain sees it.

use crate::{
	cli::StatusArgs,
	error::Failure,
	register::{account, open},
};
use calor_client::types::{format_cal, Availability, Perbill, ProviderRecord, Role};
use serde_json::json;

/// Shows what the chain knows of the worker.
///
/// # Errors
/// [`Failure`].
pub async fn status(args: StatusArgs) -> Result<(), Failure> {
	let (chain, key) = open(&args.chain).await?;
	let worker = account(&key);
	let view = chain.finalised().await?;
	let owner = view.owner_of(&worker).await?;
	let owner = owner.ok_or_else(|| Failure::NotRegistered(worker.to_string()))?;
	let record = view.provider(&owner).await?;
	let record = record.ok_or_else(|| Failure::NotRegistered(worker.to_string()))?;
	let stake = view.stake(Role::Provider, &owner).await?;
	let slashes = view.pending_slashes(&owner).await?;
	let estimate = view.estimate_reward(&owner).await?;
	let purse = view.purse(&owner).await?;
	let mut jobs = Vec::new();
	for id in view.provider_jobs(&owner).await? {
		if let Some(job) = view.job(id).await? {
			let price = format_cal(job.record.price);
			jobs.push(json!({ "id": id, "state": job.record.state.name(), "price": price }));
		}
	}
	let now = view.height();
	let mut status = json!({
		"owner": owner.to_string(),
		"worker": worker.to_string(),
		"endpoint": String::from_utf8_lossy(&record.endpoint.0),
		"class": record.class.name(),
		"availability": availability(&record),
		"uptime": estimate.as_ref().map(|estimate| percent(&estimate.uptime)),
		"seen": format!("{} blocks ago", now.saturating_sub(record.seen)),
		"min_price": format_cal(record.min_price),
		"claimed": format!("{} MAC/s", record.claimed.mac_per_second),
		"proven": format!("{} MAC/s", record.proven),
		"stake": format_cal(stake.as_ref().map_or(0, |ledger| ledger.active)),
		"earmarked": format_cal(stake.as_ref().map_or(0, |ledger| ledger.earmarked)),
		"pending_slashes": format_cal(slashes.iter().map(|slash| slash.amount).sum()),
		"daily": estimate.as_ref().map(|estimate| format_cal(estimate.daily)),
		"daily_present": estimate.as_ref().map(|estimate| format_cal(estimate.daily_availability)),
		"daily_recycled": estimate.as_ref().map(|estimate| format_cal(estimate.daily_recycled)),
		"unclaimed": format_cal(purse.claimable()),
		"claim_until": purse.rewards.iter().map(|(_, last, _)| *last).min().map(|last| format!("epoch {last}")),
		"funds": format_cal(view.free_balance(&worker).await?),
		"jobs": jobs,
		"finalised": now,
	});
	if record.ready_from > now {
		status["ready_from"] = record.ready_from.into();
	}
	if args.json {
		println!("{status}");
	} else if let Some(fields) = status.as_object() {
		for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
			println!("{name:<15} {}", value.as_str().map_or_else(|| value.to_string(), Into::into));
		}
	}
	Ok(())
}

/// Parts of a billion, as a percentage rounded down.
fn percent(part: &Perbill) -> String {
	format!("{}.{:02} %", part.0 / 10_000_000, part.0 / 100_000 % 100)
}

/// Whether a provider takes jobs, in words.
pub fn availability(record: &ProviderRecord) -> String {
	match record.availability {
		Availability::Idle => "idle".into(),
		Availability::Ready => "ready".into(),
		Availability::Working => "working".into(),
		Availability::Draining => "draining".into(),
		Availability::Jailed { until } => format!("jailed until block {until}"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn percentages_round_down() {
		let cases = [(0, "0.00 %"), (999_999_999, "99.99 %"), (1_000_000_000, "100.00 %")];
		for (parts, text) in cases {
			assert_eq!(percent(&Perbill(parts)), text);
		}
		assert_eq!(percent(&Perbill(12_345_678)), "1.23 %");
	}
}
