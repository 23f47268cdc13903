// SPDX-License-Identifier: Apache-2.0
//! Medians of repetitions, ours and the peer's in turns, so that what else the machine does meets both.

use crate::peer::Peer;
use anyhow::Result;
use std::time::{Duration, Instant};

/// How long a case is measured.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
	/// Repetitions of each side that there must be.
	pub least: usize,
	/// Repetitions that are enough.
	pub most: usize,
	/// Repetitions go on for so long.
	pub time: Duration,
}

/// Median seconds of one repetition: ours, and the peer's if there is one.
///
/// # Errors
/// Of either side.
pub fn medians(
	effort: Effort,
	mut ours: impl FnMut() -> Result<()>,
	mut peer: Option<&mut Peer>,
) -> Result<(f64, Option<f64>)> {
	let start = Instant::now();
	let (mut our_times, mut peer_times) = (Vec::new(), Vec::new());
	// The first of each is for the caches.
	for repetition in 0..=effort.most {
		let began = Instant::now();
		ours()?;
		let our_time = began.elapsed().as_secs_f64();
		let peer_time = peer.as_mut().map(|peer| peer.run()).transpose()?;
		if repetition > 0 {
			our_times.push(our_time);
			peer_times.extend(peer_time);
		}
		if our_times.len() >= effort.least && start.elapsed() > effort.time {
			break;
		}
	}
	Ok((median(our_times).unwrap_or(f64::NAN), median(peer_times)))
}

/// The median; none of nothing.
pub fn median(mut times: Vec<f64>) -> Option<f64> {
	times.sort_by(f64::total_cmp);
	let middle = times.get(times.len() / 2)?;
	let below = times.get(times.len().saturating_sub(1) / 2)?;
	Some((middle + below) / 2.0)
}

#[cfg(test)]
mod tests {
	use super::median;

	#[test]
	fn the_median_is_in_the_middle() {
		assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
		assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
		assert_eq!(median(Vec::new()), None);
	}
}
