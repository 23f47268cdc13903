// SPDX-License-Identifier: Apache-2.0
//! What can go wrong while a result is checked.

use calor_blobs::FetchError;
use calor_client::SubmitError;

/// Why a result could not be checked, or a challenge not be carried through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// The chain could not be read.
	#[error(transparent)]
	Chain(#[from] calor_client::Error),
	/// The chain does not have what it should.
	#[error("{0}")]
	NotThere(String),
	/// A tensor cannot be had.
	#[error("tensor {tensor} cannot be fetched: {source}")]
	Blob {
		/// Number of the tensor in the program.
		tensor: u16,
		/// What was wrong at its addresses.
		source: FetchError,
	},
	/// The program could not be run, or what was shown contradicts itself.
	#[error(transparent)]
	Verify(#[from] calor_verify::Error),
	/// A transaction failed again and again.
	#[error("{what} was not accepted: {source}")]
	Refused {
		/// What it was to do.
		what: &'static str,
		/// The last failure.
		source: SubmitError,
	},
	/// A thread failed.
	#[error("{0}")]
	Thread(String),
}

impl Error {
	/// Whether it may be over when the chain is asked again.
	pub(crate) fn passes(&self) -> bool {
		use calor_client::Error::WrongChain;
		matches!(self, Self::Chain(error) if !matches!(error, WrongChain { .. }))
	}
}

impl From<calor_cpu::Error> for Error {
	fn from(error: calor_cpu::Error) -> Self {
		Self::Verify(error.into())
	}
}

impl From<tokio::task::JoinError> for Error {
	fn from(error: tokio::task::JoinError) -> Self {
		Self::Thread(error.to_string())
	}
}
