// SPDX-License-Identifier: Apache-2.0
//! Random and edge-case programs with operands, by which engines are held against the reference.
//!
//! Everything here is a function of a seed, so that a failure on one machine can be repeated on any other.

#![allow(clippy::arithmetic_side_effects, reason = "test data, bounded by construction")]

pub mod golden;

use crate::{
	layout::Layout,
	program::{Op, Program, Scale, TensorId, VERSION},
	tensor::{Data, Tensor},
	types::{DType, TensorType},
	validate::Validated,
};
use alloc::{string::String, vec, vec::Vec};

/// A program and its operands: inputs, then constants.
#[derive(Clone, Debug)]
pub struct Case {
	/// What it is about; empty for random cases.
	pub name: String,
	/// The program.
	pub program: Program,
	/// Inputs, then constants.
	pub operands: Vec<Tensor>,
}

/// SplitMix64: small, seedable, good enough to choose test cases.
#[derive(Clone, Debug)]
pub struct Choice(u64);

impl Choice {
	/// A generator that depends on nothing but `seed`.
	pub const fn new(seed: u64) -> Self {
		Self(seed)
	}

	/// The next 64 bits.
	pub fn bits(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	/// A number in `low..=high`.
	pub fn within(&mut self, low: u64, high: u64) -> u64 {
		low + self.bits() % (high - low + 1)
	}

	/// One of `items`; the default if there are none.
	pub fn of<T: Copy + Default>(&mut self, items: &[T]) -> T {
		let at = self.bits() as usize % items.len().max(1);
		items.get(at).copied().unwrap_or_default()
	}

	/// Elements of all kinds: uniform, extreme, or all alike.
	pub fn tensor(&mut self, ty: &TensorType) -> Option<Tensor> {
		let n = ty.elements() as usize;
		let style = self.within(0, 5);
		let data = match ty.dtype {
			DType::I8 => Data::I8(match style {
				0 => vec![i8::MIN; n],
				1 => (0..n).map(|_| self.of(&[i8::MIN, i8::MAX, -1, 0, 1])).collect(),
				_ => (0..n).map(|_| self.bits() as i8).collect(),
			}),
			DType::I32 => Data::I32(match style {
				0 => vec![i32::MIN; n],
				1 => (0..n).map(|_| self.of(&[i32::MIN, i32::MAX, -1, 0, 1])).collect(),
				2 => (0..n).map(|_| (self.bits() as i32) >> 16).collect(),
				_ => (0..n).map(|_| self.bits() as i32).collect(),
			}),
		};
		Tensor::from_data(ty.clone(), data).ok()
	}

	fn dim(&mut self) -> u32 {
		match self.within(0, 9) {
			0 => 1,
			1 => self.of(&[63, 64, 65, 127, 128, 129]),
			_ => self.within(1, 20) as u32,
		}
	}

	fn dims(&mut self) -> Vec<u32> {
		let rank = self.within(1, 4);
		let mut dims: Vec<u32> = (0..rank).map(|_| self.dim()).collect();
		// Keep a case small: the reference is not fast.
		let product = |dims: &[u32]| dims.iter().map(|&d| u64::from(d)).product::<u64>();
		let stack = |dims: &[u32]| dims.get(..dims.len().saturating_sub(2)).unwrap_or(&[]).to_vec();
		while product(&dims) > 20_000 || product(&stack(&dims)) > 256 {
			if let Some(longest) = dims.iter_mut().max() {
				*longest = longest.div_ceil(2);
			}
		}
		dims
	}

	fn scale(&mut self) -> Scale {
		let multiplier = match self.within(0, 4) {
			0 => 0,
			1 => (1 << 31) - 1,
			_ => (self.bits() as u32) >> 1,
		};
		let shift = match self.within(0, 5) {
			0 => 1,
			1 => 62,
			2 => self.within(31, 34) as u8,
			_ => self.within(1, 62) as u8,
		};
		Scale { multiplier, shift }
	}
}

/// Grows a program operation by operation.
struct Growing {
	choice: Choice,
	inputs: Vec<TensorType>,
	constants: Vec<TensorType>,
	ops: Vec<Op>,
	/// Types of what the operations define.
	defined: Vec<TensorType>,
}

/// A tensor while its final number is not known yet.
#[derive(Clone, Copy)]
enum Handle {
	Input(usize),
	Constant(usize),
	Defined(usize),
}

impl Growing {
	/// A random program of up to `max_ops` operations over all kinds that exist.
	fn grow(seed: u64, max_ops: u64) -> Case {
		let mut choice = Choice::new(seed);
		// Operands are declared up front, so that numbers never move.
		let inputs: Vec<TensorType> = (0..choice.within(1, 3))
			.map(|_| {
				let dtype = if choice.within(0, 1) == 0 { DType::I8 } else { DType::I32 };
				TensorType { dtype, dims: choice.dims() }
			})
			.collect();
		let mut growing =
			Self { choice, inputs, constants: Vec::new(), ops: Vec::new(), defined: Vec::new() };
		let wanted = growing.choice.within(1, max_ops) as usize;
		let mut pending: Vec<(Op, Vec<Handle>)> = Vec::new();
		while pending.len() < wanted {
			// Tiles are hashed whole, however few elements they hold.
			let small = |ty: &TensorType| Layout::of(ty).is_some_and(|l| l.tiles() <= 256);
			if let Some((op, operands, ty)) = growing.propose().filter(|(.., ty)| small(ty)) {
				pending.push((op, operands));
				growing.defined.push(ty);
			}
		}
		growing.finish(pending)
	}

