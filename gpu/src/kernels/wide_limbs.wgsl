
// 64-bit integers are an optional feature of adapters: here 64-bit values are pairs (low, high).

// x * m modulo 2^64, by 16-bit limbs of |x| and m; no partial sum exceeds 32 bits.
fn wide_product(x: i32, m: u32) -> vec2<u32> {
	let negative = x < 0;
	let size = select(bitcast<u32>(x), 0u - bitcast<u32>(x), negative);
	let x0 = size & 0xffffu;
	let x1 = size >> 16u;
	let m0 = m & 0xffffu;
	let m1 = m >> 16u;
	let bottom = x0 * m0;
	let middle = x1 * m0 + (bottom >> 16u);
	let other = x0 * m1 + (middle & 0xffffu);
	let low = (other << 16u) | (bottom & 0xffffu);
	let high = x1 * m1 + (middle >> 16u) + (other >> 16u);
	let minus_low = 0u - low;
	let minus_high = ~high + select(0u, 1u, low == 0u);
	return select(vec2<u32>(low, high), vec2<u32>(minus_low, minus_high), negative);
}

// (x * m + 2^(s-1)) >> s.
fn wide_scaled(x: i32, m: u32, s: u32) -> vec2<u32> {
	let product = wide_product(x, m);
	// Half of the divisor: bit s - 1, which lies in the low or in the high word.
	let half = 1u << ((s - 1u) & 31u);
	let in_low = s <= 32u;
	let low = product.x + select(0u, half, in_low);
	let carry = select(0u, 1u, low < product.x);
	let high = bitcast<i32>(product.y + select(half, 0u, in_low) + carry);
	// The shift: by whole words first.
	let words = s >= 32u;
	let upper = select(high, high >> 31u, words);
	let lower = select(low, bitcast<u32>(high), words);
	let bits = s & 31u;
	let spill = select(bitcast<u32>(upper) << ((32u - bits) & 31u), 0u, bits == 0u);
	return vec2<u32>((lower >> bits) | spill, bitcast<u32>(upper >> bits));
}

// (x * m + 2^(s-1)) >> s, limited to +-2^20: beyond i8's range whatever the zero point.
fn scaled_limited(x: i32, m: u32, s: u32) -> i32 {
	let value = wide_scaled(x, m, s);
	let low = bitcast<i32>(value.x);
	let high = bitcast<i32>(value.y);
	let limit = select(1048576, -1048576, high < 0);
	return select(limit, clamp(low, -1048576, 1048576), high == (low >> 31u));
}

// (x * m + 2^(s-1)) >> s modulo 2^32.
fn scaled_wrapped(x: i32, m: u32, s: u32) -> i32 {
	return bitcast<i32>(wide_scaled(x, m, s).x);
}
