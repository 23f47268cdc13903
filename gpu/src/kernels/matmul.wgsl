// SPDX-License-Identifier: Apache-2.0
// One workgroup computes 64 x 64 elements of a product, one invocation 4 x 4 of them. Both operands lie with K in rows of
// quads, so four products and three sums are one dot4I8Packed. Padding in K is zero on both sides and adds nothing; rows
// and columns beyond the matrix are read as zero, which makes the result's padding zero.

struct Params {
	// Rows and columns of one matrix that are computed.
	rows: u32,
	cols: u32,
	// Quads of a row of a or b, and of the result.
	k_quads: u32,
	result_quads: u32,
	// Where the first row stands in the shards, in quads; for the result also the first column.
	a_at: u32,
	b_at: u32,
	result_at: u32,
	// Quads from one matrix to the next; 0 for a shared b.
	a_step: u32,
	b_step: u32,
	result_step: u32,
}

const TILE = 64u;
// Quads in K that are staged at once.
const DEPTH = 8u;

@group(0) @binding(1) var<storage, read> a: array<u32>;
@group(0) @binding(2) var<storage, read> b: array<u32>;
@group(0) @binding(4) var<storage, read_write> result: array<vec4<i32>>;

// [DEPTH][TILE]
var<workgroup> a_tile: array<u32, 512>;
var<workgroup> b_tile: array<u32, 512>;

fn dots(x: u32, y: vec4<u32>) -> vec4<i32> {
	return vec4<i32>(
		dot4I8Packed(x, y.x),
		dot4I8Packed(x, y.y),
		dot4I8Packed(x, y.z),
		dot4I8Packed(x, y.w),
	);
}

@compute @workgroup_size(16, 16)
fn main(
	@builtin(workgroup_id) group: vec3<u32>,
	@builtin(local_invocation_id) local: vec3<u32>,
	@builtin(local_invocation_index) lane: u32,
) {
	let first_row = group.y * TILE;
	let first_col = group.x * TILE;
	let a_base = p.a_at + group.z * p.a_step;
	let b_base = p.b_at + group.z * p.b_step;
	let row = local.y * 4u;
	let col = local.x * 4u;
	var sum0 = vec4<i32>(0);
	var sum1 = vec4<i32>(0);
	var sum2 = vec4<i32>(0);
	var sum3 = vec4<i32>(0);
	// At most 512 rounds of 2 + 8: K is at most 4,096 quads.
	for (var k = 0u; k < p.k_quads; k += DEPTH) {
		for (var i = lane; i < TILE * DEPTH; i += 256u) {
			let at = i / DEPTH;
			let depth = i % DEPTH;
			let quad = k + depth;
			var x = 0u;
			var y = 0u;
			if quad < p.k_quads {
				if first_row + at < p.rows {
					x = a[a_base + (first_row + at) * p.k_quads + quad];
				}
				if first_col + at < p.cols {
					y = b[b_base + (first_col + at) * p.k_quads + quad];
				}
			}
			a_tile[depth * TILE + at] = x;
			b_tile[depth * TILE + at] = y;
		}
		workgroupBarrier();
		for (var depth = 0u; depth < DEPTH; depth += 1u) {
			let x = depth * TILE + row;
			let y = depth * TILE + col;
			let columns = vec4<u32>(b_tile[y], b_tile[y + 1u], b_tile[y + 2u], b_tile[y + 3u]);
			sum0 += dots(a_tile[x], columns);
			sum1 += dots(a_tile[x + 1u], columns);
			sum2 += dots(a_tile[x + 2u], columns);
			sum3 += dots(a_tile[x + 3u], columns);
		}
		workgroupBarrier();
	}
	if first_col + col >= p.cols {
		return;
	}
	let at = p.result_at + group.z * p.result_step + (first_col + col) / 4u;
	let r = first_row + row;
	if r < p.rows {
		result[at + r * p.result_quads] = sum0;
	}
	if r + 1u < p.rows {
		result[at + (r + 1u) * p.result_quads] = sum1;
	}
	if r + 2u < p.rows {
		result[at + (r + 2u) * p.result_quads] = sum2;
	}
	if r + 3u < p.rows {
		result[at + (r + 3u) * p.result_quads] = sum3;
	}
}
