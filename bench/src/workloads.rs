// SPDX-License-Identifier: Apache-2.0
//! The computations: products, convolutions, a multi-layer perceptron, a transformer encoder.

use crate::body::{ratio, scale, Body, Growing};
use calor_tensor::{program::Window, Op, TensorId, TensorType};

/// `i8[m, k]` times the constant `i8[n, k]`.
pub fn gemm(m: u32, n: u32, k: u32) -> Body {
	Body {
		inputs: vec![TensorType::i8(&[m, k])],
		constants: vec![TensorType::i8(&[n, k])],
		emit: Box::new(|g, x, w| g.op(Op::MatMul { a: x[0], b: w[0] })),
		result: TensorType::i32(&[m, n]),
	}
}

/// Shape of a convolution with "same" padding.
#[derive(Clone, Copy, Debug)]
pub struct Conv {
	/// Height and width of the image.
	pub side: u16,
	/// Channels of the image.
	pub channels: u32,
	/// Channels of the result.
	pub outputs: u32,
	/// Height and width of the window.
	pub size: u16,
	/// Steps from one output to the next.
	pub stride: u16,
	/// Groups of channels.
	pub groups: u32,
}

impl Conv {
	/// Padding at top, left, bottom and right: what TensorFlow calls "same".
	pub fn pad(&self) -> [u16; 4] {
		let total = (self.target() - 1) * self.stride + self.size;
		let total = total.saturating_sub(self.side);
		let before = total / 2;
		[before, before, total - before, total - before]
	}

	/// Height and width of the result.
	pub fn target(&self) -> u16 {
		self.side.div_ceil(self.stride)
	}

	/// Terms of each sum.
	pub fn terms(&self) -> u32 {
		u32::from(self.size) * u32::from(self.size) * self.channels / self.groups
	}
}

/// A layer: convolution, bias, and i8 again.
pub fn conv(conv: Conv) -> Body {
	let (side, target) = (u32::from(conv.side), u32::from(conv.target()));
	Body {
		inputs: vec![TensorType::i8(&[1, side, side, conv.channels])],
		constants: vec![
			TensorType::i8(&[conv.outputs, conv.terms()]),
			TensorType::i32(&[conv.outputs]),
		],
		emit: Box::new(move |g, x, c| {
			let window = Window {
				size: [conv.size; 2],
				stride: [conv.stride; 2],
				pad: conv.pad(),
				dilation: [1; 2],
			};
			let op = Op::Conv2d { x: x[0], weights: c[0], window, groups: conv.groups, zero: 0 };
			let sums = g.op(op);
			let sums = g.op(Op::Bias { x: sums, bias: c[1] });
			let scales = vec![scale(ratio(conv.terms())); conv.outputs as usize];
			g.op(Op::Requant { x: sums, zero: 0, scales })
		}),
		result: TensorType::i8(&[1, target, target, conv.outputs]),
	}
}

/// The multi-layer perceptron of `examples/digits`: layers of these widths, then ArgMax.
pub fn perceptron(batch: u32, widths: Vec<u32>) -> Body {
	let pairs = widths.windows(2);
	let constants = pairs
		.flat_map(|pair| [TensorType::i8(&[pair[1], pair[0]]), TensorType::i32(&[pair[1]])])
		.collect();
	Body {
		inputs: vec![TensorType::i8(&[batch, widths[0]])],
		constants,
		emit: Box::new(move |g, x, c| {
			let mut x = x[0];
			let layers = widths.len() - 1;
			for (i, layer) in c.chunks_exact(2).enumerate() {
				let sums = g.op(Op::MatMul { a: x, b: layer[0] });
				x = g.op(Op::Bias { x: sums, bias: layer[1] });
				if i + 1 < layers {
					let i8s = g.requant(x, ratio(widths[i]));
					x = g.op(Op::Relu { x: i8s });
				}
			}
			g.op(Op::ArgMax { x })
		}),
		result: TensorType::i32(&[batch, 1]),
	}
}

/// Shape of a transformer encoder.
#[derive(Clone, Copy, Debug)]
pub struct Encoder {
	/// Sequences.
	pub batch: u32,
	/// Tokens of a sequence.
	pub tokens: u32,
	/// Width of a token.
	pub width: u32,
	/// Heads of attention.
	pub heads: u32,
	/// Width within the feed-forward part.
	pub inner: u32,
	/// Layers.
	pub layers: u32,
}

