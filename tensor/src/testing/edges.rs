// SPDX-License-Identifier: Apache-2.0
//! The edges of every operation.

use super::{single, Case, Choice};
use crate::{
	program::{Op, Program, Scale, Window, VERSION},
	tensor::{Data, Tensor},
	types::TensorType,
};
use alloc::{vec, vec::Vec};

/// The edges: extreme values, wrapping sums, odd shapes, least and greatest shifts.
pub fn edge_cases() -> Vec<Case> {
	let full8 = |dims: &[u32], x: i8| {
		let ty = TensorType::i8(dims);
		let n = ty.elements() as usize;
		Tensor::from_data(ty, Data::I8(vec![x; n])).ok()
	};
	let full32 = |dims: &[u32], x: i32| {
		let ty = TensorType::i32(dims);
		let n = ty.elements() as usize;
		Tensor::from_data(ty, Data::I32(vec![x; n])).ok()
	};
	let ramp32 = |dims: &[u32], edge: i32| {
		let ty = TensorType::i32(dims);
		let n = ty.elements() as i32;
		Tensor::from_data(ty, Data::I32((0..n).map(|i| edge.wrapping_add(i * 7)).collect())).ok()
	};
	let mut cases = Vec::new();
	let mut add = |name: &str, op: Op, inputs: Vec<Option<Tensor>>| {
		let inputs: Vec<Tensor> = inputs.into_iter().flatten().collect();
		cases.push(single(name, op, inputs));
	};
	let mm = Op::MatMul { a: 0, b: 1 };
	add(
		"matmul all -128, longest sum",
		mm.clone(),
		vec![full8(&[2, 16_384], -128), full8(&[3, 16_384], -128)],
	);
	add("matmul K = 1", mm.clone(), vec![full8(&[65, 1], -128), full8(&[67, 1], 127)]);
	add("matmul odd", mm.clone(), vec![full8(&[1, 63], 127), full8(&[1, 63], -128)]);
	add("matmul batch, shared", mm.clone(), vec![full8(&[3, 2, 5, 7], 3), full8(&[9, 7], -5)]);
	add("matmul batch", mm, vec![full8(&[2, 3, 66, 5], 3), full8(&[2, 3, 4, 5], -5)]);
	let sum = Op::AddI32 { a: 0, b: 1 };
	add("add wraps", sum.clone(), vec![full32(&[3, 65], i32::MIN), full32(&[3, 65], i32::MIN)]);
	add("add row wraps", sum, vec![ramp32(&[2, 70], i32::MAX - 9), full32(&[70], i32::MAX)]);
	for (multiplier, shift) in [(0, 1), ((1 << 31) - 1, 1), ((1 << 31) - 1, 62), (1, 62), (3, 32)] {
		for edge in [i32::MIN, i32::MAX - 300, -150] {
			let scales = vec![Scale { multiplier, shift }];
			let op = Op::Requant { x: 0, zero: -3, scales };
			add("requant", op, vec![ramp32(&[5, 13], edge)]);
		}
	}
	let scales = (1..=62).map(|shift| Scale { multiplier: (1 << 30) + 12_345, shift }).collect();
	add(
		"requant, every shift",
		Op::Requant { x: 0, zero: 127, scales },
		vec![ramp32(&[3, 62], 1 << 29)],
	);
	add("relu", Op::Relu { x: 0 }, vec![ramp32(&[70], -200)]);
	add("relu i8", Op::Relu { x: 0 }, vec![full8(&[3, 1], -128)]);
	add("clamp MIN", Op::Clamp { x: 0, low: i32::MIN, high: i32::MIN }, vec![ramp32(&[9], -3)]);
	add("row max MIN", Op::RowMax { x: 0 }, vec![full32(&[4, 130], i32::MIN)]);
	add("arg max of equals", Op::ArgMax { x: 0 }, vec![full8(&[4, 130], -128)]);
	add("arg max, rank 1", Op::ArgMax { x: 0 }, vec![ramp32(&[129], i32::MAX - 500)]);
	let pixels = |dims: &[u32]| {
		Choice::new(dims.iter().map(|&d| u64::from(d)).sum()).tensor(&TensorType::i8(dims))
	};
	let square = |size: u16, stride: u16, pad: u16, dilation: u16| Window {
		size: [size; 2],
		stride: [stride; 2],
		pad: [pad; 4],
		dilation: [dilation; 2],
	};
	let conv = |window: Window, groups: u32, zero: i8| Op::Conv2d {
		x: 0,
		weights: 1,
		window,
		groups,
		zero,
	};
	add(
		"conv all -128, longest sum",
		conv(square(2, 1, 0, 1), 1, 0),
		vec![full8(&[1, 2, 2, 4_096], -128), full8(&[3, 16_384], -128)],
	);
	add(
		"conv 1 x 1",
		conv(square(1, 1, 0, 1), 1, 0),
		vec![pixels(&[2, 3, 66, 5]), pixels(&[67, 5])],
	);
	add(
		"conv of padding only",
		conv(square(1, 9, 4, 1), 1, -128),
		vec![pixels(&[1, 1, 1, 3]), pixels(&[2, 3])],
	);
	add(
		"conv stride, dilation",
		conv(square(3, 2, 2, 3), 1, 7),
		vec![pixels(&[1, 9, 131, 3]), pixels(&[65, 27])],
	);
	let uneven = Window { size: [1, 4], stride: [2, 1], pad: [0, 3, 1, 0], dilation: [1, 2] };
	add("conv uneven", conv(uneven, 2, -9), vec![pixels(&[2, 4, 7, 6]), pixels(&[4, 12])]);
	add(
		"conv depthwise",
		conv(square(3, 1, 1, 1), 130, 3),
		vec![pixels(&[1, 5, 6, 130]), pixels(&[130, 9])],
	);
	add(
		"conv depthwise, two each",
		conv(square(3, 2, 1, 1), 35, 3),
		vec![pixels(&[1, 5, 6, 35]), pixels(&[70, 9])],
	);
	add(
		"conv groups across tiles",
		conv(square(1, 1, 0, 1), 3, 0),
		vec![pixels(&[1, 2, 3, 129]), pixels(&[99, 43])],
	);
	for (op, wide) in [
		(Op::SubI32 { a: 0, b: 1 }, i32::MIN),
		(Op::MulI32 { a: 0, b: 1 }, i32::MIN),
		(Op::MulI32 { a: 0, b: 1 }, 65_537),
	] {
		add("wraps", op.clone(), vec![full32(&[3, 65], wide), ramp32(&[3, 65], wide)]);
		add("row wraps", op, vec![ramp32(&[2, 70], i32::MAX - 9), ramp32(&[70], wide)]);
	}
	add("max", Op::MaxI8 { a: 0, b: 1 }, vec![pixels(&[3, 65]), pixels(&[65])]);
	for (multiplier, shift) in
		[(0, 1), ((1 << 31) - 1, 1), ((1 << 31) - 1, 62), (1, 62), (3, 32), (77, 33)]
	{
		for edge in [i32::MIN, i32::MAX - 300, -150] {
			let scales = vec![Scale { multiplier, shift }];
			add("rescale", Op::Rescale { x: 0, scales }, vec![ramp32(&[5, 13], edge)]);
		}
	}
	let scales: Vec<Scale> =
		(1..=62).map(|shift| Scale { multiplier: u32::MAX >> 1, shift }).collect();
	add(
		"rescale, every shift",
		Op::Rescale { x: 0, scales: scales.clone() },
		vec![pixels(&[3, 62])],
	);
	let table = |first: u16| {
		(0..256u32).map(|d| u32::from(first).wrapping_shr(d / 4) as u16).collect::<Vec<_>>()
	};
	for first in [1, 40_000, u16::MAX] {
		let softmax = Op::SoftmaxI8 { x: 0, table: table(first) };
		add("softmax", softmax.clone(), vec![pixels(&[3, 67])]);
		add("softmax of one", softmax.clone(), vec![pixels(&[67, 1])]);
		add("softmax of equals, longest row", softmax, vec![full8(&[2, 8_192], -128)]);
		let gradient = Op::CrossEntropyGrad { x: 0, target: 1, table: table(first) };
		add("gradient", gradient.clone(), vec![pixels(&[3, 67]), full8(&[3, 67], -128)]);
		add(
			"gradient, longest row",
			gradient,
			vec![full8(&[2, 8_192], 127), full8(&[2, 8_192], 127)],
		);
	}
	for eps in [1, 12_345, u32::MAX] {
		let one = vec![Scale { multiplier: 1, shift: 9 }];
		for (name, x) in [
			("norm", pixels(&[3, 65])),
			("norm of -128, longest row", full8(&[2, 8_192], -128)),
			("norm of zeros", full8(&[2, 7], 0)),
			("norm of one", pixels(&[67, 1])),
			("norm of a long row", pixels(&[2, 8_191])),
		] {
			let (zero, scales) = (-3, one.clone());
			add(name, Op::RmsNormI8 { x: 0, eps, zero, scales: scales.clone() }, vec![x.clone()]);
			add(name, Op::LayerNormI8 { x: 0, eps, zero, scales }, vec![x]);
		}
		let x = pixels(&[3, 62]);
		add(
			"norm by channel",
			Op::RmsNormI8 { x: 0, eps, zero: 5, scales: scales.clone() },
			vec![x.clone()],
		);
		add(
			"norm by channel",
			Op::LayerNormI8 { x: 0, eps, zero: 5, scales: scales.clone() },
			vec![x],
		);
	}
	let halves = (0..8_192).map(|i| if i % 2 == 0 { -128 } else { 127 }).collect();
	let halves = Tensor::from_data(TensorType::i8(&[1, 8_192]), Data::I8(halves)).ok();
	let scales = vec![Scale { multiplier: 1, shift: 9 }];
	add(
		"norm of the widest spread",
		Op::LayerNormI8 { x: 0, eps: u32::MAX, zero: 0, scales },
		vec![halves],
	);
	for window in
		[square(1, 1, 0, 1), square(2, 2, 0, 1), square(3, 1, 2, 2), square(1, 5, 3, 1), uneven]
	{
		for x in
			[pixels(&[2, 7, 67, 3]), pixels(&[1, 3, 5, 66]), ramp32(&[2, 5, 7, 3], i32::MAX - 500)]
		{
			add("max pool", Op::MaxPool2d { x: 0, window }, vec![x.clone()]);
			add("sum pool", Op::SumPool2d { x: 0, window }, vec![x]);
		}
	}
	add("row sum wraps", Op::RowSum { x: 0 }, vec![full32(&[4, 130], i32::MAX)]);
	add("row sum", Op::RowSum { x: 0 }, vec![pixels(&[67, 130])]);
	let index = |dims: &[u32], from: i32| {
		let ty = TensorType::i32(dims);
		let n = ty.elements() as i32;
		Tensor::from_data(ty, Data::I32((0..n).map(|i| from + i * 3).collect())).ok()
	};
	for at in [
		index(&[130], -6),
		index(&[3, 67], -9),
		index(&[2, 1, 3], 60),
		full32(&[5], i32::MIN),
		full32(&[5], i32::MAX),
	] {
		let gather = Op::Gather { table: 0, index: 1 };
		add("gather", gather.clone(), vec![pixels(&[131, 67]), at.clone()]);
		add("gather i32", gather, vec![ramp32(&[66, 3], -5), at.clone()]);
		add("one hot", Op::OneHot { x: 0, classes: 70, on: 127 }, vec![at.clone()]);
		add("one hot of one", Op::OneHot { x: 0, classes: 1, on: -128 }, vec![at]);
	}
	for dims in [&[131][..], &[67, 5], &[2, 66, 3], &[2, 3, 66, 67]] {
		let rank = dims.len();
		for x in [pixels(dims), ramp32(dims, -77)] {
			let start: Vec<u32> = dims.iter().map(|d| d / 3).collect();
			let part = dims.iter().zip(&start).map(|(d, s)| (d - s).div_ceil(2)).collect();
			add("slice", Op::Slice { x: 0, start, dims: part }, vec![x.clone()]);
			let (before, after) = ((1..=rank as u32).collect(), vec![2; rank]);
			add("pad", Op::Pad { x: 0, before, after, value: -128 }, vec![x.clone()]);
			for axis in 0..rank as u8 {
				add("concat", Op::Concat { a: 0, b: 1, axis }, vec![x.clone(), x.clone()]);
			}
			if rank == 4 {
				add("upsample", Op::UpsampleNearest { x: 0, factor: [2, 3] }, vec![x.clone()]);
			}
		}
	}
	for shift in [0, 1, 15, 31] {
		let sgd = Op::SgdStep { w: 0, g: 1, seed: 2, step: 3, shift };
		for edge in [i32::MIN, i32::MAX - 300, -500] {
			let (seed, step) = (ramp32(&[2], edge), full32(&[1], edge));
			add(
				"sgd",
				sgd.clone(),
				vec![ramp32(&[3, 65], edge), ramp32(&[3, 65], edge ^ 0x55), seed, step],
			);
		}
	}
	add("transpose", Op::Transpose { x: 0, perm: vec![1, 0] }, vec![ramp32(&[65, 3], 0)]);
	add("reshape", Op::Reshape { x: 0, dims: vec![5, 39] }, vec![ramp32(&[65, 3], 0)]);
	cases.extend(weights_in_other_shapes());
	cases
}

