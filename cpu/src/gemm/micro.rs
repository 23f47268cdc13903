// SPDX-License-Identifier: Apache-2.0
//! Microkernels: a tile of sums in registers.

use super::CHUNK;
#[cfg(target_arch = "x86_64")]
use crate::Level;
use crate::{
	level::Cpu,
	strip::{LANES, LINES},
};

/// `tile[r][c] = start[c] + sum over K of left[r] * right[c]`, wrapping, for `rows` rows and at least `cols` columns.
///
/// `left` holds `rows` rows as `pack::left_row` puts them there, `panel` is of `pack::pack`, both of the same K.
#[inline(always)]
pub(super) fn tile(
	cpu: Cpu,
	left: &[u8],
	panel: &[i8],
	start: &[i32; LANES],
	tile: &mut [[i32; LANES]; LINES],
	rows: usize,
	cols: usize,
) {
	let chunks = left.len() / (rows * CHUNK);
	#[cfg(target_arch = "x86_64")]
	match cpu.level() {
		Level::Avx512 => {
			assert!(panel.len() >= chunks * 16 * LANES && rows <= LINES);
			macro_rules! rows {
				($($n:literal)*) => {
					match (rows, cols <= 16) {
						// SAFETY: the machine has the instructions, and the operands' lengths are as asserted.
						$(($n, false) => unsafe { vnni::tile::<$n, 2>(left, panel, start, tile) },
						// SAFETY: as above.
						($n, true) => unsafe { vnni::tile::<$n, 1>(left, panel, start, tile) },)*
						_ => unreachable!("a tile has at most 12 rows"),
					}
				};
			}
			return rows!(1 2 3 4 5 6 7 8 9 10 11 12);
		},
		Level::AvxVnni => {
			assert!(panel.len() >= chunks * 16 * LANES && rows <= LINES);
			for half in 0..cols.div_ceil(16) {
				macro_rules! rows {
					($($n:literal)*) => {
						match rows {
							// SAFETY: the machine has the instructions, and the operands' lengths are as asserted.
							$($n => unsafe { vex::tile::<$n>(left, panel, start, tile, half) },)*
							_ => unreachable!("a tile has at most 6 rows"),
						}
					};
				}
				rows!(1 2 3 4 5 6);
			}
			return;
		},
		Level::Avx2 => {
			assert!(panel.len() >= chunks * 8 * LANES && rows <= LINES);
			for half in 0..cols.div_ceil(16) {
				macro_rules! rows {
					($($n:literal)*) => {
						match rows {
							// SAFETY: the machine has the instructions, and the operands' lengths are as asserted.
							$($n => unsafe { avx2::tile::<$n>(left, panel, start, tile, half) },)*
							_ => unreachable!("a tile has at most 6 rows"),
						}
					};
				}
				rows!(1 2 3 4 5 6);
			}
			return;
		},
		Level::Portable => {},
	}
	let _ = (cpu, rows, chunks);
	portable(left, panel, start, &mut tile[0], cols);
}

/// One row, as sums over contiguous elements: a form that compilers turn into vectors.
fn portable(left: &[u8], panel: &[i8], start: &[i32; LANES], line: &mut [i32; LANES], cols: usize) {
	let left: &[i16] = bytemuck::cast_slice(left);
	let columns = panel.chunks_exact(left.len());
	for ((sum, column), start) in line.iter_mut().zip(columns).zip(start).take(cols) {
		let dot = |sum: i32, (x, y): (&i16, &i8)| sum + i32::from(*x) * i32::from(i16::from(*y));
		*sum = start.wrapping_add(left.iter().zip(column).fold(0, dot));
	}
}

#[cfg(target_arch = "x86_64")]
mod vnni {
	use super::{CHUNK, LANES, LINES};
	use std::arch::x86_64::*;

