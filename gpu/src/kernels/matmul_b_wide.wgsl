
@group(0) @binding(2) var<storage, read> b: array<vec4<u32>>;

// As fetch_a.
fn fetch_b(line: u32, quad: u32, end: u32) -> vec4<u32> {
	if quad >= end {
		return vec4<u32>(0u);
	}
	return b[(line + quad) >> 2u];
}
