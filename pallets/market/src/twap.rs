// SPDX-License-Identifier: Apache-2.0
//! The mean of what was observed, by the time for which it held.

use crate::{
	types::{Observation, Observations, OBSERVATION_SPACING},
	FeedValues,
};

/// Adds an observation; the oldest makes room. Within a minute of the last one it takes the place of its values, so that
/// of feeders who report one after the other the last counts, and not who was first with the others' old values.
pub fn keep(observations: &mut Observations, new: Observation) {
	match observations.last_mut() {
		Some(last) if new.at.saturating_sub(last.at) < OBSERVATION_SPACING => {
			last.values = new.values;
		},
		_ => {
			if observations.is_full() {
				observations.remove(0);
			}
			// There is room now.
			let _ = observations.try_push(new);
		},
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

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests may panic")]
mod tests {
	use super::*;
	use crate::{
		mock::cases,
		types::{MAX_OBSERVATIONS, MAX_PRICE, MAX_TWAP},
	};
	use proptest::prelude::*;

	const MINUTE: u64 = 60_000;

	fn at(minute: u64, cal: u128) -> Observation {
		Observation { values: FeedValues { cal, kwh: 2 * cal }, at: minute * MINUTE }
	}

	#[test]
	fn each_counts_for_as_long_as_it_held() {
		let seen = [at(100, 10), at(110, 20), at(115, 90)];
		// Ten minutes at 10, five at 20, five at 90.
		let found = mean(&seen, 120 * MINUTE, 30 * MINUTE, 10 * MINUTE);
		assert_eq!(found, Some(FeedValues { cal: 32, kwh: 65 }));
	}

	#[test]
	fn what_is_before_the_window_counts_from_its_beginning() {
		let seen = [at(100, 10), at(110, 20)];
		let found = mean(&seen, 112 * MINUTE, 4 * MINUTE, 60 * MINUTE).expect("seen");
		assert_eq!(found.cal, 15);
	}

	#[test]
	fn an_outage_weighs_no_more_than_the_time_to_staleness() {
		let seen = [at(100, 10), at(125, 40)];
		// 10 is stale from minute 110.
		let found = mean(&seen, 130 * MINUTE, 30 * MINUTE, 10 * MINUTE).expect("seen");
		assert_eq!(found.cal, (10 * 10 + 40 * 5) / 15);
	}

	#[test]
	fn after_a_clock_has_jumped_by_a_year_only_what_is_new_counts() {
		let year = 525_960;
		let seen = [at(100, 10), at(101, 10), at(101 + year, 70)];
		for after in [0, 1, 30] {
			let found = mean(&seen, (101 + year + after) * MINUTE, 30 * MINUTE, 10 * MINUTE);
			assert_eq!(found.expect("seen").cal, 70);
		}
	}

	#[test]
	fn without_time_the_last_one_is_the_mean() {
		assert_eq!(mean(&[], MINUTE, MINUTE, MINUTE), None);
		let seen = [at(100, 10), at(101, 30)];
		assert_eq!(mean(&seen[1..], 101 * MINUTE, 30 * MINUTE, MINUTE).expect("seen").cal, 30);
		// A clock that went back.
		assert_eq!(mean(&seen, 99 * MINUTE, 30 * MINUTE, MINUTE).expect("seen").cal, 30);
	}

	#[test]
	fn one_a_minute_is_kept_and_the_oldest_goes() {
		let mut kept = Observations::new();
		for second in 0..60 * 40 {
			let mut one = at(0, 1);
			one.at = second * 1_000;
			keep(&mut kept, one);
		}
		assert_eq!(kept.len() as u32, MAX_OBSERVATIONS);
		assert_eq!(kept[0].at, 8 * MINUTE);
		assert!(kept[31].at - kept[0].at >= MAX_TWAP);
		// A clock that stands still or goes back adds nothing, and the last value counts.
		for minute in [39, 1] {
			let mut expected = kept.clone();
			expected[31].values = at(0, 7).values;
			keep(&mut kept, at(minute, 7));
			assert_eq!(kept, expected);
		}
	}

	proptest! {
		#![proptest_config(cases())]

		#[test]
		fn the_mean_lies_within_what_was_seen(
			seen in prop::collection::vec((any::<u64>(), 1..=MAX_PRICE, 1..=MAX_PRICE), 1..33),
			now: u64,
			window in 1..=MAX_TWAP,
			longest in 1..=u64::MAX,
		) {
			// In any order: no clock can break it.
			let seen: Vec<_> = seen
				.into_iter()
				.map(|(at, cal, kwh)| Observation { values: FeedValues { cal, kwh }, at })
				.collect();
			let found = mean(&seen, now, window, longest).expect("seen");
			let within = |value: u128, all: Vec<u128>| {
				all.iter().any(|one| *one <= value) && all.iter().any(|one| value <= *one)
			};
			prop_assert!(within(found.cal, seen.iter().map(|one| one.values.cal).collect()));
			prop_assert!(within(found.kwh, seen.iter().map(|one| one.values.kwh).collect()));
		}
	}
}
