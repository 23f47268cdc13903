// SPDX-License-Identifier: Apache-2.0
@group(0) @binding(1) var<storage, read> a: array<vec4<i32>>;

fn load_a(quad: u32) -> vec4<i32> {
	return a[quad];
}
