// SPDX-License-Identifier: Apache-2.0
// One invocation a quad: w - ((g + r) >> shift), where r is a stretch of Philox4x32-10. a: weights, b: gradients, c: the
// key, d: the step.

struct Params {
	// Quads of this dispatch.
	count: u32,
	// The first of them in the whole tensor, and in the shards of a, b and the result.
	first: u32,
	a_at: u32,
	b_at: u32,
	result_at: u32,
	row_quads: u32,
	cols: u32,
	shift: u32,
}

@group(0) @binding(2) var<storage, read> b: array<vec4<i32>>;
@group(0) @binding(5) var<storage, read> c: array<vec4<i32>>;
@group(0) @binding(6) var<storage, read> d: array<vec4<i32>>;

// x * y as (low, high), by 16-bit limbs; no partial sum exceeds 32 bits.
fn full_product(x: u32, y: u32) -> vec2<u32> {
	let x0 = x & 0xffffu;
	let x1 = x >> 16u;
	let y0 = y & 0xffffu;
	let y1 = y >> 16u;
	let bottom = x0 * y0;
	let middle = x1 * y0 + (bottom >> 16u);
	let other = x0 * y1 + (middle & 0xffffu);
	return vec2<u32>((other << 16u) | (bottom & 0xffffu), x1 * y1 + (middle >> 16u) + (other >> 16u));
}

fn philox(block: u32, step: u32, seed: vec2<u32>) -> vec4<u32> {
	var counter = vec4<u32>(block, 0u, step, 0u);
	var key = seed;
	for (var round = 0u; round < 10u; round += 1u) {
		let left = full_product(counter.x, 0xd2511f53u);
		let right = full_product(counter.z, 0xcd9e8d57u);
		counter = vec4<u32>(right.y ^ counter.y ^ key.x, right.x, left.y ^ counter.w ^ key.y, left.x);
		key = key + vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
	}
	return counter;
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
	let seed = bitcast<vec2<u32>>(c[0].xy);
	let step = bitcast<u32>(d[0].x);
	// A tensor has at most 2^32 elements. A quad lies in one block of four random words or across two.
	let index = row * p.cols + column;
	let offset = index & 3u;
	var words = philox(index >> 2u, step, seed);
	if offset != 0u {
		let next = philox((index >> 2u) + 1u, step, seed);
		if offset == 1u {
			words = vec4<u32>(words.yzw, next.x);
		} else if offset == 2u {
			words = vec4<u32>(words.zw, next.xy);
		} else {
			words = vec4<u32>(words.w, next.xyz);
		}
	}
	let mask = (1u << (p.shift & 31u)) - 1u;
	let dithered = b[p.b_at + i] + bitcast<vec4<i32>>(words & vec4<u32>(mask));
	let v = load_a(p.a_at + i) - (dithered >> vec4<u32>(p.shift & 31u));
	// Padding stays zero: products run over it.
	let used = vec4<u32>(column) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(p.cols);
	store_result(p.result_at + i, select(vec4<i32>(0), v, used));
}
