// SPDX-License-Identifier: Apache-2.0
//! The program format.
//!
//! A program is SCALE-encoded. Tensors are numbered: first the inputs, then the constants, then one tensor per
//! operation, so operation `i` defines tensor `inputs + constants + i` and may read only tensors of a lower number.
//! Multipliers, shifts and tables stand inline; weights are constants, given by root when a job is submitted.

use crate::types::{DType, TensorType};
use alloc::vec::Vec;
use codec::{Decode, DecodeAll, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// The only format version so far.
pub const VERSION: u8 = 1;
/// Most operations in a program.
pub const MAX_OPS: usize = 4_096;
/// Most bytes of an encoded program.
pub const MAX_BYTES: usize = 256 * 1024;
/// Most inputs of a program.
pub const MAX_INPUTS: usize = 16;
/// Most constants of a program.
pub const MAX_CONSTANTS: usize = 256;
/// Most outputs of a program.
pub const MAX_OUTPUTS: usize = 16;

/// Number of a tensor within its program.
pub type TensorId = u16;

/// Fixed-point factor `multiplier / 2^shift`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Scale {
	/// Unsigned 31-bit multiplier.
	pub multiplier: u32,
	/// Right shift, 1 to 62.
	pub shift: u8,
}

/// Where a window of a convolution or a pooling looks.
///
/// Output `(oh, ow)` looks at input rows `oh * stride[0] - pad[0] + i * dilation[0]` for `i < size[0]`, and columns
/// likewise with `stride[1]`, `pad[1]`, `dilation[1]` and `size[1]`. The input of height `H` gives
/// `(H + pad[0] + pad[2] - dilation[0] * (size[0] - 1) - 1) / stride[0] + 1` rows, rounded down, and columns likewise
/// with `pad[1]` and `pad[3]`. Sizes, strides and dilations are at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Window {
	/// Height and width in taps.
	pub size: [u16; 2],
	/// Steps from one output to the next, down and across.
	pub stride: [u16; 2],
	/// Padding at top, left, bottom and right.
	pub pad: [u16; 4],
	/// Distance between taps, down and across.
	pub dilation: [u16; 2],
}

