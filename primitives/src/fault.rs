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
	/// Committed to a result and did not reveal it.
	NotRevealed,
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
			Self::NotAccepted | Self::NotDelivered | Self::Vanished => Severity::Rising,
			Self::NotRevealed | Self::WrongResult => Severity::Earmark,
			Self::ForgedCapacity | Self::FalseDisclosure | Self::Equivocation => {
				Severity::Everything
			},
		}
	}

	/// Whether the chain itself has checked a proof, so that nothing is left to appeal: the slash acts at once. Others wait
	/// an epoch, in which governance can cancel them.
	pub const fn is_proved(self) -> bool {
		matches!(self, Self::WrongResult | Self::ForgedCapacity | Self::Equivocation)
	}

	/// Whether it also keeps a provider from work for a while.
	pub const fn jails(self) -> bool {
		!matches!(self.severity(), Severity::Rising)
	}
}
