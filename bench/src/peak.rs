// SPDX-License-Identifier: Apache-2.0
//! What this machine's cores could do at best: int8 products from registers, and bytes from memory. Both are measured.

use std::{
	cell::Cell,
	hint::black_box,
	thread,
	time::{Duration, Instant},
};

/// Windows of each measurement, of which the best counts: other programs can only take away. They are shorter than the
/// time that a scheduler gives a program.
const WINDOWS: usize = 400;
/// How long a window is at least.
const WINDOW: Duration = Duration::from_micros(500);
/// Bytes that each thread reads: more than any cache holds.
const BYTES: usize = 256 << 20;
/// Bytes between two looks at the clock.
const PART: usize = 1 << 20;

/// int8 operations a second of all cores together, additions and multiplications counted apart, and the instruction that
/// does them; none if this program knows no int8 instruction of this CPU.
pub fn int8() -> Option<(f64, &'static str)> {
	#[cfg(target_arch = "x86_64")]
	{
		use vectors::*;
		if is_x86_feature_detected!("avx512vnni") && is_x86_feature_detected!("avx512f") {
			// SAFETY: the CPU has these instructions.
			return Some((rate(|n| unsafe { vnni512(n) }), "vpdpbusd, 512 bits"));
		}
		if is_x86_feature_detected!("avxvnni") && is_x86_feature_detected!("avx2") {
			// SAFETY: the CPU has these instructions.
			return Some((rate(|n| unsafe { vnni256(n) }), "vpdpbusd, 256 bits"));
		}
		if is_x86_feature_detected!("avx2") {
			// SAFETY: the CPU has these instructions.
			return Some((rate(|n| unsafe { madd256(n) }), "vpmaddubsw and vpmaddwd, 256 bits"));
		}
	}
	None
}

/// Bytes a second that all cores together read from memory.
pub fn bandwidth() -> f64 {
	on_all_cores(|| {
		let data = vec![1u64; BYTES / 8];
		let parts: Vec<&[u64]> = data.chunks_exact(PART / 8).collect();
		let next = Cell::new(0);
		best_window(|| {
			let part = parts[next.get()];
			next.set((next.get() + 1) % parts.len());
			black_box(part.iter().fold(0u64, |sum, x| sum.wrapping_add(*x)));
			PART as u64
		})
	})
}

/// The sum of what `measure` returns on each core.
fn on_all_cores(measure: impl Fn() -> f64 + Sync) -> f64 {
	let cores = thread::available_parallelism().map_or(1, usize::from);
	thread::scope(|scope| {
		let workers: Vec<_> = (0..cores).map(|_| scope.spawn(&measure)).collect();
		workers.into_iter().filter_map(|worker| worker.join().ok()).sum()
	})
}

/// Units a second that `work`, which returns how many it did, does in the best window.
fn best_window(work: impl Fn() -> u64) -> f64 {
	work();
	let window = || {
		let (start, mut units) = (Instant::now(), 0);
		while start.elapsed() < WINDOW {
			units += work();
		}
		units as f64 / start.elapsed().as_secs_f64()
	};
	(0..WINDOWS).map(|_| window()).fold(0.0, f64::max)
}

/// Operations a second of `work(n)`, which does `n` rounds and returns its operations, on all cores.
#[cfg(target_arch = "x86_64")]
fn rate(work: impl Fn(u64) -> u64 + Sync) -> f64 {
	const ROUNDS: u64 = 2_000;
	on_all_cores(|| best_window(|| work(ROUNDS)))
}

#[cfg(target_arch = "x86_64")]
mod vectors {
	use std::{arch::x86_64::*, hint::black_box};

	/// Enough independent sums to hide the latency of each.
	const SUMS: usize = 12;

	/// Rounds of products by AVX-512 VNNI.
	#[target_feature(enable = "avx512f,avx512vnni")]
	pub fn vnni512(rounds: u64) -> u64 {
		let (a, b) = (black_box(_mm512_set1_epi8(3)), black_box(_mm512_set1_epi8(-5)));
		let mut sums = [_mm512_setzero_si512(); SUMS];
		for _ in 0..rounds {
			for sum in &mut sums {
				*sum = _mm512_dpbusd_epi32(*sum, a, b);
			}
		}
		black_box(sums);
		rounds * SUMS as u64 * 64 * 2
	}

	/// Rounds of products by AVX-VNNI.
	#[target_feature(enable = "avx2,avxvnni")]
	pub fn vnni256(rounds: u64) -> u64 {
		let (a, b) = (black_box(_mm256_set1_epi8(3)), black_box(_mm256_set1_epi8(-5)));
		let mut sums = [_mm256_setzero_si256(); SUMS];
		for _ in 0..rounds {
			for sum in &mut sums {
				*sum = _mm256_dpbusd_avx_epi32(*sum, a, b);
			}
		}
		black_box(sums);
		rounds * SUMS as u64 * 32 * 2
	}

	/// Rounds of products by AVX2.
	#[target_feature(enable = "avx2")]
	pub fn madd256(rounds: u64) -> u64 {
		let (a, b) = (black_box(_mm256_set1_epi8(3)), black_box(_mm256_set1_epi8(-5)));
		let ones = black_box(_mm256_set1_epi16(1));
		let mut sums = [_mm256_setzero_si256(); SUMS];
		for _ in 0..rounds {
			for sum in &mut sums {
				// The product of constants must not leave the loop.
				let pairs = _mm256_maddubs_epi16(_mm256_xor_si256(a, *sum), b);
				*sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(pairs, ones));
			}
		}
		black_box(sums);
		rounds * SUMS as u64 * 32 * 2
	}
}
