// SPDX-License-Identifier: Apache-2.0
//! Pointwise operations on strips.

use crate::{
	buffer::View,
	level::{leveled, Cpu},
	scales::{self, lanes, Scales},
	strip::{Place, Strip, LANES, LINES},
	table,
};
use calor_tensor::{Op, TensorId};

/// A pointwise operation as it is planned.
#[derive(Clone, Debug)]
pub(crate) enum Post {
	Add(Other),
	Sub(Other),
	Mul(Other),
	Max(Other),
	Requant { scales: Scales, zero: i8 },
	Rescale { scales: Scales },
	Clamp { low: i32, high: i32 },
	Lut(Box<[i8; 256]>),
}

/// A second operand as it is planned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Other {
	pub(crate) id: TensorId,
	/// One row for all rows; otherwise as many elements as the first operand.
	pub(crate) row: bool,
}

impl Post {
	/// The operation, whose second operand is `other`; `None` if it is not pointwise.
	pub(crate) fn new(op: &Op, other: Option<Other>) -> Option<Self> {
		Some(match op {
			Op::Bias { .. } | Op::AddI32 { .. } => Self::Add(other?),
			Op::SubI32 { .. } => Self::Sub(other?),
			Op::MulI32 { .. } => Self::Mul(other?),
			Op::MaxI8 { .. } => Self::Max(other?),
			Op::Rescale { scales, .. } => Self::Rescale { scales: Scales::new(scales) },
			Op::Requant { scales, zero, .. } => {
				Self::Requant { scales: Scales::new(scales), zero: *zero }
			},
			Op::Relu { .. } => Self::Clamp { low: 0, high: i32::MAX },
			Op::Clamp { low, high, .. } => Self::Clamp { low: *low, high: *high },
			Op::Lut256 { table, .. } => Self::Lut(Box::new(table.as_slice().try_into().ok()?)),
			_ => return None,
		})
	}

	pub(crate) fn other(&self) -> Option<Other> {
		match self {
			Self::Add(other) | Self::Sub(other) | Self::Mul(other) | Self::Max(other) => {
				Some(*other)
			},
			_ => None,
		}
	}

	/// Whether an element's column matters, not only its index.
	pub(crate) fn per_column(&self) -> bool {
		match self {
			Self::Requant { scales, .. } | Self::Rescale { scales } => scales.per_column(),
			_ => self.other().is_some_and(|other| other.row),
		}
	}

	/// Bytes that it holds beside itself.
	pub(crate) fn bytes(&self) -> u64 {
		match self {
			Self::Requant { scales, .. } | Self::Rescale { scales } => scales.bytes(),
			Self::Lut(_) => 256,
			_ => 0,
		}
	}
}

/// A second operand at hand.
enum Rhs<'a> {
	/// One row, padded by a line.
	Row32(Vec<i32>),
	Row8(Vec<i8>),
	Same32(&'a [i32]),
	Same8(&'a [i8]),
	None,
}

/// Combines lines with a row, if the flag is set, or with their places in a tensor.
type Combine = fn(Cpu, &mut [[i32; LANES]; LINES], &[i32], bool, &Place);

/// A pointwise operation with its operands at hand.
pub(crate) struct Live<'a> {
	post: &'a Post,
	rhs: Rhs<'a>,
}

impl<'a> Live<'a> {
	pub(crate) fn new(post: &'a Post, view: impl Fn(TensorId) -> View<'a>) -> Self {
		fn padded<T: Copy + Default>(row: &[T]) -> Vec<T> {
			let mut padded = vec![T::default(); row.len() + LANES];
			padded[..row.len()].copy_from_slice(row);
			padded
		}
		let rhs = match post.other() {
			None => Rhs::None,
			Some(Other { id, row }) => match (view(id), row) {
				(View::I32(v), true) => Rhs::Row32(padded(v)),
				(View::I8(v), true) => Rhs::Row8(padded(v)),
				(View::I32(v), false) => Rhs::Same32(v),
				(View::I8(v), false) => Rhs::Same8(v),
			},
		};
		Self { post, rhs }
	}

	/// The row that this operation adds to each row of i32, padded by a line, if that is all it does.
	pub(crate) fn added_row(&self) -> Option<&[i32]> {
		match (self.post, &self.rhs) {
			(Post::Add(_), Rhs::Row32(row)) => Some(row),
			_ => None,
		}
	}

