// SPDX-License-Identifier: Apache-2.0
//! SHA-256 trees over tensors, so that only 32 bytes of a tensor have to come back from the device.
//!
//! One kernel hashes tiles, another makes up to seven levels of the tree at once. The compression function is generated:
//! all 64 rounds stand in a row, so that no word of it is ever addressed by an index that is not known when compiling.

use super::{COMMON, HASHING};
use crate::{
	error::Error,
	storage::{steps, Grid},
	tape::{linear, quad_work, segments, Piece, Tape, View},
};
use calor_tensor::{commit::tile_len, DType, Hash, TILE};
use std::ops::Range;

/// Words of a hash.
const WORDS: u32 = 8;
/// Levels of the tree that one dispatch makes at most.
const LEVELS: u32 = 7;
/// Bytes that are hashed in the time in which a quad is moved, about.
const BYTES_PER_QUAD: u32 = 8;

const K: [u32; 64] = [
	0x428a_2f98,
	0x7137_4491,
	0xb5c0_fbcf,
	0xe9b5_dba5,
	0x3956_c25b,
	0x59f1_11f1,
	0x923f_82a4,
	0xab1c_5ed5,
	0xd807_aa98,
	0x1283_5b01,
	0x2431_85be,
	0x550c_7dc3,
	0x72be_5d74,
	0x80de_b1fe,
	0x9bdc_06a7,
	0xc19b_f174,
	0xe49b_69c1,
	0xefbe_4786,
	0x0fc1_9dc6,
	0x240c_a1cc,
	0x2de9_2c6f,
	0x4a74_84aa,
	0x5cb0_a9dc,
	0x76f9_88da,
	0x983e_5152,
	0xa831_c66d,
	0xb003_27c8,
	0xbf59_7fc7,
	0xc6e0_0bf3,
	0xd5a7_9147,
	0x06ca_6351,
	0x1429_2967,
	0x27b7_0a85,
	0x2e1b_2138,
	0x4d2c_6dfc,
	0x5338_0d13,
	0x650a_7354,
	0x766a_0abb,
	0x81c2_c92e,
	0x9272_2c85,
	0xa2bf_e8a1,
	0xa81a_664b,
	0xc24b_8b70,
	0xc76c_51a3,
	0xd192_e819,
	0xd699_0624,
	0xf40e_3585,
	0x106a_a070,
	0x19a4_c116,
	0x1e37_6c08,
	0x2748_774c,
	0x34b0_bcb5,
	0x391c_0cb3,
	0x4ed8_aa4a,
	0x5b9c_ca4f,
	0x682e_6ff3,
	0x748f_82ee,
	0x78a5_636f,
	0x84c8_7814,
	0x8cc7_0208,
	0x90be_fffa,
	0xa450_6ceb,
	0xbef9_a3f7,
	0xc671_78f2,
];

/// Room for the roots of so many tensors, one a row.
pub(crate) fn room(tensors: usize, tape: &mut Tape) -> Result<View, Error> {
	let rows = u32::try_from(tensors).map_err(|e| Error::Internal(e.to_string()))?;
	tape.scratch(&[rows, WORDS], Grid { dtype: DType::I32, matrices: 1, rows, cols: WORDS })
}

/// Roots from the bytes of such a room.
pub(crate) fn unpack(bytes: &[u8]) -> Vec<Hash> {
	let hash = |row: &[u8]| {
		let mut hash = Hash::default();
		// SHA-256 writes its words big-endian, the device little-endian.
		for (to, from) in hash.chunks_exact_mut(4).zip(row.chunks_exact(4)) {
			to.iter_mut().zip(from.iter().rev()).for_each(|(to, from)| *to = *from);
		}
		hash
	};
	bytes.chunks_exact(size_of::<Hash>()).map(hash).collect()
}

/// Where a hash goes: a piece, and how many words into it.
type Place = (Piece, u32);

/// Records the root of the tree over the tiles of `tensor`, as row `row` of `roots`.
pub(crate) fn root(tensor: &View, roots: &View, row: u32, tape: &mut Tape) -> Result<(), Error> {
	let [segment] = &segments([roots], row..row + 1)[..] else {
		return Err(Error::Internal(format!("no row {row} of roots")));
	};
	let root = (segment.pieces[0], segment.at[0] * WORDS);
	let tiles = Tiles::of(&tensor.grid);
	let mut count = tiles.all();
	if count == 1 {
		return leaves(tensor, &tiles, root, tape);
	}
	let mut from = hashes(count, tape)?;
	leaves(tensor, &tiles, (from, 0), tape)?;
	let shader = tape.compose(HASHING[1].into(), || source(include_str!("hash_nodes.wgsl")));
	loop {
		let height = count.next_power_of_two().trailing_zeros();
		let levels = height.min(LEVELS);
		let parents = 1 << (height - levels);
		let to = if parents == 1 { root } else { (hashes(parents, tape)?, 0) };
		let params = [count, parents, levels, to.1];
		let (groups, work) = (linear(parents, 1), node_work(parents << levels));
		tape.push(shader.clone(), &[Some(from)], to.0, &params, groups, work)?;
		if parents == 1 {
			return Ok(());
		}
		(from, count) = (to.0, parents);
	}
}

