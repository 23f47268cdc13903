// SPDX-License-Identifier: Apache-2.0
//! Random programs.
//!
//! Operations are drawn with operands that mostly fit; what the rules refuse is drawn again.

mod movement;

use super::{Case, Choice, MAX_TILES};
use crate::{
	bounds::check_tile,
	infer::{admit, cost, infer},
	layout::Layout,
	program::{Op, Program, TensorId, VERSION},
	types::{DType, TensorType},
};
use alloc::{string::String, vec, vec::Vec};

/// Most multiply-accumulates of one operation: the reference is not fast.
const MAX_COST: u64 = 2_000_000;
/// Kinds of operations to draw from.
const KINDS: u64 = 30;

/// A random program of up to `max_ops` operations over all kinds that exist.
pub(super) fn random(seed: u64, max_ops: u64) -> Case {
	let mut choice = Choice::new(seed);
	let inputs: Vec<TensorType> = (0..choice.within(1, 3))
		.map(|_| {
			let dtype = if choice.within(0, 1) == 0 { DType::I8 } else { DType::I32 };
			TensorType { dtype, dims: choice.dims() }
		})
		.collect();
	let wanted = choice.within(1, max_ops) as usize;
	let mut growing = Growing {
		choice,
		inputs,
		constants: Vec::new(),
		defined: Vec::new(),
		wanted,
		drawn: Vec::new(),
		used: 0,
	};
	while growing.drawn.len() < wanted {
		if growing.draw().and_then(|(op, operands)| growing.admit(op, operands)).is_none() {
			growing.constants.truncate(growing.used);
		}
	}
	growing.finish()
}

struct Growing {
	choice: Choice,
	inputs: Vec<TensorType>,
	constants: Vec<TensorType>,
	/// Types of what the operations define.
	defined: Vec<TensorType>,
	/// Operations that there shall be.
	wanted: usize,
	/// Operations that there are.
	drawn: Vec<Drawn>,
	/// Constants that they take; those after them only if the next one is admitted.
	used: usize,
}

/// A tensor while its final number is not known yet.
#[derive(Clone, Copy)]
enum Handle {
	Input(usize),
	Constant(usize),
	Defined(usize),
}

type Drawn = (Op, Vec<Handle>);

