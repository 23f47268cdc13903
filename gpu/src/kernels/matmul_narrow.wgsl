
@group(0) @binding(1) var<storage, read> a: array<u32>;

fn line_of(matrix: u32, row: u32) -> u32 {
	return p.a_at + matrix * p.a_step + row * p.k_quads;
}

// Four quads of a row, zeros from quad `end` on.
fn fetch_a(line: u32, quad: u32, end: u32) -> vec4<u32> {
	var v = vec4<u32>(0u);
	if quad < end {
		v.x = a[line + quad];
	}
	if quad + 1u < end {
		v.y = a[line + quad + 1u];
	}
	if quad + 2u < end {
		v.z = a[line + quad + 2u];
	}
	if quad + 3u < end {
		v.w = a[line + quad + 3u];
	}
	return v;
}
