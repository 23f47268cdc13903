// SPDX-License-Identifier: Apache-2.0
//! Every operation but products at odd shapes and edges, on whole tensors and on tensors of many shards.

use crate::{assert_like_reference, engine, open};
use calor_gpu::{Caps, Engine, Error};
use calor_tensor::{
	program::Window,
	testing::{single, Choice},
	Data, Op, Scale, Tensor, TensorType,
};
use std::sync::OnceLock;

/// Shards of 20,000 bytes: 64 rows of 76 i32 elements.
fn sharded() -> &'static Engine {
	static ENGINE: OnceLock<Engine> = OnceLock::new();
	ENGINE.get_or_init(|| open(Caps { shard_bytes: Some(20_000), ..Default::default() }))
}

fn noise(seed: u64, ty: &TensorType) -> Tensor {
	let mut choice = Choice::new(seed);
	let n = ty.elements();
	let data = match ty.dtype {
		calor_tensor::DType::I8 => Data::I8((0..n).map(|_| choice.bits() as i8).collect()),
		calor_tensor::DType::I32 => Data::I32((0..n).map(|_| choice.bits() as i32).collect()),
	};
	Tensor::from_data(ty.clone(), data).unwrap()
}

fn check(name: &str, op: Op, inputs: Vec<Tensor>) {
	let case = single(name, op, inputs);
	assert_like_reference(engine(), &case);
	let program = case.program.clone().validate().unwrap();
	match sharded().plan(&program) {
		Ok(_) => assert_like_reference(sharded(), &case),
		// 64 rows of this length do not fit a shard.
		Err(Error::TooLarge { .. }) => {
			assert!(program.tensors().iter().any(|(ty, _)| ty.last() > 76), "{name}");
		},
		Err(other) => panic!("{other}"),
	}
}

fn check_noise(name: &str, op: Op, types: &[TensorType]) {
	check(name, op, (1..).zip(types).map(|(seed, ty)| noise(seed, ty)).collect());
}

/// A type of the other kind as well.
fn both(dims: &[u32]) -> [TensorType; 2] {
	[TensorType::i8(dims), TensorType::i32(dims)]
}

fn scales(n: u32) -> Vec<Scale> {
	(0..n)
		.map(|i| Scale { multiplier: (1 << 31) - 1 - i * 977, shift: (i % 62 + 1) as u8 })
		.collect()
}

/// Weights of which the first is not zero.
fn table(seed: u64) -> Vec<u16> {
	let mut choice = Choice::new(seed);
	(0..256).map(|d| if d == 0 { 9 } else { choice.bits() as u16 >> (d / 20) }).collect()
}

const SHAPES: [&[u32]; 8] =
	[&[1], &[7], &[1, 1], &[65, 3], &[3, 5, 66], &[700, 5], &[3, 75, 70], &[2, 3, 70, 9]];

#[test]
fn arithmetic() {
	for dims in SHAPES {
		let (i8s, i32s) = (TensorType::i8(dims), TensorType::i32(dims));
		let (row8, row32) =
			(TensorType::i8(&dims[dims.len() - 1..]), TensorType::i32(&dims[dims.len() - 1..]));
		for op in [Op::SubI32 { a: 0, b: 1 }, Op::MulI32 { a: 0, b: 1 }] {
			check_noise("same", op.clone(), &[i32s.clone(), i32s.clone()]);
			check_noise("row", op, &[i32s.clone(), row32.clone()]);
		}
		let max = Op::MaxI8 { a: 0, b: 1 };
		check_noise("max", max.clone(), &[i8s.clone(), i8s.clone()]);
		check_noise("max of a row", max, &[i8s.clone(), row8]);
		for ty in [i8s, i32s] {
			let scales = scales(ty.last());
			check_noise("rescale", Op::Rescale { x: 0, scales }, std::slice::from_ref(&ty));
			for (multiplier, shift) in [(0, 1), ((1 << 31) - 1, 1), ((1 << 31) - 1, 62), (3, 32)] {
				let scales = vec![Scale { multiplier, shift }];
				check_noise("rescale", Op::Rescale { x: 0, scales }, std::slice::from_ref(&ty));
			}
		}
	}
	let least = Tensor::from_data(TensorType::i32(&[5]), Data::I32(vec![i32::MIN; 5])).unwrap();
	for op in [Op::SubI32 { a: 0, b: 1 }, Op::MulI32 { a: 0, b: 1 }] {
		check("MIN", op, vec![least.clone(), least.clone()]);
	}
	for scale in scales(62) {
		let op = Op::Rescale { x: 0, scales: vec![scale] };
		check("MIN", op, vec![least.clone()]);
	}
}

