// SPDX-License-Identifier: Apache-2.0
fn survey(lane: u32, base: u32, begin: u32, end: u32) -> Known {
	let row = moments(lane, base, begin, end);
	let u = wide_add(vec2<u32>(bitcast<u32>(row.y), 0u), vec2<u32>(p.arg3, 0u));
	let root = inverse_root(u);
	return Known(1, 0, root.x, root.y);
}
