
@group(0) @binding(1) var<storage, read> a: array<u32>;
@group(0) @binding(2) var<storage, read> b: array<u32>;

// One invocation a quad of the result: a workgroup takes 16 pixels and 64 channels. The kernel proper is
// `sums(line, quad)`, for the quad of channels that begins at 4 * quad of the columns of this block.
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
	let row = group.y * 16u + lane / 16u;
	let quad = group.x * 16u + lane % 16u;
	if row >= p.rows || quad * 4u >= p.cols {
		return;
	}
	let v = sums(line_of(0u, row), quad);
	let at = p.result_at + row * p.result_quads + quad;
	store_result(at, post(v, (p.first_quad + quad) * 4u, at));
}
