// SPDX-License-Identifier: Apache-2.0
@group(0) @binding(4) var<storage, read_write> result: array<u32>;

fn load_result(quad: u32) -> vec4<i32> {
	return unpack4xI8(result[quad]);
}

fn store_result(quad: u32, v: vec4<i32>) {
	result[quad] = pack4xI8(v);
}