#[test]
fn row_sums() {
	for dims in SHAPES {
		for ty in both(dims) {
			check_noise("row sum", Op::RowSum { x: 0 }, &[ty]);
		}
	}
	check_noise("long row", Op::RowSum { x: 0 }, &[TensorType::i32(&[2, 9_001])]);
	check_noise("long row", Op::RowSum { x: 0 }, &[TensorType::i8(&[2, 30_001])]);
}

#[test]
fn shares_of_rows() {
	for dims in SHAPES.into_iter().chain([&[3, 8_191][..], &[1, 8_192], &[130, 257]]) {
		let ty = TensorType::i8(dims);
		check_noise("softmax", Op::SoftmaxI8 { x: 0, table: table(1) }, std::slice::from_ref(&ty));
		let gradient = Op::CrossEntropyGrad { x: 0, target: 1, table: table(2) };
		check_noise("gradient", gradient, &[ty.clone(), ty.clone()]);
		// Padding is greater than every element.
		let n = ty.elements() as usize;
		let least = Tensor::from_data(ty, Data::I8(vec![-128; n])).unwrap();
		check("softmax of -128", Op::SoftmaxI8 { x: 0, table: vec![u16::MAX; 256] }, vec![least]);
	}
}

#[test]
fn norms() {
	for dims in SHAPES.into_iter().chain([&[3, 8_191][..], &[1, 8_192], &[130, 257]]) {
		let ty = TensorType::i8(dims);
		let n = ty.elements() as usize;
		let constant = |x| Tensor::from_data(ty.clone(), Data::I8(vec![x; n])).unwrap();
		let alternating = (0..n).map(|i| if i % 2 == 0 { -128 } else { 127 }).collect();
		let alternating = Tensor::from_data(ty.clone(), Data::I8(alternating)).unwrap();
		for x in [noise(3, &ty), constant(-128), constant(0), constant(127), alternating] {
			for (eps, zero) in [(1, -128), (77_777, 0), (u32::MAX, 127)] {
				for scales in [scales(ty.last()), vec![Scale { multiplier: 3, shift: 11 }]] {
					let rms = Op::RmsNormI8 { x: 0, eps, zero, scales: scales.clone() };
					check("rms norm", rms, vec![x.clone()]);
					let layer = Op::LayerNormI8 { x: 0, eps, zero, scales };
					check("layer norm", layer, vec![x.clone()]);
				}
			}
		}
	}
}

#[test]
fn pools() {
	let windows = [
		Window { size: [1, 1], stride: [1, 1], pad: [0; 4], dilation: [1, 1] },
		Window { size: [2, 2], stride: [2, 2], pad: [0; 4], dilation: [1, 1] },
		Window { size: [3, 2], stride: [1, 3], pad: [2, 1, 3, 2], dilation: [2, 1] },
		Window { size: [1, 3], stride: [5, 1], pad: [7, 4, 9, 0], dilation: [3, 2] },
		Window { size: [5, 4], stride: [1, 1], pad: [0, 60_000, 0, 0], dilation: [1, 20_001] },
	];
	for window in windows {
		for dims in [[1, 5, 4, 1], [2, 9, 10, 3], [1, 6, 40, 130], [3, 5, 70, 7]] {
			if window.pad[1] > 1_000 && dims[3] > 3 {
				continue;
			}
			for ty in both(&dims) {
				if window.across().outputs(dims[2]).is_none()
					|| window.down().outputs(dims[1]).is_none()
				{
					continue;
				}
				check_noise("max pool", Op::MaxPool2d { x: 0, window }, std::slice::from_ref(&ty));
				check_noise("sum pool", Op::SumPool2d { x: 0, window }, &[ty]);
			}
		}
	}
	// One output over a whole image, seen through a window far larger than it.
	let window =
		Window { size: [60, 300], stride: [1, 1], pad: [3, 100, 4, 120], dilation: [1, 1] };
	for ty in both(&[1, 55, 80, 5]) {
		check_noise("max pool of all", Op::MaxPool2d { x: 0, window }, std::slice::from_ref(&ty));
		check_noise("sum pool of all", Op::SumPool2d { x: 0, window }, &[ty]);
	}
}

