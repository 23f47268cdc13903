// SPDX-License-Identifier: Apache-2.0
//! What one tile of a result needs at worst, in closed form.
//!
//! A fraud proof brings every input tile of one output tile, and the chain recomputes that tile. So a program is admitted
//! only if no tile of it needs more than a block can hold ([`MAX_WITNESS`]) or a block's time allows ([`MAX_TILE_MAC`]).
//! The forms here are upper bounds; `tensor/tests/referee.rs` holds them against what tiles really need.

use crate::{
	commit::tile_len,
	layout::{Layout, TILE},
	program::{Op, TensorId},
	rules::Rule,
	types::TensorType,
	window::Axis,
};

/// Most bytes of input tiles with their paths for one output tile: 2.25 MiB, of the 3.75 MiB that a block takes.
pub const MAX_WITNESS: u64 = 9 << 18;
/// Most multiply-accumulates of one output tile: a product over 16,384 elements has 67 million.
pub const MAX_TILE_MAC: u64 = 70_000_000;
/// What a multiply-accumulate of a convolution in groups weighs: outputs of different groups see different channels, so
/// the referee cannot multiply three columns at once as in a product.
const GROUPED: u64 = 8;
/// What an element under a pooling window weighs.
const POOLED: u64 = 4;

/// What one tile of a result needs at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worst {
	/// Distinct input tiles.
	pub tiles: u64,
	/// Their bytes, each tile whole, and those of the paths that lead to their roots.
	pub bytes: u64,
	/// What it takes to recompute it, in multiply-accumulates of a product.
	pub mac: u64,
}

/// Refuses an operation of which some tile could not be proved wrong within a block.
pub(crate) fn check_tile(
	op: &Op,
	tensors: &[(TensorType, Layout)],
	result: &Layout,
) -> Result<(), Rule> {
	let worst = worst(op, tensors, result).ok_or(Rule::UndefinedOperand)?;
	if worst.bytes > MAX_WITNESS {
		return Err(Rule::WitnessTooLarge);
	}
	if worst.mac > MAX_TILE_MAC {
		return Err(Rule::TileTooCostly);
	}
	Ok(())
}

