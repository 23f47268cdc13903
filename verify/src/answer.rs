// SPDX-License-Identifier: Apache-2.0
//! What an honest worker says.

use crate::{
	claimed::{hashes, of_op, root_of_chunk},
	Error, Run,
};
use calor_primitives::dispute::{Answer, Question};
use calor_tensor::{
	prove::bytes,
	referee::InputTile,
	tree::{chunk_siblings, chunk_tiles},
	Hash, TensorId, Validated,
};

impl Run {
	/// The answer to a question about this run. Those about hashes need no elements; [`Question::Chunk`] needs those of its
	/// tensor, which every run holds of operands and outputs.
	///
	/// # Errors
	/// [`Error::NoSuchThing`] or [`Error::NotHeld`].
	pub fn answer(&self, question: Question) -> Result<Answer, Error> {
		let none = || Error::NoSuchThing(question);
		let answer = match question {
			Question::Trace => self.op_roots().to_vec(),
			Question::Upper { op } => {
				let (_, descent) = of_op(self.program(), op).ok_or_else(none)?;
				descent.upper(self.leaves(self.defined_by(op)).ok_or_else(none)?)
			},
			Question::Lower { op, node } => {
				let (_, descent) = of_op(self.program(), op).ok_or_else(none)?;
				let leaves = self.leaves(self.defined_by(op)).ok_or_else(none)?;
				descent.lower(node, leaves).ok_or_else(none)?.to_vec()
			},
			Question::Chunk { tensor, chunk } => return self.chunk(tensor, chunk),
		};
		Ok(Answer::Hashes(hashes(answer).try_into().map_err(|_| none())?))
	}

	fn chunk(&self, tensor: TensorId, chunk: u32) -> Result<Answer, Error> {
		let none = || Error::NoSuchThing(Question::Chunk { tensor, chunk });
		let (_, layout) = self.program().tensor(tensor).ok_or_else(none)?;
		let (first, count) = chunk_tiles(layout, chunk).ok_or_else(none)?;
		let mut tiles = Vec::new();
		for tile in first..first.saturating_add(count) {
			let tile = bytes(self.program(), self, InputTile { tensor, tile });
			tiles.extend(tile.ok_or(Error::NotHeld(tensor))?);
		}
		let siblings = self.leaves(tensor).and_then(|leaves| chunk_siblings(leaves, chunk));
		Ok(Answer::Tiles {
			bytes: tiles.try_into().map_err(|_| none())?,
			siblings: hashes(siblings.ok_or_else(none)?).try_into().map_err(|_| none())?,
		})
	}
}

/// The tiles that an answer to [`Question::Chunk`] holds: the number of the first, and the bytes of each as its leaf hashes
/// them, 64 x 64 elements with their padding.
///
/// # Errors
/// [`Error::NoSuchThing`], or [`Error::WrongAnswer`] if they do not lead to `root`.
pub fn tiles<'a>(
	program: &Validated,
	tensor: TensorId,
	root: &Hash,
	chunk: u32,
	answer: &'a Answer,
) -> Result<(u32, impl Iterator<Item = &'a [u8]>), Error> {
	let question = Question::Chunk { tensor, chunk };
	let (ty, layout) = program.tensor(tensor).ok_or(Error::NoSuchThing(question))?;
	let (first, _) = chunk_tiles(layout, chunk).ok_or(Error::NoSuchThing(question))?;
	match answer {
		Answer::Tiles { bytes, .. } if root_of_chunk(ty, layout, chunk, answer) == Some(*root) => {
			Ok((first, bytes.chunks_exact(calor_tensor::commit::tile_len(ty.dtype))))
		},
		_ => Err(Error::WrongAnswer(question)),
	}
}
