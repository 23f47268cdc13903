// SPDX-License-Identifier: Apache-2.0
// Shares of a row by table: arg0 is where in the side data the table stands, 256 weights in 128 words, two in each, for
// the greatest element first.

struct Known {
	greatest: i32,
	// Sum of all weights: not zero, as the first weight is not.
	sum: u32,
}

fn weight(difference: i32) -> u32 {
	// Padding may lie above the greatest element, and is dropped.
	let at = bitcast<u32>(difference) & 255u;
	return (side[p.arg0 + (at >> 1u)] >> ((at & 1u) * 16u)) & 0xffffu;
}

fn weights(v: vec4<i32>, greatest: i32) -> vec4<u32> {
	let d = vec4<i32>(greatest) - v;
	return vec4<u32>(weight(d.x), weight(d.y), weight(d.z), weight(d.w));
}

fn survey(lane: u32, base: u32, begin: u32, end: u32) -> Known {
	var best = vec4<i32>(-128);
	for (var q = begin; q < end; q += p.lanes) {
		best = max(best, select(vec4<i32>(-128), load_a(p.a_at + base + q), used(q * 4u)));
	}
	let greatest = greatest_of_row(lane, max(max(best.x, best.y), max(best.z, best.w)));
	var sums = vec4<u32>(0u);
	for (var q = begin; q < end; q += p.lanes) {
		let w = weights(load_a(p.a_at + base + q), greatest);
		sums = sums + select(vec4<u32>(0u), w, used(q * 4u));
	}
	// At most 8,192 weights below 2^16: below 2^29.
	let sum = sum_of_row(lane, bitcast<i32>(sums.x + sums.y + sums.z + sums.w));
	return Known(greatest, bitcast<u32>(sum));
}

// (e * one + S / 2) / S; one is at most 2^15, so the numerator fits 32 bits.
fn shares(v: vec4<i32>, known: Known, one: u32) -> vec4<i32> {
	let e = weights(v, known.greatest);
	return vec4<i32>((e * one + vec4<u32>(known.sum >> 1u)) / vec4<u32>(known.sum));
}
