// SPDX-License-Identifier: Apache-2.0
//! Operations that move elements without changing them.

use super::{area, narrow, MissingInput, Operand, Source};
use crate::{
	layout::{Layout, Tile},
	tensor::Data,
	types::MAX_RANK,
};
use alloc::vec::Vec;

/// The result's elements, each from its row-major index.
fn each<S: Source>(
	x: &Operand<'_, S>,
	result: &Layout,
	tile: &Tile,
	mut from: impl FnMut(u64) -> Result<i32, MissingInput>,
) -> Result<Data, MissingInput> {
	let mut out = Vec::with_capacity(area(tile));
	for row in (tile.row..).take(tile.rows as usize) {
		for col in (tile.col..).take(tile.cols as usize) {
			out.push(from(result.element(tile.matrix, row, col))?);
		}
	}
	Ok(narrow(x.ty.dtype, out))
}

/// Coordinates of at most four dimensions.
type Place = [u64; MAX_RANK];

/// Row-major arithmetic over some dimensions, aligned at the last.
struct Box4(Place);

impl Box4 {
	fn of(dims: &[u32]) -> Self {
		let mut all = [1; MAX_RANK];
		for (to, &d) in all.iter_mut().rev().zip(dims.iter().rev()) {
			*to = u64::from(d);
		}
		Self(all)
	}

	/// The coordinates of a row-major index.
	fn place(&self, index: u64) -> Place {
		let mut rest = index;
		let mut place = self.0;
		for (at, length) in place.iter_mut().zip(&self.0).rev() {
			*at = rest.checked_rem(*length).unwrap_or_default();
			rest = rest.checked_div(*length).unwrap_or_default();
		}
		place
	}

	/// The row-major index of some coordinates; `None` if they lie outside.
	fn index(&self, place: &Place) -> Option<u64> {
		place.iter().zip(&self.0).try_fold(0u64, |index, (&at, &length)| {
			(at < length).then(|| index.saturating_mul(length).saturating_add(at))
		})
	}
}

/// Changes each coordinate by its own amount.
fn moved(place: Place, by: &Place, f: impl Fn(u64, u64) -> Option<u64>) -> Option<Place> {
	let mut out = place;
	for (at, &by) in out.iter_mut().zip(by) {
		*at = f(*at, by)?;
	}
	Some(out)
}

/// As many offsets as there are dimensions, aligned at the last.
fn offsets(by: &[u32]) -> Place {
	let mut all = [0; MAX_RANK];
	for (to, &b) in all.iter_mut().rev().zip(by.iter().rev()) {
		*to = u64::from(b);
	}
	all
}

/// `[1, 2, 3, 4, 5, 6]` as `[2, 3]` is `[[1, 2, 3], [4, 5, 6]]`.
pub(super) fn reshape<S: Source>(
	x: &Operand<'_, S>,
	result: &Layout,
	tile: &Tile,
) -> Result<Data, MissingInput> {
	each(x, result, tile, |index| x.element(index))
}

/// `[[1, 2, 3], [4, 5, 6]]` with permutation `[1, 0]` is `[[1, 4], [2, 5], [3, 6]]`.
pub(super) fn transpose<S: Source>(
	x: &Operand<'_, S>,
	perm: &[u8],
	result: &Layout,
	tile: &Tile,
) -> Result<Data, MissingInput> {
	// Row-major strides of the operand, innermost last.
	let mut strides = Vec::with_capacity(x.ty.dims.len());
	let mut stride = 1u64;
	for &d in x.ty.dims.iter().rev() {
		strides.push(stride);
		stride = stride.saturating_mul(u64::from(d));
	}
	strides.reverse();
	// For each dimension of the result, innermost first: its length and how far one step goes in the operand.
	let steps: Vec<(u64, u64)> = perm
		.iter()
		.rev()
		.filter_map(|&d| {
			let d = usize::from(d);
			Some((u64::from(*x.ty.dims.get(d)?), *strides.get(d)?))
		})
		.collect();
	each(x, result, tile, |index| {
		let mut rest = index;
		x.element(steps.iter().fold(0u64, |at, &(length, step)| {
			let coordinate = rest.checked_rem(length).unwrap_or_default();
			rest = rest.checked_div(length).unwrap_or_default();
			at.saturating_add(coordinate.saturating_mul(step))
		}))
	})
}

