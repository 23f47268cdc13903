// SPDX-License-Identifier: Apache-2.0
//! The rules that every program obeys, and what it costs.
//!
//! [`Program::validate`] is the only way to a [`Validated`], and nothing downstream takes anything else: kernels, engines
//! and the chain rely on what is checked here.

use crate::{
	commit::{program_id, Hash},
	layout::Layout,
	program::{
		bounds, Op, Program, Scale, TensorId, MAX_BYTES, MAX_CONSTANTS, MAX_INPUTS, MAX_OPS,
		MAX_OUTPUTS, VERSION,
	},
	types::{DType, TensorType, MAX_RANK},
};
use alloc::vec::Vec;
use codec::Encode;
use core::fmt;

/// Longest sum of a MatMul: `16,384 * 128 * 128 = 2^28` cannot wrap an i32.
pub const MAX_K: u32 = 16_384;

/// A rule that a program can break. The numbers are stable: the chain reports them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Rule {
	/// The bytes are not one SCALE-encoded program.
	Malformed = 0,
	/// The version is not one that this code knows.
	UnknownVersion = 1,
	/// The encoded program is longer than 256 KiB.
	TooLong = 2,
	/// More than 4,096 operations, or none.
	OpCount = 3,
	/// More than 16 inputs.
	InputCount = 4,
	/// More than 256 constants.
	ConstantCount = 5,
	/// More than 16 outputs, or none.
	OutputCount = 6,
	/// A rank below 1 or above 4.
	Rank = 7,
	/// A dimension of zero.
	ZeroDimension = 8,
	/// More than 2^20 tiles.
	TooManyTiles = 9,
	/// An operand that is not defined before this operation.
	UndefinedOperand = 10,
	/// An operand of the wrong element type.
	ElementType = 11,
	/// Operands whose dimensions do not go together.
	Shape = 12,
	/// A sum over more than 16,384 elements.
	SumTooLong = 13,
	/// A multiplier of 2^31 or more.
	Multiplier = 14,
	/// A shift outside 1 to 62.
	Shift = 15,
	/// Neither one scale nor one for each index of the last dimension.
	ScaleCount = 16,
	/// A lower bound above the upper, or a bound that the element type cannot hold.
	Bounds = 17,
	/// A table that has not 256 entries.
	TableLength = 18,
	/// Not a permutation, or one that moves the last dimension other than by swapping the last two.
	Permutation = 19,
	/// A reshape to another number of elements.
	ElementCount = 20,
	/// An output that no operation defines; inputs and constants are not results.
	OutputNotComputed = 21,
	/// An output named twice.
	OutputRepeated = 22,
}

impl Rule {
	/// What the rule asks for, in words.
	pub const fn describe(self) -> &'static str {
		match self {
			Self::Malformed => "the bytes must be exactly one SCALE-encoded program",
			Self::UnknownVersion => "the version must be 1",
			Self::TooLong => "the encoded program may have at most 256 KiB",
			Self::OpCount => "there must be 1 to 4,096 operations",
			Self::InputCount => "there may be at most 16 inputs",
			Self::ConstantCount => "there may be at most 256 constants",
			Self::OutputCount => "there must be 1 to 16 outputs",
			Self::Rank => "the rank must be 1 to 4",
			Self::ZeroDimension => "no dimension may be zero",
			Self::TooManyTiles => "a tensor may have at most 2^20 tiles of 64 x 64",
			Self::UndefinedOperand => "an operand must be defined before it is used",
			Self::ElementType => "an operand has the wrong element type",
			Self::Shape => "the operands' dimensions do not go together",
			Self::SumTooLong => "a sum may have at most 16,384 elements",
			Self::Multiplier => "a multiplier must be below 2^31",
			Self::Shift => "a shift must be 1 to 62",
			Self::ScaleCount => "there must be one scale, or one for each index of the last dimension",
			Self::Bounds => "the lower bound may not exceed the upper, and both must fit the element type",
			Self::TableLength => "a table must have 256 entries",
			Self::Permutation => {
				"the permutation must keep the last dimension, or swap the last two and keep the rest"
			},
			Self::ElementCount => "a reshape must keep the number of elements",
			Self::OutputNotComputed => "an output must be defined by an operation",
			Self::OutputRepeated => "an output may be named only once",
		}
	}
}

