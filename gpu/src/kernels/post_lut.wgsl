
// `at`: where in the side data the table stands, 256 bytes in 64 words, for -128 first.
fn table_entry(x: i32, at: u32) -> i32 {
	let index = bitcast<u32>(x + 128);
	return unpack4xI8(side[at + (index >> 2u)])[index & 3u];
}

fn looked_up(v: vec4<i32>, at: u32) -> vec4<i32> {
	return vec4<i32>(
		table_entry(v.x, at),
		table_entry(v.y, at),
		table_entry(v.z, at),
		table_entry(v.w, at),
	);
}