/// The worst tile of what `op` defines; `None` if an operand is not among `tensors`.
pub fn worst(op: &Op, tensors: &[(TensorType, Layout)], result: &Layout) -> Option<Worst> {
	let rows = u64::from(result.rows.min(TILE));
	let area = rows.saturating_mul(u64::from(result.cols.min(TILE)));
	let mut sum = Worst { mac: area, ..Default::default() };
	let layout = |id: TensorId| tensors.get(usize::from(id)).map(|(_, layout)| layout);
	// Adds so many tiles of an operand, in so many runs of neighbouring leaves.
	let mut need = |id: TensorId, tiles: u64, runs: u64| {
		let (ty, layout) = tensors.get(usize::from(id))?;
		let all = u64::from(layout.tiles());
		let (tiles, runs) = (tiles.min(all), runs.min(tiles).min(all));
		let height = u64::from(layout.tiles().next_power_of_two().trailing_zeros());
		// A run needs at most one sibling to its left and one to its right on each level; a leaf, one.
		let hashes = runs.saturating_mul(2).min(tiles).saturating_mul(height);
		let bytes = tiles.saturating_mul(tile_len(ty.dtype) as u64);
		sum.tiles = sum.tiles.saturating_add(tiles);
		sum.bytes = sum.bytes.saturating_add(bytes).saturating_add(hashes.saturating_mul(32));
		Some(())
	};
	let across = |id: TensorId| layout(id).map(|l| u64::from(l.tile_cols()));
	let length = |id: TensorId| layout(id).map(|l| u64::from(l.cols));
	let mut mac = None;
	match op {
		Op::MatMul { a, b } => {
			need(*a, across(*a)?, 1)?;
			need(*b, across(*b)?, 1)?;
			mac = Some(area.saturating_mul(length(*a)?));
		},
		Op::Conv2d { x, weights, window, groups, .. } => {
			let channels = grouped(layout(*x)?, layout(*weights)?, result, *groups);
			let lines = window_lines(layout(*x)?, window.across(), result)
				.saturating_mul(window_rows(&tensors.get(usize::from(*x))?.0, window.down()));
			need(*x, lines.saturating_mul(channels), lines)?;
			need(*weights, across(*weights)?, 1)?;
			let weight = if *groups == 1 { 1 } else { GROUPED };
			mac = Some(area.saturating_mul(length(*weights)?).saturating_mul(weight));
		},
		Op::MaxPool2d { x, window } | Op::SumPool2d { x, window } => {
			let lines = window_lines(layout(*x)?, window.across(), result)
				.saturating_mul(window_rows(&tensors.get(usize::from(*x))?.0, window.down()));
			need(*x, lines, lines)?;
			mac = Some(area.saturating_mul(window.taps()).saturating_mul(POOLED));
		},
		Op::RowMax { x } | Op::RowSum { x } | Op::ArgMax { x } => {
			need(*x, across(*x)?, 1)?;
			mac = Some(rows.saturating_mul(length(*x)?));
		},
		Op::SoftmaxI8 { x, .. } | Op::RmsNormI8 { x, .. } | Op::LayerNormI8 { x, .. } => {
			need(*x, across(*x)?, 1)?;
			mac = Some(rows.saturating_mul(length(*x)?).saturating_add(area));
		},
		Op::CrossEntropyGrad { x, target, .. } => {
			need(*x, across(*x)?, 1)?;
			need(*target, 1, 1)?;
			mac = Some(rows.saturating_mul(length(*x)?).saturating_add(area));
		},
		Op::Gather { table, index } => {
			let lines = u64::from(layout(*table)?.tile_rows()).min(rows);
			need(*table, lines, lines)?;
			need(*index, 1, 1)?;
		},
		Op::Transpose { x, perm } => {
			// The rows of a tile come from as many matrices unless the last two dimensions stand at the end still.
			let rank = perm.len();
			let stays =
				perm.iter().rev().take(2).all(|&d| usize::from(d).saturating_add(2) >= rank);
			let tiles = if stays { 1 } else { rows };
			need(*x, tiles, tiles)?;
		},
		Op::Reshape { x, .. } => {
			let tiles = reshaped(layout(*x)?, result);
			need(*x, tiles, tiles)?;
		},
		Op::Slice { x, start, .. } => {
			let tiles = shifted(result, start.iter().rev().map(|s| s % TILE));
			need(*x, tiles, tiles)?;
		},
		Op::Pad { x, before, .. } => {
			// Seen from the operand, a tile of the result begins that far before a tile's end.
			let back = |b: &u32| TILE.saturating_sub(b % TILE) % TILE;
			let tiles = shifted(layout(*x)?, before.iter().rev().map(back));
			need(*x, tiles, tiles)?;
		},
		Op::Concat { a, b, axis } => {
			let (ty, _) = tensors.get(usize::from(*a))?;
			let from_last = ty.dims.len().saturating_sub(usize::from(*axis));
			let grown = ty.dims.get(usize::from(*axis)).filter(|_| from_last <= 2);
			let aligned = grown.is_none_or(|d| d % TILE == 0);
			need(*a, 1, 1)?;
			need(*b, if aligned { 1 } else { 2 }, 2)?;
		},
		Op::UpsampleNearest { x, factor } => {
			let [_, across] = *factor;
			let tiles = if TILE.is_multiple_of(across.into()) { 1 } else { 2 };
			need(*x, tiles, tiles)?;
		},
		Op::Bias { .. }
		| Op::AddI32 { .. }
		| Op::SubI32 { .. }
		| Op::MulI32 { .. }
		| Op::MaxI8 { .. }
		| Op::Requant { .. }
		| Op::Rescale { .. }
		| Op::Relu { .. }
		| Op::Clamp { .. }
		| Op::Lut256 { .. }
		| Op::OneHot { .. }
		| Op::SgdStep { .. } => {
			for id in op.operands() {
				need(id, 1, 1)?;
			}
		},
	}
	sum.mac = mac.unwrap_or(area);
	Some(sum)
}