/// Which part of a program breaks which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
	/// The program as a whole.
	Program(Rule),
	/// The input of that index.
	Input(u16, Rule),
	/// The constant of that index.
	Constant(u16, Rule),
	/// The operation of that index.
	Op(u16, &'static str, Rule),
	/// The output of that index.
	Output(u16, Rule),
}

impl Fault {
	/// The rule that is broken.
	pub const fn rule(&self) -> Rule {
		match *self {
			Self::Program(rule)
			| Self::Input(_, rule)
			| Self::Constant(_, rule)
			| Self::Op(_, _, rule)
			| Self::Output(_, rule) => rule,
		}
	}
}

impl fmt::Display for Fault {
	/// `op 3 (MatMul): the operands' dimensions do not go together`
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Program(_) => f.write_str("program")?,
			Self::Input(i, _) => write!(f, "input {i}")?,
			Self::Constant(i, _) => write!(f, "constant {i}")?,
			Self::Op(i, name, _) => write!(f, "op {i} ({name})")?,
			Self::Output(i, _) => write!(f, "output {i}")?,
		}
		write!(f, ": {}", self.rule().describe())
	}
}

impl core::error::Error for Fault {}

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

	/// Cost of the program in multiply-accumulates: exact for MatMul, one for each element read or written elsewhere.
	pub fn mac(&self) -> u64 {
		self.mac
	}

	/// Cost of each operation in multiply-accumulates.
	pub fn costs(&self) -> &[u64] {
		&self.costs
	}
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
			let (tensor, cost) =
				infer(op, &tensors).map_err(|rule| Fault::Op(i, op.name(), rule))?;
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

/// Checks a tensor type by itself.
pub(crate) fn admit(ty: TensorType) -> Result<(TensorType, Layout), Rule> {
	if !(1..=MAX_RANK).contains(&ty.dims.len()) {
		return Err(Rule::Rank);
	}
	if ty.dims.contains(&0) {
		return Err(Rule::ZeroDimension);
	}
	let layout = Layout::of(&ty).ok_or(Rule::TooManyTiles)?;
	Ok((ty, layout))
}

fn ensure(ok: bool, rule: Rule) -> Result<(), Rule> {
	ok.then_some(()).ok_or(rule)
}

/// Type, layout and cost of what `op` defines, given the tensors before it.
fn infer(op: &Op, tensors: &[(TensorType, Layout)]) -> Result<((TensorType, Layout), u64), Rule> {
	let operand =
		|id: TensorId| tensors.get(usize::from(id)).map(|(ty, _)| ty).ok_or(Rule::UndefinedOperand);
	let ty = match op {
		Op::MatMul { a, b } => matmul(operand(*a)?, operand(*b)?)?,
		Op::Bias { x, bias } => {
			let (x, bias) = (operand(*x)?, operand(*bias)?);
			ensure(x.dtype == DType::I32 && bias.dtype == DType::I32, Rule::ElementType)?;
			ensure(is_row_of(bias, x), Rule::Shape)?;
			x.clone()
		},
		Op::AddI32 { a, b } => {
			let (a, b) = (operand(*a)?, operand(*b)?);
			ensure(a.dtype == DType::I32 && b.dtype == DType::I32, Rule::ElementType)?;
			ensure(a.dims == b.dims || is_row_of(b, a), Rule::Shape)?;
			a.clone()
		},
		Op::Requant { x, scales, .. } => {
			let x = operand(*x)?;
			ensure(x.dtype == DType::I32, Rule::ElementType)?;
			check_scales(scales, x.last())?;
			TensorType { dtype: DType::I8, dims: x.dims.clone() }
		},
		Op::Relu { x } => operand(*x)?.clone(),
		Op::Clamp { x, low, high } => {
			let x = operand(*x)?;
			let (least, greatest) = bounds(x.dtype);
			ensure(least <= *low && low <= high && *high <= greatest, Rule::Bounds)?;
			x.clone()
		},
		Op::Lut256 { x, table } => {
			let x = operand(*x)?;
			ensure(x.dtype == DType::I8, Rule::ElementType)?;
			ensure(table.len() == 256, Rule::TableLength)?;
			x.clone()
		},
		Op::RowMax { x } => row_result(operand(*x)?, None),
		Op::ArgMax { x } => row_result(operand(*x)?, Some(DType::I32)),
		Op::Transpose { x, perm } => transpose(operand(*x)?, perm)?,
		Op::Reshape { x, dims } => {
			let x = operand(*x)?;
			let to = TensorType { dtype: x.dtype, dims: dims.clone() };
			ensure((1..=MAX_RANK).contains(&dims.len()), Rule::Rank)?;
			// Dimensions are u32 and at most four: their product needs u128 to be exact.
			let product = dims.iter().fold(1u128, |n, &d| n.saturating_mul(u128::from(d)));
			ensure(product == u128::from(x.elements()), Rule::ElementCount)?;
			to
		},
	};
	let (ty, layout) = admit(ty)?;
	let cost = match op {
		Op::MatMul { a, .. } => ty.elements().saturating_mul(u64::from(operand(*a)?.last())),
		_ => op.operands().try_fold(ty.elements(), |sum, id| {
			Ok::<_, Rule>(sum.saturating_add(operand(id)?.elements()))
		})?,
	};
	Ok(((ty, layout), cost))
}

