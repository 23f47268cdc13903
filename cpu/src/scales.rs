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
	/// Whether every shift is at least 32, so that what is shifted fits i32.
	#[cfg(target_arch = "x86_64")]
	far: bool,
}

impl Scales {
	pub(crate) fn new(scales: &[Scale]) -> Self {
		let single = scales.len() == 1;
		let len = if single { LANES } else { scales.len() + LANES };
		let padding = Scale { multiplier: 0, shift: 62 };
		let padded: Vec<Scale> = (0..len)
			.map(|i| scales.get(if single { 0 } else { i }).copied().unwrap_or(padding))
			.collect();
		Self {
			// Multipliers have 31 bits.
			mult: padded.iter().map(|s| s.multiplier as i32).collect(),
			half: padded.iter().map(|s| 1i64 << (s.shift - 1)).collect(),
			shift: padded.iter().map(|s| i64::from(s.shift)).collect(),
			single,
			#[cfg(target_arch = "x86_64")]
			far: padded.iter().all(|s| s.shift >= 32),
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
	use super::{Lanes, Place, Scales, LANES, LINES};
	use std::arch::x86_64::*;

	/// Rescales line by line; the factors stay in registers while lines of the same columns pass by.
	#[target_feature(enable = "avx2,avx512f,avx512bw,avx512dq,avx512vl")]
	pub(super) fn requant(
		from: &[[i32; LANES]; LINES],
		to: &mut [[i8; LANES]; LINES],
		scales: &Scales,
		zero: i8,
		place: &Place,
	) {
		let columns = if place.down || !scales.per_column() { 1 } else { place.lines };
		for column in 0..columns {
			let lanes = scales.at(place.col(column));
			let lines = if columns == 1 { 0..place.lines } else { column..column + 1 };
			let both = from[lines.clone()].iter().zip(&mut to[lines]);
			if scales.far {
				let factors = [Far::new(&lanes, 0), Far::new(&lanes, 16)];
				let zero = _mm512_set1_epi32(i32::from(zero));
				for (x, y) in both {
					store(y, [factors[0].apply(x, 0, zero), factors[1].apply(x, 16, zero)]);
				}
			} else {
				let factors = [0, 8, 16, 24].map(|v| Near::new(&lanes, v));
				let zero = _mm512_set1_epi64(i64::from(zero));
				for (x, y) in both {
					let [a, b, c, d] = &factors;
					let low = [a.apply(x, 0, zero), b.apply(x, 8, zero)];
					let high = [c.apply(x, 16, zero), d.apply(x, 24, zero)];
					store(y, [low, high].map(|[a, b]| _mm_unpacklo_epi64(a, b)));
				}
			}
		}
	}

	/// A line at once: who reads it next need not wait for several smaller stores.
	#[target_feature(enable = "avx2,avx512f,avx512bw,avx512dq,avx512vl")]
	fn store(to: &mut [i8; LANES], [low, high]: [__m128i; 2]) {
		// SAFETY: the array has 32 bytes.
		unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), _mm256_set_m128i(high, low)) }
	}

	/// Factors of eight lanes, for any shift.
	struct Near {
		mult: __m512i,
		half: __m512i,
		shift: __m512i,
	}

	impl Near {
		/// Those of the lanes from `v` on, a multiple of 8 below 32.
		#[target_feature(enable = "avx2,avx512f,avx512bw,avx512dq,avx512vl")]
		fn new(lanes: &Lanes<'_>, v: usize) -> Self {
			assert!(v + 8 <= LANES);
			// SAFETY: as asserted.
			unsafe {
				let mult = _mm256_loadu_si256(lanes.mult.as_ptr().add(v).cast());
				Self {
					mult: _mm512_cvtepi32_epi64(mult),
					half: _mm512_loadu_si512(lanes.half.as_ptr().add(v).cast()),
					shift: _mm512_loadu_si512(lanes.shift.as_ptr().add(v).cast()),
				}
			}
		}

		#[target_feature(enable = "avx2,avx512f,avx512bw,avx512dq,avx512vl")]
		fn apply(&self, x: &[i32; LANES], v: usize, zero: __m512i) -> __m128i {
			assert!(v + 8 <= LANES);
			// SAFETY: as asserted.
			let x = unsafe { _mm256_loadu_si256(x.as_ptr().add(v).cast()) };
			let product = _mm512_mul_epi32(_mm512_cvtepi32_epi64(x), self.mult);
			let shifted = _mm512_srav_epi64(_mm512_add_epi64(product, self.half), self.shift);
			// The conversion saturates, which is the clamp.
			_mm512_cvtsepi64_epi8(_mm512_add_epi64(shifted, zero))
		}
	}

	/// Factors of sixteen lanes, even and odd ones apart, for shifts of at least 32.
	struct Far {
		mult: [__m512i; 2],
		half: [__m512i; 2],
		shift: [__m512i; 2],
	}

	impl Far {
		/// Those of the lanes from `v` on, 0 or 16.
		#[target_feature(enable = "avx2,avx512f,avx512bw,avx512dq,avx512vl")]
		fn new(lanes: &Lanes<'_>, v: usize) -> Self {
			assert!(v + 16 <= LANES);
			let even = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
			let odd = _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15);
			let pair = |from: &[i64; LANES]| {
				// SAFETY: as asserted.
				let (low, high) = unsafe {
					let at = from.as_ptr().add(v);
					(_mm512_loadu_si512(at.cast()), _mm512_loadu_si512(at.add(8).cast()))
				};
				[even, odd].map(|lanes| _mm512_permutex2var_epi64(low, lanes, high))
			};
			// SAFETY: as asserted.
			let mult = unsafe { _mm512_loadu_si512(lanes.mult.as_ptr().add(v).cast()) };
			let [near, far] = pair(lanes.shift);
			Self {
				mult: [mult, _mm512_srli_epi64(mult, 32)],
				half: pair(lanes.half),
				// The odd lanes' results are to stand in the upper halves.
				shift: [near, _mm512_sub_epi64(far, _mm512_set1_epi64(32))],
			}
		}

		#[target_feature(enable = "avx2,avx512f,avx512bw,avx512dq,avx512vl")]
		fn apply(&self, x: &[i32; LANES], v: usize, zero: __m512i) -> __m128i {
			assert!(v + 16 <= LANES);
			// SAFETY: as asserted.
			let x = unsafe { _mm512_loadu_si512(x.as_ptr().add(v).cast()) };
			let even = _mm512_mul_epi32(x, self.mult[0]);
			let odd = _mm512_mul_epi32(_mm512_srli_epi64(x, 32), self.mult[1]);
			let even = _mm512_srav_epi64(_mm512_add_epi64(even, self.half[0]), self.shift[0]);
			let odd = _mm512_srav_epi64(_mm512_add_epi64(odd, self.half[1]), self.shift[1]);
			let both = _mm512_mask_blend_epi32(0xAAAA, even, odd);
			// At most 2^30 in size, so adding the zero point cannot wrap; the conversion is the clamp.
			_mm512_cvtsepi32_epi8(_mm512_add_epi32(both, zero))
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::Level;

	/// Every shift, the greatest multiplier and the extremes of i32, for lines below and beside one another.
	#[test]
	fn requantising_is_exact_at_the_edges() {
		let edges = [i32::MIN, i32::MAX, -1, 0, 1, i32::MIN + 1, 1 << 30, -(1 << 30), 300, -300];
		let from: [[i32; LANES]; LINES] = std::array::from_fn(|i| {
			std::array::from_fn(|j| edges[(i * 7 + j) % 10].wrapping_add((i * j) as i32))
		});
		for level in Level::available() {
			let cpu = Cpu::detect(Some(level)).unwrap();
			for (shift, zero) in (1..=62).zip([-128i8, 127, 0, 5].into_iter().cycle()) {
				for (multiplier, single) in [((1 << 31) - 1, true), (1 << 30, false), (1, false)] {
					let of = |col: usize| Scale {
						multiplier: multiplier - u32::from(multiplier > 1) * (col as u32 % 9),
						shift: (shift + col as u8 % 3).min(62),
					};
					let count = if single { 1 } else { LANES * LINES };
					let scales = Scales::new(&(0..count).map(of).collect::<Vec<_>>());
					for down in [true, false] {
						let width = LANES * LINES;
						let place = Place { row: 0, col: 0, lines: LINES, down, width, end: width };
						let mut to = [[0; LANES]; LINES];
						requant(cpu, &from, &mut to, &scales, zero, &place);
						for (i, j) in (0..LINES).flat_map(|i| (0..LANES).map(move |j| (i, j))) {
							let scale = of(if single { 0 } else { place.col(i) + j });
							let product = i64::from(from[i][j]) * i64::from(scale.multiplier);
							let rounded = (product + (1 << (scale.shift - 1))) >> scale.shift;
							let expected = (i64::from(zero) + rounded).clamp(-128, 127);
							assert_eq!(
								i64::from(to[i][j]),
								expected,
								"{level:?} {scale:?} {i} {j}"
							);
						}
					}
				}
			}
		}
	}
}