	/// `R` rows of `V` times 16 columns.
	///
	/// # Safety
	/// `left` and `panel` hold the same number of chunks.
	#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
	pub(super) unsafe fn tile<const R: usize, const V: usize>(
		left: &[u8],
		panel: &[i8],
		start: &[i32; LANES],
		tile: &mut [[i32; LANES]; LINES],
	) {
		let chunks = left.len() / (R * CHUNK);
		let (mut a, mut b) = (left.as_ptr(), panel.as_ptr());
		let mut sums = [[_mm512_setzero_si512(); V]; R];
		for row in &mut sums {
			for (v, sum) in row.iter_mut().enumerate() {
				// SAFETY: `start` has 32 elements and V is at most 2.
				*sum = unsafe { _mm512_loadu_si512(start.as_ptr().add(v * 16).cast()) };
			}
		}
		for _ in 0..chunks {
			for q in 0..4 {
				let mut right = [_mm512_setzero_si512(); V];
				for (v, right) in right.iter_mut().enumerate() {
					// SAFETY: a chunk of a panel has four quads of 128 bytes.
					*right = unsafe { _mm512_loadu_si512(b.add(q * 128 + v * 64).cast()) };
				}
				for (r, row) in sums.iter_mut().enumerate() {
					// SAFETY: a chunk of the left operand has 16 bytes for each of R rows.
					let x = unsafe { a.add(r * CHUNK + q * 4).cast::<i32>().read_unaligned() };
					let x = _mm512_set1_epi32(x);
					for (sum, right) in row.iter_mut().zip(right) {
						*sum = _mm512_dpbusd_epi32(*sum, x, right);
					}
				}
			}
			// SAFETY: at most one past the end, after the last chunk.
			(a, b) = unsafe { (a.add(R * CHUNK), b.add(4 * 128)) };
		}
		for (line, row) in tile.iter_mut().zip(sums) {
			for (v, sum) in row.into_iter().enumerate() {
				// SAFETY: a line has 32 elements and V is at most 2.
				unsafe { _mm512_storeu_si512(line.as_mut_ptr().add(v * 16).cast(), sum) }
			}
		}
	}
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
	use super::{CHUNK, LANES, LINES};
	use std::arch::x86_64::*;

	/// `R` rows of 16 columns, the lower or upper half of a panel.
	///
	/// # Safety
	/// `left` and `panel` hold the same number of chunks; `half` is 0 or 1.
	#[target_feature(enable = "avx2")]
	pub(super) unsafe fn tile<const R: usize>(
		left: &[u8],
		panel: &[i8],
		start: &[i32; LANES],
		tile: &mut [[i32; LANES]; LINES],
		half: usize,
	) {
		let chunks = left.len() / (R * CHUNK);
		let (mut a, mut b) = (left.as_ptr(), panel[panel.len() / 2 * half..].as_ptr());
		let mut sums = [[_mm256_setzero_si256(); 2]; R];
		for row in &mut sums {
			for (v, sum) in row.iter_mut().enumerate() {
				// SAFETY: `start` has 32 elements.
				*sum = unsafe { _mm256_loadu_si256(start.as_ptr().add(half * 16 + v * 8).cast()) };
			}
		}
		for _ in 0..chunks {
			for p in 0..4 {
				// SAFETY: a chunk of half a panel has four times 32 bytes.
				let right = unsafe {
					[
						_mm256_cvtepi8_epi16(_mm_loadu_si128(b.add(p * 32).cast())),
						_mm256_cvtepi8_epi16(_mm_loadu_si128(b.add(p * 32 + 16).cast())),
					]
				};
				for (r, row) in sums.iter_mut().enumerate() {
					// SAFETY: a chunk of the left operand has 16 bytes for each of R rows.
					let x = unsafe { a.add(r * CHUNK + p * 4).cast::<i32>().read_unaligned() };
					let x = _mm256_set1_epi32(x);
					for (sum, right) in row.iter_mut().zip(right) {
						// The sum of two products of i8 fits i32 by far.
						*sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(x, right));
					}
				}
			}
			// SAFETY: at most one past the end, after the last chunk.
			(a, b) = unsafe { (a.add(R * CHUNK), b.add(4 * 32)) };
		}
		for (line, row) in tile.iter_mut().zip(sums) {
			for (v, sum) in row.into_iter().enumerate() {
				// SAFETY: a line has 32 elements.
				unsafe { _mm256_storeu_si256(line.as_mut_ptr().add(half * 16 + v * 8).cast(), sum) }
			}
		}
	}
}