	fn ty(&self, handle: Handle) -> Option<TensorType> {
		match handle {
			Handle::Input(i) => self.inputs.get(i),
			Handle::Constant(i) => self.constants.get(i),
			Handle::Defined(i) => self.defined.get(i),
		}
		.cloned()
	}

	/// Some tensor of that element type, most often a recent one.
	fn pick(&mut self, dtype: Option<DType>) -> Option<(Handle, TensorType)> {
		let mut handles: Vec<Handle> = (0..self.inputs.len()).map(Handle::Input).collect();
		handles.extend((0..self.defined.len()).map(Handle::Defined));
		let mut fitting: Vec<(Handle, TensorType)> = handles
			.into_iter()
			.filter_map(|h| Some((h, self.ty(h)?)))
			.filter(|(_, ty)| dtype.is_none_or(|d| d == ty.dtype))
			.collect();
		let recent = self.choice.within(0, 1) == 0;
		let at = self.choice.bits() as usize % fitting.len().max(1);
		if fitting.is_empty() {
			return None;
		}
		if recent {
			fitting.pop()
		} else {
			Some(fitting.swap_remove(at))
		}
	}

	fn constant(&mut self, ty: TensorType) -> Handle {
		self.constants.push(ty);
		Handle::Constant(self.constants.len() - 1)
	}

	/// A kind of operation with operands that fit, or nothing if none do.
	fn propose(&mut self) -> Option<(Op, Vec<Handle>, TensorType)> {
		// Operand numbers are filled in at the end.
		const ID: TensorId = 0;
		match self.choice.within(0, 10) {
			0 | 1 => {
				let (a, ty) = self.pick(Some(DType::I8))?;
				let (&k, lead) = ty.dims.split_last()?;
				let (&_m, lead) = lead.split_last()?;
				let n = self.choice.dim();
				let shared = self.choice.within(0, 1) == 0;
				let mut dims = if shared { Vec::new() } else { lead.to_vec() };
				dims.extend([n, k]);
				if dims.iter().map(|&d| u64::from(d)).product::<u64>() > 40_000 {
					return None;
				}
				let mut result = ty.dims.clone();
				*result.last_mut()? = n;
				let b = self.constant(TensorType::i8(&dims));
				Some((Op::MatMul { a: ID, b: ID }, vec![a, b], TensorType::i32(&result)))
			},
			2 => {
				let (x, ty) = self.pick(Some(DType::I32))?;
				let bias = self.constant(TensorType::i32(&[ty.last()]));
				Some((Op::Bias { x: ID, bias: ID }, vec![x, bias], ty))
			},
			3 => {
				let (a, ty) = self.pick(Some(DType::I32))?;
				let b = match self.choice.within(0, 2) {
					0 => a,
					1 => self.constant(ty.clone()),
					_ => self.constant(TensorType::i32(&[ty.last()])),
				};
				Some((Op::AddI32 { a: ID, b: ID }, vec![a, b], ty))
			},
			4 | 5 => {
				let (x, ty) = self.pick(Some(DType::I32))?;
				// Long rows take one scale, so that no program grows past its bound.
				let single = ty.last() > 1_024 || self.choice.within(0, 1) == 0;
				let count = if single { 1 } else { ty.last() };
				let scales = (0..count).map(|_| self.choice.scale()).collect();
				let zero = self.choice.bits() as i8;
				let result = TensorType { dtype: DType::I8, dims: ty.dims };
				Some((Op::Requant { x: ID, zero, scales }, vec![x], result))
			},
			6 => {
				let (x, ty) = self.pick(None)?;
				Some((Op::Relu { x: ID }, vec![x], ty))
			},
			7 => {
				let (x, ty) = self.pick(None)?;
				let (p, q) = match ty.dtype {
					DType::I8 => {
						(i32::from(self.choice.bits() as i8), i32::from(self.choice.bits() as i8))
					},
					DType::I32 => (self.choice.bits() as i32, self.choice.bits() as i32),
				};
				Some((Op::Clamp { x: ID, low: p.min(q), high: p.max(q) }, vec![x], ty))
			},
			8 => {
				let (x, ty) = self.pick(Some(DType::I8))?;
				let table = (0..256).map(|_| self.choice.bits() as i8).collect();
				Some((Op::Lut256 { x: ID, table }, vec![x], ty))
			},
			9 => {
				let (x, ty) = self.pick(None)?;
				let mut result = ty;
				*result.dims.last_mut()? = 1;
				if self.choice.within(0, 1) == 0 {
					Some((Op::RowMax { x: ID }, vec![x], result))
				} else {
					result.dtype = DType::I32;
					Some((Op::ArgMax { x: ID }, vec![x], result))
				}
			},
			_ => self.movement(),
		}
	}

