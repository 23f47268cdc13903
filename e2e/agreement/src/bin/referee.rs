// SPDX-License-Identifier: Apache-2.0
//! What it costs the chain to judge one tile: the dearest tile of some operations in the runtime's Wasm.
//!
//! Prints a table, or with `--json` an array of `{case, ms, tiles, bytes, mac}`: the median of several calls, from the
//! question being asked to its answer: decoding of the program and the tiles, the tile, and its leaf hash.

use calor_agreement::Runtime;
use calor_tensor::{
	commit::{leaf, tile_bytes},
	referee::{recompute_tile, witness, InputTile},
	reference::Held,
	testing::Choice,
	Data, Op, Program, Scale, Tensor, TensorId, TensorType, Window,
};
use std::time::Instant;

const REPEATS: usize = 9;

fn cases() -> Vec<(&'static str, Op, Vec<TensorType>)> {
	let i8s = TensorType::i8;
	let product = || Op::MatMul { a: 0, b: 1 };
	let scales = || vec![Scale { multiplier: 1 << 30, shift: 34 }];
	let window = Window { size: [3, 3], stride: [1, 1], pad: [1; 4], dilation: [1, 1] };
	let conv = |groups| Op::Conv2d { x: 0, weights: 1, window, groups, zero: 0 };
	let wide = Window { size: [16, 16], stride: [1, 1], pad: [0; 4], dilation: [1, 1] };
	let groups = Op::Conv2d { x: 0, weights: 1, window: wide, groups: 8, zero: 0 };
	let pool = Op::SumPool2d { x: 0, window: Window { size: [64, 65], ..wide } };
	let table = (0..256u32).map(|d| (40_000 >> (d / 8)) as u16 + 1).collect();
	vec![
		("MatMul K = 1,024", product(), vec![i8s(&[64, 1_024]), i8s(&[64, 1_024])]),
		("MatMul K = 4,096", product(), vec![i8s(&[64, 4_096]), i8s(&[64, 4_096])]),
		("MatMul K = 16,384", product(), vec![i8s(&[64, 16_384]), i8s(&[64, 16_384])]),
		("Conv2d 3 x 3 x 512", conv(1), vec![i8s(&[1, 3, 64, 512]), i8s(&[64, 4_608])]),
		("Conv2d depthwise 3 x 3", conv(64), vec![i8s(&[1, 3, 64, 64]), i8s(&[64, 9])]),
		("Conv2d 16 x 16 x 8 in groups", groups, vec![i8s(&[1, 16, 79, 64]), i8s(&[64, 2_048])]),
		("SumPool2d 64 x 65", pool, vec![i8s(&[1, 64, 128, 64])]),
		("SoftmaxI8 of 8,192", Op::SoftmaxI8 { x: 0, table }, vec![i8s(&[64, 8_192])]),
		(
			"LayerNormI8 of 8,192",
			Op::LayerNormI8 { x: 0, eps: 1, zero: 0, scales: scales() },
			vec![i8s(&[64, 8_192])],
		),
		(
			"Requant",
			Op::Requant { x: 0, zero: 0, scales: scales() },
			vec![TensorType::i32(&[64, 64])],
		),
		(
			"SgdStep",
			Op::SgdStep { w: 0, g: 1, seed: 2, step: 3, shift: 8 },
			vec![
				TensorType::i32(&[64, 64]),
				TensorType::i32(&[64, 64]),
				TensorType::i32(&[2]),
				TensorType::i32(&[1]),
			],
		),
	]
}

fn median(mut times: Vec<f64>) -> f64 {
	times.sort_by(f64::total_cmp);
	times[times.len() / 2]
}

fn main() {
	let json = std::env::args().any(|argument| argument == "--json");
	let runtime = Runtime::default();
	let mut lines = Vec::new();
	if !json {
		println!("{:<24} {:>9} {:>7} {:>10} {:>12}", "tile of", "ms", "tiles", "bytes", "MAC");
	}
	for (name, op, inputs) in cases() {
		let mut choice = Choice::new(7);
		let uniform = |ty: &TensorType| {
			let n = ty.elements();
			let data = match ty.dtype {
				calor_tensor::DType::I8 => Data::I8((0..n).map(|_| choice.bits() as i8).collect()),
				calor_tensor::DType::I32 => {
					Data::I32((0..n).map(|_| choice.bits() as i32).collect())
				},
			};
			Tensor::from_data(ty.clone(), data).expect("a valid type")
		};
		let operands = Held(inputs.iter().map(uniform).collect());
		let outputs = vec![inputs.len() as TensorId];
		let program =
			Program { version: 1, inputs, constants: vec![], ops: vec![op.clone()], outputs };
		let valid = program.clone().validate().expect("a valid program");
		let tiles = witness(&valid, 0, 0, &operands).expect("all operands are held");
		let opened: Vec<(InputTile, Vec<u8>)> = tiles
			.iter()
			.map(|&at| {
				let tensor = &operands.0[usize::from(at.tensor)];
				let tile = tensor.layout().tile(at.tile).expect("within the tensor");
				(at, tile_bytes(tensor, &tile))
			})
			.collect();
		let bytes: usize = opened.iter().map(|(_, bytes)| bytes.len()).sum();
		let expected = leaf(&recompute_tile(&valid, 0, 0, &operands).expect("held"));
		let times = (0..REPEATS)
			.map(|_| {
				let start = Instant::now();
				let judged = runtime.judge_tile(&program, 0, 0, &opened);
				assert_eq!(judged, Ok(expected), "{name}");
				start.elapsed().as_secs_f64() * 1e3
			})
			.collect();
		let (ms, tiles) = (median(times), tiles.len());
		let mac = calor_tensor::bounds::worst(
			&op,
			valid.tensors(),
			valid.op_layout(0).expect("one operation"),
		)
		.expect("operands are defined")
		.mac;
		if json {
			lines.push(format!(
				r#"{{"case": "referee, {name}", "ms": {ms:.3}, "tiles": {tiles}, "bytes": {bytes}, "mac": {mac}}}"#
			));
		} else {
			println!("{name:<24} {ms:>9.2} {tiles:>7} {bytes:>10} {mac:>12}");
		}
	}
	if json {
		println!("[\n{}\n]", lines.join(",\n"));
	}
}
