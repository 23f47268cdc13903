// SPDX-License-Identifier: Apache-2.0
//! Every malformed program is refused with an error that names the place and the rule.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::unwrap_used,
	reason = "tests may panic"
)]

use calor_tensor::{
	program::{MAX_OPS, VERSION},
	testing::random_case,
	DType, Fault, Op, Program, Rule, Scale, TensorType, Validated,
};
use codec::Encode;
use proptest::prelude::*;

fn program(inputs: &[TensorType], ops: Vec<Op>) -> Program {
	Program {
		version: VERSION,
		inputs: inputs.to_vec(),
		constants: vec![],
		outputs: vec![(inputs.len() + ops.len() - 1) as u16],
		ops,
	}
}

fn op_fault(inputs: &[TensorType], op: Op) -> Rule {
	match program(inputs, vec![op.clone()]).validate() {
		Err(Fault::Op(0, name, rule)) if name == op.name() => rule,
		other => panic!("{op:?} over {inputs:?}: {other:?}"),
	}
}

fn i8(dims: &[u32]) -> TensorType {
	TensorType::i8(dims)
}

fn i32(dims: &[u32]) -> TensorType {
	TensorType::i32(dims)
}

#[test]
fn matmul_rules() {
	let mm = || Op::MatMul { a: 0, b: 1 };
	assert_eq!(op_fault(&[i32(&[2, 3]), i8(&[2, 3])], mm()), Rule::ElementType);
	assert_eq!(op_fault(&[i8(&[2, 3]), i8(&[2, 4])], mm()), Rule::Shape);
	assert_eq!(op_fault(&[i8(&[3]), i8(&[2, 3])], mm()), Rule::Shape);
	assert_eq!(op_fault(&[i8(&[2, 3]), i8(&[3])], mm()), Rule::Shape);
	assert_eq!(op_fault(&[i8(&[5, 2, 3]), i8(&[4, 2, 3])], mm()), Rule::Shape);
	assert_eq!(op_fault(&[i8(&[2, 3]), i8(&[4, 2, 3])], mm()), Rule::Shape);
	assert_eq!(op_fault(&[i8(&[1, 16_385]), i8(&[1, 16_385])], mm()), Rule::SumTooLong);
	let wide = [i8(&[1 << 20, 1]), i8(&[1 << 20, 1])];
	assert_eq!(op_fault(&wide, mm()), Rule::TooManyTiles);
}

#[test]
fn pointwise_rules() {
	assert_eq!(op_fault(&[i8(&[2]), i32(&[2])], Op::Bias { x: 0, bias: 1 }), Rule::ElementType);
	assert_eq!(op_fault(&[i32(&[4, 2]), i32(&[4])], Op::Bias { x: 0, bias: 1 }), Rule::Shape);
	assert_eq!(op_fault(&[i32(&[4, 2]), i32(&[1, 2])], Op::Bias { x: 0, bias: 1 }), Rule::Shape);
	assert_eq!(op_fault(&[i32(&[4, 2]), i32(&[2, 4])], Op::AddI32 { a: 0, b: 1 }), Rule::Shape);
	let clamp = |low, high| Op::Clamp { x: 0, low, high };
	assert_eq!(op_fault(&[i8(&[2])], clamp(3, 2)), Rule::Bounds);
	assert_eq!(op_fault(&[i8(&[2])], clamp(-129, 2)), Rule::Bounds);
	assert_eq!(op_fault(&[i8(&[2])], clamp(0, 128)), Rule::Bounds);
	let lut = |n| Op::Lut256 { x: 0, table: vec![0; n] };
	assert_eq!(op_fault(&[i8(&[2])], lut(255)), Rule::TableLength);
	assert_eq!(op_fault(&[i32(&[2])], lut(256)), Rule::ElementType);
}

#[test]
fn requant_rules() {
	let requant = |scales: &[(u32, u8)]| Op::Requant {
		x: 0,
		zero: 0,
		scales: scales.iter().map(|&(multiplier, shift)| Scale { multiplier, shift }).collect(),
	};
	let x = [i32(&[2, 3])];
	assert_eq!(op_fault(&x, requant(&[])), Rule::ScaleCount);
	assert_eq!(op_fault(&x, requant(&[(1, 1), (1, 1)])), Rule::ScaleCount);
	assert_eq!(op_fault(&x, requant(&[(1 << 31, 1)])), Rule::Multiplier);
	assert_eq!(op_fault(&x, requant(&[(1, 0)])), Rule::Shift);
	assert_eq!(op_fault(&x, requant(&[(1, 63)])), Rule::Shift);
	assert_eq!(op_fault(&[i8(&[2])], requant(&[(1, 1)])), Rule::ElementType);
	assert!(program(&x, vec![requant(&[(0, 62), (1, 1), (7, 9)])]).validate().is_ok());
}

#[test]
fn movement_rules() {
	let transpose = |perm: &[u8]| Op::Transpose { x: 0, perm: perm.to_vec() };
	let x = [i8(&[2, 3, 4])];
	for perm in [&[0, 1][..], &[0, 0, 2], &[0, 1, 3], &[2, 1, 0], &[1, 2, 0], &[2, 0, 1]] {
		assert_eq!(op_fault(&x, transpose(perm)), Rule::Permutation, "{perm:?}");
	}
	assert_eq!(op_fault(&[i8(&[4])], transpose(&[0])), Rule::Permutation);
	let reshape = |dims: &[u32]| Op::Reshape { x: 0, dims: dims.to_vec() };
	assert_eq!(op_fault(&x, reshape(&[23])), Rule::ElementCount);
	assert_eq!(op_fault(&x, reshape(&[])), Rule::Rank);
	assert_eq!(op_fault(&x, reshape(&[1, 1, 1, 1, 24])), Rule::Rank);
	// 2^96 wraps to 0 in u64: it must not pass for a small number.
	assert_eq!(op_fault(&x, reshape(&[1 << 24, 1 << 24, 1 << 24, 1 << 24])), Rule::ElementCount);
}

