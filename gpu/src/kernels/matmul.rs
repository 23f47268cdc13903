// SPDX-License-Identifier: Apache-2.0
//! Matrix products.
//!
//! A product is cut into blocks whose operands and result lie in one shard each, and blocks into dispatches of bounded
//! work. With a shared `b`, all matrices of `a` are one tall matrix. Posts are applied before the sums are stored, unless
//! K is split: then the parts' sums are stored, and added up by the kernel that applies the posts.

use super::{
	chain, coop,
	matmul_source::{self, Left, DENSE},
	post::{PostOp, Posts},
	shape::{Class, Shape, Way, FEW, SHAPES},
	Shader,
};
use crate::{
	error::Error,
	storage::{steps, Grid, QUAD},
	tape::{segments, Piece, Shard, Tape, View, MAX_GROUPS},
};
use calor_tensor::DType;
use std::{ops::Range, sync::Arc};

/// Columns of a workgroup of the kernel for few rows.
const FEW_COLS: u32 = 16;

/// A part of a product between one piece of each tensor.
pub(super) struct Block {
	pub matrices: u32,
	pub rows: u32,
	pub cols: u32,
	/// Pieces of `a`, `b` and the result.
	pub pieces: [Piece; 3],
	/// The first row in each piece; for the result, the rest is `first_col`.
	pub at: [u32; 3],
	/// The first column of the result: a multiple of 64.
	pub first_col: u32,
	/// Quads from one matrix to the next in each, and in a row of the result.
	pub steps: [u32; 3],
	pub column_step: u32,
	/// Posts' second operands, and all parameters behind the common ones.
	pub others: Vec<Option<Piece>>,
	pub tail: Vec<u32>,
	/// Number of the first row, which convolutions look at.
	pub first: u32,
}

/// What all dispatches of a product share.
pub(super) struct Kernel {
	pub shader: Shader,
	/// Rows and columns of a workgroup.
	pub tile: [u32; 2],
	pub k_quads: u32,
	/// Quads from one row to the next of `a`, and of `b`: 0 where the kernel finds its way alone.
	pub a_quads: u32,
	pub b_quads: u32,
	pub result_quads: u32,
	pub width: u32,
	/// Parts of K, and the quads from one part's sums to the next's.
	pub splits: u32,
	pub split_step: u32,
	/// Quads of K that a part takes.
	pub slab: u32,
	/// How much longer a multiply-accumulate takes than in a tile, if there are four to each of `k_quads`.
	pub weight: u64,
}

/// The class of a product of these operands.
pub(super) fn class(a: &Grid, b: &Grid) -> Class {
	let (matrices, rows) = stack(a, b);
	let wide = a.row_quads().is_multiple_of(4);
	Class::new(false, wide, [matrices, rows, b.rows, a.row_quads()])
}

/// Matrices and rows of each: with a shared `b`, all of `a` is one matrix.
fn stack(a: &Grid, b: &Grid) -> (u32, u32) {
	if b.matrices == 1 {
		(1, a.total_rows())
	} else {
		(a.matrices, a.rows)
	}
}

pub(super) fn lower(
	a: &View,
	b: &View,
	posts: &[PostOp],
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let way = tape.choices.of(&class(&a.grid, &b.grid), &tape.limits);
	lower_as(way, a, b, posts, result, tape)
}

fn lower_as(
	way: Way,
	a: &View,
	b: &View,
	posts: &[PostOp],
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	if way == Way::Cooperative && !(posts.is_empty() && result.grid.dtype == DType::I32) {
		let target = tape.scratch(&result.dims, Grid { dtype: DType::I32, ..result.grid })?;
		multiply(way, a, b, &[], &target, tape)?;
		return chain::apply(&target, 1, posts, result, tape);
	}
	let Some((target, parts)) = split_target(way, a.grid.row_quads(), result, tape) else {
		return multiply(way, a, b, posts, result, tape);
	};
	multiply(way, a, b, &[], &target, tape)?;
	chain::apply(&target, parts, posts, result, tape)
}

/// Where the sums of a product that is split in K go, and in how many parts; none if it is not, or if the parts would not
/// fit in one shard.
pub(super) fn split_target(
	way: Way,
	k_quads: u32,
	result: &View,
	tape: &mut Tape,
) -> Option<(View, u32)> {
	let Way::Tiles { shape, splits } = way else { return None };
	let slab = slab(SHAPES.get(shape)?, k_quads, splits);
	let parts = k_quads.div_ceil(slab);
	let grid = Grid { dtype: DType::I32, ..result.grid };
	let bytes = grid.row_bytes() * u64::from(grid.total_rows()) * u64::from(parts);
	if parts == 1 || bytes > tape.limits.shard_bytes {
		return None;
	}
	let piece = tape.piece(bytes, None);
	let shards = vec![Shard { rows: result.rows(), piece }];
	Some((View { dims: result.dims.clone(), grid, shards, constant: None }, parts))
}

