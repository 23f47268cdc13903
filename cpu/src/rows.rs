// SPDX-License-Identifier: Apache-2.0
//! Operations on whole rows.

use crate::{
	buffer::{Out, View},
	level::{leveled, Cpu},
	pool::Pool,
	scales::Scales,
	table::{weights, Weights},
};

/// Longest row of softmax and normalisations.
const LONGEST: usize = 8_192;

leveled! {
	fn max8(row: &[i8]) -> i8 {
		row.iter().fold(i8::MIN, |m, &x| m.max(x))
	}
}

leveled! {
	fn max32(row: &[i32]) -> i32 {
		row.iter().fold(i32::MIN, |m, &x| m.max(x))
	}
}

leveled! {
	fn sum8(row: &[i8]) -> i32 {
		row.iter().fold(0, |sum: i32, &x| sum.wrapping_add(i32::from(x)))
	}
}

leveled! {
	fn sum32(row: &[i32]) -> i32 {
		row.iter().fold(0, |sum: i32, &x| sum.wrapping_add(x))
	}
}

leveled! {
	/// Sum and sum of squares; a row of at most 8,192 elements keeps both below 2^28.
	fn moments(row: &[i8]) -> (i32, i32) {
		row.iter().fold((0i32, 0i32), |(s, q), &x| {
			(s + i32::from(x), q + i32::from(i16::from(x) * i16::from(x)))
		})
	}
}

/// One result for each row of `n` elements.
fn reduce<T: Sync + Copy, R: Send>(
	pool: &Pool,
	x: &[T],
	n: usize,
	out: &mut [R],
	f: impl Fn(&[T]) -> R + Sync + Send,
) {
	pool.rows(out, 1, n * size_of::<T>(), |first, out| {
		for (row, y) in x[first * n..].chunks_exact(n).zip(out) {
			*y = f(row);
		}
	});
}

/// Greatest element of each row.
pub(crate) fn row_max(cpu: Cpu, pool: &Pool, x: View<'_>, n: usize, out: Out<'_>) {
	match (x, out) {
		(View::I8(x), Out::I8(out)) => reduce(pool, x, n, out, |row| max8(cpu, row)),
		(View::I32(x), Out::I32(out)) => reduce(pool, x, n, out, |row| max32(cpu, row)),
		_ => {},
	}
}

/// Lowest index of the greatest element of each row.
pub(crate) fn arg_max(cpu: Cpu, pool: &Pool, x: View<'_>, n: usize, out: Out<'_>) {
	fn first<T: PartialEq>(row: &[T], max: T) -> i32 {
		// A row has fewer than 2^31 elements.
		row.iter().position(|x| *x == max).unwrap_or_default() as i32
	}
	let out = out.i32s();
	match x {
		View::I8(x) => reduce(pool, x, n, out, |row| first(row, max8(cpu, row))),
		View::I32(x) => reduce(pool, x, n, out, |row| first(row, max32(cpu, row))),
	}
}

/// Sum of each row.
pub(crate) fn row_sum(cpu: Cpu, pool: &Pool, x: View<'_>, n: usize, out: Out<'_>) {
	let out = out.i32s();
	match x {
		View::I8(x) => reduce(pool, x, n, out, |row| sum8(cpu, row)),
		View::I32(x) => reduce(pool, x, n, out, |row| sum32(cpu, row)),
	}
}

leveled! {
	fn sum16(row: &[u16]) -> u32 {
		row.iter().fold(0, |sum: u32, &x| sum + u32::from(x))
	}
}

leveled! {
	/// `(e * unit + S / 2) / S` as i8.
	///
	/// By doubles, and exact: with `n < 2^32` and `S < 2^30` the quotient `(n + 1/2) / S` stands at least `2^-31` away from
	/// every integer and is below `2^15`, while the two roundings move it by less than `2^-36`.
	fn shares8(e: &[u16], sum: u32, out: &mut [i8]) {
		let (half, inverse) = (f64::from(sum / 2) + 0.5, 1.0 / f64::from(sum));
		for (e, y) in e.iter().zip(out) {
			let n = f64::from(i32::from(*e) * 127) + half;
			// SAFETY: the quotient is 0 to 127.
			*y = unsafe { (n * inverse).to_int_unchecked::<i32>() } as i8;
		}
	}
}

leveled! {
	/// As `shares8` in units of 1/32,512, less 256 times the target.
	fn shares32(e: &[u16], sum: u32, target: &[i8], out: &mut [i32]) {
		let (half, inverse) = (f64::from(sum / 2) + 0.5, 1.0 / f64::from(sum));
		for ((e, t), y) in e.iter().zip(target).zip(out) {
			let n = f64::from(*e) * 32_512.0 + half;
			// SAFETY: the quotient is 0 to 32,512.
			let share = unsafe { (n * inverse).to_int_unchecked::<i32>() };
			*y = share - 256 * i32::from(*t);
		}
	}
}

/// Softmax of each row in units of 1/127.
pub(crate) fn softmax(cpu: Cpu, pool: &Pool, x: &[i8], n: usize, table: &Weights, out: &mut [i8]) {
	pool.rows(out, n, 4, |first, out| {
		let mut e = vec![0u16; n];
		for (row, y) in x[first * n..].chunks_exact(n).zip(out.chunks_exact_mut(n)) {
			weights(cpu, row, &mut e, max8(cpu, row), table);
			shares8(cpu, &e, sum16(cpu, &e), y);
		}
	});
}