#[test]
fn operands_must_be_defined_before() {
	for id in [1, 2, u16::MAX] {
		assert_eq!(op_fault(&[i8(&[4])], Op::Relu { x: id }), Rule::UndefinedOperand);
	}
}

#[test]
fn types_are_checked_where_they_stand() {
	let relu = || vec![Op::Relu { x: 0 }];
	let fault = |ty: TensorType| program(&[ty], relu()).validate().unwrap_err();
	assert_eq!(fault(i8(&[])), Fault::Input(0, Rule::Rank));
	assert_eq!(fault(i8(&[1, 1, 1, 1, 1])), Fault::Input(0, Rule::Rank));
	assert_eq!(fault(i8(&[3, 0])), Fault::Input(0, Rule::ZeroDimension));
	assert_eq!(fault(i8(&[u32::MAX; 4])), Fault::Input(0, Rule::TooManyTiles));
	let mut p = program(&[i8(&[1])], relu());
	p.constants = vec![i32(&[0])];
	assert_eq!(p.validate().unwrap_err(), Fault::Constant(0, Rule::ZeroDimension));
}

#[test]
fn counts_version_and_outputs() {
	let base = || program(&[i8(&[1])], vec![Op::Relu { x: 0 }]);
	let with = |change: &dyn Fn(&mut Program)| {
		let mut p = base();
		change(&mut p);
		p.validate().unwrap_err()
	};
	assert_eq!(with(&|p| p.version = 2), Fault::Program(Rule::UnknownVersion));
	assert_eq!(with(&|p| p.ops.clear()), Fault::Program(Rule::OpCount));
	assert_eq!(
		with(&|p| p.ops = vec![Op::Relu { x: 0 }; MAX_OPS + 1]),
		Fault::Program(Rule::OpCount)
	);
	assert_eq!(with(&|p| p.inputs = vec![i8(&[1]); 17]), Fault::Program(Rule::InputCount));
	assert_eq!(with(&|p| p.constants = vec![i8(&[1]); 257]), Fault::Program(Rule::ConstantCount));
	assert_eq!(with(&|p| p.outputs.clear()), Fault::Program(Rule::OutputCount));
	assert_eq!(with(&|p| p.outputs = vec![1; 17]), Fault::Program(Rule::OutputCount));
	assert_eq!(with(&|p| p.outputs = vec![0]), Fault::Output(0, Rule::OutputNotComputed));
	assert_eq!(with(&|p| p.outputs = vec![1, 2]), Fault::Output(1, Rule::OutputNotComputed));
	assert_eq!(with(&|p| p.outputs = vec![1, 1]), Fault::Output(1, Rule::OutputRepeated));
	let table = vec![0i8; 256];
	let long = vec![Op::Lut256 { x: 0, table }; 1_100];
	assert_eq!(program(&[i8(&[1])], long).validate().unwrap_err(), Fault::Program(Rule::TooLong));
}

#[test]
fn bytes_must_be_exactly_one_program() {
	let bytes = program(&[i8(&[1])], vec![Op::Relu { x: 0 }]).encode();
	assert!(Validated::from_bytes(&bytes).is_ok());
	let mut longer = bytes.clone();
	longer.push(0);
	for bad in [&longer[..], &bytes[..bytes.len() - 1], &[]] {
		assert_eq!(Validated::from_bytes(bad).unwrap_err(), Fault::Program(Rule::Malformed));
	}
	let error = Validated::from_bytes(&vec![0; 256 * 1024 + 1]).unwrap_err();
	assert_eq!(error.rule(), Rule::TooLong);
}

#[test]
fn errors_read_as_sentences() {
	let fault = Fault::Op(3, "MatMul", Rule::Shape).to_string();
	assert_eq!(fault, "op 3 (MatMul): the operands' dimensions do not go together");
	let whole = Fault::Program(Rule::OpCount).to_string();
	assert_eq!(whole, "program: there must be 1 to 4,096 operations");
}

#[test]
fn cost_counts_products_exactly_and_elements_elsewhere() {
	let ops = vec![Op::MatMul { a: 0, b: 1 }, Op::Relu { x: 2 }, Op::ArgMax { x: 3 }];
	let p = program(&[i8(&[5, 2, 3]), i8(&[7, 3])], ops).validate().unwrap();
	assert_eq!(p.costs(), &[5 * 2 * 7 * 3, 2 * 70, 70 + 10]);
	assert_eq!(p.mac(), 210 + 140 + 80);
	assert_eq!(p.output_types().next(), Some(&TensorType::new(DType::I32, &[5, 2, 1])));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(512))]

	/// Whatever bytes arrive: a decision, never a panic; and what is accepted survives another round.
	#[test]
	fn mutated_programs_never_panic(seed in any::<u64>(), cuts in prop::collection::vec((any::<u16>(), any::<u8>()), 0..6)) {
		let mut bytes = random_case(seed).program.encode();
		for (at, value) in cuts {
			let n = bytes.len();
			bytes[usize::from(at) % n] = value;
		}
		if let Ok(valid) = Validated::from_bytes(&bytes) {
			let again = Validated::from_bytes(&valid.program().encode()).unwrap();
			prop_assert_eq!(again, valid);
		}
	}

	#[test]
	fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
		drop(Validated::from_bytes(&bytes));
	}
}