/// Quads of K in each part: whole slabs of the shape.
fn slab(shape: &Shape, k_quads: u32, splits: u32) -> u32 {
	k_quads.div_ceil(splits.max(1)).next_multiple_of(shape.depth)
}

/// How often a target takes the result's rows.
fn parts_of(target: &View, tape: &Tape) -> u32 {
	let [shard] = &target.shards[..] else { return 1 };
	let whole = target.grid.row_bytes() * u64::from(target.grid.total_rows());
	let bytes = tape.lives.get(shard.piece).map_or(whole, |life| life.bytes);
	u32::try_from(bytes / whole.max(1)).unwrap_or(1)
}

/// What a kernel does with its sums before the posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sums {
	Fresh,
	/// Adds them to what the target holds; there are no posts then.
	Added,
}

impl Sums {
	/// The function `post`.
	fn body(self, posts: &Posts, int64: bool) -> Result<String, Error> {
		match self {
			Self::Fresh => posts.source(2, int64),
			Self::Added => Ok(include_str!("post_add.wgsl").into()),
		}
	}

	fn name(self) -> &'static str {
		match self {
			Self::Fresh => "",
			Self::Added => "adding",
		}
	}
}

impl Kernel {
	/// A kernel that is not put together for a shape, and in which a workgroup takes 16 rows and 64 columns; `weight` as
	/// in [`Kernel`].
	pub fn own(
		left: &Left,
		weight: u64,
		k_quads: u32,
		posts: &Posts,
		sums: Sums,
		target: &View,
		tape: &mut Tape,
	) -> Result<Self, Error> {
		let to = target.grid.dtype;
		let body = sums.body(posts, tape.limits.int64)?;
		let name = format!("{} {} {} {to}", left.name, sums.name(), posts.name());
		let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
		let shader = tape.compose(name, || matmul_source::own(left, posts, &body, to));
		Ok(Self {
			shader: shader.into(),
			tile: [16, 64],
			k_quads,
			a_quads: 0,
			b_quads: k_quads,
			result_quads: target.grid.row_quads(),
			width: target.grid.cols,
			splits: 1,
			split_step: 0,
			slab: k_quads,
			weight,
		})
	}

	/// Puts the shader together.
	#[allow(clippy::too_many_arguments, reason = "all that a kernel depends on")]
	pub fn new(
		way: Way,
		left: &Left,
		wide: bool,
		k_quads: u32,
		posts: &Posts,
		sums: Sums,
		target: &View,
		tape: &mut Tape,
	) -> Result<Self, Error> {
		let to = target.grid.dtype;
		let body = sums.body(posts, tape.limits.int64)?;
		let lines = if wide { "wide" } else { "narrow" };
		let kind = |tile: &str| {
			let name =
				format!("{} {tile} {lines} {} {} {to}", left.name, sums.name(), posts.name());
			name.split_whitespace().collect::<Vec<_>>().join(" ")
		};
		let parts = parts_of(target, tape);
		let (shader, tile, slab): (Shader, _, _) = match way {
			Way::Cooperative => {
				let words = Arc::new(coop::assemble()?);
				(Shader::Cooperative(words), [coop::TILE; 2], k_quads)
			},
			Way::Few => {
				let rows = FEW.min(target.grid.total_rows().next_power_of_two());
				let source = || matmul_source::few(rows, wide, posts, &body, to);
				let shader = tape.compose(kind(&format!("few {rows}")), source);
				(shader.into(), [rows, FEW_COLS], k_quads)
			},
			Way::Tiles { shape, .. } => {
				let none = || Error::Internal(format!("no shape {shape}"));
				let shape = SHAPES.get(shape).ok_or_else(none)?;
				let source = || matmul_source::tiles(shape, left, wide, posts, &body, to);
				let slab = slab(shape, k_quads, parts);
				let shader = tape.compose(kind(shape.name), source);
				(shader.into(), [shape.rows, shape.cols], slab)
			},
		};
		let result_quads = target.grid.row_quads();
		Ok(Self {
			shader,
			tile,
			k_quads,
			a_quads: if left.fields.is_empty() { k_quads } else { 0 },
			b_quads: k_quads,
			result_quads,
			width: target.grid.cols,
			splits: parts,
			split_step: target.grid.total_rows() * result_quads,
			slab,
			weight: 1,
		})
	}
}

