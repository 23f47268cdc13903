// SPDX-License-Identifier: Apache-2.0
// arg0: where in the side data the scales stand, (multiplier, shift) each. arg1: 2 if there is one for each column, else
// 0. arg2: zero point.
//
// 64-bit integers are an optional feature of adapters, so a 64-bit value is a pair here: high: i32, low: u32.

// |x| * m as (high, low), by 16-bit limbs; no partial sum exceeds 32 bits.
fn wide_product(x: u32, m: u32) -> vec2<u32> {
	let x0 = x & 0xffffu;
	let x1 = x >> 16u;
	let m0 = m & 0xffffu;
	let m1 = m >> 16u;
	let bottom = x0 * m0;
	let middle = x1 * m0 + (bottom >> 16u);
	let other = x0 * m1 + (middle & 0xffffu);
	return vec2<u32>(x1 * m1 + (middle >> 16u) + (other >> 16u), (other << 16u) | (bottom & 0xffffu));
}

// (x * m + 2^(s-1)) >> s as the sum's 64 bits demand, limited to +-2^20: beyond i8's range whatever the zero point.
fn rescale(x: i32, m: u32, s: u32) -> i32 {
	let negative = x < 0;
	let size = select(bitcast<u32>(x), 0u - bitcast<u32>(x), negative);
	let product = wide_product(size, m);
	var low = product.y;
	var high = product.x;
	if negative {
		low = ~low + 1u;
		high = ~high + select(0u, 1u, low == 0u);
	}
	// Half of the divisor: bit s - 1, which lies in the low or in the high word.
	let half = 1u << ((s - 1u) & 31u);
	let in_low = s <= 32u;
	let sum = low + select(0u, half, in_low);
	let carry = select(0u, 1u, sum < low);
	let top = bitcast<i32>(high + select(half, 0u, in_low) + carry);
	// The shift: by whole words first.
	let words = s >= 32u;
	let upper = select(top, top >> 31u, words);
	let lower = select(sum, bitcast<u32>(top), words);
	let bits = s & 31u;
	let spill = select(bitcast<u32>(upper) << ((32u - bits) & 31u), 0u, bits == 0u);
	let shifted = bitcast<i32>((lower >> bits) | spill);
	let rest = upper >> bits;
	let fits = rest == (shifted >> 31u);
	let limit = select(1048576, -1048576, rest < 0);
	return select(limit, clamp(shifted, -1048576, 1048576), fits);
}

fn one(x: i32, column: u32) -> i32 {
	// Padding takes the last column's scale, and is dropped.
	let at = p.arg0 + p.arg1 * min(column, p.cols - 1u);
	return clamp(bitcast<i32>(p.arg2) + rescale(x, side[at], side[at + 1u]), -128, 127);
}

fn each(v: vec4<i32>, column: u32, i: u32) -> vec4<i32> {
	return vec4<i32>(
		one(v.x, column),
		one(v.y, column + 1u),
		one(v.z, column + 2u),
		one(v.w, column + 3u),
	);
}
