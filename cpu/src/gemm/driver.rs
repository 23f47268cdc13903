// SPDX-License-Identifier: Apache-2.0
//! Cuts a product into tasks and tiles.

use super::{
	micro,
	pack::{left_row, Packed, Panels},
	Format, CHUNK,
};
use crate::{
	buffer::{Buffer, Shared},
	level::Cpu,
	pool::Pool,
	post::Live,
	strip::{Place, Strip, LANES},
};
use std::sync::{Mutex, PoisonError};

/// Bytes of left rows that a task packs at once: well within the second cache of current processors.
const BLOCK: usize = 192 * 1024;
/// Fewest rows of a task, when there are so many.
const FEWEST: usize = 8;
/// Tasks for each thread, so that a thread that is held up leaves its share to the others.
const TASKS: usize = 4;
/// Bytes of panels that are used together: half of the first cache of current processors.
const NEAR: usize = 16 * 1024;
/// Most panels of those.
const GROUP: usize = 16;

/// Where rows of the left operand come from.
pub(crate) enum Left<'a> {
	/// Matrices of `m` rows of `k` elements, one after another.
	Rows(&'a [i8]),
	/// `fill(matrix, row, to)` writes the `k` elements of a row.
	Made(&'a (dyn Fn(usize, usize, &mut [i8]) + Sync)),
}

/// A product and where it goes.
pub(crate) struct Product<'a> {
	/// Left matrices.
	pub(crate) matrices: usize,
	/// Rows of each.
	pub(crate) m: usize,
	pub(crate) left: Left<'a>,
	/// The packed right operands: one for each left matrix, or one for all.
	pub(crate) right: &'a Packed,
	pub(crate) panels: Panels,
	/// Elements of a row of the result.
	pub(crate) width: usize,
	/// Rows of the result from one matrix to the next.
	pub(crate) row_step: usize,
	/// Columns of the result from one matrix to the next.
	pub(crate) col_step: usize,
	/// What follows.
	pub(crate) posts: &'a [Live<'a>],
}

/// How the rows and panels of a product are shared out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tiling {
	/// Rows of a task.
	block: usize,
	/// Panels of a task.
	span: usize,
}

impl Tiling {
	fn of(cpu: Cpu, threads: usize, matrices: usize, m: usize, panels: Panels) -> Self {
		let format = Format::of(cpu);
		let most = (BLOCK / (format.chunks(panels.k) * CHUNK)).max(format.rows);
		let wanted = if threads == 1 { 1 } else { threads * TASKS };
		let blocks = m.div_ceil(most).max(wanted.div_ceil(matrices).min(m.div_ceil(FEWEST)));
		let blocks = if matrices == 1 { blocks.next_multiple_of(threads) } else { blocks };
		let block = m.div_ceil(blocks).max(FEWEST.min(m));
		let tasks = matrices * m.div_ceil(block);
		let span = panels.count().div_ceil(wanted.div_ceil(tasks));
		Self { block, span }
	}
}

/// What one thread needs beside the operands.
#[derive(Default)]
pub(crate) struct Scratch {
	left: Buffer,
	row: Vec<i8>,
}

impl Scratch {
	/// Bytes that a thread needs for such a product.
	pub(crate) fn bytes(
		cpu: Cpu,
		threads: usize,
		matrices: usize,
		m: usize,
		panels: Panels,
	) -> usize {
		let block = Tiling::of(cpu, threads, matrices, m, panels).block;
		block * Format::of(cpu).chunks(panels.k) * CHUNK
	}

	/// Room for products of so many bytes and rows of so many elements.
	pub(crate) fn new(bytes: usize, row: usize) -> Self {
		Self { left: Buffer::new(bytes), row: vec![0; row] }
	}
}

