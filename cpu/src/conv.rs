// SPDX-License-Identifier: Apache-2.0
//! Convolutions: rows of a product, or channel by channel.

use crate::{
	buffer::Shared,
	level::{leveled, Cpu},
	pool::Pool,
	post::Live,
	scales::lanes,
	strip::{Place, Strip, LANES, LINES},
	window::{Axis, Windows},
};
use calor_tensor::program::Window;

impl Windows {
	/// Windows over images of dimensions `[N, H, W, C]` that give `[N, H', W', ..]`; `None` for other ranks, which
	/// validation refuses.
	pub(crate) fn new(window: &Window, image: &[u32], result: &[u32]) -> Option<Self> {
		let (&[_, h, w, c], &[_, oh, ow, _]) = (image, result) else { return None };
		let axis = |d: usize, length: u32| Axis {
			length: length as usize,
			size: window.size[d].into(),
			stride: window.stride[d].into(),
			before: window.pad[d].into(),
			dilation: window.dilation[d].into(),
		};
		Some(Self {
			down: axis(0, h),
			across: axis(1, w),
			channels: c as usize,
			out: [oh as usize, ow as usize],
		})
	}

	/// Whether each output looks at the one pixel in its own place.
	pub(crate) fn is_pointwise(&self) -> bool {
		let single = |axis: &Axis, out| {
			axis.size == 1 && axis.stride == 1 && axis.before == 0 && axis.length == out
		};
		single(&self.down, self.out[0]) && single(&self.across, self.out[1])
	}

	/// Writes what output `pixel` looks at, tap by tap, of the `per` channels from `first` on.
	pub(crate) fn gather(
		&self,
		x: &[i8],
		zero: i8,
		pixel: usize,
		[first, per]: [usize; 2],
		to: &mut [i8],
	) {
		let [image, oh, ow] = self.position(pixel);
		// Neighbouring pixels with all their channels lie side by side.
		let whole = per == self.channels
			&& self.across.dilation == 1
			&& self.across.at(ow, 0).is_some()
			&& self.across.at(ow, self.across.size - 1).is_some();
		let length = self.across.size * per;
		for i in 0..self.down.size {
			let to = &mut to[i * length..];
			let Some(row) = self.down.at(oh, i) else {
				to[..length].fill(zero);
				continue;
			};
			if whole {
				let at = self.index(image, row, self.across.at(ow, 0).unwrap_or_default());
				copy(to, &x[at..], length);
				continue;
			}
			let line = &mut to[..length];
			for (j, tap) in line.chunks_exact_mut(per).enumerate() {
				match self.across.at(ow, j) {
					Some(col) => {
						let at = self.index(image, row, col) + first;
						tap.copy_from_slice(&x[at..at + per]);
					},
					None => tap.fill(zero),
				}
			}
		}
	}
}

/// Copies the first `n` elements. A few are copied as sixteen where there is room: what comes too much belongs to lines
/// that are written later.
#[inline(always)]
fn copy(to: &mut [i8], from: &[i8], n: usize) {
	match (to.first_chunk_mut::<16>(), from.first_chunk::<16>()) {
		(Some(to), Some(from)) if n <= 16 => *to = *from,
		_ => to[..n].copy_from_slice(&from[..n]),
	}
}

/// Weights of a depthwise convolution: for each tap, all channels, padded to whole lines.
#[derive(Clone, Default)]
pub(crate) struct Taps {
	weights: Vec<i16>,
	/// Elements of one tap.
	padded: usize,
}

impl Taps {
	/// From rows of taps, one for each channel.
	pub(crate) fn new(weights: &[i8], channels: usize) -> Self {
		let taps = weights.len() / channels;
		let padded = channels.next_multiple_of(LANES);
		let mut turned = vec![0; taps * padded];
		for (c, row) in weights.chunks_exact(taps).enumerate() {
			for (t, w) in row.iter().enumerate() {
				turned[t * padded + c] = i16::from(*w);
			}
		}
		Self { weights: turned, padded }
	}

