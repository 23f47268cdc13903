// SPDX-License-Identifier: Apache-2.0
//! Fixed-point factors, laid out for vectors, and rescaling by them.

use crate::{
	level::{leveled, Cpu},
	strip::{Place, LANES, LINES},
};
use calor_tensor::Scale;

/// Factors for each column, or the same for all.
#[derive(Clone, Debug)]
pub(crate) struct Scales {
	mult: Vec<i32>,
	/// `2^(shift - 1)`.
	half: Vec<i64>,
	shift: Vec<i64>,
	single: bool,
}

impl Scales {
	pub(crate) fn new(scales: &[Scale]) -> Self {
		let single = scales.len() == 1;
		let len = if single { LANES } else { scales.len() + LANES };
		let last = Scale { multiplier: 0, shift: 1 };
		let padded: Vec<Scale> = (0..len)
			.map(|i| scales.get(if single { 0 } else { i }).copied().unwrap_or(last))
			.collect();
		Self {
			// Multipliers have 31 bits.
			mult: padded.iter().map(|s| s.multiplier as i32).collect(),
			half: padded.iter().map(|s| 1i64 << (s.shift - 1)).collect(),
			shift: padded.iter().map(|s| i64::from(s.shift)).collect(),
			single,
		}
	}

	/// Whether the column matters.
	pub(crate) fn per_column(&self) -> bool {
		!self.single
	}

	/// Bytes that it holds.
	pub(crate) fn bytes(&self) -> u64 {
		self.mult.len() as u64 * 20
	}

	#[inline(always)]
	pub(crate) fn at(&self, col: usize) -> Lanes<'_> {
		let at = if self.single { 0 } else { col };
		Lanes {
			mult: lanes(&self.mult, at),
			half: lanes(&self.half, at),
			shift: lanes(&self.shift, at),
		}
	}
}

/// Factors for the columns of one line.
#[derive(Clone, Copy)]
pub(crate) struct Lanes<'a> {
	pub(crate) mult: &'a [i32; LANES],
	pub(crate) half: &'a [i64; LANES],
	pub(crate) shift: &'a [i64; LANES],
}

#[inline(always)]
pub(crate) fn lanes<T>(from: &[T], at: usize) -> &[T; LANES] {
	let slice = &from[at..at + LANES];
	match slice.try_into() {
		Ok(array) => array,
		Err(_) => unreachable!("the slice has LANES elements"),
	}
}

impl Lanes<'_> {
	/// Cannot overflow: `|x * mult| < 2^62`, and half is at most `2^61`.
	#[inline(always)]
	fn scale(&self, x: i32, i: usize) -> i64 {
		(i64::from(x) * i64::from(self.mult[i]) + self.half[i]) >> self.shift[i]
	}

	#[inline(always)]
	pub(crate) fn requant(&self, x: i32, zero: i64, i: usize) -> i8 {
		(zero + self.scale(x, i)).clamp(-128, 127) as i8
	}
}

/// Rescales lines of i32 to i8.
pub(crate) fn requant(
	cpu: Cpu,
	from: &[[i32; LANES]; LINES],
	to: &mut [[i8; LANES]; LINES],
	scales: &Scales,
	zero: i8,
	place: &Place,
) {
	#[cfg(target_arch = "x86_64")]
	if cpu.level() == crate::Level::Avx512 {
		// SAFETY: a `Cpu` of this level exists only on a machine with these instructions.
		return unsafe { wide::requant(from, to, scales, zero, place) };
	}
	requant_lines(cpu, from, to, scales, zero, place);
}

leveled! {
	fn requant_lines(
		from: &[[i32; LANES]; LINES],
		to: &mut [[i8; LANES]; LINES],
		scales: &Scales,
		zero: i8,
		place: &Place,
	) {
		for (i, (x, y)) in from.iter().zip(to).enumerate().take(place.lines) {
			let lanes = scales.at(place.col(i));
			for j in 0..LANES {
				y[j] = lanes.requant(x[j], i64::from(zero), j);
			}
		}
	}
}

leveled! {
	/// Rescales lines of i32 in place, to the low 32 bits.
	pub(crate) fn rescale(lines: &mut [[i32; LANES]; LINES], scales: &Scales, place: &Place) {
		for (i, x) in lines.iter_mut().enumerate().take(place.lines) {
			let lanes = scales.at(place.col(i));
			for (j, x) in x.iter_mut().enumerate() {
				*x = lanes.scale(*x, j) as i32;
			}
		}
	}
}

#[cfg(target_arch = "x86_64")]
mod wide {
	use super::{Place, Scales, LANES, LINES};
	use std::arch::x86_64::*;

	/// Eight lanes at a time; factors stay in registers while the lines of a column pass by.
	#[target_feature(enable = "avx2,avx512f,avx512bw,avx512dq,avx512vl")]
	pub(super) fn requant(
		from: &[[i32; LANES]; LINES],
		to: &mut [[i8; LANES]; LINES],
		scales: &Scales,
		zero: i8,
		place: &Place,
	) {
		let zero = _mm512_set1_epi64(i64::from(zero));
		let columns = if place.down { 1 } else { place.lines };
		for column in 0..columns {
			let lanes = scales.at(place.col(column));
			let lines = if place.down { 0..place.lines } else { column..column + 1 };
			for v in (0..LANES).step_by(8) {
				// SAFETY: eight elements from `v` on lie within arrays of LANES.
				let (mult, half, shift) = unsafe {
					(
						_mm512_cvtepi32_epi64(_mm256_loadu_si256(
							lanes.mult.as_ptr().add(v).cast(),
						)),
						_mm512_loadu_si512(lanes.half.as_ptr().add(v).cast()),
						_mm512_loadu_si512(lanes.shift.as_ptr().add(v).cast()),
					)
				};
				for i in lines.clone() {
					// SAFETY: as above.
					let x = unsafe { _mm256_loadu_si256(from[i].as_ptr().add(v).cast()) };
					let product = _mm512_mul_epi32(_mm512_cvtepi32_epi64(x), mult);
					let shifted = _mm512_srav_epi64(_mm512_add_epi64(product, half), shift);
					// The conversion saturates, which is the clamp.
					let y = _mm512_cvtsepi64_epi8(_mm512_add_epi64(shifted, zero));
					// SAFETY: as above; this writes the low eight bytes.
					unsafe { _mm_storel_epi64(to[i].as_mut_ptr().add(v).cast(), y) }
				}
			}
		}
	}
}