/// Most tiles that a stretch of so many rows or columns touches, wherever it begins.
fn touched(length: u64) -> u64 {
	// The worst stretch begins with the last element of a tile.
	match length.checked_sub(1) {
		Some(more) => more.div_ceil(u64::from(TILE)).saturating_add(1),
		None => 0,
	}
}

/// Rows of an image that a window looks at.
fn window_rows(x: &TensorType, down: Axis) -> u64 {
	let height = x.dims.get(1).copied().unwrap_or_default();
	down.size.min(height).into()
}

/// Tiles of one image row that the windows of a tile's outputs look at.
fn window_lines(x: &Layout, across: Axis, result: &Layout) -> u64 {
	let steps = u64::from(result.rows.min(TILE)).saturating_sub(1);
	let reach = steps.saturating_mul(across.stride.into()).saturating_add(across.reach().into());
	touched(reach.min(x.rows.into())).min(x.tile_rows().into())
}

/// Tiles across the input channels that a tile's output channels depend on.
fn grouped(x: &Layout, weights: &Layout, result: &Layout, groups: u32) -> u64 {
	let all = u64::from(x.tile_cols());
	let (Some(inputs), Some(outputs)) =
		(x.cols.checked_div(groups), weights.rows.checked_div(groups))
	else {
		return all;
	};
	let outputs_of_tile = u64::from(result.cols.min(TILE));
	let Some(more) = outputs_of_tile.saturating_sub(1).checked_div(outputs.into()) else {
		return all;
	};
	// One group more than fit, as the first may be entered in its midst.
	let met = more.saturating_add(2).min(groups.into()).min(outputs_of_tile);
	touched(met.saturating_mul(inputs.into())).min(all)
}

/// Tiles that a tile touches which is moved by so many columns, rows, .. beyond a tile's start.
fn shifted(layout: &Layout, by: impl Iterator<Item = u32>) -> u64 {
	let lengths = [layout.cols.min(TILE), layout.rows.min(TILE)];
	by.zip(lengths)
		.map(|(shift, length)| u64::from(shift.saturating_add(length).div_ceil(TILE)))
		.fold(1, u64::saturating_mul)
}

/// Tiles of `x` that hold the elements of one tile of its reshape.
fn reshaped(x: &Layout, result: &Layout) -> u64 {
	let rows = u64::from(result.rows.min(TILE));
	// Rows keep their length: a tile is consecutive lines of one column of tiles.
	if x.cols == result.cols {
		return bands(x, rows);
	}
	// Both cut their rows at multiples of a tile: each row of a tile lies in one.
	if x.cols.is_multiple_of(TILE) && result.cols.is_multiple_of(TILE) {
		return rows;
	}
	let by_row = run(x, result.cols.min(TILE).into()).saturating_mul(rows);
	if result.cols > TILE {
		return by_row;
	}
	// Rows of at most one tile follow each other without a gap: then a tile is one run of elements.
	by_row.min(run(x, rows.saturating_mul(result.cols.into())))
}

/// How many stretches of `of` so many consecutive things lie in at most, if there are two or more.
fn parts(count: u64, of: u32) -> u64 {
	count.saturating_sub(2).checked_div(of.into()).unwrap_or_default().saturating_add(2)
}

/// Most tiles that so many consecutive elements of `x` lie in.
fn run(x: &Layout, length: u64) -> u64 {
	let across = u64::from(x.tile_cols());
	// Rows of which the run has at least one element.
	let met = if length <= 1 { length } else { parts(length, x.cols) };
	if met <= 2 {
		let in_one = touched(length).min(across);
		// A run over a row's end leaves the last tiles of one row and the first of the next.
		return if met == 2 {
			in_one.saturating_add(1).min(across.saturating_mul(2))
		} else {
			in_one
		};
	}
	bands(x, met).saturating_mul(across)
}

/// Most rows of tiles that so many consecutive lines of `x` lie in.
fn bands(x: &Layout, lines: u64) -> u64 {
	if lines <= 1 {
		return lines;
	}
	let matrices = parts(lines, x.rows);
	if x.rows <= TILE {
		matrices
	} else {
		// One more wherever a matrix ends within a tile.
		touched(lines).saturating_add(matrices).saturating_sub(1)
	}
}
