// SPDX-License-Identifier: Apache-2.0
// The result's row is three coordinates: arg0 and arg1 are the lengths of the innermost and the next. arg2, arg3, arg4:
// how many rows of a one step of the innermost, the next and the outermost goes. arg5: the same for the column. arg6: 1
// if the innermost coordinate is a's column, so that the last two dimensions change places.

fn origin(row: u32, column: u32) -> vec2<u32> {
	let rest = row / p.arg0;
	let inner = row - rest * p.arg0;
	let outer = rest / p.arg1;
	let middle = rest - outer * p.arg1;
	let source = inner * p.arg2 + middle * p.arg3 + outer * p.arg4 + column * p.arg5;
	return vec2<u32>(source, select(column, inner, p.arg6 == 1u));
}