/// `[[1, 2, 3], [4, 5, 6]]` from `[0, 1]` with dimensions `[2, 2]` is `[[2, 3], [5, 6]]`.
pub(super) fn slice<S: Source>(
	x: &Operand<'_, S>,
	start: &[u32],
	dims: &[u32],
	result: &Layout,
	tile: &Tile,
) -> Result<Data, MissingInput> {
	let (from, to, start) = (Box4::of(&x.ty.dims), Box4::of(dims), offsets(start));
	each(x, result, tile, |index| {
		let place = moved(to.place(index), &start, u64::checked_add).ok_or(MissingInput)?;
		x.element(from.index(&place).ok_or(MissingInput)?)
	})
}

/// `[[1], [2]]` and `[[3], [4]]` along 1 are `[[1, 3], [2, 4]]`.
pub(super) fn concat<S: Source>(
	a: &Operand<'_, S>,
	b: &Operand<'_, S>,
	axis: usize,
	result: &Layout,
	tile: &Tile,
) -> Result<Data, MissingInput> {
	let first = *a.ty.dims.get(axis).ok_or(MissingInput)?;
	let second = *b.ty.dims.get(axis).ok_or(MissingInput)?;
	// How far `b` begins along the axis, and the dimensions of the whole.
	let mut dims = a.ty.dims.clone();
	let mut shift = alloc::vec![0; dims.len()];
	*dims.get_mut(axis).ok_or(MissingInput)? = first.checked_add(second).ok_or(MissingInput)?;
	*shift.get_mut(axis).ok_or(MissingInput)? = first;
	let (whole, left, right) = (Box4::of(&dims), Box4::of(&a.ty.dims), Box4::of(&b.ty.dims));
	let shift = offsets(&shift);
	each(a, result, tile, |index| {
		let place = whole.place(index);
		match left.index(&place) {
			Some(index) => a.element(index),
			None => {
				let place = moved(place, &shift, u64::checked_sub).ok_or(MissingInput)?;
				b.element(right.index(&place).ok_or(MissingInput)?)
			},
		}
	})
}

/// `[1, 2]` with one 9 before and two after is `[9, 1, 2, 9, 9]`.
pub(super) fn pad<S: Source>(
	x: &Operand<'_, S>,
	before: &[u32],
	after: &[u32],
	value: i32,
	result: &Layout,
	tile: &Tile,
) -> Result<Data, MissingInput> {
	let grown = |((&d, &b), &a): ((&u32, &u32), &u32)| d.checked_add(b)?.checked_add(a);
	let dims: Option<Vec<u32>> = x.ty.dims.iter().zip(before).zip(after).map(grown).collect();
	let to = Box4::of(&dims.ok_or(MissingInput)?);
	let (from, before) = (Box4::of(&x.ty.dims), offsets(before));
	each(x, result, tile, |index| {
		let inside = moved(to.place(index), &before, u64::checked_sub);
		inside.and_then(|place| from.index(&place)).map_or(Ok(value), |index| x.element(index))
	})
}

/// `[[[[1], [2]]]]` with `[1, 2]` is `[[[[1], [1], [2], [2]]]]`.
pub(super) fn upsample<S: Source>(
	x: &Operand<'_, S>,
	factor: [u16; 2],
	result: &Layout,
	tile: &Tile,
) -> Result<Data, MissingInput> {
	let [height, width] = factor.map(u64::from);
	let factors = [1, height, width, 1];
	let grown = |(&d, f): (&u32, u64)| u32::try_from(u64::from(d).checked_mul(f)?).ok();
	let dims: Option<Vec<u32>> = x.ty.dims.iter().zip(factors).map(grown).collect();
	let (from, to) = (Box4::of(&x.ty.dims), Box4::of(&dims.ok_or(MissingInput)?));
	each(x, result, tile, |index| {
		let place = moved(to.place(index), &factors, u64::checked_div).ok_or(MissingInput)?;
		x.element(from.index(&place).ok_or(MissingInput)?)
	})
}
