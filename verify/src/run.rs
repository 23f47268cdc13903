// SPDX-License-Identifier: Apache-2.0
//! A run of a program, as whoever checks or defends a result needs it.

use crate::Error;
use calor_cpu::Engine;
use calor_tensor::{
	commit::{leaf, tile_bytes, tree_root, typed_root, Hash},
	kernels::{Segment, Source},
	reference::check_operands,
	Tensor, TensorId, Validated, TILE,
};
use rayon::prelude::*;
use std::{
	ops::ControlFlow,
	sync::{Arc, OnceLock},
};

/// Runs programs without fusion, result by result.
pub trait Tracer {
	/// Hands what each operation defines to `visit(op, tensor)`, in order, until it breaks off. `operands` are the inputs,
	/// then the constants.
	///
	/// # Errors
	/// The engine's.
	fn trace(
		&self,
		program: &Validated,
		operands: &[Tensor],
		visit: &mut dyn FnMut(usize, Tensor) -> ControlFlow<()>,
	) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;
}

impl Tracer for Engine {
	fn trace(
		&self,
		program: &Validated,
		operands: &[Tensor],
		visit: &mut dyn FnMut(usize, Tensor) -> ControlFlow<()>,
	) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
		Ok(self.run_traced(&self.plan(program)?, operands, visit)?)
	}
}

/// Which results a run keeps the elements of. The leaf hashes of all are kept always: 32 bytes for a tile of 4 or 16 KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
	/// Outputs: [`Run::hold`] computes others again when a proof needs them.
	Outputs,
	/// All: as much memory as the results of all operations have together.
	All,
}

/// A run of a program: all its hashes, and the elements of operands and some results.
#[derive(Clone, Debug)]
pub struct Run {
	program: Arc<Validated>,
	operands: Arc<[Tensor]>,
	/// Leaf hashes of each operand, once they are needed.
	operand_leaves: Vec<OnceLock<Vec<Hash>>>,
	/// Of what each operation defines: elements if kept, and leaf hashes.
	defined: Vec<(Option<Tensor>, Vec<Hash>)>,
	/// Roots of what the operations define.
	roots: Vec<Hash>,
}

/// Leaf hashes of a tensor, by all cores.
fn leaves_of(tensor: &Tensor) -> Vec<Hash> {
	let layout = tensor.layout();
	let tiles = (0..layout.tiles()).into_par_iter().filter_map(|at| layout.tile(at));
	tiles.map(|tile| leaf(&tile_bytes(tensor, &tile))).collect()
}

impl Run {
	/// Runs a program on `operands`, the inputs and then the constants.
	///
	/// # Errors
	/// [`Error::Operand`] or [`Error::Engine`].
	pub fn trace(
		tracer: &impl Tracer,
		program: Arc<Validated>,
		operands: impl Into<Arc<[Tensor]>>,
		keep: Keep,
	) -> Result<Self, Error> {
		let mut run = Self::empty(program, operands.into())?;
		let (program, operands) = (run.program.clone(), run.operands.clone());
		let mut fault = None;
		let visit = &mut |_, tensor| match run.add(tensor, keep) {
			Ok(()) => ControlFlow::Continue(()),
			Err(error) => {
				fault = Some(error);
				ControlFlow::Break(())
			},
		};
		tracer.trace(&program, &operands, visit).map_err(Error::Engine)?;
		fault.map_or_else(|| run.complete(), Err)
	}

	/// The run in which the operations defined these tensors, whoever computed them. All are kept.
	///
	/// # Errors
	/// [`Error::Operand`]; [`Error::Type`] or [`Error::Count`] if they are not what the program defines.
	pub fn of(
		program: Arc<Validated>,
		operands: impl Into<Arc<[Tensor]>>,
		defined: impl IntoIterator<Item = Tensor>,
	) -> Result<Self, Error> {
		let mut run = Self::empty(program, operands.into())?;
		defined.into_iter().try_for_each(|tensor| run.add(tensor, Keep::All))?;
		run.complete()
	}

	fn empty(program: Arc<Validated>, operands: Arc<[Tensor]>) -> Result<Self, Error> {
		check_operands(&program, operands.iter().map(Tensor::ty))?;
		let operand_leaves = operands.iter().map(|_| OnceLock::new()).collect();
		Ok(Self { program, operands, operand_leaves, defined: Vec::new(), roots: Vec::new() })
	}

	/// Adds what the next operation defines.
	fn add(&mut self, tensor: Tensor, keep: Keep) -> Result<(), Error> {
		let id = (self.operands.len() + self.defined.len()) as TensorId;
		self.check_type(id, &tensor)?;
		let leaves = leaves_of(&tensor);
		self.roots.push(typed_root(tensor.ty(), &tree_root(&leaves)));
		let kept = keep == Keep::All || self.program.program().outputs.contains(&id);
		self.defined.push((kept.then_some(tensor), leaves));
		Ok(())
	}

