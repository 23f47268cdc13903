// SPDX-License-Identifier: Apache-2.0
//! The list of what is measured.

use crate::{
	body::Body,
	workloads::{conv, encoder, gemm, perceptron, Conv, Encoder},
};
use serde_json::{json, Value};

/// Something to measure.
pub struct Case {
	/// Its name in the report.
	pub name: String,
	/// What the peer is told.
	pub peer: Value,
	/// The computation.
	pub body: Body,
	/// int8 multiplications and additions of its products.
	pub operations: f64,
	/// How the figure is given.
	pub figure: Figure,
}

/// What a figure counts.
#[derive(Clone, Copy, Debug)]
pub enum Figure {
	/// 10^9 int8 operations a second.
	Gops,
	/// So many items in each run.
	Items(u32, &'static str),
}

impl Figure {
	/// The unit's name.
	pub fn unit(self) -> String {
		match self {
			Self::Gops => "GOPS".into(),
			Self::Items(_, item) => format!("{item}/s"),
		}
	}

	/// The figure of a run of `operations` in `seconds`.
	pub fn of(self, operations: f64, seconds: f64) -> f64 {
		match self {
			Self::Gops => operations / seconds / 1e9,
			Self::Items(count, _) => f64::from(count) / seconds,
		}
	}
}

impl Case {
	/// Bytes that must move at least: operands and result once.
	pub fn bytes(&self) -> f64 {
		let types = self.body.inputs.iter().chain(&self.body.constants).chain([&self.body.result]);
		types.map(|ty| ty.bytes() as f64).sum()
	}
}

/// How much of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
	/// All.
	Full,
	/// What is done in a minute or two.
	Quick,
	/// What a CPU adapter does in a minute or two.
	Tiny,
}

/// The list.
pub fn cases(extent: Extent) -> Vec<Case> {
	let gemms: &[[u32; 3]] = match extent {
		Extent::Full => &[
			[512, 512, 512],
			[1024, 1024, 1024],
			[2048, 2048, 2048],
			[4096, 4096, 4096],
			[8192, 8192, 8192],
			// Tall, flat, few rows, one row, long sums, short sums, and those of the encoder.
			[16_384, 256, 512],
			[256, 16_384, 512],
			[16, 4096, 4096],
			[1, 4096, 4096],
			[256, 256, 16_384],
			[4096, 4096, 32],
			[4096, 1536, 384],
			[4096, 384, 1536],
		],
		Extent::Quick => {
			&[[512, 512, 512], [1024, 1024, 1024], [2048, 2048, 2048], [16, 2048, 2048]]
		},
		Extent::Tiny => &[[256, 256, 256], [512, 512, 512]],
	};
	let mut list: Vec<Case> = gemms.iter().map(|&[m, n, k]| gemm_case(m, n, k)).collect();

	let layers = mobile_net();
	let chosen: &[usize] = match extent {
		Extent::Full => &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
		Extent::Quick => &[3, 4, 6, 7],
		Extent::Tiny => &[6],
	};
	list.extend(chosen.iter().filter_map(|&i| layers.get(i)).map(|&layer| conv_case(layer)));

	list.push(digits_case());
	let batches: &[u32] = match extent {
		Extent::Full => &[1, 32],
		Extent::Quick => &[1],
		Extent::Tiny => &[],
	};
	list.extend(batches.iter().map(|&batch| encoder_case(mini_lm(batch))));
	list
}

/// A transformer of MiniLM-L6's shape.
pub fn mini_lm(batch: u32) -> Encoder {
	Encoder { batch, tokens: 128, width: 384, heads: 12, inner: 1536, layers: 6 }
}

