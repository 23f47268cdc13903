
// Groups of any number of channels, element by element. `p.b_step`: channels of a group of b's rows, that is of the
// result. `p.a_step`: channels of a group of a. `p.tap_quads`: taps.

fn element_of_a(pixel: u32, channel: u32) -> i32 {
	return unpack4xI8(a[pixel * p.pixel_quads + (channel >> 2u)])[channel & 3u];
}

fn element_of_b(row: u32, k: u32) -> i32 {
	return unpack4xI8(b[p.b_at + row * p.k_quads + (k >> 2u)])[k & 3u];
}

fn sums(line: Line, quad: u32) -> vec4<i32> {
	// Padding repeats the last channel, and is dropped.
	let rows = min(vec4<u32>(quad * 4u) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(p.cols - 1u));
	let firsts = (rows + p.first_quad * 4u) / p.b_step * p.a_step;
	let outside = unpack4xI8(p.outside).x;
	var v = vec4<i32>(0);
	// At most 16,384 taps, and as many terms.
	for (var tap = 0u; tap < p.tap_quads; tap += 1u) {
		let pixel = pixel_of(line, tap);
		if pixel != ELSEWHERE {
			for (var c = 0u; c < p.a_step; c += 1u) {
				let k = tap * p.a_step + c;
				var x = vec4<i32>(outside);
				if pixel != OUTSIDE {
					x = vec4<i32>(
						element_of_a(pixel, firsts.x + c),
						element_of_a(pixel, firsts.y + c),
						element_of_a(pixel, firsts.z + c),
						element_of_a(pixel, firsts.w + c),
					);
				}
				let w = vec4<i32>(
					element_of_b(rows.x, k),
					element_of_b(rows.y, k),
					element_of_b(rows.z, k),
					element_of_b(rows.w, k),
				);
				v += x * w;
			}
		}
	}
	return v;
}
