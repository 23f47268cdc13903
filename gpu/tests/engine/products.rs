// SPDX-License-Identifier: Apache-2.0
//! Matrix products of sizes that fill an adapter.

use crate::{assert_like_reference, engine};
use calor_tensor::{
	testing::{single, Choice},
	Data, Op, Program, Tensor, TensorType,
};
use std::time::Instant;

const PRODUCT: Op = Op::MatMul { a: 0, b: 1 };

fn noise(seed: u64, dims: &[u32]) -> Tensor {
	let mut choice = Choice::new(seed);
	let ty = TensorType::i8(dims);
	let data = (0..ty.elements()).map(|_| choice.bits() as i8).collect();
	Tensor::from_data(ty, Data::I8(data)).unwrap()
}

fn i8s(tensor: &Tensor) -> &[i8] {
	let Data::I8(v) = tensor.data() else { panic!("not i8") };
	v
}

/// A product on the engine, with elements at a stride compared with sums computed here.
fn assert_product(n: u32, stride: usize) {
	let (a, b) = (noise(1, &[n, n]), noise(2, &[n, n]));
	let case = single("product", PRODUCT, vec![a.clone(), b.clone()]);
	let program = case.program.validate().unwrap();
	let plan = engine().plan(&program).unwrap();
	engine().run(&plan, &case.operands).unwrap();
	let start = Instant::now();
	let outputs = engine().run(&plan, &case.operands).unwrap();
	let seconds = start.elapsed().as_secs_f64();
	println!(
		"{n}^3 on {}: {:.1} ms with transfers, {:.2} GMAC/s",
		engine().info().name,
		seconds * 1e3,
		program.mac() as f64 / seconds / 1e9
	);
	let Data::I32(result) = outputs[0].data() else { panic!("not i32") };
	let n = n as usize;
	for at in (0..n * n).step_by(stride) {
		let (row, column) = (&i8s(&a)[at / n * n..][..n], &i8s(&b)[at % n * n..][..n]);
		let sum: i32 = row.iter().zip(column).map(|(&x, &y)| i32::from(x) * i32::from(y)).sum();
		assert_eq!(result[at], sum, "element {at}");
	}
}

#[test]
fn a_product_of_512_cubed_is_exact() {
	assert_product(512, 1);
}

#[test]
fn a_product_of_1024_cubed_is_exact() {
	// Coprime to the tile: every place within a tile is looked at.
	assert_product(1024, 61);
}

#[test]
fn odd_products_are_like_the_reference() {
	for (m, n, k) in [(1, 1, 1), (65, 3, 2), (3, 65, 3), (64, 64, 4), (1, 300, 33), (129, 130, 131)]
	{
		let inputs = vec![noise(3, &[m, k]), noise(4, &[n, k])];
		assert_like_reference(engine(), &single("odd", PRODUCT, inputs));
	}
}

#[test]
fn batches_are_like_the_reference() {
	for (lead, shared) in [(&[7][..], false), (&[7], true), (&[2, 3], false), (&[2, 3], true)] {
		let dims = |rows: u32, with_lead: bool| {
			let mut dims = if with_lead { lead.to_vec() } else { vec![] };
			dims.extend([rows, 21]);
			dims
		};
		let inputs = vec![noise(5, &dims(33, true)), noise(6, &dims(66, !shared))];
		assert_like_reference(engine(), &single("batch", PRODUCT, inputs));
	}
}

/// A longer chain in which buffers are reused: a perceptron of 12 layers whose width changes.
#[test]
fn a_deep_chain_reuses_buffers_and_is_like_the_reference() {
	let widths = [61u32, 64, 30, 65, 61, 7, 128, 61, 61, 3, 90, 61, 10];
	let inputs = vec![TensorType::i8(&[33, widths[0]])];
	let constants: Vec<_> =
		widths.windows(2).map(|pair| TensorType::i8(&[pair[1], pair[0]])).collect();
	let leaves = 1 + constants.len() as u16;
	let mut ops = Vec::new();
	let mut x = 0;
	for layer in 0..constants.len() as u16 {
		let scales = vec![calor_tensor::Scale { multiplier: 1 << 22, shift: 33 }];
		let product = leaves + ops.len() as u16;
		ops.push(Op::MatMul { a: x, b: 1 + layer });
		ops.push(Op::Requant { x: product, zero: 3, scales });
		ops.push(Op::Relu { x: product + 1 });
		x = product + 2;
	}
	let operands: Vec<_> =
		inputs.iter().chain(&constants).zip(10..).map(|(ty, seed)| noise(seed, &ty.dims)).collect();
	let program = Program { version: 1, inputs, constants, ops, outputs: vec![x] };
	let case = calor_tensor::testing::Case { name: "chain".into(), program, operands };
	assert_like_reference(engine(), &case);
	// All weights stand from the start; of the 36 results, at most two at once.
	let plan = engine().plan(&case.program.validate().unwrap()).unwrap();
	let rows: u64 = 33 * (128 + 128 * 4);
	let weights: u64 = 128 * 128 * 12;
	let fixed = plan.peak_bytes() - engine().plan(&tiny()).unwrap().peak_bytes();
	assert!(fixed < weights + 4 * rows + 36 * 256 + 100_000, "{fixed}");
}

fn tiny() -> calor_tensor::Validated {
	single("tiny", Op::Relu { x: 0 }, vec![noise(1, &[1])]).program.validate().unwrap()
}