/// Layers of MobileNetV2 at 224 x 224: its first, then depthwise and pointwise ones from all its stages.
fn mobile_net() -> Vec<Conv> {
	let layer = |side, channels, outputs, size, stride, groups| Conv {
		side,
		channels,
		outputs,
		size,
		stride,
		groups,
	};
	vec![
		layer(224, 3, 32, 3, 2, 1),
		layer(112, 32, 32, 3, 1, 32),
		layer(112, 32, 16, 1, 1, 1),
		layer(56, 24, 144, 1, 1, 1),
		layer(56, 144, 144, 3, 2, 144),
		layer(28, 32, 192, 1, 1, 1),
		layer(14, 384, 384, 3, 1, 384),
		layer(14, 64, 384, 1, 1, 1),
		layer(14, 576, 96, 1, 1, 1),
		layer(14, 576, 576, 3, 2, 576),
		layer(7, 160, 960, 1, 1, 1),
		layer(7, 320, 1280, 1, 1, 1),
	]
}

fn gemm_case(m: u32, n: u32, k: u32) -> Case {
	Case {
		name: format!("gemm {m} x {n} x {k}"),
		peer: json!({ "kind": "gemm", "m": m, "n": n, "k": k }),
		body: gemm(m, n, k),
		operations: 2.0 * f64::from(m) * f64::from(n) * f64::from(k),
		figure: Figure::Gops,
	}
}

fn conv_case(c: Conv) -> Case {
	let kind = if c.groups > 1 { "depthwise" } else { "conv" };
	let pad = c.pad();
	Case {
		name: format!(
			"{kind} {size}x{size}/{} {side}x{side}x{} to {}",
			c.stride,
			c.channels,
			c.outputs,
			size = c.size,
			side = c.side
		),
		peer: json!({
			"kind": "conv", "h": c.side, "w": c.side, "c": c.channels, "o": c.outputs,
			"size": c.size, "stride": c.stride, "groups": c.groups, "pad": pad,
		}),
		body: conv(c),
		operations: 2.0
			* f64::from(c.target()).powi(2)
			* f64::from(c.outputs)
			* f64::from(c.terms()),
		figure: Figure::Gops,
	}
}

fn digits_case() -> Case {
	let (batch, widths) = (599, vec![64, 128, 64, 10]);
	let macs: u32 = widths.windows(2).map(|pair| pair[0] * pair[1]).sum();
	Case {
		name: "digits, 599 images".into(),
		peer: json!({ "kind": "digits", "batch": batch, "layers": widths }),
		body: perceptron(batch, widths),
		operations: 2.0 * f64::from(batch) * f64::from(macs),
		figure: Figure::Items(batch, "images"),
	}
}

/// A transformer encoder.
pub fn encoder_case(e: Encoder) -> Case {
	Case {
		name: format!("encoder of MiniLM-L6's shape, batch {}", e.batch),
		peer: json!({
			"kind": "encoder", "batch": e.batch, "tokens": e.tokens, "width": e.width,
			"heads": e.heads, "inner": e.inner, "layers": e.layers,
		}),
		operations: 2.0 * e.macs() as f64,
		body: encoder(e),
		figure: Figure::Items(e.batch, "sequences"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn every_case_is_a_valid_program_of_the_stated_result() {
		for case in cases(Extent::Full) {
			let program =
				case.body.program().validate().unwrap_or_else(|f| panic!("{}: {f}", case.name));
			assert_eq!(program.output_types().next(), Some(&case.body.result), "{}", case.name);
			let (_, repeats) =
				case.body.resident_within(128).unwrap_or_else(|f| panic!("{}: {f}", case.name));
			assert!(repeats >= 8, "{}: {repeats}", case.name);
		}
	}

	#[test]
	fn the_cost_of_an_encoder_is_that_of_its_products() {
		let case = encoder_case(mini_lm(1));
		let program = case.body.program().validate().expect("valid");
		let products: u64 = program
			.program()
			.ops
			.iter()
			.zip(program.costs())
			.filter(|(op, _)| op.name() == "MatMul")
			.map(|(_, cost)| cost)
			.sum();
		assert_eq!(case.operations, 2.0 * products as f64);
	}
}
