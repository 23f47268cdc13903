// SPDX-License-Identifier: Apache-2.0
//! Tables of 256 entries.

use crate::level::Cpu;

/// `x = table[x + 128]` for each element.
pub(crate) fn lookup(cpu: Cpu, lines: &mut [i8], table: &[i8; 256]) {
	#[cfg(target_arch = "x86_64")]
	if cpu.vbmi() {
		// SAFETY: `vbmi` says that the machine has these instructions.
		return unsafe { wide::lookup(lines, table) };
	}
	let _ = cpu;
	for x in lines {
		*x = table[usize::from(x.wrapping_sub(-128) as u8)];
	}
}

/// The weights of a softmax, whole and by bytes.
#[derive(Clone, Debug)]
pub(crate) struct Weights {
	whole: [u16; 256],
	#[cfg(target_arch = "x86_64")]
	low: [u8; 256],
	#[cfg(target_arch = "x86_64")]
	high: [u8; 256],
}

impl Weights {
	/// Weights for each distance from the greatest element; validation makes them 256.
	pub(crate) fn new(table: &[u16]) -> Self {
		let whole = std::array::from_fn(|i| table.get(i).copied().unwrap_or_default());
		Self {
			whole,
			#[cfg(target_arch = "x86_64")]
			low: whole.map(|w| w.to_le_bytes()[0]),
			#[cfg(target_arch = "x86_64")]
			high: whole.map(|w| w.to_le_bytes()[1]),
		}
	}
}

/// `to[i] = table[max - from[i]]`, where `max` is the greatest of `from`; both have the same length.
pub(crate) fn weights(cpu: Cpu, from: &[i8], to: &mut [u16], max: i8, table: &Weights) {
	#[cfg(target_arch = "x86_64")]
	if cpu.vbmi() {
		// SAFETY: `vbmi` says that the machine has these instructions.
		return unsafe { wide::weights(from, to, max, table) };
	}
	let _ = cpu;
	for (x, y) in from.iter().zip(to) {
		// The difference is 0 to 255.
		*y = table.whole[usize::from(max.wrapping_sub(*x) as u8)];
	}
}

#[cfg(target_arch = "x86_64")]
mod wide {
	use std::arch::x86_64::*;

	/// A table in four registers.
	#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
	fn load(table: &[u8; 256]) -> [__m512i; 4] {
		// SAFETY: each load takes 64 of the 256 bytes.
		[0, 64, 128, 192].map(|at| unsafe { _mm512_loadu_si512(table.as_ptr().add(at).cast()) })
	}

	/// The entries at 64 indices of 0 to 255.
	#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
	fn pick(table: &[__m512i; 4], at: __m512i) -> __m512i {
		// Each permutation uses seven bits of the index, the eighth chooses between them.
		let low = _mm512_permutex2var_epi8(table[0], at, table[1]);
		let high = _mm512_permutex2var_epi8(table[2], at, table[3]);
		_mm512_mask_blend_epi8(_mm512_movepi8_mask(at), low, high)
	}

	/// The mask of the first `n` of 64 bytes.
	fn first(n: usize) -> u64 {
		if n >= 64 {
			u64::MAX
		} else {
			(1 << n) - 1
		}
	}

	/// `table` for indices that are not yet shifted by 128: halves change places.
	#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
	fn signed(table: &[i8; 256]) -> [__m512i; 4] {
		let [a, b, c, d] = load(bytemuck::cast_ref(table));
		[c, d, a, b]
	}

	#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
	pub(super) fn lookup(lines: &mut [i8], table: &[i8; 256]) {
		let table = signed(table);
		for x in lines.chunks_mut(64) {
			let mask = first(x.len());
			// SAFETY: the mask keeps both within the slice.
			unsafe {
				let at = _mm512_maskz_loadu_epi8(mask, x.as_ptr());
				_mm512_mask_storeu_epi8(x.as_mut_ptr(), mask, pick(&table, at));
			}
		}
	}

	#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
	pub(super) fn weights(from: &[i8], to: &mut [u16], max: i8, table: &super::Weights) {
		let (low, high) = (load(&table.low), load(&table.high));
		let max = _mm512_set1_epi8(max);
		// Unpacking works within quarters of a register: this order of eight-byte groups puts them right.
		let order = _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7);
		for (x, y) in from.chunks(64).zip(to.chunks_mut(64)) {
			let n = x.len().min(y.len());
			// SAFETY: the mask keeps the load within its slice.
			let x = unsafe { _mm512_maskz_loadu_epi8(first(n), x.as_ptr()) };
			let at = _mm512_permutexvar_epi64(order, _mm512_sub_epi8(max, x));
			let (l, h) = (pick(&low, at), pick(&high, at));
			let (a, b) = (_mm512_unpacklo_epi8(l, h), _mm512_unpackhi_epi8(l, h));
			let mask = first(n);
			// SAFETY: the masks keep the stores within their slice; the second begins inside or is empty.
			unsafe {
				_mm512_mask_storeu_epi16(y.as_mut_ptr().cast(), mask as u32, a);
				_mm512_mask_storeu_epi16(
					y.as_mut_ptr().wrapping_add(32).cast(),
					(mask >> 32) as u32,
					b,
				);
			}
		}
	}
}