/// Whether `row` is the one row `[N]` that can be broadcast over `x: [.., N]`.
fn is_row_of(row: &TensorType, x: &TensorType) -> bool {
	row.dims.len() == 1 && row.last() == x.last()
}

fn row_result(x: &TensorType, dtype: Option<DType>) -> TensorType {
	let mut ty = TensorType { dtype: dtype.unwrap_or(x.dtype), dims: x.dims.clone() };
	if let Some(last) = ty.dims.last_mut() {
		*last = 1;
	}
	ty
}

fn check_scales(scales: &[Scale], channels: u32) -> Result<(), Rule> {
	ensure(scales.len() == 1 || scales.len() as u64 == u64::from(channels), Rule::ScaleCount)?;
	for scale in scales {
		ensure(scale.multiplier < 1 << 31, Rule::Multiplier)?;
		ensure((1..=62).contains(&scale.shift), Rule::Shift)?;
	}
	Ok(())
}

fn matmul(a: &TensorType, b: &TensorType) -> Result<TensorType, Rule> {
	ensure(a.dtype == DType::I8 && b.dtype == DType::I8, Rule::ElementType)?;
	let (Some((&k, [a_lead @ .., m])), Some((&kb, [b_lead @ .., n]))) =
		(a.dims.split_last(), b.dims.split_last())
	else {
		return Err(Rule::Shape);
	};
	ensure(k == kb && (b_lead.is_empty() || a_lead == b_lead), Rule::Shape)?;
	ensure(k <= MAX_K, Rule::SumTooLong)?;
	let mut dims = a_lead.to_vec();
	dims.extend([*m, *n]);
	Ok(TensorType { dtype: DType::I32, dims })
}

fn transpose(x: &TensorType, perm: &[u8]) -> Result<TensorType, Rule> {
	let rank = x.dims.len();
	ensure(perm.len() == rank && rank >= 2, Rule::Permutation)?;
	ensure((0u8..).take(rank).all(|d| perm.contains(&d)), Rule::Permutation)?;
	let keeps_last = perm.last().map(|&d| usize::from(d)) == rank.checked_sub(1);
	// With the last dimension moved, everything before the last two must stand still: then only those two are swapped.
	let swaps_two = (0u8..).zip(perm).take(rank.saturating_sub(2)).all(|(i, &d)| i == d);
	ensure(keeps_last || swaps_two, Rule::Permutation)?;
	let dims = perm.iter().filter_map(|&d| x.dims.get(usize::from(d)).copied()).collect();
	Ok(TensorType { dtype: x.dtype, dims })
}
