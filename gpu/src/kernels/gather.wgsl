// SPDX-License-Identifier: Apache-2.0
// One invocation a quad of the result, whose elements stand wherever `origin(row, column)` says: a row and a column
// of a, or NOWHERE. If a has several shards, there is one dispatch for each, and elements that lie elsewhere are left
// alone.

struct Params {
	// Quads of this dispatch.
	count: u32,
	// The first of them in the whole result, and in its shard.
	first: u32,
	result_at: u32,
	row_quads: u32,
	cols: u32,
	// The shard of a: its first quad in the whole of a, and how many there are.
	a_first: u32,
	a_count: u32,
	a_row_quads: u32,
	// 1 if an earlier dispatch has written some of these elements.
	follows: u32,
	// What elements are that no dispatch finds.
	fill: i32,
	// 1 if a whole quad of the result is a whole quad of a.
	aligned: u32,
	// What each kernel makes of them.
	arg0: u32,
	arg1: u32,
	arg2: u32,
	arg3: u32,
	arg4: u32,
	arg5: u32,
	arg6: u32,
	arg7: u32,
	arg8: u32,
	arg9: u32,
	arg10: u32,
	arg11: u32,
}

// The row of an element that is not in a: no tensor has so many.
const NOWHERE = 0xffffffffu;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
	let i = group_index(group) * 256u + lane;
	if i >= p.count {
		return;
	}
	let quad = p.first + i;
	let row = quad / p.row_quads;
	let column = (quad - row * p.row_quads) * 4u;
	var v = vec4<i32>(p.fill);
	if p.follows == 1u {
		v = load_result(p.result_at + i);
	}
	if p.aligned == 1u {
		let source = origin(row, column);
		// Wraps below the shard, and is then beyond it too.
		let within = source.x * p.a_row_quads + (source.y >> 2u) - p.a_first;
		if source.x != NOWHERE && within < p.a_count {
			v = load_a(within);
		}
	} else {
		for (var e = 0u; e < 4u; e += 1u) {
			if column + e < p.cols {
				let source = origin(row, column + e);
				let within = source.x * p.a_row_quads + (source.y >> 2u) - p.a_first;
				if source.x != NOWHERE && within < p.a_count {
					v[e] = load_a(within)[source.y & 3u];
				}
			}
		}
	}
	// Padding stays zero: products run over it.
	let used = vec4<u32>(column) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(p.cols);
	store_result(p.result_at + i, select(vec4<i32>(0), v, used));
}
