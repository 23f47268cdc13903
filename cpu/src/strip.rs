// SPDX-License-Identifier: Apache-2.0
//! A few lines of elements that stay in the first cache while a step's operations are applied to them.
//!
//! Lines have a fixed length, so that the compiler needs no remainder loops; what lies beyond a tensor's edge is
//! computed along and dropped.

use crate::buffer::{Cells, Shared};

/// Elements of a line.
pub(crate) const LANES: usize = 32;
/// Most lines of a strip.
pub(crate) const LINES: usize = 16;

/// Lines of i32 or i8, of which one kind is current.
pub(crate) struct Strip {
	pub(crate) wide: [[i32; LANES]; LINES],
	pub(crate) narrow: [[i8; LANES]; LINES],
	/// Whether `narrow` is current.
	pub(crate) is_narrow: bool,
}

impl Strip {
	pub(crate) fn new() -> Self {
		Self { wide: [[0; LANES]; LINES], narrow: [[0; LANES]; LINES], is_narrow: false }
	}
}

/// Where the lines of a strip stand in a tensor seen as rows of `width` elements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
	/// Row of the first line.
	pub(crate) row: usize,
	/// Column of the first line's first element.
	pub(crate) col: usize,
	/// Number of lines, at most [`LINES`].
	pub(crate) lines: usize,
	/// Whether the next line is the next row; otherwise it goes on in the same row.
	pub(crate) down: bool,
	/// Elements of a row.
	pub(crate) width: usize,
	/// Column at which the lines' elements end: `width`, or the end of a group of channels.
	pub(crate) end: usize,
}

impl Place {
	/// Column of line `i`'s first element.
	#[inline(always)]
	pub(crate) fn col(&self, i: usize) -> usize {
		if self.down {
			self.col
		} else {
			self.col + i * LANES
		}
	}

	/// Row-major index of line `i`'s first element.
	#[inline(always)]
	pub(crate) fn start(&self, i: usize) -> usize {
		let row = if self.down { self.row + i } else { self.row };
		row * self.width + self.col(i)
	}

	/// How many of line `i`'s elements belong to the tensor.
	#[inline(always)]
	pub(crate) fn cols(&self, i: usize) -> usize {
		(self.end - self.col(i)).min(LANES)
	}

	/// Copies what belongs to the lines from a tensor.
	#[inline(always)]
	pub(crate) fn read<T: Copy>(&self, lines: &mut [[T; LANES]; LINES], from: &[T]) {
		for (i, line) in lines.iter_mut().enumerate().take(self.lines) {
			let (start, cols) = (self.start(i), self.cols(i));
			if cols == LANES {
				line.copy_from_slice(&from[start..start + LANES]);
			} else {
				line[..cols].copy_from_slice(&from[start..start + cols]);
			}
		}
	}

	/// Copies what belongs to the lines to a tensor.
	///
	/// # Safety
	/// As for [`Cells::write`].
	#[inline(always)]
	pub(crate) unsafe fn write<T: Copy>(&self, lines: &[[T; LANES]; LINES], to: &Cells<'_, T>) {
		for (i, line) in lines.iter().enumerate().take(self.lines) {
			let (start, cols) = (self.start(i), self.cols(i));
			if cols == LANES {
				// SAFETY: the caller's promise.
				unsafe { to.write(start, line) }
			} else {
				// SAFETY: the caller's promise.
				unsafe { to.write(start, &line[..cols]) }
			}
		}
	}

	/// Copies a strip's current lines to a tensor.
	///
	/// # Safety
	/// As for [`Cells::write`].
	#[inline(always)]
	pub(crate) unsafe fn store(&self, strip: &Strip, to: &Shared<'_>) {
		match to {
			// SAFETY: the caller's promise.
			Shared::I8(to) => unsafe { self.write(&strip.narrow, to) },
			// SAFETY: the caller's promise.
			Shared::I32(to) => unsafe { self.write(&strip.wide, to) },
		}
	}
}
