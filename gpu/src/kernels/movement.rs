// SPDX-License-Identifier: Apache-2.0
//! Operations that move elements without changing them.
//!
//! Each element of the result is gathered from its place in the operand. Where the operand has several shards there is
//! one dispatch for each of them over the same quads of the result, which adds what that shard holds.

use super::{by, Kernel, A_I32, A_I8, COMMON, RESULT_I32, RESULT_I8};
use crate::{
	error::Error,
	storage::QUAD,
	tape::{linear, quad_steps, quad_work, Piece, Shard, Tape, View},
};
use std::ops::Range;

/// Places that a quad of the result may come from.
const SCATTER: u32 = QUAD;
/// Most dimensions of a tensor.
const RANK: usize = 4;

const FRAME: &str = include_str!("gather.wgsl");
const TRANSPOSE: &str = include_str!("transpose.wgsl");
const RESHAPE: &str = include_str!("reshape.wgsl");
const BLOCK: &str = include_str!("block.wgsl");
const TAKE: &str = include_str!("take_rows.wgsl");

pub(super) static TRANSPOSE_I8: Kernel =
	Kernel { name: "transpose_i8", source: &[COMMON, FRAME, A_I8, RESULT_I8, TRANSPOSE] };
pub(super) static TRANSPOSE_I32: Kernel =
	Kernel { name: "transpose_i32", source: &[COMMON, FRAME, A_I32, RESULT_I32, TRANSPOSE] };
pub(super) static RESHAPE_I8: Kernel =
	Kernel { name: "reshape_i8", source: &[COMMON, FRAME, A_I8, RESULT_I8, RESHAPE] };
pub(super) static RESHAPE_I32: Kernel =
	Kernel { name: "reshape_i32", source: &[COMMON, FRAME, A_I32, RESULT_I32, RESHAPE] };
pub(super) static BLOCK_I8: Kernel =
	Kernel { name: "block_i8", source: &[COMMON, FRAME, A_I8, RESULT_I8, BLOCK] };
pub(super) static BLOCK_I32: Kernel =
	Kernel { name: "block_i32", source: &[COMMON, FRAME, A_I32, RESULT_I32, BLOCK] };
pub(super) static TAKE_I8: Kernel =
	Kernel { name: "take_rows_i8", source: &[COMMON, FRAME, A_I8, RESULT_I8, TAKE] };
pub(super) static TAKE_I32: Kernel =
	Kernel { name: "take_rows_i32", source: &[COMMON, FRAME, A_I32, RESULT_I32, TAKE] };

/// What all dispatches of one movement have in common.
struct Gather<'a> {
	kernel: &'static Kernel,
	a: &'a View,
	result: &'a View,
	/// What the kernel reads besides.
	b: Option<Piece>,
	args: Vec<u32>,
	fill: i32,
	/// Whether a whole quad of the result is a whole quad of `a`.
	aligned: bool,
	/// Whether other dispatches have given every element of the result something already.
	follows: bool,
}

/// Dimension `i` of the result is dimension `perm[i]` of `a`.
pub(super) fn transpose(
	a: &View,
	perm: &[u8],
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let last = a.dims.len() - 1;
	// How many rows of `a` one step of its dimension goes; its last dimension is the column.
	let step = |d: usize| if d == last { 0 } else { a.dims[d + 1..last].iter().product::<u32>() };
	let [.., column] = perm else { return Err(Error::Internal("empty permutation".into())) };
	// The result's other dimensions, innermost first.
	let mut lengths = [1; 3];
	let mut row_steps = [0; 3];
	for (i, &d) in perm[..last].iter().rev().enumerate() {
		lengths[i] = a.dims[usize::from(d)];
		row_steps[i] = step(usize::from(d));
	}
	let [inner, middle, _] = lengths;
	let [inner_step, middle_step, outer_step] = row_steps;
	let column = usize::from(*column);
	let swapped = u32::from(column != last);
	let args = vec![inner, middle, inner_step, middle_step, outer_step, step(column), swapped];
	let kernel = by(a, &TRANSPOSE_I8, &TRANSPOSE_I32);
	let aligned = swapped == 0;
	Gather { kernel, a, result, b: None, args, fill: 0, aligned, follows: false }.lower(
		result.rows(),
		tape,
		|_, _| true,
	)
}

