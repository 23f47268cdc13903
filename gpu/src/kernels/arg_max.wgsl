// SPDX-License-Identifier: Apache-2.0
fn prior(quad: u32, base: u32) -> Best {
	let index = bitcast<u32>(load_result(quad).x);
	return Best(load_a(base + (index >> 2u))[index & 3u], index);
}

fn outcome(best: Best) -> i32 {
	return bitcast<i32>(best.index);
}