impl Encoder {
	/// Multiply-accumulates of its products.
	pub fn macs(&self) -> u64 {
		let [b, t, w, i] = [self.batch, self.tokens, self.width, self.inner].map(u64::from);
		u64::from(self.layers) * b * t * (4 * w * w + 2 * w * i + 2 * t * w)
	}
}

/// Constants of a layer: query, key, value, projection, expansion, contraction, each with its bias.
const PER_LAYER: usize = 12;

/// `i8[batch * tokens, width]` to the same, as MiniLM and BERT: attention, then feed-forward with GELU, each added to what
/// it came from and normalised.
pub fn encoder(e: Encoder) -> Body {
	let mut constants = Vec::new();
	for _ in 0..e.layers {
		for (inputs, outputs) in
			[(e.width, e.width); 4].into_iter().chain([(e.width, e.inner), (e.inner, e.width)])
		{
			constants.extend([TensorType::i8(&[outputs, inputs]), TensorType::i32(&[outputs])]);
		}
	}
	let ty = TensorType::i8(&[e.batch * e.tokens, e.width]);
	Body {
		inputs: vec![ty.clone()],
		constants,
		emit: Box::new(move |g, x, c| {
			c.chunks_exact(PER_LAYER).fold(x[0], |x, layer| e.layer(g, x, layer))
		}),
		result: ty,
	}
}

impl Encoder {
	fn layer(&self, g: &mut Growing, x: TensorId, c: &[TensorId]) -> TensorId {
		let head = self.width / self.heads;
		let linear = |g: &mut Growing, x, at: usize| {
			let sums = g.op(Op::MatMul { a: x, b: c[2 * at] });
			g.op(Op::Bias { x: sums, bias: c[2 * at + 1] })
		};
		// [batch * tokens, width] to [batch, heads, tokens, head]
		let by_head = |g: &mut Growing, x| {
			let dims = vec![self.batch, self.tokens, self.heads, head];
			let x = g.op(Op::Reshape { x, dims });
			g.op(Op::Transpose { x, perm: vec![0, 2, 1, 3] })
		};
		let [q, k, v] = [0, 1, 2].map(|at| {
			let sums = linear(g, x, at);
			let i8s = g.requant(sums, ratio(self.width));
			by_head(g, i8s)
		});
		let scores = g.op(Op::MatMul { a: q, b: k });
		let scores = g.requant(scores, ratio(head));
		let odds = g.op(Op::SoftmaxI8 { x: scores, table: exponentials() });
		let v = g.op(Op::Transpose { x: v, perm: vec![0, 1, 3, 2] });
		let seen = g.op(Op::MatMul { a: odds, b: v });
		// Odds add up to 127.
		let seen = g.requant(seen, 1.0 / 127.0);
		let seen = g.op(Op::Transpose { x: seen, perm: vec![0, 2, 1, 3] });
		let dims = vec![self.batch * self.tokens, self.width];
		let seen = g.op(Op::Reshape { x: seen, dims });
		let sums = linear(g, seen, 3);
		let x = self.normalised(g, sums, x, self.width);

		let inner = linear(g, x, 4);
		let inner = g.requant(inner, ratio(self.width));
		let inner = g.op(Op::Lut256 { x: inner, table: gelu() });
		let sums = linear(g, inner, 5);
		self.normalised(g, sums, x, self.inner)
	}

	/// Sums of so many terms, added to `x` in units of the sums, then i8, then normalised.
	fn normalised(&self, g: &mut Growing, sums: TensorId, x: TensorId, terms: u32) -> TensorId {
		let unit = ratio(terms);
		// About `1 / unit`, as a whole number over two.
		let scales = vec![calor_tensor::Scale { multiplier: (2.0 / unit) as u32, shift: 1 }];
		let x = g.op(Op::Rescale { x, scales });
		let sums = g.op(Op::AddI32 { a: sums, b: x });
		let x = g.requant(sums, unit);
		// LayerNormI8 counts standard deviations in units of 2^-15; here one is 40.
		let scales = vec![scale(40.0 / 32_768.0); self.width as usize];
		g.op(Op::LayerNormI8 { x, eps: 1, zero: 0, scales })
	}
}

/// Weights of a softmax whose logits are in units of 1/16.
fn exponentials() -> Vec<u16> {
	(0..256u32).map(|d| (65_535.0 * (-f64::from(d) / 16.0).exp()).round() as u16).collect()
}

/// GELU of a number in units of 1/32, in its approximation by tanh.
fn gelu() -> Vec<i8> {
	(-128..128)
		.map(|i| {
			let x = f64::from(i) / 32.0;
			let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3));
			(16.0 * x * (1.0 + inner.tanh())).round() as i8
		})
		.collect()
}