/// The same elements in the same order in rows of another length.
pub(super) fn reshape(a: &View, result: &View, tape: &mut Tape) -> Result<(), Error> {
	let span = |view: &View, rows: &Range<u32>| -> Range<u64> {
		let cols = u64::from(view.grid.cols);
		u64::from(rows.start) * cols..u64::from(rows.end) * cols
	};
	let kernel = by(a, &RESHAPE_I8, &RESHAPE_I32);
	let args = vec![a.grid.cols];
	let aligned = a.grid.is_dense() && result.grid.is_dense() || a.grid.cols == result.grid.cols;
	Gather { kernel, a, result, b: None, args, fill: 0, aligned, follows: false }.lower(
		result.rows(),
		tape,
		|from, to| {
			let (from, to) = (span(a, from), span(result, to));
			from.start < to.end && to.start < from.end
		},
	)
}

/// How the coordinates of a result go with those of an operand: coordinate `c` of the result is `(c + offset) / factor`
/// of the operand, if that lies within it. Dimensions are aligned at the last.
#[derive(Clone, Copy)]
struct Placement {
	/// Wrapping.
	offsets: [u32; RANK],
	factors: [u32; RANK],
}

/// The block of `a` that begins at `start`.
pub(super) fn slice(a: &View, start: &[u32], result: &View, tape: &mut Tape) -> Result<(), Error> {
	let placement = Placement { offsets: aligned_at_last(start, 0), factors: [1; RANK] };
	block(a, placement, 0, false, result, tape)
}

/// `a` surrounded by `value`.
pub(super) fn pad(
	a: &View,
	before: &[u32],
	value: i32,
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let offsets = aligned_at_last(before, 0).map(u32::wrapping_neg);
	block(a, Placement { offsets, factors: [1; RANK] }, value, false, result, tape)
}

/// `b` after `a` along dimension `axis`.
pub(super) fn concat(
	a: &View,
	b: &View,
	axis: u8,
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let mut offsets = vec![0; a.dims.len()];
	let place = |offsets: &[u32]| Placement {
		offsets: aligned_at_last(offsets, 0).map(u32::wrapping_neg),
		factors: [1; RANK],
	};
	block(a, place(&offsets), 0, false, result, tape)?;
	let at = usize::from(axis);
	match (offsets.get_mut(at), a.dims.get(at)) {
		(Some(offset), Some(&length)) => *offset = length,
		_ => return Err(Error::Internal(format!("axis {axis} of {:?}", a.dims))),
	}
	block(b, place(&offsets), 0, true, result, tape)
}

/// Each pixel becomes a block of `factor` pixels.
pub(super) fn upsample(
	a: &View,
	factor: [u16; 2],
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let [down, across] = factor.map(u32::from);
	let placement = Placement { offsets: [0; RANK], factors: [1, down, across, 1] };
	block(a, placement, 0, false, result, tape)
}

fn block(
	a: &View,
	placement: Placement,
	fill: i32,
	follows: bool,
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let (from, to) = (aligned_at_last(&a.dims, 1), aligned_at_last(&result.dims, 1));
	let Placement { offsets, factors } = placement;
	let mut args = vec![to[2], to[1]];
	args.extend(offsets);
	args.extend([factors[1], factors[2]]);
	args.extend(from);
	// Where the last quad of a row of `a` is not full, what comes behind it in the result is not padding.
	let ends =
		|cols: u32| cols == result.grid.cols || cols.wrapping_sub(offsets[3]) >= result.grid.cols;
	let aligned = offsets[3].is_multiple_of(QUAD)
		&& (a.grid.is_dense() || (offsets[3] < 1 << 31 && ends(a.grid.cols)));
	let kernel = by(a, &BLOCK_I8, &BLOCK_I32);
	Gather { kernel, a, result, b: None, args, fill, aligned, follows }.lower(
		result.rows(),
		tape,
		|shard, rows| {
			let source = placement.sources(&from, &to, rows);
			source.start < shard.end && shard.start < source.end
		},
	)
}

