// SPDX-License-Identifier: Apache-2.0
fn survey(lane: u32, base: u32, begin: u32, end: u32) -> Known {
	let row = moments(lane, base, begin, end);
	// N times the sum of squares is never below the square of the sum.
	let spread = wide_product(row.y, p.cols);
	let size = bitcast<u32>(abs(row.x));
	let variance = wide_sub(spread, wide_product(bitcast<i32>(size), size));
	let root = inverse_root(wide_add(variance, vec2<u32>(p.arg3, 0u)));
	return Known(bitcast<i32>(p.cols), row.x, root.x, root.y);
}
