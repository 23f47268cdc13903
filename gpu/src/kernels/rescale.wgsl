// SPDX-License-Identifier: Apache-2.0
// arg0: where in the side data the scales stand, (multiplier, shift) each. arg1: 2 if there is one for each column, else
// 0.

fn one(x: i32, column: u32) -> i32 {
	// Padding takes the last column's scale, and is dropped.
	let at = p.arg0 + p.arg1 * min(column, p.cols - 1u);
	return scaled_wrapped(x, side[at], side[at + 1u]);
}

fn each(v: vec4<i32>, column: u32, i: u32) -> vec4<i32> {
	return vec4<i32>(
		one(v.x, column),
		one(v.y, column + 1u),
		one(v.z, column + 2u),
		one(v.w, column + 3u),
	);
}
