
@group(0) @binding(1) var<storage, read> a: array<vec4<u32>>;

fn line_of(matrix: u32, row: u32) -> u32 {
	return p.a_at + matrix * p.a_step + row * p.k_quads;
}

// Four quads of a row, zeros from quad `end` on.
fn fetch_a(line: u32, quad: u32, end: u32) -> vec4<u32> {
	if quad >= end {
		return vec4<u32>(0u);
	}
	return a[(line + quad) >> 2u];
}
