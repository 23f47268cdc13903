// SPDX-License-Identifier: Apache-2.0
// arg0: first quad in the shard of b. arg1: 1 if b is one row, compared with all rows.

@group(0) @binding(2) var<storage, read> b: array<u32>;

fn each(v: vec4<i32>, column: u32, i: u32) -> vec4<i32> {
	return max(v, unpack4xI8(b[select(p.arg0 + i, column >> 2u, p.arg1 == 1u)]));
}
