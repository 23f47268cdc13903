// SPDX-License-Identifier: Apache-2.0
//! Operations that move elements.

use super::{Drawn, Growing, Handle};
use crate::program::{bounds, Op};
use alloc::{vec, vec::Vec};

impl Growing {
	/// Some operation that changes no element, but for padding.
	pub(super) fn movement(&mut self) -> Option<Drawn> {
		// Often a constant: engines keep those in layouts of their own.
		let (x, ty) = match self.choice.within(0, 2) {
			0 => self.pick_fitting(|handle, _| matches!(handle, Handle::Constant(_)))?,
			_ => self.pick(None)?,
		};
		let (rank, dims) = (ty.dims.len(), ty.dims.clone());
		let op = match self.choice.within(0, 6) {
			0 => {
				let perms: &[&[u8]] = match rank {
					1 => return None,
					2 => &[&[0, 1], &[1, 0]],
					3 => &[&[0, 2, 1], &[1, 0, 2]],
					_ => &[&[0, 1, 3, 2], &[0, 2, 1, 3], &[2, 1, 0, 3], &[1, 2, 0, 3]],
				};
				Op::Transpose { x: 0, perm: self.choice.of(perms).to_vec() }
			},
			1 | 2 => {
				let n = u32::try_from(ty.elements()).ok()?;
				let divisors: Vec<u32> =
					(1..=n.min(200)).filter(|d| n.is_multiple_of(*d)).collect();
				let d = self.choice.of(&divisors).max(1);
				let e = self.choice.of(&divisors).max(1);
				let dims = match self.choice.within(0, 4) {
					0 => vec![n],
					1 => vec![d, n / d],
					2 => vec![n / d, 1, d],
					3 => vec![1, e, n / d / e, d],
					_ => vec![1, n / d, d, 1],
				};
				Op::Reshape { x: 0, dims }
			},
			3 => {
				let start: Vec<u32> =
					dims.iter().map(|&d| self.choice.within(0, u64::from(d) - 1) as u32).collect();
				let dims = dims
					.iter()
					.zip(&start)
					.map(|(&d, &s)| self.choice.within(1, u64::from(d - s)) as u32)
					.collect();
				Op::Slice { x: 0, start, dims }
			},
			4 => {
				let axis = self.choice.within(0, rank as u64 - 1) as u8;
				let other = if self.coin() {
					x
				} else {
					let mut ty = ty;
					*ty.dims.get_mut(usize::from(axis))? = self.choice.dim();
					self.constant(ty)
				};
				let both = if self.coin() { vec![x, other] } else { vec![other, x] };
				return Some((Op::Concat { a: 0, b: 0, axis }, both));
			},
			5 => {
				let mut margins =
					|| (0..rank).map(|_| self.choice.of(&[0, 1, 2, 63, 64])).collect();
				let (before, after) = (margins(), margins());
				let (least, greatest) = bounds(ty.dtype);
				let value = self.value(ty.dtype);
				let value = self.choice.of(&[0, least, greatest, value]);
				Op::Pad { x: 0, before, after, value }
			},
			_ => {
				let factor =
					[1 + self.choice.within(0, 2) as u16, 1 + self.choice.within(0, 2) as u16];
				Op::UpsampleNearest { x: 0, factor }
			},
		};
		Some((op, vec![x]))
	}
}
