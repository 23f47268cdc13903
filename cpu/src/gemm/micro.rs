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
	let _ = (cpu, cols);
	portable(left, panel, start, tile, rows, chunks);
}

fn portable(
	left: &[u8],
	panel: &[i8],
	start: &[i32; LANES],
	tile: &mut [[i32; LANES]; LINES],
	rows: usize,
	chunks: usize,
) {
	for (half, panel) in panel.chunks_exact(panel.len() / 2).enumerate() {
		for (r, line) in tile.iter_mut().enumerate().take(rows) {
			let mut sums = [0i32; 16];
			sums.copy_from_slice(&start[half * 16..half * 16 + 16]);
			for c in 0..chunks {
				let at = (c * rows + r) * CHUNK;
				let left: &[u8] = &left[at..at + CHUNK];
				for p in 0..4 {
					let x = i32::from(i16::from_ne_bytes([left[p * 4], left[p * 4 + 1]]));
					let y = i32::from(i16::from_ne_bytes([left[p * 4 + 2], left[p * 4 + 3]]));
					let right = &panel[(c * 4 + p) * 32..][..32];
					for (sum, pair) in sums.iter_mut().zip(right.chunks_exact(2)) {
						*sum += x * i32::from(pair[0]) + y * i32::from(pair[1]);
					}
				}
			}
			line[half * 16..half * 16 + 16].copy_from_slice(&sums);
		}
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
