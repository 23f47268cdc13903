// SPDX-License-Identifier: Apache-2.0
// Rows of a by index; b holds the indices. arg0: columns of b. arg1: first row of b's shard. arg2: quads of a row of b.
// arg3: the last row of a.

@group(0) @binding(2) var<storage, read> b: array<vec4<i32>>;

fn origin(row: u32, column: u32) -> vec2<u32> {
	let b_row = row / p.arg0;
	let b_column = row - b_row * p.arg0;
	let index = b[(b_row - p.arg1) * p.arg2 + (b_column >> 2u)][b_column & 3u];
	return vec2<u32>(min(bitcast<u32>(max(index, 0)), p.arg3), column);
}
