// SPDX-License-Identifier: Apache-2.0
//! Stochastic gradient descent.

use crate::{
	level::{leveled, Cpu},
	philox::philox,
	pool::Pool,
};

leveled! {
	/// Elements from index `4 * first` on.
	fn step(first: usize, w: &[i32], g: &[i32], key: [u32; 2], step: u32, shift: u32, out: &mut [i32]) {
		let mask = (1u32 << shift) - 1;
		for (i, ((w, g), y)) in w.chunks(4).zip(g.chunks(4)).zip(out.chunks_mut(4)).enumerate() {
			// A tensor has fewer than 2^34 elements.
			let random = philox(key, [(first + i) as u32, 0, step, 0]);
			for (((w, g), y), r) in w.iter().zip(g).zip(y).zip(random) {
				*y = w.wrapping_sub(g.wrapping_add((r & mask) as i32) >> shift);
			}
		}
	}
}

/// One step: `w - ((g + r) >> shift)` with random `r` below `2^shift`.
pub(crate) fn sgd_step(
	cpu: Cpu,
	pool: &Pool,
	[w, g, seed, number]: [&[i32]; 4],
	shift: u8,
	out: &mut [i32],
) {
	let word = |v: &[i32], i: usize| v.get(i).copied().unwrap_or_default() as u32;
	let (key, number) = ([word(seed, 0), word(seed, 1)], word(number, 0));
	pool.rows(out, 4, 16, |first, out| {
		let at = first * 4..first * 4 + out.len();
		step(cpu, first, &w[at.clone()], &g[at], key, number, u32::from(shift), out);
	});
}
