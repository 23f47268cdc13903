// SPDX-License-Identifier: Apache-2.0
//! Right claims pass, and one wrong element is found.

use calor_cpu::{verify, Engine, Error, Options};
use calor_tensor::{
	reference,
	testing::{random_case, validated, Choice},
	Data, Op, Program, Tensor, TensorType,
};

/// A random MatMul and its product.
fn product(choice: &mut Choice) -> [Tensor; 3] {
	let [m, n, k] = [0; 3].map(|_| choice.within(1, 70) as u32);
	let (mut a, mut b) = (vec![m, k], vec![n, k]);
	if choice.within(0, 2) == 0 {
		a.insert(0, 3);
		if choice.within(0, 1) == 0 {
			b.insert(0, 3);
		}
	}
	let program = Program {
		version: calor_tensor::program::VERSION,
		inputs: vec![TensorType::i8(&a), TensorType::i8(&b)],
		constants: Vec::new(),
		ops: vec![Op::MatMul { a: 0, b: 1 }],
		outputs: vec![2],
	};
	let operands = [&a, &b].map(|dims| choice.tensor(&TensorType::i8(dims)).expect("a tensor"));
	let program = program.validate().expect("a valid program");
	let c = reference::run(&program, operands.to_vec()).expect("a product").remove(0);
	let [a, b] = operands;
	[a, b, c]
}

/// Changes one element, by amounts that simpler checks overlook among others.
fn spoil(choice: &mut Choice, tensor: &mut Tensor) {
	match tensor.data_mut() {
		Data::I8(v) => {
			let at = choice.within(0, v.len() as u64 - 1) as usize;
			v[at] = v[at].wrapping_add(choice.of(&[1, -1, i8::MIN, 64]));
		},
		Data::I32(v) => {
			let at = choice.within(0, v.len() as u64 - 1) as usize;
			let by = choice.of(&[1, -1, i32::MIN, i32::MAX, 1 << 16, -(1 << 30), 12_345]);
			v[at] = v[at].wrapping_add(by);
		},
	}
}

#[test]
fn products_pass_and_one_wrong_element_is_found() {
	let mut choice = Choice::new(7);
	for _ in 0..500 {
		let [a, b, mut c] = product(&mut choice);
		let seed = choice.bits();
		assert!(verify::product(&a, &b, &c, seed), "{} {}", a.ty(), b.ty());
		spoil(&mut choice, &mut c);
		assert!(!verify::product(&a, &b, &c, seed), "{} {}", a.ty(), b.ty());
	}
}

#[test]
fn what_is_no_product_does_not_pass() {
	let mut choice = Choice::new(8);
	let tensor = |ty: TensorType| Tensor::zeros(ty).expect("a tensor");
	let (a, b) = (tensor(TensorType::i8(&[3, 5])), tensor(TensorType::i8(&[4, 5])));
	for c in [TensorType::i32(&[4, 3]), TensorType::i8(&[3, 4]), TensorType::i32(&[12])] {
		assert!(!verify::product(&a, &b, &tensor(c), choice.bits()));
	}
	assert!(verify::product(&a, &b, &tensor(TensorType::i32(&[3, 4])), choice.bits()));
	let longer = tensor(TensorType::i8(&[4, 6]));
	assert!(!verify::product(&a, &longer, &tensor(TensorType::i32(&[3, 4])), choice.bits()));
}

#[test]
fn traces_pass_and_the_first_wrong_operation_is_named() {
	let engine = Engine::new(&Options::default()).expect("an engine");
	let mut choice = Choice::new(9);
	for seed in 0..150 {
		let case = random_case(seed);
		let program = validated(&case).expect("a valid case");
		let mut claimed = reference::trace(&program, case.operands.clone()).expect("a trace");
		let check = |claimed: &[Tensor]| {
			verify::trace(&engine, &program, &case.operands, claimed, seed).expect("a verdict")
		};
		assert_eq!(check(&claimed), None, "seed {seed}");
		let at = choice.within(0, claimed.len() as u64 - 1) as usize;
		spoil(&mut choice, &mut claimed[at]);
		assert_eq!(check(&claimed), Some(at as u16), "seed {seed}");
	}
}

#[test]
fn large_products_and_convolutions_are_checked_in_a_trace() {
	let window = calor_tensor::program::Window {
		size: [3, 3],
		stride: [1, 1],
		pad: [1, 1, 1, 1],
		dilation: [1, 1],
	};
	let program = Program {
		version: calor_tensor::program::VERSION,
		inputs: vec![TensorType::i8(&[600, 700]), TensorType::i8(&[1, 30, 30, 256])],
		constants: vec![TensorType::i8(&[650, 700]), TensorType::i8(&[256, 9 * 256])],
		ops: vec![
			Op::MatMul { a: 0, b: 2 },
			Op::Conv2d { x: 1, weights: 3, window, groups: 1, zero: -7 },
		],
		outputs: vec![4, 5],
	};
	let mut choice = Choice::new(10);
	let types: Vec<_> = program.inputs.iter().chain(&program.constants).collect();
	let fill = |ty: &&TensorType| {
		let data = (0..ty.elements()).map(|_| choice.bits() as i8).collect();
		Tensor::from_data((*ty).clone(), Data::I8(data)).expect("a tensor")
	};
	let operands: Vec<Tensor> = types.iter().map(fill).collect();
	let program = program.validate().expect("a valid program");
	let engine = Engine::new(&Options::default()).expect("an engine");
	let plan = engine.plan(&program).expect("a plan");
	let claimed = engine.run(&plan, &operands).expect("a trace");
	let mut choice = Choice::new(11);
	for seed in 0..10 {
		let check = |claimed: &[Tensor]| {
			verify::trace(&engine, &program, &operands, claimed, seed).expect("a verdict")
		};
		assert_eq!(check(&claimed), None);
		let at = seed as usize % 2;
		let mut spoilt = claimed.clone();
		spoil(&mut choice, &mut spoilt[at]);
		assert_eq!(check(&spoilt), Some(at as u16));
	}
	let few = verify::trace(&engine, &program, &operands, &claimed[..1], 0);
	assert!(matches!(few, Err(Error::Count { expected: 2, actual: 1, .. })));
}
