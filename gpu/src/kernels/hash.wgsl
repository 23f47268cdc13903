// SPDX-License-Identifier: Apache-2.0
// What both hashing kernels share: hashes are eight words each, as SHA-256 has them. `compressed(state, w0, .., w3)` is
// generated.

struct State {
	abcd: vec4<u32>,
	efgh: vec4<u32>,
}

fn begin() -> State {
	return State(
		vec4<u32>(0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au),
		vec4<u32>(0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u),
	);
}
