// SPDX-License-Identifier: Apache-2.0
//! Convolutions.
//!
//! A convolution is a product of windows with filters: the kernel for products fetches rows of windows straight from the
//! image (*implicit GEMM*). Depthwise ones have too few terms for that and a kernel of their own, as have groups that are
//! not whole quads of channels. Where the image has several shards, each adds what the windows find in it.

use super::{
	chain,
	matmul::{self, Block, Kernel, Sums},
	matmul_source::Left,
	post::{PostOp, Posts},
	repack,
	shape::{Class, Way},
};
use crate::{
	error::Error,
	storage::{Grid, QUAD},
	tape::{segments, Shard, Tape, View},
};
use calor_tensor::{program::Window, DType};
use std::ops::Range;

/// Windows on an image.
static WINDOWS: Left = Left {
	name: "conv",
	fields: include_str!("conv_fields.wgsl"),
	wide: concat!(include_str!("conv_line.wgsl"), include_str!("conv_wide.wgsl")),
	narrow: concat!(include_str!("conv_line.wgsl"), include_str!("conv_narrow.wgsl")),
};

/// Kernels that take a quad of the result in each invocation.
static DEPTHWISE: Left = Left {
	name: "depthwise",
	fields: include_str!("conv_fields.wgsl"),
	wide: "",
	narrow: concat!(
		include_str!("conv_line.wgsl"),
		include_str!("conv_own.wgsl"),
		include_str!("conv_depthwise.wgsl")
	),
};
static DIRECT: Left = Left {
	name: "grouped conv",
	fields: include_str!("conv_fields.wgsl"),
	wide: "",
	narrow: concat!(
		include_str!("conv_line.wgsl"),
		include_str!("conv_own.wgsl"),
		include_str!("conv_direct.wgsl")
	),
};

/// A convolution's attributes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conv<'a> {
	pub window: &'a Window,
	pub groups: u32,
	pub zero: i8,
}

/// How a convolution is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
	/// Each pixel with each filter.
	Product,
	Implicit,
	Depthwise,
	Direct,
}

impl Conv<'_> {
	fn method(&self, x: &[u32], weights: &Grid, weights_cut: bool) -> Method {
		let channels = x.last().copied().unwrap_or(1);
		let Window { size, stride, pad, .. } = self.window;
		let (own, out) = (channels / self.groups, weights.rows / self.groups);
		match self.groups {
			1 if *size == [1; 2] && *stride == [1; 2] && *pad == [0; 4] => Method::Product,
			1 => Method::Implicit,
			_ if own == 1 && out == 1 && !weights_cut => Method::Depthwise,
			_ if own.is_multiple_of(QUAD) && out.is_multiple_of(QUAD) && !weights_cut => {
				Method::Implicit
			},
			_ => Method::Direct,
		}
	}

	/// The class of the product that this is; none if it is computed in another way.
	pub fn class(&self, x: &[u32], images: &Grid, weights: &Grid) -> Option<Class> {
		match self.method(x, weights, false) {
			Method::Product => Some(matmul::class(images, weights)),
			Method::Implicit => {
				let (wide, quads) = self.quads(x);
				let [n, height, breadth, _] = image(x);
				let (down, across) = (self.window.down(), self.window.across());
				let rows = n * down.outputs(height)? * across.outputs(breadth)?;
				let k_quads = quads * self.taps();
				let out = weights.rows / self.groups;
				Some(Class::new(true, wide, [self.groups, rows, out, k_quads]))
			},
			Method::Depthwise | Method::Direct => None,
		}
	}

	/// Quads of a tap, and whether they are whole chunks of four.
	fn quads(&self, x: &[u32]) -> (bool, u32) {
		let own = x.last().copied().unwrap_or(1) / self.groups;
		let quads = own.div_ceil(QUAD);
		(quads.is_multiple_of(4), quads)
	}

	fn taps(&self) -> u32 {
		let [height, width] = self.window.size.map(u32::from);
		height * width
	}
}

/// A convolution on its way to dispatches.
struct Walk<'a> {
	conv: Conv<'a>,
	x: &'a View,
	/// As the method wants them.
	weights: &'a View,
	target: &'a View,
	method: Method,
}

