// SPDX-License-Identifier: Apache-2.0
//! Signs of life, and being ready again after a silence.
//!
//! The chain takes a provider that is silent for long for one that is gone: it gets no jobs, and the one that it has is
//! given to another at the provider's cost. What a worker does for its jobs counts as a sign of life; a heartbeat is
//! sent only when it has done nothing else for an interval.

use calor_client::{
	runtime,
	types::{Availability, BlockNumber, Presence, ProviderRecord},
	Inclusion, SubmitError, Submitter,
};

/// Blocks between two attempts.
const PAUSE: BlockNumber = 4;

/// What to tell the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
	/// Nothing.
	None,
	/// That we are there.
	Heartbeat,
	/// That we take jobs.
	Ready,
}

/// What is remembered of them from block to block.
#[derive(Debug)]
pub struct Signs {
	auto_ready: bool,
	/// Whether to be ready as soon as the chain admits it.
	wants_ready: bool,
	/// Until when the last silence keeps us from being ready, as far as we know.
	ready_from: BlockNumber,
	/// Nothing is sent before that height: what was sent is not final yet, or failed.
	held: BlockNumber,
}

impl Signs {
	/// Those of a worker which begins. `auto_ready`: whether it is to be ready by itself when it begins, and again after
	/// a silence.
	pub fn new(auto_ready: bool) -> Self {
		Self { auto_ready, wants_ready: auto_ready, ready_from: 0, held: 0 }
	}

	/// The next sign, from what the chain has of us at the finalised height `now`, if heartbeats are due every `interval`
	/// blocks.
	pub fn next(
		&mut self,
		record: &ProviderRecord,
		interval: BlockNumber,
		now: BlockNumber,
	) -> Sign {
		if record.ready_from > self.ready_from {
			self.ready_from = record.ready_from;
			self.wants_ready = self.auto_ready;
			if now < record.ready_from {
				tracing::warn!(from = record.ready_from, "was silent: no jobs before that block");
			}
		}
		if now < self.held {
			return Sign::None;
		}
		match record.presence {
			// The wait begins with the sign.
			Presence::Gone => Sign::Heartbeat,
			Presence::Watched { .. } => {
				// Whoever drains from now on means it.
				self.wants_ready = false;
				match now.saturating_sub(record.seen) >= interval {
					true => Sign::Heartbeat,
					false => Sign::None,
				}
			},
			Presence::Free => match record.availability {
				Availability::Idle if self.wants_ready && now >= record.ready_from => Sign::Ready,
				_ => Sign::None,
			},
		}
	}

	/// Nothing is sent before that height.
	pub fn hold(&mut self, until: BlockNumber) {
		self.held = until;
	}
}

/// Gives a sign; returns the height before which none is to follow.
pub async fn give(submitter: &Submitter, sign: Sign, now: BlockNumber) -> BlockNumber {
	let sent = match sign {
		Sign::None => return now,
		Sign::Heartbeat => {
			submitter.submit(&runtime::tx().providers().heartbeat(), Inclusion::Best).await
		},
		Sign::Ready => {
			let call = runtime::tx().providers().set_ready(true);
			submitter.submit(&call, Inclusion::Best).await
		},
	};
	match sent {
		Ok(included) => {
			match sign {
				Sign::Ready => tracing::info!(block = included.height, "ready again"),
				_ => tracing::debug!(block = included.height, "heartbeat"),
			}
			included.height
		},
		// Something else that was sent meanwhile has counted as a sign of life.
		Err(SubmitError::Refused { reason, height }) if reason.contains("TooSoon") => {
			tracing::debug!(block = height, "the heartbeat was not needed");
			height
		},
		Err(error) => {
			tracing::warn!(?sign, "no sign of life could be given: {error}");
			now.saturating_add(PAUSE)
		},
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use calor_client::{
		types::{BoundedVec, Capacity, HardwareClass},
		AccountId32,
	};
	use Availability::*;

	const INTERVAL: BlockNumber = 10;

	fn record(availability: Availability, seen: u32, ready_from: u32) -> ProviderRecord {
		let presence = match availability {
			Ready | Working | Draining => Presence::Watched { alarm: 99 },
			Idle | Jailed { .. } => Presence::Free,
		};
		ProviderRecord {
			presence,
			worker: AccountId32([1; 32]),
			endpoint: BoundedVec(Vec::new()),
			class: HardwareClass::General,
			min_price: 0,
			claimed: Capacity { mac_per_second: 1, memory_mib: 1 },
			proven: 0,
			availability,
			place: 0,
			job: None,
			seen,
			ready_from,
			offline: 0,
			attended: 0,
			since: 1,
		}
	}

	#[test]
	fn a_heartbeat_is_due_after_an_interval_without_another_sign() {
		let mut signs = Signs::new(true);
		for at_work in [Ready, Working, Draining] {
			assert_eq!(signs.next(&record(at_work.clone(), 20, 0), INTERVAL, 29), Sign::None);
			assert_eq!(signs.next(&record(at_work, 20, 0), INTERVAL, 30), Sign::Heartbeat);
		}
		for (away, auto_ready) in [(Idle, false), (Jailed { until: 9 }, true)] {
			let mut signs = Signs::new(auto_ready);
			assert_eq!(signs.next(&record(away, 20, 0), INTERVAL, 90), Sign::None);
		}
	}

	#[test]
	fn what_is_not_final_yet_is_not_sent_again() {
		let mut signs = Signs::new(true);
		assert_eq!(signs.next(&record(Ready, 20, 0), INTERVAL, 30), Sign::Heartbeat);
		signs.hold(33);
		assert_eq!(signs.next(&record(Ready, 20, 0), INTERVAL, 32), Sign::None);
		assert_eq!(signs.next(&record(Ready, 33, 0), INTERVAL, 33), Sign::None);
	}

	#[test]
	fn after_a_silence_it_is_ready_when_the_chain_admits_it() {
		let mut signs = Signs::new(true);
		signs.next(&record(Ready, 5, 0), INTERVAL, 6);
		let gone = ProviderRecord { presence: Presence::Gone, ..record(Idle, 5, 0) };
		assert_eq!(signs.next(&gone, INTERVAL, 37), Sign::Heartbeat);
		assert_eq!(signs.next(&record(Idle, 38, 60), INTERVAL, 40), Sign::None);
		assert_eq!(signs.next(&record(Idle, 38, 60), INTERVAL, 60), Sign::Ready);
	}

	#[test]
	fn what_was_drained_stays_so() {
		let mut signs = Signs::new(true);
		assert_eq!(signs.next(&record(Idle, 5, 0), INTERVAL, 6), Sign::Ready, "at the start");
		signs.next(&record(Ready, 7, 0), INTERVAL, 8);
		assert_eq!(signs.next(&record(Idle, 9, 0), INTERVAL, 50), Sign::None);
		let mut never = Signs::new(false);
		assert_eq!(never.next(&record(Idle, 5, 60), INTERVAL, 70), Sign::None);
	}
}
