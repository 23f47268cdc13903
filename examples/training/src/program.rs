// SPDX-License-Identifier: Apache-2.0
//! The programs: one epoch of training, and the classifier.
//!
//! What the integers stand for, as powers of two (`acc` are the i32 sums of a product):
//!
//! | tensor | unit | |
//! |---|---|---|
//! | pixels, i8 | 2^-7 | 0 to 112 |
//! | weights to train, i32 | 2^-15 | |
//! | weights of the forward pass, i8 | 2^-6 | `Requant` by 2^-9: -2 to 2 |
//! | hidden activations, i8 | 2^-5, then 2^-4 | `Requant` of acc by 2^-8, then 2^-7 |
//! | logits, i8 | 2^-2 | `Requant` of acc by 2^-8; the table of the softmax is `exp(-d / 8)` |
//! | gradients by logits and activations, i8 | 1/127 | `Requant` by 2^-8, then 2^-6 |
//!
//! The units need not be exact: a factor in a gradient is a factor in the learning rate. Batches are summed over, not
//! averaged, for the same reason. Biases would add half as many operations again, and were not needed.

use crate::data::{HELD_OUT, IMAGES, PIXELS};
use calor_tensor::{program::VERSION, Op, Program, Scale, TensorId, TensorType};

/// Neurons of each layer, the input first.
pub const LAYERS: [u32; 4] = [PIXELS, 128, 64, 10];
/// Images in a batch.
pub const BATCH: u32 = 64;
/// Batches in an epoch; the 46 images that are left over take their turn in another epoch.
pub const BATCHES: u32 = IMAGES / BATCH;
/// The weights of the forward pass are those to train, shifted right by this.
pub const WEIGHT_SHIFT: u8 = 9;
/// From the sums of each layer to its results.
const FORWARD: [u8; 3] = [8, 7, 8];
/// From the gradients of [`Op::CrossEntropyGrad`] to i8.
const LOSS: u8 = 8;
/// From the sums of the backward pass to the gradients of the layer below.
const BACKWARD: u8 = 6;
/// The label's element in a target; the softmax is in units of 1/127.
const ONE: i8 = 127;

/// Grows a program operation by operation.
struct Growing {
	leaves: usize,
	ops: Vec<Op>,
}

impl Growing {
	/// Appends an operation and says which tensor it defines.
	fn op(&mut self, op: Op) -> TensorId {
		self.ops.push(op);
		// Programs have at most 4,096 operations and 272 operands.
		(self.leaves + self.ops.len() - 1) as TensorId
	}

	/// i32 to i8 by `2^-shift`, rounded.
	fn requant(&mut self, x: TensorId, shift: u8) -> TensorId {
		self.op(Op::Requant { x, zero: 0, scales: vec![Scale { multiplier: 1, shift }] })
	}

	fn swap(&mut self, x: TensorId) -> TensorId {
		self.op(Op::Transpose { x, perm: vec![1, 0] })
	}

	/// The i8 weights of each layer.
	fn weights(&mut self, trained: &[TensorId]) -> Vec<TensorId> {
		trained.iter().map(|&w| self.requant(w, WEIGHT_SHIFT)).collect()
	}

	/// What each layer gives, the input first and the logits last.
	fn forward(&mut self, x: TensorId, weights: &[TensorId]) -> Vec<TensorId> {
		let mut results = vec![x];
		let mut x = x;
		for (i, (&w, shift)) in weights.iter().zip(FORWARD).enumerate() {
			x = self.op(Op::MatMul { a: x, b: w });
			x = self.requant(x, shift);
			if i + 1 < weights.len() {
				x = self.op(Op::Relu { x });
			}
			results.push(x);
		}
		results
	}

