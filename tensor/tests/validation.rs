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
	DType, Fault, Op, Program, Rule, Scale, TensorType, Validated, Window,
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
fn memory_is_what_is_alive_at_once() {
	// Of five tensors of 16 bytes two are alive at a time.
	let relu = |x| Op::Relu { x };
	let chain = program(&[i32(&[1, 4])], vec![relu(0), relu(1), relu(2), relu(3)]);
	assert_eq!(chain.clone().validate().unwrap().memory(), 32);
	// The first result is an output: it stays.
	let kept = Program { outputs: vec![1, 4], ..chain.clone() };
	assert_eq!(kept.validate().unwrap().memory(), 48);
	// A constant stays throughout, read or not.
	let constants = vec![i8(&[1, 100])];
	let ops = vec![relu(0), relu(2), relu(3)];
	let with = Program { constants, ops, outputs: vec![4], ..chain };
	assert_eq!(with.validate().unwrap().memory(), 132);
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
	let p = program(&[i8(&[5, 128, 3]), i8(&[320, 3])], ops).validate().unwrap();
	let product = 5 * 128 * 320;
	assert_eq!(p.costs(), &[product * 3, 2 * product, product + 5 * 128]);
	assert_eq!(p.mac(), 6 * product + 5 * 128);
	assert_eq!(p.output_types().next(), Some(&TensorType::new(DType::I32, &[5, 128, 1])));
}

