// SPDX-License-Identifier: Apache-2.0
//! Operations that look up rows by index.

use super::{area, narrow, MissingInput, Operand, Segment, Source};
use crate::{
	layout::{Layout, Tile, TILE},
	tensor::Data,
	types::DType,
};
use alloc::vec::Vec;

/// `table = [[1, 2], [3, 4]]`, `index = [1, -9, 7]` gives `[[3, 4], [1, 2], [3, 4]]`.
pub(super) fn gather<S: Source>(
	table: &Operand<'_, S>,
	index: &Operand<'_, S>,
	result: &Layout,
	tile: &Tile,
) -> Result<Data, MissingInput> {
	let last = table.layout.rows.saturating_sub(1);
	let mut out = Vec::with_capacity(area(tile));
	for row in (tile.row..).take(tile.rows as usize) {
		let at = u32::try_from(index_of(index, result, tile, row)?).unwrap_or(0).min(last);
		match table.segment(0, at, tile.col / TILE)? {
			Segment::I8(s) => out.extend(s.iter().map(|&v| i32::from(v))),
			Segment::I32(s) => out.extend_from_slice(s),
		}
	}
	Ok(narrow(table.ty.dtype, out))
}

/// `[2, 0, 7]` with 3 classes and `on = 127` gives `[[0, 0, 127], [127, 0, 0], [0, 0, 0]]`.
pub(super) fn one_hot<S: Source>(
	x: &Operand<'_, S>,
	on: i8,
	result: &Layout,
	tile: &Tile,
) -> Result<Data, MissingInput> {
	let mut out = Vec::with_capacity(area(tile));
	for row in (tile.row..).take(tile.rows as usize) {
		let class = index_of(x, result, tile, row)?;
		let columns = (tile.col..).take(tile.cols as usize);
		out.extend(columns.map(|c| if i64::from(c) == i64::from(class) { on.into() } else { 0 }));
	}
	Ok(narrow(DType::I8, out))
}

/// The index that belongs to a row of the result, whose rows are the elements of `index` in order.
fn index_of<S: Source>(
	index: &Operand<'_, S>,
	result: &Layout,
	tile: &Tile,
	row: u32,
) -> Result<i32, MissingInput> {
	let rows = u64::from(tile.matrix).saturating_mul(u64::from(result.rows));
	index.element(rows.saturating_add(u64::from(row)))
}
