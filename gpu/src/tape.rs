// SPDX-License-Identifier: Apache-2.0
//! What kernels record: dispatches over pieces of device memory that have no place yet.
//!
//! A *piece* is the storage of one shard of one tensor. Planning gives each piece a slot, running gives each slot a
//! buffer.

use crate::{
	device::{Limits, PARAMS_BYTES, READS},
	error::Error,
	kernels::{Choices, Composed, Shader},
	storage::{steps, Grid},
};
use std::{collections::BTreeMap, ops::Range, sync::Arc};

/// Most dispatches of a plan. Each has 256 bytes of parameters, all of which are made before the run.
const MAX_DISPATCHES: usize = 1 << 18;
/// Workgroups in one row of a dispatch: a power of two below the 65,535 that every adapter takes.
const GROUPS_X: u32 = 1 << 15;
/// Workgroups per dimension that every adapter takes.
pub(crate) const MAX_GROUPS: u32 = 65_535;

/// Number of a piece.
pub(crate) type Piece = usize;

/// A stretch of a tensor's rows and where it is stored.
#[derive(Clone, Debug)]
pub(crate) struct Shard {
	pub rows: Range<u32>,
	pub piece: Piece,
}

/// A tensor as kernels see it.
#[derive(Clone, Debug)]
pub(crate) struct View {
	pub dims: Vec<u32>,
	pub grid: Grid,
	/// In row order, without gaps. None if the tensor is never stored.
	pub shards: Vec<Shard>,
	/// Which of the program's constants this is, if it is one.
	pub constant: Option<usize>,
}

/// Storage of a shard and the times between which it must stand. Time 0 is when constants are loaded, time `i + 1` is
/// step `i`, and what stands at the time behind the last step is an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Life {
	pub bytes: u64,
	pub born: usize,
	/// The last time at which it is needed; `None` if never.
	pub dies: Option<usize>,
	/// What it is made from while constants are loaded, if it is: it is the same in every run.
	pub origin: Option<Origin>,
}

/// Something made from one constant only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
	/// Number of the constant.
	pub constant: usize,
	/// All that its bytes depend on besides.
	pub packing: String,
}

/// Rows that lie within one shard of each of some views.
#[derive(Clone, Debug)]
pub(crate) struct Segment<const N: usize> {
	pub rows: Range<u32>,
	/// The piece of each view.
	pub pieces: [Piece; N],
	/// Where in each piece the first row stands, in rows.
	pub at: [u32; N],
}

/// Cuts `rows` where any of the views is cut.
pub(crate) fn segments<const N: usize>(views: [&View; N], rows: Range<u32>) -> Vec<Segment<N>> {
	let mut cuts: Vec<u32> = views.iter().flat_map(|v| &v.shards).map(|s| s.rows.start).collect();
	cuts.retain(|cut| rows.contains(cut));
	cuts.extend([rows.start, rows.end]);
	cuts.sort_unstable();
	cuts.dedup();
	cuts.windows(2)
		.map(|pair| {
			let shards = views.map(|v| v.shard_of(pair[0]));
			Segment {
				rows: pair[0]..pair[1],
				pieces: shards.map(|s| s.piece),
				at: shards.map(|s| pair[0] - s.rows.start),
			}
		})
		.collect()
}

impl View {
	/// The shard that holds `row`.
	fn shard_of(&self, row: u32) -> &Shard {
		&self.shards[self.shards.partition_point(|s| s.rows.end <= row)]
	}

	/// All rows.
	pub fn rows(&self) -> Range<u32> {
		0..self.grid.total_rows()
	}
}

/// One dispatch of a kernel.
#[derive(Clone, Debug)]
pub(crate) struct Dispatch {
	pub shader: Shader,
	/// What is bound as a, b, c and d.
	pub reads: [Option<Piece>; READS],
	pub write: Piece,
	/// Where its parameters stand in the tape's, in bytes.
	pub params: u32,
	pub groups: [u32; 3],
	/// For the bound of a submission: multiply-accumulates, or quads times 64.
	pub work: u64,
}

