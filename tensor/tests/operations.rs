// SPDX-License-Identifier: Apache-2.0
//! The meaning of each operation, by examples small enough to follow with a pencil.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used,
	reason = "tests may panic"
)]

use calor_tensor::{
	reference,
	testing::{edge_cases, random_case, single},
	Data, Op, Scale, Tensor, TensorType,
};

fn i8s(dims: &[u32], values: &[i8]) -> Tensor {
	Tensor::from_data(TensorType::i8(dims), Data::I8(values.to_vec())).unwrap()
}

fn i32s(dims: &[u32], values: &[i32]) -> Tensor {
	Tensor::from_data(TensorType::i32(dims), Data::I32(values.to_vec())).unwrap()
}

fn apply(op: Op, inputs: &[Tensor]) -> Tensor {
	let case = single("", op, inputs.to_vec());
	reference::run(&case.program.validate().unwrap(), case.operands).unwrap().remove(0)
}

#[test]
fn matmul_sums_over_the_last_dimension_of_both() {
	let a = i8s(&[2, 3], &[1, 2, 3, -4, 5, -6]);
	let b = i8s(&[2, 3], &[7, 8, 9, -128, 127, 0]);
	assert_eq!(
		apply(Op::MatMul { a: 0, b: 1 }, &[a, b]),
		i32s(&[2, 2], &[7 + 16 + 27, -128 + 254, -28 + 40 - 54, 512 + 635])
	);
}

#[test]
fn matmul_shares_a_right_operand_without_leading_dimensions() {
	let a = i8s(&[2, 1, 2], &[1, 2, 3, 4]);
	let b = i8s(&[1, 2], &[10, 100]);
	assert_eq!(apply(Op::MatMul { a: 0, b: 1 }, &[a, b]), i32s(&[2, 1, 1], &[210, 430]));
}

#[test]
fn matmul_multiplies_matrix_by_matrix() {
	let a = i8s(&[2, 1, 1], &[3, 5]);
	let b = i8s(&[2, 1, 1], &[7, 11]);
	assert_eq!(apply(Op::MatMul { a: 0, b: 1 }, &[a, b]), i32s(&[2, 1, 1], &[21, 55]));
}

#[test]
fn additions_wrap_and_broadcast_one_row() {
	let a = i32s(&[2, 2], &[i32::MAX, -1, 5, i32::MIN]);
	let row = i32s(&[2], &[1, -1]);
	let sum = i32s(&[2, 2], &[i32::MIN, -2, 6, i32::MAX]);
	assert_eq!(apply(Op::Bias { x: 0, bias: 1 }, &[a.clone(), row.clone()]), sum);
	assert_eq!(apply(Op::AddI32 { a: 0, b: 1 }, &[a.clone(), row]), sum);
	let twice = i32s(&[2, 2], &[-2, -2, 10, 0]);
	assert_eq!(apply(Op::AddI32 { a: 0, b: 1 }, &[a.clone(), a]), twice);
}

#[test]
fn requant_rounds_halves_up_then_floors_and_clamps() {
	let x = i32s(&[6], &[100, 1, -1, -2, i32::MIN, i32::MAX]);
	// (x * 3 + 2) >> 2, plus 1: 75.5 -> 75 + 1; 5/4 -> 1 + 1; -1/4 -> -1 + 1; -4/4 -> -1 + 1.
	let scales = vec![Scale { multiplier: 3, shift: 2 }];
	let expected = i8s(&[6], &[76, 2, 0, 0, -128, 127]);
	assert_eq!(apply(Op::Requant { x: 0, zero: 1, scales }, &[x]), expected);
}

#[test]
fn requant_takes_one_scale_for_each_channel() {
	let x = i32s(&[2, 2], &[8, 8, -8, -8]);
	let scales = vec![Scale { multiplier: 1, shift: 1 }, Scale { multiplier: 1, shift: 3 }];
	assert_eq!(apply(Op::Requant { x: 0, zero: 0, scales }, &[x]), i8s(&[2, 2], &[4, 1, -4, -1]));
}

#[test]
fn requant_holds_its_extremes() {
	let x = i32s(&[2], &[i32::MIN, i32::MAX]);
	let largest = (1u32 << 31) - 1;
	let at = |shift| vec![Scale { multiplier: largest, shift }];
	// |x * m| is just under 2^62; at shift 62 the rounding term makes the quotient 0 or, for MAX, also 1.
	let q =
		|shift| apply(Op::Requant { x: 0, zero: 0, scales: at(shift) }, std::slice::from_ref(&x));
	assert_eq!(q(62), i8s(&[2], &[-1, 1]));
	assert_eq!(q(1), i8s(&[2], &[-128, 127]));
}

#[test]
fn pointwise_bounds_and_tables() {
	let x = i8s(&[1, 4], &[-128, -1, 0, 127]);
	assert_eq!(apply(Op::Relu { x: 0 }, std::slice::from_ref(&x)), i8s(&[1, 4], &[0, 0, 0, 127]));
	let clamp = Op::Clamp { x: 0, low: -2, high: 5 };
	assert_eq!(apply(clamp, std::slice::from_ref(&x)), i8s(&[1, 4], &[-2, -1, 0, 5]));
	let table = (0..256).map(|i| (255 - i) as u8 as i8).collect();
	// Entry 0 stands for -128.
	assert_eq!(apply(Op::Lut256 { x: 0, table }, &[x]), i8s(&[1, 4], &[-1, -128, 127, 0]));
}

