// SPDX-License-Identifier: Apache-2.0
fn outcome(best: Best) -> i32 {
	return best.value;
}