/// Dispatches in order, with what they read besides tensors.
#[derive(Debug)]
pub(crate) struct Tape {
	pub limits: Limits,
	/// How each class of product is computed.
	pub choices: Choices,
	/// Every piece so far.
	pub lives: Vec<Life>,
	/// The time of what is recorded now.
	pub now: usize,
	/// What runs once, when constants are loaded.
	pub prologue: Vec<Dispatch>,
	pub dispatches: Vec<Dispatch>,
	/// Uniform parameters, one stride a dispatch.
	pub params: Vec<u8>,
	/// Tables and scales that programs hold inline.
	pub side: Vec<u32>,
	composed: BTreeMap<String, Arc<Composed>>,
	prepared: BTreeMap<Origin, View>,
}

impl Tape {
	pub fn new(limits: Limits, choices: Choices) -> Self {
		Self {
			limits,
			choices,
			lives: Vec::new(),
			now: 0,
			prologue: Vec::new(),
			dispatches: Vec::new(),
			params: Vec::new(),
			// One word, so that there is something to bind.
			side: vec![0],
			composed: BTreeMap::new(),
			prepared: BTreeMap::new(),
		}
	}

	/// Adds side data and returns where it stands, in words.
	pub fn side(&mut self, words: impl IntoIterator<Item = u32>) -> u32 {
		// At most 512 KiB: scales take twice the bytes that they take in a program of 256 KiB.
		let at = self.side.len() as u32;
		self.side.extend(words);
		at
	}

	/// The shader of that name, put together if it is the first of it.
	pub fn compose(&mut self, name: String, source: impl FnOnce() -> String) -> Arc<Composed> {
		let make = |name: &String| Arc::new(Composed { name: name.clone(), source: source() });
		self.composed.entry(name).or_insert_with_key(make).clone()
	}

	/// A piece that is born now.
	pub fn piece(&mut self, bytes: u64, origin: Option<Origin>) -> Piece {
		self.lives.push(Life { bytes, born: self.now, dies: None, origin });
		self.lives.len() - 1
	}

	/// Gives a view pieces of its own, born now.
	pub fn store(&mut self, view: &mut View, packing: Option<Origin>) -> Result<(), Error> {
		let row_bytes = view.grid.row_bytes();
		for rows in view.grid.shards(self.limits.shard_bytes)? {
			let bytes = u64::from(rows.end - rows.start) * row_bytes;
			let origin = packing.clone().map(|Origin { constant, packing }| Origin {
				constant,
				packing: format!("{packing} {rows:?}"),
			});
			let piece = self.piece(bytes, origin);
			view.shards.push(Shard { rows, piece });
		}
		Ok(())
	}

	/// A tensor that is not the program's.
	pub fn scratch(&mut self, dims: &[u32], grid: Grid) -> Result<View, Error> {
		let mut view = View { dims: dims.to_vec(), grid, shards: Vec::new(), constant: None };
		self.store(&mut view, None)?;
		Ok(view)
	}

	/// Another packing of `source`, which `record` computes: once when constants are loaded if `source` is one, else in
	/// this step. `packing` says all that the result depends on besides `source`.
	pub fn prepare(
		&mut self,
		source: &View,
		packing: &str,
		grid: Grid,
		record: impl FnOnce(&View, &mut Self) -> Result<(), Error>,
	) -> Result<View, Error> {
		let Some(constant) = source.constant else {
			let view = self.scratch(&[grid.matrices, grid.rows, grid.cols], grid)?;
			record(&view, self)?;
			return Ok(view);
		};
		let origin = Origin { constant, packing: packing.into() };
		if let Some(view) = self.prepared.get(&origin) {
			return Ok(view.clone());
		}
		let dims = vec![grid.matrices, grid.rows, grid.cols];
		let mut view = View { dims, grid, shards: Vec::new(), constant: None };
		let now = std::mem::take(&mut self.now);
		let done = self.store(&mut view, Some(origin.clone())).and_then(|()| record(&view, self));
		self.now = now;
		done?;
		self.prepared.insert(origin, view.clone());
		Ok(view)
	}

	/// Lets a view stand until the present step is done.
	pub fn keep(&mut self, view: &View) {
		for shard in &view.shards {
			self.keep_piece(shard.piece);
		}
	}

	fn keep_piece(&mut self, piece: Piece) {
		if let Some(life) = self.lives.get_mut(piece) {
			life.dies = life.dies.max(Some(self.now));
		}
	}

