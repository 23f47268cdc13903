	// Quads of one tap of a group, taps across, and the image.
	tap_quads: u32,
	taps_across: u32,
	height: u32,
	breadth: u32,
	// Pixels of a result image, and of a row of it.
	out_pixels: u32,
	out_breadth: u32,
	stride_down: u32,
	stride_across: u32,
	pad_top: u32,
	pad_left: u32,
	dilation_down: u32,
	dilation_across: u32,
	// Quads of a pixel of a, and a quad of what lies outside the image.
	pixel_quads: u32,
	outside: u32,
	// The pixels that the shard of a holds. Those that it does not hold add nothing.
	shard_first: u32,
	shard_pixels: u32,