/// A piece for so many hashes: it is never cut.
fn hashes(count: u32, tape: &mut Tape) -> Result<Piece, Error> {
	let need = u64::from(count) * size_of::<Hash>() as u64;
	let limit = tape.limits.shard_bytes;
	if need > limit {
		return Err(Error::TooLarge { what: format!("a tree over {count} tiles"), need, limit });
	}
	Ok(tape.piece(need, None))
}

/// A node hashes two blocks of 64 bytes.
fn node_work(nodes: u32) -> u64 {
	quad_work(nodes.saturating_mul(128 / BYTES_PER_QUAD))
}

/// How a tensor is cut into tiles.
struct Tiles {
	down: u32,
	across: u32,
	matrices: u32,
	rows: u32,
}

impl Tiles {
	fn of(grid: &Grid) -> Self {
		let (down, across) = (grid.rows.div_ceil(TILE), grid.cols.div_ceil(TILE));
		Self { down, across, matrices: grid.matrices, rows: grid.rows }
	}

	fn all(&self) -> u32 {
		self.matrices * self.down * self.across
	}

	/// The tiles of rows that begin and end with a row of tiles.
	fn within(&self, rows: &Range<u32>) -> Range<u32> {
		let before = |row: u32| {
			let matrix = row / self.rows;
			(matrix * self.down + (row - matrix * self.rows).div_ceil(TILE)) * self.across
		};
		before(rows.start)..before(rows.end)
	}
}

/// Dispatches over the tiles of all shards, which no shard cuts.
fn leaves(view: &View, tiles: &Tiles, to: Place, tape: &mut Tape) -> Result<(), Error> {
	let grid = &view.grid;
	let shader = tape.compose(HASHING[0].into(), || source(include_str!("hash_leaves.wgsl")));
	let words = |elements: u32| elements * grid.dtype.size() as u32 / 4;
	let tile_quads = tile_len(grid.dtype) as u32 / BYTES_PER_QUAD;
	let most = (tape.limits.dispatch_quads / tile_quads).max(1);
	for shard in &view.shards {
		for part in steps(tiles.within(&shard.rows), most) {
			let count = part.end - part.start;
			let params = [
				count,
				part.start,
				tiles.across,
				tiles.down,
				grid.rows,
				shard.rows.start,
				words(grid.row_quads() * 4),
				words(TILE).trailing_zeros(),
				to.1 + part.start * WORDS,
			];
			let (groups, work) = (linear(count, 32), quad_work(count * tile_quads));
			tape.push(shader.clone(), &[Some(shard.piece)], to.0, &params, groups, work)?;
		}
	}
	Ok(())
}

fn source(kernel: &str) -> String {
	[COMMON, include_str!("hash.wgsl"), &compression(), kernel].concat()
}

/// The compression function: 64 rounds, in each of which the eight variables change places.
fn compression() -> String {
	let mut lines = vec![
		"fn compressed(s: State, m0: vec4<u32>, m1: vec4<u32>, m2: vec4<u32>, m3: vec4<u32>) -> State {"
			.to_string(),
	];
	for i in 0..8 {
		let half = ["abcd", "efgh"][i / 4];
		lines.push(format!("var v{i} = s.{half}[{}u];", i % 4));
	}
	for i in 0..16 {
		lines.push(format!("var w{i} = m{}[{}u];", i / 4, i % 4));
	}
	for (round, k) in K.iter().enumerate() {
		let w = |i: usize| format!("w{}", (round + i) % 16);
		if round >= 16 {
			let small = format!(
				"({} ^ {} ^ ({2} >> 3u)) + ({3} ^ {4} ^ ({5} >> 10u))",
				rotated(&w(1), 7),
				rotated(&w(1), 18),
				w(1),
				rotated(&w(14), 17),
				rotated(&w(14), 19),
				w(14),
			);
			lines.push(format!("{0} = {0} + {1} + {small};", w(0), w(9)));
		}
		let v = |i: usize| format!("v{}", (i + 64 - round) % 8);
		let [a, b, c, d] = [v(0), v(1), v(2), v(3)];
		let [e, f, g, h] = [v(4), v(5), v(6), v(7)];
		let chosen = format!("(({e} & {f}) ^ (~{e} & {g}))");
		let big = format!("({} ^ {} ^ {})", rotated(&e, 6), rotated(&e, 11), rotated(&e, 25));
		lines.push(format!("{h} = {h} + {big} + {chosen} + {} + {k:#x}u;", w(0)));
		lines.push(format!("{d} = {d} + {h};"));
		let most = format!("(({a} & {b}) ^ ({a} & {c}) ^ ({b} & {c}))");
		let big = format!("({} ^ {} ^ {})", rotated(&a, 2), rotated(&a, 13), rotated(&a, 22));
		lines.push(format!("{h} = {h} + {big} + {most};"));
	}
	lines.push(
		"return State(s.abcd + vec4<u32>(v0, v1, v2, v3), s.efgh + vec4<u32>(v4, v5, v6, v7));"
			.into(),
	);
	lines.push("}\n".into());
	lines.join("\n")
}

/// A word rotated to the right.
fn rotated(word: &str, by: u32) -> String {
	format!("(({word} >> {by}u) | ({word} << {}u))", 32 - by)
}
