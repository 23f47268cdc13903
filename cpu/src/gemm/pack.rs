// SPDX-License-Identifier: Apache-2.0
//! Layouts in which the microkernels read operands.
//!
//! VNNI multiplies u8 by i8: the left operand is stored with 128 added, and 128 times the sum of each right row is
//! taken from the sums beforehand. The sums wrap in between and are exact in the end. AVX2 multiplies pairs of i16, and
//! the portable kernel whole rows.

use super::{Format, CHUNK};
use crate::{
	buffer::Buffer,
	level::{leveled, Cpu},
	pool::Pool,
	strip::LANES,
	Level,
};

/// Dimensions of packed right operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Panels {
	/// Right operands.
	pub(crate) matrices: usize,
	/// Rows of each: columns of the product.
	pub(crate) n: usize,
	pub(crate) k: usize,
}

impl Panels {
	/// Panels of one matrix.
	pub(crate) fn count(&self) -> usize {
		self.n.div_ceil(LANES)
	}

	/// Bytes of one panel.
	pub(super) fn panel(&self, cpu: Cpu) -> usize {
		let format = Format::of(cpu);
		format.chunks(self.k) * format.depth * LANES
	}

	/// Bytes that the packed matrices take.
	pub(crate) fn bytes(&self, cpu: Cpu) -> u64 {
		let panels = self.matrices * self.count();
		Buffer::footprint((panels * self.panel(cpu)) as u64) + (panels * LANES * 4) as u64
	}
}

/// Packed right operands.
#[derive(Clone, Default)]
pub(crate) struct Packed {
	data: Buffer,
	/// What the sums begin with.
	start: Vec<i32>,
}

impl Packed {
	/// Room for operands of up to so many bytes, to be packed into again and again.
	pub(crate) fn room(panels: &[Panels], cpu: Cpu) -> Self {
		let data = panels.iter().map(|p| p.matrices * p.count() * p.panel(cpu)).max();
		let start = panels.iter().map(|p| p.matrices * p.count() * LANES).max();
		Self { data: Buffer::new(data.unwrap_or(0)), start: vec![0; start.unwrap_or(0)] }
	}

	/// Makes sure that there is room for such operands; a run's own are known beforehand, a verification's are not.
	fn reserve(&mut self, panels: Panels, cpu: Cpu) {
		let count = panels.matrices * panels.count();
		if self.data.i8s().len() < count * panels.panel(cpu) || self.start.len() < count * LANES {
			*self = Self::room(&[panels], cpu);
		}
	}

	/// One panel and what its sums begin with.
	#[inline(always)]
	pub(super) fn panel(&self, index: usize, bytes: usize) -> (&[i8], &[i32; LANES]) {
		let start = crate::scales::lanes(&self.start, index * LANES);
		(&self.data.i8s()[index * bytes..(index + 1) * bytes], start)
	}
}

/// Packs the matrices `b`, one after another, each `n` rows of `k` elements.
pub(crate) fn pack(cpu: Cpu, pool: &Pool, b: &[i8], panels: Panels, into: &mut Packed) {
	let Panels { matrices, n, k } = panels;
	let (count, bytes) = (panels.count(), panels.panel(cpu));
	into.reserve(panels, cpu);
	let work = |index: usize, panel: &mut [i8], start: &mut [i32]| {
		let (matrix, from) = (index / count, index % count * LANES);
		let rows = &b[(matrix * n + from) * k..(matrix * n + n.min(from + LANES)) * k];
		match cpu.level() {
			Level::Avx512 | Level::AvxVnni => quads(cpu, rows, k, panel, start),
			Level::Avx2 => pairs(rows, k, panel),
			Level::Portable => lines(rows, k, panel),
		}
	};
	let total = matrices * count;
	let data = &mut into.data.i8s_mut()[..total * bytes];
	let start = &mut into.start[..total * LANES];
	if pool.threads() == 1 || total * bytes < 64 * 1024 {
		let both = data.chunks_exact_mut(bytes).zip(start.chunks_exact_mut(LANES));
		both.enumerate().for_each(|(i, (panel, start))| work(i, panel, start));
	} else {
		use rayon::prelude::*;
		pool.enter(|| {
			let both = data.par_chunks_exact_mut(bytes).zip(start.par_chunks_exact_mut(LANES));
			both.enumerate().for_each(|(i, (panel, start))| work(i, panel, start));
		});
	}
}

