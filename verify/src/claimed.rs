// SPDX-License-Identifier: Apache-2.0
//! What a worker has shown of its result.

use crate::Error;
use calor_primitives::{
	dispute::{Answer, Question, Shown},
	H256,
};
use calor_tensor::{
	commit::{trace_root, typed_root, Hash},
	proof::Known,
	prove::path_in_trace,
	tree::{root_by_chunk, Descent},
	Layout, TensorId, TensorType, Validated,
};
use std::collections::BTreeMap;

/// What a worker has shown of its result: all of it is binding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claimed {
	/// Roots of inputs, then constants, as the job names them.
	pub(crate) operands: Vec<Hash>,
	/// Roots of the outputs, as revealed.
	pub(crate) outputs: Vec<Hash>,
	/// Roots of what the operations define, once they were asked for.
	pub(crate) trace: Option<Vec<Hash>>,
	/// Answers to [`Question::Upper`] by operation.
	pub(crate) upper: BTreeMap<u16, Vec<Hash>>,
	/// Answers to [`Question::Lower`] by operation and node.
	pub(crate) lower: BTreeMap<(u16, u32), Vec<Hash>>,
}

impl Claimed {
	/// What is known after a reveal: the roots of the job's operands (inputs, then constants) and of the outputs.
	pub fn new(operands: Vec<Hash>, outputs: Vec<Hash>) -> Self {
		Self { operands, outputs, ..Self::default() }
	}

	/// Adds an answer, checked as the chain checks it.
	///
	/// # Errors
	/// [`Error::NoSuchThing`], [`Error::TooEarly`] or [`Error::WrongAnswer`].
	pub fn take(
		&mut self,
		program: &Validated,
		question: Question,
		answer: &Answer,
	) -> Result<(), Error> {
		let wrong = Error::WrongAnswer(question);
		let hashes = match answer {
			Answer::Hashes(hashes) => Some(hashes.iter().map(|hash| hash.0).collect::<Vec<_>>()),
			Answer::Tiles { .. } => None,
		};
		match (question, hashes) {
			(Question::Trace, Some(roots)) => {
				let program = program.program();
				let mut outputs = program.outputs.iter().zip(&self.outputs);
				let same = outputs.all(|(id, root)| {
					let op = usize::from(*id).checked_sub(program.leaves());
					op.and_then(|op| roots.get(op)) == Some(root)
				});
				// The first trace binds.
				let other = self.trace.as_ref().is_some_and(|trace| *trace != roots);
				if roots.len() != program.ops.len() || !same || other {
					return Err(wrong);
				}
				self.trace = Some(roots);
			},
			(Question::Upper { op }, Some(hashes)) => {
				let (ty, descent) = of_op(program, op).ok_or(Error::NoSuchThing(question))?;
				let root = self.root_of_op(program, op).ok_or(Error::TooEarly(question))?;
				let tree = descent.upper_root(&hashes);
				if tree.map(|tree| typed_root(ty, &tree)) != Some(root) {
					return Err(wrong);
				}
				self.upper.insert(op, hashes);
			},
			(Question::Lower { op, node }, Some(hashes)) => {
				let (_, descent) = of_op(program, op).ok_or(Error::NoSuchThing(question))?;
				descent.lower_len(node).ok_or(Error::NoSuchThing(question))?;
				let upper = self.upper.get(&op).ok_or(Error::TooEarly(question))?;
				if descent.lower_root(node, &hashes).as_ref() != upper.get(node as usize) {
					return Err(wrong);
				}
				self.lower.insert((op, node), hashes);
			},
			(Question::Chunk { tensor, chunk }, None) => {
				let (ty, layout) = program.tensor(tensor).ok_or(Error::NoSuchThing(question))?;
				let root = self.root_of(program, tensor).ok_or(Error::TooEarly(question))?;
				if root_of_chunk(ty, layout, chunk, answer) != Some(root) {
					return Err(wrong);
				}
			},
			_ => return Err(wrong),
		}
		Ok(())
	}

	/// What the worker is bound to, as the judge of a proof sees it.
	pub fn known(&self) -> Known {
		Known {
			operands: self.operands.clone(),
			outputs: self.outputs.clone(),
			trace: self.trace.as_deref().map(trace_root),
		}
	}

	/// The root that the worker has for a tensor, as far as it has shown it.
	pub fn root_of(&self, program: &Validated, tensor: TensorId) -> Option<Hash> {
		let of = program.program();
		let Some(op) = usize::from(tensor).checked_sub(of.leaves()) else {
			return self.operands.get(usize::from(tensor)).copied();
		};
		match of.outputs.iter().position(|id| *id == tensor) {
			Some(at) => self.outputs.get(at).copied(),
			None => self.trace.as_ref()?.get(op).copied(),
		}
	}

	/// The root that the worker has for what an operation defines, as far as it has shown it.
	pub(crate) fn root_of_op(&self, program: &Validated, op: u16) -> Option<Hash> {
		let leaves = TensorId::try_from(program.program().leaves()).ok()?;
		self.root_of(program, leaves.checked_add(op)?)
	}

	/// What a question must show of the answers before it; `None` if these are not there.
	pub(crate) fn shown(&self, program: &Validated, op: u16, node: Option<u32>) -> Option<Shown> {
		let tensor = TensorId::try_from(program.program().leaves()).ok()?.checked_add(op)?;
		let in_trace = path_in_trace(program, tensor, self.trace.as_deref().unwrap_or_default())?;
		let node = match node {
			Some(at) => {
				let (_, descent) = of_op(program, op)?;
				let upper = self.upper.get(&op)?;
				let path = descent.node_path(at, upper)?;
				Some((H256(*upper.get(at as usize)?), hashes(path).try_into().ok()?))
			},
			None => None,
		};
		Some(Shown {
			root: H256(self.root_of_op(program, op)?),
			in_trace: hashes(in_trace).try_into().ok()?,
			node,
		})
	}
}

/// Type and tree of what an operation defines.
pub(crate) fn of_op(program: &Validated, op: u16) -> Option<(&TensorType, Descent)> {
	let leaves = TensorId::try_from(program.program().leaves()).ok()?;
	let (ty, layout) = program.tensor(leaves.checked_add(op)?)?;
	Some((ty, Descent::of(layout)))
}

/// The root to which the tiles of a chunk lead.
pub(crate) fn root_of_chunk(
	ty: &TensorType,
	layout: &Layout,
	chunk: u32,
	answer: &Answer,
) -> Option<Hash> {
	let Answer::Tiles { bytes, siblings } = answer else { return None };
	let siblings: Vec<Hash> = siblings.iter().map(|hash| hash.0).collect();
	root_by_chunk(ty, layout, chunk, bytes, &siblings)
}

pub(crate) fn hashes(hashes: Vec<Hash>) -> Vec<H256> {
	hashes.into_iter().map(H256).collect()
}
