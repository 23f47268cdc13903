// SPDX-License-Identifier: Apache-2.0
//! What can go wrong between a program and its result.

use crate::Level;
use calor_tensor::{reference::RunError, tensor::TensorError};

/// Why the engine could not be made or could not run a program.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// The machine lacks the instructions that were asked for.
	#[error(
		"this machine has no {wanted:?} instructions, only {available:?}; choose one of these"
	)]
	NoSuchLevel {
		/// What was asked for.
		wanted: Level,
		/// What there is.
		available: Vec<Level>,
	},
	/// The threads could not be started.
	#[error("{threads} threads could not be started: {reason}; ask for fewer")]
	Threads {
		/// How many were asked for.
		threads: usize,
		/// The system's words.
		reason: String,
	},
	/// The program needs more memory than the options allow; found before anything was allocated.
	#[error("the program needs {need} bytes, the limit is {limit}; raise the limit")]
	TooLarge {
		/// Bytes that it needs beside inputs and the caller's constants.
		need: u64,
		/// Bytes that there may be.
		limit: u64,
	},
	/// The operands are not what the program declares.
	#[error("wrong operands: {0}")]
	Operand(#[from] RunError),
	/// More or fewer tensors than were asked for.
	#[error("{expected} {what} are needed, {actual} were given")]
	Count {
		/// What was counted.
		what: &'static str,
		/// How many there should be.
		expected: usize,
		/// How many there are.
		actual: usize,
	},
	/// The plan was made by an engine with other options.
	#[error("the plan was made for another engine; plan again on this one")]
	ForeignPlan,
	/// Something that cannot be unless this crate is wrong.
	#[error("internal: {0}")]
	Internal(&'static str),
}

impl From<TensorError> for Error {
	fn from(_: TensorError) -> Self {
		Self::Internal("a tensor does not fit its type")
	}
}
