// SPDX-License-Identifier: Apache-2.0
@group(0) @binding(4) var<storage, read_write> result: array<vec4<i32>>;

fn load_result(quad: u32) -> vec4<i32> {
	return result[quad];
}

fn store_result(quad: u32, v: vec4<i32>) {
	result[quad] = v;
}
