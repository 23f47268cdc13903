// SPDX-License-Identifier: Apache-2.0
//! How the program ends.
//!
//! Scripts and service managers tell by the exit code whether to try again, and this is the only place that knows them.

use calor_client::{Error as ChainError, SubmitError};
use std::process::ExitCode;

/// Why the program ends other than by its own will.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
	/// Flags, environment or configuration file make no sense. Exit code 2.
	#[error("{0}")]
	Config(String),
	/// No node answers, or it is on another chain. Exit code 3.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// No usable adapter, or it failed its self-test. Exit code 4.
	#[error("{0}")]
	Adapter(String),
	/// The worker key works for nobody. Exit code 5.
	#[error("{0} is not registered as a worker: run `calor-worker register` with its owner's key")]
	NotRegistered(String),
	/// A transaction did not succeed. Exit code 1.
	#[error(transparent)]
	Submit(#[from] SubmitError),
	/// Anything else. Exit code 1.
	#[error("{0:#}")]
	Other(#[from] anyhow::Error),
}

impl Failure {
	/// The exit code that stands for it.
	pub fn code(&self) -> u8 {
		match self {
			Self::Submit(SubmitError::Chain(_)) | Self::Chain(_) => 3,
			Self::Config(_) => 2,
			Self::Adapter(_) => 4,
			Self::NotRegistered(_) => 5,
			Self::Submit(_) | Self::Other(_) => 1,
		}
	}
}

impl From<Failure> for ExitCode {
	fn from(failure: Failure) -> Self {
		failure.code().into()
	}
}
