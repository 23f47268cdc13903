// SPDX-License-Identifier: Apache-2.0
//! The registry of kernels, and how operations become dispatches of them.
//!
//! One file a family; its WGSL stands beside it. A kernel is a few WGSL files one after the other: what all share, how
//! the operands' elements are stored, the family's frame, and what it does in it; products and chains of pointwise
//! operations are put together for the plan. To add an operation: write its WGSL, list the kernel in [`ALL`], and give
//! it an arm in [`lower`].

mod chain;
mod conv;
pub(crate) mod coop;
pub(crate) mod hash;
mod matmul;
mod matmul_source;
mod movement;
mod one_hot;
mod pools;
mod post;
mod repack;
mod rows;
mod sgd;
mod shape;
mod whole_rows;

pub(crate) use post::{PostOp, FUSION};
pub(crate) use shape::{Choices, Class, Way};

use crate::{
	error::Error,
	storage::Grid,
	tape::{Tape, View},
};
use calor_tensor::{DType, Op, Validated};
use std::sync::Arc;

/// One compute shader whose source is fixed.
#[derive(Debug)]
pub(crate) struct Kernel {
	/// Its name in errors; also its key among the compiled ones.
	pub name: &'static str,
	/// WGSL in parts. The entry point is `main`.
	pub source: &'static [&'static str],
}

/// A compute shader of which the source was put together for a plan.
#[derive(Debug)]
pub(crate) struct Composed {
	/// Says all that the source depends on: shaders of one name are compiled once.
	pub name: String,
	/// WGSL. The entry point is `main`.
	pub source: String,
}

/// What a dispatch runs.
#[derive(Clone, Debug)]
pub(crate) enum Shader {
	/// One of [`ALL`].
	Fixed(&'static Kernel),
	/// Made to measure.
	Composed(Arc<Composed>),
	/// SPIR-V for cooperative matrices, which WGSL does not know.
	Cooperative(Arc<Vec<u32>>),
}

impl Shader {
	/// Its name in errors; also its key among the compiled ones.
	pub fn name(&self) -> &str {
		match self {
			Self::Fixed(kernel) => kernel.name,
			Self::Composed(composed) => &composed.name,
			Self::Cooperative(_) => "matmul cooperative",
		}
	}

	/// Its WGSL, if it is made of that.
	pub fn source(&self) -> String {
		match self {
			Self::Fixed(kernel) => kernel.source.concat(),
			Self::Composed(composed) => composed.source.clone(),
			Self::Cooperative(_) => String::new(),
		}
	}
}

impl From<&'static Kernel> for Shader {
	fn from(kernel: &'static Kernel) -> Self {
		Self::Fixed(kernel)
	}
}

impl From<Arc<Composed>> for Shader {
	fn from(composed: Arc<Composed>) -> Self {
		Self::Composed(composed)
	}
}

/// All kernels there are. The self-test fails if it does not come to run each of them.
pub(crate) static ALL: &[&Kernel] = &[
	&repack::REPACK,
	&rows::ROW_MAX_I8,
	&rows::ROW_MAX_I32,
	&rows::ARG_MAX_I8,
	&rows::ARG_MAX_I32,
	&rows::ROW_SUM_I8,
	&rows::ROW_SUM_I32,
	&movement::TRANSPOSE_I8,
	&movement::TRANSPOSE_I32,
	&movement::RESHAPE_I8,
	&movement::RESHAPE_I32,
	&movement::BLOCK_I8,
	&movement::BLOCK_I32,
	&movement::TAKE_I8,
	&movement::TAKE_I32,
	&one_hot::ONE_HOT,
	&pools::MAX_POOL_I8,
	&pools::MAX_POOL_I32,
	&pools::SUM_POOL_I8,
	&pools::SUM_POOL_I32,
	&whole_rows::SOFTMAX,
	&whole_rows::CROSS_ENTROPY,
	&whole_rows::RMS_NORM,
	&whole_rows::LAYER_NORM,
	&sgd::SGD_STEP,
];

/// Names of the kernels that hash.
pub(crate) static HASHING: [&str; 2] = ["hash_leaves", "hash_nodes"];

const COMMON: &str = include_str!("common.wgsl");
const A_I8: &str = include_str!("a_i8.wgsl");
const A_I32: &str = include_str!("a_i32.wgsl");
const RESULT_I8: &str = include_str!("result_i8.wgsl");
const RESULT_I32: &str = include_str!("result_i32.wgsl");

/// The class of the product that an operation is, if it is one.
pub(crate) fn product_class(op: &Op, program: &Validated) -> Option<Class> {
	let grid = |id| program.tensor(id).map(|(ty, layout)| Grid::new(ty, layout));
	match *op {
		Op::MatMul { a, b } => Some(matmul::class(&grid(a)?, &grid(b)?)),
		Op::Conv2d { x, weights, ref window, groups, zero } => {
			let conv = conv::Conv { window, groups, zero };
			let (ty, _) = program.tensor(x)?;
			conv.class(&ty.dims, &grid(x)?, &grid(weights)?)
		},
		_ => None,
	}
}

