// SPDX-License-Identifier: Apache-2.0
const START = -128;

fn fold(v: vec4<i32>, w: vec4<i32>) -> vec4<i32> {
	return max(v, w);
}
