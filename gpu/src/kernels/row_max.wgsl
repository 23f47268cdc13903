// SPDX-License-Identifier: Apache-2.0
fn prior(quad: u32, base: u32) -> Best {
	return Best(load_result(quad).x, 0u);
}

fn outcome(best: Best) -> i32 {
	return best.value;
}
