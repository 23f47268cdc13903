// SPDX-License-Identifier: Apache-2.0
//! A run as a cheat tells it: honest but for one lie, and consistent with itself wherever it can be.

use crate::{
	claim::{random_hash, Claim},
	kind::Lie,
	views::{Answer, Question},
};
use anyhow::{ensure, Context};
use calor_cpu::{Engine, Options};
use calor_primitives::H256;
use calor_tensor::{
	commit::Hash,
	tree::{chunk_siblings, chunk_tiles, Descent},
	Program, Tensor, Validated,
};
use std::ops::ControlFlow;

/// All tensors of a run, as they are claimed to be.
pub struct Forged {
	program: Validated,
	/// Inputs and constants, then what the operations define.
	tensors: Vec<Claim>,
	/// The tensor of which nothing is known below its root.
	hollow: Option<usize>,
}

impl Forged {
	/// Runs a program honestly and then lies; if nothing is true anyway, it is not run.
	///
	/// # Errors
	/// If it cannot be run, or there is nothing about which this lie can be told.
	pub fn run(code: &[u8], operands: &[Vec<u8>], lie: Lie) -> anyhow::Result<Self> {
		let program = Program::from_bytes(code)?.validate()?;
		let mut forged = if lie == Lie::Zeros {
			let operands = tensors(&program, operands)?;
			let zeros = program.tensors().iter().skip(operands.len());
			let zeros = zeros.map(|(ty, layout)| Claim::zeros(ty, layout));
			let tensors = operands.iter().map(Claim::honest).chain(zeros).collect();
			Self { program, tensors, hollow: None }
		} else {
			Self::honest(program, operands)?
		};
		forged.lie(lie)?;
		Ok(forged)
	}

	fn honest(program: Validated, operands: &[Vec<u8>]) -> anyhow::Result<Self> {
		let operands = tensors(&program, operands)?;
		let mut all: Vec<Claim> = operands.iter().map(Claim::honest).collect();
		let engine = Engine::new(&Options { threads: Some(1), ..Options::default() })?;
		let plan = engine.plan(&program)?;
		engine.run_traced(&plan, &operands, |_, tensor| {
			all.push(Claim::honest(&tensor));
			ControlFlow::Continue(())
		})?;
		Ok(Self { program, tensors: all, hollow: None })
	}

	fn lie(&mut self, lie: Lie) -> anyhow::Result<()> {
		let outputs: Vec<usize> =
			self.program.program().outputs.iter().map(|id| usize::from(*id)).collect();
		let first = *outputs.first().context("a program without outputs")?;
		match lie {
			Lie::None | Lie::Zeros => {},
			Lie::Random => {
				for id in outputs {
					self.tensors[id].scramble()?;
				}
			},
			Lie::FirstElement => self.tensors[first].flip_first(),
			Lie::LastElement => self.tensors[first].flip_last(),
			Lie::Padding => self.tensors[first].flip_padding()?,
			Lie::Between => {
				let mut ops = self.program.program().leaves()..self.tensors.len();
				let between = ops.find(|id| !outputs.contains(id));
				self.tensors[between.context("every operation is an output")?].flip_first();
			},
			Lie::Root => {
				self.tensors[first].root = random_hash()?;
				self.hollow = Some(first);
			},
		}
		Ok(())
	}

	/// Roots of the outputs, as claimed.
	pub fn output_roots(&self) -> Vec<Hash> {
		let outputs = &self.program.program().outputs;
		outputs.iter().map(|id| self.tensors[usize::from(*id)].root).collect()
	}

	/// The outputs, as claimed.
	pub fn outputs(&self) -> Vec<Vec<u8>> {
		let outputs = &self.program.program().outputs;
		outputs.iter().map(|id| self.tensors[usize::from(*id)].blob()).collect()
	}

	/// The best answer to a question; `None` if there is none that the chain would take.
	pub fn answer(&self, question: &Question) -> Option<Answer> {
		let leaves = self.program.program().leaves();
		let op = |op: &u16| {
			let id = usize::from(*op) + leaves;
			self.tensors.get(id).filter(|_| self.hollow != Some(id))
		};
		match question {
			Question::Trace => hashes(self.tensors.iter().skip(leaves).map(|claim| claim.root)),
			Question::Upper { op: at } => {
				let claim = op(at)?;
				hashes(Descent::of(claim.layout()).upper(&claim.leaves))
			},
			Question::Lower { op: at, node } => {
				let claim = op(at)?;
				let found = Descent::of(claim.layout()).lower(*node, &claim.leaves)?;
				hashes(found.iter().copied())
			},
			Question::Chunk { tensor, chunk } => {
				let id = usize::from(*tensor);
				let claim = self.tensors.get(id).filter(|_| self.hollow != Some(id))?;
				let (first, count) = chunk_tiles(claim.layout(), *chunk)?;
				let siblings = chunk_siblings(&claim.leaves, *chunk)?;
				Some(Answer::Tiles {
					bytes: claim.tiles(first, count).try_into().ok()?,
					siblings: siblings.into_iter().map(H256).collect::<Vec<_>>().try_into().ok()?,
				})
			},
		}
	}
}

