// SPDX-License-Identifier: Apache-2.0
//! Plans that stay on the device, and the memory they take.

use crate::{engine, open};
use calor_gpu::{Caps, Error};
use calor_tensor::{
	program::VERSION,
	reference::{self, RunError},
	tensor_root,
	testing::{Case, Choice},
	Op, Program, Scale, Tensor, TensorType,
};
use std::{
	sync::atomic::{AtomicBool, Ordering},
	thread,
};

/// Two layers with weights.
fn layers(rows: u32, width: u32) -> Case {
	let mut choice = Choice::new(31);
	let inputs = vec![TensorType::i8(&[rows, width])];
	let constants = vec![TensorType::i8(&[width, width]), TensorType::i8(&[width, width])];
	let operands: Vec<_> =
		inputs.iter().chain(&constants).map(|ty| choice.tensor(ty).unwrap()).collect();
	let scales = vec![Scale { multiplier: 1 << 22, shift: 33 }];
	let ops = vec![
		Op::MatMul { a: 0, b: 1 },
		Op::Requant { x: 3, zero: 3, scales: scales.clone() },
		Op::MatMul { a: 4, b: 2 },
		Op::Requant { x: 5, zero: 0, scales },
	];
	let program = Program { version: VERSION, inputs, constants, ops, outputs: vec![6, 4] };
	Case { name: "layers".into(), program, operands }
}

#[test]
fn a_session_runs_again_and_again() {
	let case = layers(5, 61);
	let program = case.program.validate().unwrap();
	let plan = engine().plan(&program).unwrap();
	let roots: Vec<_> = case.operands[1..].iter().map(tensor_root).collect();
	let sessions = [
		engine().load(&plan, &case.operands[1..]).unwrap(),
		engine().load_rooted(&plan, &case.operands[1..], &roots).unwrap(),
		// Takes the constants from the one before.
		engine().load_rooted(&plan, &case.operands[1..], &roots).unwrap(),
	];
	let mut choice = Choice::new(32);
	for _ in 0..3 {
		let mut operands = case.operands.clone();
		operands[0] = choice.tensor(operands[0].ty()).unwrap();
		let wanted = reference::run(&program, operands.clone()).unwrap();
		for session in &sessions {
			assert_eq!(session.run(&operands[..1]).unwrap(), wanted);
		}
	}
	let none = sessions[0].run(&[]).unwrap_err();
	assert!(matches!(none, Error::Operand(RunError::OperandCount { expected: 1, actual: 0 })));
	let wrong = sessions[0].run(&[case.operands[1].clone()]).unwrap_err();
	assert!(matches!(wrong, Error::Operand(RunError::OperandType { id: 0, .. })));
	let none = engine().load(&plan, &[]).unwrap_err();
	assert!(matches!(none, Error::Operand(RunError::OperandCount { expected: 3, actual: 1 })));
}

#[test]
fn constants_of_a_root_are_kept_up_to_the_limit() {
	let case = layers(5, 64);
	let program = case.program.validate().unwrap();
	let roots: Vec<_> = case.operands[1..].iter().map(tensor_root).collect();
	let wanted = reference::run(&program, case.operands.clone()).unwrap();
	// The device believes the root: other constants under the same one show that those of before are used.
	let other: Vec<Tensor> =
		case.operands[1..].iter().map(|t| Tensor::zeros(t.ty().clone()).unwrap()).collect();
	for (limit, kept) in [(1 << 20, true), (4096, false)] {
		let engine = open(Caps { weights_bytes: Some(limit), ..Default::default() });
		let plan = engine.plan(&program).unwrap();
		engine.load_rooted(&plan, &case.operands[1..], &roots).unwrap();
		let session = engine.load_rooted(&plan, &other, &roots).unwrap();
		assert_eq!(session.run(&case.operands[..1]).unwrap() == wanted, kept);
	}
}

#[test]
fn a_plan_knows_the_memory_it_takes() {
	for (rows, width) in [(2048, 1024), (64, 2048), (8192, 256)] {
		let engine = open(Caps::default());
		let case = layers(rows, width);
		let plan = engine.plan(&case.program.validate().unwrap()).unwrap();
		let before = engine.allocated_bytes().unwrap();
		let done = AtomicBool::new(false);
		let (resident, peak) = thread::scope(|scope| {
			let watch = scope.spawn(|| {
				let mut peak = 0;
				while !done.load(Ordering::Relaxed) {
					peak = engine.allocated_bytes().unwrap().max(peak);
				}
				peak - before
			});
			let session = engine.load(&plan, &case.operands[1..]).unwrap();
			session.run(&case.operands[..1]).unwrap();
			done.store(true, Ordering::Relaxed);
			let peak = watch.join().unwrap();
			(engine.allocated_bytes().unwrap() - before, peak)
		});
		let (planned, most) = (plan.resident_bytes(), plan.peak_bytes());
		println!("{rows} x {width}: {resident} of {planned} resident, {peak} of {most} at most");
		assert!(resident.abs_diff(planned) <= planned / 10);
		assert!(peak <= most + most / 10 && peak >= resident);
	}
}
