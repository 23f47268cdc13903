// SPDX-License-Identifier: Apache-2.0
const START = i32(-2147483648);

fn fold(v: vec4<i32>, w: vec4<i32>) -> vec4<i32> {
	return max(v, w);
}
