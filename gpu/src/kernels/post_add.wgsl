
// Adds to what an earlier dispatch left.
fn post(v: vec4<i32>, column: u32, at: u32) -> vec4<i32> {
	let used = vec4<u32>(column) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(p.width);
	return select(vec4<i32>(0), v + load_result(at), used);
}