leveled! {
	/// For each four elements of K, those of 32 rows; `start` is -128 times the sum of each row.
	fn quads(rows: &[i8], k: usize, panel: &mut [i8], start: &mut [i32]) {
		let height = rows.len() / k;
		if height < LANES || !k.is_multiple_of(4) {
			panel.fill(0);
		}
		// Four rows and sixteen elements at a time are a transposition of dwords within registers.
		let blocks = if k.is_multiple_of(4) { height / 4 } else { 0 };
		for block in 0..blocks {
			let from: [&[i8]; 4] = std::array::from_fn(|r| &rows[(block * 4 + r) * k..][..k]);
			let wide = k / 16;
			for c in 0..wide {
				let quad: [[u8; 16]; 4] = from.map(|row| {
					let mut bytes = [0; 16];
					bytes.copy_from_slice(bytemuck::cast_slice(&row[c * 16..c * 16 + 16]));
					bytes
				});
				for q in 0..4 {
					let at = (c * 4 + q) * 4 * LANES + block * 16;
					let to: &mut [u8] = bytemuck::cast_slice_mut(&mut panel[at..at + 16]);
					for r in 0..4 {
						to[r * 4..r * 4 + 4].copy_from_slice(&quad[r][q * 4..q * 4 + 4]);
					}
				}
			}
			for q in wide * 4..k / 4 {
				for (r, row) in from.iter().enumerate() {
					let at = q * 4 * LANES + (block * 4 + r) * 4;
					panel[at..at + 4].copy_from_slice(&row[q * 4..q * 4 + 4]);
				}
			}
		}
		// Whole blocks write all quads of K but the padding of its last chunk.
		let written = k / 4 * 4 * LANES;
		if written < panel.len() && blocks > 0 {
			panel[written..].fill(0);
		}
		for (r, row) in rows.chunks_exact(k).enumerate().skip(blocks * 4) {
			for (q, quad) in row.chunks(4).enumerate() {
				let at = q * 4 * LANES + r * 4;
				panel[at..at + quad.len()].copy_from_slice(quad);
			}
		}
		start.fill(0);
		for (sum, row) in start.iter_mut().zip(rows.chunks_exact(k)) {
			*sum = row.iter().fold(0i32, |sum, &x| sum + i32::from(x)) * -128;
		}
	}
}

/// Twice 16 rows; of each, for each two elements of K, those of 16 rows.
fn pairs(rows: &[i8], k: usize, panel: &mut [i8]) {
	panel.fill(0);
	let half = panel.len() / 2;
	for (r, row) in rows.chunks_exact(k).enumerate() {
		let to = &mut panel[r / 16 * half..][..half];
		for (p, pair) in row.chunks(2).enumerate() {
			let at = p * 32 + r % 16 * 2;
			to[at..at + pair.len()].copy_from_slice(pair);
		}
	}
}

/// The rows as they are, padded.
fn lines(rows: &[i8], k: usize, panel: &mut [i8]) {
	panel.fill(0);
	let length = panel.len() / LANES;
	for (row, to) in rows.chunks_exact(k).zip(panel.chunks_exact_mut(length)) {
		to[..k].copy_from_slice(row);
	}
}

/// Puts one left row of K elements into its place among the `height` rows of a tile: every chunk holds 16 bytes of each.
#[inline(always)]
pub(super) fn left_row(cpu: Cpu, row: &[i8], tile: &mut [u8], r: usize, height: usize) {
	if matches!(cpu.level(), Level::Avx512 | Level::AvxVnni) {
		unsigned(cpu, row, tile, r, height);
	} else {
		widened(cpu, row, tile, r, height);
	}
}

leveled! {
	fn unsigned(row: &[i8], tile: &mut [u8], r: usize, height: usize) {
		let chunks = row.chunks_exact(16);
		let rest = chunks.remainder();
		let mut at = r * CHUNK;
		for chunk in chunks {
			let mut bytes = [0u8; 16];
			bytes.copy_from_slice(bytemuck::cast_slice(chunk));
			let flipped = u128::from_ne_bytes(bytes) ^ 0x8080_8080_8080_8080_8080_8080_8080_8080;
			tile[at..at + CHUNK].copy_from_slice(&flipped.to_ne_bytes());
			at += height * CHUNK;
		}
		if !rest.is_empty() {
			// Padding meets zeros of the right operand, so it may be anything.
			let to = &mut tile[at..at + CHUNK];
			to.fill(0);
			for (y, x) in to.iter_mut().zip(rest) {
				*y = *x as u8 ^ 0x80;
			}
		}
	}
}

leveled! {
	fn widened(row: &[i8], tile: &mut [u8], r: usize, height: usize) {
		let mut at = r * CHUNK;
		for chunk in row.chunks(8) {
			let mut wide = [0i16; 8];
			for (y, x) in wide.iter_mut().zip(chunk) {
				*y = i16::from(*x);
			}
			tile[at..at + CHUNK].copy_from_slice(bytemuck::cast_slice(&wide));
			at += height * CHUNK;
		}
	}
}