	fn movement(&mut self) -> Option<(Op, Vec<Handle>, TensorType)> {
		let (x, ty) = self.pick(None)?;
		let rank = ty.dims.len();
		if rank >= 2 && self.choice.within(0, 1) == 0 {
			let perms: &[&[u8]] = match rank {
				2 => &[&[0, 1], &[1, 0]],
				3 => &[&[0, 2, 1], &[1, 0, 2]],
				_ => &[&[0, 1, 3, 2], &[0, 2, 1, 3], &[2, 1, 0, 3], &[1, 2, 0, 3]],
			};
			let perm = self.choice.of(perms);
			let dims: Vec<u32> =
				perm.iter().filter_map(|&d| ty.dims.get(usize::from(d)).copied()).collect();
			let result = TensorType { dtype: ty.dtype, dims };
			return Some((Op::Transpose { x: 0, perm: perm.to_vec() }, vec![x], result));
		}
		let n = u32::try_from(ty.elements()).ok()?;
		let divisors: Vec<u32> = (1..=n.min(200)).filter(|d| n.is_multiple_of(*d)).collect();
		let d = self.choice.of(&divisors).max(1);
		let dims = match self.choice.within(0, 3) {
			0 => vec![n],
			1 => vec![d, n / d],
			2 => vec![n / d, 1, d],
			_ => vec![1, n / d, d, 1],
		};
		let result = TensorType { dtype: ty.dtype, dims: dims.clone() };
		Some((Op::Reshape { x: 0, dims }, vec![x], result))
	}

