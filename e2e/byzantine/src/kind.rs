// SPDX-License-Identifier: Apache-2.0
//! The kinds of misbehaviour, and in what each differs from an honest worker. Whatever is not said here is done honestly.

use crate::views::Question;
use clap::ValueEnum;

/// A kind of misbehaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
	/// Computes nothing: all tensors are zeros.
	Zeros,
	/// Puts out random bytes.
	Random,
	/// One element of the output is off by one, in its first tile.
	FirstTile,
	/// One element of the output is off by one, the very last.
	LastTile,
	/// The output is right, but a byte outside of it, which its last tile is padded with, is not zero.
	Padding,
	/// The output is right, an element between is not.
	WrongTrace,
	/// The output's root is random, and nothing stands under it.
	GarbageRoot,
	/// Puts its sibling's commitment in the place of its own, and opens it as its sibling does.
	CopyCommit,
	/// Commits to nothing, and shows what its sibling has shown.
	CopyReveal,
	/// Commits twice, and shows what it had not committed to.
	Equivocator,
	/// Commits and reveals, but nobody gets the output.
	WithholdOutput,
	/// Wrong, and shows nothing when it is asked.
	WithholdTrace,
	/// Wrong, and answers the first question only.
	OneAnswer,
	/// Accepts one block late.
	LateAccept,
	/// Commits one block late.
	LateCommit,
	/// Reveals one block late.
	LateReveal,
	/// Answers one block late.
	LateAnswer,
	/// One element of the output is off by one, and an auditor is told the roots in secret.
	Colluder,
	/// Claims to be faster than it is: commits to zeros for its proof of capacity.
	CapacityForger,
	/// Audits by copying the worker's commitment, and opens it as the worker does.
	AuditorCopies,
	/// Audits by agreeing with what it was told in secret.
	AuditorAgrees,
	/// Audits by disagreeing, whatever the result.
	AuditorDisagrees,
	/// Is drawn as auditor and does nothing.
	AuditorSilent,
}

/// How a result deviates from the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
	/// Not at all.
	None,
	/// Everything is zeros.
	Zeros,
	/// The outputs are random.
	Random,
	/// One element of the first output, in its first tile.
	FirstElement,
	/// The last element of the first output.
	LastElement,
	/// A byte of padding of the first output.
	Padding,
	/// One element of the first tensor that is no output.
	Between,
	/// The root of the first output.
	Root,
}

/// What can be done one block late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
	/// `jobs.accept`.
	Accept,
	/// `verification.commit`.
	Commit,
	/// `verification.reveal`.
	Reveal,
	/// `verification.answer`.
	Answer,
}

impl Kind {
	/// How its results deviate.
	pub fn lie(self) -> Lie {
		match self {
			Self::Zeros | Self::CapacityForger | Self::OneAnswer => Lie::Zeros,
			Self::Random => Lie::Random,
			Self::FirstTile | Self::WithholdTrace | Self::Colluder => Lie::FirstElement,
			Self::LastTile => Lie::LastElement,
			Self::Padding => Lie::Padding,
			Self::WrongTrace => Lie::Between,
			Self::GarbageRoot => Lie::Root,
			_ => Lie::None,
		}
	}

	/// Whether it does a step one block after its deadline.
	pub fn is_late(self, step: Step) -> bool {
		matches!(
			(self, step),
			(Self::LateAccept, Step::Accept)
				| (Self::LateCommit, Step::Commit)
				| (Self::LateReveal, Step::Reveal)
				| (Self::LateAnswer, Step::Answer)
		)
	}

	/// Whether it answers a question, if it can.
	pub fn answers(self, question: &Question) -> bool {
		match self {
			Self::WithholdTrace => false,
			Self::OneAnswer => matches!(question, Question::Trace),
			Self::WithholdOutput => !matches!(question, Question::Chunk { .. }),
			_ => true,
		}
	}

	/// Whether it serves outputs.
	pub fn serves(self) -> bool {
		self != Self::WithholdOutput
	}

	/// Whether it waits for another worker's part to copy it.
	pub fn copies(self) -> bool {
		matches!(self, Self::CopyCommit | Self::CopyReveal | Self::AuditorCopies)
	}

	/// Whether it audits.
	pub fn audits(self) -> bool {
		matches!(
			self,
			Self::AuditorCopies
				| Self::AuditorAgrees
				| Self::AuditorDisagrees
				| Self::AuditorSilent
		)
	}
}
