// SPDX-License-Identifier: Apache-2.0
//! Pointwise operations as pieces of other kernels.
//!
//! A step's posts become one WGSL function, `post(v, column, at)`: `v` is a quad of the anchor's result, which stands at
//! quad `at` of the result's shard and begins at that column of its row. Numbers that differ between steps of the same
//! kinds of posts are parameters, so that such steps share a shader.

use crate::{
	error::Error,
	tape::{Piece, Tape, View},
};
use calor_tensor::{DType, Op, Scale};
use std::fmt::Write;

/// Most posts of a kernel: their parameters and the kernel's own fit 256 bytes.
pub(super) const MAX_POSTS: usize = 8;
/// How much of a graph's step a kernel takes: a pointwise anchor is a post itself.
pub(crate) const FUSION: calor_graph::Limits =
	calor_graph::Limits { posts: MAX_POSTS - 1, others: MAX_OTHERS };
/// Second operands besides those of the anchor. A product has two of the four bindings itself, and so has a pointwise
/// anchor with a second operand.
pub(super) const MAX_OTHERS: usize = 2;

/// One operation that follows an anchor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PostOp<'a> {
	pub op: &'a Op,
	/// Its second operand: one row, or the dimensions of the result.
	pub other: Option<&'a View>,
}

/// Posts made ready for a kernel.
pub(super) struct Posts<'a> {
	kinds: Vec<String>,
	code: Vec<String>,
	args: Vec<[u32; 4]>,
	others: Vec<Other<'a>>,
}

/// A second operand.
struct Other<'a> {
	view: &'a View,
	post: usize,
	/// Whether it is one row, which all rows share.
	row: bool,
}