	fn check_type(&self, id: TensorId, tensor: &Tensor) -> Result<(), Error> {
		let declared = self.program.tensor(id).map(|(ty, _)| ty);
		if declared == Some(tensor.ty()) {
			Ok(())
		} else {
			Err(Error::Type(id))
		}
	}

	fn complete(self) -> Result<Self, Error> {
		let (expected, actual) = (self.program.program().ops.len(), self.defined.len());
		if expected != actual {
			return Err(Error::Count { what: "results", expected, actual });
		}
		Ok(self)
	}

	/// Computes these tensors again and keeps their elements, in place of those of other results that are no outputs.
	///
	/// # Errors
	/// [`Error::Engine`], or [`Error::Type`] if the tracer does not give what it gave before.
	pub fn hold(&mut self, tracer: &impl Tracer, tensors: &[TensorId]) -> Result<(), Error> {
		let leaves = self.operands.len();
		let (program, operands) = (self.program.clone(), self.operands.clone());
		let wanted = |op: usize| tensors.contains(&((leaves + op) as TensorId));
		for (op, (tensor, _)) in self.defined.iter_mut().enumerate() {
			let output = program.program().outputs.contains(&((leaves + op) as TensorId));
			if !output && !wanted(op) {
				*tensor = None;
			}
		}
		let lacks =
			|run: &Self, op: usize| wanted(op) && matches!(run.defined.get(op), Some((None, _)));
		let Some(last) = (0..self.defined.len()).rev().find(|&op| lacks(self, op)) else {
			return Ok(());
		};
		let mut fault = None;
		let visit = &mut |op: usize, tensor: Tensor| {
			if lacks(self, op) {
				// What a faulty machine gives a second time must not get into a proof.
				match self.defined.get_mut(op) {
					Some((kept, hashes)) if *hashes == leaves_of(&tensor) => *kept = Some(tensor),
					_ => {
						fault = Some(Error::Type((leaves + op) as TensorId));
						return ControlFlow::Break(());
					},
				}
			}
			if op < last {
				ControlFlow::Continue(())
			} else {
				ControlFlow::Break(())
			}
		};
		tracer.trace(&program, &operands, visit).map_err(Error::Engine)?;
		fault.map_or(Ok(()), Err)
	}

	/// The program.
	pub fn program(&self) -> &Validated {
		&self.program
	}

	/// The inputs, then the constants.
	pub fn operands(&self) -> &[Tensor] {
		&self.operands
	}

	/// Roots of what the operations define, in order.
	pub fn op_roots(&self) -> &[Hash] {
		&self.roots
	}

	/// Roots of the outputs, in the program's order.
	pub fn output_roots(&self) -> Vec<Hash> {
		let outputs = self.program.program().outputs.iter();
		outputs.filter_map(|&id| self.root(id)).collect()
	}

	/// The outputs, in the program's order.
	pub fn outputs(&self) -> impl Iterator<Item = &Tensor> {
		self.program.program().outputs.iter().filter_map(|&id| self.tensor(id))
	}

	/// The root of a tensor; `None` if the program has no such tensor.
	pub fn root(&self, id: TensorId) -> Option<Hash> {
		match usize::from(id).checked_sub(self.operands.len()) {
			Some(op) => self.roots.get(op).copied(),
			None => Some(typed_root(
				self.operands.get(usize::from(id))?.ty(),
				&tree_root(self.leaves(id)?),
			)),
		}
	}

	/// The leaf hashes of a tensor; `None` if the program has no such tensor.
	pub fn leaves(&self, id: TensorId) -> Option<&[Hash]> {
		match usize::from(id).checked_sub(self.operands.len()) {
			Some(op) => self.defined.get(op).map(|(_, leaves)| leaves.as_slice()),
			None => {
				let operand = self.operands.get(usize::from(id))?;
				Some(self.operand_leaves.get(usize::from(id))?.get_or_init(|| leaves_of(operand)))
			},
		}
	}

	/// A tensor, if its elements are held.
	pub fn tensor(&self, id: TensorId) -> Option<&Tensor> {
		match usize::from(id).checked_sub(self.operands.len()) {
			Some(op) => self.defined.get(op)?.0.as_ref(),
			None => self.operands.get(usize::from(id)),
		}
	}

	/// The number of what an operation defines.
	pub(crate) fn defined_by(&self, op: u16) -> TensorId {
		// Validation admits at most 272 operands and 4,096 operations.
		(self.operands.len() as TensorId).saturating_add(op)
	}
}

impl Source for Run {
	fn segment(&self, id: TensorId, matrix: u32, row: u32, tile_col: u32) -> Option<Segment<'_>> {
		use calor_tensor::Data;
		let tensor = self.tensor(id)?;
		let layout = tensor.layout();
		let col = tile_col.checked_mul(TILE)?;
		let len = layout.cols.checked_sub(col)?.min(TILE) as usize;
		let from = usize::try_from(layout.element(matrix, row, col)).ok()?;
		match tensor.data() {
			Data::I8(v) => v.get(from..from + len).map(Segment::I8),
			Data::I32(v) => v.get(from..from + len).map(Segment::I32),
		}
	}
}