/// One operation. All fields of type [`TensorId`] name operands.
///
/// Arithmetic on i32 wraps. [`crate::kernels`] defines each operation exactly. `[.., N]` stands for any leading
/// dimensions; `wrap` for reduction modulo 2^32 into i32.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Op {
	/// `a: i8[.., M, K]` times `b: i8[.., N, K]` gives `i32[.., M, N]`, summed over `K <= 16,384`. Both operands are
	/// contiguous in K; their leading dimensions are equal, or `b` has none and is shared by all matrices of `a`. Neither
	/// has rank 1.
	///
	/// `a = [[1, 2]]`, `b = [[3, 4], [5, -6]]` gives `[[1*3 + 2*4, 1*5 - 2*6]] = [[11, -7]]`.
	#[codec(index = 0)]
	MatMul {
		/// Left operand.
		a: TensorId,
		/// Right operand, transposed: one row for each output column.
		b: TensorId,
	},
	/// `x: i32[.., N]` plus `bias: i32[N]`, for each row, wrapping.
	///
	/// `[[1, 2], [3, 4]]` with `[10, 20]` gives `[[11, 22], [13, 24]]`.
	#[codec(index = 1)]
	Bias {
		/// The rows.
		x: TensorId,
		/// One row.
		bias: TensorId,
	},
	/// `a + b` of i32, wrapping; `b` has `a`'s dimensions or is one row `[N]`, broadcast.
	///
	/// `[2^31 - 1, 5] + [1, -7]` gives `[-2^31, -2]`.
	#[codec(index = 2)]
	AddI32 {
		/// Left operand; gives the result its type.
		a: TensorId,
		/// Right operand.
		b: TensorId,
	},
	/// i32 to i8: `clamp(zero + ((x * multiplier + 2^(shift-1)) >> shift), -128, 127)` in i64, arithmetic shift.
	///
	/// `x = 100, multiplier = 3, shift = 2, zero = 1` gives `1 + ((300 + 2) >> 2) = 76`.
	#[codec(index = 3)]
	Requant {
		/// i32 operand.
		x: TensorId,
		/// Zero point of the result.
		zero: i8,
		/// One factor for the tensor, or one for each index of the last dimension.
		scales: Vec<Scale>,
	},
	/// `max(x, 0)` on i8 or i32.
	///
	/// `[-3, 4]` gives `[0, 4]`.
	#[codec(index = 4)]
	Relu {
		/// Operand.
		x: TensorId,
	},
	/// `min(max(x, low), high)` on i8 or i32; the bounds must fit the element type.
	///
	/// `[-3, 4, 9]` between -1 and 6 gives `[-1, 4, 6]`.
	#[codec(index = 5)]
	Clamp {
		/// Operand.
		x: TensorId,
		/// Least result.
		low: i32,
		/// Greatest result, not below `low`.
		high: i32,
	},
	/// i8 to i8 by table: `table[x + 128]`.
	///
	/// With `table[i] = 127 - i`, `[-128, 0]` gives `[127, -1]`.
	#[codec(index = 6)]
	Lut256 {
		/// i8 operand.
		x: TensorId,
		/// 256 results, for -128 first.
		table: Vec<i8>,
	},
	/// Greatest element of each row, on i8 or i32; the last dimension stays as 1.
	///
	/// `[[3, 9, 9]]` gives `[[9]]`.
	#[codec(index = 7)]
	RowMax {
		/// Operand.
		x: TensorId,
	},
	/// i32 index of the greatest element of each row, the lowest index among equals; the last dimension stays as 1.
	///
	/// `[[3, 9, 9]]` gives `[[1]]`.
	#[codec(index = 8)]
	ArgMax {
		/// i8 or i32 operand.
		x: TensorId,
	},
	/// Dimension `i` of the result is dimension `perm[i]` of `x`. The permutation keeps the last dimension, or swaps the
	/// last two and keeps the rest.
	///
	/// `[[1, 2, 3], [4, 5, 6]]` with `[1, 0]` gives `[[1, 4], [2, 5], [3, 6]]`.
	#[codec(index = 9)]
	Transpose {
		/// Operand of rank 2 to 4.
		x: TensorId,
		/// A permutation of `0..rank`.
		perm: Vec<u8>,
	},
	/// The same elements in the same row-major order under other dimensions.
	///
	/// `[1, 2, 3, 4, 5, 6]` as `[2, 3]` gives `[[1, 2, 3], [4, 5, 6]]`.
	#[codec(index = 10)]
	Reshape {
		/// Operand.
		x: TensorId,
		/// Dimensions of the result, with as many elements.
		dims: Vec<u32>,
	},
	/// Convolution of `x: i8[N, H, W, C]` with `weights: i8[O, Kh * Kw * C / groups]` gives `i32[N, H', W', O]`.
	///
	/// Row `o` of the weights holds its taps as `[Kh, Kw, C / groups]` in row-major order. With `cg = C / groups` and
	/// `g = o / (O / groups)`, element `(n, oh, ow, o)` is the sum over `i, j, c` of
	/// `x[n, oh*stride_h - top + i*dilation_h, ow*stride_w - left + j*dilation_w, g*cg + c] * weights[o, (i*Kw + j)*cg + c]`,
	/// where elements outside the image are `zero`. `C` and `O` are multiples of `groups`; with `groups = C` the
	/// convolution is depthwise. A sum has at most 16,384 terms, and cannot wrap.
	///
	/// `x = [[[[1], [2], [3]]]]` (a row of three pixels), weights `[[10, 1]]` of size `[1, 2]`, padded by one pixel at
	/// the left with `zero = 5`: `[[[[5*10 + 1], [1*10 + 2], [2*10 + 3]]]] = [[[[51], [12], [23]]]]`.
	#[codec(index = 11)]
	Conv2d {
		/// Images, NHWC.
		x: TensorId,
		/// One row of taps for each output channel.
		weights: TensorId,
		/// Where to look.
		window: Window,
		/// Number of groups of channels, at least 1.
		groups: u32,
		/// What stands outside the image: the input's zero point.
		zero: i8,
	},
	/// `a - b` of i32, wrapping; `b` as for [`Op::AddI32`].
	///
	/// `[-2^31, 5] - [1, 7]` gives `[2^31 - 1, -2]`.
	#[codec(index = 12)]
	SubI32 {
		/// Left operand; gives the result its type.
		a: TensorId,
		/// Right operand.
		b: TensorId,
	},
	/// `a * b` of i32, wrapping; `b` as for [`Op::AddI32`].
	///
	/// `[65536, 5] * [65536, -7]` gives `[0, -35]`.
	#[codec(index = 13)]
	MulI32 {
		/// Left operand; gives the result its type.
		a: TensorId,
		/// Right operand.
		b: TensorId,
	},
	/// i8 or i32 to i32: `wrap((x * multiplier + 2^(shift-1)) >> shift)`, the shift in i64 and arithmetic.
	///
	/// `x = -100, multiplier = 3, shift = 2` gives `(-300 + 2) >> 2 = -75`.
	#[codec(index = 14)]
	Rescale {
		/// i8 or i32 operand.
		x: TensorId,
		/// One factor for the tensor, or one for each index of the last dimension.
		scales: Vec<Scale>,
	},
	/// `max(a, b)` of i8; `b` has `a`'s dimensions or is one row `[N]`, broadcast.
	///
	/// `[1, -5]` and `[0, 7]` give `[1, 7]`.
	#[codec(index = 15)]
	MaxI8 {
		/// Left operand; gives the result its type.
		a: TensorId,
		/// Right operand.
		b: TensorId,
	},
	/// Greatest element under each window of `x: [N, H, W, C]`, i8 or i32, channel by channel. What lies outside the
	/// image does not count; a window that lies outside altogether gives the least value of the type.
	///
	/// `[[[[1], [5], [3]]]]`, size `[1, 2]`, stride 1, gives `[[[[5], [5]]]]`.
	#[codec(index = 16)]
	MaxPool2d {
		/// Images, NHWC.
		x: TensorId,
		/// Where to look.
		window: Window,
	},
	/// i32 sum of the elements under each window of `x: [N, H, W, C]`, i8 or i32, channel by channel, wrapping. What
	/// lies outside the image does not count.
	///
	/// `[[[[1], [5], [3]]]]`, size `[1, 2]`, stride 1, gives `[[[[6], [8]]]]`.
	#[codec(index = 17)]
	SumPool2d {
		/// Images, NHWC.
		x: TensorId,
		/// Where to look.
		window: Window,
	},
	/// i32 sum of each row of i8 or i32, wrapping; the last dimension stays as 1.
	///
	/// `[[3, 9, -2]]` gives `[[10]]`.
	#[codec(index = 18)]
	RowSum {
		/// Operand.
		x: TensorId,
	},
	/// Softmax of each row of i8, `N <= 8,192`, in units of 1/127.
	///
	/// With `e_i = table[max - x_i]` and `S` their sum, element `i` is `(e_i * 127 + S / 2) / S` in u32, divisions
	/// rounding down. `table[d]` approximates `c * exp(-d * scale)`; `table[0]` is at least 1, so `S` is too.
	///
	/// With `table[d] = 2^(15 - d)` for `d < 16`, else 0, `[[0, -1]]` has `e = [32768, 16384]`, `S = 49152` and gives
	/// `[[(32768*127 + 24576) / 49152, (16384*127 + 24576) / 49152]] = [[85, 42]]`.
	#[codec(index = 19)]
	SoftmaxI8 {
		/// i8 operand.
		x: TensorId,
		/// 256 weights, for the greatest element first.
		table: Vec<u16>,
	},
	/// Division of each row of i8 by its root mean square, `N <= 8,192`; the factor `sqrt(N)` is left to `scales`.
	///
	/// With `u = sum x_i^2 + eps`, `c_i = x_i`, and the following, which [`Op::LayerNormI8`] shares:
	///
	/// ```text
	/// z   the even number, negative if u is large, for which w = u * 2^z, rounded down, lies in 2^30 .. 2^32 - 1
	/// d = floor(sqrt(w))            2^15 .. 2^16 - 1
	/// r = floor(2^31 / d)           2^15 .. 2^16
	/// s = 16 - z / 2
	/// t_i = (c_i * r + 2^(s-1)) >> s        in i64, arithmetic shift: about 2^15 * c_i / sqrt(u)
	/// y_i = Requant(t_i) with `scales` and `zero`
	/// ```
	///
	/// `[[3, -4]]` with `eps = 1`: `u = 26`, `z = 26`, `w = 1744830464`, `d = 41771`, `r = 51410`, `s = 3`,
	/// `t = [19279, -25705]`; with scale `1 / 2^9` and `zero = 0`: `[[38, -50]]`.
	#[codec(index = 20)]
	RmsNormI8 {
		/// i8 operand.
		x: TensorId,
		/// Added to the sum of squares, at least 1.
		eps: u32,
		/// Zero point of the result.
		zero: i8,
		/// One factor for the tensor, or one for each index of the last dimension.
		scales: Vec<Scale>,
	},
	/// Each row of i8, `N <= 8,192`, less its mean and divided by its standard deviation.
	///
	/// With `S = sum x_i`, `u = N * sum x_i^2 - S^2 + eps` (up to 2^41, in u64) and `c_i = N * x_i - S`, then as
	/// [`Op::RmsNormI8`].
	///
	/// `[[3, -4]]` with `eps = 1`: `S = -1`, `u = 2*25 - 1 + 1 = 50`, `c = [7, -7]`, `z = 26`, `w = 3355443200`,
	/// `d = 57926`, `r = 37072`, `s = 3`, `t = [32438, -32438]`; with scale `1 / 2^9` and `zero = 0`: `[[63, -63]]`.
	#[codec(index = 21)]
	LayerNormI8 {
		/// i8 operand.
		x: TensorId,
		/// Added to `N^2` times the variance, at least 1.
		eps: u32,
		/// Zero point of the result.
		zero: i8,
		/// One factor for the tensor, or one for each index of the last dimension.
		scales: Vec<Scale>,
	},
	/// Rows of `table: [R, N]`, i8 or i32, by `index: i32[..]` of rank 1 to 3, gives `[.., N]`. An index below 0 counts
	/// as 0, one above `R - 1` as `R - 1`.
	///
	/// `table = [[1, 2], [3, 4]]`, `index = [1, -9, 7]` gives `[[3, 4], [1, 2], [3, 4]]`.
	#[codec(index = 22)]
	Gather {
		/// The rows.
		table: TensorId,
		/// Which row stands where.
		index: TensorId,
	},
	/// The block of `x` that begins at `start` and has `dims`.
	///
	/// `[[1, 2, 3], [4, 5, 6]]` from `[0, 1]` with dimensions `[2, 2]` gives `[[2, 3], [5, 6]]`.
	#[codec(index = 23)]
	Slice {
		/// Operand.
		x: TensorId,
		/// First index in each dimension.
		start: Vec<u32>,
		/// Dimensions of the result.
		dims: Vec<u32>,
	},
	/// `b` after `a` along dimension `axis`; element types and all other dimensions are equal.
	///
	/// `[[1], [2]]` and `[[3], [4]]` along 1 give `[[1, 3], [2, 4]]`.
	#[codec(index = 24)]
	Concat {
		/// What comes first.
		a: TensorId,
		/// What comes after.
		b: TensorId,
		/// The dimension that grows.
		axis: u8,
	},
	/// `x` surrounded by `value`, which its element type must hold.
	///
	/// `[1, 2]` with one 9 before and two after gives `[9, 1, 2, 9, 9]`.
	#[codec(index = 25)]
	Pad {
		/// Operand.
		x: TensorId,
		/// How many come before, in each dimension.
		before: Vec<u32>,
		/// How many come after, in each dimension.
		after: Vec<u32>,
		/// What they are.
		value: i32,
	},
	/// Each pixel of `x: [N, H, W, C]` becomes a block of `factor[0]` by `factor[1]` pixels.
	///
	/// `[[[[1], [2]]]]` with `[1, 2]` gives `[[[[1], [1], [2], [2]]]]`.
	#[codec(index = 26)]
	UpsampleNearest {
		/// Images, NHWC.
		x: TensorId,
		/// Height and width of a block, at least 1.
		factor: [u16; 2],
	},
	/// `x: i32[..]` of rank 1 to 3 gives `i8[.., classes]`: `on` where the last index is `x`, else 0. An index that is
	/// no class gives a row of zeros.
	///
	/// `[2, 0, 7]` with 3 classes and `on = 127` gives `[[0, 0, 127], [127, 0, 0], [0, 0, 0]]`.
	#[codec(index = 27)]
	OneHot {
		/// i32 operand.
		x: TensorId,
		/// Last dimension of the result.
		classes: u32,
		/// The element that stands out.
		on: i8,
	},
	/// Gradient of the cross entropy of a softmax by its logits: `x: i8[.., N]` and `target: i8[.., N]` in units of
	/// 1/127 give i32 in units of 1/32,512 (`127 * 256`), `N <= 8,192`.
	///
	/// With `e` and `S` as for [`Op::SoftmaxI8`], element `i` is `(e_i * 32512 + S / 2) / S - 256 * target_i`, the
	/// quotient in u32.
	///
	/// With the table of that example, `x = [[0, -1]]` and `target = [[127, 0]]`: `[[(32768*32512 + 24576) / 49152 -
	/// 32512, (16384*32512 + 24576) / 49152]] = [[-10837, 10837]]`.
	#[codec(index = 28)]
	CrossEntropyGrad {
		/// i8 logits.
		x: TensorId,
		/// What the softmax should be.
		target: TensorId,
		/// 256 weights, for the greatest element first.
		table: Vec<u16>,
	},
	/// One step of stochastic gradient descent on i32 with stochastic rounding: `w - ((g + r) >> shift)`, where
	/// sum and difference wrap, the shift is arithmetic, and `shift < 32`.
	///
	/// `r` is the low `shift` bits of word `i % 4` of Philox4x32-10 with key `seed` and counter `(i / 4, 0, step, 0)`,
	/// `i` being the element's row-major index.
	///
	/// With `shift = 0`, `w = [5]` and `g = [7]` give `[-2]`, whatever the seed. With `shift = 31`, `g` of 0 gives `w`.
	#[codec(index = 29)]
	SgdStep {
		/// i32 weights.
		w: TensorId,
		/// i32 gradients of the same dimensions.
		g: TensorId,
		/// Two i32, the key of the generator.
		seed: TensorId,
		/// One i32, which differs from step to step.
		step: TensorId,
		/// The learning rate is `2^-shift`.
		shift: u8,
	},
}

