// SPDX-License-Identifier: Apache-2.0
fn outcome(best: Best) -> i32 {
	return bitcast<i32>(best.index);
}
