// SPDX-License-Identifier: Apache-2.0
//! What the engine refuses, and how it says so.

use crate::{engine, open};
use calor_gpu::{adapters, Caps, Engine, Error, Selection, Tuning};
use calor_tensor::{
	reference::RunError,
	testing::{single, Choice},
	Op, Tensor, TensorType, Validated,
};

fn relu(dims: &[u32]) -> (Validated, Vec<Tensor>) {
	let x = Choice::new(1).tensor(&TensorType::i32(dims)).unwrap();
	let case = single("relu", Op::Relu { x: 0 }, vec![x]);
	(case.program.validate().unwrap(), case.operands)
}

#[test]
fn the_adapter_in_use_is_one_of_the_machine() {
	let info = engine().info();
	assert_eq!(adapters().get(info.index), Some(info));
	assert!(!info.name.is_empty() && !info.driver.is_empty(), "{info:?}");
}

#[test]
fn cpu_adapters_must_be_allowed() {
	let only_cpu = adapters().iter().all(|a| a.is_cpu());
	match Engine::new(&Selection::default()) {
		Err(Error::CpuAdapterNotAllowed { name }) => assert!(only_cpu, "{name}"),
		Ok(engine) => assert!(!engine.info().is_cpu()),
		Err(other) => panic!("{other}"),
	}
}

#[test]
fn an_adapter_that_is_not_there_is_named() {
	let selection = Selection { name: Some("no such".into()), allow_cpu: true, index: None };
	let error = Engine::new(&selection).unwrap_err();
	assert!(matches!(&error, Error::NoAdapter { wanted, .. } if wanted.contains("no such")));
}

#[test]
fn operands_must_be_what_the_program_declares() {
	let (program, operands) = relu(&[3, 3]);
	let plan = engine().plan(&program).unwrap();
	let none = engine().run(&plan, &[]).unwrap_err();
	assert!(matches!(none, Error::Operand(RunError::OperandCount { expected: 1, actual: 0 })));
	let (_, other) = relu(&[9]);
	let wrong = engine().run(&plan, &other).unwrap_err();
	assert!(matches!(wrong, Error::Operand(RunError::OperandType { id: 0, .. })));
	assert!(engine().run(&plan, &operands).is_ok());
}

#[test]
fn a_row_beyond_a_shard_is_too_large() {
	let engine = open(Caps { shard_bytes: Some(1024), ..Default::default() });
	let (program, _) = relu(&[257]);
	let error = engine.plan(&program).unwrap_err();
	assert!(matches!(error, Error::TooLarge { need: 1040, limit: 1024, .. }), "{error}");
}

#[test]
fn a_program_beyond_the_memory_is_too_large() {
	let engine = open(Caps { memory_bytes: Some(1 << 20), ..Default::default() });
	let (program, _) = relu(&[1024, 256]);
	let error = engine.plan(&program).unwrap_err();
	assert!(matches!(error, Error::TooLarge { limit: 0x10_0000, .. }), "{error}");
	assert!(engine.plan(&relu(&[64, 64]).0).is_ok());
}

#[test]
fn a_plan_for_another_adapter_is_refused() {
	let other = open(Caps { shard_bytes: Some(1 << 20), ..Default::default() });
	let (program, operands) = relu(&[4]);
	let plan = other.plan(&program).unwrap();
	assert!(matches!(engine().run(&plan, &operands), Err(Error::ForeignPlan)));
}

#[test]
fn a_way_to_compute_products_that_is_none_is_refused_with_those_there_are() {
	let tuning = Tuning { product: Some("abacus".into()), ..Default::default() };
	let selection = Selection { allow_cpu: true, ..Default::default() };
	let error = Engine::capped(&selection, Caps { tuning, ..Default::default() }).unwrap_err();
	let known = |ways: &str| ways.contains("few") && ways.contains("32x32/1");
	assert!(
		matches!(&error, Error::UnknownProduct { name, ways } if name == "abacus" && known(ways)),
		"{error}"
	);
}

#[test]
fn a_rehearsal_takes_what_a_run_takes_and_lets_it_go() {
	let (program, operands) = relu(&[256, 64]);
	let plan = engine().plan(&program).unwrap();
	engine().rehearse(&plan).unwrap();
	assert!(engine().run(&plan, &operands).is_ok());
	// Of two operations that fuse, only a trace stores what is between them: it does not fit, though the run does.
	let ops = vec![Op::Relu { x: 0 }, Op::Clamp { x: 1, low: 1, high: 9 }];
	let (mut long, _) = relu(&[256, 1024]);
	let mut whole = long.program().clone();
	(whole.ops, whole.outputs) = (ops, vec![2]);
	long = whole.validate().unwrap();
	let need = engine().plan(&long).unwrap().peak_bytes();
	let small = open(Caps { memory_bytes: Some(need), ..Default::default() });
	let refused = small.rehearse(&small.plan(&long).unwrap());
	assert!(matches!(refused, Err(Error::TooLarge { .. })), "{refused:?}");
	assert!(matches!(small.rehearse(&plan), Err(Error::ForeignPlan)));
}
