// SPDX-License-Identifier: Apache-2.0
// One workgroup a row adds it up. Padding is zero and adds nothing.

struct Params {
	// Rows of this dispatch.
	rows: u32,
	// First quad of the first row in the shards of a and of the result.
	a_at: u32,
	result_at: u32,
	row_quads: u32,
	cols: u32,
}

var<workgroup> sums: array<i32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
	let row = group_index(group);
	if row >= p.rows {
		return;
	}
	let base = p.a_at + row * p.row_quads;
	var four = vec4<i32>(0);
	for (var q = lane; q < p.row_quads; q += 64u) {
		four = four + load_a(base + q);
	}
	sums[lane] = four.x + four.y + four.z + four.w;
	for (var half = 32u; half > 0u; half = half >> 1u) {
		workgroupBarrier();
		if lane < half {
			sums[lane] = sums[lane] + sums[lane + half];
		}
	}
	if lane == 0u {
		store_result(p.result_at + row, vec4<i32>(sums[0], 0, 0, 0));
	}
}
