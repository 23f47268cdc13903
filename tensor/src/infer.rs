// SPDX-License-Identifier: Apache-2.0
//! Which tensor an operation defines, and what that costs.

use crate::{
	layout::Layout,
	program::{bounds, Op, Scale, TensorId, Window},
	rules::Rule,
	types::{DType, TensorType, MAX_RANK},
};
use alloc::{vec, vec::Vec};

/// Longest sum of a product: `16,384 * 128 * 128 = 2^28` cannot wrap an i32.
pub const MAX_K: u32 = 16_384;
/// Longest row of a softmax or a norm, so that its sums fit 32 bits.
pub const MAX_ROW: u32 = 8_192;
/// Entries of a table.
const TABLE: usize = 256;
/// Elements of a tile with its padding.
const TILE_ELEMENTS: u64 = 64 * 64;

type Tensors = [(TensorType, Layout)];

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

fn operand(tensors: &Tensors, id: TensorId) -> Result<&TensorType, Rule> {
	tensors.get(usize::from(id)).map(|(ty, _)| ty).ok_or(Rule::UndefinedOperand)
}

/// Type and layout of what `op` defines, given the tensors before it.
pub(crate) fn infer(op: &Op, tensors: &Tensors) -> Result<(TensorType, Layout), Rule> {
	let get = |id: &TensorId| operand(tensors, *id);
	let ty = match op {
		Op::MatMul { a, b } => matmul(get(a)?, get(b)?)?,
		Op::Conv2d { x, weights, window, groups, .. } => {
			convolution(get(x)?, get(weights)?, window, *groups)?
		},
		Op::Bias { x, bias } => {
			let (x, bias) = (get(x)?, get(bias)?);
			ensure(x.dtype == DType::I32 && bias.dtype == DType::I32, Rule::ElementType)?;
			ensure(is_row_of(bias, x), Rule::Shape)?;
			x.clone()
		},
		Op::AddI32 { a, b } | Op::SubI32 { a, b } | Op::MulI32 { a, b } => {
			elementwise(get(a)?, get(b)?, DType::I32)?
		},
		Op::MaxI8 { a, b } => elementwise(get(a)?, get(b)?, DType::I8)?,
		Op::Requant { x, scales, .. } => {
			let x = of_type(get(x)?, DType::I32)?;
			check_scales(scales, x.last())?;
			with_type(x, DType::I8)
		},
		Op::Rescale { x, scales } => {
			let x = get(x)?;
			check_scales(scales, x.last())?;
			with_type(x, DType::I32)
		},
		Op::Relu { x } => get(x)?.clone(),
		Op::Clamp { x, low, high } => {
			let x = get(x)?;
			let (least, greatest) = bounds(x.dtype);
			ensure(least <= *low && low <= high && *high <= greatest, Rule::Bounds)?;
			x.clone()
		},
		Op::Lut256 { x, table } => {
			ensure(table.len() == TABLE, Rule::TableLength)?;
			of_type(get(x)?, DType::I8)?.clone()
		},
		Op::RowMax { x } => with_last(get(x)?, 1),
		Op::RowSum { x } | Op::ArgMax { x } => with_last(&with_type(get(x)?, DType::I32), 1),
		Op::SoftmaxI8 { x, table } => {
			check_weights(table)?;
			row(get(x)?)?.clone()
		},
		Op::CrossEntropyGrad { x, target, table } => {
			check_weights(table)?;
			let (x, target) = (row(get(x)?)?, of_type(get(target)?, DType::I8)?);
			ensure(x.dims == target.dims, Rule::Shape)?;
			with_type(x, DType::I32)
		},
		Op::RmsNormI8 { x, eps, scales, .. } | Op::LayerNormI8 { x, eps, scales, .. } => {
			let x = row(get(x)?)?;
			ensure(*eps >= 1, Rule::Epsilon)?;
			check_scales(scales, x.last())?;
			x.clone()
		},
		Op::MaxPool2d { x, window } => pool(get(x)?, window, get(x)?.dtype)?,
		Op::SumPool2d { x, window } => pool(get(x)?, window, DType::I32)?,
		Op::Transpose { x, perm } => transpose(get(x)?, perm)?,
		Op::Reshape { x, dims } => reshape(get(x)?, dims)?,
		Op::Slice { x, start, dims } => slice(get(x)?, start, dims)?,
		Op::Concat { a, b, axis } => concat(get(a)?, get(b)?, usize::from(*axis))?,
		Op::Pad { x, before, after, value } => pad(get(x)?, before, after, *value)?,
		Op::UpsampleNearest { x, factor } => upsample(get(x)?, *factor)?,
		Op::Gather { table, index } => {
			let (table, index) = (get(table)?, of_type(get(index)?, DType::I32)?);
			ensure(table.dims.len() == 2, Rule::Rank)?;
			with_more(&with_type(index, table.dtype), table.last())?
		},
		Op::OneHot { x, classes, .. } => {
			with_more(&with_type(of_type(get(x)?, DType::I32)?, DType::I8), *classes)?
		},
		Op::SgdStep { w, g, seed, step, shift } => {
			let w = of_type(get(w)?, DType::I32)?;
			for other in [g, seed, step] {
				of_type(get(other)?, DType::I32)?;
			}
			let shapes = [(get(g)?, &w.dims), (get(seed)?, &vec![2]), (get(step)?, &vec![1])];
			ensure(shapes.iter().all(|(ty, dims)| ty.dims == **dims), Rule::Shape)?;
			ensure(*shift < 32, Rule::RateShift)?;
			w.clone()
		},
	};
	admit(ty)
}

