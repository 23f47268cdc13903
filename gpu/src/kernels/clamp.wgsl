// SPDX-License-Identifier: Apache-2.0
// arg0: least result. arg1: greatest result.

fn each(v: vec4<i32>, column: u32, i: u32) -> vec4<i32> {
	return min(max(v, vec4<i32>(bitcast<i32>(p.arg0))), vec4<i32>(bitcast<i32>(p.arg1)));
}
