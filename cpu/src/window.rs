// SPDX-License-Identifier: Apache-2.0
//! Where windows of convolutions and poolings look, and poolings themselves.

use crate::{
	buffer::{Out, View},
	level::{leveled, Cpu},
	pool::Pool,
};

/// Where a window looks along one dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Axis {
	/// Elements of the image.
	pub(crate) length: usize,
	/// Taps.
	pub(crate) size: usize,
	pub(crate) stride: usize,
	/// Padding before the image.
	pub(crate) before: usize,
	pub(crate) dilation: usize,
}

impl Axis {
	/// The image's index under tap `tap` of output `o`, if it lies inside.
	#[inline(always)]
	pub(crate) fn at(&self, o: usize, tap: usize) -> Option<usize> {
		(o * self.stride + tap * self.dilation)
			.checked_sub(self.before)
			.filter(|at| *at < self.length)
	}
}

/// Windows over images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Windows {
	pub(crate) down: Axis,
	pub(crate) across: Axis,
	/// Channels of an image.
	pub(crate) channels: usize,
	/// Height and width of the result.
	pub(crate) out: [usize; 2],
}

impl Windows {
	/// Image, row and column of a pixel of the result.
	#[inline(always)]
	pub(crate) fn position(&self, pixel: usize) -> [usize; 3] {
		let [h, w] = self.out;
		[pixel / (h * w), pixel / w % h, pixel % w]
	}

	/// Index of the first channel of an image's pixel.
	#[inline(always)]
	pub(crate) fn index(&self, image: usize, row: usize, col: usize) -> usize {
		((image * self.down.length + row) * self.across.length + col) * self.channels
	}

	/// Calls `f(tap, index of the pixel's first channel)` for the taps that lie inside the image.
	#[inline(always)]
	fn inside(&self, pixel: usize, mut f: impl FnMut(usize)) {
		let [image, oh, ow] = self.position(pixel);
		for row in (0..self.down.size).filter_map(|i| self.down.at(oh, i)) {
			for col in (0..self.across.size).filter_map(|j| self.across.at(ow, j)) {
				f(self.index(image, row, col));
			}
		}
	}

	/// Folds what lies under each window, channel by channel.
	fn fold<T: Copy + Sync, R: Copy + Send + Sync>(
		&self,
		pool: &Pool,
		x: &[T],
		first: R,
		out: &mut [R],
		f: impl Fn(&mut [R], &[T]) + Sync + Send,
	) {
		let c = self.channels;
		let cost = self.down.size * self.across.size * size_of::<T>();
		pool.rows(out, c, cost, |pixel, out| {
			for (pixel, to) in (pixel..).zip(out.chunks_exact_mut(c)) {
				to.fill(first);
				self.inside(pixel, |at| f(to, &x[at..at + c]));
			}
		});
	}

	/// Greatest element under each window.
	pub(crate) fn max(&self, cpu: Cpu, pool: &Pool, x: View<'_>, out: Out<'_>) {
		match (x, out) {
			(View::I8(x), Out::I8(out)) => {
				self.fold(pool, x, i8::MIN, out, |to, from| max8(cpu, to, from));
			},
			(View::I32(x), Out::I32(out)) => {
				self.fold(pool, x, i32::MIN, out, |to, from| max32(cpu, to, from));
			},
			_ => {},
		}
	}

	/// Sum of the elements under each window.
	pub(crate) fn sum(&self, cpu: Cpu, pool: &Pool, x: View<'_>, out: Out<'_>) {
		let out = out.i32s();
		match x {
			View::I8(x) => self.fold(pool, x, 0, out, |to, from| sum8(cpu, to, from)),
			View::I32(x) => self.fold(pool, x, 0, out, |to, from| sum32(cpu, to, from)),
		}
	}
}

leveled! {
	fn max8(to: &mut [i8], from: &[i8]) {
		to.iter_mut().zip(from).for_each(|(y, x)| *y = (*y).max(*x));
	}
}

leveled! {
	fn max32(to: &mut [i32], from: &[i32]) {
		to.iter_mut().zip(from).for_each(|(y, x)| *y = (*y).max(*x));
	}
}

leveled! {
	fn sum8(to: &mut [i32], from: &[i8]) {
		to.iter_mut().zip(from).for_each(|(y, x)| *y = y.wrapping_add(i32::from(*x)));
	}
}

leveled! {
	fn sum32(to: &mut [i32], from: &[i32]) {
		to.iter_mut().zip(from).for_each(|(y, x)| *y = y.wrapping_add(*x));
	}
}