fn hashes(hashes: impl IntoIterator<Item = Hash>) -> Option<Answer> {
	let hashes: Vec<_> = hashes.into_iter().map(H256).collect();
	hashes.try_into().ok().map(Answer::Hashes)
}

/// Inputs and constants from their blobs.
fn tensors(program: &Validated, blobs: &[Vec<u8>]) -> anyhow::Result<Vec<Tensor>> {
	let leaves = program.program().leaves();
	ensure!(blobs.len() == leaves, "{} blobs for {leaves} inputs and constants", blobs.len());
	let typed = program.tensors().iter().zip(blobs);
	typed.map(|((ty, _), blob)| Ok(Tensor::from_bytes(ty.clone(), blob)?)).collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use calor_tensor::{
		commit::{trace_root, typed_root},
		program::VERSION,
		tree::root_by_chunk,
		Op, TensorType,
	};
	use codec::Encode;

	/// `y = 2 x`, `z = 2 y`, and z is put out: two tiles of [65, 70], with padding in the last.
	fn program() -> Program {
		Program {
			version: VERSION,
			inputs: vec![TensorType::i32(&[65, 70])],
			constants: Vec::new(),
			ops: vec![Op::AddI32 { a: 0, b: 0 }, Op::AddI32 { a: 1, b: 1 }],
			outputs: vec![2],
		}
	}

	fn operands() -> Vec<Vec<u8>> {
		vec![(0..65 * 70i32).flat_map(i32::to_le_bytes).collect()]
	}

	fn run(lie: Lie) -> Forged {
		Forged::run(&program().encode(), &operands(), lie).unwrap()
	}

	fn roots(forged: &Forged, question: &Question) -> Vec<Hash> {
		match forged.answer(question) {
			Some(Answer::Hashes(hashes)) => hashes.iter().map(|hash| hash.0).collect(),
			_ => Vec::new(),
		}
	}

	#[test]
	fn every_lie_differs_where_it_should_and_agrees_with_itself() {
		let honest = run(Lie::None);
		let right = roots(&honest, &Question::Trace);
		for (lie, differs) in [
			(Lie::None, [false, false]),
			(Lie::Zeros, [true, true]),
			(Lie::Random, [false, true]),
			(Lie::FirstElement, [false, true]),
			(Lie::LastElement, [false, true]),
			(Lie::Padding, [false, true]),
			(Lie::Between, [true, false]),
			(Lie::Root, [false, true]),
		] {
			let forged = run(lie);
			let trace = roots(&forged, &Question::Trace);
			let found = [trace[0] != right[0], trace[1] != right[1]];
			assert_eq!(found, differs, "{lie:?}");
			assert_eq!(
				forged.output_roots(),
				trace[1..],
				"{lie:?}: what is revealed stands in the trace"
			);
			assert_eq!(trace_root(&trace) == trace_root(&right), lie == Lie::None, "{lie:?}");
			for op in 0..2u16 {
				let claim = &forged.tensors[usize::from(op) + 1];
				let upper = roots(&forged, &Question::Upper { op });
				if lie == Lie::Root && op == 1 {
					assert!(upper.is_empty(), "nothing stands under it");
					continue;
				}
				let tree = Descent::of(claim.layout()).upper_root(&upper).unwrap();
				let ty = TensorType::i32(&[65, 70]);
				assert_eq!(typed_root(&ty, &tree), claim.root, "{lie:?}");
				let question = Question::Chunk { tensor: op + 1, chunk: 0 };
				let Some(Answer::Tiles { bytes, siblings }) = forged.answer(&question) else {
					panic!("{lie:?}: no tiles");
				};
				let siblings: Vec<Hash> = siblings.iter().map(|hash| hash.0).collect();
				let root = root_by_chunk(&ty, claim.layout(), 0, &bytes, &siblings);
				assert_eq!(root, Some(claim.root), "{lie:?}");
			}
		}
	}

	#[test]
	fn padding_is_no_part_of_the_blob() {
		assert_eq!(run(Lie::Padding).outputs(), run(Lie::None).outputs());
		let right: Vec<u8> = (0..65 * 70i32).flat_map(|x| (4 * x).to_le_bytes()).collect();
		assert_eq!(run(Lie::None).outputs(), [right]);
	}
}