#[test]
fn rows_reduce_to_one_element_and_the_lowest_index_wins() {
	let x = i32s(&[2, 3], &[3, 9, 9, i32::MIN, i32::MIN, i32::MIN]);
	assert_eq!(apply(Op::RowMax { x: 0 }, std::slice::from_ref(&x)), i32s(&[2, 1], &[9, i32::MIN]));
	assert_eq!(apply(Op::ArgMax { x: 0 }, &[x]), i32s(&[2, 1], &[1, 0]));
}

#[test]
fn movement_keeps_every_element() {
	let x = i8s(&[2, 3], &[1, 2, 3, 4, 5, 6]);
	let t = apply(Op::Transpose { x: 0, perm: vec![1, 0] }, std::slice::from_ref(&x));
	assert_eq!(t, i8s(&[3, 2], &[1, 4, 2, 5, 3, 6]));
	let r = apply(Op::Reshape { x: 0, dims: vec![3, 1, 2] }, &[x]);
	assert_eq!(r, i8s(&[3, 1, 2], &[1, 2, 3, 4, 5, 6]));
	let y = i8s(&[2, 2, 2], &[1, 2, 3, 4, 5, 6, 7, 8]);
	let t = apply(Op::Transpose { x: 0, perm: vec![1, 0, 2] }, &[y]);
	assert_eq!(t, i8s(&[2, 2, 2], &[1, 2, 5, 6, 3, 4, 7, 8]));
}

#[test]
fn transposing_twice_is_nothing_on_shapes_beyond_one_tile() {
	let values: Vec<i32> = (0..130 * 70).collect();
	let x = i32s(&[130, 70], &values);
	let once = apply(Op::Transpose { x: 0, perm: vec![1, 0] }, std::slice::from_ref(&x));
	assert_ne!(once.ty(), x.ty());
	assert_eq!(apply(Op::Transpose { x: 0, perm: vec![1, 0] }, &[once]), x);
}

#[test]
fn wrong_operands_are_named() {
	let case = single("", Op::Relu { x: 0 }, vec![i8s(&[2], &[1, 2])]);
	let program = case.program.validate().unwrap();
	let none = reference::run(&program, vec![]).unwrap_err().to_string();
	assert_eq!(none, "the program takes 1 inputs and constants, 0 were given");
	let other = reference::run(&program, vec![i8s(&[3], &[1, 2, 3])]).unwrap_err().to_string();
	assert_eq!(other, "operand 0 must be i8[2], it is i8[3]");
}

#[test]
fn every_generated_case_is_valid_and_runs() {
	for seed in 0..300 {
		let case = random_case(seed);
		let program =
			case.program.clone().validate().unwrap_or_else(|e| panic!("seed {seed}: {e}"));
		reference::run(&program, case.operands).unwrap();
	}
	for case in edge_cases() {
		let program = case.program.validate().unwrap_or_else(|e| panic!("{}: {e}", case.name));
		reference::run(&program, case.operands).unwrap();
	}
}

#[test]
fn random_cases_reach_every_operation() {
	let mut seen = std::collections::BTreeSet::new();
	for seed in 0..300 {
		seen.extend(random_case(seed).program.ops.iter().map(Op::name));
	}
	assert_eq!(seen.len(), 30, "{seen:?}");
}

#[test]
fn random_cases_reshape_constants_that_are_only_weights_and_what_they_reshape_is_read_as_weights() {
	let (mut reshaped, mut read) = (0, 0);
	for seed in 0..300 {
		let program = random_case(seed).program;
		let weights = |op: &Op| match op {
			Op::MatMul { b, .. } => Some(*b),
			Op::Conv2d { weights, .. } => Some(*weights),
			_ => None,
		};
		for (defined, op) in (program.leaves()..).zip(&program.ops) {
			let Op::Reshape { x, .. } = op else { continue };
			let is_constant = (program.inputs.len()..program.leaves()).contains(&usize::from(*x));
			let others = program.ops.iter().filter(|other| *other != op);
			let otherwise = others
				.clone()
				.any(|op| op.operands().any(|id| id == *x && weights(op) != Some(id)));
			reshaped += usize::from(is_constant && !otherwise);
			let is_read = others.clone().any(|op| weights(op).map(usize::from) == Some(defined));
			read += usize::from(is_constant && is_read);
		}
	}
	assert!(reshaped >= 5 && read >= 5, "{reshaped} {read}");
}

#[test]
fn random_cases_go_beyond_one_tile_in_both_directions() {
	let beyond = |at: fn(&calor_tensor::Layout) -> u32| {
		(0..300)
			.flat_map(|seed| random_case(seed).operands)
			.filter(|tensor| at(&tensor.layout()) > 1)
			.count()
	};
	assert!(beyond(|l| l.tile_rows()) > 10);
	assert!(beyond(|l| l.tile_cols()) > 10);
	assert!(beyond(|l| l.matrices) > 10);
}
