
// Each channel has a filter of its own. Row `t` of b holds tap `t` of all channels.
fn sums(line: Line, quad: u32) -> vec4<i32> {
	let channel = p.first_quad + quad;
	var v = vec4<i32>(0);
	// At most 16,384 taps.
	for (var tap = 0u; tap < p.k_quads; tap += 1u) {
		let pixel = pixel_of(line, tap);
		var x = select(0u, p.outside, pixel == OUTSIDE);
		if pixel < ELSEWHERE {
			x = a[pixel * p.pixel_quads + channel];
		}
		v += unpack4xI8(x) * unpack4xI8(b[p.b_at + tap * p.pixel_quads + channel]);
	}
	return v;
}
