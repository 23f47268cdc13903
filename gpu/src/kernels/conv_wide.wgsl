
@group(0) @binding(1) var<storage, read> a: array<vec4<u32>>;

// Four quads of a window, which are of one tap; zeros from quad `end` on.
fn fetch_a(line: Line, quad: u32, end: u32) -> vec4<u32> {
	if quad >= end {
		return vec4<u32>(0u);
	}
	let tap = quad / p.tap_quads;
	let pixel = pixel_of(line, tap);
	if pixel >= ELSEWHERE {
		return vec4<u32>(select(0u, p.outside, pixel == OUTSIDE));
	}
	return a[(pixel * p.pixel_quads + line.channel + quad - tap * p.tap_quads) >> 2u];
}
