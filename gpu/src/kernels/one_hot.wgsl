// SPDX-License-Identifier: Apache-2.0
// One invocation a quad of the result. Each row of the result belongs to one element of a.

struct Params {
	// Quads of this dispatch.
	count: u32,
	// The first of them in the whole result, and in its shard.
	first: u32,
	result_at: u32,
	row_quads: u32,
	cols: u32,
	// First row of a's shard, its columns and its quads in a row.
	a_row: u32,
	a_cols: u32,
	a_row_quads: u32,
	// The element that stands out.
	on: i32,
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
	let i = group_index(group) * 256u + lane;
	if i >= p.count {
		return;
	}
	let quad = p.first + i;
	let row = quad / p.row_quads;
	let column = (quad - row * p.row_quads) * 4u;
	let a_row = row / p.a_cols;
	let a_column = row - a_row * p.a_cols;
	let wanted = bitcast<u32>(load_a((a_row - p.a_row) * p.a_row_quads + (a_column >> 2u))[a_column & 3u]);
	let columns = vec4<u32>(column) + vec4<u32>(0u, 1u, 2u, 3u);
	// An index beyond the classes may be one of the padding, which stays zero.
	let hit = (columns == vec4<u32>(wanted)) & (columns < vec4<u32>(p.cols));
	store_result(p.result_at + i, select(vec4<i32>(0), vec4<i32>(p.on), hit));
}