/// A kernel for 256-bit vectors with VNNI, which the same instruction under two encodings can serve.
#[cfg(target_arch = "x86_64")]
macro_rules! narrow_vnni {
	($name:ident, $features:literal, $dot:ident) => {
		mod $name {
			use super::{CHUNK, LANES, LINES};
			use std::arch::x86_64::*;

			/// `R` rows of 16 columns, the lower or upper half of a panel.
			///
			/// # Safety
			/// `left` and `panel` hold the same number of chunks; `half` is 0 or 1.
			#[target_feature(enable = $features)]
			pub(super) unsafe fn tile<const R: usize>(
				left: &[u8],
				panel: &[i8],
				start: &[i32; LANES],
				tile: &mut [[i32; LANES]; LINES],
				half: usize,
			) {
				let chunks = left.len() / (R * CHUNK);
				let (mut a, mut b) = (left.as_ptr(), panel.as_ptr());
				let mut sums = [[_mm256_setzero_si256(); 2]; R];
				for row in &mut sums {
					for (v, sum) in row.iter_mut().enumerate() {
						let from = start.as_ptr().wrapping_add(half * 16 + v * 8);
						// SAFETY: `start` has 32 elements.
						*sum = unsafe { _mm256_loadu_si256(from.cast()) };
					}
				}
				for _ in 0..chunks {
					for q in 0..4 {
						let from = b.wrapping_add(q * 128 + half * 64);
						// SAFETY: a chunk of a panel has four quads of 128 bytes.
						let right = unsafe {
							[
								_mm256_loadu_si256(from.cast()),
								_mm256_loadu_si256(from.wrapping_add(32).cast()),
							]
						};
						for (r, row) in sums.iter_mut().enumerate() {
							let x = a.wrapping_add(r * CHUNK + q * 4).cast::<i32>();
							// SAFETY: a chunk of the left operand has 16 bytes for each of R rows.
							let x = _mm256_set1_epi32(unsafe { x.read_unaligned() });
							for (sum, right) in row.iter_mut().zip(right) {
								*sum = $dot(*sum, x, right);
							}
						}
					}
					(a, b) = (a.wrapping_add(R * CHUNK), b.wrapping_add(4 * 128));
				}
				for (line, row) in tile.iter_mut().zip(sums) {
					for (v, sum) in row.into_iter().enumerate() {
						let to = line.as_mut_ptr().wrapping_add(half * 16 + v * 8);
						// SAFETY: a line has 32 elements.
						unsafe { _mm256_storeu_si256(to.cast(), sum) }
					}
				}
			}
		}
	};
}

#[cfg(target_arch = "x86_64")]
narrow_vnni!(vex, "avx2,avxvnni", _mm256_dpbusd_avx_epi32);
// Many machines with AVX-512 lack AVX-VNNI: there the kernel is tested under the other encoding.
#[cfg(all(test, target_arch = "x86_64"))]
narrow_vnni!(evex, "avx2,avx512f,avx512vl,avx512vnni", _mm256_dpbusd_epi32);

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
	use super::*;

	#[test]
	fn narrow_vnni_gives_what_wide_gives() {
		if !Level::available().contains(&Level::Avx512) {
			return;
		}
		const R: usize = 6;
		let byte = |i: usize| (i * i * 31 + i * 7 + 5) as u8;
		for chunks in [1, 2, 7] {
			let left: Vec<u8> = (0..chunks * R * CHUNK).map(byte).collect();
			let panel: Vec<i8> = (0..chunks * 16 * LANES).map(|i| byte(i + 3) as i8).collect();
			let start: [i32; LANES] = std::array::from_fn(|i| i as i32 * 1_000_003);
			let (mut wide, mut narrow) = ([[0; LANES]; LINES], [[0; LANES]; LINES]);
			// SAFETY: the machine has the instructions, and all operands have so many chunks.
			unsafe {
				vnni::tile::<R, 2>(&left, &panel, &start, &mut wide);
				evex::tile::<R>(&left, &panel, &start, &mut narrow, 0);
				evex::tile::<R>(&left, &panel, &start, &mut narrow, 1);
			}
			assert_eq!(wide, narrow);
		}
	}
}
