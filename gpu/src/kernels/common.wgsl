// SPDX-License-Identifier: Apache-2.0
// What all kernels share. Buffers a, b and result are declared by a_*.wgsl, result_*.wgsl or the kernel itself.

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(3) var<storage, read> side: array<u32>;

// Number of a workgroup. Groups beyond 2^15 are laid out in rows of that many: see `linear` in tape.rs.
fn group_index(group: vec3<u32>) -> u32 {
	return (group.y << 15u) + group.x;
}
