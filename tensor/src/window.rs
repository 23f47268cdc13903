// SPDX-License-Identifier: Apache-2.0
//! The arithmetic of windows, one axis at a time.

use crate::program::Window;

/// A window along one axis of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
	/// Taps.
	pub size: u32,
	/// Steps from one output to the next.
	pub stride: u32,
	/// Padding before the first element.
	pub before: u32,
	/// Padding after the last element.
	pub after: u32,
	/// Distance between taps.
	pub dilation: u32,
}

impl Axis {
	/// Elements from the first tap to the last, both included.
	pub fn reach(&self) -> u32 {
		// Both factors come from u16.
		self.size.saturating_sub(1).saturating_mul(self.dilation).saturating_add(1)
	}

	/// How many outputs an axis of `length` elements gives; `None` if the window does not fit, or size, stride or
	/// dilation is zero.
	pub fn outputs(&self, length: u32) -> Option<u32> {
		if self.size == 0 || self.dilation == 0 {
			return None;
		}
		let padded = length.checked_add(self.before)?.checked_add(self.after)?;
		padded.checked_sub(self.reach())?.checked_div(self.stride)?.checked_add(1)
	}

	/// The element of an axis of `length` that tap `tap` of output `output` looks at; `None` outside.
	pub fn element(&self, output: u32, tap: u32, length: u32) -> Option<u32> {
		let padded = u64::from(output)
			.saturating_mul(u64::from(self.stride))
			.saturating_add(u64::from(tap).saturating_mul(u64::from(self.dilation)));
		let at = u32::try_from(padded.checked_sub(u64::from(self.before))?).ok()?;
		(at < length).then_some(at)
	}
}

impl Window {
	/// The window from row to row.
	pub fn down(&self) -> Axis {
		let ([size, _], [stride, _], [dilation, _]) = (self.size, self.stride, self.dilation);
		let [before, _, after, _] = self.pad;
		axis(size, stride, before, after, dilation)
	}

	/// The window from column to column.
	pub fn across(&self) -> Axis {
		let ([_, size], [_, stride], [_, dilation]) = (self.size, self.stride, self.dilation);
		let [_, before, _, after] = self.pad;
		axis(size, stride, before, after, dilation)
	}

	/// Taps of the window.
	pub fn taps(&self) -> u64 {
		let [height, width] = self.size;
		u64::from(height).saturating_mul(u64::from(width))
	}
}

fn axis(size: u16, stride: u16, before: u16, after: u16, dilation: u16) -> Axis {
	Axis {
		size: size.into(),
		stride: stride.into(),
		before: before.into(),
		after: after.into(),
		dilation: dilation.into(),
	}
}
