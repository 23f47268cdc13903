
// Where a row of the result looks: its image's first row of pixels, and the window's corner, which may lie outside.
struct Line {
	image: u32,
	top: i32,
	left: i32,
	// The first quad of the group's channels.
	channel: u32,
}

fn line_of(matrix: u32, row: u32) -> Line {
	let pixel = p.first + row;
	let image = pixel / p.out_pixels;
	let rest = pixel - image * p.out_pixels;
	let down = rest / p.out_breadth;
	let across = rest - down * p.out_breadth;
	return Line(
		image * p.height,
		bitcast<i32>(down * p.stride_down) - bitcast<i32>(p.pad_top),
		bitcast<i32>(across * p.stride_across) - bitcast<i32>(p.pad_left),
		matrix * p.a_step,
	);
}

const OUTSIDE = 0xffffffffu;
const ELSEWHERE = 0xfffffffeu;

// The pixel of the shard that a tap looks at, if it lies in the image, and in this shard.
fn pixel_of(line: Line, tap: u32) -> u32 {
	let down = tap / p.taps_across;
	let across = tap - down * p.taps_across;
	// Both wrap to more than any image when negative.
	let y = bitcast<u32>(line.top) + down * p.dilation_down;
	let x = bitcast<u32>(line.left) + across * p.dilation_across;
	if y >= p.height || x >= p.breadth {
		return OUTSIDE;
	}
	let pixel = (line.image + y) * p.breadth + x - p.shard_first;
	return select(ELSEWHERE, pixel, pixel < p.shard_pixels);
}