	/// Gradient by a layer's input, from `gradient` by its output; `active` is that input, a rectified activation.
	fn backward(&mut self, gradient: TensorId, w: TensorId, active: TensorId) -> TensorId {
		let w = self.swap(w);
		let sums = self.op(Op::MatMul { a: gradient, b: w });
		let sign = self.op(Op::Clamp { x: active, low: 0, high: 1 });
		// `(2 x + 1) >> 1` is x: i8 becomes i32.
		let sign =
			self.op(Op::Rescale { x: sign, scales: vec![Scale { multiplier: 2, shift: 1 }] });
		let through = self.op(Op::MulI32 { a: sums, b: sign });
		self.requant(through, BACKWARD)
	}
}

/// Weights of the softmax: `65535 exp(-d / 8)`, rounded.
fn exponentials() -> Vec<u16> {
	(0..256u32).map(|d| (65_535.0 * (-f64::from(d) / 8.0).exp()).round() as u16).collect()
}

fn weight_types() -> Vec<TensorType> {
	LAYERS.windows(2).map(|pair| TensorType::i32(&[pair[1], pair[0]])).collect()
}

/// One epoch at learning rate `2^-rate` a unit.
///
/// Inputs: the three weights (`i32[out, in]`), the step's number (`i32[1]`), the seed (`i32[2]`), the order of the
/// images (`i32[1152]`). Constants: images, labels, and a one. Outputs: the weights and the step's number, to go on with.
pub fn epoch(rate: u8) -> Program {
	let mut inputs = weight_types();
	let layers = inputs.len();
	inputs.extend([
		TensorType::i32(&[1]),
		TensorType::i32(&[2]),
		TensorType::i32(&[BATCHES * BATCH]),
	]);
	let constants = vec![
		TensorType::i8(&[IMAGES, PIXELS]),
		TensorType::i32(&[IMAGES, 1]),
		TensorType::i32(&[1]),
	];
	let mut weights: Vec<TensorId> = (0..layers as TensorId).collect();
	let mut step = layers as TensorId;
	let [seed, order, images, labels, one] = [1, 2, 3, 4, 5].map(|i| step + i);
	let table = exponentials();
	let mut g = Growing { leaves: inputs.len() + constants.len(), ops: Vec::new() };

	for batch in 0..BATCHES {
		let index = g.op(Op::Slice { x: order, start: vec![batch * BATCH], dims: vec![BATCH] });
		let x = g.op(Op::Gather { table: images, index });
		let label = g.op(Op::Gather { table: labels, index });
		let label = g.op(Op::Reshape { x: label, dims: vec![BATCH] });
		let target = g.op(Op::OneHot { x: label, classes: LAYERS[layers], on: ONE });

		let used = g.weights(&weights);
		let results = g.forward(x, &used);
		let loss = Op::CrossEntropyGrad { x: results[layers], target, table: table.clone() };
		let loss = g.op(loss);
		let mut gradient = g.requant(loss, LOSS);
		for layer in (0..layers).rev() {
			let (by_sum, input) = (g.swap(gradient), g.swap(results[layer]));
			let by_weight = g.op(Op::MatMul { a: by_sum, b: input });
			if layer > 0 {
				gradient = g.backward(gradient, used[layer], results[layer]);
			}
			let w = weights[layer];
			weights[layer] = g.op(Op::SgdStep { w, g: by_weight, seed, step, shift: rate });
		}
		step = g.op(Op::AddI32 { a: step, b: one });
	}
	let outputs = weights.into_iter().chain([step]).collect();
	Program { version: VERSION, inputs, constants, ops: g.ops, outputs }
}

/// Classes of the images held out: `i32[599, 1]` from `i8[599, 64]` and the weights as they are trained.
pub fn classifier() -> Program {
	let mut inputs = vec![TensorType::i8(&[HELD_OUT, PIXELS])];
	inputs.extend(weight_types());
	let mut g = Growing { leaves: inputs.len(), ops: Vec::new() };
	let trained: Vec<TensorId> = (1..inputs.len() as TensorId).collect();
	let used = g.weights(&trained);
	let results = g.forward(0, &used);
	let class = g.op(Op::ArgMax { x: results[used.len()] });
	Program { version: VERSION, inputs, constants: Vec::new(), ops: g.ops, outputs: vec![class] }
}
