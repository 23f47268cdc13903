// SPDX-License-Identifier: Apache-2.0
// arg0: first quad in the shard of b. arg1: 1 if b is one row, added to all rows.

@group(0) @binding(2) var<storage, read> b: array<vec4<i32>>;

fn each(v: vec4<i32>, column: u32, i: u32) -> vec4<i32> {
	return v - b[select(p.arg0 + i, column >> 2u, p.arg1 == 1u)];
}
