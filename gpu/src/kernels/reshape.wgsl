// SPDX-License-Identifier: Apache-2.0
// arg0: columns of a.

fn origin(row: u32, column: u32) -> vec2<u32> {
	let element = row * p.cols + column;
	let source = element / p.arg0;
	return vec2<u32>(source, element - source * p.arg0);
}
