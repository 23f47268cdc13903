// SPDX-License-Identifier: Apache-2.0
// One workgroup a row finds its greatest element and the lowest index at which it stands. What becomes the result is
// `outcome`.

struct Params {
	// Rows of this dispatch.
	rows: u32,
	// First quad of the first row in the shards of a and of the result.
	a_at: u32,
	result_at: u32,
	row_quads: u32,
	cols: u32,
}

struct Best {
	value: i32,
	index: u32,
}

const NOWHERE = 0xffffffffu;

var<workgroup> values: array<i32, 64>;
var<workgroup> indices: array<u32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
	let row = group_index(group);
	if row >= p.rows {
		return;
	}
	let base = p.a_at + row * p.row_quads;
	var best = Best(bitcast<i32>(0x80000000u), NOWHERE);
	for (var q = lane; q < p.row_quads; q += 64u) {
		let v = load_a(base + q);
		let column = q * 4u;
		if v.x > best.value || best.index == NOWHERE {
			best = Best(v.x, column);
		}
		if v.y > best.value && column + 1u < p.cols {
			best = Best(v.y, column + 1u);
		}
		if v.z > best.value && column + 2u < p.cols {
			best = Best(v.z, column + 2u);
		}
		if v.w > best.value && column + 3u < p.cols {
			best = Best(v.w, column + 3u);
		}
	}
	values[lane] = best.value;
	indices[lane] = best.index;
	for (var half = 32u; half > 0u; half = half >> 1u) {
		workgroupBarrier();
		if lane < half {
			let value = values[lane + half];
			let index = indices[lane + half];
			if value > values[lane] || (value == values[lane] && index < indices[lane]) {
				values[lane] = value;
				indices[lane] = index;
			}
		}
	}
	if lane == 0u {
		store_result(p.result_at + row, vec4<i32>(outcome(Best(values[0], indices[0])), 0, 0, 0));
	}
}
