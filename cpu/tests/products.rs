// SPDX-License-Identifier: Apache-2.0
//! Products and convolutions of many tiles and tasks, with everything that can be fused behind them.

use calor_cpu::{Engine, Level, Options};
use calor_tensor::{
	program::{Window, VERSION},
	reference,
	testing::Choice,
	Data, Op, Program, Scale, Tensor, TensorId, TensorType,
};

fn full(choice: &mut Choice, ty: &TensorType) -> Tensor {
	let n = ty.elements() as usize;
	let data = match ty.dtype {
		calor_tensor::DType::I8 => Data::I8((0..n).map(|_| choice.bits() as i8).collect()),
		calor_tensor::DType::I32 => Data::I32((0..n).map(|_| choice.bits() as i32).collect()),
	};
	Tensor::from_data(ty.clone(), data).expect("a tensor")
}

/// Everything that may follow a product, one operation after another: tensor `x` of dimensions `dims` is an operation's,
/// `row: i32`, `row8: i8`, `same: i32` and `same8: i8` are operands.
fn tail(choice: &mut Choice, x: TensorId, channels: u32, others: [TensorId; 4]) -> Vec<Op> {
	let [row, row8, same, same8] = others;
	let mut scales = |least: u64, per: bool| {
		let count = if per { channels } else { 1 };
		(0..count)
			.map(|_| Scale {
				multiplier: choice.within(1 << 29, (1 << 31) - 1) as u32,
				shift: choice.within(least, least + 3) as u8,
			})
			.collect::<Vec<_>>()
	};
	let table = (0..256).map(|i| (i * 7 % 256) as u8 as i8).collect();
	vec![
		Op::Bias { x, bias: row },
		Op::AddI32 { a: same, b: x + 1 },
		Op::Requant { x: x + 2, zero: -4, scales: scales(52, true) },
		Op::Lut256 { x: x + 3, table },
		Op::MaxI8 { a: x + 4, b: row8 },
		Op::MaxI8 { a: x + 5, b: same8 },
		Op::Clamp { x: x + 6, low: -100, high: 90 },
		Op::Rescale { x: x + 7, scales: scales(26, true) },
		Op::SubI32 { a: x + 8, b: same },
		Op::MulI32 { a: x + 9, b: row },
		Op::Rescale { x: x + 10, scales: scales(29, false) },
		Op::Requant { x: x + 11, zero: 7, scales: scales(53, false) },
		Op::Relu { x: x + 12 },
	]
}

fn check(choice: &mut Choice, inputs: [TensorType; 2], op: Op, result: &[u32], constant: bool) {
	let channels = *result.last().expect("a dimension");
	let others = [
		TensorType::i32(&[channels]),
		TensorType::i8(&[channels]),
		TensorType::i32(result),
		TensorType::i8(result),
	];
	let [a, b] = inputs;
	let mut types = vec![a, b];
	types.extend(others);
	let mut ops = vec![op];
	ops.extend(tail(choice, 6, channels, [2, 3, 4, 5]));
	let last = 5 + ops.len() as TensorId;
	let operands: Vec<Tensor> = types.iter().map(|ty| full(choice, ty)).collect();
	let program = Program {
		version: VERSION,
		inputs: types[..1].to_vec(),
		constants: types[1..].to_vec(),
		ops,
		// With the product itself as an output nothing is fused behind it.
		outputs: if constant { vec![last] } else { vec![last, 6] },
	};
	let program = if constant {
		program
	} else {
		Program { inputs: types, constants: Vec::new(), ..program }
	};
	let program = program.validate().expect("a valid program");
	let expected = reference::run(&program, operands.clone()).expect("the reference runs");
	for level in Level::available() {
		for threads in [1, 3] {
			let options = Options { threads: Some(threads), level: Some(level), memory: None };
			let engine = Engine::new(&options).expect("an engine");
			let plan = engine.plan(&program).expect("a plan");
			let outputs = engine.run(&plan, &operands).expect("outputs");
			assert!(outputs == expected, "{level:?}, {threads}: {:?}", program.program().ops[0]);
		}
	}
}

#[test]
fn matrices() {
	let mut choice = Choice::new(1);
	let shapes: [([u32; 3], &[u32], bool); 10] = [
		([1, 1, 1], &[], false),
		([1, 100, 300], &[], false),
		([13, 33, 17], &[], false),
		([128, 96, 64], &[], false),
		([250, 70, 130], &[], false),
		([70, 31, 1000], &[3], true),
		([37, 32, 128], &[2, 3], true),
		([128, 128, 32], &[5], true),
		([9, 16, 66], &[7], false),
		([700, 40, 3000], &[], false),
	];
	for ([m, n, k], lead, stacked) in shapes {
		for constant in [true, false] {
			let with = |dims: [u32; 2]| [lead, &dims].concat();
			let a = TensorType::i8(&with([m, k]));
			let b = TensorType::i8(&if stacked { with([n, k]) } else { vec![n, k] });
			check(&mut choice, [a, b], Op::MatMul { a: 0, b: 1 }, &with([m, n]), constant);
		}
	}
}

#[test]
fn convolutions() {
	let mut choice = Choice::new(2);
	// Image, outputs, groups, size, stride, dilation, pad.
	type Shape = ([u32; 4], u32, u32, [u16; 2], [u16; 2], [u16; 2], [u16; 4]);
	let shapes: [Shape; 9] = [
		([2, 9, 11, 24], 40, 1, [1, 1], [1, 1], [1, 1], [0; 4]),
		([1, 9, 11, 24], 40, 1, [1, 1], [2, 2], [1, 1], [0; 4]),
		([2, 16, 15, 20], 33, 1, [3, 3], [1, 1], [1, 1], [1; 4]),
		([1, 33, 31, 3], 32, 1, [3, 3], [2, 2], [1, 1], [0, 0, 1, 1]),
		([1, 14, 14, 12], 18, 3, [3, 2], [1, 2], [2, 3], [2, 1, 0, 3]),
		([2, 12, 13, 70], 70, 70, [3, 3], [1, 1], [1, 1], [1; 4]),
		([1, 12, 13, 544], 544, 544, [3, 3], [2, 2], [1, 1], [1; 4]),
		([1, 8, 9, 5], 5, 5, [5, 3], [1, 1], [1, 2], [2, 2, 2, 2]),
		([1, 8, 9, 6], 12, 6, [3, 3], [1, 1], [1, 1], [1; 4]),
	];
	for (image, outputs, groups, size, stride, dilation, pad) in shapes {
		let window = Window { size, stride, pad, dilation };
		let taps = u32::from(size[0]) * u32::from(size[1]) * image[3] / groups;
		let op = Op::Conv2d { x: 0, weights: 1, window, groups, zero: -9 };
		let h = window.down().outputs(image[1]).expect("a height");
		let w = window.across().outputs(image[2]).expect("a width");
		for constant in [true, false] {
			let types = [TensorType::i8(&image), TensorType::i8(&[outputs, taps])];
			check(&mut choice, types, op.clone(), &[image[0], h, w, outputs], constant);
		}
	}
}