/// The operands of an operation, as references of the kind that the operation is given by.
macro_rules! operands {
	($op:expr) => {
		match $op {
			Op::MatMul { a, b }
			| Op::AddI32 { a, b }
			| Op::SubI32 { a, b }
			| Op::MulI32 { a, b }
			| Op::MaxI8 { a, b }
			| Op::Concat { a, b, .. }
			| Op::Bias { x: a, bias: b }
			| Op::Conv2d { x: a, weights: b, .. }
			| Op::Gather { table: a, index: b }
			| Op::CrossEntropyGrad { x: a, target: b, .. } => [Some(a), Some(b), None, None],
			Op::SgdStep { w, g, seed, step, .. } => [Some(w), Some(g), Some(seed), Some(step)],
			Op::Requant { x, .. }
			| Op::Rescale { x, .. }
			| Op::Relu { x }
			| Op::Clamp { x, .. }
			| Op::Lut256 { x, .. }
			| Op::RowMax { x }
			| Op::RowSum { x }
			| Op::ArgMax { x }
			| Op::SoftmaxI8 { x, .. }
			| Op::RmsNormI8 { x, .. }
			| Op::LayerNormI8 { x, .. }
			| Op::MaxPool2d { x, .. }
			| Op::SumPool2d { x, .. }
			| Op::Transpose { x, .. }
			| Op::Reshape { x, .. }
			| Op::Slice { x, .. }
			| Op::Pad { x, .. }
			| Op::UpsampleNearest { x, .. }
			| Op::OneHot { x, .. } => [Some(x), None, None, None],
		}
	};
}

