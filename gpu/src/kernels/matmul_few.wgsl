
// A workgroup computes 16 columns of up to ROWS rows. Sixteen invocations share a column and go through K side by side, so
// that each word of b is read once and in order.

const LANES = 16u;

var<workgroup> partial: array<i32, (256u * ROWS)>;

fn dot(x: vec4<u32>, y: vec4<u32>) -> i32 {
	return dot4I8Packed(x.x, y.x) + dot4I8Packed(x.y, y.y) + dot4I8Packed(x.z, y.z)
		+ dot4I8Packed(x.w, y.w);
}

fn sum_of(column: u32, row: u32) -> i32 {
	var sum = 0;
	for (var i = 0u; i < LANES; i += 1u) {
		sum += partial[(row * 16u + column) * LANES + i];
	}
	return sum;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
	let matrix = group.z;
	let first_row = group.y * ROWS;
	let first_col = group.x * 16u;
	let column = lane / LANES;
	let b_line = p.b_at + matrix * p.b_step + min(first_col + column, p.cols - 1u) * p.k_quads;
	let line# = line_of(matrix, min(first_row + #u, p.rows - 1u));
	var sum# = 0;
	// At most 64 rounds.
	for (var quad = (lane % LANES) * 4u; quad < p.k_quads; quad += LANES * 4u) {
		let y = fetch_b(b_line, quad, p.k_quads);
		sum# += dot(fetch_a(line#, quad, p.k_quads), y);
	}
	partial[#u * 256u + lane] = sum#;
	workgroupBarrier();
	let row = lane / 4u;
	let quad = lane % 4u;
	let own = quad * 4u;
	if row >= ROWS || first_row + row >= p.rows || first_col + own >= p.cols {
		return;
	}
	let v = vec4<i32>(
		sum_of(own, row),
		sum_of(own + 1u, row),
		sum_of(own + 2u, row),
		sum_of(own + 3u, row),
	);
	let at = p.result_at + matrix * p.result_step + (first_row + row) * p.result_quads
		+ first_col / 4u + quad;
	store_result(at, post(v, (p.first_quad + first_col / 4u + quad) * 4u, at));
}