impl Growing {
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
		self.pick_fitting(|_, ty| dtype.is_none_or(|d| d == ty.dtype))
	}

	/// Some tensor that fits, constants among them.
	fn pick_fitting(
		&mut self,
		fits: impl Fn(Handle, &TensorType) -> bool,
	) -> Option<(Handle, TensorType)> {
		let mut handles: Vec<Handle> = (0..self.inputs.len()).map(Handle::Input).collect();
		handles.extend((0..self.constants.len()).map(Handle::Constant));
		handles.extend((0..self.defined.len()).map(Handle::Defined));
		let mut fitting: Vec<(Handle, TensorType)> = handles
			.into_iter()
			.filter_map(|h| Some((h, self.ty(h)?)))
			.filter(|(handle, ty)| fits(*handle, ty))
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

	/// A constant for weights, now and then of other dimensions and brought to these by an operation of its own.
	fn weights(&mut self, dims: &[u32]) -> Handle {
		let ty = TensorType::i8(dims);
		if self.drawn.len() + 1 >= self.wanted || self.choice.within(0, 3) != 0 {
			return self.constant(ty);
		}
		let before = self.constants.len();
		let other = match (self.coin(), dims) {
			(true, _) => self.constant(TensorType::i8(&[ty.elements() as u32])),
			(false, [lead @ .., m, n]) => {
				self.constant(TensorType::i8(&[lead, &[*n, *m]].concat()))
			},
			_ => return self.constant(ty),
		};
		let reshape = Op::Reshape { x: 0, dims: dims.to_vec() };
		match self.admit(reshape, vec![other]) {
			Some(reshaped) => reshaped,
			None => {
				self.constants.truncate(before);
				self.constant(ty)
			},
		}
	}

	fn coin(&mut self) -> bool {
		self.choice.within(0, 1) == 0
	}

	/// `x` itself, a tensor of its type, or a row for it.
	fn partner(&mut self, x: Handle, ty: &TensorType) -> Handle {
		match self.choice.within(0, 2) {
			0 => x,
			1 => self.constant(ty.clone()),
			_ => self.constant(TensorType::new(ty.dtype, &[ty.last()])),
		}
	}

	/// Some operation. Operand numbers are filled in at the end.
	fn draw(&mut self) -> Option<Drawn> {
		let (i8s, i32s) = (Some(DType::I8), Some(DType::I32));
		let kind = self.choice.within(0, KINDS + 2);
		Some(match kind {
			0..=2 => return self.product(),
			3 => return self.convolution(),
			4 => {
				let (x, ty) = self.pick(i32s)?;
				let bias = self.constant(TensorType::i32(&[ty.last()]));
				(Op::Bias { x: 0, bias: 0 }, vec![x, bias])
			},
			5..=7 => {
				let (a, ty) = self.pick(i32s)?;
				let op = match kind {
					5 => Op::AddI32 { a: 0, b: 0 },
					6 => Op::SubI32 { a: 0, b: 0 },
					_ => Op::MulI32 { a: 0, b: 0 },
				};
				(op, vec![a, self.partner(a, &ty)])
			},
			8 => {
				let (a, ty) = self.pick(i8s)?;
				(Op::MaxI8 { a: 0, b: 0 }, vec![a, self.partner(a, &ty)])
			},
			9 | 10 => {
				let (x, ty) = self.pick(i32s)?;
				let (zero, scales) = (self.choice.bits() as i8, self.choice.scales(ty.last()));
				(Op::Requant { x: 0, zero, scales }, vec![x])
			},
			11 => {
				let (x, ty) = self.pick(None)?;
				(Op::Rescale { x: 0, scales: self.choice.scales(ty.last()) }, vec![x])
			},
			12 => (Op::Relu { x: 0 }, vec![self.pick(None)?.0]),
			13 => {
				let (x, ty) = self.pick(None)?;
				let (p, q) = (self.value(ty.dtype), self.value(ty.dtype));
				(Op::Clamp { x: 0, low: p.min(q), high: p.max(q) }, vec![x])
			},
			14 => {
				let table = (0..256).map(|_| self.choice.bits() as i8).collect();
				(Op::Lut256 { x: 0, table }, vec![self.pick(i8s)?.0])
			},
			15 => (Op::RowMax { x: 0 }, vec![self.pick(None)?.0]),
			16 => (Op::RowSum { x: 0 }, vec![self.pick(None)?.0]),
			17 => (Op::ArgMax { x: 0 }, vec![self.pick(None)?.0]),
			18 => {
				let table = self.choice.weights();
				(Op::SoftmaxI8 { x: 0, table }, vec![self.pick(i8s)?.0])
			},
			19 => {
				let (x, ty) = self.pick(i8s)?;
				let target = self.constant(ty);
				let table = self.choice.weights();
				(Op::CrossEntropyGrad { x: 0, target: 0, table }, vec![x, target])
			},
			20 | 21 => {
				let (x, ty) = self.pick(i8s)?;
				let eps = self.choice.of(&[1, 1, 1_000, u32::MAX]).max(1);
				let (zero, scales) = (self.choice.bits() as i8, self.choice.scales(ty.last()));
				let op = if kind == 20 {
					Op::RmsNormI8 { x: 0, eps, zero, scales }
				} else {
					Op::LayerNormI8 { x: 0, eps, zero, scales }
				};
				(op, vec![x])
			},
			22 | 23 => {
				let (x, ty) = self.pick(None)?;
				let &[_, h, w, _] = ty.dims.as_slice() else { return None };
				let window = self.choice.window([h, w]);
				let max = kind == 22;
				(
					if max {
						Op::MaxPool2d { x: 0, window }
					} else {
						Op::SumPool2d { x: 0, window }
					},
					vec![x],
				)
			},
			24 => {
				let (table, _) = self.pick(None)?;
				let dims: Vec<u32> =
					(0..self.choice.within(1, 3)).map(|_| self.choice.dim()).collect();
				let index = match self.pick(i32s).filter(|(_, ty)| ty.dims.len() <= 3) {
					Some((index, _)) if self.coin() => index,
					_ => self.constant(TensorType::i32(&dims)),
				};
				(Op::Gather { table: 0, index: 0 }, vec![table, index])
			},
			25 => {
				let (x, _) = self.pick(i32s)?;
				let (classes, on) = (self.choice.dim(), self.choice.bits() as i8);
				(Op::OneHot { x: 0, classes, on }, vec![x])
			},
			26 => return self.sgd(),
			_ => return self.movement(),
		})
	}

	fn value(&mut self, dtype: DType) -> i32 {
		match dtype {
			DType::I8 => i32::from(self.choice.bits() as i8),
			DType::I32 => self.choice.bits() as i32,
		}
	}

	fn product(&mut self) -> Option<Drawn> {
		let (a, ty) = self.pick(Some(DType::I8))?;
		let (&k, lead) = ty.dims.split_last()?;
		let (&_m, lead) = lead.split_last()?;
		let mut dims = if self.coin() { Vec::new() } else { lead.to_vec() };
		// Now and then weights that something else reads, or that something made.
		let shared = if self.coin() {
			self.pick_fitting(|_, ty| match ty.dims.split_last() {
				Some((&last, [rest @ .., _])) => {
					ty.dtype == DType::I8 && last == k && rest == dims.as_slice()
				},
				_ => false,
			})
		} else {
			None
		};
		dims.extend([self.choice.dim(), k]);
		let b = match shared {
			Some((b, _)) => b,
			None => self.weights(&dims),
		};
		Some((Op::MatMul { a: 0, b: 0 }, vec![a, b]))
	}

	fn convolution(&mut self) -> Option<Drawn> {
		let (x, ty) = self.pick(Some(DType::I8))?;
		let &[_, h, w, channels] = ty.dims.as_slice() else { return None };
		let window = self.choice.window([h, w]);
		let divisors: Vec<u32> = (1..=channels).filter(|d| channels.is_multiple_of(*d)).collect();
		let groups = self.choice.of(&[1, channels, self.choice.clone().of(&divisors)]);
		let outputs = groups * self.choice.within(1, if groups == 1 { 70 } else { 3 }) as u32;
		let k = u32::from(window.size[0]) * u32::from(window.size[1]) * (channels / groups);
		let weights = self.weights(&[outputs, k]);
		let zero = self.choice.bits() as i8;
		Some((Op::Conv2d { x: 0, weights: 0, window, groups, zero }, vec![x, weights]))
	}

	fn sgd(&mut self) -> Option<Drawn> {
		let (w, ty) = self.pick(Some(DType::I32))?;
		let g = if self.coin() { w } else { self.constant(ty) };
		let seed = self.constant(TensorType::i32(&[2]));
		let step = self.constant(TensorType::i32(&[1]));
		let shift = self.choice.of(&[0, 1, 8, 15, 31]);
		Some((Op::SgdStep { w: 0, g: 0, seed: 0, step: 0, shift }, vec![w, g, seed, step]))
	}

	/// Takes the operation in if the rules do and it is small, and says what it defines.
	fn admit(&mut self, mut op: Op, operands: Vec<Handle>) -> Option<Handle> {
		let tensors: Vec<(TensorType, Layout)> =
			operands.iter().map(|&h| admit(self.ty(h)?).ok()).collect::<Option<_>>()?;
		for (id, local) in op.operands_mut().zip(0..) {
			*id = local;
		}
		let result = infer(&op, &tensors).ok()?;
		check_tile(&op, &tensors, &result.1).ok()?;
		let small = result.1.tiles() <= MAX_TILES
			&& tensors.iter().all(|(_, l)| l.tiles() <= MAX_TILES)
			&& cost(&op, &tensors, &result).ok()? <= MAX_COST;
		if !small {
			return None;
		}
		self.defined.push(result.0);
		self.drawn.push((op, operands));
		self.used = self.constants.len();
		Some(Handle::Defined(self.defined.len() - 1))
	}

	/// Numbers all tensors and chooses outputs and operand values.
	fn finish(mut self) -> Case {
		let (inputs, leaves) = (self.inputs.len(), self.inputs.len() + self.constants.len());
		let number = |handle: &Handle| match *handle {
			Handle::Input(i) => i as TensorId,
			Handle::Constant(i) => (inputs + i) as TensorId,
			Handle::Defined(i) => (leaves + i) as TensorId,
		};
		let mut ops = Vec::with_capacity(self.drawn.len());
		for (mut op, operands) in core::mem::take(&mut self.drawn) {
			for (id, handle) in op.operands_mut().zip(&operands) {
				*id = number(handle);
			}
			ops.push(op);
		}
		let last = leaves + ops.len() - 1;
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
			ops,
			outputs,
		};
		Case { name: String::new(), program, operands }
	}
}
