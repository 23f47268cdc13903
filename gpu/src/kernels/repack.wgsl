// SPDX-License-Identifier: Apache-2.0
// Another packing of a convolution's weights, one invocation a quad of the result.

struct Params {
	// Quads of this dispatch, the first of them in the result's shard, and quads of a row.
	count: u32,
	result_at: u32,
	row_quads: u32,
	// The first quad of the row of a that belongs to the result's first row, and quads of a row of a.
	a_at: u32,
	a_quads: u32,
	// Channels of a tap, and channels that a tap takes in the result.
	channels: u32,
	spread: u32,
	// 1 if rows of the result are columns of a and the other way round; then how many rows a has.
	turned: u32,
	a_rows: u32,
	// The first quad of this dispatch in the result.
	first: u32,
}

fn source(row: u32, column: u32) -> i32 {
	if p.turned == 1u {
		if column >= p.a_rows {
			return 0;
		}
		return unpack4xI8(a[p.a_at + column * p.a_quads + (row >> 2u)])[row & 3u];
	}
	let tap = column / p.spread;
	let channel = column - tap * p.spread;
	if channel >= p.channels {
		return 0;
	}
	let from_column = tap * p.channels + channel;
	return unpack4xI8(a[p.a_at + row * p.a_quads + (from_column >> 2u)])[from_column & 3u];
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
	let i = group_index(group) * 256u + lane;
	if i >= p.count {
		return;
	}
	let row = (p.first + i) / p.row_quads;
	let column = (p.first + i - row * p.row_quads) * 4u;
	let v = vec4<i32>(
		source(row, column),
		source(row, column + 1u),
		source(row, column + 2u),
		source(row, column + 3u),
	);
	result[p.result_at + i] = pack4xI8(v);
}