/// Constants that are reshaped: before a product or a depthwise convolution reads them as weights, after one has, or for
/// nothing but a trace. An engine that gives weights a layout of its own still owes their reshaped elements to a trace.
fn weights_in_other_shapes() -> Option<Case> {
	let window = Window { size: [3, 3], stride: [1, 1], pad: [1; 4], dilation: [1; 2] };
	let program = Program {
		version: VERSION,
		inputs: vec![TensorType::i8(&[5, 66]), TensorType::i8(&[1, 4, 5, 7])],
		constants: vec![
			TensorType::i8(&[33, 134]),
			TensorType::i8(&[9, 7]),
			TensorType::i8(&[3, 66]),
			TensorType::i32(&[6, 11]),
		],
		ops: vec![
			Op::Reshape { x: 2, dims: vec![67, 66] },
			Op::MatMul { a: 0, b: 6 },
			Op::Reshape { x: 3, dims: vec![7, 9] },
			Op::Conv2d { x: 1, weights: 8, window, groups: 7, zero: -3 },
			Op::MatMul { a: 0, b: 4 },
			Op::Reshape { x: 4, dims: vec![2, 99] },
			Op::Reshape { x: 5, dims: vec![66] },
			Op::Reshape { x: 12, dims: vec![33, 2] },
		],
		outputs: vec![7, 9, 10],
	};
	let mut choice = Choice::new(11);
	let operands = program.inputs.iter().chain(&program.constants).map(|ty| choice.tensor(ty));
	let operands = operands.collect::<Option<_>>()?;
	Some(Case { name: "weights in other shapes".into(), program, operands })
}