	/// Numbers all tensors and chooses outputs and operand values.
	fn finish(mut self, pending: Vec<(Op, Vec<Handle>)>) -> Case {
		let (inputs, leaves) = (self.inputs.len(), self.inputs.len() + self.constants.len());
		let number = |handle: &Handle| match *handle {
			Handle::Input(i) => i as TensorId,
			Handle::Constant(i) => (inputs + i) as TensorId,
			Handle::Defined(i) => (leaves + i) as TensorId,
		};
		for (mut op, operands) in pending {
			let ids: Vec<TensorId> = operands.iter().map(number).collect();
			let first = ids.first().copied().unwrap_or_default();
			let second = ids.get(1).copied().unwrap_or_default();
			match &mut op {
				Op::MatMul { a, b } | Op::AddI32 { a, b } | Op::Bias { x: a, bias: b } => {
					(*a, *b) = (first, second);
				},
				Op::Requant { x, .. }
				| Op::Relu { x }
				| Op::Clamp { x, .. }
				| Op::Lut256 { x, .. }
				| Op::RowMax { x }
				| Op::ArgMax { x }
				| Op::Transpose { x, .. }
				| Op::Reshape { x, .. } => *x = first,
			}
			self.ops.push(op);
		}
		let last = leaves + self.ops.len() - 1;
		let mut outputs = vec![last as TensorId];
		let other = self.choice.within(leaves as u64, last as u64) as TensorId;
		if !outputs.contains(&other) {
			outputs.push(other);
		}
		let operands = self
			.inputs
			.iter()
			.chain(&self.constants)
			.filter_map(|ty| self.choice.tensor(ty))
			.collect();
		let program = Program {
			version: VERSION,
			inputs: self.inputs,
			constants: self.constants,
			ops: self.ops,
			outputs,
		};
		Case { name: String::new(), program, operands }
	}
}

/// A valid random program with operands, the same for the same seed.
pub fn random_case(seed: u64) -> Case {
	Growing::grow(seed, 12)
}

/// One program around a single operation on given operands.
pub fn single(name: &str, op: Op, inputs: Vec<Tensor>) -> Case {
	let program = Program {
		version: VERSION,
		inputs: inputs.iter().map(|t| t.ty().clone()).collect(),
		constants: Vec::new(),
		ops: vec![op],
		outputs: vec![inputs.len() as TensorId],
	};
	Case { name: name.into(), program, operands: inputs }
}

/// The edges: extreme values, wrapping sums, odd shapes, least and greatest shifts.
pub fn edge_cases() -> Vec<Case> {
	let full8 = |dims: &[u32], x: i8| {
		let ty = TensorType::i8(dims);
		let n = ty.elements() as usize;
		Tensor::from_data(ty, Data::I8(vec![x; n])).ok()
	};
	let full32 = |dims: &[u32], x: i32| {
		let ty = TensorType::i32(dims);
		let n = ty.elements() as usize;
		Tensor::from_data(ty, Data::I32(vec![x; n])).ok()
	};
	let ramp32 = |dims: &[u32], edge: i32| {
		let ty = TensorType::i32(dims);
		let n = ty.elements() as i32;
		Tensor::from_data(ty, Data::I32((0..n).map(|i| edge.wrapping_add(i * 7)).collect())).ok()
	};
	let mut cases = Vec::new();
	let mut add = |name: &str, op: Op, inputs: Vec<Option<Tensor>>| {
		let inputs: Vec<Tensor> = inputs.into_iter().flatten().collect();
		cases.push(single(name, op, inputs));
	};
	let mm = Op::MatMul { a: 0, b: 1 };
	add(
		"matmul all -128, longest sum",
		mm.clone(),
		vec![full8(&[2, 16_384], -128), full8(&[3, 16_384], -128)],
	);
	add("matmul K = 1", mm.clone(), vec![full8(&[65, 1], -128), full8(&[67, 1], 127)]);
	add("matmul odd", mm.clone(), vec![full8(&[1, 63], 127), full8(&[1, 63], -128)]);
	add("matmul batch, shared", mm.clone(), vec![full8(&[3, 2, 5, 7], 3), full8(&[9, 7], -5)]);
	add("matmul batch", mm, vec![full8(&[2, 3, 66, 5], 3), full8(&[2, 3, 4, 5], -5)]);
	let sum = Op::AddI32 { a: 0, b: 1 };
	add("add wraps", sum.clone(), vec![full32(&[3, 65], i32::MIN), full32(&[3, 65], i32::MIN)]);
	add("add row wraps", sum, vec![ramp32(&[2, 70], i32::MAX - 9), full32(&[70], i32::MAX)]);
	for (multiplier, shift) in [(0, 1), ((1 << 31) - 1, 1), ((1 << 31) - 1, 62), (1, 62), (3, 32)] {
		for edge in [i32::MIN, i32::MAX - 300, -150] {
			let scales = vec![Scale { multiplier, shift }];
			let op = Op::Requant { x: 0, zero: -3, scales };
			add("requant", op, vec![ramp32(&[5, 13], edge)]);
		}
	}
	let scales = (1..=62).map(|shift| Scale { multiplier: (1 << 30) + 12_345, shift }).collect();
	add(
		"requant, every shift",
		Op::Requant { x: 0, zero: 127, scales },
		vec![ramp32(&[3, 62], 1 << 29)],
	);
	add("relu", Op::Relu { x: 0 }, vec![ramp32(&[70], -200)]);
	add("relu i8", Op::Relu { x: 0 }, vec![full8(&[3, 1], -128)]);
	add("clamp MIN", Op::Clamp { x: 0, low: i32::MIN, high: i32::MIN }, vec![ramp32(&[9], -3)]);
	add("row max MIN", Op::RowMax { x: 0 }, vec![full32(&[4, 130], i32::MIN)]);
	add("arg max of equals", Op::ArgMax { x: 0 }, vec![full8(&[4, 130], -128)]);
	add("arg max, rank 1", Op::ArgMax { x: 0 }, vec![ramp32(&[129], i32::MAX - 500)]);
	add("transpose", Op::Transpose { x: 0, perm: vec![1, 0] }, vec![ramp32(&[65, 3], 0)]);
	add("reshape", Op::Reshape { x: 0, dims: vec![5, 39] }, vec![ramp32(&[65, 3], 0)]);
	cases
}

/// Validates a case that must be valid.
///
/// # Errors
/// What breaks which rule: then the generator is wrong.
pub fn validated(case: &Case) -> Result<Validated, crate::validate::Fault> {
	case.program.clone().validate()
}