pub(super) fn lower(
	conv: Conv,
	x: &View,
	weights: &View,
	posts: &[PostOp],
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let method = conv.method(&x.dims, &weights.grid, weights.shards.len() > 1);
	let channels = x.grid.cols;
	let own = channels / conv.groups;
	let packed = match method {
		Method::Product => return matmul::lower(x, weights, posts, result, tape),
		Method::Depthwise => repack::turn(weights, tape)?,
		Method::Implicit if !own.is_multiple_of(QUAD) => repack::spread_taps(weights, own, tape)?,
		Method::Implicit | Method::Direct => weights.clone(),
	};
	let method = match method {
		// Its rows are taps, each of which holds all channels: a cut would go through every window.
		Method::Depthwise if packed.shards.len() > 1 => Method::Direct,
		other => other,
	};
	let weights = if method == Method::Direct { weights } else { &packed };
	let class = conv.class(&x.dims, &x.grid, &weights.grid);
	let way = class.map(|class| tape.choices.of(&class, &tape.limits));
	let k_quads = conv.quads(&x.dims).1 * conv.taps();
	let way = way.unwrap_or(Way::Few);
	let split = match (method, x.shards.len()) {
		(Method::Implicit, 1) => matmul::split_target(way, k_quads, result, tape),
		_ => None,
	};
	if let Some((target, parts)) = split {
		let walk = Walk { conv, x, weights, target: &target, method };
		walk.record(way, &[], tape)?;
		return chain::apply(&target, parts, posts, result, tape);
	}
	if x.shards.len() == 1 || (posts.is_empty() && result.grid.dtype == DType::I32) {
		return Walk { conv, x, weights, target: result, method }.record(way, posts, tape);
	}
	// Posts can begin when the last shard has added its part.
	let target = tape.scratch(&result.dims, Grid { dtype: DType::I32, ..result.grid })?;
	Walk { conv, x, weights, target: &target, method }.record(way, &[], tape)?;
	chain::apply(&target, 1, posts, result, tape)
}