impl Op {
	/// The operation's name as it stands in errors and plans.
	pub const fn name(&self) -> &'static str {
		match self {
			Self::MatMul { .. } => "MatMul",
			Self::Bias { .. } => "Bias",
			Self::AddI32 { .. } => "AddI32",
			Self::Requant { .. } => "Requant",
			Self::Relu { .. } => "Relu",
			Self::Clamp { .. } => "Clamp",
			Self::Lut256 { .. } => "Lut256",
			Self::RowMax { .. } => "RowMax",
			Self::ArgMax { .. } => "ArgMax",
			Self::Transpose { .. } => "Transpose",
			Self::Reshape { .. } => "Reshape",
			Self::Conv2d { .. } => "Conv2d",
			Self::SubI32 { .. } => "SubI32",
			Self::MulI32 { .. } => "MulI32",
			Self::Rescale { .. } => "Rescale",
			Self::MaxI8 { .. } => "MaxI8",
			Self::MaxPool2d { .. } => "MaxPool2d",
			Self::SumPool2d { .. } => "SumPool2d",
			Self::RowSum { .. } => "RowSum",
			Self::SoftmaxI8 { .. } => "SoftmaxI8",
			Self::RmsNormI8 { .. } => "RmsNormI8",
			Self::LayerNormI8 { .. } => "LayerNormI8",
			Self::Gather { .. } => "Gather",
			Self::Slice { .. } => "Slice",
			Self::Concat { .. } => "Concat",
			Self::Pad { .. } => "Pad",
			Self::UpsampleNearest { .. } => "UpsampleNearest",
			Self::OneHot { .. } => "OneHot",
			Self::CrossEntropyGrad { .. } => "CrossEntropyGrad",
			Self::SgdStep { .. } => "SgdStep",
		}
	}

	/// The operands in order: one to four.
	pub fn operands(&self) -> impl Iterator<Item = TensorId> {
		let all: [Option<&TensorId>; 4] = operands!(self);
		all.map(|id| id.copied()).into_iter().flatten()
	}

	/// The operands' numbers in the same order, to be changed in place.
	pub fn operands_mut(&mut self) -> impl Iterator<Item = &mut TensorId> {
		let all: [Option<&mut TensorId>; 4] = operands!(self);
		all.into_iter().flatten()
	}
}

/// A tensor program as it is registered and executed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Program {
	/// Format version, [`VERSION`].
	pub version: u8,
	/// Types of the inputs, which differ from job to job.
	pub inputs: Vec<TensorType>,
	/// Types of the constants (weights), usually shared by many jobs.
	pub constants: Vec<TensorType>,
	/// The operations in order of execution.
	pub ops: Vec<Op>,
	/// The tensors that are the result. Each is defined by an operation, none twice.
	pub outputs: Vec<TensorId>,
}

impl Program {
	/// Decodes a program, refusing trailing bytes.
	///
	/// # Errors
	/// The SCALE decoder's, when `bytes` are not exactly one program.
	pub fn from_bytes(bytes: &[u8]) -> Result<Self, codec::Error> {
		Self::decode_all(&mut &bytes[..])
	}

	/// How many tensors come before the first operation's: inputs and constants.
	pub fn leaves(&self) -> usize {
		self.inputs.len().saturating_add(self.constants.len())
	}
}

/// Least and greatest value of an element type, as i32.
pub const fn bounds(dtype: DType) -> (i32, i32) {
	match dtype {
		DType::I8 => (i8::MIN as i32, i8::MAX as i32),
		DType::I32 => (i32::MIN, i32::MAX),
	}
}
