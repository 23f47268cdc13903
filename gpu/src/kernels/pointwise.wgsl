// SPDX-License-Identifier: Apache-2.0
// One invocation a quad. The kernel proper is `each(v, column, i)`: v is quad i of a, whose first element stands in that
// column of its row.

struct Params {
	// Quads of this dispatch.
	count: u32,
	// Where in its row the first of them stands, in quads.
	first: u32,
	// The first quad in the shards of a and of the result.
	a_at: u32,
	result_at: u32,
	row_quads: u32,
	cols: u32,
	// What each kernel makes of them.
	arg0: u32,
	arg1: u32,
	arg2: u32,
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
	let i = group_index(group) * 256u + lane;
	if i >= p.count {
		return;
	}
	let column = ((p.first + i) % p.row_quads) * 4u;
	let v = each(load_a(p.a_at + i), column, i);
	// Padding stays zero: products run over it.
	let used = vec4<u32>(column) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(p.cols);
	store_result(p.result_at + i, select(vec4<i32>(0), v, used));
}
