
// args.x: where in the side data the scales stand, (multiplier, shift) each. args.y: 2 if there is one for each column,
// else 0. args.z: zero point. Padding takes the last column's scale, and is dropped.
fn scale_at(column: u32, args: vec4<u32>) -> u32 {
	return args.x + args.y * min(column, p.width - 1u);
}

fn requantised_one(x: i32, at: u32, zero: i32) -> i32 {
	return clamp(zero + scaled_limited(x, side[at], side[at + 1u]), -128, 127);
}

fn requantised(v: vec4<i32>, column: u32, args: vec4<u32>) -> vec4<i32> {
	let zero = bitcast<i32>(args.z);
	return vec4<i32>(
		requantised_one(v.x, scale_at(column, args), zero),
		requantised_one(v.y, scale_at(column + 1u, args), zero),
		requantised_one(v.z, scale_at(column + 2u, args), zero),
		requantised_one(v.w, scale_at(column + 3u, args), zero),
	);
}

fn rescaled_one(x: i32, at: u32) -> i32 {
	return scaled_wrapped(x, side[at], side[at + 1u]);
}

fn rescaled(v: vec4<i32>, column: u32, args: vec4<u32>) -> vec4<i32> {
	return vec4<i32>(
		rescaled_one(v.x, scale_at(column, args)),
		rescaled_one(v.y, scale_at(column + 1u, args)),
		rescaled_one(v.z, scale_at(column + 2u, args)),
		rescaled_one(v.w, scale_at(column + 3u, args)),
	);
}
