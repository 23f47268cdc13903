// SPDX-License-Identifier: Apache-2.0
// Division of a row by an integer square root. arg0: where in the side data the scales stand, (multiplier, shift) each.
// arg1: 2 if there is one for each column, else 0. arg2: zero point. arg3: epsilon. 64-bit values are pairs (low, high).

struct Known {
	// The element is centred as n * x - sum, times factor / 2^shift.
	n: i32,
	sum: i32,
	factor: u32,
	shift: u32,
}

fn wide_add(x: vec2<u32>, y: vec2<u32>) -> vec2<u32> {
	let low = x.x + y.x;
	return vec2<u32>(low, x.y + y.y + select(0u, 1u, low < x.x));
}

fn wide_sub(x: vec2<u32>, y: vec2<u32>) -> vec2<u32> {
	return vec2<u32>(x.x - y.x, x.y - y.y - select(0u, 1u, x.x < y.x));
}

// 2^15 / sqrt(u) as a multiplier and a shift; u is at least 1 and below 2^42.
fn inverse_root(u: vec2<u32>) -> vec2<u32> {
	// The even number of places, up to 30 to the left or 10 to the right, by which the highest bit of u comes to stand at
	// 30 or 31. `left` and `right` differ from it by no more than that one of them is zero.
	let wide = u.y != 0u;
	let left = countLeadingZeros(u.x) & 30u;
	let right = (33u - countLeadingZeros(u.y)) & 30u;
	let w = select(u.x << left, (u.x >> right) | (u.y << ((32u - right) & 31u)), wide);
	// Bit by bit: the greatest root of which the square is at most w.
	var root = 0u;
	for (var bit = 0x8000u; bit > 0u; bit = bit >> 1u) {
		let next = root | bit;
		if next * next <= w {
			root = next;
		}
	}
	let shift = select(16u - (left >> 1u), 16u + (right >> 1u), wide);
	// Lanes without a row have no root.
	return vec2<u32>(0x80000000u / max(root, 1u), shift);
}

// Sum and sum of squares of a row: at most 2^20 and 2^27.
fn moments(lane: u32, base: u32, begin: u32, end: u32) -> vec2<i32> {
	var sums = vec4<i32>(0);
	var squares = vec4<i32>(0);
	// Padding is zero and adds nothing.
	for (var q = begin; q < end; q += p.lanes) {
		let v = load_a(p.a_at + base + q);
		sums = sums + v;
		squares = squares + v * v;
	}
	let sum = sum_of_row(lane, sums.x + sums.y + sums.z + sums.w);
	return vec2<i32>(sum, sum_of_row(lane, squares.x + squares.y + squares.z + squares.w));
}

fn one(x: i32, column: u32, known: Known) -> i32 {
	// Below 2^21, and below 2^22 once it is divided.
	let normal = scaled_wrapped(known.n * x - known.sum, known.factor, known.shift);
	// Padding takes the last column's scale, and is dropped.
	let at = p.arg0 + p.arg1 * min(column, p.cols - 1u);
	return clamp(bitcast<i32>(p.arg2) + scaled_limited(normal, side[at], side[at + 1u]), -128, 127);
}

fn each(v: vec4<i32>, column: u32, at: u32, known: Known) -> vec4<i32> {
	return vec4<i32>(
		one(v.x, column, known),
		one(v.y, column + 1u, known),
		one(v.z, column + 2u, known),
		one(v.w, column + 3u, known),
	);
}
