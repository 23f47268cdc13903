
@group(0) @binding(1) var<storage, read> a: array<u32>;

fn fetch_quad(line: Line, quad: u32, end: u32) -> u32 {
	if quad >= end {
		return 0u;
	}
	let tap = quad / p.tap_quads;
	let pixel = pixel_of(line, tap);
	if pixel >= ELSEWHERE {
		return select(0u, p.outside, pixel == OUTSIDE);
	}
	return a[pixel * p.pixel_quads + line.channel + quad - tap * p.tap_quads];
}

// Four quads of a window, zeros from quad `end` on.
fn fetch_a(line: Line, quad: u32, end: u32) -> vec4<u32> {
	return vec4<u32>(
		fetch_quad(line, quad, end),
		fetch_quad(line, quad + 1u, end),
		fetch_quad(line, quad + 2u, end),
		fetch_quad(line, quad + 3u, end),
	);
}
