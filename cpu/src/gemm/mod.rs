// SPDX-License-Identifier: Apache-2.0
//! Products of i8 matrices.
//!
//! The right operand is packed into panels of 32 columns, once if it is a constant; the left one is packed tile by tile
//! into a block that stays in the second cache while the panels pass by. A microkernel computes a tile of up to 12 by 32
//! sums in registers, over the whole of K, and leaves it as a strip to which the step's pointwise operations are applied
//! before it is stored. Convolutions differ only in how rows of the left operand are come by.

mod driver;
mod micro;
mod pack;

pub(crate) use driver::{product, Left, Product, Scratch};
pub(crate) use pack::{pack, Packed, Panels};

use crate::{level::Cpu, Level};

/// Bytes of a left row in one chunk of K: 16 elements of u8 or 8 of i16.
const CHUNK: usize = 16;

/// How a level lays out operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Format {
	/// Most rows of a tile.
	rows: usize,
	/// Elements of K in a chunk.
	depth: usize,
}

impl Format {
	fn of(cpu: Cpu) -> Self {
		match cpu.level() {
			Level::Avx512 => Self { rows: 12, depth: 16 },
			Level::AvxVnni => Self { rows: 6, depth: 16 },
			Level::Avx2 => Self { rows: 6, depth: 8 },
			Level::Portable => Self { rows: 1, depth: 8 },
		}
	}

	/// Chunks that cover `k`.
	fn chunks(self, k: usize) -> usize {
		k.div_ceil(self.depth)
	}
}