impl Placement {
	/// Rows of an operand of dimensions `from` between which all lie that some rows of the result of dimensions `to`
	/// take elements from.
	fn sources(&self, from: &[u32; RANK], to: &[u32; RANK], rows: &Range<u32>) -> Range<u32> {
		let place = |row: u32| [row / to[2] / to[1], row / to[2] % to[1], row % to[2]];
		let (first, last) = (place(rows.start), place(rows.end - 1));
		let (mut low, mut high) = (0, 0);
		// Beyond the first coordinate in which they differ, everything lies between them.
		let mut differ = false;
		for d in 0..RANK - 1 {
			let source = |c: u32| {
				let at = c.wrapping_add(self.offsets[d]) as i32;
				(at.max(0) as u32 / self.factors[d]).min(from[d] - 1)
			};
			let (begin, end) =
				if differ { (0, from[d] - 1) } else { (source(first[d]), source(last[d])) };
			low = low * from[d] + begin;
			high = high * from[d] + end;
			differ |= first[d] != last[d];
		}
		low..high + 1
	}
}

fn aligned_at_last(of: &[u32], else_: u32) -> [u32; RANK] {
	let mut all = [else_; RANK];
	for (to, &from) in all.iter_mut().rev().zip(of.iter().rev()) {
		*to = from;
	}
	all
}

/// Rows of `table` by index.
pub(super) fn take_rows(
	table: &View,
	index: &View,
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let (cols, last) = (index.grid.cols, table.grid.rows - 1);
	for shard in &index.shards {
		let args = vec![cols, shard.rows.start, index.grid.row_quads(), last];
		let kernel = by(table, &TAKE_I8, &TAKE_I32);
		let b = Some(shard.piece);
		Gather { kernel, a: table, result, b, args, fill: 0, aligned: true, follows: false }
			.lower(shard.rows.start * cols..shard.rows.end * cols, tape, |_, _| true)?;
	}
	Ok(())
}

impl Gather<'_> {
	/// Dispatches over some rows of the result, for all pairs of shards of `a` and the result of which the second needs
	/// something from the first: `needs(rows of a, rows of the result)`. Every element is given something at least once.
	fn lower(
		&self,
		rows: Range<u32>,
		tape: &mut Tape,
		needs: impl Fn(&Range<u32>, &Range<u32>) -> bool,
	) -> Result<(), Error> {
		let row_quads = self.result.grid.row_quads();
		// An invocation reads in up to four places, so a dispatch takes a quarter of the quads that others take.
		let scatter = if self.aligned { 1 } else { SCATTER };
		let most = tape.limits.dispatch_quads / scatter;
		for to in &self.result.shards {
			let part = to.rows.start.max(rows.start)..to.rows.end.min(rows.end);
			if part.is_empty() {
				continue;
			}
			let mut sources: Vec<&Shard> =
				self.a.shards.iter().filter(|from| needs(&from.rows, &part)).collect();
			if sources.is_empty() && !self.follows {
				sources.extend(self.a.shards.first());
			}
			for (nth, from) in sources.into_iter().enumerate() {
				let follows = self.follows || nth > 0;
				for quads in quad_steps(&part, row_quads, most) {
					let count = quads.end - quads.start;
					let params =
						self.params(from, to, part.start * row_quads + quads.start, count, follows);
					let reads = [Some(from.piece), self.b];
					let work = quad_work(count * scatter);
					tape.push(self.kernel, &reads, to.piece, &params, linear(count, 256), work)?;
				}
			}
		}
		Ok(())
	}

	/// Parameters of the dispatch over `count` quads from quad `first` of the whole result on.
	fn params(&self, from: &Shard, to: &Shard, first: u32, count: u32, follows: bool) -> Vec<u32> {
		let (row_quads, a_quads) = (self.result.grid.row_quads(), self.a.grid.row_quads());
		let mut params = vec![
			count,
			first,
			first - to.rows.start * row_quads,
			row_quads,
			self.result.grid.cols,
			from.rows.start * a_quads,
			(from.rows.end - from.rows.start) * a_quads,
			a_quads,
			u32::from(follows),
			self.fill as u32,
			u32::from(self.aligned),
		];
		params.extend(&self.args);
		params
	}
}
