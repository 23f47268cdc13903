// SPDX-License-Identifier: Apache-2.0
// Up to seven levels of a tree: each workgroup reduces 2^levels hashes to one. A node is SHA-256 of a byte of one and its
// two children; children that do not exist are zero.

struct Params {
	// Children that exist.
	count: u32,
	// Hashes that are made, each by a workgroup.
	parents: u32,
	levels: u32,
	// Where they go, in words.
	result_at: u32,
}

@group(0) @binding(1) var<storage, read> a: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read_write> result: array<u32>;

var<workgroup> abcd: array<vec4<u32>, 64>;
var<workgroup> efgh: array<vec4<u32>, 64>;

fn moved(before: u32, v: vec4<u32>) -> vec4<u32> {
	return (vec4<u32>(before, v.xyz) << vec4<u32>(24u)) | (v >> vec4<u32>(8u));
}

fn node(l0: vec4<u32>, l1: vec4<u32>, r0: vec4<u32>, r1: vec4<u32>) -> State {
	var state = begin();
	for (var block = 0u; block < 2u; block += 1u) {
		var w0 = moved(1u, l0);
		var w1 = moved(l0.w, l1);
		var w2 = moved(l1.w, r0);
		var w3 = moved(r0.w, r1);
		if block == 1u {
			// The last byte, the bit behind the message, and the length of the latter in bits.
			w0 = vec4<u32>((r1.w << 24u) | 0x00800000u, 0u, 0u, 0u);
			w1 = vec4<u32>(0u);
			w2 = vec4<u32>(0u);
			w3 = vec4<u32>(0u, 0u, 0u, 520u);
		}
		state = compressed(state, w0, w1, w2, w3);
	}
	return state;
}

fn child(at: u32, half: u32) -> vec4<u32> {
	if at < p.count {
		return a[at * 2u + half];
	}
	return vec4<u32>(0u);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
	let parent = group_index(group);
	if parent >= p.parents {
		return;
	}
	var busy = (1u << (p.levels & 31u)) >> 1u;
	let first = (parent << (p.levels & 31u)) + lane * 2u;
	var l0 = vec4<u32>(0u);
	var l1 = vec4<u32>(0u);
	var r0 = vec4<u32>(0u);
	var r1 = vec4<u32>(0u);
	if lane < busy {
		l0 = child(first, 0u);
		l1 = child(first, 1u);
		r0 = child(first + 1u, 0u);
		r1 = child(first + 1u, 1u);
	}
	for (var level = 0u; level < p.levels; level += 1u) {
		if lane < busy {
			let made = node(l0, l1, r0, r1);
			abcd[lane] = made.abcd;
			efgh[lane] = made.efgh;
		}
		workgroupBarrier();
		busy = busy >> 1u;
		if lane < busy {
			l0 = abcd[lane * 2u];
			l1 = efgh[lane * 2u];
			r0 = abcd[lane * 2u + 1u];
			r1 = efgh[lane * 2u + 1u];
		}
		workgroupBarrier();
	}
	if lane == 0u {
		let to = p.result_at + parent * 8u;
		result[to] = abcd[0].x;
		result[to + 1u] = abcd[0].y;
		result[to + 2u] = abcd[0].z;
		result[to + 3u] = abcd[0].w;
		result[to + 4u] = efgh[0].x;
		result[to + 5u] = efgh[0].y;
		result[to + 6u] = efgh[0].z;
		result[to + 7u] = efgh[0].w;
	}
}
