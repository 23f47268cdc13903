// SPDX-License-Identifier: Apache-2.0
//! The rules that every program obeys, and what it costs.
//!
//! [`Program::validate`] is the only way to a [`Validated`], and nothing downstream takes anything else: kernels, engines
//! and the chain rely on what is checked here.

use crate::{
	bounds::check_tile,
	commit::{program_id, Hash},
	infer::{admit, cost, infer},
	layout::Layout,
	program::{
		Program, TensorId, MAX_BYTES, MAX_CONSTANTS, MAX_INPUTS, MAX_OPS, MAX_OUTPUTS, VERSION,
	},
	types::TensorType,
};
use alloc::vec::Vec;
use codec::Encode;

pub use crate::rules::{Fault, Rule};

/// A program that obeys every rule, with the types of all its tensors and its cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validated {
	program: Program,
	id: Hash,
	tensors: Vec<(TensorType, Layout)>,
	costs: Vec<u64>,
	mac: u64,
}

impl Validated {
	/// Decodes and validates.
	///
	/// # Errors
	/// The first [`Fault`] found.
	pub fn from_bytes(bytes: &[u8]) -> Result<Self, Fault> {
		if bytes.len() > MAX_BYTES {
			return Err(Fault::Program(Rule::TooLong));
		}
		Program::from_bytes(bytes).map_err(|_| Fault::Program(Rule::Malformed))?.validate()
	}

	/// The program.
	pub fn program(&self) -> &Program {
		&self.program
	}

	/// BLAKE2b-256 of the encoded program.
	pub fn id(&self) -> Hash {
		self.id
	}

	/// Type and layout of a tensor; `None` for a number that the program does not define.
	pub fn tensor(&self, id: TensorId) -> Option<&(TensorType, Layout)> {
		self.tensors.get(usize::from(id))
	}

	/// Types and layouts of all tensors: inputs, constants, one for each operation.
	pub fn tensors(&self) -> &[(TensorType, Layout)] {
		&self.tensors
	}

	/// Layout of what operation `op` defines; `None` past the last one.
	pub fn op_layout(&self, op: u16) -> Option<&Layout> {
		let at = self.program.leaves().saturating_add(usize::from(op));
		self.tensors.get(at).map(|(_, layout)| layout)
	}

	/// Types of the outputs, in order.
	pub fn output_types(&self) -> impl Iterator<Item = &TensorType> {
		self.program.outputs.iter().filter_map(|&id| self.tensor(id)).map(|(ty, _)| ty)
	}

	/// Cost of the program in multiply-accumulates: the terms of MatMul and Conv2d, one for each element
	/// read or written elsewhere, and at least one for each element of a result's tiles with their padding.
	pub fn mac(&self) -> u64 {
		self.mac
	}

	/// Memory in bytes that a run needs at once: constants throughout, inputs and results until they are read last. An
	/// engine that fuses operations needs less, one that pads or splits somewhat more.
	pub fn memory(&self) -> u64 {
		let bytes = |id: usize| self.tensors.get(id).map_or(0, |(ty, _)| ty.bytes());
		let (leaves, inputs) = (self.program.leaves(), self.program.inputs.len());
		let last = last_use(&self.program, self.tensors.len());
		let mut dying: Vec<u64> = alloc::vec![0; self.program.ops.len().saturating_add(1)];
		for (id, last) in last.iter().enumerate().filter(|(id, _)| *id < inputs || *id >= leaves) {
			if let Some(sum) = dying.get_mut(*last) {
				*sum = sum.saturating_add(bytes(id));
			}
		}
		let mut alive = (0..leaves).fold(0u64, |sum, id| sum.saturating_add(bytes(id)));
		let mut most = alive;
		for (op, dies) in dying.iter().take(self.program.ops.len()).enumerate() {
			alive = alive.saturating_add(bytes(leaves.saturating_add(op)));
			most = most.max(alive);
			alive = alive.saturating_sub(*dies);
		}
		most
	}

	/// Cost of each operation in multiply-accumulates.
	pub fn costs(&self) -> &[u64] {
		&self.costs
	}
}

/// How far each tensor is needed: the last operation that reads it, or the number of operations for an output.
fn last_use(program: &Program, tensors: usize) -> Vec<usize> {
	let mut last: Vec<usize> = (0..tensors).map(|id| id.saturating_sub(program.leaves())).collect();
	for (i, op) in program.ops.iter().enumerate() {
		for id in op.operands() {
			if let Some(last) = last.get_mut(usize::from(id)) {
				*last = i;
			}
		}
	}
	for id in &program.outputs {
		if let Some(last) = last.get_mut(usize::from(*id)) {
			*last = program.ops.len();
		}
	}
	last
}

impl Program {
	/// Checks every rule and computes types and cost.
	///
	/// # Errors
	/// The first [`Fault`] found, in the order inputs, constants, operations, outputs.
	pub fn validate(self) -> Result<Validated, Fault> {
		let whole = |ok: bool, rule| if ok { Ok(()) } else { Err(Fault::Program(rule)) };
		whole(self.version == VERSION, Rule::UnknownVersion)?;
		whole(self.inputs.len() <= MAX_INPUTS, Rule::InputCount)?;
		whole(self.constants.len() <= MAX_CONSTANTS, Rule::ConstantCount)?;
		whole((1..=MAX_OPS).contains(&self.ops.len()), Rule::OpCount)?;
		whole((1..=MAX_OUTPUTS).contains(&self.outputs.len()), Rule::OutputCount)?;
		let bytes = self.encode();
		whole(bytes.len() <= MAX_BYTES, Rule::TooLong)?;

		let mut tensors = Vec::with_capacity(self.leaves().saturating_add(self.ops.len()));
		for (i, ty) in (0u16..).zip(&self.inputs) {
			tensors.push(admit(ty.clone()).map_err(|rule| Fault::Input(i, rule))?);
		}
		for (i, ty) in (0u16..).zip(&self.constants) {
			tensors.push(admit(ty.clone()).map_err(|rule| Fault::Constant(i, rule))?);
		}
		let mut costs = Vec::with_capacity(self.ops.len());
		let mut mac = 0u64;
		for (i, op) in (0u16..).zip(&self.ops) {
			let fault = |rule| Fault::Op(i, op.name(), rule);
			let tensor = infer(op, &tensors).map_err(fault)?;
			check_tile(op, &tensors, &tensor.1).map_err(fault)?;
			let cost = cost(op, &tensors, &tensor).map_err(fault)?;
			tensors.push(tensor);
			costs.push(cost);
			// 4,096 operations of at most 2^47 MAC each stay far below 2^64.
			mac = mac.saturating_add(cost);
		}
		for (i, id) in (0u16..).zip(&self.outputs) {
			let at = usize::from(*id);
			if at < self.leaves() || at >= tensors.len() {
				return Err(Fault::Output(i, Rule::OutputNotComputed));
			}
			if self.outputs.iter().take(usize::from(i)).any(|earlier| earlier == id) {
				return Err(Fault::Output(i, Rule::OutputRepeated));
			}
		}
		Ok(Validated { id: program_id(&bytes), program: self, tensors, costs, mac })
	}
}