/// Gradient of the cross entropy of each row's softmax.
pub(crate) fn cross_entropy_grad(
	cpu: Cpu,
	pool: &Pool,
	[x, target]: [&[i8]; 2],
	n: usize,
	table: &Weights,
	out: &mut [i32],
) {
	pool.rows(out, n, 4, |first, out| {
		let mut e = vec![0u16; n];
		let rows = x[first * n..].chunks_exact(n).zip(target[first * n..].chunks_exact(n));
		for ((row, target), y) in rows.zip(out.chunks_exact_mut(n)) {
			weights(cpu, row, &mut e, max8(cpu, row), table);
			shares32(cpu, &e, sum16(cpu, &e), target, y);
		}
	});
}

/// What a normalisation divides a row by, as a factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Root {
	/// `r`: 2^15 to 2^16.
	factor: i32,
	/// `s`: 1 to 21.
	shift: u32,
}

impl Root {
	/// For `1 <= u < 2^43`.
	fn of(u: u64) -> Self {
		// The highest bit of `w = u * 2^z` is bit 30 or 31 for an even z.
		let z = (31 - u.ilog2() as i32).div_euclid(2) * 2;
		let w = if z >= 0 { u << z } else { u >> -z };
		let d = w.isqrt();
		Self { factor: ((1u64 << 31) / d) as i32, shift: (16 - z / 2) as u32 }
	}
}

leveled! {
	/// `Requant((c * r + 2^(s-1)) >> s)` with `c = x * times - less`; everything stays far below 2^63, `c` within i32.
	fn normalise(x: &[i8], times: i32, less: i32, root: Root, scales: &Scales, zero: i8, out: &mut [i8]) {
		let (half, shift) = (1i64 << (root.shift - 1), root.shift);
		let factor = i64::from(root.factor);
		let mut col = 0;
		for (x, y) in x.chunks(32).zip(out.chunks_mut(32)) {
			let lanes = scales.at(col);
			let mut from = [0i32; 32];
			for (to, x) in from.iter_mut().zip(x) {
				*to = i32::from(*x) * times - less;
			}
			let mut to = [0i8; 32];
			for j in 0..32 {
				let t = (i64::from(from[j]) * factor + half) >> shift;
				// |t| < 2^23: |c| <= sqrt(N * u).
				to[j] = lanes.requant(t as i32, i64::from(zero), j);
			}
			y.copy_from_slice(&to[..y.len()]);
			col += 32;
		}
	}
}

/// Division of each row by its root mean square, less its mean if `centred`.
#[derive(Clone, Debug)]
pub(crate) struct Norm {
	pub(crate) centred: bool,
	pub(crate) eps: u32,
	pub(crate) zero: i8,
	pub(crate) scales: Scales,
}

impl Norm {
	pub(crate) fn run(&self, cpu: Cpu, pool: &Pool, x: &[i8], n: usize, out: &mut [i8]) {
		debug_assert!(n <= LONGEST);
		pool.rows(out, n, 4, |first, out| {
			for (row, y) in x[first * n..].chunks_exact(n).zip(out.chunks_exact_mut(n)) {
				let (sum, squares) = moments(cpu, row);
				let (u, times, less) = if self.centred {
					let sum64 = i64::from(sum);
					// Never negative, by Cauchy and Schwarz.
					let u = n as i64 * i64::from(squares) - sum64 * sum64;
					(u as u64 + u64::from(self.eps), n as i32, sum)
				} else {
					(squares as u64 + u64::from(self.eps), 1, 0)
				};
				normalise(cpu, row, times, less, Root::of(u), &self.scales, self.zero, y);
			}
		});
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn roots_of_the_worked_examples() {
		assert_eq!(Root::of(26), Root { factor: 51_410, shift: 3 });
		assert_eq!(Root::of(50), Root { factor: 37_072, shift: 3 });
	}

	#[test]
	fn shares_are_exact_quotients() {
		let cpu = Cpu::detect(None).unwrap();
		// Sums around powers of two and of the greatest row, where rounding would show first.
		for sum in (1..3000).chain((0..30).flat_map(|b| [(1 << b) - 1, 1 << b, (1 << b) + 1])) {
			let sum = sum.clamp(1, 8_192 * 65_535) as u32;
			let e: Vec<u16> =
				(0..=65_535u32).filter(|e| *e <= sum).step_by(7).map(|e| e as u16).collect();
			let mut small = vec![0; e.len()];
			shares8(cpu, &e, sum, &mut small);
			let mut large = vec![0; e.len()];
			shares32(cpu, &e, sum, &vec![0; e.len()], &mut large);
			for ((e, s), l) in e.iter().zip(&small).zip(&large) {
				let e = u32::from(*e);
				assert_eq!(*s as u32, (e * 127 + sum / 2) / sum, "{e} of {sum}");
				assert_eq!(*l as u32, (e * 32_512 + sum / 2) / sum, "{e} of {sum}");
			}
		}
	}
}
