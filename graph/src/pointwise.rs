// SPDX-License-Identifier: Apache-2.0
//! Which operations look at one element at a time.

use calor_tensor::{Op, TensorId};

/// A pointwise operation's operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointwise {
	/// The operand that gives the result its dimensions.
	pub x: TensorId,
	/// The second operand: of the same dimensions, or one row.
	pub other: Option<TensorId>,
	/// Whether the operands may change places when they have the same dimensions.
	pub commutative: bool,
}

/// The operands of `op` if it is pointwise.
pub fn pointwise(op: &Op) -> Option<Pointwise> {
	let (x, other, commutative) = match *op {
		Op::Bias { x, bias } => (x, Some(bias), true),
		Op::AddI32 { a, b } | Op::MulI32 { a, b } | Op::MaxI8 { a, b } => (a, Some(b), true),
		Op::SubI32 { a, b } => (a, Some(b), false),
		Op::Requant { x, .. }
		| Op::Rescale { x, .. }
		| Op::Relu { x }
		| Op::Clamp { x, .. }
		| Op::Lut256 { x, .. } => (x, None, false),
		_ => return None,
	};
	Some(Pointwise { x, other, commutative })
}
