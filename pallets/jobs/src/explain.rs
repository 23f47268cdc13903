// SPDX-License-Identifier: Apache-2.0
//! Why a job is where it is, and what would make it match. Walks whole ready sets, so it is for questions, not for calls.

use crate::{Config, Jobs, Pallet};
use alloc::vec::Vec;
use calor_primitives::{
	explain::{Demand, Explanation, Supply, Why},
	job::{Attempt, JobRecord, JobSpec, JobState},
	now,
	traits::{Assign, Collateral},
	JobId,
};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	/// Where a job stands, and for what it waits.
	pub fn explain(id: JobId) -> Option<Explanation> {
		let record = Jobs::<T>::get(id)?;
		let demand = Demand {
			class: record.class,
			earmark: record.earmark,
			memory_mib: record.memory_mib,
			price: record.price,
		};
		let supply = matches!(record.state, JobState::Queued { .. })
			.then(|| Self::supply(&demand, &Self::rivals(id, &record)));
		let why = Self::why_of(id, &record, supply.as_ref());
		Some(Explanation { why, demand, supply })
	}

	fn why_of(id: JobId, record: &JobRecord, supply: Option<&Supply>) -> Why {
		let open = record.state.is_open();
		let overdue = open && (record.state.due() <= now::<T>() || Self::fallen(record).is_some());
		let behind = if open { Self::behind(id, record) } else { Vec::new() };
		match record.state.clone() {
			JobState::Waiting { .. } => Why::ParentsOpen(Self::open_parents(record)),
			_ if overdue => Why::Overdue,
			_ if !behind.is_empty() => Why::ReplicasOpen(behind),
			JobState::Queued { from, .. } if now::<T>() < from => Why::TooYoung { from },
			JobState::Queued { .. } => match supply {
				Some(supply) if supply.fit > 0 => Why::AwaitsTurn,
				Some(supply) if supply.ready > 0 => Why::NobodyFits,
				_ => Why::NobodyReady,
			},
			JobState::Assigned { provider, accept_by } => {
				Why::AwaitsAcceptance { provider, by: accept_by }
			},
			JobState::Running { provider, deliver_by, late_by, .. } => {
				Why::Computes { provider, by: deliver_by, late_by }
			},
			JobState::Committed { provider, reveal_by, .. } => {
				Why::AwaitsReveal { provider, by: reveal_by }
			},
			JobState::Revealed { settles_at, .. } => Why::Challengeable { settles_at },
			JobState::Settled { .. } => Why::Paid,
			JobState::Closed { reason, .. } => Why::Closed(reason),
		}
	}

	/// What a job would ask of a provider if it were submitted now, and how that is met.
	///
	/// # Errors
	/// Why it would be refused.
	pub fn matches(spec: JobSpec) -> Result<(Demand, Supply), DispatchError> {
		let (spec, program, bill) = Self::appraise(None, spec, &[])?;
		let demand = Demand {
			class: spec.class,
			earmark: bill.earmark,
			memory_mib: program.memory_mib,
			price: bill.terms.price,
		};
		let supply = Self::supply(&demand, &[]);
		Ok((demand, supply))
	}

	/// How the providers that wait meet a demand.
	fn supply(demand: &Demand, failed: &[Attempt]) -> Supply {
		let ready = T::Providers::ready(demand.class);
		let mut supply = Supply { ready, ..Default::default() };
		for candidate in (0..ready).filter_map(|place| T::Providers::candidate(demand.class, place))
		{
			let free = T::Collateral::free(&candidate.owner).unwrap_or(0);
			supply.most_free_stake = supply.most_free_stake.max(free);
			supply.most_memory_mib = supply.most_memory_mib.max(candidate.memory_mib);
			let least = supply.least_min_price.unwrap_or(candidate.min_price);
			supply.least_min_price = Some(least.min(candidate.min_price));
			let mut fits = true;
			let mut note = |fails: bool, count: &mut u32| {
				*count = count.saturating_add(fails.into());
				fits &= !fails;
			};
			note(free < demand.earmark, &mut supply.short_of_stake);
			note(candidate.memory_mib < demand.memory_mib, &mut supply.short_of_memory);
			note(candidate.min_price > demand.price, &mut supply.too_dear);
			note(!candidate.may_work, &mut supply.barred);
			note(candidate.is_among(failed), &mut supply.failed_before);
			supply.fit = supply.fit.saturating_add(fits.into());
		}
		supply
	}
}
