// SPDX-License-Identifier: Apache-2.0
//! The mean of what was observed, by the time for which it held.

use crate::{
	types::{Observation, Observations, OBSERVATION_SPACING},
	FeedValues,
};

/// Adds an observation, if at least a minute has passed since the last; the oldest makes room.
pub fn keep(observations: &mut Observations, new: Observation) {
	let is_apart = observations
		.last()
		.is_none_or(|last| new.at.saturating_sub(last.at) >= OBSERVATION_SPACING);
	if is_apart {
		if observations.is_full() {
			observations.remove(0);
		}
		// There is room now.
		let _ = observations.try_push(new);
	}
}

/// The mean over the last `window` milliseconds before `now`, rounded down; `None` without observations.
///
/// Each observation counts for the time from when it was made to the next, but for no longer than `longest`, beyond which
/// it was stale: a clock that jumps, or an outage, gives the last one before it no more weight than that. If none held
/// within the window, the last one is the mean.
pub fn mean(
	observations: &[Observation],
	now: u64,
	window: u64,
	longest: u64,
) -> Option<FeedValues> {
	let last = observations.last()?;
	let begin = now.saturating_sub(window);
	let ends = observations.iter().skip(1).map(|next| next.at).chain([now]);
	let (mut cal, mut kwh, mut time) = (0u128, 0u128, 0u128);
	for (one, end) in observations.iter().zip(ends) {
		let from = one.at.max(begin);
		let to = end.min(now).min(one.at.saturating_add(longest));
		// At most the window: 2^21 ms, and values below 2^60.
		let held = u128::from(to.saturating_sub(from));
		time = time.saturating_add(held);
		cal = cal.saturating_add(one.values.cal.saturating_mul(held));
		kwh = kwh.saturating_add(one.values.kwh.saturating_mul(held));
	}
	let mean = || Some(FeedValues { cal: cal.checked_div(time)?, kwh: kwh.checked_div(time)? });
	Some(mean().unwrap_or(last.values))
}