/// Records the dispatches of an operation on its operands.
pub(crate) fn lower(
	op: &Op,
	operands: &[&View],
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let (&[a, ..], &[.., b]) = (operands, operands) else {
		return Err(Error::Internal(format!("{op:?} without operands")));
	};
	match op {
		Op::MatMul { .. } => matmul::lower(a, b, &[], result, tape),
		Op::Bias { .. }
		| Op::AddI32 { .. }
		| Op::SubI32 { .. }
		| Op::MulI32 { .. }
		| Op::MaxI8 { .. }
		| Op::Rescale { .. }
		| Op::Requant { .. }
		| Op::Relu { .. }
		| Op::Clamp { .. }
		| Op::Lut256 { .. } => chain::lower(op, operands, &[], result, tape),
		Op::RowMax { .. } => {
			rows::reduce(by(a, &rows::ROW_MAX_I8, &rows::ROW_MAX_I32), a, result, tape)
		},
		Op::ArgMax { .. } => {
			rows::reduce(by(a, &rows::ARG_MAX_I8, &rows::ARG_MAX_I32), a, result, tape)
		},
		Op::Transpose { perm, .. } => movement::transpose(a, perm, result, tape),
		Op::Reshape { .. } => movement::reshape(a, result, tape),
		Op::Conv2d { window, groups, zero, .. } => {
			let conv = conv::Conv { window, groups: *groups, zero: *zero };
			conv::lower(conv, a, b, &[], result, tape)
		},
		Op::Slice { start, .. } => movement::slice(a, start, result, tape),
		Op::Concat { axis, .. } => movement::concat(a, b, *axis, result, tape),
		Op::Pad { before, value, .. } => movement::pad(a, before, *value, result, tape),
		Op::UpsampleNearest { factor, .. } => movement::upsample(a, *factor, result, tape),
		Op::Gather { .. } => movement::take_rows(a, b, result, tape),
		Op::OneHot { on, .. } => one_hot::lower(a, *on, result, tape),
		Op::MaxPool2d { window, .. } => pools::max(a, window, result, tape),
		Op::SumPool2d { window, .. } => pools::sum(a, window, result, tape),
		Op::RowSum { .. } => {
			rows::reduce(by(a, &rows::ROW_SUM_I8, &rows::ROW_SUM_I32), a, result, tape)
		},
		Op::SoftmaxI8 { table, .. } => whole_rows::softmax(a, table, result, tape),
		Op::CrossEntropyGrad { table, .. } => whole_rows::gradient(a, b, table, result, tape),
		Op::RmsNormI8 { eps, zero, scales, .. } => {
			whole_rows::norm(&whole_rows::RMS_NORM, a, *eps, *zero, scales, result, tape)
		},
		Op::LayerNormI8 { eps, zero, scales, .. } => {
			whole_rows::norm(&whole_rows::LAYER_NORM, a, *eps, *zero, scales, result, tape)
		},
		Op::SgdStep { shift, .. } => match *operands {
			[w, g, seed, step] => sgd::lower([w, g, seed, step], *shift, result, tape),
			_ => Err(Error::Internal(format!("{op:?} with other operands"))),
		},
	}
}

/// Records the dispatches of a step: an operation and what follows it on the same elements.
pub(crate) fn lower_step(
	op: &Op,
	operands: &[&View],
	posts: &[PostOp],
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	match (op, operands) {
		(_, _) if posts.is_empty() => lower(op, operands, result, tape),
		(Op::MatMul { .. }, &[a, b]) => matmul::lower(a, b, posts, result, tape),
		(Op::Conv2d { window, groups, zero, .. }, &[x, weights]) => {
			let conv = conv::Conv { window, groups: *groups, zero: *zero };
			conv::lower(conv, x, weights, posts, result, tape)
		},
		_ => chain::lower(op, operands, posts, result, tape),
	}
}

/// Declares `a` of an element type, with `load_a`.
fn operand(dtype: DType) -> &'static str {
	match dtype {
		DType::I8 => A_I8,
		DType::I32 => A_I32,
	}
}

/// Declares the result of an element type, with `load_result` and `store_result`.
fn result(dtype: DType) -> &'static str {
	match dtype {
		DType::I8 => RESULT_I8,
		DType::I32 => RESULT_I32,
	}
}

/// The kernel for the operand's element type.
fn by(a: &View, i8s: &'static Kernel, i32s: &'static Kernel) -> &'static Kernel {
	match a.grid.dtype {
		DType::I8 => i8s,
		DType::I32 => i32s,
	}
}