#[test]
fn a_result_costs_the_hashing_of_its_tiles_at_least() {
	let relu = vec![Op::Relu { x: 0 }];
	let cost = |dims: &[u32]| program(&[i8(dims)], relu.clone()).validate().unwrap().mac();
	// Three elements in as many tiles, a full tile, and one element more.
	assert_eq!((cost(&[3, 1, 1]), cost(&[64, 64]), cost(&[65, 64])), (12_288, 8_192, 8_320));
	let product = vec![Op::MatMul { a: 0, b: 1 }];
	let thin = program(&[i8(&[1, 2]), i8(&[1, 2])], product).validate().unwrap();
	assert_eq!(thin.mac(), 4_096);
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

#[test]
fn windows_are_checked() {
	let x = i8(&[1, 5, 7, 6]);
	let window = |change: &dyn Fn(&mut Window)| {
		let mut window = Window { size: [3, 3], stride: [1, 1], pad: [0; 4], dilation: [1, 1] };
		change(&mut window);
		window
	};
	let pool = |change: &dyn Fn(&mut Window)| Op::MaxPool2d { x: 0, window: window(change) };
	let changes: [&dyn Fn(&mut Window); 6] = [
		&|w| w.size[0] = 0,
		&|w| w.stride[1] = 0,
		&|w| w.dilation[0] = 0,
		&|w| w.size[0] = 6,
		&|w| w.dilation[1] = 4,
		&|w| (w.size, w.pad) = ([u16::MAX; 2], [u16::MAX / 4; 4]),
	];
	for change in changes {
		assert_eq!(op_fault(std::slice::from_ref(&x), pool(change)), Rule::Window);
	}
	assert_eq!(op_fault(&[i8(&[5, 7, 6])], pool(&|_| ())), Rule::Rank);
	let conv = |groups| Op::Conv2d { x: 0, weights: 1, window: window(&|_| ()), groups, zero: 0 };
	assert_eq!(op_fault(&[x.clone(), i8(&[4, 54])], conv(0)), Rule::Groups);
	assert_eq!(op_fault(&[x.clone(), i8(&[4, 54])], conv(4)), Rule::Groups);
	assert_eq!(op_fault(&[x.clone(), i8(&[4, 18])], conv(3)), Rule::Groups);
	assert_eq!(op_fault(&[x.clone(), i8(&[4, 54])], conv(2)), Rule::Shape);
	assert_eq!(op_fault(&[x.clone(), i32(&[4, 54])], conv(1)), Rule::ElementType);
	assert_eq!(op_fault(&[x.clone(), i8(&[4, 9, 6])], conv(1)), Rule::Rank);
	let wide = [i8(&[1, 5, 7, 2_000]), i8(&[4, 18_000])];
	assert_eq!(op_fault(&wide, conv(1)), Rule::SumTooLong);
	let upsample = |factor| Op::UpsampleNearest { x: 0, factor };
	assert_eq!(op_fault(std::slice::from_ref(&x), upsample([0, 1])), Rule::Factor);
	assert_eq!(op_fault(&[i8(&[1, 1 << 20, 1, 1])], upsample([1 << 15, 1])), Rule::TooManyTiles);
}

#[test]
fn rows_and_tables_are_checked() {
	let softmax = |table: Vec<u16>| Op::SoftmaxI8 { x: 0, table };
	assert_eq!(op_fault(&[i8(&[2])], softmax(vec![1; 255])), Rule::TableLength);
	assert_eq!(op_fault(&[i8(&[2])], softmax(vec![0; 256])), Rule::TableStart);
	assert_eq!(op_fault(&[i8(&[8_193])], softmax(vec![1; 256])), Rule::RowTooLong);
	assert_eq!(op_fault(&[i32(&[2])], softmax(vec![1; 256])), Rule::ElementType);
	let gradient = Op::CrossEntropyGrad { x: 0, target: 1, table: vec![1; 256] };
	assert_eq!(op_fault(&[i8(&[2]), i8(&[3])], gradient.clone()), Rule::Shape);
	assert_eq!(op_fault(&[i8(&[2]), i32(&[2])], gradient), Rule::ElementType);
	let scales = |n| vec![Scale { multiplier: 1, shift: 1 }; n];
	let norm = |eps, n| Op::LayerNormI8 { x: 0, eps, zero: 0, scales: scales(n) };
	assert_eq!(op_fault(&[i8(&[4])], norm(0, 1)), Rule::Epsilon);
	assert_eq!(op_fault(&[i8(&[4])], norm(1, 3)), Rule::ScaleCount);
	assert_eq!(op_fault(&[i8(&[8_193])], norm(1, 1)), Rule::RowTooLong);
	let rescale = Op::Rescale { x: 0, scales: scales(3) };
	assert_eq!(op_fault(&[i8(&[4])], rescale), Rule::ScaleCount);
	assert_eq!(op_fault(&[i32(&[2]), i32(&[2])], Op::MaxI8 { a: 0, b: 1 }), Rule::ElementType);
	assert_eq!(op_fault(&[i32(&[2]), i32(&[3])], Op::MulI32 { a: 0, b: 1 }), Rule::Shape);
}

#[test]
fn blocks_and_places_are_checked() {
	let slice = |start: &[u32], dims: &[u32]| Op::Slice {
		x: 0,
		start: start.to_vec(),
		dims: dims.to_vec(),
	};
	let x = [i8(&[4, 6])];
	assert_eq!(op_fault(&x, slice(&[0, 0], &[5, 1])), Rule::Block);
	assert_eq!(op_fault(&x, slice(&[4, 0], &[1, 1])), Rule::Block);
	assert_eq!(op_fault(&x, slice(&[u32::MAX, 0], &[2, 1])), Rule::Block);
	assert_eq!(op_fault(&x, slice(&[0], &[1])), Rule::Block);
	assert_eq!(op_fault(&x, slice(&[0, 0], &[0, 1])), Rule::ZeroDimension);
	let pad =
		|before: &[u32], value| Op::Pad { x: 0, before: before.to_vec(), after: vec![0, 0], value };
	assert_eq!(op_fault(&x, pad(&[0], 0)), Rule::Block);
	assert_eq!(op_fault(&x, pad(&[0, 0], 128)), Rule::Bounds);
	assert_eq!(op_fault(&x, pad(&[u32::MAX, 0], 0)), Rule::TooManyTiles);
	let concat = |axis| Op::Concat { a: 0, b: 1, axis };
	assert_eq!(op_fault(&[i8(&[4, 6]), i8(&[4, 6])], concat(2)), Rule::Axis);
	assert_eq!(op_fault(&[i8(&[4, 6]), i8(&[4, 7])], concat(0)), Rule::Shape);
	assert_eq!(op_fault(&[i8(&[4, 6]), i8(&[4, 6, 1])], concat(0)), Rule::Shape);
	assert_eq!(op_fault(&[i8(&[4, 6]), i32(&[4, 6])], concat(0)), Rule::ElementType);
	let gather = Op::Gather { table: 0, index: 1 };
	assert_eq!(op_fault(&[i8(&[4]), i32(&[2])], gather.clone()), Rule::Rank);
	assert_eq!(op_fault(&[i8(&[4, 6]), i8(&[2])], gather.clone()), Rule::ElementType);
	assert_eq!(op_fault(&[i8(&[4, 6]), i32(&[1, 1, 1, 2])], gather), Rule::Rank);
	let one_hot = |classes| Op::OneHot { x: 0, classes, on: 1 };
	assert_eq!(op_fault(&[i32(&[3])], one_hot(0)), Rule::ZeroDimension);
	assert_eq!(op_fault(&[i32(&[1, 1, 1, 3])], one_hot(2)), Rule::Rank);
	let sgd = |shift| Op::SgdStep { w: 0, g: 1, seed: 2, step: 3, shift };
	let good = [i32(&[3]), i32(&[3]), i32(&[2]), i32(&[1])];
	assert_eq!(op_fault(&good, sgd(32)), Rule::RateShift);
	for (at, dims) in [(1, [4]), (2, [1]), (3, [2])] {
		let mut bad = good.to_vec();
		bad[at] = i32(&dims);
		assert_eq!(op_fault(&bad, sgd(1)), Rule::Shape);
	}
}

#[test]
fn a_window_costs_each_element_that_it_reads() {
	let window = Window { size: [2, 3], stride: [1, 1], pad: [0; 4], dilation: [1, 1] };
	let cost = |op: Op, inputs: &[TensorType]| program(inputs, vec![op]).validate().unwrap().mac();
	let x = i8(&[1, 3, 66, 64]);
	let pool = Op::SumPool2d { x: 0, window };
	assert_eq!(cost(pool, std::slice::from_ref(&x)), 2 * 64 * 64 * (6 + 1));
	let conv = Op::Conv2d { x: 0, weights: 1, window, groups: 1, zero: 0 };
	assert_eq!(cost(conv, &[x, i8(&[5, 384])]), 2 * 64 * 5 * 384);
	// A lookup in a large table reads what it looks up.
	let gather = Op::Gather { table: 0, index: 1 };
	assert_eq!(cost(gather, &[i8(&[10_000, 64]), i32(&[64])]), 4_096 + 64 + 4_096);
	let slice = Op::Slice { x: 0, start: vec![7, 0], dims: vec![64, 64] };
	assert_eq!(cost(slice, &[i8(&[100, 64])]), 8_192);
}