/// Computes a product and what follows it.
pub(crate) fn product(
	cpu: Cpu,
	pool: &Pool,
	scratch: &[Mutex<Scratch>],
	product: &Product<'_>,
	out: &Shared<'_>,
) {
	let Product { matrices, m, panels, .. } = *product;
	let Tiling { block, span } = Tiling::of(cpu, pool.threads(), matrices, m, panels);
	let (blocks, spans) = (m.div_ceil(block), panels.count().div_ceil(span));
	// A row that is added first goes into what the sums begin with.
	let (begin, posts) = match product.posts.split_first() {
		Some((first, rest)) => match first.added_row() {
			Some(row) => (Some(row), rest),
			None => (None, product.posts),
		},
		None => (None, product.posts),
	};
	pool.tasks(matrices * blocks * spans, |task| {
		let (matrix, within) = (task / (blocks * spans), task % (blocks * spans));
		let (first, from) = (within / spans * block, within % spans * span);
		let rows = block.min(m - first);
		let Some(scratch) = scratch.get(pool.worker()) else { return };
		let mut scratch = scratch.lock().unwrap_or_else(PoisonError::into_inner);
		let tiles = pack_block(cpu, product, &mut scratch, matrix, first, rows);
		let left: &[u8] = scratch.left.bytes_mut();
		let right = if panels.matrices == 1 { 0 } else { matrix };
		let mut strip = Strip::new();
		let to = panels.count().min(from + span);
		// Small panels in groups, so that what they give is written along the rows of the result.
		let group = (NEAR / panels.panel(cpu).max(1)).clamp(1, GROUP);
		for from in (from..to).step_by(group) {
			let to = to.min(from + group);
			let panel_at =
				|index| product.right.panel(right * panels.count() + index, panels.panel(cpu));
			let mut starts = [[0; LANES]; GROUP];
			for (start, index) in starts.iter_mut().zip(from..to) {
				*start = *panel_at(index).1;
				let col = matrix * product.col_step + index * LANES;
				if let Some(row) = begin {
					for (sum, x) in start.iter_mut().zip(&row[col..]) {
						*sum = sum.wrapping_add(*x);
					}
				}
			}
			let mut at = 0;
			for (row, height) in heights(rows, tiles) {
				let size = tile_bytes(cpu, panels.k, height);
				let tile = &left[at..at + size];
				for (index, start) in (from..to).zip(&starts) {
					let place = Place {
						row: matrix * product.row_step + first + row,
						col: matrix * product.col_step + index * LANES,
						lines: height,
						down: true,
						width: product.width,
						end: matrix * product.col_step + panels.n,
					};
					strip.is_narrow = false;
					let (cols, (panel, _)) = (place.cols(0), panel_at(index));
					micro::tile(cpu, tile, panel, start, &mut strip.wide, height, cols);
					for post in posts {
						post.apply(cpu, &mut strip, &place);
					}
					// SAFETY: tasks, panels and tiles have no element of the result in common.
					unsafe { place.store(&strip, out) }
				}
				at += size;
			}
		}
	});
}

fn tile_bytes(cpu: Cpu, k: usize, height: usize) -> usize {
	Format::of(cpu).chunks(k) * CHUNK * height
}

/// First row and height of each of `tiles` tiles that make up `rows`, as even as can be.
fn heights(rows: usize, tiles: usize) -> impl Iterator<Item = (usize, usize)> {
	let (height, extra) = (rows / tiles, rows % tiles);
	(0..tiles).map(move |i| (i * height + i.min(extra), height + usize::from(i < extra)))
}

/// Packs the rows of a task and says how many tiles they make.
fn pack_block(
	cpu: Cpu,
	product: &Product<'_>,
	scratch: &mut Scratch,
	matrix: usize,
	first: usize,
	rows: usize,
) -> usize {
	let k = product.panels.k;
	let tiles = rows.div_ceil(Format::of(cpu).rows);
	let Scratch { left, row: made } = scratch;
	let mut rest = left.bytes_mut();
	for (row, height) in heights(rows, tiles) {
		let (tile, after) = rest.split_at_mut(tile_bytes(cpu, k, height));
		for r in 0..height {
			let row = first + row + r;
			let elements = match &product.left {
				Left::Rows(a) => &a[(matrix * product.m + row) * k..][..k],
				Left::Made(fill) => {
					let made = &mut made[..k];
					fill(matrix, row, made);
					made
				},
			};
			left_row(cpu, elements, tile, r, height);
		}
		rest = after;
	}
	tiles
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn tasks_cover_everything_in_fair_shares() {
		for cpu in crate::Level::available().into_iter().map(|l| Cpu::detect(Some(l)).unwrap()) {
			for (m, n, k) in [(1, 1, 1), (128, 384, 384), (2048, 2048, 2048), (5, 999, 16_384)] {
				for threads in [1, 2, 3, 64] {
					let panels = Panels { matrices: 1, n, k };
					let tiling = Tiling::of(cpu, threads, 1, m, panels);
					assert!(tiling.block > 0 && tiling.span > 0, "{m} {n} {k} {tiling:?}");
					let bytes = Scratch::bytes(cpu, threads, 1, m, panels);
					assert!(bytes <= BLOCK.max(16_384 * 2 * 12), "{bytes}");
				}
			}
		}
	}

	#[test]
	fn tiles_are_even() {
		assert_eq!(heights(25, 3).collect::<Vec<_>>(), [(0, 9), (9, 8), (17, 8)]);
	}
}
