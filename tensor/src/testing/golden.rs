// SPDX-License-Identifier: Apache-2.0
//! Golden vectors: programs with operands and results that were computed by other code than this.
//!
//! They are embedded from `tensor/golden/golden.scale`, where a README describes the format and the generator.

use super::{validated, Case};
use crate::{commit::Hash, program::Program, tensor::Tensor, types::TensorType};
use alloc::{format, string::String, vec::Vec};
use codec::{Decode, DecodeAll};

/// The file as it is committed.
static FILE: &[u8] = include_bytes!("../../golden/golden.scale");

/// A program, what it is run on, and what it must give.
#[derive(Clone, Debug)]
pub struct Golden {
	/// Name, program and operands.
	pub case: Case,
	/// The program's outputs, in order.
	pub outputs: Vec<Tensor>,
	/// Root over the roots of all operations' tensors.
	pub trace_root: Hash,
}

/// One entry of the file.
#[derive(Decode)]
struct Entry {
	name: String,
	program: Vec<u8>,
	operands: Vec<Vec<u8>>,
	outputs: Vec<Vec<u8>>,
	trace_root: Hash,
}

/// All golden vectors, in the file's order.
///
/// # Errors
/// In words, if the file and this crate disagree on the format or on what a valid program is.
pub fn golden() -> Result<Vec<Golden>, String> {
	let entries =
		Vec::<Entry>::decode_all(&mut &FILE[..]).map_err(|e| format!("golden.scale: {e}"))?;
	entries
		.into_iter()
		.map(|entry| {
			let name = entry.name.clone();
			entry.read().map_err(|reason| format!("golden vector '{name}': {reason}"))
		})
		.collect()
}

impl Entry {
	fn read(self) -> Result<Golden, String> {
		let program = Program::from_bytes(&self.program).map_err(|e| format!("{e}"))?;
		let mut case = Case { name: self.name, program, operands: Vec::new() };
		let checked = validated(&case).map_err(|e| format!("{e}"))?;
		let leaves = case.program.inputs.iter().chain(&case.program.constants);
		case.operands = tensors(leaves, &self.operands)?;
		let outputs = tensors(checked.output_types(), &self.outputs)?;
		Ok(Golden { case, outputs, trace_root: self.trace_root })
	}
}

fn tensors<'a>(
	types: impl Iterator<Item = &'a TensorType>,
	blobs: &[Vec<u8>],
) -> Result<Vec<Tensor>, String> {
	let types: Vec<_> = types.cloned().collect();
	if types.len() != blobs.len() {
		return Err(format!("{} tensors for {} types", blobs.len(), types.len()));
	}
	let pairs = types.into_iter().zip(blobs);
	pairs.map(|(ty, blob)| Tensor::from_bytes(ty, blob).map_err(|e| format!("{e}"))).collect()
}