/// Multiply-accumulates of `op`, whose result is `ty`: at least as many as the result has elements with the padding of
/// its tiles, since it is hashed with them.
pub(crate) fn cost(
	op: &Op,
	tensors: &Tensors,
	(ty, layout): &(TensorType, Layout),
) -> Result<u64, Rule> {
	let written = ty.elements();
	let terms = match op {
		Op::MatMul { a: row, .. } | Op::Conv2d { weights: row, .. } => {
			written.saturating_mul(u64::from(operand(tensors, *row)?.last()))
		},
		Op::MaxPool2d { window, .. } | Op::SumPool2d { window, .. } => {
			written.saturating_mul(window.taps().saturating_add(1))
		},
		Op::Slice { .. } => written.saturating_mul(2),
		Op::Gather { index, .. } => {
			written.saturating_mul(2).saturating_add(operand(tensors, *index)?.elements())
		},
		_ => op.operands().try_fold(written, |sum, id| {
			Ok(sum.saturating_add(operand(tensors, id)?.elements()))
		})?,
	};
	Ok(terms.max(u64::from(layout.tiles()).saturating_mul(TILE_ELEMENTS)))
}

fn of_type(ty: &TensorType, dtype: DType) -> Result<&TensorType, Rule> {
	ensure(ty.dtype == dtype, Rule::ElementType)?;
	Ok(ty)
}

/// An i8 tensor whose rows are short enough for their sums to fit 32 bits.
fn row(ty: &TensorType) -> Result<&TensorType, Rule> {
	ensure(ty.last() <= MAX_ROW, Rule::RowTooLong)?;
	of_type(ty, DType::I8)
}

fn with_type(ty: &TensorType, dtype: DType) -> TensorType {
	TensorType { dtype, dims: ty.dims.clone() }
}

fn with_last(ty: &TensorType, last: u32) -> TensorType {
	let mut ty = ty.clone();
	if let Some(dim) = ty.dims.last_mut() {
		*dim = last;
	}
	ty
}

fn with_more(ty: &TensorType, last: u32) -> Result<TensorType, Rule> {
	let mut ty = ty.clone();
	ensure(ty.dims.len() < MAX_RANK, Rule::Rank)?;
	ty.dims.push(last);
	Ok(ty)
}

/// Whether `row` is the one row `[N]` that can be broadcast over `x: [.., N]`.
fn is_row_of(row: &TensorType, x: &TensorType) -> bool {
	row.dims.len() == 1 && row.last() == x.last()
}

fn elementwise(a: &TensorType, b: &TensorType, dtype: DType) -> Result<TensorType, Rule> {
	ensure(a.dtype == dtype && b.dtype == dtype, Rule::ElementType)?;
	ensure(a.dims == b.dims || is_row_of(b, a), Rule::Shape)?;
	Ok(a.clone())
}

fn check_scales(scales: &[Scale], channels: u32) -> Result<(), Rule> {
	ensure(scales.len() == 1 || scales.len() as u64 == u64::from(channels), Rule::ScaleCount)?;
	for scale in scales {
		ensure(scale.multiplier < 1 << 31, Rule::Multiplier)?;
		ensure((1..=62).contains(&scale.shift), Rule::Shift)?;
	}
	Ok(())
}

