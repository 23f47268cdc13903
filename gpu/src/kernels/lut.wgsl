// SPDX-License-Identifier: Apache-2.0
// arg0: where in the side data the table stands, 256 bytes in 64 words, for -128 first.

fn entry(x: i32) -> i32 {
	let index = bitcast<u32>(x + 128);
	let word = side[p.arg0 + (index >> 2u)];
	return unpack4xI8(word)[index & 3u];
}

fn each(v: vec4<i32>, column: u32, i: u32) -> vec4<i32> {
	return vec4<i32>(entry(v.x), entry(v.y), entry(v.z), entry(v.w));
}
