// SPDX-License-Identifier: Apache-2.0
//! Random and edge-case programs with operands, by which engines are held against the reference.
//!
//! Everything here is a function of a seed, so that a failure on one machine can be repeated on any other.

#![allow(clippy::arithmetic_side_effects, reason = "test data, bounded by construction")]

mod edges;
pub mod golden;
mod grow;

pub use edges::edge_cases;

use crate::{
	layout::Layout,
	program::{Op, Program, Scale, TensorId, Window, VERSION},
	tensor::{Data, Tensor},
	types::{DType, TensorType},
	validate::Validated,
};
use alloc::{string::String, vec, vec::Vec};

/// Most tiles of an input or a result of a random program.
const MAX_TILES: u32 = 256;

/// A program and its operands: inputs, then constants.
#[derive(Clone, Debug)]
pub struct Case {
	/// What it is about; empty for random cases.
	pub name: String,
	/// The program.
	pub program: Program,
	/// Inputs, then constants.
	pub operands: Vec<Tensor>,
}

/// SplitMix64: small, seedable, good enough to choose test cases.
#[derive(Clone, Debug)]
pub struct Choice(u64);

impl Choice {
	/// A generator that depends on nothing but `seed`.
	pub const fn new(seed: u64) -> Self {
		Self(seed)
	}

	/// The next 64 bits.
	pub fn bits(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	/// A number in `low..=high`.
	pub fn within(&mut self, low: u64, high: u64) -> u64 {
		low + self.bits() % (high - low + 1)
	}

	/// One of `items`; the default if there are none.
	pub fn of<T: Copy + Default>(&mut self, items: &[T]) -> T {
		let at = self.bits() as usize % items.len().max(1);
		items.get(at).copied().unwrap_or_default()
	}

	/// Elements of all kinds: uniform, extreme, or all alike.
	pub fn tensor(&mut self, ty: &TensorType) -> Option<Tensor> {
		let n = ty.elements() as usize;
		let style = self.within(0, 5);
		let data = match ty.dtype {
			DType::I8 => Data::I8(match style {
				0 => vec![i8::MIN; n],
				1 => (0..n).map(|_| self.of(&[i8::MIN, i8::MAX, -1, 0, 1])).collect(),
				_ => (0..n).map(|_| self.bits() as i8).collect(),
			}),
			DType::I32 => Data::I32(match style {
				0 => vec![i32::MIN; n],
				1 => (0..n).map(|_| self.of(&[i32::MIN, i32::MAX, -1, 0, 1])).collect(),
				2 => (0..n).map(|_| (self.bits() as i32) >> 16).collect(),
				// Such as indices are.
				3 => (0..n).map(|_| self.within(0, 80) as i32 - 5).collect(),
				_ => (0..n).map(|_| self.bits() as i32).collect(),
			}),
		};
		Tensor::from_data(ty.clone(), data).ok()
	}

	fn dim(&mut self) -> u32 {
		match self.within(0, 9) {
			0 => 1,
			1 => self.of(&[63, 64, 65, 127, 128, 129]),
			_ => self.within(1, 20) as u32,
		}
	}

	fn dims(&mut self) -> Vec<u32> {
		let rank = self.within(1, 4);
		let mut dims: Vec<u32> = (0..rank).map(|_| self.dim()).collect();
		// Keep a case small: the reference is not fast, and tiles are hashed whole however few elements they hold.
		let large = |dims: &[u32]| {
			let ty = TensorType::i8(dims);
			ty.elements() > 20_000 || Layout::of(&ty).is_none_or(|l| l.tiles() > MAX_TILES)
		};
		while large(&dims) {
			if let Some(longest) = dims.iter_mut().max() {
				*longest = longest.div_ceil(2);
			}
		}
		dims
	}

	/// A window of a few taps that fits an image of that height and width more often than not.
	fn window(&mut self, image: [u32; 2]) -> Window {
		let mut up_to = |most: u32| self.within(0, most.into()) as u16;
		let size = image.map(|length| 1 + up_to(length.min(3) - 1));
		let pad = [size[0], size[1], size[0], size[1]].map(|size| up_to(size.into()));
		let stride = [1 + up_to(2), 1 + up_to(2)];
		let dilation = [1 + up_to(1), 1 + up_to(1)];
		Window { size, stride, pad, dilation }
	}

	/// Weights of a softmax: falling as they should, all alike, or at random.
	fn weights(&mut self) -> Vec<u16> {
		let style = self.within(0, 3);
		let mut table: Vec<u16> = (0..256u32)
			.map(|d| match style {
				0 => u16::MAX,
				1 => self.bits() as u16,
				_ => (40_000 >> (d / 8)) as u16,
			})
			.collect();
		if let Some(first) = table.first_mut() {
			*first = (*first).max(1);
		}
		table
	}

	/// One scale, or one for each of `channels` unless those are many.
	fn scales(&mut self, channels: u32) -> Vec<Scale> {
		let single = channels > 1_024 || self.within(0, 1) == 0;
		(0..if single { 1 } else { channels }).map(|_| self.scale()).collect()
	}

	fn scale(&mut self) -> Scale {
		let multiplier = match self.within(0, 4) {
			0 => 0,
			1 => (1 << 31) - 1,
			_ => (self.bits() as u32) >> 1,
		};
		let shift = match self.within(0, 5) {
			0 => 1,
			1 => 62,
			2 => self.within(31, 34) as u8,
			_ => self.within(1, 62) as u8,
		};
		Scale { multiplier, shift }
	}
}

/// A valid random program with operands, the same for the same seed.
pub fn random_case(seed: u64) -> Case {
	grow::random(seed, 12)
}

/// One program around a single operation on given operands.
pub fn single(name: &str, op: Op, inputs: Vec<Tensor>) -> Case {
	let program = Program {
		version: VERSION,
		inputs: inputs.iter().map(|t| t.ty().clone()).collect(),
		constants: Vec::new(),
		ops: vec![op],
		outputs: vec![inputs.len() as TensorId],
	};
	Case { name: name.into(), program, operands: inputs }
}

/// Validates a case that must be valid.
///
/// # Errors
/// What breaks which rule: then the generator is wrong.
pub fn validated(case: &Case) -> Result<Validated, crate::validate::Fault> {
	case.program.clone().validate()
}
