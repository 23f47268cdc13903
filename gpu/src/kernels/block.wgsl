// SPDX-License-Identifier: Apache-2.0
// The last three dimensions of the result, but for the column: arg0 the innermost, arg1 the next. Coordinate c of the
// result is (c + offset) / factor of a, if that lies within a. Offsets, outermost first: arg2 to arg5; they wrap. Factors
// of the second and the third dimension: arg6, arg7. Dimensions of a: arg8 to arg11.

fn origin(row: u32, column: u32) -> vec2<u32> {
	let rest = row / p.arg0;
	let outer = rest / p.arg1;
	let inner = (row - rest * p.arg0 + p.arg4) / p.arg7;
	let middle = (rest - outer * p.arg1 + p.arg3) / p.arg6;
	let first = outer + p.arg2;
	let last = column + p.arg5;
	let inside = first < p.arg8 && middle < p.arg9 && inner < p.arg10 && last < p.arg11;
	return vec2<u32>(select(NOWHERE, (first * p.arg9 + middle) * p.arg10 + inner, inside), last);
}
