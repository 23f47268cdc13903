
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
	let i = group_index(group) * 256u + lane;
	if i >= p.count {
		return;
	}
	var v = load_a(p.a_at + i);
	for (var part = 1u; part < p.parts; part += 1u) {
		v = v + load_a(p.a_at + part * p.part_quads + i);
	}
	let column = ((p.first + i) % p.row_quads) * 4u;
	store_result(p.result_at + i, post(v, column, p.result_at + i));
}