	/// Bytes that so many taps of so many channels take.
	pub(crate) fn bytes(taps: usize, channels: usize) -> u64 {
		(taps * channels.next_multiple_of(LANES) * 2) as u64
	}
}

leveled! {
	/// Sums of one line of channels from `c` on for each of several outputs: `sum += x[at + c ..] * w`. For each output
	/// `at` has one index for each tap, `usize::MAX` outside the image.
	fn sums(
		x: &[i8],
		zero: i8,
		at: &[usize],
		c: usize,
		taps: &Taps,
		lines: &mut [[i32; LANES]],
	) {
		let outside = [zero; LANES];
		let count = taps.weights.len() / taps.padded;
		for (line, at) in lines.iter_mut().zip(at.chunks_exact(count)) {
			let mut total = [0i32; LANES];
			let mut tail = [0; LANES];
			for (t, &at) in at.iter().enumerate() {
				let w = lanes(&taps.weights, t * taps.padded + c);
				let from = if at == usize::MAX {
					&outside
				} else if at + c + LANES <= x.len() {
					// Lanes past the last channel read the next pixel, and are dropped in the end.
					lanes(x, at + c)
				} else {
					let rest = &x[at + c..];
					tail[..rest.len()].copy_from_slice(rest);
					&tail
				};
				for j in 0..LANES {
					// A product of two i8 fits i16.
					total[j] += i32::from(i16::from(from[j]) * w[j]);
				}
			}
			*line = total;
		}
	}
}

/// A convolution in which each channel has its own window and gives one channel.
pub(crate) struct Depthwise<'a> {
	pub(crate) windows: &'a Windows,
	pub(crate) x: &'a [i8],
	/// What stands outside the image.
	pub(crate) zero: i8,
	pub(crate) taps: &'a Taps,
	/// Pixels of the result.
	pub(crate) pixels: usize,
	/// What follows.
	pub(crate) posts: &'a [Live<'a>],
}

/// Computes a depthwise convolution and what follows it.
pub(crate) fn depthwise(cpu: Cpu, pool: &Pool, work: &Depthwise<'_>, out: &Shared<'_>) {
	let Depthwise { windows, x, zero, taps, pixels, posts } = *work;
	let width = windows.channels;
	let row = windows.out[1];
	// For each output of a row and each tap across, how far into a row of the image it looks.
	let across: Vec<usize> = (0..row)
		.flat_map(|ow| (0..windows.across.size).map(move |j| windows.across.at(ow, j)))
		.map(|col| col.map_or(usize::MAX, |col| col * width))
		.collect();
	pool.tasks(pixels / row, |task| {
		let mut strip = Strip::new();
		let mut at = Vec::with_capacity(LINES * windows.down.size * windows.across.size);
		let [image, oh, _] = windows.position(task * row);
		let down: Vec<usize> = (0..windows.down.size)
			.map(|i| windows.down.at(oh, i).map_or(usize::MAX, |y| windows.index(image, y, 0)))
			.collect();
		for first in (0..row).step_by(LINES) {
			let lines = (row - first).min(LINES);
			at.clear();
			for cols in across.chunks_exact(windows.across.size).skip(first).take(lines) {
				for &y in &down {
					let outside = y == usize::MAX;
					at.extend(cols.iter().map(|&col| {
						if outside || col == usize::MAX {
							usize::MAX
						} else {
							y + col
						}
					}));
				}
			}
			for col in (0..width).step_by(LANES) {
				let row = task * row + first;
				let place = Place { row, col, lines, down: true, width, end: width };
				strip.is_narrow = false;
				sums(cpu, x, zero, &at, col, taps, &mut strip.wide[..lines]);
				for post in posts {
					post.apply(cpu, &mut strip, &place);
				}
				// SAFETY: each pixel belongs to one task.
				unsafe { place.store(&strip, out) }
			}
		}
	});
}
