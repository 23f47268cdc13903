// SPDX-License-Identifier: Apache-2.0
// One invocation a quad of channels of one pixel of the result. If a has several shards, there is one dispatch for each,
// and taps that lie elsewhere are left to the others. `fold` and `START` are the kernel's.

struct Params {
	// Quads of this dispatch.
	count: u32,
	// The first of them in the whole result, and in its shard.
	first: u32,
	result_at: u32,
	row_quads: u32,
	cols: u32,
	// The shard of a: its first quad in the whole of a, and how many there are.
	a_first: u32,
	a_count: u32,
	// 1 if an earlier dispatch has done some of the taps.
	follows: u32,
	// Height and width of a's images and of the result's.
	height: u32,
	width: u32,
	result_height: u32,
	result_width: u32,
	// The window, down and across.
	taps_down: u32,
	taps_across: u32,
	stride_down: u32,
	stride_across: u32,
	dilation_down: u32,
	dilation_across: u32,
	top: u32,
	left: u32,
}

// The first tap that is not before the image: `at` is where tap 0 stands, counted from `before` elements outside.
fn first_tap(at: u32, before: u32, dilation: u32) -> u32 {
	return select(0u, (before - at + dilation - 1u) / dilation, at < before);
}

// The taps up to the image's end.
fn last_tap(at: u32, before: u32, length: u32, dilation: u32, taps: u32) -> u32 {
	let end = length + before;
	return select(0u, min(taps, (end - at + dilation - 1u) / dilation), at < end);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
	let n = group_index(group) * 256u + lane;
	if n >= p.count {
		return;
	}
	let quad = p.first + n;
	let row = quad / p.row_quads;
	let within_row = quad - row * p.row_quads;
	let line = row / p.result_width;
	let image = line / p.result_height;
	let y = (line - image * p.result_height) * p.stride_down;
	let x = (row - line * p.result_width) * p.stride_across;
	let begin_down = first_tap(y, p.top, p.dilation_down);
	let end_down = last_tap(y, p.top, p.height, p.dilation_down, p.taps_down);
	let begin_across = first_tap(x, p.left, p.dilation_across);
	let end_across = last_tap(x, p.left, p.width, p.dilation_across, p.taps_across);
	var v = vec4<i32>(START);
	if p.follows == 1u {
		v = load_result(p.result_at + n);
	}
	// The planner sees to it that these are no more than 60,000 taps.
	for (var i = begin_down; i < end_down; i += 1u) {
		let a_line = image * p.height + (y + i * p.dilation_down - p.top);
		for (var j = begin_across; j < end_across; j += 1u) {
			let a_row = a_line * p.width + (x + j * p.dilation_across - p.left);
			// Wraps below the shard, and is then beyond it too.
			let at = a_row * p.row_quads + within_row - p.a_first;
			if at < p.a_count {
				v = fold(v, load_a(at));
			}
		}
	}
	// Padding stays zero: products run over it.
	let column = within_row * 4u;
	let used = vec4<u32>(column) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(p.cols);
	store_result(p.result_at + n, select(vec4<i32>(0), v, used));
}
