// SPDX-License-Identifier: Apache-2.0
//! From a result that differs to the one tile that shows it.

use crate::{claimed::of_op, Claimed, Error, Run};
use calor_primitives::dispute::{Question, Shown};
use calor_tensor::{
	proof::{judge, FraudProof},
	prove::{prove, Lie},
	Hash, Op, TensorId,
};
use std::collections::BTreeSet;

/// What to do next about a claimed result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
	/// Nothing that the worker has shown is wrong.
	Agrees,
	/// Ask this, and show that. At most three questions lead to a proof.
	Ask(Question, Option<Shown>),
	/// A proof opens these tensors, whose elements the run does not hold: see [`Run::hold`].
	Recompute(Vec<TensorId>),
	/// The worker lied. The chain will see it as well: the proof was judged as the chain judges it.
	Proof(FraudProof),
}

/// How far the worker has been led towards a tile of an operation that it got wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
	Upper,
	Lower { node: u32 },
	Tile { tile: u32 },
}

impl Run {
	/// What to do next about a result that claims to be this run.
	///
	/// An operation can be proved wrong if its root differs and those of its operands do not: then the challenger holds
	/// what the worker must have had. The first one that differs always can. An output whose operands are operands or
	/// outputs of the job needs no trace.
	///
	/// # Errors
	/// [`Error::Count`] if there are more or fewer claims than tensors, [`Error::OtherTrace`] if they contradict each
	/// other, [`Error::Proof`] if the operands of this run are not those of the job.
	pub fn next(&self, claimed: &Claimed) -> Result<Finding, Error> {
		self.check_counts(claimed)?;
		let outputs = self.output_roots();
		let provable = self.provable(claimed);
		// The furthest of them, and among equals the first.
		let furthest = provable.iter().filter_map(|&op| Some((op, self.step(claimed, op)?)));
		let furthest = furthest.rev().max_by_key(|(_, step)| match step {
			Step::Upper => 0,
			Step::Lower { .. } => 1,
			Step::Tile { .. } => 2,
		});
		match furthest {
			Some((op, Step::Tile { tile })) => self.proof(claimed, op, tile),
			Some((op, step)) => {
				let (question, node) = match step {
					Step::Lower { node } => (Question::Lower { op, node }, Some(node)),
					_ => (Question::Upper { op }, None),
				};
				let shown = claimed.shown(self.program(), op, node);
				Ok(Finding::Ask(question, Some(shown.ok_or(Error::OtherTrace)?)))
			},
			None if claimed.trace.is_none() && claimed.outputs != outputs => {
				Ok(Finding::Ask(Question::Trace, None))
			},
			None if claimed.outputs != outputs => Err(Error::OtherTrace),
			None => Ok(Finding::Agrees),
		}
	}

	fn check_counts(&self, claimed: &Claimed) -> Result<(), Error> {
		let program = self.program().program();
		let trace = claimed.trace.as_ref().map_or(program.ops.len(), Vec::len);
		for (what, expected, actual) in [
			("operand roots", program.leaves(), claimed.operands.len()),
			("output roots", program.outputs.len(), claimed.outputs.len()),
			("roots of a trace", program.ops.len(), trace),
		] {
			if expected != actual {
				return Err(Error::Count { what, expected, actual });
			}
		}
		Ok(())
	}

	/// Operations whose root the worker has shown to be another than here, while it has shown the same for each operand.
	fn provable(&self, claimed: &Claimed) -> Vec<u16> {
		let program = self.program();
		// Whether the worker's root is that of this run, if it has shown it.
		let same = |id: TensorId| match usize::from(id) < program.program().leaves() {
			true => Some(true),
			false => Some(claimed.root_of(program, id)? == self.root(id)?),
		};
		let ops = (0u16..).zip(&program.program().ops);
		ops.filter(|(op, what)| {
			same(self.defined_by(*op)) == Some(false)
				&& what.operands().all(|id| same(id) == Some(true))
		})
		.map(|(op, _)| op)
		.collect()
	}

	/// What is known about an operation that differs; `None` if its answers are those of this run, which cannot be.
	fn step(&self, claimed: &Claimed, op: u16) -> Option<Step> {
		let (_, descent) = of_op(self.program(), op)?;
		let leaves = self.leaves(self.defined_by(op))?;
		let Some(upper) = claimed.upper.get(&op) else { return Some(Step::Upper) };
		let right = descent.upper(leaves);
		let mut nodes = differing(upper, &right);
		if !descent.is_deep() {
			return nodes.next().map(|tile| Step::Tile { tile });
		}
		let nodes: Vec<u32> = nodes.collect();
		let known = |node: &&u32| claimed.lower.contains_key(&(op, **node));
		let Some(&node) = nodes.iter().find(known) else {
			return nodes.first().map(|&node| Step::Lower { node });
		};
		let shown = claimed.lower.get(&(op, node))?;
		let place = differing(shown, descent.lower(node, leaves)?).next()?;
		descent.tile(node, place).map(|tile| Step::Tile { tile })
	}

	fn proof(&self, claimed: &Claimed, op: u16, tile: u32) -> Result<Finding, Error> {
		let program = self.program();
		let what = program.program().ops.get(usize::from(op));
		let defined = |id: &TensorId| usize::from(*id) >= program.program().leaves();
		let read: BTreeSet<TensorId> =
			what.into_iter().flat_map(Op::operands).filter(defined).collect();
		if read.iter().any(|&id| self.tensor(id).is_none()) {
			return Ok(Finding::Recompute(read.into_iter().collect()));
		}
		let lie = self.lie(claimed, op, tile).ok_or(Error::OtherTrace)?;
		let trace = claimed.trace.as_deref().unwrap_or_default();
		let proof = prove(program, lie, self, |id| self.leaves(id), trace)?;
		judge(program, &claimed.known(), &proof)?;
		Ok(Finding::Proof(proof))
	}

	fn lie(&self, claimed: &Claimed, op: u16, tile: u32) -> Option<Lie> {
		let (_, descent) = of_op(self.program(), op)?;
		let (node, place) = descent.locate(tile);
		let upper = claimed.upper.get(&op)?;
		let lower = claimed.lower.get(&(op, node)).map(Vec::as_slice).unwrap_or_default();
		let path = descent.tile_path(tile, upper, lower)?;
		let claimed = match descent.is_deep() {
			true => lower.get(place as usize)?,
			false => upper.get(tile as usize)?,
		};
		Some(Lie { op, tile, claimed: *claimed, path })
	}
}

/// Where two lists of hashes differ.
fn differing<'a>(a: &'a [Hash], b: &'a [Hash]) -> impl Iterator<Item = u32> + 'a {
	(0..).zip(a.iter().zip(b)).filter(|(_, (a, b))| a != b).map(|(at, _)| at)
}
