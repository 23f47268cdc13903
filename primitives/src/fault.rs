// SPDX-License-Identifier: Apache-2.0
//! What providers and validators are penalised for, and how much of their stake it costs.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A breach of what stake answers for.
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
)]
pub enum Fault {
	/// Did not accept a job in time.
	NotAccepted,
	/// Did not commit to a result in time, grace included.
	NotDelivered,
	/// Gave no sign of life while it had a job.
	Vanished,
	/// Committed to a result, of its own job or of an audit, and did not reveal it.
	NotRevealed,
	/// Was asked for what it computed on the way to its result, and did not show it.
	TraceWithheld,
	/// Did not show an output that nobody could fetch.
	OutputWithheld,
	/// Did not show an input that it had accepted and nobody could fetch.
	InputWithheld,
	/// Claimed an audit and did not commit to a result.
	AuditorSilent,
	/// Disagreed with a result and did not prove it wrong.
	AuditorUnproven,
	/// Agreed with a result that was proved wrong.
	AuditorAgreed,
	/// Was proved to have committed to a wrong result.
	WrongResult,
	/// Was proved to have forged its capacity.
	ForgedCapacity,
	/// Disclosed what is not true.
	FalseDisclosure,
	/// Signed two different blocks or votes for one place.
	Equivocation,
}

/// How much a fault costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
	/// A quarter of what stands behind the job, doubling with each repeat within memory.
	Rising,
	/// All that stands behind the job.
	Earmark,
	/// All stake, unbonding stake among it; the account never takes part again.
	Everything,
}

impl Fault {
	/// How much it costs.
	pub const fn severity(self) -> Severity {
		match self {
			Self::NotAccepted
			| Self::NotDelivered
			| Self::Vanished
			| Self::OutputWithheld
			| Self::InputWithheld
			| Self::AuditorSilent
			| Self::AuditorUnproven => Severity::Rising,
			Self::NotRevealed | Self::TraceWithheld | Self::WrongResult | Self::AuditorAgreed => {
				Severity::Earmark
			},
			Self::ForgedCapacity | Self::FalseDisclosure | Self::Equivocation => {
				Severity::Everything
			},
		}
	}

	/// Whether the chain itself has checked a proof, so that nothing is left to appeal: the slash acts at once. Others wait
	/// an epoch, in which governance can cancel them.
	pub const fn is_proved(self) -> bool {
		matches!(
			self,
			Self::WrongResult | Self::AuditorAgreed | Self::ForgedCapacity | Self::Equivocation
		)
	}

	/// Whether it also keeps a provider from work for a while.
	pub const fn jails(self) -> bool {
		!matches!(self.severity(), Severity::Rising)
	}
}
