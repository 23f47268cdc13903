// SPDX-License-Identifier: Apache-2.0
//! Operations that move elements without changing them.

use crate::{
	buffer::{Out, View},
	pool::Pool,
};

/// Calls a generic function with the elements of an operand and of a result of the same type.
macro_rules! same_type {
	($x:expr, $out:expr, |$from:ident, $to:ident| $body:expr) => {
		match ($x, $out) {
			(View::I8($from), Out::I8($to)) => $body,
			(View::I32($from), Out::I32($to)) => $body,
			_ => {},
		}
	};
}

/// The same elements in the same order.
pub(crate) fn copy(pool: &Pool, x: View<'_>, out: Out<'_>) {
	fn run<T: Copy + Send + Sync>(pool: &Pool, x: &[T], out: &mut [T]) {
		pool.rows(out, 1024, size_of::<T>(), |first, out| {
			let from = first * 1024;
			out.copy_from_slice(&x[from..from + out.len()]);
		});
	}
	same_type!(x, out, |x, out| run(pool, x, out));
}

/// Dimensions of a result and, for each, how far one step goes in the operand; the innermost is last and goes by 1.
pub(crate) struct Nest {
	dims: Vec<usize>,
	strides: Vec<usize>,
	offset: usize,
}

/// Row-major strides of a tensor.
pub(crate) fn strides(dims: &[u32]) -> Vec<usize> {
	let mut strides = vec![1; dims.len()];
	for d in (1..dims.len()).rev() {
		strides[d - 1] = strides[d] * dims[d] as usize;
	}
	strides
}

impl Nest {
	/// A block of `from` that begins at `start` and has `dims`.
	pub(crate) fn block(from: &[u32], start: &[u32], dims: &[u32]) -> Self {
		let strides = strides(from);
		let offset = start.iter().zip(&strides).map(|(&s, stride)| s as usize * stride).sum();
		Self { dims: dims.iter().map(|&d| d as usize).collect(), strides, offset }
	}

	/// A permutation of `from` that keeps the last dimension.
	pub(crate) fn permuted(from: &[u32], perm: &[u8]) -> Self {
		let strides = strides(from);
		Self {
			dims: perm.iter().map(|&d| from[usize::from(d)] as usize).collect(),
			strides: perm.iter().map(|&d| strides[usize::from(d)]).collect(),
			offset: 0,
		}
	}

	/// Copies what the nest describes.
	pub(crate) fn copy(mut self, pool: &Pool, x: View<'_>, out: Out<'_>) {
		// Dimensions that follow one another in the operand too are one.
		while let [.., outer, inner] = self.strides[..] {
			let Some(run) = self.dims.last().copied().filter(|run| outer == run * inner) else {
				break;
			};
			self.dims.pop();
			self.strides.pop();
			if let (Some(d), Some(s)) = (self.dims.last_mut(), self.strides.last_mut()) {
				(*d, *s) = (*d * run, inner);
			}
		}
		same_type!(x, out, |x, out| self.run(pool, x, out));
	}

	fn run<T: Copy + Send + Sync>(&self, pool: &Pool, x: &[T], out: &mut [T]) {
		let Some((&run, dims)) = self.dims.split_last() else { return };
		pool.rows(out, run, size_of::<T>(), |first, out| {
			let mut index = vec![0; dims.len()];
			let mut rest = first;
			let mut at = self.offset;
			for d in (0..dims.len()).rev() {
				index[d] = rest % dims[d];
				rest /= dims[d];
				at += index[d] * self.strides[d];
			}
			for to in out.chunks_exact_mut(run) {
				to.copy_from_slice(&x[at..at + run]);
				for d in (0..dims.len()).rev() {
					index[d] += 1;
					at += self.strides[d];
					if index[d] < dims[d] {
						break;
					}
					at -= index[d] * self.strides[d];
					index[d] = 0;
				}
			}
		});
	}
}

/// Matrices of `rows` by `cols` become `cols` by `rows`.
pub(crate) fn swap(pool: &Pool, x: View<'_>, [rows, cols]: [usize; 2], out: Out<'_>) {
	fn run<T: Copy + Default + Send + Sync>(
		pool: &Pool,
		x: &[T],
		[rows, cols]: [usize; 2],
		out: &mut [T],
	) {
		// Square blocks keep both sides in the first cache.
		const SIDE: usize = 16;
		pool.rows(out, rows, 2 * size_of::<T>(), |first, out| {
			let (last, mut c) = (first + out.len() / rows, first);
			while c < last {
				let matrix = c / cols;
				let within = c % cols;
				let wide = SIDE.min(cols - within).min(last - c);
				let to = &mut out[(c - first) * rows..(c - first + wide) * rows];
				let from = &x[matrix * rows * cols..(matrix + 1) * rows * cols];
				for r in (0..rows).step_by(SIDE) {
					let high = SIDE.min(rows - r);
					if wide == SIDE && high == SIDE {
						let mut block = [[T::default(); SIDE]; SIDE];
						for (i, line) in block.iter_mut().enumerate() {
							line.copy_from_slice(&from[(r + i) * cols + within..][..SIDE]);
						}
						let block = turned(block);
						for (j, line) in block.iter().enumerate() {
							to[j * rows + r..][..SIDE].copy_from_slice(line);
						}
					} else {
						for j in 0..wide {
							for i in 0..high {
								to[j * rows + r + i] = from[(r + i) * cols + within + j];
							}
						}
					}
				}
				c += wide;
			}
		});
	}
	same_type!(x, out, |x, out| run(pool, x, [rows, cols], out));
}

