
@group(0) @binding(2) var<storage, read> b: array<u32>;

// As fetch_a.
fn fetch_b(line: u32, quad: u32, end: u32) -> vec4<u32> {
	var v = vec4<u32>(0u);
	if quad < end {
		v.x = b[line + quad];
	}
	if quad + 1u < end {
		v.y = b[line + quad + 1u];
	}
	if quad + 2u < end {
		v.z = b[line + quad + 2u];
	}
	if quad + 3u < end {
		v.w = b[line + quad + 3u];
	}
	return v;
}