	/// Adds a dispatch. `reads` are what is bound as a, b, c and d, as many as the kernel declares; `params` are the
	/// fields of its `Params` in order.
	pub fn push(
		&mut self,
		shader: impl Into<Shader>,
		reads: &[Option<Piece>],
		write: Piece,
		params: &[u32],
		groups: [u32; 3],
		work: u64,
	) -> Result<(), Error> {
		let shader = shader.into();
		let bytes: &[u8] = bytemuck::cast_slice(params);
		let fits = bytes.len() as u64 <= PARAMS_BYTES
			&& reads.len() <= READS
			&& groups.iter().all(|&g| g <= MAX_GROUPS);
		if !fits {
			let name = shader.name();
			return Err(Error::Internal(format!("{name}: {groups:?} groups, {params:?}")));
		}
		let reads = std::array::from_fn(|i| reads.get(i).copied().flatten());
		let at = self.params.len();
		let stride = self.limits.params_stride as usize;
		if at >= MAX_DISPATCHES * stride {
			let limit = MAX_DISPATCHES as u64;
			let what = "the program".into();
			return Err(Error::TooLong { what, unit: "dispatches", need: limit + 1, limit });
		}
		self.params.extend_from_slice(bytes);
		self.params.resize(at + stride, 0);
		let params = at as u32;
		for piece in reads.into_iter().flatten().chain([write]) {
			self.keep_piece(piece);
		}
		let dispatch = Dispatch { shader, reads, write, params, groups, work };
		match self.now {
			0 => self.prologue.push(dispatch),
			_ => self.dispatches.push(dispatch),
		}
		Ok(())
	}
}

/// Workgroups for `items` of which each takes `per_group`, laid out as `group_index` in common.wgsl reads them.
pub(crate) fn linear(items: u32, per_group: u32) -> [u32; 3] {
	let groups = items.div_ceil(per_group);
	if groups <= GROUPS_X {
		[groups, 1, 1]
	} else {
		[GROUPS_X, groups.div_ceil(GROUPS_X), 1]
	}
}

/// The quads of some rows, at most `most` at once: ranges counted from the first row's first quad.
pub(crate) fn quad_steps(
	rows: &Range<u32>,
	row_quads: u32,
	most: u32,
) -> impl Iterator<Item = Range<u32>> {
	steps(0..(rows.end - rows.start) * row_quads, most)
}

/// Work of a dispatch that touches so many quads: memory is what bounds it, and a quad moves in about the time of 64
/// multiply-accumulates.
pub(crate) fn quad_work(quads: u32) -> u64 {
	u64::from(quads) * 64
}

#[cfg(test)]
mod tests {
	use super::*;
	use calor_tensor::DType;

	fn view(rows: u32, cuts: &[u32], first: Piece) -> View {
		let mut ends = cuts.to_vec();
		ends.push(rows);
		let mut start = 0;
		let shards = ends
			.iter()
			.enumerate()
			.map(|(i, &end)| {
				let rows = std::mem::replace(&mut start, end)..end;
				Shard { rows, piece: first + i }
			})
			.collect();
		let grid = Grid { dtype: DType::I8, matrices: 1, rows, cols: 4 };
		View { dims: vec![rows, 4], grid, shards, constant: None }
	}

	#[test]
	fn segments_are_cut_wherever_a_view_is() {
		let (a, b) = (view(100, &[64], 0), view(100, &[32, 64, 96], 2));
		let found: Vec<_> =
			segments([&a, &b], 10..98).into_iter().map(|s| (s.rows, s.pieces, s.at)).collect();
		assert_eq!(
			found,
			[
				(10..32, [0, 2], [10, 10]),
				(32..64, [0, 3], [32, 0]),
				(64..96, [1, 4], [0, 0]),
				(96..98, [1, 5], [32, 0]),
			]
		);
	}

	#[test]
	fn many_groups_go_into_rows() {
		assert_eq!(linear(1, 256), [1, 1, 1]);
		assert_eq!(linear(256 << 15, 256), [1 << 15, 1, 1]);
		assert_eq!(linear((256 << 15) + 1, 256), [1 << 15, 2, 1]);
	}
}
