// SPDX-License-Identifier: Apache-2.0
//! What can go wrong between a claim and a verdict on it.

use calor_primitives::dispute::Question;
use calor_tensor::{
	proof::ProofError, referee::RefereeError, reference::RunError, tensor::TensorError, TensorId,
};

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// The operands are not what the program declares.
	#[error("wrong operands: {0}")]
	Operand(#[from] RunError),
	/// The engine could not run the program.
	#[error("the program could not be run: {0}")]
	Engine(#[source] Box<dyn std::error::Error + Send + Sync>),
	/// A tensor is not of the type that the program gives it.
	#[error("tensor {0} is not of the type that the program gives it")]
	Type(TensorId),
	/// Another number of things than the program has.
	#[error("{expected} {what} are needed, there are {actual}")]
	Count {
		/// What was counted.
		what: &'static str,
		/// How many there should be.
		expected: usize,
		/// How many there are.
		actual: usize,
	},
	/// The program has nothing that this question asks for.
	#[error("{0:?} asks for something that the program does not have")]
	NoSuchThing(Question),
	/// The elements of a tensor are needed and not held.
	#[error("the elements of tensor {0} are needed: hold them first")]
	NotHeld(TensorId),
	/// An answer does not lead to what the worker is bound to.
	#[error("the answer to {0:?} is not what the worker is bound to")]
	WrongAnswer(Question),
	/// An answer came before that to the question which leads to it.
	#[error("{0:?} cannot be checked before the answers that lead to it are known")]
	TooEarly(Question),
	/// The worker's roots of its outputs are not those in its trace.
	#[error("the trace is not that of the revealed outputs")]
	OtherTrace,
	/// A tile could not be opened.
	#[error("the proof could not be made: {0}")]
	Referee(#[from] RefereeError),
	/// The proof would not convince the chain, most likely since the operands are not those of the job.
	#[error("the proof would not hold: {0}; check that the operands are those of the job")]
	Proof(#[from] ProofError),
	/// The operating system gave no random number.
	#[error("no random number from the operating system: {0}")]
	Random(#[from] getrandom::Error),
}

impl From<calor_cpu::Error> for Error {
	fn from(error: calor_cpu::Error) -> Self {
		Self::Engine(Box::new(error))
	}
}

impl From<TensorError> for Error {
	fn from(error: TensorError) -> Self {
		Self::Engine(Box::new(error))
	}
}