fn check_weights(table: &[u16]) -> Result<(), Rule> {
	ensure(table.len() == TABLE, Rule::TableLength)?;
	ensure(table.first().is_some_and(|&greatest| greatest >= 1), Rule::TableStart)
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

/// Dimensions of an NHWC tensor.
fn image(x: &TensorType) -> Result<[u32; 4], Rule> {
	x.dims.as_slice().try_into().map_err(|_| Rule::Rank)
}

/// What a window leaves of an image: its dimensions with `channels` in place of its own.
fn windowed(x: &TensorType, window: &Window, channels: u32) -> Result<Vec<u32>, Rule> {
	let [n, h, w, _] = image(x)?;
	let (down, across) = (window.down(), window.across());
	let h = down.outputs(h).ok_or(Rule::Window)?;
	let w = across.outputs(w).ok_or(Rule::Window)?;
	Ok(vec![n, h, w, channels])
}

fn convolution(
	x: &TensorType,
	weights: &TensorType,
	window: &Window,
	groups: u32,
) -> Result<TensorType, Rule> {
	ensure(x.dtype == DType::I8 && weights.dtype == DType::I8, Rule::ElementType)?;
	let [.., channels] = image(x)?;
	let &[outputs, k] = weights.dims.as_slice() else { return Err(Rule::Rank) };
	let divides = |n: u32| n.checked_rem(groups) == Some(0);
	ensure(divides(channels) && divides(outputs), Rule::Groups)?;
	let dims = windowed(x, window, outputs)?;
	let per_group = channels.checked_div(groups).ok_or(Rule::Groups)?;
	ensure(window.taps().saturating_mul(u64::from(per_group)) == u64::from(k), Rule::Shape)?;
	ensure(k <= MAX_K, Rule::SumTooLong)?;
	Ok(TensorType { dtype: DType::I32, dims })
}

fn pool(x: &TensorType, window: &Window, dtype: DType) -> Result<TensorType, Rule> {
	let [.., channels] = image(x)?;
	Ok(TensorType { dtype, dims: windowed(x, window, channels)? })
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

fn reshape(x: &TensorType, dims: &[u32]) -> Result<TensorType, Rule> {
	ensure((1..=MAX_RANK).contains(&dims.len()), Rule::Rank)?;
	// Dimensions are u32 and at most four: their product needs u128 to be exact.
	let product = dims.iter().fold(1u128, |n, &d| n.saturating_mul(u128::from(d)));
	ensure(product == u128::from(x.elements()), Rule::ElementCount)?;
	Ok(TensorType::new(x.dtype, dims))
}

fn slice(x: &TensorType, start: &[u32], dims: &[u32]) -> Result<TensorType, Rule> {
	ensure(start.len() == x.dims.len() && dims.len() == x.dims.len(), Rule::Block)?;
	let fits =
		|((&s, &d), &whole): ((&u32, &u32), &u32)| s.checked_add(d).is_some_and(|end| end <= whole);
	ensure(start.iter().zip(dims).zip(&x.dims).all(fits), Rule::Block)?;
	Ok(TensorType::new(x.dtype, dims))
}

fn concat(a: &TensorType, b: &TensorType, axis: usize) -> Result<TensorType, Rule> {
	ensure(a.dtype == b.dtype, Rule::ElementType)?;
	ensure(a.dims.len() == b.dims.len(), Rule::Shape)?;
	let mut ty = a.clone();
	let (dim, &more) = ty.dims.get_mut(axis).zip(b.dims.get(axis)).ok_or(Rule::Axis)?;
	*dim = dim.checked_add(more).ok_or(Rule::TooManyTiles)?;
	let alike = |(i, (a, b))| i == axis || a == b;
	ensure(a.dims.iter().zip(&b.dims).enumerate().all(alike), Rule::Shape)?;
	Ok(ty)
}

fn pad(x: &TensorType, before: &[u32], after: &[u32], value: i32) -> Result<TensorType, Rule> {
	ensure(before.len() == x.dims.len() && after.len() == x.dims.len(), Rule::Block)?;
	let (least, greatest) = bounds(x.dtype);
	ensure((least..=greatest).contains(&value), Rule::Bounds)?;
	let grown = |((&d, &b), &a): ((&u32, &u32), &u32)| d.checked_add(b)?.checked_add(a);
	let dims: Option<Vec<u32>> = x.dims.iter().zip(before).zip(after).map(grown).collect();
	Ok(TensorType { dtype: x.dtype, dims: dims.ok_or(Rule::TooManyTiles)? })
}

fn upsample(x: &TensorType, factor: [u16; 2]) -> Result<TensorType, Rule> {
	let [n, h, w, c] = image(x)?;
	let [fh, fw] = factor.map(u32::from);
	ensure(fh >= 1 && fw >= 1, Rule::Factor)?;
	let grown = h.checked_mul(fh).zip(w.checked_mul(fw));
	let (h, w) = grown.ok_or(Rule::TooManyTiles)?;
	Ok(TensorType { dtype: x.dtype, dims: vec![n, h, w, c] })
}
