// SPDX-License-Identifier: Apache-2.0
//! Chains of pointwise operations as one kernel.
//!
//! One invocation a quad, which it reads once and stores once. The chain may begin with the sum of several tensors of
//! partial sums, which is how a product that was split in K, or gathered from several shards, ends.

use super::{
	post::{PostOp, Posts},
	COMMON,
};
use crate::{
	error::Error,
	tape::{linear, quad_steps, quad_work, segments, Tape, View},
};
use calor_tensor::Op;

const FRAME: &str = include_str!("chain.wgsl");

/// `op`, which is pointwise, on its operands, and then `posts`.
pub(super) fn lower(
	op: &Op,
	operands: &[&View],
	posts: &[PostOp],
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let [a, rest @ ..] = operands else {
		return Err(Error::Internal(format!("{} without operands", op.name())));
	};
	let mut all = vec![PostOp { op, other: rest.first().copied() }];
	all.extend(posts.iter().copied());
	apply(a, 1, &all, result, tape)
}

/// `posts` on the sum of `parts` tensors of the result's dimensions, which stand one after the other in `a`. With more
/// than one part, `a` has one shard.
pub(super) fn apply(
	a: &View,
	parts: u32,
	posts: &[PostOp],
	result: &View,
	tape: &mut Tape,
) -> Result<(), Error> {
	let bound = 1;
	let posts = Posts::new(posts, bound, result, tape)?;
	let (from, to) = (a.grid.dtype, result.grid.dtype);
	let name = format!(
		"chain {from} {parts_name} {} {to}",
		posts.name(),
		parts_name = if parts > 1 { "sum" } else { "" }
	);
	let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
	let int64 = tape.limits.int64;
	let body = posts.source(bound, int64)?;
	let shader = tape.compose(name, || {
		let (a, b) = (super::operand(from), super::result(to));
		let params = format!("{}{}}}\n", include_str!("chain_params.wgsl"), posts.field());
		[COMMON, &params, a, b, &body, FRAME].concat()
	});
	let (row_quads, width) = (result.grid.row_quads(), result.grid.cols);
	let part_quads = result.grid.total_rows() * row_quads;
	let [first, second, third] = posts.same(result);
	// Rows of further parts stand behind those of the first, within its only shard.
	let source = if parts > 1 { result } else { a };
	for segment in segments([source, result, first, second, third], result.rows()) {
		let (a_piece, a_row) = match (parts, &a.shards[..]) {
			(2.., [shard]) => (shard.piece, segment.rows.start),
			_ => (segment.pieces[0], segment.at[0]),
		};
		let same: Vec<_> = (2..5).map(|i| (segment.pieces[i], segment.at[i])).collect();
		let (others, args) = posts.bind(segment.at[1], &same, row_quads);
		let most = (tape.limits.dispatch_quads / parts).max(1);
		for quads in quad_steps(&segment.rows, row_quads, most) {
			let count = quads.end - quads.start;
			let mut params = vec![
				count,
				quads.start % row_quads,
				a_row * row_quads + quads.start,
				segment.at[1] * row_quads + quads.start,
				row_quads,
				width,
				parts,
				part_quads,
			];
			params.extend(&args);
			let mut reads = vec![Some(a_piece)];
			reads.extend(&others);
			let piece = segment.pieces[1];
			let work = quad_work(count * parts);
			tape.push(shader.clone(), &reads, piece, &params, linear(count, 256), work)?;
		}
	}
	Ok(())
}