/// Transposes a block by interleaving lines with those half a block away, four times: what vector units do well.
#[inline(always)]
fn turned<T: Copy + Default>(mut block: [[T; 16]; 16]) -> [[T; 16]; 16] {
	for _ in 0..4 {
		let mut next = [[T::default(); 16]; 16];
		for i in 0..8 {
			for j in 0..8 {
				next[2 * i][2 * j] = block[i][j];
				next[2 * i][2 * j + 1] = block[i + 8][j];
				next[2 * i + 1][2 * j] = block[i][j + 8];
				next[2 * i + 1][2 * j + 1] = block[i + 8][j + 8];
			}
		}
		block = next;
	}
	block
}

/// `a` and `b` in turn, so many elements of each at a time.
pub(crate) fn concat(pool: &Pool, [a, b]: [View<'_>; 2], parts: [usize; 2], out: Out<'_>) {
	fn run<T: Copy + Send + Sync>(
		pool: &Pool,
		a: &[T],
		b: &[T],
		[na, nb]: [usize; 2],
		out: &mut [T],
	) {
		pool.rows(out, na + nb, size_of::<T>(), |first, out| {
			for (i, to) in (first..).zip(out.chunks_exact_mut(na + nb)) {
				let (left, right) = to.split_at_mut(na);
				left.copy_from_slice(&a[i * na..][..na]);
				right.copy_from_slice(&b[i * nb..][..nb]);
			}
		});
	}
	match (a, b, out) {
		(View::I8(a), View::I8(b), Out::I8(out)) => run(pool, a, b, parts, out),
		(View::I32(a), View::I32(b), Out::I32(out)) => run(pool, a, b, parts, out),
		_ => {},
	}
}

/// `x` of dimensions `dims` with `before` and `after` elements of `value` around it.
pub(crate) fn pad(
	pool: &Pool,
	x: View<'_>,
	dims: &[u32],
	[before, after]: [&[u32]; 2],
	value: i32,
	out: Out<'_>,
) {
	fn run<T: Copy + Send + Sync>(
		pool: &Pool,
		x: &[T],
		dims: &[u32],
		[before, after]: [&[u32]; 2],
		value: T,
		out: &mut [T],
	) {
		let whole = |d: usize| (dims[d] + before[d] + after[d]) as usize;
		let Some(last) = dims.len().checked_sub(1) else { return };
		let (run, from, step) = (whole(last), before[last] as usize, dims[last] as usize);
		let strides = strides(dims);
		pool.rows(out, run, size_of::<T>(), |first, out| {
			for (i, to) in (first..).zip(out.chunks_exact_mut(run)) {
				let (mut rest, mut at, mut inside) = (i, 0, true);
				for d in (0..last).rev() {
					let index = (rest % whole(d)).wrapping_sub(before[d] as usize);
					rest /= whole(d);
					inside &= index < dims[d] as usize;
					at = index.wrapping_mul(strides[d]).wrapping_add(at);
				}
				to.fill(value);
				if inside {
					to[from..from + step].copy_from_slice(&x[at..at + step]);
				}
			}
		});
	}
	match (x, out) {
		// Validation makes the value fit the type.
		(View::I8(x), Out::I8(out)) => run(pool, x, dims, [before, after], value as i8, out),
		(View::I32(x), Out::I32(out)) => run(pool, x, dims, [before, after], value, out),
		_ => {},
	}
}

/// Each pixel of images of `h` by `w` by `c` becomes a block.
pub(crate) fn upsample(
	pool: &Pool,
	x: View<'_>,
	[h, w, c]: [usize; 3],
	factor: [u16; 2],
	out: Out<'_>,
) {
	fn run<T: Copy + Send + Sync>(
		pool: &Pool,
		x: &[T],
		[h, w, c]: [usize; 3],
		[down, across]: [usize; 2],
		out: &mut [T],
	) {
		let row = w * across * c;
		pool.rows(out, row, size_of::<T>(), |first, out| {
			for (i, to) in (first..).zip(out.chunks_exact_mut(row)) {
				let (image, y) = (i / (h * down), i % (h * down) / down);
				let from = &x[(image * h + y) * w * c..][..w * c];
				for (pixel, block) in from.chunks_exact(c).zip(to.chunks_exact_mut(across * c)) {
					block.chunks_exact_mut(c).for_each(|to| to.copy_from_slice(pixel));
				}
			}
		});
	}
	let factor = factor.map(usize::from);
	same_type!(x, out, |x, out| run(pool, x, [h, w, c], factor, out));
}

/// Rows of `n` elements of a table, by clamped index.
pub(crate) fn gather(pool: &Pool, table: View<'_>, index: &[i32], n: usize, out: Out<'_>) {
	fn run<T: Copy + Send + Sync>(
		pool: &Pool,
		table: &[T],
		index: &[i32],
		n: usize,
		out: &mut [T],
	) {
		let last = (table.len() / n).saturating_sub(1);
		pool.rows(out, n, size_of::<T>(), |first, out| {
			for (&i, to) in index[first..].iter().zip(out.chunks_exact_mut(n)) {
				let row = (i.max(0) as usize).min(last);
				to.copy_from_slice(&table[row * n..][..n]);
			}
		});
	}
	same_type!(table, out, |table, out| run(pool, table, index, n, out));
}

/// A row of `classes` elements for each index: `on` there, else 0.
pub(crate) fn one_hot(pool: &Pool, x: &[i32], classes: usize, on: i8, out: &mut [i8]) {
	pool.rows(out, classes, 1, |first, out| {
		for (&i, to) in x[first..].iter().zip(out.chunks_exact_mut(classes)) {
			to.fill(0);
			if let Some(y) = usize::try_from(i).ok().and_then(|i| to.get_mut(i)) {
				*y = on;
			}
		}
	});
}