	/// Applies the operation to a strip.
	#[inline]
	pub(crate) fn apply(&self, cpu: Cpu, strip: &mut Strip, place: &Place) {
		match self.post {
			Post::Add(_) => self.combine(cpu, strip, place, add),
			Post::Sub(_) => self.combine(cpu, strip, place, sub),
			Post::Mul(_) => self.combine(cpu, strip, place, mul),
			Post::Max(_) => {
				let (rhs, row): (&[i8], bool) = match &self.rhs {
					Rhs::Row8(row) => (row, true),
					Rhs::Same8(same) => (same, false),
					_ => return,
				};
				max(cpu, &mut strip.narrow, rhs, row, place);
			},
			Post::Requant { scales, zero } => {
				scales::requant(cpu, &strip.wide, &mut strip.narrow, scales, *zero, place);
				strip.is_narrow = true;
			},
			Post::Rescale { scales } => {
				if strip.is_narrow {
					widen(cpu, &strip.narrow, &mut strip.wide, place.lines);
					strip.is_narrow = false;
				}
				scales::rescale(cpu, &mut strip.wide, scales, place);
			},
			Post::Clamp { low, high } if strip.is_narrow => {
				// The bounds of an i8 tensor are i8, but for Relu's, which is none.
				let high = (*high).min(i32::from(i8::MAX)) as i8;
				clamp8(cpu, &mut strip.narrow, *low as i8, high, place.lines);
			},
			Post::Clamp { low, high } => clamp32(cpu, &mut strip.wide, *low, *high, place.lines),
			Post::Lut(table) => {
				table::lookup(cpu, strip.narrow[..place.lines].as_flattened_mut(), table);
			},
		}
	}

	#[inline(always)]
	fn combine(&self, cpu: Cpu, strip: &mut Strip, place: &Place, f: Combine) {
		let (rhs, row): (&[i32], bool) = match &self.rhs {
			Rhs::Row32(row) => (row, true),
			Rhs::Same32(same) => (same, false),
			_ => return,
		};
		f(cpu, &mut strip.wide, rhs, row, place);
	}
}

/// Combines lines with a row or with their places in a tensor.
#[inline(always)]
fn combine<T: Copy>(
	lines: &mut [[T; LANES]; LINES],
	rhs: &[T],
	row: bool,
	place: &Place,
	f: impl Fn(T, T) -> T,
) {
	for (i, x) in lines.iter_mut().enumerate().take(place.lines) {
		let (at, cols) = if row { (place.col(i), LANES) } else { (place.start(i), place.cols(i)) };
		if cols == LANES {
			let y = lanes(rhs, at);
			for j in 0..LANES {
				x[j] = f(x[j], y[j]);
			}
		} else {
			for (x, y) in x.iter_mut().zip(&rhs[at..at + cols]) {
				*x = f(*x, *y);
			}
		}
	}
}

leveled! {
	fn add(lines: &mut [[i32; LANES]; LINES], rhs: &[i32], row: bool, place: &Place) {
		combine(lines, rhs, row, place, i32::wrapping_add);
	}
}

leveled! {
	fn sub(lines: &mut [[i32; LANES]; LINES], rhs: &[i32], row: bool, place: &Place) {
		combine(lines, rhs, row, place, i32::wrapping_sub);
	}
}

leveled! {
	fn mul(lines: &mut [[i32; LANES]; LINES], rhs: &[i32], row: bool, place: &Place) {
		combine(lines, rhs, row, place, i32::wrapping_mul);
	}
}

leveled! {
	fn max(lines: &mut [[i8; LANES]; LINES], rhs: &[i8], row: bool, place: &Place) {
		combine(lines, rhs, row, place, i8::max);
	}
}

leveled! {
	fn widen(from: &[[i8; LANES]; LINES], to: &mut [[i32; LANES]; LINES], n: usize) {
		for (x, y) in from.iter().zip(to).take(n) {
			for j in 0..LANES {
				y[j] = i32::from(x[j]);
			}
		}
	}
}

leveled! {
	fn clamp8(lines: &mut [[i8; LANES]; LINES], low: i8, high: i8, n: usize) {
		for line in lines.iter_mut().take(n) {
			for x in line {
				*x = (*x).max(low).min(high);
			}
		}
	}
}

leveled! {
	fn clamp32(lines: &mut [[i32; LANES]; LINES], low: i32, high: i32, n: usize) {
		for line in lines.iter_mut().take(n) {
			for x in line {
				*x = (*x).max(low).min(high);
			}
		}
	}
}
