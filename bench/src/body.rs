// SPDX-License-Identifier: Apache-2.0
//! What is measured: a computation that can be built into a program for a run, or for many runs on a device.

use calor_tensor::{
	program::VERSION, DType, Fault, Op, Program, Rule, Scale, TensorId, TensorType, Validated,
};

/// Grows a program operation by operation and knows the type of what each defines.
pub struct Growing {
	leaves: usize,
	ops: Vec<Op>,
}

impl Growing {
	/// Appends an operation and says which tensor it defines.
	pub fn op(&mut self, op: Op) -> TensorId {
		self.ops.push(op);
		// Programs have at most 4,096 operations and 272 operands.
		(self.leaves + self.ops.len() - 1) as TensorId
	}

	/// i32 to i8 by about `ratio`.
	pub fn requant(&mut self, x: TensorId, ratio: f64) -> TensorId {
		self.op(Op::Requant { x, zero: 0, scales: vec![scale(ratio)] })
	}
}

/// The nearest factor to `ratio`, which lies between 2^-30 and 1.
pub fn scale(ratio: f64) -> Scale {
	let shift = 31u8;
	Scale {
		multiplier: ((ratio * f64::from(1u32 << 31)).round() as u32).clamp(1, (1 << 31) - 1),
		shift,
	}
}

/// The factor that brings sums of `terms` products of uniform i8 to a standard deviation of about 40.
pub fn ratio(terms: u32) -> f64 {
	// A uniform i8 has a standard deviation of 74.
	40.0 / (74.0 * 74.0 * f64::from(terms).sqrt())
}

/// Emits a computation on inputs and constants of these numbers and names its result.
pub type Emit = Box<dyn Fn(&mut Growing, &[TensorId], &[TensorId]) -> TensorId>;

/// A computation.
pub struct Body {
	/// Types of its inputs.
	pub inputs: Vec<TensorType>,
	/// Types of its constants.
	pub constants: Vec<TensorType>,
	/// Its operations.
	pub emit: Emit,
	/// Type of its result.
	pub result: TensorType,
}

impl Body {
	/// One computation: inputs in, the result out.
	pub fn program(&self) -> Program {
		let (i, c) = (self.inputs.len() as TensorId, self.constants.len() as TensorId);
		let mut g = Growing { leaves: usize::from(i + c), ops: Vec::new() };
		let inputs: Vec<_> = (0..i).collect();
		let constants: Vec<_> = (i..i + c).collect();
		let result = (self.emit)(&mut g, &inputs, &constants);
		Program {
			version: VERSION,
			inputs: self.inputs.clone(),
			constants: self.constants.clone(),
			ops: g.ops,
			outputs: vec![result],
		}
	}

	/// [`Self::resident`] of `most` computations, or of as many as the bounds of programs allow.
	///
	/// # Errors
	/// If not even one is a valid program.
	pub fn resident_within(&self, most: u32) -> Result<(Validated, u32), Fault> {
		let mut repeats = most.max(1);
		loop {
			match self.resident(repeats).validate() {
				Ok(program) => return Ok((program, repeats)),
				Err(Fault::Program(Rule::TooLong | Rule::OpCount)) if repeats > 1 => repeats /= 2,
				Err(fault) => return Err(fault),
			}
		}
	}

	/// So many computations that neither bring anything to the device nor fetch more than a corner of the last result:
	/// all operands are constants, and a corner of each result goes into one small output.
	fn resident(&self, repeats: u32) -> Program {
		let (i, c) = (self.inputs.len() as TensorId, self.constants.len() as TensorId);
		let mut g = Growing { leaves: usize::from(i + c), ops: Vec::new() };
		let inputs: Vec<_> = (0..i).collect();
		let constants: Vec<_> = (i..i + c).collect();
		let corner: Vec<u32> = self
			.result
			.dims
			.iter()
			.rev()
			.enumerate()
			.map(|(from_last, &d)| if from_last < 2 { d.min(8) } else { 1 })
			.rev()
			.collect();
		let mut sum: Option<TensorId> = None;
		for _ in 0..repeats.max(1) {
			let result = (self.emit)(&mut g, &inputs, &constants);
			let start = vec![0; corner.len()];
			let part = g.op(Op::Slice { x: result, start, dims: corner.clone() });
			sum = Some(match (sum, self.result.dtype) {
				(None, _) => part,
				(Some(a), DType::I8) => g.op(Op::MaxI8 { a, b: part }),
				(Some(a), DType::I32) => g.op(Op::AddI32 { a, b: part }),
			});
		}
		Program {
			version: VERSION,
			inputs: Vec::new(),
			constants: self.inputs.iter().chain(&self.constants).cloned().collect(),
			ops: g.ops,
			outputs: sum.into_iter().collect(),
		}
	}
}
