// SPDX-License-Identifier: Apache-2.0
//! Outputs at hand: right ones pass, and a wrong one is found whatever made it.

use calor_cpu::{Engine, Options};
use calor_tensor::{
	program::{Window, VERSION},
	reference,
	testing::{random_case, validated, Choice},
	Data, Op, Program, Tensor, TensorType,
};
use calor_verify::{check, Error};

fn engine() -> Engine {
	Engine::new(&Options { threads: Some(1), ..Options::default() }).expect("an engine")
}

fn flip(choice: &mut Choice, tensor: &mut Tensor) {
	let at = choice.within(0, tensor.data().len() as u64 - 1) as usize;
	match tensor.data_mut() {
		Data::I8(v) => v[at] ^= choice.within(1, 255) as u8 as i8,
		Data::I32(v) => v[at] ^= 1 << choice.within(0, 31),
	}
}

#[test]
fn wrong_outputs_of_random_programs_are_found() {
	let (mut choice, engine) = (Choice::new(1), engine());
	for seed in 0..if std::env::var_os("CALOR_LONG").is_some() { 2_000 } else { 100 } {
		let case = random_case(seed);
		let program = validated(&case).expect("a valid case");
		let mut outputs = reference::run(&program, case.operands.clone()).expect("a run");
		let check = |outputs: &[Tensor]| {
			check::outputs(&engine, &program, &case.operands, outputs).expect("a verdict")
		};
		assert_eq!(check(&outputs), None, "seed {seed}");
		let at = choice.within(0, outputs.len() as u64 - 1) as usize;
		flip(&mut choice, &mut outputs[at]);
		assert_eq!(check(&outputs), Some(at as u16), "seed {seed}");
	}
}

/// Large products: one from operands, one from that one, one whose operand is no output; one is read by others.
fn products() -> (calor_tensor::Validated, Vec<Tensor>) {
	let window = Window { size: [3, 3], stride: [1, 1], pad: [1; 4], dilation: [1, 1] };
	let scales = vec![calor_tensor::Scale { multiplier: 1 << 20, shift: 31 }];
	let program = Program {
		version: VERSION,
		inputs: vec![TensorType::i8(&[400, 450]), TensorType::i8(&[1, 30, 30, 256])],
		constants: vec![TensorType::i8(&[420, 450]), TensorType::i8(&[256, 9 * 256])],
		ops: vec![
			Op::MatMul { a: 0, b: 2 },
			Op::Requant { x: 4, zero: 0, scales },
			Op::MatMul { a: 5, b: 5 },
			Op::Conv2d { x: 1, weights: 3, window, groups: 1, zero: -7 },
			Op::RowSum { x: 6 },
			Op::RowMax { x: 7 },
		],
		outputs: vec![6, 4, 7, 8],
	};
	let mut choice = Choice::new(2);
	let types: Vec<_> = program.inputs.iter().chain(&program.constants).cloned().collect();
	let fill = |ty: TensorType| {
		let bytes: Vec<u8> = (0..ty.bytes()).map(|_| choice.bits() as u8).collect();
		Tensor::from_bytes(ty, &bytes).expect("a tensor")
	};
	let operands = types.into_iter().map(fill).collect();
	(program.validate().expect("a valid program"), operands)
}

#[test]
fn large_products_are_checked_and_not_computed() {
	let ((program, operands), engine) = (products(), engine());
	let plan = engine.plan(&program).expect("a plan");
	let outputs = engine.run(&plan, &operands).expect("a run");
	let mut choice = Choice::new(3);
	let check = |outputs: &[Tensor]| check::outputs(&engine, &program, &operands, outputs);
	assert_eq!(check(&outputs).expect("a verdict"), None);
	for place in [0, 1, 2, 3] {
		let mut wrong = outputs.clone();
		flip(&mut choice, &mut wrong[place]);
		assert_eq!(check(&wrong).expect("a verdict"), Some(place as u16));
	}
	// What follows from a wrong product is right for it: the product is named.
	let mut wrong = outputs.clone();
	flip(&mut choice, &mut wrong[1]);
	flip(&mut choice, &mut wrong[0]);
	assert_eq!(check(&wrong).expect("a verdict"), Some(1));
	// Of another type, or too few.
	let mut other = outputs.clone();
	other[3] = Tensor::zeros(TensorType::i8(&[1])).expect("a tensor");
	assert_eq!(check(&other).expect("a verdict"), Some(3));
	assert!(matches!(check(&outputs[1..]), Err(Error::Count { expected: 4, actual: 3, .. })));
	assert!(matches!(check::outputs(&engine, &program, &[], &outputs), Err(Error::Operand(_))));
}

#[test]
fn whole_traces_are_checked() {
	let (engine, mut choice) = (engine(), Choice::new(4));
	for seed in 0..20 {
		let case = random_case(seed);
		let program = validated(&case).expect("a valid case");
		let mut claimed = reference::trace(&program, case.operands.clone()).expect("a trace");
		let check = |claimed: &[Tensor]| {
			check::trace(&engine, &program, &case.operands, claimed).expect("a verdict")
		};
		assert_eq!(check(&claimed), None);
		let at = choice.within(0, claimed.len() as u64 - 1) as usize;
		flip(&mut choice, &mut claimed[at]);
		assert_eq!(check(&claimed), Some(at as u16));
	}
}