impl Walk<'_> {
	fn record(&self, way: Way, posts: &[PostOp], tape: &mut Tape) -> Result<(), Error> {
		let posts = Posts::new(posts, 2, self.target, tape)?;
		let fresh = self.kernel(way, &posts, false, tape)?;
		let adding = match self.x.shards.len() {
			1 => None,
			_ => Some(self.kernel(way, &posts, true, tape)?),
		};
		let (groups, cols) = match self.method {
			Method::Implicit => (self.conv.groups, self.target.grid.cols / self.conv.groups),
			_ => (1, self.target.grid.cols),
		};
		// Stretches of the columns, with the piece of the weights that has them, and where in it they begin.
		let cuts: Vec<_> = match &self.weights.shards[..] {
			[shard] => vec![(0..cols, shard.piece, 0)],
			_ => segments([self.weights], self.weights.rows())
				.into_iter()
				.map(|s| (s.rows, s.pieces[0], s.at[0]))
				.collect(),
		};
		let [first, second] = posts.same(self.target);
		for (columns, b, b_at) in cuts {
			for lines in segments([self.target, first, second], self.target.rows()) {
				let same = [(lines.pieces[1], lines.at[1]), (lines.pieces[2], lines.at[2])];
				let (others, args) = posts.bind(lines.at[0], &same, fresh.result_quads);
				for part in self.parts(&lines.rows) {
					let kernel = if part.adds { adding.as_ref().unwrap_or(&fresh) } else { &fresh };
					let mut tail = self.fields(&part);
					tail.extend(&args);
					let rows = part.rows.end - part.rows.start;
					let out_quads = cols / QUAD;
					let group_quads = self.x.grid.row_quads() / groups;
					let block = Block {
						matrices: groups,
						rows,
						cols: columns.end - columns.start,
						pieces: [part.shard.piece, b, lines.pieces[0]],
						at: [0, b_at, lines.at[0] + part.rows.start - lines.rows.start],
						first_col: columns.start,
						steps: match self.method {
							Method::Implicit => [group_quads, cols * fresh.k_quads, out_quads],
							// What the direct kernel reads as channels of a group.
							_ => [
								self.x.grid.cols / self.conv.groups,
								self.target.grid.cols / self.conv.groups,
								0,
							],
						},
						column_step: out_quads,
						others: others.clone(),
						tail,
						first: part.rows.start,
					};
					block.lower(kernel, tape)?;
				}
			}
		}
		Ok(())
	}

	fn kernel(
		&self,
		way: Way,
		posts: &Posts,
		adds: bool,
		tape: &mut Tape,
	) -> Result<Kernel, Error> {
		let sums = if adds { Sums::Added } else { Sums::Fresh };
		let own = match self.method {
			// Its quads of K are taps: one multiply-accumulate an element, not four, each of which takes four times as
			// long as in a tile.
			Method::Depthwise => Some((&DEPTHWISE, 1, self.weights.grid.total_rows())),
			// Elements are unpacked and multiplied one by one.
			Method::Direct => Some((&DIRECT, 16, self.weights.grid.row_quads())),
			Method::Implicit | Method::Product => None,
		};
		if let Some((left, weight, k_quads)) = own {
			let kernel = Kernel::own(left, weight, k_quads, posts, sums, self.target, tape)?;
			// All taps of a quad of channels are found from the channel.
			let b_quads = if self.method == Method::Depthwise { 0 } else { kernel.b_quads };
			return Ok(Kernel { b_quads, ..kernel });
		}
		let (wide, quads) = self.conv.quads(&self.x.dims);
		let k_quads = quads * self.conv.taps();
		Kernel::new(way, &WINDOWS, wide, k_quads, posts, sums, self.target, tape)
	}

	/// The fields of `conv_fields.wgsl`.
	fn fields(&self, part: &Part) -> Vec<u32> {
		let [_, height, breadth, _] = image(&self.x.dims);
		let [_, out_height, out_breadth, _] = image(&self.target.dims);
		let Window { size, stride, pad, dilation } = self.conv.window;
		let (_, quads) = self.conv.quads(&self.x.dims);
		let zero = u32::from(self.conv.zero as u8) * 0x0101_0101;
		vec![
			if self.method == Method::Direct { self.conv.taps() } else { quads },
			size[1].into(),
			height,
			breadth,
			out_height * out_breadth,
			out_breadth,
			stride[0].into(),
			stride[1].into(),
			pad[0].into(),
			pad[1].into(),
			dilation[0].into(),
			dilation[1].into(),
			self.x.grid.row_quads(),
			// What lies outside counts once.
			if part.adds { 0 } else { zero },
			part.shard.rows.start,
			part.shard.rows.end - part.shard.rows.start,
		]
	}

	/// Which rows of the result, within `rows`, find something in which shard of the image. Every row is in a part that
	/// does not add, and that comes before all others of its.
	fn parts(&self, rows: &Range<u32>) -> Vec<Part<'_>> {
		let [shard] = &self.x.shards[..] else { return self.cut(rows) };
		vec![Part { shard, rows: rows.clone(), adds: false }]
	}

	fn cut(&self, rows: &Range<u32>) -> Vec<Part<'_>> {
		let mut parts = Vec::new();
		// Rows below this one have had their first part.
		let mut begun = rows.start;
		for (i, shard) in self.x.shards.iter().enumerate() {
			let last = i + 1 == self.x.shards.len();
			let needs = self.rows_that_need(shard);
			let from = needs.start.clamp(rows.start, begun);
			let to = if last { rows.end } else { needs.end.clamp(begun, rows.end) };
			if from < begun && needs.end > from {
				let until = needs.end.min(begun);
				parts.push(Part { shard, rows: from..until, adds: true });
			}
			if begun < to {
				parts.push(Part { shard, rows: begun..to, adds: false });
				begun = to;
			}
		}
		parts
	}

	/// Rows of the result from the first to the last whose window meets the shard: whole lines of pixels.
	fn rows_that_need(&self, shard: &Shard) -> Range<u32> {
		let [_, height, breadth, _] = image(&self.x.dims);
		let [images, out_height, out_breadth, _] = image(&self.target.dims);
		let down = self.conv.window.down();
		// The pixels that a line of the result may look at. Both grow from line to line.
		let span = |line: u32| -> Range<u32> {
			let (n, out) = (line / out_height, line % out_height);
			let top = (out * down.stride).saturating_sub(down.before).min(height - 1);
			let end = (out * down.stride + down.reach()).saturating_sub(down.before);
			let lines = n * height + top..n * height + end.clamp(top + 1, height);
			lines.start * breadth..lines.end * breadth
		};
		let lines = images * out_height;
		let first = partition(lines, |line| span(line).end <= shard.rows.start);
		let end = partition(lines, |line| span(line).start < shard.rows.end);
		first * out_breadth..end * out_breadth
	}
}

/// What one shard of the image gives to some rows of the result.
struct Part<'a> {
	shard: &'a Shard,
	rows: Range<u32>,
	/// Whether it adds to what is there.
	adds: bool,
}

/// The dimensions of images.
fn image(dims: &[u32]) -> [u32; 4] {
	<[u32; 4]>::try_from(dims).unwrap_or([1; 4])
}

/// The first number below `end` of which `before` does not hold, if it holds for those below it only.
fn partition(end: u32, before: impl Fn(u32) -> bool) -> u32 {
	let (mut low, mut high) = (0, end);
	while low < high {
		let middle = low + (high - low) / 2;
		if before(middle) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	low
}
