// SPDX-License-Identifier: Apache-2.0
//! How the program ends. Scripts tell by the exit code what was found, and this is the only place that knows them.

use calor_client::{Error as ChainError, SubmitError};
use calor_dispute::Error as DisputeError;
use std::process::ExitCode;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
	/// It is right. Exit code 0.
	Right,
	/// It is wrong. Exit code 10.
	Wrong,
	/// It is wrong, or was withheld, and its worker was convicted. Exit code 11.
	Convicted,
	/// It is wrong, and its worker could not be convicted. Exit code 12.
	Unpunished,
	/// It cannot be checked. Exit code 13.
	Unchecked,
	/// It is right, but outputs are not served. Exit code 14.
	Unserved,
}

impl End {
	/// The exit code that stands for it.
	pub const fn code(self) -> u8 {
		match self {
			Self::Right => 0,
			Self::Wrong => 10,
			Self::Convicted => 11,
			Self::Unpunished => 12,
			Self::Unchecked => 13,
			Self::Unserved => 14,
		}
	}
}

impl From<End> for ExitCode {
	fn from(end: End) -> Self {
		end.code().into()
	}
}

/// Why nothing was found.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
	/// Flags or environment make no sense. Exit code 2.
	#[error("{0}")]
	Usage(String),
	/// No node answers, or the chain could not be read. Exit code 3.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// Anything else about the check or the dispute. Exit code 1, or 3 if it is the chain's.
	#[error(transparent)]
	Dispute(#[from] DisputeError),
	/// Anything else. Exit code 1.
	#[error("{0}")]
	Other(String),
}

impl Failure {
	/// The exit code that stands for it.
	pub fn code(&self) -> u8 {
		match self {
			Self::Usage(_) => 2,
			Self::Chain(_)
			| Self::Dispute(
				DisputeError::Chain(_)
				| DisputeError::Refused { source: SubmitError::Chain(_), .. },
			) => 3,
			Self::Dispute(_) | Self::Other(_) => 1,
		}
	}
}

impl From<Failure> for ExitCode {
	fn from(failure: Failure) -> Self {
		failure.code().into()
	}
}
