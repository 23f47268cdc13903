// SPDX-License-Identifier: Apache-2.0
//! Windows.

use calor_primitives::BlockNumber;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// How often providers must be heard, and what a silence costs.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	serde::Serialize,
	serde::Deserialize,
)]
pub struct Windows {
	/// Blocks from one heartbeat to the next.
	///
	/// Shorter and heartbeats, which pay no fee, fill the blocks; longer and jobs go to providers that are gone.
	pub heartbeat: BlockNumber,
	/// Blocks of silence after which a provider counts as gone; at least two heartbeats, so that one that is lost does no
	/// harm.
	pub offline: BlockNumber,
	/// Most blocks that a provider must wait after a silence until it can be ready again.
	///
	/// Shorter and vanishing is cheap for whoever does it often; longer and a power cut costs days.
	pub longest_wait: BlockNumber,
}

impl Default for Windows {
	/// Windows of a public chain: a heartbeat every five minutes, gone after fifteen, at most six hours of waiting.
	fn default() -> Self {
		Self { heartbeat: 150, offline: 450, longest_wait: 10_800 }
	}
}

impl Windows {
	/// Whether two heartbeats fit into the silence that is allowed, and an error can name the longest wait.
	pub fn are_valid(&self) -> bool {
		self.heartbeat > 0
			&& self.heartbeat.checked_mul(2).is_some_and(|two| self.offline >= two)
			&& self.longest_wait <= BlockNumber::from(u16::MAX)
	}
}