impl<'a> Posts<'a> {
	/// Prepares posts for a kernel of which the first `bound` bindings are taken.
	pub fn new(
		posts: &[PostOp<'a>],
		bound: usize,
		result: &View,
		tape: &mut Tape,
	) -> Result<Self, Error> {
		let (kinds, code, args, others) = Default::default();
		let mut this = Self { kinds, code, args, others };
		for post in posts {
			this.add(post, bound, result, tape)?;
		}
		if this.args.len() > MAX_POSTS {
			return Err(Error::Internal(format!("{} posts", this.args.len())));
		}
		Ok(this)
	}

	fn add(
		&mut self,
		post: &PostOp<'a>,
		bound: usize,
		result: &View,
		tape: &mut Tape,
	) -> Result<(), Error> {
		let n = self.args.len();
		let (kind, code, args) = match post.op {
			Op::Bias { .. } | Op::AddI32 { .. } => {
				let (name, other) = self.other(post, bound, result)?;
				(format!("add_{name}"), format!("v = v + {other};"), [0; 4])
			},
			Op::SubI32 { .. } => {
				let (name, other) = self.other(post, bound, result)?;
				(format!("sub_{name}"), format!("v = v - {other};"), [0; 4])
			},
			Op::MulI32 { .. } => {
				let (name, other) = self.other(post, bound, result)?;
				(format!("mul_{name}"), format!("v = v * {other};"), [0; 4])
			},
			Op::MaxI8 { .. } => {
				let (name, other) = self.other(post, bound, result)?;
				(format!("max_{name}"), format!("v = max(v, {other});"), [0; 4])
			},
			Op::Rescale { scales, .. } => {
				let (at, step) = side_scales(scales, tape);
				let code = format!("v = rescaled(v, column, p.posts[{n}]);");
				("rescale".into(), code, [at, step, 0, 0])
			},
			Op::Requant { scales, zero, .. } => {
				let (at, step) = side_scales(scales, tape);
				let code = format!("v = requantised(v, column, p.posts[{n}]);");
				("requant".into(), code, [at, step, i32::from(*zero) as u32, 0])
			},
			Op::Relu { .. } => ("clamp".into(), clamp(n), [0, i32::MAX as u32, 0, 0]),
			Op::Clamp { low, high, .. } => {
				("clamp".into(), clamp(n), [*low as u32, *high as u32, 0, 0])
			},
			Op::Lut256 { table, .. } => {
				let at = tape.side(table_words(table));
				("lut".into(), format!("v = looked_up(v, p.posts[{n}].x);"), [at, 0, 0, 0])
			},
			other => return Err(Error::Internal(format!("{} is no post", other.name()))),
		};
		self.kinds.push(kind);
		self.code.push(code);
		self.args.push(args);
		Ok(())
	}

	/// The name of the post's second operand for a shader's name, and the expression that reads its quad.
	fn other(
		&mut self,
		post: &PostOp<'a>,
		bound: usize,
		result: &View,
	) -> Result<(String, String), Error> {
		let missing = || Error::Internal(format!("{} without an operand", post.op.name()));
		let view = post.other.ok_or_else(missing)?;
		let row = view.dims != result.dims;
		let n = self.args.len();
		let letter = letter(bound + self.others.len())?;
		let at = if row { "column >> 2u".into() } else { format!("at + p.posts[{n}].x") };
		let read = match view.grid.dtype {
			DType::I8 => format!("unpack4xI8({letter}[{at}])"),
			DType::I32 => format!("{letter}[{at}]"),
		};
		self.others.push(Other { view, post: n, row });
		let kind = if row { "row" } else { "same" };
		Ok((format!("{kind}_{}", view.grid.dtype), read))
	}

	/// What tells kernels of these posts from others of the same frame.
	pub fn name(&self) -> String {
		self.kinds.join(" ")
	}

	/// Up to two views of the result's rows that a segment must lie within one shard of, or `result` again.
	pub fn same<const N: usize>(&self, result: &'a View) -> [&'a View; N] {
		let mut same = self.others.iter().filter(|o| !o.row).map(|o| o.view);
		std::array::from_fn(|_| same.next().unwrap_or(result))
	}

	/// The pieces of all second operands, in the order of their bindings, and the posts' parameters, for a stretch whose
	/// first row is row `at` of the result's shard and row `same[i].1` of shard `same[i].0` of each view of
	/// [`Self::same`].
	pub fn bind(
		&self,
		at: u32,
		same: &[(Piece, u32)],
		row_quads: u32,
	) -> (Vec<Option<Piece>>, Vec<u32>) {
		let mut args = self.args.clone();
		let mut same = same.iter();
		let mut pieces = Vec::new();
		for other in &self.others {
			if other.row {
				// A row is never cut.
				pieces.push(other.view.shards.first().map(|shard| shard.piece));
			} else if let Some(&(piece, first)) = same.next() {
				args[other.post][0] = first.wrapping_sub(at).wrapping_mul(row_quads);
				pieces.push(Some(piece));
			}
		}
		(pieces, args.concat())
	}

	/// Declarations and the function. `Params` must have `width`, the elements of a row, and [`Self::field`].
	pub fn source(&self, bound: usize, int64: bool) -> Result<String, Error> {
		let mut text = String::new();
		for (i, other) in self.others.iter().enumerate() {
			let of = match other.view.grid.dtype {
				DType::I8 => "u32",
				DType::I32 => "vec4<i32>",
			};
			let (letter, binding) = (letter(bound + i)?, binding(bound + i)?);
			let _ = writeln!(
				text,
				"@group(0) @binding({binding}) var<storage, read> {letter}: array<{of}>;"
			);
		}
		if self.kinds.iter().any(|kind| kind == "requant" || kind == "rescale") {
			let wide = if int64 {
				include_str!("wide_int64.wgsl")
			} else {
				include_str!("wide_limbs.wgsl")
			};
			text += wide;
			text += include_str!("post_scale.wgsl");
		}
		if self.kinds.iter().any(|kind| kind == "lut") {
			text += include_str!("post_lut.wgsl");
		}
		text += "\nfn post(before: vec4<i32>, column: u32, at: u32) -> vec4<i32> {\n\tvar v = before;\n";
		for line in &self.code {
			let _ = writeln!(text, "\t{line}");
		}
		text += "\t// Padding stays zero: products run over it.\n";
		text +=
			"\tlet used = vec4<u32>(column) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(p.width);\n";
		text += "\treturn select(vec4<i32>(0), v, used);\n}\n";
		Ok(text)
	}

	/// The field of `Params` that holds the posts' parameters: it must be the last, at a multiple of 16 bytes.
	pub fn field(&self) -> String {
		match self.args.len() {
			0 => String::new(),
			n => format!("\tposts: array<vec4<u32>, {n}>,\n"),
		}
	}
}

fn clamp(n: usize) -> String {
	format!(
		"v = clamp(v, vec4<i32>(bitcast<i32>(p.posts[{n}].x)), vec4<i32>(bitcast<i32>(p.posts[{n}].y)));"
	)
}

/// Where scales stand in the side data, and the step from one column's to the next.
fn side_scales(scales: &[Scale], tape: &mut Tape) -> (u32, u32) {
	let at = tape.side(scales.iter().flat_map(|s| [s.multiplier, u32::from(s.shift)]));
	(at, if scales.len() == 1 { 0 } else { 2 })
}

/// 256 bytes in 64 words.
fn table_words(table: &[i8]) -> impl Iterator<Item = u32> + '_ {
	table
		.chunks(4)
		.map(|four| four.iter().rev().fold(0, |word, &x| (word << 8) | u32::from(x as u8)))
}

/// Name of a binding for an operand.
fn letter(n: usize) -> Result<char, Error> {
	let letter = ['a', 'b', 'c', 'd'].get(n).copied();
	letter.ok_or_else(|| Error::Internal(format!("operand {n} of a kernel")))
}

fn binding(n: usize) -> Result<u32, Error> {
	let binding = crate::device::BINDING_READS.get(n).copied();
	binding.ok_or_else(|| Error::Internal(format!("operand {n} of a kernel")))
}
