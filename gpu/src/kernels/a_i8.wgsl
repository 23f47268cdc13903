// SPDX-License-Identifier: Apache-2.0
@group(0) @binding(1) var<storage, read> a: array<u32>;

fn load_a(quad: u32) -> vec4<i32> {
	return unpack4xI8(a[quad]);
}
