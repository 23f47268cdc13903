// SPDX-License-Identifier: Apache-2.0
// One invocation a tile: SHA-256 of a zero byte and the tile's 64 x 64 elements, those outside the matrix zero.

struct Params {
	// Tiles of this dispatch, and the first of them in the whole tensor.
	count: u32,
	first: u32,
	// Tiles across and down a matrix.
	tile_cols: u32,
	tile_rows: u32,
	// Rows of a matrix, and the first row of the shard.
	rows: u32,
	first_row: u32,
	// Words of a row of the tensor; words of a row of a tile are 2^tile_row_bits.
	row_words: u32,
	tile_row_bits: u32,
	// Where the first tile's hash goes, in words.
	result_at: u32,
}

@group(0) @binding(1) var<storage, read> a: array<u32>;
@group(0) @binding(4) var<storage, read_write> result: array<u32>;

// The first three bytes of a little-endian word, as they stand at the end of a big-endian one.
fn three(x: u32) -> u32 {
	return ((x & 0xffu) << 16u) | (x & 0xff00u) | ((x >> 16u) & 0xffu);
}

// The zero byte in front moves everything by a byte: the last byte of `before`, and three of x.
fn moved(before: u32, x: u32) -> u32 {
	return (before & 0xff000000u) | three(x);
}

// Four words from word `at` of a row that begins at word `base`, or zeros behind its end.
fn four(base: u32, at: u32) -> vec4<u32> {
	var v = vec4<u32>(0u);
	if at < p.row_words {
		v.x = a[base + at];
	}
	if at + 1u < p.row_words {
		v.y = a[base + at + 1u];
	}
	if at + 2u < p.row_words {
		v.z = a[base + at + 2u];
	}
	if at + 3u < p.row_words {
		v.w = a[base + at + 3u];
	}
	return v;
}

fn message(before: u32, v: vec4<u32>) -> vec4<u32> {
	return vec4<u32>(moved(before, v.x), moved(v.x, v.y), moved(v.y, v.z), moved(v.z, v.w));
}

@compute @workgroup_size(32)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
	let i = group_index(group) * 32u + lane;
	if i >= p.count {
		return;
	}
	let tile = p.first + i;
	let line = tile / p.tile_cols;
	let matrix = line / p.tile_rows;
	let row = (line - matrix * p.tile_rows) * 64u;
	let column = (tile - line * p.tile_cols) << (p.tile_row_bits & 31u);
	let rows = min(p.rows - row, 64u);
	let base = (matrix * p.rows + row - p.first_row) * p.row_words;
	let bits = (p.tile_row_bits - 4u) & 31u;
	let blocks = 64u << bits;
	var state = begin();
	var last = 0u;
	// 64 or 256 blocks of 16 words, and one that ends the message.
	for (var block = 0u; block <= blocks; block += 1u) {
		let r = block >> bits;
		let at = column + ((block << 4u) & ((1u << (p.tile_row_bits & 31u)) - 1u));
		var w0 = vec4<u32>(0u);
		var w1 = vec4<u32>(0u);
		var w2 = vec4<u32>(0u);
		var w3 = vec4<u32>(0u);
		if r < rows {
			let start = base + r * p.row_words;
			w0 = four(start, at);
			w1 = four(start, at + 4u);
			w2 = four(start, at + 8u);
			w3 = four(start, at + 12u);
		}
		let end = w3.w;
		w3 = message(w2.w, w3);
		w2 = message(w1.w, w2);
		w1 = message(w0.w, w1);
		w0 = message(last, w0);
		if block == blocks {
			// The bit behind the message, and the length of the latter in bits.
			w0.x = (last & 0xff000000u) | 0x00800000u;
			w3.w = (blocks << 9u) + 8u;
		}
		last = end;
		state = compressed(state, w0, w1, w2, w3);
	}
	let to = p.result_at + i * 8u;
	result[to] = state.abcd.x;
	result[to + 1u] = state.abcd.y;
	result[to + 2u] = state.abcd.z;
	result[to + 3u] = state.abcd.w;
	result[to + 4u] = state.efgh.x;
	result[to + 5u] = state.efgh.y;
	result[to + 6u] = state.efgh.z;
	result[to + 7u] = state.efgh.w;
}
