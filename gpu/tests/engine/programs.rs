// SPDX-License-Identifier: Apache-2.0
//! Edge cases and random programs.

use crate::{assert_like_reference, engine};
use calor_tensor::{
	testing::{edge_cases, random_case, single, Choice},
	Op, Scale, Tensor, TensorType,
};
use proptest::prelude::*;

fn long() -> bool {
	std::env::var("CALOR_LONG").is_ok_and(|v| v == "1")
}

#[test]
fn the_self_test_passes_and_runs_every_kernel() {
	let report = engine().self_test().unwrap();
	assert!(report.cases > 100, "{report:?}");
	assert!(report.kernels.iter().any(|name| name.starts_with("matmul")), "{report:?}");
}

#[test]
fn edge_cases_are_like_the_reference() {
	edge_cases().iter().for_each(|case| assert_like_reference(engine(), case));
}

#[test]
fn every_rank_and_row_length_is_like_the_reference() {
	let mut choice = Choice::new(7);
	for last in [1, 2, 3, 4, 5, 7, 8, 63, 64, 65] {
		for lead in [&[][..], &[5], &[2, 3], &[2, 1, 3]] {
			let mut dims = lead.to_vec();
			dims.push(last);
			let x = choice.tensor(&TensorType::i32(&dims)).unwrap();
			let row = choice.tensor(&TensorType::i32(&[last])).unwrap();
			let scales = (0..last)
				.map(|i| Scale { multiplier: (1 << 31) - 1 - i, shift: (i % 62 + 1) as u8 })
				.collect();
			let flat: u32 = dims.iter().product();
			for (op, inputs) in [
				(Op::AddI32 { a: 0, b: 1 }, vec![x.clone(), x.clone()]),
				(Op::Bias { x: 0, bias: 1 }, vec![x.clone(), row]),
				(Op::Requant { x: 0, zero: -128, scales }, vec![x.clone()]),
				(Op::Reshape { x: 0, dims: vec![flat] }, vec![x.clone()]),
				(Op::Reshape { x: 0, dims: vec![flat, 1] }, vec![x.clone()]),
				(Op::ArgMax { x: 0 }, vec![x.clone()]),
			] {
				assert_like_reference(engine(), &single("ranks", op, inputs));
			}
		}
	}
}

#[test]
fn every_permutation_is_like_the_reference() {
	let perms: [&[u8]; 10] = [
		&[0, 1],
		&[1, 0],
		&[0, 2, 1],
		&[1, 0, 2],
		&[0, 1, 3, 2],
		&[0, 2, 1, 3],
		&[1, 0, 2, 3],
		&[1, 2, 0, 3],
		&[2, 0, 1, 3],
		&[2, 1, 0, 3],
	];
	let mut choice = Choice::new(8);
	for perm in perms {
		for dims in [[3, 5, 7, 6], [2, 66, 3, 8], [4, 1, 70, 1]] {
			for ty in [TensorType::i8(&dims[..perm.len()]), TensorType::i32(&dims[..perm.len()])] {
				let x: Tensor = choice.tensor(&ty).unwrap();
				let op = Op::Transpose { x: 0, perm: perm.to_vec() };
				assert_like_reference(engine(), &single("permutation", op, vec![x]));
			}
		}
	}
}

#[test]
fn rows_longer_than_a_dispatch_are_like_the_reference() {
	// On a CPU adapter a dispatch takes 2^19 quads, so a row of three million elements is done in two.
	let mut choice = Choice::new(9);
	for ty in [TensorType::i8(&[3_000_001]), TensorType::i32(&[3_000_001])] {
		let x = choice.tensor(&ty).unwrap();
		for op in [Op::Relu { x: 0 }, Op::Clamp { x: 0, low: -5, high: 77 }] {
			assert_like_reference(engine(), &single("long row", op, vec![x.clone()]));
		}
	}
	let inputs = (0..2).map(|_| choice.tensor(&TensorType::i32(&[3_000_001])).unwrap()).collect();
	assert_like_reference(engine(), &single("long sum", Op::AddI32 { a: 0, b: 1 }, inputs));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(if long() { 10_000 } else { 300 }))]

	#[test]
	fn random_programs_are_like_the_reference(seed: u64) {
		let case = random_case(seed);
		assert_like_reference(engine(), &case);
	}
}
