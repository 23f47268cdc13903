
// (x * m + 2^(s-1)) >> s, limited to +-2^20: beyond i8's range whatever the zero point.
fn scaled_limited(x: i32, m: u32, s: u32) -> i32 {
	let sum = i64(x) * i64(m) + (1li << ((s - 1u) & 63u));
	return i32(clamp(sum >> (s & 63u), -1048576li, 1048576li));
}

// (x * m + 2^(s-1)) >> s modulo 2^32.
fn scaled_wrapped(x: i32, m: u32, s: u32) -> i32 {
	let sum = i64(x) * i64(m) + (1li << ((s - 1u) & 63u));
	return i32(sum >> (s & 63u));
}