fn multiply(
	way: Way,
	a: &View,
	b: &View,
	posts: &[PostOp],
	target: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let k_quads = a.grid.row_quads();
	let (matrices, rows) = stack(&a.grid, &b.grid);
	let cols = b.grid.rows;
	let posts = Posts::new(posts, 2, target, tape)?;
	let wide = k_quads.is_multiple_of(4);
	let kernel = Kernel::new(way, &DENSE, wide, k_quads, &posts, Sums::Fresh, target, tape)?;
	let [first, second] = posts.same(target);
	let whole = |view: &View| view.shards.len() == 1;
	if [a, b, target, first, second].into_iter().all(whole) {
		let piece = |view: &View| view.shards.first().map_or(0, |shard| shard.piece);
		let same = [(piece(first), 0), (piece(second), 0)];
		let (others, tail) = posts.bind(0, &same, kernel.result_quads);
		let block = Block {
			matrices,
			rows,
			cols,
			pieces: [piece(a), piece(b), piece(target)],
			at: [0; 3],
			first_col: 0,
			steps: [rows * k_quads, cols * k_quads, rows * kernel.result_quads],
			column_step: 0,
			others,
			tail,
			first: 0,
		};
		return block.lower(&kernel, tape);
	}
	for matrix in 0..matrices {
		let of = |rows: u32| -> Range<u32> { matrix * rows..(matrix + 1) * rows };
		let columns = if b.grid.matrices == 1 { 0..cols } else { of(cols) };
		for columns in segments([b], columns.clone()) {
			for lines in segments([a, target, first, second], of(rows)) {
				let same = [(lines.pieces[2], lines.at[2]), (lines.pieces[3], lines.at[3])];
				let (others, tail) = posts.bind(lines.at[1], &same, kernel.result_quads);
				let block = Block {
					matrices: 1,
					rows: lines.rows.end - lines.rows.start,
					cols: columns.rows.end - columns.rows.start,
					pieces: [lines.pieces[0], columns.pieces[0], lines.pieces[1]],
					at: [lines.at[0], columns.at[0], lines.at[1]],
					// A shard cuts a matrix at multiples of 64 rows only.
					first_col: columns.rows.start % cols,
					steps: [0; 3],
					column_step: 0,
					others,
					tail,
					first: 0,
				};
				block.lower(&kernel, tape)?;
			}
		}
	}
	Ok(())
}

impl Block {
	/// Dispatches of as many matrices, rows of tiles or tiles as one may hold.
	pub fn lower(&self, kernel: &Kernel, tape: &mut Tape) -> Result<(), Error> {
		let [tile_rows, tile_cols] = kernel.tile;
		let tile_mac = u64::from(tile_rows * tile_cols)
			* u64::from(kernel.k_quads.max(8) * QUAD)
			* kernel.weight;
		let tiles = u32::try_from(tape.limits.dispatch_mac / tile_mac).unwrap_or(u32::MAX).max(1);
		let across = self.cols.div_ceil(tile_cols);
		let down = self.rows.div_ceil(tile_rows);
		let x = across.min(tiles).min(MAX_GROUPS);
		let y = down.min(tiles / x).min(MAX_GROUPS);
		let z = self.matrices.min(tiles / (x * y)).clamp(1, MAX_GROUPS / kernel.splits);
		for matrices in steps(0..self.matrices, z) {
			for rows in steps(0..self.rows, y * tile_rows) {
				for cols in steps(0..self.cols, x * tile_cols) {
					self.dispatch(kernel, &matrices, &rows, &cols, tile_mac, tape)?;
				}
			}
		}
		Ok(())
	}

	fn dispatch(
		&self,
		kernel: &Kernel,
		matrices: &Range<u32>,
		rows: &Range<u32>,
		cols: &Range<u32>,
		tile_mac: u64,
		tape: &mut Tape,
	) -> Result<(), Error> {
		let [a_at, b_at, result_at] = self.at;
		let [a_step, b_step, result_step] = self.steps;
		let [tile_rows, tile_cols] = kernel.tile;
		let first_quad = (self.first_col + cols.start) / QUAD + matrices.start * self.column_step;
		let count = matrices.end - matrices.start;
		let mut params = vec![
			rows.end - rows.start,
			cols.end - cols.start,
			kernel.k_quads,
			kernel.slab,
			(a_at + rows.start) * kernel.a_quads + matrices.start * a_step,
			(b_at + cols.start) * kernel.b_quads + matrices.start * b_step,
			(result_at + rows.start) * kernel.result_quads
				+ matrices.start * result_step
				+ (self.first_col + cols.start) / QUAD,
			kernel.result_quads,
			a_step,
			b_step,
			result_step,
			kernel.splits,
			kernel.split_step,
			first_quad,
			kernel.width,
			self.first + rows.start,
			self.column_step,
			0,
			0,
			0,
		];
		params.extend(&self.tail);
		let groups =
			[params[1].div_ceil(tile_cols), params[0].div_ceil(tile_rows), count * kernel.splits];
		let tiles = u64::from(groups[0]) * u64::from(groups[1]) * u64::from(count);
		let [a, b, result] = self.pieces;
		let mut reads = vec![Some(a), Some(b)];
		reads.extend(&self.others);
		tape.push(kernel.shader.clone(), &reads, result, &params, groups, tile_mac * tiles)
	}
}