/// Indices around and beyond `0..n`.
fn indices(dims: &[u32], n: i32) -> Tensor {
	let ty = TensorType::i32(dims);
	let mut choice = Choice::new(5);
	let one = |i: u64| match i % 11 {
		0 => i32::MIN,
		1 => i32::MAX,
		2 => n,
		3 => -1,
		_ => (choice.bits() % n as u64) as i32,
	};
	let elements = (0..ty.elements()).map(one).collect();
	Tensor::from_data(ty, Data::I32(elements)).unwrap()
}

#[test]
fn look_ups() {
	for dims in [&[1][..], &[67], &[3, 5], &[70, 66], &[2, 3, 7], &[2, 70, 9]] {
		for (rows, cols) in [(1, 1), (5, 3), (300, 66), (700, 4)] {
			for ty in both(&[rows, cols]) {
				let inputs = vec![noise(4, &ty), indices(dims, rows as i32)];
				check("gather", Op::Gather { table: 0, index: 1 }, inputs);
			}
		}
		for classes in [1, 3, 4, 70, 130] {
			let x = indices(dims, classes as i32);
			for on in [127, -128, 0] {
				check("one hot", Op::OneHot { x: 0, classes, on }, vec![x.clone()]);
			}
		}
	}
}

#[test]
fn blocks() {
	for dims in [&[9][..], &[70, 10], &[5, 66, 9], &[3, 75, 72], &[2, 3, 70, 11], &[3, 2, 9, 8]] {
		let rank = dims.len();
		for ty in both(dims) {
			let one = std::slice::from_ref(&ty);
			for step in [1, 3, 4, 8] {
				// At every place within a quad, with a rest that ends within one and at the end of the row.
				let start: Vec<u32> = dims.iter().map(|d| step.min(d - 1)).collect();
				let rest: Vec<u32> = dims.iter().zip(&start).map(|(d, s)| d - s).collect();
				let less: Vec<u32> = rest.iter().map(|d| d.div_ceil(2)).collect();
				for dims in [rest, less] {
					check_noise("slice", Op::Slice { x: 0, start: start.clone(), dims }, one);
				}
				for (before, after) in [(step, 0), (0, step), (step, 5)] {
					let pad = |value| Op::Pad {
						x: 0,
						before: vec![before; rank],
						after: vec![after; rank],
						value,
					};
					check_noise("pad", pad(-77), one);
					check_noise("pad of zeros", pad(0), one);
				}
				for axis in 0..rank {
					let mut other = ty.clone();
					other.dims[axis] = step;
					let concat = Op::Concat { a: 0, b: 1, axis: axis as u8 };
					check_noise("concat", concat.clone(), &[ty.clone(), other.clone()]);
					check_noise("concat", concat, &[other, ty.clone()]);
				}
			}
			if rank == 4 {
				for factor in [[1, 1], [2, 3], [5, 1], [1, 4]] {
					check_noise("upsample", Op::UpsampleNearest { x: 0, factor }, one);
				}
			}
		}
	}
}

#[test]
fn gradient_descent() {
	for dims in SHAPES {
		let ty = TensorType::i32(dims);
		for shift in [0, 1, 7, 31] {
			let types = [ty.clone(), ty.clone(), TensorType::i32(&[2]), TensorType::i32(&[1])];
			check_noise("sgd", Op::SgdStep { w: 0, g: 1, seed: 2, step: 3, shift }, &types);
		}
	}
}
