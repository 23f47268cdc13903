// SPDX-License-Identifier: Apache-2.0
// Operations whose every element depends on its whole row. A row is worked on by `lanes` invocations, a power of two, so
// that a workgroup of 64 takes several short rows. The kernel proper is `survey(lane, base, begin, end)`, which gives what the
// elements have to know of their row (quads begin, begin + lanes, .. up to end from base on are this lane's part of it),
// and `each(v, column, at, known)`: v is a quad
// of a whose first element stands in that column, quad `at` of those of this dispatch.

struct Params {
	// Rows of this dispatch.
	rows: u32,
	// First quad of the first row in the shards of a, of b and of the result.
	a_at: u32,
	b_at: u32,
	result_at: u32,
	row_quads: u32,
	cols: u32,
	lanes: u32,
	// What each kernel makes of them.
	arg0: u32,
	arg1: u32,
	arg2: u32,
	arg3: u32,
}

var<workgroup> shared_values: array<i32, 64>;

// Which elements of the quad that begins in this column are no padding.
fn used(column: u32) -> vec4<bool> {
	return vec4<u32>(column) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(p.cols);
}

// The greatest x of the lanes of a row.
fn greatest_of_row(lane: u32, x: i32) -> i32 {
	let within = lane & (p.lanes - 1u);
	workgroupBarrier();
	shared_values[lane] = x;
	for (var half = p.lanes >> 1u; half > 0u; half = half >> 1u) {
		workgroupBarrier();
		if within < half {
			shared_values[lane] = max(shared_values[lane], shared_values[lane + half]);
		}
	}
	workgroupBarrier();
	return shared_values[lane - within];
}

// The sum of the lanes of a row.
fn sum_of_row(lane: u32, x: i32) -> i32 {
	let within = lane & (p.lanes - 1u);
	workgroupBarrier();
	shared_values[lane] = x;
	for (var half = p.lanes >> 1u; half > 0u; half = half >> 1u) {
		workgroupBarrier();
		if within < half {
			shared_values[lane] = shared_values[lane] + shared_values[lane + half];
		}
	}
	workgroupBarrier();
	return shared_values[lane - within];
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
	let within = lane & (p.lanes - 1u);
	let row = group_index(group) * (64u / p.lanes) + lane / p.lanes;
	// Lanes without a row go along as far as all have to meet.
	let end = select(0u, p.row_quads, row < p.rows);
	let base = row * p.row_quads;
	let known = survey(lane, base, within, end);
	for (var q = within; q < end; q += p.lanes) {
		let column = q * 4u;
		let v = each(load_a(p.a_at + base + q), column, base + q, known);
		// Padding stays zero: products run over it.
		store_result(p.result_at + base + q, select(vec4<i32>(0), v, used(column)));
	}
}
